//! The language as a host program sees it.

use nsp::builtins::{Exact, Op, native};
use nsp::shape::affine::{Bounds, Scalar};
use nsp::{Cancel, Engine, Error, ErrorKind, Function, HostType, Limits, Program, Session, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[track_caller]
fn fails(nsp: &mut Engine, text: &str) -> Error {
    match nsp.run(text) {
        Ok(v) => panic!("`{text}` gave a value: {:?}", v.value),
        Err(e) => e,
    }
}

#[path = "../examples/embed_basic.rs"]
mod embed_basic;
#[path = "../examples/embed_limits.rs"]
mod embed_limits;
#[path = "../examples/embed_types.rs"]
mod embed_types;

#[test]
fn the_examples_hold() {
    embed_basic::main().unwrap();
    embed_limits::main().unwrap();
    embed_types::main().unwrap();
}

// ---- types and conversions

#[test]
fn everything_a_host_holds_can_go_to_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Engine>();
    shared::<Program>();
    shared::<Function>();
    shared::<Session>();
    shared::<Value>();
    shared::<Error>();
    shared::<Cancel>();
    shared::<Limits>();
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Finish {
    Plain,
    Gloss { coats: u8 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    name: String,
    // Not in the order of the language's records, which is by name.
    width: f64,
    count: u32,
    at: (f64, f64),
    tags: Vec<String>,
    note: Option<String>,
    finish: Finish,
}

fn part() -> Part {
    Part {
        name: "bolt".into(),
        width: 2.5,
        count: 7,
        at: (1.0, -1.0),
        tags: vec!["m4".into(), "steel".into()],
        note: Some("left".into()),
        finish: Finish::Gloss { coats: 2 },
    }
}

#[test]
fn structs_are_records() {
    let mut nsp = Engine::new();
    nsp.set("part", &part()).unwrap();
    assert_eq!(nsp.get::<Part>("part").unwrap(), part());
    assert_eq!(nsp.eval::<f64>("part.width * part.count + part.at[0]").unwrap(), 18.5);
    assert_eq!(nsp.eval::<String>("part.tags[1] + part.note[0]").unwrap(), "steelleft");
    assert_eq!(nsp.eval::<i64>("part.finish.Gloss.coats").unwrap(), 2);
    #[derive(Deserialize)]
    struct Point {
        y: i64,
        x: f64,
    }
    let p: Point = nsp.eval("(x: 1, y: 2)").unwrap();
    assert_eq!((p.x, p.y), (1.0, 2));
}

#[test]
fn other_data_both_ways() {
    let mut nsp = Engine::new();
    nsp.set("ages", &HashMap::from([("ann", 31), ("bob", 4)])).unwrap();
    assert_eq!(nsp.eval::<i64>("ages.ann - ages.bob").unwrap(), 27);
    assert_eq!(
        nsp.get::<BTreeMap<String, u8>>("ages").unwrap(),
        BTreeMap::from([("ann".into(), 31), ("bob".into(), 4)])
    );
    nsp.set("finish", &Finish::Plain).unwrap();
    assert_eq!(nsp.eval::<String>("finish").unwrap(), "Plain");
    assert_eq!(nsp.get::<Finish>("finish").unwrap(), Finish::Plain);
    nsp.set("steps", &(2..5)).unwrap();
    assert_eq!(nsp.eval::<Vec<i64>>("for i in steps { i * i }").unwrap(), [4, 9, 16]);
    assert_eq!(nsp.get::<std::ops::Range<i64>>("steps").unwrap(), 2..5);
    nsp.set("json", &serde_json::json!({"xs": [1, 2.5], "ok": true, "s": "é"})).unwrap();
    assert_eq!(nsp.eval::<f64>("json.xs[0] + json.xs[1]").unwrap(), 3.5);
    assert_eq!(
        nsp.get::<serde_json::Value>("json").unwrap(),
        serde_json::json!({"ok": true, "s": "é", "xs": [1.0, 2.5]})
    );
    assert_eq!(nsp.eval::<(i64, String)>("(1, \"a\")").unwrap(), (1, "a".into()));
    assert_eq!(nsp.eval::<Option<f64>>("[2]").unwrap(), Some(2.0));
    assert_eq!(nsp.eval::<Option<f64>>("let none: [num] = []\nnone").unwrap(), None);
    nsp.eval::<()>("let z = 1").unwrap();
    nsp.set("z", &()).unwrap();
}

#[test]
fn conversion_errors_name_the_place() {
    let mut nsp = Engine::new();
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Order {
        items: Vec<Item>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Item {
        x: i64,
    }
    let e = nsp.eval::<Order>("(items: [(x: \"a\")])").unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Convert);
    assert_eq!(e.message(), "expected int for field `items[0].x`, found str");
    let e = nsp.eval::<Item>("(y: 1)").unwrap_err();
    assert_eq!(e.message(), "the record has no field `x`");
    assert_eq!(nsp.eval::<i64>("1.5").unwrap_err().message(), "expected int, found num");
    assert_eq!(nsp.eval::<(i64, i64)>("[1, 2, 3]").unwrap_err().message(), "expected 2 items, found 3");
    assert!(nsp.eval::<u8>("300").unwrap_err().message().contains("300"));
    assert!(nsp.eval::<String>("fn(x: int) { x }").unwrap_err().message().contains("found fn(int) -> int"));
    let e = nsp.set("mixed", &serde_json::json!([1, "a"])).unwrap_err();
    assert_eq!(e.message(), "expected int for item `[1]`, found str");
    let e = nsp.set("big", &u64::MAX).unwrap_err();
    assert!(e.message().contains("does not fit an int"), "{e}");
    assert!(nsp.set("m", &HashMap::from([(1, 2)])).unwrap_err().message().contains("map's key"));
}

#[test]
fn empty_lists_take_the_type_that_is_wanted() {
    let mut nsp = Engine::new();
    let none: Vec<i64> = Vec::new();
    let e = nsp.set("xs", &none).unwrap_err();
    assert!(e.to_string().contains("set_as"), "{e}");
    nsp.set_as("xs", "[num]", &none).unwrap();
    assert_eq!(nsp.eval::<Vec<f64>>("push(xs, 1.5)").unwrap(), [1.5]);
    nsp.set("xs", &[1.0, 2.0]).unwrap();
    nsp.set("xs", &none).unwrap();
    assert_eq!(nsp.eval::<usize>("len(xs)").unwrap(), 0);
    nsp.run("fn total(xs: [num]) -> num { fold(xs, 0.0, fn(a, b) { a + b }) }").unwrap();
    assert_eq!(nsp.call::<f64>("total", (&none,)).unwrap(), 0.0);
    assert_eq!(nsp.call::<f64>("total", ([1, 2, 3],)).unwrap(), 6.0);
    assert!(nsp.set_as("xs", "[(", &none).is_err());
    assert!(nsp.set_as("xs", "[str]", &[1]).unwrap_err().message().contains("expected str for item `[0]`"));
}

// ---- values, functions, programs

#[test]
fn values_in_and_out() {
    let mut nsp = Engine::new();
    nsp.set("x", &20).unwrap();
    nsp.run("let y = x + 1\nfn seen() { x }").unwrap();
    assert_eq!(nsp.get::<i64>("y").unwrap(), 21);
    nsp.set("x", &30).unwrap();
    assert_eq!(nsp.call::<i64>("seen", ()).unwrap(), 30);
    let e = nsp.get::<i64>("yy").unwrap_err();
    assert_eq!((e.kind(), e.to_string().contains("did you mean `y`")), (ErrorKind::Check, true), "{e}");
    assert!(nsp.get::<i64>("seen").unwrap_err().to_string().contains("function"));
}

#[test]
fn calls() {
    let mut nsp = Engine::new();
    nsp.run(
        "fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }
         fn twice(x) { x + x }
         fn norm(p: (x: num, y: num)) { hyp(p.x, p.y) }
         let k = 10
         let scale = fn(v: num) { v * k }
         fn apply(f: fn(num) -> num, v: num) { f(v) }",
    )
    .unwrap();
    assert_eq!(nsp.call::<f64>("hyp", (3.0, 4.0)).unwrap(), 5.0);
    assert_eq!(nsp.call::<f64>("hyp", (3,)).unwrap(), 3.0);
    assert_eq!(nsp.call::<i64>("twice", (4,)).unwrap(), 8);
    assert_eq!(nsp.call::<String>("twice", ("ab",)).unwrap(), "abab");
    assert_eq!(nsp.call::<f64>("scale", (1.5,)).unwrap(), 15.0);
    assert_eq!(nsp.call::<f64>("sqrt", (16,)).unwrap(), 4.0);
    #[derive(Serialize)]
    struct P {
        y: i32,
        x: f32,
    }
    assert_eq!(nsp.call::<f64>("norm", (P { y: 4, x: 3.0 },)).unwrap(), 5.0);
    let scale = nsp.function("scale").unwrap().value();
    let v = nsp.run("2.0").unwrap();
    let r = nsp.call_typed("apply", vec![scale, v]).unwrap();
    assert!(matches!(r.value, Value::Num(x) if x == 20.0));

    let e = nsp.call::<f64>("hyp", ("a",)).unwrap_err();
    assert_eq!((e.kind(), e.message()), (ErrorKind::Convert, "expected num for argument 1, found str"));
    let e = nsp.call::<f64>("norm", ((1, 2),)).unwrap_err();
    assert!(e.message().contains("argument 1"), "{e}");
    assert_eq!(nsp.call::<f64>("hyq", (1,)).unwrap_err().kind(), ErrorKind::Check);
    assert_eq!(nsp.call::<f64>("hyp", (1, 2, 3)).unwrap_err().kind(), ErrorKind::Check);
    assert!(nsp.call::<f64>("1 + hyp", (1,)).is_err());
}

#[test]
fn handles_are_called_from_many_threads() {
    let mut nsp = Engine::new();
    nsp.run("fn poly(x: num) -> num { 3*x*x - x + 1 }\nfn pair(a, b) { (a, b) }").unwrap();
    let poly = nsp.function("poly").unwrap();
    let pair = nsp.function_for::<(i64, String)>("pair").unwrap();
    let e = nsp.function("pair").unwrap_err();
    assert!(e.to_string().contains("function_for"), "{e}");
    let program = nsp.compile("for i in 0..10 { poly(i) }").unwrap();
    let threads: Vec<_> = (0..4)
        .map(|t| {
            let (poly, pair, program) = (poly.clone(), pair.clone(), program.clone());
            std::thread::spawn(move || {
                for i in 0..200 {
                    let x = f64::from(i + t);
                    assert_eq!(poly.call::<f64>((x,)).unwrap(), 3.0 * x * x - x + 1.0);
                    assert_eq!(pair.call::<(i64, String)>((i, "k")).unwrap(), (i64::from(i), "k".into()));
                    assert_eq!(program.run::<Vec<f64>>().unwrap()[2], 11.0);
                }
            })
        })
        .collect();
    // The engine goes on meanwhile.
    for i in 0..200 {
        assert!(nsp.eval::<i64>(&format!("twenty({i})")).is_err());
        assert_eq!(nsp.eval::<i64>(&format!("{i} + 1")).unwrap(), i + 1);
    }
    threads.into_iter().for_each(|t| t.join().unwrap());
    drop(nsp);
    assert_eq!(poly.call::<f64>((0,)).unwrap(), 1.0);
}

#[test]
fn clones_go_their_own_ways() {
    let mut a = Engine::new();
    a.run("let x = 1").unwrap();
    let mut b = a.clone();
    b.run("let x = 2\nfn f() { x }").unwrap();
    b.register("host", || 5);
    assert_eq!(a.eval::<i64>("x").unwrap(), 1);
    assert_eq!(b.eval::<i64>("f() + host()").unwrap(), 7);
    assert_eq!(fails(&mut a, "f()").kind(), ErrorKind::Check);
    assert_eq!(fails(&mut a, "host()").kind(), ErrorKind::Check);
}

#[test]
fn many_evaluations_do_not_grow() {
    let mut nsp = Engine::new();
    nsp.register("host", |n: i64| n + 1);
    nsp.run("fn f(x) { x * 2 }").unwrap();
    let size = |nsp: &Engine| {
        let s = nsp.session();
        (s.env().library.len(), s.defs().len(), s.globals().len(), s.sources().clone())
    };
    let round = |nsp: &mut Engine, i: i64| {
        assert_eq!(nsp.eval::<i64>("1 + 1").unwrap(), 2);
        nsp.set("row", &i).unwrap();
        assert_eq!(nsp.eval::<i64>("host(row) + _").unwrap(), i + 3);
        assert_eq!(nsp.call::<i64>("f", (i,)).unwrap(), 2 * i);
        assert_eq!(nsp.eval::<f64>("f(1.5) + fold(map([1, 2], f), 0, fn(a, b) { a + b })").unwrap(), 9.0);
        assert!(nsp.run("1 +").is_err());
        assert!(nsp.run("nothing(1)").is_err());
        assert!(nsp.run("[1, 2][map([7], f)[0]]").is_err());
    };
    (0..10).for_each(|i| round(&mut nsp, i));
    let before = size(&nsp);
    (0..2000).for_each(|i| round(&mut nsp, i));
    let after = size(&nsp);
    assert_eq!((before.0, before.1, before.2), (after.0, after.1, after.2));
    let next = |mut s: nsp::source::SourceMap| s.add("", "");
    assert_eq!(next(before.3), next(after.3));
}

#[test]
fn what_variables_hold_outlives_its_line() {
    let mut nsp = Engine::new();
    nsp.run("var f = fn(x: int) { x }").unwrap();
    nsp.run("f = fn(x: int) { x + 100 }").unwrap();
    nsp.run("fold([1, 2], 0, fn(a, b) { a + b })").unwrap();
    assert_eq!(nsp.eval::<i64>("f(1)").unwrap(), 101);
    nsp.run("5").unwrap();
    nsp.run("let g = fn() { _ + 1 }").unwrap();
    nsp.run("7").unwrap();
    assert_eq!(nsp.eval::<i64>("g()").unwrap(), 6);
}

// ---- host functions and types

#[test]
fn functions_of_all_shapes() {
    let mut nsp = Engine::new();
    nsp.register("zero", || 0i64)
        .register("shout", |s: &str| s.to_uppercase())
        .register("glue", |a: String, b: &str| a + b)
        .register("pick", |flag: bool, a: &str, b: &str| if flag { a.to_string() } else { b.to_string() })
        .register("mean", |xs: Vec<f64>| xs.iter().sum::<f64>() / xs.len() as f64)
        .register("swap", |p: (i64, String)| (p.1, p.0))
        .register("small", |b: u8| i32::from(b))
        .register("head", |xs: Vec<String>| xs.into_iter().next())
        .register("span", |r: std::ops::Range<i64>| r.end - r.start)
        .register("four", |a: &str, b: i64, c: &str, d: f64| format!("{a}{b}{c}{d}"))
        .register("six", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64| a + b + c + d + e + f)
        .register("nothing", |_: f32| ())
        .register("parse", |s: &str| s.parse::<i64>())
        .register("len_of", str::len);
    assert_eq!(nsp.eval::<i64>("zero() + six(1, 2, 3, 4, 5, 6)").unwrap(), 21);
    assert_eq!(nsp.eval::<String>("\"a\" |> shout |> glue(\"b\")").unwrap(), "Ab");
    assert_eq!(nsp.eval::<String>("pick(1 > 2, \"yes\", \"no\")").unwrap(), "no");
    assert_eq!(nsp.eval::<f64>("mean([1, 2, 6])").unwrap(), 3.0);
    assert_eq!(nsp.eval::<(String, i64)>("swap((1, \"a\"))").unwrap(), ("a".into(), 1));
    assert_eq!(nsp.eval::<Vec<String>>("head([\"a\", \"b\"])").unwrap(), ["a"]);
    assert_eq!(nsp.eval::<i64>("span(2..9) + len_of(\"four\")").unwrap(), 11);
    assert_eq!(nsp.eval::<String>("four(\"a\", 1, \"c\", 2)").unwrap(), "a1c2");
    nsp.eval::<()>("nothing(1)").unwrap();
    assert_eq!(nsp.eval::<i64>("parse(\"12\")").unwrap(), 12);

    let e = fails(&mut nsp, "let n = 1\nn + parse(\"x\")");
    assert_eq!((e.kind(), e.line_col()), (ErrorKind::Runtime, Some((2, 5))), "{e}");
    assert_eq!(e.message(), "invalid digit found in string");
    let e = fails(&mut nsp, "small(300)");
    assert_eq!(e.message(), "300 is not in 0..=255");
    let e = fails(&mut nsp, "shout(1)");
    assert_eq!(e.kind(), ErrorKind::Check);
    // The same types replace; others make an overload.
    nsp.register("zero", || 7i64).register("zero", |s: &str| s.len());
    assert_eq!(nsp.eval::<i64>("zero() + zero(\"abc\")").unwrap(), 10);
}

#[derive(Debug, Clone, PartialEq)]
struct Account {
    owner: String,
    cents: i64,
}

impl HostType for Account {
    const NAME: &'static str = "account";
    fn show(&self) -> String {
        format!("account of {}", self.owner)
    }
}

#[test]
fn host_types_go_round() {
    let mut nsp = Engine::new();
    nsp.register_type::<Account>()
        .register("open", |owner: String| Account { owner, cents: 0 })
        .register("deposit", |a: &Account, cents: i64| Account { cents: a.cents + cents, ..a.clone() })
        .register("cents", |a: &Account| a.cents)
        .register("owner", |a: &Account| a.owner.clone())
        .register("richest", |all: Vec<Account>| all.into_iter().max_by_key(|a| a.cents));
    nsp.run("fn gift(a: account) -> account { a |> deposit(500) }").unwrap();
    let v = nsp.run("open(\"ann\") |> gift").unwrap();
    assert_eq!(Engine::object::<Account>(&v), Some(&Account { owner: "ann".into(), cents: 500 }));
    assert_eq!(nsp::vm::show(&v.value, &v.ty), "account of ann");
    nsp.set_object("bob", Account { owner: "bob".into(), cents: 900 });
    assert_eq!(nsp.eval::<String>("owner(richest([open(\"ann\"), bob])[0])").unwrap(), "bob");
    assert!(nsp.eval::<bool>("bob == deposit(bob, 0) and bob != open(\"bob\")").unwrap());
    assert_eq!(nsp.call_typed("cents", vec![v]).map(|t| t.ty).unwrap(), nsp::types::Type::Int);
    let e = fails(&mut nsp, "cents(5)");
    assert!(e.to_string().contains("account"), "{e}");
    assert_eq!(nsp.eval::<i64>("bob").unwrap_err().kind(), ErrorKind::Convert);
}

#[test]
fn one_entry_adds_a_builtin() {
    let mut nsp = Engine::new();
    let body = native(|_, args| match args {
        [Value::Int(n)] => Ok(Value::Int(*n * 3)),
        _ => Err("expected an int".into()),
    });
    let op = Op::new("triple", "(n: int) -> int", "Three times a number.", "triple(2) == 6", body);
    nsp.register_op(op).unwrap();
    assert_eq!(nsp.eval::<i64>("[1, 2] |> map(triple) |> fold(0, fn(a, b) { a + b })").unwrap(), 9);
    assert!(nsp.eval::<bool>("triple(2) == 6").unwrap());
    let [id] = nsp.ops().overloads("triple") else { panic!("no entry") };
    assert_eq!((&*nsp.ops().get(*id).doc, &*nsp.ops().get(*id).sig), ("Three times a number.", "(n: int) -> int"));
    let e = fails(&mut nsp, "triple(\"a\")");
    assert_eq!((e.kind(), e.message()), (ErrorKind::Check, "expected int, found str"));
    assert!(fails(&mut nsp, "tripl(2)").to_string().contains("`triple`"));
    let bad = Op::new("bad", "(n: ) ->", "", "", native(|_, _| Ok(Value::Unit)));
    assert!(nsp.register_op(bad).is_err());
}

#[test]
fn a_builtin_that_breaks_its_promise_breaks_nothing_else() {
    let mut nsp = Engine::new();
    for (name, sig) in [("a", "-> int"), ("b", "-> str"), ("c", "-> [int]"), ("d", "-> (int, str)")] {
        let body = native(|_, _| Ok(Value::list(vec![Value::str("x")])));
        nsp.register_op(Op::new(format!("wrong_{name}"), format!("() {sig}"), "", "", body)).unwrap();
    }
    for text in
        ["wrong_a() + 1", "wrong_b() + \"a\"", "wrong_c()[0] + 1", "wrong_c()[1]", "wrong_d()[0] + 1", "wrong_d()[1]"]
    {
        let _ = nsp.eval::<i64>(text);
    }
    assert_eq!(nsp.eval::<i64>("1").unwrap(), 1);
}

/// `|x - cx| + |y - cy| - r`
fn diamond<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (x, y, r) = (a[0], a[1], a[2]);
    move |p| (p[0] - x).abs() + (p[1] - y).abs() - r
}

fn diamond_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], 0.0], [a[2], a[2], 0.0])
}

