//! `synth.loops`: loop programs from pictures, as function values; and their continuation over unknown cells.

use super::synth::{budget, found_program, function};
use super::util::arg;
use super::{Op, native as body};
use crate::raster::image::{Grid, Image};
use crate::session::Session;
use crate::synth::loops::distance::Weights;
use crate::synth::loops::extrapolate::{Continuation, extrapolate};
use crate::synth::loops::period::find_grid;
use crate::synth::loops::program::LoopProgram;
use crate::synth::loops::solve::{Found, METHODS, Options, check_grid, overlap, same_size, synthesize, unknown_cells};
use crate::vm::ctx::Ctx;
use crate::vm::limits::{Fail, code};
use crate::vm::value::{Origin, Value};

const DOC: &str = "The loops that draw a picture's repeating parts, as a function that gives the structure rendering: \
     Algorithm 1 of PS-GM (Young, Bastani and Naik, ICML 2019), section 3. At most `k` loops \
     `for i in 1..=n, j in 1..=m { draw(a*i + b, c*j + d, tile) }` are chosen one after another, each the one that adds \
     most to the pairs of like cells that the program makes equal, plus `lambda` for each pair of different cells that it \
     does not. With `method` \"auto\" (or \"seen\") it makes two cells equal that show the same loop in the end; with \
     \"paper\", as there, two that some loop covers, whatever is drawn over it. A loop's tile is the cell that stands best for those it covers. Cells are alike up to the distance \
     `epsilon` (0 takes it from the distances themselves): the earth mover's distance of their colours, from 0 to 1, plus \
     0.1 times the share of local features without a counterpart. `range` is \"full\", or \"paper\" for b, d >= 0. Cells \
     that the mask touches (white, of the picture's size) count neither way.";

/// The last comes without a grid: its first number would be taken for one.
const GRIDS: [(&str, &str, &str); 3] = [
    (", grid: int", ", 4", " `grid` is the number of cells along each side."),
    (", grid: grid", ", grid_of(checkerboard(4, 4, 6), 4)", ""),
    ("", "", " The grid is found (see `find_grid`)."),
];

const OPTIONS: &str = "k: int = 12, lambda: num = 2.0, epsilon: num = 0.0, range: str = \"full\", method: str = \"auto\", seconds: num = 10.0, \
     nodes: int = 0";

const TRIED: &str = "(epsilon: num, found: bool, message: str, nodes: int, objective: num, perfect: num, source: str)";

