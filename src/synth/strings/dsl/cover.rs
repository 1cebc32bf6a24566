//! The shortest concatenation of pieces that writes every output.
//!
//! A state is how far each output is written. A search from the start alone would drown where outputs repeat
//! themselves; so a second one comes from the ends, and the smaller front moves until they meet. Layers count parts, and
//! within a layer each state keeps its cheapest way, so what is found is the cheapest of those with fewest parts.

use super::pieces::{CHAR, Pieces};
use super::suffix::place;
use super::{ACTIVE, Vector, ops};
use crate::search::{Budget, Stop};
use rustc_hash::FxHashMap;

/// What a program writes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A character.
    Char(u8),
    /// A piece.
    Piece(u32),
}

/// Most states that are held.
const STATES: usize = 2_000_000;

/// How a state was reached.
#[derive(Clone, Copy, Debug)]
struct Way {
    depth: u16,
    cost: u16,
    last: Step,
}

/// A search from one side.
struct Side {
    ways: FxHashMap<Vector<u16>, Way>,
    front: Vec<Vector<u16>>,
    depth: u16,
    /// Pieces by their characters next to a state: those with an example of one character by that, others by two.
    short: FxHashMap<u64, Vec<u32>>,
    long: FxHashMap<(u64, u64), Vec<u32>>,
    forward: bool,
}

/// What is to be written, and with what.
struct Table<'a> {
    outputs: Vec<&'a [u8]>,
    /// Where the value of each piece stands, and how long it is.
    places: Vec<Vector<(u16, u16)>>,
    costs: Vec<u16>,
}

impl Table<'_> {
    /// The characters at these places.
    fn key(&self, at: impl Fn(usize) -> usize) -> u64 {
        self.outputs.iter().enumerate().fold(0, |k, (e, o)| (k << 8) | o.get(at(e)).map_or(0, |b| u64::from(*b)))
    }

    /// The lengths that a step writes.
    fn len(&self, step: Step, e: usize) -> u16 {
        match step {
            Step::Char(_) => 1,
            Step::Piece(p) => self.places[p as usize][e].1,
        }
    }
}

impl Side {
    fn new(table: &Table<'_>, start: Vector<u16>, forward: bool) -> Side {
        let way = Way { depth: 0, cost: 0, last: Step::Char(0) };
        let mut side = Side {
            ways: FxHashMap::from_iter([(start, way)]),
            front: vec![start],
            depth: 0,
            short: FxHashMap::default(),
            long: FxHashMap::default(),
            forward,
        };
        let active = table.outputs.len();
        for (i, places) in table.places.iter().enumerate() {
            let at = |k: u16| {
                table.key(|e| {
                    let (from, len) = places[e];
                    usize::from(if forward { from + k } else { (from + len).wrapping_sub(k + 1) })
                })
            };
            let i = i as u32;
            if places[..active].iter().any(|p| p.1 < 2) {
                side.short.entry(at(0)).or_default().push(i);
            } else {
                side.long.entry((at(0), at(1))).or_default().push(i);
            }
        }
        side
    }

    /// One part more.
    fn advance(&mut self, table: &Table<'_>, budget: &mut Budget) -> Result<(), Stop> {
        self.depth += 1;
        let front = std::mem::take(&mut self.front);
        for at in front {
            budget.spend()?;
            if self.ways.len() > STATES {
                return Err(Stop::Nodes);
            }
            let cost = self.ways.get(&at).map_or(0, |w| w.cost);
            let key =
                |k: u16| table.key(|e| usize::from(if self.forward { at[e] + k } else { at[e].wrapping_sub(k + 1) }));
            let (first, second) = (key(0), key(1));
            let b = first as u8;
            if ops::is_char(b) && (0..table.outputs.len()).all(|e| (first >> (8 * e)) as u8 == b) {
                self.reach(table, &at, Step::Char(b), cost + CHAR as u16);
            }
            for which in 0..2 {
                let mut i = 0;
                loop {
                    let list = if which == 0 { self.short.get(&first) } else { self.long.get(&(first, second)) };
                    let Some(&piece) = list.and_then(|l| l.get(i)) else { break };
                    i += 1;
                    if self.fits(table, piece, &at) {
                        self.reach(table, &at, Step::Piece(piece), cost + table.costs[piece as usize]);
                    }
                }
            }
        }
        Ok(())
    }

