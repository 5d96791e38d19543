//! Signatures after Standard Webhooks 1.0, scheme `v1`.

use hookwright_model::Secret;

use super::{Mistake, Post, Refused, header, same, wrong_signature};
use crate::delivery::sign;

/// How old or how far ahead a post may be, in seconds: what the libraries of Standard Webhooks
/// allow.
const TOLERANCE_S: u64 = 300;

#[derive(Debug)]
pub(super) struct StandardWebhooks {
    key: Secret,
}

impl StandardWebhooks {
    pub(super) fn new(secret: &Secret) -> Result<Self, Mistake> {
        let key = sign::symmetric(secret);
        Ok(Self { key: key.map_err(|detail| Mistake::new("secret", detail))? })
    }

    pub(super) fn check(&self, post: &Post<'_>) -> Result<(), Refused> {
        let text = |name: &str| {
            let value = std::str::from_utf8(header::one(post.headers, name)?).ok();
            let value = value.filter(|value| !value.is_empty());
            value.ok_or_else(|| Refused::Wrong(format!("the header `{name}` cannot be read")))
        };
        let (id, timestamp) = (text("webhook-id")?, text("webhook-timestamp")?);
        let signatures = text("webhook-signature")?;
        // Several while keys are changed: one that is right is enough.
        let expected = sign::v1(&self.key, id, timestamp, post.body);
        let mut sent = signatures.split(' ');
        if !sent.any(|signature| same(signature.as_bytes(), expected.as_bytes())) {
            return Err(wrong_signature());
        }
        // Signed, and so what the sender meant.
        let Ok(sent_at) = timestamp.parse::<i64>() else {
            let detail = "the header `webhook-timestamp` is not a count of seconds";
            return Err(Refused::Wrong(detail.into()));
        };
        if sent_at.abs_diff(post.now.seconds()) > TOLERANCE_S {
            return Err(Refused::Wrong(format!(
                "the post was signed more than {} minutes from now: check the clocks of both \
                 sides",
                TOLERANCE_S / 60
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hookwright_model::Timestamp;

    use super::*;
    use crate::proof::tests::{post_at, secret};

    const SENT_AT: i64 = 1_614_265_330;
    const RIGHT: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn checked(later_s: i64, timestamp: &str, signature: &str) -> Result<(), Refused> {
        let key = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let webhooks = StandardWebhooks::new(&key).unwrap();
        let headers = [
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ];
        let now = Timestamp::from_millis((SENT_AT + later_s) * 1000);
        post_at(now, &headers, br#"{"test": 2432232314}"#, |p| webhooks.check(p))
    }

    /// The vector in the specification's repository.
    #[test]
    fn the_specifications_vector() {
        for several in [RIGHT.to_owned(), format!("v1,AAAA {RIGHT}"), format!("{RIGHT} v2,x")] {
            assert_eq!(checked(0, "1614265330", &several), Ok(()));
        }
        let bare = RIGHT.trim_start_matches("v1,");
        let bit = RIGHT.replace("JTGt", "JTGu");
        for wrong in ["", "v1,", bare, &bit, &RIGHT.replace("v1", "v2"), &RIGHT.replace(',', " ")] {
            assert!(checked(0, "1614265330", wrong).is_err(), "{wrong}");
        }
        assert!(checked(0, "1614265331", RIGHT).is_err());
    }

    #[test]
    fn five_minutes() {
        for near in [-300, 0, 300] {
            assert_eq!(checked(near, "1614265330", RIGHT), Ok(()), "{near}");
        }
        for far in [-301, 301, i64::from(i32::MAX)] {
            assert!(checked(far, "1614265330", RIGHT).is_err(), "{far}");
        }
    }

    #[test]
    fn headers_that_are_missing() {
        let key = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let webhooks = StandardWebhooks::new(&key).unwrap();
        let refused = post_at(Timestamp::now(), &[], b"", |p| webhooks.check(p)).unwrap_err();
        assert_eq!(refused.detail(), "the header `webhook-id` is missing");
        assert!(StandardWebhooks::new(&secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).is_err());
    }
}
