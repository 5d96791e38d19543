//! What holds for every command.

use clap::{Arg, Command, CommandFactory};

use super::Cli;

/// Every command, with the way to it.
fn commands() -> Vec<(String, Command)> {
    fn add(all: &mut Vec<(String, Command)>, way: &str, command: &Command) {
        let way = format!("{way} {}", command.get_name());
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            add(all, &way, inner);
        }
        all.push((way.trim().to_owned(), command.clone()));
    }
    let mut command = Cli::command();
    command.build();
    let mut all = Vec::new();
    add(&mut all, "", &command);
    all
}

#[test]
fn commands_and_options_say_what_they_do() {
    Cli::command().debug_assert();
    let all = commands();
    assert!(all.len() > 60, "{}", all.len());
    for (way, command) in &all {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.len() >= 8, "{way} says nothing of itself");
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "{way}: {} says nothing of itself", argument.get_id());
        }
    }
}

#[test]
fn what_changes_with_fields_shows_how() {
    for (way, command) in commands() {
        if way.ends_with(" create") || way.ends_with(" set") {
            let help = command.clone().render_long_help().to_string();
            let is_simple = command.get_arguments().all(|argument| !argument.is_positional());
            assert!(is_simple || help.contains("Example"), "{way} has no example\n{help}");
        }
    }
}

/// They are seen by everybody on the machine, in lists of processes.
#[test]
fn no_secret_is_an_argument() {
    for (way, command) in commands() {
        let secret = |argument: &Arg| {
            let id = argument.get_id().as_str();
            ["secret", "password", "value"].contains(&id)
        };
        assert!(!command.get_arguments().any(secret), "{way}");
    }
}

#[test]
fn examples_are_commands() {
    for (way, command) in commands() {
        let help = command.clone().render_long_help().to_string();
        let Some((_, examples)) = help.split_once("Example") else { continue };
        try_all(&way, examples);
    }
    let page = include_str!("../../../../docs/cli.md");
    assert!(try_all("docs/cli.md", page) > 10);
}

/// Every line that is a command must be one.
fn try_all(place: &str, text: &str) -> usize {
    let joined: String = text.split("\\\n").map(str::trim_start).collect();
    let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("hookwright "));
    let mut tried = 0;
    for line in lines {
        // Up to what the shell does with it, or what is said of it.
        let command = line.split("  ").next().unwrap_or_default();
        let command = command.split([';', '|', '<', '>']).next().unwrap_or_default();
        let Some(words) = split(command) else { panic!("{place}: {line}") };
        if let Err(error) = Cli::command().try_get_matches_from(words) {
            panic!("{place}: {line}\n{error}");
        }
        tried += 1;
    }
    tried
}

/// Words as a shell takes them apart, with single quotes only.
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    line.matches('\'').count().is_multiple_of(2).then_some(words)
}
