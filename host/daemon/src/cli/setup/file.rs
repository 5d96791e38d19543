//! The files that `apply` reads: what is in them, and where it is found that is not.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use hookwright_model::{Digest, JournalSettings, Limits, MailSettings, Name};
use serde::Deserialize;

use super::document;
use crate::setup::{ConnectionWanted, PolicyWanted, SourceWanted, SubscriptionWanted};

/// A file, or several as if they were one.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) secret: Vec<SecretEntry>,
    pub(super) plugin: Vec<PluginEntry>,
    pub(super) policy: Vec<PolicyWanted>,
    pub(super) connection: Vec<ConnectionWanted>,
    pub(super) source: Vec<SourceWanted>,
    pub(super) subscription: Vec<SubscriptionWanted>,
    pub(super) journal: Option<JournalSettings>,
    pub(super) mail: Option<MailSettings>,
}

/// A secret is never in the file, only where to find it. With neither place it must be in the
/// daemon already.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretEntry {
    pub(super) name: Name,
    /// The name of an environment variable.
    env: Option<String>,
    /// A file, relative to this one. A line end at its end is not part of the secret.
    file: Option<PathBuf>,
    /// Whether the value that the daemon has stays if there is none at that place.
    #[serde(default)]
    keep: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PluginEntry {
    /// A component or core module, relative to this file.
    pub(super) file: Option<PathBuf>,
    /// Of its bytes; without a file it must be installed already.
    pub(super) digest: Option<Digest>,
    pub(super) limits: Option<Limits>,
}

impl PluginEntry {
    /// What people know it by.
    pub(super) fn shown(&self) -> String {
        match (&self.file, &self.digest) {
            (Some(file), _) => file.display().to_string(),
            (None, digest) => digest.map(|digest| digest.short()).unwrap_or_default(),
        }
    }
}

/// Where a secret's value is.
pub(super) enum Value {
    Given(String),
    /// In the daemon, and only there.
    Kept,
}

impl File {
    /// Reads files, folders of them, and with `-` the standard input.
    pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in all_files(paths)? {
            let shown = path.display();
            let text = text(&path)?;
            let here = Path::new(".");
            let dir = if is_stdin(&path) { here } else { path.parent().unwrap_or(here) };
            let file = Self::parse(&text, dir).with_context(|| format!("{shown} is not usable"))?;
            all.append(file).with_context(|| format!("{shown} does not fit the others"))?;
        }
        Ok(all)
    }

    pub(super) fn parse(text: &str, dir: &Path) -> anyhow::Result<Self> {
        let mut file: Self = document::parse(text)?;
        let files = file.plugin.iter_mut().filter_map(|plugin| plugin.file.as_mut());
        let files = files.chain(file.secret.iter_mut().filter_map(|secret| secret.file.as_mut()));
        files.for_each(|file| *file = dir.join(&*file));
        Ok(file)
    }

    fn append(&mut self, other: Self) -> anyhow::Result<()> {
        let Self { secret, plugin, policy, connection, source, subscription, journal, mail } =
            other;
        if self.journal.is_some() && journal.is_some() {
            bail!("`journal` is in another file too");
        }
        if self.mail.is_some() && mail.is_some() {
            bail!("`mail` is in another file too");
        }
        self.secret.extend(secret);
        self.plugin.extend(plugin);
        self.policy.extend(policy);
        self.connection.extend(connection);
        self.source.extend(source);
        self.subscription.extend(subscription);
        self.journal = self.journal.take().or(journal);
        self.mail = self.mail.take().or(mail);
        Ok(())
    }
}

