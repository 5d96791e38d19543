//! Whether requests can prove themselves and reach their receiver as is asked for.

use hookwright_model::Name;

use super::{Planner, SubscriptionWanted};
use crate::access::{Secrets, Wanted};
use crate::server::problem::Problem;

impl Planner<'_> {
    /// What a subscription asks for.
    pub(super) async fn access(
        &mut self,
        at: &str,
        wanted: &SubscriptionWanted,
    ) -> Result<(), Problem> {
        let SubscriptionWanted { auth, tls, proxy, .. } = wanted;
        let wanted = Wanted { auth: auth.as_ref(), tls, proxy: proxy.as_ref() };
        let secrets = self.secrets_of(wanted).await?;
        if let Err(mistakes) = wanted.check(&secrets, self.app.registry.access().guard()) {
            for mistake in mistakes {
                self.wrong(format!("{at}/{}", mistake.field), mistake.detail);
            }
        }
        Ok(())
    }

    /// What other subscriptions make of a secret that is changed here: they are not part of the
    /// set-up, and would only find out when they have something to deliver.
    pub(super) async fn users_of_secrets(
        &mut self,
        changed: &[Name],
        wanted: &[Name],
    ) -> Result<(), Problem> {
        let snapshot = std::sync::Arc::clone(&self.snapshot);
        for subscription in &snapshot.configuration.subscriptions {
            if wanted.contains(&subscription.name) {
                continue;
            }
            let wanted = Wanted::of(subscription);
            let used = wanted.secrets();
            if !used.iter().any(|(_, name)| changed.contains(name)) {
                continue;
            }
            let secrets = self.secrets_of(wanted).await?;
            let checked = wanted.check(&secrets, self.app.registry.access().guard());
            for mistake in checked.err().unwrap_or_default() {
                let name = used.iter().find(|(field, _)| *field == mistake.field);
                let number =
                    name.and_then(|(_, name)| changed.iter().position(|known| known == *name));
                // What is wrong for another reason was so before.
                if let Some(number) = number {
                    let detail = format!(
                        "the subscription `{}` uses it in `{}`: {}",
                        subscription.name, mistake.field, mistake.detail
                    );
                    self.wrong(format!("/secrets/{number}/value"), detail);
                }
            }
        }
        Ok(())
    }

    /// Those of this set-up, and others that are in the store.
    async fn secrets_of(&self, wanted: Wanted<'_>) -> Result<Secrets, Problem> {
        let mut secrets = Secrets::new();
        for (_, name) in wanted.secrets() {
            let found = match self.secrets.get(name) {
                Some(secret) => Some(secret.clone()),
                None => self.app.store.secret(name.clone()).await?,
            };
            secrets.extend(found.map(|secret| (name.clone(), secret)));
        }
        Ok(secrets)
    }
}
