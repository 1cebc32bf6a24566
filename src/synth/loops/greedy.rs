//! Algorithm 1 of PS-GM: loops chosen one after another, each the one that adds most to the objective
//!
//! `l(P) = |B(x) and B(P)| + lambda |not B(x) and not B(P)|` (equation 3),
//!
//! where `B(x)` says which pairs of cells look alike and `B(P)` which pairs some loop of `P` covers together. A pair with
//! an unknown cell counts neither way.
//!
//! The choice is exact, by separable counts. What a loop over rows `R` and columns `C` adds is a sum over pairs in
//! `(R x C)^2` that are not covered yet; so for each `R` the sums over `R^2` are kept for all pairs of columns, and each
//! `C` sums over those. Both grow by one member at a time, each step from the step before.

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

/// The tensor `B(x)` of a picture, of which covered pairs are taken away.
#[derive(Clone, Debug)]
pub struct Pairs {
    columns: usize,
    rows: usize,
    /// `[row, row', column, column']`, symmetric.
    codes: Vec<u8>,
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
    /// Pairs of like cells that it was the first to cover.
    pub same: u64,
    /// Pairs of different cells that it was the first to cover.
    pub different: u64,
}

/// Two counts in one number: like pairs above, different ones below. Neither passes 2^32 (see [`Pairs::MOST`]).
#[inline]
fn packed(code: u8) -> u64 {
    u64::from(code & 1) << 32 | u64::from(code >> 1)
}

impl Pairs {
    /// Most cells of a grid: the tensor then takes 16 MB.
    pub const MOST: usize = 4096;

    /// From what is known of the pair of cells with these indices, row by row from 0. It must be symmetric.
    pub fn new(columns: u32, rows: u32, of: impl Fn(usize, usize) -> Pair) -> Pairs {
        let (columns, rows) = (columns as usize, rows as usize);
        let mut codes = Vec::with_capacity((columns * rows).pow(2));
        for r in 0..rows {
            for s in 0..rows {
                for c in 0..columns {
                    codes.extend((0..columns).map(|d| of(r * columns + c, s * columns + d) as u8));
                }
            }
        }
        Pairs { columns, rows, codes }
    }

    /// How many pairs are the same and different.
    pub fn counts(&self) -> (u64, u64) {
        let n = |k: Pair| self.codes.iter().filter(|c| **c == k as u8).count() as u64;
        (n(Pair::Same), n(Pair::Different))
    }

    fn block(&self, r: usize, s: usize) -> &[u8] {
        let size = self.columns * self.columns;
        &self.codes[(r * self.rows + s) * size..][..size]
    }

    /// Takes away the pairs that a sketch covers.
    pub fn cover(&mut self, sketch: &Sketch) {
        let size = self.columns * self.columns;
        for r in sketch.rows.iter() {
            for s in sketch.rows.iter() {
                let at = ((r as usize - 1) * self.rows + s as usize - 1) * size;
                for c in sketch.columns.iter() {
                    for d in sketch.columns.iter() {
                        self.codes[at + (c as usize - 1) * self.columns + d as usize - 1] = Pair::Open as u8;
                    }
                }
            }
        }
    }

    /// The sketch that adds most, if any adds something: among equals the one of fewest cells, then the first in order.
    /// Each set of
    /// rows counts as a node.
    pub fn best(&self, rules: Rules, budget: &mut Budget) -> Result<Option<Choice>, Stop> {
        let mut best = Best { choice: None, rules, sums: Sums::new(self.columns) };
        for r in 0..self.rows {
            budget.spend()?;
            let single: Vec<u64> = self.block(r, r).iter().map(|c| packed(*c)).collect();
            best.columns(&single, Axis::one(r as u32 + 1));
        }
        let size = self.columns * self.columns;
        // For each first row, the sums over the rows so far; and over pairs of the newest row with those from there on.
        let mut all = vec![0u64; self.rows * size];
        let mut newest = vec![0u64; size];
        for step in 1..self.rows {
            for p in 0..self.rows {
                let sums = &mut all[p * size..][..size];
                sums.iter_mut().zip(self.block(p, p)).for_each(|(s, c)| *s = packed(*c));
            }
            for r in step..self.rows {
                newest.fill(0);
                for p in (0..=r - step).rev().step_by(step) {
                    budget.spend()?;
                    newest.iter_mut().zip(self.block(r, p)).for_each(|(s, c)| *s += packed(*c));
                    // Column sets are summed over in both orders, so that twice the one half is as good as both halves.
                    let sums = &mut all[p * size..][..size];
                    for ((s, n), c) in sums.iter_mut().zip(&newest).zip(self.block(r, r)) {
                        *s += 2 * n + packed(*c);
                    }
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

/// Room for the sums over columns.
struct Sums {
    n: usize,
    /// `[column, earlier column]`: both orders of the pair.
    folded: Vec<u64>,
    own: Vec<u64>,
    so_far: Vec<u64>,
}

impl Sums {
    fn new(n: usize) -> Sums {
        Sums { n, folded: vec![0; n * n], own: vec![0; n], so_far: vec![0; n] }
    }
}

struct Best {
    choice: Option<Choice>,
    rules: Rules,
    sums: Sums,
}

impl Best {
    /// Weighs these rows with every set of columns. `pairs[c, d]` are the sums over the rows.
    fn columns(&mut self, pairs: &[u64], rows: Axis) {
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
    fn weigh(&mut self, sum: u64, rows: Axis, first: usize, step: usize, count: usize) {
        let (same, different) = (sum >> 32, sum & 0xffff_ffff);
        let gain = same as f64 - self.rules.lambda * different as f64;
        let least = self.choice.as_ref().map_or(0.0, |c| c.gain);
        if gain < least || gain <= 0.0 || count * rows.count as usize > self.rules.most {
            return;
        }
        let columns = Axis { first: first as u32 + 1, step: step as u32, count: count as u32 };
        let sketch = Sketch { columns, rows };
        let simpler = |old: &Sketch| (sketch.len(), sketch) < (old.len(), *old);
        if gain > least || self.choice.as_ref().is_none_or(|c| simpler(&c.sketch)) {
            self.choice = Some(Choice { sketch, gain, same, different });
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
