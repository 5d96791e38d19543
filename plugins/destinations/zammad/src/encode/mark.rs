//! Looking for what means something inside a string, at eight bytes at once; most mean nothing.

/// The first byte of U+2028 and U+2029.
pub(super) const FIRST_OF_2028: u8 = 0xe2;

/// Where the next byte stands that may mean something inside a string: its end, an escape, what
/// ActiveSupport escapes, or what must not stand there. A few others are found too.
#[inline]
pub(super) fn meaning(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += size_of::<u64>();
    }
    last(bytes, at)
}

/// The same byte by byte, for the end of the text.
#[cold]
fn last(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let means =
        |&byte: &u8| matches!(byte, ..b' ' | b'"' | b'\\' | b'<' | b'>' | b'&' | FIRST_OF_2028);
    from + rest.iter().position(means).unwrap_or(rest.len())
}

/// Sets the highest bit of bytes that mean something, and of `^`, `|` and `~`. Above the first of
/// them, in the order of the text, more may be set.
const fn marks(word: u64) -> u64 {
    const LOW: u64 = all(1);
    const HIGH: u64 = all(0x80);
    const fn all(byte: u8) -> u64 {
        0x0101_0101_0101_0101 * byte as u64
    }
    // Characters that differ in few bits are one when those are set. A byte that is zero then
    // borrows, and so does what is below a space; what is not ASCII has the highest bit anyway.
    let quote_or_and = ((word | all(b'"' ^ b'&')) ^ all(b'"' | b'&')).wrapping_sub(LOW);
    let angle_or_backslash =
        ((word | all((b'<' ^ b'>') | (b'<' ^ b'\\'))) ^ all(b'<' | b'>' | b'\\')).wrapping_sub(LOW);
    let control = word.wrapping_sub(all(b' '));
    let ascii = (quote_or_and | angle_or_backslash | control) & !word;
    let of_2028 = word ^ all(FIRST_OF_2028);
    (ascii | (of_2028.wrapping_sub(LOW) & !of_2028)) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Byte by byte, as a person would write it.
    fn slowly(bytes: &[u8], from: usize) -> usize {
        let means = |byte: &u8| *byte < 0x20 || b"\"\\<>&\xe2".contains(byte);
        bytes.iter().skip(from).position(means).map_or(bytes.len(), |at| from + at)
    }

    /// Like [`meaning`], but for what is found beside.
    fn exactly(bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        loop {
            at = meaning(bytes, at);
            match bytes.get(at) {
                Some(b'^' | b'|' | b'~') => at += 1,
                _ => return at,
            }
        }
    }

    #[test]
    fn every_byte_means_the_same_wherever_it_stands() {
        for byte in 0..=255_u8 {
            for at in 0..20 {
                for (filler, before) in
                    [b'a', b'#', b'\'', b'=', 0xe3, b' ', 0xff].iter().zip([0, 1, 2, 3, 7, 8, 9])
                {
                    let mut bytes = vec![*filler; 20];
                    bytes[at] = byte;
                    assert_eq!(exactly(&bytes, before), slowly(&bytes, before), "{bytes:?}");
                }
            }
        }
        for end in 0..20 {
            let bytes = vec![b'a'; end];
            assert_eq!(meaning(&bytes, end), end);
            assert_eq!(meaning(&bytes, end + 1), end + 1, "beyond the end");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_means_something_is_found(
            bytes in "[\"\\\\<>&a-c!#%'=…é^|~\u{0}\u{1f} ]{0,40}",
            from in 0..40_usize,
        ) {
            let bytes = bytes.as_bytes();
            let from = from.min(bytes.len());
            proptest::prop_assert_eq!(exactly(bytes, from), slowly(bytes, from));
        }
    }
}
