//! Printing, checking, and equality of any values.

use super::util::{equal, take};
use super::{Exact, Inline, Op, native as body};
use crate::native;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;

/// Operations on any values. Their overloads come last, so that those for one type are tried before.
pub fn ops() -> Vec<Op> {
    vec![
        Op::new(
            "print",
            "(x: A) -> unit",
            "Writes a value and a newline to standard output: text as it is, a function as its source, other values as \
             they would be written in a program.",
            r#"print("hello") == ()"#,
            body(|cx, args| print(cx, take(args, 0)?)),
        ),
        Op::new(
            "str",
            "(x: A) -> str",
            "A value as text: what `print` would write.",
            r#"str([1, 2]) == "[1, 2]""#,
            body(|cx, args| Ok(Value::Str(text(cx, take(args, 0)?)?))),
        ),
        Op::new(
            "assert",
            "(holds: bool, message: str = \"\") -> unit",
            "Ends the program with the message unless the condition holds.",
            r#"assert(1 < 2, "so it is") == ()"#,
            native!(try |holds: bool, message: &str| -> () {
                match (holds, message) {
                    (true, _) => Ok(()),
                    (false, "") => Err(Fail::new(ASSERT, "assertion failed")),
                    (false, m) => Err(Fail::new(ASSERT, format!("assertion failed: {m}"))),
                }
            }),
        ),
        Op::new(
            "assert_eq",
            "(found: A, wanted: A) -> unit",
            "Ends the program with a message that shows both values unless they are equal.",
            "assert_eq(1 + 1, 2) == ()",
            native!(try |cx; found: &Value, wanted: &Value| -> () {
                if equal(cx, found, wanted)? {
                    return Ok(());
                }
                let shown = |v: &Value| crate::vm::show(v, cx.types.first().unwrap_or(&Type::Unit));
                let (found, wanted) = (shown(found), shown(wanted));
                Err(Fail::new(ASSERT, format!("assertion failed: found {found}, wanted {wanted}")))
            }),
        ),
        Op::new(
            "error",
            "(message: str) -> unit",
            "Ends the program with a message.",
            r#"// error("no such shape")"#,
            native!(try |message: &str| -> () { Err(Fail::new(USER, message)) }),
        ),
        Op::new(
            "args",
            "() -> [str]",
            "The arguments given to the script.",
            "len(args()) >= 0",
            native!(try |cx;| -> Vec<String> { Ok(cx.env.args.to_vec()) }),
        ),
        Op::new(
            "==",
            "(a: A, b: A) -> bool",
            "Whether two values of one type are equal, part by part.",
            "[1, 2] == [1, 2]",
            Exact::Inline(Inline::EqAny),
        ),
        Op::new(
            "!=",
            "(a: A, b: A) -> bool",
            "Whether two values of one type differ.",
            "(1, 2) != (1, 3)",
            Exact::Inline(Inline::NeAny),
        ),
    ]
}

/// An assertion that does not hold.
const ASSERT: &str = "E0410";
/// An error that the program raises.
const USER: &str = "E0411";

/// What a value prints as.
fn text(cx: &mut Ctx<'_>, v: Value) -> Result<std::sync::Arc<String>, Fail> {
    let ty = cx.types.first().unwrap_or(&Type::Unit);
    match v {
        Value::Str(s) => Ok(s),
        other => Ok(super::synth::text_of(cx, &other, ty, false)?.into()),
    }
}

fn print(cx: &mut Ctx<'_>, v: Value) -> Result<Value, Fail> {
    let text = text(cx, v)?;
    cx.work(text.len())?;
    let mut out = cx.env.out.lock().unwrap_or_else(|e| e.into_inner());
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n"));
    written.map_err(|e| Fail::new("E0603", format!("cannot print: {e}")))?;
    Ok(Value::Unit)
}

#[cfg(test)]
mod tests {
    use super::super::util::testing::{call_in, env, ints, show};
    use super::*;
    use crate::vm::limits::Limits;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    #[test]
    fn prints_raw_text() {
        let out = Arc::new(Mutex::new(Vec::new()));
        let env = env(Path::new("/nonexistent"), out.clone(), Limits::default());
        call_in(&env, "print", "(x: A) -> unit", vec![Value::str("a \"b\"")]).unwrap();
        call_in(&env, "print", "(x: A) -> unit", vec![Value::Num(3.0)]).unwrap();
        call_in(&env, "print", "(x: A) -> unit", vec![Value::Bool(true)]).unwrap();
        assert_eq!(out.lock().unwrap().as_slice(), b"a \"b\"\n3.0\ntrue\n");
        assert!(matches!(call_in(&env, "args", "() -> [str]", vec![]), Ok(Value::List(xs)) if xs.len() == 1));
    }

    #[test]
    fn assertions_show_both_sides() {
        let eq = |a, b| show("assert_eq", "(found: A, wanted: A) -> unit", vec![a, b]);
        assert_eq!(eq(ints(&[1, 2]), ints(&[1, 2])), "()");
        assert_eq!(eq(ints(&[1, 2]), ints(&[1])), "error: assertion failed: found [1, 2], wanted [1]");
        assert_eq!(eq(Value::str("a"), Value::str("b")), r#"error: assertion failed: found "a", wanted "b""#);
    }
}
