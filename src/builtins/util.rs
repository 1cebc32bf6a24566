//! What the bodies of builtins share: bounds on what they make, equality, short renderings for messages.

use super::convert::FromArg;
use crate::vm::ctx::Ctx;
use crate::vm::limits::{Fail, code};
use crate::vm::value::Value;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Bytes of a list's entry.
pub const ITEM: usize = size_of::<Value>();

/// Bytes of a str beside its text: the entry, the shared header and the string's own.
const STR: usize = ITEM + 16 + size_of::<String>();

/// No builtin makes more than this at once, whatever the limits: a slip of the keyboard is an error, not the end of
/// the process.
const MOST: usize = 4 << 30;

/// To be called before allocating `bytes` where the program decides how many.
pub fn room(cx: &mut Ctx<'_>, bytes: usize) -> Result<(), Fail> {
    if bytes > MOST {
        return Err(Fail::new(code::MEMORY, "out of memory: a single value may not pass 4 GiB"));
    }
    cx.charge(bytes)
}

/// A piece of a text as a text of its own. It has some room behind it: pieces are mostly put together with others.
pub fn piece(cx: &mut Ctx<'_>, part: &str) -> Result<String, Fail> {
    if part.is_empty() {
        return Ok(String::new());
    }
    let size = part.len().saturating_add(24) & !7;
    room(cx, size)?;
    let mut out = String::with_capacity(size);
    out.push_str(part);
    Ok(out)
}

/// A list of strs, paid for as it grows.
pub fn strs<'s>(cx: &mut Ctx<'_>, parts: impl Iterator<Item = &'s str>) -> Result<Vec<Value>, Fail> {
    let mut out = Vec::new();
    let mut owed = 0;
    for part in parts {
        owed += STR + part.len();
        if owed >= 1 << 16 {
            pay(cx, &mut owed)?;
        }
        out.push(Value::str(part));
    }
    pay(cx, &mut owed)?;
    Ok(out)
}

fn pay(cx: &mut Ctx<'_>, owed: &mut usize) -> Result<(), Fail> {
    let bytes = std::mem::take(owed);
    cx.charge(bytes)?;
    cx.work(bytes)
}

/// A count that the program gives, which cannot be negative.
pub fn count(n: i64, what: &str) -> Result<usize, Fail> {
    usize::try_from(n).map_err(|_| Fail::from(format!("{what} cannot be negative, but it is {n}")))
}

/// The argument at `i`, taken out.
pub fn take(args: &mut [Value], i: usize) -> Result<Value, Fail> {
    args.get_mut(i).map(std::mem::take).ok_or_else(|| "too few arguments".into())
}

/// The argument at `i`, read.
pub fn arg<'a, T: FromArg<'a>>(args: &'a [Value], i: usize) -> Result<T, Fail> {
    T::from_arg(args.get(i).ok_or("too few arguments")?)
}

/// The items of the list at `i`: the list's own where nobody else holds it, else a copy.
pub fn take_list(cx: &mut Ctx<'_>, args: &mut [Value], i: usize) -> Result<Vec<Value>, Fail> {
    match take(args, i)? {
        Value::List(xs) => match Arc::try_unwrap(xs) {
            Ok(own) => Ok(own),
            Err(shared) => {
                room(cx, shared.len() * ITEM)?;
                cx.work(shared.len() * ITEM)?;
                Ok(shared.to_vec())
            }
        },
        v => Err(format!("expected list, found {}", v.kind()).into()),
    }
}

