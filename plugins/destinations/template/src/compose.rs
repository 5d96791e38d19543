//! Puts the request together.

use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::{BasicCredentials, Credential, Encoding, Part, Request, secret, text};

use crate::engine::Engine;
use crate::fault::Fault;
use crate::piece::Piece;
use crate::settings::{Auth, Format, Settings};
use crate::{form, json, plain, url, xml};

/// The one request.
pub(crate) fn request(settings: &Settings, engine: &Engine<'_>) -> Result<Request, Fault> {
    let address = url(&settings.url, engine).map_err(|fault| fault.of("url"))?;
    let mut request = Request::new(settings.method.name(), address);
    let body = body(settings, engine).map_err(|fault| fault.of("body"))?;
    if let Some(body) = body {
        let names = settings.headers.keys();
        if !names.into_iter().any(|name| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", settings.format.content_type());
        }
        request = request.body(body);
    }
    for (name, template) in &settings.headers {
        let value =
            header(template, engine).map_err(|fault| fault.of(&format!("headers/{name}")))?;
        request = request.header(name, value);
    }
    Ok(match &settings.auth {
        Auth::None => request,
        Auth::Basic { username } => {
            let username = match username {
                Some(username) => Credential::Text(username.clone()),
                None => Credential::Secret("username".to_owned()),
            };
            let password = Credential::Secret("password".to_owned());
            let pair = Part::Basic(BasicCredentials { username, password });
            request.header("Authorization", [text("Basic "), pair])
        }
        Auth::Bearer => {
            request.header("Authorization", [text("Bearer "), secret("token", Encoding::Raw)])
        }
        Auth::Header { name } => request.header(name, secret("header_value", Encoding::Raw)),
    })
}

/// The URL.
pub(crate) fn url(template: &str, engine: &Engine<'_>) -> Result<Vec<Part>, Fault> {
    url::write(&engine.fill(template.trim())?)
}

/// A header's value.
pub(crate) fn header(template: &str, engine: &Engine<'_>) -> Result<Vec<Part>, Fault> {
    plain::header(&engine.fill(template)?)
}

/// The body, if there is to be one.
pub(crate) fn body(settings: &Settings, engine: &Engine<'_>) -> Result<Option<Vec<Part>>, Fault> {
    let body = match (&settings.body, settings.format) {
        (None, _) => return Ok(None),
        (Some(Value::String(template)), Format::Json) => json::write(&engine.fill(template)?)?,
        (Some(document), Format::Json) => {
            let mut pieces = Vec::new();
            document_pieces(document, engine, &mut pieces)?;
            json::write(&pieces)?
        }
        (Some(Value::String(template)), Format::Xml) => xml::write(&engine.fill(template.trim())?)?,
        (Some(Value::String(template)), Format::Text) => plain::text(&engine.fill(template)?),
        (Some(Value::String(template)), Format::Form) => {
            form::write_text(&engine.fill(template.trim_matches(['\r', '\n']))?)?
        }
        (Some(Value::Object(fields)), Format::Form) => {
            form::write_fields(&form_fields(fields, engine)?)
        }
        (Some(_), Format::Form) => {
            let message = "write the fields as text, `a=1&b={ticket_id}`, or as an object";
            return Err(Fault::settings(message));
        }
        (Some(_), Format::Xml | Format::Text) => {
            return Err(Fault::settings("write the body as text; only JSON can be a document"));
        }
    };
    Ok(Some(body))
}

fn form_fields(
    fields: &Map<String, Value>,
    engine: &Engine<'_>,
) -> Result<Vec<(String, Vec<Piece>)>, Fault> {
    let fields = fields.iter().map(|(name, value)| {
        let pieces = match value {
            Value::String(template) => engine.fill(template),
            Value::Bool(_) | Value::Number(_) => Ok(vec![Piece::Text(value.to_string())]),
            _ => Err(Fault::settings("a field is a text, a number, or true or false")),
        };
        Ok((name.clone(), pieces.map_err(|fault| fault.of(name))?))
    });
    fields.collect()
}

/// A document as a text of which only strings are templates.
fn document_pieces(
    value: &Value,
    engine: &Engine<'_>,
    pieces: &mut Vec<Piece>,
) -> Result<(), Fault> {
    match value {
        Value::String(template) => {
            push(pieces, "\"");
            for piece in engine.fill(template).map_err(|fault| fault.of(&short(template)))? {
                match piece {
                    Piece::Text(text) => push(pieces, &json::escape(&text)),
                    piece => pieces.push(piece),
                }
            }
            push(pieces, "\"");
        }
        Value::Array(items) => {
            push(pieces, "[");
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    push(pieces, ",");
                }
                document_pieces(item, engine, pieces)?;
            }
            push(pieces, "]");
        }
        Value::Object(members) => {
            push(pieces, "{");
            for (number, (name, member)) in members.iter().enumerate() {
                let comma = if number > 0 { "," } else { "" };
                push(pieces, &format!("{comma}\"{}\":", json::escape(name)));
                document_pieces(member, engine, pieces)?;
            }
            push(pieces, "}");
        }
        scalar => push(pieces, &scalar.to_string()),
    }
    Ok(())
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn short(template: &str) -> String {
    let start: String = template.chars().take(40).collect();
    format!("`{start}`")
}
