//! nsp: a small embeddable language for programs with holes.
pub mod builtins;
pub mod data;
pub mod diag;
pub mod ir;
pub mod shape;
pub mod source;
pub mod syntax;
pub mod text;
pub mod types;
pub mod vm;
