//! How posts prove where they come from, as fields of a form.

use std::collections::BTreeMap;

use hookwright_model::{Name, SourceAuth, TokenLocation};
use serde_json::{Map, Value, json};

use super::super::fields::{Fields, wrong};
use super::{kind, secret};
use crate::registry::Snapshot;
use crate::server::problem::Problem;
use crate::setup::SecretWanted;

/// The kinds, in the order of the form.
pub(super) const KINDS: [&str; 7] =
    ["token", "hub_signature", "basic", "hmac", "standard_webhooks", "jwt", "none"];

/// What a helpdesk can do, as far as it is known.
pub(super) fn usual(plugin: &str) -> &'static str {
    match plugin {
        "zammad" => "hub_signature",
        "r-service" => "jwt",
        _ => "token",
    }
}

/// The fields of the form, as they are for what is set.
pub(super) fn values(auth: &SourceAuth) -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::from([("auth", kind(auth).to_owned())]);
    if let Some(secret) = auth.secret() {
        values.insert("secret_name", secret.to_string());
    }
    match auth {
        SourceAuth::Basic { username, .. } => drop(values.insert("username", username.clone())),
        SourceAuth::Hmac { header, digest, prefix, encoding, .. } => {
            let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
            values.insert("header", header.clone());
            values.insert("digest", word(json!(digest)));
            values.insert("prefix", prefix.clone());
            values.insert("encoding", word(json!(encoding)));
        }
        SourceAuth::Jwt(jwt) => {
            let location = match jwt.location {
                TokenLocation::Header => "header",
                TokenLocation::Body => "body",
            };
            let key = match (&jwt.secret, &jwt.public_key) {
                (Some(_), _) => "secret",
                (None, Some(_)) => "public_key",
                (None, None) => "issuer",
            };
            let algorithms = jwt.algorithms.iter().map(|one| one.as_str()).collect::<Vec<_>>();
            values.insert("location", location.to_owned());
            values.insert("jwt_key", key.to_owned());
            values.insert("public_key", jwt.public_key.clone().unwrap_or_default());
            values.insert("issuer", jwt.issuer.clone().unwrap_or_default());
            values.insert("audience", jwt.audience.clone().unwrap_or_default());
            values.insert("algorithms", algorithms.join(", "));
            values.insert("leeway_s", jwt.leeway_s.to_string());
        }
        SourceAuth::None {}
        | SourceAuth::Token { .. }
        | SourceAuth::HubSignature { .. }
        | SourceAuth::StandardWebhooks { .. } => {}
    }
    values
}

/// What a form says: `auth` of the API's document, a secret that is set with it, and whether that
/// is one that was generated, and is to be shown.
pub(super) struct Read {
    pub(super) document: Value,
    pub(super) secret: Option<SecretWanted>,
    pub(super) is_generated: bool,
}

/// Reads them. The secret that there is stays if the form says so.
pub(super) fn read(
    form: &Fields,
    there: &Snapshot,
    source: &Name,
    old: Option<&SourceAuth>,
) -> Result<Read, Problem> {
    let kind = form.get("auth");
    let mut members = Map::new();
    members.insert("kind".into(), kind.into());
    let mut put = |name: &str, field: &str| {
        if let Some(value) = form.given(field) {
            members.insert(name.into(), value.into());
        }
    };
    let needs_secret = match kind {
        "none" => false,
        "basic" => {
            put("username", "username");
            true
        }
        "hmac" => {
            ["header", "digest", "encoding"].iter().for_each(|name| put(name, name));
            // A blank can be part of it.
            if !form.typed("prefix").is_empty() {
                members.insert("prefix".into(), form.typed("prefix").into());
            }
            true
        }
        "jwt" => {
            ["location", "issuer", "audience"].iter().for_each(|name| put(name, name));
            let key = form.get("jwt_key");
            if key == "public_key" {
                put("public_key", "public_key");
            }
            let names = form.get("algorithms").split([',', ' ']).filter(|name| !name.is_empty());
            let names: Vec<_> = names.collect();
            if !names.is_empty() {
                members.insert("algorithms".into(), names.into());
            }
            if let Some(leeway) = form.given("leeway_s") {
                let seconds = leeway.parse::<u32>();
                let seconds = seconds.map_err(|_| wrong("/auth/leeway_s", "this is no number"))?;
                members.insert("leeway_s".into(), seconds.into());
            }
            key == "secret"
        }
        _ => true,
    };
    let mut read = Read { document: Value::Null, secret: None, is_generated: false };
    if needs_secret {
        let name = match (form.get("secret_from"), old.and_then(SourceAuth::secret)) {
            ("kept", Some(name)) => name.to_string(),
            ("known", _) => form.get("secret_name").to_owned(),
            ("typed", _) => {
                let name = secret::name(there, source)?;
                let value = form.typed("secret_value").to_owned();
                read.secret = Some(SecretWanted { name: name.clone(), value });
                name.to_string()
            }
            _ => {
                let (name, value) = (secret::name(there, source)?, secret::generate(kind)?);
                read.secret = Some(SecretWanted { name: name.clone(), value });
                read.is_generated = true;
                name.to_string()
            }
        };
        members.insert("secret".into(), name.into());
    }
    read.document = members.into();
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str) -> Read {
        let name = "desk".parse().unwrap();
        read(&Fields::read(form.as_bytes()), &Snapshot::default(), &name, None).unwrap()
    }

    /// What a form says is what the form is filled in with the next time.
    #[test]
    fn there_and_back() {
        for form in [
            "auth=none",
            "auth=token",
            "auth=hub_signature",
            "auth=standard_webhooks",
            "auth=basic&username=desk",
            "auth=hmac&header=X-Signature&digest=sha256&prefix=sha256%3D&encoding=base64",
            "auth=jwt&jwt_key=secret&location=body&audience=us&leeway_s=5&algorithms=HS256%2C+HS512",
            "auth=jwt&jwt_key=issuer&location=header&issuer=https%3A%2F%2Fa.example&leeway_s=60",
        ] {
            let read = of(form);
            let auth: SourceAuth = serde_json::from_value(read.document).unwrap();
            let values = values(&auth);
            for (name, value) in form_urlencoded::parse(form.as_bytes()) {
                assert_eq!(values.get(&*name).map(String::as_str), Some(&*value), "{form}: {name}");
            }
            assert_eq!(auth.secret().is_some(), read.is_generated, "{form}");
        }
    }

    #[test]
    fn a_secret_is_generated_typed_known_or_kept() {
        let generated = of("auth=token").secret.unwrap();
        assert_eq!((generated.name.as_str(), generated.value.len()), ("desk-key", 43));
        let typed = of("auth=token&secret_from=typed&secret_value=+a+b+");
        assert_eq!(typed.secret.unwrap().value, " a b ");
        assert!(!typed.is_generated);
        let known = of("auth=token&secret_from=known&secret_name=x");
        assert!(known.secret.is_none() && known.document["secret"] == "x");
        let old = SourceAuth::Token { secret: "old".parse().unwrap() };
        let form = Fields::read(b"auth=hub_signature&secret_from=kept");
        let name = "desk".parse().unwrap();
        let kept = read(&form, &Snapshot::default(), &name, Some(&old)).unwrap();
        assert!(kept.secret.is_none() && kept.document["secret"] == "old");
    }
}
