//! Logging in and out, and what others cannot make a browser do.

use hookwright_tests::{Browser, Daemon, PASSWORD, add_user};

const SESSION: &str = "hookwright_session";
const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

#[test]
fn in_and_out() {
    let daemon = Daemon::start();
    add_user(&daemon, "anna", "reader");
    let browser = Browser::new(&daemon);
    let start = browser.get("/");
    assert_eq!((start.status, start.location()), (303, "/console"));
    let away = browser.get("/console/deliveries?state=failed").expect(303);
    assert_eq!(away.location(), "/console/login?next=%2Fconsole%2Fdeliveries%3Fstate%3Dfailed");
    let form = browser.get(away.location()).expect(200);
    assert_eq!(form.field("next").as_deref(), Some("/console/deliveries?state=failed"));
    let (proof, next) = (form.field("proof").unwrap(), form.field("next").unwrap());

    let wrong = [("name", "anna"), ("password", "guess"), ("proof", &proof)];
    let wrong = browser.send("/console/login", &wrong, &OWN).expect(401);
    assert!(wrong.text().contains("do not go together"), "{}", wrong.html);
    assert_eq!(wrong.field("name").as_deref(), Some("anna"));
    assert!(!wrong.html.contains("guess") && browser.cookie(SESSION).is_none());

    let right = [("name", "anna"), ("password", PASSWORD), ("proof", &proof), ("next", &next)];
    let right = browser.send("/console/login", &right, &OWN).expect(303);
    assert_eq!(right.location(), "/console/deliveries?state=failed");
    let set: Vec<_> = right.headers.get_all("set-cookie").iter().collect();
    let session = set.iter().find(|value| value.to_str().unwrap().starts_with(SESSION)).unwrap();
    let session = session.to_str().unwrap();
    assert!(session.contains("; HttpOnly") && session.contains("; SameSite="), "{session}");
    assert!(!session.contains("Domain"), "{session}");
    assert_eq!(browser.follow("/console").status, 200);
    assert_eq!(browser.get("/console/login").expect(303).location(), "/console");
    // The API takes no cookie.
    assert_eq!(browser.get("/v1/deliveries").status, 401);

    let cookie = browser.cookie(SESSION).unwrap();
    assert_eq!(browser.post("/console/logout", &[]).expect(303).location(), "/console/login");
    assert_eq!(browser.cookie(SESSION), None);
    browser.set_cookie(SESSION, &cookie);
    assert_eq!(browser.get("/console/deliveries").status, 303, "a session that has ended");
    assert_eq!(browser.get("/console/logout").status, 405, "a link logs nobody out");
}

/// Nobody need be logged in to send something, so it is not taken without end.
#[test]
fn what_is_too_large_is_not_kept() {
    let daemon = Daemon::start();
    let (nobody, reader) = (Browser::new(&daemon), Browser::logged_in(&daemon, "reader"));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let csrf = reader.csrf();
    for (who, headers) in
        [(&nobody, &[OWN[0], kind][..]), (&reader, &[OWN[0], kind, ("x-csrf-token", &csrf)])]
    {
        for path in ["/console/language", "/console/login", "/console/profile"] {
            let page = who.request("POST", path, headers, vec![b'a'; 2 << 20]);
            assert_eq!(page.status, 413, "{path}: {}", page.html);
        }
    }
    drop(daemon.api().anonymous().post("/in/nosuchsource", &[], &vec![b'a'; 2 << 20]).problem(404));
}

#[test]
fn nobody_is_led_away_after_logging_in() {
    let daemon = Daemon::start();
    add_user(&daemon, "anna", "reader");
    for next in ["https://evil.example/", "//evil.example", "/console/../v1/tokens", "/v1", "\\\\x"]
    {
        let browser = Browser::new(&daemon);
        let proof = browser.get("/console/login").field("proof").unwrap();
        let fields = [("name", "anna"), ("password", PASSWORD), ("proof", &proof), ("next", next)];
        let page = browser.send("/console/login", &fields, &OWN).expect(303);
        assert_eq!(page.location(), "/console", "{next}");
    }
}

