//! Generated from `wit/`. One module per thing a plugin can export, so that a plugin
//! exports exactly what it implements; all of them share one set of types.

#![allow(missing_docs, clippy::all)]

/// The types and what every plugin may import.
pub mod imports {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-imports {
            include hookwright:plugin/imports@1.0.0;
            import hookwright:plugin/types@1.0.0;
        }",
        world: "hookwright:sdk/sdk-imports",
        additional_derives: [PartialEq, Eq],
        generate_all,
    });
}

/// `describe`, which every plugin exports.
pub mod metadata {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-metadata { export hookwright:plugin/metadata@1.0.0; }",
        world: "hookwright:sdk/sdk-metadata",
        pub_export_macro: true,
        export_macro_name: "export_metadata",
        default_bindings_module: "hookwright_sdk::bindings::metadata",
        additional_derives: [PartialEq, Eq],
    });
    pub use exports::hookwright::plugin::metadata::*;
}

/// What makes a destination.
pub mod transform {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-transform { export hookwright:plugin/transform@1.0.0; }",
        world: "hookwright:sdk/sdk-transform",
        pub_export_macro: true,
        export_macro_name: "export_transform",
        default_bindings_module: "hookwright_sdk::bindings::transform",
        additional_derives: [PartialEq, Eq],
        with: {
            "hookwright:plugin/types@1.0.0": crate::bindings::imports::hookwright::plugin::types,
        },
    });
    pub use exports::hookwright::plugin::transform::*;
}

/// Reading the receiver's answer.
pub mod response {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-response { export hookwright:plugin/response@1.0.0; }",
        world: "hookwright:sdk/sdk-response",
        pub_export_macro: true,
        export_macro_name: "export_response",
        default_bindings_module: "hookwright_sdk::bindings::response",
        additional_derives: [PartialEq, Eq],
        with: {
            "hookwright:plugin/types@1.0.0": crate::bindings::imports::hookwright::plugin::types,
        },
    });
    pub use exports::hookwright::plugin::response::*;
}

/// Checking settings.
pub mod settings_check {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-settings-check { export hookwright:plugin/settings-check@1.0.0; }",
        world: "hookwright:sdk/sdk-settings-check",
        pub_export_macro: true,
        export_macro_name: "export_settings_check",
        default_bindings_module: "hookwright_sdk::bindings::settings_check",
        additional_derives: [PartialEq, Eq],
        with: {
            "hookwright:plugin/types@1.0.0": crate::bindings::imports::hookwright::plugin::types,
        },
    });
    pub use exports::hookwright::plugin::settings_check::*;
}

/// What makes a source.
pub mod parse {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        inline: "package hookwright:sdk; world sdk-parse { export hookwright:plugin/parse@1.0.0; }",
        world: "hookwright:sdk/sdk-parse",
        pub_export_macro: true,
        export_macro_name: "export_parse",
        default_bindings_module: "hookwright_sdk::bindings::parse",
        additional_derives: [PartialEq, Eq],
        with: {
            "hookwright:plugin/types@1.0.0": crate::bindings::imports::hookwright::plugin::types,
        },
    });
    pub use exports::hookwright::plugin::parse::*;
}
