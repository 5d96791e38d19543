//! A visit: who asks for which page, in which language, and the pages they get.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use hookwright_model::AccessRole;
use hookwright_store::StoreError;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::language::Language;
use super::refusal::Refusal;
use super::{back, nav, template, text};
use crate::app::App;
use crate::people::{Session, cookie};
use crate::server::auth::Actor;
use crate::server::client_address::ClientAddress;
use crate::server::problem::Problem;

/// The cookie of the language that was chosen.
const LANGUAGE: &str = "hookwright_language";
/// The cookie of what the next page is to say.
const NOTE: &str = "hookwright_note";

/// A visit. Handlers take it as an argument, and make their pages with it.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    language: Language,
    session: Option<Session>,
    /// What the session's cookie says.
    cookie: Option<String>,
    /// Path and query.
    address: String,
    path: String,
    /// Whether it is asked for, and nothing sent.
    is_page: bool,
    /// Whether a form is to be shown as it was filled in.
    is_given_back: bool,
    /// What was done on the page before.
    note: Option<Note>,
    is_partial: bool,
    /// Whether browsers come here by TLS.
    is_secure: bool,
    from: Option<IpAddr>,
}

/// What was done: a key of a text, and what its `what` is.
#[derive(Clone, Debug, Serialize)]
struct Note {
    key: String,
    what: String,
}

#[derive(Serialize)]
struct Spoken {
    code: &'static str,
    name: &'static str,
}

