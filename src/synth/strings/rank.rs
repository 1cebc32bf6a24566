//! What rows without outputs say of a program: a program that is meant does on them what it did on the examples.
//!
//! Each feature is the share of those rows on which something fails to hold that held on every example: that there is
//! a result, that it is not empty, that all of the input is used, that the result looks like one of those given. Their
//! weights are learned with the others.

use super::expr::Expr;
use super::prior::{Counts, Feature};
use super::solve::Problem;
use std::collections::HashSet;

/// Most rows that are looked at.
const ROWS: usize = 60;

/// Bytes of rows that are looked at.
const BYTES: usize = 200_000;

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

fn class(c: char) -> char {
    match c {
        _ if c.is_numeric() => '0',
        _ if c.is_uppercase() => 'A',
        _ if c.is_alphabetic() => 'a',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn words(s: &str) -> impl Iterator<Item = &str> {
    s.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty())
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

    /// The features of a program as a whole.
    pub fn of(&self, e: &Expr) -> Counts {
        let mut c = Counts::default();
        whole(e, self.problem.rows.len(), &mut c);
        if self.rows.is_empty() {
            return c;
        }
        let share = 1.0 / self.rows.len() as f32;
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
    c.add(Feature::MixedRounding, roundings.len().saturating_sub(1) as f32);
}
