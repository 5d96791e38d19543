//! The page on which mail is set up.

use hookwright_tests::{Browser, Daemon, MailSink, Page};
use serde_json::{Value, json};

use super::frame::check;

const HERE: &str = "/console/settings/mail";
const TEST: &str = "/console/settings/mail/test";
const REMOVE: &str = "/console/settings/mail/remove";

/// What is set up, as the API has it.
fn shown(daemon: &Daemon) -> Value {
    daemon.api().get("/v1/mail").expect(200).json()["settings"].clone()
}

/// Sends the form as it was opened, with these in its fields.
fn save(browser: &Browser, opened: &Page, fields: &[(&str, &str)]) -> Page {
    let version = opened.field("version").unwrap();
    browser.post(HERE, &[&[("version", version.as_str())], fields].concat())
}

/// The least that is needed, for a server on this port.
fn needed(port: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("/server", "127.0.0.1"),
        ("/port", port),
        ("/security", "\"none\""),
        ("/from", "Help desk <desk@x.example>"),
        ("/language", "\"en\""),
        ("/enabled.there", "1"),
        ("/enabled", "true"),
    ]
}

#[test]
fn mail_is_set_up_tried_out_and_removed() {
    let (server, daemon) = (MailSink::start(), Daemon::start());
    server.wants("desk", "first password");
    let port = server.port().to_string();
    let admin = Browser::logged_in(&daemon, "admin");
    let settings = admin.get("/console/settings").expect(200);
    check("settings", &settings);
    assert!(settings.text().contains("Mail is not set up"));
    assert_eq!(settings.links(HERE), [HERE]);
    let opened = admin.get(HERE).expect(200);
    check(HERE, &opened);
    assert!(!opened.html.contains(TEST) && !opened.html.contains(REMOVE));

    let login = [
        ("/username", "desk"),
        ("/password.new", "first password"),
        ("/to", "boss@x.example\r\nanna@x.example"),
    ];
    let fields = [&needed(&port)[..], &login].concat();
    drop(save(&admin, &opened, &fields).expect(303));
    let expected = json!({
        "server": "127.0.0.1", "port": server.port(), "security": "none", "username": "desk",
        "password": "mail-password", "from": "Help desk <desk@x.example>",
        "to": ["boss@x.example", "anna@x.example"], "language": "en", "timeout_s": 30,
        "enabled": true,
    });
    assert_eq!(shown(&daemon), expected);
    let opened = admin.get(HERE).expect(200);
    check(HERE, &opened);
    assert!(!opened.html.contains("first password"));
    assert!(admin.get("/console/settings").text().contains("sent through 127.0.0.1"));

    // Trying it out says what came of it.
    let tried = admin.post(TEST, &[("to", "anna@x.example")]).expect(200);
    check(TEST, &tried);
    assert!(tried.text().contains("250 2.0.0 taken"), "{}", tried.text());
    let mails = server.mails();
    assert_eq!((mails.len(), &mails[0].to), (1, &vec!["anna@x.example".to_owned()]));
    assert_eq!(mails[0].username.as_deref(), Some("desk"));
    server.wants("desk", "second password");
    let tried = admin.post(TEST, &[("to", "anna@x.example")]).expect(200);
    check(TEST, &tried);
    let text = tried.text();
    assert!(text.contains("It was not sent") && text.contains("535"), "{text}");
    assert!(!tried.html.contains("first password"));
    let wrong = admin.post(TEST, &[("to", "nobody")]).expect(422);
    check(TEST, &wrong);
    let field = wrong.html.split("name=\"to\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(field.contains("aria-invalid=\"true\"") && field.contains("\"nobody\""), "{field}");

    // A form that was opened before somebody else's change changes nothing.
    let fields = [&needed(&port)[..], &[("/username", "desk"), ("/password", "mail-password")]];
    let fields = fields.concat();
    drop(save(&admin, &opened, &fields).expect(303));
    let late = [&fields[..], &[("/server", "other.example")]].concat();
    let late: Vec<_> =
        late.into_iter().filter(|field| *field != ("/server", "127.0.0.1")).collect();
    let page = save(&admin, &opened, &late).expect(412);
    check("late", &page);
    assert!(page.text().contains("Somebody else has changed this"), "{}", page.text());
    assert_eq!(page.field("/server").as_deref(), Some("other.example"));
    drop(save(&admin, &page, &late).expect(412));
    assert_eq!(admin.post(REMOVE, &[("version", &opened.field("version").unwrap())]).status, 412);
    assert_eq!(shown(&daemon)["server"], "127.0.0.1");
    assert_eq!(shown(&daemon).get("to"), None);

    // Another password is a new value of the secret that is mail's alone.
    let opened = admin.get(HERE).expect(200);
    let fields = [&fields[..], &[("/password.new", "second password")]].concat();
    drop(save(&admin, &opened, &fields).expect(303));
    assert_eq!(daemon.api().items("/v1/secrets").len(), 1);
    let tried = admin.post(TEST, &[("to", "anna@x.example")]).expect(200);
    assert!(tried.text().contains("250 2.0.0 taken"), "{}", tried.text());

    let secrets = admin.get("/console/secrets").expect(200);
    check("secrets", &secrets);
    assert_eq!(secrets.links(HERE), [HERE]);
    drop(admin.post("/console/secrets/mail-password/remove", &[]).expect(409));
    let version = admin.get(HERE).expect(200).field("version").unwrap();
    drop(admin.post(REMOVE, &[("version", &version)]).expect(303));
    assert!(shown(&daemon).is_null());
    let page = admin.post(TEST, &[("to", "anna@x.example")]).expect(409);
    check(TEST, &page);
    drop(admin.post("/console/secrets/mail-password/remove", &[]).expect(303));
    let audit = admin.get("/console/audit?action=mail.*").expect(200);
    for action in ["mail.create", "mail.update", "mail.test", "mail.remove"] {
        assert!(audit.text().contains(action), "{action}: {}", audit.text());
    }
    let all = audit.html + &daemon.log();
    assert!(!all.contains("first password") && !all.contains("second password"));
}

