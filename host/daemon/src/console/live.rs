//! `/console/live`: tells pages what has changed, so that they ask for it anew. Once a second
//! at most; how much has changed is told, and not what.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hookwright_model::UserId;
use http::{HeaderValue, header};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use super::access::Routes;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::live::{News, Topic};
use crate::server::problem::Problem;

/// How many pages can look on at a time.
const MOST: usize = 500;
/// The time between two pieces of news.
const BREATH: Duration = Duration::from_secs(1);
/// How often something is said at least: what stands in between closes silent connections. It is
/// also looked whether the session has ended.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// And of one person.
const MOST_OF_ONE: usize = 20;

static ROOM: Semaphore = Semaphore::const_new(MOST);
/// How many pages of whom look on.
static BY: LazyLock<Mutex<HashMap<UserId, usize>>> = LazyLock::new(Mutex::default);

/// A page that looks on.
struct Place {
    who: UserId,
    _room: SemaphorePermit<'static>,
}

impl Place {
    fn take(who: UserId) -> Option<Self> {
        let room = ROOM.try_acquire().ok()?;
        let mut all = BY.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(who).or_default();
        if *count >= MOST_OF_ONE {
            return None;
        }
        *count += 1;
        Some(Self { who, _room: room })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = BY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.who);
            }
        }
    }
}

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console/live", get(look_on))
}

async fn look_on(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    let place = visit.session().and_then(|session| Place::take(session.id));
    let full = || Problem::unavailable("too many pages look on at the moment: close some");
    let place = place.ok_or_else(full)?;
    // What a slow reader has not taken is not added to: the next news has it all.
    let (sender, receiver) = mpsc::channel(1);
    let cookie = visit.cookie().unwrap_or_default().to_owned();
    tokio::spawn(async move {
        tell(&app, &cookie, &sender).await;
        drop(place);
    });
    let mut response = Sse::new(ReceiverStream::new(receiver)).into_response();
    // For proxies that gather answers.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

type Message = Result<Event, Infallible>;

/// Until the page is left, the session has ended, or the daemon ends.
async fn tell(app: &App, cookie: &str, to: &mpsc::Sender<Message>) {
    let mut news = app.live.watch();
    let mut ready = app.ready.subscribe();
    let mut known = *news.borrow_and_update();
    // The page was made a moment before it looks on, and what changed since then nobody told it.
    for topic in Topic::ALL {
        if to.send(Ok(Event::default().event(topic.as_str()).data("0"))).await.is_err() {
            return;
        }
    }
    loop {
        let heard = tokio::select! {
            heard = tokio::time::timeout(HEARTBEAT, news.changed()) => heard,
            () = ending(&mut ready) => return,
            () = to.closed() => return,
        };
        if !matches!(app.people.session(cookie).await, Ok(Some(_))) {
            drop(to.send(Ok(Event::default().event("ended").data(""))).await);
            return;
        }
        match heard {
            Ok(Ok(())) => {
                let now = *news.borrow_and_update();
                if say(to, now, known).await.is_err() {
                    return;
                }
                known = now;
            }
            Ok(Err(_)) => return,
            Err(_) => {
                if to.send(Ok(Event::default().comment(""))).await.is_err() {
                    return;
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(BREATH) => {}
            () = ending(&mut ready) => return,
            () = to.closed() => return,
        }
    }
}

async fn ending(ready: &mut watch::Receiver<bool>) {
    // It is gone only if the daemon is.
    drop(ready.wait_for(|ready| !*ready).await);
}

async fn say(
    to: &mpsc::Sender<Message>,
    now: News,
    known: News,
) -> Result<(), mpsc::error::SendError<Message>> {
    for (topic, count) in now.since(known) {
        to.send(Ok(Event::default().event(topic.as_str()).data(count.to_string()))).await?;
    }
    Ok(())
}
