//! Says what is wrong with settings before an event comes.

use hookwright_sdk::Problem;
use hookwright_sdk::serde_json::Value;

use crate::compose;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::settings::{Auth, Settings};

/// Set by the host.
const RESERVED: [&str; 6] =
    ["connection", "content-length", "expect", "host", "transfer-encoding", "upgrade"];

/// Fills every template with a sample, and looks at names.
pub(crate) fn check(settings: &Settings) -> Vec<Problem> {
    let engine = Engine::sample(settings.syntax);
    let mut problems = Vec::new();
    let mut found = |at: &str, result: Result<(), Fault>, template: &str| {
        match result {
            Err(Fault::Settings(message)) => problems.push(Problem::at(at, message)),
            // The sample is at fault.
            Ok(()) | Err(Fault::Event(_)) => {}
        }
        let unknown = engine.check(template).into_iter();
        problems.extend(unknown.map(|message| Problem::at(at, message)));
    };
    found("/url", compose::url(&settings.url, &engine).map(drop), &settings.url);
    for (name, template) in &settings.headers {
        let at = format!("/headers/{}", pointer(name));
        let named = header_name(name, settings);
        found(&at, named.and_then(|()| compose::header(template, &engine).map(drop)), template);
    }
    if let Auth::Header { name } = &settings.auth {
        found("/auth/name", token(name), "");
    }
    let body = compose::body(settings, &engine).map(drop);
    found("/body", body, "");
    for (at, template) in settings.body.iter().flat_map(|body| templates("/body", body)) {
        found(&at, Ok(()), template);
    }
    problems
}

/// The strings of a document and where they are.
fn templates<'a>(at: &str, value: &'a Value) -> Vec<(String, &'a str)> {
    match value {
        Value::String(template) => vec![(at.to_owned(), template)],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(number, item)| templates(&format!("{at}/{number}"), item)).collect()
        }
        Value::Object(members) => {
            let members = members.iter();
            members
                .flat_map(|(name, item)| templates(&format!("{at}/{}", pointer(name)), item))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn header_name(name: &str, settings: &Settings) -> Result<(), Fault> {
    token(name)?;
    let authorizes = match &settings.auth {
        Auth::None => None,
        Auth::Basic { .. } | Auth::Bearer => Some("Authorization"),
        Auth::Header { name } => Some(name.as_str()),
    };
    if authorizes.is_some_and(|header| header.eq_ignore_ascii_case(name)) {
        return Err(Fault::settings("`auth` sends this header already; take one of them away"));
    }
    Ok(())
}

fn token(name: &str) -> Result<(), Fault> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_token) {
        let message = format!("`{}` cannot be the name of a header", name.escape_debug());
        return Err(Fault::Settings(message));
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(Fault::Settings(format!(
            "the header `{name}` is set by the host; take it away"
        )));
    }
    Ok(())
}
