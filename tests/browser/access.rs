//! What other pages can make a browser do, and what it keeps to itself.

use hookwright_tests::{Daemon, PASSWORD, Reply, Sink, add_user, until};
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::watched::{complaints, requests};

pub(crate) const TESTS: &[crate::Test] = &[
    ("access_cookies_are_kept_from_scripts", cookies),
    ("access_a_session_is_made_by_logging_in", fixation),
    ("access_forms_of_other_pages_are_refused", forms_of_others),
    ("access_other_pages_do_not_frame_it", framing),
    ("access_what_is_asked_for_elsewhere_is_seen", elsewhere_is_seen),
];

const SESSION: &str = "hookwright_session";

fn cookie(chromium: &Chromium, name: &str) -> Option<Value> {
    let all = chromium.dev_tools("Storage.getCookies", &json!({}));
    all["cookies"].as_array().unwrap().iter().find(|cookie| cookie["name"] == name).cloned()
}

fn cookies() {
    let daemon = Daemon::start();
    let chromium = Chromium::logged_in(&daemon, "operator");
    let all = chromium.dev_tools("Storage.getCookies", &json!({}));
    let all = all["cookies"].as_array().unwrap();
    assert!(cookie(&chromium, SESSION).is_some(), "{all:#?}");
    for one in all {
        assert_eq!(one["httpOnly"], true, "{one:#}");
        assert_eq!(one["path"], "/console", "{one:#}");
        assert!(one["sameSite"] == "Lax" || one["sameSite"] == "Strict", "{one:#}");
        // Of this host alone: no `Domain`.
        assert_eq!(one["domain"], "127.0.0.1", "{one:#}");
    }
    assert_eq!(cookie(&chromium, SESSION).unwrap()["session"], true, "it ends with the browser");
    assert_eq!(chromium.ask("return document.cookie;"), "");
    assert_eq!(chromium.ask("return localStorage.length + sessionStorage.length;"), 0);
    // The API is not asked with it.
    let status = "const done = arguments[arguments.length - 1];
        fetch('/v1/deliveries').then(answer => done(answer.status), error => done(String(error)));";
    assert_eq!(chromium.ask_later(status), 401);
    chromium.go_by("header form[action='/console/logout'] button");
    assert_eq!(cookie(&chromium, SESSION), None);
    chromium.open("/console/deliveries");
    assert!(chromium.path().starts_with("/console/login"), "{}", chromium.path());
}

/// Who can set a cookie does not know the session that comes of it.
fn fixation() {
    let daemon = Daemon::start();
    add_user(&daemon, "anna", "admin");
    let chromium = Chromium::start(&daemon);
    let chosen = "A".repeat(43);
    let set = json!({"name": SESSION, "value": chosen, "url": format!("{}/console", daemon.url()),
        "path": "/console"});
    assert_eq!(chromium.dev_tools("Network.setCookie", &set)["success"], true);
    chromium.log_in("anna");
    let first = cookie(&chromium, SESSION).unwrap()["value"].clone();
    assert_ne!(first, chosen);
    chromium.go_by("header form[action='/console/logout'] button");
    chromium.log_in("anna");
    assert_ne!(cookie(&chromium, SESSION).unwrap()["value"], first);
}

/// A page of another origin of this site, and of another site.
fn other(page: &str) -> (Sink, [String; 2]) {
    let page = page.to_owned();
    let sink = Sink::answering(move |_| {
        Reply::ok(page.clone()).header("content-type", "text/html; charset=utf-8")
    });
    let same_site = sink.url("/");
    let cross_site = same_site.replace("127.0.0.1", "elsewhere.example");
    (sink, [same_site, cross_site])
}

