//! How people are told by mail.

use serde::{Deserialize, Serialize};

use crate::Name;

/// How mail is sent, for the whole daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// The mail server's name or address.
    pub server: String,
    /// Its port; the usual one of `security` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the connection is kept from being read.
    #[serde(default)]
    pub security: MailSecurity,
    /// The name of the secret that holds the certificate authorities to trust, in PEM; those of
    /// Mozilla if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<Name>,
    /// Who logs in; nobody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name of the secret that holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Name>,
    /// Whom mails are from: `desk@example.com`, or `Help desk <desk@example.com>`.
    pub from: String,
    /// Who hears of every outage and of everything operational.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// In which language.
    #[serde(default)]
    pub language: MailLanguage,
    /// How long sending one mail may take in all, in seconds.
    #[serde(default = "MailSettings::default_timeout_s")]
    pub timeout_s: u32,
    /// Whether mail is sent. What is to be sent meanwhile waits, for a day.
    #[serde(default = "MailSettings::default_enabled")]
    pub enabled: bool,
}

impl MailSettings {
    /// The longest that sending one mail may take, in seconds.
    pub const MAX_TIMEOUT_S: u32 = 300;

    /// What RFC 5321 would have a client wait is minutes; a server that works takes seconds.
    #[must_use]
    pub fn default_timeout_s() -> u32 {
        30
    }

    /// True, for reading documents that do not say.
    #[must_use]
    pub fn default_enabled() -> bool {
        true
    }

    /// The port that is called.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
            MailSecurity::None => 25,
        })
    }

    /// The secrets that it names, with the fields that do.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, &Name)> {
        let named = [("password", &self.password), ("ca", &self.ca)];
        named.into_iter().filter_map(|(field, name)| Some((field, name.as_ref()?)))
    }
}

/// How a connection to a mail server is kept from being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS begins after the greeting; without it nothing is sent.
    #[default]
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// It is not.
    None,
}

/// A language that mails are written in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum MailLanguage {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
}

impl MailLanguage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Ru, Self::Uk];

    /// Its tag.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Ru => "ru",
            Self::Uk => "uk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_has_to_be_said() {
        let said = r#"{"server":"mail.example","from":"a@b.example"}"#;
        let settings: MailSettings = serde_json::from_str(said).unwrap();
        assert_eq!((settings.port(), settings.timeout_s, settings.enabled), (587, 30, true));
        let tls = MailSettings { security: MailSecurity::Tls, ..settings.clone() };
        assert_eq!(tls.port(), 465);
        let plain = MailSettings { security: MailSecurity::None, ..settings.clone() };
        assert_eq!(plain.port(), 25);
        assert_eq!(MailSettings { port: Some(2525), ..plain }.port(), 2525);
        let document = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<MailSettings>(&document).unwrap(), settings);
        assert!(document.contains(r#""security":"starttls""#), "{document}");
    }
}