/// Others cannot have somebody log in as them, nor use a session that they have chosen.
#[test]
fn logging_in_is_proved_and_makes_a_new_session() {
    let daemon = Daemon::start();
    add_user(&daemon, "anna", "reader");
    let browser = Browser::new(&daemon);
    let proof = browser.get("/console/login").field("proof").unwrap();
    let fields = |proof: &str| {
        [("name", "anna".to_owned()), ("password", PASSWORD.into()), ("proof", proof.into())]
    };
    let send = |browser: &Browser, proof: &str, headers: &[(&str, &str)]| {
        let fields = fields(proof);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.send("/console/login", &fields, headers)
    };
    assert_eq!(send(&Browser::new(&daemon), &proof, &OWN).status, 403, "no cookie");
    assert_eq!(send(&browser, "", &OWN).status, 403, "no proof");
    assert_eq!(send(&browser, &"A".repeat(43), &OWN).status, 403, "another's proof");
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        assert_eq!(send(&browser, &proof, headers).status, 403, "{headers:?}");
    }
    assert_eq!(browser.cookie(SESSION), None);
    // Browsers that do not tell the site tell the origin.
    let chosen = "A".repeat(43);
    browser.set_cookie(SESSION, &chosen);
    let origin = daemon.url();
    assert_eq!(send(&browser, &proof, &[("origin", &origin)]).status, 303);
    let session = browser.cookie(SESSION).unwrap();
    assert_ne!(session, chosen);
    // A second login ends the session before it.
    browser.log_in_again();
    assert_ne!(browser.cookie(SESSION).unwrap(), session);
    browser.set_cookie(SESSION, &session);
    assert_eq!(browser.get("/console/deliveries").status, 303);
}

trait Again {
    fn log_in_again(&self);
}

impl Again for Browser {
    /// With a form that was open in another tab before.
    fn log_in_again(&self) {
        let session = self.cookie(SESSION).unwrap();
        self.set_cookie(SESSION, "none");
        let proof = self.get("/console/login").field("proof").unwrap();
        self.set_cookie(SESSION, &session);
        let fields = [("name", "anna"), ("password", PASSWORD), ("proof", &proof)];
        drop(self.send("/console/login", &fields, &OWN).expect(303));
    }
}

#[test]
fn forms_of_others_are_refused() {
    let daemon = Daemon::start();
    let browser = Browser::logged_in(&daemon, "operator");
    let other = Browser::logged_in(&daemon, "admin");
    let csrf = browser.csrf();
    let language = |fields: &[(&str, &str)], headers: &[(&str, &str)]| {
        let fields = [&[("language", "de")][..], fields].concat();
        browser.send("/console/language", &fields, headers).status
    };
    assert_eq!(language(&[], &OWN), 403, "no token");
    assert_eq!(language(&[("csrf", "")], &OWN), 403);
    assert_eq!(language(&[("csrf", &other.csrf())], &OWN), 403, "another session's");
    assert_eq!(language(&[("csrf", &csrf)], &[]), 403, "nothing says where it is from");
    assert_eq!(language(&[("csrf", &csrf)], &[("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(language(&[("csrf", &csrf)], &[("origin", "http://127.0.0.1:1")]), 403);
    assert_eq!(language(&[], &[OWN[0], ("x-csrf-token", "x")]), 403);
    assert_eq!(language(&[], &[OWN[0], ("x-csrf-token", &csrf)]), 303, "as htmx sends it");
    assert_eq!(language(&[("csrf", &csrf)], &OWN), 303);
    let json = format!(r#"{{"csrf":"{csrf}","language":"en"}}"#);
    let kind = [("content-type", "application/json"), OWN[0]];
    let sent = browser.request("POST", "/console/language", &kind, json.into_bytes());
    assert_eq!(sent.status, 403, "a form it is not");
    // A session that ended says so, and nothing is done.
    let page = Browser::new(&daemon).send("/console/logout", &[("csrf", &csrf)], &OWN);
    assert!(page.status == 303 && browser.follow("/console").status == 200);
}
