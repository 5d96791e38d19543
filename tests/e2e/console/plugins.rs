//! Installing plugins by upload, what is shown of them, and which version is used.

use hookwright_tests::{Browser, Daemon, Page, component};
use serde_json::{Value, json};

use super::frame::check;

/// Sends a file as a browser does: the session's token first.
fn upload(browser: &Browser, file: &[u8]) -> Page {
    let csrf = browser.csrf();
    let fields = [("csrf", None, csrf.as_bytes()), ("file", Some("plugin.wasm"), file)];
    send(browser, &fields)
}

fn send(browser: &Browser, fields: &[(&str, Option<&str>, &[u8])]) -> Page {
    let mut body = Vec::new();
    for (name, file, content) in fields {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head =
            format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b0undary--\r\n");
    let kind = ("content-type", "multipart/form-data; boundary=b0undary");
    browser.request(
        "POST",
        "/console/plugins/install",
        &[kind, ("sec-fetch-site", "same-origin")],
        body,
    )
}

fn telegram() -> Vec<u8> {
    std::fs::read(component("destination-telegram")).unwrap()
}

/// The same with a section that means nothing: another version.
fn another(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend([0, 5, 4, b't', b'e', b's', b't']);
    bytes
}

fn digest_of(daemon: &Daemon, subscription: &str) -> String {
    let one = daemon.api().get(&format!("/v1/subscriptions/{subscription}")).expect(200).json();
    one["digest"].as_str().unwrap().to_owned()
}

fn subscribe(daemon: &Daemon, name: &str) {
    let wanted = json!({
        "name": name, "events": ["ticket.*"], "plugin": "telegram",
        "settings": {"chat_id": 1}, "secrets": {"token": "bot"},
    });
    drop(daemon.api().post_json("/v1/subscriptions", &wanted).expect(201));
}

fn audited(daemon: &Daemon, action: &str) -> Vec<Value> {
    daemon.api().items(&format!("/v1/audit?limit=500&action={action}"))
}

#[test]
fn a_plugin_is_uploaded_looked_at_pinned_and_rolled_back() {
    let daemon = Daemon::start();
    daemon.apply("[[secret]]\nname = \"bot\"\nenv = \"BOT\"", &[("BOT", "1234:not-to-be-seen")]);
    let admin = Browser::logged_in(&daemon, "admin");
    assert!(admin.get("/console/plugins").expect(200).text().contains("No plugin is installed"));
    check("install", &admin.get("/console/plugins/install").expect(200));

    let first = upload(&admin, &telegram()).expect(303).location().to_owned();
    let page = admin.get(&first).expect(200);
    check(&first, &page);
    let text = page.text();
    let old = first.trim_start_matches("/console/plugins/").to_owned();
    for words in [
        "telegram is installed",
        "Bot token",
        "https://api.telegram.org",
        "hookwright:plugin@",
        "chat_id",
        "200,000,000",
        "nobody uses this version",
        &old,
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // Uploading it again changes nothing.
    assert_eq!(upload(&admin, &telegram()).expect(303).location(), first);

    subscribe(&daemon, "a");
    subscribe(&daemon, "b");
    let text = admin.get(&first).expect(200).text();
    assert!(text.contains("token: bot"), "what is granted: {text}");

    let second = upload(&admin, &another(telegram())).expect(303).location().to_owned();
    let new = second.trim_start_matches("/console/plugins/").to_owned();
    assert_ne!(old, new);
    assert_eq!((digest_of(&daemon, "a"), digest_of(&daemon, "b")), (old.clone(), old.clone()));
    let pin = format!("{second}/pin");
    let page = admin.get(&pin).expect(200);
    check(&pin, &page);
    let text = page.text();
    assert!(text.contains(&old[..12]) && text.contains(&new[..12]), "{text}");
    assert!(page.html.contains("value=\"subscription/a\" checked"), "{}", page.html);

    check(&pin, &admin.post(&pin, &[]).expect(400));
    assert_eq!(admin.post(&pin, &[("who", "subscription/a")]).expect(303).location(), second);
    assert_eq!((digest_of(&daemon, "a"), digest_of(&daemon, "b")), (new, old.clone()));
    let list = admin.get("/console/plugins").expect(200);
    check("/console/plugins", &list);
    // Back again, both at once: one of them is there already.
    let back = format!("{first}/pin");
    let page = admin.get(&back).expect(200);
    assert!(page.text().contains("back") && !page.html.contains("subscription/b"), "{}", page.html);
    drop(admin.post(&back, &[("who", "subscription/a"), ("who", "subscription/b")]).expect(303));
    assert_eq!(digest_of(&daemon, "a"), old);
    assert!(admin.get(&back).expect(200).text().contains("Nobody uses another version"));

    // What is used stays; what is not can go.
    check("remove", &admin.post(&format!("{first}/remove"), &[]).expect(409));
    assert_eq!(
        admin.post(&format!("{second}/remove"), &[]).expect(303).location(),
        "/console/plugins"
    );
    assert_eq!(admin.get(&second).status, 404);
    assert!(audited(&daemon, "plugin.install").len() >= 2);
    assert_eq!(audited(&daemon, "plugin.remove").len(), 1);
    let pinned = audited(&daemon, "subscription.update");
    assert_eq!(pinned.len(), 2, "{pinned:?}");
    assert_eq!(pinned[0]["changes"][0]["pointer"], "/digest");
    assert_eq!(pinned[0]["actor"]["name"], "admin");
    let everything = admin.get("/console/audit").text() + &daemon.log();
    assert!(!everything.contains("not-to-be-seen"));
}

#[test]
fn what_is_no_plugin_is_refused_with_the_reason() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let mut cut = telegram();
    cut.truncate(cut.len() / 2);
    for (name, file, status) in [
        ("text", b"this is no plugin".to_vec(), 422),
        ("nothing", Vec::new(), 400),
        ("half of one", cut, 422),
        ("an empty module", b"\0asm\x01\0\0\0".to_vec(), 422),
        ("an empty component", b"\0asm\x0d\0\x01\0".to_vec(), 422),
    ] {
        let page = upload(&admin, &file).expect(status);
        check(name, &page);
        assert!(page.text().contains("Nothing was changed"), "{name}: {}", page.text());
        let api = daemon.api().post("/v1/plugins", &[], &file);
        if status == 422 {
            let detail = api.problem(422)["detail"].as_str().unwrap().to_owned();
            let words: String = detail.chars().take(40).collect();
            assert!(page.text().contains(&words), "{name}: {detail}: {}", page.text());
        }
    }
    // 40 MB are more than is taken, and are told so.
    let page = upload(&admin, &vec![0; 40 << 20]).expect(413);
    check("40 MB", &page);
    // Up to the bound it is read, and looked at.
    drop(upload(&admin, &vec![0; 31 << 20]).expect(422));
    assert!(admin.get("/console/plugins").text().contains("No plugin is installed"));
}

#[test]
fn an_upload_has_to_come_from_a_page_of_the_session() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let (csrf, file) = (admin.csrf(), telegram());
    let upload: (&str, Option<&str>, &[u8]) = ("file", Some("a.wasm"), &file);
    drop(send(&admin, &[upload]).expect(403));
    drop(send(&admin, &[("csrf", None, b"guess"), upload]).expect(403));
    // The token comes first: what follows the file is not looked for.
    drop(send(&admin, &[upload, ("csrf", None, csrf.as_bytes())]).expect(403));
    let operator = Browser::logged_in(&daemon, "operator");
    let own = operator.csrf();
    drop(send(&operator, &[("csrf", None, own.as_bytes()), upload]).expect(403));
    assert!(admin.get("/console/plugins").text().contains("No plugin is installed"));
}

