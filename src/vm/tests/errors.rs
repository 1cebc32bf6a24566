//! Errors, with their places.

use crate::diag::Diagnostic;
use crate::ir::*;
use crate::types::Type;
use crate::vm::build::*;
use crate::vm::compile::{Options, compile};
use crate::vm::limits::Limits;
use crate::vm::machine::Machine;
use crate::vm::value::Value;

/// The code of the error, and whether it stands at the node.
fn fails(ret: Type, make: impl FnOnce(&mut B) -> NodeId) -> &'static str {
    let mut b = f("main", &[], ret);
    let at = make(&mut b);
    let e = run(&b.body(at), &[]).unwrap_err();
    assert_eq!(e.span.start, at.0, "{e}");
    e.fail.code
}

#[test]
fn numbers() {
    for op in ["AddInt", "MulInt"] {
        assert_eq!(
            fails(Int, |b| {
                let (x, y) = (b.int(i64::MAX), b.int(i64::MAX));
                b.op(op, &[x, y], Int)
            }),
            "E0401"
        );
        assert_eq!(
            fails(Int, |b| {
                let (x, y) = (b.int(i64::MAX), b.int(2));
                b.op(op, &[x, y], Int)
            }),
            "E0401"
        );
    }
    assert_eq!(
        fails(Int, |b| {
            let (x, y) = (b.int(i64::MIN), b.int(1));
            b.op("SubInt", &[x, y], Int)
        }),
        "E0401"
    );
    assert_eq!(
        fails(Int, |b| {
            let (x, y) = (b.int(i64::MIN), b.int(-1));
            b.op("DivInt", &[x, y], Int)
        }),
        "E0401"
    );
    assert_eq!(
        fails(Int, |b| {
            let x = b.int(i64::MIN);
            b.op("NegInt", &[x], Int)
        }),
        "E0401"
    );
    for op in ["DivInt", "RemInt"] {
        assert_eq!(
            fails(Int, |b| {
                let (x, y) = (b.int(1), b.int(0));
                b.op(op, &[x, y], Int)
            }),
            "E0402"
        );
    }
    assert_eq!(
        fails(Range, |b| {
            let (x, y) = (b.int(1), b.int(i64::MAX));
            b.range(x, y, true)
        }),
        "E0401"
    );
    assert_eq!(
        fails(Int, |b| {
            let x = b.int(1);
            b.op("fails", &[x], Int)
        }),
        "E0400"
    );
}

#[test]
fn indices() {
    for i in [-1, 2, i64::MIN] {
        assert_eq!(
            fails(Int, |b| {
                let items = vec![b.int(1), b.int(2)];
                let xs = b.n(Kind::List(items), Type::list(Int));
                let i = b.int(i);
                b.op("IndexList", &[xs, i], Int)
            }),
            "E0403"
        );
        let mut b = f("main", &[], Unit);
        let l = b.local(Type::list(Str));
        let items = vec![b.str("x")];
        let xs = b.n(Kind::List(items), Type::list(Str));
        let bind = b.let_(l, xs);
        let (i, v) = (b.int(i), b.str("y"));
        let path = vec![Step::Index(i)];
        let set = b.n(Kind::Assign { place: Place::Local(l), path, value: v }, Unit);
        let body = b.block(&[bind, set], Unit);
        let e = run(&b.body(body), &[]).unwrap_err();
        assert_eq!((e.fail.code, e.span.start), ("E0403", set.0));
    }
}

#[test]
fn traces_name_the_calls() {
    let env = env(Limits::default());
    let mut b = f("div0", &[Int], Int);
    let (n, zero) = (b.p(0), b.int(0));
    let body = b.op("DivInt", &[n, zero], Int);
    let div0 = b.body(body);
    let mut b = f("outer", &[Int], Int);
    let n = b.p(0);
    let call = b.call(0, &[n], Int);
    add(&env, vec![div0, b.body(call)]);
    let mut b = f("main", &[], Int);
    let (_, _, one) = (b.int(0), b.int(0), b.int(1));
    let body = b.call(1, &[one], Int);
    let e = run_in(&env, &b.body(body), &[]).unwrap_err();
    let trace: Vec<_> = e.trace.iter().map(|(n, s)| (&**n, s.start)).collect();
    assert_eq!(trace, [("div0", 1), ("outer", 3)]);
    let d = Diagnostic::from(e);
    assert_eq!((d.code, d.labels.len()), ("E0402", 3));
}

#[test]
fn too_many_variables() {
    let mut b = f("big", &[], Int);
    let mut all = Vec::new();
    let locals: Vec<_> = (0..300).map(|_| b.fixed(Int)).collect();
    for l in &locals {
        let v = b.int(1);
        all.push(b.let_(*l, v));
    }
    let mut sum = b.int(0);
    for l in &locals {
        let v = b.get(*l);
        sum = b.op("AddInt", &[sum, v], Int);
    }
    all.push(sum);
    let body = b.block(&all, Int);
    let env = env(Limits::default());
    let e = compile(&b.body(body), &env.ops, &env.library, Options::default()).unwrap_err();
    assert_eq!(e.code, "E0405");
}

#[test]
fn globals_outlive_an_error() {
    let env = env(Limits::default());
    let mut b = f("main", &[], Int);
    let v = b.str("kept");
    let bind = b.n(Kind::LetGlobal(GlobalId(1), v), Unit);
    let (x, y) = (b.int(1), b.int(0));
    let bad = b.op("DivInt", &[x, y], Int);
    let body = b.block(&[bind, bad], Int);
    let code = compile(&b.body(body), &env.ops, &env.library, Options::default()).unwrap();
    let mut m = Machine::new(&env, vec![Value::Int(1)]);
    m.run(&code, &[]).unwrap_err();
    let g = m.globals();
    assert!(matches!((&g[0], &g[1]), (Value::Int(1), Value::Str(s)) if **s == "kept"));
}

#[test]
fn functions_of_other_engines_are_refused() {
    let (one, two) = (env(Limits::default()), env(Limits::default()));
    let mut b = f("main", &[], Type::func(vec![], Int));
    let body = b.n(Kind::Closure { func: FuncId(0), captures: vec![] }, Type::func(vec![], Int));
    let v = run_in(&one, &b.body(body), &[]).unwrap();
    assert_eq!(crate::vm::call(&two, &v, &[]).unwrap_err().fail.message, "this function belongs to another engine");
    assert_eq!(crate::vm::call(&one, &v, &[]).unwrap_err().fail.message, "a function is declared but not yet defined");
}
