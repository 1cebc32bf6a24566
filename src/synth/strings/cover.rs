//! The version space of concatenations: which pieces can follow each other so that every example's output is written.
//!
//! A state is how far each active example's output is written, all at once, so the graph of states is the intersection
//! of the examples' graphs (Gulwani, "Automating String Processing in Spreadsheets", POPL 2011), of which only what can
//! be reached is ever made. Constants and cuts are found top-down from what is to be written next; other pieces are
//! values made beforehand. Paths are found by [`cheapest`](crate::search::paths::cheapest).

use super::edges::{ACTIVE, Class, Layout, cheapest_way};
use super::expr::{Expr, Fun};
use super::pieces::{Group, SAME_MARKS};
use super::prior::{Counts, Feature, Prior, UNIT};
use crate::search::paths::Graph;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// A part of the pattern that the texts must follow.
#[derive(Clone, Debug)]
pub enum Part {
    /// Known text, one for each active example.
    Fixed(Vec<String>),
    /// A hole: one or more pieces.
    Hole,
}

/// Characters of the longest constant.
const LONGEST: usize = 60;

/// What a character of the output costs in programs of many parts, about.
const HURRY: u32 = 60;

/// Bytes that the cuts of one search may compare.
const WORK: u64 = 256 << 20;

/// How far each output is written, and in which part of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    at: [u32; ACTIVE],
    part: u16,
    begun: bool,
}

/// How a state is left.
#[derive(Clone, Debug)]
pub enum Step {
    /// A constant: this much of the first output.
    Const(u32, u32),
    /// A piece of this group.
    Piece(u32),
    /// A cut of a column between two classes of edges, in another case perhaps.
    Cut(u16, Cased, u32, u32),
    /// The next part of the pattern.
    Next,
}

/// Case of a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cased {
    /// As it stands.
    Same,
    /// In small letters.
    Lower,
    /// In capitals.
    Upper,
    /// A capital, then small letters.
    Proper,
    /// A capital for each word.
    Title,
}

impl Cased {
    const CHANGED: [Cased; 4] = [Cased::Lower, Cased::Upper, Cased::Proper, Cased::Title];

    /// The function that makes it.
    pub fn fun(self) -> Option<Fun> {
        match self {
            Cased::Same => None,
            Cased::Lower => Some(Fun::Lower),
            Cased::Upper => Some(Fun::Upper),
            Cased::Proper => Some(Fun::Proper),
            Cased::Title => Some(Fun::Title),
        }
    }
}

/// A column: its text on each active example in all cases, and its edges.
struct Column {
    texts: Vec<[Vec<u8>; 4]>,
    /// Whether all cases are as long as the text, byte for byte.
    cased: bool,
    classes: Vec<Class>,
    /// Classes by the characters that follow, letters in small.
    by_next: FxHashMap<u64, Vec<u32>>,
    /// What the edges of the cheapest cut between two classes cost, where that was asked.
    cheapest: RefCell<FxHashMap<(u32, u32), u32>>,
}

impl Column {
    fn edges(&self, from: u32, to: u32, least: i32, prior: &Prior) -> u32 {
        let cost = || cheapest_way(&self.classes[from as usize], &self.classes[to as usize], least, prior);
        *self.cheapest.borrow_mut().entry((from, to)).or_insert_with(cost)
    }
}

/// The graph.
pub struct Cover<'a> {
    parts: Vec<Part>,
    outputs: Vec<&'a str>,
    columns: Vec<Column>,
    groups: &'a [Group],
    by_first: FxHashMap<u64, Vec<u32>>,
    /// Groups whose value is empty on some example.
    sometimes: Vec<u32>,
    /// Weights of constants' characters and of the rest.
    prior: &'a Prior,
    cut_cost: u32,
    /// The least that a pair of edges adds.
    least_pair: i32,
    /// What each case adds to a cut.
    case_cost: [u32; 5],
    /// What a character that is still to be written is thought to cost.
    hurry: u32,
    /// Bytes that cuts may still compare: very long texts get fewer steps, not more time.
    left: u64,
    /// Whether a constant's word also stands in every input.
    inputs: Vec<Vec<&'a str>>,
}

