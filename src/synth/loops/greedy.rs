//! Algorithm 1 of PS-GM: loops chosen one after another, each the one that adds most to the objective
//!
//! `l(P) = |B(x) and B(P)| + lambda |not B(x) and not B(P)|` (equation 3),
//!
//! where `B(x)` says which pairs of cells look alike and `B(P)` which pairs the program makes equal. A pair with an unknown
//! cell counts neither way.
//!
//! In the paper `B(P)` holds for a pair that some loop covers, whatever is drawn over it ([`Overlap::Union`]). Then windows
//! on a wall gain nothing once a loop covers the whole wall, and a wall that is drawn around them takes many loops. With
//! [`Overlap::Seen`] it holds for a pair whose cells show the same loop in the end, which is what the rendering shows.
//!
//! The choice is exact in both, by separable counts. What a loop over rows `R` and columns `C` changes is a sum over pairs
//! in `(R x C)^2`, and for `Seen` over its cells alone: the pairs that it parts from what it covers. So for each `R` the
//! sums over `R^2` are kept for all pairs of columns, and each `C` sums over those. Both grow by one member at a time, each
//! step from the step before.

use super::sketch::{Axis, Sketch};
use crate::search::{Budget, Stop};

/// What is known of a pair of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Pair {
    /// Nothing (any more): it counts neither way.
    Open = 0,
    /// The cells look alike.
    Same = 1,
    /// They do not.
    Different = 2,
}

/// Which pairs a program makes equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Those that some loop covers, as in PS-GM.
    Union,
    /// Those that show one loop, the last that covers them.
    Seen,
}

/// The tensor `B(x)` of a picture, and what the loops chosen so far leave to be gained.
#[derive(Clone, Debug)]
pub struct Pairs {
    columns: usize,
    rows: usize,
    overlap: Overlap,
    /// What covering each pair for the first time changes, `[row, row', column, column']`, symmetric: like pairs in the lower
    /// two bits, different ones in the next.
    known: Vec<u8>,
    /// What covering it would change now.
    codes: Vec<u8>,
    /// What it changes by covering a cell, `[row, column]`, packed.
    own: Vec<i64>,
    /// The loop seen in each cell.
    seen: Vec<Option<usize>>,
    loops: usize,
}

/// Which sketches are weighed, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// What an uncovered pair of different cells counts, beside 1 for a covered pair of like ones; 0 or more.
    pub lambda: f64,
    /// Whether only PS-GM's `b >= 0` is tried ([`Axis::all`]).
    pub paper: bool,
    /// Most cells that a sketch covers.
    pub most: usize,
}

/// A loop that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Where it draws.
    pub sketch: Sketch,
    /// What it added to the objective.
    pub gain: f64,
    /// By how many pairs of like cells it made more equal.
    pub same: i64,
    /// By how many pairs of different cells it made more equal.
    pub different: i64,
}

/// Two counts in one number, each of less than 2^31 (see [`Pairs::MOST`]): like pairs above, different ones below. Sums of
/// such numbers are the sums of both.
#[inline]
fn packed(code: u8) -> i64 {
    i64::from(code & 3) << 32 | i64::from(code >> 2)
}

/// The counts of like and of different pairs.
#[inline]
fn counts(sum: i64) -> (i64, i64) {
    let different = sum as i32;
    ((sum - i64::from(different)) >> 32, i64::from(different))
}

impl Pair {
    fn code(self) -> u8 {
        match self {
            Pair::Open => 0,
            Pair::Same => 1,
            Pair::Different => 4,
        }
    }
}

impl Pairs {
    /// Most cells of a grid: the tensor then takes 32 MB.
    pub const MOST: usize = 4096;

