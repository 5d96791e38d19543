//! What conditions mean.

use std::fmt::Write as _;

use serde_json::json;

use super::{evaluate, full, holds};
use crate::condition::MAX_COST;

#[test]
fn conditions_hold() {
    let data = full();
    for condition in [
        "event.ticket.priority == 'high' && !event.comment.internal",
        "event.type == 'ticket.commented' && event.source == 'helpdesk' && event.subject == '81'",
        "event.id.startsWith('evt_')",
        "has(event.comment) && has(event.ticket.fields.building) && has(event.comment.internal)",
        "event.ticket.fields.building == 'B' && event.ticket.fields['floor'] == 3",
        "event.ticket.fields.floor > 2 && event.ticket.fields.area < 13",
        "event.ticket.fields.vip && event.ticket.fields.nested.deep[1] == 'y'",
        "'vip' in event.ticket.tags && !('x' in event.ticket.tags)",
        "event.ticket.state in ['new', 'open']",
        "'building' in event.ticket.fields",
        "event.ticket.tags.exists(t, t.startsWith('net'))",
        "event.ticket.assignees.all(p, p.kind == 'agent')",
        "event.ticket.assignees.exists_one(p, p.email.endsWith('@example.com'))",
        "event.ticket.assignees.map(p, p.name) == ['Emma Taylor', 'Иван']",
        "event.ticket.assignees.filter(p, has(p.email)).size() == 1",
        "size(event.ticket.assignees.map(p, has(p.email), p.email)) == 1",
        "event.ticket.fields.exists(name, name == 'floor')",
        "event.changes.exists(c, c.field == 'state' && c.to == 'open')",
        "event.ticket.title.matches('(?i)NETWORK') && matches(event.ticket.number, r'^\\d+$')",
        "event.comment.text.matches('(?i)GRÜSSE|grüße')",
        "event.ticket.title.lowerAscii().contains('no network')",
        "size(event.comment.text) == 21 && event.comment.text.size() == 21",
        "event.ticket.tags.size() + 1 == 3 && 7 / 2 == 3 && 7 % 2 == 1 && -(1) < 0",
        "event.occurred_at < event.received_at",
        "event.received_at - event.occurred_at < duration('1s')",
        "timestamp(event.ticket.due_at) - event.occurred_at > duration('21h')",
        "event.occurred_at > timestamp('2020-11-13T14:34:35Z')",
        "event.occurred_at.getHours() == 14 && event.occurred_at.getHours('Europe/Berlin') == 15",
        "event.occurred_at.getDayOfWeek() == 5 && event.occurred_at.getMonth() == 10",
        "event.occurred_at.getDate() == 13 && event.occurred_at.getFullYear() == 2020",
        "(event.ticket.priority == 'low' ? 1 : 2) == 2",
        "int(event.ticket.number) > 10000 && string(3) == '3' && double('1.5') == 1.5",
        "event.comment.attachments.exists(a, a.size > 10000)",
        "event.data.ticket.priority == 'high' && dyn(1) == 1",
        "'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && 'b' > 'a'",
        // A term that fails does not matter where another decides.
        "1 / 0 == 1 || true",
        "!(event.ticket.fields.building > 3 && false)",
        "event.ticket.assignees.exists(p, int(p.id) == 6 || int(p.name) == 7)",
        "event\n  .ticket // which\n  .state == \"open\"",
    ] {
        assert!(holds(condition, &data), "{condition}");
    }
}

#[test]
fn what_is_absent_counts_as_empty() {
    let bare = json!({"ticket": {}, "origin": {"kind": "zenlix"}});
    for absent in [
        "event.ticket.priority == 'high' && !event.comment.internal",
        "event.comment.internal",
        "event.comment.visibility == 'internal'",
        "has(event.comment) || has(event.comment.internal) || has(event.comment.author.email)",
        "event.comment.author.email.endsWith('@example.com')",
        "event.ticket.title.contains('x') || event.ticket.title.matches('x')",
        "event.ticket.tags.exists(t, true) || 'vip' in event.ticket.tags",
        "event.ticket.assignees[0].email == 'a@b'",
        "event.ticket.fields.vip || event.ticket.fields.amount > 100",
        "event.ticket.fields.deep.er[3].still == 'x'",
        "event.ticket.fields.building.startsWith('B')",
        "event.changes.exists(c, c.field == 'state')",
        "event.data.no.such == 'x'",
        "event.ticket.fields.vip",
    ] {
        assert!(!holds(absent, &bare), "{absent}");
        assert!(!holds(absent, &json!(null)), "{absent}: no body at all");
    }
    for empty in [
        "event.ticket.group == '' && event.ticket.group == null && event.comment == null",
        "size(event.ticket.tags) == 0 && event.ticket.tags == [] && size(event.ticket.title) == 0",
        "event.ticket.fields.amount == 0 && event.ticket.fields.vip == false",
        "event.ticket.fields.amount + 1 == 1 && event.ticket.title + 'x' == 'x'",
        "event.ticket.tags.all(t, false)",
        "event.ticket.title.lowerAscii() == '' && string(event.ticket.fields.x) == ''",
        "event.upstream_name == null",
    ] {
        assert!(holds(empty, &bare), "{empty}");
    }
    assert!(!holds("has(event.ticket.fields.gone)", &full()), "null is absent");
}

