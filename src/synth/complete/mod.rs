//! Completion: a picture with unknown pixels becomes a whole one (PS-GM, section 2, "Image completion": the structure of
//! the known part is extrapolated, its rendering is drawn, and a second model makes a picture of it).
//!
//! For each hole an [`area`] around it is worked on. What is regular there says what the hole should show: [`separable`]
//! predicts it from the rows and columns that cross the hole, and [`tiles`] draws the cells that an extrapolated loop
//! program explains. With that as a guide [`patches`] puts the hole together from known pixels, and [`smooth`] blends the
//! seams.

pub mod area;
pub mod field;
pub mod patches;
pub mod separable;
pub mod smooth;
pub mod structure;
pub mod tiles;

use crate::raster::bits::Bits;
use crate::raster::image::Image;
use crate::search::{Budget, Stop};
use crate::synth::loops::program::LoopProgram;
use crate::vm::limits::Fail;
use area::Area;
use field::Field;
use tiles::Alike;

/// Nothing is known, or the mask does not fit.
pub const MASK: &str = "E0448";

/// How unknown pixels are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// What is regular guides patches of known pixels, loops first.
    Loops,
    /// The same without a loop program: rows and columns alone guide.
    Rows,
    /// The prediction from rows and columns itself, without patches: the smallest error, but blurred.
    Separable,
    /// Patches alone, from coarse to fine.
    Patches,
    /// Smoothly, without any texture.
    Smooth,
}

/// Names of methods in programs and on the command line; `auto` is `loops`.
pub const METHODS: [(&str, Method); 6] = [
    ("auto", Method::Loops),
    ("loops", Method::Loops),
    ("rows", Method::Rows),
    ("separable", Method::Separable),
    ("patches", Method::Patches),
    ("smooth", Method::Smooth),
];

/// The method of this name; an error says which there are.
pub fn method(name: &str) -> Result<Method, Fail> {
    if let Some((_, m)) = METHODS.iter().find(|(n, _)| *n == name) {
        return Ok(*m);
    }
    let names = METHODS.iter().map(|(n, _)| *n);
    let help = match crate::suggest::nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("methods are {}", names.collect::<Vec<_>>().join(", ")),
    };
    Err(Fail::from(format!("complete: there is no method `{name}`")).help(help))
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How.
    pub method: Method,
    /// How much what is regular decides, from 0 (patches alone) to 1.
    pub strength: f32,
    /// Whether known pixels stay exactly as they are. If not, a rim of [`RIM`] pixels around a hole is made to meet it
    /// softly: masks drawn by hand often leave an edge of what they hide.
    pub keep: bool,
    /// Of everything random.
    pub seed: u64,
    /// Whether to say where each pixel comes from.
    pub trace: bool,
}

/// Pixels around a hole that change where known pixels need not be kept.
pub const RIM: usize = 3;

/// What came out.
#[derive(Clone, Debug)]
pub struct Completed {
    /// The whole picture.
    pub image: Image,
    /// How many pixels were unknown.
    pub unknown: u64,
    /// How many of them a loop of the structure draws; about so many where a large picture was worked on in small.
    pub explained: u64,
    /// If asked for: unknown pixels as (x, y), and the known ones that they were copied from before blending.
    pub sources: Vec<(Place, Place)>,
    /// Why it ended early; what was not reached is smooth.
    pub stopped: Option<Stop>,
}

/// A pixel as (x, y).
pub type Place = (u32, u32);

/// Side of the patches that match what is regular: `2 * 5 + 1`.
const REACH: usize = 5;
/// Reach of the blur that parts brightness from detail.
const LOW: usize = 12;
/// At most so much more contrast is given to a guide, which predicts too little of it.
const SHARPER: f32 = 1.5;

