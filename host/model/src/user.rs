//! People who use the console.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::{AccessRole, Name, Timestamp};

/// Someone who can log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Never changes.
    pub id: UserId,
    /// What they log in with; unique.
    pub name: Name,
    /// What they may do: reader, operator or admin.
    pub role: AccessRole,
    /// What the console speaks to them; what their browser asks for if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What their password is checked with. It is in no answer.
    #[serde(skip)]
    pub password: PasswordHash,
    /// Whether they cannot log in.
    #[serde(default)]
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed. Logging in is no change.
    pub updated_at: Timestamp,
    /// When they last logged in; none if they never did. It is changed by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// The roles that a person can have. Posting events is for programs.
    pub const ROLES: [AccessRole; 3] =
        [AccessRole::Reader, AccessRole::Operator, AccessRole::Admin];
}

/// A hash of a password, salted and slow to make, as a PHC string. It is not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A language that the console speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
}

/// A text that is no language of the console.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a language of the console: use en, de, ru or uk")]
pub struct BadLanguage(String);

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Ru, Self::Uk];

    /// Its code of ISO 639.
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

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Language {
    type Err = BadLanguage;
    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        let found = Self::ALL.into_iter().find(|language| language.as_str() == text);
        found.ok_or_else(|| BadLanguage(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_goes_nowhere() {
        let user = User {
            id: UserId::new(),
            name: "anna".parse().unwrap(),
            role: AccessRole::Operator,
            language: Some(Language::Uk),
            password: PasswordHash("$argon2id$secret".into()),
            disabled: false,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            last_login_at: None,
        };
        let json = serde_json::to_string(&user).unwrap();
        assert!(!json.contains("argon2id") && !format!("{user:?}").contains("argon2id"), "{json}");
        assert_eq!(serde_json::from_str::<User>(&json).unwrap().password, PasswordHash::default());
        assert_eq!("uk".parse(), Ok(Language::Uk));
        assert!("fr".parse::<Language>().is_err());
    }
}
