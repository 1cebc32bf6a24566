//! Exact meaning: IR to bytecode ([`mod@compile`]), and the machine that runs it ([`machine`]).

pub mod arith;
pub mod code;
pub mod compile;
pub mod ctx;
pub mod equal;
pub mod error;
pub mod library;
pub mod limits;
pub mod machine;
pub mod show;
pub mod value;
pub mod walk;

pub use compile::{Options, compile};
pub use equal::{equal, hash_value};
pub use error::RunError;
pub use machine::{Machine, call, with_machine};
pub use show::show;
pub use walk::bytes;

#[cfg(test)]
pub(crate) mod build;
#[cfg(test)]
mod tests;
