//! Logging in and out, over a real store, at moments of the test's own.

use std::sync::Arc;

use hookwright_model::{AccessRole, AuditEntry, AuditId};
use hookwright_store::{AuditFilter, Page, SqliteStore, Vault};
use tempfile::TempDir;

use super::*;

const PASSWORD: &str = "correct horse battery";
const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

struct Desk {
    people: People,
    store: Arc<dyn Store>,
    _dir: TempDir,
}

impl Desk {
    async fn with(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::from_file(&dir.path().join("key")).unwrap();
        let store = SqliteStore::open(&dir.path().join("store"), vault).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let desk = Self { people: People::new(Arc::clone(&store)), store, _dir: dir };
        let wanted = UserWanted {
            name: name.parse().unwrap(),
            role: AccessRole::Operator,
            language: None,
            password: Some(PASSWORD.into()),
            disabled: false,
        };
        desk.people.add(&Actor::command_line(), wanted).await.unwrap();
        desk
    }

    async fn log_in(&self, now: Timestamp) -> NewSession {
        self.people.log_in_at("anna", PASSWORD, HOME, now).await.unwrap()
    }

    async fn is_in(&self, session: &NewSession) -> bool {
        self.people.session(&session.cookie).await.unwrap().is_some()
    }

    async fn change(&self, patch: UserPatch) -> Changed {
        self.people.change(&Actor::command_line(), "anna", patch).await.unwrap()
    }

    async fn audit(&self) -> Vec<AuditEntry> {
        let page = Page::<AuditId> { before: None, limit: 100 };
        let mut entries = self.store.audit(AuditFilter::default(), page).await.unwrap();
        entries.reverse();
        entries
    }
}

#[tokio::test]
async fn each_login_is_a_session_of_its_own() {
    let desk = Desk::with("anna").await;
    let (first, second) =
        (desk.log_in(Timestamp::now()).await, desk.log_in(Timestamp::now()).await);
    assert_ne!(first.cookie, second.cookie, "no value from before a login is a session after it");
    assert_ne!(first.session.csrf, second.session.csrf);
    let found = desk.people.session(&first.cookie).await.unwrap().unwrap();
    assert_eq!(found, first.session);
    assert_eq!((found.user.as_str(), found.role), ("anna", AccessRole::Operator));
    assert_eq!(desk.people.session("made up").await.unwrap(), None);
    assert_eq!(desk.people.session("").await.unwrap(), None);
    let elsewhere = "198.51.100.7".parse().unwrap();
    desk.people.log_out(&first.cookie, Some(elsewhere)).await.unwrap();
    assert!(!desk.is_in(&first).await && desk.is_in(&second).await);
    assert!(desk.people.all().await.unwrap()[0].last_login_at.is_some());
    let audit = desk.audit().await;
    let actions: Vec<_> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["user.create", "user.login", "user.login", "user.logout"]);
    assert_eq!((audit[1].address, audit[3].address), (Some(HOME), Some(elsewhere)));
}

#[tokio::test]
async fn forms_are_of_one_session() {
    let desk = Desk::with("anna").await;
    let NewSession { cookie, session } = desk.log_in(Timestamp::now()).await;
    let other = desk.log_in(Timestamp::now()).await.session;
    assert!(session.is_own_form(&session.csrf));
    for wrong in ["", &other.csrf, &cookie, &session.csrf[1..], &format!("{}x", session.csrf)] {
        assert!(!session.is_own_form(wrong), "{wrong}");
    }
    assert!(!format!("{session:?}").contains(&session.csrf));
}

#[tokio::test]
async fn sessions_end_by_themselves() {
    let desk = Desk::with("anna").await;
    let start = Timestamp::from_millis(1_700_000_000_000);
    let cookie = desk.log_in(start).await.cookie;
    let is_in = async |after: Duration| {
        desk.people.session_at(&cookie, start.after(after)).await.unwrap().is_some()
    };
    let minute = Duration::from_secs(60);
    assert!(is_in(IDLE - minute).await, "this counts as use");
    assert!(is_in(IDLE * 2 - 2 * minute).await);
    assert!(!is_in(IDLE * 3).await);
    let cookie = desk.log_in(start).await.cookie;
    let mut used = Duration::ZERO;
    while used + IDLE / 2 < LONGEST {
        used += IDLE / 2;
        assert!(desk.people.session_at(&cookie, start.after(used)).await.unwrap().is_some());
    }
    assert!(desk.people.session_at(&cookie, start.after(LONGEST)).await.unwrap().is_none());
    desk.people.tidy(start.after(LONGEST), false).await.unwrap();
    let hash = Digest::of(cookie.as_bytes());
    assert_eq!(desk.store.session(hash).await.unwrap(), None, "it is forgotten");
}

