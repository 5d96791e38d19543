//! All secrets, read at once while what is set up is taken over: one by one, a thousand
//! subscriptions would ask the store a thousand times.

use std::collections::HashMap;

use hookwright_model::{Name, Secret};
use hookwright_store::{Store, StoreError};

/// The secrets by name, each with its value or why that cannot be read.
pub(crate) struct KnownSecrets(HashMap<Name, Result<Secret, StoreError>>);

impl KnownSecrets {
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        Ok(Self(store.secrets().await?.into_iter().collect()))
    }

    /// The same with others in their place, or beside them.
    pub(super) fn with(mut self, others: &[(Name, Secret)]) -> Self {
        let others = others.iter().map(|(name, secret)| (name.clone(), Ok(secret.clone())));
        self.0.extend(others);
        self
    }

    /// The value of a secret, if there is one of that name.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(crate) fn get(&self, name: &Name) -> Result<Option<Secret>, StoreError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Ok(secret)) => Ok(Some(secret.clone())),
            Some(Err(error)) => Err(StoreError::Damaged(error.to_string())),
        }
    }
}
