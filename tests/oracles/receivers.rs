//! How requests prove themselves and reach receivers, against other people's servers: an
//! authorization server, OpenSSL, a proxy.

use hookwright_tests::{Daemon, Sink};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::process::Process;

const AUTHORIZATION: Oracle = Oracle::Node("node/authorization_server.mjs", "oidc-provider");
const PROXY: Oracle = Oracle::Python("python/proxy_server.py", "proxy");
const TLS: Oracle = Oracle::Python("python/tls_server.py", "cryptography");

pub(crate) const TESTS: &[Test] = &[
    ("receivers::an_authorization_server_gives_tokens", &[AUTHORIZATION], tokens),
    ("receivers::openssl_sees_the_clients_certificate", &[TLS], certificates),
    ("receivers::a_proxy_makes_tunnels_and_sends_on", &[PROXY, TLS], proxied),
];

/// Applies a subscription with its secrets.
fn apply(daemon: &Daemon, name: &str, url: &str, more: &str, secrets: &[(&str, &str)]) {
    let mut toml = format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[subscription]]
        name = "{name}"
        events = ["ticket.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        retry = {{ attempts = 1 }}
        {more}
        "#
    );
    for (name, _) in secrets {
        toml += &format!("[[secret]]\nname = \"{name}\"\nenv = \"SECRET_{name}\"\n");
    }
    let named: Vec<_> =
        secrets.iter().map(|(name, value)| (format!("SECRET_{name}"), *value)).collect();
    let named: Vec<_> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    daemon.apply(&toml, &named);
}

fn deliver(daemon: &Daemon, name: &str) -> Value {
    let data = json!({"ticket": {"id": "1", "title": "Hello"}});
    daemon.ended(&daemon.send(&format!("ticket.{name}"), &data), name)
}

fn delivered(daemon: &Daemon, name: &str) -> Value {
    let delivery = deliver(daemon, name);
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    delivery
}

