//! Loops, and ways out of them.

use super::language::eval;
use crate::ir::*;
use crate::types::Type;
use crate::vm::build::*;

#[test]
fn loops_collect_leave_and_go_on() {
    // for i in 1..=3, c in "ab" { if i == 2 { continue }; c }
    let strs = Type::list(Str);
    assert_eq!(
        eval(strs, |b| {
            let (i, c) = (b.fixed(Int), b.fixed(Str));
            let (lo, hi) = (b.int(1), b.int(3));
            let r = b.range(lo, hi, true);
            let s = b.str("ab");
            let (vi, two) = (b.get(i), b.int(2));
            let cond = b.op("EqInt", &[vi, two], Bool);
            let go = b.n(Kind::Continue, Unit);
            let skip = b.if_(cond, go, None, Unit);
            let v = b.get(c);
            let body = b.block(&[skip, v], Str);
            b.for_(&[(i, r), (c, s)], body, Some(Str))
        }),
        r#"["a", "b", "a", "b"]"#
    );
    // break leaves all binders: for i in 0..5, j in 0..5 { if i*j == 4 { break }; i*j }
    assert_eq!(
        eval(Int, |b| {
            let (i, j) = (b.fixed(Int), b.fixed(Int));
            let r: Vec<NodeId> = (0..2)
                .map(|_| {
                    let (lo, hi) = (b.int(0), b.int(5));
                    b.range(lo, hi, false)
                })
                .collect();
            let (vi, vj) = (b.get(i), b.get(j));
            let m = b.op("MulInt", &[vi, vj], Int);
            let four = b.int(4);
            let cond = b.op("EqInt", &[m, four], Bool);
            let out = b.n(Kind::Break, Unit);
            let stop = b.if_(cond, out, None, Unit);
            let v = b.get(i);
            let body = b.block(&[stop, v], Int);
            let xs = b.for_(&[(i, r[0]), (j, r[1])], body, Some(Int));
            b.op("LenList", &[xs], Int)
        }),
        "9"
    );
    // A list of strs, with a mutable binder that is assigned to.
    assert_eq!(
        eval(Type::list(Str), |b| {
            let x = b.local(Str);
            let items = vec![b.str("a"), b.str("b")];
            let xs = b.n(Kind::List(items), Type::list(Str));
            let (v, bang) = (b.get(x), b.str("!"));
            let s = b.op("ConcatStr", &[v, bang], Str);
            let set = b.set(x, s);
            let v = b.get(x);
            let body = b.block(&[set, v], Str);
            b.for_(&[(x, xs)], body, Some(Str))
        }),
        r#"["a!", "b!"]"#
    );
}

#[test]
fn ranges_end_at_the_last_int() {
    let count = |lo: i64, hi: i64, inclusive: bool, mutable: bool, value: bool| {
        eval(Int, |b| {
            let i = if mutable { b.local(Int) } else { b.fixed(Int) };
            let (lo, hi) = (b.int(lo), b.int(hi));
            let mut r = b.range(lo, hi, inclusive);
            if value {
                let l = b.fixed(Range);
                let set = b.let_(l, r);
                let get = b.get(l);
                r = b.block(&[set, get], Range);
            }
            let body = b.get(i);
            let xs = b.for_(&[(i, r)], body, Some(Int));
            b.op("LenList", &[xs], Int)
        })
    };
    for mutable in [false, true] {
        assert_eq!(count(i64::MAX - 2, i64::MAX, true, mutable, false), "3");
        assert_eq!(count(i64::MAX - 2, i64::MAX, false, mutable, true), "2");
        assert_eq!(count(i64::MIN, i64::MIN + 1, true, mutable, true), "2");
        assert_eq!(count(3, 3, false, mutable, false), "0");
        assert_eq!(count(3, 2, true, mutable, true), "0");
    }
}

#[test]
fn while_and_return() {
    // var n = 0; while true { n = n + 1; if n > 10 { return n } }; 0
    assert_eq!(
        eval(Int, |b| {
            let n = b.local(Int);
            let zero = b.int(0);
            let init = b.let_(n, zero);
            let (v, one) = (b.get(n), b.int(1));
            let sum = b.op("AddInt", &[v, one], Int);
            let set = b.set(n, sum);
            let (v, ten) = (b.get(n), b.int(10));
            let c = b.op("GtInt", &[v, ten], Bool);
            let v = b.get(n);
            let ret = b.n(Kind::Return(Some(v)), Unit);
            let stop = b.if_(c, ret, None, Unit);
            let body = b.block(&[set, stop], Unit);
            let t = b.n(Kind::Bool(true), Bool);
            let w = b.while_(t, body);
            let zero = b.int(0);
            b.block(&[init, w, zero], Int)
        }),
        "11"
    );
}
