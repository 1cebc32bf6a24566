//! From examples to programs: the version space of concatenations, checked on every example, and what to try when it is
//! empty.

use super::cover::{Cover, Part, Step};
use super::edges::{ACTIVE, Layout, Ways, layout, ways};
use super::expr::Expr;
use super::pieces::{Pieces, Wanted, of_column, of_pairs};
use super::prior::Prior;
use crate::search::paths::{Bounds, Path, cheapest};
use crate::search::{Budget, Stop};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is wanted: rows with outputs, and rows without, which only judge.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// Rows of columns.
    pub rows: Vec<Vec<String>>,
    /// Their outputs.
    pub outputs: Vec<String>,
    /// Rows that the program will be applied to.
    pub others: Vec<Vec<String>>,
    /// The pattern that outputs follow: fixed texts, one for each row, and holes. Empty: one hole.
    pub parts: Vec<Part>,
}

/// A program for each hole of the pattern, and its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The sum of all pieces' costs, in hundredths.
    pub cost: u32,
    /// The programs.
    pub holes: Vec<Expr>,
}

/// How a search goes about.
#[derive(Clone, Copy, Debug)]
pub struct Effort<'a> {
    /// The prior.
    pub prior: &'a Prior,
    /// How many programs are wanted.
    pub top: usize,
    /// Programs this costly or more are of no interest.
    pub below: u32,
    /// How many loops may still be opened inside each other.
    pub loops: u8,
}

/// Most rows without outputs that are looked at while edges are chosen.
const JUDGES: usize = 24;

/// Most states of one search.
const STATES: usize = 6_000;

/// Outputs longer than this may be written by programs of many parts.
const LONG: usize = 12;

/// How much costlier than the best a program may be and still be listed.
const SLACK: u32 = 350;

impl Problem {
    /// The part of it with these rows.
    pub fn subset(&self, rows: &[usize]) -> Problem {
        let pick = |p: &Part| match p {
            Part::Fixed(texts) => Part::Fixed(rows.iter().map(|r| texts[*r].clone()).collect()),
            Part::Hole => Part::Hole,
        };
        Problem {
            rows: rows.iter().map(|r| self.rows[*r].clone()).collect(),
            outputs: rows.iter().map(|r| self.outputs[*r].clone()).collect(),
            others: self.others.clone(),
            parts: self.parts.iter().map(pick).collect(),
        }
    }

    fn holes(&self) -> usize {
        self.parts.iter().filter(|p| matches!(p, Part::Hole)).count().max(1)
    }

    /// Whether a candidate gives the output of a row.
    pub fn agrees(&self, c: &Candidate, row: usize) -> bool {
        let mut rest = self.outputs[row].as_str();
        let mut holes = c.holes.iter();
        let mut take = |text: &str| match rest.strip_prefix(text) {
            Some(r) => {
                rest = r;
                true
            }
            None => false,
        };
        let hole = [Part::Hole];
        let parts = if self.parts.is_empty() { &hole[..] } else { &self.parts };
        for p in parts {
            let fits = match p {
                Part::Fixed(texts) => take(&texts[row]),
                Part::Hole => holes.next().and_then(|e| e.eval(&self.rows[row])).is_some_and(|t| take(&t)),
            };
            if !fits {
                return false;
            }
        }
        rest.is_empty()
    }
}

/// The rows to search on first: few, and different from each other.
fn first_rows(p: &Problem) -> Vec<usize> {
    let n = p.rows.len();
    if n <= 4 {
        return (0..n).collect();
    }
    let shape = |r: usize| {
        let kind = |c: char| match c {
            _ if c.is_numeric() => '0',
            _ if c.is_alphabetic() => 'a',
            c => c,
        };
        let mut s: String = p.rows[r].join("\0").chars().map(kind).collect::<String>();
        s.push_str(&p.outputs[r].chars().map(kind).collect::<String>());
        s
    };
    let mut chosen = vec![0];
    let mut seen = vec![shape(0)];
    for r in 1..n.min(400) {
        let s = shape(r);
        if chosen.len() < 4 && !seen.contains(&s) {
            chosen.push(r);
            seen.push(s);
        }
    }
    let more: Vec<usize> = (1..n).filter(|r| !chosen.contains(r)).take(4 - chosen.len()).collect();
    chosen.extend(more);
    chosen
}

/// Concatenations that agree with every example, cheapest first.
pub fn concatenations(p: &Problem, effort: Effort<'_>, budget: &mut Budget) -> Result<Vec<Candidate>, Stop> {
    let mut active = first_rows(p);
    loop {
        let found = on_rows(p, &active, effort, budget)?;
        if found.is_empty() {
            return Ok(found);
        }
        let wrong = |c: &Candidate| (0..p.rows.len()).find(|r| !p.agrees(c, *r));
        let mut good = Vec::new();
        let mut counter = None;
        for c in found {
            match wrong(&c) {
                None => good.push(c),
                Some(r) => counter = counter.or(Some(r)),
            }
        }
        match counter {
            Some(r) if good.is_empty() && active.len() < ACTIVE && !active.contains(&r) => active.push(r),
            _ => return Ok(good),
        }
    }
}

