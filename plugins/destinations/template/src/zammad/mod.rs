//! Zammad's syntax for custom payloads: `#{ticket.title}`.

mod notification;
mod payload;
mod records;

use crate::fault::{Fault, line_and_column};
use crate::piece::{Filled, Piece};
use crate::settings::Syntax;

pub(crate) use records::Records;

/// Fills the placeholders in. What is no placeholder by Zammad's rule stays as it is.
pub(crate) fn fill(template: &str, records: &Records) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(found) = template.get(at..).and_then(|rest| rest.find("#{")) {
        at += found;
        let Some(name) = placeholder(template.get(at..).unwrap_or_default()) else {
            at += 2;
            continue;
        };
        let end = at + name.len() + "#{}".len();
        let here = |fault: Fault| fault.of(&line_and_column(template, at));
        let value = records.value(name).map_err(here)?;
        pieces.push(Piece::Text(template.get(done..at).unwrap_or_default().to_owned()));
        let (tag, syntax) = (format!("#{{{name}}}"), Syntax::Zammad);
        pieces.push(Piece::Value(Filled { tag, value, syntax }));
        at = end;
        done = end;
    }
    pieces.push(Piece::Text(template.get(done..).unwrap_or_default().to_owned()));
    Ok(pieces)
}

/// The name in a placeholder: one or more of `a-z0-9_.?!`.
fn placeholder(rest: &str) -> Option<&str> {
    let (name, _) = rest.strip_prefix("#{")?.split_once('}')?;
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.?!".contains(&b);
    (!name.is_empty() && name.bytes().all(allowed)).then_some(name)
}
