//! Rust arguments and results of builtins: [`FromArg`], [`IntoValue`] and the [`native!`](crate::native) macro.

use crate::vm::limits::Fail;
use crate::vm::value::{Object, Value};
use std::sync::Arc;

/// A Rust type that an argument can be read as.
pub trait FromArg<'a>: Sized {
    /// Reads it. The checker has seen to the type, so an error here is an error of the operation's signature.
    fn from_arg(v: &'a Value) -> Result<Self, Fail>;
}

fn wrong(v: &Value, want: &str) -> Fail {
    Fail::new("E0400", format!("expected {want}, found {}", v.kind()))
}

impl<'a> FromArg<'a> for i64 {
    fn from_arg(v: &'a Value) -> Result<i64, Fail> {
        if let Value::Int(i) = v { Ok(*i) } else { Err(wrong(v, "int")) }
    }
}

impl<'a> FromArg<'a> for f64 {
    fn from_arg(v: &'a Value) -> Result<f64, Fail> {
        match v {
            Value::Num(x) => Ok(*x),
            Value::Int(i) => Ok(*i as f64),
            _ => Err(wrong(v, "num")),
        }
    }
}

impl<'a> FromArg<'a> for bool {
    fn from_arg(v: &'a Value) -> Result<bool, Fail> {
        if let Value::Bool(b) = v { Ok(*b) } else { Err(wrong(v, "bool")) }
    }
}

impl<'a> FromArg<'a> for &'a str {
    fn from_arg(v: &'a Value) -> Result<&'a str, Fail> {
        if let Value::Str(s) = v { Ok(s) } else { Err(wrong(v, "str")) }
    }
}

impl<'a> FromArg<'a> for &'a [Value] {
    fn from_arg(v: &'a Value) -> Result<&'a [Value], Fail> {
        match v {
            Value::List(xs) | Value::Tuple(xs) => Ok(xs),
            _ => Err(wrong(v, "list")),
        }
    }
}

impl<'a> FromArg<'a> for (i64, i64) {
    fn from_arg(v: &'a Value) -> Result<(i64, i64), Fail> {
        if let Value::Range(r) = v { Ok(**r) } else { Err(wrong(v, "range")) }
    }
}

impl<'a> FromArg<'a> for &'a Value {
    fn from_arg(v: &'a Value) -> Result<&'a Value, Fail> {
        Ok(v)
    }
}

impl<'a, T: FromArg<'a>> FromArg<'a> for Vec<T> {
    fn from_arg(v: &'a Value) -> Result<Vec<T>, Fail> {
        <&[Value]>::from_arg(v)?.iter().map(T::from_arg).collect()
    }
}

impl<'a, T: Object> FromArg<'a> for &'a T {
    fn from_arg(v: &'a Value) -> Result<&'a T, Fail> {
        v.downcast().ok_or_else(|| wrong(v, std::any::type_name::<T>()))
    }
}

/// A Rust type that a result can be made from.
pub trait IntoValue {
    /// Makes the value.
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for () {
    fn into_value(self) -> Value {
        Value::Unit
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> Value {
        Value::Int(self)
    }
}

impl IntoValue for f64 {
    fn into_value(self) -> Value {
        Value::Num(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Str(Arc::new(self))
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::str(self)
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::list(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: Object> IntoValue for T {
    fn into_value(self) -> Value {
        Value::obj(self)
    }
}

/// A builtin's body with typed arguments, as an [`Exact`](crate::builtins::Exact):
/// `native!(|s: &str, i: i64| -> String { .. })`, where the block's value is the result;
/// `native!(try |cx; s: &str| -> String { .. })` names the context and lets the block give a `Result<_, Fail>`.
#[macro_export]
macro_rules! native {
    (try |$cx:ident; $($a:ident : $t:ty),*| -> $r:ty $body:block) => {
        $crate::builtins::native(
            #[allow(unused_variables, unused_mut, unused_assignments)]
            move |$cx: &mut $crate::vm::ctx::Ctx<'_>, args: &mut [$crate::vm::value::Value]| {
                let mut rest = &*args;
                $(
                    let (first, tail) =
                        rest.split_first().ok_or_else(|| $crate::vm::limits::Fail::from("too few arguments"))?;
                    let $a: $t = $crate::builtins::convert::FromArg::from_arg(first)?;
                    rest = tail;
                )*
                let mut body = || -> Result<$r, $crate::vm::limits::Fail> { $body };
                Ok($crate::builtins::convert::IntoValue::into_value(body()?))
            },
        )
    };
    (try |$($a:ident : $t:ty),*| -> $r:ty $body:block) => { $crate::native!(try |_cx; $($a: $t),*| -> $r $body) };
    (|$($a:ident : $t:ty),*| -> $r:ty $body:block) => { $crate::native!(try |_cx; $($a: $t),*| -> $r { Ok($body) }) };
}
