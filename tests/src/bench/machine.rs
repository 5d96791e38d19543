//! What was measured on, and processes' memory, from `/proc`.

use std::fs;
use std::process::Command;

/// A machine and what was built, in a line each: a name, and what is known.
#[must_use]
pub fn facts() -> Vec<(&'static str, String)> {
    let unknown = || "unknown".to_owned();
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = field(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal");
    let memory = memory.map(|mebibytes| format!("{:.1} GiB", mebibytes / 1_024.0));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease");
    vec![
        ("date", command("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(unknown)),
        ("commit", commit().unwrap_or_else(unknown)),
        ("processor", format!("{cores} × {}", model.unwrap_or_else(unknown))),
        ("memory", memory.unwrap_or_else(unknown)),
        ("kernel", kernel.map_or_else(|_| unknown(), |kernel| kernel.trim().to_owned())),
    ]
}

fn commit() -> Option<String> {
    let commit = command("git", &["rev-parse", "--short=12", "HEAD"])?;
    let changed = command("git", &["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit}, with changes") })
}

fn command(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(crate::root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The memory that a process has now, and the most that it had, in MiB.
///
/// # Panics
/// When there is no such process, or no `/proc`.
#[must_use]
pub fn memory(pid: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status"));
    let status = status.expect("the memory of a process is read from /proc");
    (field(&status, "VmRSS").unwrap(), field(&status, "VmHWM").unwrap())
}

/// A line of `name: number kB`, in MiB.
fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: f64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1_024.0)
}
