//! Text to [`ast`] and back: tokens (logos), newlines, grammar (lalrpop), printer.
pub mod ast;
