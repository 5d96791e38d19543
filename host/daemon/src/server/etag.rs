//! Versions of what is shown, and requests that are about one of them (RFC 9110, 13).

use axum::Json;
use axum::response::{IntoResponse, Response};
use hookwright_model::Digest;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::problem::Problem;

/// The version of one thing: what an admin can change of it, and all that is shown.
///
/// Changes are about the first, so that they are not refused because a delivery failed
/// meanwhile; whoever looks again is told by the second whether there is anything new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    wanted: String,
    shown: String,
}

fn hash(document: &impl Serialize) -> Result<String, Problem> {
    let bytes = serde_json::to_vec(document).map_err(|error| {
        tracing::error!(%error, "what is set up cannot be written as JSON");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", error.to_string())
    })?;
    // A part of it is enough: nobody gains by finding two documents with the same.
    Ok(Digest::of(&bytes).to_string()[..32].to_owned())
}

impl Tag {
    /// Of what can be changed, and of what is shown.
    pub(super) fn of(wanted: &impl Serialize, shown: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { wanted: hash(wanted)?, shown: hash(shown)? })
    }

    /// The version of what an admin can change.
    pub(super) fn wanted(&self) -> &str {
        &self.wanted
    }

    fn text(&self) -> String {
        format!("\"{}.{}\"", self.wanted, self.shown)
    }

    /// Refuses a change that was made of another version.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(asked) = tags(headers, &header::IF_MATCH)? else { return Ok(()) };
        let fits = asked.iter().any(|tag| match tag {
            Asked::Any => true,
            Asked::Strong(text) => text.split('.').next() == Some(self.wanted.as_str()),
            Asked::Weak(_) => false,
        });
        if fits {
            return Ok(());
        }
        let detail = "it was changed since you looked: get it again, and make your change of that";
        Err(changed(detail))
    }

    /// Whether whoever asks has all of it already.
    fn is_known(&self, headers: &HeaderMap) -> Result<bool, Problem> {
        let asked = tags(headers, &header::IF_NONE_MATCH)?.unwrap_or_default();
        let whole = format!("{}.{}", self.wanted, self.shown);
        Ok(asked.iter().any(|tag| match tag {
            Asked::Any => true,
            Asked::Strong(text) | Asked::Weak(text) => *text == whole,
        }))
    }

    /// The answer with its version; without its body if whoever asks has it.
    pub(super) fn answer(
        &self,
        headers: &HeaderMap,
        shown: impl Serialize,
    ) -> Result<Response, Problem> {
        if self.is_known(headers)? {
            return Ok(self.on(StatusCode::NOT_MODIFIED.into_response()));
        }
        Ok(self.on(Json(shown).into_response()))
    }

    /// Puts the version on an answer.
    pub(super) fn on(&self, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(&self.text()) {
            response.headers_mut().insert(header::ETAG, value);
        }
        response
    }
}

/// Refuses what was to be made only if there was none, or changed only if there was one.
pub(super) fn changed(detail: &str) -> Problem {
    Problem::new(StatusCode::PRECONDITION_FAILED, "Precondition failed", detail)
}

/// Whether a version is asked for, and there is none at all.
pub(super) fn check_absent(headers: &HeaderMap) -> Result<(), Problem> {
    match tags(headers, &header::IF_MATCH)? {
        None => Ok(()),
        Some(_) => Err(changed("there is nothing of this name that could match")),
    }
}

/// Whether it is to be made only if there is none.
pub(super) fn only_if_absent(headers: &HeaderMap) -> Result<bool, Problem> {
    let asked = tags(headers, &header::IF_NONE_MATCH)?.unwrap_or_default();
    Ok(asked.contains(&Asked::Any))
}

#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    Any,
    Strong(&'a str),
    Weak(&'a str),
}

/// The versions that a header names.
fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Vec<Asked<'a>>>, Problem> {
    let mut found = None;
    for value in headers.get_all(name) {
        let bad = || {
            Problem::bad_request(format!(
                "the header `{name}` has versions in quotes, as the header `etag` of an answer \
                 has them, or `*`"
            ))
        };
        let text = value.to_str().map_err(|_| bad())?;
        let tags: &mut Vec<_> = found.get_or_insert_default();
        for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            let quoted = |text: &'a str| text.strip_prefix('"')?.strip_suffix('"');
            tags.push(match (tag, tag.strip_prefix("W/")) {
                ("*", _) => Asked::Any,
                (_, Some(weak)) => Asked::Weak(quoted(weak).ok_or_else(bad)?),
                (strong, None) => Asked::Strong(quoted(strong).ok_or_else(bad)?),
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn changes_are_about_what_can_be_changed() {
        let (old, new) = (Tag::of(&1, &"a").unwrap(), Tag::of(&1, &"b").unwrap());
        let other = Tag::of(&2, &"b").unwrap();
        let asks = |tag: &str| headers(&header::IF_MATCH, &[tag]);
        assert!(new.check(&asks(&old.text())).is_ok());
        assert!(new.check(&asks("*")).is_ok());
        assert!(new.check(&HeaderMap::new()).is_ok());
        assert!(new.check(&headers(&header::IF_MATCH, &["\"x\"", &new.text()])).is_ok());
        assert_eq!(new.check(&asks(&other.text())).unwrap_err().status(), 412);
        assert_eq!(new.check(&asks(&format!("W/{}", new.text()))).unwrap_err().status(), 412);
        assert_eq!(new.check(&asks("x")).unwrap_err().status(), 400);
        // A list without versions is one (RFC 9110, 5.6.1), and none of them fits.
        assert_eq!(new.check(&asks("")).unwrap_err().status(), 412);
        assert_eq!(check_absent(&asks("*")).unwrap_err().status(), 412);
    }

    #[test]
    fn who_looks_again_is_told_of_everything() {
        let (old, new) = (Tag::of(&1, &"a").unwrap(), Tag::of(&1, &"b").unwrap());
        let asks = |tag: &str| headers(&header::IF_NONE_MATCH, &[tag]);
        assert!(!new.is_known(&asks(&old.text())).unwrap());
        assert!(new.is_known(&asks(&new.text())).unwrap());
        assert!(new.is_known(&asks(&format!("\"x\", W/{}", new.text()))).unwrap());
        assert!(new.is_known(&asks("*")).unwrap());
        assert!(only_if_absent(&asks("*")).unwrap() && !only_if_absent(&asks("\"x\"")).unwrap());
    }
}
