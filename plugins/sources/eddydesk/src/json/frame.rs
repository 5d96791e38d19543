//! Where in a document a reader is, and small steps through it.

use std::fmt::Write;

use hookwright_sdk::serde_json;

/// An object or a list that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frame<'a> {
    /// With the name of the member that is read, as it stands there.
    Object { name: &'a str },
    /// With the number of the item that is read.
    List { item: usize },
}

/// The place as a JSON Pointer.
pub(crate) fn pointer(open: &[Frame<'_>]) -> String {
    let mut pointer = String::new();
    for frame in open {
        pointer.push('/');
        match frame {
            Frame::Object { name } => {
                let read = serde_json::from_str::<String>(&format!("\"{name}\""));
                let name = read.unwrap_or_else(|_| (*name).to_owned());
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Frame::List { item } => {
                // Writing to a string cannot fail.
                let _ = write!(pointer, "{item}");
            }
        }
    }
    pointer
}

/// The first byte from here on that is not white space.
pub(crate) fn skip_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// The quote that ends a name which begins here, by the letter. Names are the template's own:
/// nothing is put into them.
pub(crate) fn end_of_name(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// How long an escape is that begins with the backslash here, if it is one.
pub(crate) fn escape(bytes: &[u8], backslash: usize) -> Option<usize> {
    match bytes.get(backslash + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => {
            let digits = bytes.get(backslash + 2..backslash + 6)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(6)
        }
        _ => None,
    }
}
