//! Contract version 1: `wit/1.0.0`.
//!
//! A later major version gets a module beside this one, with bindings of its own and
//! conversions to the same model; nothing outside such a module knows the contract's types.

mod bindings;
mod convert;
mod host;

use bindings::exports::hookwright::plugin as exports;
use hookwright_model::{Descriptor, Event, Judgement};
use wasmtime::component::{Component, HasSelf, Instance, InstancePre};
use wasmtime::{Engine, Result, Store};

use crate::check::Refusal;
use crate::guest::Guest;
use crate::plugin::{Exchange, Inbound, ParsedEvent, Problem, Rejection, Transformed};
use crate::wasi;

/// What the host offers to guests.
pub(crate) type Linker = wasmtime::component::Linker<Guest>;

/// The package's name and major version, as they stand in the names of imports and exports.
pub(crate) const PACKAGE: &str = "hookwright:plugin/";
pub(crate) const MAJOR: &str = "1.";

/// A linker with everything of the contract, and nothing of WASI.
pub(crate) fn linker(engine: &Engine) -> Result<Linker> {
    let mut linker = Linker::new(engine);
    use bindings::hookwright::plugin as imports;
    imports::types::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    imports::log::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    imports::context::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    imports::original::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    imports::time_zone::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

/// Links a component, and says which `wasi:` interfaces it imports.
pub(crate) fn link(
    linker: &Linker,
    component: &Component,
) -> Result<(InstancePre<Guest>, Vec<String>)> {
    let mut linker = linker.clone();
    let wasi = wasi::define(&mut linker, component)?;
    Ok((linker.instantiate_pre(component)?, wasi))
}

/// Which of the contract's interfaces a component exports.
pub(crate) struct Exports {
    metadata: exports::metadata::GuestIndices,
    transform: Option<exports::transform::GuestIndices>,
    response: Option<exports::response::GuestIndices>,
    settings_check: Option<exports::settings_check::GuestIndices>,
    parse: Option<exports::parse::GuestIndices>,
}

impl Exports {
    /// Finds them.
    pub(crate) fn find(pre: &InstancePre<Guest>) -> Result<Self> {
        Ok(Self {
            metadata: exports::metadata::GuestIndices::new(pre)?,
            transform: exports::transform::GuestIndices::new(pre).ok(),
            response: exports::response::GuestIndices::new(pre).ok(),
            settings_check: exports::settings_check::GuestIndices::new(pre).ok(),
            parse: exports::parse::GuestIndices::new(pre).ok(),
        })
    }

    pub(crate) fn transforms(&self) -> bool {
        self.transform.is_some()
    }

    pub(crate) fn judges(&self) -> bool {
        self.response.is_some()
    }

    pub(crate) fn checks_settings(&self) -> bool {
        self.settings_check.is_some()
    }

    pub(crate) fn parses(&self) -> bool {
        self.parse.is_some()
    }

    pub(crate) fn call_describe(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
    ) -> Result<Result<Descriptor, String>> {
        let guest = self.metadata.load(&mut *store, instance)?;
        Ok(convert::descriptor(guest.call_describe(store)?))
    }

    pub(crate) fn call_transform(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
        event: &Event,
    ) -> Result<Transformed> {
        let guest = present(self.transform.as_ref())?.load(&mut *store, instance)?;
        Ok(convert::transformed(guest.call_transform(store, &convert::event(event))?))
    }

    pub(crate) fn call_judge(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
        exchange: &Exchange<'_>,
    ) -> Result<Judgement> {
        let guest = present(self.response.as_ref())?.load(&mut *store, instance)?;
        Ok(convert::judgement(guest.call_judge(store, &convert::exchange(exchange))?))
    }

    pub(crate) fn call_check_settings(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
        settings: &str,
    ) -> Result<Vec<Problem>> {
        let guest = present(self.settings_check.as_ref())?.load(&mut *store, instance)?;
        let problems = guest.call_check(store, settings)?;
        Ok(problems.into_iter().map(convert::problem).collect())
    }

    pub(crate) fn call_parse(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
        inbound: &Inbound<'_>,
    ) -> Result<Result<Result<Vec<ParsedEvent>, Rejection>, Refusal>> {
        let guest = present(self.parse.as_ref())?.load(&mut *store, instance)?;
        Ok(convert::parsed(guest.call_parse(store, &convert::inbound(inbound))?))
    }
}

fn present<T>(indices: Option<&T>) -> Result<&T> {
    indices.ok_or_else(|| wasmtime::format_err!("the plugin does not export that"))
}
