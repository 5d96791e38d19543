//! The plain types of Hookwright, in the words of its vocabulary: a *source* posts
//! *events*; a *subscription* routes them through a *plugin*; the result is a *delivery*
//! of one or more *requests*, each sent in *attempts*, each answer read as a *verdict*.
//!
//! Nothing here does I/O, keeps a clock or knows how it is stored.

#![forbid(unsafe_code)]

pub mod access;
pub mod answer;
pub mod audit;
pub mod call;
pub mod catalogue;
pub mod connection;
pub mod delivery;
pub mod event;
pub mod external;
pub mod extract;
pub mod id;
pub mod journal;
pub mod jwt;
pub mod mail;
pub mod name;
pub mod order;
pub mod pace;
pub mod plugin;
pub mod policy;
pub mod preset;
pub mod reject;
pub mod replay;
pub mod request;
pub mod retry;
pub mod role;
pub mod schema;
pub mod secret;
pub mod sending;
pub mod signing;
pub mod source;
pub mod statistics;
pub mod subscription;
pub mod ticket;
pub mod time;
pub mod token;
pub mod user;
pub mod verdict;
pub mod write_back;

pub use access::{Auth, ClientAuth, OAuth2, Proxy, Tls};
pub use answer::AnswerRule;
pub use audit::{ActorKind, AuditActor, AuditEntry, AuditTarget, FieldChange};
pub use call::{CallRecord, Fault, FaultKind, LogLevel, LogLine};
pub use connection::Connection;
pub use delivery::{Attempt, AttemptResult, Delivery, DeliveryState, Received, Sent, Timings};
pub use event::{Event, EventType, Original, TypePattern};
pub use external::External;
pub use extract::Extract;
pub use id::{
    AttemptId, AuditId, ConnectionId, DeliveryId, EventId, RejectId, ReplayId, SourceId,
    SubscriptionId, TokenId, UserId,
};
pub use journal::{Age, JournalSettings, REDACTED, Redact, Redactable, Size};
pub use jwt::{JwtAlgorithm, JwtAuth, TokenLocation};
pub use mail::{MailLanguage, MailSecurity, MailSettings};
pub use name::Name;
pub use order::{AfterFailure, Lane, Order};
pub use pace::{BadPace, Pace, PaceKey};
pub use plugin::{Descriptor, Digest, Limits, PluginKey, PluginVersion, Role, SecretSlot};
pub use policy::{Policy, PolicyAlgorithm, PolicyKey};
pub use preset::Preset;
pub use reject::{Reject, RejectDetail};
pub use replay::{Backfill, BadReplayMove, Redeliver, Replay, ReplayMove, ReplayState, ReplayWhat};
pub use request::{Part, Request, Template};
pub use retry::RetryPolicy;
pub use role::AccessRole;
pub use secret::Secret;
pub use sending::Sending;
pub use signing::{HmacSigning, Signing};
pub use source::{Source, SourceAuth};
pub use statistics::{Counts, Histogram, Step, Subject, SubjectKind};
pub use subscription::Subscription;
pub use time::Timestamp;
pub use token::Token;
pub use user::{Language, PasswordHash, User};
pub use verdict::{Decision, Failure, FollowUp, Judgement, Verdict};
pub use write_back::{Visibility, WriteBack, WriteTo, WriteWhen, WrittenComment};
