//! What lies in `host/daemon/console`: part of the program, put together by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/console.rs"));
