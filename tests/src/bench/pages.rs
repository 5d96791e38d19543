//! A million deliveries have ended within a month: how long the pages take that admins look at, beside
//! an answer with nothing in it.

use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;

use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::load::Load;
use super::size::{Size, median};
use crate::{Browser, Daemon, ZAMMAD_KEY, binary};

const SCENARIO: &str = "pages";
const SUBSCRIPTIONS: usize = 10;
const SESSION: &str = "hookwright_session";
const YARDSTICK: &str = "/livez";
/// Of what is timed by posts, so many fewer pages.
const FEWER: usize = 20;
/// What people do not notice.
const AT_MOST: f64 = 0.25;

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let daemon = prepare(size.ended);
    desk::settle(&daemon);
    let pages = pages(&daemon);
    let session = Browser::logged_in(&daemon, "reader").cookie(SESSION).unwrap();
    let by = (&daemon, session.as_str());
    let count = (size.timed / FEWER).max(10);
    let [nothing, ..] = measured(by, &[("nothing", YARDSTICK.to_owned())], count, size.rounds)[..]
    else {
        unreachable!("one page was asked for")
    };
    let measured = measured(by, &pages, count, size.rounds);
    let ended = size.ended;
    let mut figures = Vec::new();
    for ((name, _), (p50, p99)) in pages.iter().zip(measured) {
        let figure = |part: &str, time| {
            Figure::new(SCENARIO, format!("{part} of {name}, {ended} ended"), Quantity::Time(time))
        };
        figures.push(figure("p50", p50).beside(YARDSTICK, Quantity::Time(nothing.0)));
        figures.push(
            figure("p99", p99)
                .beside(YARDSTICK, Quantity::Time(nothing.1))
                .aims_at(Target::AtMost(Quantity::Time(AT_MOST))),
        );
    }
    figures
}

/// Names, and where they are.
fn pages(daemon: &Daemon) -> Vec<(&'static str, String)> {
    let newest = daemon.api().items("/v1/events?limit=1");
    let ticket = newest[0]["subject"].as_str().unwrap().to_owned();
    let newest = daemon.api().items("/v1/deliveries?limit=1");
    let delivery = newest[0]["id"].as_str().unwrap().to_owned();
    let page = |name, path: &str| (name, path.to_owned());
    vec![
        page("the newest deliveries", "/v1/deliveries"),
        page("a subscription's that failed", "/v1/deliveries?subscription=page-0&state=failed"),
        ("a ticket's deliveries", format!("/v1/deliveries?subject={ticket}")),
        page("the newest events", "/v1/events"),
        page("figures of a day", "/v1/statistics"),
        page("figures of six hours, by the minute", "/v1/statistics?since=6h"),
        page(
            "figures of 30 days, by the hour and subscription",
            "/v1/statistics?since=30d&step=hour&by=subscription",
        ),
        page("figures of a week, by destination", "/v1/statistics?since=7d&by=destination"),
        page("what needs attention", "/v1/attention"),
        page("the console's overview", "/console"),
        page("the console's overview of 30 days", "/console?period=30d"),
        page("the console's deliveries", "/console/deliveries"),
        page("the console's deliveries that failed", "/console/deliveries?state=failed"),
        ("the console's page of a delivery", format!("/console/deliveries/{delivery}")),
        ("the console's deliveries of a ticket", format!("/console/deliveries?subject={ticket}")),
        page("the console's events", "/console/events"),
        page("the console's subscriptions", "/console/subscriptions"),
        page("the console's page of a subscription", "/console/subscriptions/page-0"),
        page("the console's destinations", "/console/destinations"),
    ]
}

/// The p50 and the p99 of each, in seconds: the middle ones of so many rounds.
fn measured(
    (daemon, session): (&Daemon, &str),
    pages: &[(&'static str, String)],
    count: usize,
    rounds: usize,
) -> Vec<(f64, f64)> {
    let address = daemon.url().trim_start_matches("http://").parse().unwrap();
    let token = format!("Bearer {}", daemon.token());
    let session = format!("{SESSION}={session}");
    let mut times = vec![(Vec::new(), Vec::new()); pages.len()];
    for _ in 0..rounds {
        for ((_, path), times) in pages.iter().zip(&mut times) {
            let (token, session) = (token.clone(), session.clone());
            let load = Load {
                make: Arc::new(move |_, request| {
                    let request = request.method("GET").header("Authorization", &token);
                    let request = request.header("Cookie", &session);
                    request.body(Full::new(Bytes::new())).unwrap()
                }),
                ..Load::new(address, path, count, 1)
            };
            let outcome = load.run();
            times.0.push(outcome.percentile(0.5).as_secs_f64());
            times.1.push(outcome.percentile(0.99).as_secs_f64());
        }
    }
    times.into_iter().map(|(p50, p99)| (median(p50), median(p99))).collect()
}

/// A daemon in whose store so many deliveries have ended.
fn prepare(ended: usize) -> Daemon {
    let names: Vec<_> = (0..SUBSCRIPTIONS).map(|number| format!("page-{number}")).collect();
    let subscriptions: Vec<_> =
        names.iter().map(|name| (name.clone(), "http://127.0.0.1:9/".to_owned())).collect();
    let mut daemon = Daemon::with(crate::Options { log: desk::LOG.into(), ..Default::default() });
    daemon.apply(&desk::configuration(&subscriptions), &[("SIGNATURE", ZAMMAD_KEY)]);
    assert!(daemon.stop().success());
    let status = Command::new(filler())
        .arg(daemon.data())
        .args([ended.to_string(), names.join(",")])
        .status()
        .unwrap();
    assert!(status.success(), "the store could not be filled");
    assert!(daemon.start_again(&[]), "the daemon starts with what is in the store");
    daemon
}

/// The program that fills a store: `tests` knows no stores.
fn filler() -> std::path::PathBuf {
    let path = binary().with_file_name("examples").join("ended");
    assert!(
        path.is_file(),
        "{} is not there; run `cargo build -p hookwright-store --example ended`",
        path.display()
    );
    path
}
