//! The relaxed mode, an operation at a time: each one's value and derivatives, mirrors, what is refused, and what is not
//! finite.

#[path = "support/tapes.rs"]
mod tapes;

use nsp::builtins::sig::Sig;
use nsp::builtins::{Exact, Op, OpTable, Relaxed};
use nsp::relax::Relaxation;
use nsp::relax::function::flatten;
use nsp::types::Type;
use nsp::{Session, Value};
use nsp_kernels::reference;
use nsp_kernels::table::Opcode;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::f64::consts::FRAC_PI_2;
use tapes::{Slope, function, relaxed, session, slopes};

/// Points an operation is looked at.
const POINTS: usize = 40;

/// Text of a function `f`, run to a session.
fn defined(text: &str) -> Session {
    let mut s = session();
    if let Err(e) = s.step("<test>", text) {
        panic!("{text}: {:?}", e[0]);
    }
    s
}

fn tape(s: &Session, samples: &[Value]) -> Relaxation {
    relaxed(s, function(s, "f"), samples).unwrap_or_else(|e| panic!("{e:?}"))
}

/// A function whose parameters are the numbers of one call of an operation.
#[derive(Default)]
struct Call {
    /// Types of its parameters, whose names are `x0`, `x1`, ..
    params: Vec<&'static str>,
}

impl Call {
    fn input(&mut self, ty: &'static str) -> String {
        self.params.push(ty);
        format!("x{}", self.params.len() - 1)
    }

    fn many(&mut self, n: usize, ty: &'static str) -> String {
        let all: Vec<String> = (0..n).map(|_| self.input(ty)).collect();
        all.join(", ")
    }

    /// An argument of new inputs; `k` is its position.
    fn argument(&mut self, ty: &Type, k: usize) -> String {
        match ty {
            Type::Num => self.input("num"),
            Type::Int => self.input("int"),
            Type::Bool => self.input("bool"),
            Type::List(t) => match &**t {
                Type::Num => format!("[{}]", self.many(3, "num")),
                Type::Int => format!("[{}]", self.many(3, "int")),
                // A square, its corners moved.
                _ => format!(
                    "[({} - 1, {} - 1), (0.5 + {}, {} - 0.5), (0.5, 0.3 + {}), ({} - 1, 1)]",
                    self.input("num"),
                    self.input("num"),
                    self.input("num"),
                    self.input("num"),
                    self.input("num"),
                    self.input("num")
                ),
            },
            Type::Con(name) => match (name.as_ref(), k) {
                ("shape2", 0) => format!("rect({}, 1.2, 1.2)", self.many(2, "num")),
                ("shape2", _) => format!("circle({}, 0.6)", self.many(2, "num")),
                ("shape3", 0) => format!("box({}, 1.2, 1.2, 1.2)", self.many(3, "num")),
                ("shape3", _) => format!("sphere({}, 0.7)", self.many(3, "num")),
                _ => panic!("an argument of type {name}"),
            },
            other => panic!("an argument of type {other}"),
        }
    }

    /// The function that makes one call.
    fn function(mut self, op: &Op, sig: &Sig) -> (String, Vec<&'static str>) {
        let args: Vec<String> = (sig.params.iter().enumerate())
            // A `repeat` must know how often.
            .map(|(k, p)| if op.name == "repeat" && k == 1 { "3".into() } else { self.argument(&p.ty, k) })
            .collect();
        let name = &op.name;
        let call = match (args.as_slice(), name.as_ref()) {
            ([a], "neg") => format!("-{a}"),
            ([a], "not") => format!("not {a}"),
            ([a, b], _) if !name.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{a} {name} {b}"),
            _ => format!("{name}({})", args.join(", ")),
        };
        let (result, call) = match &sig.ret {
            Type::Con(shape) => {
                let dim = if shape.as_ref() == "shape2" { 2 } else { 3 };
                let point: Vec<String> = (0..dim).map(|_| format!("2 * {}", self.input("num"))).collect();
                let point = point.join(", ");
                ("bool".to_string(), format!("inside({call}, {point})"))
            }
            ty => (ty.to_string(), call),
        };
        let params: Vec<String> = self.params.iter().enumerate().map(|(i, ty)| format!("x{i}: {ty}")).collect();
        (format!("fn f({}) -> {result} {{ {call} }}", params.join(", ")), self.params)
    }
}

