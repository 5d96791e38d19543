//! What the tests of several destinations share: events of every helpdesk, made by the source
//! plugins out of their documents' samples, and a host with a calendar.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Event, Host, Inbound, Level, Part, Request, Source};

/// A host in a zone three hours east of Greenwich, as Kyiv is in summer.
#[derive(Debug, Default)]
pub struct KyivHost {
    pub original_body: Vec<u8>,
    pub fake: FakeHost,
}

impl Host for KyivHost {
    fn settings(&self) -> String {
        self.fake.settings()
    }

    fn now(&self) -> u64 {
        self.fake.now()
    }

    fn attempt(&self) -> u32 {
        1
    }

    fn original_body(&self) -> Vec<u8> {
        self.original_body.clone()
    }

    fn original_header(&self, name: &str) -> Option<Vec<u8>> {
        self.fake.original_header(name)
    }

    fn to_utc(&self, local: &str) -> Result<u64, String> {
        let bad = || format!("`{local}` is not a time");
        let instant = match local.trim().parse::<jiff::Timestamp>() {
            Ok(instant) => instant,
            Err(_) => {
                let civil: jiff::civil::DateTime = local.trim().parse().map_err(|_| bad())?;
                jiff::tz::offset(3).to_timestamp(civil).map_err(|_| bad())?
            }
        };
        u64::try_from(instant.as_millisecond()).map_err(|_| bad())
    }

    fn to_local(&self, milliseconds: u64) -> String {
        let instant = jiff::Timestamp::from_millisecond(milliseconds.cast_signed()).unwrap();
        jiff::tz::offset(3).to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S+03:00").to_string()
    }

    fn log(&self, level: Level, message: &str) {
        self.fake.log(level, message);
    }
}

/// A helpdesk's post and the event that its source plugin makes of it.
#[derive(Debug)]
pub struct Sample {
    /// The source plugin and the file.
    pub name: String,
    /// The event.
    pub event: Event,
    /// What was posted.
    pub original: Vec<u8>,
}

