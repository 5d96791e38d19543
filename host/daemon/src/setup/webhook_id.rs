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
    /// Names the numbers that are known only now.
    pub(super) async fn number(&mut self, app: &App) -> Result<(), Problem> {
        let unnumbered = std::mem::take(&mut self.unnumbered);
        for one in &mut self.store.subscriptions {
            if unnumbered.contains(&one.id) {
                number(app, one).await?;
            }
        }
        Ok(())
    }

    /// Has all subscriptions of the plan send their numbers.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn number_all(&mut self, app: &App) -> Result<(), Problem> {
        for one in &mut self.store.subscriptions {
            number(app, one).await?;
        }
        Ok(())
    }
}

/// Only the store knows the next number. It is kept for the subscription before that is made, so
/// that what is sent names the webhook from the first request on.
async fn number(app: &App, one: &mut Subscription) -> Result<(), Problem> {
    let number = app.store.number(one.id).await?;
    let mut settings: Map<String, Value> = serde_json::from_str(&one.settings).unwrap_or_default();
    settings.insert(SETTING.to_owned(), number.into());
    one.settings = Value::Object(settings).to_string().into();
    Ok(())
}
