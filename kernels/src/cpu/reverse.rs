//! From a part of a tape to code for its values and for derivatives: of the sum over points of all outputs, each
//! weighted by its seeds, by the columns and by the scalars of the part.
//!
//! The derivative by a node (its *adjoint*) is gathered when all its uses have been seen: parts of it that are another
//! adjoint times a scalar become one dot. So the adjoints of values that are selected by softmax weights are dots of the
//! selectors' adjoints by the same weights, and many of them are computed together.

use super::code::{Arg, Code, Instr, Reg, Scalar};
use super::forward::Forward;
use super::reads::{Reads, Y, partials};
use super::split::Part;
use crate::table::Opcode;
use crate::tape::{Id, Node};
use std::collections::HashMap;

/// Code for values and derivatives; `columns` says whether derivatives by the input columns are wanted, else only those
/// by parameters.
pub(super) fn reverse(part: Part<'_>, columns: bool) -> Code {
    let forward = Forward::new(part);
    let tape = part.tape;
    let mut wanted: Vec<bool> = Vec::with_capacity(tape.len());
    for node in &tape.nodes {
        let mut any = match node {
            Node::Input(_) => columns,
            Node::Param(_) => true,
            _ => false,
        };
        tape.uses(node, |id| any |= wanted[id as usize]);
        wanted.push(any);
    }
    let mut uses = vec![0; tape.len()];
    for (_, node) in tape.nodes.iter().enumerate().filter(|(id, _)| forward.live[*id]) {
        tape.uses(node, |id| uses[id as usize] += 1);
    }
    let adjoints = vec![Adjoint::default(); tape.len()];
    let mut this = Reverse { forward, wanted, uses, adjoints, alike: HashMap::new(), dots: HashMap::new() };
    this.run();
    this.forward.emit.finish()
}

struct Reverse<'a> {
    forward: Forward<'a>,
    /// For each node whether its adjoint is needed.
    wanted: Vec<bool>,
    /// For each node how many of its uses have not been seen yet.
    uses: Vec<u32>,
    adjoints: Vec<Adjoint>,
    /// Nodes whose adjoints are complete and are dots of the same registers.
    alike: HashMap<Vec<Reg>, Vec<Id>>,
    /// Adjoints of dots, until the derivatives by their weights are computed.
    dots: HashMap<Id, Reg>,
}

/// The parts of an adjoint.
#[derive(Clone, Default)]
struct Adjoint {
    /// Registers with their factors.
    scaled: Vec<(Reg, Factor)>,
    /// Products of two registers.
    products: Vec<(Reg, Reg)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Factor {
    Plus,
    Minus,
    By(Scalar),
}

impl Factor {
    fn scalar(self) -> Scalar {
        match self {
            Factor::Plus => Scalar::constant(1.0),
            Factor::Minus => Scalar::constant(-1.0),
            Factor::By(s) => s,
        }
    }
}

/// From how many scaled parts on an adjoint is computed as a dot.
const DOT: usize = 3;

impl Reverse<'_> {
    fn run(&mut self) {
        let part = self.forward.part;
        for (output, id) in part.outputs().iter().enumerate() {
            if self.wanted[*id as usize] {
                let seed = self.forward.emit.emit(|dst| Instr::Seed { dst, output: output as u32 });
                self.give(*id, seed, Factor::Plus);
            }
        }
        for id in (0..part.tape.len() as Id).rev() {
            let at = id as usize;
            if !self.forward.live[at] {
                continue;
            }
            if let Some(s) = self.take(id) {
                self.node(id, s);
            }
            if let Some(group) = self.forward.groups.get(&id).filter(|group| group[0] == id).cloned() {
                self.weights(&group);
            }
            part.tape.uses(&part.tape.nodes[at], |arg| {
                self.uses[arg as usize] -= 1;
                if self.uses[arg as usize] == 0 && self.adjoints[arg as usize].scaled.len() >= DOT {
                    let key = self.adjoints[arg as usize].scaled.iter().map(|(r, _)| *r).collect();
                    self.alike.entry(key).or_default().push(arg);
                }
            });
        }
    }

    /// Adds `s` times a factor to an adjoint.
    fn give(&mut self, id: Id, s: Reg, factor: Factor) {
        if !self.wanted[id as usize] {
            return;
        }
        if self.forward.part.owns(id) {
            self.adjoints[id as usize].scaled.push((s, factor));
        } else if let Scalar::Export(export) = self.forward.part.scalar(id) {
            let sum = self.forward.emit.sum(export);
            let a = match factor {
                Factor::Plus | Factor::Minus => s,
                Factor::By(w) => self.two(Opcode::mul, Arg::Reg(s), w),
            };
            self.forward.emit.push(Instr::Sum { a, sum, minus: factor == Factor::Minus });
        }
    }

