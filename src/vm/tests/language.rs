//! What each kind of node means.

use crate::ir::*;
use crate::types::Type;
use crate::vm::build::*;
use crate::vm::compile::{Options, compile};
use crate::vm::limits::Limits;
use crate::vm::machine::Machine;
use crate::vm::show;
use crate::vm::value::Value;

/// The shown value of a function of no arguments.
pub fn eval(ret: Type, make: impl FnOnce(&mut B) -> NodeId) -> String {
    let mut b = f("main", &[], ret.clone());
    let body = make(&mut b);
    show(&run(&b.body(body), &[]).unwrap(), &ret)
}

#[test]
fn scalars() {
    for (op, x, y, want) in [
        ("AddInt", 7, 3, "10"),
        ("SubInt", 7, 3, "4"),
        ("MulInt", 7, 3, "21"),
        ("DivInt", 7, 3, "2"),
        ("DivInt", -7, 2, "-4"),
        ("RemInt", -7, 3, "2"),
        ("RemInt", i64::MIN, -1, "0"),
    ] {
        assert_eq!(
            eval(Int, |b| {
                let (x, y) = (b.int(x), b.int(y));
                b.op(op, &[x, y], Int)
            }),
            want,
            "{op}"
        );
    }
    for (op, x, y, want) in [
        ("AddNum", 1.5, 2.0, "3.5"),
        ("SubNum", 1.5, 2.0, "-0.5"),
        ("MulNum", 1.5, 2.0, "3.0"),
        ("DivNum", 1.0, 0.0, "inf"),
    ] {
        assert_eq!(
            eval(Num, |b| {
                let (x, y) = (b.num(x), b.num(y));
                b.op(op, &[x, y], Num)
            }),
            want,
            "{op}"
        );
    }
    assert_eq!(
        eval(Num, |b| {
            let (x, y) = (b.num(3.0), b.num(4.0));
            b.op("hypot", &[x, y], Num)
        }),
        "5.0"
    );
    assert_eq!(
        eval(Num, |b| {
            let x = b.num(9.0);
            b.op("sqrt", &[x], Num)
        }),
        "3.0"
    );
    assert_eq!(eval(Num, |b| b.op("PI", &[], Num)), "3.5");
    assert_eq!(eval(Str, |b| b.op("WORD", &[], Str)), "\"word\"");
    assert_eq!(eval(Num, |b| b.n(Kind::Angle(180.0), Num)), "3.141592653589793");
    assert_eq!(eval(Int, |b| b.int(i64::MIN)), "-9223372036854775808");
    assert_eq!(eval(Unit, |b| b.n(Kind::Unit, Unit)), "()");
    assert_eq!(
        eval(Num, |b| {
            let x = b.int(2);
            b.n(Kind::Widen(x), Num)
        }),
        "2.0"
    );
}

#[test]
fn comparisons_as_values_and_as_conditions() {
    let nan = f64::NAN;
    for (op, x, y, want) in [
        ("LtNum", 1.0, 2.0, true),
        ("LeNum", 2.0, 2.0, true),
        ("GtNum", 1.0, 2.0, false),
        ("GeNum", 2.0, 2.0, true),
        ("EqNum", 0.0, -0.0, true),
        ("NeNum", nan, nan, true),
        ("LtNum", nan, 1.0, false),
        ("GeNum", nan, 1.0, false),
        ("LeNum", nan, 1.0, false),
        ("GtNum", nan, 1.0, false),
        ("EqNum", nan, nan, false),
    ] {
        compared(want, op, |b| (b.num(x), b.num(y)));
    }
    for (op, want) in
        [("LtInt", true), ("LeInt", true), ("GtInt", false), ("GeInt", false), ("EqInt", false), ("NeInt", true)]
    {
        compared(want, op, |b| (b.int(1), b.int(2)));
        compared(want, op, |b| (b.int(1), b.int(1 << 40)));
        compared(want, op, |b| {
            let (x, y) = (b.int(1 << 40), b.int(1 << 41));
            (x, y)
        });
    }
    compared(true, "NeBool", |b| (b.n(Kind::Bool(true), Bool), b.n(Kind::Bool(false), Bool)));
    compared(true, "EqAny", |b| (b.str("a"), b.str("a")));
    compared(false, "NeAny", |b| (b.n(Kind::Unit, Unit), b.n(Kind::Unit, Unit)));
}

