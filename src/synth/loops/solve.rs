//! From a picture and a grid to a loop program.

use super::cells::Cell;
use super::distance::{Distances, Weights};
use super::greedy::{Choice, Overlap, Pair, Pairs, Rules, greedy};
use super::program::{Loop, LoopProgram};
use crate::raster::image::{Grid, Image};
use crate::search::{Budget, Stop};
use crate::vm::limits::Fail;
use std::time::Duration;

/// How loops are searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Most loops; `k` in PS-GM.
    pub loops: usize,
    /// What an uncovered pair of different cells counts, beside 1 for a covered pair of like ones.
    pub lambda: f64,
    /// Distance up to which cells are alike; `None` to take it from the distances.
    pub epsilon: Option<f64>,
    /// Whether only PS-GM's range of `b` is tried, `b >= 0`.
    pub paper: bool,
    /// Which pairs count as equal where loops overlap.
    pub overlap: Overlap,
    /// The parts of the distance.
    pub weights: Weights,
}

/// Names of the ways to count overlapping loops; `auto` is what is best for people.
pub const METHODS: &[&str] = &["auto", "seen", "paper"];

/// What a method's name means.
pub fn overlap(method: &str) -> Option<Overlap> {
    match method {
        "auto" | "seen" => Some(Overlap::Seen),
        "paper" => Some(Overlap::Union),
        _ => None,
    }
}

/// What an uncovered pair of different cells counts unless said otherwise. Chosen on PS-GM's training pictures: of 0.05 to
/// 3, the value from which on cells of one loop are of one class and no more is gained.
pub const LAMBDA: f64 = 2.0;

impl Default for Options {
    fn default() -> Options {
        Options {
            loops: 12,
            lambda: LAMBDA,
            epsilon: None,
            paper: false,
            overlap: Overlap::Seen,
            weights: Weights::default(),
        }
    }
}

/// What was found in a picture.
#[derive(Clone, Debug)]
pub struct Found {
    /// The loops with their tiles. There may be none.
    pub program: LoopProgram,
    /// What each loop added.
    pub choices: Vec<Choice>,
    /// The objective of the program (equation 3).
    pub objective: f64,
    /// What it would be if every pair were right.
    pub perfect: f64,
    /// The distance up to which cells are alike.
    pub epsilon: f64,
    /// Why it stopped early, if it did.
    pub stop: Option<Stop>,
    /// Sets of rows that were weighed.
    pub nodes: u64,
    /// Time of the choice of loops alone.
    pub choosing: Duration,
    /// Time of everything.
    pub elapsed: Duration,
}

impl Found {
    /// In a line, for a person.
    pub fn message(&self) -> String {
        let n = self.program.loops.len();
        if n == 0 {
            return "no loop adds anything".into();
        }
        let loops = if n == 1 { "1 loop".to_string() } else { format!("{n} loops") };
        let early = if self.stop.is_some() { " (stopped early)" } else { "" };
        format!(
            "{loops} by Algorithm 1 of PS-GM{early}: objective {:.0} of {:.0}, cells alike up to {:.4}",
            self.objective, self.perfect, self.epsilon
        )
    }
}

/// Checks that a grid lies on a picture and is not too fine.
pub fn check_grid(img: &Image, grid: &Grid) -> Result<(), Fail> {
    let (w, h) = (img.width(), img.height());
    if !grid.fits(w, h) {
        return Err(Fail::new("E0444", format!("the grid does not fit on a picture of {w} x {h} pixels")));
    }
    if grid.cells() > Pairs::MOST {
        let m = format!("{} x {} cells are too many: at most {} are compared", grid.columns, grid.rows, Pairs::MOST);
        return Err(Fail::new("E0444", m).help("take a coarser grid"));
    }
    Ok(())
}

/// Checks that a mask has the picture's size.
pub fn same_size(img: &Image, mask: &Image) -> Result<(), Fail> {
    let [a, b] = [img, mask].map(|i| (i.width(), i.height()));
    if a == b {
        return Ok(());
    }
    Err(Fail::new("E0444", format!("the mask is {} x {} pixels, the picture {} x {}", b.0, b.1, a.0, a.1)))
}

/// The cells of a picture's grid that are unknown; the mask has the picture's size.
pub fn unknown_cells(img: &Image, grid: &Grid, mask: Option<&Image>) -> Result<Vec<bool>, Fail> {
    let Some(mask) = mask else { return Ok(vec![false; grid.cells()]) };
    same_size(img, mask)?;
    let unknown = grid.unknown(mask)?;
    if unknown.iter().all(|u| *u) {
        return Err(Fail::new("E0703", "nothing is known: the mask (white is unknown) touches every cell"));
    }
    Ok(unknown)
}

