//! What kind of record an event was about.

use hookwright_sdk::write::Write;

/// R-Service tells of problems, tasks and many other records too, and an id does not say which of
/// them it is that of: a note for a problem must not end up at some request. The page of the
/// record says it, if it is known.
///
/// # Errors
/// When the page is that of another kind of record.
pub(crate) fn must_be_a_request(write: &Write) -> Result<(), String> {
    let page = write.ticket.url.as_deref().unwrap_or_default();
    let path = page.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let kind = path.strip_suffix(write.ticket_id.as_str()).and_then(|path| path.strip_suffix('/'));
    match kind.and_then(|path| path.rsplit('/').next()) {
        None | Some("" | "requests") => Ok(()),
        Some(other) => Err(format!(
            "/ticket/url: the record is one of `{other}`; a connection writes to requests only"
        )),
    }
}
