//! Events that the host makes itself, for one subscription: nobody subscribes to them, and no
//! source can send them.

/// The type of the event with which the host tries out a subscription: about a ticket that does
/// not exist. Its id, 12345, can be that of another one at the receiver.
pub const TEST: &str = "subscription.test";

/// The type of the event with which the host asks who owns an address.
pub const VERIFY_REQUESTED: &str = "subscription.verify_requested";
