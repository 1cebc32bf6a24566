//! The checked program: names resolved, types and overloads settled, holes listed.
//!
//! One [`Func`] per function instance (generic functions are specialised, so every type here is concrete). Functions
//! refer to each other by [`FuncId`] in a [`Library`](crate::vm::library::Library).

pub mod expr;
pub mod raise;

pub use expr::*;
