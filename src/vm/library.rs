//! The functions of an engine: checked and compiled, shared by all sessions cloned from it.

use crate::ir::{Func, FuncId};
use crate::vm::code::Code;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

/// A function in both its forms.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Checked.
    pub func: Arc<Func>,
    /// Compiled; `None` while only declared.
    pub code: Option<Arc<Code>>,
}

/// Functions by [`FuncId`]; only ever grows, so that ids stay good in every clone of a session.
#[derive(Debug)]
pub struct Library {
    id: u64,
    entries: RwLock<Arc<Vec<Entry>>>,
}

impl Default for Library {
    fn default() -> Library {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Library { id: NEXT.fetch_add(1, Ordering::Relaxed), entries: RwLock::default() }
    }
}

impl Library {
    /// Tells libraries apart.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// All functions as they are now.
    pub fn snapshot(&self) -> Arc<Vec<Entry>> {
        self.entries.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.snapshot().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The function with this id.
    pub fn get(&self, id: FuncId) -> Option<Entry> {
        self.snapshot().get(id.0 as usize).cloned()
    }

    /// A new id for a function that is being made, so that functions may refer to each other.
    pub fn reserve(&self) -> FuncId {
        let mut guard = self.entries.write().unwrap_or_else(|e| e.into_inner());
        Arc::make_mut(&mut guard).push(Entry { func: Arc::new(Func::placeholder()), code: None });
        FuncId(guard.len() as u32 - 1)
    }

    /// Gives a reserved id its function.
    pub fn define(&self, id: FuncId, func: Arc<Func>, code: Arc<Code>) {
        let mut guard = self.entries.write().unwrap_or_else(|e| e.into_inner());
        if let Some(entry) = Arc::make_mut(&mut guard).get_mut(id.0 as usize) {
            *entry = Entry { func, code: Some(code) };
        }
    }

    /// Forgets all functions from `len` on. Only for a sole owner that knows nothing refers to them.
    pub fn truncate(&self, len: usize) {
        let mut guard = self.entries.write().unwrap_or_else(|e| e.into_inner());
        Arc::make_mut(&mut guard).truncate(len);
    }
}
