//! What instructions do with objects. Functions named `.._need` give the bytes about to be allocated.

use super::trap::Trap;
use crate::types::Type;
use crate::vm::code::PathStep;
use crate::vm::value::Value;
use std::fmt::Write;
use std::sync::Arc;

/// Registers of a frame.
pub(super) type Objects = [Value; 256];

/// A list or string with its `Arc`.
const HEAD: usize = 48;
const SLOT: usize = size_of::<Value>();

/// Bytes for appending `more` to a vector or string that is shared or not.
fn grow_need(shared: bool, len: usize, capacity: usize, more: usize, unit: usize) -> usize {
    let whole = len.saturating_add(more);
    if shared {
        whole.saturating_mul(unit) + HEAD
    } else if whole <= capacity {
        0
    } else {
        whole.max(capacity * 2).saturating_mul(unit)
    }
}

pub(super) fn text(v: &Value) -> &str {
    if let Value::Str(s) = v { s } else { "" }
}

fn items(v: &Value) -> &[Value] {
    if let Value::List(xs) = v { xs } else { &[] }
}

/// Bytes for `left + right`; `own`: the result replaces the left one.
pub(super) fn concat_need(left: &Value, right: &Value, own: bool) -> usize {
    match (left, right) {
        (Value::Str(l), Value::Str(r)) => {
            let shared = !own || Arc::strong_count(l) > 1;
            grow_need(shared, l.len(), l.capacity(), r.len(), 1)
        }
        (Value::List(l), Value::List(r)) => {
            let shared = !own || Arc::strong_count(l) > 1;
            grow_need(shared, l.len(), l.capacity(), r.len(), SLOT)
        }
        _ => 0,
    }
}

/// Appends text; in place where `left` is the sole owner.
pub(super) fn append_str(left: &mut Value, right: &str) {
    if let Value::Str(l) = left {
        match Arc::get_mut(l) {
            Some(l) => l.push_str(right),
            None => *left = joined(l, right),
        }
    }
}

/// Bytes for appending the digits of an int, of which there are at most 20.
pub(super) fn int_need(left: &Value) -> usize {
    match left {
        Value::Str(l) => grow_need(Arc::strong_count(l) > 1, l.len(), l.capacity(), 20, 1),
        _ => 0,
    }
}

/// Appends the digits of an int; in place where `left` is the sole owner.
pub(super) fn append_int(left: &mut Value, i: i64) {
    if let Value::Str(l) = left {
        if Arc::get_mut(l).is_none() {
            *left = joined(l, "");
        }
        if let Value::Str(l) = left
            && let Some(l) = Arc::get_mut(l)
        {
            // Writing to a string cannot fail.
            let _ = write!(l, "{i}");
        }
    }
}

fn joined(l: &str, r: &str) -> Value {
    let mut s = String::with_capacity(l.len() + r.len());
    s.push_str(l);
    s.push_str(r);
    Value::str(s)
}

/// `d = a + b` for strs.
#[inline(never)]
pub(super) fn concat_str(o: &mut Objects, d: u8, a: u8, b: u8) {
    let (d, a, b) = (d as usize, a as usize, b as usize);
    if d == a && a != b {
        let mut left = std::mem::take(&mut o[a]);
        append_str(&mut left, text(&o[b]));
        o[a] = left;
    } else {
        o[d] = joined(text(&o[a]), text(&o[b]));
    }
}

/// Appends items; in place where `left` is the sole owner.
pub(super) fn append_list(left: &mut Value, right: &[Value]) {
    if let Value::List(l) = left {
        match Arc::get_mut(l) {
            Some(l) => l.extend_from_slice(right),
            None => *left = Value::list([l.as_slice(), right].concat()),
        }
    }
}

/// `d = a + b` for lists.
#[inline(never)]
pub(super) fn concat_list(o: &mut Objects, d: u8, a: u8, b: u8) {
    let (d, a, b) = (d as usize, a as usize, b as usize);
    if d == a && a != b {
        let mut left = std::mem::take(&mut o[a]);
        append_list(&mut left, items(&o[b]));
        o[a] = left;
    } else {
        o[d] = Value::list([items(&o[a]), items(&o[b])].concat());
    }
}

#[inline]
pub(super) fn push_need(list: &Value) -> usize {
    match list {
        Value::List(xs) => grow_need(Arc::strong_count(xs) > 1, xs.len(), xs.capacity(), 1, SLOT),
        _ => 0,
    }
}

