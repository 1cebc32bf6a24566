//! Code for one block of points: instructions over registers, each a block of as many numbers as the block has points.
//!
//! Code is made with a register for every result ([`Emit`]); [`Emit::finish`] then gives registers to results by
//! liveness, so that what is no longer needed makes room.

use crate::table::Opcode;
use std::collections::HashMap;

/// A register.
pub(super) type Reg = u32;

/// An operand: a register, or a scalar that is the same for all points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Arg {
    Reg(Reg),
    /// Position in [`Code::scalars`].
    Scalar(u32),
}

/// Where a scalar comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scalar {
    /// A constant, by the bits of its `f32`.
    Const(u32),
    /// A result of the uniform part.
    Export(u32),
}

impl Scalar {
    pub(super) fn constant(x: f32) -> Scalar {
        Scalar::Const(x.to_bits())
    }
}

/// A part of [`Code::lists`].
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub start: u32,
    pub len: u32,
}

impl List {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// An instruction; `dst` is never an operand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instr {
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
    /// `a * b + c`
    MulAdd { dst: Reg, a: Reg, b: Reg, c: Reg },
    /// `dst_k = sum_j scalars[weights + j ways + k] list_j`; the list holds the `ways` destinations, then the values.
    Dots { ways: u8, list: List, weights: u32 },
    /// `sum_j list_2j list_2j+1`
    Products { dst: Reg, list: List },
    /// `sums[j ways + k] += sum over points of d_k v_j`; the list holds the `ways` factors `d`, then the `v`.
    WeightSums { ways: u8, list: List, sums: u32 },
    /// `sums[sum] += sum over points of a`, or less it.
    Sum { a: Reg, sum: u32, minus: bool },
    /// A result.
    Output { output: u32, a: Arg },
    /// A part of the derivative by an input column.
    InputGradient { column: u32, a: Reg },
}

/// Code for blocks of points.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub instrs: Vec<Instr>,
    /// Registers of the instructions that have many.
    pub lists: Vec<Reg>,
    /// The scalars that the instructions use, by position; the weights of dots lie side by side.
    pub scalars: Vec<Scalar>,
    /// For each sum over points which scalar's derivative it is a part of, if any.
    pub sums: Vec<Option<u32>>,
    /// How many registers there are.
    pub registers: usize,
}

/// Collects the instructions of a [`Code`].
#[derive(Default)]
pub(super) struct Emit {
    code: Code,
    scalars: HashMap<Scalar, u32>,
    sums: HashMap<u32, u32>,
}

impl Emit {
    pub(super) fn fresh(&mut self) -> Reg {
        self.code.registers += 1;
        self.code.registers as Reg - 1
    }

    pub(super) fn push(&mut self, instr: Instr) {
        self.code.instrs.push(instr);
    }

    /// Adds an instruction with one result, which has the register that is given to `make`.
    pub(super) fn emit(&mut self, make: impl FnOnce(Reg) -> Instr) -> Reg {
        let dst = self.fresh();
        self.push(make(dst));
        dst
    }

    pub(super) fn list(&mut self, registers: impl IntoIterator<Item = Reg>) -> List {
        let start = self.code.lists.len();
        self.code.lists.extend(registers);
        List { start: start as u32, len: (self.code.lists.len() - start) as u32 }
    }

    /// The position of a scalar.
    pub(super) fn scalar(&mut self, scalar: Scalar) -> u32 {
        let next = self.code.scalars.len() as u32;
        let position = *self.scalars.entry(scalar).or_insert(next);
        if position == next {
            self.code.scalars.push(scalar);
        }
        position
    }

    /// The position of the first of scalars that lie side by side.
    pub(super) fn row(&mut self, scalars: impl IntoIterator<Item = Scalar>) -> u32 {
        let start = self.code.scalars.len() as u32;
        self.code.scalars.extend(scalars);
        start
    }

    /// The position of the sum that is the derivative by a result of the uniform part.
    pub(super) fn sum(&mut self, export: u32) -> u32 {
        let next = self.code.sums.len() as u32;
        let position = *self.sums.entry(export).or_insert(next);
        if position == next {
            self.code.sums.push(Some(export));
        }
        position
    }

    /// The position of the first of sums that lie side by side.
    pub(super) fn sum_row(&mut self, exports: impl IntoIterator<Item = Option<u32>>) -> u32 {
        let start = self.code.sums.len() as u32;
        self.code.sums.extend(exports);
        start
    }

    /// The code, with registers shared by results that are not needed at the same time.
    pub(super) fn finish(mut self) -> Code {
        let code = &mut self.code;
        let mut last = vec![0; code.registers];
        for (i, instr) in code.instrs.iter_mut().enumerate() {
            instr.registers(&mut code.lists, |reg| last[*reg as usize] = i);
        }
        let mut place = vec![Reg::MAX; code.registers];
        let (mut free, mut used, mut ending) = (Vec::new(), 0, Vec::new());
        for (i, instr) in code.instrs.iter_mut().enumerate() {
            instr.registers(&mut code.lists, |reg| {
                let virtual_reg = *reg as usize;
                if place[virtual_reg] == Reg::MAX {
                    place[virtual_reg] = free.pop().unwrap_or_else(|| {
                        used += 1;
                        used - 1
                    });
                }
                *reg = place[virtual_reg];
                if last[virtual_reg] == i {
                    ending.push(*reg);
                }
            });
            // Freed after the whole instruction, so that no result takes the place of an operand. An operand may be
            // named twice.
            ending.sort_unstable();
            ending.dedup();
            free.append(&mut ending);
        }
        code.registers = used as usize;
        self.code
    }
}

impl Instr {
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
            Instr::MulAdd { dst, a, b, c } => {
                [a, b, c].into_iter().for_each(&mut f);
                f(dst);
            }
            Instr::Dots { ways, list, .. } => {
                let (results, values) = lists[list.range()].split_at_mut(usize::from(*ways));
                values.iter_mut().for_each(&mut f);
                results.iter_mut().for_each(&mut f);
            }
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
