//! What a guest may ask the host.

use hookwright_model::LogLevel;
use wasmtime::Result;

use super::bindings::hookwright::plugin::{context, log, original, time_zone, types};
use crate::guest::Guest;

impl types::Host for Guest {}

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String) -> Result<()> {
        let level = match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        };
        self.log.write(level, message);
        Ok(())
    }
}

impl context::Host for Guest {
    fn settings(&mut self) -> Result<String> {
        Ok(self.context.settings.as_ref().to_owned())
    }

    fn now(&mut self) -> Result<u64> {
        Ok(u64::try_from(self.context.now.millis()).unwrap_or(0))
    }

    fn attempt(&mut self) -> Result<u32> {
        Ok(self.context.attempt)
    }
}

impl original::Host for Guest {
    fn body(&mut self) -> Result<Vec<u8>> {
        let body = self.context.original.as_ref().map(|original| original.body.to_vec());
        Ok(body.unwrap_or_default())
    }

    fn header(&mut self, name: String) -> Result<Option<Vec<u8>>> {
        let original = self.context.original.as_ref();
        Ok(original.and_then(|original| original.header(&name)).map(<[u8]>::to_vec))
    }
}

impl time_zone::Host for Guest {
    fn to_utc(&mut self, local: String) -> Result<Result<u64, String>> {
        Ok(self.context.time_zone.to_utc(&local))
    }

    fn to_local(&mut self, milliseconds: u64) -> Result<String> {
        Ok(self.context.time_zone.to_local(milliseconds))
    }
}
