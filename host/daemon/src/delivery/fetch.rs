//! Getting something that is no delivery: an issuer's keys, a source's address to call back. It
//! goes the way of deliveries, through the address guard, bounded in time and size, and
//! redirects are not followed.

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
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    // Nothing of it is kept.
    let (method, path) = (String::new(), String::new());
    let sent = Sent { method, url: path, headers: Vec::new(), body: Bytes::new() };
    let scrubber = Arc::new(Scrubber::new([]));
    let request = Filled { method: Method::GET, url, headers, body: Bytes::new(), sent, scrubber };
    let (answer, _) = sender.send(&request, patience).await;
    answer.map_err(|failed| failed.reason)
}
