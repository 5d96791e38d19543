//! What the console says, in the words of `console/i18n`: a folder for each language, a file for
//! each area in it.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::embedded::TEXTS;
use super::language::Language;
use super::number;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 4]> = LazyLock::new(|| Language::ALL.map(bundle));

fn bundle(language: Language) -> Bundle {
    let locales = vec![language.code().parse().unwrap_or_default()];
    let mut bundle = Bundle::new_concurrent(locales);
    // What is put into texts are numbers and names; whatever comes from outside is marked where
    // it is shown.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _| number_in(Language::English, value),
        Language::German => |value, _| number_in(Language::German, value),
        Language::Russian => |value, _| number_in(Language::Russian, value),
        Language::Ukrainian => |value, _| number_in(Language::Ukrainian, value),
    }));
    for (path, source) in texts_of(language) {
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, errors)| {
                tracing::error!(path, ?errors, "a file of the console's texts has mistakes");
                rest
            });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(path, ?errors, "a file of the console's texts cannot be used");
        }
    }
    bundle
}

/// The files of a language.
pub(super) fn texts_of(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mine = move |(path, _): &(&str, &str)| path.split('/').next() == Some(language.code());
    TEXTS.iter().copied().filter(mine)
}

fn number_in(language: Language, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number::decimal(language, number.value, 3)),
        _ => None,
    }
}

/// The text of this key. One that is missing in a language, which tests rule out, is told in
/// English.
#[must_use]
pub fn text(language: Language, key: &str, args: Option<&FluentArgs<'_>>) -> String {
    [language, Language::English]
        .into_iter()
        .find_map(|language| {
            let bundle = &BUNDLES[language as usize];
            let pattern = bundle.get_message(key)?.value()?;
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
            if !errors.is_empty() {
                tracing::warn!(key, ?errors, "a text of the console lacks something");
            }
            Some(text)
        })
        .unwrap_or_else(|| {
            tracing::warn!(key, "the console has no such text");
            key.to_owned()
        })
}

/// Whether there is such a text.
#[must_use]
pub fn has(key: &str) -> bool {
    BUNDLES[Language::English as usize].has_message(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, German, Russian, Ukrainian};

    /// The forms of CLDR's cardinals, and numbers as the language writes them.
    #[test]
    fn what_is_counted_has_its_form() {
        for (language, count, said) in [
            (English, 1, "1 field"),
            (English, 0, "0 fields"),
            (German, 1, "1 Feld"),
            (German, 1_234, "1.234 Felder"),
            (Russian, 1, "1 поле"),
            (Russian, 3, "3 поля"),
            (Russian, 5, "5 полей"),
            (Russian, 11, "11 полей"),
            (Russian, 21, "21 поле"),
            (Russian, 112, "112 полей"),
            (Russian, 1_002, "1\u{a0}002 поля"),
            (Ukrainian, 1, "1 поле"),
            (Ukrainian, 24, "24 поля"),
            (Ukrainian, 12, "12 полів"),
            (Ukrainian, 101, "101 поле"),
        ] {
            let mut args = FluentArgs::new();
            args.set("count", count);
            assert_eq!(text(language, "audit-count", Some(&args)), said);
        }
    }

    #[test]
    fn what_is_missing_is_its_key() {
        assert_eq!(text(German, "no-such-text", None), "no-such-text");
        assert!(!has("no-such-text") && has("log-in"));
    }
}
