//! Found terms as IR, put where the holes were.

use crate::builtins::OpTable;
use crate::domain::terms::{TermDomain, TermOp};
use crate::ir::{Func, HoleId, Kind, LocalId, Node, NodeId, OpId};
use crate::search::{Enumerator, TermId};
use crate::source::Span;
use crate::types::Type;
use crate::vm::value::Value;

/// Writes terms into a function.
pub struct Builder<'a> {
    /// The function that is completed.
    pub func: Func,
    /// Operations.
    pub ops: &'a OpTable,
}

impl Builder<'_> {
    fn push(&mut self, kind: Kind, ty: Type, span: Span) -> NodeId {
        self.func.nodes.push(Node { kind, ty, span });
        NodeId(self.func.nodes.len() as u32 - 1)
    }

    /// The overload of an operation whose first parameter satisfies a condition.
    fn overload(&self, name: &str, first: impl Fn(&Type) -> bool) -> Option<OpId> {
        let fits = |id: &&OpId| {
            self.ops.sig(**id).is_ok_and(|s| s.params.len() == 2 && s.params.first().is_some_and(|p| first(&p.ty)))
        };
        self.ops.overloads(name).iter().find(fits).copied()
    }

    /// A literal.
    pub fn literal(&mut self, v: &Value, ty: &Type, span: Span) -> NodeId {
        let kind = match v {
            Value::Int(i) if *ty == Type::Num => Kind::Num(*i as f64),
            Value::Int(i) => Kind::Int(*i),
            Value::Num(x) => Kind::Num(*x),
            Value::Bool(b) => Kind::Bool(*b),
            Value::Str(s) => Kind::Str(s.as_str().into()),
            other => Kind::Const(other.clone()),
        };
        self.push(kind, ty.clone(), span)
    }

    /// A number that was written as an angle keeps its degrees.
    pub fn angle(&mut self, radians: f64, span: Span) -> NodeId {
        self.degrees(radians.to_degrees(), span)
    }

    /// An angle in degrees.
    pub fn degrees(&mut self, degrees: f64, span: Span) -> NodeId {
        self.push(Kind::Angle(degrees), Type::Num, span)
    }

    /// A term of an enumeration.
    pub fn term(&mut self, en: &Enumerator<'_, TermDomain>, domain: &TermDomain, id: TermId, span: Span) -> NodeId {
        let t = en.term(id).clone();
        let args: Vec<NodeId> = t.args.iter().map(|a| self.term(en, domain, *a, span)).collect();
        match &en.productions()[t.production].op {
            TermOp::Var(i) => {
                let input = &domain.inputs[*i];
                let local_ty = self.func.local(input.source.0).ty.clone();
                let local = self.push(Kind::Local(input.source.0), local_ty, span);
                let index = input.source.1.zip(self.overload("[]", |t| matches!(t, Type::List(_))));
                match index {
                    Some((k, op)) => {
                        let i = self.push(Kind::Int(k as i64), Type::Int, span);
                        self.push(Kind::Op { op, args: vec![local, i] }, input.ty.clone(), span)
                    }
                    None => local,
                }
            }
            TermOp::Lit(v, ty) => self.literal(v, ty, span),
            TermOp::Const(op) => {
                let ty = self.ops.sig(*op).map_or(Type::Unit, |s| s.ret.clone());
                self.push(Kind::Op { op: *op, args: Vec::new() }, ty, span)
            }
            TermOp::Widen => match args.as_slice() {
                [a] => self.push(Kind::Widen(*a), Type::Num, span),
                _ => self.push(Kind::Unit, Type::Unit, span),
            },
            TermOp::Op(op) => {
                let ty = self.ops.sig(*op).map_or(Type::Unit, |s| s.ret.clone());
                self.push(Kind::Op { op: *op, args }, ty, span)
            }
        }
    }

    /// The body of another function with the same parameters, put into this one; its place is that of the hole.
    pub fn graft(&mut self, other: &Func, span: Span) -> NodeId {
        let nodes = self.func.nodes.len() as u32;
        let (params, locals) = (other.params.len() as u32, self.func.locals.len() as u32);
        let node = |n: NodeId| NodeId(n.0 + nodes);
        let local = |l: LocalId| if l.0 < params { l } else { LocalId(l.0 - params + locals) };
        self.func.locals.extend(other.locals.iter().skip(other.params.len()).cloned());
        let moved = other.nodes.iter().map(|n| Node { kind: n.kind.renumbered(node, local), ty: n.ty.clone(), span });
        self.func.nodes.extend(moved);
        node(other.body)
    }

    /// Puts a filling where a hole was, at all its places.
    pub fn put(&mut self, hole: HoleId, filling: NodeId) {
        for n in &mut self.func.nodes {
            if matches!(n.kind, Kind::Hole { hole: h, .. } if h == hole) {
                n.kind = Kind::Block(vec![filling]);
            }
        }
    }

    /// Puts the chosen alternative where a choice was.
    pub fn choose(&mut self, hole: HoleId, which: usize) {
        let ops = match &self.func.holes[hole.0 as usize].kind {
            crate::ir::HoleKind::Choice { ops } => ops.clone(),
            _ => Vec::new(),
        };
        for n in &mut self.func.nodes {
            let Kind::Hole { hole: h, args } = &n.kind else { continue };
            if *h != hole {
                continue;
            }
            n.kind = match ops.get(which) {
                Some(op) => Kind::Op { op: *op, args: args.clone() },
                None => match args.get(which) {
                    Some(a) => Kind::Block(vec![*a]),
                    None => continue,
                },
            };
        }
    }

    /// The completed function.
    pub fn finish(mut self) -> Func {
        self.func.holes.clear();
        self.func
    }
}
