//! The interpreter: each cube takes pieces of points of any programs and runs their words, a unit a point.
//!
//! The switches have an arm for each operation and for each partial derivative, made from the table: the bodies over
//! [`Number`] emit the arm's code. Operands are fetched before a switch and results put after it, so that arms are but
//! arithmetic, and each sort of operation has a loop of its own: software that stands in for a GPU runs through all arms
//! of a switch, but leaves loops.

// What the macro makes of a function is not written by hand.
#![allow(missing_docs, clippy::all)]

use super::number::{Number, Value};
use super::points::{At, PIECE, gradient, input, note, seed, write};
use super::words::{UNITS, op, partial};
use crate::dispatch;
use crate::program::mixture;
use crate::table::SCALARS;
use cubecl::prelude::*;

#[cube(launch_unchecked)]
pub fn interpret(
    code: &[u32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    flags: &mut [Atomic<u32>],
    scratch: &mut [f32],
    pieces: u32,
    frame_len: u32,
    #[comptime] shared: usize,
) {
    let mut piece = CUBE_POS as u32;
    if shared > 0usize {
        let mut frame = Shared::<[f32]>::new_slice(shared);
        while piece < pieces {
            run(code, table, data, out, flags, frame.inner_mut(), piece, shared);
            piece += CUBE_COUNT as u32;
        }
    } else {
        let from = CUBE_POS * frame_len as usize;
        let frame = &mut scratch[from..from + frame_len as usize];
        while piece < pieces {
            run(code, table, data, out, flags, frame, piece, shared);
            piece += CUBE_COUNT as u32;
        }
    }
}

#[cube]
fn barrier(#[comptime] shared: usize) {
    if shared > 0usize {
        sync_cube();
    } else {
        sync_storage();
    }
}

#[cube]
fn run(
    code: &[u32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    flags: &mut [Atomic<u32>],
    frame: &mut [f32],
    piece: u32,
    #[comptime] shared: usize,
) {
    let lane = UNIT_POS;
    let entry = (piece * PIECE) as usize;
    let row = table[entry];
    let end = table[entry + 2usize];
    let job = row as usize;
    let first = table[job];
    let after = table[job + 1usize];
    let scalars = table[job + 2usize];
    let scalar_count = table[job + 3usize];
    let sums_at = table[job + 6usize];
    let sums = table[job + 7usize];
    let mut i = lane;
    while i < scalar_count {
        frame[i as usize] = data[(scalars + i) as usize];
        i += UNITS;
    }
    let mut s = 0u32;
    while s < sums {
        frame[(sums_at + s * UNITS + lane) as usize] = 0.0f32;
        s += 1u32;
    }
    barrier(shared);
    let mut block = table[entry + 1usize];
    while block < end {
        let at = At { row, piece, point: block + lane, last: end - 1u32, lane };
        let mut pc = first;
        while pc < after {
            let mut head = code[pc as usize];
            while (head & 0xffffu32) < op::PARTIAL {
                let a = get(code, &*frame, lane, pc + 2u32);
                let b = get(code, &*frame, lane, pc + 3u32);
                let c = get(code, &*frame, lane, pc + 4u32);
                let x = value(head & 0xffffu32, a, b, c);
                set(code, frame, lane, pc + 1u32, x);
                pc += 5u32;
                head = code[pc as usize];
            }
            while (head & 0xffffu32) >= op::PARTIAL && (head & 0xffffu32) < op::OTHER {
                let s = get(code, &*frame, lane, pc + 2u32);
                let y = get(code, &*frame, lane, pc + 3u32);
                let a = get(code, &*frame, lane, pc + 4u32);
                let b = get(code, &*frame, lane, pc + 5u32);
                let c = get(code, &*frame, lane, pc + 6u32);
                let x = slope(head & 0xffffu32, s, y, a, b, c);
                set(code, frame, lane, pc + 1u32, x);
                pc += 7u32;
                head = code[pc as usize];
            }
            while (head & 0xffffu32) >= op::OTHER && pc < after {
                other(code, table, data, out, flags, frame, &at, pc, head & 0xffffu32);
                pc += head >> 16u32;
                head = code[pc as usize];
            }
        }
        block += UNITS;
    }
    barrier(shared);
    let partial = table[entry + 3usize];
    let mut sum = lane;
    while sum < sums {
        let from = sums_at + sum * UNITS;
        let mut total = 0.0f32;
        for l in 0..UNITS {
            // Each unit begins elsewhere, so that they do not wait for the same bank of memory.
            total += frame[(from + ((l + lane) & (UNITS - 1u32))) as usize];
        }
        out[(partial + sum) as usize] = total;
        sum += UNITS;
    }
    barrier(shared);
}

/// The number of an operand.
#[cube]
fn get(code: &[u32], frame: &[f32], lane: u32, word: u32) -> f32 {
    let operand = code[word as usize];
    frame[((operand >> 1u32) + (operand & 1u32) * lane) as usize]
}

#[cube]
fn set(code: &[u32], frame: &mut [f32], lane: u32, word: u32, x: f32) {
    frame[((code[word as usize] >> 1u32) + lane) as usize] = x;
}

/// An operation of the first sort.
#[cube]
#[allow(unused_variables)]
fn value(operation: u32, a: f32, b: f32, c: f32) -> f32 {
    intrinsic!(|scope| {
        let args = [a, b, c];
        let mut switch = switch_expand_expr(scope, operation, |_| a);
        for entry in SCALARS {
            switch = switch
                .case(scope, entry.code as u32, |scope| dispatch::value(entry.code, numbers(scope, args)).value());
        }
        let forms: [(u32, fn([Number<'_>; 3]) -> Value); 3] = [
            (op::MUL_ADD, |[a, b, c]| (a * b + c).value()),
            (op::MUL_SUB, |[a, b, c]| (a * b - c).value()),
            (op::SUB_MUL, |[a, b, c]| (c - a * b).value()),
        ];
        for (code, form) in forms {
            switch = switch.case(scope, code, |scope| form(numbers(scope, args)));
        }
        switch.finish(scope)
    })
}

fn numbers<const N: usize>(scope: &Scope, values: [Value; N]) -> [Number<'_>; N] {
    values.map(|x| Number::At(x, scope))
}

/// A partial derivative times `s`.
#[cube]
#[allow(unused_variables)]
fn slope(operation: u32, s: f32, y: f32, a: f32, b: f32, c: f32) -> f32 {
    intrinsic!(|scope| {
        let mut switch = switch_expand_expr(scope, operation, |_| s);
        for entry in SCALARS {
            for by in 0..entry.arity() {
                switch = switch.case(scope, partial(entry.code as u32, by as u8), |scope| {
                    let [s, y, a, b, c] = numbers(scope, [s, y, a, b, c]);
                    s.chain(dispatch::slopes(entry.code, [a, b, c], y)[by]).value()
                });
            }
        }
        switch.finish(scope)
    })
}

/// Any other instruction.
#[cube]
#[allow(unused_variables)]
fn other(
    code: &[u32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    flags: &mut [Atomic<u32>],
    frame: &mut [f32],
    at: &At,
    pc: u32,
    operation: u32,
) {
    intrinsic!(|scope| {
        let lane = at.lane;
        let mut switch = switch_expand(scope, operation, |_| {});
        switch = switch.case(scope, op::MIX, |scope| {
            let [a, b, _] = operands(scope, code, frame, lane, pc, 2, 2);
            let [u, v, w] = side_by_side(scope, code, frame, pc, 4);
            let [most, least, rest] = mixture::terms(a, b);
            let value = (rest * w + (least * v + most * u)).value();
            set::expand(scope, code, frame, lane, word(scope, pc, 1), value);
        });
        switch = switch.case(scope, op::MIX_BACK, |scope| {
            let [s, a, b] = operands(scope, code, frame, lane, pc, 3, 3);
            let weights = side_by_side(scope, code, frame, pc, 6);
            let slopes = mixture::slopes(a, b, s, weights);
            for (k, term) in mixture::terms(a, b).into_iter().enumerate() {
                more::expand(scope, code, frame, lane, word(scope, pc, 7), (k as u32).into(), (s * term).value());
            }
            for (i, slope) in slopes.into_iter().enumerate() {
                set::expand(scope, code, frame, lane, word(scope, pc, 1 + i as u32), slope.value());
            }
        });
        switch = switch.case(scope, op::LOAD, |scope| load_input::expand(scope, code, table, data, frame, at, pc));
        switch = switch.case(scope, op::SEED, |scope| load_seed::expand(scope, code, table, data, frame, at, pc));
        switch = switch.case(scope, op::DOT, |scope| dot::expand(scope, code, frame, lane, pc));
        switch = switch.case(scope, op::PRODUCTS, |scope| products::expand(scope, code, frame, lane, pc));
        switch = switch.case(scope, op::OUTPUT, |scope| output::expand(scope, code, table, out, flags, frame, at, pc));
        switch = switch.case(scope, op::OUTPUT_SUM, |scope| output_sum::expand(scope, code, flags, frame, at, pc));
        switch = switch
            .case(scope, op::GRADIENT, |scope| output_gradient::expand(scope, code, table, out, frame, at, pc, false));
        switch = switch.case(scope, op::GRADIENT_MORE, |scope| {
            output_gradient::expand(scope, code, table, out, frame, at, pc, true)
        });
        switch.finish(scope);
    })
}

/// `pc + offset`
fn word(scope: &Scope, pc: NativeExpand<u32>, offset: u32) -> NativeExpand<u32> {
    plus::expand(scope, pc, offset.into())
}

#[cube]
fn plus(a: u32, b: u32) -> u32 {
    a + b
}

/// The numbers of some operands from a word on.
fn operands<'s>(
    scope: &'s Scope,
    code: &SliceExpand<u32>,
    frame: &SliceExpand<f32>,
    lane: NativeExpand<u32>,
    pc: NativeExpand<u32>,
    from: u32,
    count: usize,
) -> [Number<'s>; 3] {
    std::array::from_fn(|i| {
        if i < count {
            let place = word(scope, pc, from + i as u32);
            Number::At(get::expand(scope, code, frame, lane, place), scope)
        } else {
            Number::Lit(0.0)
        }
    })
}

/// Three scalars, of which an operand names the first.
fn side_by_side<'s>(
    scope: &'s Scope,
    code: &SliceExpand<u32>,
    frame: &SliceExpand<f32>,
    pc: NativeExpand<u32>,
    at: u32,
) -> [Number<'s>; 3] {
    let place = word(scope, pc, at);
    std::array::from_fn(|k| Number::At(scalar::expand(scope, code, frame, place, (k as u32).into()), scope))
}

/// A scalar some places behind the one that an operand names.
#[cube]
fn scalar(code: &[u32], frame: &[f32], word: u32, offset: u32) -> f32 {
    frame[((code[word as usize] >> 1u32) + offset) as usize]
}

/// Adds to a sum some rows behind the one that an operand names.
#[cube]
fn more(code: &[u32], frame: &mut [f32], lane: u32, word: u32, offset: u32, x: f32) {
    frame[((code[word as usize] >> 1u32) + offset * UNITS + lane) as usize] += x;
}

#[cube]
fn load_input(code: &[u32], table: &[u32], data: &[f32], frame: &mut [f32], at: &At, pc: u32) {
    let x = input(table, data, at, code[(pc + 2u32) as usize]);
    set(code, frame, at.lane, pc + 1u32, x);
}

#[cube]
fn load_seed(code: &[u32], table: &[u32], data: &[f32], frame: &mut [f32], at: &At, pc: u32) {
    let x = seed(table, data, at, code[(pc + 2u32) as usize]);
    set(code, frame, at.lane, pc + 1u32, x);
}

#[cube]
fn dot(code: &[u32], frame: &mut [f32], lane: u32, pc: u32) {
    let after = pc + (code[pc as usize] >> 16u32);
    let mut weight = code[(pc + 2u32) as usize] >> 1u32;
    let ways = code[(pc + 3u32) as usize] >> 1u32;
    let mut sum = 0.0f32;
    let mut i = pc + 4u32;
    while i < after {
        sum += frame[weight as usize] * get(code, &*frame, lane, i);
        weight += ways;
        i += 1u32;
    }
    set(code, frame, lane, pc + 1u32, sum);
}

#[cube]
fn products(code: &[u32], frame: &mut [f32], lane: u32, pc: u32) {
    let after = pc + (code[pc as usize] >> 16u32);
    let mut sum = 0.0f32;
    let mut i = pc + 2u32;
    while i < after {
        sum += get(code, &*frame, lane, i) * get(code, &*frame, lane, i + 1u32);
        i += 2u32;
    }
    set(code, frame, lane, pc + 1u32, sum);
}

#[cube]
fn output(code: &[u32], table: &[u32], out: &mut [f32], flags: &mut [Atomic<u32>], frame: &[f32], at: &At, pc: u32) {
    let x = get(code, frame, at.lane, pc + 2u32);
    write(table, out, flags, at, code[(pc + 1u32) as usize], x);
}

#[cube]
fn output_sum(code: &[u32], flags: &mut [Atomic<u32>], frame: &mut [f32], at: &At, pc: u32) {
    if at.point <= at.last {
        let x = get(code, &*frame, at.lane, pc + 2u32);
        let before = get(code, &*frame, at.lane, pc + 1u32);
        set(code, frame, at.lane, pc + 1u32, before + x);
        note(flags, at, x);
    }
}

#[cube]
fn output_gradient(
    code: &[u32],
    table: &[u32],
    out: &mut [f32],
    frame: &[f32],
    at: &At,
    pc: u32,
    #[comptime] more: bool,
) {
    let x = get(code, frame, at.lane, pc + 2u32);
    gradient(table, out, at, code[(pc + 1u32) as usize], x, more);
}
