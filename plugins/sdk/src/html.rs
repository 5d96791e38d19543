//! HTML, as helpdesks send it, as plain text.

use std::convert::Infallible;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, Tokenizer};

/// What happens to the text around an element.
enum Effect {
    /// Its own line.
    Line,
    /// Its own paragraph.
    Paragraph,
    /// Not shown at all.
    Hidden,
    /// Nothing.
    Inline,
}

fn effect(element: &[u8]) -> Effect {
    match element {
        b"address" | b"article" | b"aside" | b"center" | b"dd" | b"details" | b"dir" | b"div"
        | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form"
        | b"header" | b"hgroup" | b"legend" | b"li" | b"main" | b"menu" | b"nav" | b"ol"
        | b"section" | b"summary" | b"table" | b"tbody" | b"tfoot" | b"thead" | b"tr" | b"ul" => {
            Effect::Line
        }
        b"blockquote" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"hr" | b"p" | b"pre" => {
            Effect::Paragraph
        }
        b"head" | b"script" | b"style" | b"template" | b"title" | b"noscript" | b"object"
        | b"svg" | b"select" | b"textarea" => Effect::Hidden,
        _ => Effect::Inline,
    }
}

/// The text of an HTML fragment or document: one line per block, an empty line between
/// paragraphs, `• ` before list items, the address after the text of a link, the description
/// instead of an image. Runs of white space become one space, except in `<pre>`.
#[must_use]
pub fn to_text(html: &str) -> String {
    let mut reader = Reader::default();
    let mut events = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        reader.read(&event);
        None::<Infallible>
    });
    // So that `<` in a script is not taken for a tag.
    events.naively_switch_states(true);
    match Tokenizer::new_with_emitter(html, Forgiving(events)).finish() {
        Ok(()) => reader.text.finish(),
        Err(never) => match never {},
    }
}

/// Asks for no errors: everything is HTML somehow, and looking for errors costs time.
struct Forgiving<F: Callback<Infallible, ()>>(CallbackEmitter<F>);

impl<F: Callback<Infallible, ()>> ForwardingEmitter for Forgiving<F> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// The tag that is being read, and the text before it.
#[derive(Default)]
struct Reader {
    text: Text,
    element: Vec<u8>,
    /// The attribute of it that says something, if one does.
    wanted: Option<&'static [u8]>,
    /// What it says: the first, where there are two.
    value: Option<String>,
    /// Whether what comes next is its value.
    is_value: bool,
}

impl Reader {
    fn read(&mut self, event: &CallbackEvent<'_>) {
        match *event {
            CallbackEvent::OpenStartTag { name } => {
                self.element.clear();
                self.element.extend_from_slice(name);
                self.wanted = match name {
                    b"a" => Some(b"href"),
                    b"img" => Some(b"alt"),
                    _ => None,
                };
            }
            CallbackEvent::AttributeName { name } => {
                self.is_value = self.wanted == Some(name) && self.value.is_none();
                if self.is_value {
                    self.value = Some(String::new());
                }
            }
            CallbackEvent::AttributeValue { value } if self.is_value => {
                self.value = Some(String::from_utf8_lossy(value).into_owned());
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let value = self.value.take();
                self.wanted = None;
                self.text.start(&self.element, value, self_closing);
            }
            CallbackEvent::EndTag { name } => self.text.end(name),
            CallbackEvent::String { value } => self.text.string(&String::from_utf8_lossy(value)),
            CallbackEvent::AttributeValue { .. }
            | CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }
}

#[derive(Default)]
struct Text {
    out: String,
    /// Line ends owed before the next character.
    breaks: usize,
    /// A space owed before the next character.
    space: bool,
    /// How deep in hidden elements, and which one is the outermost.
    hidden: Option<(Vec<u8>, usize)>,
    /// How deep in `<pre>`.
    pre: usize,
    /// Address and start of the text of the link that is open.
    link: Option<(String, usize)>,
}

impl Text {
    fn start(&mut self, element: &[u8], value: Option<String>, self_closing: bool) {
        if let Some((outermost, depth)) = &mut self.hidden {
            *depth += usize::from(outermost.as_slice() == element && !self_closing);
            return;
        }
        match element {
            b"br" => {
                self.breaks += 1;
                self.space = false;
            }
            b"img" => self.string(&value.unwrap_or_default()),
            b"a" => self.link = value.map(|address| (address, self.out.len())),
            b"td" | b"th" => self.space = true,
            b"li" => {
                self.at_least(1);
                self.push("• ");
            }
            b"pre" => {
                self.at_least(2);
                self.pre += 1;
            }
            _ => match effect(element) {
                Effect::Hidden if !self_closing => self.hidden = Some((element.to_vec(), 1)),
                Effect::Paragraph => self.at_least(2),
                Effect::Line => self.at_least(1),
                Effect::Hidden | Effect::Inline => {}
            },
        }
    }

