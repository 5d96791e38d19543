//! Subscriptions and connections, made and changed with their forms.

use std::collections::BTreeMap;

use hookwright_tests::{Browser, Daemon, Page, Reply, Sink, until};
use serde_json::{Value, json};

use super::frame::check;

/// The shipped destinations, and what their forms need at least.
const NEEDED: [(&str, &[(&str, &str)]); 18] = [
    ("cloudevents", &[("/settings/url", "https://example.com/in")]),
    (
        "helpdeskeddy-api",
        &[
            ("/settings/base_url", "https://desk.example.com"),
            ("/secrets/email.new", "agent@example.com"),
            ("/secrets/api_key.new", "key-of-the-agent"),
        ],
    ),
    ("helpdeskeddy-channel", &[("/settings/url", "https://example.com/hde")]),
    ("mattermost", &[("/secrets/*", "https://chat.example.com/hooks/x")]),
    ("ms-teams", &[("/secrets/*", "https://teams.example.com/hooks/x")]),
    ("ntfy", &[("/settings/topic", "helpdesk-x7Gd2")]),
    (
        "parent-comment",
        &[
            ("/settings/base_url", "https://desk.example.com"),
            ("/secrets/email.new", "agent@example.com"),
            ("/secrets/api_key.new", "key-of-the-agent"),
        ],
    ),
    ("r-service", &[("/settings/uri", "https://example.com/in")]),
    ("rocket-chat", &[("/secrets/*", "https://chat.example.com/hooks/x")]),
    ("slack", &[("/secrets/*", "https://hooks.example.com/services/x")]),
    (
        "sms-traffic",
        &[
            ("/settings/phones", "+7 905 111-22-33"),
            ("/secrets/login.new", "sms-user-7Gd2"),
            ("/secrets/password.new", "sms-pass-7Gd2"),
        ],
    ),
    ("standard-webhooks", &[("/settings/url", "https://example.com/in")]),
    ("telegram", &[("/settings/chat_id", "@support"), ("/secrets/token.new", "123:abc-def")]),
    ("template", &[("/settings/url", "https://example.com/in")]),
    ("xurrent-api", &[("/settings/account", "widget"), ("/secrets/token.new", "token-of-widget")]),
    ("zammad", &[("/settings/url", "https://example.com/in")]),
    (
        "zammad-api",
        &[("/settings/base_url", "https://example.com"), ("/secrets/token.new", "token-of-it")],
    ),
    ("zenlix", &[("/settings/url", "https://example.com/in")]),
];

/// Installs the shipped destinations of these names.
pub(super) fn install(daemon: &Daemon, names: &[&str]) {
    for name in names {
        let file = format!("[[plugin]]\nfile = \"target/plugins/destination-{name}.wasm\"\n");
        daemon.apply(&file, &[]);
    }
}

/// All fields of the page's main form, as a browser would send them.
pub(super) fn form(page: &Page) -> Vec<(String, String)> {
    let html = &page.html;
    let start = html.find("<form method=\"post\" action=\"/console/").unwrap();
    let mut found = Vec::new();
    // The form of the page, not those of its frame.
    let main = html.split("<main").nth(1).unwrap();
    let main = main.split("</main>").next().unwrap();
    assert!(start < html.len());
    for part in main.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { continue };
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(unescaped(rest.split('"').next()?))
        };
        let has = |name: &str| tag.split(' ').any(|one| one == name);
        let is = |name: &str| tag.split([' ', '\n']).next() == Some(name);
        let name = attribute("name");
        if is("input") {
            let Some(name) = name else { continue };
            let kind = attribute("type").unwrap_or_default();
            if matches!(kind.as_str(), "checkbox" | "radio") && !has("checked") {
                continue;
            }
            found.push((name, attribute("value").unwrap_or_default()));
        } else if is("textarea") {
            let text = text.strip_prefix('\n').unwrap_or(text);
            found.push((name.unwrap(), unescaped(text).replace('\n', "\r\n")));
        } else if is("select") {
            found.push((name.unwrap(), "\0".into()));
        } else if is("option") {
            let last = found.last_mut().unwrap();
            if last.1 == "\0" || has("selected") {
                last.1 = attribute("value").unwrap();
            }
        }
    }
    found
}

