//! The documents' own payloads, posted as those helpdesks post them.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The key of Zammad's signature in its own tests and in ours.
pub const ZAMMAD_KEY: &str = "s3cr3t-t0k3n";

/// A post.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Which document it is from.
    pub document: &'static str,
    /// Headers, as the helpdesk sends them.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Seed {
    /// Seed 001 (zammad-webhook-payload): a trigger of Zammad fires for a new ticket.
    #[must_use]
    pub fn zammad() -> Self {
        let body = include_bytes!("../data/seeds/001-zammad.wire.json").to_vec();
        let signature = hub_signature(ZAMMAD_KEY, &body);
        Self {
            document: "001-zammad-webhook-payload",
            headers: vec![
                ("Content-Type", "application/json; charset=utf-8".into()),
                ("User-Agent", "Zammad User Agent".into()),
                ("X-Zammad-Trigger", "Neues Ticket – für alle".into()),
                ("X-Zammad-Delivery", "b3e6c1f0-7a2c-4a51-9f63-0a6f5f8d7c11".into()),
                ("X-Hub-Signature", signature),
            ],
            body,
        }
    }

    /// Seed 000 (zenlix-webhooks), the sample as the page shows it.
    #[must_use]
    pub fn zenlix() -> Self {
        Self {
            document: "000-zenlix-webhooks",
            headers: vec![("Content-Type", "application/json".into())],
            body: include_bytes!("../data/seeds/000-zenlix.json").to_vec(),
        }
    }

    /// The same post of Zammad's under another delivery id: another event.
    #[must_use]
    pub fn delivered_as(mut self, delivery: &str) -> Self {
        let header = self.headers.iter_mut().find(|(name, _)| *name == "X-Zammad-Delivery");
        if let Some((_, value)) = header {
            delivery.clone_into(value);
        }
        self
    }

    /// The headers in the form that the client takes.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// `sha1=` and the HMAC of a body.
#[must_use]
pub fn hub_signature(key: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha1={hex}")
}
