//! Shapes in the plane: x right, y down, angles counter-clockwise as seen.

use super::shape::{Grammars, node, primitive, set_ops};
use super::{Grammar, Op, Relaxed};
use crate::native;
use crate::raster::sample;
use crate::shape::prims2::{CIRCLE, HALF_PLANE, POLYGON, RECT};
use crate::shape::{Operation, Shape};
use crate::vm::limits::Fail;
use crate::vm::value::Value;

const CSG2: Grammars = &[(Grammar::Csg2, 1)];

/// Operations on 2D shapes.
pub fn ops() -> Vec<Op> {
    let mut ops = primitives();
    ops.extend(set_ops("shape2", |c| format!("circle({c}, {c}, 1)"), |c| format!("{c}, {c}"), CSG2));
    ops.extend(transforms());
    ops.extend(questions());
    ops
}

fn primitives() -> Vec<Op> {
    vec![
        primitive(
            &CIRCLE,
            "(x: num, y: num, r: num) -> shape2",
            "The disc around (x, y) of radius `r`, which is not negative.",
            "inside(circle(2, 2, 1), 2, 3)",
            CSG2,
        ),
        primitive(
            &RECT,
            "(x: num, y: num, w: num, h: num, angle: angle = 0deg) -> shape2",
            "The rectangle centred at (x, y), `w` wide and `h` high in full, turned counter-clockwise by `angle` about \
             its centre. Extents are not negative.",
            "inside(rect(8, 8, 12, 4), 13, 9) and inside(rect(8, 8, 12, 4, 90deg), 9, 13)",
            CSG2,
        ),
        Op::new(
            "polygon",
            "(points: [(num, num)]) -> shape2",
            "The polygon with these corners in turn, three or more; the last is joined to the first. Where the outline \
             crosses itself, a point is inside if a ray from it crosses the outline an odd number of times.",
            "inside(polygon([(0, 0), (4, 0), (0, 4)]), 1, 1)",
            native!(try |cx; points: &[Value]| -> Shape {
                let mut flat = Vec::with_capacity(2 * points.len());
                for p in points {
                    flat.extend(numbers::<2>(p)?);
                }
                cx.work(8 * flat.len())?;
                node(cx, Operation::Prim(POLYGON.clone()), &flat, &[])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Prim(POLYGON.clone())))
        .grammars(CSG2),
        primitive(
            &HALF_PLANE,
            "(x: num, y: num, angle: angle) -> shape2",
            "All points that lie from (x, y) in direction `angle` or beside: those p with \
             (p - (x, y)) . (cos angle, -sin angle) >= 0. `half_plane(8, 0, 0deg)` is all that is right of x = 8, \
             `half_plane(0, 8, 90deg)` all that is above y = 8.",
            "inside(half_plane(8, 0, 0deg), 9, 3) and inside(half_plane(0, 8, 90deg), 0, 7)",
            CSG2,
        ),
    ]
}

fn transforms() -> Vec<Op> {
    vec![
        Op::new(
            "translate",
            "(s: shape2, dx: num, dy: num) -> shape2",
            "The shape moved by (dx, dy).",
            "inside(translate(circle(0, 0, 1), 5, 6), 5, 6)",
            native!(try |cx; s: &Shape, dx: f64, dy: f64| -> Shape { node(cx, Operation::Translate, &[dx, dy], &[s]) }),
        )
        .relaxed(Relaxed::Shape(Operation::Translate))
        .grammars(CSG2),
        Op::new(
            "rotate",
            "(s: shape2, angle: angle, x: num = 0.0, y: num = 0.0) -> shape2",
            "The shape turned about (x, y) by `angle`, counter-clockwise as seen. With y down the offset (u, v) from \
             (x, y) becomes (u cos a + v sin a, -u sin a + v cos a).",
            "inside(rotate(circle(5, 0, 1), 90deg), 0, -5)",
            native!(try |cx; s: &Shape, angle: f64, x: f64, y: f64| -> Shape {
                node(cx, Operation::Rotate, &[angle, x, y], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Rotate))
        .grammars(CSG2),
        Op::new(
            "scale",
            "(s: shape2, k: num) -> shape2",
            "The shape stretched from the origin by the factor `k`, which is greater than 0.",
            "inside(scale(circle(2, 2, 1), 10), 20, 29)",
            native!(try |cx; s: &Shape, k: f64| -> Shape { node(cx, Operation::Scale, &[k, k], &[s]) }),
        )
        .relaxed(Relaxed::Shape(Operation::Scale))
        .grammars(CSG2),
        Op::new(
            "scale_xy",
            "(s: shape2, kx: num, ky: num) -> shape2",
            "The shape stretched from the origin by a factor for each axis, both greater than 0.",
            "inside(scale_xy(circle(0, 0, 1), 9, 1), 8, 0)",
            native!(try |cx; s: &Shape, kx: f64, ky: f64| -> Shape { node(cx, Operation::Scale, &[kx, ky], &[s]) }),
        )
        .relaxed(Relaxed::Shape(Operation::Scale))
        .grammars(CSG2),
        Op::new(
            "mirror",
            "(s: shape2, x: num, y: num, angle: angle) -> shape2",
            "The mirror image of the shape at the line through (x, y) in direction `angle`. \
             `mirror(s, 8, 0, 90deg)` swaps left and right at x = 8.",
            "inside(mirror(circle(2, 3, 1), 8, 0, 90deg), 14, 3)",
            native!(try |cx; s: &Shape, x: f64, y: f64, angle: f64| -> Shape {
                node(cx, Operation::Mirror, &[x, y, angle], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Mirror))
        .grammars(CSG2),
        Op::new(
            "flip_union",
            "(s: shape2, x: num, y: num, angle: angle) -> shape2",
            "The shape and its mirror image at the line through (x, y) in direction `angle`: max(s(p), s(flip(p))), \
             where flip leaves the points of the line where they are. From ROAP (Tang and Ellis, ICML 2023), \
             appendix B.1.1, whose printed matrix moves the line.",
            "inside(flip_union(circle(2, 3, 1), 8, 0, 90deg), 2, 3) and \
             inside(flip_union(circle(2, 3, 1), 8, 0, 90deg), 14, 3)",
            native!(try |cx; s: &Shape, x: f64, y: f64, angle: f64| -> Shape {
                node(cx, Operation::FlipUnion, &[x, y, angle], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::FlipUnion))
        .grammars(CSG2),
        Op::new(
            "repeat",
            "(s: shape2, count: int, dx: num, dy: num) -> shape2",
            "`count` copies of the shape, copy c (from 0) moved by c times (dx, dy). From 0 to 1,000,000,000 copies; \
             none is the empty shape. ROAP's for-loop (Tang and Ellis, ICML 2023, appendix B.1.1).",
            "inside(repeat(circle(2, 2, 1), 4, 5, 0), 17, 2)",
            native!(try |cx; s: &Shape, count: i64, dx: f64, dy: f64| -> Shape {
                node(cx, Operation::Repeat, &[count as f64, dx, dy], &[s])
            }),
        )
        .relaxed(Relaxed::Shape(Operation::Repeat))
        .grammars(CSG2),
    ]
}

fn questions() -> Vec<Op> {
    vec![
        Op::new(
            "inside",
            "(s: shape2, x: num, y: num) -> bool",
            "Whether the point (x, y) lies in the shape. The border counts as inside.",
            "inside(circle(2, 2, 1), 2, 2) and not inside(circle(2, 2, 1), 4, 2)",
            native!(try |cx; s: &Shape, x: f64, y: f64| -> bool { sample::inside(s, [x, y, 0.0], cx) }),
        )
        .relaxed(Relaxed::Inside),
        Op::new(
            "bounds",
            "(s: shape2) -> (num, num, num, num)",
            "A box that holds the shape: left, top, right, bottom. It is worked out part by part, so it may be larger \
             than the least one. An error if the shape is empty or has no end, as a half-plane.",
            "bounds(circle(2, 3, 1)) == (1.0, 2.0, 3.0, 4.0)",
            native!(try |s: &Shape| -> Value { bounds(s) }),
        ),
    ]
}

/// The corners of the box of a shape, least first.
pub(super) fn bounds(s: &Shape) -> Result<Value, Fail> {
    let b = s.bounds();
    if b.is_empty() {
        return Err(Fail::new("E0440", "the shape is empty: it has no bounds"));
    }
    if !b.is_finite(s.dim()) {
        return Err(Fail::new("E0440", "the shape has no end: it has no bounds"));
    }
    let dim = usize::from(s.dim());
    Ok(Value::tuple(b.lo[..dim].iter().chain(&b.hi[..dim]).map(|x| Value::Num(*x)).collect()))
}

/// The items of a tuple of nums.
pub(super) fn numbers<const N: usize>(v: &Value) -> Result<[f64; N], Fail> {
    use crate::builtins::convert::FromArg;
    let items = <&[Value]>::from_arg(v)?;
    let mut out = [0.0; N];
    if items.len() != N {
        return Err(format!("expected {N} numbers, found {}", items.len()).into());
    }
    for (o, item) in out.iter_mut().zip(items) {
        *o = f64::from_arg(item)?;
    }
    Ok(out)
}
