//! Values as text: source text where there is one.

use crate::types::Type;
use crate::vm::value::Value;
use std::fmt::Write;

/// What is still to be written, the next last.
enum Task<'a> {
    Value(&'a Value, Option<&'a Type>),
    Text(&'a str),
}

/// A value as source text; the type gives the names of a record's fields and the signature of a function.
pub fn show(value: &Value, ty: &Type) -> String {
    let mut out = String::new();
    let mut tasks = vec![Task::Value(value, Some(ty))];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Text(t) => out.push_str(t),
            Task::Value(v, ty) => show_one(v, ty, &mut out, &mut tasks),
        }
    }
    out
}

fn show_one<'a>(v: &'a Value, ty: Option<&'a Type>, out: &mut String, tasks: &mut Vec<Task<'a>>) {
    match v {
        Value::Unit => out.push_str("()"),
        Value::Int(i) => {
            let _ = write!(out, "{i}");
        }
        Value::Num(x) => out.push_str(&show_num(*x)),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Str(s) => quote(s, out),
        Value::Range(r) => {
            let _ = write!(out, "{}..{}", r.0, r.1);
        }
        Value::List(xs) => {
            let elem = if let Some(Type::List(t)) = ty { Some(&**t) } else { None };
            out.push('[');
            tasks.push(Task::Text("]"));
            for (i, x) in xs.iter().enumerate().rev() {
                tasks.push(Task::Value(x, elem));
                if i > 0 {
                    tasks.push(Task::Text(", "));
                }
            }
        }
        Value::Tuple(xs) => {
            out.push('(');
            tasks.push(Task::Text(if xs.len() == 1 && !matches!(ty, Some(Type::Record(_))) { ",)" } else { ")" }));
            for (i, x) in xs.iter().enumerate().rev() {
                let (name, part) = match ty {
                    Some(Type::Tuple(ts)) => (None, ts.get(i)),
                    Some(Type::Record(fs)) => (fs.get(i).map(|f| &*f.0), fs.get(i).map(|f| &f.1)),
                    _ => (None, None),
                };
                tasks.push(Task::Value(x, part));
                if let Some(name) = name {
                    tasks.push(Task::Text(": "));
                    tasks.push(Task::Text(name));
                }
                if i > 0 {
                    tasks.push(Task::Text(", "));
                }
            }
        }
        Value::Fn(_) => match ty {
            Some(ty @ Type::Fn(_)) => {
                let _ = write!(out, "{ty}");
            }
            _ => out.push_str("fn"),
        },
        Value::Obj(o) => out.push_str(&o.show()),
    }
}

/// A num with a dot or an exponent, so that it reads as a num again.
pub fn show_num(x: f64) -> String {
    if x.is_nan() { "nan".into() } else { format!("{x:?}") }
}

/// A str in quotes, with escapes.
pub fn quote(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
