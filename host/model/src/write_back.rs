//! What of an answer is written to the event's ticket, at the helpdesk it came from.

use serde::{Deserialize, Serialize};

use crate::{Extract, FollowUp, Name};

/// Something that is written to the event's ticket because of an answer.
///
/// In documents: `{"from": {"json": "/id"}, "field": "custom_field_12"}`, or with
/// `"comment": {"text": "Queued: {value}"}` in place of the field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct WriteBack {
    /// Where the value is in the answer; none if the comment holds no value.
    pub from: Option<Extract>,
    /// What is written.
    pub to: WriteTo,
    /// Because of which answers.
    pub when: WriteWhen,
    /// Through this connection; through the source's if absent.
    pub connection: Option<Name>,
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteTo {
    /// A field, by the name or id it has at the helpdesk.
    Field(String),
    /// A comment.
    Comment(WrittenComment),
}

/// A comment that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WrittenComment {
    /// Who can see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// With `{value}` where the value goes.
    pub text: String,
}

/// Who can see a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Those who work with tickets.
    #[default]
    Internal,
    /// Customers too.
    Public,
}

/// Because of which answers something is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteWhen {
    /// The one with which the delivery was delivered.
    #[default]
    Delivered,
    /// The one with which the delivery failed, if there was one.
    Failed,
    /// Each, whatever it means.
    Answered,
}

/// What stands for the value in a comment's text.
const VALUE: &str = "{value}";

impl WrittenComment {
    /// Whether the text has a place for a value.
    #[must_use]
    pub fn holds_value(&self) -> bool {
        self.text.contains(VALUE)
    }

    /// What there is to do, with this value.
    #[must_use]
    pub fn with(&self, value: &str) -> FollowUp {
        let internal = self.visibility == Visibility::Internal;
        FollowUp::AddComment { internal, text: self.text.replace(VALUE, value) }
    }
}

/// As it stands in documents.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Extract>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<WrittenComment>,
    #[serde(default)]
    when: WriteWhen,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<Name>,
}

impl TryFrom<Document> for WriteBack {
    type Error = &'static str;
    fn try_from(document: Document) -> Result<Self, Self::Error> {
        let Document { from, field, comment, when, connection } = document;
        let to = match (field, comment) {
            (Some(field), None) => WriteTo::Field(field),
            (None, Some(comment)) => WriteTo::Comment(comment),
            _ => return Err("either a `field` or a `comment` is written"),
        };
        Ok(Self { from, to, when, connection })
    }
}

impl From<WriteBack> for Document {
    fn from(write_back: WriteBack) -> Self {
        let WriteBack { from, to, when, connection } = write_back;
        let (field, comment) = match to {
            WriteTo::Field(field) => (Some(field), None),
            WriteTo::Comment(comment) => (None, Some(comment)),
        };
        Self { from, field, comment, when, connection }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_field_or_a_comment_is_written() {
        let field = json!({"from": {"json": "/id"}, "field": "custom_field_12"});
        let read: WriteBack = from_value(field).unwrap();
        assert_eq!(read.to, WriteTo::Field("custom_field_12".into()));
        assert_eq!(read.when, WriteWhen::Delivered);
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(
            again,
            json!({"from": {"json": "/id"}, "field": "custom_field_12", "when": "delivered"})
        );
        let comment =
            json!({"comment": {"text": "no SMS"}, "when": "failed", "connection": "desk"});
        let read: WriteBack = from_value(comment).unwrap();
        assert!(matches!(&read.to, WriteTo::Comment(comment) if !comment.holds_value()));
        assert_eq!(from_value::<WriteBack>(serde_json::to_value(&read).unwrap()).unwrap(), read);
        for bad in [
            json!({"from": {"json": "/id"}}),
            json!({"field": "a", "comment": {"text": "b"}}),
            json!({"field": "a", "when": "later"}),
            json!({"field": "a", "feild": "b"}),
            json!({"comment": {"text": "b", "visibility": "secret"}}),
        ] {
            assert!(from_value::<WriteBack>(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_value_goes_where_its_place_is() {
        let comment =
            WrittenComment { visibility: Visibility::Public, text: "{value}: {value}, {x}".into() };
        let text = "{value} 1".to_owned() + ": {value} 1, {x}";
        assert_eq!(comment.with("{value} 1"), FollowUp::AddComment { internal: false, text });
    }
}
