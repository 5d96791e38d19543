//! People, their passwords, and tokens.

use hookwright_tests::{Browser, Daemon, PASSWORD, Page, until};

use super::frame::check;

fn fresh(page: &Page) -> String {
    let (_, rest) = page.html.split_once("<input id=\"fresh\"").expect("something is shown once");
    let value = rest.split('>').next().unwrap().split_once("value=\"").unwrap().1;
    value.split('"').next().unwrap().to_owned()
}

/// Fills in the form of somebody and sends it.
fn change(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let seen = browser.get(path).expect(200).field("seen").unwrap();
    browser.post(path, &[&[("seen", seen.as_str())], fields].concat())
}

#[test]
fn a_user_is_added_changed_and_removed() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    check("new", &admin.get("/console/people/~new").expect(200));
    let fields = [("name", "ivan"), ("role", "reader"), ("language", "uk")];
    let page = admin.post("/console/people/~new", &fields).expect(200);
    check("added", &page);
    let password = fresh(&page);
    assert!(!admin.get("/console/people").expect(200).html.contains(&password));

    let ivan = Browser::new(&daemon);
    drop(ivan.log_in("ivan", &password).expect(303));
    let page = ivan.get("/console/deliveries").expect(200);
    assert!(page.html.contains("<html lang=\"uk\">"));
    assert_eq!(ivan.get("/console/people").status, 403);
    assert_eq!(ivan.get("/console/audit").status, 403);

    // Another role ends the sessions that had the one before.
    let page = admin.get("/console/people/ivan").expect(200);
    check("edit", &page);
    assert!(page.html.contains("value=\"reader\" selected"), "{}", page.html);
    let late = page.field("seen").unwrap();
    let wanted = [("role", "operator"), ("language", "uk")];
    drop(change(&admin, "/console/people/ivan", &wanted).expect(303));
    // Whoever has opened the form before does not undo it.
    let wanted = [("role", "reader"), ("language", "de"), ("seen", late.as_str())];
    let conflict = admin.post("/console/people/ivan", &wanted).expect(409);
    check("conflict", &conflict);
    assert!(conflict.text().contains("changed since you opened"), "{}", conflict.text());
    assert_eq!(ivan.get("/console/deliveries").status, 303);
    drop(ivan.log_in("ivan", &password).expect(303));
    assert_eq!(ivan.get("/console/audit").status, 200);

    let other = [("password", "another long password")];
    drop(admin.post("/console/people/ivan/password", &other).expect(303));
    drop(ivan.log_in("ivan", &password).expect(401));
    drop(ivan.log_in("ivan", "another long password").expect(303));
    let generated = fresh(&admin.post("/console/people/ivan/password", &[]).expect(200));
    drop(ivan.log_in("ivan", &generated).expect(303));

    let disabled = [("role", "operator"), ("disabled", "yes")];
    drop(change(&admin, "/console/people/ivan", &disabled).expect(303));
    assert_eq!(ivan.get("/console/deliveries").status, 303);
    drop(ivan.log_in("ivan", &generated).expect(401));
    drop(admin.post("/console/people/ivan/remove", &[]).expect(303));
    assert_eq!(admin.get("/console/people/ivan").status, 404);

    for (fields, place) in [
        (&[("name", "No Name"), ("role", "reader")][..], "/name"),
        (&[("name", "a"), ("role", "poster")], "/role"),
        (&[("name", "a"), ("role", "king")], "/role"),
        (&[("name", "a"), ("role", "reader"), ("password", "short")], "/password"),
        (&[("name", "a"), ("role", "reader"), ("language", "fr")], "/language"),
    ] {
        let page = admin.post("/console/people/~new", fields).expect(422);
        check(place, &page);
        assert!(page.text().contains(place), "{place}: {}", page.text());
        assert!(!page.html.contains("\"short\""));
    }
    drop(admin.post("/console/people/~new", &[("name", "admin"), ("role", "reader")]).expect(409));

    let actions: Vec<_> = daemon.api().items("/v1/audit?action=user.*&limit=500");
    for action in ["user.create", "user.update", "user.password", "user.remove"] {
        assert!(actions.iter().any(|entry| entry["action"] == action), "{action}");
    }
    let all = format!("{actions:?}{}{}", admin.get("/console/audit").html, daemon.log());
    for secret in [password.as_str(), &generated, "another long password", PASSWORD] {
        assert!(!all.contains(secret));
    }
}

