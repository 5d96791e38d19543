//! Asking an authorization server for an access token: the grant `client_credentials` of
//! RFC 6749, section 4.4. Requests go the way of deliveries: through the address guard, bounded
//! in time and size, redirects not followed.

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::request::Encoding;
use hookwright_model::{ClientAuth, Name, OAuth2, Secret, Timestamp};
use serde_json::Value;
use url::Url;

use super::credential::check_value;
use super::token::{Failure, Token};
use super::{Mistake, Named, words};
use crate::delivery::client::{Answer, Sender};
use crate::delivery::encode::encode;
use crate::delivery::fetch;
use crate::delivery::guard::Guard;
use crate::delivery::judge::retry_after;
use crate::delivery::scrub::{MIN_SECRET, Scrubber, basic_pair, mask};

/// How long an authorization server may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a token is used if the server does not say for how long it is good. A receiver that
/// no longer takes it says so; this only saves asking.
const USUAL: Duration = Duration::from_secs(300);
/// The longest that a token is used, whatever the server says.
const LONGEST: Duration = Duration::from_secs(86_400);
/// The longest token, in bytes: what servers take as a header.
const MAX_TOKEN: usize = 16_000;
/// The most that is quoted of what a server says, in characters.
const MAX_QUOTED: usize = 300;

/// An authorization server, and who asks it for what.
#[derive(Clone, Debug)]
pub(super) struct TokenServer {
    url: Url,
    client_id: String,
    name: Name,
    secret: Secret,
    scope: Option<String>,
    audience: Option<String>,
    client_auth: ClientAuth,
    scrubber: Arc<Scrubber>,
}

impl TokenServer {
    pub(super) fn new(
        account: &OAuth2,
        (name, secret): Named<'_>,
        guard: &Guard,
    ) -> Result<Self, Mistake> {
        let url = token_url(&account.token_url, guard)
            .map_err(|detail| Mistake::new("auth/token_url", detail))?;
        if account.client_id.is_empty() || account.client_id.contains(char::is_control) {
            let detail = "a client has an id, without control characters";
            return Err(Mistake::new("auth/client_id", detail));
        }
        // RFC 6749, section 3.3.
        let fits = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        let names = |scope: &str| scope.split(' ').all(|n| !n.is_empty() && n.bytes().all(fits));
        if account.scope.as_deref().is_some_and(|scope| !names(scope)) {
            let detail = "a scope is names with one space between, without `\"`, `\\` and letters \
                          that are not ASCII; leave it out to ask for none";
            return Err(Mistake::new("auth/scope", detail));
        }
        if account.audience.as_deref().is_some_and(str::is_empty) {
            let detail = "leave it out, or say who the token is for";
            return Err(Mistake::new("auth/audience", detail));
        }
        let mut server = Self {
            url,
            client_id: account.client_id.clone(),
            name: name.clone(),
            secret: secret.clone(),
            scope: account.scope.clone(),
            audience: account.audience.clone(),
            client_auth: account.client_auth,
            scrubber: Arc::new(Scrubber::new([])),
        };
        let forms = server.forms();
        let forms = forms.iter().map(|(name, form)| (name.as_str(), form));
        server.scrubber = Arc::new(Scrubber::new(forms));
        Ok(server)
    }

    /// What is to be taken out of answers.
    pub(super) fn forms(&self) -> Vec<(String, Secret)> {
        let pair = Secret::from(self.pair());
        [self.secret.clone(), pair].map(|form| (self.name.to_string(), form)).into()
    }

    /// What tells it from others: with the same, the same tokens are given.
    pub(super) fn key(&self) -> Vec<Option<&[u8]>> {
        let in_body = matches!(self.client_auth, ClientAuth::Body);
        vec![
            Some(self.url.as_str().as_bytes()),
            Some(self.client_id.as_bytes()),
            Some(self.name.as_str().as_bytes()),
            Some(self.secret.expose()),
            in_body.then_some(&[]),
            self.scope.as_deref().map(str::as_bytes),
            self.audience.as_deref().map(str::as_bytes),
        ]
    }

    /// RFC 6749, section 2.3.1: both are form-encoded first.
    fn pair(&self) -> String {
        let id = encode(self.client_id.as_bytes(), Encoding::Form);
        let secret = encode(self.secret.expose(), Encoding::Form);
        basic_pair(&id, &secret)
    }

