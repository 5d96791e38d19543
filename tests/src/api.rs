//! A client of the daemon's API.

use serde_json::Value;
use ureq::http;

/// Talks to one daemon with one token.
#[derive(Clone)]
pub struct Api {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The same, if the status is this one.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body as problem details, checked to be such.
    #[must_use]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        problem
    }
}

impl Api {
    /// A client without a token.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: None }
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same client without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Gets something.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.try_send("GET", path, &[], b"").unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Posts bytes with headers.
    #[must_use]
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send("POST", path, headers, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Posts a JSON document.
    #[must_use]
    pub fn post_json(&self, path: &str, document: &Value) -> Answer {
        self.post(path, &[("Content-Type", "application/json")], document.to_string().as_bytes())
    }

    /// Sends a request to a daemon that may not be there.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request =
            http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let mut response = self.agent.run(request.body(body.to_vec()).unwrap())?;
        let body = response.body_mut().with_config().limit(200 << 20).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    /// Items of a listing.
    #[must_use]
    pub fn items(&self, path: &str) -> Vec<Value> {
        let listing = self.get(path).expect(200).json();
        listing["items"].as_array().unwrap().clone()
    }
}
