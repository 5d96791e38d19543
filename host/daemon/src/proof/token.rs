//! A token, in the URL or in `Authorization: Bearer`.

use hookwright_model::Secret;

use super::header::authorization;
use super::{Post, Refused, same};

#[derive(Debug)]
pub(super) struct Token {
    pub(super) secret: Secret,
}

impl Token {
    pub(super) fn check(&self, post: &Post<'_>) -> Result<(), Refused> {
        match post.token.or_else(|| authorization(post.headers, "bearer")) {
            Some(token) if same(token.as_bytes(), self.secret.expose()) => Ok(()),
            Some(_) => Err(Refused::Wrong("the token is wrong".into())),
            None => Err(Refused::Wrong(format!(
                "the token is missing: post to `/in/{}/<token>`, or send it as \
                 `Authorization: Bearer`",
                post.source
            ))),
        }
    }
}
