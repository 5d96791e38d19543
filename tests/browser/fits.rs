//! Every page in every language fits a phone, asks for nothing elsewhere and has no errors.

use crate::chromium::Chromium;
use crate::crawl::every_page;
use crate::desk::Desk;

pub(crate) const TESTS: &[crate::Test] = &[
    ("pages_fit_a_phone_in_english", || on_every_page("en")),
    ("pages_fit_a_phone_in_german", || on_every_page("de")),
    ("pages_fit_a_phone_in_russian", || on_every_page("ru")),
    ("pages_fit_a_phone_in_ukrainian", || on_every_page("uk")),
];

/// What of a page is wider than the screen and not inside something that scrolls by itself.
const TOO_WIDE: &str = "const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const scrolls = e => e && (getComputedStyle(e).overflowX !== 'visible'
        || scrolls(e.parentElement));
    return [`${document.documentElement.scrollWidth} of ${width}`].concat(
        Array.from(document.querySelectorAll('body *'))
            .filter(e => e.getBoundingClientRect().right > width && !scrolls(e.parentElement))
            .slice(0, 5).map(e => e.outerHTML.slice(0, 200)));";

/// Fails if the page would have to be scrolled sideways.
pub(crate) fn check(chromium: &Chromium, what: &str) {
    let wide = chromium.ask(TOO_WIDE);
    assert!(wide.as_array().unwrap().is_empty(), "{what} is too wide: {wide:#}");
}

fn on_every_page(language: &str) {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "admin");
    chromium.choose("#language", language);
    chromium.wait_for(&format!("html[lang={language}]"));
    chromium.check();
    chromium.narrow();
    every_page(&chromium, |address| {
        assert_eq!(chromium.ask("return document.documentElement.lang;"), language, "{address}");
        check(&chromium, &format!("{address} in {language}"));
        let (network, console) = (chromium.log("performance"), chromium.log("browser"));
        // The browser says of itself that a page was not found.
        let known = |entry: &serde_json::Value| {
            let message = entry["message"].as_str().unwrap();
            !(entry["source"] == "network"
                && (message.contains("there-is-none") || message.contains("since=nonsense")))
        };
        let console: Vec<_> = console.into_iter().filter(known).collect();
        chromium.watched.check(&network, &console);
    });
}
