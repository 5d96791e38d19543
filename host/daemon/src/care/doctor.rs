//! What is wrong with a data directory, and what to do about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use hookwright_model::{Digest, Name, Timestamp};
use hookwright_store::{Configuration, SqliteStore, Store, SubscriptionHealth, Vault};
use serde::Serialize;

use super::{Claim, LITTLE_ROOM, NO_ROOM, free_room, key_file, store_file};

/// A delivery that has been due for longer is not being worked on.
const OVERDUE: Duration = Duration::from_secs(600);

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and will not for long or not as well as it could.
    Warning,
    /// It does not work.
    Bad,
}

/// What was looked at, and how it is.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub detail: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub advice: String,
}

/// Looks at everything in a data directory and changes nothing. A daemon can be running on it.
pub async fn examine(data: &Path, key: Option<&str>) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    if !report.directory(data) {
        return report.0;
    }
    let vault = report.vault(data, key);
    report.room(data);
    if report.file(data)
        && let Some(vault) = vault
    {
        report.contents(data, vault).await;
    }
    report.0
}

struct Report(Vec<Finding>);

impl Report {
    fn add(&mut self, what: &str, health: Health, detail: impl Into<String>, advice: &str) {
        let (what, detail, advice) = (what.to_owned(), detail.into(), advice.to_owned());
        self.0.push(Finding { what, health, detail, advice });
    }

    fn directory(&mut self, data: &Path) -> bool {
        let what = "data directory";
        match fs::metadata(data) {
            Ok(found) if found.is_dir() => {
                let mode = found.permissions().mode() & 0o777;
                let detail = format!("{} (mode {mode:03o})", data.display());
                if mode & 0o007 == 0 {
                    self.add(what, Health::Good, detail, "");
                } else {
                    let advice = "everyone on this machine can look into it: `chmod o-rwx` it";
                    self.add(what, Health::Warning, detail, advice);
                }
                true
            }
            Ok(_) => {
                let detail = format!("{} is not a directory", data.display());
                self.add(what, Health::Bad, detail, "give the right one with `--data`");
                false
            }
            Err(error) => {
                let detail = format!("{}: {error}", data.display());
                self.add(what, Health::Bad, detail, "give the right one with `--data`");
                false
            }
        }
    }

    fn vault(&mut self, data: &Path, key: Option<&str>) -> Option<Vault> {
        let file = key_file(data);
        let vault = match key {
            Some(key) => Vault::from_text(key, "HOOKWRIGHT_KEY"),
            // Opening it would make it.
            None if !file.exists() => {
                let detail = format!("there is no {}", file.display());
                let advice = "put the key's copy there, or give it with HOOKWRIGHT_KEY; without \
                              it the stored secrets are lost";
                self.add("key", Health::Bad, detail, advice);
                return None;
            }
            None => Vault::from_file(&file),
        };
        match vault {
            Ok(vault) => {
                self.add("key", Health::Good, "there is one", "");
                Some(vault)
            }
            Err(error) => {
                self.add("key", Health::Bad, error.to_string(), "");
                None
            }
        }
    }

    fn room(&mut self, data: &Path) {
        let what = "room on the disk";
        let free = match free_room(data) {
            Ok(free) => free,
            Err(error) => return self.add(what, Health::Warning, error.to_string(), ""),
        };
        let detail = format!("{} MiB are free", free >> 20);
        let advice = "make room: when it is used up, events are refused";
        if free < NO_ROOM {
            self.add(what, Health::Bad, detail, advice);
        } else if free < LITTLE_ROOM {
            self.add(what, Health::Warning, detail, advice);
        } else {
            self.add(what, Health::Good, detail, "");
        }
    }

