//! Shapes in space: x right, y into the scene, z up.

use super::convert::FromArg;
use super::shape::{Grammars, node, primitive, set_ops, shape};
use super::{Grammar, Op, Relaxed, native};
use crate::native;
use crate::raster::sample;
use crate::shape::prims3::{BOX, CONE, CYLINDER, QUADRIC, SPHERE};
use crate::shape::{Operation, Shape};
use crate::vm::value::Value;

const CSG3: Grammars = &[(Grammar::Csg3, 1)];

/// Operations on 3D shapes.
pub fn ops() -> Vec<Op> {
    let mut ops = primitives();
    ops.extend(set_ops("shape3", |c| format!("sphere({c}, {c}, {c}, 1)"), |c| format!("{c}, {c}, {c}"), CSG3));
    ops.extend(transforms());
    ops.extend(questions());
    ops
}

fn primitives() -> Vec<Op> {
    vec![
        primitive(
            &SPHERE,
            "(x: num, y: num, z: num, r: num) -> shape3",
            "The ball around (x, y, z) of radius `r`, which is not negative.",
            "inside(sphere(2, 2, 2, 1), 2, 2, 3)",
            CSG3,
        ),
        primitive(
            &BOX,
            "(x: num, y: num, z: num, w: num, d: num, h: num) -> shape3",
            "The box centred at (x, y, z), in full `w` wide (x), `d` deep (y) and `h` high (z). Extents are not \
             negative.",
            "inside(box(4, 4, 4, 6, 2, 4), 7, 5, 6)",
            CSG3,
        ),
        primitive(
            &CYLINDER,
            "(x: num, y: num, z: num, r: num, h: num) -> shape3",
            "The upright cylinder centred at (x, y, z) of radius `r`, `h` high in full: from z - h/2 to z + h/2.",
            "inside(cylinder(4, 4, 4, 2, 6), 6, 4, 7)",
            CSG3,
        ),
        primitive(
            &CONE,
            "(x: num, y: num, z: num, r: num, h: num) -> shape3",
            "The upright cone of base radius `r`, `h` high, whose axis is centred at (x, y, z): the base lies at \
             z - h/2 and the tip at z + h/2.",
            "inside(cone(4, 4, 4, 2, 6), 6, 4, 1) and not inside(cone(4, 4, 4, 2, 6), 6, 4, 4)",
            CSG3,
        ),
        primitive(
            &QUADRIC,
            "(xx: num, yy: num, zz: num, ax: num, ay: num, az: num, sy: num = 0.0, sz: num = 0.0, syy: num = 0.0, \
             szz: num = 0.0, syz: num = 0.0, ty: num = 0.0, tz: num = 0.0, tyy: num = 0.0, tzz: num = 0.0, \
             tyz: num = 0.0) -> shape3",
            "ROAP's primitive (Tang and Ellis, ICML 2023, appendix C.1.1): a quadric in the box from -1/2 to 1/2 on \
             each axis, with a quadratic warp of x. Inside where max(xx u^2 + yy y^2 + zz z^2 + ax |u| + ay |y| + \
             az |z| - 1, 2 |u| - 1, 2 |y| - 1, 2 |z| - 1) <= 0, with u = (x - t) / s, \
             s = 1 + sy y + sz z + syy y^2 + szz z^2 + syz y z and t = ty y + tz z + tyy y^2 + tzz z^2 + tyz y z; \
             outside where s = 0. The paper's gate switches the warp off, which here is to leave it out. All \
             coefficients 0 give the unit box, 4, 4, 4, 0, 0, 0 the ball in it. `scale` and `translate` place it.",
            "inside(quadric(4, 4, 4, 0, 0, 0), 0.5, 0, 0) and not inside(quadric(4, 4, 4, 0, 0, 0), 0.4, 0.4, 0)",
            CSG3,
        ),
    ]
}

