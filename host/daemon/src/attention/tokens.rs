//! Tokens that are not valid for much longer.

use std::time::Duration;

use hookwright_model::Timestamp;
use hookwright_store::StoreError;

use super::{About, Item, Kind};
use crate::app::App;

/// Long enough to make another one and bring it to whoever uses it.
const SOON: Duration = Duration::from_secs(14 * 86_400);
/// One that has expired before is not missed.
const LATELY: Duration = Duration::from_secs(7 * 86_400);

pub(super) async fn items(app: &App, now: Timestamp) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::new();
    for token in app.store.tokens().await? {
        let Some(at) = token.expires_at else { continue };
        if at > now.after(SOON) || at < now.before(LATELY) {
            continue;
        }
        let expires = if at <= now { "expired" } else { "expires" };
        let detail = format!("it {expires} at {at}");
        let advice = "make another one for whoever uses it, or remove it";
        let about = About::named("token", &token.name).with_id(&token.id);
        let since = (at <= now).then_some(at);
        items.push(Kind::TokenExpiring.item(about, detail, advice).since(since).at("/v1/tokens"));
    }
    Ok(items)
}
