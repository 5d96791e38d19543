//! What is told of a wrong condition when it is saved.

use crate::condition::{Condition, MAX_BYTES};

/// Conditions with the column of the mistake, and part of what is told.
const MISTAKES: &[(&str, usize, &str)] = &[
    // Syntax.
    ("", 1, "the condition is empty"),
    ("event.ticket.state ==", 22, "something is missing at the end"),
    ("event.ticket.state = 'open'", 20, "`=` is no operator; compare with `==`"),
    ("event.ticket.state == 'open", 23, "no closing '"),
    ("event.ticket.state == 'o\\pen'", 23, "write \\\\ for a backslash"),
    ("event.ticket.state == 'a' & true", 27, "write `&&` for and"),
    ("(event.comment.internal", 24, "something is missing at the end"),
    ("event.comment.internal true", 24, "an operator such as `&&`"),
    ("event.comment.internal && && true", 27, "`&` cannot stand here"),
    ("event.ticket.state == #", 23, "`#` has no meaning here"),
    ("size(event.ticket.tags) > 99999999999999999999", 27, "too large"),
    // Names.
    (
        "event.ticket.prio == 'high'",
        14,
        "`event.ticket` has no field `prio`; did you mean `priority`?",
    ),
    ("event.ticket.colour == 'red'", 14, "is `event.ticket.fields.colour`"),
    ("event.ticket . prio == 'high'", 16, "no field `prio`"),
    ("event['tickets'].id == ''", 7, "`event` has no field `tickets`; did you mean `ticket`?"),
    ("event.coment.internal", 7, "did you mean `comment`?"),
    ("priority == 'high'", 1, "write `event.ticket.priority`"),
    ("ticket.priority == 'high'", 1, "write `event.ticket`"),
    ("event.ticket.priority == high", 26, "Text stands in quotes: 'high'"),
    ("event.ticket.tags.exists(t, tt == 'vip')", 29, "did you mean `t`?"),
    ("event.ticket.assignees.exists(p, p.mail == 'x')", 36, "did you mean `email`?"),
    ("event.ticket.assignees.email == 'x'", 24, "`event.ticket.assignees` is a list"),
    ("event.ticket.title.length == 3", 20, "`event.ticket.title` is text; it has no fields"),
    // Functions.
    ("event.ticket.title.toLowerCase() == 'x'", 20, "did you mean `lowerAscii`?"),
    ("event.ticket.title.contain('x')", 20, "did you mean `contains`?"),
    ("frobnicate(event)", 1, "there is no function `frobnicate`. There are `has`"),
    ("contains(event.ticket.title, 'x')", 1, "is called on a text"),
    ("event.ticket.title.startsWith()", 20, "is called on a text"),
    ("event.ticket.tags.exists('vip')", 19, "with a name for its elements"),
    ("event.ticket.tags.exists(1, true)", 26, "a name for the elements"),
    ("event.ticket.tags.exists(event, true)", 26, "choose another name"),
    ("has('x')", 5, "has(event.comment)"),
    ("event.ticket.title.matches('(')", 28, "the regular expression: unclosed group"),
    ("event.ticket.title.matches('(\\\\w{100}){100}')", 28, "it is too large"),
    ("event.ticket.title.matches(event.ticket.state)", 28, "must stand here itself"),
    ("event.occurred_at.getHours('Berlin') < 8", 28, "there is no time zone `Berlin`"),
    ("event.occurred_at > timestamp('yesterday')", 31, "`yesterday` is no time"),
    ("event.occurred_at - event.received_at > duration('soon')", 50, "`soon` is no duration"),
    // Types.
    ("event.ticket.priority == 3", 23, "Put the number in quotes"),
    ("event.ticket.priority > 3", 23, "is text and `3` is a number"),
    ("event.ticket.priority in [1, 2]", 23, "a list whose elements are a number"),
    ("'vip' in event.ticket.title", 7, "use `.contains(…)`"),
    ("event.ticket.tags == 'vip'", 19, "use `in`"),
    ("event.ticket.tags.contains('vip')", 1, "`event.ticket.tags` is a list, not text"),
    ("event.ticket.due_at < event.occurred_at", 21, "`timestamp(…)`"),
    ("event.ticket.priority", 1, "a condition must be true or false; this is text"),
    ("size(event.ticket.tags)", 1, "this is a number"),
    ("event.ticket.priority && true", 1, "`event.ticket.priority` is text, where true or false"),
    ("!event.ticket.title", 2, "where true or false is needed"),
    ("event.comment.internal > true", 1, "it has no order"),
    ("event.ticket.title + 1 == 'x'", 20, "they cannot be combined so"),
    ("event.ticket.title.getHours() == 1", 1, "`timestamp(…)` makes one of it"),
    ("event == event", 7, "they are never equal"),
    ("{'a': 1} == {'a': 1}", 1, "cannot make objects"),
    ("b'a' == b'a'", 1, "no bytes"),
    ("true\n  && event.ticket\n  .prio == ''", 4, "no field `prio`"),
];

#[test]
fn mistakes_are_told_with_their_column() {
    let mut wrong = Vec::new();
    for (condition, column, told) in MISTAKES {
        let mistake = Condition::compile(condition).err().unwrap_or_else(|| {
            panic!("this has no mistake: {condition}");
        });
        if !mistake.detail().contains(told) || mistake.column() != *column {
            wrong.push(format!("{condition}: not {column}, {told}\n{mistake}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let third = Condition::compile("true\n  && event.ticket\n  .prio == ''").unwrap_err();
    assert_eq!(third.line(), 3);
    let shown = Condition::compile("event.ticket.prio == 'high'").unwrap_err().to_string();
    let caret = format!("\n  event.ticket.prio == 'high'\n  {}^^^^", " ".repeat(13));
    assert!(shown.starts_with("line 1, column 14: ") && shown.ends_with(&caret), "{shown}");
}

#[test]
fn conditions_are_bounded() {
    let told = |condition: &str, expected: &str| {
        let mistake = Condition::compile(condition).unwrap_err();
        assert!(mistake.detail().contains(expected), "{mistake}");
    };
    told(&"x".repeat(MAX_BYTES + 1), "has 4097 bytes; it can have 4096");
    told(&format!("{}true{}", "(".repeat(60), ")".repeat(60)), "more than 48 parentheses");
    told(&format!("1{} > 0", " + 1".repeat(1_000)), "more than 64 operations depend");
    // The longest chains that there can be do not use up the stack.
    for chain in [
        format!("{}true", "!".repeat(4_000)),
        format!("1{}", "+1".repeat(2_000)),
        format!("event{}", ".a".repeat(2_000)),
        format!("event{}", "[0]".repeat(1_300)),
        format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000)),
        format!("{}1", "-(".repeat(2_000)),
        format!("event{}", ".map(a,a)".repeat(400)),
    ] {
        drop(Condition::compile(&chain));
    }
    // Chains of && and || may be as long as they like.
    let long = vec!["event.comment.internal"; 150].join(" || ");
    assert!(Condition::compile(&long).is_ok());
}
