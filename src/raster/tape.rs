//! A shape as a flat list of steps.
//!
//! Transforms do not appear: each part is compiled once for every map under which it is seen, and a pair (part, map)
//! that occurs again is one register read twice. So fifty doublings `s + s` are fifty steps. The body of a `repeat` is
//! a block of its own, run once for each copy that can touch the row at hand; copies differ by a displacement alone.
//! Parts that cannot touch the window are left out, which changes no sample inside it.

use super::Watch;
use crate::shape::affine::{Affine, Bounds};
use crate::shape::prim::Prim;
use crate::shape::{Operation, Shape};
use crate::vm::limits::Fail;
use std::collections::HashMap;

/// A shape, flattened.
#[derive(Debug)]
pub struct Tape<'s> {
    pub(super) blocks: Vec<Block<'s>>,
    pub(super) places: Vec<Place>,
    pub(super) loops: usize,
}

impl Tape<'_> {
    /// Steps in all blocks.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|b| b.steps.len()).sum()
    }

    /// Whether there is no step: no part touches the window.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A list of steps, each of which writes one register of the block.
#[derive(Debug, Default)]
pub(super) struct Block<'s> {
    pub steps: Vec<(u32, Step<'s>)>,
    pub registers: usize,
    /// Where the result is; `None` is the empty shape.
    pub out: Option<u32>,
}

#[derive(Debug)]
pub(super) enum Step<'s> {
    Prim {
        prim: &'s Prim,
        args: &'s [f64],
        place: u32,
        /// In the coordinates of the samples, before the displacements of loops.
        bounds: Bounds,
    },
    Set(Set, u32, u32),
    Loop {
        block: usize,
        id: usize,
        count: u64,
        /// From each copy to the next, in the coordinates of the samples.
        by: [f64; 3],
        /// The enclosing loops.
        place: u32,
        /// Of copy 0.
        bounds: Bounds,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Set {
    Union,
    Intersection,
    Difference,
}

/// The map under which a part is seen, and the loops that displace it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// From samples to the part.
    pub to_part: Affine,
    /// From the part to samples.
    pub to_samples: Affine,
    /// For each loop: what one turn adds to the part's coordinates, and how it moves the part among the samples.
    pub turns: Vec<Turn>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub id: usize,
    pub in_part: [f64; 3],
    pub in_samples: [f64; 3],
}

/// Most steps of a tape.
pub const MOST_STEPS: usize = 1 << 22;
/// Visits between two looks at the limits.
const BATCH: usize = 256;
/// Most `repeat`s inside each other.
const MOST_NESTED: usize = 32;

/// Flattens a shape for samples inside the window.
pub fn compile<'s>(shape: &'s Shape, window: &Bounds, watch: &mut dyn Watch) -> Result<Tape<'s>, Fail> {
    let mut c = Compiler {
        tape: Tape { blocks: Vec::new(), places: Vec::new(), loops: 0 },
        known: HashMap::new(),
        window: *window,
        visits: 0,
        watch,
    };
    let start = c.place(Place { to_part: Affine::IDENTITY, to_samples: Affine::IDENTITY, turns: Vec::new() });
    let root = c.block(shape, start, 0)?;
    // The root's block is run first.
    debug_assert_eq!(root, 0);
    Ok(c.tape)
}

struct Compiler<'s, 'w> {
    tape: Tape<'s>,
    known: HashMap<Vec<u64>, u32>,
    window: Bounds,
    visits: usize,
    watch: &'w mut dyn Watch,
}

/// A part seen under a place: its node's identity and the place's number.
type Key = (usize, u32);

