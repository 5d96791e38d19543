//! The settings of mail as a form, and back. Its secrets are ones that there are, or new ones.

use std::sync::LazyLock;

use hookwright_model::MailSettings;
use hookwright_store::Configuration;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::forms::{self, Drawn, Entries, Field, Kind, Mistakes, fields};
use super::super::language::Language;
use crate::server::body::convert;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{MAIL, SecretWanted, User, new_secret};

/// What has a field, but for secrets.
const SCHEMA: &str = include_str!("mail.schema.json");
/// In the order in which they are asked for.
const ORDER: [&str; 9] =
    ["server", "port", "security", "username", "timeout_s", "from", "to", "language", "enabled"];
/// The parts of the form.
pub(super) const SECTIONS: [&str; 2] = ["server", "mails"];
/// What is a secret.
const SECRETS: [&str; 2] = ["password", "ca"];

static FORM: LazyLock<Field> = LazyLock::new(|| {
    let schema = serde_json::from_str::<Value>(SCHEMA);
    // It is part of the program, and a test reads it.
    debug_assert!(schema.is_ok(), "mail.schema.json cannot be read: {schema:?}");
    let mut form = fields(&schema.unwrap_or_default(), "");
    if let Kind::Object { fields, .. } = &mut form.kind {
        fields.sort_by_key(|field| ORDER.iter().position(|name| *name == field.name));
    }
    form
});

/// A secret as it is drawn.
#[derive(Debug, Serialize)]
pub(super) struct Held {
    id: &'static str,
    /// The name of the choice.
    key: String,
    /// The name of the field for a new one.
    new: String,
    /// The one that is chosen.
    chosen: String,
    errors: Vec<String>,
}

fn key(secret: &str) -> String {
    format!("/{secret}")
}

fn new_key(secret: &str) -> String {
    format!("/{secret}.new")
}

/// What stands in the form of what is set up.
pub(super) fn entries(settings: Option<&MailSettings>) -> Entries {
    let mut entries = Entries::default();
    let document = settings.and_then(|settings| serde_json::to_value(settings).ok());
    let Some(mut document) = document else { return entries };
    for secret in SECRETS {
        let name = document.as_object_mut().and_then(|members| members.remove(secret));
        if let Some(Value::String(name)) = name {
            entries.put(key(secret), name);
        }
    }
    forms::enter(&FORM, Some(&document), &mut entries);
    entries
}

/// What was entered: the settings, and secrets that come with them. The names of these are free
/// as long as `there` is what there is.
///
/// # Errors
/// With what is wrong in it.
pub(super) fn read(
    there: &Configuration,
    entries: &Entries,
) -> Result<(MailSettings, Vec<SecretWanted>), Problem> {
    let mut mistakes = Mistakes::new();
    let mut members = match forms::read(&FORM, entries, &mut mistakes) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for member in members.values_mut() {
        if let Value::String(text) = member {
            *text = text.trim().to_owned();
        }
    }
    let old: Vec<_> = there.mail.iter().flat_map(MailSettings::secrets).collect();
    let mut secrets = Vec::<SecretWanted>::new();
    for secret in SECRETS {
        let chosen = entries.text(&key(secret)).trim();
        let value = entries.text(&new_key(secret));
        if value.trim().is_empty() {
            if !chosen.is_empty() {
                members.insert(secret.to_owned(), chosen.into());
            }
            continue;
        }
        let before = old.iter().find(|(field, _)| *field == secret).map(|(_, name)| name.as_str());
        let given: Vec<_> = secrets.iter().map(|secret| &secret.name).collect();
        let who = MAIL.parse().ok().map(|name| User { kind: MAIL.to_owned(), name });
        let base = format!("{MAIL}-{secret}");
        match who.and_then(|who| new_secret(there, &who, &base, before, &given)) {
            Some(name) => {
                members.insert(secret.to_owned(), name.as_str().into());
                secrets.push(SecretWanted { name, value: value.to_owned() });
            }
            None => mistakes.push(FieldProblem {
                pointer: key(secret),
                detail: "there is no free name left for it: set a secret, and choose it here"
                    .to_owned(),
            }),
        }
    }
    if !mistakes.is_empty() {
        return Err(Problem::invalid(mistakes));
    }
    Ok((convert(members.into())?, secrets))
}

/// Where a mistake of the planner's is in the form: that of a new secret is beside its field.
pub(super) fn at_field(mistake: FieldProblem, secrets: &[String]) -> FieldProblem {
    let number = mistake.pointer.strip_prefix("/secrets/").and_then(|rest| {
        let (number, _) = rest.split_once('/')?;
        number.parse::<usize>().ok()
    });
    match number.and_then(|number| secrets.get(number)) {
        Some(secret) => FieldProblem { pointer: key(secret), ..mistake },
        None => mistake,
    }
}

