//! The console by keyboard alone.

use serde_json::Value;

use crate::chromium::{Chromium, ENTER, SPACE, TAB};
use crate::desk::Desk;
use hookwright_tests::{PASSWORD, add_user, until};

pub(crate) const TESTS: &[crate::Test] = &[
    ("keyboard_skips_to_what_a_page_is_about", skip_link),
    ("keyboard_reaches_everything_in_order", everything_in_order),
    ("keyboard_logs_in_and_searches", logs_in_and_searches),
    ("keyboard_unfolds_the_menu_of_a_phone", unfolds_the_menu),
];

/// What has the focus: its place among all elements, whether it can be seen, and that it has it.
const FOCUS: &str = "const e = document.activeElement, box = e.getBoundingClientRect();
    const style = getComputedStyle(e), inside = box.right > 0 && box.bottom > 0
        && box.left < innerWidth && box.top < innerHeight && box.width > 0 && box.height > 0;
    return {place: Array.from(document.querySelectorAll('*')).indexOf(e), inside,
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        is: e.outerHTML.slice(0, 160), body: e === document.body};";

/// The places of all that has to be reached: what is used and is not hidden, and of radio buttons
/// of one name the one that is chosen.
const REACHABLE: &str = "const all = Array.from(document.querySelectorAll('*'));
    return all.filter(e => e.matches('a[href], button:enabled, select, textarea, summary, \
        [tabindex=\"0\"], input:not([type=hidden])') && e.checkVisibility()
        && !(e.type === 'radio' && !e.checked)).map(e => [all.indexOf(e),
        e.outerHTML.slice(0, 160)]);";

fn focus(chromium: &Chromium) -> Value {
    chromium.ask(FOCUS)
}

fn skip_link() {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "operator");
    chromium.open("/console/deliveries");
    chromium.press(&[TAB]);
    let first = focus(&chromium);
    assert!(first["is"].as_str().unwrap().contains("class=\"skip\""), "{first:#}");
    assert!(first["inside"] == true && first["outlined"] == true, "{first:#}");
    chromium.press(&[ENTER]);
    until("the focus to be where the page begins", || {
        chromium.holds("document.activeElement.id === 'main'").then_some(())
    });
    chromium.press(&[TAB]);
    assert!(chromium.holds("document.querySelector('main').contains(document.activeElement)"));
}

/// In the order of the document, each seen and outlined.
fn everything_in_order() {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "admin");
    let delivery = desk.daemon.deliveries("state=failed")[0]["id"].as_str().unwrap().to_owned();
    for address in [
        "/console".to_owned(),
        "/console/deliveries?state=failed".to_owned(),
        format!("/console/deliveries/{delivery}"),
        "/console/replays/new".to_owned(),
    ] {
        chromium.open(&address);
        let wanted = chromium.ask(REACHABLE);
        let wanted = wanted.as_array().unwrap();
        let mut seen = Vec::new();
        for _ in 0..wanted.len() + 20 {
            chromium.press(&[TAB]);
            let now = focus(&chromium);
            if now["body"] == true || seen.contains(&now["place"].as_u64().unwrap()) {
                break;
            }
            assert!(now["inside"] == true && now["outlined"] == true, "{address}: {now:#}");
            seen.push(now["place"].as_u64().unwrap());
        }
        assert!(seen.is_sorted(), "{address}: the focus jumps: {seen:?}");
        for one in wanted {
            assert!(seen.contains(&one[0].as_u64().unwrap()), "{address}: not reached: {}", one[1]);
        }
    }
}

fn tab_to(chromium: &Chromium, condition: &str) {
    for _ in 0..80 {
        chromium.press(&[TAB]);
        if chromium.holds(&format!("document.activeElement.matches(\"{condition}\")")) {
            return;
        }
    }
    panic!("the tabulator does not lead to `{condition}` on {}", chromium.path());
}

fn logs_in_and_searches() {
    let desk = Desk::new();
    add_user(&desk.daemon, "anna", "operator");
    let chromium = Chromium::start(&desk.daemon);
    chromium.open("/console/deliveries");
    // The first field has the focus.
    assert!(chromium.holds("document.activeElement.id === 'name'"));
    chromium.press(&"anna".chars().collect::<Vec<_>>());
    chromium.press(&[TAB]);
    chromium.press(&PASSWORD.chars().collect::<Vec<_>>());
    chromium.press(&[ENTER]);
    chromium.wait_for("header form[action='/console/logout']");
    assert_eq!(chromium.path(), "/console/deliveries");
    // What opens by a click opens by a key.
    tab_to(&chromium, "summary");
    chromium.press(&[ENTER]);
    tab_to(&chromium, "input[name=state][value=failed]");
    chromium.press(&[SPACE]);
    chromium.press(&[ENTER]);
    until("what was looked for", || chromium.path().contains("state=failed").then_some(()));
    chromium.wait_for("tbody .state.bad");
    tab_to(&chromium, "tbody a");
    chromium.press(&[ENTER]);
    chromium.wait_for("ol.timeline");
    tab_to(&chromium, "form[action$='/retry'] button");
    chromium.press(&[SPACE]);
    chromium.wait_for(".note.good");
    chromium.check();
}

fn unfolds_the_menu() {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "operator");
    chromium.narrow();
    chromium.open("/console/deliveries");
    let current = chromium.text("nav a[aria-current]");
    tab_to(&chromium, ".menu summary");
    let shown = chromium.text(".menu summary");
    assert!(shown.ends_with(": Deliveries"), "{shown}");
    assert_eq!(current, "", "it is folded up");
    // Pages that cannot be seen are not stopped at.
    chromium.press(&[TAB]);
    assert!(!chromium.holds("document.activeElement.closest('nav')"));
    chromium.open("/console/deliveries");
    tab_to(&chromium, ".menu summary");
    chromium.press(&[ENTER]);
    tab_to(&chromium, "nav a[href='/console/events']");
    let focus = focus(&chromium);
    assert!(focus["inside"] == true && focus["outlined"] == true, "{focus:#}");
    chromium.press(&[ENTER]);
    until("the page of events", || (chromium.path() == "/console/events").then_some(()));
    chromium.check();
}
