//! Puts deliveries that have ended into a store, with their events, requests, attempts and figures:
//! what is there after a month. `cargo xtask bench pages` asks beside it. The daemon must have been
//! stopped.
//!
//! ```text
//! ended DATA DELIVERIES SUBSCRIPTION[,SUBSCRIPTION…]
//! ```
//!
//! They are spread over the last 30 days, two for each event, in turn to these subscriptions: of
//! 1,000, 965 are delivered, 20 failed after three tries, 10 skipped, 3 unknown, 2 canceled. Every
//! third event is of the same ticket.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use hookwright_model::request::Template;
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, Counts, Delivery, DeliveryId, DeliveryState, Event, EventId,
    Original, Received, Request, Sent, Step, Subject, SubscriptionId, Timestamp, Timings,
};
use hookwright_store::{
    Aside, Configuration, Counted, NewEvent, NewRequest, Overview, Post, Progress, SqliteStore,
    Store, Vault,
};
use uuid::Uuid;

/// How many posts are handed over at a time: one commit takes as many.
const AT_ONCE: u64 = 256;
/// Deliveries of an event.
const EACH: usize = 2;
const DAY: Duration = Duration::from_secs(86_400);
/// Over how many of them everything is spread.
const DAYS: u32 = 30;

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, deliveries, subscriptions] = args.as_slice() else {
        bail!("ended DATA DELIVERIES SUBSCRIPTION[,SUBSCRIPTION…]");
    };
    let data = Path::new(data);
    let file = data.join("hookwright.db");
    ensure!(file.is_file(), "there is no store in {}", data.display());
    let store = SqliteStore::open(&file, Vault::from_file(&data.join("secret.key"))?)?;
    let deliveries: u64 = deliveries.parse().context("the number of deliveries")?;
    let month = Month {
        events: deliveries.div_ceil(EACH as u64),
        subscriptions: ids(&store.configuration().await?, subscriptions)?,
        now: Timestamp::now(),
    };
    month.fill(&store).await
}

struct Month {
    events: u64,
    subscriptions: Vec<SubscriptionId>,
    now: Timestamp,
}

/// What is counted, by whom and when.
type Figures = HashMap<(Subject, Timestamp), Counts>;

impl Month {
    async fn fill(self, store: &SqliteStore) -> Result<()> {
        let month = Arc::new(self);
        let mut figures = Figures::new();
        let mut from = 0;
        while from < month.events {
            let until = month.events.min(from + AT_ONCE);
            let new: Vec<_> = (from..until).map(|number| month.event(number)).collect();
            let mut ended = Vec::new();
            for (number, (event, deliveries)) in (from..).zip(&new) {
                let source = Subject::Source(event.source.clone());
                month.count(&mut figures, source, event.received_at).events += 1;
                for (place, delivery) in (number * EACH as u64..).zip(deliveries) {
                    ended.push(month.end(place, delivery, &mut figures));
                }
            }
            let posts = new.into_iter().map(|(event, deliveries)| {
                let original =
                    Original { headers: Vec::new(), body: event.data.to_string().into() };
                let events = vec![NewEvent { event: event.into(), deliveries, once: None }];
                let post = Post { original: original.into(), events, lease: None };
                let store = store.clone();
                tokio::spawn(async move { store.accept(post).await })
            });
            for post in posts.collect::<Vec<_>>() {
                drop(post.await??);
            }
            let records = ended.into_iter().map(|progress| {
                let store = store.clone();
                tokio::spawn(async move { store.record(Arc::new(progress)).await })
            });
            for record in records.collect::<Vec<_>>() {
                record.await??;
            }
            from = until;
        }
        let mut all = Figures::new();
        for ((subject, at), counts) in &figures {
            if !matches!(subject, Subject::Destination(_)) {
                all.entry((Subject::All, *at)).or_default().add(counts);
            }
        }
        let counted = figures.into_iter().chain(all);
        let counted: Vec<_> =
            counted.map(|((subject, at), counts)| Counted { subject, at, counts }).collect();
        for some in counted.chunks(5_000) {
            store.add_counts(some.to_vec()).await?;
        }
        Ok(())
    }

    /// Evenly over the days, the last just now.
    fn moment(&self, number: u64) -> Timestamp {
        let ago = (DAY * DAYS).mul_f64(1.0 - (number + 1) as f64 / self.events as f64);
        self.now.before(ago)
    }

    fn event(&self, number: u64) -> (Event, Vec<Delivery>) {
        let received_at = self.moment(number);
        let ticket = number / 3;
        let data = format!(
            r#"{{"ticket":{{"id":"{ticket}","number":"10{ticket:06}","title":"The printer on floor {} is on fire","state":"open","priority":"2 normal","group":"Users","customer":{{"name":"Anna Blom","email":"anna.blom@example.org"}},"article":{{"body":"It says PC LOAD LETTER. What does that mean? Number {number}."}}}}}}"#,
            number % 17
        );
        let event = Event {
            id: EventId::from_uuid(id(received_at)),
            source: "helpdesk".parse().unwrap_or_else(|_| unreachable!("it is a name")),
            event_type: if number.is_multiple_of(3) { "ticket.created" } else { "ticket.updated" }
                .parse()
                .unwrap_or_else(|_| unreachable!("it is a type")),
            subject: Some(ticket.to_string().into()),
            occurred_at: received_at,
            received_at,
            data_schema: "ticket/1".into(),
            data: data.into(),
            upstream_name: None,
            dedupe_key: None,
        };
        let deliveries = (0..EACH).map(|place| {
            let to = usize::try_from(number).unwrap_or(0) * EACH + place;
            let subscription = self.subscriptions[to % self.subscriptions.len()];
            let id = DeliveryId::from_uuid(id(received_at));
            Delivery { id, ..Delivery::new(event.id, subscription, received_at) }
        });
        let deliveries = deliveries.collect();
        (event, deliveries)
    }

