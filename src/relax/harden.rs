//! From parameters back to a program: numbers are written out, of each choice the heaviest alternative remains, of each
//! sketch the lines that its value needs.

use super::params::{Param, Params, Place, rounded};
use super::sketch::{Choice, Parts, Sketch};
use crate::builtins::{OpTable, Relaxed};
use crate::ir::{Func, FuncId, HoleId, HoleKind, Kind, Local, LocalId, Node, NodeId};
use crate::source::Span;
use crate::synth::build::Builder;
use crate::types::Type;
use crate::vm::limits::Fail;
use crate::vm::value::Value;

/// The discrete program of a function at these values of its parameters, and what fills each hole.
pub fn harden(
    id: FuncId,
    func: &Func,
    ops: &OpTable,
    params: &Params,
    values: &[f64],
) -> Result<(Func, Vec<(String, String)>), Fail> {
    let mut builder = Builder { func: func.clone(), ops };
    let mut fillings = Vec::new();
    for (i, hole) in func.holes.iter().enumerate() {
        let place = Place::Hole(id, i as u32);
        let name = format!("??{}", hole.name.as_deref().unwrap_or(""));
        match &hole.kind {
            HoleKind::Range { lo, hi, angle, .. } => {
                let x = number(params, values, place).unwrap_or(*lo);
                let node = if hole.ty == Type::Int {
                    builder.literal(&Value::Int(x.round() as i64), &Type::Int, hole.span)
                } else if *angle {
                    let degrees = rounded(x.to_degrees(), (hi - lo).to_degrees());
                    builder.degrees(degrees, hole.span)
                } else {
                    builder.literal(&Value::Num(rounded(x, hi - lo)), &Type::Num, hole.span)
                };
                fillings.push((name, text(&builder.func.node(node).kind)));
                builder.put(HoleId(i as u32), node);
            }
            HoleKind::Choice { .. } => {
                let which = chosen(params, values, place, 0).unwrap_or(0);
                fillings.push((name, format!("alternative {}", which + 1)));
                builder.choose(HoleId(i as u32), which);
            }
            _ => return Err(Fail::new(super::lower::REFUSED, format!("the hole `{name}` cannot be filled by a fit"))),
        }
    }
    let mut func = builder.finish();
    for n in 0..func.nodes.len() {
        let Kind::Op { op, args } = func.nodes[n].kind.clone() else { continue };
        if let Relaxed::Sketch(kind) = ops.get(op).relaxed {
            let place = Place::Sketch(id, NodeId(n as u32));
            let filled =
                Writer { func: &mut func, params, values, place }.sketch(kind, ops, NodeId(n as u32), &args)?;
            fillings.push((ops.get(op).name.to_string(), format!("{} lines remain", filled)));
        }
    }
    Ok((func, fillings))
}

/// The value of a range hole.
fn number(params: &Params, values: &[f64], place: Place) -> Option<f64> {
    let of = |p: &Param| matches!(p, Param::Number { place: q, .. } if *q == place);
    let at = params.all.iter().position(of)?;
    values.get(at).copied()
}

/// The heaviest alternative of a choice; of equal ones the first.
fn chosen(params: &Params, values: &[f64], place: Place, part: usize) -> Option<usize> {
    let g = params.groups.iter().find(|g| g.place == place && g.part == part)?;
    let logits = values.get(g.first..g.first + g.len)?;
    (0..g.len).reduce(|best, i| if logits[i] > logits[best] { i } else { best })
}

fn text(kind: &Kind) -> String {
    match kind {
        Kind::Int(i) => i.to_string(),
        Kind::Num(x) => x.to_string(),
        Kind::Angle(x) => format!("{x}deg"),
        _ => String::new(),
    }
}

/// Writes a sketch's lines in its place.
struct Writer<'a> {
    func: &'a mut Func,
    params: &'a Params,
    values: &'a [f64],
    place: Place,
}

/// What a line is once its choices are made.
#[derive(Clone, Copy)]
enum Line {
    Input(usize),
    Op(crate::ir::OpId, usize, usize),
}

