//! What a secret is called that is made together with what uses it. The value of a secret that
//! something else has must never be replaced by the way.

use hookwright_model::Name;
use hookwright_store::Configuration;

use super::uses::{User, walk_secrets};

/// The first of these names that no secret has and that nothing names: what names a secret that
/// is not there is not to be given this one.
#[must_use]
pub fn free_secret(there: &Configuration, mut names: impl Iterator<Item = String>) -> Option<Name> {
    let mut taken: Vec<Name> = there.secrets.clone();
    walk_secrets(there, |name, _| taken.push(name.clone()));
    names.find_map(|name| name.parse().ok().filter(|name| !taken.contains(name)))
}

/// Whether a secret is named in one place only, and that by this user. Its value can be replaced
/// without anything else getting to know it.
#[must_use]
pub fn is_own_alone(there: &Configuration, secret: &Name, who: &User) -> bool {
    let mut places = Vec::new();
    walk_secrets(there, |name, user| {
        if name == secret {
            places.push(user == who);
        }
    });
    places == [true]
}

/// What a secret is called whose value comes with what uses it. `before` is the one in its place
/// so far: if that was named so, and nothing else uses it, it gets the new value. Any other keeps
/// its value, and the new one gets a name that is free, and not `given` to another one that comes
/// with it.
#[must_use]
pub fn new_secret(
    there: &Configuration,
    who: &User,
    base: &str,
    before: Option<&str>,
    given: &[&Name],
) -> Option<Name> {
    if let Some(before) = before.filter(|before| is_named_after(before, base)) {
        let before = before.parse().ok().filter(|before| is_own_alone(there, before, who));
        if let Some(before) = before.filter(|before| !given.contains(&before)) {
            return Some(before);
        }
    }
    let names = (1..1_000_u32).map(|number| match number {
        1 => base.to_owned(),
        _ => format!("{base}-{number}"),
    });
    free_secret(there, names.filter(|name| !given.iter().any(|given| given.as_str() == name)))
}

fn is_named_after(name: &str, base: &str) -> bool {
    let Some(rest) = name.strip_prefix(base) else { return false };
    let number = rest.strip_prefix('-');
    rest.is_empty() || number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use hookwright_model::MailSettings;

    use super::super::MAIL;
    use super::*;

    /// With these secrets, and mail that uses some of them.
    fn there(secrets: &[&str], password: Option<&str>, ca: Option<&str>) -> Configuration {
        let said = r#"{"server": "m.example", "from": "a@b.example"}"#;
        let mail: MailSettings = serde_json::from_str(said).unwrap();
        let named = |name: Option<&str>| name.map(|name| name.parse().unwrap());
        let mail = MailSettings { password: named(password), ca: named(ca), ..mail };
        let secrets = secrets.iter().map(|name| name.parse().unwrap()).collect();
        Configuration { secrets, mail: Some(mail), ..Configuration::default() }
    }

    fn user(kind: &str, name: &str) -> User {
        User { kind: kind.to_owned(), name: name.parse().unwrap() }
    }

    #[test]
    fn a_new_secret_never_takes_the_place_of_another() {
        let duty = user("subscription", "duty");
        let named = |there: &Configuration, before: Option<&str>, given: &[&Name]| {
            new_secret(there, &duty, "duty-key", before, given).unwrap().to_string()
        };
        assert_eq!(named(&there(&[], None, None), None, &[]), "duty-key");
        let two = there(&["duty-key", "duty-key-2"], None, None);
        assert_eq!(named(&two, None, &[]), "duty-key-3");
        // Mail names it, though there is none yet.
        assert_eq!(named(&there(&[], Some("duty-key"), None), None, &[]), "duty-key-2");
        // Another part of the same form has it.
        let given = "duty-key".parse().unwrap();
        assert_eq!(named(&there(&[], None, None), None, &[&given]), "duty-key-2");
        // What was there is somebody else's too, or is called otherwise.
        let shared = there(&["duty-key", "other"], Some("duty-key"), None);
        assert_eq!(named(&shared, Some("duty-key"), &[]), "duty-key-2");
        assert_eq!(named(&shared, Some("other"), &[]), "duty-key-2");
    }

    #[test]
    fn ones_own_gets_the_new_value() {
        let mail = user(MAIL, MAIL);
        let named = |there: &Configuration, before: &str| {
            new_secret(there, &mail, "mail-password", Some(before), &[]).unwrap().to_string()
        };
        let secrets = ["mail-password", "mail-password-2", "smtp"];
        assert_eq!(
            named(&there(&secrets, Some("mail-password"), None), "mail-password"),
            "mail-password"
        );
        let second = there(&secrets, Some("mail-password-2"), None);
        assert_eq!(named(&second, "mail-password-2"), "mail-password-2");
        // It is in two places, or was named by people.
        let twice = there(&secrets, Some("mail-password"), Some("mail-password"));
        assert_eq!(named(&twice, "mail-password"), "mail-password-3");
        assert_eq!(named(&there(&secrets, Some("smtp"), None), "smtp"), "mail-password-3");
    }

    #[test]
    fn what_is_named_after_something_is_known() {
        for (name, is_so) in [
            ("duty-token", true),
            ("duty-token-2", true),
            ("duty-token-x", false),
            ("duty-token2", false),
            ("duty-tokens", false),
            ("duty", false),
        ] {
            assert_eq!(is_named_after(name, "duty-token"), is_so, "{name}");
        }
    }
}
