//! What one call carries: the facts the guest may ask for, and what it has said so far.

use std::sync::Arc;

use hookwright_model::{LogLevel, LogLine, Original, Timestamp};

use crate::TimeZone;
use crate::limiter::Limiter;

/// The facts of a call. The same facts and the same event give the same bytes.
#[derive(Clone, Debug)]
pub struct Context {
    /// JSON text.
    pub settings: Arc<str>,
    /// When the event was taken in.
    pub now: Timestamp,
    /// From 1.
    pub attempt: u32,
    /// What the helpdesk posted.
    pub original: Option<Arc<Original>>,
    /// The zone of times that carry none.
    pub time_zone: TimeZone,
    /// What the call is about, for messages and for the guest's random numbers: an event's
    /// id, as a rule.
    pub subject: String,
}

impl Context {
    /// The facts of a call that has none.
    #[must_use]
    pub fn empty(subject: &str) -> Self {
        Self {
            settings: "{}".into(),
            now: Timestamp::default(),
            attempt: 1,
            original: None,
            time_zone: TimeZone::UTC,
            subject: subject.to_owned(),
        }
    }
}

/// The data of a store.
pub(crate) struct Guest {
    pub(crate) context: Context,
    pub(crate) limiter: Limiter,
    pub(crate) log: Log,
    /// The monotonic clock of the inert WASI, in nanoseconds.
    pub(crate) monotonic: u64,
    /// State of the guest's random numbers.
    pub(crate) random: u64,
}

/// What the guest writes, bounded.
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    pub(crate) dropped: u64,
    /// The end of what it wrote to stderr and stdout.
    pub(crate) stderr: Vec<u8>,
    max_lines: usize,
    /// What is left for lines, in bytes.
    line_bytes: usize,
    max_stderr: usize,
}

impl Log {
    pub(crate) fn new(max_lines: u32, max_bytes: u32) -> Self {
        Self {
            lines: Vec::new(),
            dropped: 0,
            stderr: Vec::new(),
            max_lines: max_lines as usize,
            line_bytes: max_bytes as usize,
            max_stderr: max_bytes as usize,
        }
    }

    /// Keeps a line, cut to what is left, or counts it as dropped.
    pub(crate) fn write(&mut self, level: LogLevel, mut message: String) {
        if self.lines.len() >= self.max_lines || self.line_bytes == 0 {
            self.dropped += 1;
            return;
        }
        if message.len() > self.line_bytes {
            let end = (0..=self.line_bytes).rev().find(|&end| message.is_char_boundary(end));
            message.truncate(end.unwrap_or(0));
            message.push('…');
            self.line_bytes = 0;
        } else {
            self.line_bytes -= message.len();
        }
        self.lines.push(LogLine { level, message });
    }

    /// Keeps the end of what is written: the last lines say why.
    pub(crate) fn write_stderr(&mut self, bytes: &[u8]) {
        let keep = bytes.len().min(self.max_stderr);
        let excess = (self.stderr.len() + keep).saturating_sub(self.max_stderr);
        self.stderr.drain(..excess);
        self.stderr.extend_from_slice(&bytes[bytes.len() - keep..]);
    }
}

impl Guest {
    /// The next of the guest's random numbers (SplitMix64): a function of the call alone, so
    /// that it can be repeated. Not fit for keys, which a plugin has no business making.
    pub(crate) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_in_number_and_size() {
        let mut log = Log::new(2, 10);
        log.write(LogLevel::Info, "12345".into());
        log.write(LogLevel::Info, "ééééé".into());
        log.write(LogLevel::Info, "never".into());
        let texts: Vec<_> = log.lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(texts, ["12345", "éé…"]);
        assert_eq!(log.dropped, 1);
    }

    #[test]
    fn of_stderr_the_end_is_kept() {
        let mut log = Log::new(1, 5);
        log.write_stderr(b"abc");
        log.write_stderr(b"def");
        assert_eq!(log.stderr, b"bcdef");
        log.write_stderr(b"0123456789");
        assert_eq!(log.stderr, b"56789");
    }
}
