//! Sketches of whole expressions: `straightline` and `syntax_tree`.
//!
//! A straight-line sketch (ROAP 2023, figures 2 and 9) has V inputs and L lines after them. Line l is
//! `sum_o O_lo F_o(sum_a L_la line_a, sum_b R_lb line_b)` over the earlier lines a and b, where the rows of O, L and R are
//! the softmax of logits over the temperature. Its value is the last line, number L + V.
//!
//! A syntax-tree sketch (ROAP 2022, figure 7) of depth D is a complete binary tree: inner nodes mix operations over their
//! children, leaves mix the inputs.
//!
//! The length of a sketch is the expected size of its expression as a tree: 0 for an input, and
//! `sum_o O_lo (cost_o + length(left) + length(right))` for a line, where `"keep"` costs nothing and reads its left side
//! alone. Lines that are used twice count twice, so that it bounds the number of lines that remain.

use super::lower::{Frame, Lower, Outcome, refuse};
use super::params::Place;
use crate::builtins::OpTable;
use crate::ir::{Func, NodeId, OpId};
use crate::source::Span;
use crate::types::Type;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::sym::Sym;

/// Kinds of sketches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sketch {
    /// `straightline`
    StraightLine,
    /// `syntax_tree`
    SyntaxTree,
}

/// An operation of a sketch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The left argument.
    Keep,
    /// An operation of the table.
    Op(OpId),
}

/// Most lines of a straight-line sketch.
pub const MOST_LINES: usize = 256;
/// Greatest depth of a syntax tree.
pub const MOST_DEPTH: usize = 8;

/// What a sketch is made from.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Its operations.
    pub ops: Vec<Choice>,
    /// How many inputs.
    pub inputs: usize,
    /// Lines, or depth.
    pub size: usize,
}

impl Parts {
    /// For a straight line: the parts of [`Group`](super::params::Group)s of line `l` are `3l` (operation), `3l + 1`
    /// (left), `3l + 2` (right). For a tree: part i is the operation of inner node i, counted from the root by levels,
    /// and then the inputs of the leaves.
    pub fn inner(&self) -> usize {
        (1 << self.size) - 1
    }
}

/// The operation of this name from two values of a type to a third.
pub fn operation(table: &OpTable, name: &str, ty: &Type) -> Option<Choice> {
    if name == "keep" {
        return Some(Choice::Keep);
    }
    let fits = |id: &&OpId| {
        table.sig(**id).is_ok_and(|s| s.params.len() == 2 && s.params.iter().all(|p| p.ty == *ty) && s.ret == *ty)
    };
    table.overloads(name).iter().find(fits).map(|id| Choice::Op(*id))
}

/// Reads the arguments `ops` and `lines` (or `depth`) of a sketch.
pub fn parts(
    kind: Sketch,
    table: &OpTable,
    inputs: usize,
    ops: &Value,
    size: &Value,
    ty: &Type,
) -> Result<Parts, Fail> {
    let (what, most) = match kind {
        Sketch::StraightLine => ("lines", MOST_LINES),
        Sketch::SyntaxTree => ("depth", MOST_DEPTH),
    };
    if inputs == 0 {
        return Err("a sketch needs an input".into());
    }
    let Value::List(names) = ops else { return Err("the operations of a sketch must be known".into()) };
    let mut choices = Vec::new();
    for name in names.iter() {
        let Value::Str(name) = name else { return Err("an operation of a sketch is a name".into()) };
        choices.push(operation(table, name, ty).ok_or_else(|| {
            Fail::from(format!("no operation `{name}` makes a {ty} from two"))
                .help("name operators, functions of two arguments, or \"keep\" for the left argument")
        })?);
    }
    let size = match size {
        Value::Int(n) if (1..=most as i64).contains(n) => *n as usize,
        _ => return Err(format!("`{what}` must be from 1 to {most}").into()),
    };
    if choices.is_empty() {
        return Err("a sketch needs an operation".into());
    }
    Ok(Parts { ops: choices, inputs, size })
}

