//! A shape primitive: a formula with parameters.

use super::affine::Bounds;
use super::interval::Interval;
use super::{Operation, Shape};
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::sym::Sym;
use std::sync::Arc;

/// What a number given to an operation means: how it is checked and printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Param {
    /// A coordinate, displacement or coefficient: any number.
    Coord,
    /// A length: not negative.
    Extent,
    /// An angle in radians, printed in degrees where that is exact.
    Angle,
    /// A factor: greater than 0.
    Factor,
    /// A whole number from 0 on.
    Count,
    /// The coordinates of three or more points, in turn; always alone.
    Points,
}

/// A straight line of samples in a primitive's own coordinates: sample `x` lies at `at + x * dir`.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Where `x` is 0.
    pub at: [f64; 3],
    /// The step of one unit of `x`.
    pub dir: [f64; 3],
}

/// A field along lines: parameters, lines, samples, and one result for each sample of each line in turn.
pub type RowsFn = fn(&[f64], &[Line], &[f64], &mut [f64]);

/// A field's range on boxes of points: parameters, boxes, one result for each.
pub type RangeFn = fn(&[Interval], &[[Interval; 3]], &mut [Interval]);

/// A field over symbols: parameters, point.
pub type TapeFn = for<'b> fn(&[Sym<'b>], [Sym<'b>; 3]) -> Sym<'b>;

/// A primitive's formula. One entry of the operation table declares one.
#[derive(Debug, Clone)]
pub struct Prim {
    /// Its name, as called in programs.
    pub name: String,
    /// 2 or 3.
    pub dim: u8,
    /// Its parameters' names and meanings.
    pub params: &'static [(&'static str, Param)],
    /// The field at a point: negative inside, positive outside, 0 on the border; the signed distance where the
    /// formula has one. Arguments: the primitive's parameters, then the point (z is 0 in 2D).
    pub field: fn(&[f64], [f64; 3]) -> f64,
    /// The same field for many points at once, with what depends on the parameters alone worked out once.
    pub rows: RowsFn,
    /// Between which values the same field lies on boxes of points.
    pub range: RangeFn,
    /// The same field over symbols of a tape.
    pub tape: TapeFn,
    /// A box around all points whose field is not positive.
    pub bounds: fn(&[f64]) -> Bounds,
}

/// Declares a [`Prim`] from a function that takes the parameters and gives a closure over the point, generic over the
/// [`Scalar`](super::affine::Scalar), from which all forms of the field are made.
#[macro_export]
macro_rules! prim {
    ($name:literal, $dim:literal, [$($p:ident : $kind:ident),*], $formula:path, $bounds:path) => {
        $crate::shape::prim::Prim {
            name: $name.to_string(),
            dim: $dim,
            params: &[$((stringify!($p), $crate::shape::prim::Param::$kind)),*],
            field: |args, p| $formula(args)(p),
            rows: |args, lines, xs, out| $crate::shape::prim::fill(lines, xs, out, $formula(args)),
            range: |args, boxes, out| $crate::shape::prim::ranges(boxes, out, $formula(args)),
            tape: |args, p| $formula(args)(p),
            bounds: $bounds,
        }
    };
}

/// Evaluates `f` at the samples `xs` of lines.
#[inline(always)]
pub fn fill(lines: &[Line], xs: &[f64], out: &mut [f64], f: impl Fn([f64; 3]) -> f64) {
    nsp_kernels::cpu::vectorised(Fill { lines, xs, out, f });
}

struct Fill<'a, F> {
    lines: &'a [Line],
    xs: &'a [f64],
    out: &'a mut [f64],
    f: F,
}

impl<F: Fn([f64; 3]) -> f64> nsp_kernels::cpu::Vectorised for Fill<'_, F> {
    #[inline(always)]
    fn run(self) {
        if self.xs.is_empty() {
            return;
        }
        for (&Line { at, dir }, out) in self.lines.iter().zip(self.out.chunks_exact_mut(self.xs.len())) {
            for (o, &x) in out.iter_mut().zip(self.xs) {
                *o = (self.f)([at[0] + x * dir[0], at[1] + x * dir[1], at[2] + x * dir[2]]);
            }
        }
    }
}

/// Evaluates `f` on boxes.
#[inline(always)]
pub fn ranges(boxes: &[[Interval; 3]], out: &mut [Interval], f: impl Fn([Interval; 3]) -> Interval) {
    boxes.iter().zip(out).for_each(|(b, o)| *o = f(*b));
}

/// The shape that a primitive makes of its arguments, as a value. Arguments are checked: finite, lengths not negative.
pub fn prim_value(prim: &Arc<Prim>, args: &[f64]) -> Result<Value, Fail> {
    Ok(Value::obj(Shape::new(Operation::Prim(prim.clone()), args.to_vec(), Vec::new())?))
}

/// Checks numbers against the parameters they are for.
pub fn check_params(name: &str, params: &[(&str, Param)], args: &[f64]) -> Result<(), Fail> {
    let bad = |message: String| Err(Fail::new("E0440", message));
    if let [(_, Param::Points)] = params {
        if args.len() < 6 || args.len() % 2 == 1 {
            return bad(format!("`{name}` needs at least 3 points"));
        }
        return match args.iter().find(|x| !x.is_finite()) {
            Some(x) => bad(format!("`{name}`: a point has the coordinate {x}, which is not a finite number")),
            None => Ok(()),
        };
    }
    if params.len() != args.len() {
        return bad(format!("`{name}` takes {} numbers, found {}", params.len(), args.len()));
    }
    for (&(p, kind), &x) in params.iter().zip(args) {
        if !x.is_finite() {
            return bad(format!("`{name}`: `{p}` is {x}, which is not a finite number"));
        }
        match kind {
            Param::Extent if x < 0.0 => return bad(format!("`{name}`: `{p}` is a length and cannot be negative: {x}")),
            Param::Factor if x <= 0.0 => return bad(format!("`{name}`: `{p}` must be greater than 0: {x}")),
            Param::Count if !(0.0..=MAX_COUNT).contains(&x) || x.fract() != 0.0 => {
                return bad(format!("`{name}`: `{p}` must be a whole number from 0 to {MAX_COUNT}: {x}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Most copies of one `repeat`.
pub const MAX_COUNT: f64 = 1e9;