/// Appends an item; in place where the list is not shared.
#[inline]
pub(super) fn push(list: &mut Value, item: Value) {
    if let Value::List(xs) = list {
        match Arc::get_mut(xs) {
            Some(xs) => xs.push(item),
            None => {
                let mut new = Vec::with_capacity(xs.len() + 1);
                new.extend_from_slice(xs);
                new.push(item);
                *xs = Arc::new(new);
            }
        }
    }
}

/// `xs[i]`
#[inline]
pub(super) fn index(list: &Value, i: u64) -> Result<&Value, Trap> {
    match list {
        Value::List(xs) => match usize::try_from(i).ok().and_then(|i| xs.get(i)) {
            Some(v) => Ok(v),
            None => Err(Trap::Index(i as i64, xs.len())),
        },
        _ => Err(Trap::Broken),
    }
}

/// Part of a tuple.
#[inline]
pub(super) fn field(tuple: &Value, k: u32) -> Result<&Value, Trap> {
    match tuple {
        Value::Tuple(xs) => xs.get(k as usize).ok_or(Trap::Broken),
        _ => Err(Trap::Broken),
    }
}

/// Bytes for making a list or tuple solely owned.
#[inline]
pub(super) fn own_need(v: &Value) -> usize {
    match v {
        Value::List(xs) | Value::Tuple(xs) if Arc::strong_count(xs) > 1 => xs.len() * SLOT + HEAD,
        _ => 0,
    }
}

/// `list[i] = item`
#[inline]
pub(super) fn set_index(list: &mut Value, i: u64, item: Value) -> Result<(), Trap> {
    let Value::List(xs) = list else { return Err(Trap::Broken) };
    let len = xs.len();
    let at = usize::try_from(i).unwrap_or(usize::MAX);
    if at >= len {
        return Err(Trap::Index(i as i64, len));
    }
    let xs = match Arc::get_mut(xs) {
        Some(own) => own,
        None => return set_shared(list, at, item),
    };
    xs[at] = item;
    Ok(())
}

#[cold]
fn set_shared(list: &mut Value, at: usize, item: Value) -> Result<(), Trap> {
    if let Value::List(xs) = list {
        Arc::make_mut(xs)[at] = item;
    }
    Ok(())
}

/// Bytes for making all data on a path solely owned.
pub(super) fn path_need(mut v: &Value, steps: &[PathStep], words: &[u64; 256]) -> usize {
    let mut sum = 0usize;
    let mut shared = false;
    for step in steps {
        let (Value::List(xs) | Value::Tuple(xs)) = v else { return sum };
        // What lies in shared data becomes shared by its copy.
        shared |= Arc::strong_count(xs) > 1;
        if shared {
            sum += xs.len() * SLOT + HEAD;
        }
        let i = match step {
            PathStep::Index(r) => words[*r as usize] as usize,
            PathStep::Field(k) => *k as usize,
        };
        let Some(next) = xs.get(i) else { return sum };
        v = next;
    }
    sum
}

/// Puts a value at the end of a path.
pub(super) fn set_path(v: &mut Value, steps: &[PathStep], words: &[u64; 256], item: Value) -> Result<(), Trap> {
    let mut v = v;
    for step in steps {
        let (Value::List(xs) | Value::Tuple(xs)) = v else { return Err(Trap::Broken) };
        let len = xs.len();
        let (i, at) = match step {
            PathStep::Index(r) => {
                let w = words[*r as usize];
                (usize::try_from(w).unwrap_or(usize::MAX), w as i64)
            }
            PathStep::Field(k) => (*k as usize, i64::from(*k)),
        };
        if i >= len {
            return Err(Trap::Index(at, len));
        }
        v = &mut Arc::make_mut(xs)[i];
    }
    *v = item;
    Ok(())
}

/// The value with ints made nums wherever the types say so.
pub(super) fn widen(v: &Value, from: &Type, to: &Type) -> Value {
    if from == to {
        return v.clone();
    }
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match (v, from, to) {
        (Value::Int(i), Type::Int, Type::Num) => Value::Num(*i as f64),
        (Value::List(xs), Type::List(f), Type::List(t)) => Value::list(xs.iter().map(|x| widen(x, f, t)).collect()),
        (Value::Tuple(xs), Type::Tuple(f), Type::Tuple(t)) => {
            Value::tuple(xs.iter().zip(f.iter().zip(t.iter())).map(|(x, (f, t))| widen(x, f, t)).collect())
        }
        (Value::Tuple(xs), Type::Record(f), Type::Record(t)) => {
            Value::tuple(xs.iter().zip(f.iter().zip(t.iter())).map(|(x, (f, t))| widen(x, &f.1, &t.1)).collect())
        }
        _ => v.clone(),
    })
}
