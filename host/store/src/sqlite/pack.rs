//! Bodies are stored compressed: tickets in JSON shrink to a third, and writing less is worth
//! more than the time it takes.

use std::borrow::Cow;

use crate::{Result, StoreError};

/// Below this there is nothing to gain.
const WORTH_IT: usize = 256;

/// The first byte of what is stored.
const PLAIN: u8 = 0;
const LZ4: u8 = 1;

/// What is stored for a body.
pub(super) fn pack(body: &[u8]) -> Vec<u8> {
    if body.len() >= WORTH_IT {
        let mut packed = lz4_flex::compress_prepend_size(body);
        if packed.len() < body.len() {
            packed.insert(0, LZ4);
            return packed;
        }
    }
    let mut plain = Vec::with_capacity(body.len() + 1);
    plain.push(PLAIN);
    plain.extend_from_slice(body);
    plain
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
