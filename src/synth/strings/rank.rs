//! What rows without outputs say of a program: a program that is meant does on them what it did on the examples.
//!
//! Each feature grows with the share of those rows on which something fails to hold that held on every example: that there is
//! a result, that it is not empty, that all of the input is used, that the result looks like one of those given. Their
//! weights are learned with the others.

use super::expr::Expr;
use super::places::{Look, Places, class, words};
use super::prior::{Counts, Feature};
use super::solve::Problem;
use crate::text::edge::{Edge, Pattern};
use std::collections::HashSet;

/// Most rows that are looked at.
const ROWS: usize = 60;

/// Bytes of rows that are looked at.
const BYTES: usize = 200_000;

/// Beyond so many rows, more rows say no more.
const MORE: f32 = 16.0;

/// Texts seen as classes of characters, each run once: `Aa 0-` for `Smith 12-`.
fn shape(s: &str) -> String {
    let mut out = String::new();
    for c in s.chars().map(class) {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// How many words of the input are not in the output, whatever their case.
fn dropped(row: &[String], output: &str) -> usize {
    // Long texts are not told apart by single words.
    if output.len() + row.iter().map(String::len).sum::<usize>() > 4_000 {
        return 0;
    }
    let output = output.to_lowercase();
    row.iter().flat_map(|t| words(t)).filter(|w| !output.contains(&w.to_lowercase())).count()
}

/// What an output looks like, in several ways.
fn looks(row: &[String], output: &str) -> [(Feature, String); 7] {
    let end = |c: Option<char>| c.map(|c| class(c).to_string()).unwrap_or_default();
    let marks: String = {
        let mut marks: Vec<char> = output.chars().filter(|c| !c.is_alphanumeric()).collect();
        marks.sort_unstable();
        marks.dedup();
        marks.into_iter().collect()
    };
    [
        (Feature::RowShape, shape(output)),
        (Feature::RowFirst, end(output.chars().next())),
        (Feature::RowLast, end(output.chars().last())),
        (Feature::RowMarks, marks),
        (Feature::RowWords, words(output).count().to_string()),
        (Feature::RowLength, output.chars().count().to_string()),
        (Feature::RowDropped, dropped(row, output).to_string()),
    ]
}

/// What was seen on the examples, to compare with.
pub struct Evidence<'p> {
    problem: &'p Problem,
    seen: HashSet<(usize, String)>,
    uses_all: bool,
    /// Whether all outputs are of one length.
    one_length: bool,
    rows: Vec<&'p Vec<String>>,
}

impl<'p> Evidence<'p> {
    /// The evidence of a problem.
    pub fn new(p: &'p Problem) -> Evidence<'p> {
        let bytes: usize = p.others.iter().flat_map(|r| r.iter()).map(String::len).sum();
        let step = p.others.len().div_ceil(ROWS).max(bytes / BYTES).max(1);
        let pairs = || p.rows.iter().zip(&p.outputs);
        let seen: HashSet<_> = pairs().flat_map(|(r, o)| looks(r, o).map(|(f, l)| (f as usize, l))).collect();
        let uses_all = pairs().all(|(r, o)| dropped(r, o) == 0);
        let lengths = seen.iter().filter(|(f, _)| *f == Feature::RowLength as usize).count();
        let one_length = lengths == 1 && p.rows.len() > 1;
        Evidence { problem: p, seen, uses_all, one_length, rows: p.others.iter().step_by(step).collect() }
    }

    /// What one row counts.
    fn share(&self) -> f32 {
        // More rows are more evidence, but rows of one column are not independent of each other.
        let n = self.rows.len() as f32;
        n.min(MORE).sqrt() / n
    }

    /// Whether the pieces stand on the rows as they do on the examples.
    fn places(&self, e: &Expr, c: &mut Counts) {
        let examples: Vec<Places<'_>> = self.problem.rows.iter().map(|r| Places::new(e, r)).collect();
        let overlaps: usize = examples.iter().map(Places::overlaps).sum();
        c.add(Feature::Overlap, overlaps as f32 / examples.len() as f32);
        if self.rows.is_empty() {
            return;
        }
        let seen: Vec<Look> = examples.iter().flat_map(Places::looks).collect();
        let gaps: Vec<Vec<usize>> = examples.iter().filter(|p| p.all).map(Places::gaps).collect();
        let share = self.share();
        for row in &self.rows {
            let places = Places::new(e, row);
            if places.all && !gaps.contains(&places.gaps()) {
                c.add(Feature::RowGaps, share);
            }
            for l in places.looks() {
                let known = |same: fn(&Look, &Look) -> bool| seen.iter().any(|s| s.piece == l.piece && same(s, &l));
                if !known(|s, l| s.kinds == l.kinds) {
                    c.add(Feature::RowPiece, share);
                }
                if !known(|s, l| s.around == l.around) {
                    c.add(Feature::RowAround, share);
                }
            }
        }
    }

    /// The features of a program as a whole.
    pub fn of(&self, e: &Expr) -> Counts {
        let mut c = Counts::default();
        whole(e, self.problem.rows.len(), &mut c);
        self.places(e, &mut c);
        if self.rows.is_empty() {
            return c;
        }
        let share = self.share();
        for row in &self.rows {
            let Some(output) = e.eval(row) else {
                c.add(Feature::RowFails, share);
                continue;
            };
            for (f, look) in looks(row, &output) {
                if (f != Feature::RowLength || self.one_length) && !self.seen.contains(&(f as usize, look)) {
                    c.add(f, share);
                }
            }
            if self.uses_all && dropped(row, &output) > 0 {
                c.add(Feature::RowUnused, share);
            }
        }
        for piece in e.pieces() {
            let empty = |r: &Vec<String>| piece.eval(r).is_some_and(|t| t.is_empty());
            if !self.problem.rows.iter().any(empty) {
                c.add(Feature::RowEmpty, self.rows.iter().filter(|r| empty(r)).count() as f32 * share);
            }
        }
        c
    }
}

/// What a piece looks for.
fn patterns(e: &Expr) -> Vec<&Pattern> {
    match e {
        Expr::Match(x, p, _) | Expr::Field(x, p, _) => [vec![p], patterns(x)].concat(),
        Expr::Cut(x, a, b) => {
            let mut out = patterns(x);
            out.extend([a, b].into_iter().filter_map(|e| if let Edge::Match(p, ..) = e { Some(p) } else { None }));
            out
        }
        Expr::Fn(_, x) => patterns(x),
        _ => Vec::new(),
    }
}

/// Features that no single piece has.
fn whole(e: &Expr, rows: usize, c: &mut Counts) {
    // Different rows that all give one text ask for a program that looks at them.
    if rows > 1 && e.pieces().iter().all(|p| matches!(p, Expr::Const(_))) {
        c.add(Feature::Constant, 1.0);
    }
    // The ends of a range are rounded alike.
    let mut roundings: HashSet<(u8, String)> = HashSet::new();
    for p in e.pieces() {
        match p {
            Expr::Date(d) => roundings.extend(d.roundings().map(|(how, to)| (how, to.to_string()))),
            Expr::Number(n) => roundings.extend(n.roundings().map(|(how, to)| (how, to.to_string()))),
            _ => {}
        }
    }
    // Who writes a text with marks of one kind in mind takes all of it apart by them.
    let patterns: HashSet<&Pattern> = e.pieces().iter().flat_map(patterns).collect();
    c.add(Feature::Patterns, patterns.len().saturating_sub(1) as f32);
    c.add(Feature::MixedRounding, roundings.len().saturating_sub(1) as f32);
}