/// A key of the first characters of texts, letters in small; they are equal for texts that may begin alike.
fn key(firsts: impl Iterator<Item = Option<u8>>) -> u64 {
    firsts.fold(0, |k, b| {
        let b = match b {
            None => 0,
            Some(b) if b >= 128 => 1,
            Some(b) => b.to_ascii_lowercase(),
        };
        (k << 8) | u64::from(b)
    })
}

impl<'a> Cover<'a> {
    /// A graph over layouts of the columns and pieces.
    pub fn new(
        parts: Vec<Part>,
        rows: &[&'a [String]],
        outputs: Vec<&'a str>,
        layouts: &[Layout],
        groups: &'a [Group],
        prior: &'a Prior,
    ) -> Cover<'a> {
        let column = |(c, l): (usize, &Layout)| {
            let texts: Vec<[Vec<u8>; 4]> = rows
                .iter()
                .map(|r| {
                    let s = r[c].as_str();
                    [s.to_string(), Fun::Lower.apply(s), Fun::Upper.apply(s), Fun::Title.apply(s)]
                        .map(String::into_bytes)
                })
                .collect();
            let cased = texts.iter().all(|t| t.iter().all(|x| x.len() == t[0].len()));
            let mut by_next: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
            for (i, class) in l.classes.iter().enumerate() {
                let next = texts.iter().zip(class.at).map(|(t, at)| t[0].get(at as usize).copied());
                by_next.entry(key(next)).or_default().push(i as u32);
            }
            Column { texts, cased, classes: l.classes.clone(), by_next, cheapest: RefCell::default() }
        };
        let mut by_first: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        let mut sometimes = Vec::new();
        for (i, g) in groups.iter().enumerate() {
            if g.values.iter().any(String::is_empty) {
                sometimes.push(i as u32);
            } else {
                let first = g.values.iter().map(|v| v.bytes().next());
                by_first.entry(key(first)).or_default().push(i as u32);
            }
        }
        let cost = |f: &[Feature]| {
            let mut c = Counts::default();
            f.iter().for_each(|f| {
                c.add(*f, 1.0);
            });
            prior.cost(&c)
        };
        let cut_cost = cost(&[Feature::Piece, Feature::Cut]);
        let case_cost =
            [0, cost(&[Feature::Lower]), cost(&[Feature::Upper]), cost(&[Feature::Proper]), cost(&[Feature::Title])];
        Cover {
            parts,
            outputs,
            columns: layouts.iter().enumerate().map(column).collect(),
            groups,
            by_first,
            sometimes,
            prior,
            cut_cost,
            least_pair: prior.least_pair(),
            case_cost,
            hurry: 0,
            left: WORK,
            inputs: rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect(),
        }
    }

    /// Prefers states in which more is written, to find some path through a large graph.
    pub fn hurry(&mut self) {
        self.hurry = HURRY;
        self.left = WORK;
    }

