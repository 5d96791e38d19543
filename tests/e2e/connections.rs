//! Writing back: what an answer says becomes a field and a comment at the helpdesk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Api, Daemon, Reply, Request, Sink, until};
use serde_json::{Value, json};

/// As SMS Traffic's documentation has it (API 1.85).
const QUEUED: &str = r#"<?xml version="1.0"?><reply><result>OK</result><code>0</code><description>queued 1 messages</description><message_infos><message_info><phone>79051112233</phone><sms_id>1000472891</sms_id></message_info></message_infos></reply>"#;

const EMAIL: &str = "desk@example.com";
const API_KEY: &str = "0e9b1c3d-api-key-5f";
const SECRETS: [(&str, &str); 5] = [
    ("DESK_TOKEN", "desk-url-token"),
    ("SMS_LOGIN", "sms-login-1"),
    ("SMS_PASSWORD", "sms-password-1"),
    ("EDDY_EMAIL", EMAIL),
    ("EDDY_KEY", API_KEY),
];

/// A helpdesk's tickets, as its API shows them.
#[derive(Default)]
struct Desk {
    fields: Mutex<BTreeMap<String, Value>>,
    comments: Mutex<Vec<String>>,
}

impl Desk {
    /// As HelpDeskEddy's API answers.
    fn answer(&self, request: &Request) -> Reply {
        let pair = BASE64_STANDARD.encode(format!("{EMAIL}:{API_KEY}"));
        let authorization = request.header("authorization").unwrap_or_default();
        if authorization != format!("Basic {pair}") {
            let errors = json!({"errors": [{"code": "e-401", "title": "Unauthorized"}]});
            return Reply { status: 401, ..Reply::ok(errors.to_string()) };
        }
        let data = match (request.method.as_str(), request.path.as_str()) {
            ("PUT", "/api/v2/tickets/1234") => {
                let changes = request.json();
                for (name, value) in changes["custom_fields"].as_object().unwrap() {
                    self.fields.lock().unwrap().insert(name.clone(), value.clone());
                }
                json!({"data": {"id": 1234}})
            }
            ("POST", "/api/v2/tickets/1234/comments/") => {
                let form = form_urlencoded::parse(&request.body);
                let text = form.into_iter().find(|(name, _)| name == "text").unwrap().1;
                self.comments.lock().unwrap().push(text.into_owned());
                json!({"data": {"id": 77, "ticket_id": 1234}})
            }
            _ => return Reply::status(404),
        };
        // It repeats what it got, as some do.
        Reply::ok(data.to_string()).header("X-Debug", &authorization)
    }
}

/// EddyDesk's dispatcher posts, an SMS goes out, and what the answer says is written back.
fn eddydesk(sms: &Sink, api: &Sink, connection: &str, subscription: &str) -> String {
    format!(
        r#"
        [[secret]]
        name = "desk-token"
        env = "DESK_TOKEN"
        [[secret]]
        name = "sms-login"
        env = "SMS_LOGIN"
        [[secret]]
        name = "sms-password"
        env = "SMS_PASSWORD"
        [[secret]]
        name = "eddy-email"
        env = "EDDY_EMAIL"
        [[secret]]
        name = "eddy-key"
        env = "EDDY_KEY"

        [[plugin]]
        file = "target/plugins/source-eddydesk.wasm"
        [[plugin]]
        file = "target/plugins/destination-sms-traffic.wasm"
        [[plugin]]
        file = "target/plugins/destination-helpdeskeddy-api.wasm"

        [[connection]]
        name = "eddy-api"
        plugin = "helpdeskeddy-api"
        settings = {{ base_url = "{api}" }}
        secrets = {{ email = "eddy-email", api_key = "eddy-key" }}
        {connection}

        [[source]]
        name = "desk"
        plugin = "eddydesk"
        auth = {{ kind = "token", secret = "desk-token" }}
        connection = "eddy-api"

        [[subscription]]
        name = "sms"
        events = ["ticket.created"]
        sources = ["desk"]
        plugin = "sms-traffic"
        settings = {{ phones = ["+7 905 111-22-33"], url = "{sms}" }}
        secrets = {{ login = "sms-login", password = "sms-password" }}
        {subscription}
        "#,
        api = api.url(""),
        sms = sms.url("/multi.php"),
    )
}

const SMS_ID: &str = r#"from = { xml = "reply/message_infos/message_info/sms_id" }"#;

