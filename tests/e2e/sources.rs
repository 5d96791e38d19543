//! What helpdesks post: read once, kept when it cannot be read, by every source to every
//! destination.

use hookwright_tests::{Daemon, Reply, Seed, Sink, ZAMMAD_KEY, hub_signature, root, until};
use serde_json::{Value, json};

pub(crate) const DESTINATIONS: [&str; 3] = ["zammad", "telegram", "sms-traffic"];
const SOURCES: [&str; 5] = ["zammad", "zenlix", "helpdeskeddy-channel", "eddydesk", "r-service"];

/// These sources with a token in the URL, and one subscription of everything for each
/// destination. `more` goes into each source.
pub(crate) fn desk(sink: &Sink, sources: &[&str], more: &str) -> Daemon {
    let mut toml = String::from(
        "[[secret]]\nname = \"token\"\nenv = \"TOKEN\"\n[[secret]]\nname = \"hub\"\nenv = \"HUB\"\n",
    );
    for plugin in DESTINATIONS {
        toml.push_str(&format!(
            "[[plugin]]
file = \"target/plugins/destination-{plugin}.wasm\"
"
        ));
    }
    for source in sources {
        toml.push_str(&format!(
            "[[plugin]]
file = \"target/plugins/source-{source}.wasm\"
"
        ));
        toml.push_str(&format!(
            "[[source]]\nname = \"{source}\"\nplugin = \"{source}\"\n\
             auth = {{ kind = \"token\", secret = \"token\" }}\n{more}\n"
        ));
    }
    let url = sink.url("");
    toml.push_str(&format!(
        r#"
        [[subscription]]
        name = "to-zammad"
        events = ["*"]
        plugin = "zammad"
        settings = {{ url = "{url}/archive" }}
        [[subscription]]
        name = "to-telegram"
        events = ["*"]
        plugin = "telegram"
        settings = {{ chat_id = 1, api_url = "{url}" }}
        secrets = {{ token = "token" }}
        [[subscription]]
        name = "to-sms-traffic"
        events = ["*"]
        plugin = "sms-traffic"
        settings = {{ phones = ["79051112233"], url = "{url}/multi.php" }}
        secrets = {{ login = "token", password = "token" }}
        "#
    ));
    let daemon = Daemon::start();
    daemon.apply(&toml, &[("TOKEN", "url-token"), ("HUB", ZAMMAD_KEY)]);
    daemon
}

