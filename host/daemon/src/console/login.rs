//! Logging in and out.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::CookieJar;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::context;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::back;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::people::LoginRefused;
use crate::server::problem::Problem;

/// The cookie that a form for logging in goes with: others cannot have somebody log in as them.
const COOKIE: &str = "hookwright_login";
/// How long such a form can be filled in.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// Where to go when nothing else was asked for.
const HOME: &str = "/console";

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/console/login", get(show).post(log_in))
        .route("/console/logout", post(log_out))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn show(
    visit: Visit,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let next = asked.ok().and_then(|Query(asked)| back::inside(&asked.next));
    if visit.session().is_some() {
        return Ok(Redirect::to(next.as_deref().unwrap_or(HOME)).into_response());
    }
    let proof = cookie(&headers);
    form(&visit, StatusCode::OK, proof, next, "", None)
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = CookieJar::from_headers(headers);
    cookies.get(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|proof| proof.len() == 43)
}

/// The form. Several may be open, in as many tabs: they share a cookie.
fn form(
    visit: &Visit,
    status: StatusCode,
    proof: Option<String>,
    next: Option<String>,
    name: &str,
    refused: Option<&str>,
) -> Result<Response, Refusal> {
    let proof = proof.map_or_else(random, Ok)?;
    let context = context! { proof => proof.as_str(), next, name, refused };
    let mut response = visit.page_with(status, "login.html", context);
    visit.keep(&mut response, COOKIE, proof, Some(PATIENCE));
    Ok(response)
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
    proof: String,
    #[serde(default)]
    next: String,
}

async fn log_in(
    State(app): State<Arc<App>>,
    visit: Visit,
    headers: HeaderMap,
    sent: Result<Form<Login>, FormRejection>,
) -> Result<Response, Refusal> {
    // Every request that came over a connection has one.
    let from = visit.from().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let Form(login) = sent.map_err(|error| Problem::bad_request(error.body_text()))?;
    let next = back::inside(&login.next);
    let proof = cookie(&headers);
    let proved =
        proof.as_ref().is_some_and(|proof| proof.as_bytes().ct_eq(login.proof.as_bytes()).into());
    if !proved {
        let status = StatusCode::FORBIDDEN;
        return form(&visit, status, proof, next, &login.name, Some("login-stale"));
    }
    let refused = match app.people.log_in(&login.name, &login.password, from).await {
        Ok(new) => {
            // Whoever was logged in here before is not any more.
            if let Some(before) = visit.cookie() {
                app.people.log_out(before, Some(from)).await?;
            }
            let mut response = visit.logged_in(next.as_deref().unwrap_or(HOME), new.cookie);
            visit.keep(&mut response, COOKIE, String::new(), Some(Duration::ZERO));
            return Ok(response);
        }
        Err(refused) => refused,
    };
    let wait = refused.retry_after_s();
    let (status, why) = match refused {
        LoginRefused::Wrong => (StatusCode::UNAUTHORIZED, "login-wrong"),
        LoginRefused::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "login-too-often"),
        LoginRefused::Busy => (StatusCode::SERVICE_UNAVAILABLE, "login-busy"),
        LoginRefused::Store(error) => return Err(error.into()),
    };
    let mut response = form(&visit, status, proof, next, &login.name, Some(why))?;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

async fn log_out(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    if let Some(cookie) = visit.cookie() {
        app.people.log_out(cookie, visit.from()).await?;
    }
    Ok(visit.logged_out())
}

/// A text that nobody guesses.
fn random() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|error| Problem::unavailable(format!("no random numbers: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
