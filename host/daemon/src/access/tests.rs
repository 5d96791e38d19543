use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hookwright_model::Sent;
use http::{HeaderMap, Method};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

use super::*;
use crate::delivery::connect::Connector;
use crate::delivery::fill::Filled;

/// What is wrong with this, where nothing else is: places and words.
fn mistakes(document: &Value, secrets: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let found = check(document, secrets).err().unwrap_or_default();
    found.into_iter().map(|mistake| (mistake.field, mistake.detail)).collect()
}

fn check(document: &Value, secrets: &[(&str, &str)]) -> Result<Checked, Vec<Mistake>> {
    let part = |name: &str| document.get(name).cloned();
    let auth: Option<Auth> = part("auth").map(|it| serde_json::from_value(it).unwrap());
    let proxy: Option<Proxy> = part("proxy").map(|it| serde_json::from_value(it).unwrap());
    let tls: Tls = part("tls").map_or_else(Tls::default, |it| serde_json::from_value(it).unwrap());
    let named = secrets
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), Secret::from((*value).to_owned())));
    let guard = Guard::allowing(vec!["127.0.0.0/8".parse().unwrap()]);
    let wanted = Wanted { auth: auth.as_ref(), tls: &tls, proxy: proxy.as_ref() };
    wanted.check(&named.collect(), &guard)
}

fn oauth2(changes: &Value) -> Value {
    let mut auth = json!({"scheme": "oauth2", "token_url": "https://login.example/token",
                          "client_id": "desk", "secret": "s"});
    for (key, value) in changes.as_object().unwrap() {
        auth[key] = value.clone();
    }
    json!({"auth": auth})
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let header = |header: &str| {
        let auth = json!({"scheme": "header", "header": header, "secret": "s"});
        json!({ "auth": auth })
    };
    let proxy = |url: &str| json!({"proxy": {"url": url}});
    let bearer = json!({"auth": {"scheme": "bearer", "secret": "s"}});
    let basic = json!({"auth": {"scheme": "basic", "username": "a:b", "secret": "s"}});
    let prefix = json!({"auth": {"scheme": "header", "header": "X-Key", "secret": "s",
                                 "prefix": "a\n"}});
    for (document, value, place, words) in [
        (bearer.clone(), "a\nb", "auth/secret", "the secret `s` holds a line break"),
        (bearer, "token ", "auth/secret", "begins or ends with a space"),
        (basic, "x", "auth/username", "a user name holds no ':'"),
        (prefix, "x", "auth/prefix", "a line break"),
        (header("X Key"), "x", "auth/header", "cannot be the name of a header"),
        (header("Content-Length"), "x", "auth/header", "`content-length` is the connection's"),
        (header("Webhook-Id"), "x", "auth/header", "or a signature's"),
        (oauth2(&json!({"token_url": "login"})), "x", "auth/token_url", "is not a URL"),
        (
            oauth2(&json!({"token_url": "http://login.example/"})),
            "x",
            "auth/token_url",
            "use https, or an address in `--allow-addresses`",
        ),
        (oauth2(&json!({"token_url": "http://10.0.0.1/"})), "x", "auth/token_url", "use https"),
        (oauth2(&json!({"client_id": ""})), "x", "auth/client_id", "a client has an id"),
        (oauth2(&json!({"scope": "a  b"})), "x", "auth/scope", "one space between"),
        (oauth2(&json!({"scope": ""})), "x", "auth/scope", "leave it out"),
        (oauth2(&json!({"audience": ""})), "x", "auth/audience", "leave it out"),
        (json!({"tls": {"and_public": true}}), "x", "tls/and_public", "beside `ca` only"),
        (proxy("proxy.example:3128"), "x", "proxy/url", "`http://host:port`"),
        (proxy("https://proxy.example:3128"), "x", "proxy/url", "not spoken to by `https`"),
        (proxy("socks5://proxy.example:1080"), "x", "proxy/url", "not spoken to by `socks5`"),
        (proxy("http://a:b@proxy.example"), "x", "proxy/url", "set `username` and `secret`"),
        (proxy("http://proxy.example/x"), "x", "proxy/url", "nothing behind the port"),
        (proxy("http://10.0.0.1:3128"), "x", "proxy/url", "10.0.0.1 may not be called"),
        (
            json!({"proxy": {"url": "http://proxy.example", "username": "u"}}),
            "x",
            "proxy/username",
            "set `secret` too",
        ),
        (
            json!({"proxy": {"url": "http://proxy.example", "secret": "s"}}),
            "x",
            "proxy/secret",
            "set `username` too",
        ),
    ] {
        let found = mistakes(&document, &[("s", value)]);
        assert_eq!(found.len(), 1, "{document}: {found:?}");
        assert_eq!(found[0].0, place, "{document}");
        assert!(found[0].1.contains(words), "{document}: {}", found[0].1);
    }
    // All at once.
    let all = json!({"auth": {"scheme": "bearer", "secret": "a"},
                     "tls": {"ca": "b", "client_certificate": "c"},
                     "proxy": {"url": "http://proxy.example", "username": "u", "secret": "d"}});
    let places: Vec<_> = mistakes(&all, &[]).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["auth/secret", "tls/ca", "tls/client_certificate", "proxy/secret"]);
}

