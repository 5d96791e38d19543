//! `application/x-www-form-urlencoded`: variables, with `&` between them.

use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::{Problem, Rejection};

use crate::document::{Document, broken, twice};

/// Reads a form. A piece without `=` that cannot be a name belongs to the value before it,
/// which has a `&` in it that is not escaped.
pub(crate) fn read(text: &str) -> Result<Document, Rejection> {
    let mut variables: Vec<(&str, String)> = Vec::new();
    let mut mended = Vec::new();
    // Empty pieces, which say nothing unless they stand in a value.
    let mut empty = 0;
    for piece in text.split('&') {
        if let Some((name, value)) = piece.split_once('=') {
            variables.push((name.trim(), value.to_owned()));
            empty = 0;
        } else if piece.trim().is_empty() {
            empty += 1;
        } else if is_name(piece.trim()) {
            let name = eddy_ticket::short(piece.trim());
            let why = format!(
                "`{name}` stands between `&` without a `=`, so it can be a variable or the rest of \
                 a value with a `&` in it"
            );
            return Err(broken(None, &why));
        } else {
            let Some((name, value)) = variables.last_mut() else {
                let message = "not a form: it does not begin with a name and `=`";
                return Err(Rejection::Malformed(Problem::new(message)));
            };
            value.push_str(&"%26".repeat(empty + 1));
            value.push_str(piece);
            mended.push(format!("{}: unescaped `&`", eddy_ticket::short(name)));
            empty = 0;
        }
    }
    mended.dedup();
    let mut object = Map::new();
    for (name, value) in variables {
        let (name, value) = decode(name, &value)?;
        match name.strip_suffix("[]") {
            Some(list) => {
                let items = object.entry(list).or_insert_with(|| Value::Array(Vec::new()));
                match items {
                    Value::Array(items) => items.push(Value::String(value)),
                    _ => return Err(twice(list)),
                }
            }
            None => {
                if object.insert(name.clone(), Value::String(value)).is_some() {
                    return Err(twice(&name));
                }
            }
        }
    }
    Ok(Document { value: Value::Object(object), mended })
}

/// Whether a text begins as forms do.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| is_name(name.trim()))
}

/// Whether it can be the name of a variable in a template.
fn is_name(text: &str) -> bool {
    let is_part =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'[' | b']');
    !text.is_empty() && text.bytes().all(is_part)
}

fn decode(name: &str, value: &str) -> Result<(String, String), Rejection> {
    let raw = format!("{name}={value}");
    let decoded = form_urlencoded::parse(raw.as_bytes()).next();
    let (name, value) = decoded.unwrap_or_default();
    // It is put where the bytes are not UTF-8.
    let is_own = raw.contains('\u{fffd}') || raw.to_ascii_lowercase().contains("%ef%bf%bd");
    if value.contains('\u{fffd}') && !is_own {
        let why = "after decoding it is not UTF-8, so the percent signs may be the text's own";
        return Err(broken(Some(format!("/{}", eddy_ticket::short(&name))), why));
    }
    Ok((name.into_owned(), value.into_owned()))
}

#[cfg(test)]
mod tests {
    use hookwright_sdk::serde_json::json;

    use super::*;

    #[test]
    fn variables_are_decoded() {
        let text =
            "event=new&ticket_id=5& title=%D0%9F%D1%80+%26\r\n&text=a b&f[]=1&f[]=2&e=&&x=y%3D\n";
        let document = read(text).unwrap();
        let expected = json!({
            "event": "new", "ticket_id": "5", "title": "Пр &\r\n", "text": "a b", "f": ["1", "2"],
            "e": "", "x": "y=\n"
        });
        assert_eq!(document.value, expected);
        assert!(document.mended.is_empty());
        assert_eq!(read("").unwrap().value, json!({}));
    }

    #[test]
    fn a_piece_that_can_be_no_name_belongs_to_the_value() {
        let document = read("title=R & D dept && more!&id=5").unwrap();
        assert_eq!(document.value, json!({"title": "R & D dept && more!", "id": "5"}));
        assert_eq!(document.mended, ["title: unescaped `&`"]);
    }

    #[test]
    fn what_is_not_certain_is_refused() {
        for text in ["title=R&D&id=5", "title=Tom & Jerry", "a=1&a=2", "f=1&f[]=2", "a=50%de"] {
            match read(text) {
                Err(Rejection::BrokenTemplate(problem)) => {
                    assert!(problem.message.starts_with("unescaped value: "), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(read("не форма"), Err(Rejection::Malformed(_))));
        assert_eq!(read("a=%EF%BF%BD").unwrap().value, json!({"a": "\u{fffd}"}));
        assert_eq!(read("a=100% sure").unwrap().value, json!({"a": "100% sure"}));
    }
}