impl Visit {
    pub(super) async fn begin(app: &App, request: &Parts) -> Result<Self, StoreError> {
        let headers = &request.headers;
        let cookies = CookieJar::from_headers(headers);
        let cookie = cookie::of(headers);
        let session = match &cookie {
            // Anybody may have those.
            Some(_) if request.uri.path().starts_with("/console/assets/") => None,
            Some(cookie) => app.people.session(cookie).await?,
            None => None,
        };
        let chosen = cookies.get(LANGUAGE).and_then(|cookie| Language::of_code(cookie.value()));
        let settled = session.as_ref().and_then(|session| session.language);
        let settled = settled.and_then(|language| Language::of_code(language.as_str()));
        let language = chosen.or(settled).or_else(|| Language::accepted(headers));
        let uri = &request.uri;
        Ok(Self(Arc::new(Inner {
            language: language.unwrap_or(Language::English),
            session,
            cookie,
            address: uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string),
            path: uri.path().to_owned(),
            is_page: request.method.is_safe(),
            is_given_back: false,
            note: cookies.get(NOTE).and_then(|cookie| Note::read(cookie.value())),
            is_partial: headers.contains_key("hx-request"),
            is_secure: app.public_url.is_https(),
            from: request.extensions.get::<ClientAddress>().map(|from| from.0),
        })))
    }

    /// In which language pages are.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// Who it is, if they have logged in.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    /// Who does what is done here.
    ///
    /// # Errors
    /// When nobody has logged in.
    pub fn actor(&self) -> Result<Actor, Problem> {
        let session = self.session().ok_or_else(|| Problem::unauthenticated("log in first"))?;
        Ok(session.actor(self.0.from))
    }

    /// Where the request came from, if it came over the network.
    pub(super) fn from(&self) -> Option<IpAddr> {
        self.0.from
    }

    pub(super) fn cookie(&self) -> Option<&str> {
        self.0.cookie.as_deref()
    }

    /// Whether they may do this.
    #[must_use]
    pub fn may(&self, role: AccessRole) -> bool {
        self.session().is_some_and(|session| session.role.allows(role))
    }

    /// Whether a page's script asks for a part of it.
    pub(super) fn is_partial(&self) -> bool {
        self.0.is_partial
    }

    /// Whether a form that was sent is only to be shown as it was filled in: its session had ended.
    #[must_use]
    pub fn is_given_back(&self) -> bool {
        self.0.is_given_back
    }

    /// The same visit, of which that is so.
    pub(super) fn giving_back(&self) -> Self {
        Self(Arc::new(Inner { is_given_back: true, ..Inner::clone(&self.0) }))
    }

    /// The same visit, by somebody who has just logged in.
    pub(super) fn with_session(&self, session: Session) -> Self {
        Self(Arc::new(Inner { session: Some(session), ..Inner::clone(&self.0) }))
    }

    /// Path and query.
    pub(super) fn address(&self) -> &str {
        &self.0.address
    }

    pub(super) fn path(&self) -> &str {
        &self.0.path
    }

    /// Where to log in, to come back here.
    pub(super) fn login_address(&self) -> String {
        // What a form was sent to is no page.
        let next = back::inside(&self.0.address).filter(|_| self.0.is_page);
        back::by_login(next.as_deref())
    }

    /// A text in the visitor's language.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        text::text(self.language(), key, None)
    }

    /// A page: a template with what is to be in it.
    #[must_use]
    pub fn page(&self, template: &str, context: Value) -> Response {
        self.page_with(StatusCode::OK, template, context)
    }

    /// A page with another status than 200.
    #[must_use]
    pub fn page_with(&self, status: StatusCode, template: &str, context: Value) -> Response {
        match template::render(self.language(), template, self.context(context)) {
            Ok(html) => {
                let mut response = (status, Html(html)).into_response();
                let vary = HeaderValue::from_static("accept-language, cookie, hx-request");
                response.headers_mut().insert(header::VARY, vary);
                if self.0.note.is_some() && !self.is_partial() {
                    self.keep(&mut response, NOTE, String::new(), Some(Duration::ZERO));
                }
                response
            }
            Err(error) => {
                tracing::error!(template, ?error, "a page of the console cannot be made");
                (StatusCode::INTERNAL_SERVER_ERROR, "the page cannot be made").into_response()
            }
        }
    }

    /// What every page has.
    fn context(&self, own: Value) -> Value {
        let role = self.session().map(|session| session.role);
        let entries = role.map(|role| nav::entries(role, self.path()));
        let languages = Language::ALL.map(|one| Spoken { code: one.code(), name: one.name() });
        let note = self.0.note.as_ref().filter(|_| !self.is_partial());
        context! {
            lang => self.language().code(),
            languages => Serde(languages),
            address => self.0.address.as_str(),
            nav => Serde(entries.unwrap_or_default()),
            user => self.session().map(|session| session.user.to_string()),
            role => role.map(|role| role.to_string()),
            may_read => self.may(AccessRole::Reader),
            may_operate => self.may(AccessRole::Operator),
            may_administer => self.may(AccessRole::Admin),
            csrf => self.session().map_or("", |session| &session.csrf),
            note => Serde(note),
            is_given_back => self.is_given_back(),
            ..own
        }
    }

    /// Leads on to a page, which says what was done: a text whose key begins with `note-`.
    #[must_use]
    pub fn done(&self, to: &str, key: &str, what: &str) -> Response {
        let mut response = Redirect::to(to).into_response();
        let query = form_urlencoded::Serializer::new(String::new()).append_pair(key, what).finish();
        self.keep(&mut response, NOTE, query, Some(Duration::from_secs(60)));
        response
    }

    /// With the session that this cookie is of.
    pub(super) fn logged_in(&self, mut response: Response, cookie: String) -> Response {
        add(&mut response, &cookie::set(cookie, self.0.is_secure));
        response
    }

    /// Without a session.
    pub(super) fn logged_out(&self) -> Response {
        let mut response = Redirect::to("/console/login").into_response();
        add(&mut response, &cookie::clear(self.0.is_secure));
        response
    }

    /// In another language from now on.
    pub(super) fn in_language(&self, to: &str, language: Language) -> Response {
        let mut response = Redirect::to(to).into_response();
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        self.keep(&mut response, LANGUAGE, language.code().to_owned(), Some(year));
        response
    }

    /// Has a browser keep something for so long, or until it is closed. Only the console gets it
    /// back, and no script; other sites that make a browser post do not have it sent along.
    pub(super) fn keep(
        &self,
        response: &mut Response,
        name: &'static str,
        value: String,
        time: Option<Duration>,
    ) {
        let mut cookie = Cookie::build((name, value))
            .path("/console")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.0.is_secure);
        if let Some(time) = time {
            cookie = cookie.max_age(time.try_into().unwrap_or_default());
        }
        add(response, &cookie.build());
    }
}

fn add(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

impl Note {
    fn read(text: &str) -> Option<Self> {
        let (key, what) = form_urlencoded::parse(text.as_bytes()).next()?;
        let known = key.starts_with("note-") && text::has(&key) && what.len() <= 200;
        known.then(|| Self { key: key.into_owned(), what: what.into_owned() })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let seen = parts.extensions.get::<Self>().cloned();
        seen.ok_or_else(|| Problem::unauthenticated("nobody was seen to come").into())
    }
}
