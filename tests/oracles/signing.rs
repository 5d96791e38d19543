//! Signatures and tokens that the daemon sends, checked by other people's libraries and by the
//! examples of `docs/signing.md`: with the right key they are taken, with another or with one bit
//! changed they are not.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hookwright_tests::{Daemon, Request, Sink};
use serde_json::{Value, json};

use crate::Test;
use crate::doc_examples::{Examples, NODE, PYTHON, judge};
use crate::oracle::Oracle;
use crate::proof::{JOSE, flipped};

const WEBHOOKS_NODE: Oracle = Oracle::Node("node/standard_webhooks.mjs", "standardwebhooks");
const WEBHOOKS_PYTHON: Oracle = Oracle::Python("python/standard_webhooks.py", "standardwebhooks");
const PYJWT_CHECK: Oracle = Oracle::Python("python/jwt_check.py", "jwt");

pub(crate) const TESTS: &[Test] = &[
    ("signing::headers", &[NODE, PYTHON], headers),
    (
        "signing::standard_webhooks_while_keys_are_changed",
        &[NODE, PYTHON, WEBHOOKS_NODE, WEBHOOKS_PYTHON],
        rotation_of_standard_webhooks,
    ),
    ("signing::tokens_whose_keys_are_found_at_the_issuer", &[NODE, PYTHON], tokens),
    ("signing::tokens_with_a_shared_key", &[NODE, PYTHON, JOSE, PYJWT_CHECK], shared),
    ("signing::tokens_that_are_not_signed", &[NODE, PYTHON, JOSE, PYJWT_CHECK], unsigned),
];

const GENERATED: [&str; 6] = ["rs256", "rs384", "rs512", "es256", "es384", "es512"];
const KEY: &str = "a key that both sides know, and nobody else, of sixty-four bytes.";
const OTHER_KEY: &str = "another key that both sides know, also of sixty-four bytes or so.";
const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A daemon, and what its deliveries arrive at.
struct Desk {
    daemon: Daemon,
    sink: Sink,
}

impl Desk {
    /// With these subscriptions by name and their `signing`, and with policies.
    fn start(subscriptions: &[(&str, &str)], policies: &str, secrets: &[(&str, &str)]) -> Self {
        let (daemon, sink) = (Daemon::start(), Sink::start());
        let mut toml = "[[plugin]]\nfile = \"target/plugins/misbehave.wasm\"\n".to_owned();
        for (name, _) in secrets {
            toml += &format!("[[secret]]\nname = \"{}\"\nenv = \"{name}\"\n", name.to_lowercase());
        }
        toml += policies;
        for (name, signing) in subscriptions {
            let url = sink.url(&format!("/{name}"));
            toml += &format!(
                "[[subscription]]\nname = \"{name}\"\nevents = [\"test.{name}\"]\n\
                 plugin = \"misbehave\"\nsettings = {{ url = \"{url}\" }}\nsigning = [{signing}]\n"
            );
        }
        daemon.apply(&toml, secrets);
        Self { daemon, sink }
    }

    /// What is sent for an event.
    fn request(&self, subscription: &str) -> Request {
        let event = self.daemon.send(&format!("test.{subscription}"), &data());
        let delivery = self.daemon.ended(&event, subscription);
        assert_eq!(delivery["state"], "delivered", "{delivery}");
        self.sink.at(&format!("/{subscription}")).pop().unwrap()
    }

    fn issuer(&self, policy: &str) -> String {
        format!("{}/webhook_policies/{policy}", self.daemon.url())
    }
}

fn data() -> Value {
    json!({"do": "nothing", "text": "Привет <b> \u{2028} \"😀\""})
}

/// The same request with one bit of its body changed, which stays text.
fn with_other_body(request: &Request) -> Request {
    let mut body = request.body.to_vec();
    // The last letter of `"do":`.
    body[3] ^= 1;
    Request { body: Bytes::from(body), ..request.clone() }
}

