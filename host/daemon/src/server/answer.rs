//! What holds for every answer, whichever route gives it.
//!
//! It stands around the router and not in it as layers: each layer would copy all below it for
//! every request.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use tokio::task::JoinError;
use tower_service::Service as _;

use super::problem::Problem;
use crate::webhooks;

/// Has a request answered.
///
/// What was begun is ended, even if the client goes away meanwhile: what is committed by then has
/// to be worked on, and what is set up to be taken over.
pub(super) async fn answer(mut router: Router, request: Request) -> Response {
    let has_message = webhooks::is_theirs(request.uri().path());
    let mut response = match tokio::spawn(router.call(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(error) => unanswered(&error).into_response(),
    };
    if has_message {
        response = webhooks::add_message(response).await;
    }
    harden(&mut response);
    response
}

/// A panic in a handler is an answer, not a broken connection.
fn unanswered(error: &JoinError) -> Problem {
    if error.is_panic() {
        tracing::error!("a request made the daemon panic; please report this");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return Problem::new(status, "Internal error", "a fault of the daemon");
    }
    Problem::unavailable("the daemon ends")
}

/// Answers are for programs: no browser shall make something else of them.
fn harden(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What may be kept says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;

    use super::*;

    async fn panics() {
        panic!("on purpose");
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let router = Router::new().route("/", get(panics)).route("/well", get(async || "well"));
        let ask = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = answer(router.clone(), request).await;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = to_bytes(response.into_body(), 1_000).await.unwrap();
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["cache-control"], "no-store");
            (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
        };
        let (status, said) = ask("/").await;
        assert_eq!(status, 500);
        assert!(said.contains("a fault of the daemon") && !said.contains("on purpose"), "{said}");
        assert_eq!(ask("/well").await, (200, "well".to_owned()));
        assert_eq!(ask("/nowhere").await.0, 404);
    }

    #[tokio::test]
    async fn what_was_begun_is_ended_without_the_client() {
        let (begun, mut has_begun) = tokio::sync::mpsc::channel(1);
        let (go_on, gate) = tokio::sync::oneshot::channel::<()>();
        let (end, has_ended) = tokio::sync::oneshot::channel();
        let once = std::sync::Mutex::new(Some((gate, end)));
        let once = std::sync::Arc::new(once);
        let handler = async move || {
            let (gate, end) = once.lock().unwrap().take().unwrap();
            begun.send(()).await.unwrap();
            gate.await.unwrap();
            end.send(()).unwrap();
        };
        let router = Router::new().route("/", get(handler));
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let answering = tokio::spawn(answer(router, request));
        has_begun.recv().await.unwrap();
        answering.abort();
        assert!(answering.await.unwrap_err().is_cancelled());
        go_on.send(()).unwrap();
        has_ended.await.unwrap();
    }
}
