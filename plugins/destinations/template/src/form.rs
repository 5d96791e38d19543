//! `application/x-www-form-urlencoded`: values stand behind `=`.

use form_urlencoded::byte_serialize;
use hookwright_sdk::{Encoding, Part};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::fault::Fault;
use crate::piece::{Piece, Writer};

/// What an admin may have encoded already is kept: `+` and `%` with two digits.
const WRITTEN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*')
    .remove(b'~')
    .remove(b'+')
    .remove(b'%');

/// Writes a body that the admin has written as text, with `&` between the fields.
pub(crate) fn write_text(pieces: &[Piece]) -> Result<Vec<Part>, Fault> {
    let mut out = Writer::default();
    let mut in_value = false;
    for piece in pieces {
        let tag = match piece {
            Piece::Text(text) => {
                in_value = copy(text, in_value, &mut out);
                continue;
            }
            Piece::Value(filled) if in_value => {
                out.push_str(&encode(&filled.text()));
                continue;
            }
            Piece::Secret(slot) if in_value => {
                out.secret(slot, Encoding::Form);
                continue;
            }
            Piece::Value(filled) => filled.tag.clone(),
            Piece::Secret(slot) => format!("{{secret:{slot}}}"),
        };
        return Err(Fault::Settings(format!(
            "`{tag}` stands in the name of a field: a ticket could choose which field it is; write \
             `name={tag}`"
        )));
    }
    Ok(out.finish())
}

/// Writes fields whose values are pieces.
pub(crate) fn write_fields(fields: &[(String, Vec<Piece>)]) -> Vec<Part> {
    let mut out = Writer::default();
    for (number, (name, value)) in fields.iter().enumerate() {
        out.push_str(if number > 0 { "&" } else { "" });
        out.push_str(&encode(name));
        out.push('=');
        for piece in value {
            match piece {
                Piece::Text(text) => out.push_str(&encode(text)),
                Piece::Value(filled) => out.push_str(&encode(&filled.text())),
                Piece::Secret(slot) => out.secret(slot, Encoding::Form),
            }
        }
    }
    out.finish()
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Copies what the admin wrote and encodes what cannot stand so. Says whether it ends in a
/// value.
fn copy(text: &str, mut in_value: bool, out: &mut Writer) -> bool {
    let last = text.matches('&').count();
    for (number, field) in text.split('&').enumerate() {
        if number > 0 {
            out.push('&');
            in_value = false;
        }
        // Fields can stand in lines of their own.
        let field = if number > 0 { field.trim_start_matches(['\r', '\n']) } else { field };
        let field = if number < last { field.trim_end_matches(['\r', '\n']) } else { field };
        match field.split_once('=') {
            Some((name, value)) if !in_value => {
                out.push_str(&written(name));
                out.push('=');
                out.push_str(&written(value));
                in_value = true;
            }
            _ => out.push_str(&written(field)),
        }
    }
    in_value
}

fn written(text: &str) -> String {
    utf8_percent_encode(&crate::url::lone_percents(text), WRITTEN).to_string()
}
