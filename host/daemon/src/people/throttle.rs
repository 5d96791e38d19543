//! How often logins are tried: waits that grow, for each name and for each address.
//!
//! Whoever guesses at one name from many addresses is slowed down by the name, and whoever tries
//! many names from one address by the address. So that nobody can lock out somebody else, neither
//! wait is for a name and an address from which that name has logged in lately, as long as it is
//! not tried from there too often by itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use hookwright_model::Digest;

/// Wrong attempts for a name before it has to wait.
const FREE_FOR_NAME: u32 = 5;
/// And from an address, which many people can share.
const FREE_FOR_ADDRESS: u32 = 20;
/// The first wait; each further one is twice as long …
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// … up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// After so long without a further attempt, what was is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
/// From where somebody has logged in is known for so long: sessions last up to a week.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most names, addresses, and pairs of both that are remembered of each.
const MOST: usize = 10_000;

/// What was tried.
#[derive(Default)]
pub(super) struct Throttle {
    names: HashMap<Key, Tries>,
    addresses: HashMap<IpAddr, Tries>,
    /// Who has logged in from where.
    known: HashMap<(Key, IpAddr), Known>,
}

/// Of a name, which can be of any length.
type Key = Digest;

#[derive(Clone, Copy)]
struct Known {
    /// When it was last.
    at: Instant,
    /// How often it was wrong since.
    tries: u32,
}

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
    /// The one before.
    before: Instant,
    /// Nothing is tried before.
    until: Instant,
}

/// An attempt that may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Whether it counts for the name and the address: whoever is known there has some of their own.
    is_counted: bool,
}

impl Throttle {
    /// Counts an attempt as a failure, until it turns out to be none: many can be under way at
    /// once. If it comes too early it is not to be made, is not counted, and this says how long
    /// to wait.
    pub(super) fn begin(
        &mut self,
        name: &str,
        from: IpAddr,
        now: Instant,
    ) -> Result<Attempt, Duration> {
        let (name, from) = (Digest::of(name.as_bytes()), network(from));
        // Neither what others tried nor what was mistyped there concerns who is known there.
        if let Some(known) = self.known.get_mut(&(name, from))
            && now.saturating_duration_since(known.at) < KNOWN
            && known.tries < FREE_FOR_NAME
        {
            known.tries += 1;
            return Ok(Attempt { is_counted: false });
        }
        let wait = wait(&self.names, &name, now).max(wait(&self.addresses, &from, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        count(&mut self.names, name, FREE_FOR_NAME, now);
        count(&mut self.addresses, from, FREE_FOR_ADDRESS, now);
        Ok(Attempt { is_counted: true })
    }

    /// An attempt was right: it counts for nothing, nor do those before for its name.
    pub(super) fn succeeded(&mut self, attempt: Attempt, name: &str, from: IpAddr) {
        self.succeeded_at(attempt, name, from, Instant::now());
    }

    fn succeeded_at(&mut self, attempt: Attempt, name: &str, from: IpAddr, now: Instant) {
        let (name, from) = (Digest::of(name.as_bytes()), network(from));
        self.names.remove(&name);
        // Who can log in shall not thereby get to try others' names again, nor keep alive what
        // is to be forgotten.
        if let Some(tries) = self.addresses.get_mut(&from).filter(|_| attempt.is_counted) {
            tries.count = tries.count.saturating_sub(1);
            tries.last = tries.before;
            tries.until = now;
        }
        make_room(&mut self.known, |known| known.at, KNOWN, now);
        self.known.insert((name, from), Known { at: now, tries: 0 });
    }
}

/// A household or a company has many addresses of version 6, all in one network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}

fn is_fresh(last: Instant, now: Instant) -> bool {
    now.saturating_duration_since(last) < FORGOTTEN
}

fn wait<K: Eq + Hash>(all: &HashMap<K, Tries>, key: &K, now: Instant) -> Duration {
    all.get(key).map_or(Duration::ZERO, |tries| tries.until.saturating_duration_since(now))
}

fn count<K: Eq + Hash + Copy>(all: &mut HashMap<K, Tries>, key: K, free: u32, now: Instant) {
    if !all.contains_key(&key) {
        make_room(all, |tries| tries.last, FORGOTTEN, now);
    }
    let tries = all.entry(key).or_insert(Tries { count: 0, last: now, before: now, until: now });
    if !is_fresh(tries.last, now) {
        tries.count = 0;
    }
    tries.count = tries.count.saturating_add(1);
    (tries.before, tries.last) = (tries.last, now);
    tries.until = match tries.count.checked_sub(free) {
        None => now,
        Some(beyond) => {
            let factor = 1_u32.checked_shl(beyond).unwrap_or(u32::MAX);
            now + FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
        }
    };
}

/// What is forgotten goes, and if that is not enough, what is oldest.
fn make_room<K: Eq + Hash + Copy, V>(
    all: &mut HashMap<K, V>,
    last: impl Fn(&V) -> Instant,
    kept: Duration,
    now: Instant,
) {
    if all.len() < MOST {
        return;
    }
    all.retain(|_, value| now.saturating_duration_since(last(value)) < kept);
    if all.len() >= MOST
        && let Some(oldest) = all.iter().min_by_key(|(_, value)| last(value)).map(|(key, _)| *key)
    {
        all.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).into()
    }

    /// Fails as soon as it may, so many times; how long the waits were, in seconds.
    fn waits(throttle: &mut Throttle, now: &mut Instant, times: usize, name: &str) -> Vec<u64> {
        let mut waits = Vec::new();
        for _ in 0..times {
            if let Err(wait) = throttle.begin(name, HOME, *now) {
                waits.push(wait.as_secs());
                *now += wait;
                throttle.begin(name, HOME, *now).unwrap();
            }
        }
        waits
    }

    #[test]
    fn waits_grow_and_are_forgotten() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let found = waits(&mut throttle, &mut now, 17, "anna");
        assert_eq!(found, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        // Coming too early makes it no longer.
        let wait = throttle.begin("anna", HOME, now).unwrap_err();
        assert_eq!(throttle.begin("anna", HOME, now), Err(wait));
        now += FORGOTTEN;
        assert_eq!(waits(&mut throttle, &mut now, 6, "anna"), [2]);
    }

    #[test]
    fn one_address_cannot_try_many_names() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..FREE_FOR_ADDRESS {
            throttle.begin(&number.to_string(), HOME, now).unwrap();
        }
        assert_eq!(throttle.begin("another", HOME, now), Err(FIRST_WAIT));
        throttle.begin("another", address(1), now).unwrap();
        // Logging in between does not help.
        let mut throttle = Throttle::default();
        let mut tried = 0;
        while throttle.begin(&tried.to_string(), HOME, now).is_ok() {
            tried += 1;
            if let Ok(attempt) = throttle.begin("own", HOME, now) {
                throttle.succeeded_at(attempt, "own", HOME, now);
            }
        }
        assert!(tried <= FREE_FOR_ADDRESS, "{tried}");
    }

