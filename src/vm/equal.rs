//! Equality and hashing of values.

use crate::vm::value::{Closure, Value};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Whether two values of the same type are equal: nums as `==` has it (nan is not equal to itself), objects by their own
/// notion, functions by identity.
pub fn equal(a: &Value, b: &Value) -> bool {
    let mut work: Vec<(&[Value], &[Value])> = Vec::new();
    if !equal_one(a, b, &mut work) {
        return false;
    }
    while let Some((xs, ys)) = work.pop() {
        if !xs.iter().zip(ys).all(|(x, y)| equal_one(x, y, &mut work)) {
            return false;
        }
    }
    true
}

/// Compares all but the items of lists and tuples, which are left in `work`.
fn equal_one<'v>(a: &'v Value, b: &'v Value, work: &mut Vec<(&'v [Value], &'v [Value])>) -> bool {
    match (a, b) {
        (Value::Unit, Value::Unit) => true,
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Num(x), Value::Num(y)) => x == y,
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Str(x), Value::Str(y)) => x == y,
        (Value::Range(x), Value::Range(y)) => x == y,
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => {
            if x.len() != y.len() {
                return false;
            }
            work.push((x, y));
            true
        }
        (Value::Fn(x), Value::Fn(y)) => Arc::ptr_eq(x, y) || same_plain_function(x, y),
        (Value::Obj(x), Value::Obj(y)) => Arc::ptr_eq(x, y) || x.same(&***y),
        _ => false,
    }
}

fn same_plain_function(x: &Closure, y: &Closure) -> bool {
    x.func == y.func && x.library == y.library && x.captures.is_empty() && y.captures.is_empty()
}

/// A hash that agrees for values that a program cannot tell apart: nums by their bits, with one zero and one nan.
pub fn hash_value<H: Hasher>(v: &Value, state: &mut H) {
    let mut stack = vec![v];
    while let Some(v) = stack.pop() {
        std::mem::discriminant(v).hash(state);
        match v {
            Value::Unit => {}
            Value::Int(i) => i.hash(state),
            Value::Num(x) => {
                let x = if *x == 0.0 {
                    0.0
                } else if x.is_nan() {
                    f64::NAN
                } else {
                    *x
                };
                x.to_bits().hash(state);
            }
            Value::Bool(b) => b.hash(state),
            Value::Str(s) => s.hash(state),
            Value::Range(r) => r.hash(state),
            Value::List(xs) | Value::Tuple(xs) => {
                xs.len().hash(state);
                stack.extend(xs.iter().rev());
            }
            Value::Fn(f) => {
                f.func.hash(state);
                f.library.hash(state);
            }
            Value::Obj(o) => {
                o.type_name().hash(state);
                o.fingerprint().hash(state);
            }
        }
    }
}
