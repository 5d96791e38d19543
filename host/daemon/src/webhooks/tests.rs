//! Queries, names, addresses and events. The API itself is tested by `tests/e2e`.

use hookwright_model::catalogue;
use serde_json::{Value, json};

use super::address::{Address, Credentials, shown};
use super::event::types_of;
use super::filter::Kind;
use super::listing::Listing;
use super::name::derive;
use super::record::Record;
use super::show::WEBHOOKS;

fn record(fields: &[(&'static str, Value)]) -> Record {
    let mut record = Record::default();
    for (field, value) in fields {
        record.put(field, Some(value.clone()));
    }
    record
}

fn records() -> Vec<Record> {
    let policy = json!({ "id": 7, "name": "p" });
    vec![
        record(&[
            ("id", json!(1)),
            ("name", json!("Request Team Changed")),
            ("event", json!("request.team-changed")),
            ("disabled", json!("true")),
            ("last_error", json!("404 Not Found")),
            ("created_at", json!("2016-03-17T16:34:59-06:00")),
        ]),
        record(&[
            ("id", json!(2)),
            ("name", json!("Problem Update")),
            ("event", json!("problem.update")),
            ("webhook_policy", policy),
            ("created_at", json!("2016-03-17T16:36:11-06:00")),
        ]),
        record(&[
            ("id", json!(10)),
            ("name", json!("a, b")),
            ("event", json!("problem.update")),
            ("created_at", json!("2017-01-01T00:00:00+00:00")),
        ]),
    ]
}

fn chosen(query: &str) -> Vec<i64> {
    let asked = WEBHOOKS.read(query).unwrap_or_else(|problem| panic!("{query}: {problem:?}"));
    let chosen = asked.choose(records());
    chosen.iter().map(|record| record.get("id").unwrap().as_i64().unwrap()).collect()
}

#[test]
fn filters_are_those_of_r_service() {
    for (query, ids) in [
        ("", vec![10, 2, 1]),
        ("id=2", vec![2]),
        ("id=1,10", vec![10, 1]),
        ("ids=!1,10", vec![2]),
        ("id!=2", vec![10, 1]),
        ("id=<2", vec![1]),
        ("id=<=2", vec![2, 1]),
        ("id=>2", vec![10]),
        ("id=>=2", vec![10, 2]),
        ("id=>1<10", vec![2]),
        ("id=>=1<=2", vec![2, 1]),
        ("name=problem+update", vec![2]),
        ("name=a%2C+b", vec![10]),
        ("name=!Problem%20Update", vec![10, 1]),
        ("event=problem.update", vec![10, 2]),
        ("event=problem.update,request.team-changed&id=<10", vec![2, 1]),
        ("disabled=true", vec![1]),
        ("disabled=false", vec![10, 2]),
        ("disabled=!true", vec![10, 2]),
        ("last_error=", vec![10, 2]),
        ("last_error=!", vec![1]),
        ("last_error!=", vec![1]),
        ("webhook_policy=7", vec![2]),
        ("webhook_policy_id=!7", vec![10, 1]),
        ("webhook_policy_id=", vec![10, 1]),
        ("created_at=2016-03-17T22:36:11Z", vec![2]),
        ("created_at=<2016-03-17T16:36:11-06:00", vec![1]),
        // The plus was not encoded.
        ("created_at=<2016-03-17T23:36:11+01:00", vec![1]),
        ("created_at=>=2016-03-18", vec![10]),
        ("created_at=>2016-01-01<2017-01-01", vec![2, 1]),
        ("sort=id", vec![1, 2, 10]),
        ("sort=name", vec![10, 2, 1]),
        ("sort=event,-id", vec![10, 2, 1]),
        ("sort=-event,id", vec![1, 2, 10]),
        ("sort=created_at", vec![1, 2, 10]),
    ] {
        assert_eq!(chosen(query), ids, "{query}");
    }
}

#[test]
fn what_cannot_be_asked_for_is_named() {
    for (query, words) in [
        ("sort=problem,id,-uri", "Sorting not allowed on fields: problem, uri"),
        ("team=1", "Filtering not allowed on fields: team"),
        ("attachments=", "Filtering not allowed on fields: attachments"),
        ("fields=id,colour", "fields: there is no colour; there are id, name, event"),
        ("id=x", "id: `x` is not an integer"),
        ("id=1,", "id: `` is not an integer"),
        ("id=><2", "id: `` is not an integer"),
        ("disabled=yes", "disabled: `yes` is neither true nor false"),
        ("created_at=>soon", "created_at: `soon` is not a time"),
        ("per_page=0", "per_page: `0` is not a number from 1 up to 100"),
        ("per_page=101", "per_page: `101`"),
        ("page=-1", "page: `-1` is not a number from 1"),
        ("search_after=abc", "search_after: pages have numbers here"),
    ] {
        let problem = WEBHOOKS.read(query).unwrap_err();
        assert_eq!(problem.status(), 400, "{query}");
        assert!(problem.detail().contains(words), "{query}: {}", problem.detail());
    }
}

#[test]
fn fields_are_shown_in_the_order_of_the_document() {
    let listing: &Listing = &WEBHOOKS;
    let show = |query: &str, number: usize| {
        let asked = listing.read(query).unwrap();
        serde_json::to_string(&asked.show(listing, &records()[number])).unwrap()
    };
    assert_eq!(
        show("", 0),
        r#"{"id":1,"name":"Request Team Changed","event":"request.team-changed","disabled":"true","last_error":"404 Not Found","created_at":"2016-03-17T16:34:59-06:00"}"#
    );
    assert_eq!(
        show("fields=event,description", 1),
        r#"{"id":2,"event":"problem.update","description":null}"#
    );
    assert!(listing.fields.contains(&("webhook_policy", Kind::Reference)));
}

#[test]
fn names_are_made_from_any_text() {
    let made = |text: &str, taken: &[&str]| {
        derive(text, |name| taken.contains(&name)).unwrap().to_string()
    };
    assert_eq!(made("problem.update", &[]), "problem.update");
    assert_eq!(made("Problem  Update!", &[]), "problem-update");
    assert_eq!(made("Обновление", &[]), "webhook");
    assert_eq!(made("", &["webhook", "webhook-2"]), "webhook-3");
    assert_eq!(made(".-x-.", &[]), "x");
    assert_eq!(made(&"ab ".repeat(400), &[]).len(), 47);
    assert_eq!(made(&"a".repeat(400), &[&"a".repeat(48)]), format!("{}-2", "a".repeat(48)));
}

#[test]
fn addresses_are_taken_apart() {
    let read = |uri: &str| Address::read(uri).map(|address| (address.uri, address.credentials));
    let given = |username: &str, password: &str| Credentials::Given {
        username: username.into(),
        password: password.into(),
    };
    for (uri, plain, credentials) in [
        ("http://a.example/x?y@z", "http://a.example/x?y@z", Credentials::None),
        ("https://desk:s3cr3t@a.example/x", "https://a.example/x", given("desk", "s3cr3t")),
        ("HTTPS://a%40b:p%3Aq%2F@a.example", "https://a.example", given("a@b", "p:q/")),
        ("https://u:p@w@a.example?x", "https://a.example?x", given("u", "p@w")),
        ("https://***:***@a.example/", "https://a.example/", Credentials::Kept),
    ] {
        assert!(read(uri) == Ok((plain.to_owned(), credentials)), "{uri}");
    }
    for (uri, words) in [
        ("desk:s3cr3t@a.example", "begins with https://"),
        ("", "begins with https://"),
        ("http://s3cr3t@a.example", "no password"),
        ("http://s3cr3t:%ff@a.example", "not UTF-8"),
    ] {
        let Err(error) = read(uri) else { panic!("{uri}") };
        assert!(error.contains(words) && !error.contains("s3cr3t"), "{uri}: {error}");
    }
    assert_eq!(shown("https://a.example/x", true), "https://***:***@a.example/x");
    assert_eq!(shown("https://a.example/x", false), "https://a.example/x");
}

#[test]
fn every_event_has_its_types() {
    let types = |name: &str| -> Vec<String> {
        types_of(name).unwrap().iter().map(ToString::to_string).collect()
    };
    assert_eq!(types("request.create"), ["ticket.created"]);
    assert_eq!(types("request.note-added"), ["ticket.commented", "ticket.replied"]);
    assert_eq!(types("workflow.update"), ["change.updated"]);
    assert_eq!(types("automation_rule"), ["automation.fired"]);
    assert!(types("request.update").contains(&"ticket.priority_changed".to_owned()));
    assert!(types_of("webhook.verify").is_none(), "it is the daemon's own");
    // 77 of the document, and those of apps.
    let upstream = catalogue::types().iter().filter_map(|known| known.sources.get("r-service"));
    let names: Vec<_> = upstream.flatten().filter(|name| types_of(name).is_some()).collect();
    assert_eq!(names.len(), 77 + 4);
}
