//! Adding people, changing and removing them: what the API, the console and the command line do.

use std::net::IpAddr;
use std::time::Instant;

use hookwright_model::{
    AccessRole, AuditTarget, FieldChange, Language, Name, Secret, Timestamp, User, UserId,
};
use hookwright_store::{StoreError, UserChange};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::{People, Session, password};
use crate::audit;
use crate::server::auth::Actor;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::fields;

/// Someone to be added.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserWanted {
    /// What they log in with.
    pub name: Name,
    /// What they may do: reader, operator or admin.
    pub role: AccessRole,
    /// What the console speaks to them.
    #[serde(default)]
    pub language: Option<Language>,
    /// Their password; one is generated if absent.
    #[serde(default, deserialize_with = "unseen")]
    pub password: Option<String>,
    /// Whether they cannot log in yet.
    #[serde(default)]
    pub disabled: bool,
}

/// What is to be different. What is absent stays as it is.
#[derive(Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserPatch {
    /// What they may do.
    pub role: Option<AccessRole>,
    /// What the console speaks to them; `null` for what their browser asks for.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<Language>)]
    pub language: Option<Option<Language>>,
    /// Whether they cannot log in.
    pub disabled: Option<bool>,
    /// Another password.
    #[serde(deserialize_with = "unseen")]
    pub password: Option<String>,
    /// Whether another password is generated.
    pub generate_password: bool,
}

/// Tells `null` from what is absent.
fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Language>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is wrong with a password is said without it.
fn unseen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(password) => Ok(Some(password)),
        serde_json::Value::Null => Ok(None),
        _ => Err(serde::de::Error::custom("a password is a text")),
    }
}

/// Someone who was added or changed.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = UserChanged)]
pub struct Changed {
    /// As they are now.
    #[serde(flatten)]
    pub user: User,
    /// Their password, this once, if it was generated.
    #[serde(rename = "password", skip_serializing_if = "Option::is_none")]
    pub generated: Option<String>,
}

