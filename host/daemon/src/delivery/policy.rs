//! How requests are judged and tried again: by what the subscription or connection says itself, and
//! for the rest by its preset and by what is usual.

use std::time::Duration;

use hookwright_model::{Preset, Received, RetryPolicy, Sending, Subscription, Timestamp, Verdict};

use super::extract::Reading;
use super::presets::customs;
use super::rules::{Mistake, Origin, Rules};

/// What is settled for one subscription or connection.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whose customs it keeps to.
    pub preset: Option<Preset>,
    /// What answers mean.
    pub judging: Judging,
    /// When failed requests are sent again.
    pub retry: RetryPolicy,
    /// Whether a request is sent again that the receiver may have acted on.
    pub retry_unknown: bool,
    /// How long an attempt may take in all.
    pub timeout: Duration,
}

/// The rules by which answers are judged, before and after the plugin is asked.
#[derive(Clone, Debug, Default)]
pub struct Judging {
    own: Option<Rules>,
    preset: Option<Preset>,
}

impl Policy {
    /// Settles it. A preset that the plugin suggests holds where none is named.
    ///
    /// # Errors
    /// When its rules are not usable.
    pub fn of(
        origin: Origin,
        sending: Sending<'_>,
        suggested: Option<Preset>,
    ) -> Result<Self, Vec<Mistake>> {
        let preset = sending.preset.or(suggested);
        let customs = preset.and_then(customs);
        let own = match sending.answers {
            [] => None,
            rules => Some(Rules::new(origin, rules)?),
        };
        let retry = sending.retry.or_else(|| customs?.retry.as_ref());
        let timeout_s = sending.timeout_s.or_else(|| customs?.timeout_s);
        let timeout_s = timeout_s.unwrap_or(Subscription::DEFAULT_TIMEOUT_S);
        let retry_unknown = sending.retry_unknown.or_else(|| customs?.retry_unknown);
        Ok(Self {
            preset: preset.filter(|preset| *preset != Preset::None),
            judging: Judging { own, preset },
            retry: retry.cloned().unwrap_or_default(),
            retry_unknown: retry_unknown.unwrap_or(true),
            timeout: Duration::try_from_secs_f64(timeout_s).unwrap_or(Self::USUAL_TIMEOUT),
        })
    }

    const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            preset: None,
            judging: Judging::default(),
            retry: RetryPolicy::default(),
            retry_unknown: true,
            timeout: Self::USUAL_TIMEOUT,
        }
    }
}

impl Judging {
    /// What the admin's rules say, if one fits. They come before the plugin.
    #[must_use]
    pub fn by_own_rules(&self, received: &Received) -> Option<Verdict> {
        self.own.as_ref()?.judge(&Reading::new(received), Timestamp::now())
    }

    /// What the preset's rules say, if one fits. They are for answers that no plugin reads.
    #[must_use]
    pub fn by_preset(&self, received: &Received) -> Option<Verdict> {
        let customs = customs(self.preset?)?;
        customs.rules.judge(&Reading::new(received), Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use hookwright_model::Digest;
    use serde_json::json;

    use super::*;

    fn subscription() -> Subscription {
        let name = "duty".parse().unwrap();
        Subscription::new(name, "template".parse().unwrap(), Digest::of(b"plugin"))
    }

    fn policy(subscription: &Subscription, suggested: Option<Preset>) -> Policy {
        Policy::of(Origin::Subscription, subscription.sending(), suggested).unwrap()
    }

    fn by_preset(policy: &Policy) -> Option<Verdict> {
        let body = r#"{"ok":true}"#.into();
        let received = Received { status: 200, headers: Vec::new(), body, complete: true };
        policy.judging.by_preset(&received)
    }

    #[test]
    fn what_a_subscription_says_comes_first_then_the_preset_then_what_is_usual() {
        let plain = policy(&subscription(), None);
        assert_eq!(plain.timeout, Duration::from_secs(30));
        assert_eq!((plain.retry, plain.retry_unknown), (RetryPolicy::default(), true));
        let named = Subscription { preset: Some(Preset::Zammad), ..subscription() };
        let zammad = policy(&named, Some(Preset::Telegram));
        assert_eq!(zammad.timeout, Duration::from_secs(60));
        assert_eq!(zammad.retry, RetryPolicy::Waits(vec![10.0, 20.0, 30.0, 40.0]));
        let own = Subscription {
            retry: Some(RetryPolicy::Off),
            retry_unknown: Some(true),
            timeout_s: Some(5.0),
            ..subscription()
        };
        let own = policy(&own, Some(Preset::Telegram));
        assert_eq!((own.retry.clone(), own.retry_unknown), (RetryPolicy::Off, true));
        assert_eq!(own.timeout, Duration::from_secs(5));
        assert!(by_preset(&own).is_some(), "the plugin's suggestion holds for the rest");
    }

    #[test]
    fn a_suggested_preset_can_be_switched_off() {
        let suggested = policy(&subscription(), Some(Preset::Telegram));
        assert!(!suggested.retry_unknown && by_preset(&suggested).is_some());
        let off = Subscription { preset: Some(Preset::None), ..subscription() };
        let off = policy(&off, Some(Preset::Telegram));
        assert!(off.retry_unknown && by_preset(&off).is_none());
    }

    #[test]
    fn rules_that_cannot_be_used_are_told() {
        let rule = json!({"json": {"at": "ok", "equals": true}, "verdict": "failed"});
        let answers = vec![serde_json::from_value(rule).unwrap()];
        let subscription = Subscription { answers, ..subscription() };
        let of = Policy::of(Origin::Subscription, subscription.sending(), None);
        let mistakes = of.unwrap_err();
        assert_eq!(mistakes[0].pointer, "/0/json/at");
    }
}
