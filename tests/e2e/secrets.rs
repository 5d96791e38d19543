//! No secret is found anywhere it should not be, after everything was done with it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::json;

use crate::{all_bytes, misbehave};

/// Odd enough to be found, and to be written differently in each encoding.
const TOKEN: &str = "t0k/n\"&<SENTINEL-of-the-token>";
const URL_TOKEN: &str = "SENTINEL-of-the-url-token";
const HUB_KEY: &str = "SENTINEL-of-the-hub-key";
const WHSEC: &str = "whsec_U0VOVElORUwtb2YtdGhlLXdlYmhvb2sta2V5LTEyMzQ=";
const PASSWORD: &str = "SENTINEL-of-the-password";

/// Every form of the secrets in which they might lie about.
fn needles() -> Vec<Vec<u8>> {
    let base64 = |text: &str| BASE64_STANDARD.encode(text).into_bytes();
    let mut needles: Vec<Vec<u8>> =
        [TOKEN, URL_TOKEN, HUB_KEY, WHSEC, PASSWORD].map(|text| text.as_bytes().to_vec()).into();
    needles.extend([
        // The part of it that stays itself whatever the encoding.
        b"SENTINEL-of-the-token".to_vec(),
        base64(TOKEN),
        base64(PASSWORD),
        base64(&format!("user:{PASSWORD}")),
        b"SENTINEL-of-the-webhook-key".to_vec(),
        b"U0VOVElORUwtb2YtdGhlLXdlYmhvb2sta2V5".to_vec(),
    ]);
    needles
}

fn search(place: &str, haystack: &[u8]) {
    for needle in needles() {
        let found = haystack.windows(needle.len()).position(|window| window == needle);
        if let Some(at) = found {
            let around =
                &haystack[at.saturating_sub(200)..(at + needle.len() + 50).min(haystack.len())];
            panic!(
                "{} in {place}: …{}…",
                String::from_utf8_lossy(&needle),
                String::from_utf8_lossy(around)
            );
        }
    }
}