/// What moves values about, in an expression over two nums.
const STRUCTURE: &[(&str, &str)] = &[
    ("len", "[x, y, x * len([x, y])][2] * len(0..3)"),
    ("[]", "[x, x * y, y][1] + [x, y, x][1..3][0]"),
    ("push", "sum(push([x], y * y))"),
    ("+", "product([x] + [y, x])"),
    ("repeat_list", "product(repeat_list([x, y], 2))"),
    ("take", "sum(take([x * y, y, x], 2))"),
    ("drop", "product(drop([x, y, x], 1))"),
    ("first", "first([x * y, x]) * x"),
    ("last", "last([x, x * y]) * y"),
    ("reverse", "reverse([x, x * y])[0]"),
    ("zip", "sum(for (a, b) in zip([x, y], [y, y]) { a * b })"),
    ("enumerate", "sum(for (i, a) in enumerate([x, y]) { i * a * a })"),
    ("flatten", "product(flatten([[x], [y, y]]))"),
    ("transpose", "product(transpose([[x, y], [y, x]])[1])"),
];

/// Exact value, value at the hard limit, derivatives of the soft and of the hard tape at points; the derivatives that
/// agree and are not 0, by input.
fn check(text: &str, types: &[&str], rng: &mut StdRng) -> Vec<usize> {
    let s = defined(text);
    let r = tape(&s, &[]);
    let hard = r.tape.hard();
    let f = s.function(function(&s, "f"));
    let params = r.params.start();
    let mut felt = vec![0; types.len()];
    let (mut equal, mut agree, mut kinks) = (0, 0, 0);
    for _ in 0..POINTS {
        let args: Vec<Value> = types
            .iter()
            .map(|ty| match *ty {
                "int" => Value::Int(rng.random_range(1..4)),
                "bool" => Value::Bool(rng.random_range(0..2) == 0),
                _ => Value::Num(rng.random_range(0.1..0.95)),
            })
            .collect();
        let mut point = Vec::new();
        args.iter().for_each(|a| flatten(a, &mut point));
        if let Ok(value) = s.call(&f, &args) {
            let mut wanted = Vec::new();
            flatten(&value, &mut wanted);
            let got = reference::eval(&hard, &point, &params);
            let near = |(w, g): (&f64, &f64)| (w - g).abs() <= 1e-9 * (1.0 + w.abs());
            assert!(wanted.iter().zip(&got).all(near), "{text} at {point:?}: {wanted:?}, relaxed {got:?}");
            equal += 1;
        }
        // Where ints and bools stand, any number may.
        for (x, ty) in point.iter_mut().zip(types) {
            match *ty {
                "int" => *x += rng.random_range(-0.4..0.4),
                "bool" => *x = rng.random_range(0.05..0.95),
                _ => {}
            }
        }
        for tape in [&r.tape, &hard] {
            let (by_input, _) = reference::gradient(tape, &point, &params, &[1.0]);
            for (i, (what, slope)) in slopes(tape, &point, &params, &[1.0]).into_iter().enumerate() {
                match slope {
                    Slope::Agrees(_) => {
                        agree += 1;
                        if by_input.get(i).is_some_and(|d| *d != 0.0) {
                            felt[i] += 1;
                        }
                    }
                    Slope::Kink => kinks += 1,
                    Slope::Differs(q) => {
                        panic!("{text} by {what} at {point:?}: differences give {q}, not {by_input:?}")
                    }
                }
            }
        }
    }
    assert!(equal >= 3, "{text}: an exact value at {equal} points only");
    assert!(agree > 10 * kinks, "{text}: {kinks} kinks, {agree} derivatives agree");
    felt
}

