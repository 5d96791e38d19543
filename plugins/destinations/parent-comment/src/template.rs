//! The admin's own words around the answer.

use crate::words::Words;

type Get = fn(&Words) -> &str;

/// What tags stand for.
const TAGS: [(&str, Get); 6] = [
    ("author", |words| &words.author),
    ("number", |words| &words.number),
    ("title", |words| &words.title),
    ("url", |words| &words.url),
    ("text", |words| &words.text),
    ("files", |words| &words.files),
];

/// Puts the words in place of the tags, once: what a ticket says is not looked through again.
/// The error names a tag that is none.
pub(crate) fn fill(template: &str, words: &Words) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let tag = after.split_once('}').filter(|(name, _)| is_name(name));
        let Some((name, after)) = tag else {
            // A brace of the admin's own.
            out.push('{');
            rest = after;
            continue;
        };
        let known = TAGS.iter().find(|(known, _)| *known == name);
        let (_, get) = known.ok_or_else(|| {
            let tags: Vec<_> = TAGS.iter().map(|(name, _)| format!("`{{{name}}}`")).collect();
            format!("unknown tag `{{{name}}}`; there are {}", tags.join(", "))
        })?;
        out.push_str(get(words));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_has_its_words_and_braces_stay() {
        let words = Words {
            author: "A{text}".into(),
            number: "7".into(),
            text: "{author} {x}".into(),
            ..Words::default()
        };
        let filled = fill("{author}/{number}/{title}{{text}}{ } {", &words);
        assert_eq!(filled.as_deref(), Ok("A{text}/7/{{author} {x}}{ } {"));
        let problem = fill("{autor}", &words).unwrap_err();
        assert!(problem.starts_with("unknown tag `{autor}`; there are `{author}`, `{number}`"));
    }
}
