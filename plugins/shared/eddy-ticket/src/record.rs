//! Finding fields in a body by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::name::{is_private, plain};
use crate::table::Fields;
use crate::value::{is_empty, text};

/// What stands around the fields and says nothing.
const WRAPPERS: [&str; 11] = [
    "body",
    "data",
    "event",
    "hook",
    "notification",
    "payload",
    "request",
    "root",
    "ticket",
    "webhook",
    "xml",
];

/// Objects below this are values, not places to look for names.
const DEPTH: usize = 8;

/// A body, every value of which is used once: as what it is known to be, or, at the end, as a
/// field of the ticket.
#[derive(Debug)]
pub struct Record<'a> {
    roots: Vec<&'a Value>,
    nodes: Vec<Node<'a>>,
    /// Where a plain name stands. A nested value goes by the names around it too, so that
    /// `{"ticket": {"id": 7}}` is found as `ticket_id`, and by those inside of wrappers.
    index: BTreeMap<String, Vec<usize>>,
    fields: &'a Fields<'a>,
    /// Where the kind of event has its fields.
    places: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Node<'a> {
    name: &'a str,
    parent: Option<usize>,
    value: &'a Value,
    /// The first node after this one that is not inside of it.
    end: usize,
    /// Whether nothing in it is a node.
    is_leaf: bool,
    used: bool,
}

impl<'a> Record<'a> {
    /// Looks through the roots, the first of which counts most.
    #[must_use]
    pub fn new(roots: Vec<&'a Value>, fields: &'a Fields<'a>) -> Self {
        let (nodes, index, places) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut record = Self { roots, nodes, index, fields, places };
        for root in record.roots.clone() {
            record.add(root, None, &[]);
        }
        record
    }

    /// Says where a kind of event has fields that the settings do not place. If one is not
    /// there, it is looked for by name.
    pub fn place(&mut self, places: &BTreeMap<String, String>) {
        self.places.clone_from(places);
    }

    /// Adds what is in an object. `names` are the plain names by which the object goes.
    fn add(&mut self, object: &'a Value, parent: Option<usize>, names: &[String]) {
        let Value::Object(members) = object else { return };
        for (name, value) in members {
            let own = plain(name);
            let mut own_names: Vec<String> = names.iter().map(|n| format!("{n}{own}")).collect();
            // Only wrappers around it, so its own name is enough.
            let wrapped = parent.is_none_or(|parent| self.is_wrapped(parent));
            if wrapped {
                own_names.push(own);
            }
            let number = self.nodes.len();
            for name in own_names.iter().filter(|name| !name.is_empty()) {
                self.index.entry(name.clone()).or_default().push(number);
            }
            let is_leaf = !matches!(value, Value::Object(members) if !members.is_empty())
                || self.path(parent).len() + 1 >= DEPTH;
            self.nodes.push(Node { name, parent, value, end: 0, is_leaf, used: false });
            if !is_leaf {
                self.add(value, Some(number), &own_names);
            }
            let end = self.nodes.len();
            if let Some(node) = self.nodes.get_mut(number) {
                node.end = end;
            }
        }
    }

    /// Whether a node and all around it say nothing.
    fn is_wrapped(&self, number: usize) -> bool {
        self.path(Some(number)).into_iter().all(|name| WRAPPERS.contains(&plain(name).as_str()))
    }

