//! Talking to the daemon.

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Daemon;
use super::exit::{Refused, Stop};
use crate::delivery::connect::Connector;
use crate::delivery::guard::Guard;

/// A connection to a daemon's API.
pub(super) struct Client {
    http: HttpClient<Connector, Full<Bytes>>,
    base: String,
    token: Option<String>,
    /// Whether to print JSON.
    pub(super) json: bool,
}

impl Client {
    pub(super) fn new(daemon: &Daemon) -> anyhow::Result<Self> {
        // A person says where the daemon is; there is nothing to guard against.
        let connector = Connector::new(Guard::open())?;
        let http = HttpClient::builder(TokioExecutor::new()).build(connector);
        let base = daemon.url.trim_end_matches('/').to_owned();
        Ok(Self { http, base, token: daemon.token.clone(), json: daemon.json })
    }

    /// Gets a document.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let body = self.send(Method::GET, path, None, Bytes::new()).await?;
        parse(&body)
    }

    /// Gets a document and its version.
    pub(super) async fn get_version<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> anyhow::Result<(T, Option<String>)> {
        let answer = self.answer(Method::GET, path, None, Bytes::new(), None).await?;
        let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.map(str::to_owned);
        Ok((parse(&read(answer).await?)?, tag))
    }

    /// Sends a document that is to take the place of another, which is still that version.
    pub(super) async fn change(
        &self,
        method: Method,
        path: &str,
        document: &impl serde::Serialize,
        version: Option<&str>,
    ) -> anyhow::Result<Value> {
        let body = serde_json::to_vec(document)?.into();
        let kind = Some("application/json");
        parse(&read(self.answer(method, path, kind, body, version).await?).await?)
    }

    /// Gets bytes.
    pub(super) async fn get_bytes(&self, path: &str) -> anyhow::Result<Bytes> {
        self.send(Method::GET, path, None, Bytes::new()).await
    }

    /// Gets what is too large to be held at once.
    pub(super) async fn stream(&self, path: &str) -> anyhow::Result<Incoming> {
        let answer = self.answer(Method::GET, path, None, Bytes::new(), None).await?;
        Ok(answer.into_body())
    }

    /// Posts a document and gets one.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        document: &impl serde::Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(document)?.into();
        parse(&self.send(Method::POST, path, Some("application/json"), body).await?)
    }

    /// Changes something, and gets it as it is then.
    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        document: &impl serde::Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(document)?.into();
        parse(&self.send(Method::PATCH, path, Some("application/json"), body).await?)
    }

    /// Posts bytes and gets a document.
    pub(super) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> anyhow::Result<T> {
        parse(&self.send(Method::POST, path, Some(kind), body).await?)
    }

    /// Sends a request whose answer has nothing in it.
    pub(super) async fn run(&self, method: Method, path: &str) -> anyhow::Result<()> {
        self.send(method, path, None, Bytes::new()).await.map(drop)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
    ) -> anyhow::Result<Bytes> {
        read(self.answer(method, path, kind, body, None).await?).await
    }

    /// An answer of success.
    async fn answer(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
        version: Option<&str>,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, version);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request =
            request.body(Full::new(body)).context("the URL or the token is not usable")?;
        let response = self.http.request(request).await.map_err(|error| {
            let mut inner: &dyn std::error::Error = &error;
            while let Some(source) = inner.source() {
                inner = source;
            }
            Stop::Unreachable(format!(
                "no answer from the daemon at {}: {inner}\nIs it running (`hookwright serve`)? \
                 Where it is, is said with --url or HOOKWRIGHT_URL.",
                self.base
            ))
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let is_problem = is_problem(&response);
        let body = read(response).await?;
        let problem = serde_json::from_slice::<Value>(&body).ok().filter(|_| is_problem);
        let text = match problem {
            Some(problem) => {
                format!("{}{}", describe(&problem), self.advice(status))
            }
            None if status == StatusCode::NOT_FOUND => {
                format!("{} answers, but not as Hookwright does: check --url", self.base)
            }
            None => {
                let text = String::from_utf8_lossy(&body);
                format!("the daemon answers {status}: {}", super::output::short(&text, 500))
            }
        };
        // What is not Hookwright does not know what is there.
        let status = if is_problem { status } else { StatusCode::BAD_GATEWAY };
        Err(Refused { status, text }.into())
    }

    /// What can be done about a refusal.
    fn advice(&self, status: StatusCode) -> &'static str {
        match (status, &self.token) {
            (StatusCode::UNAUTHORIZED, None) => {
                "\nNo token was given: say it with HOOKWRIGHT_TOKEN or --token. The first one is \
                 made on the daemon's machine, in its data directory: `hookwright token create \
                 --data DIR …`."
            }
            (StatusCode::UNAUTHORIZED, Some(_)) => {
                "\nThe token is that of HOOKWRIGHT_TOKEN or --token; is it for this daemon?"
            }
            (StatusCode::PRECONDITION_FAILED, _) => {
                "\nSomebody else changed it meanwhile. Look at it, and do it again."
            }
            (StatusCode::FORBIDDEN, _) => {
                "\nUse a token that allows more; `hookwright token list` shows which there are."
            }
            _ => "",
        }
    }
}

async fn read(answer: Response<Incoming>) -> anyhow::Result<Bytes> {
    Ok(answer.into_body().collect().await.context("the answer broke off")?.to_bytes())
}

fn is_problem<B>(response: &Response<B>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> anyhow::Result<T> {
    // An answer that has nothing in it is nothing.
    let body = if body.is_empty() { b"null" } else { body };
    serde_json::from_slice(body)
        .context("the daemon's answer cannot be read; is it another version?")
}

/// A problem in words, with every mistake and its place on a line of its own.
fn describe(problem: &Value) -> String {
    let text = |field: &str| problem[field].as_str().unwrap_or_default();
    let mut lines = vec![format!("{}: {}", text("title"), text("detail"))];
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    for error in errors {
        let pointer = error["pointer"].as_str().unwrap_or_default();
        let detail = error["detail"].as_str().unwrap_or_default();
        let line = format!("  {pointer}: {detail}");
        // The only one is in the first line already.
        if errors.len() > 1 {
            lines.push(line);
        }
    }
    lines.join("\n")
}
