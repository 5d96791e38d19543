//! `webhook.verify`: whoever owns the address of a webhook proves it by calling back.

use hookwright_sdk::serde_json::json;
use hookwright_sdk::{ParsedEvent, Problem};

use crate::Settings;
use crate::webhook::Webhook;

/// An event of this type is for the host: it calls the address in it and keeps nothing.
const FOR_THE_HOST: &str = "source.verify";

/// Asks the host to call back, if the address is one of the account's own: anyone who can post
/// could otherwise have the host call anything.
pub(crate) fn event(webhook: Webhook, settings: &Settings) -> Result<ParsedEvent, Problem> {
    let at = format!("{}/callback", webhook.payload_at);
    let callback = webhook.payload.as_ref().and_then(|payload| payload["callback"].as_str());
    let Some(callback) = callback else {
        return Err(Problem::at(at, "no address to call back"));
    };
    let named = [&webhook.account, &webhook.custom_url];
    let named = named.into_iter().flatten().filter(|base| base.starts_with("https://"));
    let own = match &settings.url {
        Some(url) => is_below(callback, url),
        None => named.into_iter().any(|base| is_below(callback, base)),
    };
    if !own {
        let message = "the address to call back is not one of the account's: if people open the \
                       account at another address, set `url` in the source's settings";
        return Err(Problem::at(at, message));
    }
    Ok(ParsedEvent {
        event_type: FOR_THE_HOST.to_owned(),
        subject: webhook.id,
        occurred_at: None,
        data_schema: "verify/1".to_owned(),
        data: json!({ "callback": callback }).to_string(),
        upstream_name: Some(webhook.event),
        dedupe_key: None,
    })
}

/// Whether an address is on the same server, at the same port, by the same protocol.
fn is_below(address: &str, base: &str) -> bool {
    let origin = |url: &str| {
        let (protocol, rest) = url.split_once("://")?;
        let server = rest.split(['/', '?', '#']).next()?;
        // A user name could make another server look like this one.
        let plain = !server.is_empty() && !server.contains(['@', '\\']);
        plain.then(|| format!("{protocol}://{server}").to_ascii_lowercase())
    };
    origin(address).is_some_and(|origin_of_address| Some(origin_of_address) == origin(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_accounts_own_server_is_called() {
        let base = "https://mycompany.xurrent.com";
        assert!(is_below("https://mycompany.xurrent.com/webhooks/1/verify?code=a", base));
        assert!(is_below("https://MyCompany.xurrent.com/", "https://mycompany.xurrent.com/x"));
        for other in [
            "http://mycompany.xurrent.com/",
            "https://mycompany.xurrent.com.evil.example/",
            "https://mycompany.xurrent.com:8443/",
            "https://mycompany.xurrent.com@evil.example/",
            "https://evil.example\\@mycompany.xurrent.com/",
            "https:///",
            "mycompany.xurrent.com",
            "",
        ] {
            assert!(!is_below(other, base), "{other}");
        }
    }
}
