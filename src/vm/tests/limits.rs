//! Every way of using too much ends in its own error.

use crate::ir::*;
use crate::types::Type;
use crate::vm::build::*;
use crate::vm::limits::{Limits, code};
use std::time::{Duration, Instant};

/// Runs `init; while true { step }` over a variable within limits; the code of the error.
fn forever(
    ty: Type,
    limits: Limits,
    init: impl FnOnce(&mut B) -> NodeId,
    step: impl FnOnce(&mut B, LocalId) -> NodeId,
) -> &'static str {
    let mut b = f("main", &[], Unit);
    let v = b.local(ty);
    let first = init(&mut b);
    let bind = b.let_(v, first);
    let body = step(&mut b, v);
    let t = b.n(Kind::Bool(true), Bool);
    let w = b.while_(t, body);
    let body = b.block(&[bind, w], Unit);
    let start = Instant::now();
    let e = run_in(&env(limits), &b.body(body), &[]).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(20), "{e}");
    e.fail.code
}

fn untrusted() -> Limits {
    Limits { time: None, ..Limits::untrusted() }
}

#[test]
fn endless_loop() {
    let unit = |b: &mut B| b.n(Kind::Unit, Unit);
    assert_eq!(forever(Int, untrusted(), |b| b.int(0), |b, _| unit(b)), code::OPS);
    let time = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
    assert_eq!(forever(Int, time, |b| b.int(0), |b, _| unit(b)), code::TIME);
}

#[test]
fn doubling_string() {
    let double = |b: &mut B, v| {
        let (x, y) = (b.get(v), b.get(v));
        let s = b.op("ConcatStr", &[x, y], Str);
        b.set(v, s)
    };
    assert_eq!(forever(Str, untrusted(), |b| b.str("ab"), double), code::MEMORY);
}

#[test]
fn growing_list() {
    let list = Type::list(Int);
    let l2 = list.clone();
    let grow = |b: &mut B, v| {
        let (xs, x) = (b.get(v), b.int(1));
        let p = b.op("Push", &[xs, x], l2);
        b.set(v, p)
    };
    assert_eq!(forever(list.clone(), untrusted(), |b| b.n(Kind::List(vec![]), list), grow), code::MEMORY);
}

#[test]
fn strings_kept_in_a_list() {
    let list = Type::list(Str);
    let (l2, l3) = (list.clone(), list.clone());
    let grow = |b: &mut B, v| {
        let (s, t) = (b.str(&"x".repeat(500)), b.str(&"y".repeat(500)));
        let x = b.op("ConcatStr", &[s, t], Str);
        let xs = b.get(v);
        let p = b.op("Push", &[xs, x], l2);
        b.set(v, p)
    };
    assert_eq!(forever(list, untrusted(), |b| b.n(Kind::List(vec![]), l3), grow), code::MEMORY);
}

#[test]
fn a_chain_of_tuples_in_closures_counts() {
    // var f = fn() { 0 }; while true { f = fn() with (f) { .. } }
    let ty = Type::func(vec![], Int);
    let t2 = ty.clone();
    let grow = |b: &mut B, v| {
        let captures = vec![b.get(v)];
        let c = b.n(Kind::Closure { func: FuncId(0), captures }, t2);
        b.set(v, c)
    };
    let first = |b: &mut B| b.n(Kind::Closure { func: FuncId(0), captures: vec![] }, ty.clone());
    assert_eq!(forever(ty.clone(), untrusted(), first, grow), code::MEMORY);
}

#[test]
fn garbage_is_no_live_data() {
    // 10,000 strings of 100 kB one after the other fit into 64 MiB.
    let mut b = f("main", &[Int], Int);
    let (i, s) = (b.fixed(Int), b.fixed(Str));
    let (lo, hi) = (b.int(0), b.p(0));
    let r = b.range(lo, hi, false);
    let (x, y) = (b.str(&"x".repeat(50_000)), b.str(&"y".repeat(50_000)));
    let cat = b.op("ConcatStr", &[x, y], Str);
    let bind = b.let_(s, cat);
    let v = b.get(s);
    let len = b.op("len", &[v], Int);
    let body = b.block(&[bind, len], Int);
    let xs = b.for_(&[(i, r)], body, Some(Int));
    let n = b.op("LenList", &[xs], Int);
    let limits = Limits { ops: None, ..untrusted() };
    run_in(&env(limits), &b.body(n), &[crate::vm::value::Value::Int(10_000)]).unwrap();
}

#[test]
fn endless_recursion() {
    for object in [false, true] {
        let ty = if object { Str } else { Int };
        let env = env(Limits::default());
        let mut b = f("f", std::slice::from_ref(&ty), ty.clone());
        let p = b.p(0);
        let inner = b.call(0, &[p], ty.clone());
        let other = b.p(0);
        let body = if object { b.op("ConcatStr", &[inner, other], ty) } else { b.op("AddInt", &[inner, other], ty) };
        let func = b.body(body);
        add(&env, vec![func.clone()]);
        let arg = if object { crate::vm::value::Value::str("a") } else { crate::vm::value::Value::Int(1) };
        let e = run_in(&env, &func, &[arg]).unwrap_err();
        assert_eq!((e.fail.code, e.trace.len()), (code::DEPTH, 20));
    }
}

#[test]
fn cancelled() {
    let env = env(Limits::default());
    env.cancel.cancel();
    let mut b = f("main", &[], Unit);
    let t = b.n(Kind::Bool(true), Bool);
    let u = b.n(Kind::Unit, Unit);
    let w = b.while_(t, u);
    assert_eq!(run_in(&env, &b.body(w), &[]).unwrap_err().fail.code, code::CANCELLED);
}
