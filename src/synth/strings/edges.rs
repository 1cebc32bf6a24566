//! Where edges fall: for one text on every row, all positions that an edge of the language names on all rows at once.
//!
//! Edges that fall on the same positions on the examples are one [`Class`]; which of them is meant is decided by the
//! prior, and by the rows without outputs: an edge that is missing there costs more.

use super::prior::{Counts, Feature, Prior, UNIT, edge};
use crate::text::edge::{Edge, Pattern};
use crate::text::token::{Boundary, Rule, Span, Token};
use rustc_hash::FxHashMap;

/// Most examples that are searched at once.
pub const ACTIVE: usize = 6;

/// Byte offsets, one for each active example.
pub type Places = [u32; ACTIVE];

/// Edges that fall on the same places.
#[derive(Clone, Debug)]
pub struct Class {
    /// The places.
    pub at: Places,
    /// The edges as the beginning of a cut, cheapest first.
    pub begins: Vec<(u32, Edge)>,
    /// The edges as the end of a cut, cheapest first.
    pub ends: Vec<(u32, Edge)>,
}

/// A way to write a cut: what its edges cost together, and which alternatives of their classes they are.
pub type Ways = Vec<(u32, [u8; 2])>;

/// Most ways to write a cut.
const WAYS: usize = 6;

/// The cheapest ways to write a cut between two classes of edges, cheapest first.
pub fn ways(from: &Class, to: &Class, prior: &Prior) -> Ways {
    let mut out = Ways::new();
    for (i, (a, begin)) in from.begins.iter().enumerate() {
        for (j, (b, end)) in to.ends.iter().enumerate() {
            out.push(((a + b).saturating_add_signed(prior.pair(begin, end)), [i as u8, j as u8]));
        }
    }
    out.sort();
    out.truncate(WAYS);
    out
}

/// What the cheapest of these ways costs; `least` is the least that a pair of edges adds.
pub fn cheapest_way(from: &Class, to: &Class, least: i32, prior: &Prior) -> u32 {
    let mut best = u32::MAX;
    for (a, begin) in &from.begins {
        for (b, end) in &to.ends {
            if (a + b).saturating_add_signed(least) >= best {
                break;
            }
            best = best.min((a + b).saturating_add_signed(prior.pair(begin, end)));
        }
    }
    best
}

/// A piece that a pattern names whole.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What names it.
    pub pattern: Pattern,
    /// Which one; negative from the end.
    pub index: i32,
    /// Whether it is a field between matches, not a match.
    pub field: bool,
    /// From where to where, on each active example.
    pub spans: [(u32, u32); ACTIVE],
    /// The share of the other rows that have none.
    pub missing: f32,
}

/// Edges and pieces of a text on all rows.
#[derive(Debug, Default)]
pub struct Layout {
    /// Classes of edges, in the order of their place on the first example.
    pub classes: Vec<Class>,
    /// Matches and fields.
    pub pieces: Vec<Piece>,
}

/// Most alternatives kept of a class.
const KEPT: usize = 4;

/// Highest index of a match of a class or word.
const INDICES: i32 = 6;

/// Highest index of a mark: texts with many fields are common.
const MARKS: i32 = 14;

/// Farthest absolute position.
const FAR: usize = 40;

/// Patterns worth looking for in these texts: all classes, marks that all of them contain, and common words.
pub fn patterns(texts: &[&str]) -> Vec<Pattern> {
    let mut out: Vec<Pattern> = Token::ALL.into_iter().chain(Token::MORE).map(Pattern::Token).collect();
    let Some((first, rest)) = texts.split_first() else { return out };
    let common = |s: &str| rest.iter().all(|t| t.contains(s));
    let mut texts: Vec<&str> = Vec::new();
    let mut add = |s: &str| {
        let known = out.iter().any(|p| matches!(p, Pattern::Text(t) if t == s));
        if !s.is_empty() && s.len() <= 30 && !known && out.len() < 60 && common(s) {
            out.push(Pattern::Text(s.to_string()));
        }
    };
    for (i, c) in first.char_indices() {
        if !c.is_alphanumeric() {
            add(&first[i..i + c.len_utf8()]);
        }
    }
    // Runs of marks, words, and words with the marks around them.
    let bounds: Vec<usize> = boundaries(first);
    for w in bounds.windows(2) {
        texts.push(&first[w[0]..w[1]]);
    }
    for w in bounds.windows(3) {
        texts.push(&first[w[0]..w[2]]);
    }
    for w in bounds.windows(4) {
        if first[w[0]..].starts_with(|c: char| !c.is_alphanumeric()) {
            texts.push(&first[w[0]..w[3]]);
        }
    }
    texts.into_iter().for_each(&mut add);
    out
}

/// Where runs of letters, digits and marks begin and end.
fn boundaries(s: &str) -> Vec<usize> {
    let kind = |c: char| match c {
        _ if c.is_numeric() => 0,
        _ if c.is_alphabetic() => 1,
        _ => 2,
    };
    let mut out = vec![0];
    let mut last = None;
    for (i, c) in s.char_indices() {
        if last.is_some_and(|k| k != kind(c)) {
            out.push(i);
        }
        last = Some(kind(c));
    }
    out.push(s.len());
    out.truncate(200);
    out
}

