//! Takes secrets out of what comes back: a receiver may echo the request, and then neither the
//! plugin nor the journal may see what it held.

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use hookwright_model::Secret;
use hookwright_model::request::Encoding;

use super::encode::encode;

/// Shorter secrets are too common in ordinary text to be taken out of it; they cannot be
/// stored.
pub const MIN_SECRET: usize = 4;

/// Replaces secrets by their names, in every form in which they are sent.
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    searcher: Option<AhoCorasick>,
    replacements: Vec<Vec<u8>>,
    longest: usize,
    /// Others that have their turn first.
    before: Option<Arc<Scrubber>>,
}

impl Scrubber {
    /// A scrubber for these secrets, each with the name it is replaced by.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        Self::of(secrets, forms)
    }

    /// A scrubber that also finds these secrets inside tokens, whose claims are in base64.
    #[must_use]
    pub fn of_tokens<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        Self::of(secrets, |secret| {
            let mut forms = forms(secret);
            let within: Vec<_> = forms.iter().flat_map(|form| within_base64(form)).collect();
            forms.extend(within);
            forms
        })
    }

    fn of<'a>(
        secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>,
        forms: impl Fn(&[u8]) -> Vec<Vec<u8>>,
    ) -> Self {
        let mut patterns: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (name, secret) in secrets {
            let mask = mask(name).into_bytes();
            for form in forms(secret.expose()) {
                if form.len() >= MIN_SECRET && !patterns.iter().any(|(known, _)| *known == form) {
                    patterns.push((form, mask.clone()));
                }
            }
        }
        let longest = patterns.iter().map(|(pattern, _)| pattern.len()).max().unwrap_or(0);
        let (patterns, replacements): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        // Where one form holds another, as base64 with padding holds that without, the longest
        // is meant.
        let searcher =
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        Self { searcher: searcher.ok(), replacements, longest, before: None }
    }

    /// One that takes out what these do, without being made anew: the secrets of an attempt are
    /// in part those of its subscription, in part its own.
    #[must_use]
    pub fn and(self: &Arc<Self>, other: &Arc<Self>) -> Arc<Self> {
        match (self.longest, other.longest) {
            (_, 0) => Arc::clone(self),
            (0, _) => Arc::clone(other),
            (one, two) => {
                let mut both = Self::clone(other);
                let before = both.before.map_or_else(|| Arc::clone(self), |own| self.and(&own));
                both.before = Some(before);
                both.longest = one.max(two);
                Arc::new(both)
            }
        }
    }

    /// The longest form of a secret, in bytes: what is read past a limit so that the limit does
    /// not cut a secret in half, which would then not be found.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The text without secrets.
    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.before {
            None => self.own(bytes),
            Some(before) => match before.bytes(bytes) {
                Cow::Borrowed(bytes) => self.own(bytes),
                Cow::Owned(bytes) => Cow::Owned(self.own(&bytes).into_owned()),
            },
        }
    }

    fn own<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.searcher {
            Some(searcher) if !self.replacements.is_empty() && searcher.is_match(bytes) => {
                Cow::Owned(searcher.replace_all_bytes(bytes, &self.replacements))
            }
            _ => Cow::Borrowed(bytes),
        }
    }

    /// The text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }
}

/// What stands in the place of a secret.
#[must_use]
pub fn mask(name: &str) -> String {
    format!("{{secret:{name}}}")
}

/// The forms in which a secret is sent, or could be echoed.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let encodings = [
        Encoding::Raw,
        Encoding::Percent,
        Encoding::Form,
        Encoding::Json,
        Encoding::Xml,
        Encoding::Base64,
    ];
    let mut forms: Vec<_> = encodings.iter().map(|&encoding| encode(secret, encoding)).collect();
    forms.push(BASE64_STANDARD_NO_PAD.encode(secret).into_bytes());
    forms.push(BASE64_URL_SAFE_NO_PAD.encode(secret).into_bytes());
    // Servers answer JSON with `/` escaped and without, percent-encoding in lower case.
    forms.push(
        String::from_utf8_lossy(&encode(secret, Encoding::Json)).replace('/', "\\/").into_bytes(),
    );
    forms.push(lower_case_percent(&encode(secret, Encoding::Percent)));
    forms
}

