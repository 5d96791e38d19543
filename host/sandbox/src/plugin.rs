//! A loaded plugin, and the calls of it.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use hookwright_model::{
    CallRecord, Decision, Descriptor, Digest, Event, EventType, Failure, Fault, FaultKind,
    Judgement, Limits, Original, PluginKey, Request, Role, Timestamp, Verdict,
};
use wasmtime::component::{Component, Instance, InstancePre};
use wasmtime::{PoolConcurrencyLimitError, Store};

use crate::check::{self, Refusal};
use crate::describe;
use crate::engine::{Sandbox, TICK};
use crate::fault;
use crate::guest::{Context, Guest, Log};
use crate::limiter::Limiter;
use crate::v1;

/// Handles to resources that a guest may hold; the inert WASI has a few streams.
const MAX_HANDLES: usize = 1_000;

/// One version of a plugin, ready to be called from any thread. Cheap to clone.
#[derive(Clone)]
pub struct Plugin(Arc<Inner>);

struct Inner {
    loaded: Loaded,
    role: Role,
    digest: Digest,
    descriptor: Descriptor,
    contract: String,
    wasi_imports: Vec<String>,
    /// Name, version and digest, for messages.
    identity: String,
}

/// What is needed to call it.
struct Loaded {
    sandbox: Sandbox,
    pre: InstancePre<Guest>,
    exports: v1::Exports,
}

/// How a call went: what came of it, and what it cost and said.
#[derive(Clone, Debug)]
pub struct Report<T> {
    /// What the plugin answered, or how it failed.
    pub outcome: Result<T, Box<Fault>>,
    /// What it cost and said. `fault` is set if it failed.
    pub record: CallRecord,
}

/// A plugin's answer to an event: a decision, or why it made none.
pub type Transformed = Result<Decision, Failure>;

/// An answer to be judged, with what it is the answer to.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// What happened.
    pub event: &'a Event,
    /// What was asked for, secrets unresolved.
    pub request: &'a Request,
    /// Which of the decision's requests.
    pub position: u32,
    /// How often it was changed because of an answer.
    pub resends: u32,
    /// What came back.
    pub answer: Answer<'a>,
}

/// What a receiver answered, without secrets.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// In the order they came.
    pub headers: &'a [(String, Vec<u8>)],
    /// Cut at the host's limit.
    pub body: &'a [u8],
    /// False when the body was cut.
    pub complete: bool,
}

/// What a helpdesk posted, without credentials.
#[derive(Clone, Copy, Debug)]
pub struct Inbound<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Decoded.
    pub query: &'a [(String, String)],
    /// Headers and body.
    pub original: &'a Original,
}

/// An event as a source plugin read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedEvent {
    /// `noun.verb`.
    pub event_type: EventType,
    /// What it is about.
    pub subject: Option<String>,
    /// When the helpdesk recorded it.
    pub occurred_at: Option<Timestamp>,
    /// The name of the schema of `data`.
    pub data_schema: String,
    /// JSON text.
    pub data: String,
    /// The helpdesk's own name for what happened.
    pub upstream_name: Option<String>,
    /// The helpdesk's own id for the post.
    pub dedupe_key: Option<String>,
}

/// Something wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A JSON Pointer into the document.
    pub at: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Why a source plugin read no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Not in the helpdesk's format.
    Malformed(Problem),
    /// A template wrote unescaped values into the document.
    BrokenTemplate(Problem),
    /// Understood, and not handled.
    Unsupported(Problem),
    /// The source's settings are wrong.
    Misconfigured(Problem),
}

/// Why bytes are not a plugin that can be called.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The compiled code is not for this runtime.
    #[error("the compiled code cannot be loaded: {0}")]
    Code(String),
    /// It speaks another version of the contract.
    #[error(
        "the plugin was built for {found}; this host speaks {host}: rebuild the plugin, or use a \
         newer host", host = crate::CONTRACTS
    )]
    UnsupportedContract {
        /// What it speaks.
        found: String,
    },
    /// It exports nothing of the contract.
    #[error(
        "the component is not a plugin: it exports nothing of `hookwright:plugin`. Build it for \
         the world `destination` or `source` of {host}", host = crate::CONTRACTS
    )]
    NoContract,
    /// It exports too little or too much.
    #[error("the component is not a whole plugin: {0}")]
    Exports(String),
    /// It needs what no plugin gets.
    #[error(
        "the plugin imports what this host does not offer: {}. Plugins have no network, files \
         or processes; remove what needs these, or build against the host's version of the \
         contract", .0.join(", ")
    )]
    UnknownImports(Vec<String>),
    /// It failed when asked to describe itself.
    #[error("{0}")]
    Describe(Box<Fault>),
    /// Its description is not usable.
    #[error("the plugin describes itself wrongly: {0}")]
    Descriptor(String),
}

