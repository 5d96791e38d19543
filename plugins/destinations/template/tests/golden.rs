//! Requests as the documents have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use hookwright_sdk::serde_json::{Value, from_str, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{BasicCredentials, Credential, Encoding, Part};

fn ticket() -> Value {
    json!({
        "ticket": {
            "id": "1234", "number": "ABC-123", "title": "Принтер \"HP\" & сканер",
            "state": "В роботі", "organization": "Ромашка",
            "customer": { "id": "77", "name": "Олена" },
            "fields": { "parent_ticket_id": "1200", "custom_field_5": 7 }
        },
        "comment": { "id": "9", "html": "<p>Не <b>друкує</b></p>", "text": "Не друкує" },
        "origin": { "kind": "eddydesk" }
    })
}

/// Seed 004 (EddyDesk webhooks): `https://api.telegram.org/bot*/sendMessage, де * - ключ бота`
/// and `"chat_id":*`.
#[test]
fn seed_004_telegram() {
    let request = send(
        &ticket(),
        json!({
            "url": "https://api.telegram.org/bot{secret:token}/sendMessage",
            "body": "{\"chat_id\":101010,\"text\":\"Нова заявка: {ticket_name}\"}"
        }),
    )
    .unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.url,
        [
            text("https://api.telegram.org/bot"),
            secret("token", Encoding::Raw),
            text("/sendMessage")
        ]
    );
    assert_eq!(header(&request, "Content-Type"), [text("application/json")]);
    let body = r#"{"chat_id":101010,"text":"Нова заявка: Принтер \"HP\" & сканер"}"#;
    assert_eq!(request.body, [text(body)]);
}

/// Seed 004: "вебхук запитом без авторизації" with the parameters of SMS Traffic's API; "у
/// випадку X-FORM-URLENCODED, роздільником змінних необхідно використовувати “&”".
#[test]
fn seed_004_sms_traffic() {
    let request = send(
        &ticket(),
        json!({
            "url": "https://api.smstraffic.ru/multi.php",
            "format": "form",
            "body": "login={secret:username}&password={secret:password}&phones=380501112233&\nmessage=Нова заявка {ticket_name}&rus=5"
        }),
    )
    .unwrap();
    assert_eq!(header(&request, "Content-Type"), [text("application/x-www-form-urlencoded")]);
    let [login, user, password, pass, Part::Text(rest)] = request.body.as_slice() else {
        panic!("{:?}", request.body)
    };
    assert_eq!((login, user), (&text("login="), &secret("username", Encoding::Form)));
    assert_eq!((password, pass), (&text("&password="), &secret("password", Encoding::Form)));
    assert!(rest.starts_with("&phones=380501112233&message=%D0%9D"), "{rest}");
    let fields: Vec<_> = form_urlencoded::parse(rest.as_bytes()).into_owned().collect();
    assert_eq!(fields[1].1, "Нова заявка Принтер \"HP\" & сканер");
    assert_eq!(fields[2], ("rus".to_owned(), "5".to_owned()));
}

/// Seed 004: "підзаявка надсилає коментар до батьківської заявки", URL byte for byte, and Basic
/// authorization with the address before the colon and the key after it.
#[test]
fn seed_004_subticket() {
    let request = send(
        &ticket(),
        json!({
            "url": "https://eguzkia.helpdeskeddy.com/api/v2/tickets/{parent_ticket_id}/comments/",
            "format": "form",
            "body": { "text": "$strip_tags({answer_last})", "user_id": "{user_id}" },
            "auth": { "kind": "basic" }
        }),
    )
    .unwrap();
    let url = "https://eguzkia.helpdeskeddy.com/api/v2/tickets/1200/comments/";
    assert_eq!(request.url, [text(url)]);
    let answer: String = form_urlencoded::byte_serialize("Не друкує".as_bytes()).collect();
    assert_eq!(request.body, [text(&format!("text={answer}&user_id=77"))]);
    let pair = Part::Basic(BasicCredentials {
        username: Credential::Secret("username".into()),
        password: Credential::Secret("password".into()),
    });
    assert_eq!(header(&request, "Authorization"), [text("Basic "), pair]);
}

/// Seed 004: the methods, "Bearer Authentication (Bearer Token)", XML.
#[test]
fn seed_004_methods_bearer_and_xml() {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let request = send(
            &ticket(),
            json!({
                "method": method,
                "url": "https://example.com/{custom_field_5}",
                "format": "xml",
                "body": "<t id=\"{ticket_id}\"><n>{ticket_name}</n><a><![CDATA[{answer_last}]]></a></t>",
                "auth": { "kind": "bearer" }
            }),
        )
        .unwrap();
        assert_eq!(request.method, method);
        assert_eq!(request.url, [text("https://example.com/7")]);
        let bearer = [text("Bearer "), secret("token", Encoding::Raw)];
        assert_eq!(header(&request, "Authorization"), bearer);
        assert_eq!(header(&request, "Content-Type"), [text("application/xml; charset=utf-8")]);
        let body = "<t id=\"1234\"><n>Принтер &quot;HP&quot; &amp; сканер</n><a><![CDATA[]]>\
                    &lt;p&gt;Не &lt;b&gt;друкує&lt;/b&gt;&lt;/p&gt;<![CDATA[]]></a></t>";
        assert_eq!(request.body, [text(body)]);
    }
}

