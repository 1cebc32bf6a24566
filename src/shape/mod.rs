//! Shapes as values: shared graphs of (operation, arguments), never closures.
//!
//! A [`Shape`] is a node: an [`Operation`], its numbers and its children. Building, comparing, printing, rendering,
//! relaxing and exporting all read the same graph. Graphs may be deep (a union of 100,000 parts is a chain) and may
//! share parts heavily (`s + s` fifty times over), so every walk here is a loop with a memory of what it has seen.

pub mod affine;
pub mod interval;
pub mod prim;
pub mod prims2;
pub mod prims3;
mod show;
pub mod transform;

use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen};
use affine::Bounds;
use prim::{Param, Prim, check_params};
use std::any::Any;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A shape. Cloning shares.
#[derive(Clone)]
pub struct Shape(Arc<Node>);

struct Node {
    op: Operation,
    args: Box<[f64]>,
    children: Vec<Shape>,
    dim: u8,
    depth: u32,
    hash: u64,
    bounds: Bounds,
}

/// What a node of a shape does. Its numbers, by dimension, are listed by [`Operation::params`].
#[derive(Clone, Debug)]
pub enum Operation {
    /// A primitive.
    Prim(Arc<Prim>),
    /// Points of either child.
    Union,
    /// Points of both children.
    Intersection,
    /// Points of the first child that are not in the second.
    Difference,
    /// Moved by `(dx, dy)` or `(dx, dy, dz)`.
    Translate,
    /// 2D: turned by `angle` about `(x, y)`.
    Rotate,
    /// 3D: turned by `angle` about the x axis.
    RotateX,
    /// 3D: turned by `angle` about the y axis.
    RotateY,
    /// 3D: turned by `angle` about the z axis.
    RotateZ,
    /// Stretched from the origin by a factor for each axis.
    Scale,
    /// 2D: mirrored at the line through `(x, y)` in direction `angle`; 3D: at the plane
    /// `nx x + ny y + nz z = offset`.
    Mirror,
    /// The child and its mirror image.
    FlipUnion,
    /// `count` copies, each moved by one more displacement than the last.
    Repeat,
}

impl Operation {
    /// Its name in programs; a scale's is that of its general form.
    pub fn name(&self, dim: u8) -> &str {
        match self {
            Operation::Prim(p) => &p.name,
            Operation::Union => "+",
            Operation::Intersection => "&",
            Operation::Difference => "-",
            Operation::Translate => "translate",
            Operation::Rotate => "rotate",
            Operation::RotateX => "rotate_x",
            Operation::RotateY => "rotate_y",
            Operation::RotateZ => "rotate_z",
            Operation::Scale if dim == 2 => "scale_xy",
            Operation::Scale => "scale_xyz",
            Operation::Mirror => "mirror",
            Operation::FlipUnion => "flip_union",
            Operation::Repeat => "repeat",
        }
    }

