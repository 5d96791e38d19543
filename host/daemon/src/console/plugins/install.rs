//! Installing a plugin by uploading it. What it is, it is asked before anything uses it.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use minijinja::context;

use super::super::fields;
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use crate::app::App;
use crate::server::body::MAX_UPLOAD;
use crate::server::for_console_admin;
use crate::server::problem::Problem;

pub(super) async fn form(visit: Visit) -> Response {
    page(&visit, StatusCode::OK, context! {})
}

fn page(visit: &Visit, status: StatusCode, more: minijinja::Value) -> Response {
    visit.page_with(status, "plugin-install.html", context! { most => MAX_UPLOAD, ..more })
}

pub(super) async fn install(
    State(app): State<Arc<App>>,
    visit: Visit,
    upload: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    let actor = visit.actor()?;
    let read = async {
        let upload = upload.map_err(|error| Problem::bad_request(error.body_text()))?;
        let bytes = file(upload).await?;
        for_console_admin::install(app, actor, bytes).await
    };
    match read.await {
        Ok(version) => {
            let to = format!("/console/plugins/{}", version.digest);
            Ok(visit.done(&to, "note-plugin-installed", version.key.name.as_str()))
        }
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, context) = fields::refused(&problem);
            Ok(page(&visit, status, context))
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The file of an upload.
async fn file(mut upload: Multipart) -> Result<Bytes, Problem> {
    let broken = |error: MultipartError| Problem::bad_request(error.body_text());
    while let Some(field) = upload.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(broken)?;
            if bytes.is_empty() {
                break;
            }
            return Ok(bytes);
        }
    }
    Err(Problem::bad_request("there is no file in it: choose one that ends with .wasm"))
}