impl Sample {
    /// The canonical body.
    pub fn data(&self) -> Value {
        from_str(&self.event.data).unwrap()
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

pub fn read(path: &str) -> Vec<u8> {
    let path = repository().join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a source plugin makes of a post.
pub fn parse<S: Source>(name: &str, inbound: &Inbound, settings: Value) -> Vec<Sample> {
    let settings: S::Settings = from_value(settings).unwrap_or_else(|_| panic!("{name}"));
    let events = S::parse(inbound, &settings, &KyivHost::default())
        .unwrap_or_else(|rejection| panic!("{name}: {rejection:?}"));
    let sample = |event: hookwright_sdk::ParsedEvent| Sample {
        name: name.to_owned(),
        event: Event {
            id: "evt_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f".into(),
            source: "desk".into(),
            event_type: event.event_type,
            subject: event.subject,
            occurred_at: event.occurred_at.unwrap_or(1_560_241_458_000),
            data_schema: event.data_schema,
            data: event.data,
        },
        original: inbound.body.clone(),
    };
    events.into_iter().map(sample).collect()
}

pub fn post(body: Vec<u8>) -> Inbound {
    Inbound { method: "POST".into(), query: Vec::new(), headers: Vec::new(), body }
}

/// Seed 000 (Zenlix webhooks), the sample, with this action instead of the placeholder.
pub fn zenlix(action: &str) -> Sample {
    let mut body: Value = from_str(&String::from_utf8(zenlix_bytes()).unwrap()).unwrap();
    body["action"] = json!(action);
    let inbound = post(body.to_string().into_bytes());
    parse::<source_zenlix::Zenlix>("zenlix", &inbound, json!({})).remove(0)
}

/// Seed 000 (Zenlix webhooks), the sample as it is.
pub fn zenlix_bytes() -> Vec<u8> {
    read("tests/data/seeds/000-zenlix.json")
}

fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

/// Every file of a source plugin's own tests.
fn cases(plugin: &str) -> Vec<(String, Value)> {
    let folder = repository().join(format!("plugins/sources/{plugin}/tests/data"));
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = format!("{plugin}/{}", path.file_stem().unwrap().to_string_lossy());
            (name, from_str(&fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect();
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

fn settings(case: &Value) -> Value {
    case.get("settings").filter(|set| !set.is_null()).cloned().unwrap_or_else(|| json!({}))
}

/// Events of every source plugin, one at least of each document's samples.
pub fn samples() -> Vec<Sample> {
    let mut samples = vec![zenlix("action"), zenlix("create"), zenlix("comment")];
    let zammad = post(read("tests/data/seeds/001-zammad.json"));
    samples.extend(parse::<source_zammad::Zammad>("zammad", &zammad, json!({})));
    for (name, case) in cases("helpdeskeddy-channel") {
        let inbound = post(bytes(&case["post"]));
        samples.extend(parse::<source_helpdeskeddy_channel::HelpDeskEddyChannel>(
            &name,
            &inbound,
            settings(&case),
        ));
    }
    for (name, case) in cases("eddydesk") {
        let found = &case["post"];
        let mut inbound = post(bytes(&found["body"]));
        inbound.method = found["method"].as_str().unwrap_or("POST").to_owned();
        inbound.query = from_value(found["query"].clone()).unwrap_or_default();
        let kind = found["content_type"].as_str();
        inbound.headers =
            kind.iter().map(|kind| ("content-type".to_owned(), kind.as_bytes().to_vec())).collect();
        samples.extend(parse::<source_eddydesk::EddyDesk>(&name, &inbound, settings(&case)));
    }
    for (name, case) in cases("r-service") {
        // The list of names is no post.
        let Some(headers) = case["headers"].as_object() else { continue };
        let mut inbound = post(bytes(&case["body"]));
        let header = |(name, value): (&String, &Value)| {
            (name.clone(), value.as_str().unwrap().as_bytes().to_vec())
        };
        inbound.headers = headers.iter().map(header).collect();
        samples.extend(parse::<source_r_service::RService>(&name, &inbound, json!({})));
    }
    assert!(samples.len() > 35, "{}", samples.len());
    samples
}

/// An event with this body.
pub fn event(event_type: &str, data: &Value) -> Event {
    Event {
        id: "evt_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f".into(),
        source: "desk".into(),
        event_type: event_type.into(),
        subject: Some("81".into()),
        occurred_at: 1_560_241_458_000,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

/// Texts that have broken others' payloads.
pub fn hostile() -> Vec<String> {
    vec![
        "\"},\"admin\":true,{\"\\".into(),
        "a\r\nX-Admin: 1\r\n\r\n{}".into(),
        "\u{0}\u{1}\u{1b}[31m\u{7f}\u{85}".into(),
        "👩‍👩‍👧‍👦 é e\u{301} 𝒳 \u{fffd}".into(),
        "שלום \u{202e}gnp.exe\u{202c} مرحبا".into(),
        "\u{2028}\u{2029}</script><!-- & -->".into(),
        "{{ticket.title}} ${x} {token} %s %00".into(),
        "ы".repeat(50_000),
    ]
}

/// The only part of a body, as text.
pub fn body(request: &Request) -> &str {
    match request.body.as_slice() {
        [Part::Text(text)] => text,
        other => panic!("{other:?}"),
    }
}

/// A header that is text.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let (_, value) = request.headers.iter().find(|(known, _)| known == name)?;
    match value.as_slice() {
        [Part::Text(text)] => Some(text),
        other => panic!("{other:?}"),
    }
}

/// No text of a header holds what would end it.
pub fn headers_are_clean(request: &Request) {
    for (name, value) in &request.headers {
        for part in value {
            if let Part::Text(text) = part {
                assert!(!text.chars().any(char::is_control), "{name}: {text:?}");
            }
        }
    }
}

/// All texts in a JSON value.
pub fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}