    /// Adds the product of two registers to an adjoint.
    fn give_product(&mut self, id: Id, s: Reg, v: Reg) {
        if !self.wanted[id as usize] {
            return;
        }
        if self.forward.part.owns(id) {
            self.adjoints[id as usize].products.push((s, v));
        } else if let Scalar::Export(export) = self.forward.part.scalar(id) {
            let sums = self.forward.emit.sum(export);
            let list = self.forward.emit.list([s, v]);
            self.forward.emit.push(Instr::WeightSums { ways: 1, list, sums });
        }
    }

    fn two(&mut self, op: Opcode, a: Arg, b: Scalar) -> Reg {
        let b = Arg::Scalar(self.forward.emit.scalar(b));
        self.forward.emit.emit(|dst| Instr::Two { op, dst, a, b })
    }

    /// The adjoint of a node whose uses have all been seen; `None` where it is 0.
    fn take(&mut self, id: Id) -> Option<Reg> {
        let Adjoint { scaled, products } = std::mem::take(&mut self.adjoints[id as usize]);
        let mut sum = match scaled[..] {
            [] => None,
            [(s, Factor::Plus)] => Some(s),
            [(s, Factor::Minus)] => Some(self.forward.emit.emit(|dst| Instr::One { op: Opcode::neg, dst, a: s })),
            [(s, Factor::By(w))] => Some(self.two(Opcode::mul, Arg::Reg(s), w)),
            [(s, Factor::Plus), (t, Factor::Plus)] => Some(self.registers(Opcode::add, s, t)),
            [(s, Factor::Plus), (t, Factor::Minus)] | [(t, Factor::Minus), (s, Factor::Plus)] => {
                Some(self.registers(Opcode::sub, s, t))
            }
            _ => Some(self.gather(id, &scaled)),
        };
        for (s, v) in products {
            sum = Some(match sum {
                None => self.registers(Opcode::mul, s, v),
                Some(c) => self.forward.emit.emit(|dst| Instr::MulAdd { dst, a: s, b: v, c }),
            });
        }
        sum
    }

    fn registers(&mut self, op: Opcode, a: Reg, b: Reg) -> Reg {
        self.forward.emit.emit(|dst| Instr::Two { op, dst, a: Arg::Reg(a), b: Arg::Reg(b) })
    }

    /// The scaled parts of an adjoint as a dot, together with others of the same registers.
    fn gather(&mut self, id: Id, scaled: &[(Reg, Factor)]) -> Reg {
        let values: Vec<Reg> = scaled.iter().map(|(r, _)| *r).collect();
        let mut group: Vec<Id> = Vec::new();
        if let Some(alike) = self.alike.get_mut(&values) {
            if let Some(own) = alike.iter().rposition(|other| *other == id) {
                alike.remove(own);
            }
            let others = [3, 1, 0].into_iter().find(|n| *n <= alike.len()).unwrap_or(0);
            group = alike.split_off(alike.len() - others);
        }
        let row = |scaled: &[(Reg, Factor)]| scaled.iter().map(|(_, f)| f.scalar()).collect();
        let mut weights: Vec<Vec<Scalar>> = vec![row(scaled)];
        weights.extend(group.iter().map(|other| row(&self.adjoints[*other as usize].scaled)));
        let results = self.forward.emit.dots(&values, &weights);
        for (other, reg) in group.into_iter().zip(&results[1..]) {
            // The rest of the other's adjoint is added when its turn comes.
            self.adjoints[other as usize].scaled = vec![(*reg, Factor::Plus)];
        }
        results[0]
    }

    /// Passes the adjoint `s` of a node on to its operands.
    fn node(&mut self, id: Id, s: Reg) {
        match self.forward.part.tape.nodes[id as usize] {
            Node::Const(_) => {}
            Node::Input(column) | Node::Param(column) => {
                self.forward.emit.push(Instr::InputGradient { column, a: s });
            }
            Node::Op(Opcode::mul, [a, b, _]) => self.product(a, b, s),
            Node::Op(op, args) => self.operation(id, op, args, s),
            Node::Dot { .. } => {
                let dot = self.forward.dot(id);
                for (w, v) in &dot.weighted {
                    let factor = Factor::By(self.forward.part.scalar(*w));
                    self.give(*v, s, factor);
                }
                for (a, b) in &dot.products {
                    self.factors(*a, *b, s);
                }
                if !dot.products.is_empty() {
                    for (w, v) in dot.weighted {
                        let v = self.forward.reg(v);
                        self.give_product(w, s, v);
                    }
                } else {
                    self.dots.insert(id, s);
                }
            }
        }
    }

