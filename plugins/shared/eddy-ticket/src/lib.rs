//! What HelpDeskEddy and EddyDesk, which are one product under two names, say of a ticket, as
//! the canonical event.
//!
//! Neither has a fixed body: EddyDesk's is a template that an admin wrote, HelpDeskEddy's is
//! not documented. So a source reads its body into a JSON value, and this crate looks in it for
//! names: those of a table, which is data, or those that the settings give. What a name is not
//! known for becomes a field of the ticket, so that nothing is lost.

#![forbid(unsafe_code)]

mod comment;
mod convert;
mod kind;
mod links;
mod name;
mod person;
mod record;
mod table;
mod ticket;
mod time;
mod value;

pub use convert::{Reading, ticket_event};
pub use kind::{Kind, Kinds, OTHER};
pub use name::{is_private, plain, short};
pub use record::Record;
pub use table::Fields;
pub use time::to_utc;
