//! The relaxed mode in the language.

use super::synth::found_program;
use super::{Op, Relaxed, native as body};
use crate::ir::{Func, Kind, Local, LocalId, Node, NodeId, Param};
use crate::relax::function::RelaxedFn;
use crate::relax::sketch::Sketch;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Origin, Value};
use std::sync::Arc;

const RELAX: &str = "The function's relaxed meaning: differentiable, exact as `sharpness` grows. A comparison is the sigmoid of \
     `sharpness` times the difference, `and` is min, `or` is max, `if` mixes both branches by how far the condition holds; a bool is a \
     number from 0 to 1. Of a shape it is the occupancy of a point, from 0 to 1. Number holes stand at their start, choices are even \
     mixtures. A program without relaxed meaning is an error that says where. From ROAP (Tang and Ellis, ICML 2023).";

const GRAD: &str = "The derivatives of the function's relaxed meaning by its arguments, in their form: a number for a number, a list for \
     a list, a tuple for several arguments. What is not finite is an error that says where. At a kink one of the one-sided values is given.";

const STRAIGHT: &str = "A sketch of `lines` lines (1 to 256), each an operation of two of the `inputs` or earlier lines; its value is the \
     last line. `ops` are names of operators or functions of two arguments, or \"keep\" for the left argument alone. `fit` finds the lines. \
     ROAP's straight-line code (Tang and Ellis, ICML 2023, figure 9).";

const TREE: &str = "A sketch of a complete binary tree of `depth` (1 to 8): inner nodes choose among the operations `ops`, leaves among the \
     `inputs`. `fit` finds them. The alternative to `straightline` (Tang and Ellis, MAPS 2022, figure 7).";

/// Parameter lists of functions of one to three arguments, and what their gradient gives.
const SHAPES: [(&str, &str); 3] = [("A", "A"), ("A, B", "(A, B)"), ("A, B, C", "(A, B, C)")];

/// Operations of the relaxed mode.
pub fn ops() -> Vec<Op> {
    let mut out = Vec::new();
    let options = "sharpness: num = 8.0, temperature: num = 1.0";
    for (i, (params, gradient)) in SHAPES.into_iter().enumerate() {
        for result in ["num", "bool"] {
            let example = match (i, result) {
                (0, "num") => "relax(fn(x: num) -> num { if x > 0 { x } else { 0.0 } })(2) > 1.9",
                (0, _) => "relax(fn(x: num) -> bool { x > 0 })(0) == 0.5",
                (1, "num") => "relax(fn(x: num, y: num) -> num { x * y })(2, 3) == 6.0",
                (1, _) => "relax(fn(x: num, y: num) -> bool { x > y })(2, 1) > 0.99",
                (_, "num") => "relax(fn(x: num, y: num, z: num) -> num { x * y + z })(2, 3, 1) == 7.0",
                (_, _) => "relax(fn(x: num, y: num, z: num) -> bool { x > y and y > z })(3, 2, 1) > 0.99",
            };
            out.push(Op::new(
                "relax",
                format!("(f: fn({params}) -> {result}, {options}) -> fn({params}) -> num"),
                RELAX,
                example,
                body(|cx, args| wrapped(cx, args, false)),
            ));
        }
        let example = [
            "grad(fn(x: num) -> num { x ^ 3 })(2) == 12.0",
            "grad(fn(x: num, y: num) -> num { x * y })(2, 3) == (3.0, 2.0)",
            "grad(fn(x: num, y: num, z: num) -> num { x * y + z })(2, 3, 4) == (3.0, 2.0, 1.0)",
        ][i];
        out.push(Op::new(
            "grad",
            format!("(f: fn({params}) -> num, {options}) -> fn({params}) -> {gradient}"),
            GRAD,
            example,
            body(|cx, args| wrapped(cx, args, true)),
        ));
    }
    for (dim, point, example) in [
        ("shape2", "num, num", "relax(fn() -> shape2 { circle(0, 0, 1) })(1, 0) == 0.5"),
        ("shape3", "num, num, num", "relax(fn() -> shape3 { sphere(0, 0, 0, 1) })(1, 0, 0) == 0.5"),
    ] {
        out.push(Op::new(
            "relax",
            format!("(f: fn() -> {dim}, {options}) -> fn({point}) -> num"),
            RELAX,
            example,
            body(|cx, args| wrapped(cx, args, false)),
        ));
    }
    out.push(Op::new(
        "relaxed_at",
        "(f: relaxed, args: A) -> Z",
        "What the functions that `relax` and `grad` give do: the relaxed function at a tuple of arguments.",
        "// relax(f)(2)",
        body(|cx, args| {
            let [f, Value::Tuple(xs)] = &*args else { return Err("relaxed_at: wrong arguments".into()) };
            let f = f.downcast::<RelaxedFn>().ok_or("relaxed_at: this is no relaxed function")?;
            f.call(cx, xs)
        }),
    ));
    for (name, size, doc, kind) in
        [("straightline", "lines", STRAIGHT, Sketch::StraightLine), ("syntax_tree", "depth", TREE, Sketch::SyntaxTree)]
    {
        out.push(
            Op::new(
                name,
                format!("(inputs: [A], ops: [str], {size}: int) -> A"),
                doc,
                format!(
                    "// fit(fn(x: num) -> num {{ {name}([x], ops: [\"+\", \"*\"], {size}: 3) }}, [(2, 6.0), (3, 12.0)])"
                ),
                body(move |_, _| {
                    Err(Fail::new(
                        "E0903",
                        format!("`{name}` is a sketch: it cannot be run before `fit` has filled it"),
                    ))
                }),
            )
            .relaxed(Relaxed::Sketch(kind)),
        );
    }
    out
}

