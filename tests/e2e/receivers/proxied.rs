//! Through a proxy.

use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Daemon, Options, Sink};

use super::proxy::ProxyServer;
use super::tls_front::{Authority, TlsFront};
use super::{ONCE, deliver, reason, search, secrets, subscription};

const PASSWORD: &str = "SENTINEL-of-the-proxy";

fn address(sink: &Sink) -> SocketAddr {
    sink.url("").trim_start_matches("http://").parse().unwrap()
}

fn line(head: &str) -> &str {
    head.lines().next().unwrap()
}

#[test]
fn requests_go_through_a_proxy_that_knows_the_names() {
    let ours = Authority::new("ours");
    let sink = Sink::start();
    let front = TlsFront::start(&sink, &ours.identity(&["desk.example"]), None);
    let (plain, tls) = (address(&sink), front.address);
    let proxy = ProxyServer::start(move |authority| match authority {
        "desk.example:8080" => Ok(plain),
        "desk.example:443" => Ok(tls),
        other => panic!("{other}"),
    });
    let daemon = Daemon::start();
    let through = format!(
        "proxy = {{ url = \"http://{}\", username = \"desk\", secret = \"proxy\" }}\n{ONCE}",
        proxy.address
    );
    let secure = format!("tls = {{ ca = \"ca\" }}\n{through}");
    let toml = secrets(&["ca", "proxy"]) + &subscription("tls", "https://desk.example/a", &secure);
    daemon.apply(&toml, &[("CA", &ours.pem()), ("PROXY", PASSWORD)]);
    daemon.apply(&subscription("plain", "http://desk.example:8080/b?c=d", &through), &[]);
    for name in ["tls", "tls", "plain"] {
        let (delivery, attempts) = deliver(&daemon, name);
        assert_eq!(delivery["state"], "delivered", "{name}: {}", reason(&delivery));
        // The proxy's address needs no resolving, and the receiver's is the proxy's business.
        assert!(attempts[0]["timings"]["resolve_us"].is_null(), "{attempts:?}");
    }
    let heads = proxy.heads();
    let lines: Vec<_> = heads.iter().map(|head| line(head)).collect();
    // The tunnel is kept; without TLS it is the whole URL that the proxy gets.
    assert_eq!(
        lines,
        ["CONNECT desk.example:443 HTTP/1.1", "POST http://desk.example:8080/b?c=d HTTP/1.1"]
    );
    let pair = BASE64_STANDARD.encode(format!("desk:{PASSWORD}"));
    for head in &heads {
        let authorization = format!("proxy-authorization: Basic {pair}");
        assert!(head.lines().any(|line| line.eq_ignore_ascii_case(&authorization)), "{head}");
    }
    assert_eq!((sink.at("/a").len(), sink.at("/b?c=d").len()), (2, 1));
    // It is between this host and the proxy.
    assert!(sink.requests().iter().all(|it| it.header("proxy-authorization").is_none()));
    search(&daemon, &[PASSWORD, &pair]);
}