fn forms_of_others() {
    let daemon = Daemon::start();
    let base = daemon.url();
    let chromium = Chromium::logged_in(&daemon, "admin");
    let csrf = chromium.ask("return document.querySelector('[name=csrf]').value;");
    let csrf = csrf.as_str().unwrap();
    let form = |path: &str, fields: &[(&str, &str)]| {
        let fields = fields
            .iter()
            .map(|(name, value)| format!("<input type='hidden' name='{name}' value='{value}'>"));
        let fields: String = fields.collect();
        format!(
            "<!doctype html><title>x</title><form method='post' action='{base}{path}'>{fields}\
             <button>x</button></form>"
        )
    };
    // Even one that knows what it cannot know.
    let language = form("/console/language", &[("language", "de"), ("csrf", csrf)]);
    let (_sink, addresses) = other(&language);
    for address in &addresses {
        chromium.open(address);
        chromium.go_by("button");
        assert_eq!(chromium.path(), "/console/language", "{address}");
        chromium.open("/console");
        assert_eq!(chromium.ask("return document.documentElement.lang;"), "en", "{address}");
    }
    let logout = form("/console/logout", &[("csrf", csrf)]);
    let (_sink, addresses) = other(&logout);
    for address in &addresses {
        chromium.open(address);
        chromium.go_by("button");
        chromium.open("/console/deliveries");
        assert_eq!(chromium.path(), "/console/deliveries", "{address}: logged out by others");
    }
    // Nobody is logged in as somebody else.
    add_user(&daemon, "mallory", "reader");
    chromium.go_by("header form[action='/console/logout'] button");
    chromium.open("/console/login");
    let proof = chromium.ask("return document.querySelector('[name=proof]').value;");
    let fields = [("name", "mallory"), ("password", PASSWORD), ("proof", proof.as_str().unwrap())];
    let (_sink, addresses) = other(&form("/console/login", &fields));
    for address in &addresses {
        chromium.open(address);
        chromium.go_by("button");
        assert_eq!(cookie(&chromium, SESSION), None, "{address}: logged in by others");
    }
}

fn framing() {
    let daemon = Daemon::start();
    let chromium = Chromium::logged_in(&daemon, "admin");
    let frame = format!(
        "<!doctype html><title>x</title><iframe src='{}/console/login' width='600' height='600'>\
         </iframe>",
        daemon.url()
    );
    let (_sink, addresses) = other(&frame);
    for address in &addresses {
        drop(chromium.log("browser"));
        chromium.open(address);
        let said = complaints(&chromium.log("browser"));
        assert!(said.iter().any(|said| said.contains("frame-ancestors")), "{address}: {said:?}");
        chromium.enter_frame(0);
        assert!(!chromium.has("form, header, main"), "{address}: it is shown in a frame");
    }
}

/// The look at the network's log can fail, and the content security policy forbids what it has to.
fn elsewhere_is_seen() {
    let daemon = Daemon::start();
    let chromium = Chromium::logged_in(&daemon, "reader");
    let (sink, [address, _]) = other("x");
    drop((chromium.log("performance"), chromium.log("browser")));
    chromium.open(&address);
    assert!(requests(&chromium.log("performance")).contains(&address));
    chromium.open("/console");
    chromium.wait_for("footer");
    let before = sink.count();
    drop(chromium.log("browser"));
    chromium.ask(&format!(
        "const add = (tag, name, value) => {{ const e = document.createElement(tag);
            e[name] = value; document.body.append(e); }};
         add('img', 'src', '{address}picture'); add('script', 'src', '{address}script');
         add('script', 'textContent', 'window.hostile = 1'); add('iframe', 'src', '{address}frame');
         add('style', 'textContent', '@import url({address}style)');
         fetch('{address}fetched').catch(() => null);"
    ));
    let mut said_so_far = Vec::new();
    until("what is forbidden to be told", || {
        let said = complaints(&chromium.log("browser"));
        said_so_far
            .extend(said.into_iter().filter(|said| said.contains("Content Security Policy")));
        (said_so_far.len() >= 6).then_some(())
    });
    assert!(chromium.holds("window.hostile === undefined"));
    assert_eq!(sink.count(), before, "something was asked for: {:?}", sink.requests());
}
