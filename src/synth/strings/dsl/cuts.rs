//! Substrings of the inputs: all that the substring operators can name on every example at once.

use super::super::robustfill::Term;
use super::ops::{INDICES, one};
use super::{ACTIVE, Vector};
use crate::search::{Budget, Stop};
use crate::text::edge::Pattern;
use crate::text::token::{Boundary, DELIMITERS, Rule, Span, Token, byte_of_char};
use rustc_hash::FxHashMap;

/// A place that an end of a span names on every example.
#[derive(Clone, Debug)]
struct Edge {
    at: [u32; ACTIVE],
    pattern: u16,
    index: i8,
    boundary: Boundary,
}

/// A substring operator.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// Its class, and which match.
    Token(Token, i8),
    /// Up to a pattern.
    Upto(u16),
    /// From a pattern.
    From(u16),
    /// Between positions.
    Sub(i8, i8),
    /// Between two edges.
    Span(u16, u16),
}

/// The substring operators that apply to some inputs.
#[derive(Debug, Default)]
pub struct Cuts {
    patterns: Vec<Pattern>,
    edges: Vec<Edge>,
}

impl Cuts {
    /// Gives each operator and the spans that it names, which are not empty, cheaper operators first.
    pub fn of(inputs: &[&str], budget: &mut Budget, mut give: impl FnMut(Cut, &Vector<Span>)) -> Result<Cuts, Stop> {
        let mut cuts = Cuts::default();
        let mut found: Vec<Vec<Vec<Span>>> = Vec::new();
        let delimiters = DELIMITERS.iter().map(|d| Pattern::Text(d.to_string()));
        for p in Token::ALL.map(Pattern::Token).into_iter().chain(delimiters) {
            let rule = Rule::of(p.regex());
            let all: Vec<Vec<Span>> = inputs.iter().map(|s| rule.matches(s).collect()).collect();
            // A pattern that some input lacks gives nothing there.
            if all.iter().all(|m| !m.is_empty()) {
                cuts.patterns.push(p);
                found.push(all);
            }
        }
        let mut give = |cut: Cut, spans: &dyn Fn(usize) -> Option<Span>| {
            let mut out = [(0, 0); ACTIVE];
            for (e, o) in out.iter_mut().enumerate().take(inputs.len()) {
                match spans(e) {
                    Some(s) if s.0 < s.1 => *o = s,
                    _ => return,
                }
            }
            give(cut, &out);
        };
        for (p, all) in found.iter().enumerate() {
            give(Cut::Upto(p as u16), &|e| Some((0, all[e][0].1)));
            give(Cut::From(p as u16), &|e| Some((all[e][0].1, inputs[e].len())));
        }
        for i in INDICES {
            for (p, all) in found.iter().enumerate() {
                if let Pattern::Token(t) = cuts.patterns[p] {
                    give(Cut::Token(t, i as i8), &|e| nth(&all[e], i));
                }
            }
        }
        subs(inputs, budget, &mut give)?;
        cuts.find_edges(inputs, &found);
        for a in 0..cuts.edges.len() {
            budget.spend()?;
            for b in 0..cuts.edges.len() {
                let (from, to) = (&cuts.edges[a].at, &cuts.edges[b].at);
                if from[0] < to[0] {
                    give(Cut::Span(a as u16, b as u16), &|e| Some((from[e] as usize, to[e] as usize)));
                }
            }
        }
        Ok(cuts)
    }

