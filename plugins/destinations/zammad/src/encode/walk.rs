//! One walk through a document: it is held against JSON's grammar, as strictly as by `serde_json`
//! where it skips a value, and what ActiveSupport writes otherwise is written anew.

use super::mark::{FIRST_OF_2028, meaning};

/// What ActiveSupport writes instead of the document; nothing if the document is not JSON. `name`
/// is told the names at the top, as they are written, and can refuse the document.
///
/// Nesting has no limit but the memory, since nothing here calls itself.
#[allow(clippy::option_option, reason = "the inner one is the document as it is")]
pub(super) fn walk(json: &str, mut name: impl FnMut(&str) -> Option<()>) -> Option<Option<String>> {
    let bytes = json.as_bytes();
    let mut copy = Writer { json, out: String::new(), run: 0 };
    // What the value stands in, and what that stands in, from the outermost.
    let (mut inside, mut open) = (Inside::Nothing, Vec::new());
    // Whether what comes next is a name.
    let mut is_name = false;
    let mut at = 0;
    loop {
        let start = next(bytes, at, &mut copy)?;
        at = match start.byte {
            b'"' => {
                let (end, is_written_so) = string(bytes, start.at)?;
                if !is_written_so {
                    copy.string(start.at, end);
                }
                if is_name {
                    if open.len() == 1 {
                        name(json.get(start.at..end)?)?;
                    }
                    let colon = next(bytes, end, &mut copy)?;
                    if colon.byte != b':' {
                        return None;
                    }
                    is_name = false;
                    at = colon.at + 1;
                    continue;
                }
                end
            }
            _ if is_name => return None,
            b'-' | b'0'..=b'9' => {
                let (end, is_whole) = number(bytes, start.at)?;
                if !is_whole {
                    copy.number(start.at, end);
                }
                end
            }
            b't' => word(bytes, start.at, b"true")?,
            b'f' => word(bytes, start.at, b"false")?,
            b'n' => word(bytes, start.at, b"null")?,
            bracket @ (b'[' | b'{') => {
                let first = next(bytes, start.at + 1, &mut copy)?;
                // Either is two before the one that closes it.
                if first.byte == bracket + 2 {
                    first.at + 1
                } else {
                    is_name = bracket == b'{';
                    open.push(inside);
                    inside = if is_name { Inside::Object } else { Inside::List };
                    at = first.at;
                    continue;
                }
            }
            _ => return None,
        };
        // What comes after a value.
        loop {
            if inside == Inside::Nothing {
                let rest = next(bytes, at, &mut copy);
                return rest.is_none().then(|| copy.finish());
            }
            let after = next(bytes, at, &mut copy)?;
            at = after.at + 1;
            match after.byte {
                b',' => {
                    is_name = inside == Inside::Object;
                    break;
                }
                b'}' if inside == Inside::Object => inside = open.pop()?,
                b']' if inside == Inside::List => inside = open.pop()?,
                _ => return None,
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    List,
    Object,
}

/// A byte, and where it stands.
struct Found {
    at: usize,
    byte: u8,
}

/// The next byte that is not white space.
#[inline(always)]
fn next(bytes: &[u8], at: usize, copy: &mut Writer<'_>) -> Option<Found> {
    let byte = *bytes.get(at)?;
    if byte > b' ' {
        return Some(Found { at, byte });
    }
    let at = copy.without_space(at);
    bytes.get(at).map(|&byte| Found { at, byte })
}

/// Where the string that starts here ends, and whether ActiveSupport would write it so.
#[inline(always)]
fn string(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut is_written_so = true;
    let mut at = start + 1;
    loop {
        at = meaning(bytes, at);
        if *bytes.get(at)? == b'"' {
            return Some((at + 1, is_written_so));
        }
        let (length, so) = character(bytes.get(at..)?)?;
        is_written_so &= so;
        at += length;
    }
}

/// How long the first character is, and whether ActiveSupport would write it so.
#[inline(never)]
fn character(bytes: &[u8]) -> Option<(usize, bool)> {
    match bytes {
        [b'\\', after @ ..] => escape(after),
        [..b' ', ..] => None,
        [b'<' | b'>' | b'&', ..] | [FIRST_OF_2028, 0x80, 0xa8 | 0xa9, ..] => Some((1, false)),
        _ => Some((1, true)),
    }
}

/// How long the escape is that starts after a backslash, and whether ActiveSupport would write
/// that character so.
fn escape(after: &[u8]) -> Option<(usize, bool)> {
    match after {
        [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some((2, true)),
        [b'/', ..] => Some((2, false)),
        [b'u', digits @ ..] => {
            let digits = digits.first_chunk::<4>()?;
            let is_written_so = match digits {
                b"003c" | b"003e" | b"0026" | b"2028" | b"2029" => true,
                // These have a letter.
                b"0008" | b"0009" | b"000a" | b"000c" | b"000d" => false,
                [b'0', b'0', b'0' | b'1', b'0'..=b'9' | b'a'..=b'f'] => true,
                _ => false,
            };
            digits.iter().all(u8::is_ascii_hexdigit).then_some((6, is_written_so))
        }
        _ => None,
    }
}

/// Where the number that starts here ends, and whether it is whole: whole numbers keep their
/// digits, but for -0.
fn number(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let is_negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(is_negative);
    let mut end = match bytes.get(first)? {
        b'0' => first + 1,
        b'1'..=b'9' => digits(first + 1),
        _ => return None,
    };
    let whole = end;
    if bytes.get(end) == Some(&b'.') {
        let after = end + 1;
        end = digits(after);
        if end == after {
            return None;
        }
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = end + 1 + sign;
        end = digits(after);
        if end == after {
            return None;
        }
    }
    let is_minus_zero = is_negative && bytes.get(first) == Some(&b'0');
    Some((end, end == whole && !is_minus_zero))
}

/// Where the word ends that should stand here.
#[inline]
fn word<const N: usize>(bytes: &[u8], start: usize, word: &[u8; N]) -> Option<usize> {
    let found = bytes.get(start..)?.first_chunk::<N>()?;
    (found == word).then_some(start + N)
}

/// The document, copied in runs up to where something is left out or written anew.
struct Writer<'a> {
    json: &'a str,
    out: String,
    /// Where the run began that is yet to be copied.
    run: usize,
}

impl Writer<'_> {
    #[cold]
    fn instead(&mut self, start: usize, end: usize, anew: &str) {
        self.out.push_str(self.json.get(self.run..start).unwrap_or_default());
        self.out.push_str(anew);
        self.run = end;
    }

    /// Leaves out the white space that stands here, and says where it ends.
    #[cold]
    fn without_space(&mut self, start: usize) -> usize {
        let rest = self.json.as_bytes().get(start..).unwrap_or_default();
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let end = start + rest.iter().take_while(is_space).count();
        self.instead(start, end, "");
        end
    }

    #[cold]
    fn string(&mut self, start: usize, end: usize) {
        let literal = self.json.get(start..end).unwrap_or_default();
        if let Some(anew) = super::string(literal)
            && anew != literal
        {
            self.instead(start, end, &anew);
        }
    }

    #[cold]
    fn number(&mut self, start: usize, end: usize) {
        let literal = self.json.get(start..end).unwrap_or_default();
        let anew = if literal == "-0" { "0".to_owned() } else { super::fraction(literal) };
        if anew != literal {
            self.instead(start, end, &anew);
        }
    }

    /// What was made of the document, if it is not as it was.
    fn finish(mut self) -> Option<String> {
        if self.run == 0 {
            return None;
        }
        let end = self.json.len();
        self.instead(end, end, "");
        Some(self.out)
    }
}