impl LoadError {
    #[allow(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
    pub(crate) fn code(error: wasmtime::Error) -> Self {
        Self::Code(format!("{error:#}"))
    }
}

impl Plugin {
    pub(crate) fn new(
        sandbox: Sandbox,
        linker: &v1::Linker,
        component: &Component,
        digest: Digest,
        limits: &Limits,
    ) -> Result<Self, LoadError> {
        let contract = contract(&sandbox, component)?;
        refuse_unknown_imports(&sandbox, component)?;
        let linked = v1::link(linker, component);
        let (pre, wasi_imports) =
            linked.map_err(|error| LoadError::UnknownImports(vec![format!("{error:#}")]))?;
        let exports = v1::Exports::find(&pre)
            .map_err(|error| LoadError::Exports(error.root_cause().to_string()))?;
        let role = match (exports.transforms(), exports.parses()) {
            (true, false) => Role::Destination,
            (false, true) => Role::Source,
            (true, true) => {
                let message = "it exports both `transform` and `parse`; build two plugins";
                return Err(LoadError::Exports(message.into()));
            }
            (false, false) => {
                let message =
                    "it exports neither `transform` (a destination) nor `parse` (a source)";
                return Err(LoadError::Exports(message.into()));
            }
        };
        let loaded = Loaded { sandbox, pre, exports };
        let identity = format!("with digest {}", digest.short());
        let context = Context::empty("being installed");
        let report = loaded.call(&identity, &context, limits, 0, |exports, store, instance| {
            let described = exports.call_describe(store, instance)?;
            Ok(described.map_err(|problem| (FaultKind::BadOutput, problem)))
        });
        let descriptor = report.outcome.map_err(LoadError::Describe)?;
        describe::check(&descriptor).map_err(LoadError::Descriptor)?;
        let identity =
            format!("{role}/{} {} ({})", descriptor.name, descriptor.version, digest.short());
        let inner = Inner { loaded, role, digest, descriptor, contract, wasi_imports, identity };
        Ok(Self(Arc::new(inner)))
    }

    /// Turns an event into requests.
    #[must_use]
    pub fn transform(
        &self,
        event: &Event,
        context: &Context,
        limits: &Limits,
    ) -> Report<Transformed> {
        self.call(context, limits, event_size(event), |exports, store, instance| {
            let result = exports.call_transform(store, instance, event)?;
            Ok(self.check_transformed(result, limits))
        })
    }

    /// Reads a receiver's answer. Only for plugins that [judge](Self::judges).
    #[must_use]
    pub fn judge(
        &self,
        exchange: &Exchange<'_>,
        context: &Context,
        limits: &Limits,
    ) -> Report<Judgement> {
        let input = event_size(exchange.event) + exchange.answer.body.len();
        self.call(context, limits, input, |exports, store, instance| {
            let judgement = exports.call_judge(store, instance, exchange)?;
            Ok(self.check_judgement(judgement, limits))
        })
    }

    /// Checks settings. Only for plugins that [do](Self::checks_settings).
    #[must_use]
    pub fn check_settings(&self, context: &Context, limits: &Limits) -> Report<Vec<Problem>> {
        self.call(context, limits, 0, |exports, store, instance| {
            Ok(Ok(exports.call_check_settings(store, instance, &context.settings)?))
        })
    }