#[test]
fn mistakes_stand_beside_their_fields() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let opened = admin.get(HERE).expect(200);
    for (field, value, in_field) in [
        ("/server", "", "/server"),
        ("/server", "https://mail.example.com/", "/server"),
        ("/port", "many", "/port"),
        ("/from", "desk", "/from"),
        ("/to", "a@x.example\r\nnobody", "/to"),
        ("/username", "desk", "/password"),
        ("/password", "nowhere", "/password"),
        ("/password.new", "abc", "/password"),
        ("/ca.new", "anything else", "/ca"),
        ("/timeout_s", "301", "/timeout_s"),
    ] {
        let mut fields = needed("2525");
        let others = match field {
            "/password" | "/password.new" => vec![("/username", "desk")],
            "/ca.new" => vec![("/security", "\"tls\"")],
            _ => Vec::new(),
        };
        fields.retain(|(name, _)| *name != field && others.iter().all(|(other, _)| other != name));
        fields.extend(others);
        fields.push((field, value));
        let page = save(&admin, &opened, &fields).expect(422);
        check(field, &page);
        let tag = page.html.split(&format!("name=\"{in_field}\"")).nth(1).unwrap();
        let tag = tag.split('>').next().unwrap();
        assert!(tag.contains("aria-invalid=\"true\""), "{field}={value}: {tag}: {}", page.text());
        if field == "/ca.new" || field == "/password.new" {
            assert!(!page.html.contains(value), "{field}: what is secret is shown");
        }
    }
    assert!(shown(&daemon).is_null());
    assert_eq!(daemon.api().items("/v1/secrets"), Vec::<Value>::new());
}

#[test]
fn others_than_admins_look_and_operators_try_it_out() {
    let (server, daemon) = (MailSink::start(), Daemon::start());
    let admin = Browser::logged_in(&daemon, "admin");
    let port = server.port().to_string();
    let opened = admin.get(HERE).expect(200);
    drop(save(&admin, &opened, &needed(&port)).expect(303));
    let version = admin.get(HERE).expect(200).field("version").unwrap();
    for (role, tries) in [("reader", false), ("operator", true)] {
        let browser = Browser::logged_in(&daemon, role);
        let page = browser.get(HERE).expect(200);
        check(role, &page);
        assert!(page.text().contains("desk@x.example"), "{}", page.text());
        assert!(!page.html.contains(&format!("action=\"{HERE}\"")), "{role}");
        assert!(!page.html.contains(REMOVE), "{role}");
        assert_eq!(page.html.contains(TEST), tries, "{role}");
        let sent = browser.post(TEST, &[("to", "anna@x.example")]);
        assert_eq!(sent.status, if tries { 200 } else { 403 }, "{role}");
        assert_eq!(browser.post(REMOVE, &[("version", &version)]).status, 403);
        let fields = [&needed(&port)[..], &[("version", &version)]].concat();
        assert_eq!(browser.post(HERE, &fields).status, 403);
    }
    assert_eq!(server.mails().len(), 1);
    assert!(shown(&daemon).is_object());
}