#[test]
fn every_operation_has_the_value_and_the_derivatives_it_says() {
    let table = OpTable::standard();
    let mut rng = StdRng::seed_from_u64(1);
    let mut moved = BTreeSet::new();
    let mut checked = 0;
    for (id, op) in table.iter() {
        let (sig, prim) = (table.sig(id).unwrap(), matches!(op.exact, Exact::Prim(_)));
        match &op.relaxed {
            Relaxed::None if !prim => continue,
            Relaxed::Sketch(_) => continue,
            // A table has a test of its own.
            Relaxed::Retrieve => continue,
            // Its derivative is an estimate by design.
            Relaxed::Scalar(Opcode::gate) => continue,
            Relaxed::Structure => {
                moved.insert(op.name.to_string());
                continue;
            }
            _ => {}
        }
        let (text, params) = Call::default().function(op, &sig);
        let felt = check(&text, &params, &mut rng);
        assert!(felt.iter().all(|n| *n > 0), "{text}: {felt:?} derivatives are not 0");
        checked += 1;
    }
    assert!(checked >= 70, "only {checked} operations");
    let listed: BTreeSet<String> = STRUCTURE.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(moved, listed, "operations that move values about");
    for (_, expr) in STRUCTURE {
        check(&format!("fn f(x: num, y: num) -> num {{ {expr} }}"), &["num", "num"], &mut rng);
    }
}

#[test]
fn a_row_is_retrieved_softly_and_then_wholly() {
    let text = "fn f(x: num, y: num) -> num { let r = retrieve([[1, 2], [3, x], [y, 4]], [x, y]); r[0] + 10 * r[1] }";
    let r = tape(&defined(text), &[]);
    let mut params = r.params.start();
    for slope in slopes(&r.tape, &[0.3, -0.2], &params, &[1.0]) {
        assert!(!matches!(slope.1, Slope::Differs(_)), "{slope:?}");
    }
    // Products: 0.8, 1.28 and 0.88.
    let (x, y) = (0.4, 0.2);
    params[nsp::relax::params::TEMPERATURE] = 1e-4;
    let cold = reference::eval(&r.tape, &[x, y], &params)[0];
    assert!((cold - (3.0 + 10.0 * x)).abs() < 1e-6, "{cold}");
}

#[test]
fn sketches_have_derivatives_by_all_their_choices() {
    // Not every program looks at the sharpness, or chooses: what counts comes after these two parameters.
    for text in [
        r#"fn f(x: num, y: num) -> num { straightline([x, y], ops: ["+", "*", "keep"], lines: 3) }"#,
        r#"fn f(x: num, y: num) -> num { syntax_tree([x, y], ops: ["-", "*"], depth: 2) }"#,
        "fn f(x: num) -> num { x * ??(0.0..2.0) + ??{x | x * x | 3.0} + ??{+ | *}(x, 2.0) }",
        "fn f(x: num, y: num) -> bool { inside(repeat(circle(0, 0, 1), ??(1..4), 1, 0), x, y) }",
        "fn f(x: num) -> num { var v = 0.0; for i in 0..??(1..4) { v += x * i }; v }",
        r#"fn f(x: num, y: num) -> bool {
            inside(straightline([circle(0, 0, 1), rect(1, 0, 2, 1)], ops: ["+", "-", "&"], lines: 2), x, y)
        }"#,
    ] {
        let r = tape(&defined(text), &[]);
        let mut rng = StdRng::seed_from_u64(5);
        let mut felt = vec![0; r.tape.params];
        for _ in 0..8 {
            let point: Vec<f64> = (0..r.tape.inputs).map(|_| rng.random_range(-1.5..1.5)).collect();
            let mut params: Vec<f64> = r.params.start().iter().map(|x| x + rng.random_range(0.0..0.5)).collect();
            params[nsp::relax::params::SHARPNESS] = 3.0;
            let (_, by_param) = reference::gradient(&r.tape, &point, &params, &[1.0]);
            for (i, (what, slope)) in slopes(&r.tape, &point, &params, &[1.0]).into_iter().enumerate() {
                assert!(!matches!(slope, Slope::Differs(_)), "{text} by {what}: {slope:?}");
                if let (Some(k), Slope::Agrees(_)) = (i.checked_sub(r.tape.inputs), slope) {
                    felt[k] += usize::from(by_param[k] != 0.0);
                }
            }
        }
        assert!(felt[2..].iter().all(|n| *n > 0), "{text}: {felt:?}");
    }
}