    /// From what is known of the pair of cells with these indices, row by row from 0. It must be symmetric.
    pub fn new(columns: u32, rows: u32, overlap: Overlap, of: impl Fn(usize, usize) -> Pair) -> Pairs {
        let (columns, rows) = (columns as usize, rows as usize);
        let cells = columns * rows;
        let mut known = Vec::with_capacity(cells.pow(2));
        for r in 0..rows {
            for s in 0..rows {
                for c in 0..columns {
                    known.extend((0..columns).map(|d| of(r * columns + c, s * columns + d).code()));
                }
            }
        }
        Pairs {
            columns,
            rows,
            overlap,
            codes: known.clone(),
            known,
            own: vec![0; cells],
            seen: vec![None; cells],
            loops: 0,
        }
    }

    /// How many pairs are the same and different.
    pub fn counts(&self) -> (u64, u64) {
        let n = |k: Pair| self.known.iter().filter(|c| **c == k.code()).count() as u64;
        (n(Pair::Same), n(Pair::Different))
    }

    fn at(&self, r: usize, s: usize, c: usize, d: usize) -> usize {
        ((r * self.rows + s) * self.columns + c) * self.columns + d
    }

    fn block(&self, r: usize, s: usize) -> &[u8] {
        &self.codes[self.at(r, s, 0, 0)..][..self.columns * self.columns]
    }

    /// Draws a loop over what there is.
    pub fn cover(&mut self, sketch: &Sketch) {
        let (n, next) = (self.columns, self.loops);
        self.loops += 1;
        let cells: Vec<(usize, usize)> = sketch.cells().map(|(c, r)| (r as usize - 1, c as usize - 1)).collect();
        if self.overlap == Overlap::Union {
            for (r, c) in &cells {
                for (s, d) in &cells {
                    let at = self.at(*r, *s, *c, *d);
                    self.codes[at] = 0;
                }
            }
            return;
        }
        cells.iter().for_each(|(r, c)| self.seen[r * n + c] = Some(next));
        let mut together = vec![0u8; self.seen.len()];
        for r in 0..self.rows {
            for c in 0..n {
                let mine = self.seen[r * n + c];
                together.iter_mut().zip(&self.seen).for_each(|(t, s)| *t = u8::from(mine.is_some() && *s == mine));
                let (mut same, mut different) = (0u32, 0u32);
                for s in 0..self.rows {
                    let at = self.at(r, s, c, 0);
                    let pairs = self.known[at..at + n].iter().zip(&together[s * n..][..n]);
                    // A pair that is equal already stays so; but each of its cells counts it as parted.
                    for (code, (known, t)) in self.codes[at..at + n].iter_mut().zip(pairs) {
                        let parted = known * t;
                        *code = known + parted;
                        same += u32::from(parted & 3);
                        different += u32::from(parted >> 2);
                    }
                }
                self.own[r * n + c] = -2 * (i64::from(same) << 32 | i64::from(different));
            }
        }
    }

    /// The sketch that adds most, if any adds something: among equals the one of fewest cells, then the first in order.
    /// Each set of
    /// rows counts as a node.
    pub fn best(&self, rules: Rules, budget: &mut Budget) -> Result<Option<Choice>, Stop> {
        let mut best = Best { choice: None, least: f64::MIN_POSITIVE, rules, sums: Sums::new(self.columns) };
        for r in 0..self.rows {
            budget.spend()?;
            let mut single = vec![0; self.columns * self.columns];
            self.add_row(&mut single, r);
            best.columns(&single, Axis::one(r as u32 + 1));
        }
        let size = self.columns * self.columns;
        // For each first row, the sums over the rows so far; and over pairs of the newest row with those from there on.
        let mut all = vec![0i64; self.rows * size];
        let mut newest = vec![0i64; size];
        for step in 1..self.rows {
            for p in 0..self.rows {
                let sums = &mut all[p * size..][..size];
                sums.fill(0);
                self.add_row(sums, p);
            }
            for r in step..self.rows {
                newest.fill(0);
                for p in (0..=r - step).rev().step_by(step) {
                    budget.spend()?;
                    newest.iter_mut().zip(self.block(r, p)).for_each(|(s, c)| *s += packed(*c));
                    // Column sets are summed over in both orders, so that twice the one half is as good as both halves.
                    let sums = &mut all[p * size..][..size];
                    sums.iter_mut().zip(&newest).for_each(|(s, n)| *s += 2 * n);
                    self.add_row(sums, r);
                    if rules.paper && p + 1 < step {
                        continue;
                    }
                    let axis = Axis { first: p as u32 + 1, step: step as u32, count: ((r - p) / step + 1) as u32 };
                    best.columns(&all[p * size..][..size], axis);
                }
            }
        }
        Ok(best.choice)
    }
}

