//! Texts as rows of pieces: the cheapest way to write every wanted text as the same sequence of pieces.
//!
//! A state is how far each example's text is written, and which part of the pattern is being written; a step appends a
//! piece that fits in every example at once. That is the state of WEA's string REPL (input, committed output) with the
//! committed text always a prefix of the wanted one; Dijkstra's algorithm finds the cheapest path.

use crate::search::{Budget, Stop, TermId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// A part of the pattern that the texts must follow.
#[derive(Clone, Debug)]
pub enum Part {
    /// Known text, one for each example.
    Fixed(Vec<String>),
    /// A hole: one or more pieces.
    Hole,
}

/// A piece that fills (part of) a hole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// The same text in every example.
    Const(Arc<str>),
    /// A term of the enumeration.
    Term(TermId),
}

/// What appending one more piece to a hole costs.
const JOIN: u32 = 1;

/// The cost of a constant piece. Letters and digits are dear: what varies between rows hides in them.
fn const_cost(s: &str) -> u32 {
    2 + s.chars().map(|c| if c.is_alphanumeric() { 2 } else { 1 }).sum::<u32>()
}

/// The search, over a growing set of pieces.
pub struct Cover {
    parts: Vec<Part>,
    wanted: Vec<String>,
    /// Terms by their text in the first example, with their texts in the others.
    index: HashMap<Arc<str>, Vec<Entry>>,
    /// The longest constant that is worth trying.
    longest: usize,
}

struct Entry {
    term: TermId,
    cost: u32,
    texts: Vec<Arc<str>>,
}

/// What was found: pieces for each hole, in order.
#[derive(Clone, Debug)]
pub struct Found {
    /// The sum of all pieces' costs.
    pub cost: u32,
    /// Pieces of each hole.
    pub holes: Vec<Vec<Piece>>,
}

/// How far each example's text is written, the present part, and whether its hole has a piece already.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Place {
    at: Vec<u32>,
    part: u32,
    begun: bool,
}

impl Cover {
    /// A search for texts `wanted`, one for each example, that follow `parts`.
    pub fn new(parts: Vec<Part>, wanted: Vec<String>) -> Cover {
        let longest = wanted.iter().map(String::len).min().unwrap_or(0);
        Cover { parts, wanted, index: HashMap::new(), longest }
    }

    /// Offers a piece.
    pub fn add(&mut self, term: TermId, cost: u32, texts: Vec<Arc<str>>) {
        // A piece that is in none of the wanted texts never fits.
        if !texts.iter().zip(&self.wanted).all(|(t, w)| w.contains(&**t)) {
            return;
        }
        let Some(first) = texts.first().cloned() else { return };
        self.index.entry(first).or_default().push(Entry { term, cost, texts });
    }

    /// The cheapest solution cheaper than `below`, if there is one.
    pub fn solve(&self, below: u32, budget: &mut Budget) -> Result<Option<Found>, Stop> {
        let start = Place { at: vec![0; self.wanted.len()], part: 0, begun: false };
        let mut best: HashMap<Place, u32> = HashMap::from([(start.clone(), 0)]);
        let mut from: HashMap<Place, (Place, Option<Piece>)> = HashMap::new();
        let mut queue = BinaryHeap::from([Reverse((0u32, start))]);
        let mut next = Vec::new();
        while let Some(Reverse((cost, place))) = queue.pop() {
            if best.get(&place).is_some_and(|&b| b < cost) {
                continue;
            }
            if place.part as usize == self.parts.len() {
                return Ok(Some(Found { cost, holes: self.path(&from, place) }));
            }
            budget.spend()?;
            self.steps(&place, &mut next);
            for (to, extra, piece) in next.drain(..) {
                let total = cost + extra;
                if total < below && best.get(&to).is_none_or(|&b| total < b) {
                    best.insert(to.clone(), total);
                    from.insert(to.clone(), (place.clone(), piece));
                    queue.push(Reverse((total, to)));
                }
            }
        }
        Ok(None)
    }

    fn rest(&self, place: &Place, e: usize) -> &str {
        self.wanted[e].get(place.at[e] as usize..).unwrap_or("")
    }

    fn advanced(&self, place: &Place, lengths: impl Iterator<Item = usize>) -> Vec<u32> {
        place.at.iter().zip(lengths).map(|(a, l)| a + l as u32).collect()
    }

