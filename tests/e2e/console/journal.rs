//! The pages of the journal.

use hookwright_tests::{Browser, until};

use super::frame::check;
use super::{Desk, sink};

#[test]
fn every_page_is_there_in_every_language() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "admin");
    let mut plain = Vec::new();
    for language in ["en", "de", "ru", "uk"] {
        let page = browser.post("/console/language", &[("language", language)]);
        assert_eq!(page.status, 303);
        for (path, words) in desk.pages() {
            let page = browser.get(&path).expect(200);
            let at = format!("{language} {path}");
            check(&at, &page);
            assert!(page.html.contains(&format!("<html lang=\"{language}\">")), "{at}");
            assert!(page.text().contains(words) || page.html.contains(words), "{at}: {words}");
            let current = page.html.matches(" aria-current=\"page\"").count();
            assert!(current >= 1, "{at}: the current page is marked");
            if language == "en" {
                plain.push(page.text());
            } else {
                assert!(!plain.contains(&page.text()), "{at} is in English");
            }
        }
    }
    // Nothing went wrong on the way, and no text was missing.
    for words in ["the console has no such text", "cannot be made", "of the console lacks"] {
        assert!(!desk.daemon.log().contains(words), "{words}");
    }
}

#[test]
fn one_delivery_shows_what_was_sent_and_what_came_back() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "reader");
    let [delivered, failed, _, waiting] = &desk.deliveries;
    let path = format!("/console/deliveries/{delivered}");
    let page = browser.get(&path).expect(200);
    let text = page.text();
    for words in [
        "delivered",
        "Attempt 1",
        "POST http://127.0.0.1:",
        "user-agent",
        "{\n  \"ok\": true,\n  \"id\": \"message-1\"\n}",
        "sending and waiting",
        "Fuel",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let attempt = desk.daemon.api().items(&format!("/v1/deliveries/{delivered}/attempts"));
    let body = attempt[0]["sent"]["body"].as_str().unwrap();
    let downloads = page.links(&format!("{path}/attempts/1/"));
    assert_eq!(downloads.len(), 2, "{downloads:?}");
    let request = browser.get(&downloads[0]).expect(200);
    assert_eq!(request.html, body);
    assert_eq!(request.header("content-type"), "text/plain; charset=utf-8");
    assert!(request.header("content-disposition").starts_with("attachment; filename=\"dlv_"));
    assert_eq!(browser.get(&downloads[1]).html, r#"{"ok":true,"id":"message-1"}"#);

    let text = browser.get(&format!("/console/deliveries/{failed}")).text();
    assert!(text.contains("404") && text.contains("<b>gone</b>"), "{text}");
    let page = browser.get(&format!("/console/deliveries/{waiting}"));
    assert!(page.text().contains("Next attempt"), "{}", page.text());
    assert!(page.html.contains("hx-trigger=\"deliveries from:#live\""), "it goes on");
    // Its one attempt is there, and no attempt of another delivery.
    assert!(page.text().contains("Answer: 503"), "{}", page.text());
    assert!(!page.text().contains("Answer: 404"), "{}", page.text());
}

#[test]
fn a_delivery_is_tried_again_and_canceled() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    let [_, failed, _, waiting] = &desk.deliveries;
    let path = format!("/console/deliveries/{failed}");
    let done = browser.post(&format!("{path}/retry"), &[]).expect(303);
    assert_eq!(done.location(), path);
    assert!(browser.get(&path).text().contains("It is tried again."));
    assert!(!browser.get(&path).text().contains("It is tried again."), "it is said once");
    browser.until(&path, "Attempt 2");
    let path = format!("/console/deliveries/{waiting}");
    assert!(browser.get(&path).html.contains("/cancel"));
    drop(browser.post(&format!("{path}/cancel"), &[]).expect(303));
    let page = browser.until(&path, "canceled");
    assert!(!page.html.contains("/cancel\"") && page.html.contains("/retry\""), "{}", page.html);
    let again = browser.post(&format!("{path}/cancel"), &[]).expect(409);
    check("conflict", &again);
    let audit = desk.daemon.api().items("/v1/audit?action=delivery.*");
    let done: Vec<_> = audit.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(done, ["delivery.cancel", "delivery.retry"]);
    assert!(audit.iter().all(|entry| entry["actor"]["name"] == "operator"), "{audit:?}");
}

#[test]
fn a_search_is_mended_where_it_is_wrong() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "reader");
    for (path, words, field, value) in [
        ("/console/deliveries?state=lost&ticket=7", "state: `lost` is not", "ticket", "7"),
        ("/console/deliveries?status=20x", "status: `20x` names no", "status", "20x"),
        (
            "/console/deliveries?subscription=no",
            "there is no subscription `no`",
            "subscription",
            "no",
        ),
        (
            "/console/deliveries?since=yesterday",
            "since: `yesterday` is no moment",
            "since",
            "yesterday",
        ),
        ("/console/events?type=a*", "type: `a*` is no event pattern", "type", "a*"),
        ("/console/audit?since=x", "since: `x` is no moment", "since", "x"),
    ] {
        let browser = match path {
            audit if audit.starts_with("/console/audit") => {
                &Browser::logged_in(&desk.daemon, "operator")
            }
            _ => &browser,
        };
        let page = browser.get(path);
        assert!(matches!(page.status, 400 | 404), "{path}: {}", page.status);
        check(path, &page);
        assert!(page.text().contains(words), "{path}: {}", page.text());
        assert_eq!(page.field(field).as_deref(), Some(value), "{path}");
    }
    // What is left empty is not asked for, and several states are.
    let path = "/console/deliveries?state=failed&state=skipped&status=&ticket=+&cursor=";
    let page = browser.get(path).expect(200);
    assert_eq!(page.links("/console/deliveries/dlv_").len(), 2);
    for path in
        ["/console/deliveries?cursor=x", "/console/rejects?cursor=x", "/console/replays?state=x"]
    {
        check(path, &browser.get(path).expect(400));
    }
}

