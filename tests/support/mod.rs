//! What several test programs share.
pub mod gen_ast;
pub mod gen_program;