#[test]
fn what_is_right_is_taken() {
    for document in [
        json!({}),
        json!({"auth": {"scheme": "basic", "username": "", "secret": "s"}}),
        json!({"auth": {"scheme": "header", "header": "Authorization", "secret": "s",
                        "prefix": "GenieKey "}}),
        oauth2(&json!({"scope": "a:b/c d"})),
        oauth2(&json!({"token_url": "http://127.0.0.1:9/token?tenant=a"})),
        json!({"proxy": {"url": "http://127.0.0.1:3128"}}),
        json!({"proxy": {"url": "http://proxy.example", "username": "u", "secret": "s"}}),
    ] {
        assert_eq!(mistakes(&document, &[("s", "s3cr3t")]), [], "{document}");
    }
}

/// An authority, a certificate of it, and the key of that.
fn certificates() -> (Certificate, Certificate, KeyPair) {
    let authority = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&authority).unwrap();
    let issuer = rcgen::Issuer::from_params(&params, authority);
    let key = KeyPair::generate().unwrap();
    let client = CertificateParams::new(vec!["desk".to_owned()]).unwrap();
    (ca, client.signed_by(&key, &issuer).unwrap(), key)
}

#[test]
fn certificates_are_read_and_what_is_wrong_is_named() {
    let (ca, client, key) = certificates();
    let (ca, client, key) = (ca.pem(), client.pem(), key.serialize_pem());
    let other = KeyPair::generate().unwrap().serialize_pem();
    let tls = json!({"tls": {"ca": "ca", "client_certificate": "client", "and_public": true}});
    let place = |ca: &str, client: &str| mistakes(&tls, &[("ca", ca), ("client", client)]);
    // In any order, indented, with words around.
    let good = [
        format!("{client}{key}"),
        format!("{key}\n{client}{ca}"),
        format!("# the desk's\n{client}{key}").replace('\n', "\r\n   "),
    ];
    for good in &good {
        assert_eq!(place(&format!("{ca}{ca}"), good), [], "{good}");
    }
    // DER that is base64 and no certificate.
    let broken = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let one_line = format!("{client}{key}").replace('\n', " ");
    for (ca_text, client_text, field, words) in [
        ("", good[0].as_str(), "tls/ca", "the secret `ca` holds no certificate"),
        ("nothing", &good[0], "tls/ca", "holds no certificate"),
        (&format!("{ca}{key}"), &good[0], "tls/ca", "holds a private key"),
        (&format!("{ca}{broken}"), &good[0], "tls/ca", "cannot be read: number 2"),
        (&ca, &key, "tls/client_certificate", "the secret `client` holds no certificate"),
        (&ca, &client, "tls/client_certificate", "holds no private key"),
        (&ca, &format!("{client}{encrypted}"), "tls/client_certificate", "is encrypted"),
        (&ca, &format!("{client}{key}{other}"), "tls/client_certificate", "more than one"),
        (&ca, &format!("{client}{other}"), "tls/client_certificate", "not that of its first"),
        (&ca, &format!("{ca}{client}{key}"), "tls/client_certificate", "not that of its first"),
        (&ca, &format!("{client}{broken}{key}"), "tls/client_certificate", "number 2"),
        (&ca, &one_line, "tls/client_certificate", "are line breaks lost?"),
        (&ca, &client.replace("M", "!"), "tls/client_certificate", "not base64"),
        (
            &ca,
            &format!("{client}{}", broken.replace("CERTIFICATE", "PRIVATE KEY")),
            "tls/client_certificate",
            "cannot be used",
        ),
    ] {
        let found = place(ca_text, client_text);
        assert_eq!(found.len(), 1, "{words}: {found:?}");
        assert_eq!(found[0].0, field, "{words}");
        assert!(found[0].1.contains(words), "{words}: {}", found[0].1);
        // Nothing of the key is quoted.
        let line = key.lines().nth(1).unwrap();
        assert!(!found[0].1.contains(&line[..16]), "{}", found[0].1);
    }
}

