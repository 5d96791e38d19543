//! Bodies are stored compressed: tickets in JSON shrink to a third, and writing less is worth
//! more than the time it takes.

use std::borrow::Cow;

use lz4_flex::block::{compress_into, get_maximum_output_size};

use crate::{Result, StoreError};

/// Below this there is nothing to gain.
const WORTH_IT: usize = 256;

/// The first byte of what is stored.
const PLAIN: u8 = 0;
const LZ4: u8 = 1;

/// What is stored for a body.
pub(super) fn pack(body: &[u8]) -> Vec<u8> {
    if body.len() >= WORTH_IT
        && let Some(packed) = lz4(body).filter(|packed| packed.len() < body.len())
    {
        return packed;
    }
    let mut plain = Vec::with_capacity(body.len() + 1);
    plain.push(PLAIN);
    plain.extend_from_slice(body);
    plain
}

/// The form's byte, the length, and the block, written in one piece.
fn lz4(body: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 1 + size_of::<u32>();
    let length = u32::try_from(body.len()).ok()?;
    let mut packed = vec![0; HEAD + get_maximum_output_size(body.len())];
    packed[0] = LZ4;
    packed[1..HEAD].copy_from_slice(&length.to_le_bytes());
    let written = compress_into(body, &mut packed[HEAD..]).ok()?;
    packed.truncate(HEAD + written);
    Some(packed)
}

/// The body.
pub(super) fn unpack(stored: &[u8]) -> Result<Cow<'_, [u8]>> {
    match stored.split_first() {
        Some((&PLAIN, body)) => Ok(Cow::Borrowed(body)),
        Some((&LZ4, packed)) => lz4_flex::decompress_size_prepended(packed)
            .map(Cow::Owned)
            .map_err(|error| StoreError::damaged("a compressed body", error)),
        _ => Err(StoreError::damaged("a body", "it is in no known form")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_come_out_as_they_went_in() {
        let json = br#"{"ticket":{"created_by":{"id":3},"updated_by":{"id":3}}}"#.repeat(100);
        for body in [&b""[..], b"short", &json, &(0..=255).collect::<Vec<u8>>().repeat(3)] {
            let packed = pack(body);
            assert_eq!(unpack(&packed).unwrap().as_ref(), body);
        }
        assert!(pack(&json).len() < json.len() / 3);
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        assert!(unpack(b"").is_err());
        assert!(unpack(b"\x07abc").is_err());
        assert!(unpack(b"\x01\xff\xff\xff\x7f").is_err());
        assert!(unpack(b"\x01\x05\0\0\0garbage").is_err());
    }
}