#[test]
fn it_is_said_whether_the_proxy_or_the_receiver_fails() {
    let ours = Authority::new("ours");
    let sink = Sink::start();
    let front = TlsFront::start(&sink, &ours.identity(&["other.example"]), None);
    let tls = front.address;
    let proxy = ProxyServer::start(move |authority| match authority.split('.').next().unwrap() {
        "password" => Err("407 Proxy Authentication Required"),
        "denied" => Err("403 Forbidden"),
        "gone" => Err("502 Bad Gateway"),
        "late" => Err("504 Gateway Timeout"),
        "odd" => Err("418 I'm a teapot"),
        "moved" => Err("302 Found"),
        "wrong" => Ok(tls),
        other => panic!("{other}"),
    });
    let daemon = Daemon::start();
    let url = format!("http://{}", proxy.address);
    for (name, scheme, url, words) in [
        (
            "password",
            "https",
            url.as_str(),
            "it wants a user name and password: set `proxy.username`",
        ),
        ("password", "http", &url, "it wants a user name and password: set `proxy.username`"),
        ("denied", "https", &url, "it does not let requests through to denied.example:443 (403"),
        ("gone", "https", &url, "it does not reach gone.example:443 (502 Bad Gateway)"),
        ("late", "https", &url, "it does not reach late.example:443 (504 Gateway Timeout)"),
        ("odd", "https", &url, "it makes no tunnel to odd.example:443 (418"),
        ("moved", "https", &url, "it makes no tunnel to moved.example:443 (302 Found)"),
        ("closed", "https", "http://127.0.0.1:1", "no connection to 127.0.0.1:1"),
        ("unknown", "http", "http://proxy.invalid:3128", "`proxy.invalid` could not be resolved"),
    ] {
        let more = format!("proxy = {{ url = \"{url}\" }}\n{ONCE}");
        daemon.apply(&subscription(name, &format!("{scheme}://{name}.example/"), &more), &[]);
        let (delivery, attempts) = deliver(&daemon, name);
        let (reason, of) = (reason(&delivery), url.trim_start_matches("http://"));
        assert!(reason.contains(&format!("the proxy {of}: ")), "{name}: {reason}");
        assert!(reason.contains(words), "{name}: {reason}");
        assert!(attempts[0]["received"].is_null());
    }
    // The tunnel is there, and the receiver is not who it should be.
    let more = format!("tls = {{ ca = \"ca\" }}\nproxy = {{ url = \"{url}\" }}\n{ONCE}");
    let toml = secrets(&["ca"]) + &subscription("wrong", "https://wrong.example/", &more);
    daemon.apply(&toml, &[("CA", &ours.pem())]);
    let (delivery, _) = deliver(&daemon, "wrong");
    assert!(reason(&delivery).contains("no TLS connection to `wrong.example`"), "{delivery}");
    assert_eq!(sink.count(), 0);
}

#[test]
fn a_proxy_opens_no_way_around_the_guard() {
    let proxy = ProxyServer::start(|authority| panic!("{authority}"));
    // Only the proxy is on the allow-list.
    let network = format!("{}/32", proxy.address.ip());
    let daemon = Daemon::with(Options { allow_addresses: Some(network), ..Options::default() });
    let more = format!("proxy = {{ url = \"http://{}\" }}\n{ONCE}", proxy.address);
    for (name, url, words) in [
        ("private", "http://10.0.0.1/", "10.0.0.1 may not be called: it is private"),
        ("secure", "https://192.168.1.1/", "192.168.1.1 may not be called: it is private"),
        ("metadata", "http://169.254.169.254/", "where clouds serve metadata"),
        ("hex", "http://0xa.1/", "10.0.0.1 may not be called: it is private"),
        ("six", "https://[::1]/", "::1 may not be called: it is loopback"),
    ] {
        daemon.apply(&subscription(name, url, &more), &[]);
        let (delivery, _) = deliver(&daemon, name);
        assert!(reason(&delivery).contains(words), "{url}: {}", reason(&delivery));
    }
    assert!(proxy.heads().is_empty());
    // The proxy's own address, and the name that always means this host.
    let daemon = Daemon::with(Options { allow_addresses: None, ..Options::default() });
    let output = daemon.try_apply(&subscription("inside", "https://desk.example/", &more), &[]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("proxy/url: the address 127.0.0.1 may not be called"), "{error}");
    let named = "proxy = { url = \"http://localhost:3128\" }\nretry = { attempts = 1 }";
    daemon.apply(&subscription("named", "https://desk.example/", named), &[]);
    let (delivery, _) = deliver(&daemon, "named");
    let words = "the proxy localhost:3128: the address 127.0.0.1 may not be called";
    let six = "the proxy localhost:3128: the address ::1 may not be called";
    let reason = reason(&delivery);
    assert!(reason.contains(words) || reason.contains(six), "{reason}");
    let public = "proxy = { url = \"http://192.0.2.1:3128\" }";
    let output = daemon.try_apply(&subscription("doc", "https://desk.example/", public), &[]);
    assert!(!output.status.success());
    let local = "proxy = { url = \"http://proxy.invalid:3128\" }\nretry = { attempts = 1 }";
    for (name, url) in [("local", "http://localhost/"), ("sub", "http://a.localhost./")] {
        daemon.apply(&subscription(name, url, local), &[]);
        let (delivery, _) = deliver(&daemon, name);
        let words = "the address 127.0.0.1 may not be called: it is loopback";
        assert!(super::reason(&delivery).contains(words), "{delivery}");
    }
}