fn unescaped(text: &str) -> String {
    let references =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`")];
    let text = references.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

/// A form with other values in these fields.
pub(super) fn with(
    mut form: Vec<(String, String)>,
    changes: &[(&str, &str)],
) -> Vec<(String, String)> {
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

fn without(mut form: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    form.retain(|(known, there)| known != name || there != value);
    form
}

pub(super) fn post(browser: &Browser, path: &str, form: &[(String, String)]) -> Page {
    let fields: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send(path, &fields, &[("sec-fetch-site", "same-origin")])
}

pub(super) fn new(plugin: &str) -> String {
    format!("/console/subscriptions/new?plugin={plugin}")
}

fn shown(daemon: &Daemon, name: &str) -> Value {
    daemon.api().get(&format!("/v1/subscriptions/{name}")).expect(200).json()
}

#[test]
fn every_shipped_destination_is_set_up_with_what_it_needs() {
    let daemon = Daemon::start();
    let names: Vec<_> = NEEDED.iter().map(|(name, _)| *name).collect();
    install(&daemon, &names);
    let browser = Browser::logged_in(&daemon, "admin");
    let choose = browser.get("/console/subscriptions/new").expect(200);
    check("new", &choose);
    for name in &names {
        assert!(choose.html.contains(&format!("plugin={name}\"")), "{name}");
    }
    for (plugin, needed) in NEEDED {
        let page = browser.get(&new(plugin)).expect(200);
        check(plugin, &page);
        let mut fields = with(form(&page), &[("/name", plugin)]);
        for (name, value) in needed {
            let names: Vec<String> = match *name {
                // Those that are marked as needed.
                "/secrets/*" => fields
                    .iter()
                    .filter(|(name, _)| name.starts_with("/secrets/") && name.ends_with(".new"))
                    .map(|(name, _)| name.clone())
                    .collect(),
                name => vec![name.to_owned()],
            };
            for name in names {
                fields = with(fields, &[(name.as_str(), value)]);
            }
        }
        let saved = post(&browser, &new(plugin), &fields);
        assert_eq!(saved.status, 303, "{plugin}: {}", saved.text());
        let one = browser.follow(saved.location());
        check(plugin, &one.clone().expect(200));
        for (_, value) in needed.iter().filter(|(name, _)| name.starts_with("/secrets/")) {
            assert!(!one.html.contains(value), "{plugin}: a secret is shown");
        }
        // Its form sent back as it is changes nothing.
        let before = shown(&daemon, plugin);
        let path = format!("/console/subscriptions/{plugin}/edit");
        let page = browser.get(&path).expect(200);
        check(&path, &page);
        let again = post(&browser, &path, &form(&page));
        assert_eq!(again.status, 303, "{plugin}: {}", again.text());
        assert_eq!(shown(&daemon, plugin)["updated_at"], before["updated_at"], "{plugin}");
    }
}

#[test]
fn every_field_is_edited_and_read_back() {
    let daemon = Daemon::start();
    install(&daemon, &["template"]);
    daemon.apply(
        "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n",
        &[("KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    );
    let wanted = json!({
        "name": "all", "description": "What it is for.\nIn two lines.", "enabled": false,
        "sources": [], "events": ["ticket.created", "ticket.*", "*"], "groups": ["Sales", "IT"],
        "condition": "event.ticket.priority == 'high'", "plugin": "template",
        "settings": {
            "method": "PUT", "url": "https://example.com/{ticket_id}",
            "headers": {"X-A": "1", "X-B": ""}, "format": "json", "body": {"a": ["{ticket_id}"]},
            "syntax": "eddydesk", "auth": {"kind": "header", "name": "X-Key"},
        },
        "secrets": {"header_value": "key"},
        "signing": [{"scheme": "standard-webhooks", "secret": "key"}],
        "preset": "zammad", "retry": {"waits_s": [1.0, 2.5]}, "retry_unknown": false,
        "auth": {"scheme": "bearer", "secret": "key"},
        "proxy": {"url": "http://proxy.example.com:3128"},
        "timeout_s": 7.5, "pace": [{"count": 1, "per_s": 2.0}], "max_concurrent": 3,
        "reserve_hosts": ["b.example.com"], "time_zone": "Europe/Kyiv", "order": "per_ticket",
        "after_failure": "wait", "disable_on_failure": false,
        "answers": [{"status": 409, "verdict": "delivered"}],
        "mail_exceptions_to": ["a@example.com"],
    });
    let made = daemon.api().post_json("/v1/subscriptions", &wanted);
    assert_eq!(made.status, 201, "{}", made.text());
    let before = shown(&daemon, "all");
    let browser = Browser::logged_in(&daemon, "admin");
    let path = "/console/subscriptions/all/edit";
    let page = browser.get(path).expect(200);
    check(path, &page);
    assert_eq!(post(&browser, path, &form(&page)).status, 303);
    assert_eq!(shown(&daemon, "all"), before, "what is not changed stays");

    let changes = [
        ("/description", "Another"),
        ("/enabled", "true"),
        ("/groups", "Support\r\n"),
        ("/condition", "event.ticket.priority == 'low'"),
        ("/settings/method", "\"POST\""),
        ("/settings/auth.of", "2"),
        ("/settings/body", "plain"),
        ("/settings/body.as", "text"),
        ("/settings/format", "\"text\""),
        ("/signing.of", "0"),
        ("/signing.0/secret", "key"),
        ("/signing.0/digest", "\"sha512\""),
        ("/auth.of", ""),
        ("/preset", ""),
        ("/retry.of", "2"),
        ("/retry.2/every_s", "5"),
        ("/retry.2/for_s", "60"),
        ("/retry_unknown", "true"),
        ("/timeout_s", "9"),
        ("/max_concurrent", ""),
        ("/reserve_hosts", ""),
        ("/reserve_hosts.set", "1"),
        ("/time_zone", "UTC"),
        ("/order", "\"strict\""),
        ("/after_failure", "\"skip\""),
        ("/disable_on_failure", "true"),
        ("/pace", "[{\"count\": 2, \"per_s\": 1}]"),
        ("/answers", ""),
        ("/proxy/url", ""),
        ("/mail_exceptions_to", "b@example.com\r\nc@example.com"),
        ("/events.more", "request.*"),
        ("/secrets/header_value", ""),
        ("/secrets/token", "key"),
    ];
    let fields = with(form(&browser.get(path)), &changes);
    let saved = post(&browser, path, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text());
    let after = shown(&daemon, "all");
    for (pointer, expected) in [
        ("/description", json!("Another")),
        ("/enabled", json!(true)),
        ("/groups", json!(["Support"])),
        ("/events", json!(["ticket.created", "request.*"])),
        ("/settings/method", json!("POST")),
        ("/settings/auth", json!({"kind": "bearer"})),
        ("/settings/body", json!("plain")),
        ("/settings/headers", json!({"X-A": "1", "X-B": ""})),
        ("/signing", json!([{"scheme": "hub-signature", "secret": "key", "digest": "sha512"}])),
        ("/preset", Value::Null),
        ("/retry", json!({"every_s": 5.0, "for_s": 60.0})),
        ("/retry_unknown", json!(true)),
        ("/timeout_s", json!(9.0)),
        ("/reserve_hosts", json!([])),
        ("/time_zone", json!("UTC")),
        ("/order", json!("strict")),
        ("/disable_on_failure", json!(true)),
        ("/answers", json!([])),
        ("/mail_exceptions_to", json!(["b@example.com", "c@example.com"])),
        ("/secrets", json!({"token": "key"})),
    ] {
        assert_eq!(after.pointer(pointer), Some(&expected), "{pointer}");
    }
    for gone in ["/auth", "/max_concurrent", "/proxy", "/after_failure"] {
        assert_eq!(after.pointer(gone), None, "{gone}");
    }
    assert_eq!(after.pointer("/pace/0/count"), Some(&json!(2)));
}

#[test]
fn mistakes_stand_beside_their_fields_and_what_was_entered_stays() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy", "template"]);
    let browser = Browser::logged_in(&daemon, "admin");
    let fields = with(
        form(&browser.get(&new("ntfy"))),
        &[
            ("/name", "pager"),
            ("/settings/topic", "not a <topic>"),
            ("/settings/priority", "many"),
            ("/condition", "event.ticket.prio == 'x'"),
            ("/pace", "[{"),
            ("/secrets/token.new", "never shown again"),
        ],
    );
    // What cannot be read at all is told first.
    let page = post(&browser, &new("ntfy"), &fields).expect(422);
    check("mistakes", &page);
    assert!(page.text().contains("this is not JSON"), "{}", page.text());
    let page = post(&browser, &new("ntfy"), &with(fields, &[("/pace", "")])).expect(422);
    check("mistakes", &page);
    assert!(!page.html.contains("never shown again"));
    let text = page.text();
    for words in ["line 1, column 14", "/settings/topic", "is not of type \"integer\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(page.field("/settings/topic").as_deref(), Some("not a <topic>"));
    assert_eq!(page.field("/name").as_deref(), Some("pager"));
    let invalid = page.html.split("name=\"/settings/topic\"").nth(1).unwrap();
    assert!(invalid.split('>').next().unwrap().contains("aria-invalid=\"true\""), "{invalid}");
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);
}

#[test]
fn who_may_only_read_gets_no_buttons() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let reader = Browser::logged_in(&daemon, "reader");
    for path in ["/console/subscriptions", "/console/subscriptions/pager", "/console/connections"] {
        let page = reader.get(path).expect(200);
        check(path, &page);
        for word in ["/edit", "/test\"", "/disable\"", "/remove", "/new\""] {
            assert!(!page.html.contains(word), "{path}: {word}");
        }
    }
    for path in ["edit", "remove", "dry-run", "update"] {
        assert_eq!(
            reader.get(&format!("/console/subscriptions/pager/{path}")).status,
            403,
            "{path}"
        );
    }
    for path in ["edit", "remove", "disable", "test", "verify", "update"] {
        let path = format!("/console/subscriptions/pager/{path}");
        assert_eq!(reader.post(&path, &[]).status, 403, "{path}");
    }
    let operator = Browser::logged_in(&daemon, "operator");
    assert_eq!(operator.post("/console/subscriptions/pager/edit", &[]).status, 403);
    let off = operator.post("/console/subscriptions/pager/disable", &[]).expect(303);
    assert_eq!(off.location(), "/console/subscriptions/pager");
    assert_eq!(shown(&daemon, "pager")["enabled"], false);
    let own = [("sec-fetch-site", "same-origin")];
    let path = "/console/subscriptions/pager/enable";
    assert_eq!(operator.send(path, &[], &own).status, 403, "no token");
    assert_eq!(shown(&daemon, "pager")["enabled"], false);
    drop(operator.post(path, &[]).expect(303));
    assert_eq!(shown(&daemon, "pager")["enabled"], true);
}

#[test]
fn two_admins_do_not_overwrite_each_other() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "admin");
    let path = "/console/subscriptions/pager/edit";
    let (mine, theirs) = (form(&browser.get(path)), form(&browser.get(path)));
    assert_eq!(post(&browser, path, &with(mine, &[("/settings/topic", "first")])).status, 303);
    let late = post(&browser, path, &with(theirs, &[("/settings/topic", "second")])).expect(412);
    check("conflict", &late);
    assert!(late.text().contains("Somebody else has changed this"), "{}", late.text());
    assert_eq!(late.field("/settings/topic").as_deref(), Some("second"));
    assert_eq!(shown(&daemon, "pager")["settings"]["topic"], "first");
}

fn event(daemon: &Daemon) -> String {
    let data = json!({
        "ticket": {"id": "81", "number": "1081", "title": "Drucker <brennt>", "state": "open",
                   "url": "https://desk.example.com/81"},
        "origin": {"kind": "tests", "event": "created"},
    });
    daemon.send("ticket.created", &data)
}

#[test]
fn a_dry_run_shows_what_is_then_delivered() {
    let sink = Sink::answering(|_| Reply::ok("{}"));
    let daemon = Daemon::start();
    install(&daemon, &["template"]);
    let key = "a-key-that-nobody-sees";
    daemon.apply("[[secret]]\nname = \"key\"\nenv = \"KEY\"\n", &[("KEY", key)]);
    let one = json!({
        "name": "out", "events": ["ticket.*"], "plugin": "template",
        "settings": {"url": sink.url("/in?k={secret:token}"),
                     "body": {"t": "{ticket_name}"}, "headers": {"X-Id": "{ticket_id}"}},
        "secrets": {"token": "key"},
        "signing": [{"scheme": "hub-signature", "secret": "key", "digest": "sha256"}],
    });
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "operator");
    let none = browser.get("/console/subscriptions/out/dry-run").expect(200);
    assert!(none.text().contains("no event yet"), "{}", none.text());
    let other = daemon.send("report.created", &json!({"origin": {"kind": "tests"}}));
    assert!(sink.requests().is_empty());
    let asked = json!({"event": other});
    let run = daemon.api().post_json("/v1/subscriptions/out/dry-run", &asked).expect(200).json();
    assert_eq!(
        (&run["routing"]["taken"], &run["routing"]["reason"]),
        (&json!(false), &json!("type"))
    );

    let event = event(&daemon);
    let delivered = daemon.ended(&event, "out");
    assert_eq!(delivered["state"], "delivered", "{delivered}");
    let received = sink.requests();
    let [received] = received.as_slice() else { panic!("{received:?}") };
    let asked = json!({"event": event});
    let answer = daemon.api().post_json("/v1/subscriptions/out/dry-run", &asked).expect(200);
    assert!(!answer.text().contains(key), "{}", answer.text());
    let run = answer.json();
    assert_eq!((&run["outcome"], &run["routing"]["taken"]), (&json!("sends"), &json!(true)));
    let request = &run["requests"][0];
    assert_eq!(request["method"], received.method);
    let url = request["url"].as_str().unwrap().replace("{secret:key}", key);
    assert_eq!(url, sink.url(&received.path));
    assert_eq!(request["body"].as_str().unwrap(), received.text());
    assert_eq!(request["signature_headers"], json!(["x-hub-signature-256"]));
    for header in request["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        let there = received.header(&name.to_lowercase()).unwrap_or_default();
        if name.eq_ignore_ascii_case("x-hub-signature-256") {
            assert_eq!(value, "{signature}");
            assert!(there.starts_with("sha256="), "{there}");
        } else {
            assert_eq!(value, there, "{name}");
        }
    }
    assert!(run["call"]["fuel"].as_u64().unwrap() > 0, "{run}");
    // The page says the same, and nothing more has been sent.
    let page =
        browser.get(&format!("/console/subscriptions/out/dry-run?event={event}")).expect(200);
    check("dry-run", &page);
    for words in ["/in?k={secret:key}", "x-hub-signature-256", "Drucker <brennt>"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.html.contains(key));
    // Before it is saved.
    let mut changed = one;
    changed["settings"]["body"] = json!("changed {ticket_id}");
    changed["settings"]["format"] = json!("text");
    let asked = json!({"subscription": changed, "event": event});
    let run = daemon.api().post_json("/v1/dry-run", &asked).expect(200).json();
    assert_eq!(run["requests"][0]["body"], "changed 81");
    changed["settings"]["method"] = json!("BREW");
    let asked = json!({"subscription": changed, "event": event});
    let wrong = daemon.api().post_json("/v1/dry-run", &asked).problem(422);
    assert_eq!(wrong["errors"][0]["pointer"], "/subscription/settings/method");
    assert_eq!(sink.requests().len(), 1);
    let output = daemon.cli(&["subscription", "dry-run", "out", "--event", &event]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("POST "), "{text}");
}

/// Seed 002: a channel is made, tested, and says so.
#[test]
fn a_channel_is_set_up_in_its_words() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/good" => Reply::ok("ok"),
        _ => Reply::status(404),
    });
    let daemon = Daemon::start();
    install(&daemon, &["helpdeskeddy-channel"]);
    let browser = Browser::logged_in(&daemon, "admin").speaking("ru");
    let page = browser.get(&new("helpdeskeddy-channel")).expect(200);
    check("channel", &page);
    for words in [
        "Подписки",
        "Создание заявки",
        "Добавление ответа (в \"классическом\" интерфейсе заявки)",
        "Добавление ответа в чат (в интерфейсе \"омни\")",
        "Добавление комментария",
        "Изменение статуса",
        "Изменение приоритета",
        "Изменение типа",
        "Изменение исполнителя",
        "Закрытие заявки",
        "Изменение департамента",
        "Достигнут SLA (на выполнение заявки)",
        "Добавлена оценка (оценка заявки от клиента)",
        "Повторы событий",
        "Департаменты",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    let make = |name: &str, path: &str| {
        let url = sink.url(path);
        let mut fields = with(
            form(&browser.get(&new("helpdeskeddy-channel"))),
            &[("/name", name), ("/settings/url", &url), ("/groups", "Продажи")],
        );
        fields = without(fields, "repeats", "yes");
        fields.push(("channel.answers".into(), "chat".into()));
        let made = post(&browser, &new("helpdeskeddy-channel"), &fields);
        assert_eq!(made.status, 303, "{}", made.text());
        made.location().to_owned()
    };
    let good = make("good", "/good");
    let page = browser.until(&good, "Соединение успешно установлено!");
    check(&good, &page);
    // Also without the test's id.
    let page = browser.until("/console/subscriptions/good", "Соединение успешно установлено!");
    assert!(page.text().contains("HTTP 200") && page.text().contains("Журнал вебхуков"));
    let bad = make("bad", "/gone");
    let page = browser.until(&bad, "Соединение не установлено");
    assert!(page.text().contains("404 Not Found"), "{}", page.text());
    assert!(!page.text().contains("успешно"));

    let one = shown(&daemon, "good");
    assert_eq!((&one["retry"], &one["groups"]), (&json!("off"), &json!(["Продажи"])));
    assert_eq!(one["events"], json!(["ticket.created", "ticket.replied"]));
    assert!(one["condition"].as_str().unwrap().contains("'omni'"), "{one}");
    let path = "/console/subscriptions/good/edit";
    let mut fields = form(&browser.get(path));
    let answers: Vec<_> = fields.iter().filter(|(name, _)| name == "channel.answers").collect();
    assert_eq!(answers, [&("channel.answers".to_owned(), "chat".to_owned())]);
    fields.push(("repeats".into(), "yes".into()));
    fields.push(("channel.answers".into(), "classic".into()));
    assert_eq!(post(&browser, path, &fields).status, 303);
    let one = shown(&daemon, "good");
    assert_eq!((&one["retry"], &one["condition"]), (&Value::Null, &Value::Null));
    // A test by hand is shown on the page, too.
    let tested = browser.post("/console/subscriptions/bad/test", &[]).expect(303);
    drop(browser.until(tested.location(), "404 Not Found"));
}

#[test]
fn what_is_removed_is_confirmed_first() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy", "zammad-api"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "admin");
    let sure = browser.get("/console/subscriptions/pager/remove").expect(200);
    check("remove", &sure);
    assert!(sure.text().contains("is canceled"), "{}", sure.text());
    assert_eq!(browser.post("/console/subscriptions/pager/remove", &[]).status, 303);
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);

    let path = "/console/connections/new?plugin=zammad-api";
    let needed: BTreeMap<_, _> = NEEDED.into_iter().collect();
    let fields = with(form(&browser.get(path)), needed["zammad-api"]);
    let saved = post(&browser, path, &with(fields, &[("/name", "desk")]));
    assert_eq!(saved.status, 303, "{}", saved.text());
    check("connection", &browser.follow(saved.location()).expect(200));
    check("connections", &browser.get("/console/connections").expect(200));
    let path = "/console/connections/desk/edit";
    let fields = with(form(&browser.get(path)), &[("/settings/base_url", "https://z.example")]);
    assert_eq!(post(&browser, path, &fields).status, 303);
    let desk = daemon.api().get("/v1/connections/desk").expect(200).json();
    assert_eq!(desk["settings"]["base_url"], "https://z.example");
    assert_eq!(desk["secrets"]["token"], "desk-token");
    check("remove", &browser.get("/console/connections/desk/remove").expect(200));
    assert_eq!(browser.post("/console/connections/desk/remove", &[]).status, 303);
    until("the connection to be gone", || {
        (daemon.api().get("/v1/connections/desk").status == 404).then_some(())
    });
}
