//! `nsp synth loops`.

use crate::cli::args::{LoopsArgs, Range};
use crate::cli::corpus::{self, Done};
use crate::cli::host::{Host, code};
use crate::raster::image::{Grid, Image};
use crate::raster::{Unwatched, file};
use crate::search::Budget;
use crate::synth::loops::greedy::Overlap;
use crate::synth::loops::period::find_grid;
use crate::synth::loops::solve::{Found, METHODS, Options, check_grid, overlap, synthesize, unknown_cells};
use crate::vm::limits::Fail;
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Loops from pictures.
pub fn run(host: &Host, args: &LoopsArgs) -> u8 {
    if let Err(code) = super::method(host, &args.corpus.method, METHODS) {
        return code;
    }
    let number = |x: f64| (0.0..=1e6).contains(&x);
    if !number(args.lambda) || !args.epsilon.is_none_or(number) {
        return host.usage("--lambda and --epsilon must be 0 or more");
    }
    let mask = match args.mask.as_deref().map(load).transpose() {
        Ok(mask) => mask,
        Err(f) => return host.error(f.code, f.message, f.help),
    };
    if let Some(dir) = &args.render
        && let Err(e) = std::fs::create_dir_all(dir)
    {
        return host.error("E0603", format!("cannot make the folder `{}`: {e}", dir.display()), None);
    }
    let options = Options {
        loops: args.k.into(),
        lambda: args.lambda,
        epsilon: args.epsilon,
        paper: args.range == Range::Paper,
        overlap: overlap(&args.corpus.method).unwrap_or(Overlap::Seen),
        ..Options::default()
    };
    let ids: Vec<String> = args.images.iter().map(|p| p.display().to_string()).collect();
    let names = names(&args.images);
    let time = Duration::from_secs_f64(args.corpus.timeout);
    let bad = AtomicU8::new(code::DONE);
    let end = corpus::run(host, &args.corpus, &ids, || {
        let (bad, ids, names, mask, options) = (&bad, &ids, &names, &mask, &options);
        move |i: usize| {
            let mut budget = Budget::new(args.corpus.nodes, Some(time), host.cancel.clone());
            let found = picture(&args.images[i], args.grid, mask.as_ref(), options, &mut budget);
            if host.cancel.is_cancelled() {
                return None;
            }
            let ms = budget.elapsed().as_millis() as u64;
            let written = found.and_then(|found| {
                let saved = args.render.as_ref().map(|dir| save(&found, dir, &names[i])).transpose();
                saved.map(|_| found)
            });
            let mut line =
                Line { id: &ids[i], objective: None, program: None, loops: 0, epsilon: None, ms, error: None };
            match &written {
                Ok(found) => line.fill(&names[i], found),
                Err(fail) => {
                    line.error = Some(&fail.message);
                    let code = host.error(fail.code, format!("{}: {}", ids[i], fail.message), fail.help.clone());
                    if code != code::NOTHING {
                        bad.fetch_max(code, Ordering::Relaxed);
                    }
                }
            }
            Some(Done { line: serde_json::to_string(&line).ok()?, solved: written.is_ok() })
        }
    });
    end.max(bad.into_inner())
}

/// A line of results.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    objective: Option<f64>,
    program: Option<String>,
    loops: usize,
    epsilon: Option<f64>,
    ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Line<'_> {
    fn fill(&mut self, name: &str, found: &Found) {
        let text = found.program.source(|t| format!("{name}#{}", t + 1));
        let text = crate::syntax::fmt(&text).unwrap_or(text);
        self.objective = Some(found.objective);
        self.program = Some(text.trim_end().to_string());
        self.loops = found.program.loops.len();
        self.epsilon = Some((found.epsilon * 1e6).round() / 1e6);
    }
}

fn load(path: &Path) -> Result<Image, Fail> {
    file::load(path, &path.display().to_string(), &mut Unwatched)
}

fn picture(
    path: &Path,
    grid: Option<(u32, u32)>,
    mask: Option<&Image>,
    options: &Options,
    budget: &mut Budget,
) -> Result<Found, Fail> {
    let img = load(path)?;
    let grid = match grid {
        Some((columns, rows)) => Grid::covering(img.width(), img.height(), columns.into(), rows.into())?,
        None => find_grid(&img, mask, options, budget, &|_| {})?,
    };
    check_grid(&img, &grid)?;
    let unknown = unknown_cells(&img, &grid, mask)?;
    let found = synthesize(&img, &grid, &unknown, options, budget)?;
    if found.program.loops.is_empty() {
        let fail = Fail::new("E0703", "no loop adds anything");
        return Err(fail.help("lower --lambda, or raise --epsilon"));
    }
    Ok(found)
}

/// Writes the rendering, the program and its tiles.
fn save(found: &Found, dir: &Path, name: &str) -> Result<(), Fail> {
    let picture = dir.join(format!("{name}.png"));
    let rendering = found.program.rendering(None)?;
    file::save(&rendering, &picture, &picture.display().to_string(), &mut Unwatched)?;
    found.program.save(&dir.join(format!("{name}.nsp")), &found.message(), &mut Unwatched)
}

/// A name for each picture's files: its own, with a number where another has it already.
fn names(images: &[PathBuf]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut out: Vec<String> = Vec::with_capacity(images.len());
    for path in images {
        // It stands in the program's text, and before a `#`.
        let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let stem: String = path.file_stem().unwrap_or_default().to_string_lossy().chars().map(plain).collect();
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let free = std::iter::once(stem.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = free.unwrap_or(stem);
        taken.insert(name.clone());
        out.push(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_different() {
        let paths: Vec<PathBuf> = ["a/x.png", "x-2.png", "b/x.jpg", "a b#1.png"].iter().map(PathBuf::from).collect();
        assert_eq!(names(&paths), ["x", "x-2", "x-3", "a_b_1"]);
    }
}
