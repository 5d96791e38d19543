//! The formats of bodies, and which one a body is in.

use hookwright_sdk::serde_json::{Map, Value, json};
use hookwright_sdk::{Inbound, Problem, Rejection, document as sdk};
use serde::Deserialize;

use crate::Settings;
use crate::document::Document;
use crate::{form, json as json_body, xml};

/// How the dispatcher's rule sends data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// What the content type and the body's beginning say.
    #[default]
    Auto,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// X-FORM-URLENCODED.
    Form,
    /// Text: all of it is the message.
    Text,
}

/// Reads the body. There is none in most `GET`s: then the query says everything.
pub(crate) fn read(inbound: &Inbound, settings: &Settings) -> Result<Document, Rejection> {
    let text = sdk::utf8(&inbound.body).map_err(Rejection::Malformed)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Ok(Document { value: Value::Object(Map::new()), mended: Vec::new() });
    }
    match format(inbound, settings.format, text)? {
        Format::Json => json_body::read(text, settings.template_escapes),
        Format::Xml => xml::read(text),
        Format::Form => form::read(text),
        Format::Text | Format::Auto => {
            Ok(Document { value: json!({ "message": text }), mended: Vec::new() })
        }
    }
}

fn format(inbound: &Inbound, set: Format, text: &str) -> Result<Format, Rejection> {
    if set != Format::Auto {
        return Ok(set);
    }
    let header = inbound.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let header = header.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase());
    let media_type = header.as_deref().unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if media_type.starts_with("multipart/") {
        let message = "multipart/form-data is not read: set the format of the dispatcher's rule \
                       to JSON, XML or X-FORM-URLENCODED";
        return Err(Rejection::Unsupported(Problem::new(message)));
    }
    // PHP's HTTP client calls everything a form unless it is told otherwise.
    let is_form = media_type == "application/x-www-form-urlencoded";
    Ok(match text.trim_start().as_bytes() {
        _ if media_type.ends_with("json") => Format::Json,
        _ if media_type.ends_with("xml") => Format::Xml,
        [b'{', ..] => Format::Json,
        [b'<', b'?', ..] => Format::Xml,
        [b'<', ..] if is_form || media_type.is_empty() => Format::Xml,
        [b'[', ..] if media_type.is_empty() => Format::Json,
        _ if is_form || (media_type.is_empty() && form::looks_like_one(text)) => Format::Form,
        _ => Format::Text,
    })
}