    /// Says whether its contents can be looked at.
    fn file(&mut self, data: &Path) -> bool {
        let file = store_file(data);
        if !file.exists() {
            let detail = format!("there is no {}", file.display());
            let advice = "`hookwright serve` makes one; or bring back a copy with `hookwright \
                          restore`";
            self.add("store", Health::Bad, detail, advice);
            return false;
        }
        match SqliteStore::faults(&file) {
            Ok(faults) if faults.is_empty() => {
                self.add("store", Health::Good, "the file is whole", "");
            }
            Ok(faults) => {
                let advice = "stop the daemon, move the file away, and bring back a copy with \
                              `hookwright restore`";
                self.add("store", Health::Bad, faults.join("; "), advice);
                return false;
            }
            Err(error) => {
                let advice = "if it is damaged, bring back a copy with `hookwright restore`";
                self.add("store", Health::Bad, error.to_string(), advice);
                return false;
            }
        }
        match SqliteStore::versions(&file) {
            Ok((version, newest)) if version == newest => {
                self.add("store's version", Health::Good, version.to_string(), "");
                true
            }
            Ok((version, newest)) if version < newest => {
                let detail = format!("{version}, and the newest is {newest}");
                let advice = "the next start of `hookwright serve` brings it up to date; make a \
                              copy with `hookwright backup` first. Its contents were not looked at";
                self.add("store's version", Health::Warning, detail, advice);
                false
            }
            Ok((version, newest)) => {
                let detail = format!("{version}, and this program knows {newest}");
                let advice = "use the newer program that made it";
                self.add("store's version", Health::Bad, detail, advice);
                false
            }
            Err(error) => {
                self.add("store's version", Health::Bad, error.to_string(), "");
                false
            }
        }
    }

    async fn contents(&mut self, data: &Path, vault: Vault) {
        let running = Claim::is_taken(data);
        let detail = if running { "is running" } else { "is not running" };
        self.add("daemon", Health::Good, detail, "");
        let store = match SqliteStore::open(&store_file(data), vault) {
            Ok(store) => store,
            Err(error) => return self.add("secrets", Health::Bad, error.to_string(), ""),
        };
        match store.configuration().await {
            Ok(configuration) => {
                self.secrets(&store, &configuration).await;
                self.plugins(&store, &configuration).await;
                self.connections(&configuration);
                match store.healths().await {
                    Ok(healths) => self.subscriptions(&configuration, &healths),
                    Err(error) => self.add("subscriptions", Health::Bad, error.to_string(), ""),
                }
            }
            Err(error) => self.add("configuration", Health::Bad, error.to_string(), ""),
        }
        self.queue(&store, running).await;
    }

    /// Each can be opened, and each that is used is there.
    async fn secrets(&mut self, store: &SqliteStore, configuration: &Configuration) {
        let mut faults = Vec::new();
        for name in &configuration.secrets {
            if let Err(error) = store.secret(name.clone()).await {
                faults.push(error.to_string());
            }
        }
        let there = |name: &Name| configuration.secrets.contains(name);
        for subscription in &configuration.subscriptions {
            let used = subscription.secrets.values();
            for name in used.filter(|name| !there(name)) {
                let who = &subscription.name;
                faults.push(format!("the subscription `{who}` uses `{name}`, which is not there"));
            }
        }
        for connection in &configuration.connections {
            for name in connection.secrets.values().filter(|name| !there(name)) {
                let who = &connection.name;
                faults.push(format!("the connection `{who}` uses `{name}`, which is not there"));
            }
        }
        for source in &configuration.sources {
            if let Some(name) = source.auth.secret().filter(|name| !there(name)) {
                let who = &source.name;
                faults.push(format!("the source `{who}` uses `{name}`, which is not there"));
            }
        }
        let good = format!("{} can be opened", configuration.secrets.len());
        self.faults("secrets", &faults, good, "set them again with `hookwright apply`");
    }

    /// Each is what was installed, and each that is used is there.
    async fn plugins(&mut self, store: &SqliteStore, configuration: &Configuration) {
        let mut faults = Vec::new();
        for version in &configuration.plugins {
            let found = store.plugin_bytes(version.digest).await.map(|bytes| Digest::of(&bytes));
            match found {
                Ok(digest) if digest == version.digest => {}
                Ok(_) => faults.push(format!("the bytes of {} were changed", version.key)),
                Err(error) => faults.push(format!("{}: {error}", version.key)),
            }
        }
        let installed = |digest| configuration.plugins.iter().any(|known| known.digest == digest);
        for subscription in &configuration.subscriptions {
            if !installed(subscription.digest) {
                let (who, plugin) = (&subscription.name, &subscription.plugin);
                faults.push(format!(
                    "the subscription `{who}` uses a version of `{plugin}` that is not there"
                ));
            }
        }
        for connection in configuration.connections.iter().filter(|one| !installed(one.digest)) {
            let (who, plugin) = (&connection.name, &connection.plugin);
            faults.push(format!(
                "the connection `{who}` uses a version of `{plugin}` that is not there"
            ));
        }
        let good = format!("{} are as they were installed", configuration.plugins.len());
        self.faults(
            "plugins",
            &faults,
            good,
            "install them again with `hookwright plugin install`",
        );
    }

