//! The code by which whoever gets it proves that the address is theirs: an HMAC, so that nothing
//! has to be kept until it comes back.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::request::HmacDigest;
use hookwright_model::{Digest, Secret, SubscriptionId, Timestamp};
use subtle::ConstantTimeEq;

use crate::delivery::sign;

/// What is wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCode {
    /// It is not one of this address, or there is no such address.
    Wrong,
    /// It was one.
    Expired,
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Whose address.
    pub(crate) subscription: SubscriptionId,
    /// Which address.
    pub(crate) address: Digest,
    /// Until when, in seconds since 1970.
    pub(crate) expires_at: i64,
}

impl Claim {
    /// 43 characters that stand in a URL as they are: 256 bits, which nobody guesses.
    pub(crate) fn code(&self, key: &Secret) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac(key))
    }

    /// Whether a code proves this claim, now.
    pub(crate) fn check(&self, key: &Secret, code: &str, now: Timestamp) -> Result<(), BadCode> {
        if !self.is_proved_by(key, code) {
            Err(BadCode::Wrong)
        } else if self.expires_at <= now.seconds() {
            Err(BadCode::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether a code is the one of this claim. Takes the same time for every wrong one.
    fn is_proved_by(&self, key: &Secret, code: &str) -> bool {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(code).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.is_some_and(|bytes| self.mac(key).ct_eq(&bytes).into())
    }

    /// Each piece always has the same length, so that no two claims are the same message.
    fn mac(&self, key: &Secret) -> Vec<u8> {
        let id = self.subscription.uuid();
        let pieces: [&[u8]; 3] =
            [id.as_bytes(), self.address.as_bytes(), &self.expires_at.to_be_bytes()];
        sign::hmac(HmacDigest::Sha256, key.expose(), &pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        Claim {
            subscription: SubscriptionId::new(),
            address: Digest::of(b"https://a.example/"),
            expires_at: 1_700_000_000,
        }
    }

    #[test]
    fn a_code_expires() {
        let key = Secret::new(vec![7; 32]);
        let claim = claim();
        let at = |seconds: i64, code: &str| {
            claim.check(&key, code, Timestamp::from_millis(seconds * 1_000))
        };
        let code = claim.code(&key);
        assert_eq!(at(1_699_999_999, &code), Ok(()));
        assert_eq!(at(1_700_000_000, &code), Err(BadCode::Expired));
        // Whoever has no code learns nothing of when it would have expired.
        assert_eq!(at(1_700_000_000, "x"), Err(BadCode::Wrong));
        // A later end is another claim.
        let longer = Claim { expires_at: i64::MAX, ..claim };
        assert_eq!(longer.check(&key, &code, Timestamp::default()), Err(BadCode::Wrong));
    }

    #[test]
    fn a_code_stands_for_one_claim() {
        let key = Secret::new(vec![7; 32]);
        let claim = claim();
        let code = claim.code(&key);
        assert!(code.len() == 43 && claim.is_proved_by(&key, &code), "{code}");
        let others = [
            Claim { subscription: SubscriptionId::new(), ..claim },
            Claim { address: Digest::of(b"https://b.example/"), ..claim },
            Claim { expires_at: claim.expires_at + 1, ..claim },
        ];
        for other in others {
            assert!(!other.is_proved_by(&key, &code), "{other:?}");
        }
        assert!(!claim.is_proved_by(&Secret::new(vec![8; 32]), &code));
        for wrong in ["", "A", &code[1..], &format!("{code}A"), &code.to_lowercase(), "ü", "%%%%"]
        {
            assert!(!claim.is_proved_by(&key, wrong), "{wrong}");
        }
    }
}
