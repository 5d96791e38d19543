//! How requests prove themselves to receivers, and reach them.

mod header;
mod oauth2;
mod proxied;
mod proxy;
mod tls;
mod tls_front;

use hookwright_tests::{Daemon, Sink, root};
use serde_json::{Value, json};

use crate::all_bytes;

const ONCE: &str = "retry = { attempts = 1 }";

/// Secrets in TOML; each is taken from the variable of its name in upper case.
fn secrets(names: &[&str]) -> String {
    let one = |name: &&str| {
        let variable = name.to_uppercase().replace('-', "_");
        format!("[[secret]]\nname = \"{name}\"\nenv = \"{variable}\"\n")
    };
    names.iter().map(one).collect()
}

/// A subscription to a plugin that does not read answers, so that the host's own rules are seen.
fn subscription(name: &str, url: &str, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "{name}"
        events = ["ticket.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        {more}
        "#
    )
}

fn send(daemon: &Daemon, name: &str) -> String {
    daemon.send(&format!("ticket.{name}"), &json!({"ticket": {"id": "1", "title": "Hello"}}))
}

/// Sends an event, and returns the delivery and its attempts.
fn deliver(daemon: &Daemon, name: &str) -> (Value, Vec<Value>) {
    let delivery = daemon.ended(&send(daemon, name), name);
    let attempts = daemon.attempts(&delivery);
    (delivery, attempts)
}

fn reason(delivery: &Value) -> &str {
    delivery["reason"].as_str().unwrap_or_default()
}

/// What a header was, as the journal has it.
fn shown<'a>(attempt: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = attempt["sent"]["headers"].as_array().unwrap().iter();
    let named = headers.filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name));
    named.map(|header| header[1].as_str().unwrap()).collect()
}

/// Fails if one of these is in the log, in the daemon's folder, or in what the API and the
/// command line say.
fn search(daemon: &Daemon, needles: &[&str]) {
    let mut said = String::new();
    for path in ["/v1/subscriptions", "/v1/sources", "/v1/deliveries"] {
        said += &daemon.api().get(path).expect(200).text();
    }
    for delivery in daemon.deliveries("") {
        let id = delivery["id"].as_str().unwrap();
        for path in [format!("/v1/deliveries/{id}"), format!("/v1/deliveries/{id}/attempts")] {
            said += &daemon.api().get(&path).expect(200).text();
        }
        said += &String::from_utf8_lossy(&daemon.cli(&["delivery", "show", id]).stdout);
    }
    let mut places = vec![
        ("the API and the command line".to_owned(), said.into_bytes()),
        ("the log".to_owned(), daemon.log().into_bytes()),
    ];
    places.extend(all_bytes(daemon.data()));
    for (place, bytes) in places {
        for needle in needles {
            let found = bytes.windows(needle.len()).position(|part| part == needle.as_bytes());
            let around = found.map(|at| {
                let range = at.saturating_sub(200)..(at + needle.len() + 50).min(bytes.len());
                String::from_utf8_lossy(&bytes[range]).into_owned()
            });
            assert_eq!(around, None, "{needle} in {place}");
        }
    }
}

/// The examples of the document, as they stand there.
#[test]
fn what_the_document_shows_can_be_applied() {
    let document = std::fs::read_to_string(root().join("docs/receivers.md")).unwrap();
    let blocks = document.split("```toml\n").skip(1);
    let blocks: Vec<_> = blocks.map(|rest| rest.split("```").next().unwrap()).collect();
    let ours = tls_front::Authority::new("ours");
    let (ca, certificate) = (ours.pem(), ours.identity(&["hookwright"]).pem());
    let values = [
        ("DESK_TOKEN", "desk-token"),
        ("DESK_PASSWORD", "desk-password"),
        ("DESK_CLIENT", "desk-client"),
        ("OUR_CA", &ca),
        ("OUR_CERTIFICATE", &certificate),
        ("PROXY_PASSWORD", "proxy-password"),
    ];
    let names = ["desk-password", "desk-client", "our-ca", "our-certificate", "proxy-password"];
    let daemon = Daemon::start();
    let plugin = "[[plugin]]\nfile = \"target/plugins/destination-standard-webhooks.wasm\"\n";
    let (first, others) = blocks.split_first().unwrap();
    daemon.apply(&format!("{plugin}{first}{}", secrets(&names)), &values);
    assert!(others.len() >= 10, "{others:?}");
    for block in others {
        let block = block.replace("[auth]", "[subscription.auth]");
        daemon.apply(&subscription("shown", "https://desk.example/", &block), &[]);
    }
}

/// The headers of a name that came in at a path.
fn headers(sink: &Sink, path: &str, name: &str) -> Vec<Option<String>> {
    sink.at(path).iter().map(|request| request.header(name)).collect()
}
