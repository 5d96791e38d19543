//! How long things took, by how many.

/// Of each doubling so many buckets, as a power of two: what is read out of one is at most an
/// eighth too much.
const FINE: u32 = 3;
const OF_DOUBLING: u16 = 1 << FINE;

/// How many took how long, in buckets that grow with what is in them. They are the same for
/// all, so that histograms can be added. Only buckets with something in them take room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram(Vec<(u16, u64)>);

impl Histogram {
    /// The number of the last bucket.
    pub const LAST: u16 = (64 - FINE as u16) * OF_DOUBLING + OF_DOUBLING - 1;

    /// Counts one.
    pub fn note(&mut self, value: u64) {
        self.put(bucket(value), 1);
    }

    /// Counts so many in one bucket. A bucket that cannot be is the last.
    pub fn put(&mut self, bucket: u16, count: u64) {
        let bucket = bucket.min(Self::LAST);
        match self.0.binary_search_by_key(&bucket, |(number, _)| *number) {
            Ok(place) => self.0[place].1 = self.0[place].1.saturating_add(count),
            Err(place) if count > 0 => self.0.insert(place, (bucket, count)),
            Err(_) => {}
        }
    }

    /// The buckets with something in them, in order, with how much.
    #[must_use]
    pub fn buckets(&self) -> &[(u16, u64)] {
        &self.0
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Adds what is in another.
    pub fn add(&mut self, more: &Self) {
        for (bucket, count) in &more.0 {
            self.put(*bucket, *count);
        }
    }

    /// Takes away what is in another.
    pub fn subtract(&mut self, part: &Self) {
        for (bucket, count) in &part.0 {
            if let Ok(place) = self.0.binary_search_by_key(bucket, |(number, _)| *number) {
                self.0[place].1 = self.0[place].1.saturating_sub(*count);
            }
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// What this part of them, between 0 and 1, did not exceed: the largest value of its bucket. None
    /// if there are none.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank that is off by one in 2^53 is right"
    )]
    pub fn quantile(&self, part: f64) -> Option<u64> {
        let rank = ((self.count() as f64 * part).ceil() as u64).max(1);
        let mut seen = 0_u64;
        let found = self.0.iter().find(|(_, count)| {
            seen = seen.saturating_add(*count);
            seen >= rank
        });
        found.or(self.0.last()).map(|(bucket, _)| largest(*bucket))
    }
}

fn bucket(value: u64) -> u16 {
    let Some(doubling) = value.checked_ilog2().filter(|doubling| *doubling >= FINE) else {
        return u16::try_from(value).unwrap_or(Histogram::LAST);
    };
    let shift = doubling - FINE;
    // With the leading bit, which is one of the buckets before.
    let within = u16::try_from(value >> shift).unwrap_or(0);
    u16::try_from(shift).unwrap_or(0) * OF_DOUBLING + within
}

/// The largest value in a bucket.
fn largest(bucket: u16) -> u64 {
    if bucket < 2 * OF_DOUBLING {
        return bucket.into();
    }
    let shift = u32::from(bucket / OF_DOUBLING) - 1;
    let within = u128::from(bucket % OF_DOUBLING + OF_DOUBLING);
    u64::try_from(((within + 1) << shift) - 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_values_are_told_exactly_and_the_largest_has_a_bucket() {
        for value in 0..16 {
            assert_eq!(largest(bucket(value)), value);
        }
        assert_eq!(bucket(u64::MAX), Histogram::LAST);
        assert_eq!(largest(Histogram::LAST), u64::MAX);
        assert_eq!(Histogram::default().quantile(0.5), None);
    }

    proptest! {
        /// Every value is in its bucket, and the one before ends below it.
        #[test]
        fn buckets_hold_what_falls_into_them(shift in 0_u32..64, value: u64) {
            let value = value >> shift;
            let bucket = bucket(value);
            prop_assert!(value <= largest(bucket));
            prop_assert!(bucket == 0 || largest(bucket - 1) < value);
            prop_assert!(largest(bucket) - value <= value / 8);
        }

        /// Held against the values themselves, sorted.
        #[test]
        fn quantiles_are_an_eighth_too_much_at_most(
            mut values in prop::collection::vec(0_u64..10_000_000, 1..200),
            part in 0.0_f64..=1.0,
        ) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.note(*value));
            values.sort_unstable();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "there are 200 of them at most"
            )]
            let rank = ((values.len() as f64 * part).ceil() as usize).max(1);
            let exact = values[rank - 1];
            let told = histogram.quantile(part).unwrap();
            prop_assert!(exact <= told && told - exact <= exact / 8, "{exact} {told}");
        }

        /// What is added can be taken away again.
        #[test]
        fn parts_add_up(
            one in prop::collection::vec(any::<u64>(), 0..50),
            two in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::default();
                values.iter().for_each(|value| histogram.note(*value));
                histogram
            };
            let mut sum = of(&one);
            sum.add(&of(&two));
            prop_assert_eq!(&sum, &of(&[one.clone(), two.clone()].concat()));
            sum.subtract(&of(&two));
            prop_assert_eq!(sum, of(&one));
        }
    }
}
