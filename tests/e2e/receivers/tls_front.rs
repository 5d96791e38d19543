//! TLS in front of a sink, and certificates for both sides.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hookwright_tests::Sink;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A certificate authority.
pub(super) struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(super) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    pub(super) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn identity(&self, names: &[&str]) -> Identity {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        Identity { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }
}

impl Identity {
    pub(super) fn pem(&self) -> String {
        format!("{}{}", self.certificate.pem(), self.key.serialize_pem())
    }

    pub(super) fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }
}

/// The certificates that clients have shown, one for each connection.
type Peers = Arc<Mutex<Vec<Option<CertificateDer<'static>>>>>;

/// A server that ends TLS and hands everything on to a sink.
pub(super) struct TlsFront {
    pub(super) address: SocketAddr,
    peers: Peers,
    _runtime: Runtime,
}

impl TlsFront {
    /// With an authority, clients have to show a certificate of it.
    pub(super) fn start(sink: &Sink, identity: &Identity, clients: Option<&Authority>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.certificate.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let config = builder.with_single_cert(vec![identity.der().clone()], key).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let peers = Peers::default();
        let to: SocketAddr = sink.url("").trim_start_matches("http://").parse().unwrap();
        runtime.spawn(serve(listener, Arc::new(config).into(), to, Arc::clone(&peers)));
        Self { address, peers, _runtime: runtime }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    pub(super) fn peers(&self) -> Vec<Option<CertificateDer<'static>>> {
        self.peers.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, to: SocketAddr, peers: Peers) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (acceptor, peers) = (acceptor.clone(), Arc::clone(&peers));
        tokio::spawn(async move {
            match acceptor.accept(stream).into_fallible().await {
                Ok(mut tls) => {
                    let shown = tls.get_ref().1.peer_certificates();
                    let shown = shown.map(|chain| chain[0].clone().into_owned());
                    peers.lock().unwrap().push(shown);
                    let mut to = TcpStream::connect(to).await.unwrap();
                    drop(tokio::io::copy_bidirectional(&mut tls, &mut to).await);
                }
                Err((_, mut stream)) => {
                    // What is not read would make the system throw the alert away.
                    drop(stream.read_to_end(&mut Vec::new()).await);
                }
            }
        });
    }
}
