//! Whether mail is set up so that it can be sent.

use std::net::IpAddr;
use std::sync::Arc;

use hookwright_model::{MailSecurity, MailSettings, Subscription};

use super::{Planner, diff};
use crate::mail::address;
use crate::server::problem::Problem;
use crate::setup::{Action, Change};

/// The most addresses of admins: each gets a mail of its own.
const MAX_TO: usize = Subscription::MAX_MAIL_ADDRESSES;

impl Planner<'_> {
    pub(super) async fn mail(&mut self, wanted: Option<&MailSettings>) -> Result<(), Problem> {
        let Some(wanted) = wanted else { return Ok(()) };
        self.mail_server(wanted);
        if let Err(detail) = address::mailbox(&wanted.from) {
            self.wrong("/mail/from", detail);
        }
        if wanted.to.len() > MAX_TO {
            self.wrong("/mail/to", format!("at most {MAX_TO} addresses are told"));
        }
        self.mail_addresses("/mail/to", &wanted.to);
        for (field, name) in wanted.secrets() {
            let pointer = format!("/mail/{field}");
            let found = self.known_secret(&pointer, name).await?;
            if let Some(ca) = found.filter(|_| field == "ca")
                && let Err(detail) = crate::mail::trusted(&wanted.server, Some(&ca))
            {
                self.wrong(pointer, detail);
            }
        }
        let snapshot = Arc::clone(&self.snapshot);
        let (action, fields) = diff::compare(snapshot.configuration.mail.as_ref(), wanted);
        self.plan.changes.push(Change::new("mail", &"mail", action, fields));
        if action != Action::Unchanged {
            self.plan.store.mail = Some(wanted.clone());
        }
        Ok(())
    }

    fn mail_server(&mut self, wanted: &MailSettings) {
        let server = wanted.server.as_str();
        let address = server.parse::<IpAddr>().ok();
        let is_name = matches!(url::Host::parse(server), Ok(url::Host::Domain(_)));
        if address.is_none() && !is_name {
            let detail = "give the mail server's name or address alone, such as `mail.example.com`";
            self.wrong("/mail/server", detail);
        }
        if let Some(address) = address
            && let Err(forbidden) = self.app.registry.access().guard().check(address)
        {
            self.wrong("/mail/server", forbidden.to_string());
        }
        if wanted.port == Some(0) {
            self.wrong("/mail/port", "a port is 1 to 65535");
        }
        let longest = MailSettings::MAX_TIMEOUT_S;
        if !(1..=longest).contains(&wanted.timeout_s) {
            self.wrong("/mail/timeout_s", format!("use 1 to {longest} seconds"));
        }
        match (&wanted.username, &wanted.password) {
            (Some(_), None) => {
                self.wrong("/mail/password", "who logs in needs the name of a secret here");
            }
            (None, Some(_)) => self.wrong("/mail/username", "the password is of nobody"),
            _ => {}
        }
        let guard = self.app.registry.access().guard();
        let is_near = address.is_some_and(|address| guard.is_listed(address));
        if wanted.security == MailSecurity::None && wanted.username.is_some() && !is_near {
            let detail = "the password would be read on the way: use `starttls` or `tls`, or the \
                          address of a server on the allow-list";
            self.wrong("/mail/security", detail);
        }
        if wanted.security == MailSecurity::None && wanted.ca.is_some() {
            self.wrong("/mail/ca", "it is of use with `starttls` and `tls` only");
        }
    }

    /// Each is one that mail can be sent to, and stands once.
    pub(super) fn mail_addresses(&mut self, at: &str, addresses: &[String]) {
        for (number, text) in addresses.iter().enumerate() {
            let pointer = format!("{at}/{number}");
            if let Err(detail) = address::address(text) {
                self.wrong(pointer, detail);
            } else if addresses.iter().take(number).any(|other| other.eq_ignore_ascii_case(text)) {
                self.wrong(pointer, format!("`{text}` stands here twice"));
            }
        }
    }
}