#[test]
fn lists_go_on_where_the_page_before_ended() {
    let sink = sink();
    let daemon = hookwright_tests::Daemon::start();
    daemon.apply(&crate::misbehave("fine", &sink.url("/fine"), ""), &[]);
    for _ in 0..120 {
        drop(daemon.send("test.fine", &serde_json::json!({"do": "facts"})));
    }
    until("all to be delivered", || {
        (daemon.deliveries("state=delivered").len() == 120).then_some(())
    });
    let browser = Browser::logged_in(&daemon, "reader");
    for list in ["/console/deliveries?since=1h", "/console/events?since=1h"] {
        let (mut seen, mut pages) = (Vec::new(), 0);
        let (base, _) = list.split_once('?').unwrap();
        let mut next = Some(list.to_owned());
        while let Some(path) = next {
            let page = browser.get(&path).expect(200);
            let beginning = if base.ends_with("events") { "evt_" } else { "dlv_" };
            let items = page.links(&format!("{base}/{beginning}"));
            assert_eq!(items.len(), if pages == 2 { 20 } else { 50 });
            assert_eq!(page.html.contains("hx-trigger"), pages == 0, "only the first is live");
            seen.extend(items);
            pages += 1;
            let older = page
                .html
                .split("rel=\"next\"")
                .next()
                .filter(|_| page.html.contains("rel=\"next\""));
            next = older.map(|before| {
                let link = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
                format!("{base}{}", link.replace("&amp;", "&"))
            });
        }
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), pages), (120, 3), "{list}");
    }
}

#[test]
fn an_event_says_who_takes_it_and_leads_to_a_replay_of_it_alone() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    let page = browser.get(&format!("/console/events/{}", desk.event)).expect(200);
    let text = page.text();
    for words in
        ["Another type of event.", "It fits.", "\"number\": \"10081\"", "\"specversion\": \"1.0\""]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let replay = page.links("/console/replays/new?");
    let form = browser.get(&replay[0]).expect(200);
    let (since, until) = (form.field("since").unwrap(), form.field("until").unwrap());
    assert_eq!(form.field("events").as_deref(), Some("test.fine"));
    let wanted = [
        ("what", "backfill"),
        ("subscription", "fine"),
        ("events", "test.fine"),
        ("since", &since),
        ("until", &until),
        ("again", "yes"),
    ];
    let preview = browser.post("/console/replays/new", &wanted).expect(200);
    assert!(preview.text().contains("It would make 1 delivery."), "{}", preview.text());
    for part in ["data", "original"] {
        let file = browser.get(&format!("/console/events/{}/{part}", desk.event)).expect(200);
        assert!(file.html.contains("10081") && file.header("content-disposition").contains(part));
    }
    drop(browser.get(&format!("/console/events/{}/other", desk.event)).expect(404));
}

#[test]
fn what_could_not_be_read_is_read_again_or_removed() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    let path = format!("/console/rejects/{}", desk.reject);
    let page = browser.get(&path).expect(200);
    assert!(page.text().contains("A post that could not be read"), "{}", page.text());
    let still = browser.post(&format!("{path}/retry"), &[]);
    assert_eq!(still.status, 400, "it still cannot");
    check("reject", &still);
    let original = browser.get(&format!("{path}/original")).expect(200);
    assert_eq!(original.html, "{\"x\": 1}");
    let removed = browser.post(&format!("{path}/remove"), &[]).expect(303);
    assert_eq!(removed.location(), "/console/rejects");
    assert!(browser.get("/console/rejects").text().contains("It is removed."));
    for gone in [path.clone(), format!("{path}/original")] {
        check(&gone, &browser.get(&gone).expect(404));
    }
}

#[test]
fn unknown_ids_are_pages() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    let none = "018f0000-0000-7000-8000-000000000000";
    for (kind, prefix) in
        [("deliveries", "dlv"), ("events", "evt"), ("rejects", "rej"), ("replays", "rpl")]
    {
        for id in [format!("{prefix}_{none}"), none.to_owned(), "x".into(), "%00".into()] {
            let path = format!("/console/{kind}/{id}");
            check(&path, &browser.get(&path).expect(404));
        }
    }
    for path in [
        format!("/console/deliveries/{}/attempts/9/answer", desk.deliveries[0]),
        format!("/console/deliveries/{}/attempts/1/other", desk.deliveries[0]),
    ] {
        check(&path, &browser.get(&path).expect(404));
    }
}