fn on_rows(p: &Problem, active: &[usize], effort: Effort<'_>, budget: &mut Budget) -> Result<Vec<Candidate>, Stop> {
    let rows: Vec<&[String]> = active.iter().map(|r| p.rows[*r].as_slice()).collect();
    let outputs: Vec<&str> = active.iter().map(|r| p.outputs[*r].as_str()).collect();
    let parts = if p.parts.is_empty() { vec![Part::Hole] } else { p.subset(active).parts };
    let columns = rows.iter().map(|r| r.len()).min().unwrap_or(0);
    let step = p.others.len().div_ceil(JUDGES).max(1);
    let layouts: Vec<Layout> = (0..columns)
        .map(|c| {
            let texts: Vec<&str> = rows.iter().map(|r| r[c].as_str()).collect();
            let others: Vec<&str> =
                p.others.iter().step_by(step).filter_map(|r| r.get(c)).map(String::as_str).collect();
            layout(&texts, &others, effort.prior)
        })
        .collect();
    budget.look()?;
    let wanted = Wanted { rows: rows.clone(), outputs: outputs.clone(), prior: effort.prior };
    let mut pieces = Pieces::default();
    for (c, l) in layouts.iter().enumerate() {
        of_column(&wanted, c, l, &mut pieces);
        budget.look()?;
    }
    of_pairs(&wanted, &mut pieces);
    super::loops::pieces(&wanted, effort, budget, &mut pieces)?;
    super::numbers::pieces(&wanted, &layouts, &mut pieces);
    super::dates::pieces(&wanted, &layouts, &mut pieces);
    budget.look()?;
    let mut cover = Cover::new(parts, &rows, outputs.clone(), &layouts, pieces.groups(), effort.prior);
    let bounds = Bounds { paths: effort.top, slack: SLACK, below: effort.below, states: STATES };
    let mut paths = cheapest(&mut cover, bounds, budget)?;
    if paths.is_empty() && outputs.len() > 1 && outputs[0].len() > LONG {
        // The cheapest program may have too many parts to be reached in order of cost.
        cover.hurry();
        paths = cheapest(&mut cover, bounds, budget)?;
    }
    let reader =
        Reader { prior: effort.prior, layouts: &layouts, pieces: &pieces, outputs: &outputs, holes: p.holes() };
    Ok(reader.programs(&paths, effort.top))
}

/// Reads programs off paths.
struct Reader<'a> {
    prior: &'a Prior,
    layouts: &'a [Layout],
    pieces: &'a Pieces,
    outputs: &'a [&'a str],
    holes: usize,
}

impl Reader<'_> {
    /// The alternatives of a step, cheapest first.
    fn choices(&self, s: &Step) -> Ways {
        match s {
            Step::Piece(g) => {
                let list = &self.pieces.groups()[*g as usize].alternatives;
                list.iter().enumerate().map(|(i, a)| (a.0, [i as u8, 0])).collect()
            }
            Step::Cut(c, _, from, to) => {
                let classes = &self.layouts[*c as usize].classes;
                ways(&classes[*from as usize], &classes[*to as usize], self.prior)
            }
            Step::Const(..) | Step::Next => vec![(0, [0, 0])],
        }
    }

    fn expr(&self, s: &Step, which: [u8; 2]) -> Option<Expr> {
        Some(match s {
            Step::Const(a, b) => Expr::Const(self.outputs[0].get(*a as usize..*b as usize)?.to_string()),
            Step::Piece(g) => self.pieces.groups()[*g as usize].alternatives[which[0] as usize].1.clone(),
            Step::Cut(c, case, from, to) => {
                let classes = &self.layouts[*c as usize].classes;
                let from = classes[*from as usize].begins[which[0] as usize].1.clone();
                let to = classes[*to as usize].ends[which[1] as usize].1.clone();
                let cut = Expr::Cut(Box::new(Expr::Column(*c as usize)), from, to);
                match case.fun() {
                    Some(f) => Expr::Fn(f, Box::new(cut)),
                    None => cut,
                }
            }
            Step::Next => return None,
        })
    }

    /// The cheapest programs of all paths and alternatives.
    fn programs(&self, paths: &[Path<Step>], top: usize) -> Vec<Candidate> {
        let ways: Vec<Vec<Ways>> = paths.iter().map(|p| p.steps.iter().map(|s| self.choices(s)).collect()).collect();
        let mut queue: BinaryHeap<Reverse<(u32, usize, Vec<u8>)>> =
            paths.iter().enumerate().map(|(i, p)| Reverse((p.cost, i, vec![0; p.steps.len()]))).collect();
        let mut out: Vec<Candidate> = Vec::new();
        while let Some(Reverse((cost, i, choice))) = queue.pop() {
            let path = &paths[i];
            let mut holes: Vec<Vec<Expr>> = vec![Vec::new(); self.holes];
            let mut hole = 0;
            for ((s, w), ways) in path.steps.iter().zip(&choice).zip(&ways[i]) {
                match self.expr(s, ways[*w as usize].1) {
                    Some(e) => holes[hole.min(self.holes - 1)].push(e),
                    // A fixed part follows a hole, or begins the pattern.
                    None => hole += usize::from(!holes[hole.min(self.holes - 1)].is_empty()),
                }
            }
            let one = |mut pieces: Vec<Expr>| match pieces.len() {
                1 => pieces.remove(0),
                _ => Expr::Concat(pieces),
            };
            let c = Candidate { cost, holes: holes.into_iter().map(one).collect() };
            if !out.iter().any(|o| o.holes == c.holes) {
                out.push(c);
            }
            if out.len() >= top {
                break;
            }
            // Successors raise one step at or after the last that was raised, so that each choice is made once.
            let last = (0..choice.len()).rev().find(|s| choice[*s] > 0).unwrap_or(0);
            for s in last..choice.len() {
                let now = choice[s] as usize;
                if let Some(way) = ways[i][s].get(now + 1) {
                    let mut next = choice.clone();
                    next[s] += 1;
                    queue.push(Reverse((cost + way.0 - ways[i][s][now].0, i, next)));
                }
            }
            if queue.len() > 4_000 {
                break;
            }
        }
        out
    }
}
