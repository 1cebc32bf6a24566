//! The 3D primitives. Each formula takes the parameters and gives the field as a function of the point.

use super::affine::{Bounds, Scalar};
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
fn sphere<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (x, y, z, r) = (a[0], a[1], a[2], a[3]);
    move |p| (p[0] - x).length(p[1] - y).length(p[2] - z) - r
}

fn sphere_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3]; 3])
}

/// With `e = |p - c| - (w, d, h) / 2`: `|max(e, 0)| + min(max(e_x, e_y, e_z), 0)`.
fn cuboid<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, two) = (R::lit(0.0), R::lit(2.0));
    let (x, y, z, w, d, h) = (a[0], a[1], a[2], a[3] / two, a[4] / two, a[5] / two);
    move |p| {
        let (u, v, t) = ((p[0] - x).abs() - w, (p[1] - y).abs() - d, (p[2] - z).abs() - h);
        u.max(zero).length(v.max(zero)).length(t.max(zero)) + zero.min(u.max(v).max(t))
    }
}

fn cuboid_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3] / 2.0, a[4] / 2.0, a[5] / 2.0])
}

/// The rectangle of half extents `(r, h / 2)` turned about the axis.
fn cylinder<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, two) = (R::lit(0.0), R::lit(2.0));
    let (x, y, z, r, h) = (a[0], a[1], a[2], a[3], a[4] / two);
    move |p| {
        let (u, v) = ((p[0] - x).length(p[1] - y) - r, (p[2] - z).abs() - h);
        u.max(zero).length(v.max(zero)) + zero.min(u.max(v))
    }
}

fn cylinder_bounds(a: &[f64]) -> Bounds {
    Bounds::around([a[0], a[1], a[2]], [a[3], a[3], a[4] / 2.0])
}

/// The greater of the distances to the planes of base and side; exact inside, a lower bound outside.
fn cone<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, one) = (R::lit(0.0), R::lit(1.0));
    let (x, y, z, r, h) = (a[0], a[1], a[2], a[3], a[4]);
    let slant = r.length(h);
    let (some, long) = (slant.above(zero), slant.max(R::lit(1e-30)));
    // The side's outward normal in the plane of radius and height; that of a point looks up.
    let (nr, nh) = (some.select(h / long, one), some.select(r / long, one));
    let tall = h.above(zero);
    move |p| {
        let out = (p[0] - x).length(p[1] - y);
        let above = p[2] - z + h / R::lit(2.0);
        let side = (out * nr + (above - h) * nh).max(-above);
        // A disc has no side to bound its radius.
        tall.select(side, side.max(out - r))
    }
}

/// `max(g . [x^2, y^2, z^2, |x|, |y|, |z|] - 1, 2|x| - 1, 2|y| - 1, 2|z| - 1)` at the warped point; see the
/// operation's entry in the table.
fn quadric<R: Scalar>(a: &[R]) -> impl Fn([R; 3]) -> R {
    let (zero, one, two) = (R::lit(0.0), R::lit(1.0), R::lit(2.0));
    let warp = |w: &[R], y: R, z: R| w[0] * y + w[1] * z + w[2] * y * y + w[3] * z * z + w[4] * y * z;
    move |p| {
        let (y, z) = (p[1], p[2]);
        let size = warp(&a[6..11], y, z) + one;
        // Where the warp leaves no width there is nothing.
        let flat = size.at_least(zero) - size.above(zero);
        let x = (p[0] - warp(&a[11..16], y, z)) / flat.select(one, size);
        let (ax, ay, az) = (x.abs(), y.abs(), z.abs());
        let surface = a[0] * x * x + a[1] * y * y + a[2] * z * z + a[3] * ax + a[4] * ay + a[5] * az - one;
        let field = surface.max(two * ax - one).max(two * ay - one).max(two * az - one);
        flat.select(R::lit(1e30), field)
    }
}

/// Within the unit box in y and z, where `|y|, |z| <= 1/2` bounds the warp.
fn quadric_bounds(a: &[f64]) -> Bounds {
    let most = |w: &[f64]| (w[0].abs() + w[1].abs()) / 2.0 + (w[2].abs() + w[3].abs() + w[4].abs()) / 4.0;
    Bounds::around([0.0; 3], [(1.0 + most(&a[6..11])) / 2.0 + most(&a[11..16]), 0.5, 0.5])
}