fn compared(want: bool, op: &str, args: impl Fn(&mut B) -> (NodeId, NodeId)) {
    assert_eq!(
        eval(Bool, |b| {
            let (x, y) = args(b);
            b.op(op, &[x, y], Bool)
        }),
        want.to_string(),
        "{op}"
    );
    for not in [false, true] {
        let got = eval(Int, |b| {
            let (x, y) = args(b);
            let mut c = b.op(op, &[x, y], Bool);
            if not {
                c = b.op("Not", &[c], Bool);
            }
            let (t, e) = (b.int(1), b.int(0));
            b.if_(c, t, Some(e), Int)
        });
        assert_eq!(got, if want != not { "1" } else { "0" }, "{op} {not}");
    }
}

#[test]
fn and_or() {
    for x in [false, true] {
        for y in [false, true] {
            let and = eval(Bool, |b| {
                let (x, y) = (b.n(Kind::Bool(x), Bool), b.n(Kind::Bool(y), Bool));
                b.n(Kind::And(x, y), Bool)
            });
            let or = eval(Bool, |b| {
                let (x, y) = (b.n(Kind::Bool(x), Bool), b.n(Kind::Bool(y), Bool));
                let or = b.n(Kind::Or(x, y), Bool);
                let not = b.op("Not", &[or], Bool);
                b.op("Not", &[not], Bool)
            });
            assert_eq!((and, or), ((x && y).to_string(), (x || y).to_string()));
        }
    }
}

#[test]
fn data() {
    let list = Type::list(Int);
    let make = |b: &mut B| {
        let xs = [b.int(1), b.int(2), b.int(3)];
        b.n(Kind::List(xs.to_vec()), Type::list(Int))
    };
    assert_eq!(eval(list.clone(), make), "[1, 2, 3]");
    assert_eq!(
        eval(Int, |b| {
            let (xs, i) = (make(b), b.int(2));
            b.op("IndexList", &[xs, i], Int)
        }),
        "3"
    );
    assert_eq!(
        eval(Int, |b| {
            let xs = make(b);
            b.op("LenList", &[xs], Int)
        }),
        "3"
    );
    assert_eq!(
        eval(Type::list(Num), |b| {
            let xs = make(b);
            b.n(Kind::Widen(xs), Type::list(Num))
        }),
        "[1.0, 2.0, 3.0]"
    );
    let long = |b: &mut B| {
        let xs = (0..100_000).map(|i| b.int(i)).collect();
        b.n(Kind::List(xs), Type::list(Int))
    };
    assert_eq!(
        eval(Int, |b| {
            let xs = long(b);
            b.op("LenList", &[xs], Int)
        }),
        "100000"
    );
    let rec = Type::record(vec![("y".into(), Int), ("x".into(), Num)]);
    let r2 = rec.clone();
    assert_eq!(
        eval(rec, |b| {
            let parts = vec![b.num(1.5), b.int(2)];
            b.n(Kind::Tuple(parts), r2)
        }),
        "(x: 1.5, y: 2)"
    );
    let pair = Type::tuple(vec![Int, Str]);
    assert_eq!(
        eval(Str, |b| {
            let parts = vec![b.int(1), b.str("a")];
            let t = b.n(Kind::Tuple(parts), pair);
            b.n(Kind::Field(t, 1), Str)
        }),
        "\"a\""
    );
    assert_eq!(
        eval(Range, |b| {
            let (x, y) = (b.int(1), b.int(4));
            b.range(x, y, true)
        }),
        "1..5"
    );
    assert_eq!(
        eval(Type::tuple(vec![Int; 20]), |b| {
            let parts = (0..20).map(|i| b.int(i)).collect();
            b.n(Kind::Tuple(parts), Type::tuple(vec![Int; 20]))
        })
        .len(),
        70
    );
}

