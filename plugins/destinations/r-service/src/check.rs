//! What is wrong with settings beyond what the schema can say.

use hookwright_sdk::Problem;

use crate::{Settings, name};

pub(crate) fn problems(settings: &Settings) -> Vec<Problem> {
    let addresses = [
        ("/uri", Some(&settings.uri)),
        ("/account", settings.account.as_ref()),
        ("/custom_url", settings.custom_url.as_ref()),
    ];
    let is_bad = |address: Option<&String>| address.is_some_and(|text| has_credentials(text));
    let addresses = addresses.into_iter().filter(|(_, address)| is_bad(*address)).map(|(at, _)| {
        let message = "there is a user name or password in it: set them as the secrets \
                       `username` and `password`, and leave them out here";
        Problem::at(at, message)
    });
    let test_event = name::known(&settings.test_event).err();
    let test_event = test_event.map(|message| Problem::at("/test_event", message));
    let events = settings.events.iter().filter_map(|(event_type, name)| {
        let message = name::known(name).err()?;
        // Neither `~` nor `/` is in a type.
        Some(Problem::at(format!("/events/{event_type}"), message))
    });
    addresses.chain(test_event).chain(events).collect()
}

fn has_credentials(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().is_some_and(|server| server.contains('@'))
}
