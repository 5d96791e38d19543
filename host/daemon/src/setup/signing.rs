//! Whether the signatures that are asked for make sense.

use std::collections::HashMap;

use hookwright_model::{Auth, Sending, Signing};

use super::Planner;
use crate::delivery::sign::Signer;
use crate::server::problem::Problem;

impl Planner<'_> {
    pub(super) async fn signing(&mut self, at: &str, wanted: Sending<'_>) -> Result<(), Problem> {
        let mut of_header = HashMap::new();
        let mut token = None;
        for (number, signing) in wanted.signing.iter().enumerate() {
            let at = format!("{at}/signing/{number}");
            if let Signing::Jwt { policy } = signing {
                if let Some(first) = token.replace(number) {
                    let detail = format!(
                        "number {first} makes a token of the body already; a body can be in one"
                    );
                    self.wrong(&at, detail);
                }
                if !self.policies.contains(policy) && !self.snapshot.policies.contains_key(policy) {
                    self.wrong(format!("{at}/policy"), format!("there is no policy `{policy}`"));
                }
            }
            let Some(signer) = self.signer(&at, signing).await? else { continue };
            for name in signer.names() {
                let auth = wanted.auth.map(Auth::header);
                if auth.is_some_and(|auth| auth.eq_ignore_ascii_case(name.as_str())) {
                    self.wrong(&at, format!("`auth` sets the header `{name}` too"));
                }
                if let Some(first) = of_header.insert(name.clone(), number) {
                    let detail = format!("number {first} sets the header `{name}` too");
                    self.wrong(&at, detail);
                }
            }
        }
        Ok(())
    }

    /// With its keys ready, if it is one of headers and all is well.
    async fn signer(&mut self, at: &str, signing: &Signing) -> Result<Option<Signer>, Problem> {
        let before = self.errors.len();
        let mut secrets = HashMap::new();
        for (field, name) in signing.secrets() {
            let secret = self.known_secret(&format!("{at}/{field}"), name).await?;
            secrets.extend(secret.map(|secret| (name.clone(), secret)));
        }
        if self.errors.len() > before {
            return Ok(None);
        }
        match Signer::new(signing, |name| secrets.get(name)) {
            Ok(signer) => Ok(signer),
            Err(mistake) => {
                self.wrong(format!("{at}/{}", mistake.field), mistake.detail);
                Ok(None)
            }
        }
    }
}
