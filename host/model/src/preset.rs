//! Names for what a receiver's kind is known to expect.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which receiver's customs a subscription keeps to, in what its own settings leave open: what
/// answers mean, when to try again, how long to wait for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Nobody's, also if the plugin suggests one.
    None,
    /// Receivers of Zammad's webhooks.
    Zammad,
    /// Receivers of the webhooks of `EddyDesk`'s dispatcher.
    Eddydesk,
    /// Receivers of `HelpDeskEddy`'s outgoing channel.
    Helpdeskeddy,
    /// `HelpDeskEddy`'s own API.
    HelpdeskeddyApi,
    /// Receivers of the webhooks of Xurrent, 4me and R-Service.
    Xurrent,
    /// Telegram's Bot API.
    Telegram,
    /// SMS Traffic's API.
    SmsTraffic,
}

/// A text that is not the name of a preset.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{name}` is not a preset: use {}", Preset::ALL.map(Preset::as_str).join(", "))]
pub struct BadPreset {
    name: String,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Zammad,
        Self::Eddydesk,
        Self::Helpdeskeddy,
        Self::HelpdeskeddyApi,
        Self::Xurrent,
        Self::Telegram,
        Self::SmsTraffic,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Zammad => "zammad",
            Self::Eddydesk => "eddydesk",
            Self::Helpdeskeddy => "helpdeskeddy",
            Self::HelpdeskeddyApi => "helpdeskeddy-api",
            Self::Xurrent => "xurrent",
            Self::Telegram => "telegram",
            Self::SmsTraffic => "sms-traffic",
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = BadPreset;
    fn from_str(text: &str) -> Result<Self, BadPreset> {
        let known = Self::ALL.into_iter().find(|preset| preset.as_str() == text);
        known.ok_or_else(|| BadPreset { name: text.chars().take(40).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        for preset in Preset::ALL {
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.as_str());
            assert_eq!(preset.as_str().parse(), Ok(preset));
        }
        let told = "telegramm".parse::<Preset>().unwrap_err().to_string();
        assert!(told.starts_with("`telegramm` is not a preset: use none, zammad, "), "{told}");
    }
}
