//! What receivers answered last, a line for each delivery of a page.

use std::collections::BTreeMap;

use hookwright_store::DeliverySummary;

use crate::app::App;
use crate::server::problem::Problem;

/// What is looked at of an answer, in bytes.
const LOOKED_AT: usize = 1_024;
/// What is shown of it, in characters.
const SHOWN: usize = 160;

/// By the deliveries' ids. For a page of one subscription's: each costs a look into the journal.
pub(super) async fn of(
    app: &App,
    page: &[DeliverySummary],
) -> Result<BTreeMap<String, String>, Problem> {
    let ids = page.iter().filter(|one| one.status.is_some()).map(|one| one.id).collect();
    let found = app.store.last_answers(ids, LOOKED_AT).await?;
    Ok(found.into_iter().map(|(id, body)| (id.to_string(), line(&body))).collect())
}

/// The beginning, in one line.
fn line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    // A character that was cut in two at the end.
    let text = if body.len() == LOOKED_AT { text.trim_end_matches('\u{fffd}') } else { &text };
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let is_longer = body.len() == LOOKED_AT || line.chars().count() > SHOWN;
    let mut shown: String = line.chars().take(SHOWN).collect();
    if is_longer && !shown.is_empty() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_a_line() {
        assert_eq!(line(b""), "");
        assert_eq!(line(b"  {\n  \"ok\": true\r\n}\n"), "{ \"ok\": true }");
        assert_eq!(line(b"\xff\xfe"), "\u{fffd}\u{fffd}");
        let long = line("я".repeat(SHOWN + 1).as_bytes());
        assert_eq!(long, format!("{}…", "я".repeat(SHOWN)));
        let cut = [b"x ".repeat(100), vec![b'\n'; LOOKED_AT - 201], vec![0xd1]].concat();
        assert_eq!(cut.len(), LOOKED_AT);
        assert!(line(&cut).starts_with("x x") && line(&cut).ends_with('…'));
    }
}
