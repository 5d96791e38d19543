//! What is known of well-known receivers: how quickly they may be called, and which hosts they
//! have in reserve. Used where a subscription says nothing of its own.

use hookwright_model::{Pace, PaceKey, Preset};
use serde_json::Value;

/// How quickly the receiver of a preset may be called.
#[must_use]
pub fn paces_of(preset: Preset, settings: &Value) -> Vec<Pace> {
    match preset {
        Preset::Telegram => telegram(settings),
        // 300 per minute for a whole system, whoever calls it; more is answered by a ban of
        // twenty minutes. At most 289, in case somebody else calls it too.
        Preset::HelpdeskeddyApi => vec![Pace::new(280, 60.0, vec![PaceKey::Host]).with_burst(10)],
        _ => Vec::new(),
    }
}

/// Telegram names no exact numbers: about 30 messages a second for a bot; about one a second for
/// a chat, with short bursts; 20 a minute for a group. What it asks for beyond that is obeyed.
fn telegram(settings: &Value) -> Vec<Pace> {
    let token = || PaceKey::Secret("token".to_owned());
    let chat = || vec![token(), PaceKey::Setting("/chat_id".to_owned())];
    let mut paces =
        vec![Pace::new(30, 1.0, vec![token()]), Pace::new(1, 1.0, chat()).with_burst(3)];
    let is_group = match settings.get("chat_id") {
        Some(Value::String(id)) => id.trim().starts_with(['-', '@']),
        Some(id) => id.as_i64().is_some_and(|id| id < 0),
        None => false,
    };
    if is_group {
        // With the burst at most 20 in any minute.
        paces.push(Pace::new(18, 60.0, chat()).with_burst(3));
    }
    paces
}

/// The hosts that a preset has in reserve for the host of a URL.
#[must_use]
pub fn reserve_hosts_of(preset: Preset, host: &str) -> Vec<String> {
    let reserve = match (preset, host) {
        (Preset::SmsTraffic, "api.smstraffic.ru") => "api2.smstraffic.ru",
        (Preset::SmsTraffic, "sds.smstraffic.ru") => "sds2.smstraffic.ru",
        (Preset::SmsTraffic, "api.smstraffic.by") => "api2.smstraffic.by",
        (Preset::SmsTraffic, "sds.smstraffic.by") => "sds2.smstraffic.by",
        _ => return Vec::new(),
    };
    vec![reserve.to_owned()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_slower_than_people() {
        let count = |chat| paces_of(Preset::Telegram, &json!({"chat_id": chat})).len();
        for person in [json!(5), json!("5"), json!(null)] {
            assert_eq!(count(person.clone()), 2, "{person}");
        }
        for group in [json!(-5), json!("-1001234567890"), json!(" @support")] {
            assert_eq!(count(group.clone()), 3, "{group}");
        }
        assert!(paces_of(Preset::SmsTraffic, &json!({})).is_empty());
    }

    #[test]
    fn every_pace_makes_sense_and_keeps_below_the_limit() {
        // The vendor's limit: so many requests in so many seconds.
        let limits = [
            (Preset::Telegram, 30, 1.0),
            (Preset::Telegram, 20, 60.0),
            (Preset::HelpdeskeddyApi, 300, 60.0),
        ];
        for (preset, most, per_s) in limits {
            let paces = paces_of(preset, &json!({"chat_id": -5}));
            assert!(paces.iter().all(|pace| pace.check() == Ok(())), "{paces:?}");
            let within = |pace: &&Pace| (pace.per_s - per_s).abs() < f64::EPSILON && pace.count > 1;
            let pace = paces.iter().find(within).unwrap();
            assert!(pace.count + pace.burst - 1 <= most, "{pace:?}");
        }
    }

    #[test]
    fn sms_traffic_has_a_second_host_for_each() {
        let of = |host| reserve_hosts_of(Preset::SmsTraffic, host);
        assert_eq!(of("api.smstraffic.ru"), ["api2.smstraffic.ru"]);
        assert_eq!(of("sds.smstraffic.by"), ["sds2.smstraffic.by"]);
        assert!(of("example.com").is_empty());
        assert!(reserve_hosts_of(Preset::Telegram, "api.smstraffic.ru").is_empty());
    }
}
