//! Something to deliver to that does what no HTTP server does: a TCP server that reads a request
//! and then acts by a script.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::Request;

/// What is done with a connection after its request has been read.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes.
    Write(Vec<u8>),
    /// Does nothing for a while.
    Wait(Duration),
    /// Sends these bytes again and again until the other side has had enough.
    Endless(Vec<u8>),
    /// Sends these bytes again and again, one at a time, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// Says that nothing more will be sent, and stays.
    HalfClose,
    /// Breaks the connection, so that the other side gets an error instead of an end.
    Reset,
}

/// The server. Connections are closed after one request.
pub struct Script {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Request>>>,
}

impl Script {
    /// A server that does what the function says.
    #[must_use]
    pub fn start(acts: impl Fn(&Request) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::serve(move |stream, received| {
            let Some(request) = read(stream) else { return };
            let acts = acts(&request);
            received.lock().unwrap_or_else(PoisonError::into_inner).push(request);
            acts.into_iter().all(|act| perform(act, stream));
        })
    }

    /// A server that breaks every connection before it has read anything.
    #[must_use]
    pub fn resetting() -> Self {
        Self::serve(|stream, _| {
            perform(Act::Reset, stream);
        })
    }

    /// A server that takes connections, and neither reads nor writes.
    #[must_use]
    pub fn unread() -> Self {
        Self::serve(|_, _| std::thread::sleep(Duration::from_secs(600)))
    }

    fn serve(
        handle: impl Fn(&mut TcpStream, &Mutex<Vec<Request>>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (all, handle) = (Arc::clone(&received), Arc::new(handle));
        // It ends with the process.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let (all, handle) = (Arc::clone(&all), Arc::clone(&handle));
                std::thread::spawn(move || handle(&mut stream, &all));
            }
        });
        Self { address, received }
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has come in, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A whole request with `Content-Length`; nothing if the other side goes away before.
fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().as_bytes().to_vec()))
        .collect();
    let mut request = Request { method, path, headers, body: Bytes::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + 4 + length {
        more(stream, &mut bytes)?;
    }
    request.body = Bytes::copy_from_slice(&bytes[end + 4..]);
    Some(request)
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
    bytes.extend_from_slice(&buffer[..count]);
    Some(())
}

/// Says whether the connection is still there.
fn perform(act: Act, stream: &mut TcpStream) -> bool {
    match act {
        Act::Write(bytes) => stream.write_all(&bytes).is_ok(),
        Act::Wait(time) => {
            std::thread::sleep(time);
            true
        }
        Act::Endless(bytes) => {
            while stream.write_all(&bytes).is_ok() {}
            false
        }
        Act::Drip(bytes, pause) => {
            let mut drops = bytes.chunks(1).cycle();
            while drops.next().is_some_and(|drop| stream.write_all(drop).is_ok()) {
                std::thread::sleep(pause);
            }
            false
        }
        Act::HalfClose => stream.shutdown(Shutdown::Write).is_ok(),
        Act::Reset => {
            // Closing without lingering sends RST in place of FIN.
            rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
            false
        }
    }
}
