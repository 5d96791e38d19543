//! What SMS Traffic's replies mean: XML that says so itself, under HTTP status 200.

use hookwright_sdk::answer::too_fast;
use hookwright_sdk::{Answer, Judgement};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::codes::Codes;
use crate::encoding::decode;

/// What there is to know of a reply.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    result: String,
    code: String,
    description: String,
    /// Of the messages, in the order of the phones.
    ids: Vec<String>,
}

pub(crate) fn judge(answer: &Answer) -> Judgement {
    let status = answer.status;
    let Some(reply) = read(&answer.body) else {
        // A gateway's error page, or another server.
        let reason = format!("status {status}, and not a reply of SMS Traffic");
        return match status {
            429 => too_fast(answer, reason),
            _ => Judgement::retry(reason),
        };
    };
    if reply.result == "OK" {
        let ids = Some(reply.ids.join(",")).filter(|ids| !ids.is_empty());
        let note = Some(reply.description).filter(|text| !text.is_empty());
        return Judgement::delivered(ids, note);
    }
    let codes = Codes::read();
    let description = match reply.description.as_str() {
        "" => codes.meaning(&reply.code),
        description => description,
    };
    let code = if reply.code.is_empty() { "without a code" } else { &reply.code };
    let reason = format!("error {code}: {description}");
    match status {
        // Errors come under the status 200: something else is wrong, and may be gone later.
        500.. => Judgement::retry(format!("status {status}, {reason}")),
        _ if codes.is_temporary(&reply.code) => Judgement::retry(reason),
        _ => Judgement::failed(reason),
    }
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
