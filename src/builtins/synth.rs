//! Synthesis, and programs as values.

use super::{Op, native as body};
use crate::bundle::Bundle;
use crate::ir::{Func, Kind, raise};
use crate::native;
use crate::search::Budget;
use crate::syntax::ast::Name;
use crate::synth::fill::{Example, Task, fill};
use crate::synth::report::{End, Report};
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::{Fail, code};
use crate::vm::value::{Closure, Origin, Value};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// No examples, or none that say enough.
const EXAMPLES: &str = "E0701";
/// Examples that contradict each other.
const CONTRADICTION: &str = "E0702";
/// Nothing found.
const NOT_FOUND: &str = "E0703";
/// A hole that cannot be filled yet.
const UNSUPPORTED: &str = "E0704";

const FILL: &str = "The sketch with its holes filled: the cheapest program that agrees with every example, as a function \
     value. Text, number and bool holes are found by bottom-up enumeration with observational equivalence; number \
     ranges and choices are tried from the simplest on. A sketch of several parameters takes examples whose input is a \
     tuple. `seconds` (default 5) and `nodes` (programs tried; 0 is no bound) limit the search. An error says why \
     nothing was found and what was tried.";

/// Operations that find programs or show them.
pub fn ops() -> Vec<Op> {
    let options = "seconds: num = 5.0, nodes: int = 0";
    let mut out = Vec::new();
    let shapes = [("fn(A) -> Z", "(A, Z)"), ("fn(A, B) -> Z", "((A, B), Z)"), ("fn(A, B, C) -> Z", "((A, B, C), Z)")];
    for (several, (sketch, example)) in shapes.into_iter().enumerate() {
        out.push(Op::new(
            "fill",
            format!("(sketch: {sketch}, examples: [{example}], {options}) -> {sketch}"),
            FILL,
            example_of(several, "fill", "(\"e f\") == \"e!\""),
            body(|cx, args| {
                let report = search(cx, args)?;
                program(cx, args, &report)
            }),
        ));
        out.push(Op::new(
            "try_fill",
            format!("(sketch: {sketch}, examples: [{example}], {options}) -> (found: bool, message: str, nodes: int, cost: int, source: str)"),
            "As `fill`, but a record instead of an error: whether a program was found, a message, programs tried, the \
             program's cost, and its source (empty when there is none).",
            example_of(several, "try_fill", ".found"),
            body(|cx, args| {
                let r = search(cx, args)?;
                let source = r.program.as_ref().map(|f| source_of(cx, f)).unwrap_or_default();
                // Fields in the order of their names.
                Ok(Value::tuple(vec![
                    Value::Int(i64::from(r.cost)),
                    Value::Bool(r.end == End::Solved),
                    Value::str(r.message()),
                    Value::Int(r.nodes as i64),
                    Value::str(source),
                ]))
            }),
        ));
    }
    out.push(Op::new(
        "source",
        "(f: A, comments: bool = false) -> str",
        "The source text of a function value, as it would be written in a file; of another value, the expression that \
         makes it. With `comments`, what filled its holes stands above it.",
        r#"source([1, 2]) == "[1, 2]""#,
        body(|cx, args| {
            let comments = matches!(args.get(1), Some(Value::Bool(true)));
            let ty = cx.types.first().unwrap_or(&Type::Unit);
            Ok(Value::str(text_of(cx, &args[0], ty, comments)?))
        }),
    ));
    out.push(Op::new(
        "holes",
        "(f: A) -> [(hole: str, wants: str)]",
        "The holes of a function value: each as written, and the type wanted there.",
        "len(holes(fn(x: int) { x })) == 0",
        native!(try |cx; f: &Value| -> Value {
            let func = function(cx, f)?;
            let row = |h: &crate::ir::Hole| {
                let name = h.name.as_deref().unwrap_or("");
                Value::tuple(vec![Value::str(format!("??{name}")), Value::str(h.ty.to_string())])
            };
            Ok(Value::list(func.holes.iter().map(row).collect()))
        }),
    ));
    out.push(Op::new(
        "save",
        "(f: A, path: str) -> unit",
        "Writes a function with all functions of the program that it calls to a `.nsp` file, which can be imported.",
        "// save(initials, \"initials.nsp\")",
        body(|cx, args| {
            let [f, Value::Str(path)] = args else { return Err("save needs a function and a path".into()) };
            let full = cx.path(path)?;
            let folder = full.parent().map(Path::to_path_buf).unwrap_or_default();
            let stem = full.file_stem().and_then(|s| s.to_str()).unwrap_or("program").to_string();
            let mut bundle = Bundle::new(stem);
            let text = program_text(cx, f, &mut bundle)?;
            bundle.write(&folder, cx)?;
            // The program last: whoever finds it finds its bundle.
            crate::data::write_whole(&full, text.as_bytes())?;
            Ok(Value::Unit)
        }),
    ));
    out.push(Op::new(
        "asset",
        "(name: str) -> image",
        "A picture that belongs to a program: `asset(\"windows#3\")` is the third of `windows.nsp`, a tile of the sheet \
         `windows.tiles.png` beside it, or where sizes differ `3.png` in the folder `windows.assets`. `save` writes both. \
         No file grant is needed.",
        "// asset(\"windows#3\")",
        native!(try |cx; name: &str| -> Value {
            if let Some(v) = cx.env.assets.get(name) {
                return Ok(v);
            }
            let place = cx.env.assets.find(name).ok_or_else(|| {
                Fail::new("E0602", format!("no asset `{name}`"))
                    .help("a program's pictures are in `NAME.tiles.png` beside it, or in the folder `NAME.assets`")
            })?;
            Ok(Value::obj(place.load(name, cx)?))
        }),
    ));
    out
}