    fn steps(&self, place: &Place, out: &mut Vec<(Place, u32, Option<Piece>)>) {
        let last = place.part as usize + 1 == self.parts.len();
        let finished = |at: &[u32]| at.iter().zip(&self.wanted).all(|(a, w)| *a as usize == w.len());
        match &self.parts[place.part as usize] {
            Part::Fixed(texts) => {
                if texts.iter().enumerate().all(|(e, t)| self.rest(place, e).starts_with(t.as_str())) {
                    let at = self.advanced(place, texts.iter().map(String::len));
                    if !last || finished(&at) {
                        out.push((Place { at, part: place.part + 1, begun: false }, 0, None));
                    }
                }
            }
            Part::Hole => {
                if place.begun && (!last || finished(&place.at)) {
                    out.push((Place { at: place.at.clone(), part: place.part + 1, begun: false }, 0, None));
                }
                self.pieces(place, out);
            }
        }
    }

    fn pieces(&self, place: &Place, out: &mut Vec<(Place, u32, Option<Piece>)>) {
        let join = if place.begun { JOIN } else { 0 };
        let first = self.rest(place, 0);
        let mut ends: Vec<usize> = first.char_indices().map(|(i, _)| i).collect();
        ends.push(first.len());
        for &end in &ends {
            let Some(entries) = self.index.get(&first[..end]) else { continue };
            for entry in entries {
                let fits = entry.texts.iter().enumerate().skip(1).all(|(e, t)| self.rest(place, e).starts_with(&**t));
                if fits {
                    let at = self.advanced(place, entry.texts.iter().map(|t| t.len()));
                    let to = Place { at, part: place.part, begun: true };
                    out.push((to, entry.cost + join, Some(Piece::Term(entry.term))));
                }
            }
        }
        // The same text in every example.
        let mut shared = first;
        for e in 1..self.wanted.len() {
            shared = common_prefix(shared, self.rest(place, e));
        }
        for &end in ends.iter().filter(|&&end| end > 0 && end <= shared.len() && end <= self.longest) {
            let text = &shared[..end];
            let at = self.advanced(place, std::iter::repeat_n(end, self.wanted.len()));
            let to = Place { at, part: place.part, begun: true };
            out.push((to, const_cost(text) + join, Some(Piece::Const(text.into()))));
        }
    }

    fn path(&self, from: &HashMap<Place, (Place, Option<Piece>)>, end: Place) -> Vec<Vec<Piece>> {
        let mut holes: Vec<Vec<Piece>> = vec![Vec::new(); self.parts.len()];
        let mut place = end;
        while let Some((before, piece)) = from.get(&place) {
            if let Some(p) = piece {
                holes[before.part as usize].push(p.clone());
            }
            place = before.clone();
        }
        let only_holes = holes.into_iter().zip(&self.parts).filter(|(_, p)| matches!(p, Part::Hole));
        only_holes
            .map(|(mut pieces, _)| {
                pieces.reverse();
                pieces
            })
            .collect()
    }
}

fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.char_indices().zip(b.chars()).take_while(|((_, x), y)| x == y).last();
    same.map_or("", |((i, c), _)| &a[..i + c.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::limits::Cancel;

    fn texts(ts: &[&str]) -> Vec<Arc<str>> {
        ts.iter().map(|t| Arc::from(*t)).collect()
    }

    fn strings(ts: &[&str]) -> Vec<String> {
        ts.iter().map(|t| t.to_string()).collect()
    }

    #[test]
    fn follows_the_pattern() {
        let parts = vec![Part::Hole, Part::Fixed(strings(&[".", "."])), Part::Hole];
        let mut c = Cover::new(parts, strings(&["J.E", "M.S"]));
        c.add(TermId(0), 3, texts(&["J", "M"]));
        c.add(TermId(1), 4, texts(&["E", "S"]));
        let mut budget = Budget::new(None, None, Cancel::default());
        let found = c.solve(u32::MAX, &mut budget).unwrap().unwrap();
        assert_eq!(found.cost, 7);
        assert_eq!(found.holes, [vec![Piece::Term(TermId(0))], vec![Piece::Term(TermId(1))]]);
        assert!(c.solve(7, &mut budget).unwrap().is_none(), "nothing cheaper");
    }

    #[test]
    fn constants_fill_gaps() {
        let mut c = Cover::new(vec![Part::Hole], strings(&["Dr. Ä", "Dr. Ö"]));
        c.add(TermId(0), 1, texts(&["Ä", "Ö"]));
        let found = c.solve(u32::MAX, &mut Budget::new(None, None, Cancel::default())).unwrap().unwrap();
        assert_eq!(found.holes, [vec![Piece::Const("Dr. ".into()), Piece::Term(TermId(0))]]);
    }
}
