//! What pages are told when something happens.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hookwright_tests::{Browser, Daemon, until};
use serde_json::json;

use super::sink;
use crate::misbehave;

/// Looks on, and hands over what is told, line by line, and when it is the end.
fn look_on(daemon: &Daemon, browser: &Browser) -> Receiver<String> {
    let address = daemon.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let cookie = browser.cookie("hookwright_session").unwrap();
    let request = format!(
        "GET /console/live HTTP/1.1\r\nHost: {address}\r\nCookie: hookwright_session={cookie}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
        drop(sender.send("(the end)".to_owned()));
    });
    receiver
}

fn wait_for(receiver: &Receiver<String>, words: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        // The heartbeats alone would keep it waiting.
        assert!(Instant::now() < deadline, "waited in vain for {words}: {seen:?}");
        let line = receiver.recv_timeout(Duration::from_secs(60));
        let line = line.unwrap_or_else(|_| panic!("waited in vain for {words}: {seen:?}"));
        seen.push(line);
        if seen.last().unwrap().contains(words) {
            return seen;
        }
    }
}

#[test]
fn news_come_in_bundles_and_end_with_the_session_and_the_daemon() {
    let sink = sink();
    let mut daemon = Daemon::start();
    daemon.apply(&misbehave("fine", &sink.url("/fine"), ""), &[]);
    let browser = Browser::logged_in(&daemon, "reader");
    let lines = look_on(&daemon, &browser);
    // A page that begins to look on is told to ask for everything once.
    let head = wait_for(&lines, "event: replays").join("\n").to_ascii_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("cache-control: no-store"), "{head}");

    for _ in 0..50 {
        drop(daemon.send("test.fine", &json!({"do": "facts"})));
    }
    until("all to be delivered", || {
        (daemon.deliveries("state=delivered").len() == 50).then_some(())
    });
    // Each piece of news says how many changes it stands for.
    let (mut events, mut messages) = (0, 0);
    while events < 50 {
        drop(wait_for(&lines, "event: events"));
        let data = lines.recv_timeout(Duration::from_secs(60)).unwrap();
        events += data.trim_start_matches("data: ").parse::<u32>().unwrap();
        messages += 1;
    }
    assert!(events == 50 && messages <= 50, "{messages} messages for {events} events");

    drop(browser.post("/console/logout", &[]).expect(303));
    drop(daemon.send("test.fine", &json!({"do": "facts"})));
    drop(wait_for(&lines, "event: ended"));
    drop(wait_for(&lines, "(the end)"));

    // Somebody who looks on does not keep the daemon from ending.
    let again = Browser::new(&daemon);
    drop(again.log_in("reader", hookwright_tests::PASSWORD).expect(303));
    let lines = look_on(&daemon, &again);
    drop(wait_for(&lines, "event: replays"));
    assert!(daemon.stop().success());
    drop(wait_for(&lines, "(the end)"));
    assert!(!daemon.log().contains("some connections were still open"), "{}", daemon.log());
}

#[test]
fn nobody_takes_all_the_places() {
    let daemon = Daemon::start();
    let (reader, admin) =
        (Browser::logged_in(&daemon, "reader"), Browser::logged_in(&daemon, "admin"));
    let open = |browser: &Browser| {
        let lines = look_on(&daemon, browser);
        let status = lines.recv_timeout(Duration::from_secs(60)).unwrap();
        (status, lines)
    };
    let all: Vec<_> = (0..20).map(|_| open(&reader)).collect();
    assert!(all.iter().all(|(status, _)| status == "HTTP/1.1 200 OK"));
    assert_eq!(open(&reader).0, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(open(&admin).0, "HTTP/1.1 200 OK");
}
