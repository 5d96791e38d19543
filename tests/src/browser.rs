//! Someone who uses the console by plain HTTP, as a browser without scripts does: cookies are
//! kept, forms are sent with what stands in them, and the headers are there that browsers send.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::json;
use ureq::http;

use crate::{Daemon, until};

/// The password of all users of tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// One browser, with its cookies.
pub struct Browser {
    agent: ureq::Agent,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
    language: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub html: String,
}

impl Page {
    /// The same, if the status is this one.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.html);
        self
    }

    /// A header as text; empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The value of the first hidden or visible field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let (_, rest) = self.html.split_once(&format!(" name=\"{name}\" "))?;
        let tag = rest.split('>').next()?;
        let value = tag.split_once("value=\"")?.1.split('"').next()?;
        Some(unescaped(value))
    }

    /// What of it is text, without tags; white space as it stands.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some((before, tag)) = rest.split_once('<') {
            text.push_str(before);
            rest = tag.split_once('>').map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        unescaped(&text)
    }

    /// The addresses of links that begin like this, in order, each once.
    #[must_use]
    pub fn links(&self, beginning: &str) -> Vec<String> {
        let mut found = Vec::new();
        for rest in self.html.split("href=\"").skip(1) {
            let link = unescaped(rest.split('"').next().unwrap_or_default());
            if link.starts_with(beginning) && !found.contains(&link) {
                found.push(link);
            }
        }
        found
    }
}

fn unescaped(text: &str) -> String {
    let references =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#96;", "`")];
    let text = references.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

impl Browser {
    /// A new one, which nobody has used.
    #[must_use]
    pub fn new(daemon: &Daemon) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        let (base, cookies) = (daemon.url(), Mutex::default());
        Self { agent: config.into(), base, cookies, language: None }
    }

    /// One in which somebody with this role has logged in.
    #[must_use]
    pub fn logged_in(daemon: &Daemon, role: &str) -> Self {
        let browser = Self::new(daemon);
        add_user(daemon, role, role);
        drop(browser.log_in(role, PASSWORD).expect(303));
        browser
    }

    /// The same, which asks for pages in this language.
    #[must_use]
    pub fn speaking(self, language: &str) -> Self {
        Self { language: Some(language.to_owned()), ..self }
    }

    /// Fills in the form for logging in.
    pub fn log_in(&self, name: &str, password: &str) -> Page {
        let proof = self.get("/console/login").expect(200).field("proof").unwrap();
        let fields = [("name", name), ("password", password), ("proof", &proof)];
        self.send("/console/login", &fields, &[("sec-fetch-site", "same-origin")])
    }

    /// A page.
    pub fn get(&self, path: &str) -> Page {
        self.request("GET", path, &[], Vec::new())
    }

    /// A page, after whatever leads on from this address.
    pub fn follow(&self, path: &str) -> Page {
        let mut page = self.get(path);
        for _ in 0..5 {
            match page.location() {
                "" => break,
                next => page = self.get(next),
            }
        }
        page
    }

    /// Sends a form that stands on a page of this session.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf();
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        self.send(path, &fields, &[("sec-fetch-site", "same-origin")])
    }

    /// The token of this session's forms.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.follow("/console").field("csrf").unwrap()
    }

    /// Sends fields with headers, and nothing else.
    pub fn send(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let form = fields.iter().map(|(name, value)| format!("{}={}", coded(name), coded(value)));
        let form = form.collect::<Vec<_>>().join("&");
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.request("POST", path, &[&[kind], headers].concat(), form.into_bytes())
    }

    /// Sends anything.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Page {
        let url = format!("{}{path}", self.base);
        let mut request = http::Request::builder().method(method).uri(url);
        if let Some(language) = &self.language {
            request = request.header("accept-language", language);
        }
        let cookies = self.cookies.lock().unwrap().clone();
        // What the daemon sets is for the console, and sent there only.
        if !cookies.is_empty() && path.starts_with("/console") {
            let cookies = cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", cookies.collect::<Vec<_>>().join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let body = response.body_mut().with_config().limit(200 << 20).read_to_vec().unwrap();
        let html = String::from_utf8(body).expect("pages are UTF-8");
        Page { status: response.status().as_u16(), headers: response.headers().clone(), html }
    }

    fn keep(&self, cookie: &str) {
        assert!(cookie.contains("Path=/console") && cookie.contains("HttpOnly"), "{cookie}");
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if cookie.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// What a cookie says.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Has it send another cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Waits until a page says something, and returns it then.
    pub fn until(&self, path: &str, words: &str) -> Page {
        until(&format!("`{words}` on {path}"), || {
            let page = self.get(path);
            (page.status == 200 && page.text().contains(words)).then_some(page)
        })
    }
}

/// Adds a user with this role.
pub fn add_user(daemon: &Daemon, name: &str, role: &str) {
    let user = json!({"name": name, "role": role, "password": PASSWORD});
    drop(daemon.api().post_json("/v1/users", &user).expect(201));
}

fn coded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                coded.push(char::from(byte));
            }
            other => coded.push_str(&format!("%{other:02X}")),
        }
    }
    coded
}
