//! A load: so many posts over so many connections, each connection sending the next when it has
//! the answer to the last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::http::request::Builder;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{Seed, ZAMMAD_KEY, hub_signature};

/// By which a helpdesk's post is known. Each post gets its own.
const DELIVERY: &str = "X-Zammad-Delivery";

/// Makes the post of a number out of its method and path.
pub type Make = Arc<dyn Fn(usize, Builder) -> Request<Full<Bytes>> + Send + Sync>;

/// What to send, and how.
#[derive(Clone)]
pub struct Load {
    /// To whom.
    pub address: SocketAddr,
    /// Path of the URL.
    pub path: String,
    /// Makes the posts.
    pub make: Make,
    /// How many posts in all.
    pub posts: usize,
    /// Over how many connections.
    pub connections: usize,
    /// How many in a second, if not as many as are answered. Latencies then count from when a
    /// post was due.
    pub rate: Option<f64>,
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From the first post to the last answer.
    pub took: Duration,
    /// How long each answer took, in order of length.
    pub latencies: Vec<Duration>,
    /// When each post was sent or, at a rate, due.
    pub posted: Vec<(usize, Instant)>,
}

impl Outcome {
    /// Posts answered in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// The latency that this share of the posts stayed within.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Duration {
        percentile(&self.latencies, share)
    }
}

/// What this share of the times, which are in order of length, stayed within.
#[must_use]
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// Seed 001 over and over, under another delivery id each time, also of other loads: bytes,
/// signature and all.
#[must_use]
pub fn same_ticket() -> Make {
    let Seed { headers, body, .. } = Seed::zammad();
    let load = fastrand::u64(..);
    let body = Bytes::from(body);
    Arc::new(move |number, mut request| {
        for (name, value) in &headers {
            // The same delivery twice would be one event.
            request = match *name {
                DELIVERY => request.header(DELIVERY, format!("{load:x}-{number}")),
                name => request.header(name, value.as_bytes()),
            };
        }
        request.body(Full::new(body.clone())).unwrap()
    })
}

/// Seed 001 with the title [`title`] gives to each number, so that what arrives can be told apart.
#[must_use]
pub fn numbered_tickets() -> Make {
    let Seed { headers, body, .. } = Seed::zammad();
    let body = String::from_utf8(body).unwrap();
    Arc::new(move |number, mut request| {
        let body = body.replacen("Webhook-Test", &title(number), 1);
        for (name, value) in &headers {
            request = match *name {
                DELIVERY => request.header(DELIVERY, format!("delivery-{number}")),
                "X-Hub-Signature" => {
                    request.header(*name, hub_signature(ZAMMAD_KEY, body.as_bytes()))
                }
                name => request.header(name, value.as_bytes()),
            };
        }
        request.body(Full::new(body.into())).unwrap()
    })
}

/// The title of a numbered ticket, as long as the seed's.
#[must_use]
pub fn title(number: usize) -> String {
    format!("{TITLE}{number:0DIGITS$}")
}

const TITLE: &str = "bench-";
const DIGITS: usize = 6;

/// The number that a ticket's title holds.
#[must_use]
pub fn number_in(body: &[u8]) -> Option<usize> {
    let start = body.windows(TITLE.len()).position(|here| here == TITLE.as_bytes())? + TITLE.len();
    std::str::from_utf8(body.get(start..start + DIGITS)?).ok()?.parse().ok()
}

impl Load {
    /// As many as are answered.
    #[must_use]
    pub fn new(address: SocketAddr, path: &str, posts: usize, connections: usize) -> Self {
        let make = same_ticket();
        Self { address, path: path.to_owned(), make, posts, connections, rate: None }
    }

    /// Sends it all.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sent = Arc::new(AtomicUsize::new(0));
            let started = Instant::now();
            let clients: Vec<_> = (0..self.connections)
                .map(|_| tokio::spawn(client(self.clone(), started, Arc::clone(&sent))))
                .collect();
            let mut latencies = Vec::with_capacity(self.posts);
            let mut posted = Vec::with_capacity(self.posts);
            for client in clients {
                for (number, due, latency) in client.await.unwrap() {
                    latencies.push(latency);
                    posted.push((number, due));
                }
            }
            let took = started.elapsed();
            latencies.sort_unstable();
            Outcome { took, latencies, posted }
        })
    }
}

/// The numbers that one connection has sent, when, and how long the answers took.
async fn client(
    load: Load,
    started: Instant,
    sent: Arc<AtomicUsize>,
) -> Vec<(usize, Instant, Duration)> {
    let stream = TcpStream::connect(load.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    let host = load.address.to_string();
    let mut outcomes = Vec::new();
    loop {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        if number >= load.posts {
            return outcomes;
        }
        let due = match load.rate {
            None => Instant::now(),
            Some(rate) => {
                let due = started + Duration::from_secs_f64(number as f64 / rate);
                tokio::time::sleep_until(due.into()).await;
                due
            }
        };
        let request = Request::post(&load.path).header("Host", &host);
        let request = (load.make)(number, request);
        sender.ready().await.unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        outcomes.push((number, due, due.elapsed()));
    }
}
