//! `complete`: pictures with unknown pixels made whole.

use super::synth::{budget, found_program};
use super::synth_loops::loops_of;
use super::util::arg;
use super::{Op, native as body};
use crate::raster::bits::Bits;
use crate::raster::image::Image;
use crate::search::{Budget, Stop};
use crate::session::Session;
use crate::synth::complete::structure::{self, Structure};
use crate::synth::complete::{self, Completed, MASK, Method, Options};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Origin, Value};

const DOC: &str = "The picture with its unknown pixels filled, opaque; the others stay. What is regular says what they \
     should show: the rows and columns that cross a hole, and loops (see `synth.loops`) continued over it (see \
     `extrapolate`); it is put together from patches of what is known, and the seams are blended. `method` is \"auto\" \
     (the same as \"loops\"), \"rows\" (without loops), \"separable\" (rows and columns alone, no patches: the least error, \
     but blurred), \"patches\" (without anything regular) or \"smooth\". `strength`, 0 to 1, is how much what is regular \
     decides. `keep: false` lets the outermost 3 pixels around a hole change too, where a mask leaves an edge of what it \
     hides. `seconds` is the most time to take; the best so far is given then. The same seed gives the same picture.";

/// How it is said what is unknown: parameters, an argument in examples, a sentence.
const MASKS: [(&str, &str, &str); 3] = [
    (", mask: image", ", mask", " Unknown is what is white in `mask`, a picture of the same size."),
    (
        ", mask: (int, int, int, int)",
        ", (5, 5, 8, 8)",
        " Unknown is the rectangle `mask`, as (left, top, width, height) in pixels.",
    ),
    ("", "", " Unknown are the pixels that are at least half transparent."),
];

const OPTIONS: &str =
    "method: str = \"auto\", keep: bool = true, strength: num = 1.0, seed: int = 0, seconds: num = 30.0";

const RECORD: &str = "(cells: int, explained: int, image: image, message: str, structure: [fn() -> image])";

/// Operations that complete pictures.
pub fn ops() -> Vec<Op> {
    let mut out = Vec::new();
    for (place, (mask, given, said)) in MASKS.into_iter().enumerate() {
        for by_program in [true, false] {
            let (more, about) = if by_program {
                (
                    ", structure: fn() -> image",
                    " The loop program `structure` says what repeats, unknown cells included.",
                )
            } else {
                (
                    "",
                    " The loops are looked for on a grid of `grid` by `grid` cells (15, as PS-GM has on facades; fewer on pictures of fewer pixels); with 0 it is found (see `find_grid`), which takes longer.",
                )
            };
            let grid = if by_program { "" } else { "grid: int = 15, " };
            let params = format!("(img: image{mask}{more}, {grid}{OPTIONS})");
            let how = Asked { place, by_program };
            let picture = "checkerboard(6, 6, 4)";
            let call = |name: &str| {
                let img =
                    if place == 2 { format!("{picture} |> paste(blank(1, 1), 0, 0)") } else { picture.to_string() };
                let given = if given == ", mask" { ", blank(24, 24)" } else { given };
                let program =
                    if by_program { ", fn() { picture(grid(6, 6, 4, 4), [draw(1, 1, blank(4, 4))]) }" } else { "" };
                format!("{name}({img}{given}{program}, method: \"separable\")")
            };
            out.push(Op::new(
                "complete",
                format!("{params} -> image"),
                format!("{DOC}{said}{about}"),
                format!("width({}) == 24", call("complete")),
                body(move |cx, args| Ok(Value::obj(run(cx, args, how)?.0.image))),
            ));
            out.push(Op::new(
                "completion",
                format!("{params} -> {RECORD}"),
                format!(
                    "As `complete`, with what explains the result: the loop program, unknown cells drawn, as a list of one \
                     (empty where nothing repeats or loops were not asked for); how many cells of its grid have an unknown \
                     pixel, and how many of them a loop draws; and a message.{said}{about}"
                ),
                format!("width({}.image) == 24", call("completion")),
                body(move |cx, args| {
                    let (done, found) = run(cx, args, how)?;
                    record(cx, done, found)
                }),
            ));
        }
    }
    out
}

/// Which overload was called.
#[derive(Clone, Copy)]
struct Asked {
    /// Which of [`MASKS`].
    place: usize,
    by_program: bool,
}

fn run(cx: &mut Ctx<'_>, args: &[Value], how: Asked) -> Result<(Completed, Option<Structure>), Fail> {
    const NAME: &str = "complete";
    let img: &Image = arg(args, 0)?;
    let at = 1 + usize::from(how.place < 2);
    let rest = &args[at + 1..];
    let method = complete::method(arg(rest, 0)?)?;
    let (keep, strength, seed): (bool, f64, i64) = (arg(rest, 1)?, arg(rest, 2)?, arg(rest, 3)?);
    if !(0.0..=1.0).contains(&strength) {
        return Err(format!("{NAME}: `strength` must be from 0 to 1, found {strength}").into());
    }
    let budget = budget(cx, NAME, arg(rest, 4)?, 0)?;
    pay(cx, img)?;
    let unknown = match how.place {
        0 => mask_bits(img, arg(args, 1)?)?,
        1 => rectangle(img, arg(args, 1)?)?,
        _ => transparent(img),
    };
    let progress = cx.env.progress.clone();
    let told = |what: &str, part: f64| {
        if let Some(p) = &progress {
            p(what, part);
        }
    };
    let found = if how.by_program {
        let program = loops_of(cx, &args[at])?;
        given(img, &unknown, program)?
    } else {
        let cells = match arg::<i64>(args, at)? {
            0 => None,
            n => Some(u32::try_from(n).map_err(|_| Fail::from(format!("{NAME}: `grid` cannot be {n}")))?),
        };
        let wanted = method == Method::Loops && strength > 0.0 && complete::open(img, &unknown)?;
        // A third of the time at most: without loops there is a picture, too.
        let mut part = super::synth::budget(cx, NAME, arg::<f64>(rest, 4)? / 3.0, 0)?;
        let looking = |part: f64| told("looking for loops", part);
        if wanted { structure_of(img, &unknown, cells, &mut part, &looking)? } else { None }
    };
    let options = Options { method, strength: strength as f32, keep, seed: seed as u64, trace: false };
    let program = found.as_ref().map(|f| &f.program).filter(|_| method == Method::Loops);
    let done = complete::complete(img, &unknown, program, options, &budget, &mut |part| told("completing", part));
    told("completing", 1.0);
    Ok((done?, found))
}

