//! Code for one block of points: instructions over registers, each a block of as many numbers as the block has points.
//!
//! Code is made with a register for every result ([`Emit`]); [`Emit::finish`] then gives registers to results by
//! liveness, so that what is no longer needed makes room.

use crate::table::Opcode;
use std::collections::HashMap;

/// A register.
pub(crate) type Reg = u32;

/// An operand: a register, or a scalar that is the same for all points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arg {
    Reg(Reg),
    /// Position in [`Code::scalars`].
    Scalar(u32),
}

/// Where a scalar comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scalar {
    /// A constant, by the bits of its `f32`.
    Const(u32),
    /// A result of the uniform part.
    Export(u32),
    /// The same with its sign turned.
    Negated(u32),
}

impl Scalar {
    pub(crate) const ONE: Scalar = Scalar::constant(1.0);

    pub(crate) const fn constant(x: f32) -> Scalar {
        Scalar::Const(x.to_bits())
    }

    pub(crate) fn negated(self) -> Scalar {
        match self {
            Scalar::Const(bits) => Scalar::constant(-f32::from_bits(bits)),
            Scalar::Export(i) => Scalar::Negated(i),
            Scalar::Negated(i) => Scalar::Export(i),
        }
    }

    /// The product, where it is a scalar of the code, too.
    pub(crate) fn times(self, other: Scalar) -> Option<Scalar> {
        match (self, other) {
            (Scalar::Const(a), Scalar::Const(b)) => Some(Scalar::constant(f32::from_bits(a) * f32::from_bits(b))),
            (s, x) | (x, s) if x == Scalar::ONE => Some(s),
            (s, x) | (x, s) if x == Scalar::ONE.negated() => Some(s.negated()),
            _ => None,
        }
    }

    pub(crate) fn value(self, exports: &[f32]) -> f32 {
        match self {
            Scalar::Const(bits) => f32::from_bits(bits),
            Scalar::Export(i) => exports[i as usize],
            Scalar::Negated(i) => -exports[i as usize],
        }
    }
}

/// A part of [`Code::lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub start: u32,
    pub len: u32,
}

impl List {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// An instruction; `dst` is never an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instr {
    /// A column of the inputs.
    Load { dst: Reg, column: u32 },
    /// The seed of an output; 0 beyond the last point.
    Seed { dst: Reg, output: u32 },
    /// A scalar at all points.
    Fill { dst: Reg, scalar: u32 },
    /// An operation of one argument.
    One { op: Opcode, dst: Reg, a: Reg },
    /// An operation of two, at least one of them a register.
    Two { op: Opcode, dst: Reg, a: Arg, b: Arg },
    /// An operation of three.
    Three { op: Opcode, dst: Reg, a: Reg, b: Reg, c: Reg },
    /// `s * partial(a, y)`
    PartialOne { op: Opcode, dst: Reg, a: Reg, y: Reg, s: Reg },
    /// `s * partial(a, b, y)` by argument `by`.
    PartialTwo { op: Opcode, by: u8, dst: Reg, a: Arg, b: Arg, y: Reg, s: Reg },
    /// `s * partial(a, b, c, y)` by argument `by`.
    PartialThree { op: Opcode, by: u8, dst: Reg, a: Reg, b: Reg, c: Reg, y: Reg, s: Reg },
    /// `a * b + c` or the like.
    MulAdd { dst: Reg, a: Reg, b: Arg, c: Arg, form: Form },
    /// `dst_k = sum_j scalars[weights + j ways + k] list_j`; the list holds the `ways` destinations, then the values.
    Dots { ways: u8, list: List, weights: u32 },
    /// `sum_j list_2j list_2j+1`
    Products { dst: Reg, list: List },
    /// `dst = u max(a, b) + v min(a, b) + w max(a - b, 0)`; the three weights lie side by side in the scalars.
    Mix { dst: Reg, a: Reg, b: Reg, weights: u32 },
    /// The derivatives of a [`Mix`](Instr::Mix): the list holds `da`, `db`, the adjoint, `a` and `b`; three sums over
    /// points, of the products of the adjoint and the three terms, lie side by side.
    MixBack { list: List, weights: u32, sums: u32 },
    /// `sums[j ways + k] += sum over points of d_k v_j`; the list holds the `ways` factors `d`, then the `v`.
    WeightSums { ways: u8, list: List, sums: u32 },
    /// `sums[sum] += sum over points of a`
    Sum { a: Reg, sum: u32 },
    /// A result.
    Output { output: u32, a: Arg },
    /// A part of the derivative by an input column.
    InputGradient { column: u32, a: Reg },
}

