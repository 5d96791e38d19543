//! What can be asked of a listing, and what a page of it is.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoParams, IntoResponses};

use crate::webhooks::filter::Kind;
use crate::webhooks::listing::{DEFAULT_PER_PAGE, Listing, MAX_PAGE, MAX_PER_PAGE};
use crate::webhooks::policies::POLICIES;
use crate::webhooks::show::WEBHOOKS;

/// What can be asked of webhooks.
pub(in crate::webhooks) struct WebhookQuery;
/// What can be asked of policies.
pub(in crate::webhooks) struct PolicyQuery;

impl IntoParams for WebhookQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        parameters(&WEBHOOKS)
    }
}

impl IntoParams for PolicyQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        parameters(&POLICIES)
    }
}

/// A page, with the headers that say which.
pub(in crate::webhooks) struct Pages<T>(PhantomData<T>);

impl IntoResponses for Pages<WebhookQuery> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        page("ListedWebhook")
    }
}

impl IntoResponses for Pages<PolicyQuery> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        page("ListedWebhookPolicy")
    }
}

fn page(record: &str) -> BTreeMap<String, RefOr<Response>> {
    let records = ArrayBuilder::new().items(Ref::from_schema_name(record));
    let content = ContentBuilder::new().schema(Some(Schema::Array(records.build())));
    let mut response = ResponseBuilder::new()
        .description("A page of them.")
        .content("application/json", content.build());
    for (name, description) in [
        ("x-pagination-per-page", "How many a page has at most."),
        ("x-pagination-current-page", "Which page this is, from 1."),
        ("x-pagination-total-pages", "How many pages there are, at least 1."),
        ("x-pagination-total-entries", "How many there are on all pages."),
    ] {
        let header =
            HeaderBuilder::new().schema(Some(number(0, usize::MAX))).description(Some(description));
        response = response.header(name, header.build());
    }
    let link = HeaderBuilder::new()
        .schema(Some(Object::with_type(Type::String)))
        .description(Some("Where the pages `next`, `prev`, `first` and `last` are, if there are."));
    let response = response.header("link", link.build());
    BTreeMap::from([("200".to_owned(), response.build().into())])
}

fn parameters(listing: &Listing) -> Vec<Parameter> {
    let mut all = vec![
        parameter(
            "per_page",
            &format!("How many on a page; {DEFAULT_PER_PAGE} if it is not said."),
            number(1, MAX_PER_PAGE),
            json!(DEFAULT_PER_PAGE),
        )
        .build(),
        parameter("page", "Which page, from 1.", number(1, MAX_PAGE), json!(1)).build(),
        several(
            "sort",
            &format!(
                "By which fields, the first before the second; with `-` the largest comes first. \
                 `{}` if it is not said.",
                listing.order
            ),
            listing.sortable.iter().flat_map(|field| [(*field).to_owned(), format!("-{field}")]),
            listing.order,
        ),
        several(
            "fields",
            "Which fields to show beside `id`; null where there is no value. The usual ones, as \
             far as they have a value, if it is not said.",
            listing.fields.iter().map(|(field, _)| (*field).to_owned()),
            "id",
        ),
    ];
    for (field, kind) in listing.fields {
        if let Some((description, schema, example)) = condition(*kind) {
            all.push(parameter(field, &description, schema, example).build());
        }
    }
    all
}

fn parameter(name: &str, description: &str, schema: Object, example: Value) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .example(Some(example))
        .schema(Some(schema))
}

/// With commas between them.
fn several(
    name: &str,
    description: &str,
    choices: impl Iterator<Item = String>,
    example: &str,
) -> Parameter {
    let one = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(choices));
    let schema = Schema::Array(ArrayBuilder::new().items(one).build());
    parameter(name, description, Object::default(), json!([example]))
        .schema(Some(schema))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

fn number(least: usize, most: usize) -> Object {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least));
    if most == usize::MAX { number.build() } else { number.maximum(Some(most)).build() }
}

/// What can be said of a field of this kind: what it means, its form, and an example.
fn condition(kind: Kind) -> Option<(String, Object, Value)> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let presence = "; nothing: those without a value; `!`: those with one.";
    Some(match kind {
        Kind::Integer | Kind::Reference | Kind::Time => {
            let example = if kind == Kind::Time { ">=2016-01-01" } else { "!0" };
            let what = match kind {
                Kind::Integer => {
                    "`1,2`: one of these; `!1,2`: none of these; `<5`, `<=5`, `>5`, `>=5`, `>1<5`"
                }
                Kind::Reference => "By its id. `1,2`: one of these; `!1,2`: none of these",
                _ => {
                    "A time or a date, which begins in UTC. `!` before it: another; `<`, `<=`, \
                     `>`, `>=` before it: earlier, later; `>2016-01-01<2017-01-01`: between"
                }
            };
            (format!("{what}{presence}"), text().build(), json!(example))
        }
        Kind::Choice => {
            let what = "`a,b`: one of these; `!a,b`: none of these";
            (format!("{what}{presence}"), text().build(), json!("!"))
        }
        Kind::Boolean => {
            let values = ["true", "false", "!true", "!false", "", "!"];
            let what = "`true`: only those; `false`: only the others.";
            (what.to_owned(), text().enum_values(Some(values)).build(), json!("false"))
        }
        Kind::Text => {
            let what = "Without regard to case. `!` before it: those with another value";
            (format!("{what}{presence}"), text().build(), json!("!another"))
        }
        Kind::Other => return None,
    })
}