/// The loops of a picture; none where the time for them was up.
fn structure_of(
    img: &Image,
    unknown: &Bits,
    cells: Option<u32>,
    budget: &mut Budget,
    told: &dyn Fn(f64),
) -> Result<Option<Structure>, Fail> {
    let found = structure::find(img, unknown, cells, budget, told);
    told(1.0);
    match (found, budget.look()) {
        (Err(_), Err(Stop::Time)) => Ok(None),
        (found, _) => found,
    }
}

/// A structure that the program was given.
fn given(
    img: &Image,
    unknown: &Bits,
    program: crate::synth::loops::program::LoopProgram,
) -> Result<Option<Structure>, Fail> {
    complete::open(img, unknown)?;
    crate::synth::loops::solve::check_grid(img, &program.grid)?;
    let hidden = program.grid.unknown(&Image::from_bits(unknown))?;
    let (unknown, explained) = structure::counts(&program, &hidden);
    Ok(Some(Structure { program, continued: Vec::new(), unknown, explained }))
}

/// Memory and work: the result, the mask, and the parts of the picture that are worked on.
fn pay(cx: &mut Ctx<'_>, img: &Image) -> Result<(), Fail> {
    let size = img.pixels().as_raw().len();
    cx.charge(size.saturating_mul(2) + (1 << 26))?;
    cx.work(size.saturating_mul(8))
}

fn mask_bits(img: &Image, mask: &Image) -> Result<Bits, Fail> {
    if (mask.width(), mask.height()) != (img.width(), img.height()) {
        let (w, h) = (mask.width(), mask.height());
        let m = format!("the mask is {w} x {h} pixels, the picture {} x {}", img.width(), img.height());
        return Err(Fail::new(MASK, m).help("`resize` makes it fit"));
    }
    Ok(mask.to_bits())
}

/// The pixels of a rectangle, of which what lies outside the picture is cut off.
pub fn rectangle(img: &Image, parts: &[Value]) -> Result<Bits, Fail> {
    let [Value::Int(x), Value::Int(y), Value::Int(w), Value::Int(h)] = parts else {
        return Err("a rectangle is (left, top, width, height)".into());
    };
    if *w < 1 || *h < 1 {
        return Err(Fail::new(MASK, format!("a rectangle of {w} x {h} pixels has none")));
    }
    let clip = |from: i64, size: i64, most: u32| {
        let end = from.saturating_add(size).clamp(0, most.into());
        from.clamp(0, most.into()) as usize..end as usize
    };
    let mut bits = Bits::new(img.height() as usize, img.width() as usize);
    let columns = clip(*x, *w, img.width());
    for y in clip(*y, *h, img.height()) {
        columns.clone().for_each(|x| bits.set(y, x, true));
    }
    if bits.count() == 0 {
        let m = format!(
            "the rectangle ({x}, {y}, {w}, {h}) lies outside the picture of {} x {} pixels",
            img.width(),
            img.height()
        );
        return Err(Fail::new(MASK, m).help("pixels count from 0, from the upper left"));
    }
    Ok(bits)
}

/// The pixels that are at least half transparent.
fn transparent(img: &Image) -> Bits {
    let mut bits = Bits::new(img.height() as usize, img.width() as usize);
    for (x, y, p) in img.pixels().enumerate_pixels() {
        bits.set(y as usize, x as usize, p.0[3] < 128);
    }
    bits
}

fn record(cx: &mut Ctx<'_>, done: Completed, found: Option<Structure>) -> Result<Value, Fail> {
    let (cells, explained) = found.as_ref().map_or((0, 0), |f| (f.unknown, f.explained));
    let mut message = format!("{} unknown pixels", done.unknown);
    if done.explained > 0 {
        message.push_str(&format!(", {} of them drawn by loops", done.explained));
    }
    if done.stopped.is_some() {
        message.push_str("; the time was up: the rest is smooth");
    }
    let structure = match &found {
        Some(f) if !f.program.loops.is_empty() => {
            let func = f.program.to_func(&mut Session::new(cx.env.ops.clone()))?;
            let made = super::synth_loops::lines(&f.continued);
            vec![found_program(cx, &func, Origin { made, doubt: None })?]
        }
        _ => Vec::new(),
    };
    // Fields in the order of their names.
    Ok(Value::tuple(vec![
        Value::Int(cells as i64),
        Value::Int(explained as i64),
        Value::obj(done.image),
        Value::str(message),
        Value::list(structure),
    ]))
}
