//! The other programs of a measurement: the receiver, and the bare relay that the daemon is
//! held against. Both are this program with another argument.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpSocket};

/// A peer in a process of its own. It is killed when this is dropped.
pub struct Peer {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Peer {
    /// Starts this program with these arguments, and waits for it to say where it listens.
    #[must_use]
    pub fn start(args: &[&str]) -> Self {
        Self::of(Command::new(std::env::current_exe().unwrap()).args(args))
    }

    /// Starts a program that says the same.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap() }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Peer {
    /// How many posts a sink has had, or how many events the least program has done with.
    #[must_use]
    pub fn posts(&self) -> usize {
        let mut answer = ureq::get(format!("http://{}/", self.address)).call().unwrap();
        answer.body_mut().read_to_string().unwrap().parse().unwrap()
    }
}

/// Answers 200 to every post, or never if it hangs; `GET` tells how many posts there were.
pub fn sink(hangs: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let posts = Arc::new(AtomicU64::new(0));
        let listener = listen();
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            drop(stream.set_nodelay(true));
            let posts = Arc::clone(&posts);
            let service = service_fn(move |request: Request<Incoming>| {
                let posts = Arc::clone(&posts);
                async move {
                    let is_post = request.method() == hyper::Method::POST;
                    drop(request.into_body().collect().await);
                    let body = if is_post {
                        posts.fetch_add(1, Ordering::Relaxed);
                        if hangs {
                            std::future::pending::<()>().await;
                        }
                        Bytes::from_static(b"ok")
                    } else {
                        posts.load(Ordering::Relaxed).to_string().into()
                    };
                    Ok::<_, Infallible>(Response::new(Full::new(body)))
                }
            });
            tokio::spawn(async move { drop(serve(stream, service).await) });
        }
    });
}

/// Takes a `POST` and forwards it, and answers when it has been forwarded: the least that any
/// webhook server does. Nothing is stored, transformed, signed or noted.
pub fn relay(target: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
        let listener = listen();
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            drop(stream.set_nodelay(true));
            let client = client.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let client = client.clone();
                async move {
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let onward = Request::post(format!("http://{target}/"))
                        .header("Content-Type", "application/json")
                        .body(Full::new(body))
                        .unwrap();
                    let answer = client.request(onward).await.unwrap();
                    let body = answer.into_body().collect().await.unwrap().to_bytes();
                    Ok::<_, Infallible>(Response::new(Full::new(body)))
                }
            });
            tokio::spawn(async move { drop(serve(stream, service).await) });
        }
    });
}

fn listen() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    // With the 128 of the standard library some of 256 connections would be made only at the second
    // try, a second later, which is how long all the posts take.
    let listener = socket.listen(4_096).unwrap();
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", listener.local_addr().unwrap()).unwrap();
    stdout.flush().unwrap();
    listener
}

pub(super) async fn serve<S, F>(stream: tokio::net::TcpStream, service: S) -> hyper::Result<()>
where
    S: hyper::service::Service<
            Request<Incoming>,
            Response = Response<Full<Bytes>>,
            Error = Infallible,
            Future = F,
        >,
    F: Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
{
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
}
