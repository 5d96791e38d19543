//! CloudEvents 1.0 over HTTP: structured, batched and binary.

use hookwright_model::{Event, EventId, EventType, Name, Timestamp};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::body;
use super::problem::{FieldProblem, Problem};
use crate::control;

/// The most events of one batch.
const MAX_BATCH: usize = 1_000;

/// An event in JSON. Extensions are kept with the post and not looked at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct CloudEvent {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    datacontenttype: Option<String>,
    #[serde(default)]
    dataschema: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    data_base64: Option<String>,
}

/// The events in a post.
///
/// # Errors
/// Says what is wrong with which of them.
pub(super) fn read(
    headers: &HeaderMap,
    bytes: &[u8],
    received_at: Timestamp,
) -> Result<Vec<Event>, Problem> {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/cloudevents-batch+json" => {
            let batch: Vec<CloudEvent> = body::parse(bytes)?;
            if batch.len() > MAX_BATCH {
                let detail = format!("{} events; a batch can have {MAX_BATCH}", batch.len());
                return Err(Problem::invalid(vec![FieldProblem {
                    pointer: String::new(),
                    detail,
                }]));
            }
            let events = batch
                .into_iter()
                .enumerate()
                .map(|(number, event)| convert(event, &format!("/{number}"), received_at));
            events.collect()
        }
        _ if headers.contains_key("ce-specversion") => {
            binary(headers, bytes, received_at).map(|event| vec![event])
        }
        "application/cloudevents+json" | "application/json" => {
            convert(body::parse(bytes)?, "", received_at).map(|event| vec![event])
        }
        other => Err(Problem::new(
            http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported content type",
            format!(
                "`{other}` is not one of application/cloudevents+json, \
                 application/cloudevents-batch+json; in binary mode the headers `ce-…` are needed"
            ),
        )),
    }
}

fn binary(headers: &HeaderMap, bytes: &[u8], received_at: Timestamp) -> Result<Event, Problem> {
    let optional = |name: &str| -> Option<String> {
        let value = headers.get(format!("ce-{name}"))?;
        let decoded = percent_encoding::percent_decode(value.as_bytes());
        Some(decoded.decode_utf8_lossy().into_owned())
    };
    let required = |name: &str| {
        optional(name)
            .ok_or_else(|| Problem::bad_request(format!("the header `ce-{name}` is missing")))
    };
    let data = match bytes {
        [] => None,
        bytes => Some(body::parse::<Box<RawValue>>(bytes)?),
    };
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let event = CloudEvent {
        specversion: required("specversion")?,
        id: required("id")?,
        source: required("source")?,
        event_type: required("type")?,
        subject: optional("subject"),
        time: optional("time"),
        datacontenttype: kind.map(str::to_owned),
        dataschema: optional("dataschema"),
        data,
        data_base64: None,
    };
    convert(event, "", received_at)
}

fn convert(event: CloudEvent, at: &str, received_at: Timestamp) -> Result<Event, Problem> {
    let wrong = |field: &str, detail: String| {
        Problem::invalid(vec![FieldProblem { pointer: format!("{at}/{field}"), detail }])
    };
    if event.specversion != "1.0" {
        return Err(wrong("specversion", "only CloudEvents 1.0 are understood".into()));
    }
    for (field, value) in [("id", &event.id), ("source", &event.source)] {
        if value.is_empty() {
            return Err(wrong(field, "it must not be empty".into()));
        }
    }
    if event.data_base64.is_some() {
        let detail = "the data must be JSON; binary data is not understood";
        return Err(wrong("data_base64", detail.into()));
    }
    let is_json = event.datacontenttype.as_deref().is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/json" || kind.ends_with("+json")
    });
    if !is_json {
        return Err(wrong("datacontenttype", "the data must be JSON".into()));
    }
    let event_type: EventType =
        event.event_type.parse().map_err(|error| wrong("type", format!("{error}")))?;
    if control::is_reserved(&event_type) {
        return Err(wrong("type", control::refusal(&event_type)));
    }
    let occurred_at = match &event.time {
        None => received_at,
        Some(time) => time
            .parse::<jiff::Timestamp>()
            .map(|time| Timestamp::from_millis(time.as_millisecond()))
            .map_err(|_| {
                wrong("time", format!("`{time}` is not a time like 2019-06-11T11:24:18Z"))
            })?,
    };
    let data = event.data.map_or_else(|| "null".into(), |data| data.get().into());
    Ok(Event {
        id: EventId::new(),
        source: source_name(&event.source).map_err(|detail| wrong("source", detail))?,
        event_type,
        subject: event.subject.map(Into::into),
        occurred_at,
        received_at,
        data_schema: event.dataschema.unwrap_or_default().into(),
        data,
        upstream_name: None,
        dedupe_key: Some(event.id.into()),
    })
}

