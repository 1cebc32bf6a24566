//! The memory that values hold, and dropping them without recursion.

use crate::vm::value::{Closure, Seen, Value};
use std::sync::Arc;

/// Counts of an `Arc` before its content.
const COUNTS: usize = 16;
/// Size of a `Value`.
const SLOT: usize = size_of::<Value>();

/// Bytes held by a value; data already in `seen` counts nothing.
pub fn bytes(v: &Value, seen: &mut Seen) -> usize {
    bytes_all(std::slice::from_ref(v), seen)
}

/// Bytes held by all these values.
pub fn bytes_all(values: &[Value], seen: &mut Seen) -> usize {
    let mut sum = 0usize;
    let mut stack: Vec<std::slice::Iter<'_, Value>> = vec![values.iter()];
    while let Some(top) = stack.last_mut() {
        let Some(v) = top.next() else {
            stack.pop();
            continue;
        };
        match v {
            Value::Unit | Value::Int(_) | Value::Num(_) | Value::Bool(_) => {}
            Value::Str(s) => {
                if first_time(s, seen) {
                    sum += COUNTS + size_of::<String>() + s.capacity();
                }
            }
            Value::Range(_) => sum += COUNTS + 16,
            Value::List(xs) => {
                if first_time(xs, seen) {
                    sum += COUNTS + size_of::<Vec<Value>>() + xs.capacity() * SLOT;
                    // Items of a list have one type: none holds anything if the first is a plain number.
                    if !matches!(xs.first(), None | Some(Value::Int(_) | Value::Num(_) | Value::Bool(_) | Value::Unit))
                    {
                        stack.push(xs.iter());
                    }
                }
            }
            Value::Tuple(xs) => {
                if first_time(xs, seen) {
                    sum += COUNTS + size_of::<Vec<Value>>() + xs.capacity() * SLOT;
                    stack.push(xs.iter());
                }
            }
            Value::Fn(f) => {
                if first_time(f, seen) {
                    sum += COUNTS + size_of::<Closure>() + f.captures.capacity() * SLOT;
                    stack.push(f.captures.iter());
                }
            }
            Value::Obj(o) => {
                if first_time(o, seen) {
                    sum += COUNTS + size_of_val(o.as_ref()) + o.bytes(seen);
                }
            }
        }
    }
    sum
}

/// Whether shared data is met for the first time. Data with one owner can be met only once.
fn first_time<T>(a: &Arc<T>, seen: &mut Seen) -> bool {
    Arc::strong_count(a) == 1 || seen.insert(Arc::as_ptr(a).cast::<u8>() as usize)
}

/// A function value may capture function values that capture others, as long a chain as a program likes.
impl Drop for Closure {
    fn drop(&mut self) {
        if self.captures.iter().all(|v| !matches!(v, Value::Fn(_) | Value::List(_) | Value::Tuple(_))) {
            return;
        }
        let mut work = std::mem::take(&mut self.captures);
        while let Some(v) = work.pop() {
            match v {
                Value::Fn(f) => {
                    if let Some(mut f) = Arc::into_inner(f) {
                        work.append(&mut f.captures);
                    }
                }
                Value::List(xs) | Value::Tuple(xs) => {
                    if let Some(xs) = Arc::into_inner(xs) {
                        work.extend(xs);
                    }
                }
                _ => {}
            }
        }
    }
}
