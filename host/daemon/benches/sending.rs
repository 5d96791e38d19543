//! What the host does itself for each attempt: filling secrets in, signing, scrubbing the answer,
//! judging it.
//!
//! Run with `cargo bench -p hookwright-daemon --bench sending`.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::HashMap;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hookwright_daemon::delivery::fill::{Bound, Facts, fill};
use hookwright_daemon::delivery::judge;
use hookwright_daemon::delivery::policy::Policy;
use hookwright_daemon::delivery::rules::Origin;
use hookwright_daemon::delivery::sign::{Signer, Signers};
use hookwright_model::request::{Encoding, HmacDigest, Part, Request, Template};
use hookwright_model::{
    AnswerRule, DeliveryId, Digest, Name, Preset, Received, Secret, Signing, Subscription,
    Timestamp,
};
use serde_json::json;

/// A ticket as Zammad posts it, 5,789 bytes.
const SEED: &[u8] = include_bytes!("../../../tests/data/seeds/001-zammad.wire.json");

/// As the destination `zammad` asks for it, with a token in a header.
fn request() -> Request {
    let text = |text: &str| Part::Text(text.into());
    let token = Part::Secret { slot: "token".into(), encoding: Encoding::Raw };
    Request {
        method: "POST".into(),
        url: Template(vec![text("https://hooks.example/zammad?from=desk")]),
        headers: vec![
            ("Content-Type".into(), Template(vec![text("application/json; charset=utf-8")])),
            ("X-Zammad-Trigger".into(), Template(vec![text("new ticket")])),
            ("X-Zammad-Delivery".into(), Template(vec![Part::DeliveryId])),
            ("Authorization".into(), Template(vec![text("Bearer "), token])),
        ],
        body: Template(vec![Part::Bytes(SEED.to_vec())]),
    }
}

fn secret(text: &str) -> (Name, Secret) {
    ("key".parse().unwrap(), Secret::from(text.to_owned()))
}

fn bound(signing: &[Signing], key: &(Name, Secret)) -> Bound {
    let signer = |signing| Signer::new(signing, |_| Some(&key.1)).unwrap().unwrap();
    let headers = signing.iter().map(signer).collect();
    let token: Name = "token".parse().unwrap();
    let slots = [("token".to_owned(), (token, Secret::from("a9f3-7d21-c0de".to_owned())))];
    let signers = Signers { headers, token: None };
    Bound::new(HashMap::from(slots), vec![key.clone()], Ok(signers))
}

fn filling(criterion: &mut Criterion) {
    let name = || "key".parse().unwrap();
    let hub = Signing::HubSignature { secret: name(), digest: HmacDigest::Sha1 };
    let webhooks =
        Signing::StandardWebhooks { secret: name(), previous: None, previous_until: None };
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let (symmetric, asymmetric) = (secret(&format!("whsec_{key}")), secret(&format!("whsk_{key}")));
    let request = request();
    let mut group = criterion.benchmark_group("filling in a request of 6 KB");
    group.throughput(Throughput::Bytes(SEED.len() as u64));
    for (name, bound) in [
        ("not signed", bound(&[], &symmetric)),
        ("X-Hub-Signature", bound(&[hub], &symmetric)),
        ("Standard Webhooks, HMAC", bound(std::slice::from_ref(&webhooks), &symmetric)),
        ("Standard Webhooks, ed25519", bound(&[webhooks], &asymmetric)),
    ] {
        let facts = Facts { delivery: DeliveryId::new(), sent_at: Timestamp::now() };
        group.bench_function(name, |bench| {
            bench.iter(|| fill(black_box(&request), &bound, facts).unwrap());
        });
    }
    group.finish();
}

fn subscription(rules: &serde_json::Value) -> Subscription {
    let answers: Vec<AnswerRule> = serde_json::from_value(rules.clone()).unwrap();
    let name = "duty".parse().unwrap();
    Subscription { answers, ..Subscription::new(name, "p".parse().unwrap(), Digest::of(b"p")) }
}

fn judging(criterion: &mut Criterion) {
    let body = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry \
        after 5", "parameters": {"retry_after": 5}});
    let received = Received {
        status: 429,
        headers: vec![("content-type".into(), "application/json".into())],
        body: Bytes::from(body.to_string()),
        complete: true,
    };
    let rules = json!([
        {"status": "5xx", "verdict": "retry"},
        {"json": {"at": "/ok", "equals": true}, "verdict": "delivered"},
        {"json": {"at": "/description", "regex": "chat not found"}, "verdict": "failed"},
        {"json": {"at": "/error_code", "equals": 429}, "verdict": "retry", "counted": false,
         "wait": {"json": "/parameters/retry_after"}},
    ]);
    let policy = |rules, preset| {
        Policy::of(Origin::Subscription, subscription(rules).sending(), preset).unwrap().judging
    };
    let (own, preset) = (policy(&rules, None), policy(&json!([]), Some(Preset::Telegram)));
    assert!(own.by_own_rules(&received).is_some() && preset.by_preset(&received).is_some());
    let mut group = criterion.benchmark_group("judging an answer");
    group.bench_function("by its status", |bench| {
        bench.iter(|| judge::by_status(black_box(429)));
    });
    group.bench_function("by four rules of an admin's", |bench| {
        bench.iter(|| own.by_own_rules(black_box(&received)));
    });
    group.bench_function("by the preset of Telegram", |bench| {
        bench.iter(|| preset.by_preset(black_box(&received)));
    });
    group.finish();
}

criterion_group!(benches, filling, judging);
criterion_main!(benches);