/// Signs of a product and what is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `a * b + c`
    Add,
    /// `a * b - c`
    Sub,
    /// `c - a * b`
    From,
}

/// A sum over points as a part of a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// Which sum.
    pub sum: u32,
    /// By what of the uniform part.
    pub export: u32,
    /// The sum's factor.
    pub factor: Scalar,
}

/// Code for blocks of points.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Code {
    pub instrs: Vec<Instr>,
    /// Registers of the instructions that have many.
    pub lists: Vec<Reg>,
    /// The scalars that the instructions use, by position; the weights of dots lie side by side.
    pub scalars: Vec<Scalar>,
    /// How many sums over points there are.
    pub sums: usize,
    /// What the sums are parts of.
    pub shares: Vec<Share>,
    /// How many registers there are.
    pub registers: usize,
}

/// Collects the instructions of a [`Code`].
#[derive(Default)]
pub(crate) struct Emit {
    code: Code,
    scalars: HashMap<Scalar, u32>,
}

impl Emit {
    pub(crate) fn fresh(&mut self) -> Reg {
        self.code.registers += 1;
        self.code.registers as Reg - 1
    }

    pub(crate) fn push(&mut self, instr: Instr) {
        self.code.instrs.push(instr);
    }

    /// Adds an instruction with one result, which has the register that is given to `make`.
    pub(crate) fn emit(&mut self, make: impl FnOnce(Reg) -> Instr) -> Reg {
        let dst = self.fresh();
        self.push(make(dst));
        dst
    }

    pub(crate) fn list(&mut self, registers: impl IntoIterator<Item = Reg>) -> List {
        let start = self.code.lists.len();
        self.code.lists.extend(registers);
        List { start: start as u32, len: (self.code.lists.len() - start) as u32 }
    }

    /// The position of a scalar.
    pub(crate) fn scalar(&mut self, scalar: Scalar) -> u32 {
        let next = self.code.scalars.len() as u32;
        let position = *self.scalars.entry(scalar).or_insert(next);
        if position == next {
            self.code.scalars.push(scalar);
        }
        position
    }

    /// The position of the first of scalars that lie side by side.
    pub(crate) fn row(&mut self, scalars: impl IntoIterator<Item = Scalar>) -> u32 {
        let start = self.code.scalars.len() as u32;
        self.code.scalars.extend(scalars);
        start
    }

    /// The position of the first of `n` sums that lie side by side.
    pub(crate) fn sums(&mut self, n: usize) -> u32 {
        self.code.sums += n;
        (self.code.sums - n) as u32
    }

    pub(crate) fn share(&mut self, sum: u32, export: u32, factor: Scalar) {
        self.code.shares.push(Share { sum, export, factor });
    }

    /// The code, with registers shared by results that are not needed at the same time.
    ///
    /// The operands of dots, which are read together and again and again, lie in registers side by side: scattered among
    /// the others they might compete for the same lines of the cache.
    pub(crate) fn finish(mut self) -> Code {
        let code = &mut self.code;
        let mut last = vec![0; code.registers];
        let mut together = vec![false; code.registers];
        for (i, instr) in code.instrs.iter_mut().enumerate() {
            let dots = matches!(instr, Instr::Dots { .. } | Instr::WeightSums { .. });
            instr.registers(&mut code.lists, |reg| {
                last[*reg as usize] = i;
                together[*reg as usize] |= dots;
            });
        }
        let mut place = vec![Reg::MAX; code.registers];
        let mut pools = [Pool::default(), Pool::default()];
        let mut ending = Vec::new();
        for (i, instr) in code.instrs.iter_mut().enumerate() {
            instr.registers(&mut code.lists, |reg| {
                let name = *reg as usize;
                if place[name] == Reg::MAX {
                    place[name] = pools[usize::from(!together[name])].take();
                }
                if last[name] == i {
                    ending.push(name);
                }
            });
            // Freed after the whole instruction, so that no result takes the place of an operand. An operand may be
            // named twice.
            ending.sort_unstable();
            ending.dedup();
            ending.drain(..).for_each(|name| pools[usize::from(!together[name])].free.push(place[name]));
        }
        let [first, second] = pools.map(|pool| pool.used);
        place.iter_mut().zip(together).for_each(|(reg, together)| *reg += if together { 0 } else { first });
        code.instrs.iter_mut().for_each(|i| i.registers(&mut code.lists, |reg| *reg = place[*reg as usize]));
        code.registers = (first + second) as usize;
        self.code
    }
}

