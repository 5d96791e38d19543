//! What lists of what is set up are asked with.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use hookwright_model::{Name, Subscription};
use serde::Deserialize;

use super::problem::Problem;

/// Nothing can be asked for: all are shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Everything {}

/// A query that may say nothing, so that nobody takes the whole list for what they asked for.
pub(super) type All = Result<Query<Everything>, QueryRejection>;

/// Refuses what cannot be asked for.
///
/// # Errors
/// Names the parameter.
pub(super) fn all(asked: All) -> Result<(), Problem> {
    asked.map(drop).map_err(|error| {
        let detail = error.body_text();
        Problem::bad_request(format!("{detail}: this list has no parameters, and shows all"))
    })
}

/// Which subscriptions.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionQuery {
    /// To this plugin.
    #[param(value_type = Option<Name>)]
    plugin: Option<String>,
    /// That are enabled, or are not.
    enabled: Option<bool>,
    /// That take events from this source: they name it, or none, and so take those of all.
    #[param(value_type = Option<Name>)]
    source: Option<String>,
}

/// Which of those that are enabled, or are not.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PartQuery {
    /// To this plugin.
    #[param(value_type = Option<Name>)]
    plugin: Option<String>,
    /// That take events from this source: they name it, or none, and so take those of all.
    #[param(value_type = Option<Name>)]
    source: Option<String>,
}

/// A query of a part as it comes.
pub(super) type Part = Result<Query<PartQuery>, QueryRejection>;

/// The whole query, with what the part is.
pub(super) fn of_part(asked: Part, enabled: bool) -> Subscriptions {
    asked.map(|Query(PartQuery { plugin, source })| {
        Query(SubscriptionQuery { plugin, enabled: Some(enabled), source })
    })
}

/// A query as it comes.
pub(super) type Subscriptions = Result<Query<SubscriptionQuery>, QueryRejection>;

impl SubscriptionQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// Names the parameter that is not usable.
    pub(super) fn read(asked: Subscriptions) -> Result<Self, Problem> {
        let Query(asked) = asked.map_err(|error| Problem::bad_request(error.body_text()))?;
        for (name, given) in [("plugin", &asked.plugin), ("source", &asked.source)] {
            if let Some(Err(error)) = given.as_deref().map(str::parse::<Name>) {
                return Err(Problem::bad_request(format!("{name}: {error}")));
            }
        }
        Ok(asked)
    }

    /// Whether a subscription is asked for.
    pub(super) fn wants(&self, one: &Subscription) -> bool {
        let Self { plugin, enabled, source } = self;
        let takes = |source: &String| {
            one.sources.is_empty() || one.sources.iter().any(|name| name.as_str() == *source)
        };
        plugin.as_ref().is_none_or(|plugin| one.plugin.as_str() == *plugin)
            && enabled.is_none_or(|enabled| one.enabled == enabled)
            && source.as_ref().is_none_or(takes)
    }
}
