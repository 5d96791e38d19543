//! Webhook policies, and webhooks that are signed by them.

use hookwright_tests::{Sink, until};
use serde_json::{Value, json};

use super::{create, delete, patch, plain, start, webhook, wrong};

#[test]
fn a_policy_from_creation_to_removal() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    let wanted =
        json!({ "jwt_alg": "es256", "jwt_audience": "some audience", "jwt_claim_expires_in": 12 });
    let made = api.post_json("/webhook_policies", &wanted).expect(201).json();
    let pem = made["public_key_pem"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    assert_eq!((&made["id"], &made["disabled"]), (&json!(1), &json!(false)));
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    // The key is shown this once, and the name is generated.
    let shown = api.get("/webhook_policies/1").expect(200).json();
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("public_key_pem");
    assert_eq!(shown, expected);
    let name = made["name"].as_str().unwrap();
    assert!((1..=64).contains(&name.len()), "{name}");
    let v1 = api.get(&format!("/v1/policies/{name}")).expect(200).json();
    assert_eq!((&v1["algorithm"], &v1["expires_in_s"]), (&json!("ES256"), &json!(720)));
    let listed = api.get("/webhook_policies").expect(200).json();
    let usual = ["id", "name", "created_at", "updated_at"];
    assert_eq!(
        listed,
        json!([usual
            .map(|field| (field.to_owned(), made[field].clone()))
            .into_iter()
            .collect::<serde_json::Map<_, _>>()])
    );

    // References in every form, shown with what is known of them.
    let policy = json!({ "id": 1, "name": name, "disabled": false });
    for reference in
        [json!(1), json!("1"), json!({ "id": 1 }), json!({ "name": name }), policy.clone()]
    {
        let mut wanted = plain("ci.create", "https://a.example/");
        wanted["webhook_policy"] = reference;
        assert_eq!(create(&api, &wanted)["webhook_policy"], policy);
    }
    let mut wanted = plain("request.create", &sink.url("/signed"));
    wanted["webhook_policy_id"] = json!(1);
    let signed = create(&api, &wanted);
    drop(api.post(&format!("/webhooks/{}/test", signed["id"]), &[], b"").expect(204));
    let body =
        until("the test", || sink.at("/signed").first().map(hookwright_tests::Request::json));
    assert_eq!(body["jwt"].as_str().unwrap().split('.').count(), 3);
    let keys = api.anonymous().get(&format!("/webhook_policies/{name}/.well-known/jwks.json"));
    assert_eq!(keys.expect(200).json()["keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        api.get("/webhooks?webhook_policy=1").expect(200).json().as_array().unwrap().len(),
        6
    );

    // While it is used it stays.
    let problem = delete(&api, "/webhook_policies/1").problem(409);
    assert!(problem["message"].as_str().unwrap().contains("request.create"), "{problem}");
    let changed =
        patch(&api, "/webhook_policies/1", &json!({ "disabled": "true", "jwt_audience": null }));
    let changed = changed.expect(200).json();
    assert_eq!((&changed["disabled"], changed.get("jwt_audience")), (&json!(true), None));
    assert_eq!(changed["jwt_claim_expires_in"], 12);
    let length = |path: &str| api.get(path).expect(200).json().as_array().unwrap().len();
    assert_eq!((length("/webhook_policies/enabled"), length("/webhook_policies/disabled")), (0, 1));
    for one in api.get("/webhooks").expect(200).json().as_array().unwrap() {
        let path = format!("/webhooks/{}", one["id"]);
        let bare = patch(&api, &path, &json!({ "webhook_policy": null })).expect(200).json();
        assert!(bare.get("webhook_policy").is_none(), "{bare}");
        assert_eq!(webhook(&api, &one["id"]), bare);
    }
    drop(delete(&api, "/webhook_policies/1").expect(204));
    drop(api.get("/webhook_policies/1").problem(404));
    assert_eq!(
        api.post_json("/webhook_policies", &json!({ "jwt_alg": "none" })).expect(201).json()["id"],
        2
    );
}

#[test]
fn mistakes_have_a_field() {
    let daemon = start();
    let api = daemon.api();
    let with = |field: &str, value: Value| {
        let mut wanted = json!({ "jwt_alg": "es256" });
        wanted[field] = value;
        wrong(&api.post_json("/webhook_policies", &wanted), field)
    };
    assert!(with("jwt_alg", json!("ps256")).contains("rs256"));
    assert!(with("jwt_audience", json!("x".repeat(2049))).contains("2048"));
    assert!(with("jwt_claim_expires_in", json!(0)).contains("minutes"));
    assert!(with("jwt_claim_expires_in", json!("12")).contains("minutes"));
    assert!(with("colour", json!(1)).contains("there is no such field"));
    assert!(with("secret", json!("there is a key in here")).contains("never the key"));
    // A key of both sides is a secret of this daemon.
    let shared = api.post_json("/webhook_policies", &json!({ "jwt_alg": "hs256" }));
    assert!(wrong(&shared, "secret").contains("needs a secret"));
    assert_eq!(wrong(&api.post_json("/webhook_policies", &json!({})), "jwt_alg"), "it is required");
    daemon.apply(
        "[[secret]]\nname = \"shared\"\nenv = \"SHARED\"\n",
        &[("SHARED", "0123456789abcdef0123")],
    );
    let wanted = json!({ "jwt_alg": "hs256", "secret": "shared" });
    let made = api.post_json("/webhook_policies", &wanted).expect(201);
    assert!(!made.text().contains("0123456789") && made.json().get("public_key_pem").is_none());
}
