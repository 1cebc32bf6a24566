//! The maps behind the transforms, and the boxes of nodes.

use super::affine::{Affine, Bounds, Scalar};
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
            Operation::Repeat => Some((self.args()[0] as u64, vector(&self.args()[1..], 0.0))),
            _ => None,
        }
    }
}

/// Up to three numbers, with `rest` for those that are not there.
pub fn vector<R: Scalar>(a: &[R], rest: R) -> [R; 3] {
    std::array::from_fn(|k| a.get(k).copied().unwrap_or(rest))
}

/// For an operation that moves its child: the map from the child's coordinates to the shape's, and its inverse.
///
/// Angles turn counter-clockwise as seen. In 2D, where y points down, that is
/// `(x, y) -> (x cos a + y sin a, -x sin a + y cos a)`; in 3D it is the right-hand rule about the axis.
pub fn maps<R: Scalar>(op: &Operation, dim: u8, a: &[R]) -> Option<(Affine<R>, Affine<R>)> {
    let (zero, one) = (R::lit(0.0), R::lit(1.0));
    Some(match op {
        Operation::Translate => {
            let d = vector(a, zero);
            (Affine::translation(d), Affine::translation(d.map(|x| zero - x)))
        }
        Operation::Rotate => {
            let c = [a[1], a[2], zero];
            (Affine::about(in_plane(a[0]), c), Affine::about(in_plane(-a[0]), c))
        }
        Operation::RotateX => (about_axis(0, a[0]), about_axis(0, -a[0])),
        Operation::RotateY => (about_axis(1, a[0]), about_axis(1, -a[0])),
        Operation::RotateZ => (about_axis(2, a[0]), about_axis(2, -a[0])),
        Operation::Scale => {
            let k = vector(a, one);
            (Affine::scaling(k), Affine::scaling(k.map(|x| one / x)))
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

fn in_plane<R: Scalar>(angle: R) -> [[R; 3]; 3] {
    let ((s, c), o) = (angle.sin_cos(), R::lit(0.0));
    [[c, s, o], [-s, c, o], [o, o, R::lit(1.0)]]
}

fn about_axis<R: Scalar>(axis: usize, angle: R) -> Affine<R> {
    let (s, c) = angle.sin_cos();
    let (i, j) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut m = [[R::lit(0.0); 3]; 3];
    m[axis][axis] = R::lit(1.0);
    (m[i][i], m[i][j], m[j][i], m[j][j]) = (c, -s, s, c);
    Affine { m, t: [R::lit(0.0); 3] }
}

/// The reflection that leaves the line through `(x, y)` in direction `(cos a, -sin a)` where it is. Its linear part is
/// `2 d d^T - 1`.
///
/// ROAP, appendix B.1.1 (Tang and Ellis, ICML 2023) prints `(x, y) -> ((b^2 - a^2) x - 2ab y + 2ac, ..) / (a^2 + b^2)`
/// for the line `a x + b y + c = 0`, which moves the points of the line; the sign of the last terms is minus.
fn mirror_line<R: Scalar>(x: R, y: R, angle: R) -> Affine<R> {
    let ((s, c), o) = ((R::lit(2.0) * angle).sin_cos(), R::lit(0.0));
    Affine::about([[c, -s, o], [-s, -c, o], [o, o, R::lit(1.0)]], [x, y, o])
}

/// The reflection at the plane `n . p = offset`: `p -> p - 2 (n . p - offset) n / |n|^2`.
fn mirror_plane<R: Scalar>(n: [R; 3], offset: R) -> Affine<R> {
    let (zero, two) = (R::lit(0.0), R::lit(2.0));
    // Scaled first, so that squares neither overflow nor vanish.
    let most = n[0].abs().max(n[1].abs()).max(n[2].abs());
    let (n, offset) = (n.map(|x| x / most), offset / most);
    let len2 = n[0] * n[0] + n[1] * n[1] + n[2] * n[2];
    Affine {
        m: std::array::from_fn(|r| {
            std::array::from_fn(|c| R::lit(f64::from(u8::from(r == c))) - two * n[r] * n[c] / len2 + zero)
        }),
        t: n.map(|x| two * offset * x / len2 + zero),
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
            of(0).hull(&of(0).moved(vector(&args[1..], 0.0).map(|d| d * (args[0] - 1.0))))
        }
        _ => {
            let moved = maps(op, dim, args).map_or(Bounds::ALL, |(to, _)| of(0).through(&to));
            if matches!(op, Operation::FlipUnion) { of(0).hull(&moved) } else { moved }
        }
    }
}
