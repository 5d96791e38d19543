//! Something to deliver to: an HTTP server that keeps what it gets and answers as it is told.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// As it came.
    pub body: Bytes,
}

impl Request {
    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How long to wait first.
    pub delay: Duration,
}

impl Reply {
    /// An answer with a status and nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), delay: Duration::ZERO }
    }

    /// 200 with a body.
    #[must_use]
    pub fn ok(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    /// The same answer with a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same answer, later.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// The server. It ends when it is dropped.
pub struct Sink {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Request>>>,
    _runtime: Runtime,
}

impl Sink {
    /// A sink that answers 200 to everything.
    #[must_use]
    pub fn start() -> Self {
        Self::answering(|_| Reply::ok("ok"))
    }

    /// A sink that answers what the function says.
    #[must_use]
    pub fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let received: Arc<Mutex<Vec<Request>>> = Arc::default();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, Arc::clone(&received), Arc::new(answer)));
        Self { address, received, _runtime: runtime }
    }

    /// `http://127.0.0.1:port` and a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What has come in, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.lock().clone()
    }

    /// What has come in at this path.
    #[must_use]
    pub fn at(&self, path: &str) -> Vec<Request> {
        self.lock().iter().filter(|request| request.path == path).cloned().collect()
    }

    /// How many requests have come in.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Request>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

async fn serve(listener: TcpListener, received: Arc<Mutex<Vec<Request>>>, answer: Arc<Answer>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        drop(stream.set_nodelay(true));
        let (received, answer) = (Arc::clone(&received), Arc::clone(&answer));
        let service =
            service_fn(move |request| handle(request, Arc::clone(&received), Arc::clone(&answer)));
        tokio::spawn(async move {
            // The daemon may be killed in the middle.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

async fn handle(
    request: hyper::Request<Incoming>,
    received: Arc<Mutex<Vec<Request>>>,
    answer: Arc<Answer>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(hyper::Response::new(Full::default()));
    };
    let headers = head.headers.iter();
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: headers
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: body.to_bytes(),
    };
    let reply = answer(&request);
    received.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    tokio::time::sleep(reply.delay).await;
    let mut response = hyper::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(reply.body)).unwrap())
}