/// The searches.
pub fn ops() -> Vec<Op> {
    let mut out = Vec::new();
    for (grid, given, said) in GRIDS {
        for mask in [false, true] {
            let also = if mask { ", mask: image" } else { "" };
            let call = |name: &str| {
                let mask = if mask { ", mask: blank(24, 24)" } else { "" };
                format!("{name}(checkerboard(4, 4, 6){given}{mask}, k: 2)")
            };
            out.push(Op::new(
                "synth.loops",
                format!("(img: image{grid}{also}, {OPTIONS}) -> fn() -> image"),
                format!("{DOC}{said}"),
                format!("width({}()) <= 24", call("synth.loops")),
                body(move |cx, args| {
                    let found = search(cx, args, mask)?;
                    value(cx, found)
                }),
            ));
            out.push(Op::new(
                "synth.try_loops",
                format!("(img: image{grid}{also}, {OPTIONS}) -> {TRIED}"),
                "As `synth.loops`, but a record instead of an error where no loop adds anything: whether a program was \
                 found, a message, its objective and what that would be if every pair were right, the distance up to \
                 which cells were alike, sets of rows that were weighed, and the program's source (empty when there is \
                 none).",
                format!("{}.found", call("synth.try_loops")),
                body(move |cx, args| {
                    let found = search(cx, args, mask)?;
                    let (epsilon, perfect) = (Value::Num(found.epsilon), Value::Num(found.perfect));
                    let (nodes, objective) = (Value::Int(found.nodes as i64), Value::Num(found.objective));
                    let (any, message) = (Value::Bool(!found.program.loops.is_empty()), Value::str(found.message()));
                    let source = if found.program.loops.is_empty() {
                        String::new()
                    } else {
                        found.program.source(|k| format!("{}#{}", crate::synth::loops::program::NAME, k + 1))
                    };
                    // Fields in the order of their names.
                    Ok(Value::tuple(vec![epsilon, any, message, nodes, objective, perfect, Value::str(source)]))
                }),
            ));
        }
    }
    out.push(Op::new(
        "find_grid",
        "(img: image, seconds: num = 10.0) -> grid",
        "A grid for a picture: its cells are as large as what repeats in it across and down (the best shifts in the \
         autocorrelation of its gradients), or a whole part of that, and lie where loops explain most. Where nothing \
         repeats it has 15 by 15 cells, fewer on small pictures.",
        "find_grid(checkerboard(8, 8, 12)) == find_grid(checkerboard(8, 8, 12))",
        body(|cx, args| {
            let img: &Image = arg(args, 0)?;
            let budget = budget(cx, "find_grid", arg(args, 1)?, 0)?;
            Ok(Value::obj(grid_found(cx, img, None, &Options::default(), &budget)?))
        }),
    ));
    for (name, ret) in [
        ("extrapolate", "fn() -> image"),
        ("continuations", "[(axis: str, cells: int, evidence: num, loop_number: int, own: bool, step: int)]"),
    ] {
        let doc = if name == "extrapolate" {
            "A loop program whose loops go on over unknown cells (where the mask is white). With `method` \"simplest\" a loop \
             of three or more columns goes on at its own spacing; one of fewer repeats with the period of the picture, the \
             shift under which most known cells show the same again. It ends before the first line of cells of which one \
             is known. Rows likewise. The comment above the result's source says what was continued and on what evidence; \
             `continuations` gives it as data."
        } else {
            "What `extrapolate` continues, and on what evidence: the loop (from 1), \"columns\" or \"rows\", the spacing, \
             how many cells are added, whether the spacing is the loop's own, and what speaks for it: how often the \
             loop's own spacing was seen, or for a period the known cells that repeat at it less those that do not (along \
             the other axis they count half)."
        };
        let example = if name == "extrapolate" {
            "extrapolate(synth.loops(blank(8, 8), 4, k: 1), blank(8, 8))() == blank(8, 8)"
        } else {
            "continuations(synth.loops(blank(8, 8), 4, k: 1), blank(8, 8)) == []"
        };
        out.push(Op::new(
            name,
            format!("(program: fn() -> image, mask: image, method: str = \"simplest\") -> {ret}"),
            doc,
            example,
            body(move |cx, args| {
                let (program, how) = continued(cx, args)?;
                if name == "extrapolate" {
                    let func = program.to_func(&mut Session::new(cx.env.ops.clone()))?;
                    let made = if how.is_empty() { "nothing to continue".into() } else { lines(&how) };
                    return found_program(cx, &func, Origin { made, doubt: None });
                }
                let row = |c: &Continuation| {
                    let axis = if c.columns { "columns" } else { "rows" };
                    // Fields in the order of their names.
                    Value::tuple(vec![
                        Value::str(axis),
                        Value::Int(c.cells as i64),
                        Value::Num(c.evidence),
                        Value::Int(c.of as i64 + 1),
                        Value::Bool(c.own),
                        Value::Int(c.step.into()),
                    ])
                };
                Ok(Value::list(how.iter().map(row).collect()))
            }),
        ));
    }
    out
}

/// The loops that a function value draws.
pub(super) fn loops_of(cx: &mut Ctx<'_>, f: &Value) -> Result<LoopProgram, Fail> {
    let Value::Fn(c) = f else { return Err(format!("expected a loop program, found {}", f.kind()).into()) };
    let func = function(cx, f)?;
    let globals = cx.globals.borrow().clone();
    LoopProgram::from_func(&func, &c.captures, cx.env, globals)
}

fn continued(cx: &mut Ctx<'_>, args: &[Value]) -> Result<(LoopProgram, Vec<Continuation>), Fail> {
    let method: &str = arg(args, 2)?;
    if method != "simplest" {
        return Err(Fail::from(format!("extrapolate: there is no method `{method}`")).help("methods are simplest"));
    }
    let program = loops_of(cx, arg(args, 0)?)?;
    let mask: &Image = arg(args, 1)?;
    cx.work(mask.pixels().as_raw().len() + program.loops.len() * program.grid.cells())?;
    let unknown = program.grid.unknown(mask)?;
    Ok(extrapolate(&program, &unknown))
}

