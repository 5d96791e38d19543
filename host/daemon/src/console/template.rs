//! The console's templates. Whatever is put into one is escaped, and what would hide in it is
//! shown (`shown.rs`), unless a function of this file has made it.

use std::sync::LazyLock;
use std::time::Duration;

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::embedded::TEMPLATES;
use super::language::Language;
use super::{assets, number, shown, text};

/// One for each language, so that texts can be asked for anywhere, also in macros.
static ENVIRONMENTS: LazyLock<[Environment<'static>; 4]> =
    LazyLock::new(|| Language::ALL.map(environment));

/// A template, filled in.
///
/// # Errors
/// When it lacks something, or there is none of this name.
pub fn render(language: Language, name: &str, context: Value) -> Result<String, Error> {
    ENVIRONMENTS[language as usize].get_template(name)?.render(context)
}

pub(super) fn environment(language: Language) -> Environment<'static> {
    let mut all = Environment::new();
    // What is not there can be asked for, and not be shown.
    all.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    all.set_auto_escape_callback(|_| AutoEscape::Html);
    all.set_formatter(|out, _, value| match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => Ok(()),
        _ => {
            let text = value.as_str().map_or_else(|| value.to_string().into(), Into::into);
            let text: std::borrow::Cow<'_, str> = text;
            if value.is_safe() {
                return out.write_str(&text).map_err(Error::from);
            }
            let mut html = String::with_capacity(text.len() + 16);
            shown::write_plain(&mut html, &text)?;
            out.write_str(&html).map_err(Error::from)
        }
    });
    all.add_function("t", move |key: &str, args: Kwargs| texts(language, key, &args));
    all.add_function("asset", |name: &str| {
        let missing = || Error::new(ErrorKind::BadInclude, format!("there is no asset `{name}`"));
        assets::address(name).ok_or_else(missing)
    });
    all.add_filter("shown", |text: Value| Value::from_safe_string(shown::marked(&plain(&text))));
    all.add_filter("value", |text: Value| Value::from_safe_string(shown::value(&plain(&text))));
    all.add_filter("time", |moment: &str| Value::from_safe_string(time(moment)));
    all.add_filter("number", move |number: u64| number::whole(language, number));
    all.add_filter("size", move |bytes: u64| number::size(language, bytes));
    all.add_filter("took", move |micros: u64| {
        number::took(language, Duration::from_micros(micros))
    });
    for (name, source) in TEMPLATES {
        if let Err(error) = all.add_template(name, source) {
            tracing::error!(name, %error, "a template of the console has a mistake");
        }
    }
    all
}

/// A value as text; nothing is the empty text.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_none() || value.is_undefined() => String::new(),
        None => value.to_string(),
    }
}

fn texts(language: Language, key: &str, given: &Kwargs) -> Result<String, Error> {
    if cfg!(debug_assertions) && !text::has(key) {
        return Err(Error::new(ErrorKind::UnknownFunction, format!("there is no text `{key}`")));
    }
    let mut args = FluentArgs::new();
    for name in given.args() {
        let value: Value = given.peek(name)?;
        let value = match (value.as_i64(), value.is_number()) {
            (Some(number), true) => FluentValue::from(number),
            _ => FluentValue::from(plain(&value)),
        };
        args.set(name.to_owned(), value);
    }
    Ok(text::text(language, key, Some(&args)))
}

/// A moment after RFC 3339 in UTC, for people and machines. The page's script turns it into the
/// visitor's own time.
fn time(moment: &str) -> String {
    let mut machine = String::new();
    let _ = shown::write_plain(&mut machine, moment);
    let people = match (machine.split_once('T'), machine.ends_with('Z')) {
        (Some((date, rest)), true) => {
            let time = rest.split(['.', 'Z']).next().unwrap_or_default();
            format!("{date} {time} UTC")
        }
        _ => machine.clone(),
    };
    format!("<time datetime=\"{machine}\">{people}</time>")
}
