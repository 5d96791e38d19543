//! What was typed into a form whose session had ended when it was sent. The page for logging in
//! carries it on, and the form is given back with it: filled in, and not saved. Nothing of it is
//! stored, and secrets are left out.

use axum::extract::Request;
use axum::response::Response;
use http::{StatusCode, header};
use minijinja::context;
use minijinja::value::Serde;

use super::back;
use super::visit::Visit;
use crate::server::reading::read;

/// The field that has a form shown as it was filled in, instead of doing what it says.
pub(super) const GIVEN_BACK: &str = "given-back";
/// The most that is carried on, in bytes, as it is sent.
const MAX: usize = 64 << 10;

/// The forms that are given back; `{}` is a name. What handles one asks
/// [`Visit::is_given_back`] before it does anything.
const FORMS: [&str; 10] = [
    "/console/subscriptions/new",
    "/console/subscriptions/{}/edit",
    "/console/connections/new",
    "/console/connections/{}/edit",
    "/console/sources/~new",
    "/console/sources/{}/edit",
    "/console/policies/~new",
    "/console/policies/{}/edit",
    "/console/replays/new",
    "/console/settings/journal",
];

/// Whether a form that is sent there is given back.
pub(super) fn is_form(path: &str) -> bool {
    FORMS.iter().any(|form| {
        let (wanted, given) = (form.split('/'), path.split('/'));
        let fits =
            |(wanted, given): (&str, &str)| wanted == given || wanted == "{}" && !given.is_empty();
        wanted.clone().count() == given.clone().count() && wanted.zip(given).all(fits)
    })
}

/// A form, and what was typed into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Path and query that it is sent to.
    to: String,
    /// Its fields, without secrets, in `application/x-www-form-urlencoded`.
    fields: String,
}

impl Kept {
    /// Of a request that nobody may send any more. None if it is no form that can be given back, or
    /// there is too much in it.
    pub(super) async fn sent(visit: &Visit, request: Request) -> Option<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        let sent = read(request.into_body(), MAX).await.ok()?;
        Self::of(visit.address(), &sent)
    }

    /// The fields of a form that is sent to this address.
    pub(super) fn of(to: &str, fields: &[u8]) -> Option<Self> {
        let to = back::inside(to)?;
        if !is_form(to.split('?').next().unwrap_or_default()) || fields.len() > MAX {
            return None;
        }
        let mut kept = form_urlencoded::Serializer::new(String::new());
        kept.extend_pairs(form_urlencoded::parse(fields).filter(|(name, _)| !is_secret(name)));
        Some(Self { to, fields: kept.finish() })
    }

    /// For the page for logging in.
    pub(super) fn shown(&self) -> minijinja::Value {
        context! { to => self.to.as_str(), fields => self.fields.as_str() }
    }

    /// The page that leads back to the form.
    pub(super) fn page(&self, visit: &Visit, status: StatusCode) -> Response {
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(self.fields.as_bytes()).into_owned().collect();
        let context = context! { to => self.to.as_str(), fields => Serde(fields) };
        visit.page_with(status, "given-back.html", context)
    }
}

/// Whether a field is for a secret, or for this session only.
fn is_secret(name: &str) -> bool {
    let is_new = name.starts_with("/secrets/") && name.ends_with(".new");
    is_new || name.contains("password") || ["secret_value", "csrf", GIVEN_BACK].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_are_given_back_and_only_here() {
        for path in
            ["/console/subscriptions/new", "/console/sources/~new", "/console/sources/a/edit"]
        {
            assert!(is_form(path), "{path}");
        }
        for path in [
            "/console/subscriptions",
            "/console/subscriptions/a/enable",
            "/console/subscriptions//edit",
            "/console/subscriptions/a/edit/more",
            "/console/users/~new",
            "/console/login",
        ] {
            assert!(!is_form(path), "{path}");
        }
        let to = "/console/subscriptions/new?plugin=ntfy";
        assert_eq!(Kept::of(to, b"a=b").unwrap().to, to);
        for to in ["//evil.example/console/replays/new", "/console/sources/~new/../../tokens", ""] {
            assert_eq!(Kept::of(to, b"a=b"), None, "{to}");
        }
        assert_eq!(Kept::of(to, &[b'a'; MAX + 1]), None);
    }

    #[test]
    fn secrets_are_left_out() {
        let sent = "csrf=t&/settings/url=a%26b&/secrets/token.new=s&/secrets/token=known\
                    &secret_value=s&password=s&given-back=1&x=%C3%BC%0D%0A&x=";
        let kept = Kept::of("/console/replays/new", sent.as_bytes()).unwrap();
        let names = form_urlencoded::parse(kept.fields.as_bytes()).into_owned();
        assert_eq!(
            names.collect::<Vec<_>>(),
            [("/settings/url", "a&b"), ("/secrets/token", "known"), ("x", "ü\r\n"), ("x", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        // What is carried through a page and back is the same.
        assert_eq!(Kept::of(&kept.to, kept.fields.as_bytes()), Some(kept));
    }
}
