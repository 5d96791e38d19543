//! `hookwright bench load`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hookwright_model::{Secret, Timestamp};
use http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Ending;
use super::post::{Body, Post};
use super::summary::{Answered, Tally};
use super::target::Target;
use crate::cli::{Daemon, output};

/// How long an answer is waited for: longer than helpdesks do.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;
/// The most of what a refusal says that is shown, in characters.
const SHOWN: usize = 200;

#[derive(clap::Args)]
pub(in crate::cli) struct Load {
    /// The file whose bytes are posted. `{n}` in it becomes a number that no other post has, also
    /// of earlier runs: the same event twice would count once.
    #[arg(long)]
    file: PathBuf,
    /// A header, as 'Name: value'; `{n}` is the number here too. Can be given several times.
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Sign each post with X-Hub-Signature, as Zammad does, with the key in this environment
    /// variable.
    #[arg(long, value_name = "VARIABLE")]
    hub_signature_env: Option<String>,
    /// How many connections post at the same time.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4_096))]
    connections: u32,
    /// How many posts in all.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// Posts a second; as many as are answered if not given. Latencies then count from when a
    /// post was due, so that waiting for a free connection is seen.
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// The target is yours: without this only this machine itself is posted to.
    #[arg(long)]
    yes_this_is_mine: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.001..=1_000_000.0).contains(rate));
    rate.ok_or_else(|| "posts a second are a number from 0.001 to 1000000".into())
}

impl Load {
    pub(in crate::cli) async fn run(self, daemon: &Daemon) -> anyhow::Result<()> {
        let ending = Ending::listen();
        let target = Target::new(&daemon.url, self.yes_this_is_mine)?;
        let post = Post::read(&self.file, &self.headers, self.key()?)?;
        if !post.is_numbered() {
            eprintln!(
                "Neither the file nor a header has {{n}} in it: all posts are the same, and a \
                 source that knows events again takes in one."
            );
        }
        // Whatever is wrong for all of them shows now.
        let first = target.connect().await;
        let first = first.with_context(|| format!("nobody takes posts at {}", target.authority))?;
        drop(post.request(&target, 0)?);

        let course = Arc::new(Course {
            target,
            post,
            count: self.count,
            first_number: first_number(),
            interval: self.rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
            taken: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            started: Instant::now(),
        });
        let (stop, stopped) = watch::channel(false);
        let mut first = Some(first);
        let workers: Vec<_> = (0..self.connections)
            .map(|_| tokio::spawn(work(Arc::clone(&course), first.take(), stopped.clone())))
            .collect();
        let progress = tokio::spawn(tell(Arc::clone(&course), !daemon.json));
        let ending = tokio::spawn(async move {
            ending.asked().await;
            stop.send_replace(true);
            // Until the workers have noticed.
            stop.closed().await;
        });
        let mut tally = Tally::default();
        for worker in workers {
            tally.merge(worker.await.context("a connection's task failed")?);
        }
        let took = course.started.elapsed();
        progress.abort();
        ending.abort();

        let summary = tally.summary(took);
        if daemon.json {
            output::json(&summary)?;
        } else {
            output::table(&["what", "measured"], summary.rows());
        }
        let missing = summary.posts - summary.acknowledged;
        ensure!(missing == 0, "{missing} of {} posts were not acknowledged", summary.posts);
        Ok(())
    }

    fn key(&self) -> anyhow::Result<Option<Secret>> {
        let Some(name) = &self.hub_signature_env else { return Ok(None) };
        let key = std::env::var(name);
        let key = key.with_context(|| format!("the environment variable `{name}` has no key"))?;
        Ok(Some(Secret::from(key)))
    }
}

/// Microseconds since 1970: no run starts at a number that an earlier one has reached.
fn first_number() -> u64 {
    u64::try_from(Timestamp::now().millis()).unwrap_or_default().saturating_mul(1_000)
}

/// What all connections share.
struct Course {
    target: Target,
    post: Post,
    count: u64,
    first_number: u64,
    interval: Option<Duration>,
    taken: AtomicU64,
    acknowledged: AtomicU64,
    started: Instant,
}

impl Course {
    /// The number of the next post, and when it is due.
    fn next(&self) -> Option<(u64, Instant)> {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        if taken >= self.count {
            return None;
        }
        let due = self.interval.map(|interval| self.started + interval.mul_f64(taken as f64));
        Some((self.first_number + taken, due.unwrap_or_else(Instant::now)))
    }
}

/// One connection, made again when it breaks.
async fn work(
    course: Arc<Course>,
    mut connection: Option<SendRequest<Body>>,
    mut stopped: watch::Receiver<bool>,
) -> Tally {
    let mut tally = Tally::default();
    while let Some((number, due)) = course.next() {
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => break,
            () = tokio::time::sleep_until(due) => {}
        }
        let sending = tokio::time::timeout(PATIENCE, send(&course, &mut connection, number));
        let sent = tokio::select! {
            // What is under way is given up, and counts as not posted.
            _ = stopped.wait_for(|stopped| *stopped) => break,
            sent = sending => sent,
        };
        let late = |_| Err(anyhow::anyhow!("no answer within {} s", PATIENCE.as_secs()));
        let sent = sent.unwrap_or_else(late);
        let latency = due.elapsed();
        tally.add(match sent {
            Ok((status, is_repeated, detail)) => {
                let good = u64::from(status.is_success());
                course.acknowledged.fetch_add(good, Ordering::Relaxed);
                Answered { latency, outcome: Ok(status), is_repeated, detail }
            }
            Err(error) => {
                connection = None;
                let outcome = Err(format!("{error:#}"));
                Answered { latency, outcome, is_repeated: false, detail: None }
            }
        });
    }
    tally
}

async fn send(
    course: &Course,
    connection: &mut Option<SendRequest<Body>>,
    number: u64,
) -> anyhow::Result<(StatusCode, bool, Option<String>)> {
    let request = course.post.request(&course.target, number)?;
    // The other side may have closed it after its last answer.
    if let Some(sender) = connection.as_mut()
        && sender.ready().await.is_err()
    {
        *connection = None;
    }
    let sender = match connection {
        Some(sender) => sender,
        None => connection.insert(course.target.connect().await?),
    };
    let answer = sender.send_request(request).await.context("no answer")?;
    let is_repeated = answer.headers().contains_key("idempotent-replayed");
    let status = answer.status();
    let body = read(answer.into_body()).await?;
    let detail = (!status.is_success()).then(|| detail(&body));
    Ok((status, is_repeated, detail))
}

async fn read(body: Incoming) -> anyhow::Result<Bytes> {
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    Ok(body.map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?.to_bytes())
}

/// What a refusal says, in a line.
fn detail(body: &[u8]) -> String {
    let problem: Option<Value> = serde_json::from_slice(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    let text = detail.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    output::short(&text, SHOWN)
}

/// Says every second how far it is, to people who watch.
async fn tell(course: Arc<Course>, to_people: bool) {
    if !to_people || !std::io::stderr().is_terminal() {
        return;
    }
    let mut before = 0;
    for second in 1_u64.. {
        tokio::time::sleep_until(course.started + Duration::from_secs(second)).await;
        let now = course.acknowledged.load(Ordering::Relaxed);
        eprintln!("{second:>4} s  {now:>9} acknowledged  {:>7} a second", now - before);
        before = now;
    }
}
