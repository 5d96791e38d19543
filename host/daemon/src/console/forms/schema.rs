//! What a schema asks for, as fields of a form. What is not understood is asked for as JSON.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::segment;

/// How deep a form goes; what lies deeper is JSON.
const DEPTH: usize = 6;
/// The most fields of a form: a schema that names itself would have any number of them. What comes
/// after is JSON.
const FIELDS: usize = 1_000;

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is called in the form. Two fields of alternatives can have one pointer.
    pub key: String,
    /// Where its value stands in the document.
    pub pointer: String,
    /// What it is called in its object.
    pub name: String,
    /// For people; none if it has no words of its own.
    pub title: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The key of its words in the console's texts, if it is one of the console's own.
    pub text: Option<String>,
    /// The part of the form that it stands in, if it is one of the console's own.
    pub section: Option<String>,
    /// What holds if it is left out.
    pub default: Option<Value>,
    /// What it could be.
    pub examples: Vec<Value>,
    /// Whether its object needs it.
    pub required: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a field is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text.
    Text(Bounds),
    /// A number.
    Number {
        /// Whether it is a whole one.
        whole: bool,
        /// The least.
        min: Option<Value>,
        /// The most.
        max: Option<Value>,
    },
    /// Yes or no.
    Bool,
    /// One of these.
    Choice(Vec<One>),
    /// Always this.
    Const(Value),
    /// Texts, one in each line.
    Lines,
    /// Some of these.
    Checks(Vec<One>),
    /// Names and texts.
    Map,
    /// Fields; others as JSON, if there may be others.
    Object {
        /// Those that are known.
        fields: Vec<Field>,
        /// Whether there may be others.
        open: bool,
    },
    /// One of several.
    Pick(Vec<Alternative>),
    /// A text, or any JSON.
    Any,
    /// Any JSON.
    Json,
}

/// What a text has to be like.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// In characters.
    pub min_length: Option<u64>,
    /// In characters.
    pub max_length: Option<u64>,
    /// A regular expression that fits somewhere in it.
    pub pattern: Option<String>,
    /// Such as `uri`.
    pub format: Option<String>,
}

/// A value that can be chosen.
#[derive(Clone, Debug)]
pub struct One {
    /// The value.
    pub value: Value,
    /// For people; none if the value says enough.
    pub title: Option<String>,
}

/// One of several that a value can be.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// What a value is like that is meant.
    pub schema: Value,
    /// What is entered for it.
    pub field: Field,
}

/// Where in a form.
#[derive(Clone, Copy)]
struct At<'a> {
    root: &'a Value,
    depth: usize,
    /// How many fields there may still be.
    left: &'a Cell<usize>,
}

impl At<'_> {
    /// Takes room for so many fields, if there is so much.
    fn has_room(&self, count: usize) -> bool {
        let rest = self.left.get().checked_sub(count);
        self.left.set(rest.unwrap_or_default());
        rest.is_some()
    }
}

/// The field that asks for what a schema describes, at this pointer.
#[must_use]
pub fn fields(schema: &Value, pointer: &str) -> Field {
    let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
    let left = Cell::new(FIELDS);
    field(At { root: schema, depth: 0, left: &left }, schema, (pointer, pointer), &name, true)
}

/// The fields of a plugin's settings, in the order in which its schema names them. Of what is no
/// schema any JSON is asked for.
#[must_use]
pub fn settings(schema: &str) -> Field {
    let read: Value = serde_json::from_str(schema).unwrap_or(Value::Bool(true));
    let mut field = fields(&read, "/settings");
    if let Kind::Object { fields, .. } = &mut field.kind {
        fields.sort_by_key(|field| schema.find(&format!("\"{}\"", field.name)));
    }
    field
}

fn field(at: At<'_>, schema: &Value, place: (&str, &str), name: &str, required: bool) -> Field {
    let (key, pointer) = place;
    let own = |member: &str| schema.get(member).and_then(Value::as_str).map(str::to_owned);
    Field {
        key: key.to_owned(),
        pointer: pointer.to_owned(),
        name: name.to_owned(),
        title: own("title"),
        description: own("description"),
        text: own("x-text"),
        section: own("x-section"),
        default: schema.get("default").cloned(),
        examples: schema.get("examples").and_then(Value::as_array).cloned().unwrap_or_default(),
        required,
        kind: kind(at, schema, place),
    }
}

fn resolved<'a>(at: At<'a>, schema: &'a Value) -> Option<&'a Value> {
    match schema.get("$ref").and_then(Value::as_str) {
        None => Some(schema),
        Some(reference) => at.root.pointer(reference.strip_prefix('#')?),
    }
}

