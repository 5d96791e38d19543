//! A receiver in this process that notes when each post arrived, by the clock that the load has
//! too.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::load::number_in;
use super::peers::serve;

/// Which post arrived at which path, and when.
pub type Arrival = (String, usize, Instant);

/// The receiver. It ends when it is dropped.
pub struct Arrivals {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Arrival>>>,
    _runtime: Runtime,
}

impl Arrivals {
    /// Answers 200, but never at the path that hangs.
    #[must_use]
    pub fn start(hanging: Option<&'static str>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Arrival>>> = Arc::default();
        let kept = Arc::clone(&seen);
        runtime.spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                drop(stream.set_nodelay(true));
                let kept = Arc::clone(&kept);
                let service = service_fn(move |request| take(request, hanging, Arc::clone(&kept)));
                tokio::spawn(async move { drop(serve(stream, service).await) });
            }
        });
        Self { address, seen, _runtime: runtime }
    }

    /// How many have arrived at other paths than this.
    #[must_use]
    pub fn count_but(&self, path: &str) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|(at, ..)| at != path).count()
    }

    /// What has arrived.
    #[must_use]
    pub fn all(&self) -> Vec<Arrival> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn take(
    request: Request<Incoming>,
    hanging: Option<&str>,
    seen: Arc<Mutex<Vec<Arrival>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    let at = Instant::now();
    let hangs = hanging == Some(path.as_str());
    if let Some(number) = body.ok().and_then(|body| number_in(&body)) {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push((path, number, at));
    }
    if hangs {
        std::future::pending::<()>().await;
    }
    Ok(Response::new(Full::from("ok")))
}
