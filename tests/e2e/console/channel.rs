//! Outgoing channels, in the words of `HelpDeskEddy`.

use hookwright_tests::{Browser, Daemon, Reply, Sink};
use serde_json::{Value, json};

use super::form::{form, post, with, without};
use super::frame::check;
use super::subscriptions::{install, new, shown};

/// Seed 002: a channel is made, tested, and says so.
#[test]
fn a_channel_is_set_up_in_its_words() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/good" => Reply::ok("ok"),
        _ => Reply::status(404),
    });
    let daemon = Daemon::start();
    install(&daemon, &["helpdeskeddy-channel"]);
    let browser = Browser::logged_in(&daemon, "admin").speaking("ru");
    let page = browser.get(&new("helpdeskeddy-channel")).expect(200);
    check("channel", &page);
    for words in [
        "Подписки",
        "Создание заявки",
        "Добавление ответа (в \"классическом\" интерфейсе заявки)",
        "Добавление ответа в чат (в интерфейсе \"омни\")",
        "Добавление комментария",
        "Изменение статуса",
        "Изменение приоритета",
        "Изменение типа",
        "Изменение исполнителя",
        "Закрытие заявки",
        "Изменение департамента",
        "Достигнут SLA (на выполнение заявки)",
        "Добавлена оценка (оценка заявки от клиента)",
        "Повторы событий",
        "Департаменты",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    let make = |name: &str, path: &str| {
        let url = sink.url(path);
        let mut fields = with(
            form(&browser.get(&new("helpdeskeddy-channel"))),
            &[("/name", name), ("/settings/url", &url), ("/groups", "Продажи")],
        );
        fields = without(fields, "repeats", "yes");
        fields.push(("channel.answers".into(), "chat".into()));
        let made = post(&browser, &new("helpdeskeddy-channel"), &fields);
        assert_eq!(made.status, 303, "{}", made.text());
        made.location().to_owned()
    };
    let good = make("good", "/good");
    let page = browser.until(&good, "Соединение успешно установлено!");
    check(&good, &page);
    // Also without the test's id.
    let page = browser.until("/console/subscriptions/good", "Соединение успешно установлено!");
    assert!(page.text().contains("HTTP 200") && page.text().contains("Журнал вебхуков"));
    let bad = make("bad", "/gone");
    let page = browser.until(&bad, "Соединение не установлено");
    assert!(page.text().contains("404 Not Found"), "{}", page.text());
    assert!(!page.text().contains("успешно"));

    let one = shown(&daemon, "good");
    assert_eq!((&one["retry"], &one["groups"]), (&json!("off"), &json!(["Продажи"])));
    assert_eq!(one["events"], json!(["ticket.created", "ticket.replied"]));
    assert!(one["condition"].as_str().unwrap().contains("'omni'"), "{one}");
    let path = "/console/subscriptions/good/edit";
    let mut fields = form(&browser.get(path));
    let answers: Vec<_> = fields.iter().filter(|(name, _)| name == "channel.answers").collect();
    assert_eq!(answers, [&("channel.answers".to_owned(), "chat".to_owned())]);
    fields.push(("repeats".into(), "yes".into()));
    fields.push(("channel.answers".into(), "classic".into()));
    assert_eq!(post(&browser, path, &fields).status, 303);
    let one = shown(&daemon, "good");
    assert_eq!((&one["retry"], &one["condition"]), (&Value::Null, &Value::Null));
    // A test by hand is shown on the page, too.
    let tested = browser.post("/console/subscriptions/bad/test", &[]).expect(303);
    drop(browser.until(tested.location(), "404 Not Found"));
}
