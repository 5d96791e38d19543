//! Headers and text: values stand anywhere.

use hookwright_sdk::{Encoding, Part};

use crate::fault::Fault;
use crate::piece::{Piece, Writer};

/// Writes a header's value. What would end the header, in a value, is a space.
pub(crate) fn header(pieces: &[Piece]) -> Result<Vec<Part>, Fault> {
    let mut out = Writer::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) if text.contains(|c: char| c.is_control() && c != '\t') => {
                let message = "a header cannot hold a line break or another control character";
                return Err(Fault::settings(message));
            }
            Piece::Text(text) => out.push_str(text),
            Piece::Value(filled) => {
                let visible = |c: char| if c.is_control() { ' ' } else { c };
                out.push_str(&filled.text().chars().map(visible).collect::<String>());
            }
            Piece::Secret(slot) => out.secret(slot, Encoding::Raw),
        }
    }
    Ok(out.finish())
}

/// Writes a body that has no format.
pub(crate) fn text(pieces: &[Piece]) -> Vec<Part> {
    let mut out = Writer::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Value(filled) => out.push_str(&filled.text()),
            Piece::Secret(slot) => out.secret(slot, Encoding::Raw),
        }
    }
    out.finish()
}