    /// Reads what a helpdesk posted. Only for sources.
    #[must_use]
    pub fn parse(
        &self,
        inbound: &Inbound<'_>,
        context: &Context,
        limits: &Limits,
    ) -> Report<Result<Vec<ParsedEvent>, Rejection>> {
        let query: usize = inbound.query.iter().map(|(name, value)| name.len() + value.len()).sum();
        let input = original_size(inbound.original) + query;
        self.call(context, limits, input, |exports, store, instance| {
            exports.call_parse(store, instance, inbound)
        })
    }

    fn call<T>(
        &self,
        context: &Context,
        limits: &Limits,
        input: usize,
        run: impl FnOnce(
            &v1::Exports,
            &mut Store<Guest>,
            &Instance,
        ) -> wasmtime::Result<Result<T, Refusal>>,
    ) -> Report<T> {
        self.0.loaded.call(&self.0.identity, context, limits, input, run)
    }

    fn check_transformed(
        &self,
        result: Transformed,
        limits: &Limits,
    ) -> Result<Transformed, Refusal> {
        if let Ok(Decision::Deliver(requests)) = &result {
            if requests.is_empty() {
                let message = "it decided to deliver no request; to send nothing, skip";
                return Err((FaultKind::BadOutput, message.into()));
            }
            if requests.len() > limits.requests as usize {
                let (count, most) = (requests.len(), limits.requests);
                let message = format!("{count} requests; limits.requests is {most}");
                return Err((FaultKind::OutputTooLarge, message));
            }
            requests.iter().try_for_each(|request| self.check_request(request))?;
        }
        Ok(result)
    }

    fn check_judgement(&self, judgement: Judgement, limits: &Limits) -> Result<Judgement, Refusal> {
        if let Verdict::Resend { request, .. } = &judgement.verdict {
            self.check_request(request)?;
        }
        if judgement.follow_ups.len() > limits.requests as usize {
            let (count, most) = (judgement.follow_ups.len(), limits.requests);
            let message = format!("{count} follow-ups; limits.requests is {most}");
            return Err((FaultKind::OutputTooLarge, message));
        }
        for follow_up in &judgement.follow_ups {
            check::follow_up(follow_up, &self.0.descriptor.secrets)?;
        }
        Ok(judgement)
    }

    fn check_request(&self, request: &Request) -> Result<(), Refusal> {
        check::request(request, &self.0.descriptor.secrets)
    }

    /// What it is for and its name.
    #[must_use]
    pub fn key(&self) -> PluginKey {
        PluginKey { role: self.0.role, name: self.0.descriptor.name.clone() }
    }

    /// Of the bytes it was installed from.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What it says of itself.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.0.descriptor
    }

    /// The contract it was built for, such as `hookwright:plugin@1.0.0`.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.0.contract
    }

    /// The interfaces of `wasi:` that it imports; all of them are inert.
    #[must_use]
    pub fn wasi_imports(&self) -> &[String] {
        &self.0.wasi_imports
    }

    /// Role, name, version and the start of the digest, for messages.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.0.identity
    }

    /// Whether it reads answers.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.0.loaded.exports.judges()
    }

    /// Whether it checks settings.
    #[must_use]
    pub fn checks_settings(&self) -> bool {
        self.0.loaded.exports.checks_settings()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({})", self.0.identity)
    }
}

fn event_size(event: &Event) -> usize {
    event.data.len() + event.subject.as_deref().map_or(0, str::len)
}

fn original_size(original: &Original) -> usize {
    let headers: usize =
        original.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    original.body.len() + headers
}

