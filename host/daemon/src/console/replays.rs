//! `/console/replays`: delivering again, and delivering what a subscription has not had.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::{DeliveryState, Replay, ReplayId, ReplayState};
use hookwright_store::ReplayFilter;
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Map, Value, json};

use super::access::Routes;
use super::asked::{self, Asked};
use super::delivery::id;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console;
use crate::server::problem::{FieldProblem, Problem};

/// What the form has.
const NAMES: [&str; 10] = [
    "what",
    "subscription",
    "states",
    "events",
    "source",
    "status",
    "since",
    "until",
    "again",
    "rate",
];

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/replays", get(list))
        .operating("/console/replays/new", get(form).post(make))
        .reading("/console/replays/{id}", get(show))
        .operating("/console/replays/{id}/{move}", post(go))
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &["state", "cursor"]);
    let state = Some(asked["state"].as_str()).filter(|state| !state.is_empty());
    let state = state.map(str::parse::<ReplayState>).transpose();
    let state = state.map_err(|error| Problem::bad_request(format!("state: {error}")))?;
    let cursor = Some(asked["cursor"].as_str()).filter(|cursor| !cursor.is_empty());
    let page = for_console::page::<ReplayId>(cursor)?;
    let replays = app.store.replays(ReplayFilter { state }, page).await?;
    let last = replays.last().filter(|_| replays.len() == page.limit);
    let next = last.map(|last| asked::query(&asked, Some(&last.id.to_string())));
    let items: Vec<_> = replays.iter().map(|replay| shown(&app, replay)).collect();
    let states: Vec<_> = ReplayState::ALL.iter().map(|state| state.as_str()).collect();
    let first = asked::is_first(&asked);
    let asked = Serde(asked);
    Ok(visit.page("replays.html", context! { items, next, asked, states, first }))
}

fn shown(app: &App, replay: &Replay) -> minijinja::Value {
    let snapshot = app.registry.snapshot();
    let entry = replay.subscription().and_then(|id| snapshot.subscriptions.get(&id));
    let document = serde_json::to_value(replay).unwrap_or_default();
    let (what, details) = match (document.get("redeliver"), document.get("backfill")) {
        (Some(details), _) => ("redeliver", details.clone()),
        (_, details) => ("backfill", details.cloned().unwrap_or_default()),
    };
    context! {
        id => replay.id.to_string(),
        what,
        details => Serde(details),
        subscription => entry.map(|entry| entry.subscription.name.to_string()),
        is_of_one => replay.subscription().is_some(),
        rate => replay.rate,
        state => replay.state.as_str(),
        is_final => replay.state.is_final(),
        reason => replay.reason.as_deref(),
        found => replay.found,
        done => replay.done,
        skipped => replay.skipped,
        left_out => Serde(replay.left_out.iter().collect::<Vec<_>>()),
        asked_by => replay.asked_by.as_ref().map(ToString::to_string),
        created_at => replay.created_at.to_string(),
        started_at => replay.started_at.map(|at| at.to_string()),
        finished_at => replay.finished_at.map(|at| at.to_string()),
    }
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let replay = app.store.replay(id(&text)?).await?;
    Ok(visit.page("replay.html", context! { replay => shown(&app, &replay) }))
}

