//! `/console`: how it goes, and what needs somebody to look.

mod figures;
mod looks;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hookwright_model::{Step, Timestamp};
use http::Uri;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::asked;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::attention;
use crate::server::problem::Problem;
use crate::statistics::report::{Ask, By, report};
use figures::{Destination, Quantile, Row};
use looks::Look;

/// Of the destinations where attempts failed so many are shown.
const MAX_DESTINATIONS: usize = 10;

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console", get(show)).reading("/console/overview.json", get(series))
}

/// Over which time the page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    SixHours,
    Day,
    Week,
    Month,
}

impl Period {
    const ALL: [Self; 4] = [Self::SixHours, Self::Day, Self::Week, Self::Month];

    /// As it stands in addresses and in the keys of texts.
    fn as_str(self) -> &'static str {
        match self {
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::SixHours => 6 * 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
        })
    }

    /// How finely tables divide it: plots have room for more.
    fn step(self) -> Step {
        match self {
            Self::SixHours | Self::Day => Step::Hour,
            Self::Week | Self::Month => Step::Day,
        }
    }

    /// What the address asks for; a day if it is nothing that there is.
    fn of(uri: &Uri) -> Self {
        let asked = asked::read(uri, &["period"]);
        asked["period"].parse().unwrap_or(Self::Day)
    }

    fn ask(self, step: Option<Step>, by: By) -> Result<Ask, Problem> {
        let now = Timestamp::now();
        let times = (Some(now.before(self.length())), Some(now));
        Ask::new(times, step, by, now).map_err(|refused| Problem::bad_request(refused.to_string()))
    }
}

impl FromStr for Period {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|period| period.as_str() == text).ok_or(())
    }
}

async fn show(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let period = Period::of(&uri);
    let over_time = report(&app, period.ask(Some(period.step()), By::None)?).await;
    let over_time = over_time.map_err(Problem::from)?;
    let by = report(&app, period.ask(Some(period.step()), By::Destination)?).await;
    let mut destinations = Destination::all(&by.map_err(Problem::from)?);
    destinations.truncate(MAX_DESTINATIONS);
    let items = attention::items(&app).await.map_err(Problem::from)?;
    let looks: Vec<_> = items.iter().map(Look::new).collect();
    let failing = destinations.first().map_or(1, |first| first.failed.max(1));
    let context = context! {
        period => period.as_str(),
        periods => Period::ALL.map(Period::as_str),
        is_daily => period.step() == Step::Day,
        rows => Serde(Row::all(&over_time)),
        totals => Serde(Row::total(&over_time)),
        latency => Serde(Quantile::all(&over_time)),
        destinations => Serde(destinations),
        most_failed => failing,
        looks => Serde(looks),
    };
    Ok(visit.page("overview.html", context))
}

/// What the plots are drawn from.
async fn series(State(app): State<Arc<App>>, uri: Uri) -> Result<Response, Refusal> {
    let ask = Period::of(&uri).ask(None, By::None)?;
    let report = report(&app, ask).await.map_err(Problem::from)?;
    Ok(Json(report).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_period_that_there_is() {
        for (address, period) in [
            ("/console", Period::Day),
            ("/console?period=6h", Period::SixHours),
            ("/console?period=30d", Period::Month),
            ("/console?period=100y", Period::Day),
        ] {
            assert_eq!(Period::of(&address.parse().unwrap()), period, "{address}");
        }
        for period in Period::ALL {
            for by in [By::None, By::Destination] {
                assert!(period.ask(Some(period.step()), by).is_ok());
                assert!(period.ask(None, by).is_ok());
            }
        }
    }
}