/// The cells of a picture, `None` for unknown ones.
pub fn cells(img: &Image, grid: &Grid, unknown: &[bool], budget: &Budget) -> Result<Vec<Option<Cell>>, Stop> {
    let mut out = Vec::with_capacity(grid.cells());
    for row in 1..=grid.rows {
        budget.look()?;
        for column in 1..=grid.columns {
            let skip = unknown.get(out.len()).is_some_and(|u| *u);
            out.push((!skip).then(|| Cell::new(img, grid, column, row)));
        }
    }
    Ok(out)
}

/// Which pairs are alike.
pub fn pairs(grid: &Grid, distances: &Distances, epsilon: f64, overlap: Overlap) -> Pairs {
    Pairs::new(grid.columns, grid.rows, overlap, |a, b| match distances.get(a, b) {
        None => Pair::Open,
        Some(d) if f64::from(d) <= epsilon => Pair::Same,
        Some(_) => Pair::Different,
    })
}

/// The loops of a picture. `unknown` says so for each cell, row by row. A budget that runs out leaves the loops chosen so
/// far; while cells are still compared, it is an error.
pub fn synthesize(
    img: &Image,
    grid: &Grid,
    unknown: &[bool],
    options: &Options,
    budget: &mut Budget,
) -> Result<Found, Fail> {
    check_grid(img, grid)?;
    let started = budget.elapsed();
    let compared = cells(img, grid, unknown, budget)
        .and_then(|cells| Distances::new(&cells, options.weights, budget))
        .map_err(|stop| stopped(stop, "while cells were compared"))?;
    let epsilon = options.epsilon.unwrap_or_else(|| compared.threshold());
    let choosing = budget.elapsed();
    let pairs = pairs(grid, &compared, epsilon, options.overlap);
    let (same, different) = pairs.counts();
    let rules = Rules { lambda: options.lambda, paper: options.paper, most: usize::MAX };
    let (choices, stop) = greedy(pairs, options.loops, rules, budget);
    let choosing = budget.elapsed().saturating_sub(choosing);
    let loops = filled(img, grid, &choices, &compared, options.overlap)?;
    let neither = options.lambda * different as f64;
    Ok(Found {
        program: LoopProgram { grid: *grid, loops },
        objective: neither + choices.iter().map(|c| c.gain).sum::<f64>(),
        perfect: neither + same as f64,
        choices,
        epsilon,
        stop,
        nodes: budget.used(),
        choosing,
        elapsed: budget.elapsed().saturating_sub(started),
    })
}

/// A search that ended before it found anything, as an error.
pub fn stopped(stop: Stop, when: &str) -> Fail {
    match stop {
        Stop::Cancelled => Fail::new(crate::vm::limits::code::CANCELLED, "interrupted"),
        Stop::Time => Fail::new("E0703", format!("out of time {when}")).help("give it longer, or take a coarser grid"),
        Stop::Nodes => Fail::new("E0703", format!("the nodes were used up {when}")),
    }
}

/// The sketches with their tiles: of the known cells that a sketch covers, and where that is asked no later one hides, the
/// one whose distances to the others sum to least. The objective says nothing of the tile; this cell stands for all best.
/// A loop of which nothing is seen is left out.
fn filled(
    img: &Image,
    grid: &Grid,
    choices: &[Choice],
    distances: &Distances,
    overlap: Overlap,
) -> Result<Vec<Loop>, Fail> {
    let index = |(c, r): (u32, u32)| (r as usize - 1) * grid.columns as usize + c as usize - 1;
    let mut last = vec![0; grid.cells()];
    for (k, c) in choices.iter().enumerate() {
        c.sketch.cells().for_each(|cell| last[index(cell)] = k);
    }
    let mut out = Vec::with_capacity(choices.len());
    for (k, c) in choices.iter().enumerate() {
        let seen = |cell: &(u32, u32)| overlap == Overlap::Union || last[index(*cell)] == k;
        let known = |cell: &(u32, u32)| distances.get(index(*cell), index(*cell)).is_some();
        if let Some((column, row)) = medoid(&c.sketch.cells().filter(seen).filter(known).collect::<Vec<_>>(), |a, b| {
            distances.get(index(a), index(b)).map_or(0.0, f64::from)
        }) {
            out.push(Loop { sketch: c.sketch, tile: grid.tile(img, column.into(), row.into())? });
        }
    }
    Ok(out)
}

/// The cell whose distances to the others sum to least; the first of several.
fn medoid(cells: &[(u32, u32)], distance: impl Fn((u32, u32), (u32, u32)) -> f64) -> Option<(u32, u32)> {
    let sum = |c: (u32, u32)| cells.iter().map(|d| distance(c, *d)).sum::<f64>();
    cells.iter().map(|c| (sum(*c), *c)).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, c)| c)
}
