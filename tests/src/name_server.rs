//! A name server that answers what a test wants, true or not, by UDP and TCP.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// The most that fits into an answer by UDP here; what does not is asked for again by TCP.
const MAX_UDP: usize = 1_232;

/// What is answered about a name.
#[derive(Clone, Debug)]
pub enum Say {
    /// These, as far as they are of the family that is asked for.
    Addresses(Vec<IpAddr>),
    /// Another name, which leads to what follows.
    Alias(&'static str, Box<Say>),
    /// There is no such name.
    NoSuchName,
    /// Nothing at all.
    Nothing,
}

impl Say {
    /// These addresses.
    #[must_use]
    pub fn addresses(addresses: &[&str]) -> Self {
        Self::Addresses(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }
}

/// The server. It ends with the process.
pub struct NameServer {
    address: SocketAddr,
}

type Answer = dyn Fn(&str) -> Say + Send + Sync;

impl NameServer {
    /// Answers what the function says about a name, which has no dot at its end. It is asked for
    /// both families, each time.
    #[must_use]
    pub fn start(answer: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(address).unwrap();
        let by_tcp = Arc::clone(&answer);
        thread::spawn(move || {
            for stream in tcp.incoming().map_while(Result::ok) {
                let answer = Arc::clone(&by_tcp);
                thread::spawn(move || while serve(&stream, &*answer).is_some() {});
            }
        });
        thread::spawn(move || {
            let mut query = [0; 4_096];
            loop {
                let Ok((length, from)) = udp.recv_from(&mut query) else { continue };
                let reply = Message::from_vec(&query[..length]).ok().and_then(|query| {
                    let reply = reply(&query, &*answer)?;
                    let bytes = reply.to_vec().unwrap();
                    let fits = bytes.len() <= MAX_UDP;
                    Some(if fits { bytes } else { reply.truncate().to_vec().unwrap() })
                });
                if let Some(reply) = reply {
                    drop(udp.send_to(&reply, from));
                }
            }
        });
        Self { address }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers one query by TCP. Nothing when there are no more.
fn serve(mut stream: &TcpStream, answer: &Answer) -> Option<()> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut query).ok()?;
    let reply = reply(&Message::from_vec(&query).ok()?, answer)?.to_vec().unwrap();
    let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length, &reply[..]].concat()).ok()
}

fn reply(query: &Message, answer: &Answer) -> Option<Message> {
    let asked = query.queries.first()?.clone();
    let mut reply = Message::response(query.metadata.id, query.metadata.op_code);
    reply.metadata.message_type = MessageType::Response;
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    let mut name = asked.name().clone();
    let mut say = answer(name.to_utf8().trim_end_matches('.'));
    reply.add_query(asked.clone());
    loop {
        match say {
            Say::Nothing => return None,
            Say::NoSuchName => {
                reply.metadata.response_code = ResponseCode::NXDomain;
                return Some(reply);
            }
            Say::Alias(alias, then) => {
                let alias = Name::from_ascii(format!("{alias}.")).unwrap();
                reply.add_answer(Record::from_rdata(name, 0, RData::CNAME(CNAME(alias.clone()))));
                (name, say) = (alias, *then);
            }
            Say::Addresses(addresses) => {
                let records = addresses.into_iter().filter_map(|address| {
                    let data = match (asked.query_type(), address) {
                        (RecordType::A, IpAddr::V4(address)) => RData::A(A(address)),
                        (RecordType::AAAA, IpAddr::V6(address)) => RData::AAAA(AAAA(address)),
                        _ => return None,
                    };
                    // To be asked for again each time.
                    Some(Record::from_rdata(name.clone(), 0, data))
                });
                reply.add_answers(records.collect::<Vec<_>>());
                return Some(reply);
            }
        }
    }
}
