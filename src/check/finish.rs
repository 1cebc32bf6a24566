//! The end of a body's inference: last decisions, types filled in, IR functions made.

use super::infer::{Captured, FuncCtx, Infer, Link};
use super::unify::map_vars;
use crate::diag::Diagnostic;
use crate::ir::{Func, FuncId, HoleKind, Kind, LocalId, Node, NodeId, Param, Place};
use crate::types::Type;

impl Infer<'_> {
    /// Decides all that waits.
    pub(super) fn settle(&mut self) {
        self.force(&mut |_, _| true);
    }

    /// The type with nothing unknown: numbers not settled are ints, the rest is never looked at.
    pub(super) fn settled(&self, t: &Type) -> Type {
        let t = self.uni.resolve(t);
        map_vars(&t, &mut |v| Some(if self.uni.is_numeric(v) { Type::Int } else { Type::Unit }))
    }

    /// Makes the functions of this body; `root` gets the id `id`.
    pub(super) fn finish(mut self, root: usize, id: FuncId) {
        self.settle();
        self.check_holes();
        if !self.ck.errors.is_empty() {
            return;
        }
        let ids: Vec<FuncId> =
            (0..self.funcs.len()).map(|i| if i == root { id } else { self.ck.library.reserve() }).collect();
        for at in 0..self.funcs.len() {
            for (node, link) in std::mem::take(&mut self.funcs[at].links) {
                let span = self.funcs[at].nodes[node.0 as usize].span;
                let (func, captures) = match link {
                    Link::Def(def, params, ret) => {
                        let mut key: Vec<Type> = params.iter().map(|t| self.settled(t)).collect();
                        key.push(self.settled(&ret));
                        (self.ck.instance(def, key, span), Vec::new())
                    }
                    Link::Lambda(inner) => {
                        let sources: Vec<(Captured, Type)> = self.funcs[inner]
                            .captures
                            .iter()
                            .map(|(here, from)| (from.clone(), self.funcs[inner].locals[here.0 as usize].ty.clone()))
                            .collect();
                        let f = &mut self.funcs[at];
                        let nodes = sources
                            .into_iter()
                            .map(|(from, ty)| {
                                let kind = match from {
                                    Captured::Local(l) => Kind::Local(l),
                                    Captured::Global(g) => Kind::Global(g),
                                };
                                f.push(Node { kind, ty, span })
                            })
                            .collect();
                        (ids[inner], nodes)
                    }
                };
                match &mut self.funcs[at].nodes[node.0 as usize].kind {
                    Kind::Call { func: slot, .. } => *slot = func,
                    Kind::Closure { func: slot, captures: caps } => {
                        *slot = func;
                        *caps = captures;
                    }
                    _ => {}
                }
            }
        }
        let funcs = std::mem::take(&mut self.funcs);
        for (ctx, id) in funcs.into_iter().zip(ids) {
            let func = self.assemble(ctx);
            self.ck.made.push((id, func));
        }
    }

    /// Refuses holes whose type nothing settles: neither their place nor a parameter's type.
    pub(super) fn open_holes(&mut self, params: &[Type]) {
        if self.funcs.iter().all(|f| f.holes.is_empty()) {
            return;
        }
        let mut settled = Vec::new();
        params.iter().for_each(|t| self.uni.free(t, &mut settled));
        for p in &self.pending {
            p.args.iter().for_each(|a| self.uni.free(&a.ty, &mut settled));
        }
        let holes: Vec<_> = self.funcs.iter().flat_map(|f| f.holes.iter().cloned()).collect();
        for hole in holes {
            let mut free = Vec::new();
            self.uni.free(&hole.ty, &mut free);
            if free.iter().any(|v| !self.uni.is_numeric(*v) && !settled.contains(v)) {
                let name = hole.name.map_or_else(|| "this hole".to_string(), |n| format!("the hole `??{n}`"));
                self.error(
                    Diagnostic::new("E0301", hole.span, format!("the type of {name} is open"))
                        .help("say what is wanted: `let x: int = ??`, or a result type `-> str`"),
                );
            }
        }
    }

    fn check_holes(&mut self) {
        self.open_holes(&[]);
        for at in 0..self.funcs.len() {
            // A called hole that is given an image is perceptual.
            let f = &mut self.funcs[at];
            for i in 0..f.nodes.len() {
                let Kind::Hole { hole, args } = &f.nodes[i].kind else { continue };
                let image = |t: &Type| matches!(self.uni.shallow(t), Type::Con(n) if &*n == "image");
                if matches!(f.holes[hole.0 as usize].kind, HoleKind::Call)
                    && args.iter().any(|a| image(&f.nodes[a.0 as usize].ty))
                {
                    let hole = hole.0 as usize;
                    f.holes[hole].kind = HoleKind::Perceptual;
                }
            }
        }
    }

    fn assemble(&self, ctx: FuncCtx) -> Func {
        // Parameters, captures, then the rest.
        let captured: Vec<LocalId> = ctx.captures.iter().map(|(here, _)| *here).collect();
        let mut order: Vec<usize> = (0..ctx.params).collect();
        order.extend(captured.iter().map(|l| l.0 as usize));
        order.extend((ctx.params..ctx.locals.len()).filter(|i| !captured.contains(&LocalId(*i as u32))));
        let mut place = vec![LocalId(0); ctx.locals.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = LocalId(new as u32);
        }
        let moved = |l: LocalId| place[l.0 as usize];
        let locals = order
            .iter()
            .map(|&i| {
                let mut l = ctx.locals[i].clone();
                l.ty = self.settled(&l.ty);
                l
            })
            .collect::<Vec<_>>();
        let mut nodes: Vec<Node> = ctx.nodes;
        for n in &mut nodes {
            n.ty = self.settled(&n.ty);
            match &mut n.kind {
                Kind::Int(i) if n.ty == Type::Num => n.kind = Kind::Num(*i as f64),
                Kind::Local(l) | Kind::Let(l, _) => *l = moved(*l),
                Kind::Assign { place: Place::Local(l), .. } => *l = moved(*l),
                Kind::For { binders, .. } => binders.iter_mut().for_each(|(l, _)| *l = moved(*l)),
                _ => {}
            }
        }
        // Where all turned out to be of one type nothing is widened.
        for i in 0..nodes.len() {
            if let Kind::Widen(inner) = nodes[i].kind
                && nodes[inner.0 as usize].ty == nodes[i].ty
            {
                nodes[i].kind = Kind::Block(vec![inner]);
            }
        }
        let holes = ctx
            .holes
            .into_iter()
            .map(|mut h| {
                h.ty = self.settled(&h.ty);
                h.scope.iter_mut().for_each(|l| *l = moved(*l));
                h
            })
            .collect();
        let params = locals[..ctx.params].iter().map(|l| Param { name: l.name.clone(), ty: l.ty.clone() }).collect();
        Func {
            name: ctx.name,
            span: ctx.span,
            doc: ctx.doc,
            params,
            captures: captured.len() as u32,
            ret: self.settled(&ctx.ret),
            locals,
            nodes,
            body: ctx.body,
            holes,
            globals: ctx.globals,
        }
    }
}

/// A body's value must not be lost behind a node id that was never set.
pub(super) const NO_BODY: NodeId = NodeId(0);
