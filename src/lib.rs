//! nsp: a small embeddable language for programs with holes.
pub mod builtins;
pub mod check;
#[cfg(feature = "shell")]
pub mod cli;
pub mod data;
pub mod diag;
pub mod domain;
pub mod engine;
pub mod ir;
pub mod raster;
pub mod search;
pub mod session;
pub mod shape;
#[cfg(feature = "shell")]
pub mod shell;
pub mod source;
pub mod syntax;
pub mod synth;
pub mod text;
pub mod types;
pub mod vm;

pub use engine::{Bound, Engine, Error, ErrorKind, Function, HostType, Program};
pub use session::Session;
pub use vm::limits::{Cancel, Limits};
pub use vm::value::{Typed, Value};
