//! `/v1/connections`: helpdesks' interfaces, through which fields and comments are
//! written back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::{Connection, Name};

use super::listed::{All, all as all_of};
use super::problem::Problem;
use super::resource::{Patch, Resource, routes_of};
use super::setup::Items;
use crate::app::App;
use crate::registry::Snapshot;
use crate::setup::{ConnectionWanted, Removals, Setup};

/// Connections, as the API handles them.
pub(super) struct Connections;

fn by_name<'a>(there: &'a Snapshot, name: &str) -> Option<&'a Connection> {
    let mut all = there.configuration.connections.iter();
    let id = name.parse().ok();
    all.find(|one| one.name.as_str() == name || Some(one.id) == id)
}

impl Resource for Connections {
    type Wanted = ConnectionWanted;
    type Shown = Connection;
    const WORD: &'static str = "connection";
    const LIST: &'static str = "connections";

    fn find(there: &Snapshot, name: &str) -> Option<ConnectionWanted> {
        by_name(there, name).map(ConnectionWanted::from)
    }

    fn shown(_: &App, there: &Snapshot, name: &str) -> Option<Connection> {
        by_name(there, name).cloned()
    }

    fn name(wanted: &ConnectionWanted) -> &Name {
        &wanted.name
    }

    fn setup(wanted: ConnectionWanted) -> Setup {
        Setup { connections: vec![wanted], ..Setup::default() }
    }

    fn removal(name: Name) -> Removals {
        Removals { connections: vec![name], ..Removals::default() }
    }
}

type ConnectionPatch = Patch<ConnectionWanted>;

routes_of!(
    Connections: ConnectionWanted => Connection, ConnectionPatch,
    "/v1/connections" "/v1/connections/{name}" "Its name, or its id.",
    "Makes a connection."
    "Shows a connection."
    "Sets a connection up anew."
    "Changes a connection."
    "Removes a connection that nothing writes back through."
);

/// Lists the connections.
#[utoipa::path(
    get, path = "/v1/connections",
    responses((status = 200, body = Items<Connection>)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Items<Connection>>, Problem> {
    all_of(asked)?;
    Ok(Json(Items { items: app.registry.snapshot().configuration.connections.clone() }))
}
