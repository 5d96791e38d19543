//! `/v1/erasures`: removing all traces of a ticket, a person or a text.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::{AuditTarget, FieldChange, Name};
use hookwright_store::keeping::{Sought, Trace};
use serde::Deserialize;

use super::auth::Actor;
use super::body::Document;
use super::problem::{FieldProblem, Problem};
use crate::app::App;
use crate::audit;
use crate::keeping::erasure::{self, Report};

/// Shorter texts are found in too much that has nothing to do with them.
const SHORTEST: usize = 4;
/// The longest text that can be sought, in bytes.
const LONGEST: usize = 4_096;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ErasureWanted)]
pub(super) struct Wanted {
    ticket: Option<String>,
    subject: Option<String>,
    person: Option<String>,
    text: Option<String>,
    source: Option<Name>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    rewrite: bool,
}

/// Removes all traces of a ticket, a person or a text from the journal.
#[utoipa::path(
    post, path = "/v1/erasures",
    request_body = Wanted,
    responses((status = 200, body = Report), (status = 422)),
)]
pub(super) async fn erase(
    State(app): State<Arc<App>>,
    actor: Actor,
    Document(wanted): Document<Wanted>,
) -> Result<Json<Report>, Problem> {
    let Wanted { dry_run, rewrite, .. } = wanted;
    let sought = wanted.sought().map_err(|wrong| Problem::invalid(vec![wrong]))?;
    let by = match &sought.trace {
        Trace::Ticket(_) => "ticket",
        Trace::Subject(_) => "subject",
        Trace::Person(_) => "person",
        Trace::Text(_) => "text",
    };
    let source = sought.source.clone();
    let report = erasure::erase(&app, sought, dry_run, rewrite).await?;
    if !dry_run {
        // What was sought is not said, or it would be there again.
        let mut facts = vec![FieldChange::fact("/by", by)];
        facts.extend(source.map(|source| FieldChange::fact("/source", source.as_str())));
        facts.push(FieldChange::fact("/events", report.counts.events));
        facts.push(FieldChange::fact("/rejects", report.counts.rejects));
        let target = AuditTarget::new("journal", "journal");
        audit::note(&app, &actor, "journal.erase", target, facts).await;
    }
    Ok(Json(report))
}

impl Wanted {
    fn sought(self) -> Result<Sought, FieldProblem> {
        let wrong = |pointer: &str, detail: String| {
            Err(FieldProblem { pointer: pointer.to_owned(), detail })
        };
        let (pointer, trace) = match (self.ticket, self.subject, self.person, self.text) {
            (Some(number), None, None, None) => ("/ticket", Trace::Ticket(number)),
            (None, Some(subject), None, None) => ("/subject", Trace::Subject(subject)),
            (None, None, Some(person), None) => {
                ("/person", Trace::Person(person.trim().to_owned()))
            }
            (None, None, None, Some(text)) => ("/text", Trace::Text(text)),
            _ => {
                let detail = "say what to erase by exactly one of `ticket`, `subject`, `person` \
                              and `text`";
                return wrong("", detail.to_owned());
            }
        };
        let (text, shortest) = match &trace {
            Trace::Ticket(text) | Trace::Subject(text) => (text, 1),
            Trace::Person(text) | Trace::Text(text) => (text, SHORTEST),
        };
        let (characters, bytes) = (text.chars().count(), text.len());
        if characters < shortest || bytes > LONGEST {
            let detail = format!(
                "it has {characters} characters: use {shortest} at least, and at most {LONGEST} \
                 bytes"
            );
            return wrong(pointer, detail);
        }
        Ok(Sought { trace, source: self.source })
    }
}