/// Finds edges and pieces. The first texts are those of the active examples, `others` those of rows that only judge.
pub fn layout(active: &[&str], others: &[&str], prior: &Prior) -> Layout {
    let m = active.len().min(ACTIVE);
    let active = &active[..m];
    let mut found: FxHashMap<Places, Class> = FxHashMap::default();
    let mut pieces = Vec::new();
    let mut add = |at: Places, e: Edge, missing: f32| {
        let class = found.entry(at).or_insert_with(|| Class { at, begins: Vec::new(), ends: Vec::new() });
        for (begins, list) in [(true, &mut class.begins), (false, &mut class.ends)] {
            let mut c = Counts::default();
            edge(&e, begins, &mut c);
            c.add(Feature::Misses, missing);
            list.push((prior.cost(&c), e.clone()));
        }
    };
    let places = |f: &dyn Fn(&str) -> Option<usize>| -> Option<Places> {
        let mut out = [0; ACTIVE];
        for (o, t) in out.iter_mut().zip(active) {
            *o = f(t)? as u32;
        }
        Some(out)
    };
    let missing = |f: &dyn Fn(&str) -> bool| -> f32 {
        if others.is_empty() { 0.0 } else { others.iter().filter(|t| f(t)).count() as f32 / others.len() as f32 }
    };
    let shortest = active.iter().map(|t| t.chars().count()).min().unwrap_or(0);
    for k in 0..=shortest.min(FAR) {
        for e in [Edge::FromStart(k as u32), Edge::FromEnd(k as u32)] {
            if let Some(at) = places(&|t| e.find(t)) {
                let gone = missing(&|t| e.find(t).is_none());
                add(at, e, gone);
            }
        }
    }
    for p in patterns(active) {
        let rule = Rule::of(p.regex());
        let all: Vec<Vec<Span>> = active.iter().map(|t| rule.matches(t).take(400).collect()).collect();
        let least = all.iter().map(Vec::len).min().unwrap_or(0);
        // A class that splits a text into single characters names nothing.
        if least == 0 {
            continue;
        }
        let counts: Vec<usize> = others.iter().map(|t| rule.matches(t).take(400).count()).collect();
        let fewer = |n: usize| {
            if counts.is_empty() { 0.0 } else { counts.iter().filter(|c| **c < n).count() as f32 / counts.len() as f32 }
        };
        let mark = matches!(&p, Pattern::Text(t) if t.chars().all(|c| !c.is_alphanumeric()));
        let indices = if mark { MARKS } else { INDICES };
        for i in 1..=indices.min(least as i32) {
            for i in [i, -i] {
                let nth = |spans: &Vec<Span>| {
                    spans[if i > 0 { i as usize - 1 } else { spans.len() - i.unsigned_abs() as usize }]
                };
                let mut spans = [(0, 0); ACTIVE];
                for (o, s) in spans.iter_mut().zip(&all) {
                    let s = nth(s);
                    *o = (s.0 as u32, s.1 as u32);
                }
                let gone = fewer(i.unsigned_abs() as usize);
                add(spans.map(|s| s.0), Edge::Match(p.clone(), i, Boundary::Start), gone);
                add(spans.map(|s| s.1), Edge::Match(p.clone(), i, Boundary::End), gone);
                pieces.push(Piece { pattern: p.clone(), index: i, field: false, spans, missing: gone });
            }
        }
        let separates = match &p {
            Pattern::Token(t) => *t == Token::Space,
            Pattern::Text(t) => t.chars().any(|c| !c.is_alphanumeric()),
        };
        if separates {
            for i in 1..=indices.min(least as i32 + 1) {
                for i in [i, -i] {
                    let mut spans = [(0, 0); ACTIVE];
                    for ((o, s), t) in spans.iter_mut().zip(&all).zip(active) {
                        let j = if i > 0 { i as usize - 1 } else { s.len() + 1 - i.unsigned_abs() as usize };
                        let start = if j == 0 { 0 } else { s[j - 1].1 };
                        let end = s.get(j).map_or(t.len(), |s| s.0);
                        *o = (start as u32, end as u32);
                    }
                    let gone = fewer(i.unsigned_abs() as usize - 1);
                    pieces.push(Piece { pattern: p.clone(), index: i, field: true, spans, missing: gone });
                }
            }
        }
    }
    let mut classes: Vec<Class> = found.into_values().collect();
    for c in &mut classes {
        for list in [&mut c.begins, &mut c.ends] {
            list.sort_by_key(|e| e.0);
            list.truncate(KEPT);
        }
    }
    classes.sort_by_key(|c| c.at);
    Layout { classes, pieces }
}

/// What a share of rows without a piece costs.
pub fn misses(prior: &Prior, missing: f32) -> u32 {
    (prior.weights[Feature::Misses as usize] * missing * UNIT) as u32
}
