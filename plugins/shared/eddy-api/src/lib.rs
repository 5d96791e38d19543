//! What the answers of API v2 mean, of HelpDeskEddy and EddyDesk, which are one product under
//! two names.

#![forbid(unsafe_code)]

mod ban;
mod judge;

pub use judge::{Asked, judge};
