//! What a post says, whatever its format.

use hookwright_sdk::serde_json::Value;
use hookwright_sdk::{Problem, Rejection};

/// The body of a post.
#[derive(Debug)]
pub(crate) struct Document {
    /// An object.
    pub(crate) value: Value,
    /// What was mended, in words. Empty when the body was in its format.
    pub(crate) mended: Vec<String>,
}

/// A refusal because of a value that the template did not escape.
pub(crate) fn broken(at: Option<String>, why: &str) -> Rejection {
    let message = format!(
        "unescaped value: {why}. EddyDesk puts values into templates as they are: use \
         X-FORM-URLENCODED in the dispatcher's rule, or leave out what people can write freely"
    );
    Rejection::BrokenTemplate(Problem { at, message })
}

/// A refusal because of a name that stands twice.
pub(crate) fn twice(name: &str) -> Rejection {
    let why = format!(
        "`{}` stands twice, so a value may have brought a field of its own; if the template has \
         it twice, take one away",
        eddy_ticket::short(name)
    );
    broken(None, &why)
}