#[tokio::test]
async fn what_becomes_of_a_user_ends_their_sessions() {
    let desk = Desk::with("anna").await;
    let session = desk.log_in(Timestamp::now()).await;
    let language = Some(Some(hookwright_model::Language::De));
    desk.change(UserPatch { language, ..UserPatch::default() }).await;
    assert!(desk.is_in(&session).await, "a language is no reason");
    let patches = [
        UserPatch { role: Some(AccessRole::Admin), ..UserPatch::default() },
        UserPatch { password: Some(PASSWORD.into()), ..UserPatch::default() },
        UserPatch { disabled: Some(true), ..UserPatch::default() },
    ];
    for patch in patches {
        let session = desk.log_in(Timestamp::now()).await;
        assert!(desk.is_in(&session).await);
        desk.change(patch).await;
        assert!(!desk.is_in(&session).await);
    }
    let refused = desk.people.log_in("anna", PASSWORD, HOME).await.unwrap_err();
    assert!(matches!(refused, LoginRefused::Wrong), "disabled: {refused}");
    desk.change(UserPatch { disabled: Some(false), ..UserPatch::default() }).await;
    let session = desk.log_in(Timestamp::now()).await;
    desk.people.remove(&Actor::command_line(), "anna").await.unwrap();
    assert!(!desk.is_in(&session).await);
}

#[tokio::test]
async fn people_change_their_own_password() {
    let desk = Desk::with("anna").await;
    let session = desk.log_in(Timestamp::now()).await;
    let change = async |old: &str, new: &str| {
        desk.people.change_password(&session.session, HOME, old, new.to_owned()).await
    };
    let wrong = change("wrong horse battery", "another password").await.unwrap_err();
    assert_eq!(wrong.errors()[0].pointer, "/old");
    let short = change(PASSWORD, "short").await.unwrap_err();
    assert_eq!(short.errors()[0].pointer, "/password");
    assert!(desk.is_in(&session).await);
    change(PASSWORD, "another password").await.unwrap();
    assert!(!desk.is_in(&session).await);
    desk.people.log_in("anna", "another password", HOME).await.unwrap();
    assert!(desk.people.log_in("anna", PASSWORD, HOME).await.is_err());
    let entry = desk.audit().await.into_iter().find(|entry| entry.action == "user.password");
    let entry = entry.unwrap();
    assert_eq!((entry.actor.name.as_str(), entry.changes.len()), ("anna", 0));
}

#[tokio::test]
async fn names_and_passwords_that_cannot_be_used() {
    let desk = Desk::with("anna").await;
    let wanted = |name: &str, role, password: &str| UserWanted {
        name: name.parse().unwrap(),
        role,
        language: None,
        password: Some(password.to_owned()),
        disabled: false,
    };
    let add = async |wanted| desk.people.add(&Actor::daemon(), wanted).await;
    let poster = add(wanted("bob", AccessRole::Poster, "short")).await.err().unwrap();
    let pointers: Vec<_> = poster.errors().iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/role", "/password"]);
    let taken = add(wanted("anna", AccessRole::Reader, PASSWORD)).await.err().unwrap();
    assert_eq!(taken.status(), 409);
    let both = UserPatch {
        password: Some(PASSWORD.into()),
        generate_password: true,
        ..UserPatch::default()
    };
    let both = desk.people.change(&Actor::daemon(), "anna", both).await.err().unwrap();
    assert_eq!(both.errors()[0].pointer, "/generate_password");
    let made = desk.change(UserPatch { generate_password: true, ..UserPatch::default() }).await;
    desk.people.log_in("anna", &made.generated.unwrap(), HOME).await.unwrap();
}

#[tokio::test]
async fn guessing_is_slowed_down_and_noted_once() {
    let desk = Desk::with("anna").await;
    let tries = async |name: &str, password: &str| desk.people.log_in(name, password, HOME).await;
    for _ in 0..5 {
        let refused = tries(" Anna ", "wrong horse battery").await.unwrap_err();
        assert!(matches!(refused, LoginRefused::Wrong), "{refused}");
    }
    // The sixth makes the next ones wait.
    tries("anna", "wrong horse battery").await.unwrap_err();
    let refused = tries("anna", PASSWORD).await.unwrap_err();
    let wait = refused.retry_after_s();
    assert!(matches!(refused, LoginRefused::TooOften(_)) && wait == Some(2), "{refused}");
    let problem = crate::server::problem::Problem::from(refused);
    assert_eq!(problem.status(), 429);
    // Names that nobody has are no other.
    for name in ["nobody", "No Name!", &"x".repeat(10_000)] {
        let refused = tries(name, "hunter2 hunter2").await.unwrap_err();
        assert!(matches!(refused, LoginRefused::Wrong), "{name}: {refused}");
    }
    desk.people.tidy(Timestamp::now(), true).await.unwrap();
    let refused: Vec<_> = desk.audit().await.into_iter().skip(1).collect();
    let said: Vec<_> = refused
        .iter()
        .map(|entry| (entry.target.name.as_str(), entry.changes[0].to.as_u64().unwrap()))
        .collect();
    assert_eq!(&said[..2], [("anna", 1), ("(unknown)", 1)]);
    let mut summed = said[2..].to_vec();
    summed.sort_unstable();
    assert_eq!(summed, [("(unknown)", 2), ("anna", 6)]);
    let all = serde_json::to_string(&refused).unwrap();
    assert!(
        !all.contains("hunter2") && !all.contains("horse") && !all.contains("No Name"),
        "{all}"
    );
}

#[tokio::test]
async fn a_password_that_is_changed_meanwhile_lets_nobody_in() {
    let desk = Desk::with("anna").await;
    let before = desk.people.find("anna").await.unwrap();
    desk.change(UserPatch { password: Some("another password".into()), ..UserPatch::default() })
        .await;
    let now = Timestamp::now();
    assert!(desk.people.open(&before, HOME, now).await.unwrap().is_none());
}
