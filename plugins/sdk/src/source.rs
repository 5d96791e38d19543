//! What makes a source.

use serde::de::DeserializeOwned;

use crate::{Descriptor, Host, Inbound, ParsedEvent, Rejection};

/// Reads what a helpdesk posts.
pub trait Source {
    /// The settings, read from JSON that is valid under the descriptor's schema.
    type Settings: DeserializeOwned;

    /// What the plugin says of itself.
    fn describe() -> Descriptor;

    /// Reads one post. An empty list means that nothing happened, as with a test message.
    ///
    /// # Errors
    /// When no event can be read.
    fn parse(
        inbound: &Inbound,
        settings: &Self::Settings,
        host: &dyn Host,
    ) -> Result<Vec<ParsedEvent>, Rejection>;
}

/// Exports a [`Source`] from a component.
#[macro_export]
macro_rules! export_source {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Export;

            impl $crate::bindings::metadata::Guest for Export {
                fn describe() -> $crate::bindings::metadata::Descriptor {
                    $crate::glue::to_wit(&<$plugin as $crate::Source>::describe())
                }
            }
            $crate::bindings::metadata::export_metadata!(Export);

            impl $crate::bindings::parse::Guest for Export {
                fn parse(
                    inbound: $crate::Inbound,
                ) -> Result<Vec<$crate::ParsedEvent>, $crate::Rejection> {
                    let host = $crate::glue::WasmHost;
                    let settings = $crate::Host::settings(&host);
                    let settings =
                        $crate::glue::read(&settings).map_err($crate::Rejection::Misconfigured)?;
                    <$plugin as $crate::Source>::parse(&inbound, &settings, &host)
                }
            }
            $crate::bindings::parse::export_parse!(Export);
        };
    };
}
