//! Listings in pages, newest first.

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::response::{IntoResponse, Response};
use hookwright_store::{Found, Page};
use http::{HeaderValue, header};
use serde::Serialize;

use super::problem::Problem;

/// Items of a page if none are asked for, and at most.
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

/// A page as a client gets it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Listing<T> {
    items: Vec<T>,
    /// What to ask with for the next page; none on the last.
    next: Option<String>,
}

/// Reads `cursor` and `limit`.
///
/// # Errors
/// When either is not usable.
pub(super) fn page<Id: FromStr<Err: Display>>(
    cursor: Option<&str>,
    limit: Option<usize>,
) -> Result<Page<Id>, Problem> {
    let before = cursor.map(str::parse).transpose();
    let before = before.map_err(|error| Problem::bad_request(format!("cursor: {error}")))?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::bad_request(format!(
            "limit: {limit} is not between 1 and {MAX_LIMIT}"
        )));
    }
    Ok(Page { before, limit })
}

/// The answer: the items, and where the next page is, in the body and as a `Link`.
pub(super) fn listing<T: Serialize, Id: Display>(
    path: &str,
    query: &[(&str, Option<String>)],
    limit: usize,
    items: Vec<T>,
    id: impl Fn(&T) -> Id,
) -> Response {
    let full = items.len() == limit;
    let next = items.last().filter(|_| full).map(&id);
    found_listing(path, query, limit, Found { items, next })
}

/// The same for what was looked for, where a page can be short and not the last.
pub(super) fn found_listing<T: Serialize, Id: Display>(
    path: &str,
    query: &[(&str, Option<String>)],
    limit: usize,
    Found { items, next }: Found<T, Id>,
) -> Response {
    let next = next.map(|next| next.to_string());
    let link = next.as_ref().map(|cursor| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in query {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        form.append_pair("limit", &limit.to_string()).append_pair("cursor", cursor);
        format!("<{path}?{}>; rel=\"next\"", form.finish())
    });
    let mut response = Json(Listing { items, next }).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}