    /// Each that is written back through is there.
    fn connections(&mut self, configuration: &Configuration) {
        let there = |name: &Name| configuration.connections.iter().any(|one| one.name == *name);
        let of_sources = configuration.sources.iter();
        let of_sources = of_sources
            .filter_map(|source| Some(("source", &source.name, source.connection.as_ref()?)));
        let of_subscriptions = configuration.subscriptions.iter().flat_map(|subscription| {
            let write_backs = subscription.write_back.iter();
            let named = write_backs.filter_map(|write_back| write_back.connection.as_ref());
            named.map(|name| ("subscription", &subscription.name, name))
        });
        let dangling = of_sources.chain(of_subscriptions).filter(|(_, _, name)| !there(name));
        let faults: Vec<_> = dangling
            .map(|(kind, who, name)| {
                format!("the {kind} `{who}` writes back through `{name}`, which is not there")
            })
            .collect();
        let good = format!("{}", configuration.connections.len());
        self.faults("connections", &faults, good, "set them up with `hookwright apply`");
    }

    /// None is disabled because its deliveries fail.
    fn subscriptions(&mut self, configuration: &Configuration, healths: &[SubscriptionHealth]) {
        let disabled = configuration.subscriptions.iter().filter_map(|subscription| {
            let health = healths.iter().find(|health| health.subscription == subscription.id)?;
            let at = health.disabled_at.filter(|_| !subscription.enabled)?;
            let name = &subscription.name;
            let error = health.last_error.as_deref().unwrap_or_default();
            Some(format!("`{name}` was disabled at {at}, since its deliveries failed: {error}"))
        });
        let disabled: Vec<_> = disabled.collect();
        if disabled.is_empty() {
            let good = "none is disabled because its deliveries fail";
            return self.add("subscriptions", Health::Good, good, "");
        }
        let advice = "put right what is wrong, then `hookwright subscription enable NAME`";
        self.add("subscriptions", Health::Warning, disabled.join("; "), advice);
    }

    fn faults(&mut self, what: &str, faults: &[String], good: String, advice: &str) {
        if faults.is_empty() {
            self.add(what, Health::Good, good, "");
        } else {
            self.add(what, Health::Bad, faults.join("; "), advice);
        }
    }

    async fn queue(&mut self, store: &SqliteStore, running: bool) {
        let what = "deliveries";
        match store.next_due().await {
            Ok(Some(due)) if due.after(OVERDUE) < Timestamp::now() => {
                let detail = format!("some have been due since {due}");
                let advice = if running {
                    "the daemon does not get round to them: look at its log, and for subscriptions \
                     whose receivers hang"
                } else {
                    "start the daemon"
                };
                self.add(what, Health::Warning, detail, advice);
            }
            Ok(_) => self.add(what, Health::Good, "none is overdue", ""),
            Err(error) => self.add(what, Health::Bad, error.to_string(), ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use hookwright_model::{Connection, Subscription};

    use super::*;

    #[test]
    fn a_connection_that_is_gone_is_missed() {
        let name = |text: &str| -> Name { text.parse().unwrap() };
        let digest = Digest::of(b"");
        let write_back = serde_json::json!([
            { "comment": { "text": "Sent." }, "connection": "there" },
            { "comment": { "text": "Sent." }, "connection": "gone" },
        ]);
        let subscription = Subscription {
            write_back: serde_json::from_value(write_back).unwrap(),
            ..Subscription::new(name("sms"), name("sms-traffic"), digest)
        };
        let mut configuration = Configuration {
            connections: vec![Connection::new(name("there"), name("api"), digest)],
            subscriptions: vec![subscription],
            ..Configuration::default()
        };
        let found = |configuration: &Configuration| {
            let mut report = Report(Vec::new());
            report.connections(configuration);
            report.0.remove(0)
        };
        let finding = found(&configuration);
        assert_eq!(finding.health, Health::Bad);
        assert_eq!(
            finding.detail,
            "the subscription `sms` writes back through `gone`, which is not there"
        );
        configuration.connections.push(Connection::new(name("gone"), name("api"), digest));
        assert_eq!(found(&configuration).health, Health::Good);
    }
}
