//! Webhooks and policies as they are sent and shown.

use hookwright_model::{External, JwtAlgorithm, Policy, Subscription};
use serde_json::{Map, Value, json};

use crate::webhooks::{event, fields, policies};

/// The schemas that the operations name.
pub(crate) fn schemas() -> Map<String, Value> {
    let webhook = ["id", "name", "event", "created_at", "updated_at"];
    let policy = ["id", "name", "disabled", "created_at", "updated_at", "jwt_alg"];
    let ignored = &fields::READ_ONLY;
    let schemas = json!({
        "Webhook": shown("A webhook. What has no value is left out.", &webhook_shown(), &webhook),
        "ListedWebhook": listed("A webhook, with some of its fields.", webhook_shown()),
        "NewWebhook": sent(
            "A webhook that is to be made.", webhook_sent(), ignored, &["event", "uri"],
        ),
        "WebhookChange": sent(
            "What is to be different of a webhook; what is not named stays as it is.",
            webhook_sent(), ignored, &[],
        ),
        "WebhookPolicyMade": shown(
            "A policy with its public key, which is shown this once.", &policy_made(), &policy,
        ),
        "WebhookPolicy": shown(
            "How what is sent is signed. What has no value is left out.", &policy_shown(), &policy,
        ),
        "ListedWebhookPolicy": listed("A policy, with some of its fields.", policy_shown()),
        "NewWebhookPolicy": sent(
            "A policy that is to be made.",
            policy_sent(), &policies::READ_ONLY, &["jwt_alg"],
        ),
        "WebhookPolicyChange": sent(
            "What is to be different of a policy; what is not named stays as it is.",
            policy_sent(), &policies::READ_ONLY, &[],
        ),
        "WebhookProblem": {
            "description": "What went wrong, also in the words that clients of R-Service read.",
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {
                    "type": "object",
                    "required": ["message"],
                    "properties": {
                        "message": {
                            "type": "string",
                            "description": "What is wrong, with the fields that it is about.",
                        },
                    },
                },
            ],
        },
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}

/// A record in full.
fn shown(description: &str, properties: &Value, required: &[&str]) -> Value {
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

/// A record with the fields that are asked for, or those that are usual.
fn listed(description: &str, mut properties: Value) -> Value {
    for (name, property) in properties.as_object_mut().into_iter().flatten() {
        if name != "id" {
            let mut nullable = json!({ "anyOf": [{ "type": "null" }, property.clone()] });
            if let Some(told) = property.get("description") {
                nullable["description"] = told.clone();
            }
            *property = nullable;
        }
    }
    shown(description, &properties, &["id"])
}

/// A document, with what is read only in it: whoever sends back what was shown makes no mistake.
fn sent(
    description: &str,
    mut properties: Value,
    ignored: &[&'static str],
    required: &[&str],
) -> Value {
    for name in ignored {
        properties[*name] = json!({ "description": "It is read only; what is sent is ignored." });
    }
    let mut document = shown(description, &properties, required);
    document["additionalProperties"] = false.into();
    document
}

fn time(description: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": description })
}

fn webhook_shown() -> Value {
    json!({
        "id": {
            "type": "integer", "minimum": 1, "examples": [1],
            "description": "The number that it keeps; no other ever gets it.",
        },
        "name": {"type": "string", "description": "Any text, which need not be unique."},
        "event": {
            "type": "string", "examples": ["problem.update"],
            "description": "The event that it is for. A subscription that was set up by other \
                            means can have several, with commas between them.",
        },
        "uri": {
            "type": "string",
            "description": "What is called. `***:***` stands for a user name and a password.",
        },
        "disabled": {
            "type": "string", "enum": ["true"],
            "description": "Of those that are, and only of those.",
        },
        "last_error": {
            "type": "string",
            "description": "Why the last attempt failed, until one delivers or the webhook is \
                            enabled again.",
        },
        "description": {"type": "string", "description": "What it is for."},
        "attachments": {
            "type": "array", "maxItems": 0,
            "description": "There are none. In listings that ask for it.",
        },
        "mail_exceptions_to": {
            "type": "string",
            "description": "Who is told by mail when it fails: addresses with commas between them.",
        },
        "source": {"type": "string", "description": "The system that had it made."},
        "sourceID": {"type": "string", "description": "Its id there."},
        "webhook_policy": {
            "type": "object",
            "description": "How what is sent is signed.",
            "properties": {
                "id": {"type": ["integer", "null"]},
                "name": {"type": "string"},
                "disabled": {"type": "boolean"},
            },
            "required": ["id", "name", "disabled"],
        },
        "created_at": time("When it was made."),
        "updated_at": time("When it was last changed."),
    })
}

fn webhook_sent() -> Value {
    let reference = json!({
        "description": "The policy with which to sign what is sent: its id, or an object with its \
                        id or its name; null for none.",
        "anyOf": [
            {"type": ["integer", "string", "null"]},
            {"type": "object", "properties": {"id": {"type": ["integer", "string"]}}, "required": ["id"]},
            {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        ],
        "examples": [{"id": 1}],
    });
    let text = |longest: usize, description: &str| {
        json!({
            "type": ["string", "null"],
            "maxLength": longest,
            "description": format!("{description} Null, or an empty text, for none."),
        })
    };
    json!({
        "event": {
            "type": "string", "enum": event::names(),
            "description": "The event that it is for.",
        },
        "uri": {
            "type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "description": "What is called. A user name and a password in it become secrets; as \
                            `***:***` they stay as they are, for the same host.",
            "examples": ["https://myserver.example.com/mywebhook"],
        },
        "name": text(500, "Any text. What the event is called, if there is none."),
        "disabled": {
            "enum": [true, false, "true", "false", null],
            "description": "Whether events are not sent. False, if it is not said.",
        },
        "description": text(
            Subscription::MAX_DESCRIPTION,
            "What it is for, in as many bytes at most as there may be characters.",
        ),
        "mail_exceptions_to": {
            "type": ["string", "null"],
            "description": "Who is told by mail when it fails: addresses with commas between them.",
            "examples": ["john.doe@example.com,jane.doe@example.com"],
        },
        "source": text(External::MAX_SOURCE, "The system that has it made."),
        "sourceID": text(External::MAX_SOURCE_ID, "Its id there."),
        "webhook_policy": reference,
        "webhook_policy_id": reference,
        "description_attachments": {
            "type": ["array", "null"], "maxItems": 0,
            "description": "Nothing can be attached.",
        },
    })
}

fn algorithms(all: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let signed = JwtAlgorithm::ALL.iter().flat_map(|one| all(one.as_str()));
    std::iter::once("none".to_owned()).chain(signed).collect()
}

fn policy_shown() -> Value {
    json!({
        "id": {
            "type": "integer", "minimum": 1, "examples": [1],
            "description": "The number that it keeps; no other ever gets it.",
        },
        "name": {"$ref": "#/components/schemas/Name"},
        "disabled": {
            "type": "boolean",
            "description": "What is to be signed by a disabled policy waits.",
        },
        "created_at": time("When it was made."),
        "updated_at": time("When it was last changed. A new key is no change."),
        "jwt_alg": {
            "type": "string", "enum": algorithms(|name| vec![name.to_lowercase()]),
            "description": "With what tokens are signed.",
        },
        "jwt_audience": {"type": "string", "description": "The claim `aud`."},
        "jwt_claim_expires_in": {
            "type": "number", "exclusiveMinimum": 0,
            "description": "How many minutes after the attempt a token expires; never if absent.",
        },
    })
}

fn policy_made() -> Value {
    let mut properties = policy_shown();
    properties["public_key_pem"] = json!({
        "type": "string",
        "description": "Of `rs…` and `es…`. Receivers find it at \
                        `/webhook_policies/{name}/.well-known/jwks.json`.",
    });
    properties
}

fn policy_sent() -> Value {
    json!({
        "jwt_alg": {
            "type": "string",
            "enum": algorithms(|name| vec![name.to_lowercase(), name.to_owned()]),
            "description": "With what tokens are signed. Keys of `rs…` and `es…` are generated.",
            "examples": ["es256"],
        },
        "jwt_audience": {
            "type": ["string", "null"], "maxLength": Policy::MAX_AUDIENCE,
            "description": "The claim `aud`, in as many bytes at most as there may be characters. \
                            Null, or an empty text, for none.",
        },
        "jwt_claim_expires_in": {
            "type": ["integer", "null"], "minimum": 1, "maximum": policies::MAX_MINUTES,
            "description": "How many minutes after the attempt a token expires; null for never.",
        },
        "secret": {
            "anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Name"}],
            "description": "For `hs…`: the name of the secret that is the key, and never the key.",
        },
        "disabled": {
            "enum": [true, false, "true", "false", null],
            "description": "Whether what is to be signed by it waits. False, if it is not said.",
        },
    })
}
