//! The 2D primitives. Each formula takes the parameters and gives the signed distance as a function of the point.

use super::affine::{Bounds, Scalar, sin_cos};
use super::prim::Prim;
use crate::prim;
use std::sync::{Arc, LazyLock};

/// `circle(x, y, r)`
pub static CIRCLE: LazyLock<Arc<Prim>> =
    LazyLock::new(|| Arc::new(prim!("circle", 2, [x: Coord, y: Coord, r: Extent], circle, circle_bounds)));
/// `rect(x, y, w, h, angle)`
pub static RECT: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!("rect", 2, [x: Coord, y: Coord, w: Extent, h: Extent, angle: Angle], rect, rect_bounds))
});
/// `half_plane(x, y, angle)`
pub static HALF_PLANE: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!("half_plane", 2, [x: Coord, y: Coord, angle: Angle], half_plane, half_plane_bounds))
});
/// `polygon(points)`
pub static POLYGON: LazyLock<Arc<Prim>> =
    LazyLock::new(|| Arc::new(prim!("polygon", 2, [points: Points], polygon, polygon_bounds)));

/// `|p - c| - r`
fn circle<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (x, y, r) = (a[0], a[1], a[2]);
    move |p| (p[0] - x).length(p[1] - y) - r
}

fn circle_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], 0.0], [a[2], a[2], 0.0])
}

/// With `q` the point in the rectangle's own axes and `d = |q| - (w, h) / 2`:
/// `|max(d, 0)| + min(max(d_x, d_y), 0)`.
fn rect<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, two) = (R::lit(0.0), R::lit(2.0));
    let (x, y, w, h) = (a[0], a[1], a[2] / two, a[3] / two);
    let (s, c) = a[4].sin_cos();
    move |p| {
        let (dx, dy) = (p[0] - x, p[1] - y);
        // The axes of the rectangle are (c, -s) and (s, c), for y points down.
        let (u, v) = ((c * dx - s * dy).abs() - w, (s * dx + c * dy).abs() - h);
        u.max(zero).length(v.max(zero)) + zero.min(u.max(v))
    }
}

fn rect_bounds(a: &[f64]) -> Bounds {
    let (w, h) = (a[2] / 2.0, a[3] / 2.0);
    let (s, c) = sin_cos(a[4]);
    let (s, c) = (s.abs(), c.abs());
    Bounds::around([a[0], a[1], 0.0], [c * w + s * h, s * w + c * h, 0.0])
}

/// `-(p - c) . (cos angle, -sin angle)`
fn half_plane<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (x, y) = (a[0], a[1]);
    let (s, c) = a[2].sin_cos();
    move |p| s * (p[1] - y) - c * (p[0] - x)
}

fn half_plane_bounds(a: &[f64]) -> Bounds {
    let mut b = Bounds::ALL;
    (b.lo[2], b.hi[2]) = (0.0, 0.0);
    let (s, c) = sin_cos(a[2]);
    if s == 0.0 {
        if c > 0.0 { b.lo[0] = a[0] } else { b.hi[0] = a[0] }
    }
    if c == 0.0 {
        if s > 0.0 { b.hi[1] = a[1] } else { b.lo[1] = a[1] }
    }
    b
}

/// Distance to the nearest edge, negative where a ray to the right crosses the outline an odd number of times.
fn polygon<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, one, two) = (R::lit(0.0), R::lit(1.0), R::lit(2.0));
    move |p| {
        let mut from = match a {
            [.., x, y] => (*x, *y),
            _ => return R::lit(1e30),
        };
        // The side is 1 outside and -1 inside: each crossing turns its sign.
        let (mut nearest, mut side) = (R::lit(1e30), one);
        for to in a.chunks_exact(2) {
            let to = (to[0], to[1]);
            let (ex, ey) = (to.0 - from.0, to.1 - from.1);
            let (px, py) = (p[0] - from.0, p[1] - from.1);
            let len2 = ex * ex + ey * ey;
            let t = len2.above(zero).select((px * ex + py * ey) / len2.max(R::lit(1e-30)), zero);
            let t = t.max(zero).min(one);
            nearest = nearest.min((px - t * ex).length(py - t * ey));
            // The ray to the right crosses the edge: its ends are on both sides, and the point is left of it.
            let falls = from.1.above(p[1]) - to.1.above(p[1]);
            let left = (falls * (px * ey - py * ex)).above(zero);
            side = side * (one - two * left * falls * falls);
            from = to;
        }
        side * nearest
    }
}

fn polygon_bounds(a: &[f64]) -> Bounds {
    let mut b = Bounds::EMPTY;
    for p in a.chunks_exact(2) {
        b = b.hull(&Bounds::around([p[0], p[1], 0.0], [0.0; 3]));
    }
    b
}