    fn end(&mut self, element: &[u8]) {
        if let Some((outermost, depth)) = &mut self.hidden {
            *depth -= usize::from(outermost.as_slice() == element);
            if *depth == 0 {
                self.hidden = None;
            }
            return;
        }
        match element {
            b"a" => self.end_link(),
            b"pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.at_least(2);
            }
            _ => match effect(element) {
                Effect::Paragraph => self.at_least(2),
                Effect::Line => self.at_least(1),
                Effect::Hidden | Effect::Inline => {}
            },
        }
    }

    /// Shows where a link leads, unless its text says so already.
    fn end_link(&mut self) {
        let Some((address, start)) = self.link.take() else { return };
        let shown = self.out.get(start..).unwrap_or_default().trim();
        let bare = address.trim_start_matches("mailto:").trim_start_matches("tel:");
        let leads_somewhere = ["http://", "https://", "mailto:", "tel:"];
        let same = shown == address || shown == bare || shown.is_empty();
        if !same && leads_somewhere.iter().any(|scheme| address.starts_with(scheme)) {
            let address = bare.to_owned();
            self.string(&format!(" ({address})"));
        }
    }

    fn string(&mut self, string: &str) {
        if self.hidden.is_some() {
            return;
        }
        if self.pre > 0 {
            self.push(&string.replace("\r\n", "\n").replace('\r', "\n"));
            return;
        }
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
        for (number, word) in string.split(is_space).enumerate() {
            self.space |= number > 0;
            if !word.is_empty() {
                // A no-break space is a space to a reader of plain text.
                if word.contains('\u{a0}') {
                    self.push(&word.replace('\u{a0}', " "));
                } else {
                    self.push(word);
                }
            }
        }
    }

    fn at_least(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    fn push(&mut self, string: &str) {
        if self.out.is_empty() {
            // Nothing is owed before the first character.
        } else if self.breaks > 0 {
            // More than one empty line is of no use in a message.
            self.out.push_str(&"\n\n"[..self.breaks.min(2)]);
        } else if self.space && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.breaks = 0;
        self.space = false;
        self.out.push_str(string);
    }

    fn finish(self) -> String {
        let mut text = String::with_capacity(self.out.len());
        for line in self.out.lines() {
            // Empty lines at the start go.
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line.trim_end());
        }
        text.truncate(text.trim_end_matches('\n').len());
        text
    }
}

#[cfg(test)]
mod tests {
    use html5gum::{DefaultEmitter, Token, Tokenizer};
    use proptest::prelude::*;

    use super::{Text, to_text};