impl<'b> Lower<'_, '_, 'b> {
    /// A sketch's value.
    pub(super) fn sketch(&mut self, kind: Sketch, f: &Func, fr: &mut Frame, id: NodeId, args: &[NodeId]) -> Outcome {
        let span = f.node(id).span;
        let ty = f.node(id).ty.clone();
        let mut values = Vec::new();
        for a in args {
            values.push(self.node(f, fr, *a)?);
        }
        let [Value::List(inputs), ops, size] = values.as_slice() else {
            return Err(refuse("the inputs of a sketch must be known", span).into());
        };
        self.own(fr, span)?;
        let parts =
            parts(kind, &self.op_table(), inputs.len(), ops, size, &ty).map_err(|e| e.at(span, "in this sketch"))?;
        self.origin(span);
        let place = Place::Sketch(fr.id, id);
        self.params.sketches.insert(place, parts.clone());
        let mut value = match kind {
            Sketch::StraightLine => self.lines(&parts, place, inputs, &ty, span)?,
            Sketch::SyntaxTree => self.tree(&parts, place, inputs, &ty, 0, span)?,
        };
        self.lengths.push(value.length);
        Ok(std::mem::take(&mut value.value))
    }

    fn lines(
        &mut self,
        parts: &Parts,
        place: Place,
        inputs: &[Value],
        ty: &Type,
        span: Span,
    ) -> Result<Line<'b>, Fail> {
        let mut lines: Vec<Line<'b>> =
            inputs.iter().map(|v| Line { value: v.clone(), length: Sym::Lit(0.0) }).collect();
        for l in 0..parts.size {
            let ops = self.params.weights(self.b, place, 3 * l, parts.ops.len(), span);
            let mut sides = Vec::new();
            for side in 1..=2 {
                let weights = self.params.weights(self.b, place, 3 * l + side, lines.len(), span);
                sides.push(self.average(&weights, &lines, span)?);
            }
            let line = self.combined(parts, &ops, &sides[0], &sides[1], ty, span)?;
            lines.push(line);
        }
        lines.pop().ok_or_else(|| "a sketch needs a line".into())
    }

    fn tree(
        &mut self,
        parts: &Parts,
        place: Place,
        inputs: &[Value],
        ty: &Type,
        node: usize,
        span: Span,
    ) -> Result<Line<'b>, Fail> {
        if node >= parts.inner() {
            let weights = self.params.weights(self.b, place, node, inputs.len(), span);
            let value = self.mixture(&weights, inputs, span)?;
            return Ok(Line { value, length: Sym::Lit(0.0) });
        }
        let left = self.tree(parts, place, inputs, ty, 2 * node + 1, span)?;
        let right = self.tree(parts, place, inputs, ty, 2 * node + 2, span)?;
        let ops = self.params.weights(self.b, place, node, parts.ops.len(), span);
        self.combined(parts, &ops, &left, &right, ty, span)
    }

    fn average(&mut self, weights: &[Sym<'b>], lines: &[Line<'b>], span: Span) -> Result<Line<'b>, Fail> {
        let values: Vec<Value> = lines.iter().map(|l| l.value.clone()).collect();
        let value = self.mixture(weights, &values, span)?;
        let lengths: Vec<_> = weights.iter().copied().zip(lines.iter().map(|l| l.length)).collect();
        Ok(Line { value, length: self.b.dot(&lengths) })
    }

    /// The mixture of all operations on two values.
    fn combined(
        &mut self,
        parts: &Parts,
        weights: &[Sym<'b>],
        left: &Line<'b>,
        right: &Line<'b>,
        ty: &Type,
        span: Span,
    ) -> Result<Line<'b>, Fail> {
        let types = [ty.clone(), ty.clone()];
        let (mut values, mut lengths) = (Vec::new(), Vec::new());
        for (op, w) in parts.ops.iter().zip(weights) {
            let (value, length) = match op {
                Choice::Keep => (left.value.clone(), left.length),
                Choice::Op(op) => {
                    let value = self.apply(*op, vec![left.value.clone(), right.value.clone()], &types, ty, span)?;
                    (value, Sym::Lit(1.0) + left.length + right.length)
                }
            };
            values.push(value);
            lengths.push((*w, length));
        }
        Ok(Line { value: self.mixture(weights, &values, span)?, length: self.b.dot(&lengths) })
    }
}

/// A line's value and the expected size of its expression.
struct Line<'b> {
    value: Value,
    length: Sym<'b>,
}