#[test]
fn one_entry_adds_a_shape() {
    let mut nsp = Engine::new();
    let prim = nsp::prim!("diamond", 2, [x: Coord, y: Coord, r: Extent], diamond, diamond_bounds);
    let sig = "(x: num, y: num, r: num) -> shape2";
    let doc = "A square on its corner.";
    nsp.register_op(Op::new("diamond", sig, doc, "diamond(0, 0, 1) == diamond(0, 0, 1)", Exact::Prim(Arc::new(prim))))
        .unwrap();
    let v = nsp.run("diamond(4, 4, 3) - circle(4, 4, 1)").unwrap();
    assert_eq!(nsp::vm::show(&v.value, &v.ty), "diamond(4.0, 4.0, 3.0) - circle(4.0, 4.0, 1.0)");
    let picture = nsp.run("render(diamond(4, 4, 3), 8, frame: (0, 0, 8, 8))").unwrap();
    let image = Engine::object::<nsp::raster::image::Image>(&picture).unwrap();
    let bright = |x, y| image.pixels().get_pixel(x, y).0[0] > 127;
    let row = |y| (0..8).map(|x| if bright(x, y) { '#' } else { '.' }).collect::<String>();
    let rows: Vec<String> = (0..8).map(row).collect();
    let drawn = ["........", "...##...", "..####..", ".######.", ".######.", "..####..", "...##...", "........"];
    assert_eq!(rows, drawn);
    assert!(fails(&mut nsp, "diamond(0, 0, -1)").message().contains("`r`"));
    // Written over any number, the formula has a relaxed meaning too.
    nsp.run("fn jewel() -> shape2 { diamond(4, 4, ??(1..5: 3.0)) }").unwrap();
    assert_eq!(nsp.eval::<f64>("relax(jewel)(4, 7)").unwrap(), 0.5);
    let found = nsp.eval::<f64>("iou(fit(jewel, render(diamond(4, 4, 2), 8))(), render(diamond(4, 4, 2), 8))").unwrap();
    assert!(found > 0.9, "{found}");
}

