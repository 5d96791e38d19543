//! Bodies are stored compressed: tickets in JSON shrink to a third, and writing less is worth
//! more than the time it takes.

use std::borrow::Cow;
use std::cell::RefCell;

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

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

/// What a thread compresses with. To make it anew for each body costs as much as a small body does.
#[derive(Default)]
struct Workshop {
    table: CompressTable,
    /// As large as the largest result might have been, up to [`KEPT`].
    room: Vec<u8>,
}

/// More room than this is given back.
const KEPT: usize = 256 << 10;

thread_local! {
    static WORKSHOP: RefCell<Workshop> = RefCell::default();
}

/// The form's byte, the length, and the block, written in one piece.
fn lz4(body: &[u8]) -> Option<Vec<u8>> {
    const HEAD: usize = 1 + size_of::<u32>();
    let length = u32::try_from(body.len()).ok()?;
    WORKSHOP.with_borrow_mut(|Workshop { table, room }| {
        let most = HEAD + get_maximum_output_size(body.len());
        if room.len() < most {
            room.resize(most, 0);
        }
        room[0] = LZ4;
        room[1..HEAD].copy_from_slice(&length.to_le_bytes());
        let written = compress_into_with_table(body, &mut room[HEAD..], table);
        let packed = written.ok().map(|written| room[..HEAD + written].to_vec());
        if room.len() > KEPT {
            *room = Vec::new();
        }
        packed
    })
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
    fn a_body_leaves_nothing_to_the_next() {
        let sizes = [300, 100_000, 257, 70_000, 1 << 20, 256, 6_000];
        let mut random = 1_u64;
        for size in sizes.into_iter().cycle().take(50) {
            let byte = |_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                b'a' + (random >> 61) as u8
            };
            let body: Vec<u8> = (0..size).map(byte).collect();
            assert_eq!(unpack(&pack(&body)).unwrap().as_ref(), body);
        }
        assert!(WORKSHOP.with_borrow(|workshop| workshop.room.len()) <= KEPT);
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        assert!(unpack(b"").is_err());
        assert!(unpack(b"\x07abc").is_err());
        assert!(unpack(b"\x01\xff\xff\xff\x7f").is_err());
        assert!(unpack(b"\x01\x05\0\0\0garbage").is_err());
    }
}