pub(crate) fn receiver() -> Sink {
    Sink::answering(|request| match request.path.as_str() {
        "/multi.php" => Reply::ok(
            "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code>\
             <description>queued 1 messages</description><message_infos><message_info>\
             <phone>79051112233</phone><sms_id>1</sms_id></message_info></message_infos></reply>",
        ),
        "/archive" => Reply::ok("thank you"),
        _ => Reply::ok(r#"{"ok":true,"result":{"message_id":365}}"#),
    })
}

/// A document of a plugin's golden tests.
fn sample(plugin: &str, name: &str) -> Value {
    let path = root().join(format!("plugins/sources/{plugin}/tests/data/{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn post(daemon: &Daemon, source: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
    let path = format!("/in/{source}/url-token");
    daemon.api().anonymous().post(&path, headers, body).expect(202).json()
}

fn event_id(accepted: &Value) -> String {
    accepted["events"][0]["id"].as_str().unwrap().to_owned()
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A sample of each source, with the type that its document gives it.
pub(crate) fn samples() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let of = |value: &Value| value.to_string().into_bytes();
    let channel = sample("helpdeskeddy-channel", "answer-nested");
    let eddydesk = sample("eddydesk", "bot-client-reply");
    let r_service = sample("r-service", "note-added");
    vec![
        ("zammad", "ticket.created", Seed::zammad().body),
        ("zenlix", "ticket.other", Seed::zenlix().body),
        ("helpdeskeddy-channel", "ticket.replied", of(&channel["post"])),
        ("eddydesk", "ticket.replied", of(&eddydesk["post"]["body"])),
        ("r-service", "ticket.commented", of(&r_service["body"])),
    ]
}

#[test]
fn every_source_reaches_every_destination() {
    let sink = receiver();
    let daemon = desk(&sink, &SOURCES, "");
    let mut events = Vec::new();
    for (source, event_type, body) in samples() {
        let accepted = post(&daemon, source, &[JSON], &body);
        assert_eq!(accepted["events"][0]["type"], event_type, "{source}");
        events.push((source, event_id(&accepted)));
    }
    let data = json!({ "ticket": { "id": "9", "title": "by CloudEvents" } });
    events.push(("cloudevents", daemon.send("ticket.created", &data)));
    for (source, event) in &events {
        for destination in DESTINATIONS {
            let delivery = daemon.ended(event, &format!("to-{destination}"));
            assert_eq!(delivery["state"], "delivered", "{source} to {destination}: {delivery}");
        }
    }
    assert_eq!(sink.count(), events.len() * 3);
}

#[test]
fn a_repeated_post_gets_the_first_answer_and_makes_nothing_twice() {
    let sink = receiver();
    let daemon = desk(&sink, &["zammad"], "");
    let seed = Seed::zammad();
    let again = |daemon: &Daemon, headers: &[(&str, &str)], body: &[u8]| {
        daemon.api().anonymous().post("/in/zammad/url-token", headers, body).expect(202)
    };
    let first = again(&daemon, &seed.headers(), &seed.body);
    assert!(first.headers.get("idempotent-replayed").is_none());
    for destination in DESTINATIONS {
        let delivery = daemon.ended(&event_id(&first.json()), &format!("to-{destination}"));
        assert_eq!(delivery["state"], "delivered");
    }
    // The same delivery of Zammad's, even if the body should differ.
    for body in [&seed.body[..], br#"{"ticket":{"id":81},"article":{}}"#] {
        let second = again(&daemon, &seed.headers(), body);
        assert_eq!(second.json(), first.json());
        assert_eq!(second.headers["idempotent-replayed"], "true");
    }
    let daemon = daemon.kill_and_restart();
    assert_eq!(again(&daemon, &seed.headers(), &seed.body).json(), first.json());
    assert_eq!(daemon.api().items("/v1/events").len(), 1);
    assert_eq!(daemon.deliveries("").len(), 3);
    // Another delivery with the same body is another event.
    let third = again(&daemon, &[("X-Zammad-Delivery", "another"), JSON], &seed.body);
    assert_ne!(event_id(&third.json()), event_id(&first.json()));
    until("all deliveries to arrive", || (sink.count() == 6).then_some(()));
}

#[test]
fn posts_without_an_id_are_known_by_what_they_hold_for_a_while() {
    let sink = receiver();
    let daemon = desk(&sink, &["zenlix", "eddydesk"], "repeat_window_s = 2");
    let body = Seed::zenlix().body;
    let post = |headers: &[(&str, &str)]| event_id(&post(&daemon, "zenlix", headers, &body));
    let first = post(&[]);
    assert_eq!(post(&[]), first);
    let one = post(&[("Idempotency-Key", "one")]);
    assert_ne!(one, first);
    assert_eq!(post(&[("Idempotency-Key", "one")]), one);
    assert_ne!(post(&[("Idempotency-Key", "two")]), one);
    let later = until("the window to pass", || Some(post(&[])).filter(|event| *event != first));
    assert_ne!(later, one);
    // The same at two sources is two events.
    assert_ne!(event_id(&self::post(&daemon, "eddydesk", &[JSON], &body)), later);

    let sink = receiver();
    let daemon = desk(&sink, &["zenlix"], "repeat_window_s = 0");
    let twice = [(); 2].map(|()| event_id(&self::post(&daemon, "zenlix", &[], &body)));
    assert_ne!(twice[0], twice[1]);
}

#[test]
fn cloud_events_are_taken_in_once() {
    let daemon = Daemon::start();
    let event = |id: &str| json!({ "specversion": "1.0", "id": id, "source": "shop", "type": "order.paid" });
    let kind = [("Content-Type", "application/cloudevents-batch+json")];
    let post = |events: Value| {
        let answer = daemon.api().post("/v1/events", &kind, events.to_string().as_bytes());
        let accepted = answer.expect(202).json();
        let events = accepted["events"].as_array().unwrap().clone();
        events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = post(json!([event("1"), event("2"), event("1")]));
    assert_eq!(first[0], first[2], "twice in one batch");
    let second = post(json!([event("2"), event("3")]));
    assert_eq!(second[0], first[1]);
    assert_eq!(daemon.api().items("/v1/events").len(), 3);
}

#[test]
fn what_cannot_be_read_is_kept_and_can_be_read_again() {
    let sink = receiver();
    let daemon = desk(&sink, &["zammad", "zenlix"], "");
    let api = daemon.api();
    let broken = b"{\"ticket\": {\"title\": \"caf\xff\"}}";
    let problem = api.anonymous().post("/in/zammad/url-token", &[JSON], broken).problem(400);
    assert!(problem["detail"].as_str().unwrap().contains("not UTF-8 at byte"), "{problem}");
    let at = problem["instance"].as_str().unwrap().to_owned();
    // The same again is the same reject.
    let again = api.anonymous().post("/in/zammad/url-token", &[JSON], broken).problem(400);
    assert_eq!(again["instance"], at.as_str());
    let other = api.anonymous().post("/in/zenlix/url-token", &[JSON], b"{\"x\": 1}").problem(400);
    assert_ne!(other["instance"], at.as_str());

    let rejects = api.items("/v1/rejects");
    assert_eq!(rejects.len(), 2);
    assert_eq!(api.items("/v1/rejects?source=zammad").len(), 1);
    let reject = api.get(&at).expect(200).json();
    assert_eq!(reject["times"], 2);
    assert_eq!(reject["source"], "zammad");
    assert_eq!(reject["size"], broken.len());
    assert_eq!(reject["status"], 400);
    assert_eq!(api.get(&format!("{at}/original")).expect(200).body, broken);
    // The token of the URL is nowhere in it.
    assert!(!reject.to_string().contains("url-token"), "{reject}");
    assert_eq!(
        api.post_json(&format!("{at}/retry"), &json!({})).problem(400)["instance"],
        at.as_str()
    );
    assert_eq!(api.get(&at).expect(200).json()["times"], 3);

    // A post that went to a source of the wrong kind is read when that has been mended.
    let wrong = "/in/zenlix/url-token";
    let problem = api.anonymous().post(wrong, &[JSON], &Seed::zammad().body).problem(400);
    let at = problem["instance"].as_str().unwrap().to_owned();
    let mended = "[[source]]\nname = \"zenlix\"\nplugin = \"zammad\"\nauth = { kind = \"token\", secret = \"token\" }";
    daemon.apply(mended, &[]);
    let shown = daemon.cli(&["reject", "list"]);
    let id = at.trim_start_matches("/v1/rejects/");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(id));
    let retried = daemon.cli(&["--json", "reject", "retry", id]);
    assert!(retried.status.success(), "{}", String::from_utf8_lossy(&retried.stderr));
    let accepted: Value = serde_json::from_slice(&retried.stdout).unwrap();
    assert_eq!(daemon.ended(&event_id(&accepted), "to-zammad")["state"], "delivered");
    assert_eq!(sink.at("/archive")[0].body, Seed::zammad().body);
    assert_eq!(api.get(&at).status, 404);
    assert!(
        daemon
            .cli(&["reject", "remove", api.items("/v1/rejects")[0]["id"].as_str().unwrap()])
            .status
            .success()
    );
    assert_eq!(api.items("/v1/rejects").len(), 1);
}

#[test]
fn an_update_is_compared_with_the_ticket_before_it() {
    let sink = receiver();
    let daemon = desk(&sink, &["zammad"], "track_changes = true");
    let ticket = |state: &str, priority: &str| {
        json!({ "ticket": { "id": 81, "number": "67081", "title": "A", "state": state,
                            "priority": { "name": priority }, "updated_at": "2026-01-01T00:00:00Z" },
                "article": {} })
    };
    let post = |delivery: &str, body: &Value| {
        let headers = [JSON, ("X-Zammad-Delivery", delivery)];
        let accepted = post(&daemon, "zammad", &headers, body.to_string().as_bytes());
        let event = daemon.api().get(&format!("/v1/events/{}", event_id(&accepted)));
        let event = event.expect(200).json();
        (event["type"].as_str().unwrap().to_owned(), event["data"]["changes"].clone())
    };
    assert_eq!(
        post("1", &ticket("new", "2 normal")).0,
        "ticket.updated",
        "nothing to compare with"
    );
    let (event_type, changes) = post("2", &ticket("new", "3 high"));
    assert_eq!(event_type, "ticket.priority_changed");
    assert_eq!(changes, json!([{ "field": "priority", "from": "2 normal", "to": "3 high" }]));
    assert_eq!(post("3", &ticket("open", "3 high")).0, "ticket.status_changed");
    let (event_type, changes) = post("4", &ticket("pending", "1 low"));
    assert_eq!((event_type.as_str(), changes.as_array().unwrap().len()), ("ticket.updated", 2));
}

#[test]
fn all_event_types_are_listed() {
    let sink = receiver();
    let daemon = desk(&sink, &SOURCES, "");
    let types = daemon.api().items("/v1/event-types");
    let created = types.iter().find(|known| known["type"] == "ticket.created").unwrap();
    assert_eq!(created["sources"]["zenlix"], json!(["create"]));
    assert!(created["example"]["ticket"]["id"].is_string());
    let listed = daemon.cli(&["event", "types"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(types.iter().all(|known| listed.contains(known["type"].as_str().unwrap())));

    // The bodies that sources make, and the examples, are as the schema says.
    let schema = daemon.api().get("/v1/schemas/ticket/1").expect(200).json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for known in types.iter().filter(|known| !known["example"].is_null()) {
        let wrong: Vec<_> = schema.iter_errors(&known["example"]).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", known["type"]);
    }
    for (source, _, body) in samples() {
        let accepted = post(&daemon, source, &[JSON], &body);
        let event = daemon.api().get(&format!("/v1/events/{}", event_id(&accepted))).json();
        let wrong: Vec<_> = schema.iter_errors(&event["data"]).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{source}: {wrong:?}");
    }
}

#[test]
fn a_signed_post_with_one_bit_changed_is_refused_and_not_kept() {
    let sink = receiver();
    let daemon = desk(&sink, &["zammad"], "");
    let toml = "[[source]]\nname = \"signed\"\nplugin = \"zammad\"\nauth = { kind = \"hub_signature\", secret = \"hub\" }";
    daemon.apply(toml, &[]);
    let mut body = Seed::zammad().body;
    let signature = hub_signature(ZAMMAD_KEY, &body);
    let headers = [JSON, ("X-Hub-Signature", signature.as_str())];
    let post = |body: &[u8]| daemon.api().anonymous().post("/in/signed", &headers, body).status;
    assert_eq!(post(&body), 202);
    body[100] ^= 1;
    assert_eq!(post(&body), 401);
    assert!(daemon.api().items("/v1/rejects").is_empty());
}

#[test]
fn a_source_that_asks_who_owns_the_address_is_called_back() {
    let sink = receiver();
    let daemon =
        desk(&sink, &["r-service"], &format!("settings = {{ url = \"{}\" }}", sink.url("")));
    let mut body = sample("r-service", "verify")["body"].clone();
    body["payload"]["callback"] = json!(sink.url("/webhooks/219/verify?code=abc"));
    let post = |body: &Value| {
        let answer = daemon.api().anonymous();
        answer.post("/in/r-service/url-token", &[JSON], body.to_string().as_bytes())
    };
    assert_eq!(post(&body).expect(200).json(), json!({ "events": [] }));
    let called = until("the call", || sink.requests().into_iter().next());
    assert_eq!(
        (called.method.as_str(), called.path.as_str()),
        ("GET", "/webhooks/219/verify?code=abc")
    );
    // It is no event, and the code is in no log.
    assert!(daemon.api().items("/v1/events").is_empty());
    until("the log", || daemon.log().contains("the source was verified").then_some(()));
    assert!(!daemon.log().contains("code=abc"));
    // Nobody else's address is called.
    body["payload"]["callback"] = json!("https://example.com/verify?code=abc");
    assert_eq!(post(&body).problem(400)["errors"][0]["pointer"], "/payload/callback");
    assert_eq!(sink.count(), 1);
}
