//! Saving from a form: the thing itself and the secrets that were entered with it, in one plan.

use std::sync::Arc;

use hookwright_model::Name;
use http::StatusCode;
use serde_json::Value;

use super::{Resource, found, now, relocated, unknown};
use crate::app::App;
use crate::server::auth::Actor;
use crate::server::body;
use crate::server::etag;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{SecretWanted, Setup, Turn};

/// What is changed, and the version of it that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version, as [`version`] told it.
    pub version: &'a str,
}

/// The version of one: of all that an admin can change of it.
pub(in crate::server) fn version<R: Resource>(app: &App, name: &str) -> Result<String, Problem> {
    let (_, tag) = now::<R>(app, name)?;
    Ok(tag.wanted().to_owned())
}

/// Makes one, or changes the one that was seen.
pub(in crate::server) async fn save<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    turn: Turn,
    seen: Option<Seen<'_>>,
    document: Value,
    secrets: Vec<SecretWanted>,
) -> Result<Name, Problem> {
    let wanted: R::Wanted = body::convert(document)?;
    let name = R::name(&wanted).clone();
    let wrong = |detail: String| {
        Err(Problem::invalid(vec![FieldProblem { pointer: "/name".into(), detail }]))
    };
    match seen {
        None if R::find(&app.registry.snapshot(), name.as_str()).is_some() => {
            return wrong(format!("there is a {} `{name}` already", R::WORD));
        }
        None => {}
        Some(seen) => {
            let old = found::<R>(&app.registry.snapshot(), seen.name)?;
            if *R::name(&old) != name {
                let old = R::name(&old);
                return wrong(format!("a {} keeps its name, `{old}`: make another one", R::WORD));
            }
            if version::<R>(app, seen.name)? != seen.version {
                return Err(etag::changed("it was changed since you opened this form"));
            }
        }
    }
    let setup = Setup { secrets, ..R::setup(wanted) };
    let plan = setup.plan_in(turn, app).await.map_err(relocated::<R>)?;
    plan.make(app, actor).await?;
    Ok(name)
}

/// Removes the one that was seen.
pub(in crate::server) async fn remove_seen<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
) -> Result<(), Problem> {
    if R::find(&app.registry.snapshot(), name).is_none() {
        return Err(unknown(R::WORD, name));
    }
    let status = super::remove::<R>(app, actor, name, &http::HeaderMap::new()).await?;
    debug_assert_eq!(status, StatusCode::NO_CONTENT);
    Ok(())
}
