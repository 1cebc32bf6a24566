//! The maps behind the transforms, and the boxes of nodes.

use super::affine::{Affine, Bounds, sin_cos};
use super::{Operation, Shape};

impl Shape {
    /// For a node that moves its child: the map from the child's coordinates to this shape's, and its inverse. A
    /// `flip_union` gives its mirroring. `None` for primitives, set operations and `repeat`.
    pub fn maps(&self) -> Option<(Affine, Affine)> {
        maps(self.op(), self.dim(), self.args())
    }

    /// For a `repeat`: the number of copies and the displacement from each to the next.
    pub fn copies(&self) -> Option<(u64, [f64; 3])> {
        match self.op() {
            Operation::Repeat => Some((self.args()[0] as u64, vector(&self.args()[1..]))),
            _ => None,
        }
    }
}

fn vector(a: &[f64]) -> [f64; 3] {
    std::array::from_fn(|k| a.get(k).copied().unwrap_or(0.0))
}

/// Angles turn counter-clockwise as seen. In 2D, where y points down, that is
/// `(x, y) -> (x cos a + y sin a, -x sin a + y cos a)`; in 3D it is the right-hand rule about the axis.
fn maps(op: &Operation, dim: u8, a: &[f64]) -> Option<(Affine, Affine)> {
    Some(match op {
        Operation::Translate => {
            let d = vector(a);
            (Affine::translation(d), Affine::translation(d.map(|x| 0.0 - x)))
        }
        Operation::Rotate => {
            let c = [a[1], a[2], 0.0];
            (Affine::about(in_plane(a[0]), c), Affine::about(in_plane(-a[0]), c))
        }
        Operation::RotateX => (about_axis(0, a[0]), about_axis(0, -a[0])),
        Operation::RotateY => (about_axis(1, a[0]), about_axis(1, -a[0])),
        Operation::RotateZ => (about_axis(2, a[0]), about_axis(2, -a[0])),
        Operation::Scale => {
            let k: [f64; 3] = std::array::from_fn(|i| a.get(i).copied().unwrap_or(1.0));
            (Affine::scaling(k), Affine::scaling(k.map(|x| 1.0 / x)))
        }
        Operation::Mirror | Operation::FlipUnion => {
            let m = if dim == 2 { mirror_line(a[0], a[1], a[2]) } else { mirror_plane([a[0], a[1], a[2]], a[3]) };
            (m, m)
        }
        Operation::Prim(_) | Operation::Union | Operation::Intersection | Operation::Difference | Operation::Repeat => {
            return None;
        }
    })
}

fn in_plane(angle: f64) -> [[f64; 3]; 3] {
    let (s, c) = sin_cos(angle);
    [[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]
}

fn about_axis(axis: usize, angle: f64) -> Affine {
    let (s, c) = sin_cos(angle);
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut m = [[0.0; 3]; 3];
    m[axis][axis] = 1.0;
    (m[i][i], m[i][j], m[j][i], m[j][j]) = (c, -s, s, c);
    Affine { m, t: [0.0; 3] }
}

/// The reflection that leaves the line through `(x, y)` in direction `(cos a, -sin a)` where it is. Its linear part is
/// `2 d d^T - 1`.
///
/// ROAP, appendix B.1.1 (Tang and Ellis, ICML 2023) prints `(x, y) -> ((b^2 - a^2) x - 2ab y + 2ac, ..) / (a^2 + b^2)`
/// for the line `a x + b y + c = 0`, which moves the points of the line; the sign of the last terms is minus.
fn mirror_line(x: f64, y: f64, angle: f64) -> Affine {
    let (s, c) = sin_cos(2.0 * angle);
    Affine::about([[c, -s, 0.0], [-s, -c, 0.0], [0.0, 0.0, 1.0]], [x, y, 0.0])
}

/// The reflection at the plane `n . p = offset`: `p -> p - 2 (n . p - offset) n / |n|^2`.
fn mirror_plane(n: [f64; 3], offset: f64) -> Affine {
    // Scaled first, so that squares neither overflow nor vanish.
    let most = n.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let (n, offset) = (n.map(|x| x / most), offset / most);
    let len2: f64 = n.iter().map(|x| x * x).sum();
    Affine {
        m: std::array::from_fn(|r| {
            std::array::from_fn(|c| f64::from(u8::from(r == c)) - 2.0 * n[r] * n[c] / len2 + 0.0)
        }),
        t: n.map(|x| 2.0 * offset * x / len2 + 0.0),
    }
}

/// A box that holds the node.
pub(super) fn bounds(op: &Operation, dim: u8, args: &[f64], children: &[Shape]) -> Bounds {
    let of = |i: usize| children.get(i).map_or(Bounds::EMPTY, |c| *c.bounds());
    match op {
        Operation::Prim(p) => (p.bounds)(args),
        Operation::Union => of(0).hull(&of(1)),
        Operation::Intersection => of(0).meet(&of(1)),
        Operation::Difference => of(0),
        Operation::Repeat => {
            if args[0] == 0.0 {
                return Bounds::EMPTY;
            }
            of(0).hull(&of(0).moved(vector(&args[1..]).map(|d| d * (args[0] - 1.0))))
        }
        _ => {
            let moved = maps(op, dim, args).map_or(Bounds::ALL, |(to, _)| of(0).through(&to));
            if matches!(op, Operation::FlipUnion) { of(0).hull(&moved) } else { moved }
        }
    }
}
