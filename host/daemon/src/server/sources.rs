//! `/v1/sources`: helpdesks that post events.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::{Name, Source};

use super::listed::{All, all as all_of};
use super::problem::Problem;
use super::resource::{Patch, Resource, routes_of};
use super::setup::Items;
use crate::app::App;
use crate::registry::Snapshot;
use crate::setup::{Removals, Setup, SourceWanted};

/// Sources, as the API handles them.
pub(super) struct Sources;

fn by_name<'a>(there: &'a Snapshot, name: &str) -> Option<&'a Source> {
    let mut all = there.configuration.sources.iter();
    let id = name.parse().ok();
    all.find(|one| one.name.as_str() == name || Some(one.id) == id)
}

impl Resource for Sources {
    type Wanted = SourceWanted;
    type Shown = Source;
    const WORD: &'static str = "source";
    const LIST: &'static str = "sources";

    fn find(there: &Snapshot, name: &str) -> Option<SourceWanted> {
        by_name(there, name).map(SourceWanted::from)
    }

    fn shown(_: &App, there: &Snapshot, name: &str) -> Option<Source> {
        by_name(there, name).cloned()
    }

    fn name(wanted: &SourceWanted) -> &Name {
        &wanted.name
    }

    fn setup(wanted: SourceWanted) -> Setup {
        Setup { sources: vec![wanted], ..Setup::default() }
    }

    fn removal(name: Name) -> Removals {
        Removals { sources: vec![name], ..Removals::default() }
    }
}

type SourcePatch = Patch<SourceWanted>;

routes_of!(
    Sources: SourceWanted => Source, SourcePatch,
    "/v1/sources" "/v1/sources/{name}" "Its name, or its id.",
    "Makes a source."
    "Shows a source."
    "Sets a source up anew."
    "Changes a source."
    "Removes a source. Posts to it are refused from then on."
);

/// Lists the sources.
#[utoipa::path(
    get, path = "/v1/sources",
    responses((status = 200, body = Items<Source>)),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    asked: All,
) -> Result<Json<Items<Source>>, Problem> {
    all_of(asked)?;
    Ok(Json(Items { items: app.registry.snapshot().configuration.sources.clone() }))
}