/// The occupancy of a shape at a point, as a function of numbers `v0`, `v1`, ..
fn occupancy(shape: &str, numbers: &[f64], point: &[f64]) -> f64 {
    let params: Vec<String> = (0..numbers.len()).map(|i| format!("v{i}: num")).collect();
    let dim = if point.len() == 2 { "shape2" } else { "shape3" };
    let r = tape(&defined(&format!("fn f({}) -> {dim} {{ {shape} }}", params.join(", "))), &[]);
    assert_eq!(r.dim, Some(point.len() as u8));
    reference::eval(&r.tape, &[numbers, point].concat(), &r.params.start())[0]
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn points_of_a_mirror_line_stay_where_they_are() {
    // Three discs tell a point from any other.
    let shapes = ["circle(1, 2, 1.5)", "circle(-1, 0.5, 1)", "circle(0.25, -1, 2)"];
    for (x, y, angle) in [(0.0, 0.0, 0.0), (1.0, -2.0, 0.5), (-0.5, 0.25, 2.0), (2.0, 3.0, -1.1), (0.0, 1.0, FRAC_PI_2)]
    {
        for t in [-2.0, -0.3, 0.0, 1.7] {
            let (c, s) = (f64::cos(angle), f64::sin(angle));
            // Directions are (cos a, -sin a): y points down.
            let (px, py) = (x + t * c, y - t * s);
            for shape in shapes {
                let at = |text: String, p: [f64; 2]| occupancy(&text, &[x, y, angle], &p);
                let plain = at(shape.into(), [px, py]);
                let mirrored = at(format!("mirror({shape}, v0, v1, v2)"), [px, py]);
                let both = at(format!("flip_union({shape}, v0, v1, v2)"), [px, py]);
                assert!(near(plain, mirrored) && near(plain, both), "{shape} at {t} of ({x}, {y}), {angle}");
                // A point beside the line has its image on the other side.
                let (left, right) = ([px + 0.4 * s, py + 0.4 * c], [px - 0.4 * s, py - 0.4 * c]);
                let image = at(format!("mirror({shape}, v0, v1, v2)"), left);
                assert!(near(image, at(shape.into(), right)), "{shape} beside {t} of ({x}, {y}), {angle}");
                let both = at(format!("flip_union({shape}, v0, v1, v2)"), left);
                assert!(near(both, image.max(at(shape.into(), left))));
            }
        }
    }
}

#[test]
fn points_of_a_mirror_plane_stay_where_they_are() {
    let shapes = ["sphere(1, 2, 0, 1.5)", "sphere(-1, 0.5, 1, 1)", "sphere(0, -1, 2, 2)", "sphere(0, 0, -1, 1)"];
    for (n, offset) in [([1.0, 0.0, 0.0], 0.5), ([0.3, -0.7, 0.2], -0.4), ([2.0, 2.0, -1.0], 3.0)] {
        let len2 = n.iter().map(|x| x * x).sum::<f64>();
        // Two directions in the plane.
        let (u, v) = ([n[1], -n[0], 0.0], [n[0] * n[2], n[1] * n[2], -n[0] * n[0] - n[1] * n[1]]);
        for (a, b) in [(0.0, 0.0), (1.0, -0.5), (-0.7, 2.0)] {
            let p: [f64; 3] = std::array::from_fn(|k| n[k] * offset / len2 + a * u[k] + b * v[k]);
            let numbers = [n[0], n[1], n[2], offset];
            for shape in shapes {
                let at = |text: String, p: [f64; 3]| occupancy(&text, &numbers, &p);
                let plain = at(shape.into(), p);
                let mirrored = at(format!("mirror({shape}, v0, v1, v2, v3)"), p);
                let both = at(format!("flip_union({shape}, v0, v1, v2, v3)"), p);
                assert!(near(plain, mirrored) && near(plain, both), "{shape} at {p:?}");
                let beside = |side: f64| std::array::from_fn(|k| p[k] + side * n[k]);
                let image = at(format!("mirror({shape}, v0, v1, v2, v3)"), beside(0.3));
                assert!(near(image, at(shape.into(), beside(-0.3))), "{shape} beside {p:?}");
            }
        }
    }
}

/// A rectangle has the derivatives of its distance on its border, too.
#[test]
fn borders_have_derivatives() {
    for (shape, point) in [
        ("rect(0, 0, v0, 2)", vec![1.0, 0.0]),
        ("box(0, 0, 0, v0, 3, 3)", vec![1.0, 0.0, 0.0]),
        ("cylinder(0, 0, 0, 3, v0)", vec![0.0, 0.0, 1.0]),
    ] {
        let dim = point.len();
        let r = tape(&defined(&format!("fn f(v0: num) -> shape{dim} {{ {shape} }}")), &[]);
        let (by_input, _) = reference::gradient(&r.tape, &[vec![2.0], point].concat(), &r.params.start(), &[1.0]);
        // A quarter of the sharpness by the distance, which grows with half the width.
        assert!(near(by_input[0], 1.0), "{shape}: {by_input:?}");
    }
}

/// What is refused, why, and which part of the text that is said of.
#[test]
fn what_cannot_be_relaxed_is_refused_where_it_stands() {
    let cases: &[(&str, &str, &str)] = &[
        ("fn f(x: num) -> num { 2 + floor(x) }", "`floor` has no relaxed meaning", "floor(x)"),
        ("fn f(x: num) -> num { sum(sort([x, 1.0])) }", "`sort` has no relaxed meaning", "sort([x, 1.0])"),
        ("fn f(x: num) -> bool { contains([x], 1.0) }", "`contains` has no relaxed meaning", "contains([x], 1.0)"),
        ("fn f(x: num) -> bool { [x, 1] == [1, x] }", "`==` has no relaxed meaning", "[x, 1] == [1, x]"),
        ("fn f(n: int) -> int { div(n, 2) }", "`div` has no relaxed meaning", "div(n, 2)"),
        ("fn f(x: num) -> str { str(x) }", "`str` has no relaxed meaning", "str(x)"),
        (
            "fn f(x: num) -> num { if x > 0 { return 1 }; let s = if x > 1 { \"a\" } else { \"b\" }; num(len(s)) }",
            "the branches give a str and a str, which cannot be mixed",
            "if x > 1 { \"a\" } else { \"b\" }",
        ),
        (
            "fn f(x: num) -> num { sum(if x > 0 { [x] } else { [x, x] }) }",
            "the branches give a list and a list",
            "if x > 0 { [x] } else { [x, x] }",
        ),
        (
            "fn f(x: num) -> num { var xs = [1.0]; if x > 0 { xs = push(xs, x) }; sum(xs) }",
            "`xs` was given values that cannot be mixed",
            "xs",
        ),
        (
            "fn f(x: num) -> num { let n = if x > 0 { 1 } else { 0 }; [x, 1.0][n] }",
            "`[]` of a number that is not known",
            "[x, 1.0][n]",
        ),
        ("fn f(x: num, n: int) -> num { sum(take([x], n)) }", "`take` of a number that is not known", "take([x], n)"),
        (
            "fn f(x: num) -> num { var xs = [x]; let n = if x > 0 { 1 } else { 0 }; xs[n] = 2.0; sum(xs) }",
            "an index must be known when relaxed",
            "xs[n] = 2.0",
        ),
        ("fn f(x: num) -> num { var v = x; while v < 9 { v += 1 }; v }", "this loop runs as long as a number", "v < 9"),
        (
            "fn f(x: num) -> num { for i in 0..3 { if x > i { break } }; x }",
            "`break` and `continue` under a condition that is not known",
            "if x > i { break }",
        ),
        (
            "fn f(x: num) -> num { sum(filter([x], fn(t) { t > 0 })) }",
            "`break` and `continue` under a condition that is not known",
            "if not keep(x) { continue }",
        ),
        (
            "fn f(x: num, n: int) -> num { for i in 0..n { x }; x }",
            "the end of this range depends on a number without bounds",
            "0..n",
        ),
        ("fn f(n: int) -> int { sum(for i in n..5 { i }) }", "the start of a range must be known", "n..5"),
        (
            "fn f(x: num) -> num { sum(for i in 0..??(1..3) { x }) }",
            "the length of this list depends on a hole",
            "for i in 0..??(1..3) { x }",
        ),
        (
            "fn f(x: num) -> num { for i in 0..5000000 { x }; x }",
            "this loop is too long to be unrolled",
            "for i in 0..5000000 { x }",
        ),
        (
            "fn f(n: int) -> int { if n <= 0 { 0 } else { f(n - 1) } }",
            "more than 256 calls inside each other",
            "f(n - 1)",
        ),
        ("fn f(x: num) -> num { x + ?? }", "the hole `??` has no range", "??"),
        ("fn f(x: num) -> num { x + ??g(x) }", "the called hole `??g(..)` has no relaxed meaning", "??g(x)"),
        (
            "fn g(x: num) -> num { x * ??(0.0..1.0) }\nfn f(x: num) -> num { g(x) }",
            "this hole belongs to a function that is called",
            "??(0.0..1.0)",
        ),
        (
            "fn f(x: num, n: int) -> bool { inside(repeat(circle(0, 0, 1), n, 1, 0), x, 0) }",
            "the count of this `repeat` depends on a number without bounds",
            "repeat(circle(0, 0, 1), n, 1, 0)",
        ),
        (
            "fn f(x: num) -> bool { inside(repeat(circle(x, 0, 1), -2, 1, 0), x, 0) }",
            "the count of a `repeat` cannot be negative",
            "repeat(circle(x, 0, 1), -2, 1, 0)",
        ),
        ("fn f(s: str, x: num) -> num { x }", "the parameter `s` is of type str", "f"),
        (
            r#"fn f(x: num) -> num { straightline([x], ops: ["+", "foo"], lines: 2) }"#,
            "no operation `foo` makes a num from two",
            r#"straightline([x], ops: ["+", "foo"], lines: 2)"#,
        ),
        (
            r#"fn f(x: num) -> num { straightline([x], ops: ["+"], lines: 0) }"#,
            "`lines` must be from 1 to 256",
            r#"straightline([x], ops: ["+"], lines: 0)"#,
        ),
        (
            r#"fn f(x: num) -> num { syntax_tree([x], ops: ["+"], depth: 9) }"#,
            "`depth` must be from 1 to 8",
            r#"syntax_tree([x], ops: ["+"], depth: 9)"#,
        ),
        (
            "fn f(x: num) -> num { straightline([x], ops: [], lines: 2) }",
            "a sketch needs an operation",
            "straightline([x], ops: [], lines: 2)",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, message, place) in cases {
        let s = defined(text);
        match relaxed(&s, function(&s, "f"), &[]) {
            Ok(r) => wrong.push(format!("{text}\n  is relaxed:\n{}", r.tape.listing())),
            Err(e) => {
                let span = e.at.as_ref().map(|at| at.0);
                let source = span.and_then(|span| Some((span, s.sources().get(span.file)?.text.clone())));
                let said = source.map(|(span, text)| text[span.start as usize..span.end as usize].to_string());
                if !e.message.contains(message) || said.as_deref() != Some(place) {
                    wrong.push(format!("{text}\n  {} {}\n  of {said:?}", e.code, e.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
