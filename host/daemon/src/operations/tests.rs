//! What events tell, held against the schema that is published.

use hookwright_model::catalogue::{self, OPERATION_SCHEMA};
use hookwright_model::{Delivery, DeliveryState, Digest, EventId, Subscription, SubscriptionId};
use serde_json::{Value, json};

use super::*;
use crate::delivery::breaker::{Call, CircuitState, DestinationShown};

fn all() -> Vec<Operation> {
    let name: hookwright_model::Name = "duty".parse().unwrap();
    let digest = Digest::of(b"");
    let subscription = Subscription::new(name.clone(), "telegram".parse().unwrap(), digest);
    let only_for = Some(name.clone());
    let of = Suspension { plugin: name.clone(), digest, call: Call::Judge, only_for };
    let shown = DestinationShown {
        way: 0,
        origin: "https://api.telegram.org".to_owned(),
        through: None,
        state: CircuitState::Open,
        failed: 10,
        tries: 12,
        since: Some(Timestamp::default()),
        last_error: Some("no connection".to_owned()),
        last_error_at: None,
        next_probe_at: None,
    };
    let now = Timestamp::default();
    let event = control::event("ticket.created", "81", "ticket/1", &json!({}), now).unwrap();
    let mut delivery = Delivery::new(EventId::new(), SubscriptionId::new(), now);
    delivery.state = DeliveryState::Failed;
    delivery.reason = Some("x".repeat(10_000));
    let ticket = json!({ "number": "10081" });
    vec![
        Operation::delivery_exhausted(&name, &delivery, &event, ticket),
        Operation::destination_recovered(&shown),
        Operation::destination_unavailable(&shown),
        Operation::plugin_resumed(&of),
        Operation::plugin_suspended(&of, "trap: it aborted"),
        Operation::source_rejecting(&name, "The post cannot be read"),
        Operation::subscription_disabled(&subscription, Some("500"), By::Daemon),
        Operation::subscription_enabled(&subscription),
    ]
}

#[test]
fn each_type_is_in_the_catalogue_and_fits_the_schema() {
    let schema: Value = serde_json::from_str(OPERATION_SCHEMA).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let url: PublicUrl = "https://hooks.example.com".parse().unwrap();
    let known = catalogue::types().iter().filter(|known| known.data_schema == "operation/1");
    let known: Vec<_> = known.map(|known| known.event_type.as_str()).collect();
    let told = all();
    assert_eq!(told.iter().map(|one| one.event_type).collect::<Vec<_>>(), known);
    for one in told {
        let data = one.data(&url, 3);
        let wrong: Vec<_> = schema.iter_errors(&data).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", one.event_type);
        assert!(control::is_operational(&one.event_type.parse().unwrap()), "{}", one.event_type);
        let length = data["detail"].as_str().unwrap_or_default().len();
        assert!(length <= 500, "{length}");
        assert_eq!(data["left_out"], 3);
    }
}