impl Pairs {
    /// Adds the pairs within one row.
    fn add_row(&self, sums: &mut [i64], r: usize) {
        sums.iter_mut().zip(self.block(r, r)).for_each(|(s, c)| *s += packed(*c));
        for c in 0..self.columns {
            sums[c * self.columns + c] += self.own[r * self.columns + c];
        }
    }
}

/// Room for the sums over columns.
struct Sums {
    n: usize,
    /// `[column, earlier column]`: both orders of the pair.
    folded: Vec<i64>,
    own: Vec<i64>,
    so_far: Vec<i64>,
}

impl Sums {
    fn new(n: usize) -> Sums {
        Sums { n, folded: vec![0; n * n], own: vec![0; n], so_far: vec![0; n] }
    }
}

struct Best {
    choice: Option<Choice>,
    /// What must be gained at least: more than nothing, or as much as the choice so far.
    least: f64,
    rules: Rules,
    sums: Sums,
}

impl Best {
    /// Weighs these rows with every set of columns. `pairs[c, d]` are the sums over the rows.
    fn columns(&mut self, pairs: &[i64], rows: Axis) {
        let n = self.sums.n;
        for c in 0..n {
            self.sums.own[c] = pairs[c * n + c];
            for d in 0..c {
                self.sums.folded[c * n + d] = pairs[c * n + d] + pairs[d * n + c];
            }
        }
        for c in 0..n {
            self.weigh(self.sums.own[c], rows, c, 1, 1);
        }
        for step in 1..n {
            self.sums.so_far.copy_from_slice(&self.sums.own);
            for c in step..n {
                let mut newest = self.sums.own[c];
                for p in (0..=c - step).rev().step_by(step) {
                    newest += self.sums.folded[c * n + p];
                    let sum = self.sums.so_far[p] + newest;
                    self.sums.so_far[p] = sum;
                    if !self.rules.paper || p + 1 >= step {
                        self.weigh(sum, rows, p, step, (c - p) / step + 1);
                    }
                }
            }
        }
    }

    #[inline]
    fn weigh(&mut self, sum: i64, rows: Axis, first: usize, step: usize, count: usize) {
        let (same, different) = counts(sum);
        let gain = same as f64 - self.rules.lambda * different as f64;
        if gain < self.least {
            return;
        }
        let columns = Axis { first: first as u32 + 1, step: step as u32, count: count as u32 };
        let sketch = Sketch { columns, rows };
        let simpler = |old: &Sketch| (sketch.len(), sketch) < (old.len(), *old);
        if sketch.len() <= self.rules.most
            && (gain > self.least || self.choice.as_ref().is_none_or(|c| simpler(&c.sketch)))
        {
            self.choice = Some(Choice { sketch, gain, same, different });
            self.least = gain;
        }
    }
}

/// At most `k` loops, until none adds anything. What was chosen before a stop is kept.
pub fn greedy(mut pairs: Pairs, k: usize, rules: Rules, budget: &mut Budget) -> (Vec<Choice>, Option<Stop>) {
    let mut out = Vec::new();
    while out.len() < k {
        match pairs.best(rules, budget) {
            Ok(Some(choice)) => {
                pairs.cover(&choice.sketch);
                out.push(choice);
            }
            Ok(None) => break,
            Err(stop) => return (out, Some(stop)),
        }
    }
    (out, None)
}

#[cfg(test)]
mod tests;
