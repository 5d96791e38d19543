//! One change of the set-up at a time: what was looked at is still so when it is changed.

use tokio::sync::OwnedMutexGuard;

use crate::app::App;

/// The turn of whoever changes the set-up. It ends when this is dropped.
pub struct Turn(#[allow(dead_code, reason = "held, not read")] OwnedMutexGuard<()>);

/// Waits for the others to be done.
pub async fn turn(app: &App) -> Turn {
    Turn(app.registry.turn().await)
}