    /// All edges, one for the same places.
    fn find_edges(&mut self, inputs: &[&str], found: &[Vec<Vec<Span>>]) {
        let mut seen: FxHashMap<[u32; ACTIVE], usize> = FxHashMap::default();
        // Edges that are matches on every example come first: the others are accidents.
        for regular in [true, false] {
            for index in INDICES {
                for (p, all) in found.iter().enumerate() {
                    if all.iter().all(|m| nth(m, index).is_some()) != regular {
                        continue;
                    }
                    for boundary in Boundary::ALL {
                        let mut at = [0; ACTIVE];
                        for (e, m) in all.iter().enumerate() {
                            at[e] = match nth(m, index) {
                                Some(s) => boundary.of(s),
                                // As published: too far left is the start, too far right a count.
                                None if index < 0 => 0,
                                None => byte_of_char(inputs[e], m.len() - 1),
                            } as u32;
                        }
                        seen.entry(at).or_insert_with(|| {
                            self.edges.push(Edge { at, pattern: p as u16, index: index as i8, boundary });
                            self.edges.len() - 1
                        });
                    }
                }
            }
        }
    }

    /// The operator as a term.
    pub fn term(&self, cut: Cut) -> Term {
        let pattern = |p: u16| self.patterns.get(usize::from(p)).cloned().unwrap_or(Pattern::Text(one(b' ')));
        match cut {
            Cut::Token(t, i) => Term::GetToken(t, i.into()),
            Cut::Upto(p) => Term::GetUpto(pattern(p)),
            Cut::From(p) => Term::GetFrom(pattern(p)),
            Cut::Sub(a, b) => Term::SubStr(a.into(), b.into()),
            Cut::Span(a, b) => {
                let (a, b) = (&self.edges[usize::from(a)], &self.edges[usize::from(b)]);
                let (i, j) = (a.index.into(), b.index.into());
                Term::GetSpan(pattern(a.pattern), i, a.boundary, pattern(b.pattern), j, b.boundary)
            }
        }
    }
}

/// Takes an operator, and the span that it names on each example.
type Give<'g> = dyn FnMut(Cut, &dyn Fn(usize) -> Option<Span>) + 'g;

fn nth(all: &[Span], i: i32) -> Option<Span> {
    let j = if i > 0 { i as usize - 1 } else { all.len().checked_sub(i.unsigned_abs() as usize)? };
    all.get(j).copied()
}

/// Gives substrings between positions, as published, clipped and all. Positions that can name nothing new are left out.
fn subs(inputs: &[&str], budget: &mut Budget, give: &mut Give<'_>) -> Result<(), Stop> {
    // The byte offset of each character.
    let offsets: Vec<Vec<usize>> =
        inputs.iter().map(|s| s.char_indices().map(|(i, _)| i).chain([s.len()]).collect()).collect();
    let longest = offsets.iter().map(|o| o.len() as i64 - 1).max().unwrap_or(0);
    let (low, high) = ((-2 * longest - 1).max(-100), (longest + 2).min(100));
    // Positions near an end first.
    let mut ks: Vec<i64> = (low..=high).collect();
    ks.sort_by_key(|k| (k.abs(), -k));
    for &k1 in &ks {
        budget.spend()?;
        for &k2 in &ks {
            give(Cut::Sub(k1 as i8, k2 as i8), &|e| {
                let len = offsets[e].len() as i64 - 1;
                let place = |k: i64| if k > 0 { k - 1 } else { len + k };
                let (p1, p2) = (place(k1), place(k2));
                if p1 >= p2 {
                    return None;
                }
                let clip = |p: i64| if p < 0 { (p + len).max(0) } else { p.min(len) } as usize;
                let end = if p2 == len { len as usize } else { clip(p2 + 1) };
                Some((offsets[e][clip(p1)], offsets[e][end]))
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn spans_are_what_the_terms_give(a in "[aB1., \u{e9}]{0,9}", b in "[aB1., \u{e9}]{0,9}") {
            let inputs = [a.as_str(), b.as_str()];
            let mut all = Vec::new();
            let mut budget = Budget::new(None, None, Cancel::default());
            let cuts = Cuts::of(&inputs, &mut budget, |c, s| all.push((c, *s))).unwrap();
            for (c, spans) in all {
                let term = cuts.term(c);
                for (s, (from, to)) in inputs.iter().zip(spans) {
                    prop_assert_eq!(term.eval(s), &s[from..to], "{:?} on {:?}", term, s);
                }
            }
        }
    }
}
