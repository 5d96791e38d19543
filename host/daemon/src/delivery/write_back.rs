//! Writing back: what of an answer is written to the event's ticket, each a delivery of its own.

use hookwright_model::{
    Delivery, DeliveryState, FollowUp, Name, Received, WriteBack, WriteTo, WriteWhen,
};
use serde_json::Value;

use super::extract::{Extractor, Reading};
use super::note::child;
use super::run::{Go, Step};

/// What a subscription writes back, ready for use.
#[derive(Debug, Default)]
pub struct WriteBacks(Vec<Ready>);

#[derive(Debug)]
struct Ready {
    wanted: WriteBack,
    /// Where the value is; why it cannot be found, if it was changed behind our back.
    from: Option<Result<Extractor, String>>,
}

/// What there is to do because of an answer.
#[derive(Debug, Default)]
struct Caused {
    /// Deliveries of their own.
    children: Vec<Delivery>,
    /// What was not written, and why.
    notes: Vec<String>,
}

impl WriteBacks {
    /// Makes them ready.
    #[must_use]
    pub fn new(wanted: &[WriteBack]) -> Self {
        let ready = wanted.iter().map(|wanted| Ready {
            wanted: wanted.clone(),
            from: wanted.from.as_ref().map(Extractor::new),
        });
        Self(ready.collect())
    }

    /// What is written after a step of a delivery that got this answer, or none.
    fn after(
        &self,
        delivery: &Delivery,
        received: Option<&Received>,
        of_source: Option<&Name>,
    ) -> Caused {
        let mut caused = Caused::default();
        if self.0.is_empty() {
            return caused;
        }
        let reading = received.map(Reading::new);
        for ready in &self.0 {
            let now = match ready.wanted.when {
                WriteWhen::Delivered => delivery.state == DeliveryState::Delivered,
                WriteWhen::Failed => delivery.state == DeliveryState::Failed,
                WriteWhen::Answered => received.is_some(),
            };
            if !now {
                continue;
            }
            match ready.follow_up(reading.as_ref()) {
                Ok(follow_up) => {
                    let connection = ready.wanted.connection.as_ref().or(of_source);
                    caused.children.push(child(delivery, follow_up, connection));
                }
                Err(why) => caused.notes.push(format!("{} {why}", ready.subject())),
            }
        }
        caused
    }
}

impl Ready {
    fn follow_up(&self, reading: Option<&Reading<'_>>) -> Result<FollowUp, String> {
        let value = match (&self.from, &self.wanted.from) {
            (Some(extractor), Some(place)) => {
                let extractor =
                    extractor.as_ref().map_err(|error| format!("cannot be written: {error}"))?;
                let reading = reading.ok_or("was not written: there was no answer")?;
                let value = extractor.read(reading).filter(|value| !value.is_null());
                value.ok_or_else(|| format!("was not written: {place} is not in the answer"))?
            }
            _ => Value::String(String::new()),
        };
        Ok(match &self.wanted.to {
            WriteTo::Field(field) => {
                FollowUp::SetField { field: field.clone(), value: value.to_string() }
            }
            WriteTo::Comment(comment) => match &value {
                Value::String(text) => comment.with(text),
                other => comment.with(&other.to_string()),
            },
        })
    }

    fn subject(&self) -> String {
        match &self.wanted.to {
            WriteTo::Field(field) => format!("the field `{field}`"),
            WriteTo::Comment(_) => "the comment".to_owned(),
        }
    }
}

impl Go<'_> {
    /// Adds what of the step's answer is written back. What a follow-up causes is not looked at:
    /// it could go on without end. A token that was not taken is answered again at once, and only
    /// that answer says something.
    pub(super) fn write_back(&self, delivery: &Delivery, step: &mut Step) {
        if delivery.parent.is_some() || step.is_renewed {
            return;
        }
        let received = step.attempt.as_ref().and_then(|attempt| attempt.received.as_ref());
        let Caused { children, notes } =
            self.write_backs.after(delivery, received, self.connection);
        step.follow_ups.extend(children);
        if let Some(attempt) = &mut step.attempt {
            attempt.notes.extend(notes);
        }
    }
}

#[cfg(test)]
#[path = "write_back_tests.rs"]
mod tests;