/// A public bot's template for EddyDesk (rosmol): ids in quotes, nested objects.
#[test]
fn a_public_eddydesk_template() {
    let body = r#"{"event":"new_message","chat_id":"{ticket_id}","visitor":{"id":"{user_id}","fields":{"name":"{user_name}"}},"message":{"id":"{last_post_id}","kind":"visitor","text":"{answer_last_without_html}"}}"#;
    let request = send(&ticket(), json!({"url": "https://example.com/", "body": body})).unwrap();
    let expected = r#"{"event":"new_message","chat_id":"1234","visitor":{"id":"77","fields":{"name":"Олена"}},"message":{"id":"9","kind":"visitor","text":"Не друкує"}}"#;
    assert_eq!(request.body, [text(expected)]);
}

#[test]
fn a_json_document_and_headers() {
    let request = send(
        &ticket(),
        json!({
            "url": "{secret:token}",
            "headers": { "X-Ticket": "#{unique_id}", "content-type": "application/vnd.x+json" },
            "body": { "z": ["{ticket_id}", 1, null], "a \"b\"": "\"{ticket_name}\"\n{secret:password}" },
            "auth": { "kind": "header", "name": "X-Key" }
        }),
    )
    .unwrap();
    assert_eq!(request.url, [secret("token", Encoding::Raw)]);
    assert_eq!(header(&request, "X-Ticket"), [text("#ABC-123")]);
    assert_eq!(header(&request, "X-Key"), [secret("header_value", Encoding::Raw)]);
    assert!(!request.headers.iter().any(|(name, _)| name == "Content-Type"));
    let start = r#"{"a \"b\"":"\"Принтер \"HP\" & сканер\"\n"#.replace("\"HP\"", "\\\"HP\\\"");
    assert_eq!(
        request.body,
        [text(&start), secret("password", Encoding::Json), text(r#"","z":["1234",1,null]}"#)]
    );
}

#[test]
fn tags_outside_of_quotes_are_numbers_or_nothing() {
    let body =
        |tag: &str| json!({"url": "https://example.com/", "body": format!("{{\"a\": {tag}}}")});
    let sent = |tag: &str| shown(&send(&ticket(), body(tag)).unwrap().body);
    assert_eq!(sent("{ticket_id}"), "{\"a\": 1234}");
    assert_eq!(sent("{custom_field_5}"), "{\"a\": 7}");
    assert_eq!(sent("{owner_id}"), "{\"a\": null}");
    assert_eq!(
        rejected(&ticket(), body("{user_name}")),
        "body: `{user_name}` stands in the JSON without quotes and is `Олена`, which is neither a \
         number nor true, false or null; write \"{user_name}\""
    );
}

/// Zammad's custom payload, custom_payload_spec.rb: each case by its description there.
#[test]
fn zammads_custom_payload() {
    let original = json!({
        "ticket": {
            "id": 81, "number": "81081", "title": "Test \"Title\"", "state": "open", "state_id": 2,
            "group": { "id": 1, "name": "Users" }, "organization": {}, "priority": { "name": "2 normal" },
            "owner": { "id": 3, "firstname": "Chris", "lastname": "Miller", "password": "x" },
            "article_ids": [9], "multi": ["key_1", "key_3"], "flag": true, "time_unit": 3.5,
            "external": { "value": 123, "label": "Example" }, "close_at": null
        },
        "article": {
            "id": 9, "body": "Text with\nnew line.", "subject": null, "internal": false,
            "created_at": "2020-11-13T14:34:35.282Z", "attachments": [{ "id": 1 }], "type": "email"
        }
    });
    let host = FakeHost { original_body: original.to_string().into_bytes(), ..Default::default() };
    let data = json!({
        "ticket": { "id": "81", "url": "https://desk.example.com/#ticket/zoom/81" },
        "origin": { "kind": "zammad" }
    });
    let generate = |payload: Value, as_text: bool| -> Value {
        let body = if as_text { Value::String(payload.to_string()) } else { payload };
        let set = json!({"url": "https://example.com/", "syntax": "zammad", "body": body});
        from_str(&shown(&send_with(&data, set, &host).unwrap().body)).unwrap()
    };
    for (placeholder, expected) in [
        // when the placeholder is empty; invalid
        ("#{}", json!("#{}")),
        ("#{ticket.title", json!("#{ticket.title")),
        ("#{article.id article.note}", json!("#{article.id article.note}")),
        // when the base object is missing, other than ticket or article, or alone
        ("#{.title}", json!("#{no object provided}")),
        ("#{user}", json!("#{user / no such object}")),
        ("#{current_user.fullname}", json!("#{current_user / no such object}")),
        ("#{ticket}", json!("#{ticket / missing method}")),
        ("#{article}", json!("#{article / missing method}")),
        // denied method, denied attribute, danger method, complex object, invalid method
        ("#{ticket.articles}", json!("#{ticket.articles / no such method}")),
        ("#{ticket.owner.password}", json!("#{ticket.owner.password / no such method}")),
        ("#{ticket.destroy!}", json!("#{ticket.destroy! / no such method}")),
        ("#{ticket.group}", json!("#{ticket.group / no such method}")),
        ("#{ticket.1_article}", json!("#{ticket.1_article / no such method}")),
        ("#{article.attachments}", json!("#{article.attachments / no such method}")),
        // valid object and method
        ("#{ticket.id}", json!(81)),
        ("#{ticket.organization.name}", json!("")),
        ("#{ticket.close_at}", json!("")),
        ("#{article.subject}", json!("")),
        ("#{ticket.owner.fullname}", json!("Chris Miller")),
        ("#{article.created_at}", json!("2020-11-13 14:34:35 UTC")),
        ("#{article.body}", json!("Text with\nnew line.")),
        ("#{article.internal}", json!(false)),
        ("#{ticket.state.name}", json!("open")),
        ("#{article.type.name}", json!("email")),
        ("#{config.fqdn}", json!("desk.example.com")),
        // multiple attributes
        ("Test #{ticket.id} // #{ticket.group.name} Test", json!("Test 81 // Users Test")),
        ("#{ticket.id} // #{ticket.group.name} Test", json!("81 // Users Test")),
        // double quotes
        ("#{ticket.title}", json!("Test \"Title\"")),
        // object attributes in direct and in string context
        ("#{ticket.multi}", json!(["key_1", "key_3"])),
        ("Test #{ticket.multi}", json!("Test [\"key_1\", \"key_3\"]")),
        ("#{ticket.external}", json!({"value": 123, "label": "Example"})),
        ("#{ticket.flag}", json!(true)),
        ("#{ticket.time_unit}", json!(3.5)),
    ] {
        for as_text in [false, true] {
            let payload = json!({ "a": placeholder, "b": [placeholder] });
            let expected = json!({ "a": expected, "b": [expected] });
            assert_eq!(generate(payload, as_text), expected, "{placeholder}");
        }
    }
    // when the payload is empty
    assert_eq!(generate(json!({}), true), json!({}));
    // notification
    let link = generate(json!("#{notification.link}"), true);
    assert_eq!(link, "https://desk.example.com/#ticket/zoom/81");
}

/// Zammad's placeholders for the events of other helpdesks.
#[test]
fn zammads_placeholders_for_others() {
    let set = json!({
        "url": "https://example.com/#{ticket.id}", "syntax": "zammad", "format": "text",
        "body": "#{ticket.title}|#{ticket.customer.lastname}|#{article.body}|#{notification.changes}"
    });
    let request = send(&ticket(), set).unwrap();
    assert_eq!(shown(&request.url), "https://example.com/1234");
    assert_eq!(
        shown(&request.body),
        "Принтер \"HP\" & сканер|Олена|<p>Не <b>друкує</b></p>|* Group: -\n* Owner: -\n* State: В роботі"
    );
}

#[test]
fn jinja_has_types_branches_and_loops() {
    let body = r#"{
        "id": {{ ticket.id|int }}, "title": "{{ ticket.title }}", "tags": {{ ticket.tags }},
        "none": {{ ticket.due_at }}, "text": {{ ticket.title }},
        {% if ticket.customer %}"who": "{{ ticket.customer.name|upper }}",{% endif %}
        "items": [{% for tag in ticket.tags %}"{{ tag }}"{% if not loop.last %}, {% endif %}{% endfor %}],
        {% macro pair(x) %}{"v": "{{ x }}"}{% endmacro %}"macro": {{ pair(ticket.title) }},
        {% set cap %}<{{ ticket.title }}>{% endset %}"set": "{{ cap ~ ticket.title }}",
        "stripped": "{{ comment.html|strip_tags }}", "gone": "{{ ticket.assignee.name.first }}",
        "event": "{{ event.type }} {{ event.source }}", "s": "{secret:token}"
    }"#;
    let title = "\"}, {{ x }} {secret:token} <b>";
    let data = json!({
        "ticket": { "id": "81", "title": title, "tags": ["a\"", "b"], "customer": { "name": "ж" } },
        "comment": { "html": "<p>a</p>" }
    });
    let set = json!({"url": "https://example.com/", "syntax": "jinja", "body": body});
    let request = send(&data, set).unwrap();
    assert_eq!(request.body.len(), 3, "one secret: {:?}", request.body);
    let sent: Value = from_str(&shown(&request.body)).unwrap();
    let expected = json!({
        "id": 81, "title": title, "tags": ["a\"", "b"], "none": null, "text": title, "who": "Ж",
        "items": ["a\"", "b"], "macro": { "v": title }, "set": format!("<{title}>{title}"),
        "stripped": "a", "gone": "", "event": "ticket.created helpdesk", "s": "S"
    });
    assert_eq!(sent, expected);
}
