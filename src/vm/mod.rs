//! Exact meaning: IR to bytecode ([`code`]), and the machine that runs it.
pub mod code;
pub mod ctx;
pub mod library;
pub mod limits;
pub mod value;
