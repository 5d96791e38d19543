//! Between the contract's types and the model's. What a guest says is taken as it is here;
//! `check` and `describe` judge it.

use std::time::Duration;

use hookwright_model::request::{
    Credential, DigestEncoding, Encoding, HmacDigest, Part, Request, Signature, SignedPart,
    Template,
};
use hookwright_model::{
    Decision, Descriptor, Event, Failure, FollowUp, Judgement, SecretSlot, Timestamp, Verdict,
};

use super::bindings::exports::hookwright::plugin::{metadata, parse, response};
use super::bindings::hookwright::plugin::types as wit;
use crate::check::{self, Refusal};
use crate::plugin::{Exchange, Inbound, ParsedEvent, Problem, Rejection, Transformed};

pub(super) fn event(event: &Event) -> wit::Event {
    wit::Event {
        id: event.id.to_string(),
        source: event.source.to_string(),
        event_type: event.event_type.to_string(),
        subject: event.subject.as_deref().map(str::to_owned),
        occurred_at: u64::try_from(event.occurred_at.millis()).unwrap_or(0),
        data_schema: event.data_schema.as_ref().to_owned(),
        data: event.data.as_ref().to_owned(),
    }
}

pub(super) fn descriptor(found: metadata::Descriptor) -> Result<Descriptor, String> {
    let secrets = found.secrets.into_iter().map(|slot| SecretSlot {
        name: slot.name,
        title: slot.title,
        description: slot.description,
        required: slot.required,
    });
    Ok(Descriptor {
        name: found.name.parse().map_err(|error| format!("{error}"))?,
        version: found.version,
        title: found.title,
        description: found.description,
        homepage: found.homepage,
        events: found.events,
        settings_schema: found.settings_schema.into(),
        secrets: secrets.collect(),
        origins: found.origins,
    })
}

pub(super) fn transformed(result: Result<wit::Decision, wit::Failure>) -> Transformed {
    match result {
        Ok(wit::Decision::Deliver(requests)) => {
            Ok(Decision::Deliver(requests.into_iter().map(request).collect()))
        }
        Ok(wit::Decision::Skip(reason)) => Ok(Decision::Skip(reason)),
        Err(wit::Failure::Rejected(reason)) => Err(Failure::Rejected(reason)),
        Err(wit::Failure::Misconfigured(reason)) => Err(Failure::Misconfigured(reason)),
        Err(wit::Failure::Transient(reason)) => Err(Failure::Transient(reason)),
        Err(wit::Failure::Other(reason)) => Err(Failure::Other(reason)),
    }
}

fn request(request: wit::Request) -> Request {
    let headers = request.headers.into_iter().map(|(name, value)| (name, template(value)));
    Request {
        method: request.method,
        url: template(request.url),
        headers: headers.collect(),
        body: template(request.body),
    }
}

fn template(parts: Vec<wit::Part>) -> Template {
    Template(parts.into_iter().map(part).collect())
}

fn part(part: wit::Part) -> Part {
    match part {
        wit::Part::Text(text) => Part::Text(text),
        wit::Part::Bytes(bytes) => Part::Bytes(bytes),
        wit::Part::Secret(secret) => {
            Part::Secret { slot: secret.slot, encoding: encoding(secret.encoding) }
        }
        wit::Part::Basic(basic) => Part::Basic {
            username: credential(basic.username),
            password: credential(basic.password),
        },
        wit::Part::Signature(signature) => Part::Signature(Signature {
            slot: signature.slot,
            digest: match signature.digest {
                wit::Digest::Sha1 => HmacDigest::Sha1,
                wit::Digest::Sha256 => HmacDigest::Sha256,
                wit::Digest::Sha512 => HmacDigest::Sha512,
            },
            encoding: match signature.encoding {
                wit::DigestEncoding::Hex => DigestEncoding::Hex,
                wit::DigestEncoding::Base64 => DigestEncoding::Base64,
            },
            message: signature.message.into_iter().map(signed_part).collect(),
        }),
        wit::Part::DeliveryId => Part::DeliveryId,
        wit::Part::SentAt => Part::SentAt,
    }
}

fn signed_part(part: wit::SignedPart) -> SignedPart {
    match part {
        wit::SignedPart::Text(text) => SignedPart::Text(text),
        wit::SignedPart::Body => SignedPart::Body,
        wit::SignedPart::DeliveryId => SignedPart::DeliveryId,
        wit::SignedPart::SentAt => SignedPart::SentAt,
    }
}

fn encoding(encoding: wit::Encoding) -> Encoding {
    match encoding {
        wit::Encoding::Raw => Encoding::Raw,
        wit::Encoding::Percent => Encoding::Percent,
        wit::Encoding::Form => Encoding::Form,
        wit::Encoding::Json => Encoding::Json,
        wit::Encoding::Xml => Encoding::Xml,
        wit::Encoding::Base64 => Encoding::Base64,
    }
}

fn credential(credential: wit::Credential) -> Credential {
    match credential {
        wit::Credential::Text(text) => Credential::Text(text),
        wit::Credential::Secret(slot) => Credential::Secret(slot),
    }
}

pub(super) fn exchange(exchange: &Exchange<'_>) -> response::Exchange {
    let answer = &exchange.answer;
    response::Exchange {
        event: event(exchange.event),
        request: to_request(exchange.request),
        position: exchange.position,
        resends: exchange.resends,
        answer: response::Answer {
            status: answer.status,
            headers: answer.headers.to_vec(),
            body: answer.body.to_vec(),
            complete: answer.complete,
        },
    }
}

fn to_request(request: &Request) -> wit::Request {
    let headers = request.headers.iter().map(|(name, value)| (name.clone(), to_parts(value)));
    wit::Request {
        method: request.method.clone(),
        url: to_parts(&request.url),
        headers: headers.collect(),
        body: to_parts(&request.body),
    }
}

