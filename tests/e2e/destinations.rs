//! Every destination gets the documents' events, and sends something that stands as it should.

use hookwright_tests::{Daemon, Reply, Seed, Sink};
use serde_json::{Value, json};

/// A destination, its settings and its secrets, in TOML.
pub(crate) const DESTINATIONS: [(&str, &str, &str); 11] = [
    ("slack", "{}", r#"{ webhook_url = "slack" }"#),
    ("mattermost", "{}", r#"{ webhook_url = "mattermost" }"#),
    ("rocket-chat", "{}", r#"{ webhook_url = "rocket-chat" }"#),
    ("ms-teams", "{}", r#"{ webhook_url = "ms-teams" }"#),
    ("ntfy", r#"{ server_url = "SINK", topic = "desk" }"#, "{}"),
    ("standard-webhooks", r#"{ url = "SINK/standard-webhooks" }"#, "{}"),
    ("cloudevents", r#"{ url = "SINK/cloudevents" }"#, "{}"),
    ("zenlix", r#"{ url = "SINK/zenlix" }"#, "{}"),
    ("helpdeskeddy-channel", r#"{ url = "SINK/helpdeskeddy-channel" }"#, "{}"),
    ("r-service", r#"{ uri = "SINK/r-service", webhook_id = 945 }"#, "{}"),
    (
        "template",
        r#"{ url = "SINK/template?id={ticket_id}", body = { title = "{ticket_name}" } }"#,
        "{}",
    ),
];

/// Those that have no name for what is only `ticket.other`.
const WITHOUT_OTHER: [&str; 2] = ["helpdeskeddy-channel", "r-service"];

/// A daemon with the document's helpdesks as sources and a subscription for each of them.
pub(crate) fn desk(sink: &Sink) -> Daemon {
    let url = sink.url("");
    let mut toml = String::from("[[secret]]\nname = \"token\"\nenv = \"TOKEN\"\n");
    for source in ["zammad", "zenlix"] {
        toml += &format!(
            "[[plugin]]\nfile = \"target/plugins/source-{source}.wasm\"\n\
             [[source]]\nname = \"{source}\"\nplugin = \"{source}\"\n\
             auth = {{ kind = \"token\", secret = \"token\" }}\n"
        );
    }
    let mut secrets = vec![("TOKEN".to_owned(), "url-token".to_owned())];
    for (name, settings, slots) in DESTINATIONS {
        let variable = name.to_uppercase().replace('-', "_");
        toml += &format!(
            "[[secret]]\nname = \"{name}\"\nenv = \"{variable}\"\n\
             [[plugin]]\nfile = \"target/plugins/destination-{name}.wasm\"\n\
             [[subscription]]\nname = \"{name}\"\nevents = [\"*\"]\nplugin = \"{name}\"\n\
             settings = {}\nsecrets = {slots}\n",
            settings.replace("SINK", &url)
        );
        secrets.push((variable, format!("{url}/{name}/T0/secret-{name}")));
    }
    let daemon = Daemon::start();
    let secrets: Vec<_> = secrets.iter().map(|(name, value)| (&**name, &**value)).collect();
    daemon.apply(&toml, &secrets);
    daemon
}

/// As each of the services answers.
pub(crate) fn services() -> Sink {
    Sink::answering(|request| match request.path.split('/').nth(1).unwrap_or_default() {
        // ntfy takes messages at its root.
        "" => Reply::ok(r#"{"id":"hwQ2YpKdmg","time":1635528741,"event":"message"}"#),
        "ms-teams" => Reply::status(202),
        "rocket-chat" => Reply::ok(r#"{"success":true}"#),
        _ => Reply::ok("ok"),
    })
}

#[test]
fn every_destination_gets_the_documents_events() {
    let sink = services();
    let daemon = desk(&sink);
    let ticket = json!({
        "ticket": { "id": "81", "number": "67081", "title": "<!channel> @all *bold* \"q\" & 🔥" },
        "comment": { "visibility": "public", "text": "line\n</text>\u{202e}x" },
        "origin": { "kind": "tests" },
    });
    let post = |source: &str, seed: &Seed| {
        let path = format!("/in/{source}/url-token");
        let answer = daemon.api().anonymous().post(&path, &seed.headers(), &seed.body);
        answer.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned()
    };
    let events = [
        post("zammad", &Seed::zammad()),
        post("zenlix", &Seed::zenlix()),
        daemon.send("ticket.commented", &ticket),
    ];
    for event in &events {
        for (name, _, _) in DESTINATIONS {
            let delivery = daemon.ended(event, name);
            if WITHOUT_OTHER.contains(&name) && delivery["event_type"] == "ticket.other" {
                assert_eq!(delivery["state"], "skipped", "{delivery}");
                continue;
            }
            assert_eq!(delivery["state"], "delivered", "{name}: {delivery}");
            // The address of a chat's webhook is a secret.
            let attempts = json!(daemon.attempts(&delivery)).to_string();
            assert!(!attempts.contains(&format!("secret-{name}")), "{name}: {attempts}");
        }
    }
    let to = |name: &str| -> Vec<_> {
        let starts = format!("/{name}");
        let is_its = |path: &str| path == "/" && name == "ntfy" || path.starts_with(&starts);
        sink.requests().into_iter().filter(|request| is_its(&request.path)).collect()
    };
    for (name, _, _) in DESTINATIONS {
        let all = to(name);
        let skipped = usize::from(WITHOUT_OTHER.contains(&name));
        assert_eq!(all.len(), events.len() - skipped, "{name}");
        for request in all {
            assert!(request.json().is_object(), "{name}: {}", request.text());
        }
    }
    // What the ticket says is in its place and nowhere else.
    let title = ticket["ticket"]["title"].as_str().unwrap();
    let last = |name: &str| {
        let mut bodies = to(name).into_iter().map(|request| request.json());
        bodies.find(|body| body.to_string().contains("bold")).unwrap_or_default()
    };
    assert_eq!(last("standard-webhooks")["data"]["ticket"]["title"], title);
    assert_eq!(last("cloudevents")["data"]["ticket"]["title"], title);
    assert_eq!(last("zenlix")["ticket"]["subject"], title);
    let zenlix = to("zenlix").into_iter().find(|request| request.body == Seed::zenlix().body);
    assert!(zenlix.is_some(), "what came from Zenlix is passed on as it came");
    let noted = to("r-service").into_iter().map(|request| request.json());
    let noted: Vec<_> = noted.filter(|body| body["event"] == "request.note-added").collect();
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!((&noted[0]["webhook_id"], &noted[0]["object_id"]), (&json!(945), &json!(81)));
    assert!(!noted[0].to_string().contains("bold"), "its webhooks carry no texts");
    assert!(!last("slack").to_string().contains("<!channel>"));
    let template = sink.at("/template?id=81");
    assert!(template.iter().any(|request| request.json() == json!({ "title": title })));
    for chat in ["mattermost", "rocket-chat", "ms-teams"] {
        assert_ne!(last(chat), Value::Null, "{chat}");
    }
}

#[test]
fn a_childs_answer_becomes_a_comment_on_its_parent() {
    let sink = Sink::answering(|_| Reply::ok(r#"{"data":{"id":9002,"ticket_id":1200}}"#));
    let toml = format!(
        "[[secret]]\nname = \"email\"\nenv = \"EMAIL\"\n\
         [[secret]]\nname = \"key\"\nenv = \"KEY\"\n\
         [[plugin]]\nfile = \"target/plugins/destination-parent-comment.wasm\"\n\
         [[subscription]]\nname = \"parent\"\nevents = [\"ticket.*\"]\n\
         plugin = \"parent-comment\"\nsettings = {{ base_url = \"{}\" }}\n\
         secrets = {{ email = \"email\", api_key = \"key\" }}\n",
        sink.url("")
    );
    let daemon = Daemon::start();
    daemon.apply(&toml, &[("EMAIL", "olena@example.com"), ("KEY", "a32858b4")]);
    let child = |parent: &str| {
        json!({
            "ticket": { "id": "1234", "fields": { "parent_ticket_id": parent } },
            "comment": { "text": "a & b=c\n+%00" },
            "origin": { "kind": "tests" },
        })
    };
    let ended =
        |parent: &str| daemon.ended(&daemon.send("ticket.replied", &child(parent)), "parent");
    let delivered = ended("1200");
    assert_eq!(delivered["state"], "delivered", "{delivered}");
    assert_eq!(ended("")["state"], "skipped");
    assert_eq!(ended("../users")["state"], "failed");
    let requests = sink.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/api/v2/tickets/1200/comments/");
    let form: Vec<_> = form_urlencoded::parse(&requests[0].body).into_owned().collect();
    assert_eq!(form, [("text".to_owned(), "#1234\n\na & b=c\n+%00".to_owned())]);
    let basic = "Basic b2xlbmFAZXhhbXBsZS5jb206YTMyODU4YjQ=";
    assert_eq!(requests[0].header("authorization").as_deref(), Some(basic));

    // A test shows that the key is taken, and writes to no ticket.
    let output = daemon.cli(&["subscription", "test", "parent", "--wait"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.contains("delivered  200"), "{table}");
    let asked = sink.requests().remove(1);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/api/v2/departments/"));
    assert_eq!(asked.header("authorization").as_deref(), Some(basic));
    assert!(asked.body.is_empty());

    let attempts = json!(daemon.attempts(&delivered)).to_string();
    assert!(!attempts.contains("a32858b4") && !attempts.contains(basic), "{attempts}");
}
