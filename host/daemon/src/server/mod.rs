//! HTTP: helpdesks post here, and admins' programs ask.

mod answer;
mod audit;
pub mod auth;
pub mod body;
mod catalogue;
pub mod client_address;
mod cloudevents;
mod connections;
mod current;
mod deliveries;
mod destinations;
mod dry_run;
mod erasures;
mod etag;
mod events;
mod export;
pub mod for_console;
pub mod for_console_admin;
pub mod for_console_mail;
pub mod for_console_setup;
mod health;
pub mod idempotency;
mod inbound;
mod journal;
mod listed;
pub mod mail;
mod matching;
mod moment;
pub mod openapi;
mod paging;
mod plugins;
mod policies;
pub mod problem;
mod query;
pub(crate) mod reading;
mod rejects;
mod replays;
mod resource;
mod secrets;
mod settings;
mod setup;
mod sources;
mod statistics;
mod subscriptions;
mod switching;
pub(crate) mod tokens;
mod users;
mod webhooks;
mod well_known;

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::console;
use client_address::ClientAddress;
use problem::Problem;

/// A client that does not send its request's headers within this while is let go.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// How long connections have to end when the daemon does.
const CLOSING_PATIENCE: Duration = Duration::from_secs(10);

/// All routes, by what they need. A route's role is the group it stands in; what it is and what
/// it takes, the API's description says, which is made of the same (`openapi`).
struct Groups {
    open: OpenApiRouter<Arc<App>>,
    posting: OpenApiRouter<Arc<App>>,
    reading: OpenApiRouter<Arc<App>>,
    operating: OpenApiRouter<Arc<App>>,
    administering: OpenApiRouter<Arc<App>>,
    /// By R-Service's API; for administrators.
    webhooks: OpenApiRouter<Arc<App>>,
}

fn groups() -> Groups {
    let open = OpenApiRouter::new()
        .routes(routes!(inbound::post))
        .routes(routes!(inbound::post_with_token))
        .routes(routes!(well_known::key_set))
        .routes(routes!(well_known::key_set_of))
        .routes(routes!(well_known::openid_configuration))
        .routes(routes!(webhooks::verify))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(openapi::document))
        .routes(routes!(openapi::page));
    let posting = OpenApiRouter::new().routes(routes!(events::post));
    let reading = OpenApiRouter::new()
        .routes(routes!(events::list))
        .routes(routes!(events::show))
        .routes(routes!(events::original))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::show))
        .routes(routes!(deliveries::attempts))
        .routes(routes!(export::deliveries))
        .routes(routes!(export::events))
        .routes(routes!(destinations::list))
        .routes(routes!(statistics::show))
        .routes(routes!(statistics::attention))
        .routes(routes!(catalogue::event_types))
        .routes(routes!(catalogue::schema))
        .routes(routes!(rejects::list))
        .routes(routes!(rejects::show))
        .routes(routes!(rejects::original))
        .routes(routes!(replays::list))
        .routes(routes!(replays::show))
        .routes(routes!(journal::show))
        .routes(routes!(mail::show))
        .routes(routes!(settings::show))
        .routes(routes!(current::current))
        .routes(routes!(current::component))
        .routes(routes!(plugins::list))
        .routes(routes!(plugins::show))
        .routes(routes!(connections::list))
        .routes(routes!(connections::show))
        .routes(routes!(policies::list))
        .routes(routes!(policies::show))
        .routes(routes!(secrets::list))
        .routes(routes!(secrets::show))
        .routes(routes!(sources::list))
        .routes(routes!(sources::show))
        .routes(routes!(subscriptions::list))
        .routes(routes!(subscriptions::list_enabled))
        .routes(routes!(subscriptions::list_disabled))
        .routes(routes!(subscriptions::show))
        .routes(routes!(matching::post));
    let operating = OpenApiRouter::new()
        .routes(routes!(audit::list))
        .routes(routes!(mail::test))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::cancel))
        .routes(routes!(rejects::remove))
        .routes(routes!(rejects::retry))
        .routes(routes!(replays::create))
        .routes(routes!(replays::remove))
        .routes(routes!(replays::start))
        .routes(routes!(replays::pause))
        .routes(routes!(replays::resume))
        .routes(routes!(replays::cancel))
        .routes(routes!(plugins::resume))
        .routes(routes!(subscriptions::enable))
        .routes(routes!(subscriptions::disable))
        .routes(routes!(subscriptions::test))
        .routes(routes!(dry_run::of_one))
        .routes(routes!(dry_run::of_unsaved))
        .routes(routes!(subscriptions::verify));
    let administering = OpenApiRouter::new()
        .routes(routes!(plugins::install))
        .routes(routes!(plugins::remove))
        .routes(routes!(connections::create))
        .routes(routes!(connections::replace, connections::patch, connections::remove))
        .routes(routes!(policies::create))
        .routes(routes!(policies::replace, policies::patch, policies::remove))
        .routes(routes!(policies::rotate))
        .routes(routes!(secrets::put, secrets::remove))
        .routes(routes!(settings::replace, settings::patch))
        .routes(routes!(setup::apply))
        .routes(routes!(sources::create))
        .routes(routes!(sources::replace, sources::patch, sources::remove))
        .routes(routes!(erasures::erase))
        .routes(routes!(subscriptions::create))
        .routes(routes!(subscriptions::replace, subscriptions::patch, subscriptions::remove))
        .routes(routes!(switching::enable_source))
        .routes(routes!(switching::disable_source))
        .routes(routes!(switching::enable_connection))
        .routes(routes!(switching::disable_connection))
        .routes(routes!(switching::enable_policy))
        .routes(routes!(switching::disable_policy))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::remove))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::show, users::change, users::remove));
    let webhooks = crate::webhooks::routes();
    Groups { open, posting, reading, operating, administering, webhooks }
}

fn router(app: &Arc<App>) -> Router {
    let Groups { open, posting, reading, operating, administering, webhooks } = groups();
    let posting = posting.route_layer(from_fn_with_state(Arc::clone(app), auth::may_post));
    let reading = reading.route_layer(from_fn_with_state(Arc::clone(app), auth::may_read));
    // First who asks, then whether it was asked before.
    let operating = operating
        .route_layer(from_fn_with_state(Arc::clone(app), idempotency::once))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_operate));
    let administering = administering
        .route_layer(from_fn_with_state(Arc::clone(app), idempotency::once))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_administer));
    let webhooks = webhooks
        .route_layer(from_fn_with_state(Arc::clone(app), idempotency::once))
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_administer));
    let api = open.merge(posting).merge(reading).merge(operating).merge(administering);
    Router::from(api.merge(webhooks))
        .merge(console::router(app))
        .fallback(async || Problem::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            let status = http::StatusCode::METHOD_NOT_ALLOWED;
            Problem::new(status, "Method not allowed", "this address takes other methods")
        })
        .with_state(Arc::clone(app))
}

/// Serves until `end` resolves.
pub async fn run(listener: TcpListener, app: Arc<App>, end: impl Future<Output = ()>) {
    let router = router(&app);
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
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
        let (router, proxies) = (router.clone(), Arc::clone(&app));
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            let from = proxies.trusted_proxies.client(peer.ip(), request.headers());
            request.extensions_mut().insert(ClientAddress(from));
            let answer = answer::answer(router.clone(), request.map(Body::new));
            async { Ok::<_, Infallible>(answer.await) }
        });
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
