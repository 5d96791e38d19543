//! What is known of receivers of a kind. Each is a file in `presets`, written as an admin would
//! write it, with where it is known from.

use std::collections::HashMap;
use std::sync::LazyLock;

use hookwright_model::{AnswerRule, Preset, RetryPolicy};
use serde::Deserialize;

use super::rules::{Origin, Rules};

/// A receiver's customs, ready for use. What is absent is as usual.
#[derive(Debug)]
pub struct Customs {
    /// What its answers mean.
    pub rules: Rules,
    /// When to try again.
    pub retry: Option<RetryPolicy>,
    /// Whether what may have arrived is sent again.
    pub retry_unknown: Option<bool>,
    /// How long an attempt may take in all, in seconds.
    pub timeout_s: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    answers: Vec<AnswerRule>,
    retry: Option<RetryPolicy>,
    retry_unknown: Option<bool>,
    timeout_s: Option<f64>,
}

fn document(preset: Preset) -> Option<&'static str> {
    Some(match preset {
        Preset::None => return None,
        Preset::Zammad => include_str!("presets/zammad.toml"),
        Preset::Eddydesk => include_str!("presets/eddydesk.toml"),
        Preset::Helpdeskeddy => include_str!("presets/helpdeskeddy.toml"),
        Preset::HelpdeskeddyApi => include_str!("presets/helpdeskeddy-api.toml"),
        Preset::Xurrent => include_str!("presets/xurrent.toml"),
        Preset::Telegram => include_str!("presets/telegram.toml"),
        Preset::SmsTraffic => include_str!("presets/sms-traffic.toml"),
    })
}

/// What belongs to a preset; nothing for `none`.
#[must_use]
pub fn customs(preset: Preset) -> Option<&'static Customs> {
    static ALL: LazyLock<HashMap<Preset, Customs>> = LazyLock::new(|| {
        let all = Preset::ALL.into_iter().filter_map(|preset| {
            let read = read(preset, document(preset)?);
            // The files are part of the program, and a test reads them.
            debug_assert!(read.is_ok(), "the preset {preset} cannot be read: {read:?}");
            Some((preset, read.ok()?))
        });
        all.collect()
    });
    ALL.get(&preset)
}

fn read(preset: Preset, document: &str) -> Result<Customs, String> {
    let document: Document = toml::from_str(document).map_err(|error| error.to_string())?;
    let Document { answers, retry, retry_unknown, timeout_s } = document;
    if let Some(Err(error)) = retry.as_ref().map(RetryPolicy::check) {
        return Err(error.to_string());
    }
    let rules =
        Rules::new(Origin::Preset(preset), &answers).map_err(|mistakes| format!("{mistakes:?}"))?;
    Ok(Customs { rules, retry, retry_unknown, timeout_s })
}

#[cfg(test)]
mod tests;
