//! Functions written in other languages: Python, Rust, SQL, regular expressions, and the expression tree as JSON.
//!
//! What is written means exactly what the function means, failures included; what cannot be said in a language is refused
//! with its place. Each target is a walk over the checked form ([`crate::ir`]) and, where it has operations, a table from
//! the operation's key (`get_token(str, token, int)`) to a template. Helper functions stand in a file of the target's own language (`parts/`) and come
//! along when something uses them. To export an operation more, add a line to the table of each target that has it.
//!
//! ```
//! use nsp::export::{Target, export};
//! let mut session = nsp::Session::default();
//! let checked = session.check("<doc>", "fn shout(s: str) -> str { upper(s) + \"!\" }").unwrap();
//! let env = session.env();
//! let func = env.library.get(checked.functions[0].1).unwrap().func;
//! let sql = export(&func, &env.ops, &env.library, Target::Json).unwrap();
//! assert!(sql.contains("\"op\": \"upper\""));
//! ```

mod helpers;
mod json;
mod names;
mod python;
mod regex;
mod rust;
mod sql;
mod table;

use crate::builtins::OpTable;
use crate::diag::Diagnostic;
use crate::ir::{Func, OpId};
use crate::source::Span;
use crate::types::Type;
use crate::vm::library::Library;

/// A function cannot be written in the language.
pub const NOT_EXPORTED: &str = "E0801";

/// Languages to export to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module of Python 3 with a function of the same name. It raises an exception where the function fails.
    Python,
    /// An expression of SQLite over columns with the names of the parameters. It is NULL where the function fails.
    Sql,
    /// A pattern and a replacement, for Python's `re` and for the `regex` crate, as JSON. The pattern matches a whole text,
    /// and none for which the function fails.
    Regex,
    /// A file of Rust with a `pub fn` of the same name that gives a `Result`.
    Rust,
    /// The checked expression tree.
    Json,
}

impl Target {
    /// All targets.
    pub const ALL: [Target; 5] = [Target::Python, Target::Sql, Target::Regex, Target::Rust, Target::Json];

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Target::Python => "Python",
            Target::Sql => "SQL",
            Target::Regex => "a regular expression",
            Target::Rust => "Rust",
            Target::Json => "JSON",
        }
    }
}

/// Writes a function, with the functions that it calls, in another language.
///
/// # Errors
/// What of the function cannot be said there, with its place.
pub fn export(func: &Func, ops: &OpTable, library: &Library, target: Target) -> Result<String, Diagnostic> {
    if let Some(hole) = func.holes.first() {
        return Err(Diagnostic::new("E0404", hole.span, "the function has a hole that is not filled")
            .help("`fill` finds programs for holes"));
    }
    let program = Program { ops, library, target };
    match target {
        Target::Python => python::write(&program, func),
        Target::Sql => sql::write(&program, func),
        Target::Regex => regex::write(&program, func),
        Target::Rust => rust::write(&program, func),
        Target::Json => json::write(&program, func),
    }
}

/// What all targets need to know.
struct Program<'a> {
    ops: &'a OpTable,
    library: &'a Library,
    target: Target,
}

impl Program<'_> {
    /// What is refused, and where.
    fn refuse(&self, span: Span, what: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::new(NOT_EXPORTED, span, format!("{what} cannot be exported to {}", self.target.name()))
    }

    /// An operation that no table has.
    fn refuse_op(&self, span: Span, op: OpId) -> Diagnostic {
        self.refuse(span, format!("`{}`", self.key(op)))
    }

    /// An operation with the types of its parameters, as the tables name it: `get_token(str, token, int)`. A constant has
    /// its type: `NUMBER -> token`.
    fn key(&self, op: OpId) -> String {
        let name = &self.ops.get(op).name;
        match self.ops.sig(op) {
            Ok(sig) if sig.constant => format!("{name} -> {}", ty(&sig.ret)),
            Ok(sig) => {
                let params: Vec<String> = sig.params.iter().map(|p| ty(&p.ty)).collect();
                format!("{name}({})", params.join(", "))
            }
            Err(_) => name.to_string(),
        }
    }
}

/// A type as the tables write it.
fn ty(t: &Type) -> String {
    match t {
        Type::Var(n) => char::from(b'A' + (*n % 26) as u8).to_string(),
        Type::List(t) => format!("[{}]", ty(t)),
        Type::Tuple(ts) => format!("({})", ts.iter().map(ty).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::OpId;
    use std::collections::HashSet;

    /// A line that no operation matches is a slip, or an operation that is no more.
    #[test]
    fn tables_name_operations() {
        let (ops, library) = (OpTable::standard(), Library::default());
        let program = Program { ops: &ops, library: &library, target: Target::Python };
        let known: HashSet<String> = (0..ops.iter().count()).map(|i| program.key(OpId(i as u32))).collect();
        for table in [python::OPS, rust::OPS, sql::OPS] {
            for (key, _) in table {
                assert!(known.contains(key.trim_end_matches('!')), "{key}");
            }
        }
        // What Python has, Rust has.
        let keys = |t: &[table::Line]| t.iter().map(|(k, _)| *k).collect::<HashSet<_>>();
        assert_eq!(keys(python::OPS), keys(rust::OPS));
    }
}
