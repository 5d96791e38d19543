//! A script that is a server, spoken to line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::Value;

use crate::oracle::Oracle;

/// It ends when its input does, and may have children of its own to end.
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts it with a document for its first line, and returns the first line that it says.
    pub(crate) fn start(oracle: Oracle, wanted: &Value) -> (Self, Value) {
        let mut child =
            oracle.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut process = Self { child, stdin, stdout: BufReader::new(stdout) };
        process.say(wanted);
        let first = process.line();
        (process, first)
    }

    /// Says something to it.
    pub(crate) fn say(&mut self, line: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for what it says next.
    pub(crate) fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}
