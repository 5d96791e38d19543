//! An admin's way through the console, from the first login to a delivery that failed and was
//! mended, with nothing but what the pages say.

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookwright_tests::{Daemon, PASSWORD, Reply, Seed, Sink, component, hub_signature, until};

use crate::chromium::Chromium;
use crate::{axe, fits};

pub(crate) const TESTS: &[crate::Test] = &[
    ("journey_at_a_desk", || journey(&Way { language: "en", scheme: "light", is_wide: true })),
    ("journey_with_a_phone", || journey(&Way { language: "uk", scheme: "dark", is_wide: false })),
];

/// On what the admin looks.
struct Way {
    language: &'static str,
    scheme: &'static str,
    is_wide: bool,
}

impl Way {
    /// What holds of every page on the way.
    fn look(&self, chromium: &Chromium, what: &str) {
        assert!(chromium.holds(&format!("document.documentElement.lang === '{}'", self.language)));
        fits::check(chromium, what);
        let found = axe::found(chromium);
        assert!(found.is_empty(), "{what}: {found:#?}");
        chromium.check();
    }
}

fn journey(way: &Way) {
    let works = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&works);
    let sink = Sink::answering(move |_| match asked.load(Ordering::SeqCst) {
        true => Reply::ok("thank you"),
        false => Reply { status: 500, ..Reply::ok("out of paper") },
    });
    let daemon = Daemon::start();
    first_user(&daemon);
    let chromium = Chromium::start(&daemon);
    if !way.is_wide {
        chromium.narrow();
    }
    chromium.scheme(way.scheme);

    log_in(&chromium, way);
    install(&chromium, way, "source-zammad");
    install(&chromium, way, "destination-standard-webhooks");
    let (address, key) = add_source(&chromium, way);
    subscribe(&chromium, way, &sink.url("/webhooks"));

    chromium.go_by("form[action$='/test'] button");
    chromium.wait_for("[role=status] .state.good");
    assert_eq!(sink.count(), 1, "the test");
    way.look(&chromium, "a test that was sent");

    // It is there without anybody loading the page again.
    chromium.open("/console/deliveries");
    chromium.ask("window.stays = true;");
    chromium.wait_for("#live");
    post(&daemon, &address, &key, "first");
    chromium.wait_for_words("#list tbody", "ticket.created");
    chromium.wait_for("#list tbody tr:first-child .state.good");
    assert!(chromium.holds("window.stays"), "the page was loaded again");
    way.look(&chromium, "a delivery that came while looking on");

    works.store(false, Ordering::SeqCst);
    post(&daemon, &address, &key, "second");
    chromium.wait_for("#list tbody tr:first-child .state.bad");
    assert!(chromium.holds("window.stays"), "the page was loaded again");
    chromium.go_by("#list tbody tr:first-child a[href*='/deliveries/']");
    chromium.wait_for_words("#attempt-1", "out of paper");
    way.look(&chromium, "a delivery that failed");

    works.store(true, Ordering::SeqCst);
    chromium.go_by("form[action$='/retry'] button");
    chromium.wait_for("h1 .state.good");
    chromium.wait_for_words("#attempt-2", "thank you");
    way.look(&chromium, "a delivery that was tried again");
    let sent = sink.requests();
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert!(sent[2].body == sent[3].body && sent[1].body != sent[2].body, "{sent:?}");

    chromium.open("/console/audit");
    for action in ["plugin", "source", "subscription", "delivery"] {
        chromium.wait_for_words("main", action);
    }
    way.look(&chromium, "who did what");
    chromium.go_by("header form[action='/console/logout'] button");
    assert_eq!(chromium.path(), "/console/login");
    chromium.open("/console/deliveries");
    assert!(chromium.path().starts_with("/console/login"));
    way.look(&chromium, "after logging out");
}