fn to_parts(template: &Template) -> Vec<wit::Part> {
    template.0.iter().map(to_part).collect()
}

fn to_part(part: &Part) -> wit::Part {
    match part {
        Part::Text(text) => wit::Part::Text(text.clone()),
        Part::Bytes(bytes) => wit::Part::Bytes(bytes.clone()),
        Part::Secret { slot, encoding } => wit::Part::Secret(wit::SecretUse {
            slot: slot.clone(),
            encoding: match encoding {
                Encoding::Raw => wit::Encoding::Raw,
                Encoding::Percent => wit::Encoding::Percent,
                Encoding::Form => wit::Encoding::Form,
                Encoding::Json => wit::Encoding::Json,
                Encoding::Xml => wit::Encoding::Xml,
                Encoding::Base64 => wit::Encoding::Base64,
            },
        }),
        Part::Basic { username, password } => wit::Part::Basic(wit::BasicCredentials {
            username: to_credential(username),
            password: to_credential(password),
        }),
        Part::Signature(signature) => wit::Part::Signature(wit::Signature {
            slot: signature.slot.clone(),
            digest: match signature.digest {
                HmacDigest::Sha1 => wit::Digest::Sha1,
                HmacDigest::Sha256 => wit::Digest::Sha256,
                HmacDigest::Sha512 => wit::Digest::Sha512,
            },
            encoding: match signature.encoding {
                DigestEncoding::Hex => wit::DigestEncoding::Hex,
                DigestEncoding::Base64 => wit::DigestEncoding::Base64,
            },
            message: signature.message.iter().map(to_signed_part).collect(),
        }),
        Part::DeliveryId => wit::Part::DeliveryId,
        Part::SentAt => wit::Part::SentAt,
    }
}

fn to_signed_part(part: &SignedPart) -> wit::SignedPart {
    match part {
        SignedPart::Text(text) => wit::SignedPart::Text(text.clone()),
        SignedPart::Body => wit::SignedPart::Body,
        SignedPart::DeliveryId => wit::SignedPart::DeliveryId,
        SignedPart::SentAt => wit::SignedPart::SentAt,
    }
}

fn to_credential(credential: &Credential) -> wit::Credential {
    match credential {
        Credential::Text(text) => wit::Credential::Text(text.clone()),
        Credential::Secret(slot) => wit::Credential::Secret(slot.clone()),
    }
}

pub(super) fn judgement(judgement: response::Judgement) -> Judgement {
    Judgement {
        verdict: verdict(judgement.verdict),
        follow_ups: judgement.follow_ups.into_iter().map(follow_up).collect(),
    }
}

fn verdict(verdict: response::Verdict) -> Verdict {
    match verdict {
        response::Verdict::Delivered(receipt) => {
            Verdict::Delivered { remote_id: receipt.remote_id, note: receipt.note }
        }
        response::Verdict::Retry(postponement) => Verdict::Retry {
            reason: postponement.reason,
            not_before: postponement.not_before.map(Duration::from_millis),
            counted: postponement.counted,
        },
        response::Verdict::Failed(reason) => Verdict::Failed { reason },
        response::Verdict::Resend(replacement) => {
            Verdict::Resend { reason: replacement.reason, request: request(replacement.request) }
        }
    }
}

fn follow_up(follow_up: response::FollowUp) -> FollowUp {
    match follow_up {
        response::FollowUp::SetField(field) => {
            FollowUp::SetField { field: field.field, value: field.value }
        }
        response::FollowUp::AddComment(comment) => FollowUp::AddComment {
            internal: comment.visibility == response::Visibility::Internal,
            text: comment.text,
        },
        response::FollowUp::Send(found) => FollowUp::Send(request(found)),
    }
}

pub(super) fn problem(problem: wit::Problem) -> Problem {
    Problem { at: problem.at, message: problem.message }
}

pub(super) fn inbound(inbound: &Inbound<'_>) -> parse::Inbound {
    parse::Inbound {
        method: inbound.method.to_owned(),
        query: inbound.query.to_vec(),
        headers: inbound.original.headers.clone(),
        body: inbound.original.body.to_vec(),
    }
}

pub(super) fn parsed(
    result: Result<Vec<parse::ParsedEvent>, parse::Rejection>,
) -> Result<Result<Vec<ParsedEvent>, Rejection>, Refusal> {
    match result {
        Ok(events) => events.into_iter().map(parsed_event).collect::<Result<_, _>>().map(Ok),
        Err(rejected) => Ok(Err(rejection(rejected))),
    }
}

fn rejection(rejection: parse::Rejection) -> Rejection {
    match rejection {
        parse::Rejection::Malformed(found) | parse::Rejection::Other(found) => {
            Rejection::Malformed(problem(found))
        }
        parse::Rejection::BrokenTemplate(found) => Rejection::BrokenTemplate(problem(found)),
        parse::Rejection::Unsupported(found) => Rejection::Unsupported(problem(found)),
        parse::Rejection::Misconfigured(found) => Rejection::Misconfigured(problem(found)),
    }
}

fn parsed_event(event: parse::ParsedEvent) -> Result<ParsedEvent, Refusal> {
    let occurred_at = event.occurred_at.map(|millis| i64::try_from(millis).unwrap_or(i64::MAX));
    Ok(ParsedEvent {
        event_type: check::event(&event.event_type, &event.data)?,
        subject: event.subject,
        occurred_at: occurred_at.map(Timestamp::from_millis),
        data_schema: event.data_schema,
        data: event.data,
        upstream_name: event.upstream_name,
        dedupe_key: event.dedupe_key,
    })
}
