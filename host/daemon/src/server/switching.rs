//! `…/enable` and `…/disable` of what admins set up besides subscriptions. Not by a plan: what is
//! wrong with a thing must not keep it from being disabled.

use std::sync::Arc;

use hookwright_model::{AuditTarget, Connection, FieldChange, Policy, Source, Timestamp};
use hookwright_store::Changes;
use http::StatusCode;

use super::auth::Actor;
use super::problem::Problem;
use super::resource;
use crate::app::App;
use crate::audit;
use crate::registry::Snapshot;
use crate::setup;

/// What is switched on and off.
#[derive(Clone, Copy)]
enum Kind {
    Source,
    Connection,
    Policy,
}

/// What it is called, and what changes; nothing if it is so already.
type Found = (String, Option<Changes>);

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Connection => "connection",
            Self::Policy => "policy",
        }
    }

    fn switched(self, there: &Snapshot, name: &str, on: bool) -> Option<Found> {
        let updated_at = Timestamp::now();
        let here = &there.configuration;
        match self {
            Self::Source => {
                let id = name.parse().ok();
                let mut all = here.sources.iter();
                let one = all.find(|one| one.name.as_str() == name || Some(one.id) == id)?;
                let changes = (one.enabled != on).then(|| Changes {
                    sources: vec![Source { enabled: on, updated_at, ..one.clone() }],
                    ..Changes::default()
                });
                Some((one.name.to_string(), changes))
            }
            Self::Connection => {
                let id = name.parse().ok();
                let mut all = here.connections.iter();
                let one = all.find(|one| one.name.as_str() == name || Some(one.id) == id)?;
                let changes = (one.enabled != on).then(|| Changes {
                    connections: vec![Connection { enabled: on, updated_at, ..one.clone() }],
                    ..Changes::default()
                });
                Some((one.name.to_string(), changes))
            }
            Self::Policy => {
                let one = here.policies.iter().find(|one| one.name.as_str() == name)?;
                // Keys are changed apart from what is set up.
                let changes = (one.disabled == on).then(|| Changes {
                    policies: vec![Policy {
                        disabled: !on,
                        updated_at,
                        keys: Vec::new(),
                        ..one.clone()
                    }],
                    ..Changes::default()
                });
                Some((one.name.to_string(), changes))
            }
        }
    }

    /// What changes, as the audit log has it.
    fn field(self, on: bool) -> FieldChange {
        let (pointer, from) = match self {
            Self::Policy => ("/disabled", on),
            Self::Source | Self::Connection => ("/enabled", !on),
        };
        FieldChange { pointer: pointer.into(), from: from.into(), to: (!from).into() }
    }
}

async fn switch(
    app: &App,
    actor: &Actor,
    kind: Kind,
    name: &str,
    on: bool,
) -> Result<StatusCode, Problem> {
    let _turn = setup::turn(app).await;
    let found = kind.switched(&app.registry.snapshot(), name, on);
    let (name, changes) = found.ok_or_else(|| resource::unknown(kind.word(), name))?;
    let Some(mut changes) = changes else { return Ok(StatusCode::NO_CONTENT) };
    let action = format!("{}.{}", kind.word(), if on { "enable" } else { "disable" });
    let target = AuditTarget::new(kind.word(), &name);
    changes.audit.push(audit::entry(actor, &action, target, vec![kind.field(on)]));
    app.store.change(changes).await?;
    app.registry.reload().await?;
    // What waited for it goes on.
    app.scheduler.due(Timestamp::now());
    Ok(StatusCode::NO_CONTENT)
}

/// The two functions that answer for one kind.
macro_rules! switches {
    (
        $kind:ident $asked:tt,
        $enable:ident $on:tt $on_says:tt,
        $disable:ident $off:tt $off_says:tt
    ) => {
        #[utoipa::path(
                    post, path = $on, summary = $on_says,
                    params(("name" = hookwright_model::Name, Path, description = $asked)),
                    responses((status = 204, description = "It is so now."), (status = 404)),
                )]
        pub(super) async fn $enable(
            axum::extract::State(app): axum::extract::State<Arc<App>>,
            actor: Actor,
            axum::extract::Path(name): axum::extract::Path<String>,
        ) -> Result<StatusCode, Problem> {
            switch(&app, &actor, Kind::$kind, &name, true).await
        }

        #[utoipa::path(
                    post, path = $off, summary = $off_says,
                    params(("name" = hookwright_model::Name, Path, description = $asked)),
                    responses((status = 204, description = "It is so now."), (status = 404)),
                )]
        pub(super) async fn $disable(
            axum::extract::State(app): axum::extract::State<Arc<App>>,
            actor: Actor,
            axum::extract::Path(name): axum::extract::Path<String>,
        ) -> Result<StatusCode, Problem> {
            switch(&app, &actor, Kind::$kind, &name, false).await
        }
    };
}

switches!(
    Source "Its name, or its id.",
    enable_source "/v1/sources/{name}/enable" "Has a source take in posts again.",
    disable_source "/v1/sources/{name}/disable" "Has a source take in no more posts: they are refused."
);
switches!(
    Connection "Its name, or its id.",
    enable_connection "/v1/connections/{name}/enable" "Has a connection write back again. What waits is written.",
    disable_connection "/v1/connections/{name}/disable" "Has a connection write nothing. What is to be written waits."
);
switches!(
    Policy "Its name.",
    enable_policy "/v1/policies/{name}/enable" "Has a policy sign again. What waits is sent.",
    disable_policy "/v1/policies/{name}/disable" "Has a policy sign nothing. What it was to sign waits."
);
