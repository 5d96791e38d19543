//! Sources: made by a form, with a URL and a secret to be pasted into the helpdesk.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use hookwright_tests::{Answer, Browser, Daemon, Page, hub_signature};
use serde_json::json;
use sha2::Sha256;

use super::form::{form, post as send, with};
use super::frame::check;
use crate::sources::samples;

const KINDS: [&str; 5] = ["zammad", "zenlix", "helpdeskeddy-channel", "eddydesk", "r-service"];

fn daemon() -> Daemon {
    let daemon = Daemon::start();
    for kind in KINDS {
        daemon.apply(&format!("[[plugin]]\nfile = \"target/plugins/source-{kind}.wasm\""), &[]);
    }
    daemon
}

fn sample(kind: &str) -> Vec<u8> {
    samples().into_iter().find(|(of, ..)| *of == kind).unwrap().2
}

/// The value of the field with this id.
fn shown(page: &Page, id: &str) -> Option<String> {
    let (_, rest) = page.html.split_once(&format!("<input id=\"{id}\""))?;
    let value = rest.split('>').next()?.split_once("value=\"")?.1.split('"').next()?;
    Some(value.to_owned())
}

/// Posts to the shown URL.
fn post(daemon: &Daemon, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let path = url.strip_prefix(&daemon.url()).expect("the URL is this daemon's");
    let kind = [("Content-Type", "application/json")];
    daemon.api().anonymous().post(path, &[&kind, headers].concat(), body)
}

