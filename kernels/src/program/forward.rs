//! From a part of a tape to code for its values.

use super::code::{Arg, Code, Emit, Form, Instr, Reg, Scalar};
use super::mixture::Mixture;
use super::split::Part;
use crate::table::Opcode;
use crate::tape::{Id, Node};
use std::collections::HashMap;

/// Code for the outputs of a part.
pub(crate) fn forward(part: Part<'_>) -> Code {
    Forward::new(part).emit.finish()
}

/// The values of a part, emitted.
pub(crate) struct Forward<'a> {
    pub part: Part<'a>,
    pub emit: Emit,
    /// For each node whether the outputs need it and it belongs to the part.
    pub live: Vec<bool>,
    /// Dots whose weights are scalars, by node: those with the same values are computed together.
    pub groups: HashMap<Id, Vec<Id>>,
    /// By the first of some dots computed together: others with the same first values, whose parts by these values are
    /// computed along with them.
    ahead: HashMap<Id, Vec<Id>>,
    /// What is computed of a dot already, and of how many of its terms.
    begun: HashMap<Id, (Reg, usize)>,
    /// Dots that are mixtures of set operations.
    pub mixtures: HashMap<Id, Mixture>,
    /// For each node whether its only use computes it along with itself.
    folded: Vec<bool>,
    registers: HashMap<Id, Reg>,
}

/// A dot, sorted by what its factors are.
#[derive(Default)]
pub(crate) struct Dot {
    /// Scalar weights (by node) and values.
    pub weighted: Vec<(Id, Id)>,
    /// Pairs of values that both belong to the part.
    pub products: Vec<(Id, Id)>,
}

/// How many dots are computed together.
const WAYS: [usize; 3] = [4, 2, 1];
/// From how many values on a part of a dot is computed along with others.
const LONG: usize = 8;
/// How many values may be left to such a dot.
const MORE: usize = 2;
/// Among how many groups of dots others are sought.
const NEAR: usize = 4;

