//! Asking for something that is no delivery: an issuer's keys, an access token, a source's
//! address to call back. It goes the way of deliveries, through the address guard, bounded in
//! time and size, and redirects are not followed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookwright_model::Sent;
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

use super::client::{Answer, Sender};
use super::fill::{Filled, USER_AGENT};
use super::scrub::Scrubber;

/// Gets it. At most 64 KiB are read, as of any answer.
///
/// # Errors
/// When there is no answer; the text does not hold the URL.
pub async fn get(sender: &Sender, url: Url, patience: Duration) -> Result<Answer, String> {
    send(sender, Method::GET, url, usual(), Bytes::new(), patience).await
}

/// Posts a form that is encoded already. At most 64 KiB of the answer are read.
///
/// # Errors
/// When there is no answer; the text does not hold the URL.
pub async fn post_form(
    sender: &Sender,
    url: Url,
    authorization: Option<String>,
    form: String,
    patience: Duration,
) -> Result<Answer, String> {
    let mut headers = usual();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::try_from(authorization)
            .map_err(|_| "the authorization cannot stand in a header".to_owned())?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    send(sender, Method::POST, url, headers, form.into(), patience).await
}

fn usual() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers
}

async fn send(
    sender: &Sender,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    patience: Duration,
) -> Result<Answer, String> {
    // Nothing of it is kept.
    let nothing = String::new;
    let sent = Sent { method: nothing(), url: nothing(), headers: Vec::new(), body: Bytes::new() };
    let scrubber = Arc::new(Scrubber::new([]));
    let request = Filled { method, url, headers, body, sent, scrubber };
    let (answer, _) = sender.send(&request, patience).await;
    answer.map_err(|failed| failed.reason)
}