/// Structural equality. As everywhere, nan equals nothing; functions are equal when they are the same one.
pub fn equal(cx: &mut Ctx<'_>, a: &Value, b: &Value) -> Result<bool, Fail> {
    Ok(match (a, b) {
        (Value::Unit, Value::Unit) => true,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Num(a), Value::Num(b)) => a == b,
        (Value::Int(a), Value::Num(b)) | (Value::Num(b), Value::Int(a)) => *a as f64 == *b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => {
            cx.work(a.len().min(b.len()))?;
            a == b
        }
        (Value::Range(a), Value::Range(b)) => a == b,
        (Value::List(xs), Value::List(ys)) | (Value::Tuple(xs), Value::Tuple(ys)) => {
            if xs.len() != ys.len() {
                return Ok(false);
            }
            visit(cx, xs.len())?;
            // Depth is that of the type, which the program spells out.
            for (x, y) in xs.iter().zip(ys.iter()) {
                if !equal(cx, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Fn(a), Value::Fn(b)) => Arc::ptr_eq(a, b),
        (Value::Obj(a), Value::Obj(b)) => Arc::ptr_eq(a, b) || a.same(b.as_ref().as_ref()),
        _ => false,
    })
}

/// Counts a walk over `n` items. Even an empty list counts: with shared parts a small value can be a long walk.
fn visit(cx: &mut Ctx<'_>, n: usize) -> Result<(), Fail> {
    cx.meter.work(1 + n as u64 / 4)
}

/// Feeds a value to a hasher, so that equal values of one type hash alike.
pub fn hash(cx: &mut Ctx<'_>, v: &Value, h: &mut impl Hasher) -> Result<(), Fail> {
    match v {
        Value::Unit => {}
        Value::Int(i) => i.hash(h),
        // Adding 0 makes the two zeros one.
        Value::Num(x) => (x + 0.0).to_bits().hash(h),
        Value::Bool(b) => b.hash(h),
        Value::Str(s) => {
            cx.work(s.len())?;
            s.hash(h);
        }
        Value::Range(r) => r.hash(h),
        Value::List(xs) | Value::Tuple(xs) => {
            visit(cx, xs.len())?;
            xs.len().hash(h);
            for x in xs.iter() {
                hash(cx, x, h)?;
            }
        }
        Value::Fn(_) => {}
        Value::Obj(o) => o.type_name().hash(h),
    }
    Ok(())
}

/// A num as programs write it: `3.0`, `0.5`, `1e21`, `inf`, `nan`.
pub fn num_text(x: f64) -> String {
    if x.is_nan() { "nan".into() } else { format!("{x:?}") }
}

/// A text in quotes for a message, cut short.
pub fn quote(s: &str) -> String {
    const LONGEST: usize = 40;
    match s.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{:?}..", &s[..at]),
        None => format!("{s:?}"),
    }
}

/// Runs one operation by itself, for the tests of this folder: name, index among its overloads, arguments.
#[cfg(test)]
pub mod testing {
    use super::super::OpTable;
    use crate::vm::ctx::{Capabilities, Env, Out};
    use crate::vm::limits::{Cancel, Fail, Limits, Meter};
    use crate::vm::value::Value;
    use std::path::Path;
    use std::sync::{Arc, Mutex, OnceLock};

    fn table() -> Arc<OpTable> {
        static TABLE: OnceLock<Arc<OpTable>> = OnceLock::new();
        TABLE.get_or_init(|| Arc::new(OpTable::standard())).clone()
    }

    /// Surroundings without limits that may touch `dir` and print to `out`.
    pub fn env(dir: &Path, out: Out, limits: Limits) -> Env {
        Env {
            ops: table(),
            library: Arc::default(),
            caps: Capabilities { files: vec![dir.to_path_buf()], all_files: false },
            out,
            cancel: Cancel::default(),
            limits,
            base: dir.to_path_buf(),
            args: Arc::new(vec!["one".into()]),
            assets: Default::default(),
            progress: None,
        }
    }

    /// Calls the overload of `name` with this signature.
    pub fn call_in(env: &Env, name: &str, sig: &str, mut args: Vec<Value>) -> Result<Value, Fail> {
        let ops = env.ops.clone();
        let id = ops.overloads(name).iter().find(|&&id| ops.get(id).sig == sig);
        let op = ops.get(*id.unwrap_or_else(|| panic!("no overload {name}{sig}")));
        let mut meter = Meter::new(&env.limits, Cancel::default());
        crate::vm::ctx::detached(env, &mut meter, |cx| super::super::apply::apply(op, &mut args, cx))
    }

    /// Calls without limits or files.
    pub fn call(name: &str, sig: &str, args: Vec<Value>) -> Result<Value, Fail> {
        let out: Out = Arc::new(Mutex::new(Vec::new()));
        call_in(&env(Path::new("/nonexistent"), out, Limits::default()), name, sig, args)
    }

    /// Calls, and shows the result or the message.
    pub fn show(name: &str, sig: &str, args: Vec<Value>) -> String {
        match call(name, sig, args) {
            Ok(v) => crate::vm::show(&v, &crate::types::Type::Unit),
            Err(e) => format!("error: {}", e.message),
        }
    }

    /// A list of strs.
    pub fn list(items: &[&str]) -> Value {
        Value::list(items.iter().map(|s| Value::str(*s)).collect())
    }

    /// A list of ints.
    pub fn ints(items: &[i64]) -> Value {
        Value::list(items.iter().map(|&i| Value::Int(i)).collect())
    }
}
