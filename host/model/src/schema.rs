//! What documents look like, for the API's description (JSON Schema 2020-12), of types that are
//! read and written by hand. All others say so themselves, by derive.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Ref, Schema,
    SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::{AnswerRule, Scalar, Statuses, Wait};
use crate::event::{EventType, TypePattern};
use crate::extract::{Extract, Whole};
use crate::journal::{Age, Size};
use crate::policy::PolicyAlgorithm;
use crate::retry::{Exponential, Interval, RetryPolicy};
use crate::write_back::WriteBack;
use crate::{
    AttemptId, AuditId, ConnectionId, DeliveryId, Digest, EventId, JwtAlgorithm, Name, RejectId,
    ReplayId, SourceId, SubscriptionId, Timestamp, TokenId, UserId,
};

/// A collection of named schemas.
type Named = Vec<(String, RefOr<Schema>)>;

/// A text of this form.
fn text(pattern: &str, description: &str, example: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .description(Some(description))
        .examples([example])
}

macro_rules! texts {
    ($($type:ident: $schema:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }
        }
    )*};
}

macro_rules! ids {
    ($($type:ident: $description:literal, $example:literal;)*) => {
        texts! {$(
            $type: text(
                &format!("^{}[0-9a-f]{{32}}$", $type::PREFIX),
                $description,
                concat!($example, "0193456789ab7cde8f0123456789abcd"),
            );
        )*}
    };
}

ids! {
    EventId: "The id of an event.", "evt_";
    SubscriptionId: "The id of a subscription.", "sub_";
    DeliveryId: "The id of a delivery: the same on every retry.", "dlv_";
    AttemptId: "The id of an attempt.", "att_";
    SourceId: "The id of a source.", "src_";
    ConnectionId: "The id of a connection.", "con_";
    TokenId: "The id of an API token; not the token itself.", "tok_";
    UserId: "The id of someone who can log in.", "usr_";
    AuditId: "The id of an entry of the audit log.", "aud_";
    RejectId: "The id of a post that could not be read.", "rej_";
    ReplayId: "The id of a replay.", "rpl_";
}

texts! {
    Name: text(
        "^[a-z0-9][a-z0-9._-]{0,63}$",
        "A name: 1 to 64 lower-case letters, digits, `-`, `_` or `.`, starting with a letter or \
         a digit.",
        "duty-team",
    )
    .min_length(Some(1))
    .max_length(Some(Name::MAX_LEN));
    Digest: text(
        "^[0-9a-f]{64}$",
        "A SHA-256 digest in hexadecimal.",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    )
    .min_length(Some(64))
    .max_length(Some(64));
    Timestamp: ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(utoipa::openapi::SchemaFormat::Custom("date-time".into())))
        .description(Some(
            "A moment after RFC 3339; answers have it in UTC, with milliseconds.",
        ))
        .examples(["2026-03-01T10:00:00.000Z"]);
    EventType: text(
        "^[A-Za-z0-9._-]{1,128}$",
        "An event type: 1 to 128 letters, digits, `.`, `_` or `-`.",
        "ticket.created",
    )
    .min_length(Some(1))
    .max_length(Some(128));
    TypePattern: text(
        r"^(\*|[A-Za-z0-9._-]{0,127}\.\*|[A-Za-z0-9._-]{1,128})$",
        "Which event types: `*` for all, a prefix such as `ticket.*`, or one type.",
        "ticket.*",
    )
    .min_length(Some(1))
    .max_length(Some(129));
    Age: text(
        "^(forever|(0|[1-9][0-9]{0,3})[dhms])$",
        "A while: a number and a unit such as `90d`, `36h`, `15m`, `30s`, or `forever`. Other \
         ways to write it are read as well, such as `2w` and `P1D`, up to 100 years.",
        "90d",
    )
    .max_length(Some(40));
    Size: text(
        "^(0|[1-9][0-9]{0,5})([kMGT]B|[KMGT]iB|B)?$",
        "A size: a number of bytes, or one with a unit such as `500MB` or `20GiB`.",
        "20GiB",
    )
    .max_length(Some(40));
    PolicyAlgorithm: ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "An algorithm of RFC 7518, or `none`. It is read in lower case, too.",
        ))
        .enum_values(Some(
            std::iter::once("none").chain(JwtAlgorithm::ALL.map(JwtAlgorithm::as_str)),
        ));
    Scalar: ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::Boolean, Type::Number, Type::String]))
        .description(Some("A text, a number or a truth value."));
    Whole: ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Always `true`."))
        .enum_values(Some([true]));
}

