//! What makes a destination.

use serde::de::DeserializeOwned;

use crate::{Decision, Descriptor, Event, Exchange, Failure, Host, Judgement, Problem};

/// Turns events into requests.
pub trait Destination {
    /// The settings, read from JSON that is valid under the descriptor's schema.
    type Settings: DeserializeOwned;

    /// What the plugin says of itself.
    fn describe() -> Descriptor;

    /// Turns one event into requests. The same event, settings and host facts must give the
    /// same requests.
    ///
    /// # Errors
    /// When no decision can be made.
    fn transform(
        event: &Event,
        settings: &Self::Settings,
        host: &dyn Host,
    ) -> Result<Decision, Failure>;
}

/// A destination that reads the receiver's answers.
pub trait Judge: Destination {
    /// Says what an answer means.
    fn judge(exchange: &Exchange, settings: &Self::Settings, host: &dyn Host) -> Judgement;
}

/// A destination that checks settings beyond what its schema can say.
pub trait CheckSettings: Destination {
    /// An empty list when the settings are good.
    fn check(settings: &Self::Settings) -> Vec<Problem>;
}

/// Exports a [`Destination`] from a component. `judge` and `check` after the type export
/// [`Judge`] and [`CheckSettings`] too:
///
/// ```ignore
/// hookwright_sdk::export_destination!(Telegram, judge, check);
/// ```
#[macro_export]
macro_rules! export_destination {
    ($plugin:ty $(, $extra:ident)*) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Export;

            impl $crate::bindings::metadata::Guest for Export {
                fn describe() -> $crate::bindings::metadata::Descriptor {
                    $crate::glue::to_wit(&<$plugin as $crate::Destination>::describe())
                }
            }
            $crate::bindings::metadata::export_metadata!(Export);

            impl $crate::bindings::transform::Guest for Export {
                fn transform(event: $crate::Event) -> Result<$crate::Decision, $crate::Failure> {
                    let host = $crate::glue::WasmHost;
                    let settings = $crate::Host::settings(&host);
                    let settings = $crate::glue::read(&settings)
                        .map_err(|problem| $crate::Failure::Misconfigured(problem.to_string()))?;
                    <$plugin as $crate::Destination>::transform(&event, &settings, &host)
                }
            }
            $crate::bindings::transform::export_transform!(Export);

            $($crate::export_destination!(@$extra $plugin);)*
        };
    };
    (@judge $plugin:ty) => {
        impl $crate::bindings::response::Guest for Export {
            fn judge(exchange: $crate::Exchange) -> $crate::Judgement {
                let host = $crate::glue::WasmHost;
                let settings = $crate::Host::settings(&host);
                match $crate::glue::read(&settings) {
                    Ok(settings) => {
                        <$plugin as $crate::Judge>::judge(&exchange, &settings, &host)
                    }
                    Err(problem) => $crate::Judgement::failed(problem.to_string()),
                }
            }
        }
        $crate::bindings::response::export_response!(Export);
    };
    (@check $plugin:ty) => {
        impl $crate::bindings::settings_check::Guest for Export {
            fn check(settings: String) -> Vec<$crate::Problem> {
                $crate::glue::problems(&settings, <$plugin as $crate::CheckSettings>::check)
            }
        }
        $crate::bindings::settings_check::export_settings_check!(Export);
    };
}
