//! Whether what subscriptions want to write back can be written.

use std::sync::Arc;

use hookwright_model::{WriteBack, WriteTo};

use super::{Planner, Setup, SubscriptionWanted};
use crate::delivery::extract::Extractor;

/// Of one subscription: what is written to a ticket because of one answer, at most.
const MAX_WRITE_BACKS: usize = 50;
/// The longest name of a field, in bytes.
const MAX_FIELD: usize = 256;

impl Planner<'_> {
    pub(super) fn write_backs(&mut self, at: &str, wanted: &SubscriptionWanted) {
        let all = &wanted.write_back;
        if all.len() > MAX_WRITE_BACKS {
            let detail = format!("there can be {MAX_WRITE_BACKS}, and there are {}", all.len());
            return self.wrong(format!("{at}/write_back"), detail);
        }
        for (number, write_back) in all.iter().enumerate() {
            self.one(&format!("{at}/write_back/{number}"), write_back);
        }
        let by_source = all.iter().position(|write_back| write_back.connection.is_none());
        let Some(number) = by_source else { return };
        let (without, any) = self.connections.without(&wanted.sources);
        let detail = match without.as_slice() {
            // Sources that are set up later, or that post CloudEvents, cannot be known.
            [] => return,
            _ if wanted.sources.is_empty() && any => return,
            [source] => format!("the source `{source}` has no `connection` to write back through"),
            sources => {
                let names: Vec<_> = sources.iter().map(|name| format!("`{name}`")).collect();
                let names = names.join(", ");
                format!("the sources {names} have no `connection` to write back through")
            }
        };
        let detail = format!("{detail}: set it there, or here");
        self.wrong(format!("{at}/write_back/{number}/connection"), detail);
    }

    fn one(&mut self, at: &str, wanted: &WriteBack) {
        if let Some(Err(detail)) = wanted.from.as_ref().map(Extractor::new) {
            self.wrong(format!("{at}/from"), detail);
        }
        match &wanted.to {
            WriteTo::Field(field) => {
                if field.trim().is_empty() || field.len() > MAX_FIELD {
                    let detail = format!("a field has a name of at most {MAX_FIELD} bytes");
                    self.wrong(format!("{at}/field"), detail);
                }
                if wanted.from.is_none() {
                    let detail = "say where the value is in the answer, as in { json = \"/id\" }";
                    self.wrong(format!("{at}/from"), detail);
                }
            }
            WriteTo::Comment(comment) => {
                if comment.text.trim().is_empty() {
                    self.wrong(format!("{at}/comment/text"), "a comment has a text");
                }
                match (&wanted.from, comment.holds_value()) {
                    (None, true) => {
                        let detail = "say where the value for `{value}` is in the answer, as in \
                                      { json = \"/id\" }";
                        self.wrong(format!("{at}/from"), detail);
                    }
                    (Some(_), false) => {
                        let detail = "write `{value}` where the value goes, or leave `from` out";
                        self.wrong(format!("{at}/comment/text"), detail);
                    }
                    _ => {}
                }
            }
        }
        self.known_connection(format!("{at}/connection"), wanted.connection.as_ref());
    }

    /// No source may lose the connection that subscriptions write back through which are not
    /// part of this set-up.
    pub(super) fn still_connected(&mut self, setup: &Setup) {
        let snapshot = Arc::clone(&self.snapshot);
        for subscription in &snapshot.configuration.subscriptions {
            let stays = !setup.subscriptions.iter().any(|wanted| wanted.name == subscription.name);
            let mut write_backs = subscription.write_back.iter();
            if !stays || !write_backs.any(|write_back| write_back.connection.is_none()) {
                continue;
            }
            for (number, source) in setup.sources.iter().enumerate() {
                if subscription.sources.contains(&source.name)
                    && self.connections.lacks(&source.name)
                {
                    let detail = format!(
                        "the subscription `{}` writes back to tickets of this source: it needs \
                         a connection",
                        subscription.name
                    );
                    self.wrong(format!("/sources/{number}/connection"), detail);
                }
            }
        }
    }
}
