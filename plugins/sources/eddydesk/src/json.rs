//! JSON, as a template makes it: values are put in as they are, so that a quote or a line
//! break in one breaks the document.

mod frame;
mod mend;
mod quote;
mod strict;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::{Problem, Rejection};

use crate::document::{Document, broken, twice};
use mend::Outcome;

/// Reads a document that is one object. A document that is JSON is read as such; one that is
/// not is mended if there is only one way to do so.
pub(crate) fn read(text: &str, template_escapes: bool) -> Result<Document, Rejection> {
    let strict_error = match strict::read(text) {
        Ok(value) => return object(value, Vec::new()),
        Err(strict::Error::Twice(name)) => return Err(twice(&name)),
        Err(strict::Error::Json(error)) => error,
    };
    match mend::mend(text, template_escapes) {
        Outcome::Mended { text, damage } => match strict::read(&text) {
            Ok(value) => object(value, damage.iter().map(ToString::to_string).collect()),
            Err(strict::Error::Twice(name)) => Err(twice(&name)),
            Err(strict::Error::Json(error)) => {
                Err(broken(None, &format!("it cannot be told where one ends ({error})")))
            }
        },
        Outcome::Ambiguous(at, why) => Err(broken(Some(at), &why)),
        Outcome::Undamaged => {
            Err(Rejection::Malformed(Problem::new(format!("not JSON: {strict_error}"))))
        }
    }
}

fn object(value: Value, mended: Vec<String>) -> Result<Document, Rejection> {
    let found = match &value {
        Value::Object(_) => return Ok(Document { value, mended }),
        // PHP writes an empty object as an empty list.
        Value::Array(items) if items.is_empty() => {
            return Ok(Document { value: Value::Object(Map::new()), mended });
        }
        Value::Array(_) => "a list",
        Value::String(_) => "a string",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a truth value",
        Value::Null => "null",
    };
    Err(Rejection::Malformed(Problem::at("", format!("{found} as JSON; expected an object"))))
}
