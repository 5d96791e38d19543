//! The API's description (OpenAPI 3.1), made of the same routes that answer, and a page that shows
//! it to people.

mod html;
mod operation;
mod schema;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;

use self::operation::Role;
use super::{Groups, groups};

static DOCUMENT: LazyLock<Value> = LazyLock::new(make);
static TEXT: LazyLock<String> = LazyLock::new(|| {
    // Of a document made of maps, lists and texts nothing fails.
    let mut text = serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default();
    text.push('\n');
    text
});

/// The description, as it is served and committed.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// Gives this description.
#[utoipa::path(
    get, path = "/openapi.json",
    responses((status = 200, body = serde_json::Value)),
)]
pub(super) async fn document() -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text()).into_response()
}

/// Shows this description to people.
#[utoipa::path(
    get, path = "/docs",
    responses((status = 200, body = String, content_type = "text/html")),
)]
pub(super) async fn page() -> Response {
    static PAGE: LazyLock<html::Page> = LazyLock::new(|| html::Page::of(&DOCUMENT));
    PAGE.answer()
}

fn make() -> Value {
    let Groups { open, posting, reading, operating, administering, webhooks } = groups();
    let mut all = Parts::default();
    all.add(open, None);
    all.add(posting, Some(Role::Poster));
    all.add(reading, Some(Role::Reader));
    all.add(operating, Some(Role::Operator));
    all.add(administering, Some(Role::Admin));
    all.add(webhooks, Some(Role::Admin));
    all.schemas.extend(crate::webhooks::schemas());
    // Not named by any handler: all of them give it.
    all.schemas.extend(of_type::<super::problem::Problem>());
    schema::complete(&mut all.schemas);
    schema::patches(&mut all.schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hookwright",
            "version": env!("CARGO_PKG_VERSION"),
            "description": include_str!("about.md"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": all.paths,
        "components": {
            "schemas": all.schemas,
            "responses": operation::problems(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token, as `hookwright token create` makes them.",
                },
            },
        },
    })
}

#[derive(Default)]
struct Parts {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Parts {
    fn add<S: Clone + Send + Sync + 'static>(
        &mut self,
        router: OpenApiRouter<S>,
        role: Option<Role>,
    ) {
        let mut described = serde_json::to_value(router.into_openapi()).unwrap_or_default();
        if let Value::Object(schemas) = described["components"]["schemas"].take() {
            self.schemas.extend(schemas);
        }
        let Value::Object(paths) = described["paths"].take() else { return };
        for (path, item) in paths {
            let Value::Object(operations) = item else { continue };
            let there = self.paths.entry(path.clone()).or_insert_with(|| json!({}));
            for (method, mut operation) in operations {
                operation::complete(&mut operation, &path, &method, role);
                there[method] = operation;
            }
        }
    }
}

/// The schema of a type, and of those that it is made of.
fn of_type<T: utoipa::ToSchema>() -> Map<String, Value> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let schemas = schemas.into_iter();
    schemas.filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))).collect()
}

#[cfg(test)]
mod tests;