    #[test]
    fn many_addresses_cannot_try_one_name_nor_lock_it_out() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let attempt = throttle.begin("anna", HOME, now).unwrap();
        throttle.succeeded_at(attempt, "anna", HOME, now);
        let tried = (0..1_000).filter(|n| throttle.begin("anna", address(*n), now).is_ok());
        assert_eq!(tried.count(), FREE_FOR_NAME as usize);
        throttle.begin("anna", HOME, now).unwrap();
        assert!(throttle.begin("anna", address(5_000), now).is_err());
    }

    #[test]
    fn people_of_one_office_do_not_lock_each_other_out() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        for name in ["anna", "bob"] {
            let attempt = throttle.begin(name, HOME, now).unwrap();
            throttle.succeeded_at(attempt, name, HOME, now);
        }
        // A day of mistyped passwords, each followed by the right one.
        for _ in 0..100 {
            now += Duration::from_secs(300);
            throttle.begin("anna", HOME, now).unwrap();
            let attempt = throttle.begin("anna", HOME, now).unwrap();
            throttle.succeeded_at(attempt, "anna", HOME, now);
        }
        throttle.begin("new", HOME, now).unwrap();
        // Somebody tries all kinds of names.
        while throttle.begin("x", HOME, now).is_ok() || throttle.begin("y", HOME, now).is_ok() {}
        for number in 0..100 {
            let _ = throttle.begin(&number.to_string(), HOME, now);
        }
        assert!(throttle.begin("new", HOME, now).is_err());
        // Who is known is let in, and cannot be guessed at for that.
        let tried = (0..1_000).filter(|_| throttle.begin("bob", HOME, now).is_ok());
        assert_eq!(tried.count(), FREE_FOR_NAME as usize);
        throttle.begin("anna", HOME, now).unwrap();
    }

    /// Whoever has a login of their own, and a second address, gets no more guesses by them.
    #[test]
    fn being_known_does_not_help_to_try_others() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let attempt = throttle.begin("own", HOME, now).unwrap();
        throttle.succeeded_at(attempt, "own", HOME, now);
        let mut tried = 0;
        while tried < 1_000 && throttle.begin(&tried.to_string(), HOME, now).is_ok() {
            tried += 1;
            let _ = throttle.begin("own", address(tried), now);
            let attempt = throttle.begin("own", HOME, now).unwrap();
            throttle.succeeded_at(attempt, "own", HOME, now);
        }
        assert_eq!(tried, FREE_FOR_ADDRESS);
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let home: u128 = 0x2001_0db8 << 96;
        let at = |bits: u128| IpAddr::from(Ipv6Addr::from_bits(home + bits));
        for number in 0..FREE_FOR_ADDRESS {
            throttle.begin(&number.to_string(), at(number.into()), now).unwrap();
        }
        assert!(throttle.begin("x", at(0xffff), now).is_err());
        throttle.begin("x", at(1 << 64), now).unwrap();
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), HOME);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..30_000_u32 {
            let at = now + Duration::from_millis(number.into());
            let attempt = throttle.begin(&number.to_string(), address(number), at).unwrap();
            throttle.succeeded_at(attempt, &number.to_string(), address(number), at);
        }
        assert!(throttle.addresses.len() <= MOST && throttle.known.len() <= MOST);
    }
}
