//! What the tests of all chat destinations share. Included by path: tests are not shipped, and
//! this needs crates that the plugins do not.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, missing_docs)]

use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, Decision, Destination, Encoding, Event, Exchange, Host, Inbound, Judge, Level, Part,
    Request, SecretUse, Source, Verdict,
};
use proptest::prelude::*;

/// Seed 001, zammad-webhook-payload (de), the default payload as the page shows it.
const ZAMMAD: &[u8] = include_bytes!("../../../../tests/data/seeds/001-zammad.json");
/// Seed 000, Zenlix's web-hooks.
const ZENLIX: &[u8] = include_bytes!("../../../../tests/data/seeds/000-zenlix.json");

/// 2020-11-13T14:34:35.333Z, when the ticket of seed 001 was created.
pub const CREATED: u64 = 1_605_278_075_333;

/// A host that knows the times of the seeds and is in UTC.
pub struct TestHost(FakeHost);

pub fn host() -> TestHost {
    let times = [
        ("2020-11-13T14:34:35.282Z", CREATED - 51),
        ("2020-11-13T14:34:35.318Z", CREATED - 15),
        ("2020-11-13T14:34:35.333Z", CREATED),
        ("2019-06-11 11:24:18", 1_560_252_258_000),
        ("2019-06-07 10:01:46", 1_559_901_706_000),
    ];
    let times = times.map(|(text, time)| (text.to_owned(), time)).to_vec();
    TestHost(FakeHost { times, now: CREATED, ..FakeHost::default() })
}

impl Host for TestHost {
    fn settings(&self) -> String {
        self.0.settings()
    }
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn attempt(&self) -> u32 {
        self.0.attempt()
    }
    fn original_body(&self) -> Vec<u8> {
        self.0.original_body()
    }
    fn original_header(&self, name: &str) -> Option<Vec<u8>> {
        self.0.original_header(name)
    }
    fn to_utc(&self, local: &str) -> Result<u64, String> {
        self.0.to_utc(local)
    }
    fn to_local(&self, milliseconds: u64) -> String {
        match milliseconds {
            CREATED => "2020-11-13T14:34:35.333+00:00".to_owned(),
            1_560_252_258_000 => "2019-06-11T11:24:18+03:00".to_owned(),
            other => self.0.to_local(other),
        }
    }
    fn log(&self, level: Level, message: &str) {
        self.0.log(level, message);
    }
}

/// What a source makes of what its helpdesk posts.
fn through<S: Source>(body: &[u8], settings: Value) -> Event {
    let inbound = Inbound {
        method: "POST".into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: body.to_vec(),
    };
    let settings: S::Settings = from_value(settings).unwrap();
    let Ok(mut events) = S::parse(&inbound, &settings, &host()) else { panic!("refused") };
    let parsed = events.remove(0);
    Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: parsed.event_type,
        subject: parsed.subject,
        occurred_at: parsed.occurred_at.unwrap(),
        data_schema: parsed.data_schema,
        data: parsed.data,
    }
}

/// Seed 001 as the source `zammad` gives it.
pub fn zammad() -> Event {
    through::<source_zammad::Zammad>(ZAMMAD, json!({"url": "https://zammad.example.com"}))
}

/// Seed 000 as the source `zenlix` gives it.
pub fn zenlix() -> Event {
    through::<source_zenlix::Zenlix>(ZENLIX, json!({}))
}

