//! Addresses of people. Domains in other letters become those that mail servers understand.

use lettre::Address;
use lettre::message::Mailbox;
use url::Host;

/// The longest address, in bytes: what fits into a path of RFC 5321.
const MAX: usize = 254;

/// An address such as `anna@example.com`.
///
/// # Errors
/// Says what is wrong with it.
pub fn address(text: &str) -> Result<Address, String> {
    let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.contains([',', ';']) {
        return Err(format!("`{shown}` looks like several addresses: give each as its own"));
    }
    let wrong = |why: &str| format!("`{shown}` is no mail address: {why}");
    let (user, domain) =
        text.rsplit_once('@').ok_or_else(|| wrong("one is like `anna@example.com`"))?;
    if !user.is_ascii() {
        return Err(wrong("before the `@` only letters of ASCII are understood everywhere"));
    }
    let Ok(Host::Domain(domain)) = Host::parse(domain) else {
        return Err(wrong("after the `@` stands the name of a domain"));
    };
    if !domain.contains('.') && domain != "localhost" {
        return Err(wrong("after the `@` stands the whole name of a domain"));
    }
    let address = Address::new(user, domain).map_err(|error| wrong(&error.to_string()))?;
    if AsRef::<str>::as_ref(&address).len() > MAX {
        return Err(wrong("it is too long"));
    }
    Ok(address)
}

/// An address, or one with a name: `Help desk <desk@example.com>`.
///
/// # Errors
/// Says what is wrong with it.
pub fn mailbox(text: &str) -> Result<Mailbox, String> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('<') else {
        return Ok(Mailbox::new(None, address(text)?));
    };
    let Some(inside) = rest.strip_suffix('>') else {
        return Err("an address with a name is like `Help desk <desk@example.com>`".to_owned());
    };
    let name = name.trim().trim_matches('"').trim();
    if name.chars().any(char::is_control) || name.chars().count() > 100 {
        return Err("the name has up to 100 characters and no line ends".to_owned());
    }
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address(inside)?))
}
