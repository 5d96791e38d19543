//! What the console's pages for admins do as the API does: plugins, tokens, keys of policies,
//! and which version of the journal's settings there is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use bytes::Bytes;
use hookwright_model::{Digest, PluginVersion, TokenId};
use serde_json::Value;

use super::auth::Actor;
use super::body::{Body, Document, Upload, convert};
use super::etag::Tag;
use super::problem::Problem;
use super::{plugins, policies, tokens};
use crate::app::App;

/// Installs a plugin.
///
/// # Errors
/// When it is none, or cannot be kept.
pub async fn install(app: Arc<App>, actor: Actor, bytes: Bytes) -> Result<PluginVersion, Problem> {
    let (_, Json(version)) = plugins::install(State(app), actor, Upload(bytes)).await?;
    Ok(version)
}

/// Removes a version of a plugin.
///
/// # Errors
/// When it is not there, or used.
pub async fn remove_plugin(app: Arc<App>, actor: Actor, digest: Digest) -> Result<(), Problem> {
    let (path, headers) = (Path(digest.to_string()), http::HeaderMap::new());
    plugins::remove(State(app), actor, path, headers).await.map(drop)
}

/// Has a version called again that is suspended.
///
/// # Errors
/// When it is not there.
pub async fn resume_plugin(app: Arc<App>, actor: Actor, digest: Digest) -> Result<(), Problem> {
    plugins::resume(State(app), actor, Path(digest.to_string())).await.map(drop)
}

/// Makes an API token: the document of `POST /v1/tokens`. Returns the token itself, which is told
/// this once.
///
/// # Errors
/// With what is wrong in the document.
pub async fn make_token(app: Arc<App>, actor: Actor, document: Value) -> Result<String, Problem> {
    let wanted = Document(convert(document)?);
    let (_, Json(created)) = tokens::create(State(app), actor, wanted).await?;
    Ok(created.into_secret())
}

/// Removes an API token.
///
/// # Errors
/// When there is none.
pub async fn remove_token(app: Arc<App>, actor: Actor, id: TokenId) -> Result<(), Problem> {
    tokens::remove(State(app), actor, Path(id.to_string())).await.map(drop)
}

/// Gives a policy a new key. The public part of the one before stays published for so many
/// seconds.
///
/// # Errors
/// When there is no such policy, its key is not a generated one, or the time is too long.
pub async fn rotate_policy(
    app: Arc<App>,
    actor: Actor,
    name: &str,
    keep_s: Option<u64>,
) -> Result<(), Problem> {
    let body = keep_s.map_or_else(Bytes::new, |keep_s| {
        Bytes::from(serde_json::json!({ "keep_s": keep_s }).to_string())
    });
    policies::rotate(State(app), actor, Path(name.to_owned()), Body(body)).await.map(drop)
}

/// The version of what the journal keeps.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn journal_version(app: &App) -> Result<String, Problem> {
    let settings = &app.registry.snapshot().configuration.journal;
    Ok(Tag::of(settings, settings)?.wanted().to_owned())
}
