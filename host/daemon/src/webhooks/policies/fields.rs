//! What a client wants a policy to be.

use hookwright_model::{Name, PolicyAlgorithm};
use serde_json::{Map, Value};

use crate::server::problem::{FieldProblem, Problem};
use crate::setup::PolicyWanted;
use crate::webhooks::fields::boolean;

/// They come back with a policy that is read, changed and sent. The name is generated.
pub(in crate::webhooks) const READ_ONLY: [&str; 5] =
    ["id", "name", "public_key_pem", "created_at", "updated_at"];

/// The largest number of minutes, which is kept as seconds.
pub(in crate::webhooks) const MAX_MINUTES: u32 = u32::MAX / 60;

const WRITABLE: &str = "disabled, jwt_alg, jwt_audience, jwt_claim_expires_in and secret";

/// A new one.
///
/// # Errors
/// Names every field that is wrong or missing.
pub(super) fn read_new(document: &Map<String, Value>, name: Name) -> Result<PolicyWanted, Problem> {
    if !document.contains_key("jwt_alg") {
        let detail = "it is required".to_owned();
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/jwt_alg".into(), detail }]));
    }
    let algorithm = PolicyAlgorithm::None;
    let blank = PolicyWanted {
        name,
        algorithm,
        audience: None,
        expires_in_s: None,
        secret: None,
        disabled: false,
    };
    read(document, blank)
}

/// One with the fields changed that are named.
///
/// # Errors
/// Names every field that is wrong.
pub(super) fn read(
    document: &Map<String, Value>,
    mut wanted: PolicyWanted,
) -> Result<PolicyWanted, Problem> {
    let mut errors = Vec::new();
    for (name, value) in document {
        if let Err(detail) = set(&mut wanted, name, value) {
            let name = name.replace('~', "~0").replace('/', "~1");
            let pointer = format!("/{}", name.chars().take(80).collect::<String>());
            errors.push(FieldProblem { pointer, detail });
        }
    }
    if errors.is_empty() { Ok(wanted) } else { Err(Problem::invalid(errors)) }
}

fn set(wanted: &mut PolicyWanted, name: &str, value: &Value) -> Result<(), String> {
    match name {
        "disabled" => wanted.disabled = boolean(value)?,
        "jwt_alg" => {
            let algorithm = serde_json::from_value(value.clone());
            wanted.algorithm = algorithm.map_err(|error| error.to_string())?;
        }
        "jwt_audience" => {
            wanted.audience = match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
                _ => return Err("it is a text, or null for none".to_owned()),
            }
        }
        "jwt_claim_expires_in" => {
            let minutes = |value: &Value| u32::try_from(value.as_u64()?).ok()?.checked_mul(60);
            wanted.expires_in_s = match value {
                Value::Null => None,
                value => Some(minutes(value).filter(|seconds| *seconds > 0).ok_or_else(|| {
                    format!("it is a number of minutes from 1 to {MAX_MINUTES}, or null for never")
                })?),
            }
        }
        "secret" => {
            wanted.secret = match value {
                Value::Null => None,
                Value::String(name) => Some(name.parse().map_err(|_| {
                    "it is the name of a secret of this daemon, and never the key".to_owned()
                })?),
                _ => return Err("it is the name of a secret, or null for none".to_owned()),
            }
        }
        name if READ_ONLY.contains(&name) => {}
        _ => return Err(format!("there is no such field; there are {WRITABLE}")),
    }
    Ok(())
}

/// What is wrong with a set-up, in the fields of R-Service.
pub(super) fn in_fields(problem: &Problem) -> Problem {
    if problem.errors().is_empty() {
        return problem.clone();
    }
    let places = [
        ("/algorithm", "/jwt_alg"),
        ("/audience", "/jwt_audience"),
        ("/expires_in_s", "/jwt_claim_expires_in"),
        ("/secret", "/secret"),
    ];
    let errors = problem.errors().iter().map(|error| {
        let inside = error.pointer.strip_prefix("/policies/0").unwrap_or_default();
        let place = places.into_iter().find(|(place, _)| *place == inside);
        let pointer = place.map_or("", |(_, field)| field).to_owned();
        FieldProblem { pointer, detail: error.detail.clone() }
    });
    Problem::invalid(errors.collect())
}
