//! What a page is asked with: the fields of its search form, as they stand in its address.

use std::collections::BTreeMap;

use http::Uri;

/// Values by their names; those that are not given are empty.
pub type Asked = BTreeMap<&'static str, String>;

/// Reads the parameters of these names. Several of one name are joined by commas; others are left
/// alone.
#[must_use]
pub fn read(uri: &Uri, names: &[&'static str]) -> Asked {
    let mut asked: Asked = names.iter().map(|name| (*name, String::new())).collect();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let Some(known) = asked.get_mut(&*name).filter(|_| !value.trim().is_empty()) else {
            continue;
        };
        if !known.is_empty() {
            known.push(',');
        }
        known.push_str(value.trim());
    }
    asked
}

/// The same as a query, without what is empty, and with another cursor.
#[must_use]
pub fn query(asked: &Asked, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = asked.iter().filter(|(name, value)| !value.is_empty() && **name != "cursor");
    query.extend_pairs(given);
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    query.finish()
}

/// Whether this is the first page: the only one that something new can be on.
#[must_use]
pub fn is_first(asked: &Asked) -> bool {
    asked.get("cursor").is_none_or(String::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let uri = "/x?state=failed&state=unknown&b=+&c=%26%3d&other=1&cursor=abc".parse().unwrap();
        let asked = read(&uri, &["state", "b", "c", "cursor"]);
        assert_eq!(asked["state"], "failed,unknown");
        assert_eq!((asked["b"].as_str(), asked["c"].as_str()), ("", "&="));
        assert!(!asked.contains_key("other") && !is_first(&asked));
        assert_eq!(query(&asked, Some("n")), "c=%26%3D&state=failed%2Cunknown&cursor=n");
        assert!(is_first(&read(&"/x".parse().unwrap(), &["cursor"])));
    }
}