    /// By html5gum's own tokens, which have all attributes.
    fn by_tokens(html: &str) -> String {
        let mut text = Text::default();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token.unwrap() {
                Token::StartTag(tag) => {
                    let attribute = |name: &[u8]| {
                        let value = tag.attributes.get(name)?;
                        Some(String::from_utf8_lossy(value).into_owned())
                    };
                    let value = match tag.name.as_slice() {
                        b"a" => attribute(b"href"),
                        b"img" => attribute(b"alt"),
                        _ => None,
                    };
                    text.start(&tag.name, value, tag.self_closing);
                }
                Token::EndTag(tag) => text.end(&tag.name),
                Token::String(string) => text.string(&String::from_utf8_lossy(&string)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        text.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_reader_of_tags_sees_what_tokens_say(pieces in prop::collection::vec(prop_oneof![
            r#"</?(a|img|p|br|script|title|pre|li|x)( ?(href|alt|HREF|x)(=("[^"]{0,6}"|'b c'|https://a\.b|))?){0,3} ?/?>"#,
            "(text|a b|\r\n|&amp;|&#0;|&nbsp|\u{0}|\u{fffe}|é|<|>|\"|'|=|/|<!--|-->|<!doctype x>|<a|<a href=)",
        ], 0..12)) {
            let html = pieces.concat();
            prop_assert_eq!(to_text(&html), by_tokens(&html), "{}", html);
        }
    }

    #[test]
    fn blocks_become_lines() {
        assert_eq!(to_text("<div>a</div><div>b<br>c</div>"), "a\nb\nc");
        assert_eq!(to_text("<p>a</p>\n<p>b</p>"), "a\n\nb");
        assert_eq!(to_text("a<br><br><br><br>b"), "a\n\nb");
        assert_eq!(to_text("<ul><li>one</li><li>two</li></ul>end"), "• one\n• two\nend");
        assert_eq!(to_text("<table><tr><td>a<td>b</tr><tr><td>c</tr></table>"), "a b\nc");
        assert_eq!(to_text("plain"), "plain");
        assert_eq!(to_text(""), "");
    }

    #[test]
    fn white_space_is_one_space_but_in_pre() {
        assert_eq!(to_text(" a \n\t b  <b> c</b> "), "a b c");
        assert_eq!(to_text("a<pre>x\n  y</pre>b"), "a\n\nx\n  y\n\nb");
        assert_eq!(to_text("a&nbsp;b"), "a b");
    }

    #[test]
    fn what_is_not_text_is_left_out() {
        assert_eq!(to_text("a<script>if (1 < 2) x('<p>')</script>b"), "ab");
        assert_eq!(to_text("<style>p { color: red }</style>a<!-- b -->"), "a");
        assert_eq!(to_text("<head><title>t</title></head><body>a</body>"), "a");
    }

    #[test]
    fn entities_are_characters() {
        assert_eq!(to_text("&lt;b&gt; &amp; &quot;&#1078;&#x1F600;&euro;"), "<b> & \"ж😀€");
        assert_eq!(to_text("a & b < c"), "a & b < c");
    }

    #[test]
    fn links_and_images_say_what_they_are() {
        assert_eq!(
            to_text(r#"see <a href="https://example.com/x">this page</a>."#),
            "see this page (https://example.com/x)."
        );
        assert_eq!(to_text(r#"<a href="https://a.b">https://a.b</a>"#), "https://a.b");
        assert_eq!(to_text(r#"<a href="mailto:a@b.c">a@b.c</a>"#), "a@b.c");
        assert_eq!(to_text(r##"<a href="javascript:alert(1)">x</a><a href="#y">z</a>"##), "xz");
        assert_eq!(to_text(r#"a <img src="x" alt="a cat"> b"#), "a a cat b");
    }

    #[test]
    fn tag_soup_does_no_harm() {
        assert_eq!(to_text("</p></div>a</b><i>b"), "a\n\nb".replace("\n\n", ""));
        assert_eq!(to_text("<script>never ends"), "");
        assert_eq!(to_text("<div"), "");
        let deep = "<div>".repeat(100_000);
        assert_eq!(to_text(&deep), "");
    }
}
