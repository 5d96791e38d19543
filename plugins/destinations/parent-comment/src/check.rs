//! What is wrong with settings beyond what the schema can say.

use hookwright_sdk::Problem;

use crate::words::Words;
use crate::{Settings, template};

pub(crate) fn problems(settings: &Settings) -> Vec<Problem> {
    let base = settings.base_url.trim_end_matches('/');
    let after_scheme = base.split_once("://").map_or(base, |(_, rest)| rest);
    let (server, path) = match after_scheme.split_once('/') {
        Some((server, path)) => (server, Some(path)),
        None => (after_scheme, None),
    };
    let mut problems = Vec::new();
    if server.contains('@') {
        let message = "there is a user name or password in it: set them as the secrets `email` \
                       and `api_key`, and leave them out here";
        problems.push(Problem::at("/base_url", message));
    }
    if let Some(path) = path {
        let message = format!(
            "`/{path}` is too much: enter the address of the system alone, such as \
             https://example.helpdeskeddy.com"
        );
        problems.push(Problem::at("/base_url", message));
    }
    if let Some(template) = &settings.template
        && let Err(message) = template::fill(template, &Words::default())
    {
        problems.push(Problem::at("/template", message));
    }
    problems
}