fn write_back() -> String {
    format!(
        r#"write_back = [
            {{ {SMS_ID}, field = "custom_field_12" }},
            {{ {SMS_ID}, comment = {{ visibility = "internal", text = "SMS queued: {{value}}" }} }},
        ]"#
    )
}

/// What the dispatcher's rule posts. Returns the event's id.
fn new_ticket(daemon: &Daemon, number: usize) -> String {
    let post = json!({
        "event": "Новая заявка", "ticket_id": "1234", "ticket_name": "Принтер",
        "last_post_id": number.to_string(),
    });
    let api = daemon.api().anonymous();
    let kind = [("Content-Type", "application/json")];
    let answer = api.post("/in/desk/desk-url-token", &kind, post.to_string().as_bytes());
    answer.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned()
}

/// The deliveries that a delivery's answers caused, in full, oldest first, when they have ended.
fn children(daemon: &Daemon, parent: &Value, count: usize) -> Vec<Value> {
    let id = parent["id"].as_str().unwrap();
    until("the children to end", || {
        let all = daemon.deliveries(&format!("parent={id}"));
        let ended =
            |child: &&Value| !matches!(child["state"].as_str(), Some("pending" | "running"));
        (all.iter().filter(ended).count() == count).then_some(())
    });
    shown(daemon, parent)
}

fn shown(daemon: &Daemon, parent: &Value) -> Vec<Value> {
    let get = |id: &str| daemon.api().get(&format!("/v1/deliveries/{id}")).expect(200).json();
    let parent = get(parent["id"].as_str().unwrap());
    let ids = parent["children"].as_array().unwrap().iter();
    ids.map(|id| get(id.as_str().unwrap())).collect()
}