/// An example of a search for one to three inputs, and what is looked at in its answer.
fn example_of(several: usize, name: &str, answer: &str) -> String {
    match several {
        0 => {
            let examples = r#"[("a b", "a!"), ("c d", "c!")]"#;
            format!(r#"{name}(fn(s: str) -> str {{ ?? + "!" }}, {examples}){answer}"#)
        }
        n => {
            let (params, input) =
                if n == 1 { ("a: int, b: int", "(2, 3)") } else { ("a: int, b: int, c: int", "(2, 3, 0)") };
            let answer = match (answer, n) {
                (".found", _) => ".found",
                (_, 1) => "(4, 5) == 20",
                _ => "(4, 5, 9) == 20",
            };
            format!("{name}(fn({params}) -> int {{ ??op{{+ | *}}(a, b) }}, [({input}, 6)]){answer}")
        }
    }
}

/// The IR of a function value.
pub(super) fn function(cx: &Ctx<'_>, v: &Value) -> Result<Arc<Func>, Fail> {
    let Value::Fn(c) = v else { return Err(format!("expected a function, found {}", v.kind()).into()) };
    if c.library != cx.env.library.id() {
        return Err("this function belongs to another engine".into());
    }
    let entry = cx.env.library.get(c.func).ok_or("this function is no longer known")?;
    Ok(entry.func)
}

/// What a search may use, from the options `seconds` and `nodes`, within what is left to the program that asks.
pub(super) fn budget(cx: &Ctx<'_>, name: &str, seconds: f64, nodes: i64) -> Result<Budget, Fail> {
    if !(seconds.is_finite() && (0.0..1e9).contains(&seconds)) {
        return Err(format!("{name}: `seconds` must be a number from 0 to a billion").into());
    }
    let nodes = (nodes > 0).then_some(nodes as u64);
    let time = Some(Duration::from_secs_f64(seconds));
    Ok(Budget::new(nodes, time, cx.meter.cancel().clone()).until(cx.meter.deadline()))
}

/// Pairs of input and output; a sketch of several parameters takes the parts of a tuple.
pub(super) fn examples(rows: &[Value], sketch: &Func) -> Vec<Example> {
    let several = sketch.params.len() > 1;
    let example = |row: &Value| -> Option<Example> {
        let Value::Tuple(pair) = row else { return None };
        let [input, output] = pair.as_slice() else { return None };
        let inputs = match input {
            Value::Tuple(parts) if several => parts.to_vec(),
            one => vec![one.clone()],
        };
        Some((inputs, output.clone()))
    };
    rows.iter().filter_map(example).collect()
}

fn search(cx: &mut Ctx<'_>, args: &[Value]) -> Result<Report, Fail> {
    let [f, Value::List(rows), Value::Num(seconds), Value::Int(nodes)] = args else {
        return Err("fill: wrong arguments".into());
    };
    let sketch = function(cx, f)?;
    let examples = examples(rows, &sketch);
    let mut budget = budget(cx, "fill", *seconds, *nodes)?;
    let globals = cx.globals.borrow().clone();
    let report = fill(&Task { env: cx.env, globals, sketch: &sketch, examples: &examples }, &mut budget);
    // What the search did counts as work of the program that asked for it.
    cx.meter.work(report.nodes)?;
    match report.end {
        End::Stopped(crate::search::Stop::Cancelled) => Err(Fail::new(code::CANCELLED, "interrupted")),
        _ => Ok(report),
    }
}

/// The completed program as a function value.
fn program(cx: &mut Ctx<'_>, args: &[Value], report: &Report) -> Result<Value, Fail> {
    let Some(func) = &report.program else { return Err(failure("fill", report)) };
    let n = match args.get(1) {
        Some(Value::List(rows)) => rows.len(),
        _ => 0,
    };
    found_program(cx, func, origin(report, n))
}

/// The error of a search without a program.
pub(super) fn failure(name: &str, report: &Report) -> Fail {
    let code = match report.end {
        End::NotEnoughExamples => EXAMPLES,
        End::Contradiction(..) => CONTRADICTION,
        End::Unsupported(_) => UNSUPPORTED,
        _ => NOT_FOUND,
    };
    let help = match report.end {
        End::NotEnoughExamples => Some("give examples that differ"),
        End::Contradiction(..) => {
            Some("correct one of them, or allow for wrong ones with `synth.strings(.., errors: 1)`")
        }
        End::UpToCost(_) => Some("look at the examples again, or give a sketch that leaves less open"),
        End::Stopped(_) => Some("give it longer with `seconds:`, or a sketch that leaves less open"),
        End::Exhausted => Some("look at the examples again, or leave more open in the sketch"),
        _ => None,
    };
    let fail = Fail::new(code, format!("{name}: {}", report.message()));
    match help {
        Some(h) => fail.help(h),
        None => fail,
    }
}

/// What a report says of its program.
pub(super) fn origin(report: &Report, examples: usize) -> Origin {
    let mut made = format!(
        "filled from {examples} examples by {}: cost {}, {} programs tried",
        report.method, report.cost, report.nodes
    );
    if report.end == End::Lookup {
        made.push_str("\nno rule explains the examples: it only looks them up");
    }
    for (hole, filling) in &report.fillings {
        made.push_str(&format!("\n{hole} = {filling}"));
    }
    Origin { made, doubt: report.doubt.clone() }
}

/// A function that was found, as a value.
pub(super) fn found_program(cx: &Ctx<'_>, func: &Func, origin: Origin) -> Result<Value, Fail> {
    let compiled = crate::vm::compile(func, &cx.env.ops, &cx.env.library, crate::vm::Options::default())
        .map_err(|d| Fail::new(d.code, d.message))?;
    let id = cx.env.library.reserve();
    cx.env.library.define(id, Arc::new(func.clone()), Arc::new(compiled));
    let (library, captures) = (cx.env.library.id(), Vec::new());
    Ok(Value::Fn(Arc::new(Closure { func: id, library, captures, origin: Some(Arc::new(origin)) })))
}

fn source_of(cx: &Ctx<'_>, f: &Func) -> String {
    raise::to_source(f, &cx.env.ops, &cx.env.library).trim_end().to_string()
}

/// Bytes of text that a value may become.
const MOST_TEXT: usize = 1 << 26;

/// Whether a value's text is at most about `left` bytes long; what remains of them.
fn fits(v: &Value, left: &mut usize) -> bool {
    let own = match v {
        Value::Str(s) => s.len() + 4,
        _ => 8,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match v {
        Value::List(xs) | Value::Tuple(xs) => xs.iter().all(|x| fits(x, left)),
        _ => true,
    }
}

/// A value as source text.
pub fn text_of(cx: &mut Ctx<'_>, v: &Value, ty: &Type, comments: bool) -> Result<String, Fail> {
    // Shared parts are written out at each of their places: a small value can be an endless text.
    let mut left = MOST_TEXT;
    if !fits(v, &mut left) {
        return Err(Fail::new(code::MEMORY, "out of memory: the value's text is too long"));
    }
    cx.charge(MOST_TEXT - left)?;
    cx.work(MOST_TEXT - left)?;
    let Value::Fn(c) = v else { return Ok(crate::vm::show(v, ty)) };
    let func = raise::with_captures(&*function(cx, v)?, &c.captures);
    let mut out = String::new();
    if let (true, Some(origin)) = (comments, &c.origin) {
        origin.made.lines().for_each(|l| out.push_str(&format!("// {l}\n")));
    }
    out.push_str(&source_of(cx, &func));
    Ok(out)
}

/// A file that defines a function and what it calls.
fn program_text(cx: &Ctx<'_>, v: &Value, bundle: &mut Bundle) -> Result<String, Fail> {
    let func = function(cx, v)?;
    if &*func.name == "fn" {
        return Err(Fail::from("a function without a name cannot be saved").help("declare it with `fn name(..)`"));
    }
    let (ops, library) = (&cx.env.ops, &cx.env.library);
    let mut source = |f: &Func| {
        let ast = raise::raise(f, ops, library, bundle);
        crate::syntax::print(&ast).trim_end().to_string()
    };
    let mut out = String::new();
    let mut seen = Vec::new();
    dependencies(cx, &func, &mut seen);
    let functions: Vec<String> = seen.iter().map(|f| source(f)).collect();
    let last = source(&func);
    let mut written: Vec<Name> = Vec::new();
    for f in seen.iter().chain([&func]) {
        for (id, name) in &f.globals {
            let known = cx.globals.borrow().get(id.0 as usize).cloned();
            let ty = f.nodes.iter().find_map(|n| match n.kind {
                Kind::Global(g) if g == *id => Some(n.ty.clone()),
                _ => None,
            });
            if let (Some(value), Some(ty), false) = (known, ty, written.contains(name)) {
                let text = raise::value_source(&value, &ty, ops, library, bundle);
                out.push_str(&format!("let {name}: {ty} = {text}\n"));
                written.push(name.clone());
            }
        }
    }
    for f in &functions {
        out.push_str(f);
        out.push_str("\n\n");
    }
    if let Value::Fn(c) = v
        && let Some(origin) = &c.origin
    {
        origin.made.lines().for_each(|l| out.push_str(&format!("// {l}\n")));
    }
    out.push_str(&last);
    out.push('\n');
    Ok(out)
}

/// Functions that a function calls, callees first, without the library's own and lambdas.
fn dependencies(cx: &Ctx<'_>, f: &Func, seen: &mut Vec<Arc<Func>>) {
    for n in &f.nodes {
        let id = match &n.kind {
            Kind::Call { func, .. } | Kind::Closure { func, .. } => *func,
            _ => continue,
        };
        let Some(entry) = cx.env.library.get(id) else { continue };
        let known = entry.func.span.file.0 < crate::session::STDLIB.len() as u32;
        let own = entry.func.name == f.name && entry.func.span == f.span;
        if known || own || seen.iter().any(|g| g.span == entry.func.span && g.name == entry.func.name) {
            continue;
        }
        if &*entry.func.name == "fn" {
            dependencies(cx, &entry.func, seen);
            continue;
        }
        // Marked before its own callees are looked at, so that recursion ends.
        seen.push(entry.func.clone());
        let at = seen.len() - 1;
        dependencies(cx, &entry.func, seen);
        let moved = seen.remove(at);
        seen.push(moved);
    }
}
