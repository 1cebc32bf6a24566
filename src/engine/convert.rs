//! What both directions of conversion share: joining types, fitting a value to a type, errors with their path.

use crate::types::Type;
use crate::vm::value::{Typed, Value};
use std::fmt;
use std::sync::Arc;

/// Deepest nesting of converted data: enough for any record, and little enough for a small stack.
pub(super) const MAX_DEPTH: usize = 128;

/// A type not known yet, as that of the items of an empty list.
pub(super) const OPEN: Type = Type::Var(0);

/// A conversion that failed, with the way to the part that did.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvertError {
    /// Innermost part last; kept reversed while the error travels outwards.
    path: Vec<Part>,
    what: What,
    pub help: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Field(Arc<str>),
    Item(usize),
    Argument(usize),
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Kind { expected: String, found: String },
    Other(String),
}

impl ConvertError {
    pub fn kind(expected: impl Into<String>, found: impl Into<String>) -> ConvertError {
        let what = What::Kind { expected: expected.into(), found: found.into() };
        ConvertError { path: Vec::new(), what, help: None }
    }

    pub fn other(message: impl Into<String>) -> ConvertError {
        ConvertError { path: Vec::new(), what: What::Other(message.into()), help: None }
    }

    pub fn too_deep() -> ConvertError {
        ConvertError::other(format!("data nested more than {MAX_DEPTH} deep"))
    }

    /// The same error seen from the record that holds the part.
    pub fn in_field(mut self, name: &str) -> ConvertError {
        self.path.push(Part::Field(name.into()));
        self
    }

    /// The same error seen from the list or tuple that holds the part.
    pub fn in_item(mut self, i: usize) -> ConvertError {
        self.path.push(Part::Item(i));
        self
    }

    /// The same error seen from the call that was given the part, its arguments counted from 0.
    pub fn in_argument(mut self, i: usize) -> ConvertError {
        self.path.push(Part::Argument(i));
        self
    }

    pub fn help(mut self, text: &'static str) -> ConvertError {
        self.help = Some(text);
        self
    }

    /// `field `a[2].x` of argument 1`, or nothing at the outermost value.
    fn place(&self) -> Option<String> {
        let mut text = String::new();
        let (mut argument, mut field) = (None, false);
        for part in self.path.iter().rev() {
            match part {
                Part::Argument(i) => argument = Some(format!("argument {}", i + 1)),
                Part::Field(n) => {
                    field = true;
                    text.extend([if text.is_empty() { "" } else { "." }, n]);
                }
                Part::Item(i) => text.push_str(&format!("[{i}]")),
            }
        }
        let part = (!text.is_empty()).then(|| format!("{} `{text}`", if field { "field" } else { "item" }));
        match (part, argument) {
            (Some(p), Some(a)) => Some(format!("{p} of {a}")),
            (p, a) => p.or(a),
        }
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.what, self.place()) {
            (What::Kind { expected, found }, Some(at)) => write!(f, "expected {expected} for {at}, found {found}"),
            (What::Kind { expected, found }, None) => write!(f, "expected {expected}, found {found}"),
            (What::Other(m), Some(at)) => write!(f, "{m}, at {at}"),
            (What::Other(m), None) => f.write_str(m),
        }
    }
}

impl std::error::Error for ConvertError {}

impl serde::ser::Error for ConvertError {
    fn custom<T: fmt::Display>(msg: T) -> ConvertError {
        ConvertError::other(msg.to_string())
    }
}

impl serde::de::Error for ConvertError {
    fn custom<T: fmt::Display>(msg: T) -> ConvertError {
        ConvertError::other(msg.to_string())
    }

    fn missing_field(field: &'static str) -> ConvertError {
        ConvertError::other(format!("the record has no field `{field}`"))
    }
}

/// The one type that values of both types fit, if there is one: int widens to num, an empty list to any list.
pub(super) fn join(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        _ if a == b => a.clone(),
        (Type::Var(_), t) | (t, Type::Var(_)) => t.clone(),
        (Type::Int, Type::Num) | (Type::Num, Type::Int) => Type::Num,
        (Type::List(x), Type::List(y)) => Type::list(join(x, y)?),
        (Type::Tuple(xs), Type::Tuple(ys)) if xs.len() == ys.len() => {
            Type::tuple(xs.iter().zip(ys.iter()).map(|(x, y)| join(x, y)).collect::<Option<_>>()?)
        }
        (Type::Record(xs), Type::Record(ys)) if same_names(xs, ys) => Type::record(
            xs.iter().zip(ys.iter()).map(|(x, y)| Some((x.0.clone(), join(&x.1, &y.1)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

fn same_names<N: PartialEq, T>(xs: &[(N, T)], ys: &[(N, T)]) -> bool {
    xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| x.0 == y.0)
}

/// A value of type `from` as one of type `to`: ints widen, empty lists become lists of anything.
pub(super) fn fit(value: Value, from: &Type, to: &Type) -> Result<Value, ConvertError> {
    if from == to {
        return Ok(value);
    }
    match (value, from, to) {
        (Value::Int(i), Type::Int, Type::Num) => Ok(Value::Num(i as f64)),
        (Value::List(xs), Type::List(a), Type::List(b)) => {
            let items = xs.iter().enumerate().map(|(i, x)| fit(x.clone(), a, b).map_err(|e| e.in_item(i)));
            Ok(Value::list(items.collect::<Result<_, _>>()?))
        }
        (Value::Tuple(xs), Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            let parts = xs.iter().zip(a.iter().zip(b.iter())).enumerate();
            let parts = parts.map(|(i, (x, (a, b)))| fit(x.clone(), a, b).map_err(|e| e.in_item(i)));
            Ok(Value::tuple(parts.collect::<Result<_, _>>()?))
        }
        // Arrays come as tuples.
        (Value::Tuple(xs), Type::Tuple(a), Type::List(b)) => {
            let items = xs.iter().zip(a.iter()).enumerate();
            let items = items.map(|(i, (x, a))| fit(x.clone(), a, b).map_err(|e| e.in_item(i)));
            Ok(Value::list(items.collect::<Result<_, _>>()?))
        }
        (Value::Tuple(xs), Type::Record(a), Type::Record(b)) if same_names(a, b) => {
            let parts = xs.iter().zip(a.iter().zip(b.iter()));
            let parts = parts.map(|(x, (a, b))| fit(x.clone(), &a.1, &b.1).map_err(|e| e.in_field(&a.0)));
            Ok(Value::tuple(parts.collect::<Result<_, _>>()?))
        }
        _ => Err(ConvertError::kind(to.to_string(), name_of(from))),
    }
}

/// A type as named to a person.
pub(super) fn name_of(t: &Type) -> String {
    match t {
        Type::List(item) if is_open(item) => "an empty list".into(),
        _ => t.to_string(),
    }
}

/// Whether some part of the type is not known.
pub(super) fn is_open(t: &Type) -> bool {
    match t {
        Type::Var(_) => true,
        Type::List(t) => is_open(t),
        Type::Tuple(ts) => ts.iter().any(is_open),
        Type::Record(fs) => fs.iter().any(|f| is_open(&f.1)),
        Type::Fn(f) => f.params.iter().any(is_open) || is_open(&f.ret),
        _ => false,
    }
}

/// [`fit`] for a value with its type.
pub(super) fn fit_typed(t: Typed, to: &Type) -> Result<Typed, ConvertError> {
    Ok(Typed { value: fit(t.value, &t.ty, to)?, ty: to.clone() })
}
