//! A kernel for one program: its code is walked when the kernel is made, and each instruction emits its own.

// What the macro makes of a function is not written by hand.
#![allow(missing_docs, clippy::all)]

use super::number::{Number, Value};
use super::plan::{Plan, ROW, Together, is_loop};
use super::points::{At, AtExpand, PIECE, gradient, input, note, seed, write};
use super::words::{Results, UNITS};
use crate::dispatch;
use crate::program::code::{Arg, Form, Instr, Reg, Scalar};
use crate::program::mixture;
use cubecl::prelude::*;
use std::collections::HashMap;

#[cube(launch_unchecked)]
pub fn specialised(
    code: &[u32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    flags: &mut [Atomic<u32>],
    pieces: u32,
    #[comptime] plan: Plan,
) {
    let mut rows = Shared::<[f32]>::new_slice(comptime!(plan.row_numbers()));
    let mut scalars = Shared::<[f32]>::new_slice(comptime!(plan.scalar_numbers()));
    let mut piece = CUBE_POS as u32;
    while piece < pieces {
        let lane = UNIT_POS;
        let entry = (piece * PIECE) as usize;
        let row = table[entry];
        let end = table[entry + 2usize];
        let from = table[(row + 2u32) as usize];
        let count = table[(row + 3u32) as usize];
        if comptime!(plan.scalars_shared) {
            let mut i = lane;
            while i < count {
                scalars[i as usize] = data[(from + i) as usize];
                i += UNITS;
            }
            sync_cube();
        }
        let mut sums = sums(comptime!(plan.clone()));
        let mut block = table[entry + 1usize];
        while block < end {
            let at = At { row, piece, point: block + lane, last: end - 1u32, lane };
            if comptime!(plan.scalars_shared) {
                points(
                    code,
                    table,
                    data,
                    out,
                    flags,
                    rows.inner_mut(),
                    scalars.inner_ref(),
                    &mut sums,
                    &at,
                    comptime!(plan.clone()),
                );
            } else {
                points(
                    code,
                    table,
                    data,
                    out,
                    flags,
                    rows.inner_mut(),
                    &data[from as usize..(from + count) as usize],
                    &mut sums,
                    &at,
                    comptime!(plan.clone()),
                );
            }
            block += UNITS;
        }
        let partial = table[entry + 3usize];
        add_up(code, out, rows.inner_mut(), &mut sums, partial, lane, comptime!(plan.clone()));
        piece += CUBE_COUNT as u32;
    }
}

/// Sums that a unit keeps: its own, then its part of those that the cube computes together.
#[cube]
fn sums(#[comptime] plan: Plan) -> Sequence<f32> {
    intrinsic!(|scope| {
        let together: u32 = plan.together.iter().map(|t| t.ways * t.values.div_ceil(UNITS)).sum();
        let mut all = Sequence::<f32>::__expand_new(scope);
        for _ in 0..plan.own.len() + together as usize {
            let zero: Value = 0.0f32.into();
            all.__expand_push_method(scope, into_mut_assign(zero, scope));
        }
        all
    })
}

/// A block of points.
#[cube]
#[allow(unused_variables)]
fn points(
    code: &[u32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    flags: &mut [Atomic<u32>],
    rows: &mut [f32],
    scalars: &[f32],
    sums: &mut Sequence<f32>,
    at: &At,
    #[comptime] plan: Plan,
) {
    intrinsic!(|scope| {
        let registers = vec![None; plan.code.0.registers];
        let own = plan.own.iter().enumerate().map(|(i, sum)| (*sum, i)).collect();
        let mut emit = Emit { scope, plan: &plan, registers, own, made: 0, begun: HashMap::new() };
        let io = Io { code, table, data, scalars, at };
        for instr in &plan.code.0.instrs {
            emit.instr(instr, &io, out, flags, rows, sums);
        }
        emit.together(&io, rows, sums);
    })
}

/// What is only read.
struct Io<'a> {
    code: &'a SliceExpand<u32>,
    table: &'a SliceExpand<u32>,
    data: &'a SliceExpand<f32>,
    scalars: &'a SliceExpand<f32>,
    at: &'a AtExpand,
}

struct Emit<'s, 'p> {
    scope: &'s Scope,
    plan: &'p Plan,
    registers: Vec<Option<(Number<'s>, usize)>>,
    /// The place of a sum among the unit's own.
    own: HashMap<u32, usize>,
    /// How many results were made.
    made: usize,
    /// Columns whose derivatives have been written once.
    begun: HashMap<u32, ()>,
}

impl<'s> Emit<'s, '_> {
    fn reg(&self, reg: Reg) -> Number<'s> {
        self.registers[reg as usize].map_or(Number::Lit(0.0), |(number, _)| number)
    }

    fn scalar(&self, io: &Io<'_>, scalar: u32) -> Number<'s> {
        match self.plan.code.0.scalars[scalar as usize] {
            Scalar::Const(bits) => Number::Lit(f32::from_bits(bits)),
            _ => Number::At(scalar_at::expand(self.scope, io.scalars, scalar.into()), self.scope),
        }
    }

    fn arg(&self, io: &Io<'_>, arg: Arg) -> Number<'s> {
        match arg {
            Arg::Reg(r) => self.reg(r),
            Arg::Scalar(s) => self.scalar(io, s),
        }
    }

    fn set(&mut self, io: &Io<'_>, rows: &mut SliceExpand<f32>, reg: Reg, value: Number<'s>) {
        if let Some(row) = self.plan.rows[self.made] {
            put_row::expand(self.scope, rows, row * ROW, io.at.lane, value.value());
        }
        self.registers[reg as usize] = Some((value, self.made));
        self.made += 1;
    }

    /// The row of what a register holds.
    fn row(&self, reg: Reg) -> u32 {
        self.registers[reg as usize].and_then(|(_, made)| self.plan.rows[made]).unwrap_or(0)
    }

    fn add(&self, sums: &mut SequenceExpand<f32>, place: usize, x: Value) {
        accumulate::expand(self.scope, sums.__expand_index_mut_method(self.scope, place.into()), x);
    }

    #[allow(clippy::too_many_arguments)]
    fn instr(
        &mut self,
        instr: &Instr,
        io: &Io<'_>,
        out: &mut SliceExpand<f32>,
        flags: &mut SliceExpand<Atomic<u32>>,
        rows: &mut SliceExpand<f32>,
        sums: &mut SequenceExpand<f32>,
    ) {
        let scope = self.scope;
        let zero = Number::Lit(0.0);
        let lists = &self.plan.code.0.lists;
        match *instr {
            Instr::Load { dst, column } => {
                let x = input::expand(scope, io.table, io.data, io.at, column.into());
                self.set(io, rows, dst, Number::At(x, scope));
            }
            Instr::Seed { dst, output } => {
                let x = seed::expand(scope, io.table, io.data, io.at, output.into());
                self.set(io, rows, dst, Number::At(x, scope));
            }
            Instr::Fill { dst, scalar } => {
                let x = self.scalar(io, scalar);
                self.set(io, rows, dst, x);
            }
            Instr::One { op, dst, a } => {
                let x = dispatch::value(op, [self.reg(a), zero, zero]);
                self.set(io, rows, dst, x);
            }
            Instr::Two { op, dst, a, b } => {
                let x = dispatch::value(op, [self.arg(io, a), self.arg(io, b), zero]);
                self.set(io, rows, dst, x);
            }
            Instr::Three { op, dst, a, b, c } => {
                let x = dispatch::value(op, [a, b, c].map(|r| self.reg(r)));
                self.set(io, rows, dst, x);
            }
            Instr::PartialOne { op, dst, a, y, s } => {
                let slope = dispatch::slopes(op, [self.reg(a), zero, zero], self.reg(y))[0];
                let x = self.reg(s).chain(slope);
                self.set(io, rows, dst, x);
            }
            Instr::PartialTwo { op, by, dst, a, b, y, s } => {
                let args = [self.arg(io, a), self.arg(io, b), zero];
                let x = self.reg(s).chain(dispatch::slopes(op, args, self.reg(y))[usize::from(by)]);
                self.set(io, rows, dst, x);
            }
            Instr::PartialThree { op, by, dst, a, b, c, y, s } => {
                let args = [a, b, c].map(|r| self.reg(r));
                let x = self.reg(s).chain(dispatch::slopes(op, args, self.reg(y))[usize::from(by)]);
                self.set(io, rows, dst, x);
            }
            Instr::MulAdd { dst, a, b, c, form } => {
                let (a, b, c) = (self.reg(a), self.arg(io, b), self.arg(io, c));
                let x = match form {
                    Form::Add => a * b + c,
                    Form::Sub => a * b - c,
                    Form::From => c - a * b,
                };
                self.set(io, rows, dst, x);
            }
            Instr::Dots { ways, list, weights } => {
                let (results, values) = lists[list.range()].split_at(usize::from(ways));
                let sums = if is_loop(values.len()) {
                    self.looped(io, rows, values, weights, u32::from(ways))
                } else {
                    let term = |j: usize, k: usize| {
                        self.scalar(io, weights + (j * results.len() + k) as u32) * self.reg(values[j])
                    };
                    let sum = |k: usize| (0..values.len()).map(|j| term(j, k)).reduce(|a, b| a + b).unwrap_or(zero);
                    (0..results.len()).map(sum).collect()
                };
                for (result, sum) in results.iter().zip(sums) {
                    self.set(io, rows, *result, sum);
                }
            }
            Instr::Products { dst, list } => {
                let pairs = lists[list.range()].chunks(2);
                let x = pairs.map(|p| self.reg(p[0]) * self.reg(p[1])).reduce(|a, b| a + b).unwrap_or(zero);
                self.set(io, rows, dst, x);
            }
            Instr::Mix { dst, a, b, weights } => {
                let [most, least, rest] = mixture::terms(self.reg(a), self.reg(b));
                let [u, v, w] = [0, 1, 2].map(|k| self.scalar(io, weights + k));
                self.set(io, rows, dst, rest * w + (least * v + most * u));
            }
            Instr::MixBack { list, weights, sums: first } => {
                let registers = &lists[list.range()];
                let [s, a, b] = [2, 3, 4].map(|i| self.reg(registers[i]));
                for (k, term) in mixture::terms(a, b).into_iter().enumerate() {
                    self.add(sums, self.own[&(first + k as u32)], (s * term).value());
                }
                let slopes = mixture::slopes(a, b, s, [0, 1, 2].map(|k| self.scalar(io, weights + k)));
                for (reg, slope) in registers.iter().zip(slopes) {
                    self.set(io, rows, *reg, slope);
                }
            }
            Instr::WeightSums { ways, list, sums: first } => {
                let (factors, values) = lists[list.range()].split_at(usize::from(ways));
                if !self.own.contains_key(&first) {
                    return;
                }
                for (j, v) in values.iter().enumerate() {
                    for (k, d) in factors.iter().enumerate() {
                        let place = self.own[&(first + (j * factors.len() + k) as u32)];
                        self.add(sums, place, (self.reg(*d) * self.reg(*v)).value());
                    }
                }
            }
            Instr::Sum { a, sum } => self.add(sums, self.own[&sum], self.reg(a).value()),
            Instr::Output { output, a } => {
                let x = self.arg(io, a).value();
                match self.plan.results {
                    Results::Columns => write::expand(scope, io.table, out, flags, io.at, output.into(), x),
                    Results::Sums => {
                        let inside = sum_up::expand(scope, flags, io.at, x);
                        self.add(sums, self.own[&(self.plan.code.0.sums as u32 + output)], inside);
                    }
                }
            }
            Instr::InputGradient { column, a } => {
                let more = self.begun.insert(column, ()).is_some();
                gradient::expand(scope, io.table, out, io.at, column.into(), self.reg(a).value(), more);
            }
        }
    }

    /// Dots as a loop over their terms.
    fn looped(&self, io: &Io<'_>, rows: &SliceExpand<f32>, values: &[Reg], weights: u32, ways: u32) -> Vec<Number<'s>> {
        let scope = self.scope;
        let places: Vec<u32> = values.iter().map(|v| self.row(*v)).collect();
        let mut all: Vec<Value> = (0..ways).map(|_| into_mut_assign::<Value>(0.0f32.into(), scope)).collect();
        let mut from = 0;
        while from < places.len() {
            let run = run_of(&places[from..]);
            let first = places[from];
            let step = if run > 1 { places[from + 1].wrapping_sub(first) } else { 1 };
            let range = RangeExpand::new(0u32.into(), (run as u32).into());
            for_expand(scope, range, run < 4, |scope, i| {
                let row = walk::expand(scope, (first * ROW).into(), i, step.wrapping_mul(ROW).into());
                let v = row_get::expand(scope, rows, row, io.at.lane);
                for (k, sum) in all.iter_mut().enumerate() {
                    let start = weights + from as u32 * ways + k as u32;
                    let place = walk::expand(scope, start.into(), i, ways.into());
                    let w = scalar_at::expand(scope, io.scalars, place);
                    multiply::expand(scope, sum, v, w);
                }
            });
            from += run;
        }
        all.into_iter().map(|sum| Number::At(read::expand(scope, sum), scope)).collect()
    }

    /// Sums that the cube computes together: each unit those of some of the values, over all points of the block.
    fn together(&self, io: &Io<'_>, rows: &SliceExpand<f32>, sums: &mut SequenceExpand<f32>) {
        let scope = self.scope;
        if self.plan.together.is_empty() {
            return;
        }
        let mut next = self.plan.own.len();
        sync_cube::expand(scope);
        for Together { ways, values, list, .. } in &self.plan.together {
            for turn in 0..values.div_ceil(UNITS) {
                let value = walk::expand(scope, (turn * UNITS).into(), io.at.lane, 1u32.into());
                let mine = below::expand(scope, value, (*values).into());
                if_expand(scope, mine, |scope| {
                    let entry = walk::expand(scope, (list + ways).into(), value, 1u32.into());
                    let row = word_at::expand(scope, io.code, entry);
                    let first = walk::expand(scope, 0u32.into(), row, ROW.into());
                    let mut totals: Vec<Value> =
                        (0..*ways).map(|_| into_mut_assign::<Value>(0.0f32.into(), scope)).collect();
                    for_expand(scope, RangeExpand::new(0u32.into(), UNITS.into()), false, |scope, lane| {
                        let v = row_get::expand(scope, rows, first, lane);
                        for (k, total) in totals.iter_mut().enumerate() {
                            let factor: u32 = self.plan.lists[*list as usize + k] * ROW;
                            let d = row_get::expand(scope, rows, factor.into(), lane);
                            multiply::expand(scope, total, v, d);
                        }
                    });
                    for (k, total) in totals.iter().enumerate() {
                        let sum = sums.__expand_index_mut_method(scope, (next + k).into());
                        accumulate::expand(scope, sum, read::expand(scope, *total));
                    }
                });
                next += *ways as usize;
            }
        }
        sync_cube::expand(scope);
    }
}

/// How many of the first places have one distance.
fn run_of(places: &[u32]) -> usize {
    let step = match places {
        [a, b, ..] => b.wrapping_sub(*a),
        _ => return places.len(),
    };
    1 + places.windows(2).take_while(|p| p[1].wrapping_sub(p[0]) == step).count()
}

#[cube]
fn walk(first: u32, i: u32, step: u32) -> u32 {
    first + i * step
}

#[cube]
fn below(a: u32, b: u32) -> bool {
    a < b
}

#[cube]
fn word_at(code: &[u32], i: u32) -> u32 {
    code[i as usize]
}

#[cube]
fn scalar_at(scalars: &[f32], i: u32) -> f32 {
    scalars[i as usize]
}

/// A number of the row that begins at a place.
#[cube]
fn row_get(rows: &[f32], first: u32, lane: u32) -> f32 {
    rows[(first + lane) as usize]
}

#[cube]
fn put_row(rows: &mut [f32], #[comptime] first: u32, lane: u32, x: f32) {
    rows[(first + lane) as usize] = x;
}

#[cube]
fn accumulate(sum: &mut f32, x: f32) {
    *sum += x;
}

#[cube]
fn multiply(sum: &mut f32, a: f32, b: f32) {
    *sum += a * b;
}

/// The value of a variable now.
#[cube]
fn read(x: f32) -> f32 {
    x + 0.0f32
}

/// An output as a summand: 0 beyond the last point.
#[cube]
fn sum_up(flags: &mut [Atomic<u32>], at: &At, x: f32) -> f32 {
    if at.point <= at.last {
        note(flags, at, x);
    }
    select(at.point <= at.last, x, 0.0f32)
}

/// Writes the sums of a piece.
#[cube]
#[allow(unused_variables)]
fn add_up(
    code: &[u32],
    out: &mut [f32],
    rows: &mut [f32],
    sums: &mut Sequence<f32>,
    partial: u32,
    lane: u32,
    #[comptime] plan: Plan,
) {
    intrinsic!(|scope| {
        let mut next = plan.own.len();
        for t in &plan.together {
            for turn in 0..t.values.div_ceil(UNITS) {
                let value = walk::expand(scope, (turn * UNITS).into(), lane, 1u32.into());
                let first = walk::expand(scope, partial, 1u32.into(), t.sums.into());
                let mine = below::expand(scope, value, t.values.into());
                if_expand(scope, mine, |scope| {
                    for k in 0..t.ways {
                        let place = walk::expand(scope, first, value, t.ways.into());
                        let place = walk::expand(scope, place, 1u32.into(), k.into());
                        let sum = *sums.__expand_index_mut_method(scope, (next + k as usize).into());
                        put::expand(scope, out, place, read::expand(scope, sum));
                    }
                });
                next += t.ways as usize;
            }
        }
        for (turn, chunk) in plan.own.chunks(plan.adding().max(1)).enumerate() {
            sync_cube::expand(scope);
            let first = turn * plan.adding();
            for row in 0..chunk.len() {
                let sum = *sums.__expand_index_mut_method(scope, (first + row).into());
                put_row::expand(scope, rows, row as u32 * ROW, lane, read::expand(scope, sum));
            }
            sync_cube::expand(scope);
            let list: u32 = plan.own_list + first as u32;
            total::expand(scope, code, out, rows, list.into(), (chunk.len() as u32).into(), partial, lane);
        }
        sync_cube::expand(scope);
    })
}

#[cube]
fn put(out: &mut [f32], place: u32, x: f32) {
    out[place as usize] = x;
}

/// The sums of some rows, each by a unit; the list says which sums they are.
#[cube]
fn total(code: &[u32], out: &mut [f32], rows: &[f32], list: u32, count: u32, partial: u32, lane: u32) {
    if lane < count {
        let mut sum = 0.0f32;
        for l in 0..UNITS {
            sum += rows[(lane * ROW + l) as usize];
        }
        out[(partial + code[(list + lane) as usize]) as usize] = sum;
    }
}
