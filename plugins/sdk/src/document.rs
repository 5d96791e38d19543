//! Reading what helpdesks send: JSON, with errors that say where, and types for fields that
//! come in more than one shape.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Problem;

/// Reads a document that is one JSON object.
///
/// # Errors
/// Says what is wrong, and where: a line and column for what is not JSON, a JSON Pointer for
/// what is of the wrong type.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    let text = utf8(body)?;
    // serde takes a list for a struct, field by field; no helpdesk means that.
    if text.trim_start().starts_with('[') {
        return Err(Problem::at("", "a JSON list; expected an object"));
    }
    // The path is only looked for when there is an error: looking costs time.
    if let Ok(read) = serde_json::from_str(text) {
        return Ok(read);
    }
    let mut json = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        // What stands after the document is wrong.
        Ok(_) => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Err(Problem::new("the document cannot be read")),
            Err(error) => Err(Problem::new(format!("not JSON: {error}"))),
        },
        Err(error) if error.inner().is_data() => {
            let pointer = pointer(error.path());
            Err(Problem::at(pointer, error.into_inner().to_string()))
        }
        Err(error) => Err(Problem::new(format!("not JSON: {}", error.into_inner()))),
    }
}

/// The body as text.
///
/// # Errors
/// Says at which byte it is not UTF-8.
pub fn utf8(body: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(body)
        .map_err(|error| Problem::new(format!("not UTF-8 at byte {}", error.valid_up_to())))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().map(|segment| match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
        Segment::Enum { variant } => variant.clone(),
        Segment::Unknown => "?".to_owned(),
    });
    segments.map(|segment| format!("/{segment}")).collect()
}

/// Text that may come as a string, a number, a truth value or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, if there is any.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// The text, if there is any.
    #[must_use]
    pub fn owned(&self) -> Option<String> {
        self.get().map(str::to_owned)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text))))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(n.to_string()))))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(n.to_string()))))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(n.to_string()))))
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(if truth { "true" } else { "false" }))))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// A list that may come as a list, as one item, or as nothing: PHP writes an empty list and
/// an empty object alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items<T>(pub Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T> {
            type Value = Items<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                if map.size_hint() == Some(0) {
                    return Ok(Items(Vec::new()));
                }
                let item = T::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Items(vec![item]))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Items(Vec::new()))
            }
        }
        deserializer.deserialize_any(Visit(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Doc {
        #[allow(dead_code)]
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Inner {
        #[allow(dead_code)]
        number: u32,
    }

    #[test]
    fn errors_say_where() {
        let problem = |body: &[u8]| read::<Doc>(body).unwrap_err().to_string();
        assert_eq!(
            problem(br#"{"list":[{"number":1},{"number":"x"}]}"#),
            "/list/1/number: invalid type: string \"x\", expected u32 at line 1 column 35"
        );
        assert_eq!(problem(b"{"), "not JSON: EOF while parsing an object at line 1 column 1");
        assert_eq!(problem(b"{} x"), "not JSON: trailing characters at line 1 column 4");
        assert_eq!(problem(b"{\"a\":\"\xff\"}"), "not UTF-8 at byte 6");
        assert_eq!(problem(b""), "not JSON: EOF while parsing a value at line 1 column 0");
        assert_eq!(problem(b" [1]"), "a JSON list; expected an object");
        assert!(problem("{\"list\":".repeat(100_000).as_bytes()).len() < 200);
    }

    #[test]
    fn texts_come_in_many_shapes() {
        let text = |json: &str| serde_json::from_str::<Text<'_>>(json).map(|text| text.owned());
        assert_eq!(text("\"a\"").unwrap(), Some("a".into()));
        assert_eq!(text("\"a\\u00e9\"").unwrap(), Some("aé".into()));
        assert_eq!(text("17").unwrap(), Some("17".into()));
        assert_eq!(text("-1").unwrap(), Some("-1".into()));
        assert_eq!(text("true").unwrap(), Some("true".into()));
        assert_eq!(text("null").unwrap(), None);
        assert_eq!(text("\"\"").unwrap(), None);
        assert!(text("[]").is_err());
    }

    #[test]
    fn lists_come_in_many_shapes() {
        let list = |json: &str| {
            serde_json::from_str::<Items<std::collections::BTreeMap<String, u32>>>(json)
                .map(|items| items.0.len())
        };
        assert_eq!(list("[{\"a\":1},{}]").unwrap(), 2);
        assert_eq!(list("{\"a\":1}").unwrap(), 1);
        assert_eq!(list("[]").unwrap(), 0);
        assert_eq!(list("null").unwrap(), 0);
        assert!(list("7").is_err());
    }
}
