//! The three syntaxes behind one face.

use hookwright_sdk::{Event, Host};

use crate::fault::Fault;
use crate::jinja::Jinja;
use crate::piece::{Piece, with_secrets};
use crate::settings::Syntax;
use crate::tags::Tags;
use crate::{eddydesk, zammad};

/// Fills in templates of one syntax.
pub(crate) enum Engine<'a> {
    EddyDesk(Box<Tags<'a>>),
    Zammad(zammad::Records),
    Jinja(Jinja),
}

impl<'a> Engine<'a> {
    /// With the values of an event.
    pub(crate) fn of(syntax: Syntax, event: &'a Event, host: &dyn Host) -> Result<Self, Fault> {
        Ok(match syntax {
            Syntax::EddyDesk => Self::EddyDesk(Box::new(Tags::of(event, host)?)),
            Syntax::Zammad => Self::Zammad(zammad::Records::of(event, host)?),
            Syntax::Jinja => Self::Jinja(Jinja::of(event, host)?),
        })
    }

    /// With something for every tag, for checking settings.
    pub(crate) fn sample(syntax: Syntax) -> Self {
        match syntax {
            Syntax::EddyDesk => Self::EddyDesk(Box::new(Tags::sample())),
            Syntax::Zammad => Self::Zammad(zammad::Records::sample()),
            Syntax::Jinja => Self::Jinja(Jinja::sample()),
        }
    }

    /// What the template becomes.
    pub(crate) fn fill(&self, template: &str) -> Result<Vec<Piece>, Fault> {
        let pieces = match self {
            Self::EddyDesk(tags) => eddydesk::fill(template, tags)?,
            Self::Zammad(records) => zammad::fill(template, records)?,
            Self::Jinja(jinja) => jinja.fill(template)?,
        };
        with_secrets(template, pieces)
    }

    /// What is wrong with a template beside what filling it says.
    pub(crate) fn check(&self, template: &str) -> Vec<String> {
        match self {
            Self::Jinja(jinja) => jinja.check(template),
            Self::EddyDesk(_) | Self::Zammad(_) => Vec::new(),
        }
    }
}
