//! Workers that are killed while they answer: another one goes on, nothing that was finished is done
//! again, and subscribers see each event once.

mod boundaries;
mod failures;
pub(crate) mod fleet;
mod messages;
mod model;
mod proxy;
mod random;
pub(crate) mod script;
mod standstill;
mod tails;
