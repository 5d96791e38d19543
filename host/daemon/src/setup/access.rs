//! Whether requests can prove themselves and reach their receiver as is asked for.

use hookwright_model::{Name, Sending};

use super::{Planner, Setup};
use crate::access::{Secrets, Wanted};
use crate::server::problem::Problem;

/// What is part of the set-up.
pub(super) struct Named {
    subscriptions: Vec<Name>,
    connections: Vec<Name>,
    mail: bool,
}

impl Named {
    pub(super) fn of(setup: &Setup) -> Self {
        let subscriptions = setup.subscriptions.iter().map(|wanted| wanted.name.clone());
        let connections = setup.connections.iter().map(|wanted| wanted.name.clone());
        Self {
            subscriptions: subscriptions.collect(),
            connections: connections.collect(),
            mail: setup.mail.is_some() || setup.remove.mail,
        }
    }
}

impl Planner<'_> {
    /// What a subscription or a connection asks for.
    pub(super) async fn access(&mut self, at: &str, wanted: Sending<'_>) -> Result<(), Problem> {
        let wanted = Wanted::of(wanted);
        let secrets = self.secrets_of(wanted).await?;
        if let Err(mistakes) = wanted.check(&secrets, self.app.registry.access().guard()) {
            for mistake in mistakes {
                self.wrong(format!("{at}/{}", mistake.field), mistake.detail);
            }
        }
        Ok(())
    }

    /// What other subscriptions and connections make of a secret that is changed here: they are
    /// not part of the set-up, and would only find out when they have something to deliver.
    pub(super) async fn users_of_secrets(
        &mut self,
        changed: &[Name],
        named: &Named,
    ) -> Result<(), Problem> {
        let snapshot = std::sync::Arc::clone(&self.snapshot);
        let subscriptions = snapshot.configuration.subscriptions.iter();
        let subscriptions = subscriptions.filter(|one| !named.subscriptions.contains(&one.name));
        let subscriptions = subscriptions.map(|one| ("subscription", &one.name, one.sending()));
        let connections = snapshot.configuration.connections.iter();
        let connections = connections.filter(|one| !named.connections.contains(&one.name));
        let connections = connections.map(|one| ("connection", &one.name, one.sending()));
        for (kind, who, sending) in subscriptions.chain(connections) {
            let wanted = Wanted::of(sending);
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
                        "the {kind} `{who}` uses it in `{}`: {}",
                        mistake.field, mistake.detail
                    );
                    self.wrong(format!("/secrets/{number}/value"), detail);
                }
            }
        }
        if !named.mail {
            self.authorities_of_mail(changed);
        }
        Ok(())
    }

    /// What mail makes of a secret that is changed here: it has to be certificates if it is the
    /// authorities of the mail server.
    fn authorities_of_mail(&mut self, changed: &[Name]) {
        let snapshot = std::sync::Arc::clone(&self.snapshot);
        let Some(mail) = &snapshot.configuration.mail else { return };
        let number = changed.iter().position(|name| mail.ca.as_ref() == Some(name));
        let Some(number) = number else { return };
        let ca = changed.get(number).and_then(|name| self.secrets.get(name));
        if let Err(detail) = crate::mail::trusted(&mail.server, ca) {
            let detail = format!("mail uses it in `ca`: {detail}");
            self.wrong(format!("/secrets/{number}/value"), detail);
        }
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
