//! Forms as browsers read, fill in and send them.

use hookwright_tests::{Browser, Page};

/// All fields of the page's main form, as a browser would send them.
pub(super) fn form(page: &Page) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // The form of the page, not those of its frame.
    let main = page.html.split("<main").nth(1).unwrap();
    let main = main.split("</main>").next().unwrap();
    assert!(main.contains("<form method=\"post\" action=\"/console/"));
    for part in main.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { continue };
        let attribute = |name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(unescaped(rest.split('"').next()?))
        };
        let has = |name: &str| tag.split(' ').any(|one| one == name);
        let is = |name: &str| tag.split([' ', '\n']).next() == Some(name);
        let name = attribute("name");
        if is("input") {
            let Some(name) = name else { continue };
            let kind = attribute("type").unwrap_or_default();
            if matches!(kind.as_str(), "checkbox" | "radio") && !has("checked") {
                continue;
            }
            found.push((name, attribute("value").unwrap_or_default()));
        } else if is("textarea") {
            let text = text.strip_prefix('\n').unwrap_or(text);
            found.push((name.unwrap(), unescaped(text).replace('\n', "\r\n")));
        } else if is("select") {
            found.push((name.unwrap(), "\0".into()));
        } else if is("option") {
            let last = found.last_mut().unwrap();
            if last.1 == "\0" || has("selected") {
                last.1 = attribute("value").unwrap_or_else(|| unescaped(text));
            }
        }
    }
    found
}

fn unescaped(text: &str) -> String {
    let references =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`")];
    let text = references.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

/// A form with other values in these fields.
pub(super) fn with(
    mut form: Vec<(String, String)>,
    changes: &[(&str, &str)],
) -> Vec<(String, String)> {
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

/// A form without this value in this field.
pub(super) fn without(
    mut form: Vec<(String, String)>,
    name: &str,
    value: &str,
) -> Vec<(String, String)> {
    form.retain(|(known, there)| known != name || there != value);
    form
}

/// Sends it, as it stands on a page of this session.
pub(super) fn post(browser: &Browser, path: &str, form: &[(String, String)]) -> Page {
    let fields: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.send(path, &fields, &[("sec-fetch-site", "same-origin")])
}
