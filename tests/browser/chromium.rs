//! A Chromium with a profile of its own, which knows no host but this one.

use std::process::{Command, Stdio};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hookwright_tests::{Daemon, PASSWORD, add_user, root, until, until_or};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::command::Vendor;
use crate::driver::Driver;
use crate::watched::Watched;

/// What Chromium is told. `elsewhere.example` is another site to it, on this machine.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP elsewhere.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// Keys that are no characters, as WebDriver calls them.
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const SPACE: char = ' ';

/// Whether Chromium, its driver and axe-core are there.
pub(crate) fn is_installed() -> bool {
    let answers = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    axe().is_file() && answers("chromium") && answers("chromedriver")
}

/// Where axe-core is.
pub(crate) fn axe() -> std::path::PathBuf {
    root().join("target/oracles/node_modules/axe-core/axe.min.js")
}

/// One browser. It is closed when this is dropped.
pub(crate) struct Chromium {
    runtime: Runtime,
    client: Client,
    base: String,
    /// What it has asked for and complained of.
    pub(crate) watched: Watched,
    _driver: Driver,
    _profile: TempDir,
}

impl Chromium {
    /// A new one, for this daemon's console.
    pub(crate) fn start(daemon: &Daemon) -> Self {
        let driver = Driver::start();
        let profile = tempfile::Builder::new().prefix("chromium-").tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut arguments: Vec<_> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
            // A dialog that nobody expects stays, so that the test fails at it.
            "unhandledPromptBehavior": "ignore",
        });
        let capabilities = capabilities.as_object().unwrap().clone();
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities).connect(&driver.url()).await
        });
        let client = client.expect("chromedriver starts Chromium");
        let (base, watched) = (daemon.url(), Watched::new(&daemon.url()));
        let new = Self { runtime, client, base, watched, _driver: driver, _profile: profile };
        new.wide();
        new
    }

    /// One in which somebody with this role has logged in.
    pub(crate) fn logged_in(daemon: &Daemon, role: &str) -> Self {
        add_user(daemon, role, role);
        let new = Self::start(daemon);
        new.log_in(role);
        new
    }

    /// Fills in the form for logging in.
    pub(crate) fn log_in(&self, name: &str) {
        self.open("/console/login");
        self.fill("#name", name);
        self.fill("#password", PASSWORD);
        self.click("main button");
        self.wait_for("header form[action='/console/logout']");
    }

    fn run<T, E: std::fmt::Debug>(&self, work: impl Future<Output = Result<T, E>>) -> T {
        self.runtime.block_on(work).expect("WebDriver does as it is told")
    }

    /// Goes to a page of the console, or to another address.
    pub(crate) fn open(&self, address: &str) {
        let url = match address.strip_prefix('/') {
            Some(_) => format!("{}{address}", self.base),
            None => address.to_owned(),
        };
        self.run(self.client.goto(&url));
    }

    /// Path and query of the page that is shown.
    pub(crate) fn path(&self) -> String {
        let url = self.run(self.client.current_url());
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// Runs a script, and returns what it returns.
    pub(crate) fn ask(&self, script: &str) -> Value {
        self.run(self.client.execute(script, Vec::new()))
    }

    /// Runs a script that calls the last of its arguments when it is done.
    pub(crate) fn ask_later(&self, script: &str) -> Value {
        self.run(self.client.execute_async(script, Vec::new()))
    }

    /// Whether something is so on the page.
    pub(crate) fn holds(&self, condition: &str) -> bool {
        self.ask(&format!("return Boolean({condition});")) == true
    }

    /// A command of the `DevTools` protocol.
    pub(crate) fn dev_tools(&self, method: &str, params: &Value) -> Value {
        self.run(self.client.issue_cmd(Vendor::dev_tools(method, params)))
    }

    /// What a log holds since it was last asked for.
    pub(crate) fn log(&self, name: &str) -> Vec<Value> {
        let entries = self.run(self.client.issue_cmd(Vendor::log(name)));
        entries.as_array().unwrap().clone()
    }

    /// An element that has to be there.
    pub(crate) fn element(&self, css: &str) -> Element {
        let found = self.runtime.block_on(self.client.find(Locator::Css(css)));
        found.unwrap_or_else(|_| panic!("no `{css}` on {}: {}", self.path(), self.text("body")))
    }

    /// Whether there is such an element.
    pub(crate) fn has(&self, css: &str) -> bool {
        !self.run(self.client.find_all(Locator::Css(css))).is_empty()
    }

    /// Waits until there is such an element.
    pub(crate) fn wait_for(&self, css: &str) {
        until_or(
            || self.has(css).then_some(()),
            || format!("`{css}` on {}: {}", self.path(), self.text("main")),
        );
    }

    /// Waits until the page says something, without loading it again.
    pub(crate) fn wait_for_words(&self, css: &str, words: &str) {
        // One script, since what is found may be replaced before it is read.
        let text = "return Array.from(document.querySelectorAll(arguments[0]), e => e.innerText)\
                    .join('\\n');";
        until_or(
            || {
                let text = self.run(self.client.execute(text, vec![json!(css)]));
                text.as_str().unwrap().contains(words).then_some(())
            },
            || format!("`{words}` in `{css}` on {}: {}", self.path(), self.text("main")),
        );
    }

    /// What an element says.
    pub(crate) fn text(&self, css: &str) -> String {
        let found = self.run(self.client.find(Locator::Css(css)));
        self.run(found.text())
    }

    /// Clicks, as people do: on what is hidden or covered it fails.
    pub(crate) fn click(&self, css: &str) {
        let element = self.element(css);
        let clicked = self.runtime.block_on(element.click());
        clicked.unwrap_or_else(|error| panic!("`{css}` on {}: {error}", self.path()));
    }

    /// Clicks on what sends a form or leads on, and waits until another page is there.
    pub(crate) fn go_by(&self, css: &str) {
        self.ask("document.documentElement.dataset.left = 'not yet';");
        self.click(css);
        until(&format!("a page after `{css}` on {}", self.path()), || {
            let there = "document.readyState === 'complete' \
                         && !document.documentElement.dataset.left";
            self.holds(there).then_some(())
        });
    }

    /// Types into a field what stands in it from now on.
    pub(crate) fn fill(&self, css: &str, text: &str) {
        let field = self.element(css);
        self.run(field.clear());
        self.run(field.send_keys(text));
    }

    /// Chooses a file for a field.
    pub(crate) fn upload(&self, css: &str, file: &std::path::Path) {
        let field = self.element(css);
        self.run(field.send_keys(file.to_str().unwrap()));
    }

    /// Opens what an element is folded up in, as people do.
    pub(crate) fn reveal(&self, css: &str) {
        self.ask(&format!(
            "const closed = document.querySelector(\"{css}\").closest('details:not([open])');
             closed?.querySelector('summary').click();"
        ));
    }

    /// Chooses of a list by value.
    pub(crate) fn choose(&self, css: &str, value: &str) {
        let list = self.element(css);
        self.run(list.select_by_value(value));
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &[char]) {
        let actions = keys.iter().fold(KeyActions::new("keys".to_owned()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.run(self.client.perform_actions(actions));
    }

    /// The words of a dialog, if one is open.
    pub(crate) fn dialog(&self) -> Option<String> {
        self.runtime.block_on(self.client.get_alert_text()).ok()
    }

    /// Looks into a frame of the page; `open` leads out of it again.
    pub(crate) fn enter_frame(&self, number: u16) {
        self.run(self.client.enter_frame(number));
    }

    /// A desk's screen.
    pub(crate) fn wide(&self) {
        self.size(1280, 900, false);
    }

    /// A phone's screen.
    pub(crate) fn narrow(&self) {
        self.size(390, 844, true);
    }

    /// A screen of this size, in CSS pixels.
    pub(crate) fn size(&self, width: u32, height: u32, mobile: bool) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.dev_tools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// `light` or `dark`.
    pub(crate) fn scheme(&self, scheme: &str) {
        let wanted = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            // Colours that are on their way to others are judged as if they stayed.
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.dev_tools("Emulation.setEmulatedMedia", &json!({"features": wanted}));
    }

    /// What the screen shows, as a PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        self.run(self.client.screenshot())
    }

    /// Reads what was asked for and complained of since it was last read, and fails if any of it
    /// is not as it has to be.
    pub(crate) fn check(&self) {
        self.watched.check(&self.log("performance"), &self.log("browser"));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.runtime.block_on(self.client.clone().close()));
    }
}
