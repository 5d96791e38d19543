//! What the comment at the parent says.

use hookwright_sdk::html;
use hookwright_sdk::ticket::{Comment, Person, TicketEvent};

use crate::author;

/// What is known of the answer and of the child, each empty if it is not known.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) author: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) text: String,
    /// Links, one in each line.
    pub(crate) files: String,
}

impl Words {
    pub(crate) fn of(body: &TicketEvent, comment: &Comment) -> Self {
        let known = |text: Option<&String>| text.cloned().unwrap_or_default();
        let ticket = &body.ticket;
        let plain = comment.text.clone().filter(|text| !text.trim().is_empty());
        let text = plain.or_else(|| comment.html.as_deref().map(html::to_text));
        let files = comment.attachments.iter().filter_map(|file| file.url.as_deref());
        Self {
            author: author::of(body).and_then(Person::label).unwrap_or_default().to_owned(),
            number: known(ticket.number.as_ref().or(ticket.id.as_ref())),
            title: known(ticket.title.as_ref()),
            url: known(ticket.url.as_ref()),
            text: text.unwrap_or_default(),
            files: files.collect::<Vec<_>>().join("\n"),
        }
    }

    pub(crate) fn says_nothing(&self) -> bool {
        self.text.trim().is_empty() && self.files.is_empty()
    }

    /// Who, and which child; where it is; then the answer and its files. Without words of any
    /// language.
    pub(crate) fn plain(&self) -> String {
        let number =
            if self.number.is_empty() { String::new() } else { format!("#{}", self.number) };
        let child = joined(&[&number, &self.title], " ");
        let head = joined(&[&self.author, &child], ", ");
        let head = joined(&[&head, &self.url], "\n");
        joined(&[&head, &self.text, &self.files], "\n\n")
    }
}

/// The texts that are not empty.
fn joined(texts: &[&str], between: &str) -> String {
    texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(between)
}
