//! A proxy to test with. It knows names that nobody else knows.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// What the proxy is asked for, without what goes through tunnels.
type Heads = Arc<Mutex<Vec<String>>>;

pub(super) struct ProxyServer {
    pub(super) address: SocketAddr,
    heads: Heads,
    _runtime: Runtime,
}

impl ProxyServer {
    /// A proxy that resolves names to an address, or, if it is told to, answers so instead.
    pub(super) fn start(
        resolve: impl Fn(&str) -> Result<SocketAddr, &'static str> + Send + Sync + 'static,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Heads::default();
        let (keep, resolve) = (Arc::clone(&heads), Arc::new(resolve));
        runtime.spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let (heads, resolve) = (Arc::clone(&keep), Arc::clone(&resolve));
                // Those who go away are no concern of the test's.
                tokio::spawn(async move { drop(serve(stream, heads, &*resolve).await) });
            }
        });
        Self { address, heads, _runtime: runtime }
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(
    mut client: TcpStream,
    heads: Heads,
    resolve: &(impl Fn(&str) -> Result<SocketAddr, &'static str> + Sync),
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let (line, rest) = head.split_once("\r\n").unwrap();
    let (method, target) = line.split_once(' ').unwrap();
    let target = target.split_once(' ').unwrap().0;
    let is_tunnel = method == "CONNECT";
    let (authority, path) = if is_tunnel {
        (target, "")
    } else {
        let url = target.strip_prefix("http://").expect("the whole URL");
        url.split_at(url.find('/').unwrap())
    };
    let mut receiver = match resolve(authority) {
        Ok(address) => TcpStream::connect(address).await?,
        Err(answer) => {
            client
                .write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes())
                .await?;
            return client.shutdown().await;
        }
    };
    if is_tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        // One request for each connection: what follows would not be looked at.
        let rest: String = rest
            .split_inclusive("\r\n")
            .filter(|line| !line.to_ascii_lowercase().starts_with("proxy-"))
            .collect();
        let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{rest}");
        receiver.write_all(head.as_bytes()).await?;
    }
    tokio::io::copy_bidirectional(&mut client, &mut receiver).await?;
    Ok(())
}
