//! Commands of chromedriver that are not in the standard.

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use ureq::http::Method;
use url::{ParseError, Url};

/// A command: the end of its address, and what is sent there.
#[derive(Debug)]
pub(crate) struct Vendor {
    path: &'static str,
    body: Value,
}

impl Vendor {
    /// A command of the `DevTools` protocol.
    pub(crate) fn dev_tools(method: &str, params: &Value) -> Self {
        Self { path: "goog/cdp/execute", body: json!({"cmd": method, "params": params}) }
    }

    /// What a log holds since it was last asked for.
    pub(crate) fn log(name: &str) -> Self {
        Self { path: "se/log", body: json!({"type": name}) }
    }
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