impl Writer<'_> {
    fn push(&mut self, kind: Kind, ty: &Type, span: Span) -> NodeId {
        self.func.nodes.push(Node { kind, ty: ty.clone(), span });
        NodeId(self.func.nodes.len() as u32 - 1)
    }

    fn choice(&self, part: usize) -> usize {
        // A choice among one has no logits.
        chosen(self.params, self.values, self.place, part).unwrap_or(0)
    }

    /// Replaces a sketch; the number of operations that remain.
    fn sketch(&mut self, kind: Sketch, ops: &OpTable, at: NodeId, args: &[NodeId]) -> Result<usize, Fail> {
        let (ty, span) = (self.func.node(at).ty.clone(), self.func.node(at).span);
        let Some(parts) = self.params.sketches.get(&self.place).cloned() else { return Ok(0) };
        let mut lines = Vec::new();
        let root = match kind {
            Sketch::StraightLine => self.straight(&parts, &mut lines),
            Sketch::SyntaxTree => self.tree(&parts, 0, &mut lines),
        };
        let mut uses = vec![0usize; lines.len()];
        uses[root] = 1;
        for i in (0..lines.len()).rev() {
            if let (Line::Op(_, a, b), true) = (lines[i], uses[i] > 0) {
                uses[a] += 1;
                uses[b] += 1;
            }
        }
        let mut block = Vec::new();
        let inputs = self.inputs(args[0], &parts, ops, &ty, &mut block)?;
        let mut written: Vec<Option<NodeId>> = vec![None; lines.len()];
        let mut count = 0;
        for (i, line) in lines.iter().enumerate().filter(|(i, _)| uses[*i] > 0) {
            let node = match *line {
                Line::Input(k) => inputs[k],
                Line::Op(op, a, b) => {
                    count += 1;
                    let args = [a, b].map(|x| written[x].unwrap_or(inputs[0])).to_vec();
                    self.push(Kind::Op { op, args }, &ty, span)
                }
            };
            let simple = matches!(self.func.node(node).kind, Kind::Local(_) | Kind::Num(_) | Kind::Int(_));
            written[i] = Some(if uses[i] > 1 && !simple {
                let local = self.local(&ty);
                let bind = self.push(Kind::Let(local, node), &Type::Unit, span);
                block.push(bind);
                self.push(Kind::Local(local), &ty, span)
            } else {
                node
            });
        }
        block.push(written[root].unwrap_or(inputs[0]));
        self.func.nodes[at.0 as usize].kind = Kind::Block(block);
        Ok(count)
    }

    /// The inputs of a sketch as nodes: the items of a list that is written out, else of a variable that holds it.
    fn inputs(
        &mut self,
        list: NodeId,
        parts: &Parts,
        ops: &OpTable,
        ty: &Type,
        block: &mut Vec<NodeId>,
    ) -> Result<Vec<NodeId>, Fail> {
        if let Kind::List(items) = &self.func.node(list).kind {
            return Ok(items.clone());
        }
        let (list_ty, span) = (self.func.node(list).ty.clone(), self.func.node(list).span);
        let index = ops.overloads("[]").first().copied().ok_or("no operation `[]`")?;
        let local = self.local(&list_ty);
        block.push(self.push(Kind::Let(local, list), &Type::Unit, span));
        let item = |this: &mut Self, i: usize| {
            let all = this.push(Kind::Local(local), &list_ty, span);
            let at = this.push(Kind::Int(i as i64), &Type::Int, span);
            this.push(Kind::Op { op: index, args: vec![all, at] }, ty, span)
        };
        Ok((0..parts.inputs).map(|i| item(self, i)).collect())
    }

    /// A new variable under a name that is free.
    fn local(&mut self, ty: &Type) -> LocalId {
        let taken = |n: &str| self.func.locals.iter().any(|l| &*l.name == n);
        let name = (1..).map(|i| format!("part{i}")).find(|n| !taken(n)).unwrap_or_default();
        self.func.locals.push(Local { name: name.as_str().into(), ty: ty.clone(), mutable: false });
        LocalId(self.func.locals.len() as u32 - 1)
    }

    fn straight(&self, parts: &Parts, lines: &mut Vec<Line>) -> usize {
        // For each line of the sketch, the written line that has its value.
        let mut value: Vec<usize> = (0..parts.inputs).collect();
        lines.extend((0..parts.inputs).map(Line::Input));
        for l in 0..parts.size {
            let [op, left, right] = [0, 1, 2].map(|k| self.choice(3 * l + k));
            value.push(match parts.ops[op] {
                Choice::Keep => value[left],
                Choice::Op(op) => {
                    lines.push(Line::Op(op, value[left], value[right]));
                    lines.len() - 1
                }
            });
        }
        value.last().copied().unwrap_or(0)
    }

    fn tree(&self, parts: &Parts, node: usize, lines: &mut Vec<Line>) -> usize {
        if node >= parts.inner() {
            lines.push(Line::Input(self.choice(node)));
            return lines.len() - 1;
        }
        let left = self.tree(parts, 2 * node + 1, lines);
        match parts.ops[self.choice(node)] {
            Choice::Keep => left,
            Choice::Op(op) => {
                let right = self.tree(parts, 2 * node + 2, lines);
                lines.push(Line::Op(op, left, right));
                lines.len() - 1
            }
        }
    }
}
