//! Running code on one block of points.

use super::dots::{Dots, FewSums, Products, Sum, WIDTH, WeightSums};
use super::elementwise::{self as each, Operand};
use super::lanes::Lanes;
use super::mixture::{Mix, MixBack};
use crate::program::code::{Arg, Code, Form, Instr, Reg};

/// Where a block's numbers come from and go to.
pub(super) trait Host {
    /// A block begins, of so many points from `at`; whether to go on.
    fn begin(&mut self, at: usize, points: usize) -> bool;
    /// Fills `to` with a column of the inputs; beyond the last point with any point's numbers.
    fn load(&mut self, column: usize, to: &mut [f32]);
    /// Fills `to` with the seeds of an output; beyond the last point with 0.
    fn seed(&mut self, output: usize, to: &mut [f32]);
    /// Takes an output.
    fn output(&mut self, output: usize, values: &[f32]);
    /// Takes an output that is the same at all points.
    fn uniform_output(&mut self, output: usize, value: f32);
    /// Takes a part of the derivative by an input column.
    fn input_gradient(&mut self, column: usize, values: &[f32]);
}

/// Memory for blocks, kept from block to block.
#[derive(Default)]
pub(super) struct Memory {
    registers: Vec<f32>,
    scalars: Vec<f32>,
    sums: Vec<f32>,
}

/// Registers begin at a cache line.
const LINE: usize = 16;

impl Memory {
    /// Prepares for code whose scalars come from these exports.
    pub(super) fn begin(&mut self, code: &Code, len: usize, exports: &[f32]) {
        let wanted = code.registers * len + LINE;
        if self.registers.len() < wanted {
            self.registers.resize(wanted, 0.0);
        }
        self.scalars.clear();
        self.scalars.extend(code.scalars.iter().map(|s| s.value(exports)));
        self.sums.clear();
        self.sums.resize(code.sums * WIDTH, 0.0);
    }

    /// The sums over the points of all blocks since [`begin`](Memory::begin), each in parts.
    pub(super) fn sums(&self) -> &[f32] {
        &self.sums
    }

    /// Runs code on a block of `len` points, a multiple of [`WIDTH`].
    pub(super) fn run<L: Lanes>(&mut self, lanes: L, code: &Code, len: usize, host: &mut dyn Host) {
        let skip = self.registers.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        let regs = &mut self.registers[skip..];
        let (scalars, sums) = (&self.scalars[..], &mut self.sums[..]);
        for instr in &code.instrs {
            run(lanes, instr, code, Frame { regs, len, scalars, sums }, host);
        }
    }
}

/// Up to how many sums are computed one after the other.
const FEW: usize = 4;

struct Frame<'a> {
    regs: &'a mut [f32],
    len: usize,
    scalars: &'a [f32],
    sums: &'a mut [f32],
}

/// A register that is written, and all others.
struct Others<'a> {
    below: &'a [f32],
    above: &'a [f32],
    dst: Reg,
    len: usize,
}

impl Others<'_> {
    #[inline(always)]
    fn get(&self, reg: Reg) -> &[f32] {
        let (from, reg) = if reg < self.dst { (self.below, reg) } else { (self.above, reg - self.dst - 1) };
        &from[reg as usize * self.len..][..self.len]
    }

    #[inline(always)]
    fn all<const N: usize>(&self, regs: [Reg; N]) -> [&[f32]; N] {
        std::array::from_fn(|i| self.get(regs[i]))
    }
}

impl<'a> Frame<'a> {
    #[inline(always)]
    fn write(self, dst: Reg) -> (&'a mut [f32], Others<'a>) {
        let (below, rest) = self.regs.split_at_mut(dst as usize * self.len);
        let (block, above) = rest.split_at_mut(self.len);
        (block, Others { below, above, dst, len: self.len })
    }

    #[inline(always)]
    fn read(&self, reg: Reg) -> &[f32] {
        &self.regs[reg as usize * self.len..][..self.len]
    }
}

