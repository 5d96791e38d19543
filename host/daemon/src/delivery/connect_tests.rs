//! Whatever a resolver answers, nothing is dialled that may not be called. Who judges is IANA's own
//! registry, and not the guard.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use hookwright_model::Proxy;
use ipnet::IpNet;
use proptest::prelude::*;
use tokio::net::TcpStream;
use tower_service::Service as _;

use super::connect::Connector;
use super::guard::Guard;
use super::network::Network;
use crate::access::proxy::ProxyServer;

/// The registry's blocks, and those of multicast, which has registries of its own.
static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let table = include_str!("../../../../tests/data/special-purpose.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let blocks = lines.map(|line| line.split(' ').next().unwrap());
    blocks.chain(["224.0.0.0/4", "ff00::/8"]).map(|block| block.parse().unwrap()).collect()
});

/// Whether an address is of a special block, or holds an IPv4 address: a translator on the way
/// would lead to that one.
fn is_special(address: IpAddr) -> bool {
    let isatap = |address: Ipv6Addr| {
        let [_, _, _, _, flags, 0x5efe, ..] = address.segments() else { return false };
        matches!(flags, 0 | 0x200)
    };
    let disguised = match address {
        IpAddr::V4(_) => false,
        // Whole families of disguises lie outside of what is unicast and assigned at all.
        IpAddr::V6(address) => address.segments()[0] >> 13 != 1 || isatap(address),
    };
    disguised || SPECIAL.iter().any(|block| block.contains(&address))
}

/// Answers with one list after the other, and notes what is dialled. Nobody is there.
struct Liar {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    dialled: Mutex<Vec<SocketAddr>>,
}

impl Liar {
    fn new(answers: &[Vec<IpAddr>]) -> Arc<Self> {
        let answers = Mutex::new(answers.iter().rev().cloned().collect());
        Arc::new(Self { answers, dialled: Mutex::default() })
    }

    fn dialled(&self) -> Vec<IpAddr> {
        std::mem::take(&mut *self.dialled.lock().unwrap()).iter().map(SocketAddr::ip).collect()
    }
}

#[async_trait]
impl Network for Liar {
    async fn resolve(&self, _: &str) -> Result<Vec<IpAddr>, String> {
        Ok(self.answers.lock().unwrap().pop().unwrap_or_default())
    }

    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.dialled.lock().unwrap().push(address);
        Err(io::ErrorKind::ConnectionRefused.into())
    }
}

fn call(connector: &Connector, url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let dialling = connector.clone().call(url.parse().unwrap());
    runtime.block_on(dialling).unwrap_err().to_string()
}

/// An address of a block.
fn within(block: IpNet, chance: u128) -> IpAddr {
    match block {
        IpNet::V4(block) => {
            let chance = u32::try_from(chance & u128::from(u32::MAX)).unwrap();
            let host = u32::from(block.hostmask());
            IpAddr::V4((u32::from(block.network()) | (chance & host)).into())
        }
        IpNet::V6(block) => {
            let host = u128::from(block.hostmask());
            IpAddr::V6((u128::from(block.network()) | (chance & host)).into())
        }
    }
}

