//! Programs whose speed is watched; the tests hold their results, `NSP_TIME=1` prints the times.

use crate::vm::build::*;
use crate::vm::compile::{Options, compile};
use crate::vm::limits::Limits;
use crate::vm::machine::Machine;
use crate::vm::value::Value;
use std::time::Instant;

fn timed(name: &str, mut f: impl FnMut() -> Value) -> Value {
    let mut best = f64::MAX;
    let mut v = Value::Unit;
    for _ in 0..if std::env::var_os("NSP_TIME").is_some() { 10 } else { 1 } {
        let t = Instant::now();
        v = f();
        best = best.min(t.elapsed().as_secs_f64() * 1e3);
    }
    println!("{name}: {best:.3} ms");
    v
}

#[test]
fn fib() {
    let env = env(Limits::default());
    let mut b = f("fib", &[Int], Int);
    let (n, two) = (b.p(0), b.int(2));
    let cond = b.op("LtInt", &[n, two], Bool);
    let then = b.p(0);
    let (n, one) = (b.p(0), b.int(1));
    let x = b.op("SubInt", &[n, one], Int);
    let l = b.call(0, &[x], Int);
    let (n, two) = (b.p(0), b.int(2));
    let x = b.op("SubInt", &[n, two], Int);
    let r = b.call(0, &[x], Int);
    let sum = b.op("AddInt", &[l, r], Int);
    let body = b.if_(cond, then, Some(sum), Int);
    let func = b.body(body);
    add(&env, vec![func.clone()]);
    let code = compile(&func, &env.ops, &env.library, Options::default()).unwrap();
    let mut m = Machine::new(&env, vec![]);
    let v = timed("fib(27)", || m.run(&code, &[Value::Int(27)]).unwrap());
    assert!(matches!(v, Value::Int(196418)));
}

#[test]
fn nested_loops() {
    let env = env(Limits::default());
    let mut b = f("main", &[Int], Int);
    let s = b.local(Int);
    let (i, j) = (b.fixed(Int), b.fixed(Int));
    let zero = b.int(0);
    let init = b.let_(s, zero);
    let (lo, hi) = (b.int(0), b.p(0));
    let ri = b.range(lo, hi, false);
    let (lo, hi) = (b.int(0), b.p(0));
    let rj = b.range(lo, hi, false);
    let (vi, vj, vs) = (b.get(i), b.get(j), b.get(s));
    let m = b.op("MulInt", &[vi, vj], Int);
    let sum = b.op("AddInt", &[vs, m], Int);
    let set = b.set(s, sum);
    let inner = b.for_(&[(j, rj)], set, None);
    let outer = b.for_(&[(i, ri)], inner, None);
    let last = b.get(s);
    let body = b.block(&[init, outer, last], Int);
    let func = b.body(body);
    let code = compile(&func, &env.ops, &env.library, Options::default()).unwrap();
    let mut m = Machine::new(&env, vec![]);
    let n = if cfg!(debug_assertions) { 300 } else { 3000 };
    let v = timed("9M steps", || m.run(&code, &[Value::Int(n)]).unwrap());
    let sum = n * (n - 1) / 2;
    assert!(matches!(v, Value::Int(x) if x == sum * sum));
    let t = Instant::now();
    for _ in 0..1000 {
        m.run(&code, &[Value::Int(0)]).unwrap();
    }
    println!("an empty run: {:.3} us", t.elapsed().as_secs_f64() * 1e3);
}