#[test]
fn natives_take_and_give_both_kinds() {
    assert_eq!(
        eval(Str, |b| {
            let s = b.str("ab");
            let u = b.op("upper", &[s], Str);
            let v = b.str("!");
            b.op("ConcatStr", &[u, v], Str)
        }),
        "\"AB!\""
    );
    assert_eq!(
        eval(Int, |b| {
            let s = b.str("abc");
            b.op("len", &[s], Int)
        }),
        "3"
    );
    assert_eq!(
        eval(Num, |b| {
            let args = [b.int(1), b.num(0.5), b.n(Kind::Bool(true), Bool)];
            b.op("add3", &args, Num)
        }),
        "2.5"
    );
}

#[test]
fn calls_and_closures() {
    let env = env(Limits::default());
    // fn(a: str, n: int, with s: str, k: int) -> str { if n == k { a + s } else { a } }
    let mut b = f("inner", &[Str, Int], Str);
    let (s, k) = (b.capture(Str), b.capture(Int));
    let (n, k) = (b.p(1), b.get(k));
    let c = b.op("EqInt", &[n, k], Bool);
    let (a, s) = (b.p(0), b.get(s));
    let t = b.op("ConcatStr", &[a, s], Str);
    let e = b.p(0);
    let body = b.if_(c, t, Some(e), Str);
    add(&env, vec![b.body(body)]);
    let ty = Type::func(vec![Str, Int], Str);
    let mut b = f("main", &[], Str);
    let caps = vec![b.str("!"), b.int(7)];
    let close = b.n(Kind::Closure { func: FuncId(0), captures: caps }, ty.clone());
    let l = b.fixed(ty);
    let bind = b.let_(l, close);
    let args = vec![b.str("x"), b.int(7)];
    let callee = b.get(l);
    let one = b.n(Kind::CallValue { callee, args }, Str);
    let args = vec![one, b.int(8)];
    let callee = b.get(l);
    let two = b.n(Kind::CallValue { callee, args }, Str);
    let body = b.block(&[bind, two], Str);
    let v = run_in(&env, &b.body(body), &[]).unwrap();
    assert_eq!(show(&v, &Str), "\"x!\"");
}

#[test]
fn builtins_call_back() {
    let env = env(Limits::default());
    let mut b = f("next", &[Int], Int);
    let (n, g) = (b.p(0), b.n(Kind::Global(GlobalId(0)), Int));
    let body = b.op("AddInt", &[n, g], Int);
    add(&env, vec![b.body(body)]);
    let mut b = f("main", &[], Int);
    let close = b.n(Kind::Closure { func: FuncId(0), captures: vec![] }, Type::func(vec![Int], Int));
    let one = b.int(1);
    let body = b.op("apply", &[close, one], Int);
    let code = compile(&b.body(body), &env.ops, &env.library, Options::default()).unwrap();
    let mut m = Machine::new(&env, vec![Value::Int(41)]);
    assert_eq!(show(&m.run(&code, &[]).unwrap(), &Int), "42");
    assert_eq!(m.globals().len(), 1);
}

#[test]
fn right_operands_may_change_variables() {
    // var x = 1; x + { x = 5; x }
    assert_eq!(
        eval(Int, |b| {
            let x = b.local(Int);
            let one = b.int(1);
            let init = b.let_(x, one);
            let left = b.get(x);
            let five = b.int(5);
            let set = b.set(x, five);
            let v = b.get(x);
            let right = b.block(&[set, v], Int);
            let sum = b.op("AddInt", &[left, right], Int);
            b.block(&[init, sum], Int)
        }),
        "6"
    );
}