/// An IPv4 address in one of the forms in which it hides in an IPv6 one.
fn disguised(address: Ipv4Addr, form: usize) -> IpAddr {
    let [a, b, c, d] = address.octets().map(u16::from);
    let (high, low) = (a << 8 | b, c << 8 | d);
    let forms: [[u16; 8]; 9] = [
        [0, 0, 0, 0, 0, 0xffff, high, low],
        [0, 0, 0, 0, 0, 0, high, low],
        [0, 0, 0, 0, 0xffff, 0, high, low],
        [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        [0x64, 0xff9b, 1, 0, 0, 0, high, low],
        [0x2002, high, low, 0, 0, 0, 0, 1],
        // Teredo has the client's address inverted, and the server's as it is.
        [0x2001, 0, high, low, 0, 0, !high, !low],
        [0x2a00, 1, 2, 3, 0, 0x5efe, high, low],
        [0x2a00, 1, 2, 3, 0x200, 0x5efe, high, low],
    ];
    IpAddr::V6(forms[form % forms.len()].into())
}

fn address() -> impl Strategy<Value = IpAddr> {
    let special = (0..SPECIAL.len(), any::<u128>());
    let special = special.prop_map(|(block, chance)| within(SPECIAL[block], chance));
    let v4 = any::<u32>().prop_map(Ipv4Addr::from);
    prop_oneof![
        3 => special.clone(),
        1 => (special, 0_usize..9).prop_map(|(address, form)| match address {
            IpAddr::V4(address) => disguised(address, form),
            IpAddr::V6(_) => address,
        }),
        1 => (v4, 0_usize..9).prop_map(|(address, form)| disguised(address, form)),
        6 => any::<u32>().prop_map(|address| IpAddr::V4(address.into())),
        3 => any::<u128>().prop_map(|address| IpAddr::V6(((address >> 3) | 1 << 125).into())),
        1 => any::<u128>().prop_map(|address| IpAddr::V6(address.into())),
    ]
}

fn over(network: &Arc<Liar>) -> Connector {
    let network: Arc<dyn Network> = Arc::clone(network) as Arc<dyn Network>;
    Connector::over(network, Guard::default()).unwrap()
}

fn proxy(host: &str) -> Option<Arc<ProxyServer>> {
    let proxy = Proxy { url: format!("http://{host}:3128"), username: None, secret: None };
    Some(Arc::new(ProxyServer::new(&proxy, None, &Guard::default()).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_special_address_is_dialled_whatever_names_lead_to(
        answers in prop::collection::vec(prop::collection::vec(address(), 0..6), 1..4),
        is_tls: bool,
        is_proxied: bool,
    ) {
        let network = Liar::new(&answers);
        let mut connector = over(&network);
        if is_proxied {
            connector = connector.with(None, proxy("proxy.example"));
        }
        let scheme = if is_tls { "https" } else { "http" };
        // A name that leads elsewhere each time it is asked for.
        for answer in &answers {
            let error = call(&connector, &format!("{scheme}://receiver.example/"));
            let dialled = network.dialled();
            for address in &dialled {
                prop_assert!(!is_special(*address), "{address} of {answer:?} was dialled");
                prop_assert!(answer.contains(address), "{address} was dialled, not of {answer:?}");
            }
            // A name that leads inside is not called at all, however good its other addresses are.
            if answer.iter().any(|address| is_special(*address)) {
                prop_assert!(dialled.is_empty(), "{dialled:?} of {answer:?}");
                prop_assert!(error.contains("may not be called"), "{error}");
            }
        }
    }

    #[test]
    fn no_special_address_of_a_url_is_dialled(address in address(), is_tls: bool) {
        let network = Liar::new(&[]);
        let scheme = if is_tls { "https" } else { "http" };
        let url = format!("{scheme}://{}/", SocketAddr::new(address, 81));
        call(&over(&network), &url);
        let dialled = network.dialled();
        prop_assert!(!is_special(address) || dialled.is_empty(), "{address}");
        prop_assert!(dialled.iter().all(|dialled| *dialled == address));
        // A proxy would call it for us.
        let network = Liar::new(&[vec!["8.8.8.8".parse().unwrap()]]);
        call(&over(&network).with(None, proxy("proxy.example")), &url);
        prop_assert!(!is_special(address) || network.dialled().is_empty(), "{address}");
    }
}

/// Or the properties would hold of a connector that dials nothing.
#[test]
fn public_addresses_are_dialled_one_after_the_other() {
    let public = ["8.8.8.8", "2606:4700:4700::1111", "94.140.14.14"];
    let public: Vec<IpAddr> = public.iter().map(|address| address.parse().unwrap()).collect();
    let network = Liar::new(&[public.clone(), public.clone()]);
    let connector = over(&network);
    let error = call(&connector, "http://receiver.example/");
    assert!(error.starts_with("no connection to 94.140.14.14:80"), "{error}");
    assert_eq!(network.dialled(), public);
    call(&connector.with(None, proxy("proxy.example")), "https://receiver.example/");
    assert_eq!(network.dialled(), public);
}

#[test]
fn the_first_and_last_address_of_every_special_block_is_refused() {
    for block in SPECIAL.iter() {
        for address in [block.network(), block.broadcast()] {
            let network = Liar::new(&[vec!["8.8.8.8".parse().unwrap(), address]]);
            let error = call(&over(&network), "http://receiver.example/");
            assert!(error.contains(&format!("the address {address} may not be called")), "{error}");
            assert_eq!(network.dialled(), Vec::<IpAddr>::new());
        }
    }
    assert_eq!(SPECIAL.len(), 53);
}
