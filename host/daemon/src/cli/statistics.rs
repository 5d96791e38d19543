//! `hookwright statistics` and `hookwright attention`.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::output;

/// The longest bar, in characters.
const BAR: usize = 24;

#[derive(clap::Args)]
pub(super) struct Statistics {
    /// What came after this: a time, or how long ago, such as 6h or 7d. A day ago if not given.
    #[arg(long)]
    since: Option<String>,
    /// What came before this.
    #[arg(long)]
    until: Option<String>,
    /// How finely the time is divided: minute, hour, day, or auto, which fits the time.
    #[arg(long, default_value = "auto")]
    step: String,
    /// Sums for each subscription, source or destination instead of figures over time.
    #[arg(long, default_value = "none")]
    by: String,
}

#[derive(clap::Args)]
pub(super) struct Attention {}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Statistics {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("step", &self.step).append_pair("by", &self.by);
        let times = [("since", &self.since), ("until", &self.until)];
        for (name, value) in times {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let path = format!("/v1/statistics?{}", query.finish());
        let report: Value = client.get(&path).await?;
        if client.json {
            return output::json(&report);
        }
        match report["by"].as_str() {
            Some("none") => over_time(&report),
            Some("source") => of_each(&report, "source", &["events", "rejects"]),
            Some("destination") => {
                of_each(&report, "destination", &["attempts_failed", "attempts"]);
            }
            _ => {
                let columns = ["delivered", "failed", "unknown", "skipped", "attempts_failed"];
                of_each(&report, "subscription", &columns);
            }
        }
        Ok(())
    }
}

/// A row for each step in which something happened, the bar showing how much was delivered (`█`)
/// and how much was not (`░`).
fn over_time(report: &Value) {
    let series = &report["series"][0];
    let times = report["times"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |column: &str, row: usize| series[column][row].as_u64().unwrap_or(0);
    let lost = |row| number("failed", row) + number("unknown", row);
    let most = (0..times.len()).map(|row| number("delivered", row) + lost(row)).max().unwrap_or(0);
    let columns = ["events", "rejects", "delivered", "failed", "unknown", "skipped"];
    let mut head = vec!["from", "events", "rejects", "delivered", "failed", "unknown", "skipped"];
    head.extend(["p95", ""]);
    let rows = times.iter().enumerate().filter_map(|(row, at)| {
        let numbers = columns.map(|column| number(column, row));
        let is_empty = numbers.iter().all(|number| *number == 0) && number("attempts", row) == 0;
        (!is_empty).then(|| {
            let at = at.as_i64().unwrap_or_default();
            let at = jiff::Timestamp::from_second(at).unwrap_or_default();
            let mut cells = vec![at.to_string()];
            cells.extend(numbers.map(|number| number.to_string()));
            cells.push(millis(&series["latency_ms"]["p95"][row]));
            cells.push(bar(number("delivered", row), lost(row), most));
            cells
        })
    });
    output::table(&head, rows.collect::<Vec<_>>());
    let totals = &report["totals"];
    let [events, delivered, failed] =
        ["events", "delivered", "failed"].map(|name| totals[name].as_u64().unwrap_or(0));
    println!(
        "{events} events, {delivered} deliveries delivered, {failed} failed; attempts took {} \
         (p50), {} (p95), {} (p99)",
        millis(&totals["latency_ms"]["p50"]),
        millis(&totals["latency_ms"]["p95"]),
        millis(&totals["latency_ms"]["p99"]),
    );
}

/// A row for each, with its sums.
fn of_each(report: &Value, what: &str, columns: &[&str]) {
    let series = report["series"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |one: &Value, column: &str| one["totals"][column].as_u64().unwrap_or(0);
    let first = columns.first().copied().unwrap_or_default();
    let most = series.iter().map(|one| number(one, first)).max().unwrap_or(0);
    let mut head = vec![what];
    let titles: Vec<_> = columns.iter().map(|column| column.replace('_', " ")).collect();
    head.extend(titles.iter().map(String::as_str));
    head.extend(["p95", ""]);
    let rows = series.iter().map(|one| {
        let others = one["others"].as_bool().unwrap_or(false).then(|| "(others)".to_owned());
        let text = |field: &str| one[field].as_str().map(str::to_owned);
        let name = others.or_else(|| text("name")).or_else(|| text("id")).unwrap_or_default();
        let mut cells = vec![name];
        cells.extend(columns.iter().map(|column| number(one, column).to_string()));
        cells.push(millis(&one["totals"]["latency_ms"]["p95"]));
        cells.push(bar(number(one, first), 0, most));
        cells
    });
    output::table(&head, rows.collect::<Vec<_>>());
}

fn millis(value: &Value) -> String {
    match value.as_f64() {
        None => "-".to_owned(),
        Some(millis) if millis < 10.0 => format!("{millis:.1} ms"),
        Some(millis) if millis < 10_000.0 => format!("{millis:.0} ms"),
        Some(millis) => format!("{:.1} s", millis / 1e3),
    }
}

/// As long as it is of the most; whatever there is has a character at least.
fn bar(good: u64, bad: u64, most: u64) -> String {
    let share = |number: u64| {
        let scaled = u128::from(number) * BAR as u128 / u128::from(most.max(1));
        usize::try_from(scaled).unwrap_or(BAR).max(usize::from(number > 0))
    };
    let bad = share(bad);
    let good = share(good).min(BAR - bad.min(BAR));
    "█".repeat(good) + &"░".repeat(bad)
}

impl Attention {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        let listing: Listing = client.get("/v1/attention").await?;
        if client.json {
            return output::json(&listing.items);
        }
        if listing.items.is_empty() {
            println!("Nothing needs attention.");
            return Ok(());
        }
        output::table(&["", "what", "since", "found"], listing.items.iter().map(row));
        Ok(())
    }
}

fn row(item: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let about = &item["about"];
    let name = about["name"].as_str().or(about["id"].as_str()).unwrap_or_default();
    vec![
        text(&item["severity"]),
        format!("{} {name}", text(&about["what"])).trim().to_owned(),
        text(&item["since"]),
        format!("{}\n→ {}", text(&item["detail"]), text(&item["advice"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_they_should_be() {
        assert_eq!(bar(0, 0, 0), "");
        assert_eq!(bar(100, 0, 100), "█".repeat(BAR));
        assert_eq!(bar(50, 50, 100), "█".repeat(BAR / 2) + &"░".repeat(BAR / 2));
        assert_eq!(bar(1, 0, 1_000_000), "█", "what there is can be seen");
        for (good, bad) in [(999, 1), (1, 999), (u64::MAX - 1, 1)] {
            assert!(bar(good, bad, good + bad).chars().count() <= BAR);
        }
    }

    #[test]
    fn times_are_told_in_three_digits_or_so() {
        for (value, told) in [(1.25, "1.2 ms"), (250.4, "250 ms"), (12_345.0, "12.3 s")] {
            assert_eq!(millis(&Value::from(value)), told);
        }
        assert_eq!(millis(&Value::Null), "-");
    }
}
