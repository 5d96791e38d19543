//! What a form was filled in with.

use hookwright_model::Timestamp;
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};

use crate::server::problem::{FieldProblem, Problem};

/// The fields of a form that was sent, in order.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Of a body in `application/x-www-form-urlencoded`.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first of this name, as it was typed; empty if there is none.
    pub(super) fn typed(&self, name: &str) -> &str {
        let mut all = self.0.iter();
        all.find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same without blanks around it.
    pub(super) fn get(&self, name: &str) -> &str {
        self.typed(name).trim()
    }

    /// The same, if there is something in it.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// All of this name that have something in them.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A form says in `seen` when what it changes was changed before it was filled in.
    ///
    /// # Errors
    /// When it was changed since.
    pub(super) fn is_of(&self, updated_at: Timestamp) -> Result<(), Problem> {
        self.has_seen(&updated_at.to_string())
    }

    /// A form says in `seen` which version of what it changes it was filled in with.
    ///
    /// # Errors
    /// When that is not the version that there is.
    pub(super) fn has_seen(&self, version: &str) -> Result<(), Problem> {
        if self.get("seen") == version {
            return Ok(());
        }
        let detail = "this was changed since you opened this form: open it again";
        Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail))
    }

    /// Whether a box was ticked, or a button pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

/// One field is wrong.
pub(super) fn wrong(pointer: &str, detail: impl Into<String>) -> Problem {
    Problem::invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail: detail.into() }])
}

/// What a page says of a form that was refused.
pub(super) fn refused(problem: &Problem) -> (StatusCode, Value) {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let context = context! { problem => problem.detail(), errors => Serde(problem.errors()) };
    (status, context)
}

/// Whether a form is shown once more with what is wrong in it. What the visitor cannot mend there
/// is a page of its own.
pub(super) fn is_mendable(problem: &Problem) -> bool {
    matches!(problem.status(), 400 | 409 | 422 | 429 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let fields = Fields::read(b"a=+1+&b=&c=x&c=+&c=y&d=%C3%BC%26");
        assert_eq!((fields.typed("a"), fields.get("a")), (" 1 ", "1"));
        assert_eq!((fields.given("b"), fields.given("x")), (None, None));
        assert!(fields.has("b") && !fields.has("x"));
        assert_eq!(fields.all("c").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(fields.get("d"), "ü&");
    }
}
