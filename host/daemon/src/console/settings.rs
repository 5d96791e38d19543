//! `/console/settings`: what holds for the daemon as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::JournalSettings;
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde_json::{Map, json};

use super::access::Routes;
use super::fields::{self, Fields};
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::body::convert;
use crate::server::for_console_admin::journal_version;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{Setup, turn};

/// Ages and sizes.
const NAMES: [&str; 5] =
    ["keep_for", "keep_bytes", "keep_rejects_for", "keep_audit_for", "redact_failed_after"];

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/settings", get(show))
        .administering("/console/settings/journal", post(set))
}

type Values = BTreeMap<String, String>;

/// The form, as it is filled in for what is set.
fn values(settings: &JournalSettings) -> Values {
    let document = serde_json::to_value(settings).unwrap_or_default();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut values: Values = NAMES
        .iter()
        .map(|name| ((*name).to_owned(), document.get(name).map(text).unwrap_or_default()))
        .collect();
    let rules = document.get("redact").cloned().unwrap_or_else(|| json!([]));
    let rules = serde_json::to_string_pretty(&rules).unwrap_or_default();
    values.insert("redact".to_owned(), rules);
    values
}

async fn show(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    let mut values = values(&app.registry.snapshot().configuration.journal);
    values.insert("seen".to_owned(), journal_version(&app)?);
    Ok(draw(&app, &visit, StatusCode::OK, &values, context! {}))
}

fn draw(app: &App, visit: &Visit, status: StatusCode, values: &Values, more: Value) -> Response {
    let there = app.registry.snapshot();
    let policies = there.configuration.policies.iter().map(|policy| {
        context! {
            name => policy.name.to_string(),
            algorithm => policy.algorithm.as_str(),
            disabled => policy.disabled,
            changed_at => policy.key().map_or(policy.updated_at, |key| key.created_at).to_string(),
        }
    });
    let context = context! {
        values => Serde(values),
        policies => policies.collect::<Vec<_>>(),
        mail => Serde(&there.configuration.mail),
        public_url => app.public_url.to_string(),
        version => env!("CARGO_PKG_VERSION"),
        ..more
    };
    visit.page_with(status, "settings.html", context)
}

/// The form as the document that the API takes.
fn wanted(form: &Fields) -> Result<JournalSettings, Problem> {
    let mut document = Map::new();
    for name in NAMES {
        if let Some(text) = form.given(name) {
            document.insert(name.to_owned(), text.into());
        }
    }
    if let Some(rules) = form.given("redact") {
        let rules = serde_json::from_str::<serde_json::Value>(rules).map_err(|error| {
            let (pointer, detail) = ("/redact".to_owned(), format!("this is no JSON: {error}"));
            Problem::invalid(vec![FieldProblem { pointer, detail }])
        })?;
        document.insert("redact".to_owned(), rules);
    }
    convert(document.into())
}

/// As it was filled in.
fn typed(form: &Fields) -> Values {
    // Whoever sends the form once more has still not seen what was changed.
    let names = NAMES.iter().chain(&["redact", "seen"]);
    names.map(|name| ((*name).to_owned(), form.typed(name).to_owned())).collect()
}

async fn set(State(app): State<Arc<App>>, visit: Visit, body: Bytes) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    if visit.is_given_back() {
        return Ok(draw(&app, &visit, StatusCode::OK, &typed(&form), context! {}));
    }
    let set = async {
        let turn = turn(&app).await;
        form.has_seen(&journal_version(&app)?)?;
        let setup = Setup { journal: Some(wanted(&form)?), ..Setup::default() };
        let plan = setup.plan_in(turn, &app).await.map_err(|problem| problem.within("/journal"))?;
        plan.make(&app, &visit.actor()?).await
    };
    match set.await {
        Ok(_) => Ok(visit.done("/console/settings", "note-set", "")),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(&app, &visit, status, &typed(&form), more))
        }
        Err(problem) => Err(problem.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the form is filled in with is what it says when it is sent.
    #[test]
    fn there_and_back() {
        let given = json!({
            "keep_for": "14d", "keep_bytes": "2GB", "keep_rejects_for": "1d",
            "keep_audit_for": "forever", "redact_failed_after": "0s",
            "redact": [{"header": "X-Phone"}, {"pattern": "\\d{4}", "what": ["answer"]}],
        });
        let settings: JournalSettings = serde_json::from_value(given).unwrap();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(values(&settings));
        assert_eq!(wanted(&Fields::read(form.finish().as_bytes())).unwrap(), settings);
        let usual = wanted(&Fields::read(b"keep_for=&redact=")).unwrap();
        assert_eq!(usual, JournalSettings::default());
        let problem = wanted(&Fields::read(b"redact=%5B")).unwrap_err();
        assert_eq!(problem.errors()[0].pointer, "/redact");
    }
}
