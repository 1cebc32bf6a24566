//! Shapes of symbols, and their occupancy at a point of symbols.

use super::lower::Meaning;
use crate::shape::transform::{maps, vector};
use crate::shape::{Operation, Shape};
use crate::vm::limits::Fail;
use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;
use nsp_kernels::table::Opcode;
use std::collections::HashMap;
use std::rc::Rc;

/// A shape whose numbers may be symbols. Shared like [`Shape`].
pub enum SymShape<'b> {
    /// A shape of numbers.
    Known(Shape),
    /// An operation.
    Node {
        /// Which.
        op: Operation,
        /// 2 or 3.
        dim: u8,
        /// Its numbers.
        args: Vec<Sym<'b>>,
        /// The shapes it is made from.
        children: Vec<Rc<SymShape<'b>>>,
        /// For a `repeat` with a symbol as its count: the most copies.
        most: u64,
    },
    /// The weighted sum of occupancies.
    Mixture(Vec<(Sym<'b>, Rc<SymShape<'b>>)>),
}

impl SymShape<'_> {
    /// 2 or 3.
    pub fn dim(&self) -> u8 {
        match self {
            SymShape::Known(s) => s.dim(),
            SymShape::Node { dim, .. } => *dim,
            SymShape::Mixture(parts) => parts.first().map_or(2, |p| p.1.dim()),
        }
    }
}

/// Most copies of a `repeat` that are unrolled.
pub const MOST_COPIES: u64 = 4096;

/// A point as a key: literals by their bits, nodes by their number.
type Point = [(bool, u64); 3];

fn key(p: &[Sym<'_>; 3]) -> Point {
    p.map(|s| match s {
        Sym::Lit(x) => (false, x.to_bits()),
        Sym::Node(id, _) => (true, u64::from(id)),
    })
}

/// Occupancies that have been worked out, by shape and point.
#[derive(Default)]
pub struct Occupancy<'b> {
    known: HashMap<(usize, Point), Sym<'b>>,
}

impl<'b> Occupancy<'b> {
    /// How far the point lies in the shape, from 0 to 1.
    pub fn of(&mut self, m: Meaning<'b>, shape: &SymShape<'b>, p: [Sym<'b>; 3]) -> Result<Sym<'b>, Fail> {
        // Shapes are as deep as programs like.
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || match shape {
            SymShape::Known(s) => self.exact(m, s, p),
            _ => {
                let at = (std::ptr::from_ref(shape) as usize, key(&p));
                if let Some(o) = self.known.get(&at) {
                    return Ok(*o);
                }
                let o = match shape {
                    SymShape::Known(_) => unreachable!("handled above"),
                    SymShape::Node { op, dim, args, children, most } => {
                        combine(m, op, *dim, args, *most, p, |i, p| self.of(m, &children[i], p))?
                    }
                    SymShape::Mixture(parts) => {
                        let mut terms = Vec::with_capacity(parts.len());
                        for (w, s) in parts {
                            terms.push((*w, self.of(m, s, p)?));
                        }
                        m.builder.dot(&terms)
                    }
                };
                self.known.insert(at, o);
                Ok(o)
            }
        })
    }

    fn exact(&mut self, m: Meaning<'b>, shape: &Shape, p: [Sym<'b>; 3]) -> Result<Sym<'b>, Fail> {
        let at = (shape.id(), key(&p));
        if let Some(o) = self.known.get(&at) {
            return Ok(*o);
        }
        let args: Vec<Sym<'b>> = shape.args().iter().map(|x| Sym::Lit(*x)).collect();
        let most = shape.copies().map_or(0, |c| c.0);
        let child =
            |i: usize, p| stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.exact(m, &shape.children()[i], p));
        let o = combine(m, shape.op(), shape.dim(), &args, most, p, child)?;
        self.known.insert(at, o);
        Ok(o)
    }
}

/// The occupancy of an operation, from that of its children at points.
fn combine<'b>(
    m: Meaning<'b>,
    op: &Operation,
    dim: u8,
    args: &[Sym<'b>],
    most: u64,
    p: [Sym<'b>; 3],
    mut child: impl FnMut(usize, [Sym<'b>; 3]) -> Result<Sym<'b>, Fail>,
) -> Result<Sym<'b>, Fail> {
    let zero = Sym::Lit(0.0);
    Ok(match op {
        Operation::Prim(prim) => m.at_least_zero(-(prim.tape)(args, p)),
        Operation::Union => child(0, p)?.max(child(1, p)?),
        Operation::Intersection => child(0, p)?.min(child(1, p)?),
        Operation::Difference => (child(0, p)? - child(1, p)?).max(zero),
        Operation::Repeat => {
            if most > MOST_COPIES {
                return Err(Fail::new(
                    super::lower::REFUSED,
                    format!("`repeat` of {most} copies has no relaxed meaning: at most {MOST_COPIES} are unrolled"),
                ));
            }
            let d = vector(&args[1..], zero);
            let mut all = zero;
            for c in 0..most {
                let turn = Sym::Lit(c as f64);
                let moved = std::array::from_fn(|k| p[k] - turn * d[k]);
                let copy = child(0, moved)?;
                // Copy c is there when the count is above c; a count that is a symbol opens it by and by.
                let there = match args[0] {
                    Sym::Lit(_) => Sym::Lit(1.0),
                    n => m.above_zero(Sym::Lit(4.0) * (n - turn - Sym::Lit(0.5))),
                };
                all = if c == 0 { there * copy } else { all.max(there * copy) };
            }
            all
        }
        Operation::FlipUnion => {
            let mirrored = maps(op, dim, args).map_or(p, |(_, back)| back.apply(p));
            child(0, p)?.max(child(0, mirrored)?)
        }
        _ => match maps(op, dim, args) {
            Some((_, back)) => child(0, back.apply(p))?,
            None => zero,
        },
    })
}

impl<'b> Meaning<'b> {
    /// How far `d > 0` holds.
    pub fn above_zero(&self, d: Sym<'b>) -> Sym<'b> {
        self.builder.op(Opcode::soft_positive, &[d, self.sharpness])
    }

    /// How far `d >= 0` holds.
    pub fn at_least_zero(&self, d: Sym<'b>) -> Sym<'b> {
        self.builder.op(Opcode::soft_nonnegative, &[d, self.sharpness])
    }

    /// How far `d = 0` holds.
    pub fn is_zero(&self, d: Sym<'b>) -> Sym<'b> {
        self.builder.op(Opcode::soft_zero, &[d, self.sharpness])
    }
}
