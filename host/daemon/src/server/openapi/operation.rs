//! What all operations have in common, so that no handler has to say it.

use serde_json::{Value, json};

/// What a token must allow.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Poster,
    Reader,
    Operator,
    Admin,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

/// Which part of the API it is.
fn tag(path: &str) -> &str {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        "in" => "posts",
        _ if path.contains("/.well-known/") => "keys",
        "livez" | "readyz" => "health",
        "openapi.json" | "docs" => "description",
        first => first,
    }
}

/// Adds what follows from where it stands.
pub(super) fn complete(operation: &mut Value, path: &str, method: &str, role: Option<Role>) {
    let tag = tag(path);
    let function = operation["operationId"].as_str().unwrap_or(method);
    let id = format!("{}_{function}", tag.replace('-', "_"));
    // One function that answers for two methods.
    let id = if path.ends_with("/verify") { format!("{id}_{method}") } else { id };
    operation["operationId"] = id.into();
    operation["tags"] = json!([tag]);
    operation["security"] = match role {
        Some(_) => json!([{"token": []}]),
        None => json!([]),
    };
    if let Some(role) = role {
        let role = role.as_str();
        operation["x-required-role"] = role.into();
        let told = operation["description"].as_str().unwrap_or_default();
        let told = format!("{told}\n\nNeeds a token with the role `{role}`.");
        operation["description"] = told.trim().into();
    }
    if let ("post", Some(Role::Admin | Role::Operator)) = (method, role) {
        again(operation);
    }
    // An export has no pages; its query is otherwise that of the listing.
    if let ("export", Some(all)) =
        (tag, operation.get_mut("parameters").and_then(Value::as_array_mut))
    {
        all.retain(|parameter| parameter["name"] != "limit");
    }
    parameters(operation);
    let has_body = operation.get("requestBody").is_some();
    let has_parameters = operation.get("parameters").is_some();
    let is_r_service = role.is_some() && matches!(tag, "webhooks" | "webhook_policies");
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let mut also = |status: &str| {
        responses.entry(status).or_insert_with(|| json!({}));
    };
    if has_body || has_parameters {
        also("400");
    }
    if role.is_some() {
        also("401");
        also("403");
    }
    if has_body {
        also("408");
        also("413");
    }
    also("503");
    for (status, response) in responses {
        if status.as_str() >= "400" && response.get("content").is_none() {
            let kind = if is_r_service { WEBHOOKS } else { "" };
            *response = json!({"$ref": format!("#/components/responses/{kind}{status}")});
        } else if matches!(response["description"].as_str(), None | Some("")) {
            response["description"] = "Done.".into();
        }
        // A page always says which it is.
        let headers = response.get_mut("headers").and_then(Value::as_object_mut);
        for (name, header) in headers.into_iter().flatten() {
            if name.starts_with("x-pagination-") {
                header["required"] = true.into();
            }
        }
    }
    // Lists are in the order of statuses.
    responses_in_order(operation);
}

/// A parameter is there or not, and never null; the words of some are the same everywhere.
fn parameters(operation: &mut Value) {
    const VERSIONS: &str = r#"^(\*|(W/)?"[!#-+.-~-]*"|)$"#;
    for parameter in
        operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
    {
        if let Some(parts) = parts_of(parameter, "oneOf") {
            parts.retain(|part| part["type"] != "null");
            if let [one] = parts.as_slice() {
                parameter["schema"] = one.clone();
            }
        }
        if let Some(kinds) = parts_of(parameter, "type") {
            kinds.retain(|kind| kind != "null");
            if let [one] = kinds.as_slice() {
                parameter["schema"]["type"] = one.clone();
            }
        }
        super::schema::bounds(&mut parameter["schema"]);
        if matches!(parameter["name"].as_str(), Some("if-match" | "if-none-match")) {
            parameter["schema"]["pattern"] = VERSIONS.into();
        }
    }
}

/// A list in a parameter's schema, if there is one.
fn parts_of<'a>(parameter: &'a mut Value, key: &str) -> Option<&'a mut Vec<Value>> {
    parameter.get_mut("schema")?.get_mut(key)?.as_array_mut()
}

/// What may be sent again.
fn again(operation: &mut Value) {
    let key = json!({
        "name": "idempotency-key",
        "in": "header",
        "required": false,
        "description": "A text that is used once, such as a UUID: a request with the same key and \
                        the same body is not done again within a day, and has the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    });
    match operation.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.push(key),
        None => operation["parameters"] = json!([key]),
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for status in ["409", "422"] {
        responses.entry(status).or_insert_with(|| json!({}));
    }
}

fn responses_in_order(operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let mut all: Vec<_> = std::mem::take(responses).into_iter().collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    responses.extend(all);
}

/// How mistakes are told.
pub(super) fn problems() -> Value {
    let mut problems = json!({});
    let text = json!({"required": true, "schema": {"type": "string"}});
    for (kind, schema) in [("", "Problem"), (WEBHOOKS, "WebhookProblem")] {
        for (status, description) in PROBLEMS {
            if schema == "WebhookProblem" && UNKNOWN_TO_WEBHOOKS.contains(&status) {
                continue;
            }
            let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
            let mut problem = json!({
                "description": description,
                "content": {"application/problem+json": {"schema": schema}},
            });
            match status {
                "401" => problem["headers"] = json!({"www-authenticate": text}),
                "503" => problem["headers"] = json!({"retry-after": text}),
                _ => {}
            }
            problems[format!("{kind}{status}")] = problem;
        }
    }
    problems
}

/// Statuses that R-Service's API has not.
const UNKNOWN_TO_WEBHOOKS: [&str; 4] = ["410", "412", "415", "429"];

/// What the names of problems begin with that R-Service's clients read.
const WEBHOOKS: &str = "webhooks_";

const PROBLEMS: [(&str, &str); 13] = [
    ("400", "The request cannot be understood."),
    ("401", "There is no token, or it is not valid."),
    ("403", "The token does not allow this."),
    ("404", "There is no such thing."),
    ("408", "The body came too slowly."),
    ("409", "It does not fit what there is."),
    ("410", "It is over."),
    ("412", "It was changed since the version that is named."),
    ("413", "The body is too large."),
    ("415", "The body is of a kind that is not understood."),
    ("422", "The document is not valid; `errors` says where."),
    ("429", "Too much at once; `retry-after` says when to try again."),
    ("503", "Not now; `retry-after` says when."),
];
