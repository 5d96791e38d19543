//! Certificate authorities of one's own, and certificates of the client.

use hookwright_tests::{Daemon, Sink};

use super::tls_front::{Authority, TlsFront};
use super::{ONCE, deliver, reason, search, secrets, subscription};

#[test]
fn an_authority_of_ones_own_is_trusted_where_it_is_set() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let sink = Sink::start();
    let front = TlsFront::start(&sink, &ours.identity(&["127.0.0.1"]), None);
    let named = TlsFront::start(&sink, &ours.identity(&["desk.example"]), None);
    let daemon = Daemon::start();
    let trusting = |ca: &str| format!("tls = {{ ca = \"{ca}\" }}\n{ONCE}");
    let both = format!("tls = {{ ca = \"ours\", and_public = true }}\n{ONCE}");
    let public = "is from no authority that is trusted (UnknownIssuer); one of your own is trusted \
                  by `tls.ca`";
    let cases = [
        ("ours", front.url("/"), trusting("ours"), ""),
        ("both", front.url("/"), both, ""),
        ("public", front.url("/"), ONCE.to_owned(), public),
        ("theirs", front.url("/"), trusting("theirs"), "UnknownIssuer"),
        ("name", named.url("/"), trusting("ours"), "not valid for name"),
        ("plain", sink.url("/").replace("http:", "https:"), trusting("ours"), "no TLS connection"),
    ];
    for (name, url, more, words) in &cases {
        let toml = secrets(&["ours", "theirs"]) + &subscription(name, url, more);
        daemon.apply(&toml, &[("OURS", &ours.pem()), ("THEIRS", &theirs.pem())]);
        let (delivery, attempts) = deliver(&daemon, name);
        if words.is_empty() {
            assert_eq!(delivery["state"], "delivered", "{name}: {}", reason(&delivery));
            assert!(attempts[0]["timings"]["tls_us"].as_u64().is_some(), "{attempts:?}");
        } else {
            let reason = reason(&delivery);
            assert!(reason.contains("no TLS connection to `127.0.0.1`"), "{name}: {reason}");
            assert!(reason.contains(words), "{name}: {reason}");
        }
    }
    assert_eq!(sink.count(), 2);
}

#[test]
fn receivers_see_the_clients_certificate() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let sink = Sink::start();
    let front = TlsFront::start(&sink, &ours.identity(&["127.0.0.1"]), Some(&ours));
    let (one, two) = (ours.identity(&["one"]), ours.identity(&["two"]));
    let stranger = theirs.identity(&["one"]);
    let daemon = Daemon::start();
    let values = [ours.pem(), one.pem(), two.pem(), stranger.pem()];
    let names = ["ca", "one", "two", "stranger"];
    let values: Vec<_> = ["CA", "ONE", "TWO", "STRANGER"]
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    for name in &names[1..] {
        let more = format!("tls = {{ ca = \"ca\", client_certificate = \"{name}\" }}\n{ONCE}");
        daemon.apply(&(secrets(&names) + &subscription(name, &front.url("/"), &more)), &values);
    }
    daemon.apply(
        &subscription("none", &front.url("/"), &format!("tls = {{ ca = \"ca\" }}\n{ONCE}")),
        &[],
    );
    for name in ["one", "two", "one", "two"] {
        let (delivery, _) = deliver(&daemon, name);
        assert_eq!(delivery["state"], "delivered", "{name}: {}", reason(&delivery));
    }
    // Connections are kept, and never shared with another certificate.
    assert_eq!(front.peers(), [Some(one.der().clone()), Some(two.der().clone())]);
    for (name, words) in [
        ("stranger", "does not take the client's certificate"),
        (
            "none",
            "wants a certificate of the client (CertificateRequired): set \
                  `tls.client_certificate`",
        ),
    ] {
        let (delivery, _) = deliver(&daemon, name);
        assert!(reason(&delivery).contains(words), "{name}: {}", reason(&delivery));
        // Nobody has looked at the request: it would have been tried again.
        assert_eq!(delivery["state"], "failed", "{}", reason(&delivery));
    }
    assert_eq!(sink.count(), 4);
    let key = one.pem();
    let mut lines = key.lines().filter(|line| !line.starts_with('-'));
    search(&daemon, &[lines.next_back().unwrap(), "-----BEGIN"]);
}