pub fn event(event_type: &str, data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: event_type.into(),
        subject: None,
        occurred_at: CREATED,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

/// The host tells of itself.
pub fn operation() -> Event {
    let data = json!({
        "summary": "The plugin telegram is suspended: its calls to make requests fail",
        "detail": "trap: *unreachable* <b>",
        "url": "https://hooks.example.com/console/plugins/telegram",
        "left_out": 2,
        "plugin": {"name": "telegram", "digest": "00", "call": "transform"},
    });
    let told = event("plugin.suspended", &data);
    Event { source: "hookwright".into(), data_schema: "operation/1".into(), ..told }
}

/// A commented ticket whose every text is this one.
pub fn everywhere(text: &str) -> Event {
    let person = json!({"name": text});
    let data = json!({
        "ticket": {
            "number": text, "title": text, "state": text, "group": text, "priority": text,
            "assignees": [person], "customer": person, "url": text, "due_at": text
        },
        "comment": {"text": text, "author": person, "visibility": "public"},
        "actor": person,
        "changes": [{"field": text, "from": text, "to": text}, {"field": text}],
        "origin": {"kind": "other"}
    });
    event("ticket.commented", &data)
}

/// Texts that try to be more than text, and such that are merely odd.
pub fn hostile() -> Vec<String> {
    let texts = [
        "<!channel> <!here> <@U024BE7LH> <https://evil.example|click>",
        "@all @channel @here @everyone @emma <at>everyone</at>",
        "*bold* _italic_ ~strike~ `code` ```block``` [link](https://evil.example) ![i](x)",
        "# heading\n## two\n- a\n+ b\n* c\n1. d\n2) e\n> quote\n    code\na\n===\n---\n|x|y|\n|-|-|",
        "\"}],\"text\":\"broken out\",\"x\":[{\"",
        "\\ \\\\ \\n \\u0000 \\* \\[x\\](y)",
        "&lt;b&gt; &#64;all &amp; <b>bold</b> <script>alert(1)</script>",
        "{{DATE(2017-02-14T06:08:39Z,SHORT)}} #{ticket.title} ${x} {{x}}",
        ":smile: :rotating_light: :+1:",
        "😀👨‍👩‍👧🇺🇦 é е́ ﷽ 漢字",
        "\u{202e}gnp.exe\u{202c} שלום \u{2067}x\u{2069} مرحبا",
        "a\u{0}b\u{7}c\u{1b}[31md\r\ne\rf\u{2028}g\u{85}h\u{7f}",
        "https://a.example/x_y_z?q=*&r=(1)#@all https://b.example/)](<x>",
        "",
        " \n \n ",
    ];
    let mut all: Vec<String> = texts.map(str::to_owned).to_vec();
    all.extend(["😀", "x", "*", "\\", "\"", "&", "слово ", "\u{1}"].map(|one| one.repeat(40_000)));
    all
}

/// Any event: any characters, markup, few fields and many.
pub fn any_event() -> impl Strategy<Value = Event> {
    let markup: Vec<char> = "\\*_`[]()<>#@!|~&:{}\"'\n\t +-=.1aé😀\u{202e}\u{0}".chars().collect();
    let characters = proptest::collection::vec(any::<char>(), 0..60);
    let signs = proptest::collection::vec(proptest::sample::select(markup), 0..400);
    let short = prop_oneof![characters, signs].prop_map(String::from_iter);
    let text = (short, prop_oneof![Just(1_usize), Just(1), Just(200)]);
    let text = text.prop_map(|(text, times)| text.repeat(times));
    let kind = proptest::sample::select(vec![
        "ticket.created",
        "ticket.updated",
        "ticket.commented",
        "ticket.sla_reached",
        "ticket.reminder_reached",
        "problem.other",
        "x",
    ]);
    let field = proptest::option::of(text);
    let fields = proptest::collection::vec(field, 12);
    (kind, fields, 0..30_usize).prop_map(|(kind, fields, changes)| {
        let field = |number: usize| json!(fields[number]);
        let url = fields[8].as_ref().map(|text| format!("https://a.example/{text}"));
        let change = json!({"field": fields[9].clone().unwrap_or_default(), "from": field(10), "to": field(11)});
        let data = json!({
            "ticket": {
                "number": field(0), "title": field(1), "state": field(2), "group": field(3),
                "assignees": [{"name": field(4)}], "customer": {"name": field(5)}, "url": url,
                "due_at": field(6)
            },
            "comment": {"text": field(7), "author": {"name": field(4)}},
            "changes": vec![change; changes]
        });
        event(kind, &data)
    })
}

/// The only request, or the reason to send none.
pub fn transform<D: Destination>(event: &Event, settings: Value) -> Result<Request, String> {
    let settings: D::Settings = from_value(settings).unwrap();
    match D::transform(event, &settings, &host()) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => Ok(requests.remove(0)),
        Ok(Decision::Skip(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

/// The body as text.
pub fn text<D: Destination>(event: &Event, settings: Value) -> String {
    match transform::<D>(event, settings).unwrap().body.as_slice() {
        [Part::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// The body as JSON.
pub fn body<D: Destination>(event: &Event, settings: Value) -> Value {
    from_str(&text::<D>(event, settings)).unwrap()
}

/// The URL is the secret `webhook_url`, and nothing else.
pub fn assert_posts_to_the_webhook(request: &Request) {
    let whole = SecretUse { slot: "webhook_url".into(), encoding: Encoding::Raw };
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, [Part::Secret(whole)]);
    let json = Part::Text("application/json; charset=utf-8".into());
    assert_eq!(request.headers, [("Content-Type".to_owned(), vec![json])]);
}

/// What the plugin makes of an answer.
pub fn verdict<D: Judge>(
    settings: Value,
    status: u16,
    retry_after: Option<&str>,
    said: &str,
) -> Verdict {
    let event = zammad();
    let request = transform::<D>(&event, settings.clone()).unwrap();
    let headers = retry_after.map(|value| ("retry-after".to_owned(), value.as_bytes().to_vec()));
    let answer = Answer {
        status,
        headers: headers.into_iter().collect(),
        body: said.as_bytes().to_vec(),
        complete: true,
    };
    let exchange = Exchange { event, request, position: 0, resends: 0, answer };
    D::judge(&exchange, &from_value(settings).unwrap(), &host()).verdict
}

pub fn is_delivered(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Delivered(_))
}

/// Tried again, and counted.
pub fn is_retried(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Retry(wait) if wait.counted && wait.not_before.is_none())
}

/// Given up, with this in the reason.
pub fn is_failed(verdict: &Verdict, with: &str) -> bool {
    matches!(verdict, Verdict::Failed(reason) if reason.contains(with))
}

/// Put off for so many milliseconds, not counted.
pub fn is_put_off(verdict: &Verdict, for_ms: u64) -> bool {
    matches!(verdict, Verdict::Retry(wait) if !wait.counted && wait.not_before == Some(for_ms))
}