/// A body in a document: text as it is, anything else as `{"base64": …}`.
pub struct TextOrBase64;

/// A while in a document: seconds and, beside them, nanoseconds.
#[derive(ToSchema)]
pub struct WholeDuration {
    /// Whole seconds.
    pub secs: u64,
    /// What is left, in nanoseconds.
    #[schema(minimum = 0, maximum = 999_999_999)]
    pub nanos: u32,
}

texts! {
    TextOrBase64: Schema::OneOf(
        OneOfBuilder::new()
            .description(Some("A text, or any bytes in base64."))
            .item(ObjectBuilder::new().schema_type(Type::String))
            .item(
                ObjectBuilder::new()
                    .property("base64", ObjectBuilder::new().schema_type(Type::String))
                    .required("base64")
                    .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))),
            )
            .build(),
    );
}

fn status() -> [Object; 2] {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(100))
        .maximum(Some(999))
        .build();
    let class = text(
        r"^([1-9]xx|[1-9][0-9]{2})$",
        "A class such as `2xx`, a number such as `404`, or a range such as `200..=400`.",
        "2xx",
    );
    [number, class.build()]
}

impl PartialSchema for Statuses {
    fn schema() -> RefOr<Schema> {
        let [number, class] = status();
        let one = OneOfBuilder::new().item(number.clone()).item(class.clone());
        let list = ArrayBuilder::new().items(one).min_items(Some(1));
        let all = OneOfBuilder::new()
            .description(Some("HTTP statuses: a class, a number, a range, or a list of these."))
            .item(number)
            .item(class)
            .item(list);
        Schema::OneOf(all.build()).into()
    }
}

impl ToSchema for Statuses {}

impl PartialSchema for Wait {
    fn schema() -> RefOr<Schema> {
        let seconds = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0))
            .maximum(Some(Wait::LONGEST_S));
        let both = OneOfBuilder::new()
            .description(Some("Seconds, or where the answer says how many."))
            .item(seconds)
            .item(Ref::from_schema_name(Extract::name()));
        Schema::OneOf(both.build()).into()
    }
}

impl ToSchema for Wait {
    fn schemas(schemas: &mut Named) {
        schemas.push((Extract::name().into(), Extract::schema()));
        Extract::schemas(schemas);
    }
}

impl PartialSchema for RetryPolicy {
    fn schema() -> RefOr<Schema> {
        let wait = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0.01))
            .maximum(Some(604_800));
        let waits = ArrayBuilder::new().items(wait).min_items(Some(1)).max_items(Some(100));
        let off = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["off"]));
        let listed = ObjectBuilder::new()
            .description(Some("After these waits, in seconds, and not again after the last."))
            .property("waits_s", waits)
            .required("waits_s")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
        let all = OneOfBuilder::new()
            .description(Some("When a failed attempt is tried again."))
            .item(off)
            .item(Ref::from_schema_name(Exponential::name()))
            .item(Ref::from_schema_name(Interval::name()))
            .item(listed);
        Schema::OneOf(all.build()).into()
    }
}

impl ToSchema for RetryPolicy {
    fn schemas(schemas: &mut Named) {
        schemas.push((Exponential::name().into(), Exponential::schema()));
        schemas.push((Interval::name().into(), Interval::schema()));
    }
}

/// Types that are read and written as another.
macro_rules! as_document {
    ($($type:ident: $document:ty;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                <$document>::schema()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }

            fn schemas(schemas: &mut Named) {
                <$document>::schemas(schemas);
            }
        }
    )*};
}

as_document! {
    AnswerRule: crate::answer::Document;
    WriteBack: crate::write_back::Document;
}
