//! Attachments, which the product gives as links: in a text, as HTML, or as a list.

use hookwright_sdk::ticket::Attachment;
use serde_json::{Map, Value};

/// More than any post has, so that one made of links costs no more than others.
const MOST: usize = 200;

/// In bytes; browsers and servers take little more.
const LONGEST: usize = 4096;

/// Whether there is a link in a value.
pub(crate) fn has_links(value: &Value) -> bool {
    let mut found = Vec::new();
    collect(value, &mut found, 4);
    !found.is_empty()
}

/// The attachments in some values, each once.
pub(crate) fn attachments(values: &[&Value]) -> Vec<Attachment> {
    let mut found = Vec::new();
    for value in values {
        collect(value, &mut found, 4);
    }
    found
}

fn collect(value: &Value, found: &mut Vec<Attachment>, depth: u8) {
    match value {
        Value::String(text) => {
            links(text).take(MOST).for_each(|link| add(found, of_link(&link)));
        }
        Value::Array(items) if depth > 0 => {
            items.iter().for_each(|item| collect(item, found, depth - 1));
        }
        Value::Object(object) if depth > 0 => match of_object(object) {
            Some(attachment) => add(found, attachment),
            None => object.values().for_each(|item| collect(item, found, depth - 1)),
        },
        _ => {}
    }
}

fn add(found: &mut Vec<Attachment>, new: Attachment) {
    if found.len() < MOST && found.iter().all(|known| known.url != new.url) {
        found.push(new);
    }
}

/// The addresses in a text or in HTML.
fn links(text: &str) -> impl Iterator<Item = String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\\');
    text.split(ends).flat_map(links_in_word).filter_map(|link| {
        let link = link.trim_end_matches([',', ';', ')', '.']).replace("&amp;", "&");
        ("https://".len() + 1..=LONGEST).contains(&link.len()).then_some(link)
    })
}

/// A link, or several with nothing but commas between them.
fn links_in_word(word: &str) -> Vec<&str> {
    let is_link = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    let mut starts: Vec<usize> = Vec::new();
    for (start, _) in word.match_indices("http") {
        let (before, link) = word.split_at(start);
        if is_link(link) && (starts.is_empty() || before.ends_with([',', ';'])) {
            starts.push(start);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([word.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| word.get(*start..end)).collect()
}

fn of_link(link: &str) -> Attachment {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let (_, name) = path.rsplit_once('/').unwrap_or_default();
    // Escaped names are left to those who show the link.
    let is_name = name.contains('.') && !name.contains('%') && path.matches('/').count() > 2;
    Attachment {
        name: is_name.then(|| name.to_owned()),
        url: Some(link.to_owned()),
        ..Attachment::default()
    }
}

fn of_object(object: &Map<String, Value>) -> Option<Attachment> {
    let first = |names: &[&str]| {
        let texts = names.iter().filter_map(|name| object.get(*name));
        texts.filter_map(crate::value::text).next()
    };
    let link = links(&first(&["url", "link", "href", "src"])?).next()?;
    let of_link = of_link(&link);
    Some(Attachment {
        name: first(&["name", "filename", "file_name", "title"]).or(of_link.name),
        content_type: first(&["content_type", "mime_type", "mime"]),
        size: first(&["size", "file_size"]).and_then(|size| size.parse().ok()),
        url: of_link.url,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(value: &Value) -> Vec<(Option<String>, String)> {
        let found = attachments(&[value]);
        found.into_iter().map(|found| (found.name, found.url.unwrap())).collect()
    }

    fn named(name: &str, url: &str) -> (Option<String>, String) {
        (Some(name.to_owned()), url.to_owned())
    }

    #[test]
    fn links_are_found_in_every_form() {
        let (a, b) = ("https://f.example.com/a.jpg", "https://f.example.com/b.pdf?x=1&y=2");
        let both = vec![named("a.jpg", a), named("b.pdf", b)];
        assert_eq!(found(&json!(format!("{a}\n{b}"))), both);
        assert_eq!(found(&json!(format!("{a}, {b}."))), both);
        assert_eq!(found(&json!(format!("{a},{b}"))), both);
        let html = format!(r#"<a href="{a}">a.jpg</a><br><a href='{b}'>b</a>"#);
        assert_eq!(found(&json!(html.replace("&y", "&amp;y"))), both);
        assert_eq!(found(&json!([a, {"link": b}, a])), both);
        assert_eq!(found(&json!({"1": {"url": a}, "2": {"href": b}})), both);
    }

    #[test]
    fn what_a_list_says_of_a_file_is_kept() {
        let file =
            json!({"name": "Счёт.pdf", "url": "https://e.com/7", "size": "12", "mime": "a/b"});
        let file = attachments(&[&file]).remove(0);
        assert_eq!((file.name.as_deref(), file.size), (Some("Счёт.pdf"), Some(12)));
        assert_eq!(file.content_type.as_deref(), Some("a/b"));
    }

    #[test]
    fn what_is_no_link_is_left_out() {
        for value in [json!("нет"), json!(""), json!(7), json!("http://"), json!({"url": null})]
        {
            assert_eq!(found(&value), []);
        }
        assert_eq!(
            found(&json!("https://e.com/%D0%B0.jpg")),
            [(None, "https://e.com/%D0%B0.jpg".into())]
        );
        let many = "https://".repeat(100_000);
        assert_eq!(found(&json!(many)).len(), 0);
        let many: String = (0..1000).map(|n| format!("https://e.com/{n} ")).collect();
        assert_eq!(found(&json!(many)).len(), MOST);
        assert_eq!(found(&json!("https://example.com")), [(None, "https://example.com".into())]);
    }
}
