//! Does to requests what servers do.

use std::time::Duration;

use hookwright_tests::{Act, Request};

fn response(head: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    vec![Act::Write([head.as_bytes(), body.as_bytes()].concat())]
}

/// What the ticket's title says is done, in the language of the one who is asked.
pub(super) fn acts(request: &Request) -> Vec<Act> {
    let is = |name: &str| request.path.starts_with(&format!("/{name}"));
    let all = format!("{} {}", request.path, request.text());
    let case = all.split("case-").nth(1).unwrap().split("-end").next().unwrap();
    let is_sms = is("sms");
    let is_telegram = is("telegram");
    let error = |code: u32, words: &str, more: &str| {
        if is_sms {
            format!(
                "<?xml version=\"1.0\"?><reply><result>ERROR</result><code>{code}</code>\
                 <description>{words}</description></reply>"
            )
        } else {
            format!(r#"{{"ok":false,"error_code":{code},"description":"{words}"{more}}}"#)
        }
    };
    let much = Duration::from_secs(30);
    match case {
        "ok" if is_sms => response(
            "200 OK",
            "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code></reply>",
        ),
        "ok" => response("200 OK", r#"{"ok":true,"result":{"message_id":7}}"#),
        "error-in-200" if is_sms => response("200 OK", &error(411, "wrong password", "")),
        "error-in-200" => response("200 OK", &error(400, "Bad Request: chat not found", "")),
        "temporary-in-200" => response("200 OK", &error(1000, "try later", "")),
        "too-many" => response("429 Too Many Requests", &error(429, "Too Many Requests", "")),
        "too-many-after" => {
            let more = r#","parameters":{"retry_after":3000}"#;
            let body = if is_telegram { error(429, "Too Many Requests", more) } else { "".into() };
            response("429 Too Many Requests\r\nRetry-After: 3000", &body)
        }
        "too-many-until" => response(&format!("429 Slow down\r\nRetry-After: {}", http_date()), ""),
        "moved" => response("302 Found\r\nLocation: /elsewhere", ""),
        "gone" => response("410 Gone", ""),
        "bad" => response("400 Bad Request", &error(400, "Bad Request: message is too long", "")),
        "ban" => response(
            "401 Unauthorized",
            r#"{"ok":false,"error_code":401,"description":"Unauthorized","errors":[{"code":"e-401","title":"Ban","details":"Ban for 20 min."}]}"#,
        ),
        "unavailable" => response("503 Service Unavailable", "<html>busy</html>"),
        "slow-head" => vec![Act::Wait(much)],
        "slow-body" => {
            vec![
                Act::Write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ok\"".into()),
                Act::Wait(much),
            ]
        }
        "endless" => {
            let mut acts = vec![Act::Write(b"HTTP/1.1 200 OK\r\n\r\n".into())];
            acts.push(Act::Endless(vec![b'x'; 4096]));
            acts
        }
        "reset" => vec![Act::Reset],
        "cut" => {
            vec![
                Act::Write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"ok\"".into()),
                Act::Reset,
            ]
        }
        other => panic!("{other}"),
    }
}

/// 3000 s from now, as HTTP writes dates.
fn http_date() -> String {
    let then = jiff::Timestamp::now() + Duration::from_secs(3000);
    then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