fn hmac(key: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// What R-Service posts with a webhook policy: a token that holds what happened.
fn signed(key: &str, body: &[u8]) -> Vec<u8> {
    let coded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let claims = [br#"{"jti":"1","data":"#.as_slice(), body, b"}"].concat();
    let head = format!("{}.{}", coded(br#"{"alg":"HS256","typ":"JWT"}"#), coded(&claims));
    let signature = coded(&hmac(key, head.as_bytes()));
    format!("{{\"jwt\":\"{head}.{signature}\"}}").into_bytes()
}

/// Each helpdesk, set up as the form suggests: what it posts comes in, and without the secret it
/// does not.
#[test]
fn each_kind_takes_its_posts_at_the_shown_url_with_the_shown_secret() {
    let daemon = daemon();
    let admin = Browser::logged_in(&daemon, "admin");
    let choose = admin.get("/console/sources/~new").expect(200);
    check("choose", &choose);
    for kind in KINDS {
        let link = format!("/console/sources/~new?plugin={kind}");
        assert!(choose.links(&link).contains(&link), "{kind}");
        let form = admin.get(&link).expect(200);
        check(&link, &form);
        let auth = match kind {
            "zammad" => "hub_signature",
            "r-service" => "jwt",
            _ => "token",
        };
        let checked = format!("name=\"auth\" value=\"{auth}\" checked");
        assert!(form.html.contains(&checked), "{kind}");
        let fields = [
            ("name", kind),
            ("plugin", kind),
            ("auth", auth),
            ("jwt_key", "secret"),
            ("location", "body"),
            ("secret_from", "generated"),
            ("enabled", "yes"),
        ];
        let page = admin.post("/console/sources/~new", &fields).expect(200);
        check(kind, &page);
        assert!(page.text().contains("It is shown this once"), "{kind}");
        let (url, secret) = (shown(&page, "url").unwrap(), shown(&page, "secret").unwrap());
        assert_eq!(secret.len(), 43);
        let body = sample(kind);
        let accepted = match auth {
            "hub_signature" => {
                drop(post(&daemon, &url, &[], &body).problem(401));
                let signature = hub_signature(&secret, &body);
                post(&daemon, &url, &[("X-Hub-Signature", &signature)], &body)
            }
            "jwt" => {
                drop(
                    post(&daemon, &url, &[], &signed("another key of theirs", &body)).problem(401),
                );
                post(&daemon, &url, &[], &signed(&secret, &body))
            }
            _ => {
                assert!(url.ends_with(&format!("/in/{kind}/{secret}")), "{url}");
                let without = url.trim_end_matches(&format!("/{secret}")).to_owned();
                drop(post(&daemon, &without, &[], &body).problem(401));
                post(&daemon, &url, &[], &body)
            }
        };
        let event = accepted.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned();
        // Afterwards its name is there, and the event.
        let path = format!("/console/sources/{kind}");
        let page = admin.get(&path).expect(200);
        check(&path, &page);
        assert!(page.html.contains(&event) && page.text().contains(&format!("{kind}-key")));
        assert!(!page.html.contains(&secret) && shown(&page, "secret").is_none(), "{kind}");
        for place in ["/console/audit", "/console/secrets", &format!("{path}/edit")] {
            assert!(!admin.get(place).expect(200).html.contains(&secret), "{kind} {place}");
        }
        assert!(!daemon.log().contains(&secret), "{kind}");
    }
    let list = admin.get("/console/sources").expect(200);
    check("/console/sources", &list);
    for kind in KINDS {
        assert!(!list.links(&format!("/console/sources/{kind}")).is_empty(), "{kind}");
    }
    // What cannot be read is linked.
    let page = admin.post("/console/sources/zenlix/rotate", &[]).expect(200);
    let url = shown(&page, "url").unwrap();
    let reject = post(&daemon, &url, &[], b"{\"x\": 1}").problem(400);
    let reject = reject["instance"].as_str().unwrap().replace("/v1/", "/console/");
    assert!(admin.get("/console/sources/zenlix").links("/console/rejects/").contains(&reject));
}

#[test]
fn other_proofs_are_set_up_too() {
    let daemon = daemon();
    let admin = Browser::logged_in(&daemon, "admin");
    let body = sample("zammad");
    let make = |name: &str, more: &[(&str, &str)]| {
        let fields = [("name", name), ("plugin", "zammad"), ("enabled", "yes")];
        admin.post("/console/sources/~new", &[&fields, more].concat())
    };
    let basic = make("basic", &[("auth", "basic"), ("username", "desk")]).expect(200);
    let (url, secret) = (shown(&basic, "url").unwrap(), shown(&basic, "secret").unwrap());
    let given = format!("Basic {}", BASE64_STANDARD.encode(format!("desk:{secret}")));
    drop(post(&daemon, &url, &[("Authorization", &given)], &body).expect(202));

    let hmac_ = [("auth", "hmac"), ("header", "X-Sig"), ("digest", "sha256"), ("prefix", "v1 ")];
    let page = make("hmac", &[&hmac_[..], &[("encoding", "base64")]].concat()).expect(200);
    let (url, secret) = (shown(&page, "url").unwrap(), shown(&page, "secret").unwrap());
    let signature = format!("v1 {}", BASE64_STANDARD.encode(hmac(&secret, &body)));
    drop(post(&daemon, &url, &[("X-Sig", &signature)], &body).expect(202));

    let page = make("standard", &[("auth", "standard_webhooks")]).expect(200);
    let (url, secret) = (shown(&page, "url").unwrap(), shown(&page, "secret").unwrap());
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let time = now.as_secs().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(&[format!("msg_1.{time}.").as_bytes(), &body].concat());
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", time.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    drop(post(&daemon, &url, &headers, &body).expect(202));

    // A secret that was typed is shown on no page; one that is there is used by its name.
    let typed = [("auth", "token"), ("secret_from", "typed"), ("secret_value", "typed-by-hand")];
    let page = make("typed", &typed).expect(303);
    assert_eq!(page.location(), "/console/sources/typed");
    assert!(!admin.get(page.location()).expect(200).html.contains("typed-by-hand"));
    drop(
        post(&daemon, &format!("{}/in/typed/typed-by-hand", daemon.url()), &[], &body).expect(202),
    );
    let known = [("auth", "token"), ("secret_from", "known"), ("secret_name", "typed-key")];
    drop(make("known", &known).expect(303));
    let page = admin.get("/console/sources/known").expect(200);
    assert!(
        page.text().contains("It is used elsewhere too: the source `typed`"),
        "{}",
        page.text()
    );

    let open = make("open", &[("auth", "none")]).expect(303).location().to_owned();
    assert!(admin.get(&open).text().contains("anyone who can reach the address can post"));
    drop(post(&daemon, &format!("{}/in/open", daemon.url()), &[], &body).expect(202));

    for (name, more, place) in [
        ("Wrong Name", &[("auth", "token")][..], "/name"),
        ("open", &[("auth", "token")], "/name"),
        ("a", &[("auth", "basic")], "/auth"),
        ("a", &[("auth", "guess")], "/auth"),
        ("a", &[("auth", "token"), ("time_zone", "Europe/Atlantis")], "/time_zone"),
        ("a", &[("auth", "token"), ("secret_from", "known"), ("secret_name", "b")], "/auth/secret"),
        ("a", &[("auth", "token"), ("secret_from", "typed"), ("secret_value", "abc")], "secret"),
        ("a", &[("auth", "token"), ("repeat_window_s", "soon")], "/repeat_window_s"),
    ] {
        let page = make(name, more).expect(422);
        check(name, &page);
        assert!(page.text().contains(place), "{name} {more:?}: {}", page.text());
        assert_eq!(page.field("name").as_deref(), Some(name));
        assert!(!page.html.contains("\"abc\""), "a secret is not put back into the form");
    }
    assert_eq!(daemon.api().items("/v1/sources").len(), 6);
}

/// What a plugin can be told is asked for by fields of its own; what is wrong with one is said
/// beside it.
#[test]
fn settings_are_fields_of_the_form() {
    let daemon = daemon();
    let admin = Browser::logged_in(&daemon, "admin");
    let (new, edit) = ("/console/sources/~new?plugin=eddydesk", "/console/sources/desk/edit");
    let page = admin.get(new).expect(200);
    for name in ["event", "event_field", "event_types.key", "fields.key", "format"] {
        assert!(page.html.contains(&format!("name=\"/settings/{name}\"")), "{name}");
    }
    let mut fields = with(
        form(&page),
        &[("name", "desk"), ("/settings/event", "Created"), ("time_zone", "Europe/Atlantis")],
    );
    for (name, value) in [("ticket.title", "/t"), ("ticket.fields.x", "x")] {
        fields.push(("/settings/fields.key".into(), name.into()));
        fields.push(("/settings/fields.value".into(), value.into()));
    }
    let page = send(&admin, "/console/sources/~new", &fields).expect(422);
    check("mistakes", &page);
    for (name, typed) in [("/settings/event", "Created"), ("time_zone", "Europe/Atlantis")] {
        assert_eq!(page.field(name).as_deref(), Some(typed));
        let (_, rest) = page.html.split_once(&format!(" name=\"{name}\" ")).unwrap();
        let (field, rest) = rest.split_once('>').unwrap();
        let beside = rest.split("</p>").next().unwrap();
        assert!(field.contains("aria-invalid=\"true\""), "{field}");
        assert!(beside.contains("class=\"wrong\""), "{name}: {beside}");
    }
    assert!(page.html.contains("value=\"ticket.fields.x\""), "what was typed stays");
    let right = [("/settings/event", "ticket.created"), ("time_zone", "Europe/Kyiv")];
    let fields = with(form(&page), &right);
    drop(send(&admin, "/console/sources/~new", &fields).expect(200));
    let source = || daemon.api().get("/v1/sources/desk").expect(200).json();
    let first = source();
    assert_eq!(
        first["settings"],
        json!({"event": "ticket.created", "fields": {"ticket.title": "/t", "ticket.fields.x": "x"}})
    );
    // Its form sent back as it is changes nothing.
    let page = admin.get(edit).expect(200);
    check(edit, &page);
    drop(send(&admin, edit, &form(&page)).expect(303));
    assert_eq!(source(), first);
    let fields = with(form(&admin.get(edit)), &[("/settings/event", "ticket.replied")]);
    drop(send(&admin, edit, &fields).expect(303));
    assert_eq!(source()["settings"]["event"], "ticket.replied");
    // What somebody has set that a form cannot say is there as JSON.
    for (kind, settings) in
        [("zenlix", json!({})), ("eddydesk", json!({"fields": {"ticket.title": "a\nb"}}))]
    {
        let document = json!({"name": kind, "plugin": kind, "settings": settings,
            "auth": {"kind": "none"}});
        let before = daemon.api().post_json("/v1/sources", &document).expect(201).json();
        let path = format!("/console/sources/{kind}/edit");
        drop(send(&admin, &path, &form(&admin.get(&path).expect(200))).expect(303));
        let after = daemon.api().get(&format!("/v1/sources/{kind}")).expect(200).json();
        assert_eq!(after["settings"], before["settings"], "{kind}");
    }
}

#[test]
fn a_source_is_changed_switched_given_another_secret_and_removed() {
    let daemon = daemon();
    let admin = Browser::logged_in(&daemon, "admin");
    let body = sample("zenlix");
    let fields = [("name", "desk"), ("plugin", "zenlix"), ("auth", "token"), ("enabled", "yes")];
    let page = admin.post("/console/sources/~new", &fields).expect(200);
    let (old, first) = (shown(&page, "url").unwrap(), shown(&page, "secret").unwrap());
    drop(post(&daemon, &old, &[], &body).expect(202));

    let page = admin.post("/console/sources/desk/rotate", &[]).expect(200);
    check("rotate", &page);
    let (new, second) = (shown(&page, "url").unwrap(), shown(&page, "secret").unwrap());
    assert_ne!(first, second);
    drop(post(&daemon, &old, &[], &body).problem(401));
    drop(post(&daemon, &new, &[], &body).expect(202));

    assert_eq!(
        admin.post("/console/sources/desk/disable", &[]).expect(303).location(),
        "/console/sources/desk"
    );
    drop(post(&daemon, &new, &[], &body).problem(403));
    drop(admin.post("/console/sources/desk/enable", &[]).expect(303));

    let form = admin.get("/console/sources/desk/edit").expect(200);
    check("edit", &form);
    let seen = form.field("seen").unwrap();
    let change = [
        ("plugin", "zenlix"),
        ("auth", "token"),
        ("secret_from", "kept"),
        ("enabled", "yes"),
        ("track_changes", "yes"),
        ("time_zone", "Europe/Kyiv"),
        ("seen", &seen),
    ];
    assert_eq!(
        admin.post("/console/sources/desk/edit", &change).expect(303).location(),
        "/console/sources/desk"
    );
    let source = daemon.api().get("/v1/sources/desk").expect(200).json();
    assert_eq!(
        (&source["time_zone"], &source["track_changes"]),
        (&"Europe/Kyiv".into(), &true.into())
    );
    drop(post(&daemon, &new, &[], &body).expect(202));
    // Somebody changed it meanwhile.
    check("stale", &admin.post("/console/sources/desk/edit", &change).expect(409));

    check("move", &admin.post("/console/sources/desk/explode", &[]).expect(404));
    assert_eq!(
        admin.post("/console/sources/desk/remove", &[]).expect(303).location(),
        "/console/sources"
    );
    assert_eq!(admin.get("/console/sources/desk").status, 404);
    drop(post(&daemon, &new, &[], &body).problem(404));

    let all = daemon.api().items("/v1/audit?limit=500");
    let actions: Vec<_> = all.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for action in
        ["source.create", "secret.create", "secret.update", "source.update", "source.remove"]
    {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    let all = format!("{all:?}{}{}", admin.get("/console/audit").html, daemon.log());
    assert!(!all.contains(&first) && !all.contains(&second));
    for role in ["reader", "operator"] {
        let browser = Browser::logged_in(&daemon, role);
        check(role, &browser.get("/console/sources").expect(200));
        for path in
            ["/console/sources/~new", "/console/sources/x/edit", "/console/sources/x/remove"]
        {
            assert_eq!(browser.post(path, &fields).status, 403, "{role} {path}");
        }
    }
}
