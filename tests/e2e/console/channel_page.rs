//! Seed 002: what the page of a channel says of its connection, and its journal.

use hookwright_tests::{Browser, Daemon, Reply, Sink};
use serde_json::json;

use super::form::{form, post, with};
use super::frame::check;
use super::subscriptions::{install, new};

const CONNECTED: &str = "Соединение успешно установлено!";
const CHANGED: &str = "После последней проверки что-то изменилось.";

fn sink() -> Sink {
    Sink::answering(|request| match request.path.as_str() {
        "/good" => Reply::ok("{\n  \"took\": \"<b>it</b>\u{202e}\"\n}"),
        _ => Reply::status(404),
    })
}

fn channel(sink: &Sink) -> (Daemon, Browser) {
    let daemon = Daemon::start();
    install(&daemon, &["helpdeskeddy-channel"]);
    let browser = Browser::logged_in(&daemon, "admin").speaking("ru");
    let url = sink.url("/good");
    let page = form(&browser.get(&new("helpdeskeddy-channel")));
    let fields = with(page, &[("/name", "shop"), ("/settings/url", &url)]);
    let made = post(&browser, &new("helpdeskeddy-channel"), &fields).expect(303);
    drop(browser.until(made.location(), CONNECTED));
    (daemon, browser)
}

#[test]
fn a_change_is_tested_and_an_old_test_says_nothing() {
    let sink = sink();
    let (daemon, browser) = channel(&sink);
    let (page, edit) = ("/console/subscriptions/shop", "/console/subscriptions/shop/edit");
    // Saved with another address: tested at once, and told in the page's language.
    let gone = sink.url("/gone");
    let fields = with(form(&browser.get(edit)), &[("/settings/url", &gone)]);
    let saved = post(&browser, edit, &fields).expect(303);
    assert!(saved.location().contains("?test="), "{}", saved.location());
    let said = browser.until(saved.location(), "Соединение не установлено");
    let card =
        said.html.split("id=\"channel\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(card.contains("<span class=\"outside\">404 Not Found</span>"), "{card}");
    assert!(!card.contains("tried once") && !card.contains("preset"), "{card}");
    let test = saved.location().split_once("?test=").unwrap().1.to_owned();
    let delivery = browser.get(&format!("/console/deliveries/{test}")).expect(200);
    let attempt = delivery.html.split("id=\"attempt-1\"").nth(1).unwrap();
    let head = attempt.split("</h3>").next().unwrap();
    assert!(head.contains("не удалось") && !head.contains("позже снова"), "{head}");

    // Nothing changed: nothing is tested.
    let before = sink.count();
    let fields = form(&browser.get(edit));
    assert!(!post(&browser, edit, &fields).expect(303).location().contains("?test="));
    assert_eq!(sink.count(), before);
    // By another way.
    let good = json!({"settings": {"url": sink.url("/good")}});
    let merge = [("Content-Type", "application/merge-patch+json")];
    let body = good.to_string();
    let path = "/v1/subscriptions/shop";
    drop(daemon.api().try_send("PATCH", path, &merge, body.as_bytes()).unwrap().expect(200));
    let shown = browser.get(page).expect(200);
    assert!(
        shown.text().contains(CHANGED) && !shown.text().contains(CONNECTED),
        "{}",
        shown.text()
    );
    check(page, &shown);
    let tested = browser.post("/console/subscriptions/shop/test", &[]).expect(303);
    drop(browser.until(tested.location(), CONNECTED));
    assert!(!browser.get(page).text().contains(CHANGED));
}

#[test]
fn the_journal_has_the_answer() {
    let sink = sink();
    let (_daemon, browser) = channel(&sink);
    for page in ["/console/deliveries?subscription=shop", "/console/subscriptions/shop"] {
        let shown = browser.get(page).expect(200);
        check(page, &shown);
        assert!(shown.html.contains("<th scope=\"col\">Ответ</th>"), "{page}");
        let row = shown.html.split("data-label=\"Ответ\"").nth(1).unwrap();
        let cell = row.split("</td>").next().unwrap();
        assert!(cell.contains("{ &quot;took&quot;") && !cell.contains("<b>"), "{cell}");
        assert!(cell.contains("&lt;b&gt;it") && !cell.contains('\u{202e}'), "{cell}");
    }
    let all = browser.get("/console/deliveries").expect(200);
    assert!(!all.html.contains("data-label=\"Ответ\""), "{}", all.html);
}

#[test]
fn a_channel_has_the_twelve_and_no_more() {
    let sink = sink();
    let (daemon, browser) = channel(&sink);
    let edit = "/console/subscriptions/shop/edit";
    let page = browser.get(edit).expect(200);
    let boxes = page.html.matches("type=\"checkbox\" name=\"/events\"").count();
    assert_eq!(boxes, 10, "two more are about answers");
    // One that was chosen elsewhere is not lost.
    let merge = [("Content-Type", "application/merge-patch+json")];
    let body = json!({"events": ["ticket.created", "problem.created"]}).to_string();
    let path = "/v1/subscriptions/shop";
    drop(daemon.api().try_send("PATCH", path, &merge, body.as_bytes()).unwrap().expect(200));
    let page = browser.get(edit).expect(200);
    assert!(page.text().contains("Создание проблемы"), "{}", page.text());
    let fields = with(form(&page), &[("/description", "x")]);
    drop(post(&browser, edit, &fields).expect(303));
    let shown = daemon.api().get(path).expect(200).json();
    assert_eq!(shown["events"], json!(["ticket.created", "problem.created"]));

    install(&daemon, &["ntfy"]);
    let page = browser.get(&new("ntfy")).expect(200);
    for words in ["Создание заявки", "Изменение статуса", "Комментарий к задаче"]
    {
        assert!(page.text().contains(words), "{words}");
    }
    assert!(!page.text().contains("Ticket created"));
}
