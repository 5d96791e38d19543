//! What is reckoned and drawn; nothing is measured here.

use std::time::{Duration, SystemTime};

use super::figure::{Figure, Quantity, Target};
use super::load::{number_in, numbered_tickets, percentile, title};
use super::plugin_call;
use super::size::median;
use super::{page, plot};
use crate::{ZAMMAD_KEY, hub_signature};

fn figures() -> Vec<Figure> {
    vec![
        Figure::new("end_to_end", "delivered & noted", Quantity::Rate(600.0))
            .beside("bare relay", Quantity::Rate(1_000.0))
            .aims_at(Target::RatioAtLeast(0.5)),
        Figure::new("ingest", "p99", Quantity::Time(0.008))
            .beside("bare commit", Quantity::Time(0.002))
            .aims_at(Target::RatioAtMost(3.0)),
        Figure::new("start", "idle <memory>", Quantity::Memory(50.0))
            .aims_at(Target::AtMost(Quantity::Memory(100.0))),
        Figure::new("fan_out", "deliveries", Quantity::Rate(1_200.0)),
    ]
}

#[test]
fn a_figure_meets_its_target_or_misses_it() {
    let figures = figures();
    let used: Vec<_> =
        figures.iter().map(|figure| figure.used().map(|used| format!("{used:.3}"))).collect();
    let text = |used: &str| Some(used.to_owned());
    assert_eq!(used, [text("0.833"), text("1.333"), text("0.500"), None]);
    let verdicts: Vec<_> = figures.iter().map(Figure::verdict).collect();
    assert_eq!(verdicts, ["met", "missed", "met", ""]);
    assert_eq!(
        figures[1].cells(),
        ["ingest", "p99", "at most 3 times", "8.0 ms", "2.0 ms (bare commit)", "4.00", "missed"]
    );
}

#[test]
fn quantities_have_units_that_fit() {
    let shown = |quantity: Quantity| quantity.to_string();
    assert_eq!(shown(Quantity::Rate(1234.5)), "1234/s");
    assert_eq!(shown(Quantity::Time(0.000_025)), "25.0 µs");
    assert_eq!(shown(Quantity::Time(0.025)), "25.0 ms");
    assert_eq!(shown(Quantity::time(Duration::from_secs(2))), "2.00 s");
    assert_eq!(shown(Quantity::Memory(99.6)), "100 MiB");
}

#[test]
fn medians_and_percentiles() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
    assert_eq!(percentile(&times, 0.5), Duration::from_millis(100));
    assert_eq!(percentile(&times, 0.99), Duration::from_millis(198));
    assert_eq!(percentile(&times[..1], 0.99), Duration::from_millis(1));
}

#[tokio::test]
async fn numbered_tickets_can_be_told_apart_and_are_signed() {
    use http_body_util::BodyExt as _;
    let request = numbered_tickets()(42, hyper::Request::post("/"));
    let signature = request.headers()["X-Hub-Signature"].clone();
    assert_eq!(request.headers()["X-Zammad-Delivery"], "delivery-42");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(signature, hub_signature(ZAMMAD_KEY, &body));
    let ticket: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(ticket["ticket"]["title"], title(42));
    assert_eq!((number_in(&body), number_in(b"no number")), (Some(42), None));
}

#[test]
fn the_page_keeps_what_was_written_by_hand() {
    let docs = std::fs::read_to_string(crate::root().join("docs/benchmarks.md")).unwrap();
    let section = page::section(&[("kernel", "6".into())], &figures());
    let once = page::with(&docs, &section);
    assert!(once.contains("- kernel: 6") && once.contains("| end_to_end | delivered & noted |"));
    assert_eq!(page::with(&once, &section), once, "written again, it is the same");
    let by_hand = |page: &str| {
        let (before, rest) = page.split_once("<!-- figures").unwrap();
        (before.to_owned(), rest.split_once("<!-- end").unwrap().1.to_owned())
    };
    assert_eq!(by_hand(&once), by_hand(&docs));
}

/// A parser of HTML is no judge of XML, but pairs of tags and escapes can be checked without one.
#[test]
fn the_picture_shows_every_figure() {
    let svg = plot::draw(&figures());
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n")
    );
    assert!(svg.contains("idle &lt;memory&gt;") && svg.contains("delivered &amp; noted"));
    assert_eq!(svg.matches("class=\"missed\"").count(), 1);
    // Three with targets, and two that are so many a second.
    assert_eq!(svg.matches("<rect").count(), 5);
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    assert!(svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn an_estimate_of_something_older_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let median = |built| plugin_call::median(dir.path(), &[None, built]);
    assert!(median(None).unwrap_err().contains("there is no estimate"));
    std::fs::create_dir(dir.path().join("new")).unwrap();
    let estimates = r#"{"median":{"point_estimate":27100.0}}"#;
    std::fs::write(dir.path().join("new/estimates.json"), estimates).unwrap();
    let now = SystemTime::now();
    let hour = Duration::from_secs(3_600);
    assert_eq!(median(Some(now - hour)), Ok(Quantity::Time(27.1e-6)));
    assert!(median(Some(now + hour)).unwrap_err().contains("is older"));
}