impl People {
    /// Everyone, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn all(&self) -> Result<Vec<User>, Problem> {
        Ok(self.store.users().await?)
    }

    /// Someone by name or id.
    ///
    /// # Errors
    /// When there is nobody of the name or id.
    pub async fn find(&self, text: &str) -> Result<User, Problem> {
        let unknown = || {
            let shown: String = text.chars().take(80).collect();
            Problem::not_found(format!("there is no user `{shown}`"))
        };
        if let Ok(id) = text.parse::<UserId>() {
            let all = self.store.users().await?;
            return all.into_iter().find(|user| user.id == id).ok_or_else(unknown);
        }
        let name: Name = text.parse().map_err(|_| unknown())?;
        self.store.user(name).await?.ok_or_else(unknown)
    }

    /// Adds someone.
    ///
    /// # Errors
    /// When their name is taken, or their role or password cannot be used.
    pub async fn add(&self, actor: &Actor, wanted: UserWanted) -> Result<Changed, Problem> {
        let UserWanted { name, role, language, password, disabled } = wanted;
        let mut wrong: Vec<_> = role_mistake(role).into_iter().collect();
        wrong.extend(password.as_deref().and_then(|given| password_mistake(given, &name)));
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        let (password, generated) = self.password(password).await?;
        let now = Timestamp::now();
        let user = User {
            id: UserId::new(),
            name,
            role,
            language,
            password,
            disabled,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        };
        let made = vec![FieldChange::made(&user)];
        let entry = audit::entry(actor, "user.create", target(&user), made);
        self.store.add_user(user.clone(), entry).await?;
        Ok(Changed { user, generated })
    }

    /// Changes someone. Another password, another role and disabling end their sessions.
    ///
    /// # Errors
    /// When there is nobody of this name, or their role or password cannot be used.
    pub async fn change(
        &self,
        actor: &Actor,
        name: &str,
        patch: UserPatch,
    ) -> Result<Changed, Problem> {
        let old = self.find(name).await?;
        let mut wrong: Vec<_> = patch.role.and_then(role_mistake).into_iter().collect();
        let given = patch.password.as_deref();
        wrong.extend(given.and_then(|given| password_mistake(given, &old.name)));
        if patch.generate_password && given.is_some() {
            let detail = "there is a password already: give one, or have one generated".into();
            wrong.push(FieldProblem { pointer: "/generate_password".into(), detail });
        }
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        let has_password = patch.generate_password || given.is_some();
        let mut user = User {
            role: patch.role.unwrap_or(old.role),
            language: patch.language.unwrap_or(old.language),
            disabled: patch.disabled.unwrap_or(old.disabled),
            ..old.clone()
        };
        let mut generated = None;
        if has_password {
            (user.password, generated) = self.password(patch.password).await?;
        }
        self.keep(actor, old, user.clone(), has_password).await?;
        let user = self.find(name).await?;
        Ok(Changed { user, generated })
    }

    /// Has someone who is logged in give themselves another password. All their sessions end.
    ///
    /// # Errors
    /// When the old password is wrong or the new one cannot be used.
    pub async fn change_password(
        &self,
        session: &Session,
        from: IpAddr,
        old: &str,
        new: String,
    ) -> Result<(), Problem> {
        let (user, now) = (self.find(&session.id.to_string()).await?, Timestamp::now());
        let allowed = self.throttle().begin(user.name.as_str(), from, Instant::now());
        let attempt = match allowed {
            Ok(attempt) => attempt,
            Err(wait) => {
                self.refused(Some(user.name), from, now);
                return Err(super::LoginRefused::TooOften(wait).into());
            }
        };
        let hash = user.password.clone();
        let is_right = self.hasher.verify(Secret::from(old.to_owned()), Some(hash)).await;
        if !is_right.map_err(|password::Busy| super::LoginRefused::Busy)? {
            self.refused(Some(user.name), from, now);
            let detail = "this is not your password".to_owned();
            return Err(Problem::invalid(vec![FieldProblem { pointer: "/old".into(), detail }]));
        }
        self.throttle().succeeded(attempt, user.name.as_str(), from);
        if let Some(wrong) = password_mistake(&new, &user.name) {
            return Err(Problem::invalid(vec![wrong]));
        }
        let (password, _) = self.password(Some(new)).await?;
        let changed = User { password, ..user.clone() };
        self.keep(&session.actor(Some(from)), user, changed, true).await
    }

    /// Removes someone, and ends their sessions.
    ///
    /// # Errors
    /// When there is nobody of this name.
    pub async fn remove(&self, actor: &Actor, name: &str) -> Result<(), Problem> {
        let user = self.find(name).await?;
        let was = vec![FieldChange::removed(&user)];
        let entry = audit::entry(actor, "user.remove", target(&user), was);
        if self.store.remove_user(user.id, entry).await? {
            return Ok(());
        }
        Err(StoreError::NotFound(format!("user `{}`", user.name)).into())
    }

    async fn keep(
        &self,
        actor: &Actor,
        old: User,
        user: User,
        has_password: bool,
    ) -> Result<(), Problem> {
        let changes = fields(&old, &user);
        let mut audit = Vec::new();
        if !changes.is_empty() {
            audit.push(audit::entry(actor, "user.update", target(&user), changes));
        }
        if has_password {
            audit.push(audit::entry(actor, "user.password", target(&user), Vec::new()));
        }
        if audit.is_empty() {
            return Ok(());
        }
        let ends_sessions = has_password || user.role != old.role || user.disabled;
        // Two changes within a millisecond are still two.
        let updated_at = Timestamp::now().max(Timestamp::from_millis(old.updated_at.millis() + 1));
        let user = User { updated_at, ..user };
        let change = UserChange { user, was: old.updated_at, ends_sessions, audit };
        Ok(self.store.change_user(change).await?)
    }

    /// What is kept of a password, and the password if it is generated.
    async fn password(
        &self,
        given: Option<String>,
    ) -> Result<(hookwright_model::PasswordHash, Option<String>), Problem> {
        let (password, generated) = match given {
            Some(given) => (given, None),
            None => {
                let made = password::generate()
                    .map_err(|error| Problem::unavailable(format!("no random numbers: {error}")))?;
                (made.clone(), Some(made))
            }
        };
        let hash = self.hasher.hash(Secret::from(password)).await;
        let hash = hash.map_err(|password::Busy| super::LoginRefused::Busy)?;
        Ok((hash.map_err(Problem::unavailable)?, generated))
    }
}

fn target(user: &User) -> AuditTarget {
    AuditTarget::new("user", &user.name)
}

fn role_mistake(role: AccessRole) -> Option<FieldProblem> {
    if User::ROLES.contains(&role) {
        return None;
    }
    let detail = "people are reader, operator or admin; programs that post have a token".to_owned();
    Some(FieldProblem { pointer: "/role".into(), detail })
}

fn password_mistake(password: &str, name: &Name) -> Option<FieldProblem> {
    let mistake = password::check(password, name.as_str()).err()?;
    Some(FieldProblem { pointer: "/password".into(), detail: mistake.to_string() })
}

impl From<super::LoginRefused> for Problem {
    fn from(refused: super::LoginRefused) -> Self {
        let detail = refused.to_string();
        let retry_after_s = refused.retry_after_s();
        match refused {
            super::LoginRefused::Store(error) => error.into(),
            super::LoginRefused::Wrong => Self::unauthenticated(detail),
            super::LoginRefused::TooOften(_) | super::LoginRefused::Busy => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                Self::new(status, "Too many requests", detail).after(retry_after_s)
            }
        }
    }
}
