//! A load: so many posts over so many connections, each connection sending the next when it has
//! the answer to the last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// By which a helpdesk's post is known. Each post gets its own.
const DELIVERY: &str = "X-Zammad-Delivery";

/// What to send, and how.
#[derive(Clone)]
pub struct Load {
    /// To whom.
    pub address: SocketAddr,
    /// Path of the URL.
    pub path: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body of every post.
    pub body: Bytes,
    /// How many posts in all.
    pub posts: usize,
    /// Over how many connections.
    pub connections: usize,
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From the first post to the last answer.
    pub took: Duration,
    /// How long each answer took, in order of length.
    pub latencies: Vec<Duration>,
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
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(at).or(self.latencies.last()).copied().unwrap_or_default()
    }
}

impl Load {
    /// Sends it all.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sent = Arc::new(AtomicUsize::new(0));
            let started = Instant::now();
            let clients: Vec<_> = (0..self.connections)
                .map(|_| tokio::spawn(client(self.clone(), Arc::clone(&sent))))
                .collect();
            let mut latencies = Vec::with_capacity(self.posts);
            for client in clients {
                latencies.extend(client.await.unwrap());
            }
            let took = started.elapsed();
            latencies.sort_unstable();
            Outcome { took, latencies }
        })
    }
}

async fn client(load: Load, sent: Arc<AtomicUsize>) -> Vec<Duration> {
    let stream = TcpStream::connect(load.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    let mut latencies = Vec::new();
    loop {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        if number >= load.posts {
            return latencies;
        }
        let mut request = Request::post(&load.path).header("Host", load.address.to_string());
        for (name, value) in &load.headers {
            // The same delivery twice would be one event.
            request = match name.as_str() {
                DELIVERY => request.header(name, format!("delivery-{number}")),
                _ => request.header(name, value.as_bytes()),
            };
        }
        let started = Instant::now();
        let request = request.body(Full::new(load.body.clone())).unwrap();
        sender.ready().await.unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        latencies.push(started.elapsed());
    }
}
