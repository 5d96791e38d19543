//! Style, scripts and pictures. Their addresses hold a hash of what is in them, so that browsers
//! keep them for good and yet never have an old one.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hookwright_model::Digest;
use http::{HeaderValue, header};

use super::embedded::ASSETS;
use super::refusal::Refusal;
use crate::server::problem::Problem;

/// By the name in their address.
static BY_NAME: LazyLock<HashMap<String, (&'static str, &'static [u8])>> = LazyLock::new(|| {
    let assets = ASSETS.iter().filter(|(name, _)| content_type(name).is_some());
    assets.map(|&(name, bytes)| (hashed(name, bytes), (name, bytes))).collect()
});

fn hashed(name: &str, bytes: &[u8]) -> String {
    let digest = Digest::of(bytes);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}.{}.{extension}", digest.short())
}

fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

/// The address of an asset.
pub(super) fn address(name: &str) -> Option<String> {
    let found = BY_NAME.iter().find(|(_, (known, _))| *known == name);
    found.map(|(hashed, _)| format!("/console/assets/{hashed}"))
}

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/console/assets/{*name}", get(show))
}

async fn show(Path(name): Path<String>) -> Result<Response, Refusal> {
    let found = BY_NAME.get(&name).and_then(|(name, bytes)| Some((content_type(name)?, *bytes)));
    let (kind, bytes) = found.ok_or_else(|| Problem::not_found("there is no such asset"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_and_style_has_an_address_and_third_parties_a_licence() {
        for name in ["console.css", "console.js", "icon.svg"] {
            let address = address(name).unwrap();
            let (stem, _) = name.rsplit_once('.').unwrap();
            assert!(address.starts_with(&format!("/console/assets/{stem}.")), "{address}");
        }
        assert_eq!(address("nothing.js"), None);
        let licences = ASSETS.iter().find(|(name, _)| *name == "vendor/LICENCES.md").unwrap().1;
        let licences = std::str::from_utf8(licences).unwrap();
        for (name, _) in ASSETS.iter().filter(|(name, _)| name.starts_with("vendor/")) {
            let name = name.trim_start_matches("vendor/");
            assert!(name == "LICENCES.md" || licences.contains(&format!("`{name}`")), "{name}");
        }
    }
}