/// Fills the unknown pixels of a picture; they come out opaque. `structure` is the loop program that explains the
/// picture, unknown cells included. The same seed gives the same picture, unless the budget ends first.
pub fn complete(
    img: &Image,
    unknown: &Bits,
    structure: Option<&LoopProgram>,
    options: Options,
    budget: &Budget,
    progress: &mut dyn FnMut(f64),
) -> Result<Completed, Fail> {
    let n = unknown.count();
    let (w, h) = (img.width() as usize, img.height() as usize);
    open(img, unknown)?;
    let mut out = Completed { image: img.clone(), unknown: n, explained: 0, sources: Vec::new(), stopped: None };
    if n == 0 {
        return Ok(out);
    }
    let wide = if options.keep { None } else { Some(grown(unknown, RIM)) };
    // Where growing leaves nothing, the mask stays as it is.
    let wide = wide.filter(|b| (b.count() as usize) < w * h);
    let unknown = wide.as_ref().unwrap_or(unknown);
    let mut pixels = img.pixels().clone();
    let holes = area::holes(unknown);
    for (k, hole) in holes.iter().enumerate() {
        let mut area = Area::around(img, unknown, *hole);
        // Unknown pixels of other holes that reach into the area are filled there too, but not written from here.
        let classes = structure.map(|s| alike(s, &area, unknown)).unwrap_or_default();
        let mut step = |share: f64| progress((k as f64 + share) / holes.len() as f64);
        let done = fill_area(&mut area, &classes, options, budget, &mut step);
        let (field, source, explained, stopped) = match done {
            Ok(done) => done,
            Err(stop) => return Err(interrupted(stop)),
        };
        // Each pixel of an area stands for several where it was made smaller.
        out.explained += explained * (area.factor * area.factor) as u64;
        out.stopped = out.stopped.or(stopped);
        area.write(&field, &source, img, unknown, &mut pixels);
        if options.trace {
            out.sources.extend(area.sources(&source, unknown));
        }
    }
    out.explained = out.explained.min(n);
    if let Some(wide) = &wide {
        soften(&mut pixels, img, wide);
    }
    out.image = pixels.into();
    progress(1.0);
    Ok(out)
}

/// Whether a mask leaves something to be done; an error where it does not fit the picture or leaves nothing known.
pub fn open(img: &Image, unknown: &Bits) -> Result<bool, Fail> {
    let (w, h) = (img.width() as usize, img.height() as usize);
    if (unknown.row_len(), unknown.rows()) != (w, h) {
        let m = format!("the mask is {} x {} pixels, the picture {w} x {h}", unknown.row_len(), unknown.rows());
        return Err(Fail::new(MASK, m).help("`resize` makes it fit"));
    }
    let n = unknown.count();
    if n as usize == w * h {
        let help = "white in the mask is unknown: `invert` it if it is the other way round";
        return Err(Fail::new(MASK, "the mask is white everywhere: nothing of the picture is known").help(help));
    }
    Ok(n > 0)
}

fn interrupted(stop: Stop) -> Fail {
    match stop {
        Stop::Cancelled => Fail::new(crate::vm::limits::code::CANCELLED, "interrupted"),
        _ => Fail::new("E0703", "complete: the time was up before anything was filled")
            .help("give it longer with `seconds:`"),
    }
}

/// The picture of an area, the source of each pixel, pixels that loops explain, and why it ended early.
type Done = (Field, Vec<(u32, u32)>, u64, Option<Stop>);

fn fill_area(
    area: &mut Area,
    classes: &[Alike],
    options: Options,
    budget: &Budget,
    progress: &mut dyn FnMut(f64),
) -> Result<Done, Stop> {
    let start = smooth::fill(&area.known, &area.unknown, budget)?;
    progress(0.1);
    let mut done: Done = (start.clone(), own_places(&start), 0, None);
    match guided(area, &start, classes, options, budget, progress, &mut done) {
        Ok(()) => Ok(done),
        // What was found so far is a picture, too.
        Err(Stop::Cancelled) => Err(Stop::Cancelled),
        Err(stop) => {
            done.3 = Some(stop);
            Ok(done)
        }
    }
}