/// What is in a file, or with `-` in the standard input.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    if is_stdin(path) {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read the standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// With the files of folders in the order of their names.
fn all_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if is_stdin(path) || !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let cannot = || format!("cannot read the folder {}", path.display());
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).with_context(cannot)? {
            let file = entry.with_context(cannot)?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            bail!("there is no file of the kind *.toml in {}", path.display());
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

impl SecretEntry {
    /// Its value. What `is_there` says is whether the daemon has it.
    pub(super) fn value(&self, is_there: bool) -> anyhow::Result<Value> {
        let name = &self.name;
        let may_keep = self.keep && is_there;
        match (&self.env, &self.file) {
            (Some(_), Some(_)) => bail!("the secret `{name}` has both `env` and `file`: use one"),
            (Some(variable), None) => match std::env::var(variable) {
                Ok(value) => Ok(Value::Given(value)),
                Err(std::env::VarError::NotPresent) if may_keep => Ok(Value::Kept),
                Err(error) => {
                    let new =
                        if self.keep { ", and the daemon has no such secret yet" } else { "" };
                    Err(error).with_context(|| {
                        format!(
                            "the secret `{name}`: the environment variable {variable} is not \
                             usable{new}"
                        )
                    })
                }
            },
            (None, Some(path)) => match std::fs::read_to_string(path) {
                Ok(text) => Ok(Value::Given(text.trim_end_matches(['\r', '\n']).to_owned())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_keep => {
                    Ok(Value::Kept)
                }
                Err(error) => Err(error).with_context(|| {
                    format!("the secret `{name}`: cannot read {}", path.display())
                }),
            },
            (None, None) if is_there => Ok(Value::Kept),
            (None, None) => bail!(
                "the secret `{name}` needs `env` or `file`, where its value is: the daemon has no \
                 such secret yet"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<File> {
        File::parse(text, Path::new("/desk"))
    }

    #[test]
    fn the_documents_example_is_one() {
        let page = include_str!("../../../../../docs/connections.md");
        let example = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
        let file = parse(example).unwrap();
        assert_eq!(file.connection[0].name.as_str(), "eddy-api");
        assert_eq!(file.source[0].connection.as_ref(), Some(&file.connection[0].name));
        assert_eq!(file.subscription[0].write_back.len(), 3);
    }

    #[test]
    fn the_mails_example_is_one() {
        let page = include_str!("../../../../../docs/mail.md");
        let examples = page.split("```").filter_map(|block| block.strip_prefix("toml\n"));
        let files: Vec<File> = examples.map(|example| parse(example).unwrap()).collect();
        let mail = files[0].mail.as_ref().unwrap();
        assert_eq!(mail.password.as_ref(), Some(&files[0].secret[0].name));
        assert_eq!((mail.port(), mail.timeout_s), (587, MailSettings::default_timeout_s()));
        let addresses = mail.to.iter().chain(&files[0].subscription[0].mail_exceptions_to);
        assert!(addresses.into_iter().all(|to| crate::mail::address::address(to).is_ok()));
        assert!(crate::mail::address::mailbox(&mail.from).is_ok());
        assert_eq!(files[1].subscription.len(), 2);
    }

    #[test]
    fn the_journals_example_is_one() {
        let page = include_str!("../../../../../docs/journal.md");
        let example = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
        let journal = parse(example).unwrap().journal.unwrap();
        assert_eq!(journal.redact.len(), 3);
        assert_eq!(crate::redaction::Redaction::new(&journal).1, []);
        // The page says that these are the defaults.
        let plain = JournalSettings { redact: Vec::new(), keep_bytes: None, ..journal };
        assert_eq!(plain, JournalSettings::default());
    }

    #[test]
    fn secrets_are_given_kept_or_missing() {
        let secret = |more: &str, is_there| {
            let file = parse(&format!("[[secret]]\nname = \"bot\"\n{more}")).unwrap();
            match file.secret[0].value(is_there) {
                Ok(Value::Given(value)) => format!("given {}", value.len()),
                Ok(Value::Kept) => "kept".to_owned(),
                Err(error) => format!("{error:#}"),
            }
        };
        let missing = "env = \"HOOKWRIGHT_TESTS_NEVER_SET_THIS\"";
        assert_eq!(secret("", true), "kept");
        assert!(secret("", false).contains("has no such secret yet"));
        assert!(secret(missing, true).contains("NEVER_SET_THIS is not usable: "));
        assert_eq!(secret(&format!("{missing}\nkeep = true"), true), "kept");
        let new = secret(&format!("{missing}\nkeep = true"), false);
        assert!(new.contains("has no such secret yet"), "{new}");
        assert!(secret("file = \"none\"", true).contains("cannot read /desk/none"));
        assert_eq!(secret("file = \"none\"\nkeep = true", true), "kept");
        assert!(secret("env = \"A\"\nfile = \"b\"", true).contains("use one"));
        assert!(secret("env = \"CARGO_MANIFEST_DIR\"", false).starts_with("given "));
    }

    #[test]
    fn files_are_read_as_one() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("b.toml", "[[secret]]\nname = \"b\"\nfile = \"b.key\"\n[journal]\nkeep_for = \"1d\"");
        write("a.toml", "[[secret]]\nname = \"a\"");
        write("notes.txt", "not TOML");
        let file = File::read(&[dir.path().to_owned()]).unwrap();
        let names: Vec<_> = file.secret.iter().map(|secret| secret.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(file.secret[1].file.as_deref(), Some(&*dir.path().join("b.key")));
        write("c.toml", "[journal]\nkeep_for = \"1d\"");
        let twice = format!("{:#}", File::read(&[dir.path().to_owned()]).err().unwrap());
        assert!(twice.contains("c.toml") && twice.contains("`journal` is in another"), "{twice}");
        write("c.toml", "[[secret]]\nnaem = \"c\"");
        let typo = format!("{:#}", File::read(&[dir.path().join("c.toml")]).err().unwrap());
        assert!(typo.contains("line 2") && typo.contains("naem"), "{typo}");
    }
}
