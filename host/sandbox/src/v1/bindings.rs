//! Generated from `wit/1.0.0`.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit/1.0.0",
    // All that a plugin may export, in one world that no plugin has to fill: each exported
    // interface is looked for by itself.
    inline: "package hookwright:host;
        world everything {
            include hookwright:plugin/imports@1.0.0;
            export hookwright:plugin/metadata@1.0.0;
            export hookwright:plugin/transform@1.0.0;
            export hookwright:plugin/response@1.0.0;
            export hookwright:plugin/settings-check@1.0.0;
            export hookwright:plugin/parse@1.0.0;
        }",
    world: "hookwright:host/everything",
    imports: { default: trappable },
});