fn run<L: Lanes>(lanes: L, instr: &Instr, code: &Code, frame: Frame<'_>, host: &mut dyn Host) {
    let scalars = frame.scalars;
    let number = |s: u32| scalars[s as usize];
    let three = |s: u32| [number(s), number(s + 1), number(s + 2)];
    match *instr {
        Instr::Load { dst, column } => host.load(column as usize, frame.write(dst).0),
        Instr::Seed { dst, output } => host.seed(output as usize, frame.write(dst).0),
        Instr::Fill { dst, scalar } => frame.write(dst).0.fill(number(scalar)),
        Instr::One { op, dst, a } => {
            let (to, from) = frame.write(dst);
            each::one(lanes, op, to, from.get(a));
        }
        Instr::Two { op, dst, a, b } => {
            let (to, from) = frame.write(dst);
            match (a, b) {
                (Arg::Reg(a), Arg::Reg(b)) => each::two(lanes, op, to, from.get(a), from.get(b)),
                (Arg::Reg(a), Arg::Scalar(b)) => each::two(lanes, op, to, from.get(a), number(b)),
                (Arg::Scalar(a), Arg::Reg(b)) => each::two(lanes, op, to, number(a), from.get(b)),
                (Arg::Scalar(_), Arg::Scalar(_)) => debug_assert!(false, "an operation of scalars only"),
            }
        }
        Instr::Three { op, dst, a, b, c } => {
            let (to, from) = frame.write(dst);
            each::three(lanes, op, to, from.all([a, b, c]));
        }
        Instr::PartialOne { op, dst, a, y, s } => {
            let (to, from) = frame.write(dst);
            each::partial_one(lanes, op, to, from.all([a, y, s]));
        }
        Instr::PartialTwo { op, by, dst, a, b, y, s } => {
            let (to, from) = frame.write(dst);
            let ys = from.all([y, s]);
            match (a, b, by) {
                (Arg::Reg(a), Arg::Reg(b), 0) => {
                    each::partial_two::<_, _, _, 0>(lanes, op, to, from.get(a), from.get(b), ys)
                }
                (Arg::Reg(a), Arg::Reg(b), _) => {
                    each::partial_two::<_, _, _, 1>(lanes, op, to, from.get(a), from.get(b), ys)
                }
                (Arg::Reg(a), Arg::Scalar(b), 0) => {
                    each::partial_two::<_, _, _, 0>(lanes, op, to, from.get(a), number(b), ys)
                }
                (Arg::Reg(a), Arg::Scalar(b), _) => {
                    each::partial_two::<_, _, _, 1>(lanes, op, to, from.get(a), number(b), ys)
                }
                (Arg::Scalar(a), Arg::Reg(b), 0) => {
                    each::partial_two::<_, _, _, 0>(lanes, op, to, number(a), from.get(b), ys)
                }
                (Arg::Scalar(a), Arg::Reg(b), _) => {
                    each::partial_two::<_, _, _, 1>(lanes, op, to, number(a), from.get(b), ys)
                }
                (Arg::Scalar(_), Arg::Scalar(_), _) => debug_assert!(false, "an operation of scalars only"),
            }
        }
        Instr::PartialThree { op, by, dst, a, b, c, y, s } => {
            let (to, from) = frame.write(dst);
            let all = from.all([a, b, c, y, s]);
            match by {
                0 => each::partial_three::<_, 0>(lanes, op, to, all),
                1 => each::partial_three::<_, 1>(lanes, op, to, all),
                _ => each::partial_three::<_, 2>(lanes, op, to, all),
            }
        }
        Instr::MulAdd { dst, a, b, c, form } => {
            let (to, from) = frame.write(dst);
            let a = from.get(a);
            match (b, c) {
                (Arg::Reg(b), Arg::Reg(c)) => mul_add(lanes, form, to, a, from.get(b), from.get(c)),
                (Arg::Reg(b), Arg::Scalar(c)) => mul_add(lanes, form, to, a, from.get(b), number(c)),
                (Arg::Scalar(b), Arg::Reg(c)) => mul_add(lanes, form, to, a, number(b), from.get(c)),
                (Arg::Scalar(b), Arg::Scalar(c)) => mul_add(lanes, form, to, a, number(b), number(c)),
            }
        }
        Instr::Dots { ways, list, weights } => {
            let (results, values) = code.lists[list.range()].split_at(usize::from(ways));
            let weights = &scalars[weights as usize..][..values.len() * usize::from(ways)];
            let (regs, len) = (frame.regs, frame.len);
            match ways {
                1 => lanes.call(Dots::<1> { regs, len, results, values, weights }),
                2 => lanes.call(Dots::<2> { regs, len, results, values, weights }),
                _ => lanes.call(Dots::<4> { regs, len, results, values, weights }),
            }
        }
        Instr::Mix { dst, a, b, weights } => {
            let (dst, from) = frame.write(dst);
            let [a, b] = from.all([a, b]);
            lanes.call(Mix { dst, a, b, weights: three(weights) });
        }
        Instr::MixBack { list, weights, sums } => {
            let sums = &mut frame.sums[sums as usize * WIDTH..][..3 * WIDTH];
            let (regs, len) = (frame.regs, frame.len);
            let list = std::array::from_fn(|i| code.lists[list.range()][i]);
            lanes.call(MixBack { regs, len, list, weights: three(weights), sums });
        }
        Instr::Products { dst, list } => {
            let pairs = &code.lists[list.range()];
            lanes.call(Products { regs: frame.regs, len: frame.len, result: dst, pairs });
        }
        Instr::WeightSums { ways, list, sums } => {
            let (factors, values) = code.lists[list.range()].split_at(usize::from(ways));
            let sums = &mut frame.sums[sums as usize * WIDTH..][..values.len() * usize::from(ways) * WIDTH];
            let (regs, len) = (&*frame.regs, frame.len);
            match ways {
                1 if values.len() <= FEW => {
                    lanes.call(FewSums { regs, len, factor: factors[0], values, sums });
                }
                1 => lanes.call(WeightSums::<1> { regs, len, factors, values, sums }),
                2 => lanes.call(WeightSums::<2> { regs, len, factors, values, sums }),
                3 => lanes.call(WeightSums::<3> { regs, len, factors, values, sums }),
                _ => lanes.call(WeightSums::<4> { regs, len, factors, values, sums }),
            }
        }
        Instr::Sum { a, sum } => {
            let a = &frame.regs[a as usize * frame.len..][..frame.len];
            let sum = &mut frame.sums[sum as usize * WIDTH..][..WIDTH];
            lanes.call(Sum { a, sum });
        }
        Instr::Output { output, a: Arg::Reg(a) } => host.output(output as usize, frame.read(a)),
        Instr::Output { output, a: Arg::Scalar(a) } => host.uniform_output(output as usize, number(a)),
        Instr::InputGradient { column, a } => host.input_gradient(column as usize, frame.read(a)),
    }
}

fn mul_add<L: Lanes, B: Operand, C: Operand>(lanes: L, form: Form, to: &mut [f32], a: &[f32], b: B, c: C) {
    match form {
        Form::Add => each::mul_add(lanes, to, a, b, c),
        Form::Sub => each::mul_sub(lanes, to, a, b, c),
        Form::From => each::sub_mul(lanes, to, a, b, c),
    }
}
