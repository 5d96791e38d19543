//! What the tests of the plugins of connections share. Included by path: tests are not shipped.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, BasicCredentials, CheckSettings, Credential, Decision, Encoding, Event, Exchange,
    Failure, Judge, Part, Request, SecretUse, Verdict,
};
use serde::Deserialize;

/// A file of `tests/data`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Where the request is from.
    document: String,
    settings: Value,
    write: Asked,
    request: Value,
    answers: Vec<Answered>,
}

/// What is to be written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(rename = "type")]
    pub event_type: String,
    pub subject: Option<String>,
    pub data: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    /// Where the answer is from, if not from where the request is.
    #[serde(default)]
    document: Option<String>,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A string stands for itself, everything else for its JSON.
    body: Value,
    verdict: Value,
}

pub fn event(asked: &Asked) -> Event {
    Event {
        id: "evt_1".into(),
        source: "desk".into(),
        event_type: asked.event_type.clone(),
        subject: asked.subject.clone(),
        occurred_at: 0,
        data_schema: "write/1".into(),
        data: asked.data.to_string(),
    }
}

/// An event that asks for a field of ticket 81 to be set.
pub fn set_field(name: &str, value: &Value) -> Event {
    event(&Asked {
        event_type: "connection.set_field".into(),
        subject: Some("81".into()),
        data: json!({"ticket": {}, "field": {"name": name, "value": value}}),
    })
}

/// An event that asks for a comment on ticket 81.
pub fn add_comment(text: &str, visibility: &str) -> Event {
    event(&Asked {
        event_type: "connection.add_comment".into(),
        subject: Some("81".into()),
        data: json!({"ticket": {}, "comment": {"text": text, "visibility": visibility}}),
    })
}

pub fn transform<P: Judge>(event: &Event, settings: &Value) -> Result<Request, Failure> {
    let settings = from_value(settings.clone()).unwrap();
    match P::transform(event, &settings, &FakeHost::default())? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

pub fn judge<P: Judge>(settings: &Value, event: Event, request: Request, answer: Answer) -> Value {
    let exchange = Exchange { event, request, position: 0, resends: 0, answer };
    let settings = from_value(settings.clone()).unwrap();
    let judgement = P::judge(&exchange, &settings, &FakeHost::default());
    assert!(judgement.follow_ups.is_empty());
    match judgement.verdict {
        Verdict::Delivered(receipt) => {
            json!({"delivered": receipt.remote_id, "note": receipt.note})
        }
        Verdict::Retry(wait) => {
            json!({"retry": wait.reason, "not_before": wait.not_before, "counted": wait.counted})
        }
        Verdict::Failed(reason) => json!({ "failed": reason }),
        Verdict::Resend(again) => json!({ "resend": again.reason }),
    }
}

/// Parts as text, with what stands for the secrets.
pub fn shown(parts: &[Part]) -> String {
    let one = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Secret(SecretUse { slot, encoding: Encoding::Raw }) => format!("{{secret:{slot}}}"),
        Part::Basic(BasicCredentials {
            username: Credential::Secret(user),
            password: Credential::Secret(password),
        }) => format!("{{basic:{user}:{password}}}"),
        other => panic!("{other:?}"),
    };
    parts.iter().map(one).collect()
}

/// A request as JSON; a body that is JSON as such.
fn seen(request: &Request) -> Value {
    let headers: BTreeMap<_, _> =
        request.headers.iter().map(|(name, value)| (name.clone(), shown(value))).collect();
    assert_eq!(headers.len(), request.headers.len(), "a header twice");
    let body = shown(&request.body);
    let body = match headers.get("Content-Type").map(String::as_str) {
        Some("application/json") => from_str(&body).unwrap(),
        _ => Value::String(body),
    };
    let url = shown(&request.url);
    json!({"method": request.method, "url": url, "headers": headers, "body": body})
}

/// Holds the plugin against every file of `tests/data`, which are so many.
pub fn golden<P: Judge>(count: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), count);
    for path in files {
        let name = path.display();
        let case: Case = from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!case.document.is_empty() && !case.answers.is_empty(), "{name}");
        let event = event(&case.write);
        let request = transform::<P>(&event, &case.settings)
            .unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let found = seen(&request);
        let expected = &case.request;
        assert!(
            found == *expected,
            "{name} ({})\n--- found\n{found:#}\n--- expected\n{expected:#}",
            case.document
        );
        for answered in case.answers {
            let body = match answered.body {
                Value::String(text) => text.into_bytes(),
                other => other.to_string().into_bytes(),
            };
            let headers =
                answered.headers.into_iter().map(|(name, value)| (name, value.into_bytes()));
            let answer = Answer {
                status: answered.status,
                headers: headers.collect(),
                body,
                complete: true,
            };
            let found = judge::<P>(&case.settings, event.clone(), request.clone(), answer);
            let document = answered.document.as_ref().unwrap_or(&case.document);
            assert_eq!(found, answered.verdict, "{name}: {document}");
        }
    }
}

/// What every plugin of a connection does alike. `settings` are good ones.
pub fn common<P: Judge + CheckSettings>(settings: &Value, api: &str) {
    let check = |settings: &Value| P::check(&from_value(settings.clone()).unwrap());
    assert!(check(settings).is_empty());
    let mut wrong = settings.clone();
    wrong["base_url"] = json!(format!("https://desk.example.com{api}/"));
    let problems = check(&wrong);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].at.as_deref(), Some("/base_url"));
    assert!(problems[0].message.ends_with("set `https://desk.example.com`"), "{problems:?}");

    let read = from_value(settings.clone()).unwrap();
    let other = Event { event_type: "ticket.created".into(), ..set_field("title", &json!("x")) };
    let skipped = P::transform(&other, &read, &FakeHost::default());
    assert!(matches!(skipped, Ok(Decision::Skip(reason)) if reason.contains("`ticket.created`")));

    let subject = Some("../users/1".to_owned());
    let sly = Event { subject, ..add_comment("x", "internal") };
    let refused = P::transform(&sly, &read, &FakeHost::default());
    assert!(matches!(refused, Err(Failure::Rejected(text)) if text.contains("`../users/1`")));

    // The texts of an event are in the body and nowhere else.
    let request =
        transform::<P>(&add_comment("{secret:token}\r\nX: 1", "public"), settings).unwrap();
    assert!(matches!(request.body.as_slice(), [Part::Text(_)]));
    for (name, value) in &request.headers {
        assert!(!shown(value).chars().any(char::is_control), "{name}");
    }
    assert_eq!(P::describe().events, ["connection.set_field", "connection.add_comment"]);
}

/// The body of a request, which is one text.
pub fn body(request: &Request) -> &str {
    match request.body.as_slice() {
        [Part::Text(text)] => text,
        other => panic!("{other:?}"),
    }
}
