//! The `Link` header (RFC 8288), which says where to find the record and the note.

use hookwright_sdk::Inbound;

/// What the `Link` headers of a post point to.
pub(crate) struct Links<'a>(Vec<&'a str>);

impl<'a> Links<'a> {
    pub(crate) fn of(inbound: &'a Inbound) -> Self {
        let links = inbound.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
        // One that is no text cannot be used, and nothing depends on it.
        Self(links.filter_map(|(_, value)| std::str::from_utf8(value).ok()).collect())
    }

    /// The target of the first link with this relation.
    pub(crate) fn target(&self, relation: &str) -> Option<&'a str> {
        self.0.iter().find_map(|header| {
            header.split('<').skip(1).find_map(|link| {
                let (target, parameters) = link.split_once('>')?;
                let is_it = |parameter: &str| {
                    let value = parameter.trim().trim_end_matches(',').trim_end();
                    let value = value.strip_prefix("rel=").map(|value| value.trim_matches('"'));
                    value.is_some_and(|value| value.split(' ').any(|word| word == relation))
                };
                parameters.split(';').any(is_it).then_some(target)
            })
        })
    }
}

/// The page of a record for people.
///
/// A link is not covered by the webhook's signature, so only one to an address of the account
/// itself is believed. Without one, requests have a page that the documentation shows.
pub(crate) fn page(
    links: &Links<'_>,
    bases: [Option<&str>; 3],
    request: Option<&str>,
) -> Option<String> {
    let web = |base: &&str| base.starts_with("https://") || base.starts_with("http://");
    let bases = bases.map(|base| base.map(|base| base.trim_end_matches('/')).filter(web));
    let mut known = bases.iter().flatten();
    let clean = |path: &&str| {
        path.starts_with('/') && !path.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    let linked = links.target("canonical").and_then(|link| {
        known.clone().find_map(|base| link.strip_prefix(base)).filter(clean).map(str::to_owned)
    });
    let path = linked.or_else(|| {
        let id = request.filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?;
        Some(format!("/requests/{id}"))
    })?;
    known.next().map(|base| format!("{base}{path}"))
}

/// The id of the note that a link leads to, if it is a note of this record.
pub(crate) fn note_id(links: &Links<'_>, record: &str) -> Option<String> {
    let (owner, note) = links.target("related")?.rsplit_once("/notes/")?;
    let is_id = !note.is_empty() && note.bytes().all(|b| b.is_ascii_digit());
    let is_its = owner.rsplit('/').next() == Some(record);
    (is_id && is_its).then(|| note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "<https://a.example/requests/219>; rel=\"canonical\", \
                        <https://api.example/v1/requests/219/notes/3455>; rel=\"related\"";

    #[test]
    fn targets_are_found_by_relation() {
        let links = Links(vec!["<x>", BOTH]);
        assert_eq!(links.target("canonical"), Some("https://a.example/requests/219"));
        assert!(links.target("related").is_some_and(|link| link.ends_with("/3455")));
        assert_eq!(links.target("resource"), None);
        let odd = Links(vec!["<a>; title=\"x\"; rel=\"next canonical\",<b>;rel=related", "<<>;,"]);
        assert_eq!(odd.target("canonical"), Some("a"));
        assert_eq!(odd.target("related"), Some("b"));
    }

    #[test]
    fn only_links_to_the_account_are_believed() {
        let links = Links(vec![BOTH]);
        let found = |bases| page(&links, bases, None);
        let own = Some("https://a.example/");
        assert_eq!(found([None, None, own]).as_deref(), Some("https://a.example/requests/219"));
        let set = Some("https://help.example");
        assert_eq!(found([set, None, own]).as_deref(), Some("https://help.example/requests/219"));
        assert_eq!(found([None, None, Some("https://a.exam")]), None);
        assert_eq!(found([None, None, Some("https://b.example")]), None);
        assert_eq!(found([None, None, Some("javascript:alert()//")]), None);
        assert_eq!(found([None, None, None]), None);
        let spaced = Links(vec!["<https://a.example/a b>; rel=canonical"]);
        assert_eq!(page(&spaced, [None, None, own], None), None);
    }

    #[test]
    fn requests_have_a_page_without_a_link() {
        let (none, own) = (Links(Vec::new()), Some("https://a.example"));
        let found = |id| page(&none, [None, None, own], Some(id));
        assert_eq!(found("219").as_deref(), Some("https://a.example/requests/219"));
        assert_eq!(found("../admin"), None);
    }

    #[test]
    fn notes_belong_to_the_record() {
        let links = Links(vec![BOTH]);
        assert_eq!(note_id(&links, "219").as_deref(), Some("3455"));
        assert_eq!(note_id(&links, "220"), None);
        let odd = Links(vec!["<https://a.example/219/notes/>; rel=related"]);
        assert_eq!(note_id(&odd, "219"), None);
    }
}
