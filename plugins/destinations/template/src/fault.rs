//! Why there is no request.

use hookwright_sdk::Failure;

/// What is wrong, for a person to mend, and who can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The admin, in the settings.
    Settings(String),
    /// Nobody: this event cannot be sent with these settings.
    Event(String),
}

impl Fault {
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        Self::Settings(message.into())
    }

    /// The same with the place before it.
    pub(crate) fn of(self, place: &str) -> Self {
        match self {
            Self::Settings(message) => Self::Settings(format!("{place}: {message}")),
            Self::Event(message) => Self::Event(format!("{place}: {message}")),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Settings(message) => Self::Misconfigured(message),
            Fault::Event(message) => Self::Rejected(message),
        }
    }
}

/// Where a byte of a text is, as an editor shows it.
pub(crate) fn line_and_column(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

/// The known name that was most likely meant.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let distance = |known: &str| strsim::osa_distance(name, known);
    let nearest = known.map(|known| (distance(known), known)).min();
    // Further apart than a third of the name is another name.
    nearest.filter(|(far, _)| *far <= (name.chars().count() / 3).max(1)).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_an_editors() {
        assert_eq!(line_and_column("a\nжб{", 6), "line 2, column 3");
        assert_eq!(line_and_column("", 0), "line 1, column 1");
    }

    #[test]
    fn only_near_names_are_meant() {
        let known = || ["ticket_id", "ticket_name", "user_id"].into_iter();
        assert_eq!(did_you_mean("tickt_id", known()), Some("ticket_id"));
        assert_eq!(did_you_mean("colour", known()), None);
    }
}
