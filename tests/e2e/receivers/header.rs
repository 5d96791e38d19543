//! Basic, Bearer and headers of any name.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Daemon, Reply, Sink};

use super::{ONCE, deliver, headers, search, secrets, shown, subscription};

const PASSWORD: &str = "SENTINEL-of-the-password";

#[test]
fn every_scheme_goes_out_and_is_masked_in_the_journal() {
    // A receiver that gives back what it got.
    let sink = Sink::answering(|request| {
        let echo: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
            .collect();
        Reply { status: 418, ..Reply::ok(echo.join("\n")) }
    });
    let daemon = Daemon::start();
    let pair = BASE64_STANDARD.encode(format!("desk:{PASSWORD}"));
    let cases = [
        (
            "basic",
            r#"auth = { scheme = "basic", username = "desk", secret = "password" }"#,
            "authorization",
            format!("Basic {pair}"),
            "Basic {secret:password}",
        ),
        (
            "bearer",
            r#"auth = { scheme = "bearer", secret = "password" }
               secrets = { bearer_token = "slot" }"#,
            "authorization",
            format!("Bearer {PASSWORD}"),
            "Bearer {secret:password}",
        ),
        (
            "header",
            r#"auth = { scheme = "header", header = "X-Api-Key", secret = "password",
                        prefix = "Key " }"#,
            "x-api-key",
            format!("Key {PASSWORD}"),
            "Key {secret:password}",
        ),
    ];
    let mut toml = secrets(&["password", "slot"]);
    for (name, auth, ..) in &cases {
        toml += &subscription(name, &sink.url(&format!("/{name}")), &format!("{auth}\n{ONCE}"));
    }
    let slot = "the-plugin's-own-token";
    daemon.apply(&toml, &[("PASSWORD", PASSWORD), ("SLOT", slot)]);
    for (name, _, header, value, masked) in &cases {
        let (_, attempts) = deliver(&daemon, name);
        assert_eq!(headers(&sink, &format!("/{name}"), header), [Some(value.clone())]);
        assert_eq!(shown(&attempts[0], header), [*masked], "once, in the place of the plugin's");
        let echoed = attempts[0]["received"]["body"].as_str().unwrap();
        assert!(echoed.contains("{secret:password}"), "{echoed}");
    }
    search(&daemon, &[PASSWORD, &pair, slot]);
}

#[test]
fn what_cannot_work_is_refused_with_its_place() {
    let daemon = Daemon::start();
    let more = r#"
        auth = { scheme = "header", header = "Host", secret = "key" }
        tls = { ca = "key", client_certificate = "gone" }
        proxy = { url = "socks5://127.0.0.1:1080" }"#;
    let toml = secrets(&["key"]) + &subscription("wrong", "https://127.0.0.1/", more);
    let output = daemon.try_apply(&toml, &[("KEY", "SENTINEL-of-the-key")]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !error.contains("SENTINEL"), "{error}");
    for words in [
        "subscription `wrong`: auth/header: the header `host` is the connection's",
        "subscription `wrong`: tls/ca: the secret `key` holds no certificate",
        "subscription `wrong`: tls/client_certificate: there is no secret `gone`",
        "subscription `wrong`: proxy/url: proxies are not spoken to by `socks5`",
    ] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn a_header_is_set_by_one_of_them() {
    let daemon = Daemon::start();
    let more = r#"
        auth = { scheme = "header", header = "X-Signature", secret = "key" }
        signing = [{ scheme = "hmac", secret = "key" }]"#;
    let toml = secrets(&["key"]) + &subscription("twice", "https://desk.example/", more);
    let output = daemon.try_apply(&toml, &[("KEY", "0123456789abcdef0123456789abcdef")]);
    let error = String::from_utf8_lossy(&output.stderr);
    let words = "subscription `twice`: signing/0: `auth` sets the header `x-signature` too";
    assert!(error.contains(words), "{error}");
}

#[test]
fn a_secret_in_use_cannot_become_one_that_does_not_work() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let auth = r#"auth = { scheme = "bearer", secret = "key" }"#;
    let toml = secrets(&["key"]) + &subscription("used", &sink.url("/"), auth);
    daemon.apply(&toml, &[("KEY", "first")]);
    let output = daemon.try_apply(&secrets(&["key"]), &[("KEY", "line\nbreak")]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("secret `key`: value: the subscription `used` uses it in `auth/secret`"),
        "{error}"
    );
    // Another value is used from the next request on.
    daemon.apply(&secrets(&["key"]), &[("KEY", "second")]);
    drop(deliver(&daemon, "used"));
    assert_eq!(headers(&sink, "/", "authorization"), [Some("Bearer second".to_owned())]);
}
