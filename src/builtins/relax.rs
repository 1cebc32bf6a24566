//! The relaxed mode in the language.

use super::shape::node;
use super::synth::{examples, found_program, function};
use super::{Op, Relaxed, native as body};
use crate::ir::{Func, Kind, Local, LocalId, Node, NodeId, Param};
use crate::raster::bits::Voxels;
use crate::raster::image::Image;
use crate::relax::data::Data;
use crate::relax::fit::{Fitted, Options, fit};
use crate::relax::function::{RelaxedFn, flatten};
use crate::relax::loss::Loss;
use crate::relax::lower::DEFAULT_SHARPNESS;
use crate::relax::sketch::Sketch;
use crate::relax::{Lower, harden, relax};
use crate::shape::{Operation, Shape};
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Closure, Origin, Value};
use nsp_kernels::exec::{Device, Job};
use nsp_kernels::program::Program;
use nsp_kernels::sym::Builder;
use nsp_kernels::table::Opcode;
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

const FIT: &str = "The sketch with its holes fitted to data by gradient descent on its relaxed meaning, as an ordinary program: \
     numbers written out, choices made, of sketches the lines that are needed. Data are examples as for `fill`, a picture for a \
     `shape2` (grey levels are how far a pixel is inside), voxels for a `shape3`. `loss` is \"mse\" (of examples, divided by the \
     variance of the outputs), \"bce\" (of shapes, from 0 to 1), \"iou\", or \"auto\": mse for examples, bce for shapes. `restarts` starts run side by side for `steps` steps of Adam, of size `lr` in units of a number's range and four times that for logits; the discrete program of \
     least loss is given. `schedule` is \"gumbel\" (noise on choices; the best of `samples` draws is followed) or \"softmax\". The \
     temperature of choices goes from `temperature` to `cold`, the sharpness of conditions and borders from `sharpness` to `sharp` (0: \
     chosen from the data). `length` is what a line of a sketch costs, from half way on. After `seconds` the best so far is given. \
     `device` is where the relaxed program runs: \"auto\", \"cpu\", \"gpu\" or the name of one (`nsp devices` lists them). \
     ROAP (Tang and Ellis, ICML 2023), section 3.";

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
        "// relax(f)(2) is relaxed_at(.., (2,))",
        body(|cx, args| {
            let [f, Value::Tuple(xs)] = &*args else { return Err("relaxed_at: wrong arguments".into()) };
            let f = f.downcast::<RelaxedFn>().ok_or("relaxed_at: this is no relaxed function")?;
            f.call(cx, xs)
        }),
    ));
    out.push(Op::new(
        "render_relaxed",
        "(s: shape2, width: int, height: int, sharpness: num = 1.0, device: str = \"auto\") -> image",
        "A picture of the shape's relaxed meaning: the grey level of a pixel is the occupancy of its centre at this sharpness, in \
         1 / pixels. Borders are about 4 / sharpness wide. `device` is as for `fit`.",
        "pixel(render_relaxed(rect(0, 4, 8, 8), 8, 8), 3, 4) != pixel(render(rect(0, 4, 8, 8), 8, 8), 3, 4)",
        crate::native!(try |cx; s: &Shape, width: i64, height: i64, sharpness: f64, device: &str| -> Image {
            crate::raster::check_size(&[width, height])?;
            let (w, h) = (width as usize, height as usize);
            cx.charge(Image::bytes_for(w, h) + 12 * w * h)?;
            cx.work(w * h)?;
            let levels = occupancies(cx, s, [w, h], sharpness, device)?;
            Ok(Image::from_levels(w as u32, h as u32, |x, y| (levels[y as usize * w + x as usize] * 255.0).round() as u8))
        }),
    ));
    out.extend(fits());
    out.extend(gates());
    for (name, size, doc, kind) in
        [("straightline", "lines", STRAIGHT, Sketch::StraightLine), ("syntax_tree", "depth", TREE, Sketch::SyntaxTree)]
    {
        out.push(
            Op::new(
                name,
                format!("(inputs: [A], ops: [str], {size}: int) -> A"),
                doc,
                format!(
                    "fit(fn(x: num) -> num {{ {name}([x], ops: [\"+\", \"*\", \"keep\"], {size}: 2) }}, [(1, 2.0), (2, 6.0), (3, 12.0)])(4) == 20.0"
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

/// `fit` and `try_fit`.
fn fits() -> Vec<Op> {
    let options = "loss: str = \"auto\", steps: int = 500, lr: num = 0.05, restarts: int = 16, samples: int = 1, seed: int = 0, \
         schedule: str = \"gumbel\", temperature: num = 1.0, cold: num = 0.3, sharpness: num = 0.0, sharp: num = 0.0, length: num = 0.0, \
         seconds: num = 60.0, device: str = \"auto\"";
    let mut out = Vec::new();
    let forms = [
        ("fn(A) -> Z", "[(A, Z)]", "fn(x: num) -> num { ??(0..9) * x }, [(1, 3.0), (2, 6.0)]", "(5) == 15.0"),
        (
            "fn(A, B) -> Z",
            "[((A, B), Z)]",
            "fn(x: num, y: num) -> num { ??{x | y} }, [((1, 3), 3.0), ((2, 5), 5.0)]",
            "(1, 7) == 7.0",
        ),
        (
            "fn(A, B, C) -> Z",
            "[((A, B, C), Z)]",
            "fn(x: num, y: num, z: num) -> num { ??op{+ | *}(x, z) }, [((2, 0, 3), 6.0), ((1, 0, 5), 5.0)]",
            "(2, 0, 2) == 4.0",
        ),
        ("fn() -> shape2", "image", "fn() -> shape2 { circle(8, 8, ??(1..8)) }, render(circle(8, 8, 5), 16)", "()"),
        (
            "fn() -> shape3",
            "voxels",
            "fn() -> shape3 { sphere(4, 4, 4, ??(1..4)) }, voxels(sphere(4, 4, 4, 3), 8)",
            "()",
        ),
    ];
    for (sketch, data, call, answer) in forms {
        let fits = match answer {
            "()" if data == "image" => format!("iou(fit({call})(), render(circle(8, 8, 5), 16)) > 0.95"),
            "()" => format!("iou(fit({call})(), voxels(sphere(4, 4, 4, 3), 8)) > 0.9"),
            answer => format!("fit({call}){answer}"),
        };
        out.push(Op::new(
            "fit",
            format!("(sketch: {sketch}, data: {data}, {options}) -> {sketch}"),
            FIT,
            fits,
            body(|cx, args| Ok(fitted(cx, args)?.0)),
        ));
        out.push(Op::new(
            "try_fit",
            format!(
                "(sketch: {sketch}, data: {data}, {options}) -> (curve: [num], loss: num, message: str, program: {sketch}, source: str, steps: int)"
            ),
            "As `fit`, but a record: the least relaxed loss of each step (`plot` draws it), the loss of the discrete program, a message, the \
             program, its source, and how many steps were done.",
            format!("try_fit({call}, steps: 50).steps <= 50"),
            body(|cx, args| {
                let (program, found) = fitted(cx, args)?;
                let source = super::synth::text_of(cx, &program, &Type::Unit, false)?;
                // Fields in the order of their names.
                Ok(Value::tuple(vec![
                    Value::list(found.curve.iter().map(|x| Value::Num(*x)).collect()),
                    Value::Num(found.loss),
                    Value::str(message(&found)),
                    program,
                    Value::str(source),
                    Value::Int(found.steps as i64),
                ]))
            }),
        ));
    }
    out
}

/// Gates and the discrete program.
fn gates() -> Vec<Op> {
    let gate = "1 where `open` is at least 0, else 0. Relaxed it is the same, with the derivative of the sigmoid (a straight-through \
         estimate), so that a closed gate can learn to open. ROAP (Tang and Ellis, ICML 2023), appendix B.1.2.";
    let part = "The shape where `open` is at least 0, else nothing: a part that a fit may leave out, as `gate(part, ??(-1..1))`. Relaxed, \
         the occupancy times the sigmoid of 4 `open` over the temperature. ROAP multiplies by the gate itself, appendix B.1.2; a part whose \
         gate is shut then learns nothing.";
    let mut out = vec![
        Op::new(
            "gate",
            "(open: num) -> num",
            gate,
            "gate(0.5) == 1.0 and gate(-0.5) == 0.0",
            crate::native!(|open: f64| -> f64 { if open >= 0.0 { 1.0 } else { 0.0 } }),
        )
        .relaxed(Relaxed::Scalar(Opcode::gate)),
    ];
    for (dim, ball, at) in [("shape2", "circle(0, 0, 1)", "0, 0"), ("shape3", "sphere(0, 0, 0, 1)", "0, 0, 0")] {
        out.push(
            Op::new(
                "gate",
                format!("(part: {dim}, open: num) -> {dim}"),
                part,
                format!("inside(gate({ball}, 0.5), {at}) and not inside(gate({ball}, -0.5), {at})"),
                crate::native!(try |cx; part: &Shape, open: f64| -> Shape {
                    let axes = usize::from(part.dim());
                    if open >= 0.0 { Ok(part.clone()) } else { node(cx, Operation::Repeat, &[0.0; 4][..=axes], &[part]) }
                }),
            )
            .relaxed(Relaxed::Gate),
        );
    }
    out.push(
        Op::new(
            "retrieve",
            "(rows: [[num]], query: [num]) -> [num]",
            "The row whose product with the query is greatest, of equal ones the first; all are as long as the query. Relaxed, the mixture \
             of all rows under the softmax of the products over the temperature. So a library of shapes is shared: \
             surfaces and warps are rows of numbers, each shape asks for one of both. ROAP (Tang and Ellis, ICML 2023), appendix C.1.2.",
            "retrieve([[1.0, 0.0], [0.0, 1.0]], [0.2, 0.7]) == [0.0, 1.0]",
            crate::native!(try |rows: &[Value], query: &Value| -> Value {
                let mut q = Vec::new();
                flatten(query, &mut q);
                let mut best: Option<(f64, &Value)> = None;
                for row in rows {
                    let mut r = Vec::new();
                    flatten(row, &mut r);
                    if r.len() != q.len() {
                        return Err("`retrieve` needs rows as long as its query".into());
                    }
                    let product: f64 = r.iter().zip(&q).map(|(a, b)| a * b).sum();
                    if best.is_none_or(|(b, _)| product > b) {
                        best = Some((product, row));
                    }
                }
                best.map(|b| b.1.clone()).ok_or_else(|| "`retrieve` needs a row".into())
            }),
        )
        .relaxed(Relaxed::Retrieve),
    );
    out.push(Op::new(
        "harden",
        "(f: A) -> A",
        "The discrete program of a function whose holes are numbers, choices and sketches, at the values that they start from; of a function \
         that `relax` gave, the function that was relaxed.",
        "harden(fn(x: num) -> num { ??(0..9: 4.0) * x })(2) == 8.0",
        body(|cx, args| {
            let c = closed(cx, closure(cx, args.first())?)?;
            if let Some(r) = relaxed_inside(cx, &c) {
                return Ok(Value::Fn(r));
            }
            let samples: Vec<Value> = Vec::new();
            let r = relax(cx, &c, &samples)?;
            let values: Vec<f64> = r.params.all.iter().zip(r.params.start()).map(|(p, x)| p.discrete(x)).collect();
            let func = cx.env.library.get(c.func).ok_or("this function is no longer known")?.func;
            let (func, _) = harden(c.func, &func, &cx.env.ops, &r.params, &values)?;
            found_program(cx, &func, Origin { made: "the discrete program at its starting values".into(), doubt: None })
        }),
    ));
    out
}

/// The occupancy at the centres of pixels, row by row.
fn occupancies(
    cx: &mut Ctx<'_>,
    s: &Shape,
    [w, h]: [usize; 2],
    sharpness: f64,
    device: &str,
) -> Result<Vec<f32>, Fail> {
    if !(sharpness.is_finite() && sharpness > 0.0) {
        return Err(format!("`sharpness` must be above 0, but it is {sharpness}").into());
    }
    let b = Builder::new(0, 0);
    let mut lower = Lower::new(cx, &b);
    let outputs = lower.outputs(&Value::obj(s.clone()))?;
    let program = Program::new(&b.finish(&outputs));
    let row: Vec<f32> = (0..w).map(|x| x as f32 + 0.5).collect();
    let xs: Vec<f32> = (0..h).flat_map(|_| row.iter().copied()).collect();
    let ys: Vec<f32> = (0..h).flat_map(|y| std::iter::repeat_n(y as f32 + 0.5, w)).collect();
    let mut out = vec![0.0; w * h];
    let params = [sharpness as f32, 1.0];
    let job = Job { program: &program, inputs: &[&xs, &ys], points: w * h, params: &params };
    let cancel = cx.env.cancel.clone();
    let on = Device::from(device).executor(Some(cancel.flag())).map_err(|e| Fail::from(e.to_string()))?;
    on.forward(&[job], &mut [&mut out]).map_err(|e| Fail::from(e.to_string()))?;
    Ok(out)
}

/// The function inside a value that `relax` gave.
fn relaxed_inside(cx: &Ctx<'_>, c: &Closure) -> Option<Arc<Closure>> {
    let func = cx.env.library.get(c.func)?.func;
    let object = func.nodes.iter().find_map(|n| match &n.kind {
        Kind::Const(v) => v.downcast::<RelaxedFn>().map(|r| r.closure.clone()),
        _ => None,
    })?;
    (func.nodes.len() == func.params.len() + 3).then_some(object)
}

/// A function with its captured values written into it.
fn closed(cx: &Ctx<'_>, c: &Arc<Closure>) -> Result<Arc<Closure>, Fail> {
    if c.captures.is_empty() {
        return Ok(c.clone());
    }
    let func = cx.env.library.get(c.func).ok_or("this function is no longer known")?.func;
    let func = crate::ir::raise::with_captures(&func, &c.captures);
    let Value::Fn(c) = found_program(cx, &func, Origin::default())? else { return Err("expected a function".into()) };
    Ok(c)
}

/// Fits a sketch: the program, and how it went.
fn fitted(cx: &mut Ctx<'_>, args: &[Value]) -> Result<(Value, Fitted), Fail> {
    let c = closed(cx, closure(cx, args.first())?)?;
    let func = function(cx, &Value::Fn(c.clone()))?;
    let data = match args.get(1) {
        Some(Value::List(rows)) => Data::examples(&examples(rows, &func))?,
        Some(v) => match (v.downcast::<Image>(), v.downcast::<Voxels>()) {
            (Some(img), _) => Data::picture(img),
            (_, Some(v)) => Data::voxels(v),
            _ => return Err("fit: wrong data".into()),
        },
        None => return Err("fit: no data".into()),
    };
    cx.charge((data.inputs.len() + data.targets.len()) * data.points() * 4)?;
    let o = options(&args[2..], &data)?;
    let mut budget = super::synth::budget(cx, "fit", num(args.get(14)), 0)?;
    let found = fit(cx, &c, &data, &o, &mut budget)?;
    if found.stopped == Some(crate::search::Stop::Cancelled) {
        return Err(Fail::new(crate::vm::limits::code::CANCELLED, "interrupted"));
    }
    let (func, fillings) = harden(c.func, &func, &cx.env.ops, &found.params, &found.values)?;
    let mut made = message(&found);
    for (hole, filling) in &fillings {
        made.push_str(&format!("\n{hole} = {filling}"));
    }
    Ok((found_program(cx, &func, Origin { made, doubt: None })?, found))
}

fn message(f: &Fitted) -> String {
    let early = match f.stopped {
        Some(_) => ", cut short by the time",
        None => "",
    };
    format!("fitted: loss {:.3e} after {} steps{early}, a tape of {} operations", f.loss, f.steps, f.tape)
}

/// Options from the arguments after the data.
fn options(args: &[Value], data: &Data) -> Result<Options, Fail> {
    let text = |i: usize| match args.get(i) {
        Some(Value::Str(s)) => s.as_str(),
        _ => "",
    };
    let count = |i: usize, name: &str, lo: i64, hi: i64| match args.get(i) {
        Some(Value::Int(n)) if (lo..=hi).contains(n) => Ok(*n as usize),
        _ => Err(Fail::from(format!("`{name}` must be from {lo} to {hi}"))),
    };
    let loss = match text(0) {
        // Of shapes the cross entropy finds its way from further off.
        "auto" if data.extent.is_some() => Loss::Bce,
        "auto" => Loss::Mse,
        name => Loss::named(name).ok_or("`loss` must be \"mse\", \"bce\", \"iou\" or \"auto\"")?,
    };
    let gumbel = match text(6) {
        "gumbel" => true,
        "softmax" => false,
        _ => return Err("`schedule` must be \"gumbel\" or \"softmax\"".into()),
    };
    // Borders start about a tenth of the picture wide and end a fraction of a pixel wide.
    let (soft, sharp) = data.extent.map_or((DEFAULT_SHARPNESS, DEFAULT_SHARPNESS), |e| (16.0 / e.max(1.0), 4.0));
    let or = |x: f64, auto: f64| if x == 0.0 { auto } else { x };
    Ok(Options {
        loss,
        steps: count(1, "steps", 0, 1_000_000)?,
        lr: num(args.get(2)),
        restarts: count(3, "restarts", 1, 10_000)?,
        samples: count(4, "samples", 1, 1_000)?,
        seed: match args.get(5) {
            Some(Value::Int(s)) => *s as u64,
            _ => 0,
        },
        gumbel,
        temperature: (num(args.get(7)), num(args.get(8))),
        sharpness: (or(num(args.get(9)), soft), or(num(args.get(10)), sharp)),
        length: num(args.get(11)),
        device: Device::from(text(13)),
    })
}

/// A function value of this engine.
fn closure<'v>(cx: &Ctx<'_>, v: Option<&'v Value>) -> Result<&'v Arc<Closure>, Fail> {
    match v {
        Some(v @ Value::Fn(c)) => function(cx, v).map(|_| c),
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
    let f = closure(cx, args.first())?;
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