    /// The header and the form.
    fn request(&self) -> (Option<String>, String) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        for (key, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if let Some(value) = value {
                form.append_pair(key, value);
            }
        }
        match self.client_auth {
            ClientAuth::Basic => (Some(format!("Basic {}", self.pair())), form.finish()),
            ClientAuth::Body => {
                form.append_pair("client_id", &self.client_id);
                // A secret may be bytes that are no text.
                let secret = encode(self.secret.expose(), Encoding::Form);
                let secret = String::from_utf8_lossy(&secret);
                (None, format!("{}&client_secret={secret}", form.finish()))
            }
        }
    }

    /// Asks for a token.
    pub(super) async fn fetch(&self, sender: &Sender) -> Result<Token, Failure> {
        let (authorization, body) = self.request();
        let asked = fetch::post_form(sender, self.url.clone(), authorization, body, PATIENCE);
        let answer = asked.await.map_err(|reason| {
            let reason = self.scrubber.text(&reason);
            Failure::new(format!("the authorization server: {reason}"))
        });
        let token = answer.and_then(|answer| {
            self.read(&answer).map_err(|reason| Failure {
                not_before: retry_after(&answer.headers, Timestamp::now()),
                ..Failure::new(reason)
            })
        });
        if let Err(failure) = &token {
            let host = self.url.host_str();
            tracing::warn!(host, client = self.client_id, reason = failure.reason, "no token");
        }
        token
    }

    fn read(&self, answer: &Answer) -> Result<Token, String> {
        let words = words(answer.status);
        let said = |what: String| format!("the authorization server answered {words}{what}");
        if (300..400).contains(&answer.status) {
            return Err(said(": redirects are not followed; set the new address".into()));
        }
        if !answer.complete {
            return Err(said(", and more than 64 KiB".into()));
        }
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        // Some say 200 and mean an error.
        if let Some(error) = text("error") {
            let described = text("error_description").map(|text| format!(" ({text})"));
            let error = format!("{error}{}", described.unwrap_or_default());
            return Err(said(format!(": {}", self.quoted(&error))));
        }
        if !(200..300).contains(&answer.status) {
            return Err(said(", without an error in JSON as RFC 6749 has it".into()));
        }
        let Some(value) = text("access_token") else {
            return Err(said(", without an `access_token` in JSON".into()));
        };
        if let Some(kind) = text("token_type")
            && !kind.eq_ignore_ascii_case("bearer")
        {
            let kind = self.quoted(kind);
            return Err(said(format!(" with a token of the type `{kind}`; it must be `Bearer`")));
        }
        self.token(value, lifetime(json.get("expires_in"))).map_err(said)
    }

    /// Words of the server, without what it was sent, cut and on one line.
    fn quoted(&self, text: &str) -> String {
        let line = |c: char| if c.is_control() { ' ' } else { c };
        self.scrubber.text(text).chars().map(line).take(MAX_QUOTED).collect()
    }

    fn token(&self, value: &str, lifetime: Duration) -> Result<Token, String> {
        let secret = Secret::from(value.to_owned());
        if !(MIN_SECRET..=MAX_TOKEN).contains(&value.len()) {
            return Err(format!(
                " with a token of {} bytes; it must have {MIN_SECRET} to {MAX_TOKEN}",
                value.len()
            ));
        }
        check_value(&secret).map_err(|problem| format!(" with a token that {problem}"))?;
        // A slash cannot stand in the name of a secret.
        let name = format!("{}/token", self.name);
        let scrubber = Arc::new(Scrubber::new([(name.as_str(), &secret)]));
        let masked = format!("Bearer {}", mask(&name));
        Ok(Token { value: Secret::from(format!("Bearer {value}")), masked, scrubber, lifetime })
    }
}

fn token_url(text: &str, guard: &Guard) -> Result<Url, String> {
    let url = hookwright_sandbox::check_url(text).map_err(|problem| format!("it {problem}"))?;
    if !guard.allows_plain(&url) {
        return Err(
            "a secret is sent there: use https, or an address in `--allow-addresses`".into()
        );
    }
    Ok(url)
}

/// Seconds, as a number or, as some servers write it, as text.
fn lifetime(expires_in: Option<&Value>) -> Duration {
    let seconds = expires_in.and_then(|value| match value {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        value => value.as_f64(),
    });
    match seconds {
        None => USUAL,
        Some(seconds) => {
            Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST)
        }
    }
}