#[test]
fn assignments_into_parts() {
    // var t = ([1, 2], "a"); let u = t; t[0][1] = 9; (t, u)
    let list = Type::list(Int);
    let inner = Type::tuple(vec![list.clone(), Str]);
    let both = Type::tuple(vec![inner.clone(), inner.clone()]);
    let b2 = both.clone();
    assert_eq!(
        eval(both, |b| {
            let (t, u) = (b.local(inner.clone()), b.fixed(inner.clone()));
            let items = vec![b.int(1), b.int(2)];
            let parts = vec![b.n(Kind::List(items), list), b.str("a")];
            let v = b.n(Kind::Tuple(parts), inner);
            let one = b.let_(t, v);
            let v = b.get(t);
            let two = b.let_(u, v);
            let (i, nine) = (b.int(1), b.int(9));
            let path = vec![Step::Field(0), Step::Index(i)];
            let set = b.n(Kind::Assign { place: Place::Local(t), path, value: nine }, Unit);
            let parts = vec![b.get(t), b.get(u)];
            let v = b.n(Kind::Tuple(parts), b2.clone());
            b.block(&[one, two, set, v], b2)
        }),
        r#"(([1, 9], "a"), ([1, 2], "a"))"#
    );
}

#[test]
fn holes_as_inputs() {
    // ??(0..9) * ??{1 | p0} + ??f(p0), run as a function of p0, the number, the choice and the function
    let env = env(Limits::default());
    let mut b = f("double", &[Int], Int);
    let (n, two) = (b.p(0), b.int(2));
    let body = b.op("MulInt", &[n, two], Int);
    add(&env, vec![b.body(body)]);
    let mut b = f("sketch", &[Int], Int);
    let kinds = [
        HoleKind::Range { lo: 0.0, hi: 9.0, start: None, angle: false },
        HoleKind::Choice { ops: vec![] },
        HoleKind::Call,
    ];
    for kind in kinds {
        b.0.holes.push(Hole { name: Some("h".into()), kind, ty: Int, span: Default::default(), scope: vec![] });
    }
    let x = b.n(Kind::Hole { hole: HoleId(0), args: vec![] }, Int);
    let args = vec![b.int(1), b.p(0)];
    let y = b.n(Kind::Hole { hole: HoleId(1), args }, Int);
    let args = vec![b.p(0)];
    let z = b.n(Kind::Hole { hole: HoleId(2), args }, Int);
    let m = b.op("MulInt", &[x, y], Int);
    let body = b.op("AddInt", &[m, z], Int);
    let func = b.body(body);
    let code = compile(&func, &env.ops, &env.library, Options { holes_as_inputs: true }).unwrap();
    let double = Value::Fn(std::sync::Arc::new(crate::vm::value::Closure {
        func: FuncId(0),
        library: env.library.id(),
        captures: vec![],
        origin: None,
    }));
    let mut m = Machine::new(&env, vec![]);
    let mut go = |c: i64| m.run(&code, &[Value::Int(10), Value::Int(3), Value::Int(c), double.clone()]);
    assert_eq!(show(&go(0).unwrap(), &Int), "23");
    assert_eq!(show(&go(1).unwrap(), &Int), "50");
    assert_eq!(go(2).unwrap_err().fail.code, "E0404");
    let e = run(&func, &[Value::Int(1)]).unwrap_err();
    assert_eq!((e.fail.code, e.fail.message.as_str()), ("E0404", "the hole `??h` is not filled"));
}

#[test]
fn deep_trees_compile() {
    // 1 + (1 + (1 + ..)) holds a register a level only where the left side needs one.
    assert_eq!(
        eval(Int, |b| {
            let mut n = b.int(0);
            for _ in 0..1900 {
                let one = b.int(1);
                n = b.op("AddInt", &[n, one], Int);
            }
            n
        }),
        "1900"
    );
}