/// Better and better pictures of the area, each put into `done` when it is complete.
fn guided(
    area: &Area,
    start: &Field,
    classes: &[Alike],
    options: Options,
    budget: &Budget,
    progress: &mut dyn FnMut(f64),
    done: &mut Done,
) -> Result<(), Stop> {
    let unknown = &area.unknown;
    match options.method {
        Method::Smooth => return Ok(()),
        Method::Patches => {
            let found = coarse_to_fine(start, unknown, options, budget)?;
            if let Some(f) = found {
                *done = (smooth::blend(start, unknown, &f.picture, budget)?, f.source, 0, None);
            }
            return Ok(());
        }
        Method::Loops | Method::Rows | Method::Separable => {}
    }
    let (predicted, regular) = separable::predict(start, unknown, budget)?;
    let guide = start.zip(&predicted, |s, p| s + options.strength * (p - s));
    progress(0.4);
    done.0 = guide.clone();
    if options.method == Method::Separable {
        return Ok(());
    }
    let sharp = if regular { sharpened(&guide, unknown) } else { guide.clone() };
    let sure = if regular { options.strength } else { 0.0 };
    let mut target = sharp;
    if options.strength > 0.0 {
        let (tiled, drawn) = tiles::draw(&target, unknown, classes, sure, budget)?;
        for ((t, tile), agrees) in target.at.iter_mut().zip(&tiled.at).zip(&drawn) {
            let Some(agrees) = agrees else { continue };
            let trust = options.strength * if regular { TILES * agrees } else { 1.0 };
            *t = std::array::from_fn(|k| t[k] + trust * (tile[k] - t[k]));
            done.2 += 1;
        }
    }
    progress(0.5);
    // Without anything regular, patches find their own way from coarse to fine.
    let target = if regular || done.2 > 0 {
        target
    } else {
        coarse_to_fine(start, unknown, options, budget)?.map_or(target, |f| f.picture)
    };
    let hint = |x: usize, y: usize, n: u64| source_in(classes, x, y, n);
    let how =
        patches::Options { reach: REACH, rounds: 3, sweeps: 4, guide: 0.6 * options.strength, seed: options.seed };
    let Some(filled) = patches::fill(&target, &guide, unknown, how, &hint, budget)? else { return Ok(()) };
    progress(0.9);
    // Patches are sharp, predictions right on the whole: detail from the one, brightness from the other.
    let mut picture = filled.picture;
    if regular {
        let shift = guide.zip(&picture, |g, p| g - p).blurred(LOW);
        let strength = options.strength;
        picture = picture.zip(&shift, |p, s| p + strength * s);
    }
    *done = (smooth::blend(start, unknown, &picture, budget)?, filled.source, done.2, None);
    Ok(())
}

/// How far tiles are trusted where rows and columns say something as well.
const TILES: f32 = 0.5;

fn own_places(f: &Field) -> Vec<(u32, u32)> {
    (0..f.at.len()).map(|i| ((i % f.w) as u32, (i / f.w) as u32)).collect()
}

/// The guide with as much detail as the known rows and columns that cross the hole have.
fn sharpened(guide: &Field, unknown: &Bits) -> Field {
    let low = guide.blurred(8);
    let (mut hole, mut cross) = ((0.0f64, 0.0f64), (0.0f64, 0.0f64));
    let rows: Vec<bool> = (0..guide.h).map(|y| unknown.row(y).iter().any(|w| *w != 0)).collect();
    let columns: Vec<bool> = (0..guide.w).map(|x| (0..guide.h).any(|y| unknown.get(y, x))).collect();
    for (y, in_row) in rows.iter().enumerate() {
        for (x, in_column) in columns.iter().enumerate() {
            let d = f64::from(field::squared(&guide.get(x, y), &low.get(x, y)));
            if unknown.get(y, x) {
                hole = (hole.0 + d, hole.1 + 1.0);
            } else if *in_row || *in_column {
                cross = (cross.0 + d, cross.1 + 1.0);
            }
        }
    }
    let mean = |(sum, n): (f64, f64)| sum / f64::max(n, 1.0);
    let gain = (mean(cross) / mean(hole).max(1e-9)).sqrt().clamp(1.0, f64::from(SHARPER)) as f32;
    let mut out = guide.clone();
    for y in 0..out.h {
        for x in (0..guide.w).filter(|x| unknown.get(y, *x)) {
            let (g, l) = (guide.get(x, y), low.get(x, y));
            out.at[y * guide.w + x] = std::array::from_fn(|k| l[k] + gain * (g[k] - l[k]));
        }
    }
    out
}

/// Patches without a guide: first at half the size, as long as the hole is much larger than a patch.
fn coarse_to_fine(
    start: &Field,
    unknown: &Bits,
    options: Options,
    budget: &Budget,
) -> Result<Option<patches::Filled>, Stop> {
    let largest = separable::components(unknown).iter().map(|b| (b.x1 - b.x0).min(b.y1 - b.y0)).max().unwrap_or(0);
    let mut target = start.clone();
    if largest > REACH && start.w.min(start.h) >= 8 * REACH {
        let (half, half_unknown) = smooth::shrunk(start, unknown, 2, false);
        let half = smooth::fill(&half, &half_unknown, budget)?;
        if let Some(found) = coarse_to_fine(&half, &half_unknown, options, budget)? {
            for y in 0..start.h {
                for x in (0..start.w).filter(|x| unknown.get(y, *x)) {
                    target.at[y * start.w + x] = found.picture.between((x as f32 + 0.5) / 2.0, (y as f32 + 0.5) / 2.0);
                }
            }
        }
    }
    let how = patches::Options { reach: REACH, rounds: 4, sweeps: 4, guide: 0.0, seed: options.seed };
    patches::fill(&target, start, unknown, how, &|_, _, _| None, budget)
}