/// Registers of one kind.
#[derive(Default)]
struct Pool {
    free: Vec<Reg>,
    used: Reg,
}

impl Pool {
    fn take(&mut self) -> Reg {
        self.free.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used - 1
        })
    }
}

impl Instr {
    /// Calls `f` with every register that is written.
    #[cfg(feature = "gpu")]
    pub(crate) fn results(&self, lists: &[Reg], mut f: impl FnMut(Reg)) {
        match *self {
            Instr::Load { dst, .. }
            | Instr::Seed { dst, .. }
            | Instr::Fill { dst, .. }
            | Instr::One { dst, .. }
            | Instr::Two { dst, .. }
            | Instr::Three { dst, .. }
            | Instr::PartialOne { dst, .. }
            | Instr::PartialTwo { dst, .. }
            | Instr::PartialThree { dst, .. }
            | Instr::MulAdd { dst, .. }
            | Instr::Mix { dst, .. }
            | Instr::Products { dst, .. } => f(dst),
            Instr::MixBack { list, .. } => lists[list.range()][..2].iter().for_each(|r| f(*r)),
            Instr::Dots { ways, list, .. } => lists[list.range()][..usize::from(ways)].iter().for_each(|r| f(*r)),
            Instr::WeightSums { .. } | Instr::Sum { .. } | Instr::Output { .. } | Instr::InputGradient { .. } => {}
        }
    }

    /// Calls `f` with every register.
    fn registers(&mut self, lists: &mut [Reg], mut f: impl FnMut(&mut Reg)) {
        let arg = |a: &mut Arg, f: &mut dyn FnMut(&mut Reg)| {
            if let Arg::Reg(r) = a {
                f(r);
            }
        };
        match self {
            Instr::Load { dst, .. } | Instr::Seed { dst, .. } | Instr::Fill { dst, .. } => f(dst),
            Instr::One { dst, a, .. } => {
                f(a);
                f(dst);
            }
            Instr::Two { dst, a, b, .. } => {
                arg(a, &mut f);
                arg(b, &mut f);
                f(dst);
            }
            Instr::Three { dst, a, b, c, .. } => {
                [a, b, c].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::PartialOne { dst, a, y, s, .. } => {
                [a, y, s].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::PartialTwo { dst, a, b, y, s, .. } => {
                arg(a, &mut f);
                arg(b, &mut f);
                [y, s].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::PartialThree { dst, a, b, c, y, s, .. } => {
                [a, b, c, y, s].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::MulAdd { dst, a, b, c, .. } => {
                f(a);
                arg(b, &mut f);
                arg(c, &mut f);
                f(dst);
            }
            Instr::Dots { ways, list, .. } => {
                let (results, values) = lists[list.range()].split_at_mut(usize::from(*ways));
                values.iter_mut().for_each(&mut f);
                results.iter_mut().for_each(&mut f);
            }
            Instr::Mix { dst, a, b, .. } => {
                [a, b].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::MixBack { list, .. } => lists[list.range()].iter_mut().rev().for_each(&mut f),
            Instr::Products { dst, list } => {
                lists[list.range()].iter_mut().for_each(&mut f);
                f(dst);
            }
            Instr::WeightSums { list, .. } => lists[list.range()].iter_mut().for_each(&mut f),
            Instr::Sum { a, .. } | Instr::InputGradient { a, .. } => f(a),
            Instr::Output { a, .. } => arg(a, &mut f),
        }
    }
}
