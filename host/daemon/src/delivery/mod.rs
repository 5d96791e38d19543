//! From a delivery to a request that the receiver has: scheduling, the plugin's call, filling
//! in, sending, judging, and what is tried again when.

mod admit;
mod ask;
mod authorize;
pub mod bind;
pub mod brake;
pub mod breaker;
pub mod client;
pub mod clock;
pub mod connect;
#[cfg(test)]
mod connect_tests;
pub mod encode;
pub mod extract;
pub mod fetch;
pub mod fill;
pub mod gone;
pub mod guard;
pub mod health;
mod informational;
pub mod judge;
pub mod means;
pub mod network;
mod note;
mod outgoing;
pub mod pace;
pub mod policy;
pub mod presets;
mod redacted;
pub mod refused;
pub mod rehearsal;
pub mod reserve;
pub mod rules;
pub mod run;
pub mod scheduler;
pub mod scrub;
pub mod sign;
pub mod target;
mod tell;
mod turn;
pub mod write_back;
mod xml;
