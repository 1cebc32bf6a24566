//! Types of the language.

use crate::syntax::ast::Name;
use std::fmt;
use std::sync::Arc;

/// A type. Cloning is cheap; parts are shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `unit`, the type of `()` and of statements
    Unit,
    /// 64-bit integer
    Int,
    /// 64-bit float; angles too, in radians
    Num,
    /// `true`, `false`
    Bool,
    /// Unicode text
    Str,
    /// `lo..hi`
    Range,
    /// `[T]`
    List(Arc<Type>),
    /// `(A, B)`
    Tuple(Arc<[Type]>),
    /// `(x: A, y: B)`, fields sorted by name
    Record(Arc<[(Name, Type)]>),
    /// `fn(A, B) -> C`
    Fn(Arc<FnType>),
    /// A type known by its name alone: `image`, `shape2`, `token`, a host's own.
    Con(Name),
    /// A type variable: to be found while checking, or quantified in a signature.
    Var(u32),
}

/// Parameters and result of a function type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FnType {
    /// Parameter types.
    pub params: Vec<Type>,
    /// Result type.
    pub ret: Type,
}

impl Type {
    /// `[elem]`
    pub fn list(elem: Type) -> Type {
        Type::List(Arc::new(elem))
    }

    /// `(a, b, ..)`
    pub fn tuple(parts: Vec<Type>) -> Type {
        Type::Tuple(parts.into())
    }

    /// A record; sorts the fields by name.
    pub fn record(mut fields: Vec<(Name, Type)>) -> Type {
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Type::Record(fields.into())
    }

    /// `fn(params) -> ret`
    pub fn func(params: Vec<Type>, ret: Type) -> Type {
        Type::Fn(Arc::new(FnType { params, ret }))
    }

    /// A type known by its name.
    pub fn con(name: &str) -> Type {
        Type::Con(name.into())
    }

    /// Whether values of this type live in the machine's bank of plain 64-bit words (int, num, bool, unit) rather
    /// than in its bank of [`Value`](crate::vm::value::Value)s.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Type::Unit | Type::Int | Type::Num | Type::Bool)
    }
}

impl fmt::Display for Type {
    /// As written in source; variables print as `A`, `B`, ..
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unit => f.write_str("unit"),
            Type::Int => f.write_str("int"),
            Type::Num => f.write_str("num"),
            Type::Bool => f.write_str("bool"),
            Type::Str => f.write_str("str"),
            Type::Range => f.write_str("range"),
            Type::List(t) => write!(f, "[{t}]"),
            Type::Tuple(ts) => {
                f.write_str("(")?;
                for (i, t) in ts.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{t}")?;
                }
                f.write_str(if ts.len() == 1 { ",)" } else { ")" })
            }
            Type::Record(fs) => {
                f.write_str("(")?;
                for (i, (n, t)) in fs.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{n}: {t}")?;
                }
                f.write_str(")")
            }
            Type::Fn(ft) => {
                f.write_str("fn(")?;
                for (i, t) in ft.params.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{t}")?;
                }
                write!(f, ") -> {}", ft.ret)
            }
            Type::Con(n) => f.write_str(n),
            Type::Var(n) => {
                let letter = char::from(b'A' + (n % 26) as u8);
                if *n < 26 { write!(f, "{letter}") } else { write!(f, "{letter}{}", n / 26) }
            }
        }
    }
}
