//! What the operations on 2D and on 3D shapes share.

use super::convert::FromArg;
use super::{Exact, Grammar, Op, Relaxed, native};
use crate::shape::prim::Prim;
use crate::shape::{Operation, Shape, bytes_of_node};
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use std::sync::{Arc, LazyLock};

/// Grammars of the operations of one dimension.
pub(super) type Grammars = &'static [(Grammar, u32)];

/// A node over children, charged for.
pub(super) fn node(cx: &mut Ctx<'_>, op: Operation, args: &[f64], children: &[&Shape]) -> Result<Shape, Fail> {
    cx.charge(bytes_of_node(args.len(), children.len()))?;
    Shape::new(op, args.to_vec(), children.iter().map(|&c| c.clone()).collect())
}

/// The shape among the arguments of a builtin whose meaning is not known until the table is made.
pub(super) fn shape(args: &[Value], i: usize) -> Result<&Shape, Fail> {
    <&Shape>::from_arg(args.get(i).unwrap_or(&Value::Unit))
}

/// The entry of a primitive.
pub(super) fn primitive(
    prim: &'static LazyLock<Arc<Prim>>,
    sig: &'static str,
    doc: &'static str,
    example: &'static str,
    grammars: Grammars,
) -> Op {
    let prim = Arc::clone(prim);
    Op::new(prim.name.clone(), sig, doc, example, Exact::Prim(prim)).grammars(grammars)
}

/// `+`, `-` and `&` for shapes of one type; `unit` is a shape around `at` with radius 1, for the examples.
pub(super) fn set_ops(ty: &str, ball: impl Fn(i32) -> String, at: impl Fn(i32) -> String, g: Grammars) -> Vec<Op> {
    let sig = format!("(a: {ty}, b: {ty}) -> {ty}");
    let op = |name: &'static str, doc: &'static str, example: String, operation: Operation| {
        let relaxed = Relaxed::Shape(operation.clone());
        let exact = native(move |cx, args| {
            let (a, b) = (shape(args, 0)?, shape(args, 1)?);
            Ok(Value::obj(node(cx, operation.clone(), &[], &[a, b])?))
        });
        Op::new(name, sig.clone(), doc, example, exact).relaxed(relaxed).grammars(g)
    };
    let (a, b, far) = (ball(2), ball(3), ball(8));
    vec![
        op(
            "+",
            "The union of two shapes: points of either.",
            format!("inside({a} + {far}, {})", at(8)),
            Operation::Union,
        ),
        op(
            "-",
            "The difference of two shapes: points of `a` that are not in `b`. The border of `b` is cut away with it.",
            format!("not inside({a} - {b}, {})", at(3)),
            Operation::Difference,
        ),
        op(
            "&",
            "The intersection of two shapes: points of both.",
            format!("not inside({a} & {far}, {})", at(2)),
            Operation::Intersection,
        ),
    ]
}