#[test]
fn the_same_settings_share_connections_and_others_never_do() {
    let (ca, client, key) = certificates();
    let (_, other_client, other_key) = certificates();
    let connector = Connector::new(Guard::default()).unwrap();
    let pool = Pool::new(connector.clone(), Sender::new(connector));
    let one = format!("{}{}", client.pem(), key.serialize_pem());
    let two = format!("{}{}", other_client.pem(), other_key.serialize_pem());
    let open = |document: Value, client: &str| {
        let secrets = [("ca", ca.pem()), ("client", client.to_owned()), ("s", "s3cr3t".into())];
        let secrets: Vec<_> = secrets.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let checked = check(&document, &secrets);
        pool.open(checked.map_err(|mistakes| format!("{mistakes:?}")).unwrap())
    };
    let own = || json!({"tls": {"client_certificate": "client"}});
    let with_ca = json!({"tls": {"client_certificate": "client", "ca": "ca"}});
    let proxied = json!({"tls": {"client_certificate": "client"},
                         "proxy": {"url": "http://127.0.0.1:1"}});
    let first = open(own(), &one);
    let first = first.sender.as_ref().unwrap();
    assert!(Arc::ptr_eq(first, open(own(), &one).sender.as_ref().unwrap()));
    for (document, client) in [(own(), &two), (with_ca, &one), (proxied, &one)] {
        let other = open(document.clone(), client);
        assert!(!Arc::ptr_eq(first, other.sender.as_ref().unwrap()), "{document}");
    }
    assert!(open(json!({}), &one).sender.is_none(), "like everyone's");
    // Tokens too, and never over another connection.
    let account = |document: Value| match open(document, &one).credential {
        Credential::Account(account) => account,
        _ => panic!("no account"),
    };
    let usual = account(oauth2(&json!({})));
    assert!(Arc::ptr_eq(&usual, &account(oauth2(&json!({})))));
    let mut proxied = oauth2(&json!({}));
    proxied["proxy"] = json!({"url": "http://127.0.0.1:1"});
    for other in [
        oauth2(&json!({"scope": "a"})),
        oauth2(&json!({"audience": "a"})),
        oauth2(&json!({"client_id": "other"})),
        oauth2(&json!({"client_auth": "body"})),
        oauth2(&json!({"token_url": "https://login.example/other"})),
        proxied,
    ] {
        assert!(!Arc::ptr_eq(&usual, &account(other.clone())), "{other}");
    }
}

fn filled(headers: &[(&'static str, &str)]) -> Filled {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let shown = headers.iter().map(|(name, value)| (name.to_uppercase(), (*value).to_owned()));
    let sent = Sent {
        method: "POST".into(),
        url: "https://desk.example/".into(),
        headers: shown.collect(),
        body: Bytes::new(),
    };
    let url = "https://desk.example/".parse().unwrap();
    let scrubber = Arc::new(Scrubber::new([]));
    Filled { method: Method::POST, url, headers: map, body: Bytes::new(), sent, scrubber }
}

#[tokio::test]
async fn what_the_host_sends_replaces_what_the_plugin_sets() {
    let connector = Connector::new(Guard::default()).unwrap();
    let pool = Pool::new(connector.clone(), Sender::new(connector));
    let pair = BASE64_STANDARD.encode("desk:s3cr3t");
    for (auth, name, value, masked, echo) in [
        (
            json!({"scheme": "basic", "username": "desk", "secret": "s"}),
            "authorization",
            format!("Basic {pair}"),
            "Basic {secret:s}",
            pair.as_str(),
        ),
        (
            json!({"scheme": "bearer", "secret": "s"}),
            "authorization",
            "Bearer s3cr3t".into(),
            "Bearer {secret:s}",
            "s3cr3t",
        ),
        (
            json!({"scheme": "header", "header": "X-Api-Key", "secret": "s", "prefix": "Key "}),
            "x-api-key",
            "Key s3cr3t".into(),
            "Key {secret:s}",
            "s3cr3t",
        ),
    ] {
        let checked = check(&json!({ "auth": auth }), &[("s", "s3cr3t")]).ok().unwrap();
        let access = pool.open(checked);
        let pass = access.pass(std::time::Duration::ZERO).await.unwrap();
        let mut filled = filled(&[(name, "the plugin's"), ("x-other", "kept")]);
        access.authorize(&pass, &mut filled);
        let all: Vec<_> = filled.headers.get_all(name).iter().collect();
        assert_eq!(all, [value.as_str()]);
        assert!(all[0].is_sensitive());
        let shown = [("X-OTHER", "kept"), (name, masked)].map(|(n, v)| (n.into(), v.into()));
        assert_eq!(filled.sent.headers, shown);
        assert_eq!(filled.scrubber.text(&format!("you sent {echo}!")), "you sent {secret:s}!");
        assert!(!pass.is_renewable());
    }
}
