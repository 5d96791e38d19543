//! The description as a page: no script, nothing from elsewhere.

use std::fmt::Write;

use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, header};
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");

/// A page, and what it may do: look as it does.
pub(super) struct Page {
    html: String,
    policy: HeaderValue,
}

impl Page {
    pub(super) fn of(document: &Value) -> Self {
        let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        Self { html: html(document), policy }
    }

    #[cfg(test)]
    pub(super) fn html(&self) -> &str {
        &self.html
    }

    pub(super) fn answer(&self) -> Response {
        let policy = (header::CONTENT_SECURITY_POLICY, self.policy.clone());
        ([policy], Html(self.html.clone())).into_response()
    }
}

/// A text as HTML shows it; what stands between backticks is code.
fn prose(text: &str) -> String {
    let mut shown = String::new();
    for (number, part) in text.split('`').enumerate() {
        let part = escape(part);
        if number % 2 == 1 {
            shown.extend(["<code>", &part, "</code>"]);
        } else {
            shown.push_str(&part.replace("\n\n", "</p><p>"));
        }
    }
    shown
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
        escaped
    })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn html(document: &Value) -> String {
    let mut page = String::new();
    let title = escape(text(&document["info"], "title"));
    let about = prose(text(&document["info"], "description"));
    let version = escape(text(&document["info"], "version"));
    let mut operations: Vec<_> = members(&document["paths"])
        .flat_map(|(path, item)| members(item).map(move |(method, one)| (path, method, one)))
        .collect();
    operations.sort_by_key(|(path, _, one)| (one["tags"][0].as_str(), path.as_str()));
    let mut tags: Vec<_> = operations.iter().filter_map(|one| one.2["tags"][0].as_str()).collect();
    tags.dedup();
    // Writing to a text does not fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title} API</title><style>{STYLE}</style>\
         <header><h1>{title} API {version}</h1><p>{about}</p>\
         <p>The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p></header><nav>"
    );
    for tag in &tags {
        let _ = write!(page, "<a href=\"#{tag}\">{tag}</a> ", tag = escape(tag));
    }
    page.push_str("<a href=\"#schemas\">schemas</a></nav><main>");
    for tag in &tags {
        let _ = write!(page, "<section id=\"{tag}\"><h2>{tag}</h2>", tag = escape(tag));
        for (path, method, one) in operations.iter().filter(|one| one.2["tags"][0] == **tag) {
            operation(&mut page, document, path, method, one);
        }
        page.push_str("</section>");
    }
    page.push_str("<section id=\"schemas\"><h2>schemas</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        let _ = write!(
            page,
            "<details id=\"schema-{0}\"><summary>{0}</summary><p>{1}</p>",
            escape(name),
            prose(text(schema, "description"))
        );
        properties(&mut page, schema);
        page.push_str("</details>");
    }
    page.push_str("</section></main></html>");
    page
}

fn operation(page: &mut String, document: &Value, path: &str, method: &str, one: &Value) {
    let _ = write!(
        page,
        "<details id=\"{}\"><summary><b>{}</b> <code>{}</code> {}</summary><p>{}</p>",
        escape(text(one, "operationId")),
        escape(&method.to_uppercase()),
        escape(path),
        prose(text(one, "summary")),
        prose(text(one, "description"))
    );
    let parameters = one["parameters"].as_array();
    if let Some(parameters) = parameters.filter(|all| !all.is_empty()) {
        page.push_str("<table><tr><th>parameter<th>in<th>type<th>");
        for parameter in parameters {
            let _ = write!(
                page,
                "<tr><td><code>{}</code><td>{}<td>{}<td>{}",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                kind(&parameter["schema"]),
                prose(text(parameter, "description"))
            );
        }
        page.push_str("</table>");
    }
    page.push_str("<table><tr><th>body<th>type<th>");
    for (media, content) in members(&one["requestBody"]["content"]) {
        let (media, kind) = (escape(media), kind(&content["schema"]));
        let _ = write!(page, "<tr><td>request<td>{kind}<td><code>{media}</code>");
    }
    for (status, response) in members(&one["responses"]) {
        let response = match response["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            Some(to) => document.pointer(to).unwrap_or(response),
            None => response,
        };
        let kinds: Vec<_> =
            members(&response["content"]).map(|(_, content)| kind(&content["schema"])).collect();
        let (kinds, told) = (kinds.join(", "), prose(text(response, "description")));
        let _ = write!(page, "<tr><td>{}<td>{kinds}<td>{told}", escape(status));
    }
    page.push_str("</table></details>");
}

fn properties(page: &mut String, schema: &Value) {
    let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array());
    let parts: Vec<_> = parts.flatten().collect();
    if schema["properties"].is_object() {
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        page.push_str("<table>");
        for (name, property) in members(&schema["properties"]) {
            let needed = if required.iter().any(|one| *one == name) { "required" } else { "" };
            let _ = write!(
                page,
                "<tr><td><code>{}</code><td>{}<td>{needed}<td>{}",
                escape(name),
                kind(property),
                prose(text(property, "description"))
            );
        }
        page.push_str("</table>");
    } else if parts.is_empty() {
        let _ = write!(page, "<p>{}</p>", kind(schema));
    }
    for part in parts {
        if part["properties"].is_object() {
            let _ = write!(page, "<p>{}</p>", prose(text(part, "description")));
            properties(page, part);
        } else {
            let _ = write!(page, "<p>{}</p>", kind(part));
        }
    }
}

/// What a value is, in a few words, with links to schemas.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[key].as_array() {
            return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| escape(&value.to_string()));
        return values.collect::<Vec<_>>().join(" or ");
    }
    let name = |value: &Value| escape(value.as_str().unwrap_or("any"));
    match &schema["type"] {
        Value::String(kind) if kind == "array" => {
            format!("list of {}", self::kind(&schema["items"]))
        }
        Value::Array(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
        kind => name(kind),
    }
}
