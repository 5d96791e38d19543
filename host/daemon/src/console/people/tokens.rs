//! API tokens: making one, which is shown once, and removing one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{AccessRole, Timestamp, TokenId};
use http::StatusCode;
use minijinja::context;
use minijinja::value::Value;
use serde_json::json;

use super::super::delivery::id;
use super::super::fields::{self, Fields, wrong};
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::page;
use crate::app::App;
use crate::server::body::convert;
use crate::server::for_console_admin;
use crate::server::problem::Problem;

fn draw(visit: &Visit, status: StatusCode, form: &Fields, more: Value) -> Response {
    let roles = AccessRole::ALL.map(|role| {
        let chosen = form.all("roles").any(|chosen| chosen == role.as_str());
        context! { name => role.as_str(), chosen }
    });
    let context = context! {
        name => form.get("name"),
        expires => form.get("expires"),
        roles => roles.to_vec(),
        ..more
    };
    visit.page_with(status, "token.html", context)
}

pub(super) async fn new(visit: Visit) -> Response {
    draw(&visit, StatusCode::OK, &Fields::default(), context! {})
}

/// The moment that a form names: a day, at whose end it is (UTC), or a time after RFC 3339.
fn moment(text: &str) -> Result<Timestamp, Problem> {
    let is_day = text.len() == 10 && !text.contains('T');
    let full = if is_day { format!("{text}T23:59:59.999Z") } else { text.to_owned() };
    convert::<Timestamp>(json!(full)).map_err(|_| {
        let detail = "write a day such as 2027-12-31, or a time such as 2027-12-31T12:00:00Z";
        wrong("/expires_at", detail)
    })
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let made = async {
        let expires_at = form.given("expires").map(moment).transpose()?;
        let document = json!({
            "name": form.get("name"),
            "roles": form.all("roles").collect::<Vec<_>>(),
            "expires_at": expires_at,
        });
        for_console_admin::make_token(Arc::clone(&app), visit.actor()?, document).await
    };
    match made.await {
        Ok(token) => {
            let more = context! { fresh_token => form.get("name"), token };
            Ok(page(&app, &visit, more).await?)
        }
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            Ok(draw(&visit, status, &form, more))
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: TokenId = id(&text)?;
    for_console_admin::remove_token(app, visit.actor()?, id).await?;
    Ok(visit.done("/console/people", "note-removed", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_until_its_end() {
        assert_eq!(moment("2027-12-31").unwrap().to_string(), "2027-12-31T23:59:59.999Z");
        let time = moment("2027-12-31T12:00:00+01:00").unwrap();
        assert_eq!(time.to_string(), "2027-12-31T11:00:00.000Z");
        for bad in ["tomorrow", "2027-13-01", "31.12.2027", ""] {
            assert_eq!(moment(bad).unwrap_err().errors()[0].pointer, "/expires_at", "{bad}");
        }
    }
}