    fn fits(&self, table: &Table<'_>, piece: u32, at: &Vector<u16>) -> bool {
        table.outputs.iter().zip(&table.places[piece as usize]).zip(at).all(|((o, (from, len)), at)| {
            let (from, len) = (usize::from(*from), usize::from(*len));
            let at = usize::from(*at);
            let there = if self.forward { Some(at) } else { at.checked_sub(len) };
            there.is_some_and(|at| at + len <= o.len() && o[at..at + len] == o[from..from + len])
        })
    }

    fn reach(&mut self, table: &Table<'_>, from: &Vector<u16>, last: Step, cost: u16) {
        let to = self.moved(table, from, last, self.forward);
        let depth = self.depth;
        match self.ways.entry(to) {
            std::collections::hash_map::Entry::Vacant(v) => {
                v.insert(Way { depth, cost, last });
                self.front.push(to);
            }
            std::collections::hash_map::Entry::Occupied(mut o) => {
                if o.get().depth == depth && o.get().cost > cost {
                    o.insert(Way { depth, cost, last });
                }
            }
        }
    }

    /// The state after a step, in one direction or the other.
    fn moved(&self, table: &Table<'_>, at: &Vector<u16>, step: Step, forward: bool) -> Vector<u16> {
        let mut to = *at;
        for (e, at) in to.iter_mut().enumerate().take(table.outputs.len()) {
            let len = table.len(step, e);
            *at = if forward { *at + len } else { at.wrapping_sub(len) };
        }
        to
    }

    /// The steps between a state and where this side began, in the order of walking back.
    fn steps(&self, table: &Table<'_>, mut at: Vector<u16>) -> Vec<Step> {
        let mut out = Vec::new();
        while let Some(way) = self.ways.get(&at).filter(|w| w.depth > 0) {
            out.push(way.last);
            at = self.moved(table, &at, way.last, !self.forward);
        }
        out
    }
}

/// The cheapest concatenation of at most `most` parts.
pub fn cover(
    pieces: &Pieces<'_>,
    outputs: &[&str],
    most: usize,
    budget: &mut Budget,
) -> Result<Option<Vec<Step>>, Stop> {
    let table = Table {
        outputs: outputs.iter().map(|o| o.as_bytes()).collect(),
        places: pieces.all.iter().map(|p| p.value.map(place).map(|(a, n)| (a as u16, n as u16))).collect(),
        costs: pieces.all.iter().map(|p| p.cost).collect(),
    };
    let mut end = [0; ACTIVE];
    end.iter_mut().zip(outputs).for_each(|(at, o)| *at = o.len() as u16);
    let mut sides = [Side::new(&table, [0; ACTIVE], true), Side::new(&table, end, false)];
    for _ in 0..most {
        let moving = usize::from(sides[1].front.len() < sides[0].front.len());
        sides[moving].advance(&table, budget)?;
        let (moved, other) = (&sides[moving], &sides[1 - moving]);
        if moved.front.is_empty() {
            return Ok(None);
        }
        let cost = |at: &Vector<u16>| Some(moved.ways.get(at)?.cost + other.ways.get(at)?.cost);
        let met = moved.front.iter().filter_map(|at| Some((cost(at)?, at))).min_by_key(|(c, _)| *c);
        if let Some((_, at)) = met {
            let mut steps = sides[0].steps(&table, *at);
            steps.reverse();
            steps.extend(sides[1].steps(&table, *at));
            return Ok(Some(steps));
        }
    }
    Ok(None)
}
