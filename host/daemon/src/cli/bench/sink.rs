//! `hookwright bench sink`.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use super::Ending;
use super::answering::{Answering, Share};
use super::count::{Count, Second};
use crate::cli::output;
use crate::listener::listen;

#[derive(clap::Args)]
pub(in crate::cli) struct Sink {
    /// Where to listen; port 0 takes a free one. The daemon calls it if it may call the address,
    /// as with `serve --allow-addresses 127.0.0.0/8`.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What to answer.
    #[arg(long, default_value = "200", value_parser = status)]
    status: StatusCode,
    /// How long to take for an answer, such as 20ms or 2s.
    #[arg(long, value_parser = delay)]
    delay: Option<Duration>,
    /// Answer this part with status 500, such as 10%, evenly spread.
    #[arg(long, default_value = "0%")]
    fail: Share,
    /// Take requests and never answer.
    #[arg(long, conflicts_with_all = ["delay", "fail", "status"])]
    hang: bool,
}

fn status(text: &str) -> Result<StatusCode, String> {
    // 1xx are not answers.
    let status: Option<StatusCode> = text.parse().ok();
    let status = status.filter(|status| (200..600).contains(&status.as_u16()));
    status.ok_or_else(|| "a status is a number from 200 to 599".into())
}

fn delay(text: &str) -> Result<Duration, String> {
    let parsed: Option<jiff::SignedDuration> = text.parse().ok();
    let delay = parsed.and_then(|delay| Duration::try_from(delay).ok());
    let delay = delay.filter(|delay| *delay <= Duration::from_secs(3_600));
    delay.ok_or_else(|| "a delay is a time up to an hour, such as 20ms or 2s".into())
}

impl Sink {
    pub(in crate::cli) async fn run(self, json: bool) -> anyhow::Result<()> {
        let ending = Ending::listen();
        let listener =
            listen(self.listen).with_context(|| format!("cannot listen on {}", self.listen))?;
        let address = listener.local_addr()?;
        if json {
            println!("{}", json!({ "listening": format!("http://{address}") }));
        } else {
            println!("Listening on http://{address}. Ctrl-C ends.");
        }
        let answering = Answering {
            status: self.status,
            delay: self.delay.unwrap_or_default(),
            fail: self.fail,
            hangs: self.hang,
        };
        let receiver = Receiver { answering, count: Arc::default() };
        tokio::select! {
            () = receiver.accept(listener) => {}
            () = receiver.tell(json) => {}
            () = ending.asked() => {}
        }
        let total = receiver.count().total();
        if json {
            println!("{}", serde_json::to_string(&total)?);
        } else {
            output::table(&["what", "arrived"], total.rows());
        }
        Ok(())
    }
}

#[derive(Clone)]
struct Receiver {
    answering: Answering,
    count: Arc<Mutex<Count>>,
}

impl Receiver {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn accept(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let receiver = self.clone();
                    tokio::spawn(async move { receiver.serve(stream).await });
                }
                Err(error) => {
                    eprintln!("a connection cannot be taken: {error}");
                    // There are no more files to be opened: others have to be closed first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn serve(&self, stream: TcpStream) {
        // An answer is written whole. Not being able to say so is no reason to fail.
        drop(stream.set_nodelay(true));
        let service = service_fn(|request| self.answer(request));
        let mut http = http1::Builder::new();
        // Idle connections stay, and how they end is the other side's business.
        let served = http.header_read_timeout(None).serve_connection(TokioIo::new(stream), service);
        drop(served.await);
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let mut bytes = 0;
        let mut body = request.into_body();
        while let Some(frame) = body.frame().await {
            bytes += frame?.data_ref().map_or(0, |data| data.len() as u64);
        }
        let status = {
            let mut count = self.count();
            let before = count.add(bytes, Instant::now());
            let status = self.answering.status(before);
            count.answer(status);
            status
        };
        let Some(status) = status else { return std::future::pending().await };
        tokio::time::sleep(self.answering.delay).await;
        let mut response = Response::new(Full::default());
        *response.status_mut() = status;
        Ok(response)
    }

    /// Says what came, for every second in which something did.
    async fn tell(&self, json: bool) {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.tick().await;
        for second in 1.. {
            seconds.tick().await;
            let Some(told) = self.count().second(second) else { continue };
            if json {
                println!("{}", json!(told));
            } else {
                let Second { seconds, requests, total } = told;
                println!("{seconds:>4} s  {requests:>7} requests  {total:>9} in all");
            }
        }
    }
}
