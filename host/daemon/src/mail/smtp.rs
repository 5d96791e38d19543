//! Handing a mail to the mail server. Its address passes the guard like that of any receiver, and
//! the address that was checked is the one that is dialled.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookwright_model::{MailSecurity, MailSettings, Name, Secret, Timestamp};
use hookwright_store::{Mail, Store};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;

use super::{About, compose, to_each};
use crate::delivery::connect::Connector;
use crate::delivery::scrub::Scrubber;
use crate::public_url::PublicUrl;

/// How long one address of the mail server has to take a connection: one that does not leaves
/// time for the others.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest words of a mail server that are passed on, in characters.
const MAX_ERROR: usize = 500;

/// Sends mails.
pub struct Mailer {
    store: Arc<dyn Store>,
    connector: Connector,
    url: PublicUrl,
    /// Why the last mail that was tried could not be sent; none if it was.
    trouble: Mutex<Option<String>>,
}

/// Why a mail was not sent. Without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The server cannot be used, for this mail or others.
    #[error("{0}")]
    Server(String),
    /// The server does not want this mail.
    #[error("{0}")]
    Mail(String),
}

impl Mailer {
    /// One that reaches mail servers so.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, connector: Connector, url: PublicUrl) -> Self {
        Self { store, connector, url, trouble: Mutex::default() }
    }

    /// Takes note of what came of a mail that is due.
    pub(super) fn note(&self, trouble: Option<&Trouble>) {
        let mut last = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        *last = trouble.map(ToString::to_string);
    }

    /// Why the last mail that was tried since the daemon started could not be sent, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a mail. Returns what the server said.
    ///
    /// # Errors
    /// Why it was not sent.
    pub async fn send(&self, mail: &Mail, settings: &MailSettings) -> Result<String, Trouble> {
        let message = compose::message(mail, settings, &self.url).map_err(Trouble::Mail)?;
        let secrets = Secrets::read(&*self.store, settings).await.map_err(Trouble::Server)?;
        let patience = Duration::from_secs(settings.timeout_s.into());
        let sent = tokio::time::timeout(patience, self.hand_over(&message, settings, &secrets));
        let sent = sent.await.unwrap_or_else(|_| {
            let late = format!("no answer within {} s", settings.timeout_s);
            Err(Trouble::Server(late))
        });
        let clean = |text: String| {
            let text = secrets.scrubber.text(&text);
            compose::line(&text, MAX_ERROR)
        };
        match sent {
            Ok(said) => Ok(clean(said)),
            Err(Trouble::Server(text)) => {
                let server = format!("{}:{}", settings.server, settings.port());
                Err(Trouble::Server(format!("the mail server {server}: {}", clean(text))))
            }
            Err(Trouble::Mail(text)) => Err(Trouble::Mail(clean(text))),
        }
    }

    /// Sends a mail by which somebody sees whether mail arrives. Returns what the server said.
    ///
    /// # Errors
    /// Why it was not sent.
    pub async fn test(&self, to: &str, settings: &MailSettings) -> Result<String, Trouble> {
        let mails = to_each(&[to.to_owned()], None, &About::Test, None, Timestamp::now());
        match mails.first() {
            Some(mail) => self.send(mail, settings).await,
            None => Err(Trouble::Mail("there is nobody to send it to".to_owned())),
        }
    }

    async fn hand_over(
        &self,
        message: &Message,
        settings: &MailSettings,
        secrets: &Secrets,
    ) -> Result<String, Trouble> {
        let found = self.connector.addresses(&settings.server).await;
        let addresses = found.map_err(|error| Trouble::Server(error.to_string()))?;
        let domain = message.envelope().from().map_or("localhost", |from| from.domain());
        let hello = ClientId::Domain(domain.to_owned());
        let mut connection = connect(&addresses, settings, secrets, &hello).await?;
        // Where TLS fails there is no connection any more to say goodbye on.
        secure(&mut connection, settings, secrets, &hello).await?;
        let outcome = converse(&mut connection, message, secrets).await;
        // What was said is said; how the connection ends is no concern.
        match &outcome {
            Ok(_) => drop(connection.quit().await),
            Err(_) => connection.abort().await,
        }
        outcome
    }
}