fn fails(daemon: &Daemon, name: &str, words: &str) {
    let delivery = deliver(daemon, name);
    let reason = delivery["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(words), "{name}: {delivery}");
    assert_eq!(delivery["state"], "failed", "{delivery}");
}

fn tokens() {
    // Much of what may stand in an id and a secret, and is written otherwise in a form.
    let odd = r#"a b+c/d%e:f&g=h"i\j{k}~"#;
    let clients = json!([
        {"id": odd, "secret": odd, "method": "client_secret_basic", "scope": "read write"},
        {"id": "post", "secret": odd, "method": "client_secret_post"},
    ]);
    let scopes = ["read", "write", "admin"];
    let wanted = json!({"clients": clients, "scopes": scopes, "seconds": 60});
    let (mut server, urls) = Process::start(AUTHORIZATION, &wanted);
    let url = |name: &str| urls[name].as_str().unwrap();
    let daemon = Daemon::start();
    let auth = |id: &str, more: &str| {
        // Texts of TOML and of JSON are written the same, but for what is not used here.
        let (id, token_url) = (json!(id), url("token_url"));
        format!(
            r#"auth = {{ scheme = "oauth2", token_url = "{token_url}", client_id = {id},
                         secret = "client"{more} }}"#
        )
    };
    for (name, more) in [
        ("basic", auth(odd, r#", scope = "read write""#)),
        ("post", auth("post", r#", client_auth = "body""#)),
        ("scope", auth(odd, r#", scope = "admin""#)),
        ("stranger", auth("stranger", "")),
    ] {
        apply(&daemon, name, url("receiver"), &more, &[("client", odd)]);
    }
    for name in ["basic", "basic", "post"] {
        drop(delivered(&daemon, name));
    }
    // What was given is taken back: another is fetched.
    server.say(&json!({"cmd": "revoke"}));
    drop(server.line());
    assert_eq!(daemon.attempts(&delivered(&daemon, "basic")).len(), 2);
    server.say(&json!({"cmd": "given"}));
    let said = server.line();
    let given = json!([
        {"client": odd, "scope": "read write"},
        {"client": "post"},
        {"client": odd, "scope": "read write"},
    ]);
    assert_eq!(said["given"], given);
    let statuses: Vec<_> =
        said["received"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 200]);
    fails(&daemon, "scope", "answered 400 Bad Request: invalid_scope (");
    fails(&daemon, "stranger", "answered 401 Unauthorized: invalid_client (");
    apply(&daemon, "basic", url("receiver"), &auth(odd, ""), &[("client", "another")]);
    fails(&daemon, "basic", "answered 401 Unauthorized: invalid_client (");
}

fn certificates() {
    let (mut server, made) = Process::start(TLS, &Value::Null);
    let (url, ca) = (made["url"].as_str().unwrap(), made["ca"].as_str().unwrap());
    let daemon = Daemon::start();
    let tls = "tls = { ca = \"ca\", client_certificate = \"client\" }";
    for (name, client) in made["clients"].as_object().unwrap() {
        let secrets = [("ca", ca), ("client", client.as_str().unwrap())];
        apply(&daemon, "tls", &format!("{url}/{name}"), tls, &secrets);
        if name == "stranger" {
            fails(&daemon, "tls", "does not take the client's certificate");
            continue;
        }
        drop(delivered(&daemon, "tls"));
        let seen = json!({"path": format!("/{name}"), "subject": name, "version": "TLSv1.3"});
        assert_eq!(server.line(), seen);
    }
    apply(&daemon, "none", url, "tls = { ca = \"ca\" }", &[]);
    fails(&daemon, "none", "wants a certificate of the client");
    apply(&daemon, "public", url, "", &[]);
    fails(&daemon, "public", "is from no authority that is trusted (UnknownIssuer)");
}

fn proxied() {
    let (mut server, made) = Process::start(TLS, &Value::Null);
    let sink = Sink::start();
    let account = json!({"username": "desk", "password": "s3cr3t"});
    let (_proxy, of) = Process::start(PROXY, &account);
    let daemon = Daemon::start();
    let url = of["url"].as_str().unwrap();
    let proxy = |more: &str| format!("proxy = {{ url = \"{url}\"{more} }}");
    let with = proxy(", username = \"desk\", secret = \"proxy\"");
    let tls = "tls = { ca = \"ca\", client_certificate = \"client\" }";
    let client = made["clients"]["ec_pkcs8"].as_str().unwrap();
    let secrets = [("ca", made["ca"].as_str().unwrap()), ("client", client), ("proxy", "s3cr3t")];
    let secure = made["url"].as_str().unwrap();
    apply(&daemon, "tunnel", secure, &format!("{with}\n{tls}"), &secrets);
    // A name, which the proxy resolves.
    let plain = sink.url("/plain").replace("127.0.0.1", "localhost");
    apply(&daemon, "plain", &plain, &with, &[]);
    for _ in 0..3 {
        drop(delivered(&daemon, "tunnel"));
        drop(delivered(&daemon, "plain"));
        assert_eq!(server.line()["subject"], "ec_pkcs8");
    }
    let came = sink.at("/plain");
    assert_eq!(came.len(), 3);
    let host = plain.trim_start_matches("http://").trim_end_matches("/plain");
    assert_eq!(came[0].header("host").as_deref(), Some(host));
    assert!(came[0].header("proxy-authorization").is_none());
    for (name, to) in [("tunnel", secure), ("plain", plain.as_str())] {
        apply(&daemon, name, to, &format!("{}\n{tls}", proxy("")), &[]);
        fails(&daemon, name, "it wants a user name and password");
    }
    apply(&daemon, "closed", "https://127.0.0.1:1/", &with, &[]);
    fails(&daemon, "closed", &format!("the proxy {}: it ", url.trim_start_matches("http://")));
}
