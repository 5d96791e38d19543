//! Completions and manual pages, tried with the programs that they are for.

use std::path::Path;
use std::process::Command;

use hookwright_tests::{Daemon, binary};

use super::{desk, text};
use crate::has;

/// What bash offers after this line, as it would at a press of the tab key.
fn offered(daemon: &Daemon, line: &str) -> Vec<String> {
    let script = r#"
        source <("$1" completions bash)
        read -ra COMP_WORDS <<< "$2"
        [[ "$2" == *' ' ]] && COMP_WORDS+=("")
        COMP_LINE="$2" COMP_POINT=${#2} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
        complete -p hookwright > /dev/null || exit 1
        function=$(complete -p hookwright | sed 's/.*-F \([^ ]*\).*/\1/')
        "$function" hookwright "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut command = daemon.command(&[]);
    let program = command.get_program().to_owned();
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script, "bash"]).arg(program).arg(line);
    bash.envs(command.env("HOME", "/").get_envs().filter_map(|(name, value)| Some((name, value?))));
    let offered = text(&bash.output().unwrap());
    offered.lines().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

#[test]
fn bash_completes_commands_options_and_names() {
    if !has("bash") {
        return;
    }
    let daemon = desk();
    assert_eq!(offered(&daemon, "hookwright subsc"), ["subscription"]);
    let commands = offered(&daemon, "hookwright subscription ");
    for command in ["list", "show", "create", "set", "remove"] {
        assert!(commands.iter().any(|offered| offered == command), "{commands:?}");
    }
    let options = offered(&daemon, "hookwright apply --");
    assert!(options.iter().any(|offered| offered == "--prune"), "{options:?}");
    // From the daemon.
    let names = offered(&daemon, "hookwright subscription show ");
    assert!(names.iter().any(|offered| offered == "duty"), "{names:?}");
    assert_eq!(offered(&daemon, "hookwright plugin pin tele"), ["telegram"]);
    assert_eq!(offered(&daemon, "hookwright source show d"), ["desk"]);
    // A daemon that is not there is no error in the middle of the line.
    let mut gone = daemon;
    gone.kill();
    let names = offered(&gone, "hookwright subscription show ");
    assert!(names.iter().all(|offered| offered.starts_with('-')), "{names:?}");
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Command::new(binary()).args(["completions", shell]).output().unwrap();
        let script = text(&output);
        assert!(script.contains("HOOKWRIGHT_COMPLETE"), "{shell}: {script}");
    }
    let unknown = Command::new(binary()).args(["completions", "tcsh"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn manual_pages_are_rendered_without_warnings() {
    let dir = tempfile::tempdir().unwrap();
    let mut write = Command::new(binary());
    text(&write.args(["man", "--dir"]).arg(dir.path()).output().unwrap());
    let mut pages: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 60, "{}", pages.len());
    let page = |name: &str| dir.path().join(name);
    for name in ["hookwright.1", "hookwright-apply.1", "hookwright-subscription-set.1"] {
        assert!(page(name).is_file(), "{name}");
    }
    if !has("groff") {
        return;
    }
    let render = |page: &Path| {
        let mut groff = Command::new("groff");
        groff.args(["-Kutf8", "-man", "-Tutf8", "-P-cbou", "-ww"]).arg(page).output().unwrap()
    };
    for page in &pages {
        let output = render(page);
        let warnings = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && warnings.is_empty(), "{}: {warnings}", page.display());
    }
    let shown = text(&render(&page("hookwright.1")));
    assert!(shown.contains("Exit codes") && shown.contains("HOOKWRIGHT_URL"), "{shown}");
}
