//! `/webhooks/{id}/verify`: whoever owns the address of a subscription confirms it here. The
//! code is the proof; there is no token.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use hookwright_model::{SubscriptionId, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::app::App;
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
    tracing::info!(subscription = %id, "the address of a subscription was confirmed");
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