/// How a text looks in base64url of something longer, wherever it begins there: the letters that
/// nothing before or after it has a part in.
fn within_base64(text: &[u8]) -> [Vec<u8>; 3] {
    // After none, one and two bytes of another: so many letters are shared with these.
    [(0, 0), (1, 2), (2, 3)].map(|(before, shared)| {
        let bytes = [&[0; 2][..before], text].concat();
        let letters = BASE64_URL_SAFE_NO_PAD.encode(&bytes).into_bytes();
        // A last group that is not full shares its last letter with what follows.
        let end = letters.len() - usize::from(bytes.len() % 3 != 0);
        letters.get(shared..end).unwrap_or_default().to_vec()
    })
}

fn lower_case_percent(percent: &[u8]) -> Vec<u8> {
    let mut digits = 0;
    let lower = |&byte: &u8| {
        if byte == b'%' {
            digits = 2;
        } else if digits > 0 {
            digits -= 1;
            return byte.to_ascii_lowercase();
        }
        byte
    };
    percent.iter().map(lower).collect()
}

/// `user:password` in base64, which holds the password in a form of its own.
#[must_use]
pub fn basic_pair(username: &[u8], password: &[u8]) -> String {
    BASE64_STANDARD.encode([username, b":", password].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(secret: &str, text: &str) -> String {
        let secret = Secret::from(secret.to_owned());
        Scrubber::new([("token", &secret)]).text(text)
    }

    #[test]
    fn every_form_is_found() {
        let secret = "p/ä \"&<s3cr3t>";
        for echo in [
            "p/ä \"&<s3cr3t>",
            "p%2F%C3%A4%20%22%26%3Cs3cr3t%3E",
            "p%2f%c3%a4%20%22%26%3cs3cr3t%3e",
            "p%2F%C3%A4+%22%26%3Cs3cr3t%3E",
            "p/ä \\\"&<s3cr3t>",
            "p\\/ä \\\"&<s3cr3t>",
            "p/ä &quot;&amp;&lt;s3cr3t&gt;",
            &BASE64_STANDARD.encode(secret),
            BASE64_STANDARD.encode(secret).trim_end_matches('='),
        ] {
            let text = format!("you sent {echo}, did you not?");
            assert_eq!(scrub(secret, &text), "you sent {secret:token}, did you not?", "{echo}");
        }
    }

    #[test]
    fn secrets_are_found_inside_tokens() {
        let secret = Secret::from("s3cr\"t".to_owned());
        let scrubber = Scrubber::of_tokens([("token", &secret)]);
        for before in 0..7 {
            for after in 0..4 {
                let claims = format!("{}s3cr\\\"t{}", "x".repeat(before), "y".repeat(after));
                let token = BASE64_URL_SAFE_NO_PAD.encode(&claims);
                let shown = scrubber.text(&format!("you sent .{token}."));
                assert!(shown.contains("{secret:token}"), "{claims}: {shown}");
                // Nothing of it is left that could be decoded.
                let left = shown.replace("{secret:token}", "").len();
                assert!(left <= "you sent ..".len() + (before + after).div_ceil(3) * 4 + 4);
            }
        }
        let plain = Scrubber::new([("token", &secret)]);
        let token = BASE64_URL_SAFE_NO_PAD.encode("xs3cr\\\"t");
        assert_eq!(plain.text(&token), token, "only where there are tokens");
    }

    #[test]
    fn the_longest_of_several_is_taken() {
        let (short, long) = (Secret::from("abcd".to_owned()), Secret::from("abcdefgh".to_owned()));
        let scrubber = Scrubber::new([("short", &short), ("long", &long)]);
        assert_eq!(scrubber.text("abcdefgh abcd"), "{secret:long} {secret:short}");
        assert_eq!(scrubber.longest(), 12, "base64 of the longer one");
    }

    #[test]
    fn several_work_as_one() {
        let scrubber = |name: &str, secret: &str| {
            Arc::new(Scrubber::new([(name, &Secret::from(secret.to_owned()))]))
        };
        let (a, b, c) = (scrubber("a", "aaaa"), scrubber("b", "bbbbbb"), scrubber("c", "cccc"));
        let none = Arc::new(Scrubber::new([]));
        let all = none.and(&a.and(&none).and(&b)).and(&c);
        let masked = "{secret:a} {secret:b} {secret:c} dddd";
        assert_eq!(all.text("aaaa bbbbbb cccc dddd"), masked);
        assert_eq!(c.and(&a.and(&b)).text("aaaa bbbbbb cccc dddd"), masked);
        assert_eq!(all.longest(), b.longest());
    }

    #[test]
    fn without_secrets_nothing_changes() {
        let scrubber = Scrubber::new([]);
        assert_eq!(scrubber.text("abc"), "abc");
        assert_eq!(scrubber.longest(), 0);
    }
}
