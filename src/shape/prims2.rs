//! The 2D primitives. Each formula takes the parameters and gives the signed distance as a function of the point.

use super::affine::{Bounds, sin_cos};
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
fn circle(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, r) = (a[0], a[1], a[2]);
    move |p| {
        let (dx, dy) = (p[0] - x, p[1] - y);
        (dx * dx + dy * dy).sqrt() - r
    }
}

fn circle_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], 0.0], [a[2], a[2], 0.0])
}

/// With `q` the point in the rectangle's own axes and `d = |q| - (w, h) / 2`:
/// `|max(d, 0)| + min(max(d_x, d_y), 0)`.
fn rect(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, w, h) = (a[0], a[1], a[2] / 2.0, a[3] / 2.0);
    let (s, c) = sin_cos(a[4]);
    move |p| {
        let (dx, dy) = (p[0] - x, p[1] - y);
        // The axes of the rectangle are (c, -s) and (s, c), for y points down.
        let (u, v) = ((c * dx - s * dy).abs() - w, (s * dx + c * dy).abs() - h);
        let (ou, ov) = (u.max(0.0), v.max(0.0));
        (ou * ou + ov * ov).sqrt() + u.max(v).min(0.0)
    }
}

fn rect_bounds(a: &[f64]) -> Bounds {
    let (w, h) = (a[2] / 2.0, a[3] / 2.0);
    let (s, c) = sin_cos(a[4]);
    let (s, c) = (s.abs(), c.abs());
    Bounds::around([a[0], a[1], 0.0], [c * w + s * h, s * w + c * h, 0.0])
}

/// `-(p - c) . (cos angle, -sin angle)`
fn half_plane(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y) = (a[0], a[1]);
    let (s, c) = sin_cos(a[2]);
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
fn polygon(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    move |p| {
        let (mut nearest, mut inside) = (f64::INFINITY, false);
        let mut from = match a {
            [.., x, y] => (*x, *y),
            _ => return f64::INFINITY,
        };
        for to in a.chunks_exact(2) {
            let to = (to[0], to[1]);
            let (ex, ey) = (to.0 - from.0, to.1 - from.1);
            let (px, py) = (p[0] - from.0, p[1] - from.1);
            let len2 = ex * ex + ey * ey;
            let t = if len2 > 0.0 { ((px * ex + py * ey) / len2).clamp(0.0, 1.0) } else { 0.0 };
            let (dx, dy) = (px - t * ex, py - t * ey);
            nearest = nearest.min(dx * dx + dy * dy);
            if (from.1 > p[1]) != (to.1 > p[1]) && px < py / ey * ex {
                inside = !inside;
            }
            from = to;
        }
        if inside { -nearest.sqrt() } else { nearest.sqrt() }
    }
}

fn polygon_bounds(a: &[f64]) -> Bounds {
    let mut b = Bounds::EMPTY;
    for p in a.chunks_exact(2) {
        b = b.hull(&Bounds::around([p[0], p[1], 0.0], [0.0; 3]));
    }
    b
}
