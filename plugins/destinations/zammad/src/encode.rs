//! JSON as ActiveSupport writes it: compact, with `<`, `>`, `&`, U+2028 and U+2029 escaped.
//!
//! A document is copied in runs instead of being read into values and written again, so that
//! its keys stay in order and its numbers keep all their digits. What is written so already, as
//! all of it is when it comes from Zammad, is one run: then the document itself is passed on.

mod mark;
mod walk;

use hookwright_sdk::serde_json;

/// Zammad's own default payload, encoded as Zammad sent it; nothing if the document is not
/// one.
pub(crate) fn default_payload(document: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(document).ok()?;
    let (mut tickets, mut articles) = (0, 0);
    let anew = walk::walk(&text, |name| {
        match name {
            "\"ticket\"" => tickets += 1,
            "\"article\"" => articles += 1,
            // Such a name can be another way to write one of them.
            _ if name.contains('\\') => match serde_json::from_str::<String>(name).ok()?.as_str() {
                "ticket" => tickets += 1,
                "article" => articles += 1,
                _ => {}
            },
            _ => {}
        }
        Some(())
    })?;
    (tickets == 1 && articles == 1).then(|| anew.unwrap_or(text))
}

/// Writes JSON anew, as ActiveSupport would.
pub(crate) fn compact(json: String) -> String {
    // What is not JSON, which does not happen, is passed on as it is.
    walk::walk(&json, |_| Some(())).flatten().unwrap_or(json)
}

/// A string literal in ActiveSupport's writing; nothing for a lone surrogate, which has no
/// character and is passed on as it came.
fn string(literal: &str) -> Option<String> {
    let text = serde_json::from_str::<String>(literal).ok()?;
    let mut out = String::with_capacity(literal.len());
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Some(out)
}

/// A number that is not whole, as Ruby writes floating point numbers.
fn fraction(literal: &str) -> String {
    match literal.parse::<f64>() {
        Ok(number) if number.is_finite() => float(number),
        // ActiveSupport has no other word for infinity.
        _ => "null".to_owned(),
    }
}

/// The shortest digits that give the number back: plain from 0.0001 to 10^16, with an exponent
/// of at least two digits beyond.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..16).contains(&exponent) {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{point}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests;
