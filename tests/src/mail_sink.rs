//! A mail server of the plainest kind: it takes mails, wants a password if it is told to, and
//! keeps what it gets. Whether others' mail servers take what we send is asked in `oracles`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A mail that came in.
#[derive(Clone, Debug)]
pub struct SunkMail {
    /// To whom.
    pub to: Vec<String>,
    /// Headers and text, as they came.
    pub message: String,
    /// Who logged in.
    pub username: Option<String>,
}

#[derive(Default)]
struct State {
    mails: Vec<SunkMail>,
    /// With which user name and password one has to log in.
    login: Option<(String, String)>,
    refused: usize,
}

/// The server. It listens on 127.0.0.1 and speaks no TLS.
pub struct MailSink {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl MailSink {
    /// A server that takes mails of everybody.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                // A client that breaks off breaks off.
                std::thread::spawn(move || serve(&stream, &state).ok());
            }
        });
        Self { address, state }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on only who logs in like this may send.
    pub fn wants(&self, username: &str, password: &str) {
        lock(&self.state).login = Some((username.to_owned(), password.to_owned()));
    }

    /// What came, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<SunkMail> {
        lock(&self.state).mails.clone()
    }

    /// How often a password was refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        lock(&self.state).refused
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let mut out = stream;
    let mut say = move |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.example ready")?;
    let (mut username, mut to) = (None, Vec::new());
    while let Some(line) = lines.next().transpose()? {
        let verb: String = line.chars().take_while(|c| *c != ' ').collect();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if lock(state).login.is_some() => say("250-mail.example\r\n250 AUTH PLAIN")?,
            "EHLO" => say("250 mail.example")?,
            "AUTH" => {
                let given =
                    line.rsplit(' ').next().and_then(|part| BASE64_STANDARD.decode(part).ok());
                let given = String::from_utf8(given.unwrap_or_default()).unwrap_or_default();
                // RFC 4616: whom one acts for, who one is, the password.
                let mut parts = given.split('\0').skip(1).map(str::to_owned);
                let given = parts.next().zip(parts.next());
                let mut state = lock(state);
                if given == state.login {
                    username = given.map(|(username, _)| username);
                    say("235 2.7.0 come in")?;
                } else {
                    state.refused += 1;
                    say("535 5.7.8 that is not the password")?;
                }
            }
            "MAIL" if lock(state).login.is_some() && username.is_none() => {
                say("530 5.7.0 log in first")?;
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                to.push(address.to_owned());
                say("250 2.1.5 known")?;
            }
            "DATA" => {
                say("354 go on")?;
                let mut message = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    message.push_str(&line);
                    message.push('\n');
                }
                let (to, username) = (std::mem::take(&mut to), username.clone());
                lock(state).mails.push(SunkMail { to, message, username });
                say("250 2.0.0 taken")?;
            }
            "QUIT" => return say("221 2.0.0 goodbye"),
            _ => say("250 2.0.0 well")?,
        }
    }
    Ok(())
}
