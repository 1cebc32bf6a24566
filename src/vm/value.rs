//! Values at the edges of the machine: in lists, in a session's scope, in and out of host functions.

use crate::ir::FuncId;
use crate::types::Type;
use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A value. 16 bytes; cloning shares.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `()`
    #[default]
    Unit,
    /// An int.
    Int(i64),
    /// A num.
    Num(f64),
    /// A bool.
    Bool(bool),
    /// A str. `Arc<String>` so that a sole owner may append in place.
    Str(Arc<String>),
    /// `lo..hi`, the end not included
    Range(Arc<(i64, i64)>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A tuple, or a record's values in the order of its sorted field names.
    Tuple(Arc<Vec<Value>>),
    /// A function value.
    Fn(Arc<Closure>),
    /// A value of a type known by name: image, shape, token, a host's own.
    Obj(Arc<Box<dyn Object>>),
}

/// A function value.
#[derive(Debug)]
pub struct Closure {
    /// Which function, in the library of the engine that made it.
    pub func: FuncId,
    /// Which library ([`Library::id`](crate::vm::library::Library)).
    pub library: u64,
    /// Captured values.
    pub captures: Vec<Value>,
    /// What made it, if a synthesizer did.
    pub origin: Option<Arc<Origin>>,
}

/// What a synthesizer says of a program that it made.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Method, evidence, cost: shown as a comment.
    pub made: String,
    /// What it could not be sure of.
    pub doubt: Option<Doubt>,
}

/// A row on which programs differ that all agree with the examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doubt {
    /// The row, as source text.
    pub row: String,
    /// What the program chosen gives there.
    pub answer: String,
    /// What others give, and their source.
    pub others: Vec<(String, String)>,
}

impl Doubt {
    /// What to ask the person who knows.
    pub fn question(&self) -> String {
        let mut outputs: Vec<&str> = vec![&self.answer];
        outputs.extend(self.others.iter().map(|(o, _)| o.as_str()));
        format!("what should {} become: {}?", self.row, outputs.join(" or "))
    }
}

/// Pointers already counted by a walk over shared data.
pub type Seen = HashSet<usize>;

/// A value of a type that the core knows only by name.
pub trait Object: Any + Send + Sync + fmt::Debug {
    /// The type's name, as in [`Type::Con`].
    fn type_name(&self) -> &str;
    /// As shown to a person; source text where there is one. Must not recurse deeply.
    fn show(&self) -> String;
    /// Whether two values of this type are equal.
    fn same(&self, other: &dyn Object) -> bool;
    /// Bytes of memory held; data whose pointer is in `seen` already counts nothing.
    fn bytes(&self, seen: &mut Seen) -> usize;
    /// A number that is the same for values that are [`same`](Object::same), for hashing.
    fn fingerprint(&self) -> u64 {
        0
    }
    /// For downcasts.
    fn as_any(&self) -> &dyn Any;
}

impl Value {
    /// A str.
    pub fn str(s: impl Into<String>) -> Value {
        Value::Str(Arc::new(s.into()))
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Arc::new(items))
    }

    /// A value of a type known by name.
    pub fn obj(o: impl Object) -> Value {
        Value::Obj(Arc::new(Box::new(o)))
    }

    /// The object inside, if it is a `T`.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Obj(o) => o.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// A word for its kind, for messages of hosts: `int`, `list`, `function`, ..
    pub fn kind(&self) -> &str {
        match self {
            Value::Unit => "unit",
            Value::Int(_) => "int",
            Value::Num(_) => "num",
            Value::Bool(_) => "bool",
            Value::Str(_) => "str",
            Value::Range(_) => "range",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Fn(_) => "function",
            Value::Obj(o) => o.type_name(),
        }
    }
}

/// A value with its type: what a session's scope holds and an evaluation returns.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The value.
    pub value: Value,
    /// Its type (needed to show a record's field names).
    pub ty: Type,
}
