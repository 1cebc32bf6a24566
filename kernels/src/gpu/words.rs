//! Code as words for the interpreter.
//!
//! An instruction is a head (operation and length) and operands. An operand is the place of a number in the *frame*, the
//! memory of a block of points: first the scalars, then rows of [`UNITS`] numbers, one for each point; twice the place,
//! and one more where it differs from point to point. Rows are registers, and behind them sums over points that each
//! point's unit keeps for itself until a piece is done.

use crate::program::code::{Arg, Code, Form, Instr, Reg};
use crate::table::SCALARS;

/// Units of a cube, each for a point of a block.
pub(super) const UNITS: u32 = 64;

/// What becomes of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Results {
    /// They are written, point by point.
    Columns,
    /// They are added up over the points.
    Sums,
}

/// Operations of the interpreter, of three sorts: *values* (those of the table by opcode, and some more) with three
/// operands, *partial derivatives* times an adjoint from [`PARTIAL`](op::PARTIAL) with five, and from
/// [`OTHER`](op::OTHER) those that reach beyond the frame or have any number of operands.
pub(super) mod op {
    pub const MUL_ADD: u32 = 60;
    pub const MUL_SUB: u32 = 61;
    pub const SUB_MUL: u32 = 62;
    pub const COPY: u32 = 63;
    pub const PARTIAL: u32 = 64;
    pub const OTHER: u32 = 512;
    pub const END: u32 = 512;
    pub const LOAD: u32 = 516;
    pub const SEED: u32 = 517;
    pub const DOT: u32 = 518;
    pub const PRODUCTS: u32 = 519;
    pub const OUTPUT: u32 = 520;
    pub const OUTPUT_SUM: u32 = 521;
    pub const GRADIENT: u32 = 522;
    pub const GRADIENT_MORE: u32 = 523;
    pub const MIX: u32 = 524;
    pub const MIX_BACK: u32 = 525;
}

/// A program's code for the interpreter.
#[derive(Debug)]
pub(super) struct Words {
    pub words: Vec<u32>,
    /// Where the sums begin in the frame.
    pub sums_at: u32,
    /// How many sums there are: those of the code, then those of the outputs.
    pub sums: u32,
    /// Numbers of the frame.
    pub frame: u32,
    /// For each input column whether its derivative is written.
    pub gradients: Vec<bool>,
    /// Turns of loops for a block of points.
    pub turns: usize,
}

/// Code as words; `outputs` is how many outputs the program has, `columns` how many inputs.
pub(super) fn words(code: &Code, results: Results, outputs: usize, columns: usize) -> Words {
    let scalars = code.scalars.len() as u32;
    let sums = code.sums as u32 + if results == Results::Sums { outputs as u32 } else { 0 };
    let sums_at = scalars + code.registers as u32 * UNITS;
    let begun = vec![false; columns];
    let mut encoder = Encoder { words: Vec::new(), code, scalars, sums_at, results, begun, turns: 0, sort: 0 };
    code.instrs.iter().for_each(|i| encoder.instr(i));
    encoder.push(op::END, &[]);
    Words {
        words: encoder.words,
        sums_at,
        sums,
        frame: sums_at + sums * UNITS,
        gradients: encoder.begun,
        turns: encoder.turns,
    }
}

struct Encoder<'a> {
    words: Vec<u32>,
    code: &'a Code,
    scalars: u32,
    sums_at: u32,
    results: Results,
    /// Columns whose derivatives have been written once.
    begun: Vec<bool>,
    turns: usize,
    /// The sort of the last instruction.
    sort: usize,
}

