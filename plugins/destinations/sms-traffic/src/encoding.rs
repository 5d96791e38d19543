//! What replies are written in.

use std::borrow::Cow;

/// From 0x80 to 0xbf. Cyrillic letters in their order follow.
const UPPER: &str = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\
                     \u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";

/// Replies are UTF-8, or windows-1251 if they say so.
pub(crate) fn decode(body: &[u8]) -> Cow<'_, str> {
    let start = String::from_utf8_lossy(&body[..body.len().min(100)]).to_ascii_lowercase();
    let declaration = start.split("?>").next().unwrap_or_default();
    if declaration.contains("windows-1251") || declaration.contains("cp1251") {
        Cow::Owned(windows_1251(body))
    } else {
        String::from_utf8_lossy(body)
    }
}

fn windows_1251(bytes: &[u8]) -> String {
    let upper: Vec<char> = UPPER.chars().collect();
    let char_of = |byte: u8| match byte {
        0..=0x7f => char::from(byte),
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or('\u{fffd}'),
        _ => upper.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
    };
    bytes.iter().map(|&byte| char_of(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookwright_sdk::serde_json::{Value, from_str};

    #[test]
    fn every_byte_is_as_others_read_it() {
        let table: Value = from_str(include_str!("../tests/data/windows-1251.json")).unwrap();
        let upper: Vec<u8> = (0x80..=0xff).collect();
        assert_eq!(windows_1251(&upper), table["characters"]);
        assert_eq!(windows_1251(b"\0a~\x7f"), "\0a~\u{7f}");
    }

    #[test]
    fn only_the_declaration_counts() {
        let of = |head: &str| decode(&[head.as_bytes(), b"\xe9</a>"].concat()).into_owned();
        assert!(of("<?xml version=\"1.0\" encoding=\"Windows-1251\"?><a>").ends_with("й</a>"));
        assert!(of("<?xml version='1.0' encoding='CP1251'?><a>").ends_with("й</a>"));
        assert!(of("<?xml version=\"1.0\"?><a>windows-1251 ").ends_with("\u{fffd}</a>"));
        assert!(of("").starts_with('\u{fffd}'));
    }
}
