//! In-place changes, shared data, deep data.

use crate::ir::*;
use crate::types::Type;
use crate::vm::build::*;
use crate::vm::compile::{Options, compile};
use crate::vm::limits::Limits;
use crate::vm::machine::Machine;
use crate::vm::value::{Closure, Seen, Value};
use std::sync::Arc;

/// `var v = init; for i in 0..n { v = step }; v` within a memory bound that only in-place changes can keep within a
/// bound on operations: copying counts as work.
fn repeated(
    ty: Type,
    n: i64,
    init: impl FnOnce(&mut B) -> NodeId,
    step: impl FnOnce(&mut B, LocalId, LocalId) -> NodeId,
) -> Value {
    let mut b = f("main", &[Int], ty.clone());
    let (v, i) = (b.local(ty.clone()), b.fixed(Int));
    let first = init(&mut b);
    let bind = b.let_(v, first);
    let (lo, hi) = (b.int(0), b.p(0));
    let r = b.range(lo, hi, false);
    let next = step(&mut b, v, i);
    let turn = b.for_(&[(i, r)], next, None);
    let last = b.get(v);
    let body = b.block(&[bind, turn, last], ty);
    let limits = Limits { ops: Some(n as u64 * 4 + 10_000), ..Limits::default() };
    run_in(&env(limits), &b.body(body), &[Value::Int(n)]).unwrap()
}

#[test]
fn appending_text_is_linear() {
    let v = repeated(
        Str,
        200_000,
        |b| b.str(""),
        |b, v, _| {
            let (s, t) = (b.get(v), b.str("t"));
            let s = b.op("ConcatStr", &[s, t], Str);
            let u = b.str("u");
            let s = b.op("ConcatStr", &[s, u], Str);
            b.set(v, s)
        },
    );
    assert!(matches!(v, Value::Str(s) if s.len() == 400_000));
}

#[test]
fn pushing_is_linear() {
    let list = Type::list(Int);
    let l = list.clone();
    let v = repeated(
        list.clone(),
        100_000,
        |b| b.n(Kind::List(vec![]), l),
        |b, v, i| {
            let (xs, x) = (b.get(v), b.get(i));
            let p = b.op("Push", &[xs, x], Type::list(Int));
            b.set(v, p)
        },
    );
    assert!(matches!(v, Value::List(s) if s.len() == 100_000));
    let l = list.clone();
    let v = repeated(
        list.clone(),
        100_000,
        |b| b.n(Kind::List(vec![]), l),
        |b, v, i| {
            let (xs, x) = (b.get(v), b.get(i));
            let ys = b.n(Kind::List(vec![x]), Type::list(Int));
            let p = b.op("+", &[xs, ys], Type::list(Int));
            b.set(v, p)
        },
    );
    assert!(matches!(v, Value::List(s) if s.len() == 100_000));
}

#[test]
fn storing_is_in_place() {
    let list = Type::list(Int);
    let l = list.clone();
    let v = repeated(
        list,
        50_000,
        |b| {
            let xs = (0..50_000).map(|i| b.int(i)).collect();
            b.n(Kind::List(xs), l)
        },
        |b, v, i| {
            let (at, value) = (b.get(i), b.int(7));
            b.n(Kind::Assign { place: Place::Local(v), path: vec![Step::Index(at)], value }, Unit)
        },
    );
    assert!(matches!(v, Value::List(s) if s.iter().all(|x| matches!(x, Value::Int(7)))));
}

#[test]
fn builtins_get_their_variable_as_sole_owner() {
    let list = Type::list(Bool);
    let l = list.clone();
    let v = repeated(
        list,
        5,
        |b| b.n(Kind::List(vec![]), l),
        |b, v, _| {
            let xs = b.get(v);
            let x = b.op("mark", &[xs], Type::list(Bool));
            b.set(v, x)
        },
    );
    assert!(matches!(&v, Value::List(s) if s.iter().all(|x| matches!(x, Value::Bool(true)))), "{v:?}");
}

#[test]
fn text_doubles_and_appends_itself() {
    let v = repeated(
        Str,
        3,
        |b| b.str("ab"),
        |b, v, _| {
            let (x, y) = (b.get(v), b.get(v));
            let s = b.op("ConcatStr", &[x, y], Str);
            let z = b.get(v);
            let s = b.op("ConcatStr", &[s, z], Str);
            b.set(v, s)
        },
    );
    assert!(matches!(v, Value::Str(s) if *s == "ab".repeat(27)));
}

#[test]
fn globals_grow_in_place() {
    let env = env(Limits { ops: Some(300_000), ..Limits::default() });
    let mut b = f("main", &[], Unit);
    let i = b.fixed(Int);
    let s = b.str("");
    let one = b.n(Kind::LetGlobal(GlobalId(0), s), Unit);
    let xs = b.n(Kind::List(vec![]), Type::list(Int));
    let two = b.n(Kind::LetGlobal(GlobalId(1), xs), Unit);
    let (lo, hi) = (b.int(0), b.int(100_000));
    let r = b.range(lo, hi, false);
    let (g, t) = (b.n(Kind::Global(GlobalId(0)), Str), b.str("t"));
    let v = b.op("ConcatStr", &[g, t], Str);
    let x = b.n(Kind::Assign { place: Place::Global(GlobalId(0)), path: vec![], value: v }, Unit);
    let (g, t) = (b.n(Kind::Global(GlobalId(1)), Type::list(Int)), b.get(i));
    let v = b.op("Push", &[g, t], Type::list(Int));
    let y = b.n(Kind::Assign { place: Place::Global(GlobalId(1)), path: vec![], value: v }, Unit);
    let turn = b.block(&[x, y], Unit);
    let l = b.for_(&[(i, r)], turn, None);
    let body = b.block(&[one, two, l], Unit);
    let code = compile(&b.body(body), &env.ops, &env.library, Options::default()).unwrap();
    let mut m = Machine::new(&env, vec![]);
    m.run(&code, &[]).unwrap();
    let g = m.globals();
    assert!(matches!((&g[0], &g[1]), (Value::Str(s), Value::List(xs)) if s.len() == 100_000 && xs.len() == 100_000));
}

fn chain(n: usize) -> Value {
    let mut v = Value::Unit;
    for i in 0..n {
        let captures = if i % 3 == 0 { vec![Value::list(vec![v])] } else { vec![v] };
        v = Value::Fn(Arc::new(Closure { func: FuncId(0), library: 0, captures, origin: None }));
    }
    v
}

#[test]
fn long_chains_of_closures() {
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(|| {
            let v = chain(100_000);
            assert!(crate::vm::bytes(&v, &mut Seen::new()) > 100_000 * 40);
            drop(v);
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn shared_data_counts_once() {
    let s = Value::str("x".repeat(1000));
    let one = crate::vm::bytes(&s, &mut Seen::new());
    let mut v = s;
    for _ in 0..60 {
        v = Value::tuple(vec![v.clone(), v]);
    }
    assert!(crate::vm::bytes(&v, &mut Seen::new()) < one + 60 * 100);
}
