//! That documents come back from forms as they were.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Entries, Field, Kind, draw, enter, fields, read};

/// What a browser sends of a form with this document in it.
fn again(field: &Field, document: &Value) -> Value {
    let mut entries = Entries::default();
    enter(field, Some(document), &mut entries);
    let entries = Entries::of(entries.encoded().as_bytes());
    // Drawing it must not fail either. Only a plugin without settings has nothing to draw.
    let has_none = matches!(&field.kind, Kind::Object { fields, open: false } if fields.is_empty());
    assert_eq!(draw(field, &entries, &mut Vec::new(), "x").is_empty(), has_none);
    let mut mistakes = Vec::new();
    let document = read(field, &entries, &mut mistakes);
    assert_eq!(mistakes, Vec::new());
    document.unwrap_or_else(|| json!({}))
}

/// The settings schemas of the plugins that come with the host.
fn shipped() -> Vec<(String, Value)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let folders = ["sources", "destinations"].map(|kind| std::fs::read_dir(top.join(kind)));
    let folders = folders.into_iter().flat_map(Result::unwrap).map(|entry| entry.unwrap().path());
    let schemas = folders.filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("settings.schema.json")).ok()?;
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        Some((name, serde_json::from_str(&text).unwrap()))
    });
    schemas.collect()
}

/// Drawn as a form, this has some millions of fields.
#[test]
fn a_schema_that_names_itself_often_has_an_end() {
    let names = (0..20).map(|number| (format!("p{number}"), json!({"$ref": "#"})));
    let schema = json!({"type": "object", "properties": serde_json::Map::from_iter(names)});
    let drawn = draw(&fields(&schema, "/settings"), &Entries::default(), &mut Vec::new(), "x");
    assert!(drawn.len() < 3_000, "{}", drawn.len());
}

#[test]
fn examples_of_shipped_plugins_come_back() {
    let shipped = shipped();
    assert!(shipped.len() > 20, "{}", shipped.len());
    for (plugin, schema) in shipped {
        let field = fields(&schema, "/settings");
        let known = schema["properties"].as_object().unwrap();
        let mut documents = vec![json!({})];
        documents.extend(schema["examples"].as_array().cloned().unwrap_or_default());
        for (name, property) in known {
            let examples = property["examples"].as_array().cloned().unwrap_or_default();
            let all = examples.into_iter().chain(property.get("default").cloned());
            documents.extend(all.map(|example| json!({ name: example })));
        }
        for document in documents {
            // What is needed is not part of this.
            let mut document = document;
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                if document.get(name).is_none() {
                    document[name] = known[name]["examples"][0].clone();
                }
            }
            assert_eq!(again(&field, &document), document, "{plugin}");
        }
    }
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "whole": {"type": "integer"},
            "number": {"type": "number"},
            "on": {"type": "boolean", "default": true},
            "choice": {"enum": ["a", 1, null, true]},
            "lines": {"type": "array", "items": {"type": "string"}},
            "checks": {"type": "array", "items": {"enum": ["x", "y"]}},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "inner": {"type": "object", "properties": {"a": {"type": "string"}}},
            "either": {"oneOf": [
                {"type": "object", "properties": {"kind": {"const": "a"}, "b": {"type": "string"}},
                 "required": ["kind"], "additionalProperties": false},
                {"type": "string"},
                {"type": "integer"},
            ]},
            "any": {},
        },
    })
}

/// Values with titles are chosen by them, and those of the console's own by words in all languages.
#[test]
fn values_are_chosen_by_what_they_are_called() {
    let schema = json!({"properties": {
        "level": {"oneOf": [{"const": 1, "title": "Low"}, {"const": 2}], "default": 2},
        "days": {"items": {"anyOf": [{"const": "mo", "title": "Monday"}]}, "type": "array"},
        "order": {"enum": ["none", "per_ticket"], "default": "none", "x-text": "order"},
        "digest": {"enum": ["sha256"], "x-text": "digest"},
        "again": {"enum": [true], "x-text": "retry-unknown"},
        "proof": {"x-text": "auth", "oneOf": [{"x-text": "auth-basic", "type": "object",
            "properties": {"scheme": {"const": "basic"}}}]},
        "either": {"oneOf": [{"const": 1, "title": "Low"}, {"type": "string"}]},
    }});
    let drawn = draw(&fields(&schema, ""), &Entries::default(), &mut Vec::new(), "x");
    let found = |name: &str| drawn.iter().find(|one| one.key == format!("/{name}")).unwrap();
    let choices = |name: &str| -> Vec<_> {
        let choices = found(name).choices.iter();
        choices.map(|one| (one.text.as_deref(), one.label.as_str())).collect()
    };
    assert_eq!(choices("level"), [(None, "Low"), (None, "2")]);
    assert_eq!(found("level").usual.as_ref().unwrap().value, "2");
    assert_eq!(choices("days"), [(None, "Monday")]);
    let order = [(Some("order-is-none"), "none"), (Some("order-is-per_ticket"), "per_ticket")];
    assert_eq!(choices("order"), order);
    assert_eq!(choices("digest"), [(None, "sha256")]);
    assert_eq!(choices("again"), [(Some("retry-unknown-is-true"), "")]);
    assert_eq!(choices("proof"), [(Some("auth-basic"), "basic")]);
    assert_eq!((found("either").kind, choices("either")[0]), ("pick", (None, "Low")));
    for document in [json!({"level": 1, "days": ["mo"]}), json!({"level": 3, "days": []})] {
        assert_eq!(again(&fields(&schema, ""), &document), document);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = "(\\PC|[\r\n \"&=+])".prop_map(String::from);
    let text = proptest::collection::vec(text, 0..6).prop_map(|parts| parts.concat());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6_f64..1e6).prop_map(Value::from),
        text.clone().prop_map(Value::from),
        Just(json!("a")),
        Just(json!({"kind": "a", "b": "x"})),
    ];
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(text.clone(), inner, 0..3)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Whatever stands in a field, also what does not belong there.
    #[test]
    fn every_document_comes_back(values in proptest::collection::vec(any_json(), 12), which in 0_u32..4096) {
        let names = ["text", "whole", "number", "on", "choice", "lines", "checks", "map", "inner",
            "either", "any", "else"];
        let mut document = json!({});
        for (number, (name, value)) in names.into_iter().zip(values).enumerate() {
            if which >> number & 1 == 1 {
                document[name] = value;
            }
        }
        let field = fields(&schema(), "/settings");
        prop_assert_eq!(again(&field, &document), document);
    }
}
