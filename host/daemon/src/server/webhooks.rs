//! `/webhooks/{id}/verify`: whoever owns the address of a subscription confirms it here. The
//! code is the proof; there is no token.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use hookwright_model::{AuditTarget, SubscriptionId, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::auth::Actor;
use super::client_address::ClientAddress;
use super::problem::Problem;
use crate::app::App;
use crate::audit;
use crate::handshake::{self, BadCode};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Proof {
    code: String,
    expires_at: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Confirmed {
    confirmed: bool,
}

/// Confirms the address of a subscription. The code is the proof; there is no token.
#[utoipa::path(
    method(get, post), path = "/webhooks/{id}/verify",
    params(("id" = SubscriptionId, Path, description = "The subscription."), Proof),
    responses((status = 200, body = Confirmed), (status = 404), (status = 410)),
)]
pub(super) async fn verify(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    from: Option<Extension<ClientAddress>>,
    proof: Result<Query<Proof>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Confirmed>, Problem> {
    // What is wrong is not said: it would help nobody who has got the address from here.
    let (Some(id), Ok(Query(proof))) = (subscription(&app, &id), proof) else {
        return Err(refused(BadCode::Wrong));
    };
    let now = Timestamp::now();
    let Proof { code, expires_at } = proof;
    let address = handshake::confirmed_by(&app, id, &code, expires_at, now).map_err(refused)?;
    app.store.confirm(address, now).await?;
    app.registry.reload().await?;
    let there = app.registry.snapshot();
    let name = there.configuration.subscriptions.iter().find(|one| one.id == id);
    let name = name.map_or_else(|| id.to_string(), |one| one.name.to_string());
    // Whoever it was had the code, and no name.
    let actor = Actor::daemon().from(from.map(|Extension(from)| from.0));
    let target = AuditTarget::new("subscription", name);
    audit::note(&app, &actor, "subscription.confirm", target, Vec::new()).await;
    Ok(Json(Confirmed { confirmed: true }))
}

/// By its id, or by its number.
fn subscription(app: &App, id: &str) -> Option<SubscriptionId> {
    let by_number = || crate::webhooks::by_number(&app.registry.snapshot(), id);
    id.parse().ok().or_else(by_number)
}

fn refused(bad: BadCode) -> Problem {
    match bad {
        BadCode::Wrong => Problem::not_found(
            "no address waits to be confirmed by this code: it was mistyped, or the subscription \
             was changed since",
        ),
        BadCode::Expired => {
            let detail = "the code has expired; whoever runs the daemon can send a new one with \
                          `hookwright subscription verify`";
            Problem::new(StatusCode::GONE, "The code has expired", detail)
        }
    }
}