/// Continuations as lines for a person.
pub(super) fn lines(how: &[Continuation]) -> String {
    let line = |c: &Continuation| {
        let axis = if c.columns { "columns" } else { "rows" };
        let (of, step, cells, evidence) = (c.of + 1, c.step, c.cells, c.evidence);
        let why = if c.own {
            format!("its own spacing, seen {evidence} times")
        } else {
            format!("period, evidence {evidence}")
        };
        format!("loop {of} continued in {axis}, every {step}: {cells} cells ({why})")
    };
    how.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn search(cx: &mut Ctx<'_>, args: &[Value], masked: bool) -> Result<Found, Fail> {
    const NAME: &str = "synth.loops";
    let img: &Image = arg(args, 0)?;
    let first = args.len() - 7;
    let rest = &args[first..];
    let (k, lambda, epsilon): (i64, f64, f64) = (arg(rest, 0)?, arg(rest, 1)?, arg(rest, 2)?);
    let range: &str = arg(rest, 3)?;
    if !(1..=1000).contains(&k) {
        return Err(format!("{NAME}: `k` must be from 1 to 1000").into());
    }
    if !(0.0..=1e6).contains(&lambda) || !(0.0..=1e6).contains(&epsilon) {
        return Err(format!("{NAME}: `lambda` and `epsilon` must be 0 or more").into());
    }
    let paper = match range {
        "full" => false,
        "paper" => true,
        other => return Err(format!("{NAME}: unknown range `{other}`: use \"full\" or \"paper\"").into()),
    };
    let method: &str = arg(rest, 4)?;
    let Some(overlap) = overlap(method) else {
        let near = crate::suggest::nearest(method, METHODS.iter().copied());
        let help = near.map_or(format!("methods are {}", METHODS.join(", ")), |m| format!("did you mean `{m}`?"));
        return Err(Fail::from(format!("{NAME}: there is no method `{method}`")).help(help));
    };
    let options = Options {
        loops: k as usize,
        lambda,
        epsilon: (epsilon > 0.0).then_some(epsilon),
        paper,
        overlap,
        weights: Weights::default(),
    };
    let mut budget = budget(cx, NAME, arg(rest, 5)?, arg(rest, 6)?)?;
    let mask: Option<&Image> = if masked { Some(arg(args, first - 1)?) } else { None };
    if let Some(m) = mask {
        same_size(img, m)?;
    }
    let grid = match args.get(1) {
        Some(Value::Int(n)) if first > 1 + usize::from(masked) => Grid::covering(img.width(), img.height(), *n, *n)?,
        Some(v) if v.downcast::<Grid>().is_some() => *arg::<&Grid>(args, 1)?,
        _ => grid_found(cx, img, mask, &options, &budget)?,
    };
    check_grid(img, &grid)?;
    let unknown = unknown_cells(img, &grid, mask)?;
    pay(cx, img, &grid)?;
    let found = synthesize(img, &grid, &unknown, &options, &mut budget)?;
    // What the search did counts as work of the program that asked for it.
    cx.meter.work(found.nodes)?;
    match found.stop {
        Some(crate::search::Stop::Cancelled) => Err(Fail::new(code::CANCELLED, "interrupted")),
        _ => Ok(found),
    }
}

/// Memory and work of comparing a grid's cells.
pub(super) fn pay(cx: &mut Ctx<'_>, img: &Image, grid: &Grid) -> Result<(), Fail> {
    let n = grid.cells();
    cx.charge(n * 2500 + n * n * 5)?;
    cx.work(img.pixels().as_raw().len() + n * n * 64)
}

fn grid_found(
    cx: &mut Ctx<'_>,
    img: &Image,
    mask: Option<&Image>,
    options: &Options,
    budget: &crate::search::Budget,
) -> Result<Grid, Fail> {
    cx.charge(1 << 24)?;
    cx.work(img.pixels().as_raw().len() + (1 << 24))?;
    let progress = cx.env.progress.clone();
    let told = |part: f64| {
        if let Some(p) = &progress {
            p("looking for a grid", part);
        }
    };
    let found = find_grid(img, mask, options, budget, &told);
    told(1.0);
    found
}

/// The program as a function value.
fn value(cx: &mut Ctx<'_>, found: Found) -> Result<Value, Fail> {
    if found.program.loops.is_empty() {
        let fail = Fail::new("E0703", "synth.loops: no loop adds anything");
        return Err(fail.help("lower `lambda`, or raise `epsilon`"));
    }
    let func = found.program.to_func(&mut Session::new(cx.env.ops.clone()))?;
    found_program(cx, &func, Origin { made: found.message(), doubt: None })
}
