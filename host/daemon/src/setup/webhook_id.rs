//! What a webhook sends as `webhook_id` is its number here: the one by which `/webhooks/ID` knows it.

use hookwright_model::{Name, Subscription, SubscriptionId};
use serde_json::{Map, Value};

use super::{Plan, Planner};
use crate::app::App;
use crate::server::problem::Problem;
use crate::webhooks;

/// The highest number that can be asked for: those that are given after it have room, too.
const HIGHEST: i64 = i32::MAX as i64;
/// The plugin's setting.
const SETTING: &str = "webhook_id";

impl Planner<'_> {
    /// Sees to it that settings with a `webhook_id` name the subscription's own number. One that is
    /// new gets the number that it asks for if nobody has it, so that what was exported is
    /// afterwards what it was; else the next one, as soon as it is made.
    pub(super) fn webhook_id(
        &mut self,
        plugin: &Name,
        settings: &mut Value,
        (id, old): (SubscriptionId, Option<&Subscription>),
    ) {
        if plugin.as_str() != webhooks::PLUGIN {
            return;
        }
        let Some(asked) = settings.get(SETTING).and_then(Value::as_i64) else { return };
        let there: Option<Value> = old.and_then(|old| serde_json::from_str(&old.settings).ok());
        if there.and_then(|there| there.get(SETTING)?.as_i64()) == Some(asked) {
            // It may be from before this was so: what receivers know it by stays.
            return;
        }
        let known = &self.snapshot.configuration.numbers.subscriptions;
        let given = |number: i64| {
            let mut others = self.snapshot.configuration.subscriptions.iter();
            others.any(|one| known.get(&one.id) == Some(&number))
                || self.plan.store.numbers.iter().any(|(_, taken)| *taken == number)
        };
        match known.get(&id).filter(|_| old.is_some()) {
            Some(number) => settings[SETTING] = (*number).into(),
            None if (1..=HIGHEST).contains(&asked) && !given(asked) => {
                self.plan.store.numbers.push((id, asked));
            }
            None => self.plan.unnumbered.push(id),
        }
    }
}

impl Plan {
    /// Has all subscriptions of the plan, which are new, send their numbers.
    pub(crate) fn number_all(&mut self) {
        self.unnumbered = self.store.subscriptions.iter().map(|one| one.id).collect();
    }

    /// Finds the numbers that only the store knows, so that what is sent names the webhook from the
    /// first request on.
    pub(super) async fn number(&mut self, app: &App) -> Result<(), Problem> {
        for id in std::mem::take(&mut self.unnumbered) {
            let number = self.next_number(app).await?;
            self.store.numbers.push((id, number));
            for one in self.store.subscriptions.iter_mut().filter(|one| one.id == id) {
                let settings = serde_json::from_str(&one.settings);
                let mut settings: Map<String, Value> = settings.unwrap_or_default();
                settings.insert(SETTING.to_owned(), number.into());
                one.settings = Value::Object(settings).to_string().into();
            }
        }
        Ok(())
    }

    /// One that nobody has, and nobody of this plan asks for. It is used up, whatever comes of this.
    async fn next_number(&self, app: &App) -> Result<i64, Problem> {
        loop {
            let next = app.store.number(SubscriptionId::new()).await?;
            if !self.store.numbers.iter().any(|(_, taken)| *taken == next) {
                return Ok(next);
            }
        }
    }
}
