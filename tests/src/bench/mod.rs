//! Measuring: a load, a receiver that costs little, and a bare relay as the yardstick. Each runs
//! in a process of its own, so that they share the machine as they would in use.

pub mod load;
pub mod peers;