/// Subscriptions go by the names of sources. What is no name, as a URL, becomes one: everything
/// that names do not have becomes a dash. The whole is kept with the post.
fn source_name(source: &str) -> Result<Name, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    let mut name = String::new();
    for c in source.to_ascii_lowercase().chars() {
        if fits(c) {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let end = name.len().min(Name::MAX_LEN);
    let name = name[..end].trim_end_matches('-');
    if name == control::SOURCE {
        return Err(format!("`{name}` is the source of the daemon's own events; use another name"));
    }
    name.parse().map_err(|_| format!("`{source}` holds nothing that a source could be named by"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let pairs =
            list.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        HeaderMap::<http::HeaderValue>::from_iter(
            pairs.map(|(name, value): (http::HeaderName, _)| (name, value)),
        )
    }

    fn structured(body: &str) -> Result<Vec<Event>, Problem> {
        let headers = headers(&[("content-type", "application/cloudevents+json; charset=utf-8")]);
        read(&headers, body.as_bytes(), Timestamp::from_millis(7))
    }

    const GOOD: &str = r#"{"specversion":"1.0","id":"a-1","source":"helpdesk","type":"ticket.created",
        "subject":"81","time":"2020-11-13T14:34:35.282+01:00","dataschema":"ticket/1",
        "data":{"n": 10000000000000000000000, "b": [ ]}, "extension":true}"#;

    #[test]
    fn structured_events() {
        let event = structured(GOOD).unwrap().remove(0);
        assert_eq!(event.source.as_str(), "helpdesk");
        assert_eq!(event.event_type.as_str(), "ticket.created");
        assert_eq!(event.subject.as_deref(), Some("81"));
        assert_eq!(event.occurred_at.to_string(), "2020-11-13T13:34:35.282Z");
        assert_eq!(event.data.as_ref(), r#"{"n": 10000000000000000000000, "b": [ ]}"#);
        assert_eq!(event.dedupe_key.as_deref(), Some("a-1"));
        let url = GOOD.replace("\"helpdesk\"", "\"https://example.com/desk\"");
        assert_eq!(structured(&url).unwrap()[0].source.as_str(), "https-example.com-desk");
        let bare = r#"{"specversion":"1.0","id":"1","source":"a","type":"b"}"#;
        let event = structured(bare).unwrap().remove(0);
        assert_eq!((event.data.as_ref(), event.occurred_at.millis()), ("null", 7));
    }

    #[test]
    fn batches_and_binary_mode() {
        let batch = headers(&[("content-type", "application/cloudevents-batch+json")]);
        let events =
            read(&batch, format!("[{GOOD},{GOOD}]").as_bytes(), Timestamp::default()).unwrap();
        assert_eq!(events.len(), 2);
        assert!(read(&batch, b"[]", Timestamp::default()).unwrap().is_empty());
        let binary = headers(&[
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "desk"),
            ("ce-type", "ticket.closed"),
            ("ce-subject", "Gr%C3%BC%C3%9Fe"),
        ]);
        let event = read(&binary, b"{\"a\":1}", Timestamp::default()).unwrap().remove(0);
        assert_eq!(event.event_type.as_str(), "ticket.closed");
        assert_eq!(event.subject.as_deref(), Some("Grüße"));
        assert_eq!(event.data.as_ref(), "{\"a\":1}");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_posted_has_an_answer(
            body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
            at in 0..300_usize,
            value in "\\PC{0,40}",
            kind in 0..3_usize,
        ) {
            let kinds = ["application/cloudevents+json", "application/cloudevents-batch+json", ""];
            let list = [("content-type", kinds[kind]), ("ce-specversion", "1.0"), ("ce-type", "a.b")];
            let mut headers = headers(&list);
            if let Ok(value) = http::HeaderValue::from_str(&value) {
                headers.insert("ce-id", value.clone());
                headers.insert("ce-source", value);
            }
            drop(read(&headers, &body, Timestamp::default()));
            let mut near = GOOD.as_bytes().to_vec();
            let end = near.len();
            near.splice(at.min(end)..(at + 1).min(end), body.iter().copied().take(3));
            drop(read(&headers, &near, Timestamp::default()));
            drop(structured(&GOOD.replace("helpdesk", &value)));
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let pointer = |body: &str| {
            let problem = structured(body).unwrap_err();
            problem.errors().first().map(|error| error.pointer.clone())
        };
        let at = |pointer: &str| Some(pointer.to_owned());
        assert_eq!(pointer(&GOOD.replace("\"1.0\"", "\"0.3\"")), at("/specversion"));
        assert_eq!(pointer(&GOOD.replace("ticket.created", "ticket created")), at("/type"));
        assert_eq!(pointer(&GOOD.replace("2020-11-13T14", "yesterday")), at("/time"));
        assert_eq!(pointer(&GOOD.replace("\"a-1\"", "\"\"")), at("/id"));
        assert_eq!(pointer(&GOOD.replace("\"a-1\"", "7")), at("/id"));
        assert_eq!(pointer(&GOOD.replace("\"helpdesk\"", "\"//\"")), at("/source"));
        assert_eq!(
            pointer(&GOOD.replace("\"data\"", "\"data_base64\":\"AA==\",\"x\"")),
            at("/data_base64")
        );
        assert!(
            structured(&GOOD.replace("\"id\"", "\"ident\""))
                .unwrap_err()
                .detail()
                .contains("missing field `id`")
        );
        assert_eq!(structured("{").unwrap_err().status(), 400);
        let batch = headers(&[("content-type", "application/cloudevents-batch+json")]);
        let second = format!("[{GOOD},{}]", GOOD.replace("\"1.0\"", "\"2\""));
        let problem = read(&batch, second.as_bytes(), Timestamp::default()).unwrap_err();
        assert_eq!(problem.errors()[0].pointer, "/1/specversion");
        let text = headers(&[("content-type", "text/plain")]);
        assert_eq!(read(&text, b"hello", Timestamp::default()).unwrap_err().status(), 415);
    }
}