fn kind(at: At<'_>, schema: &Value, place: (&str, &str)) -> Kind {
    if at.depth >= DEPTH {
        return Kind::Json;
    }
    let Some(schema) = resolved(at, schema) else { return Kind::Json };
    let hard = ["allOf", "not", "if", "dependentSchemas", "patternProperties", "$ref"];
    let Some(members) = schema.as_object() else { return Kind::Any };
    if hard.iter().any(|word| members.contains_key(*word)) {
        return Kind::Json;
    }
    if let Some(value) = members.get("const") {
        return Kind::Const(value.clone());
    }
    if let Some(Value::Array(all)) = members.get("enum") {
        let one = |value: &Value| One { value: value.clone(), title: None };
        return Kind::Choice(all.iter().map(one).collect());
    }
    let either = ["oneOf", "anyOf"].iter().filter_map(|word| members.get(*word)?.as_array());
    let either: Vec<_> = either.collect();
    match either.as_slice() {
        [] => {}
        [all] if !members.contains_key("properties") => {
            return titled(all).map_or_else(|| pick(at, all, place), Kind::Choice);
        }
        _ => return Kind::Json,
    }
    match members.get("type") {
        Some(Value::String(one)) => of_type(at, one, members, place),
        Some(Value::Array(several)) if several.iter().any(|one| one == "string") => Kind::Any,
        None if !members.contains_key("properties") && !members.contains_key("items") => Kind::Any,
        None if members.contains_key("properties") => of_type(at, "object", members, place),
        _ => Kind::Json,
    }
}

fn of_type(at: At<'_>, one: &str, members: &Map<String, Value>, place: (&str, &str)) -> Kind {
    match one {
        "string" => Kind::Text(bounds(members)),
        "integer" | "number" => Kind::Number {
            whole: one == "integer",
            min: members.get("minimum").cloned(),
            max: members.get("maximum").cloned(),
        },
        "boolean" => Kind::Bool,
        "array" => list(at, members),
        "object" => object(at, members, place),
        _ => Kind::Json,
    }
}

fn bounds(members: &Map<String, Value>) -> Bounds {
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| members.get(name).and_then(Value::as_u64);
    Bounds {
        min_length: number("minLength"),
        max_length: number("maxLength"),
        pattern: text("pattern"),
        format: text("format"),
    }
}

fn list(at: At<'_>, members: &Map<String, Value>) -> Kind {
    let items = members.get("items").and_then(|items| resolved(at, items));
    let Some(items) = items else { return Kind::Json };
    match kind(At { depth: at.depth + 1, ..at }, items, ("", "")) {
        Kind::Text(_) => Kind::Lines,
        Kind::Choice(all) => Kind::Checks(all),
        _ => Kind::Json,
    }
}

fn object(at: At<'_>, members: &Map<String, Value>, (key, pointer): (&str, &str)) -> Kind {
    let more = members.get("additionalProperties");
    let Some(Value::Object(known)) = members.get("properties") else {
        let of = more.and_then(|more| resolved(at, more)).filter(|more| more.is_object());
        let of = of.map(|of| kind(At { depth: at.depth + 1, ..at }, of, ("", "")));
        return if matches!(of, Some(Kind::Text(_))) { Kind::Map } else { Kind::Json };
    };
    if !at.has_room(known.len()) {
        return Kind::Json;
    }
    let required = members.get("required").and_then(Value::as_array);
    let below = At { depth: at.depth + 1, ..at };
    let fields = known.iter().map(|(name, schema)| {
        let part = segment(name);
        let (key, pointer) = (format!("{key}/{part}"), format!("{pointer}/{part}"));
        let needed = required.is_some_and(|all| all.iter().any(|one| one == name));
        field(below, schema, (&key, &pointer), name, needed)
    });
    Kind::Object { fields: fields.collect(), open: more != Some(&Value::Bool(false)) }
}

/// Values with titles, if there is nothing else: a schema's way to say what its values mean.
fn titled(all: &[Value]) -> Option<Vec<One>> {
    let known = ["const", "title", "description"];
    let one = |schema: &Value| {
        let members = schema.as_object()?;
        let is_plain = members.keys().all(|name| known.contains(&name.as_str()));
        let title = members.get("title").and_then(Value::as_str).map(str::to_owned);
        is_plain.then(|| Some(One { value: members.get("const")?.clone(), title }))?
    };
    all.iter().map(one).collect()
}

fn pick(at: At<'_>, all: &[Value], (key, pointer): (&str, &str)) -> Kind {
    if !at.has_room(all.len()) {
        return Kind::Json;
    }
    let below = At { depth: at.depth + 1, ..at };
    let alternatives = all.iter().enumerate().map(|(number, schema)| {
        let key = format!("{key}.{number}");
        let name = format!("{}", number + 1);
        let field = field(below, schema, (&key, pointer), &name, true);
        Alternative { schema: whole(at, schema), field }
    });
    Kind::Pick(alternatives.collect())
}

/// A schema that can be used by itself.
fn whole(at: At<'_>, schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let (Some(members), Some(shared)) = (schema.as_object_mut(), at.root.get("$defs")) {
        members.entry("$defs").or_insert_with(|| shared.clone());
    }
    schema
}
