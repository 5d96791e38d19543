//! The routes of one kind of things, with what the API's description says of them.

use std::borrow::Cow;
use std::marker::PhantomData;

use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A merge patch of a document: every member can be left out, and null takes it away.
pub(in crate::server) struct Patch<T>(PhantomData<T>);

impl<T: ToSchema> PartialSchema for Patch<T> {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = T::schema() else { return T::schema() };
        object.required.clear();
        for property in object.properties.values_mut() {
            let null = ObjectBuilder::new().schema_type(Type::Null);
            let either = AnyOfBuilder::new().item(null).item(property.clone());
            *property = RefOr::T(Schema::AnyOf(either.build()));
        }
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        object.description = Some(
            "A JSON Merge Patch (RFC 7396): what is named is changed, and null takes it away."
                .into(),
        );
        RefOr::T(Schema::Object(object))
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Patch", T::name().trim_end_matches("Wanted")))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// Makes the functions that answer for one kind of things: `create`, `show`, `replace`, `patch`
/// and `remove`.
macro_rules! routes_of {
    ($resource:ty: $wanted:ty => $shown:ty, $patch:ty, $all:tt $one:tt $asked:tt,
     $create:tt $show:tt $replace:tt $change:tt $remove:tt) => {
        #[utoipa::path(
            post, path = $all, summary = $create, request_body = $wanted,
            responses(
                (status = 201, body = $shown, headers(
                    ("location" = String, description = "Where it is."),
                    ("etag" = String, description = "Its version."),
                )),
                (status = 409), (status = 422),
            ),
        )]
        pub(super) async fn create(
            axum::extract::State(app): axum::extract::State<std::sync::Arc<$crate::app::App>>,
            actor: $crate::server::auth::Actor,
            $crate::server::body::Body(body): $crate::server::body::Body,
        ) -> Result<axum::response::Response, $crate::server::problem::Problem> {
            $crate::server::resource::create::<$resource>(&app, &actor, &body).await
        }

        #[utoipa::path(
            get, path = $one, summary = $show,
            params(
                ("name" = hookwright_model::Name, Path, description = $asked),
                ("if-none-match" = Option<String>, Header, description = "A version that is known."),
            ),
            responses(
                (status = 200, body = $shown, headers(
                    ("etag" = String, description = "Its version."),
                )),
                (status = 304, description = "It is as it was."),
                (status = 404),
            ),
        )]
        pub(super) async fn show(
            axum::extract::State(app): axum::extract::State<std::sync::Arc<$crate::app::App>>,
            axum::extract::Path(name): axum::extract::Path<String>,
            headers: http::HeaderMap,
        ) -> Result<axum::response::Response, $crate::server::problem::Problem> {
            $crate::server::resource::show::<$resource>(&app, &name, &headers)
        }

        #[utoipa::path(
            put, path = $one, summary = $replace, request_body = $wanted,
            params(
                ("name" = hookwright_model::Name, Path, description = $asked),
                ("if-match" = Option<String>, Header, description = "The version that is changed."),
            ),
            responses(
                (status = 200, body = $shown, headers(
                    ("etag" = String, description = "Its version."),
                )),
                (status = 404), (status = 409), (status = 412), (status = 422),
            ),
        )]
        pub(super) async fn replace(
            axum::extract::State(app): axum::extract::State<std::sync::Arc<$crate::app::App>>,
            actor: $crate::server::auth::Actor,
            axum::extract::Path(name): axum::extract::Path<String>,
            headers: http::HeaderMap,
            $crate::server::body::Body(body): $crate::server::body::Body,
        ) -> Result<axum::response::Response, $crate::server::problem::Problem> {
            $crate::server::resource::replace::<$resource>(&app, &actor, &name, &headers, &body).await
        }

        #[utoipa::path(
            patch, path = $one, summary = $change,
            request_body(content(
                ($patch = "application/merge-patch+json"),
                ($patch = "application/json"),
            )),
            params(
                ("name" = hookwright_model::Name, Path, description = $asked),
                ("if-match" = Option<String>, Header, description = "The version that is changed."),
            ),
            responses(
                (status = 200, body = $shown, headers(
                    ("etag" = String, description = "Its version."),
                )),
                (status = 404), (status = 409), (status = 412), (status = 415), (status = 422),
            ),
        )]
        pub(super) async fn patch(
            axum::extract::State(app): axum::extract::State<std::sync::Arc<$crate::app::App>>,
            actor: $crate::server::auth::Actor,
            axum::extract::Path(name): axum::extract::Path<String>,
            headers: http::HeaderMap,
            $crate::server::body::Body(body): $crate::server::body::Body,
        ) -> Result<axum::response::Response, $crate::server::problem::Problem> {
            $crate::server::resource::patch::<$resource>(&app, &actor, &name, &headers, &body).await
        }

        #[utoipa::path(
            delete, path = $one, summary = $remove,
            params(
                ("name" = hookwright_model::Name, Path, description = $asked),
                ("if-match" = Option<String>, Header, description = "The version that is removed."),
            ),
            responses((status = 204, description = "It is there no more."),
                (status = 404), (status = 409), (status = 412)),
        )]
        pub(super) async fn remove(
            axum::extract::State(app): axum::extract::State<std::sync::Arc<$crate::app::App>>,
            actor: $crate::server::auth::Actor,
            axum::extract::Path(name): axum::extract::Path<String>,
            headers: http::HeaderMap,
        ) -> Result<http::StatusCode, $crate::server::problem::Problem> {
            $crate::server::resource::remove::<$resource>(&app, &actor, &name, &headers).await
        }
    };
}

pub(in crate::server) use routes_of;
