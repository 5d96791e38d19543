//! Setting up connections, and what sources and subscriptions write back through them.

use std::collections::HashMap;
use std::sync::Arc;

use hookwright_model::{Connection, ConnectionId, Digest, EventType, Name, PluginKey, TypePattern};
use hookwright_sandbox::Plugin;

use super::{Asked, ConnectionWanted, Planner, Setup, diff};
use crate::delivery::means::{ADD_COMMENT, SET_FIELD};
use crate::server::problem::Problem;

/// How often one ticket can be allowed to be written to within an hour.
const WRITES: std::ops::RangeInclusive<u32> = 1..=10_000;

/// Which connections there will be, and which of them each source has.
#[derive(Default)]
pub(super) struct Connections {
    /// Their names.
    names: Vec<Name>,
    /// Of each source that will be there.
    of_sources: HashMap<Name, Option<Name>>,
}

impl Connections {
    /// As they are, and then as they are asked for.
    pub(super) fn of(planner: &Planner<'_>, setup: &Setup) -> Self {
        let old = &planner.snapshot.configuration;
        let old_names = old.connections.iter().map(|connection| &connection.name);
        let names = old_names.chain(setup.connections.iter().map(|wanted| &wanted.name));
        let old_sources = old.sources.iter().map(|source| (&source.name, &source.connection));
        let sources = setup.sources.iter().map(|wanted| (&wanted.name, &wanted.connection));
        Self {
            names: names.cloned().collect(),
            of_sources: old_sources
                .chain(sources)
                .map(|(name, connection)| (name.clone(), connection.clone()))
                .collect(),
        }
    }

    fn has(&self, name: &Name) -> bool {
        self.names.contains(name)
    }

    /// Of these sources, or of all if there are none, those that are known to have no
    /// connection, and whether any has one.
    pub(super) fn without(&self, sources: &[Name]) -> (Vec<&Name>, bool) {
        let meant = |name: &Name| sources.is_empty() || sources.contains(name);
        let known = self.of_sources.iter().filter(|(name, _)| meant(name));
        let (with, without): (Vec<_>, Vec<_>) = known.partition(|(_, has)| has.is_some());
        let mut without: Vec<_> = without.into_iter().map(|(name, _)| name).collect();
        without.sort();
        (without, !with.is_empty())
    }

    /// Whether a source is known to have no connection.
    pub(super) fn lacks(&self, source: &Name) -> bool {
        self.of_sources.get(source).is_some_and(Option::is_none)
    }
}

impl Planner<'_> {
    pub(super) async fn connection(
        &mut self,
        number: usize,
        wanted: ConnectionWanted,
        pins: &HashMap<PluginKey, Digest>,
    ) -> Result<(), Problem> {
        let at = format!("/connections/{number}");
        let snapshot = Arc::clone(&self.snapshot);
        let old = snapshot.connections.get(&wanted.name).map(|entry| &entry.connection);
        let as_it_was = old.filter(|old| old.plugin == wanted.plugin).map(|old| old.digest);
        let asked = Asked {
            plugin: &wanted.plugin,
            digest: wanted.digest,
            settings: &wanted.settings,
            secrets: &wanted.secrets,
        };
        let digest = match self.version(&at, asked, as_it_was, pins).await? {
            Some((digest, plugin)) => {
                if let Some(plugin) = plugin {
                    self.writes(&at, &plugin);
                }
                digest
            }
            None => return Ok(()),
        };
        self.sending(&at, wanted.sending(), &wanted.settings).await?;
        if !WRITES.contains(&wanted.writes_per_ticket_per_hour) {
            let (fewest, most) = (WRITES.start(), WRITES.end());
            let detail = format!("it must be between {fewest} and {most}");
            self.wrong(format!("{at}/writes_per_ticket_per_hour"), detail);
        }
        let connection = Connection {
            id: old.map_or_else(ConnectionId::new, |old| old.id),
            name: wanted.name,
            enabled: wanted.enabled,
            plugin: wanted.plugin,
            digest,
            settings: wanted.settings.to_string().into(),
            secrets: wanted.secrets,
            auth: wanted.auth,
            tls: wanted.tls,
            proxy: wanted.proxy,
            preset: wanted.preset,
            answers: wanted.answers,
            retry: wanted.retry,
            retry_unknown: wanted.retry_unknown,
            timeout_s: wanted.timeout_s,
            pace: wanted.pace,
            max_concurrent: wanted.max_concurrent,
            reserve_hosts: wanted.reserve_hosts,
            time_zone: wanted.time_zone,
            writes_per_ticket_per_hour: wanted.writes_per_ticket_per_hour,
            updated_at: old.map_or(self.now, |old| old.updated_at),
        };
        let (action, fields) = diff::compare(old, &connection);
        self.plan.changes.push(diff::Change::new("connection", &connection.name, action, fields));
        if action != diff::Action::Unchanged {
            let changed = Connection { updated_at: self.now, ..connection };
            self.plan.store.connections.push(changed);
        }
        Ok(())
    }

    /// Whether the plugin says that it writes fields or comments.
    fn writes(&mut self, at: &str, plugin: &Plugin) {
        let patterns = plugin.descriptor().events.iter();
        let patterns: Vec<_> =
            patterns.filter_map(|text| text.parse::<TypePattern>().ok()).collect();
        let takes = |name: &str| {
            let event_type = name.parse::<EventType>().ok();
            event_type.is_some_and(|found| patterns.iter().any(|pattern| pattern.matches(&found)))
        };
        if !takes(SET_FIELD) && !takes(ADD_COMMENT) {
            let detail = format!(
                "the plugin `{}` takes neither `{SET_FIELD}` nor `{ADD_COMMENT}`: it cannot write \
                 to a helpdesk",
                plugin.key().name
            );
            self.wrong(format!("{at}/plugin"), detail);
        }
    }

    /// A connection that is named must be there.
    pub(super) fn known_connection(&mut self, pointer: String, name: Option<&Name>) {
        if let Some(name) = name.filter(|name| !self.connections.has(name)) {
            self.wrong(pointer, format!("there is no connection `{name}`"));
        }
    }
}
