//! `nsp sample grids`.

use crate::cli::args::{MnistPart, SampleGridsArgs};
use crate::cli::host::{Host, code};
use crate::raster::{Unwatched, file, idx};
use crate::synth::loops::sample::{COLOURS, Digits, Property, Sample, Sampling, World, sample};
use crate::synth::loops::sketch::Axis;
use crate::vm::limits::Fail;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What drew a picture, and what its cells show.
#[derive(Serialize)]
struct Line {
    id: String,
    loops: Vec<LoopLine>,
    cells: Vec<Option<Shown>>,
}

/// A loop: `draw(step*i + offset, ..)` for `count` values of `i`.
#[derive(Serialize)]
struct LoopLine {
    #[serde(flatten)]
    shown: Shown,
    columns: AxisLine,
    rows: AxisLine,
}

#[derive(Serialize)]
struct AxisLine {
    step: u32,
    offset: i64,
    count: u32,
}

#[derive(Serialize)]
struct Shown {
    digit: usize,
    color: &'static str,
}

/// Coloured digits in loops.
pub fn run(host: &Host, args: &SampleGridsArgs) -> u8 {
    match write(host, args) {
        Ok(()) => code::DONE,
        Err(f) => host.error(f.code, f.message, f.help),
    }
}

fn write(host: &Host, args: &SampleGridsArgs) -> Result<(), Fail> {
    let digits = mnist(&args.mnist, args.part)?;
    let how =
        Sampling { cells: args.cells.into(), cell: args.cell.into(), loops: args.loops.into(), world: args.world };
    let world = World::new(how.world, how.cells);
    let cannot = |path: &Path, e: std::io::Error| Fail::new("E0603", format!("cannot write `{}`: {e}", path.display()));
    std::fs::create_dir_all(&args.out).map_err(|e| cannot(&args.out, e))?;
    host.catch_interrupts();
    let mut lines = String::new();
    for number in 0..args.count {
        if host.cancel.is_cancelled() {
            return Err(Fail::new(crate::vm::limits::code::CANCELLED, "interrupted"));
        }
        let s = sample(&how, &world, &digits, host.seed, number)?;
        let id = format!("{number:05}");
        let path = args.out.join(format!("{id}.png"));
        file::save(&s.image, &path, &path.display().to_string(), &mut Unwatched)?;
        lines.push_str(&serde_json::to_string(&line(id, &s)).unwrap_or_default());
        lines.push('\n');
    }
    // Last: where it stands, all pictures do.
    crate::data::write_whole(&args.out.join("grids.jsonl"), lines.as_bytes())
}

fn line(id: String, s: &Sample) -> Line {
    let shown = |p: &Property| Shown { digit: p.digit, color: COLOURS[p.colour].0 };
    let axis = |a: Axis| AxisLine { step: a.step, offset: a.offset(), count: a.count };
    let loops = s.program.loops.iter().zip(&s.properties);
    Line {
        id,
        loops: loops
            .map(|(l, p)| LoopLine { shown: shown(p), columns: axis(l.sketch.columns), rows: axis(l.sketch.rows) })
            .collect(),
        cells: s.cells.iter().map(|c| c.as_ref().map(shown)).collect(),
    }
}

/// The digits of a folder of MNIST's files, compressed or not.
fn mnist(folder: &Path, part: MnistPart) -> Result<Digits, Fail> {
    let fail = |what: &str| Fail::new("E0602", format!("there are no {what} of MNIST in `{}`", folder.display()));
    let find = |what: &str| -> Option<PathBuf> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
        names.sort();
        names.into_iter().find(|p| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or("");
            // The test files are called t10k-..; a part of them may be called t5k-.. or test-..
            let train = name.starts_with("train");
            name.contains(what) && if part == MnistPart::Train { train } else { !train && name.starts_with('t') }
        })
    };
    let images = find("images-idx3").ok_or_else(|| fail("pictures (files named ..images-idx3..)"))?;
    let labels = find("labels-idx1").ok_or_else(|| fail("labels (files named ..labels-idx1..)"))?;
    let images = idx::images(&images, &images.display().to_string(), &mut Unwatched)?;
    let labels = idx::labels(&labels, &labels.display().to_string(), &mut Unwatched)?;
    if images.len() != labels.len() {
        return Err(Fail::new("E0443", format!("{} pictures, but {} labels", images.len(), labels.len())));
    }
    Digits::new(images.into_iter().zip(labels))
}