#[test]
fn an_event_that_does_not_fit_is_told_with_its_place() {
    for (condition, column, told) in [
        (
            "event.ticket.fields.building > 3",
            1,
            "`event.ticket.fields.building` is text and `3` is a number in this event",
        ),
        (
            "true && event.ticket.fields.floor",
            9,
            "`event.ticket.fields.floor` is a number in this event, not true or false",
        ),
        ("event.ticket.fields.floor.startsWith('3')", 1, "is a number in this event, not text"),
        ("int(event.ticket.title) == 1", 1, "`event.ticket.title` is text that is no whole number"),
        ("timestamp(event.ticket.created_at) < event.occurred_at", 1, "is absent; ask `has(…)`"),
        ("size(event.ticket.tags) / 0 == 1", 1, "this divides by zero"),
        ("9223372036854775807 + size(event.ticket.tags) > 0", 1, "too large"),
        (
            "event.ticket.fields.building.x == 1",
            1,
            "`event.ticket.fields.building` is text in this event, not an object or a list",
        ),
        ("event.ticket.tags.all(t, 1 / 0 == 1)", 26, "divides by zero"),
    ] {
        let error = evaluate(condition, &full()).holds.expect_err(condition);
        assert!(error.detail().contains(told), "{condition}\n{error}");
        assert_eq!(error.column(), column, "{error}");
    }
    // What posts CloudEvents may disagree with the schema.
    let other = json!({"ticket": {"priority": 3, "tags": "vip"}, "comment": "hello"});
    for (condition, told) in [
        (
            "event.ticket.priority == 'high'",
            "`event.ticket.priority` is a number in this event, not text",
        ),
        ("'vip' in event.ticket.tags", "`event.ticket.tags` is text in this event, not a list"),
        ("has(event.comment.text)", "`event.comment` is text in this event, not an object"),
    ] {
        let error = evaluate(condition, &other).holds.unwrap_err();
        assert!(error.detail().contains(told), "{error}");
    }
    assert!(holds("event.data.ticket.priority == 3", &other));
}

/// Conditions that would take for ever, were the cost not counted.
#[test]
fn the_worst_conditions_end_soon_and_cost_the_same_everywhere() {
    let mut data = full();
    let tags: Vec<_> = (0..1_000).map(|n| format!("tag number {n}")).collect();
    data["ticket"]["tags"] = json!(tags);
    data["comment"]["text"] = json!("a".repeat(200_000));
    data["ticket"]["fields"]["big"] = json!(vec![json!({"a": [1, 2, 3]}); 5_000]);
    let tags = "event.ticket.tags";
    let mut loops = "true".to_owned();
    for level in 0..12 {
        loops = format!("{tags}.all(t{level}, {loops})");
    }
    let mut doubled = "[1, 2]".to_owned();
    for _ in 0..50 {
        write!(doubled, ".map(x, [x, x])").unwrap();
    }
    let text = "event.comment.text";
    let concatenated = format!("({})", vec![text; 60].join(" + "));
    let contained = vec![format!("{text}.contains('aaaaaaab')"); 90].join(" || ");
    for (name, condition) in [
        ("nested loops", loops),
        ("a list that holds itself", format!("{doubled} == {doubled}")),
        ("long texts", format!("{concatenated}.contains('b')")),
        ("many searches", contained),
        ("regular expression", format!("{tags}.exists(t, {text}.matches('(a?){{5}}a{{5}}b'))")),
        (
            "large equal structures",
            format!("{tags}.all(t, event.ticket.fields.big == event.ticket.fields.big)"),
        ),
        (
            "looking for much in much",
            format!("{tags}.all(t, event.ticket.fields in event.ticket.fields.big || true)"),
        ),
        ("literals", format!("[{}].all(x, {tags}.all(t, size(t) > x))", vec!["1"; 900].join(","))),
    ] {
        let outcome = evaluate(&condition, &data);
        let error = outcome.holds.expect_err(name);
        assert!(error.detail().contains("costs more than 250000 steps"), "{name}: {error}");
        // What breaks the limit is counted, and at most one look at the event goes beyond it.
        let event_size = data.to_string().len() as u64;
        assert!(outcome.cost <= MAX_COST + event_size, "{name}: {}", outcome.cost);
        assert_eq!(evaluate(&condition, &data).cost, outcome.cost, "{name}");
    }
    let usual = evaluate("event.ticket.priority == 'high' && !event.comment.internal", &full());
    assert_eq!(usual.cost, 10);
}
