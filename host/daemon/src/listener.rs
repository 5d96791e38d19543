//! Where connections come in.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// How many connections wait to be accepted; Linux allows less if `net.core.somaxconn` says so. A
/// connection more is not refused: the other side tries again after a second, so the 128 of the
/// standard library make a burst of posts wait that could be taken in at once.
const BACKLOG: u32 = 4_096;

/// Listens.
///
/// # Errors
/// When the address is in use, is not one of this machine's, or its port is not allowed.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A daemon that starts again does not wait for the connections of the one before.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