    fn end(&self, number: u64, delivery: &Delivery, figures: &mut Figures) -> Progress {
        // So that the states do not follow the subscriptions.
        let (state, status, attempts) = match (number / 7 * 13 + number) % 1_000 {
            0..20 => (DeliveryState::Failed, Some(503), 3),
            20..30 => (DeliveryState::Skipped, None, 0),
            30..33 => (DeliveryState::Unknown, None, 1),
            33..35 => (DeliveryState::Canceled, Some(429), 1),
            _ => (DeliveryState::Delivered, Some(200), 1),
        };
        let took = Duration::from_millis(20 + number * 7 % 400);
        let finished_at = delivery.created_at.after(took * attempts.max(1));
        let is_well = state == DeliveryState::Delivered;
        let mut delivery = Delivery {
            state,
            attempts,
            next_attempt_at: None,
            finished_at: Some(finished_at),
            reason: (!is_well).then(|| format!("given up after it was tried {attempts} times")),
            ..delivery.clone()
        };
        let request = request();
        delivery.requests = Some(vec![Arc::clone(&request)]);
        let url = "https://hooks.example";
        for subject in
            [Subject::Subscription(delivery.subscription_id), Subject::Destination(url.into())]
        {
            let counts = self.count(figures, subject.clone(), finished_at);
            counts.attempts += u64::from(attempts);
            counts.attempts_failed += u64::from(attempts) - u64::from(is_well);
            (0..attempts).for_each(|_| counts.latency.note(took.as_micros() as u64));
            if matches!(subject, Subject::Subscription(_)) {
                counts.delivered += u64::from(is_well);
                counts.failed += u64::from(state == DeliveryState::Failed);
                counts.unknown += u64::from(state == DeliveryState::Unknown);
                counts.skipped += u64::from(state == DeliveryState::Skipped);
                if is_well {
                    counts.delivered_after.note(took.as_micros() as u64);
                }
            }
        }
        let attempt = (attempts > 0).then(|| attempt(&delivery, status, took, url));
        let new_requests = vec![NewRequest { position: 0, revision: 0, request }];
        Progress {
            delivery,
            new_requests,
            attempt,
            follow_ups: Vec::new(),
            lease: None,
            keeps_turn: false,
            aside: Aside::default(),
        }
    }

    /// Where something is counted. Of minutes that are not kept any more one is made for an hour.
    fn count<'f>(
        &self,
        figures: &'f mut Figures,
        subject: Subject,
        at: Timestamp,
    ) -> &'f mut Counts {
        let is_old = at < self.now.before(2 * DAY);
        let at = if is_old { Step::Hour } else { Step::Minute }.start(at);
        figures.entry((subject, at)).or_default()
    }
}

fn attempt(delivery: &Delivery, status: Option<u16>, took: Duration, url: &str) -> Attempt {
    let body = Bytes::from_static(BODY.as_bytes());
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![header("content-type", "application/json"), header("x-delivery", "1")];
    let received = status.map(|status| Received {
        status,
        headers: headers.clone(),
        body: Bytes::from_static(b"{\"ok\":true}"),
        complete: true,
    });
    let reason = || "no answer".to_owned();
    Attempt {
        id: AttemptId::from_uuid(id(delivery.created_at)),
        delivery_id: delivery.id,
        number: delivery.attempts,
        position: 0,
        revision: 0,
        started_at: delivery.created_at,
        sent: Some(Sent { method: "POST".into(), url: format!("{url}/in"), headers, body }),
        received,
        timings: Timings { total_us: took.as_micros() as u64, ..Timings::default() },
        result: match delivery.state {
            DeliveryState::Delivered => AttemptResult::Delivered { note: None },
            DeliveryState::Unknown => AttemptResult::Unknown { reason: reason() },
            _ => AttemptResult::Failed { reason: reason() },
        },
        judge: None,
        notes: Vec::new(),
    }
}

const BODY: &str = r#"{"text":"The printer is on fire: https://desk.example/#ticket/zoom/81"}"#;

fn request() -> Arc<Request> {
    Arc::new(Request {
        method: "POST".into(),
        url: Template::text("https://hooks.example/in"),
        headers: vec![("content-type".into(), Template::text("application/json"))],
        body: Template::text(BODY),
    })
}

/// An id that was made then.
fn id(moment: Timestamp) -> Uuid {
    let millis = u64::try_from(moment.millis()).unwrap_or(0);
    let nanos = u32::try_from(millis % 1_000).unwrap_or(0) * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, nanos))
}

fn ids(configuration: &Configuration, names: &str) -> Result<Vec<SubscriptionId>> {
    let id = |name: &str| {
        let mut all = configuration.subscriptions.iter();
        let found = all.find(|subscription| subscription.name.as_str() == name);
        Ok(found.with_context(|| format!("there is no subscription `{name}`"))?.id)
    };
    names.split(',').filter(|name| !name.is_empty()).map(id).collect()
}