enum Task<'s> {
    Visit(&'s Shape, u32),
    Finish(&'s Shape, u32, [u32; 2]),
}

impl<'s> Compiler<'s, '_> {
    /// The number of a place; equal maps have one number, so that parts seen twice under one map are shared.
    fn place(&mut self, p: Place) -> u32 {
        let maps = p.to_part.m.iter().flatten().chain(&p.to_part.t).map(|x| x.to_bits());
        let turns = p.turns.iter().flat_map(|t| std::iter::once(t.id as u64).chain(t.in_part.map(f64::to_bits)));
        let next = self.tape.places.len() as u32;
        let number = *self.known.entry(maps.chain(turns).collect()).or_insert(next);
        if number == next {
            self.tape.places.push(p);
        }
        number
    }

    /// Compiles a part as a block. Recursion is as deep as `repeat`s are nested.
    fn block(&mut self, root: &'s Shape, place: u32, nested: usize) -> Result<usize, Fail> {
        if nested > MOST_NESTED {
            return Err(Fail::new("E0441", format!("more than {MOST_NESTED} `repeat`s inside each other")));
        }
        let at = self.tape.blocks.len();
        self.tape.blocks.push(Block::default());
        let mut values: HashMap<Key, Option<u32>> = HashMap::new();
        let mut steps: Vec<Step<'s>> = Vec::new();
        let mut tasks = vec![Task::Visit(root, place)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Visit(s, p) => {
                    if values.contains_key(&(s.id(), p)) {
                        continue;
                    }
                    self.count()?;
                    let bounds = s.bounds().through(&self.tape.places[p as usize].to_samples).widened();
                    let fixed = self.tape.places[p as usize].turns.is_empty();
                    if s.bounds().is_empty() || (fixed && bounds.meet(&self.window).is_empty()) {
                        values.insert((s.id(), p), None);
                        continue;
                    }
                    self.visit(s, p, bounds, nested, &mut tasks, &mut steps, &mut values)?;
                }
                Task::Finish(s, p, parts) => {
                    if values.contains_key(&(s.id(), p)) {
                        continue;
                    }
                    let kids = s.children();
                    let part = |i: usize| values.get(&(kids[i.min(kids.len() - 1)].id(), parts[i])).copied().flatten();
                    let set = match s.op() {
                        Operation::Intersection => Set::Intersection,
                        Operation::Difference => Set::Difference,
                        _ => Set::Union,
                    };
                    let value = match (set, part(0), part(1)) {
                        (Set::Union, a, None) | (Set::Union, None, a) | (Set::Difference, a, None) => a,
                        (Set::Intersection, None, _) | (Set::Intersection, _, None) | (Set::Difference, None, _) => {
                            None
                        }
                        (Set::Difference, Some(a), Some(b)) if a == b => None,
                        (_, Some(a), Some(b)) if a == b => Some(a),
                        (_, Some(a), Some(b)) => Some(push(&mut steps, Step::Set(set, a, b))),
                    };
                    values.insert((s.id(), p), value);
                }
            }
        }
        let out = values.get(&(root.id(), place)).copied().flatten();
        self.tape.blocks[at] = allocate(steps, out);
        Ok(at)
    }

    #[allow(clippy::too_many_arguments)] // one arm of the loop above, taken out for its length
    fn visit(
        &mut self,
        s: &'s Shape,
        p: u32,
        bounds: Bounds,
        nested: usize,
        tasks: &mut Vec<Task<'s>>,
        steps: &mut Vec<Step<'s>>,
        values: &mut HashMap<Key, Option<u32>>,
    ) -> Result<(), Fail> {
        match (s.op(), s.children()) {
            (Operation::Prim(prim), _) => {
                let step = push(steps, Step::Prim { prim, args: s.args(), place: p, bounds });
                values.insert((s.id(), p), Some(step));
            }
            (Operation::Union | Operation::Intersection | Operation::Difference, [l, r]) => {
                tasks.push(Task::Finish(s, p, [p, p]));
                // The deeper child first: a chain then needs two registers, whichever way it leans.
                let (first, second) = if l.depth() >= r.depth() { (l, r) } else { (r, l) };
                tasks.push(Task::Visit(second, p));
                tasks.push(Task::Visit(first, p));
            }
            (Operation::Repeat, [child]) => {
                let (count, d) = s.copies().unwrap_or((1, [0.0; 3]));
                if count == 1 || d == [0.0; 3] {
                    tasks.push(Task::Finish(s, p, [p, p]));
                    tasks.push(Task::Visit(child, p));
                    return Ok(());
                }
                let mut inner = self.tape.places[p as usize].clone();
                let by = inner.to_samples.turn(d);
                let id = self.tape.loops;
                self.tape.loops += 1;
                inner.turns.push(Turn { id, in_part: d.map(|x| 0.0 - x), in_samples: by });
                let copy = child.bounds().through(&inner.to_samples).widened();
                let inner = self.place(inner);
                let block = self.block(child, inner, nested + 1)?;
                let out = self.tape.blocks[block].out;
                let value = out.map(|_| push(steps, Step::Loop { block, id, count, by, place: p, bounds: copy }));
                values.insert((s.id(), p), value);
            }
            (op, [child, ..]) => {
                let Some((to, from)) = s.maps() else { return Ok(()) };
                let outer = &self.tape.places[p as usize];
                let moved = self.place(Place {
                    to_part: from.after(&outer.to_part),
                    to_samples: outer.to_samples.after(&to),
                    turns: outer.turns.iter().map(|t| Turn { in_part: from.turn(t.in_part), ..*t }).collect(),
                });
                let kept = if matches!(op, Operation::FlipUnion) { p } else { moved };
                tasks.push(Task::Finish(s, p, [kept, moved]));
                tasks.push(Task::Visit(child, moved));
                tasks.push(Task::Visit(child, kept));
            }
            (_, []) => {}
        }
        Ok(())
    }

    /// Counts a visit, charging for what it will hold.
    fn count(&mut self) -> Result<(), Fail> {
        self.visits += 1;
        // In batches, so that a small shape asked about many points costs next to nothing.
        if self.visits.is_multiple_of(BATCH) {
            self.watch.charge(BATCH * (size_of::<Step>() + size_of::<Place>() + 256))?;
            self.watch.work(BATCH * 64)?;
        }
        if self.visits > MOST_STEPS {
            return Err(Fail::new("E0441", format!("the shape has more than {MOST_STEPS} parts once flattened"))
                .help("a part counts once for each way it is moved about; `repeat` counts once"));
        }
        Ok(())
    }
}

