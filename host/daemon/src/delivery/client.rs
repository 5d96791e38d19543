//! Sends one request and reads its answer, within one deadline and without limit-less bodies.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use hookwright_model::Timings;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect::{Connector, DialError, Dialled};
use super::fill::Filled;
use super::informational::Informational;
use super::outgoing::{Outgoing, Taken};
use super::refused;
use crate::access::proxy::ProxyServer;
use crate::access::tls;

/// The most of an answer's body that is read and kept, in bytes. Plugins judge by it and the
/// journal shows it; the rest is not read.
pub const MAX_ANSWER: usize = 64 << 10;

/// The most of an answer's head that is read, in bytes. Servers and proxies on the way seldom allow
/// more than a quarter of this.
const MAX_HEAD: usize = 64 << 10;

/// Kept connections are closed after this while. Most servers close theirs after 60 s or more;
/// closing first avoids writing into a connection that the server is about to close.
const IDLE: Duration = Duration::from_secs(45);

/// Sends requests.
#[derive(Clone)]
pub struct Sender {
    client: Client<Connector, Outgoing>,
    proxy: Option<Arc<ProxyServer>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// As they came.
    pub headers: HeaderMap,
    /// Up to [`MAX_ANSWER`], and as much more as the longest secret, so that the cut does not
    /// hide a secret from the scrubber.
    pub body: Bytes,
    /// Whether that is all of it.
    pub complete: bool,
}

/// Why nothing came back. The text never holds the URL, which may hold a secret.
#[derive(Debug)]
pub struct Failed {
    /// In words.
    pub reason: String,
    /// Whether the request was handed to a connection before: the receiver may have it, and may
    /// have acted on it.
    pub sent: bool,
}

impl Sender {
    /// A sender over these connections.
    #[must_use]
    pub fn new(connector: Connector) -> Self {
        let proxy = connector.proxy().cloned();
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(MAX_HEAD)
            // A request is sent again unasked only if not a byte of it was written, which
            // happens when a kept connection turns out to be closed.
            .retry_canceled_requests(true)
            .build(connector);
        Self { client, proxy }
    }

    /// The proxy that it sends through, as it is named to people.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_ref().map(|proxy| proxy.authority.as_str())
    }

    /// Sends a request. The deadline is for all of it: resolving, connecting, TLS, sending,
    /// waiting and reading.
    pub async fn send(
        &self,
        filled: &Filled,
        deadline: Duration,
    ) -> (Result<Answer, Failed>, Timings) {
        let started = Instant::now();
        let mut timings = Timings::default();
        let taken = Taken::default();
        let mut status = None;
        let exchange = self.exchange(filled, started, &taken, &mut status, &mut timings);
        let result = match tokio::time::timeout(deadline, exchange).await {
            Ok(result) => result,
            Err(_) => {
                let stage = match status {
                    Some(status) => format!("the body of the answer ({status}) was not complete"),
                    None => "there was no answer".to_owned(),
                };
                let seconds = deadline.as_secs_f64();
                Err(format!("{stage} within {seconds} s"))
            }
        };
        timings.total_us = micros(started.elapsed());
        (result.map_err(|reason| Failed { reason, sent: taken.is_set() }), timings)
    }

    async fn exchange(
        &self,
        filled: &Filled,
        started: Instant,
        taken: &Taken,
        status: &mut Option<u16>,
        timings: &mut Timings,
    ) -> Result<Answer, String> {
        let mut request = Request::new(Outgoing::new(filled.body.clone(), taken.clone()));
        *request.method_mut() = filled.method.clone();
        *request.uri_mut() =
            filled.url.as_str().parse().map_err(|_| "the URL cannot be sent".to_owned())?;
        *request.headers_mut() = filled.headers.clone();
        // Through a tunnel it is no concern of the proxy's.
        let proxy = self.proxy.as_ref().filter(|_| filled.url.scheme() == "http");
        if let Some(authorization) = proxy.and_then(|proxy| proxy.authorization()) {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization);
        }
        let connection = capture_connection(&mut request);
        let informational = Informational::counted(&mut request);
        let response = tokio::select! {
            biased;
            response = self.client.request(request) => response.map_err(|error| {
                if refused::words(&error).is_some() {
                    taken.clear();
                }
                describe(&error)
            })?,
            words = refused::unnoticed(connection) => {
                taken.clear();
                return Err(lost(&words));
            }
            words = informational.too_many() => return Err(words),
        };
        timings.headers_us = Some(micros(started.elapsed()));
        *status = Some(response.status().as_u16());
        if let Some(dialled) = response.extensions().get::<Dialled>()
            && dialled.at >= started
        {
            timings.resolve_us = dialled.resolve.map(micros);
            timings.connect_us = Some(micros(dialled.connect));
            timings.tls_us = dialled.tls.map(micros);
        }
        if let Some(proxy) = proxy
            && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        {
            let receiver = filled.url.host_str().unwrap_or_default();
            let refusal = proxy.refusal(response.status(), receiver);
            // Nothing has reached the receiver.
            taken.clear();
            return Err(format!("the proxy {}: {refusal}", proxy.authority));
        }
        read(response, MAX_ANSWER + filled.scrubber.longest()).await
    }
}

async fn read(response: Response<Incoming>, most: usize) -> Result<Answer, String> {
    let (head, mut incoming) = response.into_parts();
    let mut body = BytesMut::new();
    let mut complete = true;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| {
            let status = head.status.as_u16();
            format!("the body of the answer ({status}) broke off: {}", innermost(&error))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        let room = most - body.len();
        if data.len() > room {
            body.extend_from_slice(&data[..room]);
            complete = false;
            // What is dropped here closes the connection: the rest is never read.
            break;
        }
        body.extend_from_slice(&data);
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.freeze(),
        complete,
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The connector's own words if it failed, else what is known of the connection.
fn describe(error: &hyper_util::client::legacy::Error) -> String {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = source {
        if let Some(dial) = inner.downcast_ref::<DialError>() {
            return dial.to_string();
        }
        source = inner.source();
    }
    let inner = refused::words(error).or_else(|| tls::explain(error));
    let inner = inner.unwrap_or_else(|| innermost(error));
    if error.is_connect() {
        return format!("no connection: {inner}");
    }
    lost(&inner)
}

fn lost(why: &str) -> String {
    format!("the connection was lost before an answer: {why}")
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
