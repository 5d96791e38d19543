//! Requests to SMS Traffic and its replies, as its document (version 1.85) has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use destination_sms_traffic::segments::{Alphabet, parts};
use destination_sms_traffic::{Settings, SmsTraffic};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    Answer, CheckSettings, Decision, Destination, Encoding, Event, Exchange, Failure, Judge, Part,
    Request, SecretUse, Verdict,
};

fn event(data: &Value) -> Event {
    Event {
        id: "evt_1".into(),
        source: "helpdesk".into(),
        event_type: "ticket.created".into(),
        subject: Some("81".into()),
        occurred_at: 0,
        data_schema: "ticket/1".into(),
        data: data.to_string(),
    }
}

fn transform(data: &Value, settings: Value) -> Result<Request, Failure> {
    let settings: Settings = from_value(settings).unwrap();
    match SmsTraffic::transform(&event(data), &settings, &FakeHost::default())? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

fn secret(slot: &str) -> Part {
    Part::Secret(SecretUse { slot: slot.into(), encoding: Encoding::Form })
}

fn form(request: &Request) -> Vec<(String, String)> {
    let Part::Text(text) = &request.body[4] else { panic!("{:?}", request.body) };
    form_urlencoded::parse(text.trim_start_matches('&').as_bytes()).into_owned().collect()
}

fn field(request: &Request, name: &str) -> Option<String> {
    form(request).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[test]
fn the_request_is_a_form_with_login_and_password_as_secrets() {
    let data = json!({"ticket": {"number": "81081", "title": "Принтер & сканер"}});
    let set = json!({"phones": ["+7 (905) 111-22-33", "79051112234"], "originator": "Support"});
    let request = transform(&data, set).unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.url, [Part::Text("https://api.smstraffic.ru/multi.php".into())]);
    assert_eq!(
        request.headers,
        [("Content-Type".to_owned(), vec![Part::Text("application/x-www-form-urlencoded".into())])]
    );
    assert_eq!(
        request.body[..4],
        [
            Part::Text("login=".into()),
            secret("login"),
            Part::Text("&password=".into()),
            secret("password")
        ]
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        form(&request),
        [
            pair("phones", "79051112233,79051112234"),
            pair("message", "ticket created #81081: Принтер & сканер"),
            pair("rus", "5"),
            pair("want_sms_ids", "1"),
            pair("max_parts", "3"),
            pair("originator", "Support")
        ]
    );
}

#[test]
fn hostile_texts_stay_inside_their_field() {
    let data = json!({"ticket": {"title": "x&phones=70000000000&originator=Bank\r\n+%00"}});
    let request = transform(&data, json!({"phones": ["79051112233"]})).unwrap();
    assert_eq!(form(&request).len(), 5);
    assert_eq!(field(&request, "phones").unwrap(), "79051112233");
    assert_eq!(
        field(&request, "message").unwrap(),
        "ticket created: x&phones=70000000000&originator=Bank +%00"
    );
}

#[test]
fn long_texts_are_cut_to_the_parts_that_are_paid_for() {
    let data = json!({"ticket": {"title": "x", "text": "слово ".repeat(500)}});
    for max_parts in [1, 2, 5] {
        let set = json!({"phones": ["79051112233"], "max_parts": max_parts});
        let message = field(&transform(&data, set).unwrap(), "message").unwrap();
        assert_eq!(parts(&message, Alphabet::Ucs2).len(), max_parts);
        assert!(message.ends_with('…'), "{message}");
    }
}

#[test]
fn phones_that_cannot_be_are_named() {
    let settings = |phones: Value| from_value(json!({"phones": phones})).unwrap();
    let problems = SmsTraffic::check(&settings(json!(["79051112233", "12", "+7 905 x"])));
    let places: Vec<_> = problems.iter().map(|problem| problem.at.clone().unwrap()).collect();
    assert_eq!(places, ["/phones/1", "/phones/2"]);
    assert!(problems[0].message.contains("`12` is not an international phone number"));
    let failure = transform(&json!({}), json!({"phones": ["12"]})).unwrap_err();
    assert!(matches!(failure, Failure::Misconfigured(_)));
}

/// The table that sms-segments-calculator 1.3.0, split-sms 0.1.7 and smsutil agree on.
#[test]
fn segmentation() {
    let emoji = format!("{}😀{}", "ж".repeat(66), "ж".repeat(66));
    let euro = format!("{}€{}", "a".repeat(152), "a".repeat(152));
    let table: [(String, &[usize]); 10] = [
        ("a".repeat(160), &[160]),
        ("a".repeat(161), &[153, 8]),
        ("a".repeat(307), &[153, 153, 1]),
        ("ж".repeat(70), &[70]),
        ("ж".repeat(71), &[67, 4]),
        ("ж".repeat(135), &[67, 67, 1]),
        ("€".repeat(81), &[76, 5]),
        ("😀".repeat(36), &[33, 3]),
        (emoji, &[66, 66, 1]),
        (euro, &[152, 153, 0]),
    ];
    for (text, expected) in table {
        let found = parts(&text, Alphabet::of(&text));
        if expected.last() == Some(&0) {
            // The table gives the number of parts only.
            assert_eq!(found.len(), expected.len(), "{text}");
        } else {
            assert_eq!(found, expected, "{text}");
        }
    }
}

fn verdict_of(status: u16, reply: &[u8]) -> Verdict {
    let request = transform(&json!({}), json!({"phones": ["79051112233"]})).unwrap();
    let answer = Answer { status, headers: Vec::new(), body: reply.to_vec(), complete: true };
    let exchange = Exchange { event: event(&json!({})), request, position: 0, resends: 0, answer };
    let settings = from_value(json!({"phones": ["79051112233"]})).unwrap();
    SmsTraffic::judge(&exchange, &settings, &FakeHost::default()).verdict
}

fn verdict(reply: &str) -> Verdict {
    verdict_of(200, reply.as_bytes())
}

#[test]
fn ok_is_delivered_with_the_messages_ids() {
    let reply = r#"<?xml version="1.0"?><reply><result>OK</result><code>0</code><description>queued 1 messages</description><message_infos><message_info><phone>79051112233</phone><sms_id>1000472891</sms_id></message_info></message_infos></reply>"#;
    match verdict(reply) {
        Verdict::Delivered(receipt) => {
            assert_eq!(receipt.remote_id.as_deref(), Some("1000472891"));
            assert_eq!(receipt.note.as_deref(), Some("queued 1 messages"));
        }
        other => panic!("{other:?}"),
    }
    // Several phones; an empty code; ids of smart delivery, and no description.
    let reply = r#"<?xml version="1.0" encoding="UTF-8"?>
        <reply>
          <result>OK</result>
          <code/>
          <message_infos>
            <message_info><phone>79051112233</phone><id>1</id><push_id>9</push_id></message_info>
            <message_info><phone>79051112234</phone><id>2</id></message_info>
          </message_infos>
        </reply>"#;
    match verdict(reply) {
        Verdict::Delivered(receipt) => {
            assert_eq!(receipt.remote_id.as_deref(), Some("1,2"));
            assert_eq!(receipt.note, None);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_code_1000_is_tried_again() {
    let codes = (401..=443).chain([501, 502, 505, 601, 602]).chain(701..=705).chain([1000, 999]);
    for code in codes {
        let reply = format!(
            "<?xml version=\"1.0\"?><reply><result>ERROR</result><code>{code}</code>\
             <description></description></reply>"
        );
        match verdict(&reply) {
            Verdict::Retry(wait) => {
                assert_eq!(code, 1000);
                assert_eq!(wait.reason, "error 1000: a temporary error");
                assert!(wait.counted);
            }
            Verdict::Failed(reason) => {
                assert_ne!(code, 1000);
                assert!(reason.starts_with(&format!("error {code}: ")), "{reason}");
                assert_eq!(reason.contains("unknown"), code == 999, "{reason}");
            }
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[test]
fn the_replys_own_words_come_first() {
    let reply = "<reply><result>ERROR</result><code>401</code>\
                 <description>login param is missing</description></reply>";
    match verdict(reply) {
        Verdict::Failed(reason) => assert_eq!(reason, "error 401: login param is missing"),
        other => panic!("{other:?}"),
    }
    let russian = [
        &b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><reply><result>ERROR</result><code>415</code><description>"[..],
        // "нет денег — №1" in windows-1251
        &[0xed, 0xe5, 0xf2, 0x20, 0xe4, 0xe5, 0xed, 0xe5, 0xe3, 0x20, 0x97, 0x20, 0xb9, b'1'],
        b"</description></reply>",
    ];
    match verdict_of(200, &russian.concat()) {
        Verdict::Failed(reason) => assert_eq!(reason, "error 415: нет денег — №1"),
        other => panic!("{other:?}"),
    }
    let entities = "<reply><result>ERROR</result><code>405</code>\
                    <description>a &lt;b&gt; &amp; &#1078;<![CDATA[<c>]]></description></reply>";
    match verdict(entities) {
        Verdict::Failed(reason) => assert_eq!(reason, "error 405: a <b> & ж<c>"),
        other => panic!("{other:?}"),
    }
}

/// The document's section on error codes lists so many, from 401 to 1000.
#[test]
fn the_table_is_the_documents() {
    let table: Value = from_str(include_str!("../data/codes.json")).unwrap();
    assert!(table["document"].as_str().unwrap().contains("1.85"));
    let codes = table["codes"].as_object().unwrap();
    assert_eq!(codes.len(), 43 + 3 + 2 + 5 + 1);
    assert_eq!(table["temporary"], json!([1000]));
    for code in codes.keys() {
        let reply = format!("<reply><result>ERROR</result><code>{code}</code></reply>");
        let words = codes[code].as_str().unwrap();
        match verdict(&reply) {
            Verdict::Failed(reason) => assert_eq!(reason, format!("error {code}: {words}")),
            Verdict::Retry(_) => assert_eq!(code, "1000"),
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[test]
fn codes_that_are_none_are_shown_as_they_came() {
    for (code, expected) in [
        ("", "error without a code: an unknown error"),
        ("x", "error x: an unknown error"),
        ("01000", "error 01000: an unknown error"),
    ] {
        let reply = format!("<reply><result>ERROR</result><code>{code}</code></reply>");
        match verdict(&reply) {
            Verdict::Failed(reason) => assert_eq!(reason, expected),
            Verdict::Retry(wait) => assert_eq!((code, wait.reason.as_str()), ("01000", expected)),
            other => panic!("{code}: {other:?}"),
        }
    }
}

/// Errors of the API come under the status 200.
#[test]
fn errors_of_the_server_are_tried_again() {
    let error = b"<reply><result>ERROR</result><code>411</code></reply>";
    match verdict_of(503, error) {
        Verdict::Retry(wait) => {
            assert_eq!(wait.reason, "status 503, error 411: login or password is wrong");
            assert!(wait.counted);
        }
        other => panic!("{other:?}"),
    }
    // What was queued would be sent and paid for twice.
    let queued = b"<reply><result>OK</result><code>0</code></reply>";
    assert!(matches!(verdict_of(500, queued), Verdict::Delivered(_)));
}

#[test]
fn what_is_no_reply_is_tried_again() {
    for (status, reply) in [
        (502, "<html><body>Bad Gateway</body></html>"),
        (200, ""),
        (200, "queued"),
        (200, "<reply><result>OK</result>"),
        (200, "<reply></reply>"),
        (200, "<reply><result>OK</wrong></reply>"),
    ] {
        match verdict_of(status, reply.as_bytes()) {
            Verdict::Retry(wait) => {
                let expected = format!("status {status}, and not a reply of SMS Traffic");
                assert_eq!(wait.reason, expected, "{reply}");
            }
            other => panic!("{reply}: {other:?}"),
        }
    }
    let deep = "<a>".repeat(100_000);
    assert!(matches!(verdict(&deep), Verdict::Retry(_)));
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let data = json!({
        "summary": "A delivery of ticket.created to duty has failed for good",
        "detail": "500 Internal Server Error\n<b>",
        "url": "https://hooks.example.com/console/deliveries/dlv_1"
    });
    let told = Event {
        event_type: "delivery.exhausted".into(),
        data_schema: "operation/1".into(),
        ..event(&data)
    };
    let settings: Settings = from_value(json!({"phones": ["79999999999"]})).unwrap();
    let Ok(Decision::Deliver(requests)) =
        SmsTraffic::transform(&told, &settings, &FakeHost::default())
    else {
        panic!("nothing is sent")
    };
    let Some(Part::Text(form)) = requests[0].body.last() else { panic!("no form") };
    let message = form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "message");
    assert_eq!(
        message.unwrap().1,
        "Hookwright: A delivery of ticket.created to duty has failed for good: \
         500 Internal Server Error <b>"
    );
}