fn push<'s>(steps: &mut Vec<Step<'s>>, step: Step<'s>) -> u32 {
    steps.push(step);
    steps.len() as u32 - 1
}

/// Gives each step a register, reusing those whose value has been read for the last time.
fn allocate(steps: Vec<Step<'_>>, out: Option<u32>) -> Block<'_> {
    let mut last_use: Vec<usize> = (0..steps.len()).collect();
    for (i, step) in steps.iter().enumerate() {
        if let Step::Set(_, a, b) = step {
            last_use[*a as usize] = i;
            last_use[*b as usize] = i;
        }
    }
    if let Some(out) = out {
        last_use[out as usize] = usize::MAX;
    }
    let mut register: Vec<u32> = Vec::with_capacity(steps.len());
    let (mut free, mut registers) = (Vec::new(), 0u32);
    let mut placed = Vec::with_capacity(steps.len());
    for (i, mut step) in steps.into_iter().enumerate() {
        // Taken before the operands are given back: a step never writes over what it reads.
        let to = free.pop().unwrap_or_else(|| {
            registers += 1;
            registers - 1
        });
        register.push(to);
        if let Step::Set(_, a, b) = &mut step {
            for operand in [a, b] {
                if last_use[*operand as usize] == i {
                    free.push(register[*operand as usize]);
                }
                *operand = register[*operand as usize];
            }
        }
        if last_use[i] == i {
            // Never read: a part of something that turned out to be empty.
            free.push(to);
        }
        placed.push((to, step));
    }
    Block { steps: placed, registers: registers as usize, out: out.map(|o| register[o as usize]) }
}
