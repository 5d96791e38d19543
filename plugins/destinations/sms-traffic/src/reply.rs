//! What SMS Traffic's replies mean: XML that says so itself, under HTTP status 200.

use std::borrow::Cow;

use hookwright_sdk::Judgement;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::codes::{TEMPORARY, meaning};

/// What there is to know of a reply.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    result: String,
    code: String,
    description: String,
    /// Of the messages, in the order of the phones.
    ids: Vec<String>,
}

pub(crate) fn judge(status: u16, body: &[u8]) -> Judgement {
    let Some(reply) = read(body) else {
        // A gateway's error page, or another server.
        return Judgement::retry(format!("status {status}, and not a reply of SMS Traffic"));
    };
    if reply.result == "OK" {
        let ids = Some(reply.ids.join(",")).filter(|ids| !ids.is_empty());
        let note = Some(reply.description).filter(|text| !text.is_empty());
        return Judgement::delivered(ids, note);
    }
    let code = reply.code.parse().unwrap_or(0);
    let description = match reply.description.as_str() {
        "" => meaning(code),
        description => description,
    };
    let reason =
        format!("error {}: {description}", if code == 0 { "without a code" } else { &reply.code });
    if code == TEMPORARY { Judgement::retry(reason) } else { Judgement::failed(reason) }
}

/// Reads a reply; nothing if it is none.
fn read(body: &[u8]) -> Option<Reply> {
    let text = decode(body);
    let mut reader = Reader::from_str(&text);
    let mut reply = Reply::default();
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                // There is nothing this deep in a reply.
                if path.len() > 16 {
                    return None;
                }
                path.push(element.name().as_ref().to_owned());
                value.clear();
            }
            Event::Text(found) => value.push_str(&found),
            Event::CData(found) => value.push_str(&found),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => value.push(c),
                _ => value.push_str(quick_xml::escape::resolve_predefined_entity(&entity)?),
            },
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let found = value.trim().to_owned();
                match names.as_slice() {
                    ["reply", "result"] => reply.result = found,
                    ["reply", "code"] => reply.code = found,
                    ["reply", "description"] => reply.description = found,
                    // `id` in smart delivery.
                    ["reply", "message_infos", "message_info", "sms_id" | "id"] => {
                        reply.ids.push(found);
                    }
                    _ => {}
                }
                value.clear();
                path.pop()?;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (path.is_empty() && !reply.result.is_empty()).then_some(reply)
}

/// Replies are UTF-8, or windows-1251 if they say so.
fn decode(body: &[u8]) -> Cow<'_, str> {
    let start = String::from_utf8_lossy(&body[..body.len().min(100)]).to_ascii_lowercase();
    if !start.contains("windows-1251") {
        return String::from_utf8_lossy(body);
    }
    let char_of = |byte: u8| match byte {
        0..=0x7f => char::from(byte),
        0xa8 => 'Ё',
        0xb8 => 'ё',
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or('\u{fffd}'),
        // Punctuation and the letters of other languages; texts for people hold few of them.
        _ => '\u{fffd}',
    };
    Cow::Owned(body.iter().map(|&byte| char_of(byte)).collect())
}
