//! The little that the host itself reads of tickets.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest number that is taken for one, in bytes.
const MAX_NUMBER: usize = 128;

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    ticket: Ticket<'a>,
}

#[derive(Deserialize)]
struct Ticket<'a> {
    #[serde(borrow)]
    number: &'a RawValue,
}

/// The number by which people know the ticket that an event is about: `ticket.number` in its body,
/// a text or a whole number. None if there is none, or it is empty or longer than 128 bytes.
#[must_use]
pub fn number(data: &str) -> Option<String> {
    let Data { ticket: Ticket { number } } = serde_json::from_str(data).ok()?;
    let number = match number.get() {
        text if text.starts_with('"') => serde_json::from_str(text).ok()?,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.to_owned(),
        _ => return None,
    };
    (1..=MAX_NUMBER).contains(&number.len()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_helpdesks_write_them() {
        let read = |number: &str| number_of(&format!(r#"{{"id":"1", "number": {number}}}"#));
        assert_eq!(read(r#""10081""#).as_deref(), Some("10081"));
        assert_eq!(read(r#""SR-\u0031""#).as_deref(), Some("SR-1"));
        assert_eq!(read("10081").as_deref(), Some("10081"));
        assert_eq!(read("12345678901234567890123").as_deref(), Some("12345678901234567890123"));
        assert_eq!(read(&format!("\"{}\"", "7".repeat(128))), Some("7".repeat(128)));
    }

    fn number_of(ticket: &str) -> Option<String> {
        number(&format!(r#"{{"origin": [{{}}], "ticket": {ticket}, "changes": []}}"#))
    }

    #[test]
    fn what_is_no_number() {
        for ticket in ["{}", "7", "null", r#"{"number":null}"#, r#"{"number":["1"]}"#] {
            assert_eq!(number_of(ticket), None, "{ticket}");
        }
        for number in [r#""""#, "1.5", "-1", "1e3", "true", r#"{"a":1}"#] {
            assert_eq!(number_of(&format!(r#"{{"number":{number}}}"#)), None, "{number}");
        }
        assert_eq!(number_of(&format!(r#"{{"number":"{}"}}"#, "7".repeat(129))), None);
        for data in ["", "null", "[]", "{", &"[".repeat(100_000)] {
            assert_eq!(number(data), None);
        }
    }
}
