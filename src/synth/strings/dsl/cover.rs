//! The cheapest concatenation of pieces that writes every output.
//!
//! A state is how far each output is written. A search from the start alone would drown where outputs repeat
//! themselves; so a second one comes from the ends (Pohl, "Bi-directional search", 1971), and the one with fewer states
//! to look at moves until no cheaper meeting can come.

use super::pieces::{CHAR, Pieces};
use super::suffix::place;
use super::{ACTIVE, Vector, ops};
use crate::search::{Budget, Stop};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::Entry;

/// What a program writes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A character.
    Char(u8),
    /// A piece.
    Piece(u32),
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most parts.
    pub parts: usize,
    /// What a part costs besides its term.
    pub part: u32,
    /// What is found costs less.
    pub below: u32,
    /// Most states that are held. After that the best so far counts; without one it is out of nodes.
    pub states: usize,
}

/// How a state was reached.
#[derive(Clone, Copy, Debug)]
struct Way {
    cost: u32,
    parts: u16,
    done: bool,
    last: Step,
}

/// A search from one side.
struct Side {
    ways: FxHashMap<Vector<u16>, Way>,
    queue: BinaryHeap<Reverse<(u32, Vector<u16>)>>,
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
    /// What a part costs besides.
    part: u32,
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
        let way = Way { cost: 0, parts: 0, done: false, last: Step::Char(0) };
        let mut side = Side {
            ways: FxHashMap::from_iter([(start, way)]),
            queue: BinaryHeap::from([Reverse((0, start))]),
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

    /// The cost of what is looked at next.
    fn next_cost(&mut self) -> Option<u32> {
        while let Some(Reverse((cost, at))) = self.queue.peek() {
            if self.ways.get(at).is_some_and(|w| !w.done && w.cost == *cost) {
                return Some(*cost);
            }
            self.queue.pop();
        }
        None
    }

    /// One state more. Gives each state reached, with the cost and number of parts.
    fn advance(&mut self, table: &Table<'_>, mut reached: impl FnMut(Vector<u16>, u32, u16)) {
        let Some(Reverse((cost, at))) = self.queue.pop() else { return };
        let Some(way) = self.ways.get_mut(&at) else { return };
        way.done = true;
        let parts = way.parts + 1;
        let key = |k: u16| table.key(|e| usize::from(if self.forward { at[e] + k } else { at[e].wrapping_sub(k + 1) }));
        let (first, second) = (key(0), key(1));
        let b = first as u8;
        if ops::is_char(b) && (0..table.outputs.len()).all(|e| (first >> (8 * e)) as u8 == b) {
            let (to, cost) = (self.moved(table, &at, Step::Char(b), self.forward), cost + table.part + CHAR);
            reach(&mut self.ways, &mut self.queue, to, cost, parts, Step::Char(b));
            reached(to, cost, parts);
        }
        let listed = [self.short.get(&first), self.long.get(&(first, second))];
        for &piece in listed.into_iter().flatten().flatten() {
            if self.fits(table, piece, &at) {
                let step = Step::Piece(piece);
                let cost = cost + table.part + u32::from(table.costs[piece as usize]);
                let to = self.moved(table, &at, step, self.forward);
                reach(&mut self.ways, &mut self.queue, to, cost, parts, step);
                reached(to, cost, parts);
            }
        }
    }

    fn fits(&self, table: &Table<'_>, piece: u32, at: &Vector<u16>) -> bool {
        table.outputs.iter().zip(&table.places[piece as usize]).zip(at).all(|((o, (from, len)), at)| {
            let (from, len) = (usize::from(*from), usize::from(*len));
            let at = usize::from(*at);
            let there = if self.forward { Some(at) } else { at.checked_sub(len) };
            there.is_some_and(|at| at + len <= o.len() && o[at..at + len] == o[from..from + len])
        })
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
        while let Some(way) = self.ways.get(&at).filter(|w| w.parts > 0) {
            out.push(way.last);
            at = self.moved(table, &at, way.last, !self.forward);
        }
        out
    }
}

fn reach(
    ways: &mut FxHashMap<Vector<u16>, Way>,
    queue: &mut BinaryHeap<Reverse<(u32, Vector<u16>)>>,
    to: Vector<u16>,
    cost: u32,
    parts: u16,
    last: Step,
) {
    let way = Way { cost, parts, done: false, last };
    match ways.entry(to) {
        Entry::Vacant(v) => {
            v.insert(way);
        }
        Entry::Occupied(mut o) if o.get().cost > cost => {
            o.insert(way);
        }
        Entry::Occupied(_) => return,
    }
    queue.push(Reverse((cost, to)));
}

/// The cheapest concatenation within bounds.
pub fn cover(
    pieces: &Pieces<'_>,
    outputs: &[&str],
    bounds: Bounds,
    budget: &mut Budget,
) -> Result<Option<Vec<Step>>, Stop> {
    let table = Table {
        outputs: outputs.iter().map(|o| o.as_bytes()).collect(),
        places: pieces.all.iter().map(|p| p.value.map(place).map(|(a, n)| (a as u16, n as u16))).collect(),
        costs: pieces.all.iter().map(|p| p.cost).collect(),
        part: bounds.part,
    };
    let mut end = [0; ACTIVE];
    end.iter_mut().zip(outputs).for_each(|(at, o)| *at = o.len() as u16);
    let [mut a, mut b] = [Side::new(&table, [0; ACTIVE], true), Side::new(&table, end, false)];
    let mut best: Option<(u32, Vector<u16>)> = None;
    let mut limit = bounds.below;
    while let (Some(x), Some(y)) = (a.next_cost(), b.next_cost()) {
        if x + y >= limit {
            break;
        }
        let full = a.ways.len() + b.ways.len() > bounds.states;
        match budget.spend().and(if full { Err(Stop::Nodes) } else { Ok(()) }) {
            Err(stop) if best.is_none() || stop == Stop::Cancelled => return Err(stop),
            Err(_) => break,
            Ok(()) => {}
        }
        let forward = a.queue.len() <= b.queue.len();
        let (moving, other) = if forward { (&mut a, &b) } else { (&mut b, &a) };
        moving.advance(&table, |at, cost, parts| {
            if let Some(way) = other.ways.get(&at)
                && cost + way.cost < limit
                && usize::from(parts + way.parts) <= bounds.parts
            {
                limit = cost + way.cost;
                best = Some((limit, at));
            }
        });
    }
    Ok(best.map(|(_, at)| {
        let mut steps = a.steps(&table, at);
        steps.reverse();
        steps.extend(b.steps(&table, at));
        steps
    }))
}