/// The cells of a program by the loop that draws them on top, in the pixels of an area.
fn alike(program: &LoopProgram, area: &Area, unknown: &Bits) -> Vec<Alike> {
    let on_top = program.on_top();
    let mut out = vec![Alike::default(); program.loops.len()];
    let grid = &program.grid;
    let f = area.factor as f64;
    for (at, k) in on_top.iter().enumerate() {
        let (column, row) = (at as i64 % i64::from(grid.columns), at as i64 / i64::from(grid.columns));
        let (Some(k), Some((x, y, w, h))) = (k, grid.cell(column + 1, row + 1)) else { continue };
        let b = &area.block;
        let (left, top) = (grid.x + column as f64 * grid.cell_w, grid.y + row as f64 * grid.cell_h);
        let inside = left >= b.x0 as f64
            && top >= b.y0 as f64
            && left + grid.cell_w <= b.x1 as f64 + 1.0
            && top + grid.cell_h <= b.y1 as f64 + 1.0;
        if !inside {
            continue;
        }
        let to = |v: f64, from: usize| ((v - from as f64) / f) as f32;
        let cell = [to(left, b.x0), to(top, b.y0), (grid.cell_w / f) as f32, (grid.cell_h / f) as f32];
        let hidden = (y..y + h).any(|y| (x..x + w).any(|x| unknown.get(y as usize, x as usize)));
        let class = &mut out[*k];
        if hidden { class.unknown.push(cell) } else { class.known.push(cell) }
    }
    out.retain(|c| !c.unknown.is_empty() && !c.known.is_empty());
    out
}

/// Where a pixel of an unknown cell lies in one of the known cells that are drawn alike.
fn source_in(classes: &[Alike], x: usize, y: usize, n: u64) -> Option<(usize, usize)> {
    let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
    let holds = |c: &&tiles::Cell| (c[0]..c[0] + c[2]).contains(&px) && (c[1]..c[1] + c[3]).contains(&py);
    let (class, cell) = classes.iter().find_map(|class| Some((class, class.unknown.iter().find(holds)?)))?;
    let from = class.known[(n % class.known.len() as u64) as usize];
    let moved = |v: usize, from: f32, to: f32| usize::try_from(v as i64 + (from - to).round() as i64).ok();
    Some((moved(x, from[0], cell[0])?, moved(y, from[1], cell[1])?))
}

/// The bits and all within `reach` of one, in a square.
fn grown(bits: &Bits, reach: usize) -> Bits {
    let (w, h) = (bits.row_len(), bits.rows());
    let mut wide = Bits::new(h, w);
    for y in 0..h {
        for x in (0..w).filter(|x| bits.get(y, *x)) {
            (x.saturating_sub(reach)..w.min(x + reach + 1)).for_each(|x| wide.set(y, x, true));
        }
    }
    let mut out = Bits::new(h, w);
    for y in 0..h {
        for near in y.saturating_sub(reach)..h.min(y + reach + 1) {
            out.row_mut(near).iter_mut().zip(wide.row(y)).for_each(|(o, w)| *o |= w);
        }
    }
    out
}

/// Mixes the outermost changed pixels with the original: a third of it at the edge of what changed, none `RIM` further in.
fn soften(pixels: &mut image::RgbaImage, img: &Image, changed: &Bits) {
    let (w, h) = (changed.row_len(), changed.rows());
    let mut outside = Bits::new(h, w);
    for y in 0..h {
        (0..w).filter(|x| !changed.get(y, *x)).for_each(|x| outside.set(y, x, true));
    }
    let edge = grown(&outside, 1);
    for y in 0..h {
        for x in (0..w).filter(|x| changed.get(y, *x) && edge.get(y, *x)) {
            let old = img.pixels().get_pixel(x as u32, y as u32).0;
            let new = pixels.get_pixel_mut(x as u32, y as u32);
            for (n, o) in new.0[..3].iter_mut().zip(old) {
                *n = ((2 * u16::from(*n) + u16::from(o)) / 3) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests;