/// Which secrets were entered, in the order in which [`read`] returns them.
pub(super) fn entered(entries: &Entries) -> Vec<String> {
    let new = SECRETS.iter().filter(|secret| !entries.text(&new_key(secret)).trim().is_empty());
    new.map(|secret| (*secret).to_owned()).collect()
}

/// The fields of a part of the form. Mistakes that are told here are taken out of the list.
pub(super) fn draw(section: &str, entries: &Entries, mistakes: &mut Mistakes) -> Vec<Drawn> {
    let Kind::Object { fields, .. } = &FORM.kind else { return Vec::new() };
    let fields = fields.iter().filter(|field| field.section.as_deref() == Some(section));
    let kind = Kind::Object { fields: fields.cloned().collect(), open: false };
    let part = Field { kind, ..FORM.clone() };
    let mut drawn = forms::draw(&part, entries, mistakes, section);
    for field in &mut drawn {
        for choice in &mut field.choices {
            match field.pointer.as_str() {
                "/security" => {
                    let said = std::mem::take(&mut choice.label);
                    choice.text = Some(format!("mail-security-{said}"));
                }
                "/language" => {
                    let language = Language::of_code(&choice.label);
                    choice.label = language.map_or("", Language::name).to_owned();
                }
                _ => {}
            }
        }
    }
    drawn
}

/// The secrets, in the same way.
pub(super) fn held(entries: &Entries, mistakes: &mut Mistakes) -> Vec<Held> {
    let held = SECRETS.map(|secret| {
        let key = key(secret);
        let (mine, others) =
            std::mem::take(mistakes).into_iter().partition(|mistake| mistake.pointer == key);
        *mistakes = others;
        let mine: Mistakes = mine;
        Held {
            id: secret,
            new: new_key(secret),
            chosen: entries.text(&key).to_owned(),
            errors: mine.into_iter().map(|mistake| mistake.detail).collect(),
            key,
        }
    });
    held.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the form is filled in with is what it says when it is sent.
    #[test]
    fn there_and_back() {
        let there = Configuration::default();
        for given in [
            json!({"server": "mail.example.com", "from": "desk@example.com"}),
            json!({
                "server": "192.0.2.1", "port": 2525, "security": "none", "username": "desk",
                "password": "mail-password", "ca": "mail-ca", "language": "uk", "timeout_s": 5,
                "from": "Hilfe für \"alle\" <desk@bücher.example>", "enabled": false,
                "to": ["a@x.example", "b@y.example"],
            }),
        ] {
            let settings: MailSettings = serde_json::from_value(given).unwrap();
            let sent = entries(Some(&settings)).encoded();
            let sent = Entries::of(sent.as_bytes());
            let (read, secrets) = read(&there, &sent).unwrap();
            assert!(read == settings && secrets.is_empty(), "{read:?}");
            let mut mistakes = Mistakes::new();
            let drawn = SECTIONS.map(|section| draw(section, &sent, &mut mistakes).len());
            assert_eq!(drawn.iter().sum::<usize>(), ORDER.len(), "each has its field");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let there = Configuration::default();
        let problem = read(&there, &Entries::of(b"%2Fport=many")).unwrap_err();
        let pointers: Vec<_> = problem.errors().iter().map(|one| one.pointer.as_str()).collect();
        assert!(pointers.contains(&"/server") && pointers.contains(&"/from"), "{pointers:?}");
        let form = b"%2Fserver=m&%2Ffrom=a%40b&%2Fsecurity=%22tls%22&%2Flanguage=en\
                     &%2Fca.new=abc&%2Fport=many";
        let sent = Entries::of(form);
        assert_eq!(read(&there, &sent).unwrap_err().errors()[0].pointer, "/port");
        let wrong = |pointer: &str| FieldProblem { pointer: pointer.into(), detail: "x".into() };
        let told = at_field(wrong("/secrets/0/value"), &entered(&sent));
        assert_eq!(told.pointer, "/ca");
        let mut mistakes = vec![told, wrong("/to/0"), wrong("/from")];
        let held = held(&sent, &mut mistakes);
        assert_eq!((held[1].errors.len(), mistakes.len()), (1, 2));
        let drawn = draw("mails", &sent, &mut mistakes);
        let errors = drawn.iter().filter(|field| !field.errors.is_empty());
        let errors: Vec<_> = errors.map(|field| field.pointer.as_str()).collect();
        assert_eq!((errors, mistakes.len()), (vec!["/from", "/to"], 0));
    }
}
