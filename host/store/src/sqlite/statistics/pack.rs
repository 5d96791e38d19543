//! Figures as bytes. Most are small numbers, and there are many rows: each number takes as few
//! bytes as it can (LEB128).

use hookwright_model::{Counts, Histogram};

use crate::{Result, StoreError};

/// How it is written; another way would be another number.
const FORM: u8 = 1;

pub(super) fn pack(counts: &Counts) -> Vec<u8> {
    let mut bytes = vec![FORM];
    for number in counts.numbers() {
        put(&mut bytes, number);
    }
    for histogram in [&counts.latency, &counts.delivered_after] {
        put(&mut bytes, histogram.buckets().len() as u64);
        for (bucket, count) in histogram.buckets() {
            put(&mut bytes, u64::from(*bucket));
            put(&mut bytes, *count);
        }
    }
    bytes
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Counts> {
    read(bytes).ok_or_else(|| StoreError::damaged("figures", "they cannot be read"))
}

fn read(bytes: &[u8]) -> Option<Counts> {
    let (&form, mut rest) = bytes.split_first()?;
    if form != FORM {
        return None;
    }
    let mut numbers = [0; 9];
    for number in &mut numbers {
        *number = take(&mut rest)?;
    }
    let histograms = [histogram(&mut rest)?, histogram(&mut rest)?];
    let [latency, delivered_after] = histograms;
    rest.is_empty().then(|| Counts::of(numbers, latency, delivered_after))
}

fn histogram(rest: &mut &[u8]) -> Option<Histogram> {
    let mut histogram = Histogram::default();
    for _ in 0..take(rest)? {
        let bucket = u16::try_from(take(rest)?).ok().filter(|bucket| *bucket <= Histogram::LAST)?;
        histogram.put(bucket, take(rest)?);
    }
    Some(histogram)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, more) = rest.split_first()?;
        *rest = more;
        let bits = u64::from(byte & 0x7f);
        number |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> Counts {
        let mut counts = Counts {
            delivered: 3,
            attempts: 300,
            attempts_failed: u64::MAX,
            rejects: 0x80,
            ..Counts::default()
        };
        for value in [0, 7, 7, 1_000, u64::MAX] {
            counts.latency.note(value);
        }
        counts.delivered_after.note(12_345);
        counts
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        for counts in [counts(), Counts::default()] {
            assert_eq!(unpack(&pack(&counts)).unwrap(), counts);
        }
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        let whole = pack(&counts());
        for length in 0..whole.len() {
            assert!(unpack(&whole[..length]).is_err(), "cut at {length}");
        }
        assert!(unpack(&[whole.clone(), vec![0]].concat()).is_err());
        assert!(unpack(&[&[9], &whole[1..]].concat()).is_err());
        assert!(unpack(&[&[FORM][..], &[0xff; 40]].concat()).is_err());
    }
}