#[test]
fn no_secret_is_found_after_a_run_of_everything() {
    // A receiver that gives back all it got, in its headers and its body.
    let sink = Sink::answering(|request| {
        let echo = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
            .collect::<Vec<_>>();
        let body =
            format!("you called {}\n{}\n\n{}", request.path, echo.join("\n"), request.text());
        let authorization = request.header("authorization").unwrap_or_default();
        Reply { status: 418, ..Reply::ok(body) }.header("X-Echo", &authorization)
    });
    let daemon = Daemon::start();
    let more = r#"secrets = { token = "token" }
                  retry = { attempts = 2, first_wait_s = 0.05 }
                  signing = [
                    { scheme = "hub-signature", secret = "hub", digest = "sha1" },
                    { scheme = "standard-webhooks", secret = "whsec" },
                  ]"#;
    let toml = format!(
        r#"
        [[secret]]
        name = "token"
        env = "TOKEN"
        [[secret]]
        name = "hub"
        env = "HUB"
        [[secret]]
        name = "whsec"
        env = "WHSEC"
        [[secret]]
        name = "url-token"
        env = "URL_TOKEN"
        [[secret]]
        name = "password"
        env = "PASSWORD"
        [[secret]]
        name = "user"
        env = "USERNAME_"

        [[plugin]]
        file = "target/plugins/source-zenlix.wasm"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        {}
        [[source]]
        name = "zenlix"
        plugin = "zenlix"
        auth = {{ kind = "token", secret = "url-token" }}
        [[source]]
        name = "signed"
        plugin = "zenlix"
        auth = {{ kind = "hub_signature", secret = "hub" }}

        [[subscription]]
        name = "basic"
        events = ["test.echo", "ticket.*"]
        plugin = "zammad"
        settings = {{ url = "{}" }}
        secrets = {{ username = "user", password = "password", signature_token = "hub" }}
        retry = {{ attempts = 1 }}
        "#,
        misbehave("echo", &sink.url("/hook"), more),
        sink.url("/zammad"),
    );
    let secrets = [
        ("TOKEN", TOKEN),
        ("HUB", HUB_KEY),
        ("WHSEC", WHSEC),
        ("URL_TOKEN", URL_TOKEN),
        ("PASSWORD", PASSWORD),
        ("USERNAME_", "user"),
    ];
    let output = daemon.try_apply(&toml, &secrets);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    search("the output of apply", &[output.stdout, output.stderr].concat());
    let mut seen = String::new();

    // Used in every place, echoed, seen by the plugin that reads the answer, looked for by it.
    let masked: Vec<u8> = b"SENTINEL-of-the-".iter().map(|byte| !byte).collect();
    for (data, subscription) in [
        (json!({"do": "use-secret", "judge": "echo"}), "echo"),
        (json!({"do": "use-secret", "judge": "find", "masked": masked}), "echo"),
        (json!({"do": "use-secret", "judge": "panic"}), "echo"),
        (json!({"do": "use-secret"}), "echo"),
        (json!({"do": "find", "masked": masked}), "echo"),
        (json!({"do": "facts"}), "echo"),
        (json!({"ticket": {"title": "x"}}), "basic"),
    ] {
        let event = daemon.send("test.echo", &data);
        let delivery = daemon.ended(&event, subscription);
        let attempts = daemon.attempts(&delivery);
        seen.push_str(&format!("{delivery} {attempts:?}\n"));
        if data["judge"] == "find" {
            assert_eq!(delivery["reason"], "found 0", "the plugin found a secret in its memory");
        }
        if data["do"] == "find" {
            assert_eq!(sink.requests().last().unwrap().text(), "0");
        }
        if data["judge"] == "echo" {
            let reason = delivery["reason"].as_str().unwrap();
            assert!(reason.contains("{secret:token}"), "the plugin saw the echo: {reason}");
        }
        let shown = daemon.cli(&["delivery", "show", delivery["id"].as_str().unwrap()]);
        seen.push_str(&String::from_utf8_lossy(&shown.stdout));
    }
    // The receiver did get them: the search is for what was really used.
    let got = sink.requests().iter().map(|request| request.text()).collect::<String>();
    assert!(got.contains("SENTINEL-of-the-token"));
    assert!(sink.requests().iter().any(|request| {
        request.header("authorization").as_deref()
            == Some(&format!("Basic {}", BASE64_STANDARD.encode(format!("user:{PASSWORD}"))))
    }));

    // Inbound: right ones, wrong ones, broken ones.
    let outside = daemon.api().anonymous();
    let body = br#"{"action":"create","ticket":{}}"#;
    drop(outside.post(&format!("/in/zenlix/{URL_TOKEN}"), &[], body).expect(202));
    let bearer = format!("Bearer {URL_TOKEN}");
    drop(outside.post("/in/zenlix", &[("Authorization", &bearer)], body).expect(202));
    for path in [
        format!("/in/zenlix/{URL_TOKEN}"),
        format!("/in/zenlix/{URL_TOKEN}x"),
        format!("/in/nowhere/{URL_TOKEN}"),
    ] {
        seen.push_str(&outside.post(&path, &[], b"{").text());
    }
    for path in [
        "/v1/subscriptions",
        "/v1/sources",
        "/v1/plugins",
        "/v1/events",
        "/v1/deliveries",
        "/v1/export/events",
        "/v1/export/deliveries",
    ] {
        seen.push_str(&daemon.api().get(path).expect(200).text());
    }
    for event in daemon.api().items("/v1/events") {
        let path = format!("/v1/events/{}", event["id"].as_str().unwrap());
        seen.push_str(&daemon.api().get(&path).expect(200).text());
        // Bodies are packed in the store; here they are as they are.
        seen.push_str(&daemon.api().get(&format!("{path}/original")).expect(200).text());
    }
    for delivery in daemon.deliveries("") {
        let id = delivery["id"].as_str().unwrap();
        seen.push_str(&daemon.api().get(&format!("/v1/deliveries/{id}")).expect(200).text());
        let attempts = format!("/v1/deliveries/{id}/attempts");
        seen.push_str(&daemon.api().get(&attempts).expect(200).text());
    }
    search("what the API and the command line said", seen.as_bytes());
    search("the log", daemon.log().as_bytes());
    for (file, bytes) in all_bytes(daemon.data()) {
        search(&file, &bytes);
        // Nor the admin's token, of which only a hash is kept.
        let token = daemon.token().as_bytes();
        assert!(!bytes.windows(token.len()).any(|window| window == token), "{file}");
    }
    let key = daemon.data().join("secret.key");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
}
