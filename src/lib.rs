//! nsp: a small embeddable language for programs with holes.
pub mod builtins;
pub mod check;
pub mod diag;
pub mod domain;
pub mod ir;
pub mod raster;
pub mod search;
pub mod session;
pub mod shape;
pub mod source;
pub mod syntax;
pub mod text;
pub mod types;
pub mod vm;
