//! Clients that go away before they get their answer.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use hookwright_tests::{Daemon, Sink, until};
use serde_json::json;

use crate::misbehave;

#[test]
fn what_was_taken_in_is_worked_on_though_its_client_has_gone() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("desk", &sink.url("/desk"), ""), &[]);
    for number in 0..60_u64 {
        let event = json!({
            "specversion": "1.0", "id": number.to_string(), "source": "tests",
            "type": "test.desk", "data": {},
        })
        .to_string();
        let address = daemon.url().replace("http://", "");
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nHost: hookwright\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/cloudevents+json\r\nContent-Length: {}\r\n\r\n",
            daemon.token(),
            event.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(event.as_bytes()).unwrap();
        // At one of these moments the post is being committed.
        std::thread::sleep(Duration::from_micros(number * 250));
        drop(stream);
    }
    // Some posts may not have got in; what did is delivered, without a restart.
    let arrived = until("something to be taken in", || {
        let events = daemon.api().items("/v1/events?limit=500").len();
        (events > 0).then_some(events)
    });
    until("all to be delivered", || {
        let all = daemon.deliveries("");
        let delivered = all.iter().all(|delivery| delivery["state"] == "delivered");
        (delivered && all.len() >= arrived).then_some(())
    });
}
