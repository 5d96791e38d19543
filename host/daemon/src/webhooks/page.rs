//! One page of a listing, and where the others are.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};

use super::listing::{Asked, Listing};
use super::record::Record;
use crate::public_url::PublicUrl;

/// The page that is asked for, of all records that there are.
pub(super) fn page(
    listing: &Listing,
    asked: &Asked,
    records: Vec<Record>,
    (url, path): (&PublicUrl, &str),
) -> Response {
    let records = asked.choose(records);
    let (total, per_page, page) = (records.len(), asked.per_page, asked.page);
    let pages = total.div_ceil(per_page).max(1);
    let before = (page - 1).saturating_mul(per_page);
    let shown = records.iter().skip(before).take(per_page);
    let shown: Vec<_> = shown.map(|record| asked.show(listing, record)).collect();
    let mut response = Json(shown).into_response();
    let headers = response.headers_mut();
    for (name, number) in [
        ("x-pagination-per-page", per_page),
        ("x-pagination-current-page", page),
        ("x-pagination-total-pages", pages),
        ("x-pagination-total-entries", total),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
    let to = |number: usize| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("per_page", &per_page.to_string());
        form.append_pair("page", &number.to_string());
        form.extend_pairs(&asked.query);
        url.at(&format!("{path}?{}", form.finish()))
    };
    let links = [
        // First, for clients that take these apart by commas and no more.
        (page < pages).then(|| ("next", to(page + 1))),
        (page > 1).then(|| ("prev", to((page - 1).min(pages)))),
        (page > 1).then(|| ("first", to(1))),
        (page < pages).then(|| ("last", to(pages))),
    ];
    let links: Vec<_> =
        links.into_iter().flatten().map(|(rel, to)| format!("<{to}>; rel=\"{rel}\"")).collect();
    if let Some(link) = Some(links.join(", ")).filter(|link| !link.is_empty())
        && let Ok(link) = HeaderValue::from_str(&link)
    {
        headers.insert(header::LINK, link);
    }
    response
}
