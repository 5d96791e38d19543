//! Reading what is sent, up to a limit.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::{FieldProblem, Problem};
use super::reading::read;
use crate::mistake::in_words;

/// The largest body of a post or an API request, in bytes: Zammad's largest article is 20 MiB.
/// Plugins have smaller limits of their own.
pub const MAX_BODY: usize = 25 << 20;
/// The largest plugin that can be uploaded.
pub const MAX_UPLOAD: usize = hookwright_sandbox::compile::MAX_PLUGIN_BYTES;

/// A body of at most [`MAX_BODY`] bytes.
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request.into_body(), MAX_BODY).await.map(Self)
    }
}

/// A body of at most [`MAX_UPLOAD`] bytes.
pub struct Upload(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request.into_body(), MAX_UPLOAD).await.map(Self)
    }
}

/// A JSON document; what is wrong with it is said with a place.
pub struct Document<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Document<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = read(request.into_body(), MAX_BODY).await?;
        object(&body).map(Self)
    }
}

/// Reads a JSON document that is an object: its members have names, and what is built of a list
/// would go by their order.
///
/// # Errors
/// Says where and what is wrong with it.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.trim_ascii_start().starts_with(b"[") {
        let detail = "this is a list: send an object".to_owned();
        return Err(Problem::invalid(vec![FieldProblem { pointer: String::new(), detail }]));
    }
    parse(body)
}

/// Reads a JSON document.
///
/// # Errors
/// Says where and what is wrong with it.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            Problem::invalid(vec![FieldProblem { pointer, detail: in_words(&inner.to_string()) }])
        } else {
            Problem::bad_request(format!("the body is not JSON: {inner}"))
        }
    })?;
    json.end().map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    Ok(parsed)
}

/// Reads a document that was put together here.
///
/// # Errors
/// Says where and what is wrong with it.
pub fn convert<T: DeserializeOwned>(document: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(document).map_err(|error| {
        let pointer = pointer(error.path());
        let detail = in_words(&error.into_inner().to_string());
        Problem::invalid(vec![FieldProblem { pointer, detail }])
    })
}

/// Reads a JSON Merge Patch (RFC 7396).
///
/// # Errors
/// When it is of another kind, or no object.
pub fn patch(headers: &HeaderMap, body: &[u8]) -> Result<serde_json::Value, Problem> {
    const KNOWN: [&str; 2] = ["application/merge-patch+json", "application/json"];
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !KNOWN.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            let shown: String = kind.chars().take(80).collect();
            let known = KNOWN.join(" or ");
            let detail = format!("`{shown}` is no patch that is understood: send {known}");
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "Unsupported content type", detail));
        }
    }
    let patch: serde_json::Value = parse(body)?;
    if patch.is_object() {
        return Ok(patch);
    }
    let detail = "a patch is an object with the members that are to change".to_owned();
    Err(Problem::invalid(vec![FieldProblem { pointer: String::new(), detail }]))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.map(|segment| format!("/{segment}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Doc {
        #[allow(dead_code)]
        list: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        number: u32,
    }

    #[test]
    fn mistakes_have_a_place() {
        let problem = |body: &str| parse::<Doc>(body.as_bytes()).unwrap_err();
        let wrong = problem(r#"{"list":[{"number":1},{"number":-1}]}"#);
        assert_eq!(wrong.status(), 422);
        assert_eq!(wrong.errors()[0].pointer, "/list/1/number");
        let typo = problem(r#"{"list":[{"numbr":1}]}"#);
        assert_eq!(typo.errors()[0].pointer, "/list/0/numbr");
        assert!(typo.detail().contains("unknown field `numbr`"), "{}", typo.detail());
        assert_eq!(problem("{").status(), 400);
        assert_eq!(problem(r#"{"list":[]} x"#).status(), 400);
        assert!(parse::<Doc>(b"[[]]").is_ok() && object::<Doc>(b" [[]]").is_err());
    }
}
