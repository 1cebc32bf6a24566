//! Where the numbers of a point come from and go to, in every kernel.
//!
//! The *table* is read by all kernels: first [`PIECE`] words for each piece, then a row for each job. A row's columns are
//! places in the numbers that are read or written.

// What the macro makes of a function is not written by hand.
#![allow(missing_docs, clippy::all)]

use super::math;
use cubecl::prelude::*;

/// Words of a piece: its job's row, first point, end, place of its sums.
pub(super) const PIECE: u32 = 4;
/// Words of a job's row before its columns: begin and end of its code, place and number of its scalars, rows of its
/// outputs and gradients, place of the sums in the frame and their number.
pub(super) const HEAD: u32 = 8;
/// Words of an output: place of its seeds, their stride (0: one for all points), place of its column.
pub(super) const OUTPUT: u32 = 3;

/// What a unit works at.
#[derive(CubeType)]
pub struct At {
    /// The job's row in the table.
    pub row: u32,
    /// The piece.
    pub piece: u32,
    /// The point.
    pub point: u32,
    /// The piece's last point.
    pub last: u32,
    /// The unit in its cube.
    pub lane: u32,
}

/// A column of the inputs; beyond the last point its number again.
#[cube]
pub fn input(table: &[u32], data: &[f32], at: &At, column: u32) -> f32 {
    let start = table[(at.row + HEAD + column) as usize];
    data[(start + select(at.point < at.last, at.point, at.last)) as usize]
}

/// The seed of an output; beyond the last point 0.
#[cube]
pub fn seed(table: &[u32], data: &[f32], at: &At, output: u32) -> f32 {
    let entry = (table[(at.row + 4u32) as usize] + OUTPUT * output) as usize;
    let point = select(at.point < at.last, at.point, at.last);
    let x = data[(table[entry] + table[entry + 1usize] * point) as usize];
    select(at.point <= at.last, x, 0.0f32)
}

/// Writes an output.
#[cube]
pub fn write(table: &[u32], out: &mut [f32], flags: &mut [Atomic<u32>], at: &At, output: u32, x: f32) {
    if at.point <= at.last {
        let entry = table[(at.row + 4u32) as usize] + OUTPUT * output;
        out[(table[(entry + 2u32) as usize] + at.point) as usize] = x;
        note(flags, at, x);
    }
}

/// Notes the first point of a piece where an output is not finite.
#[cube]
pub fn note(flags: &mut [Atomic<u32>], at: &At, x: f32) {
    if math::broken(x) {
        flags[at.piece as usize].fetch_min(at.point);
    }
}

/// Writes a part of the derivative by an input: the first, or more of it.
#[cube]
pub fn gradient(table: &[u32], out: &mut [f32], at: &At, column: u32, x: f32, #[comptime] more: bool) {
    if at.point <= at.last {
        let start = table[(table[(at.row + 5u32) as usize] + column) as usize];
        let place = (start + at.point) as usize;
        if more {
            out[place] += x;
        } else {
            out[place] = x;
        }
    }
}
