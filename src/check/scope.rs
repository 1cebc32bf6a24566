//! Names in scope at the top level of a session or module.

use crate::ir::GlobalId;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;
use std::sync::Arc;

/// Index of a function definition in [`Defs`](super::defs::Defs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefId(pub u32);

/// What a top-level name means.
#[derive(Clone, Debug)]
pub enum Binding {
    /// A value.
    Global {
        /// Where it is kept.
        id: GlobalId,
        /// Its type.
        ty: Type,
        /// Declared with `var`.
        mutable: bool,
    },
    /// A function definition, perhaps generic.
    Def(DefId),
    /// An imported module.
    Module(Arc<Scope>),
    /// A `var` of this script's top level, which functions cannot see.
    Hidden(Span),
}

/// Names and what they mean. Cloning is cheap; clones share.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: imbl::HashMap<Name, Binding>,
}

impl Scope {
    /// What the name means here.
    pub fn get(&self, name: &str) -> Option<&Binding> {
        self.names.get(name)
    }

    /// Gives a name a meaning, in place of the one it had.
    pub fn bind(&mut self, name: Name, b: Binding) {
        self.names.insert(name, b);
    }

    /// Takes the meaning of a name away.
    pub fn unbind(&mut self, name: &str) {
        self.names.remove(name);
    }

    /// All names, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Binding)> {
        self.names.iter()
    }
}
