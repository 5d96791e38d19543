//! The `hookwright` daemon. A newcomer finds any behaviour by following the event: [`server`]
//! takes a post in and [`ingest`] has a source plugin read it; [`routing`] finds who wants it;
//! the store keeps it; [`delivery`] calls the destination plugin, sends, judges and tries
//! again; the journal is what the store has noted on the way.

#![forbid(unsafe_code)]

pub mod access;
pub mod annotation;
pub mod app;
pub mod attention;
pub mod audit;
pub mod care;
pub mod cli;
pub mod condition;
pub mod console;
pub mod control;
pub mod crash;
pub mod delivery;
pub mod handshake;
pub mod ingest;
pub mod keeping;
mod listener;
pub mod live;
pub mod mail;
pub mod merge_patch;
pub mod mistake;
pub mod operations;
pub mod people;
pub mod plugins;
pub mod policy;
pub mod proof;
pub mod public_url;
pub mod redaction;
pub mod registry;
pub mod replay;
pub mod routing;
pub mod server;
pub mod setup;
pub mod statistics;
pub mod webhooks;
