//! What is wrong with settings beyond what the schema can say.

use hookwright_sdk::{Problem, url};

use crate::{Settings, name};

pub(crate) fn problems(settings: &Settings) -> Vec<Problem> {
    let addresses = [
        ("/uri", Some(&settings.uri)),
        ("/account", settings.account.as_ref()),
        ("/custom_url", settings.custom_url.as_ref()),
    ];
    let instead = "set them as the secrets `username` and `password`, and leave them out here";
    let addresses = addresses
        .into_iter()
        .filter_map(|(at, address)| url::check_password(at, address?, instead));
    let test_event = name::known(&settings.test_event).err();
    let test_event = test_event.map(|message| Problem::at("/test_event", message));
    let events = settings.events.iter().filter_map(|(event_type, name)| {
        let message = name::known(name).err()?;
        // Neither `~` nor `/` is in a type.
        Some(Problem::at(format!("/events/{event_type}"), message))
    });
    addresses.chain(test_event).chain(events).collect()
}
