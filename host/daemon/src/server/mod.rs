//! HTTP: helpdesks post here, and admins' programs ask.

pub mod auth;
pub mod body;
mod catalogue;
mod cloudevents;
mod current;
mod deliveries;
mod destinations;
mod erasures;
mod events;
mod export;
mod health;
mod inbound;
mod journal;
mod matching;
mod moment;
mod paging;
mod plugins;
mod policies;
pub mod problem;
mod query;
mod rejects;
mod replays;
mod setup;
mod subscriptions;
mod tokens;
mod webhooks;
mod well_known;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use http::{HeaderValue, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use problem::Problem;

/// A client that does not send its request's headers within this while is let go.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// How long connections have to end when the daemon does.
const CLOSING_PATIENCE: Duration = Duration::from_secs(10);

/// All routes. A route's scope is the group it stands in.
fn router(app: &Arc<App>) -> Router {
    let posting = Router::new()
        .route("/v1/events", post(events::post))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_post));
    let reading = Router::new()
        .route("/v1/events", get(events::list))
        .route("/v1/events/{id}", get(events::show))
        .route("/v1/events/{id}/original", get(events::original))
        .route("/v1/deliveries", get(deliveries::list))
        .route("/v1/deliveries/{id}", get(deliveries::show))
        .route("/v1/deliveries/{id}/attempts", get(deliveries::attempts))
        .route("/v1/export/deliveries", get(export::deliveries))
        .route("/v1/export/events", get(export::events))
        .route("/v1/destinations", get(destinations::list))
        .route("/v1/event-types", get(catalogue::event_types))
        .route("/v1/schemas/{name}/{version}", get(catalogue::schema))
        .route("/v1/rejects", get(rejects::list))
        .route("/v1/rejects/{id}", get(rejects::show))
        .route("/v1/rejects/{id}/original", get(rejects::original))
        .route("/v1/replays", get(replays::list))
        .route("/v1/replays/{id}", get(replays::show))
        .route("/v1/journal", get(journal::show))
        .route("/v1/plugins", get(plugins::list))
        .route("/v1/plugins/{digest}/component", get(current::component))
        .route("/v1/setup", get(current::current))
        .route("/v1/connections", get(setup::connections))
        .route("/v1/connections/{name}", get(setup::connection))
        .route("/v1/policies", get(policies::list))
        .route("/v1/policies/{name}", get(policies::show))
        .route("/v1/sources", get(setup::sources))
        .route("/v1/subscriptions", get(subscriptions::list))
        .route("/v1/subscriptions/match", post(matching::post))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_read));
    let administering = Router::new()
        .route("/v1/deliveries/{id}/retry", post(deliveries::retry))
        .route("/v1/deliveries/{id}/cancel", post(deliveries::cancel))
        .route("/v1/rejects/{id}", delete(rejects::remove))
        .route("/v1/rejects/{id}/retry", post(rejects::retry))
        .route("/v1/replays", post(replays::create))
        .route("/v1/replays/{id}", delete(replays::remove))
        .route("/v1/replays/{id}/start", post(replays::start))
        .route("/v1/replays/{id}/pause", post(replays::pause))
        .route("/v1/replays/{id}/resume", post(replays::resume))
        .route("/v1/replays/{id}/cancel", post(replays::cancel))
        .route("/v1/plugins", post(plugins::install))
        .route("/v1/plugins/{digest}/resume", post(plugins::resume))
        .route("/v1/policies/{name}", delete(policies::remove))
        .route("/v1/policies/{name}/rotate", post(policies::rotate))
        .route("/v1/apply", post(setup::apply))
        .route("/v1/erasures", post(erasures::erase))
        .route("/v1/subscriptions/{name}/enable", post(subscriptions::enable))
        .route("/v1/subscriptions/{name}/test", post(subscriptions::test))
        .route("/v1/subscriptions/{name}/verify", post(subscriptions::verify))
        .route("/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/v1/tokens/{id}", delete(tokens::remove))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_administer));
    Router::new()
        .route("/in/{source}", post(inbound::post))
        .route("/in/{source}/{token}", post(inbound::post_with_token))
        .route("/.well-known/jwks.json", get(well_known::key_set))
        .route("/webhook_policies/{name}/.well-known/jwks.json", get(well_known::key_set_of))
        .route(
            "/webhook_policies/{name}/.well-known/openid-configuration",
            get(well_known::openid_configuration),
        )
        .route("/webhooks/{id}/verify", get(webhooks::verify).post(webhooks::verify))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .merge(posting)
        .merge(reading)
        .merge(administering)
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            let status = http::StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(status, "Method not allowed", "this address takes other methods")
        })
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(harden))
        .layer(from_fn(to_the_end))
        .with_state(Arc::clone(app))
}

/// Answers are for programs: no browser shall make something else of them.
async fn harden(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What was begun is ended, even if the client goes away meanwhile: what is committed by then has
/// to be worked on, and what is set up to be taken over.
async fn to_the_end(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let handled = tokio::spawn(next.run(request)).await;
    handled.unwrap_or_else(|_| Problem::unavailable("the daemon ends").into_response())
}

/// Serves until `end` resolves.
pub async fn run(listener: TcpListener, app: Arc<App>, end: impl Future<Output = ()>) {
    let router = router(&app);
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file handles, as a rule: others will be closed.
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut end => break,
        };
        // Answers are written whole; waiting for more would only delay them.
        drop(stream.set_nodelay(true));
        let service = TowerToHyperService::new(router.clone());
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_PATIENCE)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients that go away are no concern of ours.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    app.ready.send_replace(false);
    drop(listener);
    if tokio::time::timeout(CLOSING_PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections were still open");
    }
}

/// A panic in a handler is an answer, not a broken connection.
fn panicked(_: Box<dyn std::any::Any + Send>) -> http::Response<axum::body::Body> {
    tracing::error!("a request made the daemon panic; please report this");
    let status = http::StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "Internal error", "a fault of the daemon").into_response()
}
