//! The console, as people see it: by plain HTTP, and without its scripts.

mod frame;
mod login;
mod subscriptions;
