//! What was typed into a form is given back when the session had ended, and not saved.

use hookwright_tests::{Browser, Daemon, PASSWORD, Page};
use serde_json::json;

use super::form::{form, post, with};
use super::frame::check;
use super::subscriptions::{install, new, shown};

const SESSION: &str = "hookwright_session";
const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];
const SECRET: &str = "typed-and-never-shown";

/// As if the session had been forgotten: by its age, by a restart, or by somebody else.
fn forget_session(browser: &Browser) {
    browser.set_cookie(SESSION, &"A".repeat(43));
}

/// Logs in with the form that a page has.
fn log_in(browser: &Browser, page: &Page, password: &str) -> Page {
    let fields = with(form(page), &[("name", "admin"), ("password", password)]);
    post(browser, "/console/login", &fields)
}

/// Sends a form whose session has ended, logs in, and returns the form as it is given back.
fn given_back(browser: &Browser, path: &str, typed: &[(String, String)]) -> Page {
    forget_session(browser);
    let login = post(browser, path, typed).expect(401);
    check(path, &login);
    assert!(login.text().contains("Log in, and you get the form back"), "{}", login.text());
    assert!(!login.html.contains(SECRET), "{path}: a secret is in the page");
    let back = log_in(browser, &login, PASSWORD).expect(200);
    check("given back", &back);
    let csrf = back.field("csrf").unwrap();
    assert_eq!(csrf, browser.csrf(), "the form is of the new session");
    assert!(back.html.contains(&format!("action=\"{}\"", path.replace('&', "&amp;"))));
    let page = post(browser, path, &form(&back)).expect(200);
    check(path, &page);
    assert!(page.text().contains("It has not been saved yet"), "{path}: {}", page.text());
    assert!(!page.html.contains(SECRET) && !back.html.contains(SECRET), "{path}");
    page
}

#[test]
fn what_was_typed_comes_back_and_is_not_saved() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy", "zammad-api"]);
    daemon.apply("[[plugin]]\nfile = \"target/plugins/source-zammad.wasm\"\n", &[]);
    let admin = Browser::logged_in(&daemon, "admin");

    let path = new("ntfy");
    let typed = [
        ("/name", "pager"),
        ("/description", "<b>Two\r\nlines</b> & more"),
        ("/settings/topic", "helpdesk-x7Gd2"),
        ("/secrets/token.new", SECRET),
        ("/retry.of", "0"),
    ];
    let page = given_back(&admin, &path, &with(form(&admin.get(&path)), &typed));
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);
    let back = form(&page);
    for (name, value) in typed.into_iter().filter(|(name, _)| !name.ends_with(".new")) {
        assert!(back.contains(&(name.to_owned(), value.to_owned())), "{name}: {back:?}");
    }
    assert_eq!(post(&admin, &path, &back).status, 303);
    assert_eq!(shown(&daemon, "pager")["settings"]["topic"], "helpdesk-x7Gd2");

    let path = "/console/subscriptions/pager/edit";
    let typed = with(form(&admin.get(path)), &[("/settings/topic", "another")]);
    let page = given_back(&admin, path, &typed);
    assert_eq!(shown(&daemon, "pager")["settings"]["topic"], "helpdesk-x7Gd2");
    assert_eq!(post(&admin, path, &form(&page)).status, 303);
    assert_eq!(shown(&daemon, "pager")["settings"]["topic"], "another");

    for (path, typed) in [
        ("/console/connections/new?plugin=zammad-api", ("/settings/base_url", "https://z.example")),
        ("/console/sources/~new?plugin=zammad", ("/settings/url", "https://z.example")),
        ("/console/policies/~new", ("audience", "receivers")),
        ("/console/replays/new", ("since", "36h")),
    ] {
        let fields = with(form(&admin.get(path).expect(200)), &[typed, ("secret_value", SECRET)]);
        let page = given_back(&admin, path, &fields);
        assert_eq!(page.field(typed.0).as_deref(), Some(typed.1), "{path}");
    }
    for kind in ["connections", "sources", "policies", "replays"] {
        assert!(daemon.api().items(&format!("/v1/{kind}")).is_empty(), "{kind}");
    }
    let fields = with(form(&admin.get("/console/settings")), &[("keep_for", "17d")]);
    let page = given_back(&admin, "/console/settings/journal", &fields);
    assert_eq!(page.field("keep_for").as_deref(), Some("17d"));
    assert_ne!(daemon.api().get("/v1/settings").json()["journal"]["keep_for"], "17d");
    assert!(!daemon.log().contains(SECRET));
}

