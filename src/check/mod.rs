//! Syntax to IR: names, types, overloads and holes.
//!
//! [`module`] goes through a file's or line's statements; [`infer`](self), in one pass over each body, makes IR nodes
//! with type variables ([`unify`]); what cannot be decided yet waits in [`pending`]; generic functions keep their
//! syntax ([`defs`]) and are made once for each set of types they are used at.

mod call;
pub mod defs;
mod expr;
mod finish;
mod generic;
mod infer;
pub mod module;
pub mod pending;
pub mod scope;
pub mod unify;

use crate::builtins::OpTable;
use crate::builtins::sig::Sig;
use crate::diag::Diagnostic;
use crate::ir::{Func, FuncId, OpId};
use crate::suggest;
use crate::types::Type;
use crate::vm::library::Library;
use defs::Defs;
use scope::{DefId, Scope};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// More errors than this are not collected.
const MAX_ERRORS: usize = 50;

/// The name of a top level's function; not one that a program can write.
pub const MAIN: &str = "<main>";

/// Reads the files that programs import.
pub trait Loader {
    /// The text at `path`, as imported from the file `from`, added to the session's texts: its key (the same for every
    /// path to the same file), its number and content.
    fn load(&mut self, path: &str, from: crate::source::FileId) -> Result<Loaded, crate::vm::limits::Fail>;
}

/// A loaded module's text.
pub struct Loaded {
    /// The same for every path to the same file.
    pub key: String,
    /// Its number among the session's texts.
    pub file: crate::source::FileId,
    /// Its content.
    pub text: String,
}

/// Checks one step: a line, a script, with all modules that it imports.
pub struct Checker {
    /// Operations.
    pub ops: Arc<OpTable>,
    /// Definitions.
    pub defs: Arc<Defs>,
    /// Where made functions go.
    pub library: Arc<Library>,
    /// Errors so far.
    pub errors: Vec<Diagnostic>,
    /// Modules imported so far, by key.
    pub modules: HashMap<String, Arc<Scope>>,
    /// The next free global.
    pub next_global: u32,
    /// Names visible in every module.
    pub prelude: Scope,
    importing: Vec<String>,
    active: Vec<(DefId, Vec<Type>, Type)>,
    failed: HashSet<DefId>,
    local_instances: HashMap<(DefId, Vec<Type>), FuncId>,
    queue: VecDeque<(DefId, Vec<Type>, FuncId)>,
    made: Vec<(FuncId, Func)>,
}

impl Checker {
    /// A checker for one step.
    pub fn new(ops: Arc<OpTable>, defs: Arc<Defs>, library: Arc<Library>, prelude: Scope, next_global: u32) -> Checker {
        Checker {
            ops,
            defs,
            library,
            errors: Vec::new(),
            modules: HashMap::new(),
            next_global,
            prelude,
            importing: Vec::new(),
            active: Vec::new(),
            failed: HashSet::new(),
            local_instances: HashMap::new(),
            queue: VecDeque::new(),
            made: Vec::new(),
        }
    }

    /// Whether no more errors are collected.
    fn is_full(&self) -> bool {
        self.errors.len() >= MAX_ERRORS
    }

    fn error(&mut self, d: Diagnostic) {
        if !self.is_full() && !self.errors.contains(&d) {
            self.errors.push(d);
        }
    }

    fn sig(&mut self, id: OpId) -> Option<Arc<Sig>> {
        self.ops.sig(id).ok()
    }

    fn in_main(&self, name: &str) -> bool {
        name == MAIN
    }

    /// Makes every function that was asked for and takes them out, to be compiled. `None` if there were errors.
    pub fn take_functions(&mut self) -> Option<Vec<(FuncId, Func)>> {
        if self.errors.is_empty() {
            self.drain();
        }
        if !self.errors.is_empty() {
            return None;
        }
        Some(std::mem::take(&mut self.made))
    }

    /// Lets later steps use the specialisations made in this one. Only after all were compiled.
    pub fn commit(&mut self) {
        for ((def, key), f) in self.local_instances.drain() {
            defs::lock(&self.defs.get(def).instances).insert(key, f);
        }
    }
}