/// As the docs say.
fn first_user(daemon: &Daemon) {
    let mut command = daemon.command(&["user", "--data"]);
    command.arg(daemon.data()).args(["create", "--name", "anna", "--role", "admin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn log_in(chromium: &Chromium, way: &Way) {
    chromium.open("/console");
    chromium.fill("#name", "anna");
    chromium.fill("#password", PASSWORD);
    chromium.go_by("main button");
    assert_eq!(chromium.path(), "/console");
    if way.language != "en" {
        chromium.choose("#language", way.language);
        chromium.wait_for(&format!("html[lang={}]", way.language));
    }
    way.look(chromium, "the overview, when nothing is there");
}

/// Goes to a page by what every page has, which is folded up on a phone.
fn turn_to(chromium: &Chromium, way: &Way, page: &str) {
    let link = format!("nav a[href='{page}']");
    let can_be_seen =
        |css: &str| chromium.holds(&format!("document.querySelector(\"{css}\").checkVisibility()"));
    assert_eq!((can_be_seen(&link), can_be_seen(".menu")), (way.is_wide, !way.is_wide));
    if !way.is_wide {
        chromium.click(".menu summary");
        assert!(can_be_seen(&link), "{page}");
        fits::check(chromium, "the menu");
        let found = axe::found(chromium);
        assert!(found.is_empty(), "the menu: {found:#?}");
    }
    chromium.go_by(&link);
}

fn install(chromium: &Chromium, way: &Way, name: &str) {
    turn_to(chromium, way, "/console/plugins");
    chromium.go_by("a[href='/console/plugins/install']");
    chromium.upload("#file", &component(name));
    way.look(chromium, "the form for a plugin");
    chromium.go_by("form[action='/console/plugins/install'] button");
    chromium.wait_for("main .note.good");
    way.look(chromium, "a plugin that was installed");
}

/// Returns where to post, and the key to sign with.
fn add_source(chromium: &Chromium, way: &Way) -> (String, String) {
    turn_to(chromium, way, "/console/sources");
    chromium.go_by("a[href='/console/sources/~new']");
    chromium.go_by("a[href='/console/sources/~new?plugin=zammad']");
    chromium.fill("#name", "helpdesk");
    chromium.click("input[name=auth][value=hub_signature]");
    chromium.click("input[name=secret_from][value=generated]");
    chromium.fill("[name='/settings/url']", "https://helpdesk.example.com");
    way.look(chromium, "the form for a source");
    chromium.go_by("main form button.main");
    chromium.wait_for("#secret");
    way.look(chromium, "a new source");
    let shown = |css: &str| {
        let value = chromium.ask(&format!("return document.querySelector('{css}').value;"));
        value.as_str().unwrap().to_owned()
    };
    let (address, key) = (shown("#url"), shown("#secret"));
    chromium.open("/console/sources/helpdesk");
    assert!(!chromium.has("#secret"), "it is shown once");
    (address, key)
}

fn subscribe(chromium: &Chromium, way: &Way, url: &str) {
    turn_to(chromium, way, "/console/subscriptions");
    chromium.go_by("a[href='/console/subscriptions/new']");
    chromium.go_by("a[href$='?plugin=standard-webhooks']");
    // What is missing is said beside its field, and what was typed stays.
    chromium.fill("[name='/name']", "archive");
    chromium.fill("[name='/settings/url']", url);
    chromium.fill("[name='/description']", "Everything, to the archive");
    chromium.reveal("[name='/retry.of']");
    chromium.choose("[name='/retry.of']", "0");
    way.look(chromium, "the form for a subscription");
    chromium.go_by("main form .actions button.main");
    until("the subscription's page", || {
        chromium.path().starts_with("/console/subscriptions/archive").then_some(())
    });
    way.look(chromium, "a new subscription");
}

/// Posts what Zammad posts for a new ticket, to the address and with the key that were shown.
fn post(daemon: &Daemon, address: &str, key: &str, delivery: &str) {
    let path = address.strip_prefix(&daemon.url()).expect("the address is the daemon's");
    let seed = Seed::zammad().delivered_as(delivery);
    let signature = hub_signature(key, &seed.body);
    let mut headers = seed.headers();
    headers.retain(|(name, _)| *name != "X-Hub-Signature");
    headers.push(("X-Hub-Signature", &signature));
    drop(daemon.api().anonymous().post(path, &headers, &seed.body).expect(202));
}
