//! Accessibility, judged by axe-core.

use serde_json::Value;

use crate::chromium::{self, Chromium};
use crate::crawl::every_page;
use crate::desk::Desk;

pub(crate) const TESTS: &[crate::Test] = &[
    ("axe_light", || on_every_page("light")),
    ("axe_dark", || on_every_page("dark")),
    ("axe_before_logging_in", before_logging_in),
    ("axe_finds_what_is_wrong", finds_what_is_wrong),
];

/// All of axe's rules but those that are experiments.
const RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ['violations']}).then(
        found => done(found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
            .map(one => ({rule: one.id, impact: one.impact, help: one.help,
                nodes: one.nodes.slice(0, 3).map(node => [node.html.slice(0, 200),
                    node.any.concat(node.all, node.none).map(check => check.message)])}))),
        error => done([{rule: String(error)}]));";

/// What axe-core finds that is serious or critical. Scripts of WebDriver are not subject to the
/// page's content security policy.
pub(crate) fn found(chromium: &Chromium) -> Vec<Value> {
    if !chromium.holds("window.axe") {
        let axe = std::fs::read_to_string(chromium::axe());
        chromium.ask(&axe.expect("axe-core is installed (`cargo xtask test`)"));
    }
    chromium.ask_later(RUN).as_array().unwrap().clone()
}

/// At a desk's and at a phone's width.
fn both_widths(chromium: &Chromium, what: &str, wrong: &mut Vec<String>) {
    for wide in [true, false] {
        if wide {
            chromium.wide();
        } else {
            chromium.narrow();
        }
        for one in found(chromium) {
            wrong.push(format!("{what}, {}: {one:#}", if wide { "wide" } else { "narrow" }));
        }
    }
}

fn on_every_page(scheme: &str) {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "admin");
    chromium.scheme(scheme);
    let mut wrong = Vec::new();
    every_page(&chromium, |address| both_widths(&chromium, address, &mut wrong));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn before_logging_in() {
    let desk = Desk::new();
    let chromium = Chromium::start(&desk.daemon);
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        chromium.scheme(scheme);
        chromium.open("/console/login");
        both_widths(&chromium, &format!("log in, {scheme}"), &mut wrong);
        chromium.fill("#name", "nobody");
        chromium.fill("#password", "wrong");
        chromium.go_by("main button");
        chromium.wait_for("#refused");
        both_widths(&chromium, &format!("refused, {scheme}"), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tests above can fail.
fn finds_what_is_wrong() {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "reader");
    chromium.ask(
        "document.querySelector('main').insertAdjacentHTML('beforeend',
            '<input id=\"unlabelled\"><p id=\"faint\">faint</p>');
         document.getElementById('faint').style.color = '#eee';
         document.getElementById('faint').style.background = '#fff';",
    );
    let rules: Vec<_> = found(&chromium).iter().map(|one| one["rule"].clone()).collect();
    assert!(
        rules.contains(&"label".into()) && rules.contains(&"color-contrast".into()),
        "{rules:?}"
    );
}