    fn rest(&self, at: &At, e: usize) -> &'a str {
        self.outputs[e].get(at.at[e] as usize..).unwrap_or("")
    }

    fn finished(&self, at: &[u32; ACTIVE]) -> bool {
        self.outputs.iter().zip(at).all(|(o, a)| *a as usize == o.len())
    }

    /// What a constant costs.
    pub fn const_cost(&self, text: &str) -> u32 {
        let mut cost = self.prior.piece(&Expr::Const(text.to_string()));
        // A word that every input has was probably taken from there.
        let word = text.trim_matches(|c: char| !c.is_alphanumeric());
        if word.len() >= 2 && self.inputs.iter().all(|cols| cols.iter().any(|c| c.contains(word))) {
            cost += (self.prior.weights[Feature::ConstInInput as usize] * UNIT).max(0.0) as u32;
        }
        cost
    }

    fn constants(&self, at: &At, out: &mut Vec<(At, u32, Step)>) {
        let first = self.rest(at, 0);
        let mut shared = first.len();
        for e in 1..self.outputs.len() {
            let other = self.rest(at, e).as_bytes();
            shared = first.bytes().zip(other).take(shared).take_while(|(a, b)| a == *b).count();
        }
        for (i, c) in first.char_indices().take(LONGEST) {
            let end = i + c.len_utf8();
            if end > shared {
                break;
            }
            let mut to = *at;
            to.at.iter_mut().take(self.outputs.len()).for_each(|a| *a += end as u32);
            to.begun = true;
            let from = at.at[0];
            out.push((to, self.const_cost(&first[..end]), Step::Const(from, from + end as u32)));
        }
    }

    fn pieces(&self, at: &At, out: &mut Vec<(At, u32, Step)>) {
        let next = key((0..self.outputs.len()).map(|e| self.rest(at, e).bytes().next()));
        let listed = self.by_first.get(&next).map_or(&[][..], Vec::as_slice);
        for &g in listed.iter().chain(&self.sometimes) {
            let group = &self.groups[g as usize];
            let fits = group.values.iter().enumerate().all(|(e, v)| self.rest(at, e).starts_with(v.as_str()));
            if let (true, Some((cost, _))) = (fits, group.alternatives.first()) {
                let mut to = *at;
                to.at.iter_mut().zip(&group.values).for_each(|(a, v)| *a += v.len() as u32);
                to.begun = true;
                out.push((to, *cost, Step::Piece(g)));
            }
        }
    }

    fn cuts(&mut self, at: &At, out: &mut Vec<(At, u32, Step)>) {
        let m = self.outputs.len();
        let rests: Vec<&[u8]> = (0..m).map(|e| self.rest(at, e).as_bytes()).collect();
        let next = key(rests.iter().map(|r| r.first().copied()));
        let first_new = out.len();
        let (left, mut spent) = (self.left, 0u64);
        // The cheapest few cuts to each place.
        let mut best: FxHashMap<([u32; ACTIVE], u8), (usize, u32)> = FxHashMap::default();
        for (c, column) in self.columns.iter().enumerate() {
            let Some(starts) = column.by_next.get(&next) else { continue };
            for &s in starts {
                let from = &column.classes[s as usize];
                for (case, same) in [(Cased::Same, true)].into_iter().chain(Cased::CHANGED.map(|c| (c, false))) {
                    if !same && !column.cased {
                        continue;
                    }
                    let mut reach = [0u32; ACTIVE];
                    let mut all = true;
                    if spent > left {
                        continue;
                    }
                    for e in 0..m {
                        let n = common(&column.texts[e], from.at[e] as usize, case, rests[e]);
                        if n == 0 {
                            all = false;
                            break;
                        }
                        reach[e] = from.at[e] + n as u32;
                        spent += n as u64;
                    }
                    if !all {
                        continue;
                    }
                    let base = self.cut_cost
                        + self.case_cost[case as usize]
                        + if c > 0 {
                            (self.prior.weights[Feature::LaterColumn as usize] * UNIT).max(0.0) as u32
                        } else {
                            0
                        };
                    let lo = column.classes.partition_point(|k| k.at[0] <= from.at[0]);
                    for (t, end) in column.classes.iter().enumerate().skip(lo) {
                        if end.at[0] > reach[0] {
                            break;
                        }
                        let inside = (1..m).all(|e| end.at[e] > from.at[e] && end.at[e] <= reach[e]);
                        if !inside || (!same && !self.changes(column, case, from, end, m)) {
                            continue;
                        }
                        let mut to = *at;
                        for e in 0..m {
                            to.at[e] += end.at[e] - from.at[e];
                        }
                        to.begun = true;
                        let known = best.get(&(to.at, 0)).map_or(u32::MAX, |b| b.1.saturating_add(120));
                        let cheap = (base + from.begins[0].0 + end.ends[0].0).saturating_add_signed(self.least_pair);
                        if cheap > known {
                            continue;
                        }
                        let mut cost = base + column.edges(s, t as u32, self.least_pair, self.prior);
                        let piece = |e: usize| rests[e].get(..(end.at[e] - from.at[e]) as usize).unwrap_or(&[]);
                        // All up to a mark, or from one on, may be more on other rows.
                        let from_start = (0..m).all(|e| from.at[e] == 0);
                        let to_end = (0..m).all(|e| end.at[e] as usize == column.texts[e][0].len());
                        if m > 1
                            && !from_start
                            && !to_end
                            && (1..m).all(|e| piece(e) == piece(0))
                            && !piece(0).iter().any(u8::is_ascii_alphanumeric)
                        {
                            cost += SAME_MARKS;
                        }
                        let step = Step::Cut(c as u16, case, s, t as u32);
                        match best.entry((to.at, 0)) {
                            std::collections::hash_map::Entry::Vacant(v) => {
                                v.insert((out.len(), cost));
                                out.push((to, cost, step));
                            }
                            std::collections::hash_map::Entry::Occupied(mut o) => {
                                // Keep the cheapest, and what is nearly as cheap.
                                let (i, least) = *o.get();
                                if cost < least {
                                    out.push((to, cost, step));
                                    o.insert((i, cost));
                                } else if cost <= least + 120 {
                                    out.push((to, cost, step));
                                }
                            }
                        }
                    }
                }
            }
        }
        self.left = left.saturating_sub(spent);
        // Those that were overtaken are of no use.
        let mut i = first_new;
        while i < out.len() {
            if best.get(&(out[i].0.at, 0)).is_some_and(|(_, least)| out[i].1 > least + 120) {
                out.swap_remove(i);
            } else {
                i += 1;
            }
        }
    }

    /// Whether a case changes the cut on some example.
    fn changes(&self, column: &Column, case: Cased, from: &Class, end: &Class, m: usize) -> bool {
        (0..m).any(|e| {
            let t = &column.texts[e];
            let (a, b) = (from.at[e] as usize, end.at[e] as usize);
            (a..b).any(|i| cased_byte(t, a, i, case) != t[0][i])
        })
    }
}