    /// The names from the outside to a node.
    fn path(&self, mut number: Option<usize>) -> Vec<&'a str> {
        let mut names = Vec::new();
        while let Some(node) = number.and_then(|number| self.nodes.get(number)) {
            names.push(node.name);
            number = node.parent;
        }
        names.reverse();
        names
    }

    /// The text of a field, if it is there.
    pub fn text(&mut self, field: &str) -> Option<String> {
        self.take(field, |value| text(value).is_some()).and_then(text)
    }

    /// The text of what has one of these names, if it is one that is wanted.
    pub fn text_if(&mut self, field: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let wanted = |value: &Value| text(value).is_some_and(|text| wanted(&text));
        self.take(field, wanted).and_then(text)
    }

    /// The text at a place that the settings give: a name or a JSON Pointer.
    pub fn text_at(&mut self, place: &str) -> Option<String> {
        self.take_at(place, &|value| text(value).is_some()).and_then(text)
    }

    /// The settings whose names begin so, and what follows.
    pub(crate) fn settings_under(&self, start: &str) -> Vec<(String, String)> {
        let names = self.fields.settings().keys();
        let names =
            names.filter_map(|name| Some((name.clone(), name.strip_prefix(start)?.to_owned())));
        names.collect()
    }

    /// The first value of a field that is wanted. It is not given again.
    pub(crate) fn take(
        &mut self,
        field: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Option<&'a Value> {
        let fields = self.fields;
        if let Some(place) = fields.settings().get(field) {
            return self.take_at(place, &wanted);
        }
        let place = self.places.get(field).cloned();
        let placed = place.and_then(|place| self.take_at(&place, &wanted));
        if placed.is_some() {
            return placed;
        }
        fields.names(field).find_map(|name| self.take_named(name, &wanted))
    }

    /// All values of a field that are wanted.
    pub(crate) fn take_all(
        &mut self,
        field: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Vec<&'a Value> {
        let fields = self.fields;
        if fields.settings().contains_key(field) {
            return self.take(field, wanted).into_iter().collect();
        }
        fields.names(field).filter_map(|name| self.take_named(name, &wanted)).collect()
    }

    fn take_at(&mut self, place: &str, wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
        if !place.starts_with('/') {
            return self.take_named(place, wanted).or_else(|| self.take_anywhere(place, wanted));
        }
        let value = self.roots.iter().find_map(|root| root.pointer(place))?;
        let number = self.nodes.iter().position(|node| std::ptr::eq(node.value, value));
        match number {
            Some(number) => self.use_node(number, wanted),
            // Inside of a list: not a node, so there is nothing to mark, and each field may
            // have it.
            None => Some(value).filter(|value| wanted(value)),
        }
    }

    fn take_named(&mut self, name: &str, wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
        let numbers = self.index.get(&plain(name))?.clone();
        numbers.into_iter().find_map(|number| self.use_node(number, wanted))
    }

    /// What has a name that somebody has chosen, however deep it stands.
    fn take_anywhere(&mut self, name: &str, wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
        let name = plain(name);
        (0..self.nodes.len()).find_map(|number| {
            let is_it = self.nodes.get(number).is_some_and(|node| plain(node.name) == name);
            if is_it { self.use_node(number, wanted) } else { None }
        })
    }

    fn use_node(&mut self, number: usize, wanted: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
        let node = self.nodes.get(number)?;
        let (value, end) = (node.value, node.end);
        if node.used || !wanted(value) {
            return None;
        }
        for node in self.nodes.get_mut(number..end).unwrap_or_default() {
            node.used = true;
        }
        Some(value)
    }

    /// Whether there is anything at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.iter().all(|node| is_empty(node.value))
    }

    /// What has not been used, by the name it has inside of wrappers, without secrets.
    pub(crate) fn rest(&self) -> Map<String, Value> {
        let mut rest = Map::new();
        let unused = self.nodes.iter().enumerate();
        let unused = unused.filter(|(_, node)| node.is_leaf && !node.used && !is_empty(node.value));
        for (number, node) in unused {
            let path = self.path(Some(number));
            if path.iter().any(|name| is_private(name)) {
                continue;
            }
            let is_wrapper = |name: &&&str| WRAPPERS.contains(&plain(name).as_str());
            let wrappers = path.iter().take_while(is_wrapper).count().min(path.len() - 1);
            let name = path.get(wrappers..).unwrap_or_default().join(".");
            rest.entry(name).or_insert_with(|| node.value.clone());
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = r#"{"about": "", "fields": {
        "id": ["ticket_id", "?id"], "comment": ["message_id", "id"], "name": ["user_name", "user"]
    }}"#;

    /// Fields of a body, in this order, and what is left.
    fn read(
        body: &Value,
        settings: &[(&str, &str)],
        names: &[&str],
    ) -> (Vec<Option<String>>, Value) {
        let settings = settings.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let fields = Fields::read(TABLE, &settings).unwrap();
        let mut record = Record::new(vec![body], &fields);
        let found = names.iter().map(|name| record.text(name)).collect();
        (found, Value::Object(record.rest()))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn flat_and_nested_are_one() {
        for body in [
            json!({"ticket_id": 7, "user_name": "A"}),
            json!({"ticketId": 7, "UserName": "A"}),
            json!({"ticket": {"id": 7, "user": {"name": "A"}}}),
            json!({"data": {"ticket": {"ticket_id": 7}, "user": {"name": "A"}}}),
            json!({"id": 7, "user": "A"}),
            json!({"ticket_id": "", "id": 7, "user": {"title": "A"}}),
        ] {
            let (found, rest) = read(&body, &[], &["id", "name"]);
            assert_eq!(found, [some("7"), some("A")], "{body}");
            assert_eq!(rest, json!({}), "{body}");
        }
        // The id of somebody else.
        let (found, rest) = read(&json!({"user": {"id": 7}}), &[], &["id"]);
        assert_eq!((found, rest), (vec![None], json!({"user.id": 7})));
    }

    #[test]
    fn a_value_counts_once() {
        let (found, _) = read(&json!({"ticket_id": 7, "id": 8}), &[], &["id", "comment"]);
        assert_eq!(found, [some("7"), some("8")]);
        let (found, _) = read(&json!({"id": 8}), &[], &["id", "comment"]);
        assert_eq!(found, [some("8"), None]);
    }

    #[test]
    fn settings_are_the_only_place() {
        let body = json!({"ticket_id": 7, "t": {"nr": 8, "list": [{"x": 9}]}});
        for (place, expected) in [
            ("/t/nr", some("8")),
            ("nr", some("8")),
            ("t.nr", some("8")),
            ("/t/list/0/x", some("9")),
            ("/t/other", None),
            ("other", None),
            ("/", None),
        ] {
            let (found, _) = read(&body, &[("id", place)], &["id"]);
            assert_eq!(found, [expected], "{place}");
        }
    }

    #[test]
    fn what_is_left_has_its_names_and_no_secrets() {
        let body = json!({
            "data": {"ticket": {"a": 1, "b": {"c": [1], "d": "", "token": "x"}, "e": {}}},
            "secret": "x", "a": 2, "auth": {"user": "x"}
        });
        let (_, rest) = read(&body, &[], &[]);
        assert_eq!(rest, json!({"a": 2, "b.c": [1]}));
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!({ "x": deep });
        }
        let (_, rest) = read(&deep, &[], &[]);
        let names: Vec<&String> = rest.as_object().unwrap().keys().collect();
        assert_eq!(names, ["x.x.x.x.x.x.x.x"]);
    }
}