    /// The names and meanings of its numbers.
    pub fn params(&self, dim: u8) -> &'static [(&'static str, Param)] {
        use Param::{Angle, Coord, Count, Factor};
        match (self, dim) {
            (Operation::Prim(p), _) => p.params,
            (Operation::Union | Operation::Intersection | Operation::Difference, _) => &[],
            (Operation::Translate, 2) => &[("dx", Coord), ("dy", Coord)],
            (Operation::Translate, _) => &[("dx", Coord), ("dy", Coord), ("dz", Coord)],
            (Operation::Rotate, _) => &[("angle", Angle), ("x", Coord), ("y", Coord)],
            (Operation::RotateX | Operation::RotateY | Operation::RotateZ, _) => &[("angle", Angle)],
            (Operation::Scale, 2) => &[("kx", Factor), ("ky", Factor)],
            (Operation::Scale, _) => &[("kx", Factor), ("ky", Factor), ("kz", Factor)],
            (Operation::Mirror | Operation::FlipUnion, 2) => &[("x", Coord), ("y", Coord), ("angle", Angle)],
            (Operation::Mirror | Operation::FlipUnion, _) => {
                &[("nx", Coord), ("ny", Coord), ("nz", Coord), ("offset", Coord)]
            }
            (Operation::Repeat, 2) => &[("count", Count), ("dx", Coord), ("dy", Coord)],
            (Operation::Repeat, _) => &[("count", Count), ("dx", Coord), ("dy", Coord), ("dz", Coord)],
        }
    }

    /// How many children it has.
    pub fn arity(&self) -> usize {
        match self {
            Operation::Prim(_) => 0,
            Operation::Union | Operation::Intersection | Operation::Difference => 2,
            _ => 1,
        }
    }

    fn same(&self, other: &Operation) -> bool {
        match (self, other) {
            (Operation::Prim(a), Operation::Prim(b)) => {
                Arc::ptr_eq(a, b) || (a.name == b.name && a.dim == b.dim && a.params == b.params)
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl Shape {
    /// A node. Every shape is made here: the number of children, their dimension and the arguments are checked.
    pub fn new(op: Operation, mut args: Vec<f64>, children: Vec<Shape>) -> Result<Shape, Fail> {
        let dim = match (&op, &children[..]) {
            (Operation::Prim(p), _) => p.dim,
            (_, [first, ..]) => first.dim(),
            (_, []) => 0,
        };
        if children.len() != op.arity() || children.iter().any(|c| c.dim() != dim) {
            return Err(Fail::new("E0440", format!("`{}` needs {} shapes of one kind", op.name(dim), op.arity())));
        }
        let planar = matches!(op, Operation::Rotate);
        let spatial = matches!(op, Operation::RotateX | Operation::RotateY | Operation::RotateZ);
        if (planar && dim != 2) || (spatial && dim != 3) {
            return Err(Fail::new("E0440", format!("`{}` does not apply to a shape{dim}", op.name(dim))));
        }
        check_params(op.name(dim), op.params(dim), &args)?;
        if dim == 3 && matches!(op, Operation::Mirror | Operation::FlipUnion) && args[..3] == [0.0; 3] {
            return Err(Fail::new("E0440", format!("`{}`: the plane's normal is (0, 0, 0)", op.name(dim))));
        }
        for a in &mut args {
            *a += 0.0; // -0.0 becomes 0.0, so that equal numbers have equal bits
        }
        let mut h = DefaultHasher::new();
        std::mem::discriminant(&op).hash(&mut h);
        if let Operation::Prim(p) = &op {
            p.name.hash(&mut h);
        }
        args.iter().for_each(|a| a.to_bits().hash(&mut h));
        children.iter().for_each(|c| c.0.hash.hash(&mut h));
        let depth = children.iter().map(|c| c.0.depth).max().unwrap_or(0).saturating_add(1);
        let bounds = transform::bounds(&op, dim, &args, &children);
        let node = Node { op, args: args.into(), children, dim, depth, hash: h.finish(), bounds };
        Ok(Shape(Arc::new(node)))
    }

    /// What it does.
    pub fn op(&self) -> &Operation {
        &self.0.op
    }

    /// Its numbers, in the order of [`Operation::params`].
    pub fn args(&self) -> &[f64] {
        &self.0.args
    }

    /// The shapes it is made from.
    pub fn children(&self) -> &[Shape] {
        &self.0.children
    }

    /// 2 or 3.
    pub fn dim(&self) -> u8 {
        self.0.dim
    }

    /// Nodes on the longest way down.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// A box that holds it; sides may be infinite. Not always the least one: it is worked out node by node.
    pub fn bounds(&self) -> &Bounds {
        &self.0.bounds
    }

    /// Identity of the node: equal for clones of one shape only.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// All distinct nodes, children before parents.
    pub fn nodes(&self) -> Vec<&Shape> {
        let (mut out, mut seen, mut stack) = (Vec::new(), HashSet::new(), vec![(self, false)]);
        while let Some((s, done)) = stack.pop() {
            if done {
                out.push(s);
            } else if seen.insert(s.id()) {
                stack.push((s, true));
                stack.extend(s.children().iter().rev().map(|c| (c, false)));
            }
        }
        out
    }

    /// Lines of the program that it is: primitives, operators and transforms, each shared one counted once.
    pub fn lines(&self) -> usize {
        self.nodes().len()
    }

    /// Source text that evaluates to an equal shape, unless it would be longer than `most` bytes.
    pub fn source(&self, most: usize) -> Option<String> {
        show::source(self, most)
    }
}

impl PartialEq for Shape {
    /// Whether both are built the same way. Looks at each pair of nodes once.
    fn eq(&self, other: &Shape) -> bool {
        let (mut seen, mut stack) = (HashSet::new(), vec![(self, other)]);
        while let Some((a, b)) = stack.pop() {
            if Arc::ptr_eq(&a.0, &b.0) || !seen.insert((a.id(), b.id())) {
                continue;
            }
            let (x, y) = (&*a.0, &*b.0);
            if x.hash != y.hash || x.dim != y.dim || x.args != y.args || !x.op.same(&y.op) {
                return false;
            }
            stack.extend(x.children.iter().zip(&y.children));
        }
        true
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Object for Shape {
    fn type_name(&self) -> &str {
        if self.dim() == 2 { "shape2" } else { "shape3" }
    }

    fn show(&self) -> String {
        self.source(show::MOST).unwrap_or_else(|| format!("<{} of {} nodes>", self.type_name(), self.lines()))
    }

    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Shape>().is_some_and(|o| self == o)
    }

    fn bytes(&self, seen: &mut Seen) -> usize {
        let (mut total, mut stack) = (0, vec![self]);
        while let Some(s) = stack.pop() {
            if seen.insert(s.id()) {
                total += bytes_of_node(s.args().len(), s.children().len());
                stack.extend(s.children());
            }
        }
        total
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Bytes of one node, to be charged before it is made.
pub fn bytes_of_node(args: usize, children: usize) -> usize {
    size_of::<Node>() + 16 + args * size_of::<f64>() + children * size_of::<Shape>()
}

impl Drop for Node {
    /// Takes the graph apart in a loop: dropping a chain of 100,000 nodes by recursion would overflow the stack.
    fn drop(&mut self) {
        let mut stack = std::mem::take(&mut self.children);
        while let Some(Shape(child)) = stack.pop() {
            if let Some(mut node) = Arc::into_inner(child) {
                stack.append(&mut node.children);
            }
        }
    }
}

#[cfg(test)]
mod tests;