/// The byte at `i` of the cut that begins at `a`, in a case.
fn cased_byte(t: &[Vec<u8>; 4], a: usize, i: usize, case: Cased) -> u8 {
    match case {
        Cased::Same => t[0][i],
        Cased::Lower => t[1][i],
        Cased::Upper => t[2][i],
        Cased::Proper | Cased::Title if i == a => t[2][i],
        // The rest of a first letter of several bytes.
        Cased::Proper | Cased::Title if t[0][i] & 0xC0 == 0x80 && (a..=i).skip(1).all(|j| t[0][j] & 0xC0 == 0x80) => {
            t[2][i]
        }
        Cased::Proper => t[1][i],
        Cased::Title => t[3][i],
    }
}

/// How many bytes of the cut that begins at `a` agree with what is to be written.
fn common(t: &[Vec<u8>; 4], a: usize, case: Cased, rest: &[u8]) -> usize {
    let n = (t[0].len() - a.min(t[0].len())).min(rest.len());
    (0..n).take_while(|i| cased_byte(t, a, a + i, case) == rest[*i]).count()
}

impl Graph for Cover<'_> {
    type State = At;
    type Step = Step;

    fn start(&self) -> At {
        At { at: [0; ACTIVE], part: 0, begun: false }
    }

    fn is_goal(&self, at: &At) -> bool {
        at.part as usize == self.parts.len()
    }

    fn estimate(&self, at: &At) -> u32 {
        if self.hurry == 0 { 0 } else { self.hurry.saturating_mul(self.rest(at, 0).len() as u32) }
    }

    fn steps(&mut self, at: &At, out: &mut Vec<(At, u32, Step)>) {
        let last = at.part as usize + 1 == self.parts.len();
        match self.parts.get(at.part as usize) {
            None => {}
            Some(Part::Fixed(texts)) => {
                let stand = texts.iter().enumerate().all(|(e, t)| self.rest(at, e).starts_with(t.as_str()));
                let mut to = At { part: at.part + 1, begun: false, ..*at };
                to.at.iter_mut().zip(texts).for_each(|(a, t)| *a += t.len() as u32);
                if stand && (!last || self.finished(&to.at)) {
                    out.push((to, 0, Step::Next));
                }
            }
            Some(Part::Hole) => {
                let finished = self.finished(&at.at);
                if finished || at.begun && !last {
                    out.push((At { part: at.part + 1, begun: false, ..*at }, 0, Step::Next));
                }
                if !finished {
                    self.constants(at, out);
                    self.pieces(at, out);
                    self.cuts(at, out);
                }
            }
        }
    }
}
