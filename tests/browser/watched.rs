//! What Chromium asks for over the network, and what it complains of.

use serde_json::Value;

/// Judges its logs.
pub(crate) struct Watched {
    origin: String,
}

impl Watched {
    /// All that may be asked for is of this origin.
    pub(crate) fn new(origin: &str) -> Self {
        Self { origin: format!("{origin}/") }
    }

    /// Fails if something is asked for elsewhere, and if the browser's console has an error: what
    /// the content security policy forbids is one, and what a script throws.
    pub(crate) fn check(&self, network: &[Value], console: &[Value]) {
        let asked = requests(network);
        assert!(!asked.is_empty(), "the log of the network has nothing in it");
        let elsewhere: Vec<_> = asked.iter().filter(|url| !self.is_own(url)).collect();
        assert!(elsewhere.is_empty(), "asked for elsewhere: {elsewhere:?}");
        let complaints = complaints(console);
        assert!(complaints.is_empty(), "in the browser's console: {complaints:#?}");
    }

    fn is_own(&self, url: &str) -> bool {
        // The others are in the browser itself: its page before the first, pictures in styles.
        let inside = ["data:", "chrome://"];
        url.starts_with(&self.origin) || inside.iter().any(|scheme| url.starts_with(scheme))
    }
}

/// The addresses of all requests, of streams and sockets too.
pub(crate) fn requests(network: &[Value]) -> Vec<String> {
    let of = |entry: &Value| {
        let text: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
        let (message, params) = (&text["message"], &text["message"]["params"]);
        let url = match message["method"].as_str()? {
            "Network.requestWillBeSent" => &params["request"]["url"],
            "Network.webSocketCreated" | "Network.webTransportCreated" => &params["url"],
            _ => return None,
        };
        url.as_str().map(ToOwned::to_owned)
    };
    network.iter().filter_map(of).collect()
}

/// Errors and warnings.
pub(crate) fn complaints(console: &[Value]) -> Vec<String> {
    let bad = console
        .iter()
        .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")));
    bad.map(|entry| entry["message"].to_string()).collect()
}
