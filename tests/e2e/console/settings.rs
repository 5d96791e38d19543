//! Secrets, settings of the journal, policies.

use hookwright_tests::{Browser, Daemon};

use super::SOURCE;
use super::frame::check;

#[test]
fn secrets_come_in_and_never_go_out() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    check("none", &admin.get("/console/secrets").expect(200));
    let set = "/console/secrets/~set";
    let first = [("name", "key"), ("value", "the first value")];
    drop(admin.post(set, &first).expect(303));
    // Replacing has to be meant.
    let second = [("name", "key"), ("value", "the second value")];
    let page = admin.post(set, &second).expect(422);
    check("again", &page);
    assert!(page.text().contains("/name") && !page.html.contains("second value"));
    drop(admin.post(set, &[&second[..], &[("replace", "yes")]].concat()).expect(303));
    for (fields, place) in [
        (&[("name", "a b"), ("value", "long enough")][..], "/name"),
        (&[("name", "other"), ("value", "abc")], "/value"),
    ] {
        let page = admin.post(set, fields).expect(422);
        check(place, &page);
        assert!(page.text().contains(place), "{}", page.text());
    }
    daemon.apply(SOURCE, &[("TOKEN", "url-token")]);
    let page = admin.get("/console/secrets").expect(200);
    check("list", &page);
    assert!(page.text().contains("zammad"), "{}", page.text());
    check("used", &admin.post("/console/secrets/token/remove", &[]).expect(409));
    drop(admin.post("/console/secrets/key/remove", &[]).expect(303));
    assert_eq!(daemon.api().items("/v1/secrets").len(), 1);
    let audit = admin.get("/console/audit?action=secret.*").expect(200);
    assert!(audit.text().contains("secret.update") && audit.text().contains("secret.remove"));
    let all = page.html + &audit.html + &daemon.log();
    for value in ["the first value", "the second value", "url-token"] {
        assert!(!all.contains(value), "{value}");
    }
    let reader = Browser::logged_in(&daemon, "reader");
    let page = reader.get("/console/secrets").expect(200);
    check("reader", &page);
    assert!(!page.html.contains("~set"));
    assert_eq!(reader.post(set, &first).status, 403);
}

#[test]
fn what_the_journal_keeps_is_set() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    let page = admin.get("/console/settings").expect(200);
    check("settings", &page);
    assert_eq!(page.field("keep_for").as_deref(), Some("90d"));
    let path = "/console/settings/journal";
    let rules = r#"[{"header": "X-Phone"}, {"pattern": "\\d{16}", "what": ["answer"]}]"#;
    let seen = page.field("seen").unwrap();
    let fields = [("seen", &*seen), ("keep_for", "14d"), ("keep_bytes", "2GB"), ("redact", rules)];
    drop(admin.post(path, &fields).expect(303));
    let settings = daemon.api().get("/v1/settings").expect(200).json();
    assert_eq!(settings["journal"]["keep_for"], "14d");
    assert_eq!(settings["journal"]["redact"][1]["what"][0], "answer");
    assert!(admin.get("/console/journal").text().contains("X-Phone"));
    for (field, value, place) in [
        ("keep_for", "a while", "/keep_for"),
        ("keep_bytes", "much", "/keep_bytes"),
        ("redact", "[", "/redact"),
        ("redact", r#"[{"pattern": "("}]"#, "/redact/0"),
    ] {
        let seen = admin.get("/console/settings").field("seen").unwrap();
        let page = admin.post(path, &[("seen", &*seen), (field, value)]).expect(422);
        check(place, &page);
        assert_eq!(page.field("seen").as_deref(), Some(&*seen), "it can be mended and sent");
        assert!(page.text().contains(place), "{place}: {}", page.text());
    }
    assert_eq!(daemon.api().get("/v1/settings").json()["journal"]["keep_for"], "14d");

    // What another admin has set since is not undone, not even when the form is sent again.
    let stale = admin.post(path, &fields).expect(409);
    check("stale", &stale);
    assert!(stale.text().contains("changed since"), "{}", stale.text());
    assert_eq!(stale.field("seen").as_deref(), Some(&*seen));
    let reader = Browser::logged_in(&daemon, "reader");
    check("reader", &reader.get("/console/settings").expect(200));
    assert_eq!(reader.post(path, &fields).status, 403);
    let audit = admin.get("/console/audit?action=journal.*").expect(200).text();
    assert!(audit.contains("/keep_for") && audit.contains("14d"), "{audit}");
}

#[test]
fn a_policy_is_made_gets_another_key_and_goes() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    check("new", &admin.get("/console/policies/~new").expect(200));
    let fields = [("name", "partners"), ("algorithm", "ES256"), ("expires_in_s", "300")];
    let path = admin.post("/console/policies/~new", &fields).expect(303).location().to_owned();
    let page = admin.get(&path).expect(200);
    check(&path, &page);
    assert!(page.html.contains("BEGIN PUBLIC KEY") && !page.html.contains("PRIVATE"));
    assert!(page.html.contains(&format!("{}/webhook_policies/partners", daemon.url())));
    let form = admin.get(&format!("{path}/edit")).expect(200);
    check("edit", &form);
    let seen = form.field("seen").unwrap();
    let change = [("algorithm", "ES256"), ("audience", "them"), ("seen", &seen)];
    drop(admin.post(&format!("{path}/edit"), &change).expect(303));
    // Who had the form open before does not undo it.
    check("stale", &admin.post(&format!("{path}/edit"), &change).expect(409));
    let kid = || {
        let policy = daemon.api().get("/v1/policies/partners").expect(200).json();
        policy["kid"].as_str().unwrap().to_owned()
    };
    let before = kid();
    drop(admin.post(&format!("{path}/rotate"), &[("keep_s", "60")]).expect(303));
    assert_ne!(before, kid());
    let text = admin.get(&path).expect(200).text();
    assert!(text.contains(&before) && text.contains(&kid()) && text.contains("them"), "{text}");
    check("keep", &admin.post(&format!("{path}/rotate"), &[("keep_s", "soon")]).expect(422));
    for (fields, place) in [
        (&[("name", "a"), ("algorithm", "ES1")][..], "/algorithm"),
        (&[("name", "partners"), ("algorithm", "ES256")], "/name"),
        (&[("name", "a"), ("algorithm", "HS256")], "/secret"),
        (&[("name", "a"), ("algorithm", "ES256"), ("expires_in_s", "soon")], "/expires_in_s"),
    ] {
        let page = admin.post("/console/policies/~new", fields).expect(422);
        check(place, &page);
        assert!(page.text().contains(place), "{place}: {}", page.text());
    }
    let operator = Browser::logged_in(&daemon, "operator");
    check("operator", &operator.get(&path).expect(200));
    assert_eq!(operator.post(&format!("{path}/rotate"), &[]).status, 403);
    drop(admin.post(&format!("{path}/remove"), &[]).expect(303));
    assert_eq!(admin.get(&path).status, 404);
    let audit = admin.get("/console/audit?action=policy.*").expect(200).text();
    assert!(audit.contains("policy.rotate") && audit.contains("policy.remove"), "{audit}");
}