#[test]
fn nobody_locks_themselves_out_by_mistake() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    check("own", &admin.get("/console/people/admin").expect(200));
    let own = "/console/people/admin";
    for (path, fields) in [
        (own.to_owned(), &[("role", "reader")][..]),
        (own.to_owned(), &[("role", "admin"), ("disabled", "yes")]),
        (format!("{own}/remove"), &[]),
        (format!("{own}/password"), &[]),
    ] {
        let page = match path == own {
            true => change(&admin, &path, fields),
            false => admin.post(&path, fields),
        };
        let page = page.expect(409);
        check(&path, &page);
        assert!(page.text().contains("another admin"), "{}", page.text());
    }
    assert_eq!(admin.get("/console/people").status, 200);
    drop(change(&admin, own, &[("role", "admin"), ("language", "de")]).expect(303));
}

#[test]
fn everyone_changes_their_own_language_and_password() {
    let daemon = Daemon::start();
    let reader = Browser::logged_in(&daemon, "reader");
    let elsewhere = Browser::new(&daemon);
    drop(elsewhere.log_in("reader", PASSWORD).expect(303));
    check("profile", &reader.get("/console/profile").expect(200));
    drop(reader.post("/console/profile", &[("language", "de")]).expect(303));
    assert!(elsewhere.get("/console/profile").expect(200).html.contains("<html lang=\"de\">"));

    let new = "a password of my own";
    let path = "/console/profile/password";
    for (old, new, again, place) in [
        ("wrong", new, new, "/old"),
        (PASSWORD, new, "something else", "/again"),
        (PASSWORD, "short", "short", "/password"),
    ] {
        let fields = [("old", old), ("new", new), ("again", again)];
        let page = reader.post(path, &fields).expect(422);
        check(place, &page);
        assert!(page.text().contains(place), "{}", page.text());
        assert!(!page.html.contains(PASSWORD) && !page.html.contains("my own"));
    }
    until("the guess in the audit log", || {
        let found = daemon.api().items("/v1/audit?action=user.login_refused&target=user/reader");
        (found.len() == 1).then_some(())
    });
    let fields = [("old", PASSWORD), ("new", new), ("again", new)];
    assert_eq!(reader.post(path, &fields).expect(303).location(), "/console/login");
    assert_eq!(elsewhere.get("/console/profile").status, 303, "all sessions end");
    drop(reader.log_in("reader", PASSWORD).expect(401));
    drop(reader.log_in("reader", new).expect(303));
}

#[test]
fn a_token_is_made_shown_once_and_removed() {
    let daemon = Daemon::start();
    let admin = Browser::logged_in(&daemon, "admin");
    check("new", &admin.get("/console/people/~token").expect(200));
    let fields = [
        ("name", "reporting"),
        ("roles", "reader"),
        ("roles", "poster"),
        ("expires", "2099-12-31"),
    ];
    let page = admin.post("/console/people/~token", &fields).expect(200);
    check("made", &page);
    let token = fresh(&page);
    let api = daemon.api().with_token(&token);
    drop(api.get("/v1/deliveries").expect(200));
    drop(api.get("/v1/audit").problem(403));
    let page = admin.get("/console/people").expect(200);
    assert!(!page.html.contains(&token) && page.text().contains("reporting"));
    assert!(page.text().contains("2099-12-31"), "{}", page.text());
    for (fields, place) in [
        (&[("name", "a")][..], "/roles"),
        (&[("name", "a"), ("roles", "king")], "/roles"),
        (&[("name", "a b"), ("roles", "reader")], "/name"),
        (&[("name", "a"), ("roles", "reader"), ("expires", "2001-01-01")], "/expires_at"),
        (&[("name", "a"), ("roles", "reader"), ("expires", "soon")], "/expires_at"),
    ] {
        let page = admin.post("/console/people/~token", fields).expect(422);
        check(place, &page);
        assert!(page.text().contains(place), "{place}: {}", page.text());
    }
    let id = daemon.api().items("/v1/tokens").into_iter().find(|one| one["name"] == "reporting");
    let id = id.unwrap()["id"].as_str().unwrap().to_owned();
    let remove = format!("/console/people/~token/{id}/remove");
    let operator = Browser::logged_in(&daemon, "operator");
    for path in
        [remove.as_str(), "/console/people/~token", "/console/people/~new", "/console/people/admin"]
    {
        assert_eq!(operator.post(path, &[("role", "reader")]).status, 403, "{path}");
    }
    drop(admin.post(&remove, &[]).expect(303));
    drop(api.get("/v1/deliveries").problem(401));
    drop(admin.post(&remove, &[]).expect(404));
    let audit = admin.get("/console/audit?action=token.*").expect(200);
    assert!(audit.text().contains("token.create") && audit.text().contains("token.remove"));
    assert!(!audit.html.contains(&token) && !daemon.log().contains(&token));
}
