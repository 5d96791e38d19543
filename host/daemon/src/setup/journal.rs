//! Whether what the journal is to keep makes sense.

use std::sync::Arc;

use hookwright_model::{JournalSettings, Size};

use super::{Planner, Setup, diff};
use crate::redaction::{MAX_RULES, Redaction};
use crate::setup::{Action, Change};

/// Less would let go of what has just come in.
const LEAST: Size = Size(1 << 20);

impl Planner<'_> {
    pub(super) fn journal(&mut self, setup: &Setup) {
        let Some(wanted) = &setup.journal else { return };
        if let Some(size) = wanted.keep_bytes.filter(|size| *size < LEAST) {
            let detail = format!("{size} is too little: use {LEAST} or more");
            self.wrong("/journal/keep_bytes", detail);
        }
        let count = wanted.redact.len();
        if count > MAX_RULES {
            let detail = format!("{count} rules are too many: there can be {MAX_RULES}");
            self.wrong("/journal/redact", detail);
        }
        for mistake in Redaction::new(wanted).1 {
            self.wrong(format!("/journal{}", mistake.pointer), mistake.detail);
        }
        self.known_names(setup, wanted);
        let snapshot = Arc::clone(&self.snapshot);
        let fields = diff::fields(&snapshot.configuration.journal, wanted);
        let action = if fields.is_empty() { Action::Unchanged } else { Action::Update };
        self.plan.changes.push(Change::new("journal", &"journal", action, fields));
        if action != Action::Unchanged {
            self.plan.store.journal = Some(wanted.clone());
        }
    }

    /// A rule for something that is not there, or is misspelt, would take out nothing.
    fn known_names(&mut self, setup: &Setup, wanted: &JournalSettings) {
        let snapshot = Arc::clone(&self.snapshot);
        let here = &snapshot.configuration;
        for (number, rule) in wanted.redact.iter().enumerate() {
            let at = format!("/journal/redact/{number}");
            if let Some(name) = &rule.source
                && !setup.sources.iter().any(|source| source.name == *name)
                && !snapshot.sources.contains_key(name)
            {
                self.wrong(format!("{at}/source"), format!("there is no source `{name}`"));
            }
            if let Some(name) = &rule.subscription
                && !setup.subscriptions.iter().any(|wanted| wanted.name == *name)
                && !here.subscriptions.iter().any(|known| known.name == *name)
            {
                let detail = format!("there is no subscription `{name}`");
                self.wrong(format!("{at}/subscription"), detail);
            }
        }
    }
}
