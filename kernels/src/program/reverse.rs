//! From a part of a tape to code for its values and for derivatives: of the sum over points of all outputs, each
//! weighted by its seeds, by the columns and by the scalars of the part.
//!
//! The derivative by a node (its *adjoint*) is gathered when all its uses have been seen: parts of it that are another
//! adjoint times a scalar become one dot. So the adjoints of values that are selected by softmax weights are dots of the
//! selectors' adjoints by the same weights, and many of them are computed together. Scalar factors are carried along
//! as far as they go, up to the sums over points.

use super::code::{Arg, Code, Form, Instr, Reg, Scalar};
use super::forward::Forward;
use super::mixture::Mixture;
use super::reads::{Reads, Y, partials};
use super::split::Part;
use super::weights::Weighted;
use crate::table::Opcode;
use crate::tape::{Id, Node};
use std::collections::HashMap;

/// Code for values and derivatives; `columns` says whether derivatives by the input columns are wanted, else only those
/// by parameters.
pub(crate) fn reverse(part: Part<'_>, columns: bool) -> Code {
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
    let adjoints = vec![Adjoint::default(); tape.len()];
    let mut this = Reverse {
        forward,
        wanted,
        adjoints,
        beginning: HashMap::new(),
        dots: HashMap::new(),
        weighted: Vec::new(),
        sums: HashMap::new(),
        products: Vec::new(),
    };
    this.run();
    this.flush();
    this.flush_weighted();
    this.forward.emit.finish()
}

pub(crate) struct Reverse<'a> {
    pub forward: Forward<'a>,
    /// For each node whether its adjoint is needed.
    pub wanted: Vec<bool>,
    adjoints: Vec<Adjoint>,
    /// For each register the nodes whose adjoints begin with it, or once did.
    beginning: HashMap<Reg, Vec<Id>>,
    /// Adjoints of dots, until the derivatives by their weights are computed.
    pub dots: HashMap<Id, Reg>,
    /// Dots whose derivatives by the weights are yet to be emitted.
    pub weighted: Vec<Weighted>,
    /// Sums over points of registers.
    sums: HashMap<Reg, u32>,
    /// Sums over points of products that are yet to be emitted: they have their first factor in common.
    products: Vec<(Reg, Reg, u32, Scalar)>,
}

/// The parts of an adjoint.
#[derive(Clone, Default)]
struct Adjoint {
    /// Registers with their factors.
    scaled: Vec<(Reg, Scalar)>,
    /// Products of two registers, with their factors.
    products: Vec<(Reg, Reg, Scalar)>,
}

/// Among how many nodes others like one are sought.
const NEAR: usize = 32;

const ONE: Scalar = Scalar::ONE;

