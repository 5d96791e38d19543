//! The words of mails, in several languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use hookwright_model::MailLanguage;
use unic_langid::LanguageIdentifier;

/// The words of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
}

const SOURCES: [(MailLanguage, &str); 4] = [
    (MailLanguage::En, include_str!("../../console/i18n/en/mail.ftl")),
    (MailLanguage::De, include_str!("../../console/i18n/de/mail.ftl")),
    (MailLanguage::Ru, include_str!("../../console/i18n/ru/mail.ftl")),
    (MailLanguage::Uk, include_str!("../../console/i18n/uk/mail.ftl")),
];

static ALL: LazyLock<HashMap<MailLanguage, Texts>> = LazyLock::new(|| {
    SOURCES.into_iter().map(|(language, source)| (language, Texts::new(language, source))).collect()
});

impl Texts {
    /// Those of a language.
    #[must_use]
    pub fn of(language: MailLanguage) -> &'static Self {
        static NONE: LazyLock<Texts> = LazyLock::new(|| Texts::new(MailLanguage::En, ""));
        ALL.get(&language).unwrap_or(&NONE)
    }

    fn new(language: MailLanguage, source: &str) -> Self {
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(part, errors)| {
                // The texts are part of the program, and a test reads them.
                debug_assert!(false, "{language:?}: {errors:?}");
                part
            });
        let tag: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Mails are plain text, and what is put into them is cleaned of what changes direction.
        bundle.set_use_isolating(false);
        drop(bundle.add_resource(resource));
        Self { bundle }
    }

    /// The text of a name; none if there is none, or if it asks for what is not given.
    #[must_use]
    pub fn find(&self, name: &str, values: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(name)?.value()?;
        let arguments: FluentArgs<'_> =
            values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    /// The same, or the name where there is none: seen rather than missing.
    #[must_use]
    pub fn get(&self, name: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
        self.find(name, values).unwrap_or_else(|| name.to_owned())
    }
}

/// The names of all texts of a language, for tests.
#[cfg(test)]
pub(crate) fn names(language: MailLanguage) -> std::collections::BTreeSet<String> {
    let source = SOURCES.iter().find(|(of, _)| *of == language).map(|(_, source)| *source);
    let lines = source.unwrap_or_default().lines();
    let starts = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    starts.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}
