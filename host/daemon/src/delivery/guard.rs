//! Which addresses may be called.
//!
//! What a plugin or an admin writes into a URL decides where this host connects to. Left to
//! itself that would open the host's own network to whoever can file a ticket: databases on
//! loopback, other machines, the cloud's metadata service. So only addresses of the public
//! internet are called, and what else the admin has put on the allow-list. The check is made on
//! the address that is dialled, after resolving, so that a name cannot lead elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

/// Decides which addresses may be called.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

/// An address that may not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address {address} may not be called: it is {kind}. If it is meant, allow it with \
     `--allow-addresses`"
)]
pub struct Forbidden {
    /// The address.
    pub address: IpAddr,
    /// What it is.
    pub kind: &'static str,
}

impl Guard {
    /// Allows the public internet and these networks.
    #[must_use]
    pub fn allowing(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Allows everything; for the command line, which calls what its user says.
    #[must_use]
    pub fn open() -> Self {
        let all = |ip: IpAddr| IpNet::new_assert(ip, 0);
        Self { allowed: vec![all(Ipv4Addr::UNSPECIFIED.into()), all(Ipv6Addr::UNSPECIFIED.into())] }
    }

    /// Whether the admin has put an address on the allow-list.
    #[must_use]
    pub fn is_listed(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|net| net.contains(&address))
    }

    /// Whether something that has to stay private may go to this URL: by https, or at an address
    /// on the allow-list.
    #[must_use]
    pub fn allows_plain(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        url.scheme() == "https" || address.is_some_and(|address| self.is_listed(address))
    }

    /// Whether an address may be called.
    ///
    /// # Errors
    /// Says what the address is.
    pub fn check(&self, address: IpAddr) -> Result<(), Forbidden> {
        if self.is_listed(address) {
            return Ok(());
        }
        let kind = match address {
            IpAddr::V4(address) => special_v4(address),
            IpAddr::V6(address) => special_v6(address),
        };
        kind.map_or(Ok(()), |kind| Err(Forbidden { address, kind }))
    }
}

/// What a special IPv4 address is: the registry of RFC 6890 as IANA keeps it, multicast, and
/// what clouds serve secrets at.
fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "of this network",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "private",
        [100, 64..=127, ..] => "of a provider's shared network",
        [127, ..] => "loopback",
        [169, 254, ..] => "link-local, where clouds serve metadata",
        [168, 63, 129, 16] => "where Azure serves metadata",
        [192, 0, 0, _] => "reserved for protocols",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "for documentation",
        [192, 31, 196, _] | [192, 175, 48, _] => "of AS112",
        [192, 52, 193, _] => "for automatic multicast tunnels",
        [192, 88, 99, _] => "of the 6to4 relays",
        [198, 18..=19, ..] => "for benchmarks",
        [224..=239, ..] => "multicast",
        [240..=255, ..] => "reserved",
        _ => return None,
    })
}

/// What a special IPv6 address is. Only 2000::/3 is public at all; of it, what RFC 6890's
/// registry lists is not, and neither are forms that hold an IPv4 address, since a translator
/// on the way would lead to that one.
fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    Some(match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => "unspecified",
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0, 0, 0, 0, 0, 0xffff, ..] => "an IPv4 address in an IPv6 one",
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => "an IPv4 address in an IPv6 one",
        [0x64, 0xff9b, ..] => "translated to IPv4 (NAT64)",
        [0x100, 0, 0, 0 | 1, ..] => "discarded",
        [0x2001, 0, ..] => "tunnelled to IPv4 (Teredo)",
        [0x2001, 0x0..=0x1ff, ..] => "reserved for protocols",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "for documentation",
        [0x2002, ..] => "tunnelled to IPv4 (6to4)",
        [0x2620, 0x4f, 0x8000, ..] => "of AS112",
        [0x5f00, ..] => "for segment routing",
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link-local",
        [0xfec0..=0xfeff, ..] => "site-local",
        [0xff00..=0xffff, ..] => "multicast",
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => "tunnelled to IPv4 (ISATAP)",
        [0x2000..=0x3fff, ..] => return None,
        _ => "not of the public internet",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As they stand in URLs, since it is the parser of URLs that decides what `0x7f.1` is.
    #[test]
    fn special_addresses_are_refused_however_they_are_written() {
        let table = include_str!("../../../../tests/data/addresses.txt");
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let mut wrong = Vec::new();
        let mut count = 0;
        for line in lines {
            let (expected, spelling) = line.split_once(' ').unwrap();
            let url = url::Url::parse(&format!("http://{spelling}/")).unwrap();
            let address = match url.host() {
                Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
                Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
                other => panic!("{spelling} is {other:?}"),
            };
            let found = match Guard::default().check(address) {
                Ok(()) => "allowed",
                Err(_) => "refused",
            };
            if found != expected {
                wrong.push(format!("{spelling} ({address}) is {found}"));
            }
            count += 1;
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(count >= 150, "{count}");
    }

    #[test]
    fn the_allow_list_allows_what_is_on_it() {
        let guard =
            Guard::allowing(vec!["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let check = |address: &str| guard.check(address.parse().unwrap()).is_ok();
        assert!(check("127.0.0.1") && check("fd12::1") && check("8.8.8.8"));
        assert!(!check("10.0.0.1") && !check("::1") && !check("::ffff:127.0.0.1"));
        let text = guard.check("10.0.0.1".parse().unwrap()).unwrap_err().to_string();
        assert_eq!(
            text,
            "the address 10.0.0.1 may not be called: it is private. If it is meant, allow it with \
             `--allow-addresses`"
        );
        assert!(Guard::open().check("::1".parse().unwrap()).is_ok());
    }

    proptest! {
        #[test]
        fn every_ipv4_in_disguise_is_refused(v4: u32) {
            let [a, b, c, d] = v4.to_be_bytes().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            for segments in [
                [0, 0, 0, 0, 0, 0xffff, high, low],
                [0, 0, 0, 0, 0, 0, high, low],
                [0, 0, 0, 0, 0xffff, 0, high, low],
                [0x64, 0xff9b, 0, 0, 0, 0, high, low],
                [0x2002, high, low, 0, 0, 0, 0, 1],
                [0x2001, 0, high, low, 0, 0, 0, 0],
                [0x2a00, 1, 2, 3, 0, 0x5efe, high, low],
            ] {
                prop_assert!(Guard::default().check(IpAddr::V6(segments.into())).is_err());
            }
        }

        #[test]
        fn only_2000_3_is_public(v6: u128) {
            let address = Ipv6Addr::from(v6);
            if Guard::default().check(address.into()).is_ok() {
                prop_assert_eq!(address.segments()[0] >> 13, 1);
            }
        }

        #[test]
        fn what_the_standard_library_calls_special_is_refused(v4: u32) {
            let address = Ipv4Addr::from(v4);
            let special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!special || Guard::default().check(address.into()).is_err());
        }
    }
}
