//! The languages that the console speaks.

use http::{HeaderMap, header};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, which is spoken if nothing else is asked for.
    English,
    /// German.
    German,
    /// Russian.
    Russian,
    /// Ukrainian.
    Ukrainian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Russian, Self::Ukrainian];

    /// After BCP 47, as in `<html lang>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Russian => "ru",
            Self::Ukrainian => "uk",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Russian => "Русский",
            Self::Ukrainian => "Українська",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The one that a browser likes best (RFC 9110, 12.5.4): by weight, and the first of equals.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best: Option<(f32, Self)> = None;
        // Browsers send a handful.
        for range in wanted.split(',').take(50) {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, ""));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let weight = match parameter.trim().strip_prefix("q=") {
                Some(weight) => weight.parse().unwrap_or(0.0),
                None => 1.0,
            };
            let Some(language) = Self::of_code(&primary) else { continue };
            if weight > best.map_or(0.0, |(best, _)| best) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_ask_for() {
        use Language::{English, German, Russian, Ukrainian};
        for (wanted, language) in [
            ("de", Some(German)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(German)),
            ("fr-FR,fr;q=0.9,ru;q=0.4,en;q=0.8", Some(English)),
            ("uk-UA,uk;q=0.9,ru;q=0.8,en-US;q=0.7", Some(Ukrainian)),
            ("RU;q=0.5, uk;q=0.5", Some(Russian)),
            ("de;q=0, en;q=0.1", Some(English)),
            ("de;q=x", None),
            ("fr, *;q=0.1", None),
            ("", None),
            (";;;,,,", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wanted.parse().unwrap());
            assert_eq!(Language::accepted(&headers), language, "{wanted}");
        }
        assert_eq!(Language::accepted(&HeaderMap::new()), None);
    }
}