/// The same request with one bit of the value of a header changed.
fn with_other_header(request: &Request, name: &str, at: usize) -> Request {
    let mut request = request.clone();
    let (_, value) = request.headers.iter_mut().find(|(known, _)| known == name).unwrap();
    value[at] ^= 1;
    request
}

fn with_token(request: &Request, token: &str) -> Request {
    let body = json!({"jwt": token}).to_string();
    Request { body: body.into(), ..request.clone() }
}

fn token(request: &Request) -> String {
    request.json()["jwt"].as_str().unwrap().to_owned()
}

/// Asks, and compares with what is expected of each.
#[track_caller]
fn expect(cases: &[(Value, bool)]) -> Vec<Value> {
    let asked: Vec<_> = cases.iter().map(|(case, _)| case.clone()).collect();
    let judged = judge(&asked);
    for ((case, good), judgement) in cases.iter().zip(&judged) {
        assert_eq!(judgement["ok"], *good, "{judgement}: {case}");
    }
    judged
}

fn key_pair() -> (String, String) {
    let output = std::process::Command::new(hookwright_tests::binary())
        .args(["secret", "generate", "standard-webhooks", "--asymmetric"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (private, public) = text.trim().split_once('\n').unwrap();
    (private.to_owned(), public.to_owned())
}

fn headers() {
    let (private, public) = key_pair();
    let (_, stranger) = key_pair();
    let desk = Desk::start(
        &[
            ("hub", "{ scheme = \"hub-signature\", secret = \"key\", digest = \"sha256\" }"),
            (
                "hmac",
                "{ scheme = \"hmac\", secret = \"key\", header = \"X-Desk-Signature\", \
                 format = \"t={timestamp},v1={signature}\", message = \"{timestamp}.{body}\" }",
            ),
            ("v1", "{ scheme = \"standard-webhooks\", secret = \"new\" }"),
            ("v1a", "{ scheme = \"standard-webhooks\", secret = \"private\" }"),
        ],
        "",
        &[("KEY", KEY), ("NEW", NEW), ("PRIVATE", &private)],
    );
    let examples = Examples::of("docs/signing.md");
    let mut cases = Vec::new();
    for (subscription, files, right, wrong, header) in [
        ("hub", ["hub_signature.mjs", "hub_signature.py"], KEY, OTHER_KEY, "x-hub-signature-256"),
        ("hmac", ["hmac_header.mjs", "hmac_header.py"], KEY, OTHER_KEY, "x-desk-signature"),
        ("v1", ["standard_webhooks.mjs", "standard_webhooks_v1.py"], NEW, OLD, "webhook-signature"),
        (
            "v1a",
            ["standard_webhooks_v1a.mjs", "standard_webhooks_v1a.py"],
            &public,
            &stranger,
            "webhook-signature",
        ),
    ] {
        let request = desk.request(subscription);
        for file in files {
            let case = |request: &Request, key: &str| examples.case(file, request, key);
            cases.push((case(&request, right), true));
            cases.push((case(&request, wrong), false));
            cases.push((case(&with_other_body(&request), right), false));
            cases.push((case(&with_other_header(&request, header, 20), right), false));
            if subscription.starts_with('v') {
                for name in ["webhook-id", "webhook-timestamp"] {
                    let other = with_other_header(&request, name, 8);
                    cases.push((case(&other, right), false));
                }
            }
        }
    }
    expect(&cases);
}

fn rotation_of_standard_webhooks() {
    let (private, public) = key_pair();
    let desk = Desk::start(
        &[
            (
                "during",
                "{ scheme = \"standard-webhooks\", secret = \"new\", previous = \"old\", \
                 previous_until = \"2999-12-31T00:00:00Z\" }",
            ),
            (
                "after",
                "{ scheme = \"standard-webhooks\", secret = \"new\", previous = \"old\", \
                 previous_until = \"2024-12-31T00:00:00Z\" }",
            ),
            (
                "mixed",
                "{ scheme = \"standard-webhooks\", secret = \"private\", previous = \"old\", \
                 previous_until = \"2999-12-31T00:00:00+02:00\" }",
            ),
        ],
        "",
        &[("NEW", NEW), ("OLD", OLD), ("PRIVATE", &private)],
    );
    let [during, after, mixed] = ["during", "after", "mixed"].map(|name| desk.request(name));
    let stranger = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
    let mut cases = Vec::new();
    for (request, key, good) in [
        (&during, NEW, true),
        (&during, OLD, true),
        (&during, stranger, false),
        (&after, NEW, true),
        (&after, OLD, false),
        (&mixed, OLD, true),
        (&mixed, NEW, false),
    ] {
        for (request, good) in [(request, good), (&with_other_body(request), false)] {
            let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
            let headers: Value = names
                .into_iter()
                .map(|name| (name.to_owned(), json!(request.header(name))))
                .collect();
            let body = BASE64_STANDARD.encode(&request.body);
            let case = json!({"mode": "verify", "secret": key, "headers": headers, "body": body});
            cases.push((case, good));
        }
    }
    let asked: Vec<_> = cases.iter().map(|(case, _)| case.clone()).collect();
    for oracle in [WEBHOOKS_NODE, WEBHOOKS_PYTHON] {
        for ((case, good), judgement) in cases.iter().zip(oracle.judge(&asked)) {
            assert_eq!(judgement["ok"], *good, "{judgement}: {case}");
        }
    }
    // The other half of the mixed ones.
    let examples = Examples::of("docs/signing.md");
    let cases = ["standard_webhooks_v1a.mjs", "standard_webhooks_v1a.py"].map(|file| {
        [
            (examples.case(file, &mixed, &public), true),
            (examples.case(file, &with_other_body(&mixed), &public), false),
        ]
    });
    expect(&cases.concat());
}

const BY_ISSUER: [&str; 2] = ["jwt_by_issuer.mjs", "jwt_by_issuer.py"];
const BY_SHARED_KEY: [&str; 2] = ["jwt_shared.mjs", "jwt_shared.py"];

fn policies(algorithms: &[&str], more: &str) -> (String, Vec<(String, String)>) {
    let policy = |name: &&str| {
        format!(
            "[[policy]]\nname = \"{name}\"\nalgorithm = \"{name}\"\naudience = \"desk\"\n\
             expires_in_s = 600\n{more}\n"
        )
    };
    let signing =
        |name: &&str| ((*name).to_owned(), format!("{{ scheme = \"jwt\", policy = \"{name}\" }}"));
    (algorithms.iter().map(policy).collect(), algorithms.iter().map(signing).collect())
}

fn borrowed(subscriptions: &[(String, String)]) -> Vec<(&str, &str)> {
    subscriptions.iter().map(|(name, signing)| (name.as_str(), signing.as_str())).collect()
}

fn tokens() {
    let (policies, subscriptions) = policies(&GENERATED, "");
    let desk = Desk::start(&borrowed(&subscriptions), &policies, &[]);
    let examples = Examples::of("docs/signing.md");
    let before = GENERATED.map(|name| desk.request(name));
    let mut cases = Vec::new();
    for (name, request) in GENERATED.iter().zip(&before) {
        for file in BY_ISSUER {
            let mut add = |request: &Request, issuer: &str, good| {
                cases.push((examples.case(file, request, &desk.issuer(issuer)), good));
            };
            add(request, name, true);
            for part in 0..3 {
                add(&with_token(request, &flipped(&token(request), part)), name, false);
            }
            // Another policy's issuer has other keys, and another name.
            let other = if *name == "es256" { "rs256" } else { "es256" };
            add(request, other, false);
            add(request, "nobody", false);
        }
    }
    for (case, judgement) in cases.iter().zip(expect(&cases)) {
        if case.1 {
            assert_eq!(judgement["value"], data(), "it is what the plugin wrote");
        }
    }
    // With a new key, what was sent before is taken as well as what is sent now.
    for name in GENERATED {
        let output = desk.daemon.cli(&["policy", "rotate", name]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let now = GENERATED.map(|name| desk.request(name));
    let mut cases = Vec::new();
    for ((name, old), new) in GENERATED.iter().zip(&before).zip(&now) {
        for file in BY_ISSUER {
            let issuer = desk.issuer(name);
            cases.push((examples.case(file, old, &issuer), true));
            cases.push((examples.case(file, new, &issuer), true));
            let other = with_token(new, &flipped(&token(new), 2));
            cases.push((examples.case(file, &other, &issuer), false));
        }
    }
    expect(&cases);
    // Until the old ones are withdrawn.
    for name in GENERATED {
        let path = format!("/v1/policies/{name}/rotate");
        drop(desk.daemon.api().post(&path, &[], b"{\"keep_s\":0}").expect(200));
    }
    let newest = GENERATED.map(|name| desk.request(name));
    let mut cases = Vec::new();
    for (number, name) in GENERATED.iter().enumerate() {
        for file in BY_ISSUER {
            let case = |request: &Request| examples.case(file, request, &desk.issuer(name));
            cases.push((case(&before[number]), false));
            cases.push((case(&now[number]), false));
            cases.push((case(&newest[number]), true));
        }
    }
    expect(&cases);
}

fn shared() {
    let algorithms = ["hs256", "hs384", "hs512"];
    let (policies, subscriptions) = policies(&algorithms, "secret = \"key\"");
    let desk = Desk::start(&borrowed(&subscriptions), &policies, &[("KEY", KEY)]);
    let examples = Examples::of("docs/signing.md");
    let mut cases = Vec::new();
    for name in algorithms {
        let request = desk.request(name);
        for file in BY_SHARED_KEY {
            cases.push((examples.case(file, &request, KEY), true));
            cases.push((examples.case(file, &request, OTHER_KEY), false));
            for part in 0..3 {
                let other = with_token(&request, &flipped(&token(&request), part));
                cases.push((examples.case(file, &other, KEY), false));
            }
        }
        // With the algorithm that is named, and no other.
        for (algorithm, good) in [(name, true), ("hs256", name == "hs256"), ("rs256", false)] {
            let case = json!({"mode": "verify", "token": token(&request), "audience": "desk",
                              "algs": [algorithm.to_uppercase()], "key": KEY});
            for oracle in [JOSE, PYJWT_CHECK] {
                let judgement = oracle.judge(std::slice::from_ref(&case)).remove(0);
                assert_eq!(judgement["ok"], good, "{judgement}: {case}");
                if good {
                    assert_eq!(judgement["claims"]["iss"], desk.issuer(name));
                    assert_eq!(judgement["claims"]["sub"], name);
                    assert_eq!(judgement["header"]["typ"], "JWT");
                }
            }
        }
    }
    for (case, judgement) in cases.iter().zip(expect(&cases)) {
        assert!(!case.1 || judgement["value"] == data());
    }
}

fn unsigned() {
    let (policies, subscriptions) = policies(&["none"], "");
    let desk = Desk::start(&borrowed(&subscriptions), &policies, &[]);
    let request = desk.request("none");
    let examples = Examples::of("docs/signing.md");
    let issuer = desk.issuer("none");
    let mut cases = BY_ISSUER.map(|file| (examples.case(file, &request, &issuer), false)).to_vec();
    cases.extend(BY_SHARED_KEY.map(|file| (examples.case(file, &request, KEY), false)));
    expect(&cases);
    // It is a token all the same, for those who ask for none.
    for (algorithm, good) in [("none", true), ("HS256", false), ("RS256", false)] {
        let case = json!({"mode": "verify", "token": token(&request), "audience": "desk",
                          "algs": [algorithm], "key": KEY});
        for oracle in [JOSE, PYJWT_CHECK] {
            let judgement = oracle.judge(std::slice::from_ref(&case)).remove(0);
            assert_eq!(judgement["ok"], good, "{judgement}: {case}");
            assert!(!good || judgement["claims"]["data"] == data(), "{judgement}");
        }
    }
}
