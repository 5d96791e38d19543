//! A request with a key is done once, however often it is sent.

use std::sync::Barrier;

use hookwright_tests::{Answer, Api, Daemon};
use serde_json::{Value, json};

use super::header;
use crate::all_bytes;

fn post(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    api.post(path, &[("Idempotency-Key", key)], body.to_string().as_bytes())
}

fn tokens(api: &Api) -> usize {
    api.items("/v1/tokens").len()
}

#[test]
fn the_answer_is_given_again() {
    let daemon = Daemon::start();
    let api = daemon.api();
    let before = tokens(&api);
    let wanted = json!({"name": "desk", "scopes": ["read"]});
    let first = post(&api, "/v1/tokens", "one", &wanted).expect(201);
    assert_eq!(header(&first, "idempotent-replayed"), "");
    // Quotes belong to the header and not to the key.
    for key in ["one", "\"one\""] {
        let again = post(&api, "/v1/tokens", key, &wanted).expect(201);
        assert_eq!(header(&again, "idempotent-replayed"), "true");
        assert_eq!(again.json(), first.json());
        assert_eq!(header(&again, "content-type"), header(&first, "content-type"));
    }
    assert_eq!(tokens(&api), before + 1);
    // It is another request: by its body, or by where it goes. It is another key.
    let other = json!({"name": "other", "scopes": ["read"]});
    drop(post(&api, "/v1/tokens", "one", &other).problem(422));
    drop(post(&api, "/v1/policies", "one", &wanted).problem(422));
    drop(post(&api, "/v1/tokens", "two", &wanted).expect(201));
    assert_eq!(tokens(&api), before + 2);
    // Another's key is another key.
    let admin = post(&api, "/v1/tokens", "three", &json!({"name": "b", "scopes": ["admin"]}));
    let admin = api.with_token(admin.expect(201).json()["secret"].as_str().unwrap());
    let theirs = post(&admin, "/v1/tokens", "one", &wanted).expect(201).json();
    assert_ne!(theirs["id"], first.json()["id"]);
    for bad in ["\"\"", &"x".repeat(256)] {
        drop(post(&api, "/v1/tokens", bad, &wanted).problem(400));
    }

    // It outlives the daemon, and is kept encrypted: it holds a token.
    let daemon = daemon.kill_and_restart();
    let again = post(&daemon.api(), "/v1/tokens", "one", &wanted).expect(201);
    assert_eq!((header(&again, "idempotent-replayed"), again.json()), ("true", first.json()));
    let secret = first.json()["secret"].as_str().unwrap().to_owned();
    for (file, bytes) in all_bytes(daemon.data()) {
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "the token is in {file}");
    }
}

#[test]
fn what_failed_can_be_sent_again() {
    let daemon = Daemon::start();
    let api = daemon.api();
    let wrong = json!({"name": "prod", "algorithm": "HS256"});
    drop(post(&api, "/v1/policies", "key", &wrong).problem(422));
    let right = json!({"name": "prod", "algorithm": "ES256"});
    let made = post(&api, "/v1/policies", "key", &right).expect(201);
    // Without the key it would be there already.
    drop(api.post_json("/v1/policies", &right).problem(409));
    let again = post(&api, "/v1/policies", "key", &right).expect(201);
    assert_eq!(again.json(), made.json());
    for name in ["location", "etag"] {
        assert_eq!(header(&again, name), header(&made, name));
        assert_ne!(header(&again, name), "");
    }
}

#[test]
fn sent_many_times_at_once_it_is_done_once() {
    let daemon = Daemon::start();
    let api = daemon.api();
    let before = tokens(&api);
    let together = Barrier::new(8);
    let answers = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|_| {
                let (api, together) = (api.clone(), &together);
                scope.spawn(move || {
                    together.wait();
                    post(&api, "/v1/tokens", "key", &json!({"name": "one", "scopes": ["read"]}))
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
    });
    let made: Vec<_> = answers.iter().filter(|one| one.status == 201).collect();
    assert!(!made.is_empty());
    assert!(made.iter().all(|one| one.json() == made[0].json()));
    assert!(answers.iter().all(|one| matches!(one.status, 201 | 409)));
    assert_eq!(tokens(&api), before + 1);
}