/// Somebody logged in again in another tab: the form there is of the session before.
#[test]
fn a_form_of_the_session_before_is_given_back_too() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let admin = Browser::logged_in(&daemon, "admin");
    let fields = form(&admin.get(&new("ntfy")));
    let fields = with(fields, &[("/name", "pager"), ("/settings/topic", "x")]);
    forget_session(&admin);
    // A mistake in between loses nothing.
    let login = post(&admin, &new("ntfy"), &fields).expect(401);
    let again = log_in(&admin, &login, "a wrong password").expect(401);
    assert!(again.text().contains("do not go together"), "{}", again.text());
    let kept = form(&login).into_iter().find(|(name, _)| name == "kept").unwrap();
    assert!(kept.1.contains("topic") && form(&again).contains(&kept), "{kept:?}");

    drop(admin.log_in("admin", PASSWORD).expect(303));
    let back = post(&admin, &new("ntfy"), &fields).expect(403);
    check("given back", &back);
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);
    let page = post(&admin, &new("ntfy"), &form(&back)).expect(200);
    assert_eq!(page.field("/settings/topic").as_deref(), Some("x"));
    assert_eq!(post(&admin, &new("ntfy"), &form(&page)).status, 303);
}

#[test]
fn only_own_forms_are_given_back_and_nothing_is_done_by_it() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let admin = Browser::logged_in(&daemon, "admin");
    let typed = [("csrf", "x"), ("/settings/topic", "their-words")];
    // What others make a browser send is not carried on.
    let stranger = Browser::new(&daemon);
    for headers in [&[("sec-fetch-site", "cross-site")][..], &[]] {
        let page = stranger.send("/console/subscriptions/pager/edit", &typed, headers).expect(403);
        assert!(!page.html.contains("their-words"));
    }
    // Nor what is no form to be filled in, or too much.
    let page = stranger.send("/console/subscriptions/pager/disable", &typed, &OWN).expect(401);
    assert!(page.text().contains("nothing was done") && !page.html.contains("their-words"));
    let long = "their-words".repeat(10_000);
    let page = stranger.send(&new("ntfy"), &[("/description", &long)], &OWN).expect(401);
    assert!(page.text().contains("nothing was done") && !page.html.contains("their-words"));
    let huge = "x".repeat(2 << 20);
    assert_eq!(stranger.send("/console/login", &[("kept", &huge)], &OWN).status, 413);
    // Where it leads to is a form of the console's.
    let login = stranger.get("/console/login");
    for to in ["https://evil.example/", "/console/subscriptions/pager/remove", "/v1/tokens"] {
        let proof = login.field("proof").unwrap();
        let fields = [("form", to), ("kept", "a=b"), ("proof", &proof)];
        let fields = [&fields[..], &[("name", "admin"), ("password", PASSWORD)]].concat();
        let page = stranger.send("/console/login", &fields, &OWN);
        assert_eq!((page.status, page.location()), (303, "/console"), "{to}");
        stranger.set_cookie(SESSION, "none");
        stranger.set_cookie("hookwright_login", &proof);
    }
    // The mark does nothing where a form is not given back, and is no way around the token.
    let mark = ("given-back", "1");
    assert_eq!(admin.post("/console/subscriptions/pager/disable", &[mark]).status, 400);
    assert_eq!(shown(&daemon, "pager")["enabled"], true);
    let path = "/console/subscriptions/pager/edit";
    assert_eq!(admin.send(path, &[mark], &OWN).status, 403);
    let reader = Browser::logged_in(&daemon, "reader");
    assert_eq!(reader.post(path, &[mark]).status, 403);
}