async fn go(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((text, to)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let id: ReplayId = id(&text)?;
    for_console::move_replay(app, visit.actor()?, id, &to).await?;
    let (page, key) = match to.as_str() {
        "remove" => ("/console/replays".to_owned(), "note-removed"),
        _ => (format!("/console/replays/{id}"), "note-replay-moved"),
    };
    Ok(visit.done(&page, key, ""))
}

async fn form(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Response {
    let mut asked = asked::read(&uri, &NAMES);
    if asked["what"].is_empty() {
        asked.insert("what", "redeliver".to_owned());
    }
    if asked["states"].is_empty() {
        asked.insert("states", "failed,unknown".to_owned());
    }
    page(&app, &visit, StatusCode::OK, &asked, context! {})
}

fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    asked: &Asked,
    more: minijinja::Value,
) -> Response {
    let snapshot = app.registry.snapshot();
    let subscriptions = snapshot.configuration.subscriptions.iter();
    let sources = snapshot.configuration.sources.iter();
    let chosen: Vec<_> = asked["states"].split(',').collect();
    let states = DeliveryState::ALL.into_iter().filter(|state| state.is_final()).map(|state| {
        context! { name => state.as_str(), chosen => chosen.contains(&state.as_str()) }
    });
    let context = context! {
        asked => Serde(asked),
        subscriptions => subscriptions.map(|one| one.name.to_string()).collect::<Vec<_>>(),
        sources => sources.map(|one| one.name.to_string()).collect::<Vec<_>>(),
        states => states.collect::<Vec<_>>(),
        most => Replay::MAX_RATE,
        usual => Replay::DEFAULT_RATE,
        ..more
    };
    visit.page_with(status, "replay-new.html", context)
}

/// Counts what a replay would do, or makes it: the form is the same, and the button says which.
async fn make(State(app): State<Arc<App>>, visit: Visit, sent: Bytes) -> Result<Response, Refusal> {
    let sent = String::from_utf8_lossy(&sent);
    let uri = format!("/?{sent}").parse::<Uri>().unwrap_or_default();
    let asked = asked::read(&uri, &NAMES);
    if visit.is_given_back() {
        return Ok(page(&app, &visit, StatusCode::OK, &asked, context! {}));
    }
    let is_wanted = form_urlencoded::parse(sent.as_bytes()).any(|(name, _)| name == "make");
    let wanted = match wanted(&asked) {
        Ok(wanted) => {
            for_console::replay(Arc::clone(&app), visit.actor()?, &wanted, !is_wanted).await
        }
        Err(mistakes) => Err(Problem::invalid(mistakes)),
    };
    match wanted {
        Ok(made) if is_wanted => {
            let id = made["id"].as_str().unwrap_or_default();
            Ok(visit.done(&format!("/console/replays/{id}"), "note-replay-made", ""))
        }
        Ok(preview) => {
            let left_out = preview["left_out"].as_object().cloned().unwrap_or_default();
            let left_out: Vec<_> = left_out.into_iter().collect();
            let counted = context! {
                found => preview["found"].as_u64().unwrap_or_default(),
                left_out => Serde(left_out),
            };
            Ok(page(&app, &visit, StatusCode::OK, &asked, context! { preview => counted }))
        }
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let context = context! {
                problem => problem.detail(),
                errors => Serde(problem.errors()),
            };
            Ok(page(&app, &visit, status, &asked, context))
        }
    }
}

/// The form as the document that the API takes.
fn wanted(asked: &Asked) -> Result<Value, Vec<FieldProblem>> {
    let mut mistakes = Vec::new();
    let mut what = Map::new();
    let given = |name: &str| Some(asked[name].as_str()).filter(|text| !text.is_empty());
    let mut number = |name: &str, pointer: String| {
        let read = given(name)?.parse::<u32>();
        if read.is_err() {
            let detail = format!("`{}` is no whole number", asked[name]);
            mistakes.push(FieldProblem { pointer, detail });
        }
        read.ok()
    };
    let part = if asked["what"] == "backfill" { "backfill" } else { "redeliver" };
    let rate = number("rate", "/rate".to_owned());
    let status = number("status", format!("/{part}/status"));
    for name in ["subscription", "events"] {
        if let Some(text) = given(name) {
            what.insert(name.to_owned(), text.into());
        }
    }
    for name in ["since", "until"] {
        match given(name).map(for_console::moment).transpose() {
            Ok(Some(moment)) => drop(what.insert(name.to_owned(), moment.to_string().into())),
            Ok(None) => {}
            Err(detail) => {
                let pointer = format!("/{part}/{name}");
                mistakes.push(FieldProblem { pointer, detail });
            }
        }
    }
    if part == "backfill" {
        if let Some(source) = given("source") {
            what.insert("source".into(), source.into());
        }
        what.insert("again".into(), given("again").is_some().into());
        if given("subscription").is_none() {
            let pointer = "/backfill/subscription".to_owned();
            let detail = "say for which subscription".to_owned();
            mistakes.push(FieldProblem { pointer, detail });
        }
    } else {
        let states: Vec<_> = asked["states"].split(',').filter(|state| !state.is_empty()).collect();
        what.insert("states".into(), states.into());
        if let Some(status) = status {
            what.insert("status".into(), status.into());
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut wanted = json!({ part: what });
    if let Some(rate) = rate {
        wanted["rate"] = rate.into();
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Value, Vec<FieldProblem>> {
        wanted(&asked::read(&format!("/?{query}").parse().unwrap(), &NAMES))
    }

    #[test]
    fn the_form_is_the_document_of_the_api() {
        let wanted = read("what=redeliver&states=failed&states=unknown&status=503&events=&rate=");
        let expected = json!({"redeliver": {"states": ["failed", "unknown"], "status": 503}});
        assert_eq!(wanted.unwrap(), expected);
        let query = "what=backfill&subscription=a&source=desk&rate=7&again=yes\
                     &since=2026-01-01T00:00:00Z&status=&states=failed";
        let expected = json!({
            "backfill": {
                "subscription": "a", "source": "desk", "again": true,
                "since": "2026-01-01T00:00:00.000Z",
            },
            "rate": 7,
        });
        assert_eq!(read(query).unwrap(), expected);
        let mistakes = read("what=backfill&since=yesterday&rate=many").unwrap_err();
        let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
        assert_eq!(pointers, ["/rate", "/backfill/since", "/backfill/subscription"]);
    }
}
