//! Names that lead elsewhere: a name server that is not on our side, and receivers that must not be
//! reached.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hookwright_tests::{Act, Daemon, NameServer, Options, Say, Script, until};
use serde_json::json;

/// May be called, and stands for the public internet.
const PUBLIC: &str = "127.0.0.1";
/// May not be called; there is somebody who counts who tries.
const INSIDE: &str = "127.0.0.2";

/// Names, and words of what becomes of a delivery to them.
const NAMES: [(&str, &str); 15] = [
    ("mixed.example", "127.0.0.2 may not be called: it is loopback"),
    ("mixed-six.example", "the address ::1 may not be called"),
    ("metadata.example", "169.254.169.254 may not be called: it is link-local, where clouds"),
    ("alias.example", "127.0.0.2 may not be called"),
    ("chain.example", "127.0.0.2 may not be called"),
    ("mapped.example", "::ffff:127.0.0.2 may not be called: it is an IPv4 address in an IPv6 one"),
    ("nat64.example", "64:ff9b::7f00:2 may not be called: it is translated to IPv4 (NAT64)"),
    ("6to4.example", "2002:7f00:2:: may not be called: it is tunnelled to IPv4 (6to4)"),
    ("unspecified.example", "0.0.0.0 may not be called"),
    ("many.example", "127.0.0.2 may not be called"),
    ("rebinding.example", "127.0.0.2 may not be called"),
    ("circle.example", "`circle.example` could not be resolved"),
    ("none.example", "`none.example` could not be resolved"),
    ("empty.example", "`empty.example` could not be resolved"),
    ("silent.example", "there was no answer within 2 s"),
];

fn say(name: &str, earlier: usize) -> Say {
    let inside = || Say::addresses(&[INSIDE]);
    let alias = |name, then| Say::Alias(name, Box::new(then));
    match name {
        "good.example" => Say::addresses(&[PUBLIC]),
        "good-alias.example" => alias("a.example", alias("b.example", Say::addresses(&[PUBLIC]))),
        "mixed.example" => Say::addresses(&[PUBLIC, INSIDE]),
        "mixed-six.example" => Say::addresses(&[PUBLIC, "::1"]),
        "metadata.example" => Say::addresses(&["169.254.169.254"]),
        "alias.example" => alias("inside.example", inside()),
        "chain.example" => alias(
            "one.example",
            alias("two.example", alias("three.example", alias("localhost", inside()))),
        ),
        "mapped.example" => Say::addresses(&["::ffff:127.0.0.2"]),
        "nat64.example" => Say::addresses(&["64:ff9b::7f00:2"]),
        "6to4.example" => Say::addresses(&["2002:7f00:2::"]),
        "unspecified.example" => Say::addresses(&["0.0.0.0", "::"]),
        // More than fits into a datagram, and the bad one last.
        "many.example" => Say::addresses(&[&[PUBLIC; 2_000][..], &[INSIDE]].concat()),
        // As it is asked for both families each time, and the first time is good.
        "rebinding.example" if earlier < 2 => Say::addresses(&[PUBLIC]),
        "rebinding.example" => inside(),
        "circle.example" => alias("round.example", alias("circle.example", Say::NoSuchName)),
        "empty.example" => Say::addresses(&[]),
        "silent.example" => Say::Nothing,
        _ => Say::NoSuchName,
    }
}

#[test]
fn nothing_is_called_but_what_was_checked() {
    let rebinding = AtomicUsize::new(0);
    let names = NameServer::start(move |name| {
        let earlier = match name {
            "rebinding.example" => rebinding.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        say(name, earlier)
    });
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let receiver = Script::start(move |_| vec![Act::Write(answer.into())]);
    let port = receiver.address().port();
    let intruded = count_connections(port);
    let daemon = Daemon::with(Options {
        allow_addresses: Some(format!("{PUBLIC}/32")),
        args: vec!["--name-servers".into(), names.address().to_string()],
        ..Options::default()
    });
    let mut toml = String::from("[[plugin]]\nfile = \"target/plugins/misbehave.wasm\"\n");
    let good = ["good.example", "good-alias.example"];
    for name in NAMES.iter().map(|(name, _)| *name).chain(good) {
        let subscription = name.replace(".example", "");
        toml += &format!(
            "[[subscription]]\nname = \"{subscription}\"\nevents = [\"test.{subscription}\", \
             \"test.all\"]\nplugin = \"misbehave\"\nsettings = {{ url = \"http://{name}:{port}/\" }}\n\
             timeout_s = 2\nretry = \"off\"\n"
        );
    }
    daemon.apply(&toml, &[]);
    // The same names work when they tell the truth.
    let first = daemon.send("test.rebinding", &json!({}));
    assert_eq!(daemon.ended(&first, "rebinding")["state"], "delivered");

    let event = daemon.send("test.all", &json!({}));
    for name in good {
        let delivery = daemon.ended(&event, &name.replace(".example", ""));
        assert_eq!(delivery["state"], "delivered", "{delivery}");
    }
    for (name, words) in NAMES {
        let delivery = daemon.ended(&event, &name.replace(".example", ""));
        assert_eq!(delivery["state"], "failed", "{name}: {delivery}");
        let reason = delivery["reason"].as_str().unwrap();
        assert!(reason.contains(words), "{name}: {reason}");
        let attempt = daemon.attempts(&delivery).remove(0);
        assert!(attempt["received"].is_null() && attempt["timings"]["connect_us"].is_null());
    }
    assert_eq!(receiver.requests().len(), 3, "the good ones, and the one that was good once");
    assert_eq!(intruded.load(Ordering::SeqCst), 0, "somebody inside was called");
    // It would have been noticed.
    drop(std::net::TcpStream::connect((INSIDE, port)).unwrap());
    until("the visit", || (intruded.load(Ordering::SeqCst) == 1).then_some(()));
}

/// How many have come to the same port inside.
fn count_connections(port: u16) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind((INSIDE, port)).unwrap();
    let seen = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            seen.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    count
}
