//! Function definitions: kept as syntax, inferred once, specialised for each set of types they are used at.

use super::pending::Pending;
use super::scope::{DefId, Scope};
use crate::ir::FuncId;
use crate::source::Span;
use crate::syntax::ast::{Ast, FnExpr, Name};
use crate::types::Type;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

/// A function as written.
#[derive(Debug)]
pub struct Def {
    /// Its name.
    pub name: Name,
    /// Where its name stands.
    pub span: Span,
    /// Its doc comment.
    pub doc: Option<Name>,
    /// The text it belongs to.
    pub ast: Arc<Ast>,
    /// Parameters, result, body.
    pub fun: FnExpr,
    /// What its body can see.
    pub scope: RwLock<Scope>,
    /// Its most general type, once known.
    pub scheme: Mutex<Option<Arc<Scheme>>>,
    /// Its specialisations, by the types of the scheme's variables.
    pub instances: Mutex<HashMap<Vec<Type>, FuncId>>,
}

/// A function's most general type: variables, constraints on them, parameter and result types.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// The quantified variables, and whether each can only be a number.
    pub vars: Vec<(u32, bool)>,
    /// Parameter types.
    pub params: Vec<Type>,
    /// Result type.
    pub ret: Type,
    /// What use must satisfy: overloads and fields that depend on the variables.
    pub constraints: Vec<Pending>,
}

/// Definitions of an engine, shared by all sessions cloned from it; only ever grows.
#[derive(Debug, Default)]
pub struct Defs {
    all: RwLock<Vec<Arc<Def>>>,
}

impl Defs {
    /// Adds a definition.
    pub fn add(&self, def: Def) -> DefId {
        let mut all = self.all.write().unwrap_or_else(|e| e.into_inner());
        all.push(Arc::new(def));
        DefId(all.len() as u32 - 1)
    }

    /// The definition with this id.
    pub fn get(&self, id: DefId) -> Arc<Def> {
        self.all.read().unwrap_or_else(|e| e.into_inner())[id.0 as usize].clone()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.read().unwrap_or_else(|e| e.into_inner()).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets the specialisations whose function's id is `from` or later.
    pub fn forget_instances(&self, from: usize) {
        for def in self.all.read().unwrap_or_else(|e| e.into_inner()).iter() {
            lock(&def.instances).retain(|_, f| (f.0 as usize) < from);
        }
    }

    /// Forgets all from `len` on; only for a sole owner that knows nothing refers to them.
    pub fn truncate(&self, len: usize) {
        self.all.write().unwrap_or_else(|e| e.into_inner()).truncate(len);
    }
}

/// A lock's content, whether or not a holder panicked.
pub fn lock<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}