#[test]
fn bounds_are_moved_within_bounds() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let plugin = upload(&admin, &telegram()).expect(303).location().to_owned();
    let path = format!("{plugin}/limits");
    check(&path, &admin.get(&path).expect(200));
    for (fuel, status) in [("5", 422), ("many", 422), ("", 303), ("300 000 000", 303)] {
        let page = admin.post(&path, &[("fuel", fuel)]);
        assert_eq!(page.status, status, "{fuel}: {}", page.html);
        check(&path, &page);
        if status == 422 {
            assert!(page.text().contains("/limits/fuel"), "{fuel}: {}", page.text());
            assert_eq!(page.field("fuel").as_deref(), Some(fuel));
        }
    }
    assert!(admin.get(&plugin).text().contains("300,000,000"));
    drop(admin.post(&path, &[("usual", "yes")]).expect(303));
    assert!(!admin.get(&plugin).text().contains("300,000,000"));
    assert_eq!(audited(&daemon, "plugin.update").len(), 2, "{:?}", audited(&daemon, "*"));
}

#[test]
fn each_role_may_do_its_part() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let plugin = upload(&admin, &telegram()).expect(303).location().to_owned();
    let reader = Browser::logged_in(&daemon, "reader");
    let operator = Browser::logged_in(&daemon, "operator");
    for (browser, operates) in [(&reader, false), (&operator, true)] {
        let page = browser.get(&plugin).expect(200);
        check(&plugin, &page);
        for part in ["/pin", "/remove", "/limits"] {
            assert!(!page.html.contains(&format!("{plugin}{part}\"")), "{part}");
            assert_eq!(browser.post(&format!("{plugin}{part}"), &[]).status, 403, "{part}");
        }
        assert_eq!(browser.get("/console/plugins/install").status, 403);
        let resumed = browser.post(&format!("{plugin}/resume"), &[]).status;
        assert_eq!(resumed, if operates { 303 } else { 403 });
    }
    for path in ["/console/plugins/x", &format!("/console/plugins/{}", "0".repeat(64))] {
        check(path, &admin.get(path).expect(404));
    }
}
