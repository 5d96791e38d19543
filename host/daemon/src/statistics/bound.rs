//! So many destinations have figures of their own: a template can make any number of hosts.

use std::collections::HashSet;
use std::sync::Arc;

use hookwright_model::{Subject, SubjectKind};
use hookwright_store::{Overview, StoreError};

/// The most names. Those beyond are counted together; there is room again when figures of others
/// have grown so old that they are let go of.
pub(super) const MAX_DESTINATIONS: usize = 500;

/// The destinations that have figures of their own.
#[derive(Default)]
pub(super) struct Destinations(HashSet<Arc<str>>);

impl Destinations {
    /// Those that have any.
    pub(super) async fn known(store: &(impl Overview + ?Sized)) -> Result<Self, StoreError> {
        let counted = store.counted(SubjectKind::Destination).await?;
        let names = counted.into_iter().filter_map(|subject| match subject {
            Subject::Destination(name) if !name.is_empty() => Some(name),
            _ => None,
        });
        Ok(Self(names.collect()))
    }

    /// The name under which it is counted: its own, or the empty one of all for which there is no
    /// room.
    pub(super) fn admit(&mut self, name: Arc<str>) -> Arc<str> {
        if self.0.contains(&name) {
            return name;
        }
        if self.0.len() >= MAX_DESTINATIONS {
            return "".into();
        }
        self.0.insert(Arc::clone(&name));
        name
    }
}
