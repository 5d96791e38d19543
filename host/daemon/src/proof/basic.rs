//! A user name and a password.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_model::Secret;

use super::header::authorization;
use super::{Mistake, Post, Refused, same};

#[derive(Debug)]
pub(super) struct Basic {
    /// `name:password`, as RFC 7617 puts them together.
    pair: Secret,
}

impl Basic {
    pub(super) fn new(username: &str, password: &Secret) -> Result<Self, Mistake> {
        if username.is_empty() || username.contains(|c: char| c == ':' || c.is_control()) {
            let detail = "a user name is not empty, and has neither `:` nor control characters";
            return Err(Mistake::new("username", detail));
        }
        Ok(Self { pair: Secret::new([username.as_bytes(), b":", password.expose()].concat()) })
    }

    pub(super) fn check(&self, post: &Post<'_>) -> Result<(), Refused> {
        let refuse = |detail: &str| Err(Refused::WrongPassword(detail.to_owned()));
        let Some(sent) = authorization(post.headers, "basic") else {
            return refuse("send a user name and a password as `Authorization: Basic`");
        };
        match BASE64_STANDARD.decode(sent) {
            Ok(sent) if same(&sent, self.pair.expose()) => Ok(()),
            Ok(_) => refuse("the user name or the password is wrong"),
            Err(_) => refuse("what follows `Basic` is not base64 of `name:password`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::tests::{post, secret};

    /// The examples of RFC 7617, sections 2 and 2.1.
    #[test]
    fn rfc_7617() {
        for (username, password, header) in [
            ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
            ("test", "123\u{a3}", "basic  dGVzdDoxMjPCow== "),
        ] {
            let basic = Basic::new(username, &secret(password)).unwrap();
            let checked =
                |header: &str| post(&[("authorization", header)], b"", |p| basic.check(p));
            assert_eq!(checked(header), Ok(()));
            for wrong in ["Basic QWxhZGRpbjpvcGVuIHNlc2Ft", "Basic !", "Bearer QWxh", "Basic"] {
                assert!(checked(wrong).is_err(), "{wrong}");
            }
        }
    }

    #[test]
    fn a_colon_divides() {
        // `a:` and `b` would be the same pair as `a` and `:b`.
        assert!(Basic::new("a:", &secret("password")).is_err());
        assert!(Basic::new("", &secret("password")).is_err());
        let basic = Basic::new("a", &secret("b:c:d")).unwrap();
        assert_eq!(
            post(&[("authorization", "Basic YTpiOmM6ZA==")], b"", |p| basic.check(p)),
            Ok(())
        );
    }
}
