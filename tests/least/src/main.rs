//! The least that takes an event its whole way: checks the post's signature, calls the source's
//! plugin, commits before it answers, calls the destination's plugin, signs, delivers, and commits
//! what came of it. Nothing else of what the daemon does: no settings, routes, queues, retries,
//! limits, journal or API. `cargo xtask bench least` measures it: with the same runtime, sandbox,
//! store and HTTP as the daemon it shows what these cost by themselves on a machine.
//!
//! ```text
//! hookwright-least URL [bare]
//! ```
//!
//! Posts what it takes to the URL, prints where it listens, and answers a `GET` with how many
//! events have been delivered and noted. With `bare` it calls no plugins.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program to measure beside: what goes wrong ends it"
)]

use std::convert::Infallible;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hookwright_model::request::Part;
use hookwright_model::{Decision, Digest, Event, Limits, Original, Timestamp};
use hookwright_sandbox::compile::{self, CompileLimits};
use hookwright_sandbox::{Compiler, Context, Inbound, ParsedEvent, Plugin, Sandbox, TimeZone};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rusqlite::Connection;
use tokio::net::TcpSocket;
use tokio::sync::{mpsc, oneshot};

/// As in the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Of both signatures: what the benchmarks sign with.
const KEY: &[u8] = b"s3cr3t-t0k3n";
const SIGNATURE: &str = "x-hub-signature";
const COMPILE: &str = "__compile";
/// How much one commit takes at most.
const AT_ONCE: usize = 256;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (target, bare) = match args[..] {
        [COMPILE, ..] => {
            let limits: Vec<String> = args[1..].iter().map(ToString::to_string).collect();
            return compile::child_main(&limits);
        }
        [target] => (target, false),
        [target, "bare"] => (target, true),
        _ => panic!("hookwright-least URL [bare]"),
    };
    let (writes, written) = mpsc::unbounded_channel();
    let noted = Arc::new(AtomicI64::new(0));
    let count = Arc::clone(&noted);
    std::thread::spawn(move || write(written, &count));
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let least = Arc::new(Least {
        target: target.to_owned(),
        settings: format!(r#"{{"url":"{target}"}}"#).into(),
        plugins: (!bare).then(Plugins::load),
        client: Client::builder(TokioExecutor::new()).build(connector),
        writes,
        noted,
        last: AtomicI64::new(0),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(serve(least));
    ExitCode::SUCCESS
}

struct Least {
    target: String,
    settings: Arc<str>,
    plugins: Option<Plugins>,
    client: Client<HttpConnector, Full<Bytes>>,
    writes: mpsc::UnboundedSender<Write>,
    /// How many deliveries have been noted.
    noted: Arc<AtomicI64>,
    /// The last event's number.
    last: AtomicI64,
}

struct Plugins {
    source: Plugin,
    destination: Plugin,
    limits: Limits,
}

/// What is committed.
enum Write {
    /// A post, its event, and who waits for them to be on disk.
    Event { number: i64, post: Vec<u8>, data: String, kept: oneshot::Sender<()> },
    /// What a receiver answered.
    Delivered { number: i64, status: u16 },
}

async fn serve(least: Arc<Least>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(4_096).unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        drop(stream.set_nodelay(true));
        let least = Arc::clone(&least);
        let service = service_fn(move |request| {
            let least = Arc::clone(&least);
            async move { Ok::<_, Infallible>(answer(least, request).await) }
        });
        tokio::spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            drop(http.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(least: Arc<Least>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() == Method::GET {
        let noted = least.noted.load(Ordering::Relaxed).to_string();
        return Response::new(Full::new(noted.into()));
    }
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(head.headers[SIGNATURE].as_bytes(), sign(&body).as_bytes(), "a wrong signature");
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    let original = Arc::new(Original { headers: headers.collect(), body });
    let number = least.last.fetch_add(1, Ordering::Relaxed) + 1;
    let event = least.plugins.as_ref().map(|plugins| plugins.parse(&original));
    let data = event.as_ref().map(|event| event.data.clone()).unwrap_or_default();
    let (kept, is_kept) = oneshot::channel();
    let post = lz4_flex::compress_prepend_size(&original.body);
    drop(least.writes.send(Write::Event { number, post, data, kept }));
    is_kept.await.unwrap();
    tokio::spawn(deliver(least, number, event, original));
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

async fn deliver(
    least: Arc<Least>,
    number: i64,
    event: Option<ParsedEvent>,
    original: Arc<Original>,
) {
    let body = match (&least.plugins, event) {
        (Some(plugins), Some(event)) => plugins.transform(event, original, &least.settings),
        _ => original.body.clone(),
    };
    let request = Request::post(&least.target)
        .header("content-type", "application/json")
        .header(SIGNATURE, sign(&body))
        .body(Full::new(body))
        .unwrap();
    let answer = least.client.request(request).await.unwrap();
    let status = answer.status().as_u16();
    drop(answer.into_body().collect().await);
    drop(least.writes.send(Write::Delivered { number, status }));
}

fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(KEY).unwrap();
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    digest.iter().fold("sha1=".to_owned(), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Plugins {
    fn load() -> Self {
        let calls = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let sandbox = Sandbox::new(calls.saturating_add(4)).unwrap();
        let program = std::env::current_exe().unwrap();
        let compiler = Compiler::new(program, vec![COMPILE.into()], CompileLimits::default());
        let limits = Limits::default();
        let load = |name: &str| {
            let file = format!("../../target/plugins/{name}.wasm");
            let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            let code = compiler.compile(&bytes).unwrap();
            sandbox.load(&code, Digest::of(&bytes), &limits).unwrap()
        };
        let (source, destination) = (load("source-zammad"), load("destination-zammad"));
        Self { source, destination, limits }
    }

    /// On the thread that took the post in: what it saves to have no threads of the guests' own
    /// is left to the one measured beside.
    fn parse(&self, original: &Arc<Original>) -> ParsedEvent {
        let inbound = Inbound { method: "POST", query: &[], original };
        let context = context(Arc::clone(original), "{}".into());
        let report = self.source.parse(&inbound, &context, &self.limits);
        report.outcome.unwrap().unwrap().remove(0)
    }

    fn transform(&self, event: ParsedEvent, original: Arc<Original>, settings: &Arc<str>) -> Bytes {
        let event = Event {
            id: SUBJECT.parse().unwrap(),
            source: "helpdesk".parse().unwrap(),
            event_type: event.event_type,
            subject: event.subject.map(Into::into),
            occurred_at: event.occurred_at.unwrap_or(Timestamp::from_millis(0)),
            received_at: Timestamp::from_millis(0),
            data_schema: event.data_schema.into(),
            data: event.data.into(),
            upstream_name: event.upstream_name.map(Into::into),
            dedupe_key: event.dedupe_key.map(Into::into),
        };
        let context = context(original, Arc::clone(settings));
        let report = self.destination.transform(&event, &context, &self.limits);
        let Ok(Decision::Deliver(mut requests)) = report.outcome.unwrap() else {
            panic!("the plugin makes no request of the ticket");
        };
        let mut body = Vec::new();
        for part in requests.remove(0).body.0 {
            match part {
                Part::Text(text) => body.extend_from_slice(text.as_bytes()),
                Part::Bytes(bytes) => body.extend_from_slice(&bytes),
                other => panic!("{other:?} in the body"),
            }
        }
        body.into()
    }
}

const SUBJECT: &str = "evt_01234567890123456789012345678901";

fn context(original: Arc<Original>, settings: Arc<str>) -> Context {
    Context {
        settings,
        now: Timestamp::from_millis(0),
        attempt: 1,
        original: Some(original),
        time_zone: TimeZone::UTC,
        subject: SUBJECT.into(),
    }
}

/// Writes what has come meanwhile in one commit, as the store does, with the store's settings.
fn write(mut writes: mpsc::UnboundedReceiver<Write>, noted: &AtomicI64) {
    let dir = tempfile::Builder::new().prefix("hookwright-").tempdir().unwrap();
    let connection = Connection::open(dir.path().join("least.db")).unwrap();
    let pragmas = [
        ("page_size", "8192"),
        ("journal_mode", "wal"),
        ("synchronous", "full"),
        ("wal_autocheckpoint", "4096"),
    ];
    for (name, value) in pragmas {
        connection.pragma_update(None, name, value).unwrap();
    }
    let tables = "CREATE TABLE events (number INTEGER PRIMARY KEY, post BLOB, data TEXT, status)";
    connection.execute_batch(tables).unwrap();
    let mut event = connection.prepare("INSERT INTO events VALUES (?1, ?2, ?3, NULL)").unwrap();
    let mut delivered =
        connection.prepare("UPDATE events SET status = ?2 WHERE number = ?1").unwrap();
    let mut batch = Vec::new();
    while writes.blocking_recv_many(&mut batch, AT_ONCE) > 0 {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for write in &batch {
            match write {
                Write::Event { number, post, data, .. } => event.execute((number, post, data)),
                Write::Delivered { number, status } => delivered.execute((number, status)),
            }
            .unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
        for write in batch.drain(..) {
            match write {
                Write::Event { kept, .. } => drop(kept.send(())),
                Write::Delivered { .. } => drop(noted.fetch_add(1, Ordering::Relaxed)),
            }
        }
    }
}
