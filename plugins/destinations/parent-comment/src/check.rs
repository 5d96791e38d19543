//! What is wrong with settings beyond what the schema can say.

use hookwright_sdk::{Problem, url};

use crate::words::Words;
use crate::{Settings, template};

pub(crate) fn problems(settings: &Settings) -> Vec<Problem> {
    let instead = "set them as the secrets `email` and `api_key`, and leave them out here";
    let password = url::check_password("/base_url", &settings.base_url, instead);
    let mut problems: Vec<_> = password.into_iter().collect();
    let base = settings.base_url.trim_end_matches('/');
    let after_scheme = base.split_once("://").map_or(base, |(_, rest)| rest);
    if let Some((_, path)) = after_scheme.split_once('/') {
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