impl Reverse<'_> {
    fn run(&mut self) {
        let part = self.forward.part;
        for (output, id) in part.outputs().iter().enumerate() {
            if self.wanted[*id as usize] {
                let seed = self.forward.emit.emit(|dst| Instr::Seed { dst, output: output as u32 });
                self.give(*id, seed, ONE);
            }
        }
        for id in (0..part.tape.len() as Id).rev() {
            let at = id as usize;
            if !self.forward.live[at] {
                continue;
            }
            if !self.hand_over(id)
                && let Some((s, factor)) = self.take(id)
            {
                self.node(id, s, factor);
            }
            if let Some(group) = self.forward.groups.get(&id).filter(|group| group[0] == id).cloned() {
                self.weights(&group);
            }
        }
    }

    /// Adds `factor * s` to an adjoint.
    fn give(&mut self, id: Id, s: Reg, factor: Scalar) {
        if !self.wanted[id as usize] {
            return;
        }
        if self.forward.part.owns(id) {
            let scaled = &mut self.adjoints[id as usize].scaled;
            scaled.push((s, factor));
            if scaled.len() == 1 {
                self.beginning.entry(s).or_default().push(id);
            }
        } else if let Scalar::Export(export) = self.forward.part.scalar(id) {
            let emit = &mut self.forward.emit;
            let sum = *self.sums.entry(s).or_insert_with(|| {
                let sum = emit.sums(1);
                emit.push(Instr::Sum { a: s, sum });
                sum
            });
            emit.share(sum, export, factor);
        }
    }

    /// Adds `factor * s * v` to an adjoint.
    fn give_product(&mut self, id: Id, s: Reg, v: Reg, factor: Scalar) {
        if !self.wanted[id as usize] {
            return;
        }
        if self.forward.part.owns(id) {
            self.adjoints[id as usize].products.push((s, v, factor));
        } else if let Scalar::Export(export) = self.forward.part.scalar(id) {
            if self.products.first().is_some_and(|(first, ..)| *first != s) {
                self.flush();
            }
            self.products.push((s, v, export, factor));
        }
    }

    /// Emits the sums of products that wait.
    fn flush(&mut self) {
        let products = std::mem::take(&mut self.products);
        let Some((s, ..)) = products.first() else { return };
        let mut values: Vec<Reg> = products.iter().map(|(_, v, ..)| *v).collect();
        values.sort_unstable();
        values.dedup();
        let emit = &mut self.forward.emit;
        let sums = emit.sums(values.len());
        let list = emit.list([*s].into_iter().chain(values.iter().copied()));
        emit.push(Instr::WeightSums { ways: 1, list, sums });
        for (_, v, export, factor) in products {
            if let Ok(j) = values.binary_search(&v) {
                emit.share(sums + j as u32, export, factor);
            }
        }
    }

    /// Where only scalars use a sum's or a difference's adjoint, the parts of it are handed on as they are.
    fn hand_over(&mut self, id: Id) -> bool {
        let Node::Op(op, args) = self.forward.part.tape.nodes[id as usize] else { return false };
        let slope = |by: usize| Scalar::constant(op.entry().partials(&[0.3, 0.4, 0.5])[by] as f32);
        let to: Vec<usize> = (0..op.entry().arity()).filter(|by| self.wanted[args[*by] as usize]).collect();
        let constant = partials(op).iter().all(|reads| *reads == Reads(0));
        if !constant || to.iter().any(|by| self.forward.part.owns(args[*by])) {
            return false;
        }
        let Adjoint { scaled, products } = &self.adjoints[id as usize];
        let mut factors = scaled.iter().map(|(_, f)| f).chain(products.iter().map(|(_, _, f)| f));
        if !factors.all(|f| to.iter().all(|by| f.times(slope(*by)).is_some())) {
            return false;
        }
        let Adjoint { scaled, products } = std::mem::take(&mut self.adjoints[id as usize]);
        for by in to {
            for (s, factor) in &scaled {
                factor.times(slope(by)).into_iter().for_each(|f| self.give(args[by], *s, f));
            }
            for (s, v, factor) in &products {
                factor.times(slope(by)).into_iter().for_each(|f| self.give_product(args[by], *s, *v, f));
            }
        }
        true
    }

    /// The adjoint of a node whose uses have all been seen, with a factor; `None` where it is 0.
    fn take(&mut self, id: Id) -> Option<(Reg, Scalar)> {
        let Adjoint { scaled, products } = std::mem::take(&mut self.adjoints[id as usize]);
        let sum = match scaled[..] {
            [] => None,
            [one] => Some(one),
            [(s, ONE), (t, ONE)] => Some((self.registers(Opcode::add, s, t), ONE)),
            [(s, ONE), (t, f)] | [(t, f), (s, ONE)] if f == ONE.negated() => {
                Some((self.registers(Opcode::sub, s, t), ONE))
            }
            _ => Some((self.gather(id, &scaled), ONE)),
        };
        if products.is_empty() {
            return sum;
        }
        let mut sum = sum.map(|(s, factor)| self.plain(s, factor));
        for (s, v, factor) in products {
            sum = Some(match (sum, factor == ONE.negated()) {
                (Some(c), true) => self.mul_add(s, v, c, Form::From),
                (Some(c), false) => {
                    let s = self.plain(s, factor);
                    self.mul_add(s, v, c, Form::Add)
                }
                (None, _) => {
                    let product = self.registers(Opcode::mul, s, v);
                    self.plain(product, factor)
                }
            });
        }
        sum.map(|s| (s, ONE))
    }

    fn registers(&mut self, op: Opcode, a: Reg, b: Reg) -> Reg {
        self.forward.emit.emit(|dst| Instr::Two { op, dst, a: Arg::Reg(a), b: Arg::Reg(b) })
    }

    fn mul_add(&mut self, a: Reg, b: Reg, c: Reg, form: Form) -> Reg {
        self.forward.emit.emit(|dst| Instr::MulAdd { dst, a, b: Arg::Reg(b), c: Arg::Reg(c), form })
    }

    /// `factor * s`
    fn plain(&mut self, s: Reg, factor: Scalar) -> Reg {
        if factor == ONE {
            s
        } else if factor == ONE.negated() {
            self.forward.emit.emit(|dst| Instr::One { op: Opcode::neg, dst, a: s })
        } else {
            let b = Arg::Scalar(self.forward.emit.scalar(factor));
            self.forward.emit.emit(|dst| Instr::Two { op: Opcode::mul, dst, a: Arg::Reg(s), b })
        }
    }

    /// The scaled parts of an adjoint as a dot, together with others that so far have the same registers.
    fn gather(&mut self, id: Id, scaled: &[(Reg, Scalar)]) -> Reg {
        let values: Vec<Reg> = scaled.iter().map(|(r, _)| *r).collect();
        let mut group = self.same(id, &values);
        group.truncate(if group.len() < 3 { group.len().min(1) } else { 3 });
        let row = |scaled: &[(Reg, Scalar)]| scaled.iter().map(|(_, f)| *f).collect();
        let mut weights: Vec<Vec<Scalar>> = vec![row(scaled)];
        weights.extend(group.iter().map(|other| row(&self.adjoints[*other as usize].scaled)));
        let results = self.forward.emit.dots(&values, &weights);
        for (other, reg) in group.into_iter().zip(&results[1..]) {
            // The rest of the other's adjoint is added when its turn comes.
            self.adjoints[other as usize].scaled = vec![(*reg, ONE)];
        }
        results[0]
    }

    /// Up to three nodes like this one whose adjoints so far are dots of these registers, the next ones first.
    fn same(&mut self, id: Id, values: &[Reg]) -> Vec<Id> {
        let Some(nodes) = values.first().and_then(|first| self.beginning.get_mut(first)) else { return Vec::new() };
        let adjoints = &self.adjoints;
        let begins = |other: Id| adjoints[other as usize].scaled.first().map(|(r, _)| *r) == values.first().copied();
        while nodes.pop_if(|other| *other >= id || !begins(*other)).is_some() {}
        let kind = |id: Id| match self.forward.part.tape.nodes[id as usize] {
            Node::Op(op, _) => Some(op),
            _ => None,
        };
        let equal = |other: Id| {
            let scaled = &adjoints[other as usize].scaled;
            other < id && kind(other) == kind(id) && scaled.iter().map(|(r, _)| r).eq(values)
        };
        nodes.iter().rev().take(NEAR).copied().filter(|other| equal(*other)).take(3).collect()
    }

    /// Passes the adjoint `factor * s` of a node on to its operands.
    fn node(&mut self, id: Id, s: Reg, factor: Scalar) {
        match self.forward.part.tape.nodes[id as usize] {
            Node::Const(_) => {}
            Node::Input(column) | Node::Param(column) => {
                let a = self.plain(s, factor);
                self.forward.emit.push(Instr::InputGradient { column, a });
            }
            Node::Op(Opcode::mul, [a, b, _]) => match (self.forward.part.owns(a), self.forward.part.owns(b)) {
                (true, true) => self.factors(a, b, s, factor),
                (true, false) => self.weighted(b, a, s, factor),
                (false, _) => self.weighted(a, b, s, factor),
            },
            Node::Op(op, args) => self.operation(id, op, args, s, factor),
            Node::Dot { .. } => {
                let s = self.plain(s, factor);
                if let Some(mixture) = self.forward.mixtures.get(&id).cloned() {
                    return self.mixture(mixture, s);
                }
                let dot = self.forward.dot(id);
                for (w, v) in &dot.weighted {
                    let factor = self.forward.part.scalar(*w);
                    self.give(*v, s, factor);
                }
                if dot.products.is_empty() {
                    self.dots.insert(id, s);
                    return;
                }
                for (a, b) in dot.products {
                    self.factors(a, b, s, ONE);
                }
                for (w, v) in dot.weighted.into_iter().filter(|(w, _)| self.wanted[*w as usize]).collect::<Vec<_>>() {
                    let v = self.forward.reg(v);
                    self.give_product(w, s, v, ONE);
                }
            }
        }
    }

    /// Of a mixture of set operations.
    fn mixture(&mut self, Mixture { of, weights, more, .. }: Mixture, s: Reg) {
        let by = of.map(|_| self.forward.emit.fresh());
        let operands = of.map(|id| self.forward.reg(id));
        let position = self.forward.weights(weights);
        let emit = &mut self.forward.emit;
        let (list, sums) = (emit.list(by.into_iter().chain([s]).chain(operands)), emit.sums(3));
        emit.push(Instr::MixBack { list, weights: position, sums });
        for (k, w) in weights.into_iter().enumerate() {
            if let Scalar::Export(export) = self.forward.part.scalar(w)
                && self.wanted[w as usize]
            {
                self.forward.emit.share(sums + k as u32, export, ONE);
            }
        }
        for (id, reg) in of.into_iter().zip(by) {
            self.give(id, reg, ONE);
        }
        more.into_iter().for_each(|(w, v)| self.weighted(w, v, s, ONE));
    }

    /// Of a product of a scalar and a value.
    fn weighted(&mut self, w: Id, v: Id, s: Reg, factor: Scalar) {
        match factor.times(self.forward.part.scalar(w)) {
            Some(product) => self.give(v, s, product),
            None => {
                let s = self.plain(s, factor);
                return self.weighted(w, v, s, ONE);
            }
        }
        if self.wanted[w as usize] {
            let v = self.forward.reg(v);
            self.give_product(w, s, v, factor);
        }
    }

    /// Of a product of two values of the part.
    fn factors(&mut self, a: Id, b: Id, s: Reg, factor: Scalar) {
        let twice = factor.times(Scalar::constant(2.0)).filter(|_| a == b);
        for (by, other) in [(a, b), (b, a)].into_iter().take(if twice.is_some() { 1 } else { 2 }) {
            if self.wanted[by as usize] {
                let other = self.forward.reg(other);
                self.give_product(by, s, other, twice.unwrap_or(factor));
            }
        }
    }

    fn operation(&mut self, id: Id, op: Opcode, args: [Id; 3], s: Reg, factor: Scalar) {
        let arity = op.entry().arity();
        let mut first = None;
        for (by, reads) in partials(op).into_iter().enumerate().take(arity) {
            if !self.wanted[args[by] as usize] {
                continue;
            }
            if reads == Reads(0) {
                let slope = op.entry().partials(&[0.3, 0.4, 0.5])[by] as f32;
                match factor.times(Scalar::constant(slope)) {
                    _ if slope == 0.0 => {}
                    Some(factor) => self.give(args[by], s, factor),
                    None => {
                        let s = self.plain(s, factor);
                        self.give(args[by], s, Scalar::constant(slope));
                    }
                }
                continue;
            }
            // One of two numbers: what the first does not get is the other's.
            if let (Opcode::max | Opcode::min, Some(first)) = (op, first) {
                let rest = self.registers(Opcode::sub, s, first);
                self.give(args[by], rest, factor);
                continue;
            }
            // What is not read need not be kept: the adjoint stands in its place.
            let mut arg = |i: usize| match self.forward.part.owns(args[i]) || arity != 2 {
                _ if i >= arity => Arg::Reg(s),
                true if reads.any(1 << i) => Arg::Reg(self.forward.reg(args[i])),
                true => Arg::Reg(s),
                false => Arg::Scalar(self.forward.scalar(args[i])),
            };
            let (a, b, c) = (arg(0), arg(1), arg(2));
            let y = if reads.any(Y) { self.forward.reg(id) } else { s };
            let by8 = by as u8;
            let part = self.forward.emit.emit(|dst| match (arity, a, b, c) {
                (1, Arg::Reg(a), ..) => Instr::PartialOne { op, dst, a, y, s },
                (3, Arg::Reg(a), Arg::Reg(b), Arg::Reg(c)) => Instr::PartialThree { op, by: by8, dst, a, b, c, y, s },
                _ => Instr::PartialTwo { op, by: by8, dst, a, b, y, s },
            });
            first = Some(part);
            self.give(args[by], part, factor);
        }
    }
}
