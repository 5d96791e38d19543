//! Many who come at once.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use hookwright_tests::Daemon;
use rustix::process::{Pid, Signal, kill_process};

/// More than the 128 that the standard library lets wait, fewer than Linux lets wait.
const BURST: usize = 300;
/// Nobody is waited for: connections are made by the kernel, or not at all while nobody accepts.
const PATIENCE: Duration = Duration::from_secs(5);

/// Stops a process, and lets it go on when dropped, whatever happens in between.
struct Stopped(Pid);

impl Stopped {
    fn new(daemon: &Daemon) -> Self {
        let pid = Pid::from_raw(daemon.pid().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        Self(pid)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        kill_process(self.0, Signal::CONT).unwrap();
    }
}

/// A connection that finds no room is tried again only after a second. So that no burst waits for
/// that, all of it has room while the daemon is busy; here it does not run at all.
#[test]
fn a_burst_of_connections_is_not_turned_away() {
    let daemon = Daemon::start();
    let address: SocketAddr = daemon.url().trim_start_matches("http://").parse().unwrap();
    let connections: Vec<TcpStream> = {
        let _stopped = Stopped::new(&daemon);
        let connect = |number| {
            TcpStream::connect_timeout(&address, PATIENCE)
                .unwrap_or_else(|error| panic!("connection {number} is turned away: {error}"))
        };
        (0..BURST).map(connect).collect()
    };
    assert_eq!(connections.len(), BURST);
    drop(connections);
    assert_eq!(daemon.api().get("/livez").status, 200);
}