fn closure(v: Option<&Value>) -> Result<&Arc<Closure>, Fail> {
    match v {
        Some(Value::Fn(c)) => Ok(c),
        _ => Err("expected a function".into()),
    }
}

fn num(v: Option<&Value>) -> f64 {
    match v {
        Some(Value::Num(x)) => *x,
        Some(Value::Int(i)) => *i as f64,
        _ => f64::NAN,
    }
}

/// A relaxed function as a function value.
fn wrapped(cx: &mut Ctx<'_>, args: &[Value], gradient: bool) -> Result<Value, Fail> {
    let f = closure(args.first())?;
    let object = RelaxedFn::new(f.clone(), num(args.get(1)), num(args.get(2)), gradient)?;
    let func = cx.env.library.get(f.func).ok_or("this function is no longer known")?.func;
    // What cannot be relaxed is said now, not when it is called; lists are as long as they are then.
    if !func.params.iter().any(|p| has_list(&p.ty)) {
        object.relaxation(cx, &[])?;
    }
    let Type::Fn(ty) = cx.result.clone() else { return Err("relax: wrong type".into()) };
    let op = *cx.env.ops.overloads("relaxed_at").first().ok_or("no operation `relaxed_at`")?;
    let name = |i: usize| match func.params.get(i) {
        Some(p) => p.name.clone(),
        None => ["x", "y", "z"][i.min(2)].into(),
    };
    let params: Vec<Param> =
        ty.params.iter().enumerate().map(|(i, t)| Param { name: name(i), ty: t.clone() }).collect();
    let span = func.span;
    let node = |kind, ty: Type| Node { kind, ty, span };
    let mut nodes: Vec<Node> =
        params.iter().enumerate().map(|(i, p)| node(Kind::Local(LocalId(i as u32)), p.ty.clone())).collect();
    let n = nodes.len() as u32;
    nodes.push(node(Kind::Const(Value::obj(object)), Type::con("relaxed")));
    nodes.push(node(Kind::Tuple((0..n).map(NodeId).collect()), Type::tuple(ty.params.clone())));
    nodes.push(node(Kind::Op { op, args: vec![NodeId(n), NodeId(n + 1)] }, ty.ret.clone()));
    let made = Func {
        name: "fn".into(),
        params: params.clone(),
        ret: ty.ret.clone(),
        locals: params.into_iter().map(|p| Local { name: p.name, ty: p.ty, mutable: false }).collect(),
        body: NodeId(n + 2),
        nodes,
        span,
        ..Func::placeholder()
    };
    found_program(cx, &made, Origin { made: object_line(gradient), doubt: None })
}

fn object_line(gradient: bool) -> String {
    if gradient { "the gradient of a function".into() } else { "the relaxed meaning of a function".into() }
}

fn has_list(ty: &Type) -> bool {
    match ty {
        Type::List(_) => true,
        Type::Tuple(ts) => ts.iter().any(has_list),
        Type::Record(fs) => fs.iter().any(|f| has_list(&f.1)),
        _ => false,
    }
}
