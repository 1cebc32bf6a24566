//! Rust: a file of its own, with nothing but the standard library.
//!
//! A text or list that is only looked at is borrowed; every other value is owned, and cloned where it is used again.

mod body;
mod table;

use super::Program;
use super::helpers::Helpers;
use super::names::Names;
use crate::diag::Diagnostic;
use crate::ir::{Func, FuncId};
use std::fmt::Write;

#[cfg(test)]
pub(super) use table::OPS;

const HELPERS: &str = include_str!("parts/helpers.rs");

/// Words of the language.
const RESERVED: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield", "Ok", "Err", "Some", "None", "String", "Vec", "Pattern", "Edge", "main", "t", "bool", "str", "i64", "f64",
];

/// A file under way.
struct File<'a> {
    program: &'a Program<'a>,
    names: Names,
    /// Functions that are called, with their names here, in the order in which they were met.
    called: Vec<(FuncId, String)>,
}

/// The file with this function.
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    let helpers = Helpers::read(HELPERS, &["fn", "enum"]);
    let mut names = Names::new(RESERVED);
    helpers.names().into_iter().for_each(|n| drop(names.take(n)));
    let name = names.take(&func.name);
    let mut file = File { program, names, called: Vec::new() };
    let mut defs = vec![body::def(&mut file, func, &name, "pub ")?];
    let mut done = 0;
    while let Some((id, name)) = file.called.get(done).cloned() {
        done += 1;
        if let Some(entry) = program.library.get(id) {
            defs.push(body::def(&mut file, &entry.func, &name, "")?);
        }
    }
    let body = defs.join("\n");
    let mut out = format!("// Written by nsp {}.\n\n{body}", env!("CARGO_PKG_VERSION"));
    for helper in helpers.used(&body) {
        let _ = write!(out, "\n#[allow(dead_code)]\n{helper}\n");
    }
    Ok(out)
}

impl File<'_> {
    /// The name of a function that is called.
    fn function(&mut self, id: FuncId) -> String {
        if let Some((_, name)) = self.called.iter().find(|(f, _)| *f == id) {
            return name.clone();
        }
        let like = self.program.library.get(id).map_or("f".into(), |e| e.func.name.clone());
        let name = self.names.take(&like);
        self.called.push((id, name.clone()));
        name
    }
}