fn transforms() -> Vec<Op> {
    let turn = |name: &'static str, doc: &'static str, example: &'static str, op: Operation| {
        let relaxed = Relaxed::Shape(op.clone());
        let exact = native(move |cx, args| {
            let angle = f64::from_arg(args.get(1).unwrap_or(&Value::Unit))?;
            Ok(Value::obj(node(cx, op.clone(), &[angle], &[shape(args, 0)?])?))
        });
        Op::new(name, "(s: shape3, angle: angle) -> shape3", doc, example, exact).relaxed(relaxed).grammars(CSG3)
    };
    vec![
        Op::new(
            "translate",
            "(s: shape3, dx: num, dy: num, dz: num) -> shape3",
            "The shape moved by (dx, dy, dz).",
            "inside(translate(sphere(0, 0, 0, 1), 5, 6, 7), 5, 6, 7)",
            native!(try |cx; s: &Shape, dx: f64, dy: f64, dz: f64| -> Shape {
                node(cx, Operation::Translate, &[dx, dy, dz], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Translate))
        .grammars(CSG3),
        turn(
            "rotate_x",
            "The shape turned about the x axis, y towards z: (y, z) becomes (y cos a - z sin a, y sin a + z cos a).",
            "inside(rotate_x(sphere(0, 5, 0, 1), 90deg), 0, 0, 5)",
            Operation::RotateX,
        ),
        turn(
            "rotate_y",
            "The shape turned about the y axis, z towards x: (z, x) becomes (z cos a - x sin a, z sin a + x cos a).",
            "inside(rotate_y(sphere(0, 0, 5, 1), 90deg), 5, 0, 0)",
            Operation::RotateY,
        ),
        turn(
            "rotate_z",
            "The shape turned about the z axis, x towards y, counter-clockwise as seen from above: (x, y) becomes \
             (x cos a - y sin a, x sin a + y cos a).",
            "inside(rotate_z(sphere(5, 0, 0, 1), 90deg), 0, 5, 0)",
            Operation::RotateZ,
        ),
        Op::new(
            "scale",
            "(s: shape3, k: num) -> shape3",
            "The shape stretched from the origin by the factor `k`, which is greater than 0.",
            "inside(scale(sphere(2, 2, 2, 1), 10), 20, 20, 29)",
            native!(try |cx; s: &Shape, k: f64| -> Shape { node(cx, Operation::Scale, &[k, k, k], &[s]) }),
        )
        .relaxed(Relaxed::Shape(Operation::Scale))
        .grammars(CSG3),
        Op::new(
            "scale_xyz",
            "(s: shape3, kx: num, ky: num, kz: num) -> shape3",
            "The shape stretched from the origin by a factor for each axis, all greater than 0.",
            "inside(scale_xyz(sphere(0, 0, 0, 1), 9, 1, 1), 8, 0, 0)",
            native!(try |cx; s: &Shape, kx: f64, ky: f64, kz: f64| -> Shape {
                node(cx, Operation::Scale, &[kx, ky, kz], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Scale))
        .grammars(CSG3),
        Op::new(
            "mirror",
            "(s: shape3, nx: num, ny: num, nz: num, offset: num = 0.0) -> shape3",
            "The mirror image of the shape at the plane nx x + ny y + nz z = offset; the normal is not (0, 0, 0). \
             `mirror(s, 1, 0, 0, 8)` swaps left and right at x = 8.",
            "inside(mirror(sphere(2, 3, 4, 1), 1, 0, 0, 8), 14, 3, 4)",
            native!(try |cx; s: &Shape, nx: f64, ny: f64, nz: f64, offset: f64| -> Shape {
                node(cx, Operation::Mirror, &[nx, ny, nz, offset], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Mirror))
        .grammars(CSG3),
        Op::new(
            "flip_union",
            "(s: shape3, nx: num, ny: num, nz: num, offset: num = 0.0) -> shape3",
            "The shape and its mirror image at the plane nx x + ny y + nz z = offset. From ROAP (Tang and Ellis, \
             ICML 2023), appendix C.1.3, whose planes pass through the origin.",
            "inside(flip_union(sphere(2, 3, 4, 1), 1, 0, 0), -2, 3, 4)",
            native!(try |cx; s: &Shape, nx: f64, ny: f64, nz: f64, offset: f64| -> Shape {
                node(cx, Operation::FlipUnion, &[nx, ny, nz, offset], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::FlipUnion))
        .grammars(CSG3),
        Op::new(
            "repeat",
            "(s: shape3, count: int, dx: num, dy: num, dz: num) -> shape3",
            "`count` copies of the shape, copy c (from 0) moved by c times (dx, dy, dz). From 0 to 1,000,000,000 \
             copies; none is the empty shape.",
            "inside(repeat(sphere(2, 2, 2, 1), 4, 0, 0, 5), 2, 2, 17)",
            native!(try |cx; s: &Shape, count: i64, dx: f64, dy: f64, dz: f64| -> Shape {
                node(cx, Operation::Repeat, &[count as f64, dx, dy, dz], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Repeat))
        .grammars(CSG3),
    ]
}

fn questions() -> Vec<Op> {
    vec![
        Op::new(
            "inside",
            "(s: shape3, x: num, y: num, z: num) -> bool",
            "Whether the point (x, y, z) lies in the shape. The border counts as inside.",
            "inside(sphere(2, 2, 2, 1), 2, 2, 2) and not inside(sphere(2, 2, 2, 1), 4, 2, 2)",
            native!(try |cx; s: &Shape, x: f64, y: f64, z: f64| -> bool { sample::inside(s, [x, y, z], cx) }),
        )
        .relaxed(Relaxed::Inside),
        Op::new(
            "bounds",
            "(s: shape3) -> (num, num, num, num, num, num)",
            "A box that holds the shape: its least corner, then its greatest. It is worked out part by part, so it may \
             be larger than the least one. An error if the shape is empty.",
            "bounds(sphere(2, 3, 4, 1)) == (1.0, 2.0, 3.0, 3.0, 4.0, 5.0)",
            native!(try |s: &Shape| -> Value { super::shape2::bounds(s) }),
        ),
    ]
}
