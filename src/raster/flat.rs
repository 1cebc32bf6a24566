//! A shape's parts with the copies of `repeat`s written out.

use super::Watch;
use super::tape::{Place, Set, Step, Tape};
use crate::shape::affine::{Affine, Bounds};
use crate::shape::interval::Interval;
use crate::shape::prim::Prim;
use crate::vm::limits::Fail;

/// Most parts once copies are written out; of more, rows are sampled one by one.
const MOST_PARTS: usize = 1 << 17;

/// A shape's parts, copies written out, and how they are joined; the last node is the shape.
pub(super) struct Flat<'t> {
    pub parts: Vec<Part<'t>>,
    pub nodes: Vec<Node>,
}

/// A primitive under a map.
pub(super) struct Part<'t> {
    pub prim: &'t Prim,
    pub args: &'t [f64],
    /// The same numbers, as ranges.
    pub ranges: Vec<Interval>,
    pub place: &'t Place,
    /// What the turns of the loops around it add to its coordinates, one after the other.
    shifts: Vec<[f64; 3]>,
    /// In the coordinates of the samples.
    pub bounds: Bounds,
}

/// A step of a list; operands are positions of earlier ones.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Part(u32),
    Not(u32),
    Set(Set, u32, u32),
}

impl<'t> Flat<'t> {
    pub(super) fn new(tape: &'t Tape<'t>, watch: &mut dyn Watch) -> Result<Option<Flat<'t>>, Fail> {
        let mut flat = Flat { parts: Vec::new(), nodes: Vec::new() };
        if !tape.blocks.is_empty() {
            let mut turns = vec![0.0; tape.loops];
            let Some(root) = flat.block(tape, 0, &mut turns, watch)? else { return Ok(None) };
            match root {
                // The shape's own node is the last one.
                Some(root) => flat.nodes.truncate(root as usize + 1),
                None => flat.nodes.clear(),
            }
        }
        Ok(Some(flat))
    }

    /// Writes out a block; the outer `None` is too many parts, the inner one the empty shape.
    fn block(
        &mut self,
        tape: &'t Tape<'t>,
        block: usize,
        turns: &mut [f64],
        watch: &mut dyn Watch,
    ) -> Result<Option<Option<u32>>, Fail> {
        let Some(block) = tape.blocks.get(block) else { return Ok(Some(None)) };
        let mut registers: Vec<Option<u32>> = vec![None; block.registers];
        for (to, step) in &block.steps {
            let node = match step {
                Step::Prim { prim, args, place, bounds } => {
                    if self.parts.len() >= MOST_PARTS {
                        return Ok(None);
                    }
                    let place = &tape.places[*place as usize];
                    watch.charge(size_of::<Part>() + args.len() * 16 + place.turns.len() * 24)?;
                    let mut moved = *bounds;
                    for t in &place.turns {
                        moved = moved.moved(t.in_samples.map(|x| x * turns[t.id]));
                    }
                    let shifts = place.turns.iter().map(|t| t.in_part.map(|d| d * turns[t.id])).collect();
                    let ranges = args.iter().map(|x| Interval::point(*x)).collect();
                    self.parts.push(Part { prim, args, ranges, place, shifts, bounds: moved });
                    Some(self.push(Node::Part(self.parts.len() as u32 - 1)))
                }
                Step::Set(set, a, b) => {
                    let (a, b) = (registers[*a as usize], registers[*b as usize]);
                    match (set, a, b) {
                        (_, Some(a), Some(b)) => Some(self.push(Node::Set(*set, a, b))),
                        (Set::Union, a, None) | (Set::Union, None, a) | (Set::Difference, a, None) => a,
                        _ => None,
                    }
                }
                Step::Loop { block, id, count, .. } => {
                    let mut sum = None;
                    if *count > MOST_PARTS as u64 {
                        return Ok(None);
                    }
                    for c in 0..*count {
                        turns[*id] = c as f64;
                        watch.work(64)?;
                        let Some(copy) = self.block(tape, *block, turns, watch)? else { return Ok(None) };
                        sum = match (sum, copy) {
                            (Some(a), Some(b)) => Some(self.push(Node::Set(Set::Union, a, b))),
                            (a, b) => a.or(b),
                        };
                    }
                    sum
                }
            };
            registers[*to as usize] = node;
        }
        Ok(Some(block.out.and_then(|out| registers[out as usize])))
    }

    fn push(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }
}

impl Part<'_> {
    /// Whether its coordinates are those of the samples.
    fn plain(&self) -> bool {
        self.shifts.is_empty() && self.place.to_part == Affine::IDENTITY
    }

    /// A point of a row, where the row's own coordinate is 0, in the part's coordinates.
    pub(super) fn at(&self, p: [f64; 3]) -> [f64; 3] {
        if self.plain() {
            return p;
        }
        let mut at = self.place.to_part.apply(p);
        for shift in &self.shifts {
            at.iter_mut().zip(shift).for_each(|(x, d)| *x += d);
        }
        at
    }

    /// A box of samples in the part's coordinates, worked out as its samples are.
    pub(super) fn within(&self, mut range: [Interval; 3], fast: usize) -> [Interval; 3] {
        if self.plain() {
            return range;
        }
        let map = &self.place.to_part;
        let x = std::mem::replace(&mut range[fast], Interval::point(0.0));
        let map = Affine { m: map.m.map(|row| row.map(Interval::point)), t: map.t.map(Interval::point) };
        let mut at = map.apply(range);
        for shift in &self.shifts {
            for (x, d) in at.iter_mut().zip(shift) {
                *x = *x + Interval::point(*d);
            }
        }
        std::array::from_fn(|k| at[k] + x * map.m[k][fast])
    }
}
