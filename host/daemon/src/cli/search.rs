//! What is looked for in the journal, as options, and listings of it.

use hookwright_model::{DeliveryId, DeliveryState};
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;

/// The most items that the API gives at once.
const PAGE: usize = 500;

/// Which deliveries: those for which all that is given holds.
#[derive(clap::Args)]
pub(super) struct DeliveryFilter {
    /// In one of these states, separated by commas: pending, running, delivered, failed, skipped,
    /// canceled, unknown.
    #[arg(long, value_delimiter = ',')]
    state: Vec<DeliveryState>,
    /// The last answer had one of these HTTP statuses, separated by commas: 404, 5xx, 400..=499.
    #[arg(long)]
    status: Option<String>,
    /// For this subscription.
    #[arg(long)]
    subscription: Option<String>,
    /// Of this event.
    #[arg(long)]
    event: Option<String>,
    /// Caused by an answer to this delivery.
    #[arg(long)]
    parent: Option<DeliveryId>,
    /// With this text in the reason, in upper or lower case.
    #[arg(long)]
    error: Option<String>,
    #[command(flatten)]
    about: About,
}

/// Which events: those for which all that is given holds.
#[derive(clap::Args)]
pub(super) struct EventFilter {
    #[command(flatten)]
    about: About,
}

#[derive(clap::Args)]
struct About {
    /// From this source.
    #[arg(long)]
    source: Option<String>,
    /// Of this type; `ticket.*` for all that start with `ticket.`.
    #[arg(long = "type")]
    event_type: Option<String>,
    /// About the ticket with this id at its source.
    #[arg(long)]
    subject: Option<String>,
    /// About the ticket with this number, or this id.
    #[arg(long)]
    ticket: Option<String>,
    /// Not before this time, such as 2026-12-31T23:59:59Z, or so long ago, such as 2h or 7d.
    #[arg(long)]
    since: Option<String>,
    /// Before this time, or longer ago than this.
    #[arg(long)]
    until: Option<String>,
}

/// Names and values of a query.
pub(super) type Pairs = Vec<(&'static str, String)>;

impl DeliveryFilter {
    pub(super) fn pairs(self) -> Pairs {
        let states: Vec<_> = self.state.iter().map(|state| state.as_str()).collect();
        let given = [
            ("state", Some(states.join(",")).filter(|states| !states.is_empty())),
            ("status", self.status),
            ("subscription", self.subscription),
            ("event", self.event),
            ("parent", self.parent.map(|parent| parent.to_string())),
            ("error", self.error),
        ];
        self.about.pairs("event_type").into_iter().chain(some(given)).collect()
    }
}

impl EventFilter {
    pub(super) fn pairs(self) -> Pairs {
        self.about.pairs("type")
    }
}

impl About {
    fn pairs(self, type_name: &'static str) -> Pairs {
        let given = [
            ("source", self.source),
            (type_name, self.event_type),
            ("subject", self.subject),
            ("ticket", self.ticket),
            ("since", self.since),
            ("until", self.until),
        ];
        some(given).collect()
    }
}

fn some<const N: usize>(
    given: [(&'static str, Option<String>); N],
) -> impl Iterator<Item = (&'static str, String)> {
    given.into_iter().filter_map(|(name, value)| Some((name, value?)))
}

/// A path with a query.
pub(super) fn address(path: &str, pairs: &Pairs) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("{path}?{}", query.finish())
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
    next: Option<String>,
}

/// So many items, or all there are. Pages that are short are not the end.
pub(super) async fn list(
    client: &Client,
    path: &str,
    filter: &Pairs,
    limit: usize,
) -> anyhow::Result<Vec<Value>> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let mut pairs = filter.clone();
        pairs.push(("limit", PAGE.min(limit - items.len()).to_string()));
        pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
        let page: Listing = client.get(&address(path, &pairs)).await?;
        items.extend(page.items);
        if items.len() >= limit || page.next.is_none() {
            return Ok(items);
        }
        cursor = page.next;
    }
}
