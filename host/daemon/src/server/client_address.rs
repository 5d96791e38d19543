//! Where a request came from, also through reverse proxies.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// What proxies say, each of who asked it.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request came from. Every request has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Networks of reverse proxies whose word is taken for it.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Where a request came from that this peer sent. The peer itself, unless it is a trusted
    /// proxy; then the last address in `X-Forwarded-For` that is none, since what stands before
    /// it can be said by anyone.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.is_trusted(client) {
            return client;
        }
        let said = headers.get_all(FORWARDED_FOR).iter().rev();
        let said = said.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for text in said {
            // Who cannot be told apart is taken for the proxy that said so.
            let Some(address) = read(text.trim()) else { break };
            client = address;
            if !self.is_trusted(client) {
                break;
            }
        }
        client
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Some write the port beside it.
fn read(text: &str) -> Option<IpAddr> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = plain.parse().ok();
    let with_port = || text.parse().ok().map(|address: std::net::SocketAddr| address.ip());
    address.or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_believed() {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap());
        let proxies = TrustedProxies(networks.to_vec());
        for (peer, said, client) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            // Anyone can say anything.
            ("192.0.2.1", &["198.51.100.1"], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1", "fd00::7"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("fd00::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.3"], "10.0.0.3"),
            ("10.0.0.1", &["10.0.0.4, 10.0.0.3"], "10.0.0.4"),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(FORWARDED_FOR, value.parse().unwrap());
            }
            let found = proxies.client(peer.parse().unwrap(), &headers);
            assert_eq!(found.to_string(), client, "{peer} {said:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, "198.51.100.1".parse().unwrap());
        let none = TrustedProxies::default();
        assert_eq!(none.client([10, 0, 0, 1].into(), &headers).to_string(), "10.0.0.1");
    }
}