    fn product(&mut self, a: Id, b: Id, s: Reg) {
        match (self.forward.part.owns(a), self.forward.part.owns(b)) {
            (true, true) => self.factors(a, b, s),
            (true, false) => self.weighted(b, a, s),
            (false, _) => self.weighted(a, b, s),
        }
    }

    fn weighted(&mut self, w: Id, v: Id, s: Reg) {
        let factor = Factor::By(self.forward.part.scalar(w));
        self.give(v, s, factor);
        if self.wanted[w as usize] {
            let v = self.forward.reg(v);
            self.give_product(w, s, v);
        }
    }

    /// Of a product of two values of the part.
    fn factors(&mut self, a: Id, b: Id, s: Reg) {
        for (by, other) in [(a, b), (b, a)] {
            if self.wanted[by as usize] {
                let other = self.forward.reg(other);
                self.give_product(by, s, other);
            }
        }
    }

    fn operation(&mut self, id: Id, op: Opcode, args: [Id; 3], s: Reg) {
        let arity = op.entry().arity();
        for (by, reads) in partials(op).into_iter().enumerate().take(arity) {
            if !self.wanted[args[by] as usize] {
                continue;
            }
            if reads == Reads(0) {
                let slope = op.entry().partials(&[0.3, 0.4, 0.5])[by];
                if slope == 1.0 {
                    self.give(args[by], s, Factor::Plus);
                } else if slope == -1.0 {
                    self.give(args[by], s, Factor::Minus);
                } else if slope != 0.0 {
                    self.give(args[by], s, Factor::By(Scalar::constant(slope as f32)));
                }
                continue;
            }
            // What is not read need not be kept: the adjoint stands in its place.
            let mut arg = |i: usize| match self.forward.part.owns(args[i]) || arity != 2 {
                true if reads.any(1 << i) => Arg::Reg(self.forward.reg(args[i])),
                true => Arg::Reg(s),
                false => Arg::Scalar(self.forward.scalar(args[i])),
            };
            let (a, b, c) =
                (arg(0), if arity > 1 { arg(1) } else { Arg::Reg(s) }, if arity > 2 { arg(2) } else { Arg::Reg(s) });
            let y = if reads.any(Y) { self.forward.reg(id) } else { s };
            let by8 = by as u8;
            let part = self.forward.emit.emit(|dst| match (arity, a, b, c) {
                (1, Arg::Reg(a), ..) => Instr::PartialOne { op, dst, a, y, s },
                (3, Arg::Reg(a), Arg::Reg(b), Arg::Reg(c)) => Instr::PartialThree { op, by: by8, dst, a, b, c, y, s },
                _ => Instr::PartialTwo { op, by: by8, dst, a, b, y, s },
            });
            self.give(args[by], part, Factor::Plus);
        }
    }

    /// The derivatives by the weights of dots with the same values, when the adjoints of all are known.
    fn weights(&mut self, group: &[Id]) {
        let known: Vec<(Id, Reg)> = group.iter().filter_map(|id| Some((*id, self.dots.remove(id)?))).collect();
        for pair in known.chunks(2) {
            let dots: Vec<_> = pair.iter().map(|(id, _)| self.forward.dot(*id).weighted).collect();
            let target = |w: Id| match self.forward.part.scalar(w) {
                Scalar::Export(export) if self.wanted[w as usize] => Some(export),
                _ => None,
            };
            let rows: Vec<Vec<Option<u32>>> =
                dots.iter().map(|dot| dot.iter().map(|(w, _)| target(*w)).collect()).collect();
            let (mut registers, mut targets) = (pair.iter().map(|(_, s)| *s).collect::<Vec<Reg>>(), Vec::new());
            for (j, (_, v)) in dots[0].iter().enumerate() {
                if rows.iter().any(|row| row[j].is_some()) {
                    registers.push(self.forward.reg(*v));
                    targets.extend(rows.iter().map(|row| row[j]));
                }
            }
            if !targets.is_empty() {
                let list = self.forward.emit.list(registers);
                let sums = self.forward.emit.sum_row(targets);
                self.forward.emit.push(Instr::WeightSums { ways: pair.len() as u8, list, sums });
            }
        }
    }
}