impl Encoder<'_> {
    fn push(&mut self, op: u32, operands: &[u32]) {
        self.words.push(op | (operands.len() as u32 + 1) << 16);
        let sort = usize::from(op >= op::PARTIAL) + usize::from(op >= op::OTHER);
        // A loop for each sort, in a loop over their sequence.
        self.turns += 1 + if sort < self.sort { 4 } else { 0 };
        if matches!(op, op::DOT | op::PRODUCTS) {
            self.turns += operands.len();
        }
        self.sort = sort;
        self.words.extend(operands);
    }

    /// An operation of the first two sorts: a result, then operands, of which those that are missing are any number.
    fn math(&mut self, op: u32, operands: &[u32]) {
        let mut all = [0; 6];
        all[..operands.len()].copy_from_slice(operands);
        self.push(op, if op < op::PARTIAL { &all[..4] } else { &all });
    }

    fn reg(&self, reg: Reg) -> u32 {
        (self.scalars + reg * UNITS) << 1 | 1
    }

    fn scalar(&self, scalar: u32) -> u32 {
        scalar << 1
    }

    fn arg(&self, arg: Arg) -> u32 {
        match arg {
            Arg::Reg(r) => self.reg(r),
            Arg::Scalar(s) => self.scalar(s),
        }
    }

    fn sum(&self, sum: u32) -> u32 {
        (self.sums_at + sum * UNITS) << 1 | 1
    }

    fn instr(&mut self, instr: &Instr) {
        match *instr {
            Instr::Load { dst, column } => self.push(op::LOAD, &[self.reg(dst), column]),
            Instr::Seed { dst, output } => self.push(op::SEED, &[self.reg(dst), output]),
            Instr::Fill { dst, scalar } => self.math(op::COPY, &[self.reg(dst), self.scalar(scalar)]),
            Instr::One { op, dst, a } => self.math(op as u32, &[self.reg(dst), self.reg(a)]),
            Instr::Two { op, dst, a, b } => self.math(op as u32, &[self.reg(dst), self.arg(a), self.arg(b)]),
            Instr::Three { op, dst, a, b, c } => {
                self.math(op as u32, &[self.reg(dst), self.reg(a), self.reg(b), self.reg(c)]);
            }
            Instr::PartialOne { op, dst, a, y, s } => {
                self.math(partial(op as u32, 0), &[dst, s, y, a].map(|r| self.reg(r)));
            }
            Instr::PartialTwo { op, by, dst, a, b, y, s } => {
                let operands = [self.reg(dst), self.reg(s), self.reg(y), self.arg(a), self.arg(b)];
                self.math(partial(op as u32, by), &operands);
            }
            Instr::PartialThree { op, by, dst, a, b, c, y, s } => {
                self.math(partial(op as u32, by), &[dst, s, y, a, b, c].map(|r| self.reg(r)));
            }
            Instr::MulAdd { dst, a, b, c, form } => {
                let op = match form {
                    Form::Add => op::MUL_ADD,
                    Form::Sub => op::MUL_SUB,
                    Form::From => op::SUB_MUL,
                };
                self.math(op, &[self.reg(dst), self.reg(a), self.arg(b), self.arg(c)]);
            }
            Instr::Dots { ways, list, weights } => {
                let (results, values) = self.code.lists[list.range()].split_at(usize::from(ways));
                for (k, result) in results.iter().enumerate() {
                    let mut operands = vec![self.reg(*result), self.scalar(weights + k as u32), u32::from(ways) << 1];
                    operands.extend(values.iter().map(|v| self.reg(*v)));
                    self.push(op::DOT, &operands);
                }
            }
            Instr::Products { dst, list } => {
                let pairs = self.code.lists[list.range()].iter().map(|r| self.reg(*r));
                let operands: Vec<u32> = [self.reg(dst)].into_iter().chain(pairs).collect();
                self.push(op::PRODUCTS, &operands);
            }
            Instr::Mix { dst, a, b, weights } => {
                self.push(op::MIX, &[self.reg(dst), self.reg(a), self.reg(b), self.scalar(weights)]);
            }
            Instr::MixBack { list, weights, sums } => {
                let mut operands: Vec<u32> = self.code.lists[list.range()].iter().map(|r| self.reg(*r)).collect();
                operands.extend([self.scalar(weights), self.sum(sums)]);
                self.push(op::MIX_BACK, &operands);
            }
            Instr::WeightSums { ways, list, sums } => {
                let (factors, values) = self.code.lists[list.range()].split_at(usize::from(ways));
                for (j, v) in values.iter().enumerate() {
                    for (k, d) in factors.iter().enumerate() {
                        let sum = self.sum(sums + (j * factors.len() + k) as u32);
                        self.math(op::MUL_ADD, &[sum, self.reg(*d), self.reg(*v), sum]);
                    }
                }
            }
            Instr::Sum { a, sum } => {
                let sum = self.sum(sum);
                self.math(crate::table::Opcode::add as u32, &[sum, sum, self.reg(a)]);
            }
            Instr::Output { output, a } => match self.results {
                Results::Columns => self.push(op::OUTPUT, &[output, self.arg(a)]),
                Results::Sums => {
                    let sum = self.sum(self.code.sums as u32 + output);
                    self.push(op::OUTPUT_SUM, &[sum, self.arg(a)]);
                }
            },
            Instr::InputGradient { column, a } => {
                let more = std::mem::replace(&mut self.begun[column as usize], true);
                let op = if more { op::GRADIENT_MORE } else { op::GRADIENT };
                self.push(op, &[column, self.reg(a)]);
            }
        }
    }
}

/// The operation of `s` times a partial derivative.
pub(super) fn partial(op: u32, by: u8) -> u32 {
    op::PARTIAL + 3 * op + u32::from(by)
}

// Opcodes and partial derivatives keep out of each other's way.
const _: () =
    assert!(SCALARS.len() <= op::MUL_ADD as usize && op::PARTIAL as usize + 3 * SCALARS.len() <= op::OTHER as usize);
