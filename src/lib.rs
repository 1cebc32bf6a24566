//! nsp: a small embeddable language for programs with holes.
pub mod diag;
pub mod source;
pub mod syntax;