impl Loaded {
    /// One call, in a fresh instance, within its limits.
    fn call<T>(
        &self,
        identity: &str,
        context: &Context,
        limits: &Limits,
        input: usize,
        run: impl FnOnce(
            &v1::Exports,
            &mut Store<Guest>,
            &Instance,
        ) -> wasmtime::Result<Result<T, Refusal>>,
    ) -> Report<T> {
        let refused = |kind: FaultKind, message: String| Fault {
            kind,
            plugin: identity.to_owned(),
            subject: context.subject.clone(),
            message,
            advice: fault::advice(kind).to_owned(),
            backtrace: Vec::new(),
            stderr: String::new(),
        };
        let original = context.original.as_deref().map_or(0, original_size);
        // A source's own post is its input already.
        let input = input.max(original) + context.settings.len();
        if input as u64 > limits.input_bytes {
            let most = limits.input_bytes;
            let message = format!("was to be given {input} bytes; it may take {most}");
            let fault = refused(FaultKind::InputTooLarge, message);
            return Report::failed(CallRecord::default(), fault);
        }
        let guest = Guest {
            context: context.clone(),
            limiter: Limiter::new(limits),
            log: Log::new(limits.log_lines, limits.log_bytes),
            monotonic: 0,
            random: seed(context),
        };
        let started = Instant::now();
        let mut store = Store::new(&self.sandbox.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(usize::try_from(limits.output_bytes).unwrap_or(usize::MAX));
        store.set_max_component_handles(MAX_HANDLES);
        let running = self.sandbox.clock.run();
        let ran = || {
            store.set_fuel(limits.fuel)?;
            // One tick more, for the one that is under way. Last, so that nothing but the
            // guest uses up its time.
            let ticks = limits.deadline().as_millis().div_ceil(TICK.as_millis());
            store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX / 2) + 1);
            let instance = self.pre.instantiate(&mut store)?;
            run(&self.exports, &mut store, &instance)
        };
        let result = ran();
        drop(running);
        let fuel = limits.fuel.saturating_sub(store.get_fuel().unwrap_or(0));
        let guest = store.data_mut();
        let mut record = CallRecord {
            fuel,
            micros: 0,
            memory_bytes: guest.limiter.memory_bytes(),
            logs: std::mem::take(&mut guest.log.lines),
            logs_dropped: guest.log.dropped,
            stderr: fault::stderr(guest),
            fault: None,
        };
        let result = match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err((kind, message))) => Err(refused(kind, message)),
            Err(error) if error.is::<PoolConcurrencyLimitError>() => {
                Err(refused(FaultKind::Host, format!("too many calls at once: {error:#}")))
            }
            Err(error) => {
                let fault = fault::classify(&error, guest, limits);
                Err(Fault { plugin: identity.to_owned(), ..fault })
            }
        };
        drop(store);
        record.micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match result {
            Ok(value) => Report { outcome: Ok(value), record },
            Err(fault) => Report::failed(record, fault),
        }
    }
}

impl<T> Report<T> {
    fn failed(mut record: CallRecord, fault: Fault) -> Self {
        let fault = Box::new(fault);
        record.fault = Some(fault.clone());
        Self { outcome: Err(fault), record }
    }
}

/// The start of the guest's random numbers: the same for the same event and settings.
fn seed(context: &Context) -> u64 {
    let digest = Digest::of(context.subject.as_bytes());
    let bytes = digest.as_bytes();
    u64::from_le_bytes([
        bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ])
}

/// The version of the contract that the component's exports are of.
fn contract(sandbox: &Sandbox, component: &Component) -> Result<String, LoadError> {
    let engine = &sandbox.engine;
    let ty = component.component_type();
    let of_contract = ty.exports(engine).filter_map(|(name, _)| name.strip_prefix(v1::PACKAGE));
    let versions: Vec<&str> =
        of_contract.filter_map(|name| name.split_once('@')).map(|(_, v)| v).collect();
    let Some(first) = versions.first() else { return Err(LoadError::NoContract) };
    match versions.iter().find(|version| !version.starts_with(v1::MAJOR)) {
        Some(other) => {
            Err(LoadError::UnsupportedContract { found: format!("hookwright:plugin@{other}") })
        }
        None => Ok(format!("hookwright:plugin@{first}")),
    }
}

/// What a component may import is the contract and `wasi:`, which is inert.
fn refuse_unknown_imports(sandbox: &Sandbox, component: &Component) -> Result<(), LoadError> {
    let engine = &sandbox.engine;
    let ty = component.component_type();
    let mut unknown = Vec::new();
    for (name, _) in ty.imports(engine) {
        match name.strip_prefix(v1::PACKAGE).and_then(|name| name.split_once('@')) {
            Some((_, version)) if !version.starts_with(v1::MAJOR) => {
                let found = format!("hookwright:plugin@{version}");
                return Err(LoadError::UnsupportedContract { found });
            }
            Some(_) => {}
            None if name.starts_with("wasi:") => {}
            None => unknown.push(format!("`{name}`")),
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(LoadError::UnknownImports(unknown)) }
}