async fn connect(
    addresses: &[IpAddr],
    settings: &MailSettings,
    secrets: &Secrets,
    hello: &ClientId,
) -> Result<AsyncSmtpConnection, Trouble> {
    let wrapped = match settings.security {
        MailSecurity::Tls => Some(secrets.tls.clone().map_err(Trouble::Server)?),
        MailSecurity::StartTls | MailSecurity::None => None,
    };
    let mut last = "its name has no address".to_owned();
    for address in addresses {
        let server = (*address, settings.port());
        let made = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECT),
            hello,
            wrapped.clone(),
            None,
        );
        // The greeting is waited for too.
        match tokio::time::timeout(2 * CONNECT, made).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => last = words(&error),
            Err(_) => last = format!("no greeting within {} s", 2 * CONNECT.as_secs()),
        }
    }
    Err(Trouble::Server(last))
}

/// Begins TLS, where that is asked for.
async fn secure(
    connection: &mut AsyncSmtpConnection,
    settings: &MailSettings,
    secrets: &Secrets,
    hello: &ClientId,
) -> Result<(), Trouble> {
    if settings.security != MailSecurity::StartTls {
        return Ok(());
    }
    if !connection.can_starttls() {
        let detail = "it offers no STARTTLS; use `security = \"tls\"` if it speaks TLS from the \
                      first byte";
        return Err(Trouble::Server(detail.to_owned()));
    }
    let tls = secrets.tls.clone().map_err(Trouble::Server)?;
    connection.starttls(tls, hello).await.map_err(|error| Trouble::Server(words(&error)))
}

/// Logs in and hands the mail over.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    secrets: &Secrets,
) -> Result<String, Trouble> {
    if let Some(credentials) = &secrets.credentials {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, credentials).await.map_err(|error| {
            Trouble::Server(format!("it refuses the user name and password: {}", words(&error)))
        })?;
    }
    let sent = connection.send(message.envelope(), &message.formatted()).await;
    match sent {
        Ok(said) => Ok(format!("{} {}", said.code(), said.message().collect::<Vec<_>>().join(" "))),
        // It answered, so it works; it is this mail.
        Err(error) if error.status().is_some() => Err(Trouble::Mail(words(&error))),
        Err(error) => Err(Trouble::Server(words(&error))),
    }
}

/// What of the settings is secret, read for each mail.
struct Secrets {
    tls: Result<TlsParameters, String>,
    credentials: Option<Credentials>,
    scrubber: Scrubber,
}

impl Secrets {
    async fn read(store: &dyn Store, settings: &MailSettings) -> Result<Self, String> {
        let password = one(store, settings.password.as_ref()).await?;
        let ca = one(store, settings.ca.as_ref()).await?;
        let scrubber = match (&settings.password, &password) {
            (Some(name), Some(secret)) => Scrubber::new([(name.as_str(), secret)]),
            _ => Scrubber::default(),
        };
        let credentials = match (&settings.username, &password) {
            (Some(username), Some(password)) => {
                let password = std::str::from_utf8(password.expose());
                let password = password.map_err(|_| "the password is no text".to_owned())?;
                Some(Credentials::new(username.clone(), password.to_owned()))
            }
            _ => None,
        };
        Ok(Self { tls: tls(&settings.server, ca.as_ref()), credentials, scrubber })
    }
}

async fn one(store: &dyn Store, name: Option<&Name>) -> Result<Option<Secret>, String> {
    let Some(name) = name else { return Ok(None) };
    let found = store.secret(name.clone()).await.map_err(|error| error.to_string())?;
    found.map(Some).ok_or_else(|| format!("there is no secret `{name}`"))
}

/// Whom is trusted to be the mail server.
///
/// # Errors
/// When the certificates cannot be read.
pub(crate) fn tls(server: &str, ca: Option<&Secret>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(server.to_owned());
    builder = match ca {
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
        Some(ca) => {
            let wrong = "`ca` holds no certificates in PEM";
            let pem = ca.expose();
            if !pem.windows(10).any(|part| part == b"-----BEGIN") {
                return Err(wrong.to_owned());
            }
            let certificate = Certificate::from_pem(pem).map_err(|_| wrong.to_owned())?;
            builder.certificate_store(CertificateStore::None).add_root_certificate(certificate)
        }
    };
    builder.build().map_err(|error| words(&error))
}

/// What went wrong, from the innermost cause.
fn words(error: &Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let inner = inner.to_string();
    match error.status() {
        Some(code) => format!("{code} {inner}"),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => inner,
    }
}
