//! A host for ordinary tests.

use std::cell::RefCell;

use crate::{Host, Level};

/// A host made of values. Times are in UTC.
#[derive(Debug, Default)]
pub struct FakeHost {
    /// What [`Host::settings`] gives.
    pub settings: String,
    /// What [`Host::now`] gives.
    pub now: u64,
    /// What the helpdesk posted.
    pub original_body: Vec<u8>,
    /// Its headers.
    pub original_headers: Vec<(String, Vec<u8>)>,
    /// What [`Host::to_utc`] gives for each text; other texts are an error.
    pub times: Vec<(String, u64)>,
    /// What was logged.
    pub lines: RefCell<Vec<String>>,
}

impl Host for FakeHost {
    fn settings(&self) -> String {
        self.settings.clone()
    }

    fn now(&self) -> u64 {
        self.now
    }

    fn attempt(&self) -> u32 {
        1
    }

    fn original_body(&self) -> Vec<u8> {
        self.original_body.clone()
    }

    fn original_header(&self, name: &str) -> Option<Vec<u8>> {
        let found =
            self.original_headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }

    fn to_utc(&self, local: &str) -> Result<u64, String> {
        let found = self.times.iter().find(|(known, _)| known == local);
        found.map(|(_, time)| *time).ok_or_else(|| format!("`{local}` is not a time"))
    }

    fn to_local(&self, milliseconds: u64) -> String {
        format!("{milliseconds} ms after 1970")
    }

    fn log(&self, _: Level, message: &str) {
        self.lines.borrow_mut().push(message.to_owned());
    }
}