/// `sqrt(x^2 + y^2 + 1)`
struct Bowl;

impl nsp::Differentiable<2> for Bowl {
    fn value<R: nsp::Real>([x, y]: [R; 2]) -> R {
        (x * x + y * y + R::lit(1.0)).sqrt()
    }
}

#[test]
fn host_functions_with_a_derivative_are_relaxed_and_others_refused() {
    let mut nsp = Engine::new();
    nsp.register_diff::<2, Bowl>("bowl").register("twice", |x: f64| 2.0 * x);
    assert_eq!(nsp.eval::<f64>("bowl(2, 2)").unwrap(), 3.0);
    let slope: Vec<f64> =
        nsp.eval("let g = grad(fn(x: num, y: num) -> num { bowl(x, y) })(2, -2)\n[g[0], g[1]]").unwrap();
    assert!((slope[0] - 2.0 / 3.0).abs() < 1e-6 && (slope[1] + 2.0 / 3.0).abs() < 1e-6, "{slope:?}");
    nsp.run("fn moved(x: num) -> num { bowl(x - ??(-3..3), 0) }").unwrap();
    let found: f64 = nsp.eval("fit(moved, [(0, bowl(1.5, 0)), (1, bowl(0.5, 0)), (3, bowl(1.5, 0))])(1.5)").unwrap();
    assert!((found - 1.0).abs() < 1e-3, "{found}");
    let error = fails(&mut nsp, "relax(fn(x: num) -> num { x + twice(x) })(1)");
    assert!(error.message().contains("`twice` has no relaxed meaning"), "{error}");
}

// ---- errors

#[test]
fn errors_show_their_place() {
    let mut nsp = Engine::new();
    let e = fails(&mut nsp, "let a = 1\nlet b = a + \"x\"");
    assert!(e.to_string().starts_with("<eval>:2:"), "{e}");
    assert_eq!(fails(&mut nsp, "let = ").kind(), ErrorKind::Syntax);
    assert_eq!(fails(&mut nsp, "[1, 2][5]").kind(), ErrorKind::Runtime);
    assert!(!e.diagnostics().is_empty());
    let e = nsp.run_named("rules.nsp", "1 / \"a\"").unwrap_err();
    assert!(e.to_string().starts_with("rules.nsp:1:"), "{e}");
}