fn text(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The example of EddyDesk's own documentation: an SMS is sent, its id goes to a custom field,
/// and a comment shows what was answered.
#[test]
fn the_id_of_an_sms_goes_to_a_field_and_a_comment() {
    let sms = Sink::answering(|_| Reply::ok(QUEUED));
    let desk = Arc::new(Desk::default());
    let tickets = Arc::clone(&desk);
    let api = Sink::answering(move |request| tickets.answer(request));
    let daemon = Daemon::start();
    let toml = eddydesk(&sms, &api, "", &write_back());
    daemon.apply(&toml, &SECRETS);
    let event = new_ticket(&daemon, 1);
    let parent = daemon.ended(&event, "sms");
    assert_eq!(parent["state"], "delivered", "{parent}");
    let children = children(&daemon, &parent, 2);

    assert_eq!(desk.fields.lock().unwrap().get("12"), Some(&json!("1000472891")));
    assert_eq!(*desk.comments.lock().unwrap(), ["SMS queued: 1000472891"]);
    assert_eq!((sms.count(), api.count()), (1, 2));

    // The journal: who caused what, through which connection, and what was written.
    let expected = [
        json!({"set_field": {"field": "custom_field_12", "value": "\"1000472891\""}}),
        json!({"add_comment": {"internal": true, "text": "SMS queued: 1000472891"}}),
    ];
    for (child, follow_up) in children.iter().zip(expected) {
        assert_eq!(child["state"], "delivered", "{child}");
        assert_eq!(child["parent"], parent["id"]);
        assert_eq!(child["event_id"], event.as_str());
        assert_eq!(child["connection"], "eddy-api");
        assert_eq!(child["follow_up"], follow_up);
        assert_eq!(child["children"], json!([]));
        assert_eq!(daemon.attempts(child).len(), 1);
    }
    assert_eq!(children[1]["remote_id"], "77");
    assert!(parent["connection"].is_null() && parent["parent"].is_null());
    let (parent_id, child_id) =
        (parent["id"].as_str().unwrap(), children[0]["id"].as_str().unwrap());
    let listed = text(&daemon.cli(&["delivery", "list", "--parent", parent_id]));
    assert!(listed.contains(child_id) && !listed.contains(parent_id), "{listed}");
    let shown = text(&daemon.cli(&["delivery", "show", child_id]));
    for words in [parent_id, "eddy-api", "writes the field custom_field_12: \"1000472891\""] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(shown.contains("> Authorization: Basic {secret:eddy-email:eddy-key}"), "{shown}");
    let shown = text(&daemon.cli(&["delivery", "show", parent_id]));
    assert!(shown.contains(&format!("caused {child_id} delivered")), "{shown}");

    // The key is nowhere, though the API repeats it.
    let pair = BASE64_STANDARD.encode(format!("{EMAIL}:{API_KEY}"));
    let mut seen = format!("{}{shown}", daemon.log());
    for child in &children {
        seen += &format!("{child}{}", json!(daemon.attempts(child)));
    }
    seen += &daemon.api().get("/v1/connections").expect(200).text();
    assert!(!seen.contains(API_KEY) && !seen.contains(&pair), "{seen}");
    listed_shown_and_compared(&daemon, &toml);
}

fn listed_shown_and_compared(daemon: &Daemon, toml: &str) {
    let listed = text(&daemon.cli(&["connection", "list"]));
    let row: Vec<_> = listed.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["eddy-api", "yes", "helpdeskeddy-api", "desk"]);
    let shown = text(&daemon.cli(&["connection", "show", "eddy-api"]));
    assert!(shown.contains(r#"{"api_key":"eddy-key","email":"eddy-email"}"#), "{shown}");
    let items = daemon.api().items("/v1/connections");
    let one = daemon.api().get("/v1/connections/eddy-api").expect(200).json();
    assert_eq!(items, std::slice::from_ref(&one));
    assert!(one["id"].as_str().unwrap().starts_with("con_"));
    assert_eq!(one["writes_per_ticket_per_hour"], 60);
    let problem = daemon.api().get("/v1/connections/none").problem(404);
    assert_eq!(problem["detail"], "there is no connection `none`");
    drop(daemon.api().anonymous().get("/v1/connections").problem(401));

    let applied = text(&daemon.try_apply(toml, &SECRETS));
    assert!(applied.contains("Nothing to change."), "{applied}");
    let other = toml.replace(r#"name = "eddy-api""#, "name = \"eddy-api\"\ntimeout_s = 5");
    let applied = text(&daemon.try_apply(&other, &SECRETS));
    let mut lines = applied.lines().skip_while(|line| !line.contains(" connection "));
    assert_eq!(lines.next(), Some("~ update connection eddy-api"), "{applied}");
    assert_eq!(lines.next().map(str::trim), Some("/timeout_s: nothing → 5.0"), "{applied}");
    assert_eq!(daemon.api().items("/v1/connections")[0]["id"], one["id"]);
}

#[test]
fn what_cannot_work_is_refused_with_its_place() {
    let (sms, api) = (Sink::start(), Sink::start());
    let daemon = Daemon::start();
    let toml = eddydesk(&sms, &api, "", &write_back());
    let of_source = "        connection = \"eddy-api\"\n";
    let refused = |toml: &str, words: &[&str]| {
        let output = daemon.try_apply(toml, &SECRETS);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "it was taken, though {words:?}");
        for words in words {
            assert!(error.contains(words), "{words}: {error}");
        }
    };
    let base_url = format!(r#"base_url = "{}""#, api.url(""));
    refused(
        &toml.replace(&base_url, "base_url = \"desk\""),
        &["connection `eddy-api`: settings/base_url"],
    );
    refused(
        &toml.replace(r#", api_key = "eddy-key""#, ""),
        &["connection `eddy-api`: secrets", "`api_key` (API key) is needed"],
    );
    refused(
        &toml.replace("plugin = \"helpdeskeddy-api\"", "plugin = \"sms\""),
        &["connection `eddy-api`: plugin", "`sms` is not installed"],
    );
    let limit = "name = \"eddy-api\"\nwrites_per_ticket_per_hour = 0";
    refused(
        &toml.replace("name = \"eddy-api\"", limit),
        &["connection `eddy-api`: writes_per_ticket_per_hour: it must be between 1 and 10000"],
    );
    refused(
        &toml.replace(of_source, "        connection = \"other\"\n"),
        &["source `desk`: connection: there is no connection `other`"],
    );
    refused(
        &toml.replace(of_source, ""),
        &["subscription `sms`: write_back/0/connection: the source `desk` has no `connection`"],
    );
    let instead = |write_back: &str| toml.replace(&self::write_back(), write_back);
    for (write_back, words) in [
        (r#"{ from = { json = "id" }, field = "a" }"#, "write_back/0/from: `id` is not a JSON"),
        (r#"{ field = "a" }"#, "write_back/0/from: say where the value is"),
        (r#"{ from = { json = "/id" }, field = " " }"#, "write_back/0/field: a field has a name"),
        (r#"{ comment = { text = "{value}" } }"#, "write_back/0/from: say where the value for"),
        (
            r#"{ from = { json = "/id" }, comment = { text = "Sent." } }"#,
            "write_back/0/comment/text: write `{value}` where",
        ),
        (
            r#"{ comment = { text = "Sent." }, connection = "none" }"#,
            "write_back/0/connection: there is no connection `none`",
        ),
        (r#"{ from = { json = "/id" } }"#, "either a `field` or a `comment` is written"),
        (r#"{ from = { xpath = "/id" }, field = "a" }"#, "xpath"),
    ] {
        refused(&instead(&format!("write_back = [{write_back}]")), &[words]);
    }
    assert!(daemon.api().items("/v1/connections").is_empty(), "nothing was changed");

    // What is there needs the connection of its source.
    daemon.apply(&toml, &SECRETS);
    let without = r#"
        [[source]]
        name = "desk"
        plugin = "eddydesk"
        auth = { kind = "token", secret = "desk-token" }
    "#;
    let words = "source `desk`: connection: the subscription `sms` writes back to tickets of this";
    refused(without, &[words]);
    // A connection of the subscription's own is enough.
    let own =
        instead("write_back = [{ comment = { text = \"Sent.\" }, connection = \"eddy-api\" }]");
    daemon.apply(&own.replace(of_source, ""), &SECRETS);
}

/// The helpdesk's API is down, then bans us, then is not to be used: what was sent stays sent, and
/// what is written waits for its turn.
#[test]
fn only_what_is_written_is_tried_again() {
    let sms = Sink::answering(|_| Reply::ok(QUEUED));
    let desk = Arc::new(Desk::default());
    let (tickets, count) = (Arc::clone(&desk), AtomicUsize::new(0));
    // HelpDeskEddy bans who asks too often, with the status of a wrong password.
    let ban = json!({"errors": [{
        "code": "e-401", "title": "Ban",
        "details": "Ban for 20 min. API limit reached (300 request per minute).",
    }]});
    let api = Sink::answering(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        0..4 => Reply::status(503),
        4..6 => tickets.answer(request),
        _ => Reply { status: 401, ..Reply::ok(ban.to_string()) },
    });
    let daemon = Daemon::start();
    let quick = "retry = { attempts = 10, first_wait_s = 0.05, factor = 1 }";
    daemon.apply(&eddydesk(&sms, &api, quick, &write_back()), &SECRETS);
    let parent = daemon.ended(&new_ticket(&daemon, 1), "sms");
    let written = children(&daemon, &parent, 2);
    assert!(written.iter().all(|child| child["state"] == "delivered"), "{written:?}");
    let tries: u64 = written.iter().map(|child| child["attempts"].as_u64().unwrap()).sum();
    assert_eq!((tries, sms.count(), api.count()), (6, 1, 6));
    assert_eq!(*desk.comments.lock().unwrap(), ["SMS queued: 1000472891"]);

    // A try that counted would be the last.
    let once = "retry = { attempts = 1 }";
    daemon.apply(&eddydesk(&sms, &api, once, &write_back()), &SECRETS);
    let event = new_ticket(&daemon, 2);
    let parent = daemon.ended(&event, "sms");
    // One of them is told so, and the other may be told before it tries.
    let banned = waiting(&daemon, &parent);
    let tried: Vec<_> = banned.iter().filter(|child| child["attempts"] == 1).collect();
    assert!(!tried.is_empty(), "{banned:?}");
    for child in &tried {
        let reason = child["reason"].as_str().unwrap();
        assert!(reason.contains("Ban for 20 min."), "{reason}");
        let attempt = daemon.attempts(child).remove(0);
        assert_eq!(attempt["result"]["asked"], json!({"secs": 1_200, "nanos": 0}));
    }
    let first = daemon.attempts(tried[0]).remove(0);
    let time = |value: &Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    for child in &banned {
        let wait = time(&child["next_attempt_at"]).duration_since(time(&first["started_at"]));
        assert!(wait.as_secs() >= 1_190, "{wait:?}");
    }
    let parent = daemon.ended(&event, "sms");
    assert_eq!((&parent["state"], &parent["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!(sms.count(), 2);

    let before = api.count();
    daemon.apply(&eddydesk(&sms, &api, "enabled = false", &write_back()), &SECRETS);
    let parent = daemon.ended(&new_ticket(&daemon, 3), "sms");
    for child in waiting(&daemon, &parent) {
        assert_eq!(child["reason"], "the connection `eddy-api` is disabled");
    }
    assert_eq!(api.count(), before);
}

/// Both children, when they wait and say why.
fn waiting(daemon: &Daemon, parent: &Value) -> Vec<Value> {
    until("both to wait", || {
        let all = shown(daemon, parent);
        let waits = |child: &Value| child["state"] == "pending" && child["reason"].is_string();
        (all.len() == 2 && all.iter().all(waits)).then_some(all)
    })
}

/// A rule of the helpdesk that fires on our own comment: each comment causes the next.
#[test]
fn a_loop_through_the_helpdesk_is_stopped() {
    let sms = Sink::answering(|_| Reply::ok(QUEUED));
    let desk = Arc::new(Desk::default());
    let webhook: Arc<OnceLock<Api>> = Arc::default();
    let (tickets, rule) = (Arc::clone(&desk), Arc::clone(&webhook));
    let api = Sink::answering(move |request| {
        let reply = tickets.answer(request);
        let number = tickets.comments.lock().unwrap().len();
        let api = rule.get().unwrap().clone();
        let post = json!({"event": "Новая заявка", "ticket_id": "1234", "number": number});
        std::thread::spawn(move || {
            let kind = [("Content-Type", "application/json")];
            drop(api.post("/in/desk/desk-url-token", &kind, post.to_string().as_bytes()));
        });
        reply
    });
    let daemon = Daemon::start();
    webhook.set(daemon.api().anonymous()).ok().unwrap();
    let comment =
        format!(r#"write_back = [{{ {SMS_ID}, comment = {{ text = "SMS queued: {{value}}" }} }}]"#);
    let brake = "writes_per_ticket_per_hour = 3";
    daemon.apply(&eddydesk(&sms, &api, brake, &comment), &SECRETS);
    drop(new_ticket(&daemon, 1));
    let stopped = until("the loop to end", || daemon.deliveries("state=failed").pop());
    let reason = stopped["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the ticket 1234 was written to 3 times within an hour"),
        "{reason}"
    );
    assert!(!stopped["parent"].is_null());
    // It is at rest: four times an SMS, three times a comment.
    until("the rest to be noted", || {
        let delivered = daemon.deliveries("state=delivered").len();
        (delivered == 7).then_some(())
    });
    let all = daemon.deliveries("").len();
    assert_eq!((sms.count(), desk.comments.lock().unwrap().len(), all), (4, 3, 8));
}

#[test]
fn the_answer_decides_what_is_written() {
    let scheduled = QUEUED.replace("<sms_id>1000472891</sms_id>", "");
    let error = "<reply><result>ERROR</result><code>415</code>\
                 <description>not enough funds</description></reply>";
    let count = AtomicUsize::new(0);
    let sms = Sink::answering(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::ok(scheduled.clone()),
        _ => Reply::ok(error),
    });
    let desk = Arc::new(Desk::default());
    let tickets = Arc::clone(&desk);
    let api = Sink::answering(move |request| tickets.answer(request));
    let daemon = Daemon::start();
    let parent = |number: usize, write_back: &str| {
        daemon.apply(&eddydesk(&sms, &api, "", write_back), &SECRETS);
        daemon.ended(&new_ticket(&daemon, number), "sms")
    };

    // What is not in it is not written, and the journal says so.
    let delivered = parent(1, &write_back());
    assert_eq!((&delivered["state"], &delivered["children"]), (&json!("delivered"), &json!([])));
    let why = "was not written: reply/message_infos/message_info/sms_id is not in the answer";
    let notes = [format!("the field `custom_field_12` {why}"), format!("the comment {why}")];
    assert_eq!(daemon.attempts(&delivered)[0]["notes"], json!(notes));
    let shown = text(&daemon.cli(&["delivery", "show", delivered["id"].as_str().unwrap()]));
    assert!(shown.contains(&format!("  note: the field `custom_field_12` {why}")), "{shown}");
    assert_eq!(api.count(), 0);

    // A failure can be told.
    let why = r#"from = { xml = "reply/description" }"#;
    let told = format!(
        r#"write_back = [
            {{ {why}, when = "failed", comment = {{ text = "No SMS: {{value}}" }} }},
            {{ {why}, when = "answered", field = "custom_field_13" }},
            {{ {why}, comment = {{ text = "SMS: {{value}}" }} }},
        ]"#
    );
    let failed = parent(2, &told);
    assert_eq!(failed["state"], "failed");
    children(&daemon, &failed, 2);
    assert_eq!(*desk.comments.lock().unwrap(), ["No SMS: not enough funds"]);
    assert_eq!(desk.fields.lock().unwrap().get("13"), Some(&json!("not enough funds")));
}

/// What plugins ask for when they read an answer, and that it ends there.
#[test]
fn plugins_can_ask_for_it_and_not_for_more() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/event" => Reply::ok("taken"),
        _ => Reply::ok("written"),
    });
    let daemon = Daemon::start();
    let toml = format!(
        r#"
        [[plugin]]
        file = "target/plugins/misbehave.wasm"
        [[plugin]]
        file = "target/plugins/source-eddydesk.wasm"

        [[connection]]
        name = "desk-api"
        plugin = "misbehave"
        settings = {{ url = "{api}" }}

        [[source]]
        name = "tests"
        plugin = "eddydesk"
        auth = {{ kind = "none" }}
        {connection}

        [[subscription]]
        name = "asks"
        events = ["test.asks"]
        plugin = "misbehave"
        settings = {{ url = "{event}" }}
        "#,
        api = sink.url("/api"),
        event = sink.url("/event"),
        connection = "connection = \"desk-api\"",
    );
    daemon.apply(&toml, &[]);
    // The connection's plugin asks for more each time; nobody listens.
    let data = json!({"judge": "follow-ups", "ticket": {"id": "81", "judge": "follow-ups"}});
    let event = daemon.send("test.asks", &data);
    let parent = daemon.ended(&event, "asks");
    let children = children(&daemon, &parent, 3);
    let of_event: Vec<_> = daemon.deliveries(&format!("event={event}"));
    assert_eq!(of_event.len(), 4, "follow-ups of a follow-up are ignored");
    assert!(children.iter().all(|child| child["state"] == "delivered"), "{children:?}");
    let bodies: Vec<Value> = sink.at("/api").iter().map(Request::json).collect();
    let ticket = &data["ticket"];
    let field = json!({"ticket": ticket, "field": {"name": "state", "value": {"is": [1, null]}}});
    let comment = json!({"ticket": ticket, "comment": {"text": "taken", "visibility": "public"}});
    assert!(
        bodies.len() == 2 && bodies.contains(&field) && bodies.contains(&comment),
        "{bodies:?}"
    );
    assert_eq!(children[0]["connection"], "desk-api");
    // A request of the plugin's own goes its own way.
    assert!(children[2]["connection"].is_null());
    let sent = sink.at("/event");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1].text(), "sent because of the answer");

    // Without a connection there is nowhere to write to.
    daemon.apply(&toml.replace("connection = \"desk-api\"", ""), &[]);
    let parent = daemon.ended(&daemon.send("test.asks", &data), "asks");
    assert_eq!(parent["state"], "delivered");
    let failed = self::children(&daemon, &parent, 3);
    assert_eq!(failed[0]["state"], "failed");
    assert_eq!(failed[0]["reason"], "the source `tests` has no connection to write back through");
    // When it has one again, an admin can have it written.
    daemon.apply(&toml, &[]);
    let id = failed[0]["id"].as_str().unwrap();
    assert!(daemon.cli(&["delivery", "retry", id]).status.success());
    let written = until("it to be written", || {
        let child = shown(&daemon, &parent).remove(0);
        (child["state"] == "delivered").then_some(child)
    });
    assert_eq!(written["connection"], "desk-api");
}

/// The answer and what it causes are noted together: `kill -9` comes between them in vain.
#[test]
fn what_an_answer_causes_is_not_lost_in_a_crash() {
    let sms = Sink::answering(|_| Reply::ok(QUEUED).after(Duration::from_millis(3)));
    let desk = Arc::new(Desk::default());
    let tickets = Arc::clone(&desk);
    let api =
        Sink::answering(move |request| tickets.answer(request).after(Duration::from_millis(5)));
    let mut daemon = Daemon::start();
    let often = "pace = []\nwrites_per_ticket_per_hour = 10000";
    let quick = format!("pace = []\n{}", write_back());
    daemon.apply(&eddydesk(&sms, &api, often, &quick), &SECRETS);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut events = Vec::new();
    for round in 0..6 {
        let before = sms.count();
        events.extend((0..20).map(|number| new_ticket(&daemon, round * 100 + number)));
        until("some answers", || (sms.count() > before).then_some(()));
        std::thread::sleep(Duration::from_millis(random.u64(0..120)));
        daemon = daemon.kill_and_restart();
    }
    for event in &events {
        let parent = daemon.ended(event, "sms");
        assert_eq!(parent["state"], "delivered", "seed {seed}");
        let children = children(&daemon, &parent, 2);
        // One for each thing that is written, however often its parent was sent.
        assert_eq!(children.len(), 2, "seed {seed}");
        assert!(children.iter().all(|child| child["state"] == "delivered"), "seed {seed}");
    }
    assert!(desk.comments.lock().unwrap().len() >= events.len());
}
