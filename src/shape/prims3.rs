//! The 3D primitives. Each formula takes the parameters and gives the field as a function of the point.

use super::affine::Bounds;
use super::prim::Prim;
use crate::prim;
use std::sync::{Arc, LazyLock};

/// `sphere(x, y, z, r)`
pub static SPHERE: LazyLock<Arc<Prim>> =
    LazyLock::new(|| Arc::new(prim!("sphere", 3, [x: Coord, y: Coord, z: Coord, r: Extent], sphere, sphere_bounds)));
/// `box(x, y, z, w, d, h)`
pub static BOX: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!(
        "box",
        3,
        [x: Coord, y: Coord, z: Coord, w: Extent, d: Extent, h: Extent],
        cuboid,
        cuboid_bounds
    ))
});
/// `cylinder(x, y, z, r, h)`
pub static CYLINDER: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!(
        "cylinder",
        3,
        [x: Coord, y: Coord, z: Coord, r: Extent, h: Extent],
        cylinder,
        cylinder_bounds
    ))
});
/// `cone(x, y, z, r, h)`
pub static CONE: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!("cone", 3, [x: Coord, y: Coord, z: Coord, r: Extent, h: Extent], cone, cylinder_bounds))
});
/// `quadric(xx, yy, zz, ax, ay, az, ..)`
pub static QUADRIC: LazyLock<Arc<Prim>> = LazyLock::new(|| {
    Arc::new(prim!(
        "quadric",
        3,
        [
            xx: Coord, yy: Coord, zz: Coord, ax: Coord, ay: Coord, az: Coord,
            sy: Coord, sz: Coord, syy: Coord, szz: Coord, syz: Coord,
            ty: Coord, tz: Coord, tyy: Coord, tzz: Coord, tyz: Coord
        ],
        quadric,
        quadric_bounds
    ))
});

/// `|p - c| - r`
fn sphere(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, z, r) = (a[0], a[1], a[2], a[3]);
    move |p| {
        let (dx, dy, dz) = (p[0] - x, p[1] - y, p[2] - z);
        (dx * dx + dy * dy + dz * dz).sqrt() - r
    }
}

fn sphere_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3]; 3])
}

/// With `e = |p - c| - (w, d, h) / 2`: `|max(e, 0)| + min(max(e_x, e_y, e_z), 0)`.
fn cuboid(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, z, w, d, h) = (a[0], a[1], a[2], a[3] / 2.0, a[4] / 2.0, a[5] / 2.0);
    move |p| {
        let (u, v, t) = ((p[0] - x).abs() - w, (p[1] - y).abs() - d, (p[2] - z).abs() - h);
        let (ou, ov, ot) = (u.max(0.0), v.max(0.0), t.max(0.0));
        (ou * ou + ov * ov + ot * ot).sqrt() + u.max(v).max(t).min(0.0)
    }
}

fn cuboid_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3] / 2.0, a[4] / 2.0, a[5] / 2.0])
}

/// The rectangle of half extents `(r, h / 2)` turned about the axis.
fn cylinder(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, z, r, h) = (a[0], a[1], a[2], a[3], a[4] / 2.0);
    move |p| {
        let (dx, dy) = (p[0] - x, p[1] - y);
        let (u, v) = ((dx * dx + dy * dy).sqrt() - r, (p[2] - z).abs() - h);
        let (ou, ov) = (u.max(0.0), v.max(0.0));
        (ou * ou + ov * ov).sqrt() + u.max(v).min(0.0)
    }
}

fn cylinder_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3], a[3], a[4] / 2.0])
}

/// The greater of the distances to the planes of base and side; exact inside, a lower bound outside.
fn cone(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let (x, y, z, r, h) = (a[0], a[1], a[2], a[3], a[4]);
    let slant = (r * r + h * h).sqrt();
    // The side's outward normal in the plane of radius and height; that of a point looks up.
    let (nr, nh) = if slant > 0.0 { (h / slant, r / slant) } else { (1.0, 1.0) };
    move |p| {
        let (dx, dy) = (p[0] - x, p[1] - y);
        let above = p[2] - z + h / 2.0;
        let side = (dx * dx + dy * dy).sqrt() * nr + (above - h) * nh;
        // A disc has no side to bound its radius.
        let rim = (dx * dx + dy * dy).sqrt() - r;
        side.max(-above).max(if h > 0.0 { f64::NEG_INFINITY } else { rim })
    }
}

/// `max(g . [x^2, y^2, z^2, |x|, |y|, |z|] - 1, 2|x| - 1, 2|y| - 1, 2|z| - 1)` at the warped point; see the
/// operation's entry in the table.
fn quadric(a: &[f64]) -> impl Fn([f64; 3]) -> f64 {
    let warp = |w: &[f64], y: f64, z: f64| w[0] * y + w[1] * z + w[2] * y * y + w[3] * z * z + w[4] * y * z;
    move |p| {
        let (y, z) = (p[1], p[2]);
        let size = warp(&a[6..11], y, z) + 1.0;
        if size == 0.0 {
            return f64::INFINITY;
        }
        let x = (p[0] - warp(&a[11..16], y, z)) / size;
        let (ax, ay, az) = (x.abs(), y.abs(), z.abs());
        let surface = a[0] * x * x + a[1] * y * y + a[2] * z * z + a[3] * ax + a[4] * ay + a[5] * az - 1.0;
        surface.max(2.0 * ax - 1.0).max(2.0 * ay - 1.0).max(2.0 * az - 1.0)
    }
}

/// Within the unit box in y and z, where `|y|, |z| <= 1/2` bounds the warp.
fn quadric_bounds(a: &[f64]) -> Bounds {
    let most = |w: &[f64]| (w[0].abs() + w[1].abs()) / 2.0 + (w[2].abs() + w[3].abs() + w[4].abs()) / 4.0;
    Bounds::around([0.0; 3], [(1.0 + most(&a[6..11])) / 2.0 + most(&a[11..16]), 0.5, 0.5])
}
