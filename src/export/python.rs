//! Python: a module of its own, with nothing but the standard library.
//!
//! Values: str, int, float and bool are themselves; a list is a list that nobody changes, a tuple or range a tuple, a
//! token class a compiled pattern, a case a function, a boundary 0 or 1, an edge a tuple for `_find`.

mod body;
mod table;

use super::Program;
use super::helpers::Helpers;
use super::names::Names;
use crate::diag::Diagnostic;
use crate::ir::{Func, FuncId, Kind};
use std::fmt::Write;

#[cfg(test)]
pub(super) use table::OPS;

const HELPERS: &str = include_str!("parts/helpers.py");

/// Words of the language, and names that templates use.
const RESERVED: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "math",
    "re",
    "Fail",
    "abs",
    "bool",
    "enumerate",
    "float",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "ord",
    "range",
    "reversed",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
    "repr",
    "chr",
    "match",
    "case",
    "type",
    "print",
    "set",
    "dict",
    "t",
];

/// A module under way.
struct Module<'a> {
    program: &'a Program<'a>,
    names: Names,
    /// Functions that are called, with their names here, in the order in which they were met.
    called: Vec<(FuncId, String)>,
}

/// The module with this function.
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    let mut names = Names::new(RESERVED);
    let name = names.take(&func.name);
    let mut module = Module { program, names, called: Vec::new() };
    let mut defs = vec![module.def(func, &name)?];
    let mut done = 0;
    while let Some((id, name)) = module.called.get(done).cloned() {
        done += 1;
        if let Some(entry) = program.library.get(id) {
            defs.push(module.def(&entry.func, &name)?);
        }
    }
    // What is called stands before what calls it.
    defs.reverse();
    let body = defs.join("\n\n");
    let helpers = Helpers::read(HELPERS, &["def", "class"]);
    let used: String = helpers.used(&body).iter().map(|h| format!("{h}\n\n")).collect();
    let used = if used.contains("@LETTERS@") { used.replace("@LETTERS@", &letters()) } else { used };
    let mut out = String::new();
    let _ = writeln!(out, "\"\"\"Written by nsp {}.\"\"\"", env!("CARGO_PKG_VERSION"));
    for module in ["math", "re"] {
        if used.contains(&format!("{module}.")) || body.contains(&format!("{module}.")) {
            let _ = writeln!(out, "import {module}");
        }
    }
    Ok(out + "\n" + &used + "\n" + &body)
}

impl Module<'_> {
    fn def(&mut self, func: &Func, name: &str) -> Result<String, Diagnostic> {
        let (params, lines) = body::lines(self, func)?;
        let mut out = format!("def {name}({}):\n", params.join(", "));
        if let Some(doc) = &func.doc {
            let doc = doc.replace('\\', "\\\\").replace('"', "'");
            let _ = writeln!(out, "    \"\"\"{doc}\"\"\"", doc = doc.replace('\n', "\n    "));
        }
        for line in lines {
            let _ = writeln!(out, "    {line}");
        }
        Ok(out)
    }

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

/// A text as a literal.
fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The letters of all alphabets as the inside of a character class: Python's own idea of letters is another one.
fn letters() -> String {
    let mut out = String::new();
    let mut start = None;
    for n in 0..=0x11_0000_u32 {
        let letter = char::from_u32(n).is_some_and(char::is_alphabetic);
        match (start, letter) {
            (None, true) => start = Some(n),
            (Some(from), false) => {
                let mut one = |n: u32| match n {
                    0..=0x7f => out.push(char::from(n as u8)),
                    0x80..=0xffff => drop(write!(out, "\\u{n:04x}")),
                    _ => drop(write!(out, "\\U{n:08x}")),
                };
                one(from);
                if n > from + 1 {
                    one(u32::from(b'-'));
                    one(n - 1);
                }
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// Whether it does not matter when a node is evaluated.
fn is_plain(kind: &Kind) -> bool {
    matches!(kind, Kind::Int(_) | Kind::Bool(_) | Kind::Str(_) | Kind::Unit)
}
