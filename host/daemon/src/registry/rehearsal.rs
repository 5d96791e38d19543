//! Subscriptions made ready for use without being set up.

use std::sync::Arc;

use hookwright_model::{Name, Secret, Subscription};
use hookwright_store::StoreError;

use super::target::Sender;
use super::{Conditions, KnownSecrets, Registry, Snapshot, SubscriptionEntry};
use crate::delivery::write_back::WriteBacks;
use crate::handshake;

impl Registry {
    /// A subscription as it would be if it were set up, with secrets that would come with it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn rehearsal(
        &self,
        subscription: &Subscription,
        secrets: &[(Name, Secret)],
    ) -> Result<SubscriptionEntry, StoreError> {
        let old = self.snapshot();
        let secrets = KnownSecrets::read(&*self.store).await?.with(secrets);
        let mut new = Snapshot { policies: old.policies.clone(), ..Snapshot::default() };
        let with = (&old.configuration, &secrets);
        let target: Arc<_> = self.target(Sender::from(subscription), &old, &mut new, with).await?;
        Ok(SubscriptionEntry {
            target,
            condition: Conditions::of(&old).get(subscription),
            write_backs: WriteBacks::new(&subscription.write_back),
            address: handshake::address(subscription, &old.configuration),
            subscription: subscription.clone(),
        })
    }
}
