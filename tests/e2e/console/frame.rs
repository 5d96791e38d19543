//! What all pages have in common.

use hookwright_tests::{Browser, Daemon, Page};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// What every page has to be.
pub(super) fn check(path: &str, page: &Page) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(name), value, "{path}: {name}");
    }
    if page.status == 303 {
        return;
    }
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
    check_html(path, &page.html);
}

/// No script and no style but by reference, ids once, labels for fields, one heading of the first
/// level, and nothing from elsewhere.
pub(super) fn check_html(path: &str, html: &str) {
    assert!(html.starts_with("<!doctype html>"), "{path}");
    let (mut ids, mut fors, mut headings) = (Vec::new(), Vec::new(), 0);
    for tag in tags(html) {
        let name = tag.split([' ', '\n', '>', '/']).next().unwrap().to_ascii_lowercase();
        headings += usize::from(name == "h1");
        assert!(name != "style", "{path}: <{tag}>");
        assert!(name != "script" || tag.contains(" src=\"/console/assets/"), "{path}: <{tag}>");
        assert!(
            !matches!(name.as_str(), "iframe" | "object" | "embed" | "base"),
            "{path}: <{tag}>"
        );
        for (attribute, value) in attributes(tag) {
            assert!(attribute != "style" && !attribute.starts_with("on"), "{path}: <{tag}>");
            assert!(!attribute.starts_with("hx-on"), "{path}: <{tag}>");
            let value_ = value.trim().to_ascii_lowercase();
            if matches!(attribute, "href" | "src" | "action" | "hx-get" | "hx-post") {
                let inside = value_.starts_with('/') && !value_.starts_with("//");
                assert!(
                    inside || value_.starts_with('#') || value_.starts_with('?'),
                    "{path}: <{tag}>"
                );
            }
            match attribute {
                "id" => ids.push(value.to_owned()),
                "for" | "aria-describedby" | "aria-labelledby" => fors.push(value.to_owned()),
                _ => {}
            }
        }
    }
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "{path}: an id is there twice: {ids:?}");
    for id in fors.iter().flat_map(|ids| ids.split(' ')) {
        assert!(ids.iter().any(|known| known == id), "{path}: there is no `#{id}`");
    }
    assert_eq!(headings, 1, "{path}: headings of the first level");
}

/// The insides of all tags.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| {
        // Values hold no `>`: it is escaped in them.
        let tag = rest.split('>').next()?;
        tag.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(tag)
    })
}

/// Names and values of a tag's attributes that have one.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.rsplit([' ', '\n']).next().unwrap_or_default();
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            panic!("`{name}` has no quotes: <{tag}>");
        };
        let (value, after) = after[1..].split_once(quote).unwrap();
        found.push((name, value));
        rest = after;
    }
    found
}

#[test]
fn assets_are_kept_for_good_and_pages_are_not() {
    let daemon = Daemon::start();
    let browser = Browser::new(&daemon);
    let page = browser.get("/console/login").expect(200);
    check("/console/login", &page);
    let mut assets = page.links("/console/assets/");
    let scripts = page.html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    assets.extend(scripts.map(str::to_owned));
    assert!(assets.len() >= 5, "{assets:?}");
    for path in &assets {
        let asset = browser.get(path).expect(200);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
        assert_eq!(asset.header("content-security-policy"), POLICY);
        assert!(!asset.html.contains("https://") || !path.contains("console."), "{path}");
    }
    for path in ["/console/assets/console.000000000000.css", "/console/assets/../../Cargo.toml"] {
        assert_eq!(browser.get(path).status, 404, "{path}");
    }
}

#[test]
fn each_visitor_is_spoken_to_in_a_language_of_theirs() {
    let daemon = Daemon::start();
    for (wanted, code, words) in [
        ("", "en", "Log in"),
        ("fr", "en", "Log in"),
        ("de-AT,de;q=0.9", "de", "Anmelden"),
        ("ru", "ru", "Войти"),
        ("uk;q=0.9,ru;q=0.1", "uk", "Увійти"),
    ] {
        let browser = Browser::new(&daemon).speaking(wanted);
        let page = browser.get("/console/login").expect(200);
        assert!(page.html.contains(&format!("<html lang=\"{code}\">")), "{wanted}");
        assert!(page.text().contains(words), "{wanted}: {}", page.text());
    }
    // What is chosen counts for more, also before logging in, and leads back to where it was.
    let browser = Browser::new(&daemon).speaking("de");
    let back = "/console/login?next=%2Fconsole%2Fevents";
    let own = [("sec-fetch-site", "same-origin")];
    let chosen = browser.send("/console/language", &[("language", "uk"), ("back", back)], &own);
    assert_eq!((chosen.status, chosen.location()), (303, back));
    assert!(browser.get(back).text().contains("Увійти"));
    let away = [("language", "ru"), ("back", "//evil.example")];
    assert_eq!(browser.send("/console/language", &away, &own).location(), "/console");
    let unknown = browser.send("/console/language", &[("language", "xx")], &own);
    check("language", &unknown.expect(400));
}

#[test]
fn what_is_not_there_is_a_page() {
    let daemon = Daemon::start();
    let browser = Browser::logged_in(&daemon, "reader");
    for path in ["/console/nothing", "/console/nothing/at/all", "/console/deliveries/x/y"] {
        let page = browser.get(path).expect(404);
        check(path, &page);
        assert!(page.text().contains("There is nothing here"), "{}", page.text());
    }
    let page = browser.request("PUT", "/console/deliveries", &[], Vec::new());
    check("PUT", &page.expect(403));
    let own = [("sec-fetch-site", "same-origin"), ("x-csrf-token", &browser.csrf())];
    let page = browser.request("PUT", "/console/deliveries", &own, Vec::new());
    check("PUT", &page.expect(405));
    assert_eq!(browser.get("/console/").location(), "/console");
    // Outside the console it is a problem for programs.
    assert_eq!(browser.get("/nothing").header("content-type"), "application/problem+json");
}