impl<'a> Forward<'a> {
    pub(crate) fn new(part: Part<'a>) -> Forward<'a> {
        let mut live = part.tape.needed(part.outputs());
        for (id, live) in live.iter_mut().enumerate() {
            *live &= part.owns(id as Id);
        }
        let uses = uses(part, &live);
        let mut folded = folded(part, &live, &uses);
        let mixtures = mixtures(part, &live, &uses);
        mixtures.values().flat_map(|m: &Mixture| m.inner).for_each(|id| folded[id as usize] = true);
        let (emit, groups, ahead, begun, registers) = Default::default();
        let mut this = Forward { part, emit, live, groups, mixtures, ahead, begun, folded, registers };
        this.group();
        let mut outputs: HashMap<Id, Vec<u32>> = HashMap::new();
        for (o, id) in part.outputs().iter().enumerate() {
            if part.owns(*id) {
                outputs.entry(*id).or_default().push(o as u32);
            } else {
                let a = this.arg(*id);
                this.emit.push(Instr::Output { output: o as u32, a });
            }
        }
        for id in 0..part.tape.len() as Id {
            if !this.live[id as usize] || this.folded[id as usize] {
                continue;
            }
            this.node(id);
            for output in outputs.get(&id).into_iter().flatten() {
                let a = this.arg(id);
                this.emit.push(Instr::Output { output: *output, a });
            }
        }
        this
    }

    /// Finds the dots that are computed together.
    fn group(&mut self) {
        let mut same: HashMap<Vec<Id>, usize> = HashMap::new();
        let mut all: Vec<Vec<Id>> = Vec::new();
        let mut lists: Vec<Vec<Id>> = Vec::new();
        for id in 0..self.part.tape.len() as Id {
            let dot = matches!(self.part.tape.nodes[id as usize], Node::Dot { .. });
            if !self.live[id as usize] || !dot || self.mixtures.contains_key(&id) {
                continue;
            }
            let dot = self.dot(id);
            if !dot.products.is_empty() {
                continue;
            }
            let values: Vec<Id> = dot.weighted.iter().map(|(_, v)| *v).collect();
            let group = *same.entry(values.clone()).or_insert(all.len());
            if group == all.len() {
                all.push(Vec::new());
                lists.push(values);
            }
            all[group].push(id);
        }
        self.pair(&all, &lists);
        for mut rest in all.iter().map(Vec::as_slice) {
            while !rest.is_empty() {
                let ways = WAYS.into_iter().find(|n| *n <= rest.len()).unwrap_or(1);
                let (group, others) = rest.split_at(ways);
                group.iter().for_each(|id| {
                    self.groups.insert(*id, group.to_vec());
                });
                rest = others;
            }
        }
    }

    /// Finds the dots of which a part is computed along with others: groups of them, each with its list of values.
    fn pair(&mut self, groups: &[Vec<Id>], lists: &[Vec<Id>]) {
        let mut paired = vec![false; groups.len()];
        for (i, (group, list)) in groups.iter().zip(lists).enumerate() {
            if paired[i] || group.len() > 2 || list.len() < LONG {
                continue;
            }
            let longer = (i + 1..groups.len()).take(NEAR).find(|j| {
                let more = lists[*j].len().saturating_sub(list.len());
                !paired[*j]
                    && groups[*j].len() == group.len()
                    && (1..=MORE).contains(&more)
                    && lists[*j].starts_with(list)
            });
            if let Some(j) = longer {
                (paired[i], paired[j]) = (true, true);
                self.ahead.insert(group[0], groups[j].clone());
            }
        }
    }

    /// The terms of a dot.
    pub(crate) fn dot(&self, id: Id) -> Dot {
        let mut dot = Dot::default();
        for &(w, v) in self.part.tape.terms_of(&self.part.tape.nodes[id as usize]) {
            match (self.part.owns(w), self.part.owns(v)) {
                (true, true) => dot.products.push((w, v)),
                (true, false) => dot.weighted.push((v, w)),
                (false, _) => dot.weighted.push((w, v)),
            }
        }
        dot
    }

    /// A node as an operand.
    pub(crate) fn arg(&mut self, id: Id) -> Arg {
        if self.part.owns(id) { Arg::Reg(self.reg(id)) } else { Arg::Scalar(self.scalar(id)) }
    }

    /// The position of a node that is a scalar here.
    pub(crate) fn scalar(&mut self, id: Id) -> u32 {
        self.emit.scalar(self.part.scalar(id))
    }

    /// A node in a register.
    pub(crate) fn reg(&mut self, id: Id) -> Reg {
        if let Some(reg) = self.registers.get(&id) {
            return *reg;
        }
        let reg = match self.part.tape.nodes[id as usize] {
            Node::Input(column) | Node::Param(column) if self.part.owns(id) => {
                self.emit.emit(|dst| Instr::Load { dst, column })
            }
            _ => {
                let scalar = self.scalar(id);
                self.emit.emit(|dst| Instr::Fill { dst, scalar })
            }
        };
        self.registers.insert(id, reg);
        reg
    }

    fn node(&mut self, id: Id) {
        let reg = match self.part.tape.nodes[id as usize] {
            // Loaded where it is first used.
            Node::Const(_) | Node::Input(_) | Node::Param(_) => return,
            Node::Op(op, [a, b, c]) => match op.entry().arity() {
                1 => {
                    let a = self.reg(a);
                    self.emit.emit(|dst| Instr::One { op, dst, a })
                }
                2 => self.two(op, a, b),
                _ => {
                    let (a, b, c) = (self.reg(a), self.reg(b), self.reg(c));
                    self.emit.emit(|dst| Instr::Three { op, dst, a, b, c })
                }
            },
            Node::Dot { .. } => match (self.mixtures.get(&id).cloned(), self.groups.get(&id).cloned()) {
                (Some(mixture), _) => self.mixture(mixture),
                (None, Some(group)) => return self.dots(&group),
                (None, None) => self.mixed_dot(id),
            },
        };
        self.registers.insert(id, reg);
    }

    fn mixture(&mut self, mixture: Mixture) -> Reg {
        let ([a, b], weights) = (mixture.of.map(|id| self.reg(id)), self.weights(mixture.weights));
        let set = self.emit.emit(|dst| Instr::Mix { dst, a, b, weights });
        self.add_terms(set, &mixture.more)
    }

    /// A sum, and more terms with scalar weights.
    fn add_terms(&mut self, mut sum: Reg, terms: &[(Id, Id)]) -> Reg {
        for &(w, v) in terms {
            let (a, b, c) = (self.reg(v), Arg::Scalar(self.scalar(w)), Arg::Reg(sum));
            sum = self.emit.emit(|dst| Instr::MulAdd { dst, a, b, c, form: Form::Add });
        }
        sum
    }

    /// The position of the weights of a mixture.
    pub(super) fn weights(&mut self, weights: [Id; 3]) -> u32 {
        self.emit.row(weights.map(|w| self.part.scalar(w)))
    }

    fn two(&mut self, op: Opcode, a: Id, b: Id) -> Reg {
        let sum = match (op, self.folded[a as usize], self.folded[b as usize]) {
            (Opcode::add, _, true) => Some((b, a, Form::Add)),
            (Opcode::add, true, _) => Some((a, b, Form::Add)),
            (Opcode::sub, _, true) => Some((b, a, Form::From)),
            (Opcode::sub, true, _) => Some((a, b, Form::Sub)),
            _ => None,
        };
        if let Some((product, c, form)) = sum
            && let Node::Op(_, [x, y, _]) = self.part.tape.nodes[product as usize]
        {
            let (x, y) = if self.part.owns(x) { (x, y) } else { (y, x) };
            let (a, b, c) = (self.reg(x), self.arg(y), self.arg(c));
            return self.emit.emit(|dst| Instr::MulAdd { dst, a, b, c, form });
        }
        let (a, b) = (self.arg(a), self.arg(b));
        self.emit.emit(|dst| Instr::Two { op, dst, a, b })
    }

    /// Dots with the same values, at the first of them.
    fn dots(&mut self, group: &[Id]) {
        if self.registers.contains_key(&group[0]) {
            return;
        }
        if self.begun.contains_key(&group[0]) {
            return group.iter().for_each(|id| self.go_on(*id));
        }
        let ahead = self.ahead.get(&group[0]).cloned().unwrap_or_default();
        let dots: Vec<Dot> = group.iter().chain(&ahead).map(|id| self.dot(*id)).collect();
        let values: Vec<Reg> = dots[0].weighted.iter().map(|(_, v)| self.reg(*v)).collect();
        let row = |d: &Dot| d.weighted[..values.len()].iter().map(|(w, _)| self.part.scalar(*w)).collect();
        let weights: Vec<Vec<Scalar>> = dots.iter().map(row).collect();
        let results = self.emit.dots(&values, &weights);
        let (now, later) = results.split_at(group.len());
        self.registers.extend(group.iter().copied().zip(now.iter().copied()));
        self.begun.extend(ahead.into_iter().zip(later.iter().map(|reg| (*reg, values.len()))));
    }

    /// The rest of a dot that was begun.
    fn go_on(&mut self, id: Id) {
        let Some((sum, done)) = self.begun.remove(&id) else { return };
        let terms = self.dot(id).weighted.split_off(done);
        let sum = self.add_terms(sum, &terms);
        self.registers.insert(id, sum);
    }

    fn mixed_dot(&mut self, id: Id) -> Reg {
        let dot = self.dot(id);
        let pairs: Vec<Reg> = dot.products.iter().flat_map(|(a, b)| [self.reg(*a), self.reg(*b)]).collect();
        let list = self.emit.list(pairs);
        let products = self.emit.emit(|dst| Instr::Products { dst, list });
        if dot.weighted.is_empty() {
            return products;
        }
        let values: Vec<Reg> = dot.weighted.iter().map(|(_, v)| self.reg(*v)).collect();
        let weights = dot.weighted.iter().map(|(w, _)| self.part.scalar(*w)).collect();
        let weighted = self.emit.dots(&values, &[weights])[0];
        let (a, b) = (Arg::Reg(products), Arg::Reg(weighted));
        self.emit.emit(|dst| Instr::Two { op: Opcode::add, dst, a, b })
    }
}

/// How often each node is used, by outputs too.
fn uses(part: Part<'_>, live: &[bool]) -> Vec<u32> {
    let tape = part.tape;
    let mut uses = vec![0; tape.len()];
    part.outputs().iter().for_each(|id| uses[*id as usize] += 1);
    for (_, node) in tape.nodes.iter().enumerate().filter(|(id, _)| live[*id]) {
        tape.uses(node, |id| uses[id as usize] += 1);
    }
    uses
}

/// The dots that are mixtures of set operations.
fn mixtures(part: Part<'_>, live: &[bool], uses: &[u32]) -> HashMap<Id, Mixture> {
    let ids = (0..part.tape.len() as Id).filter(|id| live[*id as usize]);
    ids.filter_map(|id| Some((id, Mixture::find(part, id, uses)?))).collect()
}

/// For each node whether it is a product that is only a term of one sum or difference: of two such terms the second.
fn folded(part: Part<'_>, live: &[bool], uses: &[u32]) -> Vec<bool> {
    let tape = part.tape;
    let product = |id: Id| {
        let at = id as usize;
        live[at] && uses[at] == 1 && matches!(tape.nodes[at], Node::Op(Opcode::mul, _))
    };
    let mut folded = vec![false; tape.len()];
    for (_, node) in tape.nodes.iter().enumerate().filter(|(id, _)| live[*id]) {
        if let Node::Op(Opcode::add | Opcode::sub, [a, b, _]) = node
            && let Some(term) = [b, a].into_iter().find(|id| product(**id))
        {
            folded[*term as usize] = true;
        }
    }
    folded
}

impl Emit {
    /// Dots of the same values by several rows of weights.
    pub(crate) fn dots(&mut self, values: &[Reg], weights: &[Vec<Scalar>]) -> Vec<Reg> {
        let ways = weights.len();
        let results: Vec<Reg> = (0..ways).map(|_| self.fresh()).collect();
        let list = self.list(results.iter().chain(values).copied());
        let weights = self.row((0..values.len()).flat_map(|j| weights.iter().map(move |row| row[j])));
        self.push(Instr::Dots { ways: ways as u8, list, weights });
        results
    }
}
