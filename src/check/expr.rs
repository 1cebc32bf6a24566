//! Expressions and statements.

use super::infer::{Expect, Infer, Link};
use super::pending::{Operand, Patch, Pending, Want};
use super::{RED_ZONE, SEGMENT};
use crate::diag::Diagnostic;
use crate::ir::{FuncId, Kind, NodeId, Place, Step};
use crate::source::Span;
use crate::syntax::ast::{BinOp, ExprId, ExprKind, Name, PatId, StmtId, StmtKind, TypeId, UnOp};
use crate::types::Type;
use std::collections::HashSet;

/// Among more types than this, the widest is not looked for.
const MAX_TYPES: usize = 50;

impl Infer<'_> {
    /// The node of an expression and its type.
    pub fn expr(&mut self, id: ExprId, expect: &Expect) -> (NodeId, Type) {
        stacker::maybe_grow(RED_ZONE, SEGMENT, || self.expr_inner(id, expect))
    }

    /// The node of an expression made to fit a type.
    pub fn expr_as(&mut self, id: ExprId, want: &Type) -> NodeId {
        let (node, actual) = self.expr(id, &Expect::Type(want.clone()));
        let span = self.last_span(id);
        self.coerce(node, &actual, want, span)
    }

    fn expr_inner(&mut self, id: ExprId, expect: &Expect) -> (NodeId, Type) {
        let ast = self.ast.clone();
        let e = ast.expr(id);
        let span = e.span;
        match &e.kind {
            ExprKind::Error => self.poison(span),
            ExprKind::Unit => self.emit(Kind::Unit, Type::Unit, span),
            ExprKind::Int(i) => {
                let ty = match expect {
                    Expect::Type(t) if matches!(self.uni.shallow(t), Type::Int | Type::Num) => self.uni.shallow(t),
                    _ => self.uni.fresh_number(),
                };
                self.literals.push(ty.clone());
                self.emit(Kind::Int(*i), ty, span)
            }
            ExprKind::Num(x) => self.emit(Kind::Num(*x), Type::Num, span),
            ExprKind::Angle(x) => self.emit(Kind::Angle(*x), Type::Num, span),
            ExprKind::Bool(b) => self.emit(Kind::Bool(*b), Type::Bool, span),
            ExprKind::Str(s) => self.emit(Kind::Str(s.clone()), Type::Str, span),
            ExprKind::Name(n) => self.name(n, span, expect),
            ExprKind::Hole(h) => self.hole(h, Vec::new(), false, span, expect),
            ExprKind::OpRef(op) => {
                self.error(
                    Diagnostic::new("E0106", span, format!("the operator `{}` is not a value", op.symbol()))
                        .help(format!("write a function: `fn(a: num, b: num) {{ a {} b }}`", op.symbol())),
                );
                self.poison(span)
            }
            ExprKind::Unary(op, x) => {
                let name: Name = match op {
                    UnOp::Neg => "neg".into(),
                    UnOp::Not => "not".into(),
                };
                let expect = match (op, expect) {
                    (UnOp::Neg, Expect::Type(t)) if self.uni.shallow(t) == Type::Num => Expect::Type(Type::Num),
                    _ => Expect::Free,
                };
                let arg = self.operand(*x, &expect);
                self.op_node(&name, vec![arg], span, &Expect::Free)
            }
            ExprKind::Binary(op @ (BinOp::And | BinOp::Or), l, r) => {
                let l = self.expr_as(*l, &Type::Bool);
                let r = self.expr_as(*r, &Type::Bool);
                let kind = if *op == BinOp::And { Kind::And(l, r) } else { Kind::Or(l, r) };
                self.emit(kind, Type::Bool, span)
            }
            ExprKind::Binary(op, l, r) => {
                let name: Name = op.symbol().into();
                let args = vec![self.operand(*l, &Expect::Free), self.operand(*r, &Expect::Free)];
                self.op_node(&name, args, span, &Expect::Free)
            }
            ExprKind::Range { lo, hi, inclusive } => {
                let lo = self.expr_as(*lo, &Type::Int);
                let hi = self.expr_as(*hi, &Type::Int);
                self.emit(Kind::Range { lo, hi, inclusive: *inclusive }, Type::Range, span)
            }
            ExprKind::Call { callee, args } => {
                let args = args.iter().map(|a| (a.name.clone(), super::call::Given::Expr(a.value))).collect();
                self.call(*callee, args, span, expect)
            }
            ExprKind::Pipe(l, r) => {
                let first = (None, super::call::Given::Expr(*l));
                match &ast.expr(*r).kind {
                    ExprKind::Call { callee, args } => {
                        let mut all = vec![first];
                        all.extend(args.iter().map(|a| (a.name.clone(), super::call::Given::Expr(a.value))));
                        self.call(*callee, all, span, expect)
                    }
                    _ => self.call(*r, vec![first], span, expect),
                }
            }
            ExprKind::Index(base, i) => self.index(*base, *i, span),
            ExprKind::Field(base, name) => self.field(*base, name, span, expect),
            ExprKind::List(items) => self.list(items, span, expect),
            ExprKind::Tuple(items) => {
                let wanted = match expect {
                    Expect::Type(t) => match self.uni.shallow(t) {
                        Type::Tuple(ts) if ts.len() == items.len() => Some(ts),
                        _ => None,
                    },
                    _ => None,
                };
                let mut parts = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    parts.push(match &wanted {
                        Some(ts) => (self.expr_as(*item, &ts[i]), ts[i].clone()),
                        None => self.expr(*item, &Expect::Free),
                    });
                }
                let (nodes, tys) = parts.into_iter().unzip();
                self.emit(Kind::Tuple(nodes), Type::tuple(tys), span)
            }
            ExprKind::Record(fields) => self.record(fields, span, expect),
            ExprKind::Block(stmts) => {
                self.f().scopes.push(Vec::new());
                let out = self.block(stmts, span, expect);
                self.f().scopes.pop();
                out
            }
            ExprKind::If { cond, then, otherwise } => self.conditional(*cond, *then, *otherwise, span, expect),
            ExprKind::For { binders, body } => self.for_loop(binders, *body, span, expect),
            ExprKind::While { cond, body } => {
                let cond = self.expr_as(*cond, &Type::Bool);
                self.f().loops += 1;
                let (body, _) = self.expr(*body, &Expect::Drop);
                self.f().loops -= 1;
                self.emit(Kind::While { cond, body }, Type::Unit, span)
            }
            ExprKind::Fn(fun) => self.lambda(fun, span, expect),
            ExprKind::Assign(target, value) => self.assign(*target, *value, span),
        }
    }

    pub fn operand(&mut self, e: ExprId, expect: &Expect) -> Operand {
        let (node, ty) = self.expr(e, expect);
        Operand { name: None, node: Some(node), ty, span: self.ast.expr(e).span }
    }

    fn list(&mut self, items: &[ExprId], span: Span, expect: &Expect) -> (NodeId, Type) {
        let wanted = match expect {
            Expect::Type(t) => match self.uni.shallow(t) {
                Type::List(t) => Some((*t).clone()),
                _ => None,
            },
            _ => None,
        };
        if let Some(elem) = wanted.filter(|t| !matches!(self.uni.shallow(t), Type::Var(_))) {
            let nodes = items.iter().map(|i| self.expr_as(*i, &elem)).collect();
            return self.emit(Kind::List(nodes), Type::list(elem), span);
        }
        let parts: Vec<(NodeId, Type, Span)> = items
            .iter()
            .map(|i| {
                let (n, t) = self.expr(*i, &Expect::Free);
                (n, t, self.last_span(*i))
            })
            .collect();
        let elem = self.uni.fresh();
        let nodes = self.join(parts, &elem, "because the first item is this");
        self.emit(Kind::List(nodes), Type::list(elem), span)
    }

    /// Makes all of one type, which is num when some are nums and some ints.
    fn join(&mut self, parts: Vec<(NodeId, Type, Span)>, ty: &Type, why: &str) -> Vec<NodeId> {
        // A part that needs no widening settles the type; prefer one that others widen to.
        // Many items have few types.
        let mut types: Vec<(usize, Type)> = Vec::new();
        let mut seen = HashSet::new();
        for (i, (_, t, _)) in parts.iter().enumerate() {
            let t = self.uni.resolve(t);
            if types.len() < MAX_TYPES && self.uni.is_known(&t) && seen.insert(t.clone()) {
                types.push((i, t));
            }
        }
        let widest = types
            .iter()
            .find(|(_, t)| types.iter().all(|(_, u)| u == t || super::unify::widens(u, t)))
            .map(|(i, _)| *i);
        let lead = widest.unwrap_or(0);
        let outer = self.why.clone();
        if let Some((_, t, span)) = parts.get(lead) {
            let (t, span) = (t.clone(), *span);
            self.unify_at(&t, ty, span);
            self.why = Some((span, why.to_string()));
        }
        let nodes = parts.into_iter().map(|(n, t, span)| self.coerce(n, &t, ty, span)).collect();
        self.why = outer;
        nodes
    }

    fn record(&mut self, fields: &[(Name, ExprId)], span: Span, expect: &Expect) -> (NodeId, Type) {
        let wanted = match expect {
            Expect::Type(t) => match self.uni.shallow(t) {
                Type::Record(ts) if ts.len() == fields.len() => Some(ts),
                _ => None,
            },
            _ => None,
        };
        let mut parts: Vec<(Name, NodeId, Type)> = Vec::new();
        for (name, e) in fields {
            if parts.iter().any(|(n, _, _)| n == name) {
                self.error(Diagnostic::new("E0103", self.ast.expr(*e).span, format!("field `{name}` twice")));
                continue;
            }
            let want = wanted.as_ref().and_then(|ts| ts.iter().find(|(n, _)| n == name)).map(|(_, t)| t.clone());
            let (node, ty) = match want {
                Some(t) => (self.expr_as(*e, &t), t),
                None => self.expr(*e, &Expect::Free),
            };
            parts.push((name.clone(), node, ty));
        }
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        let ty = Type::record(parts.iter().map(|(n, _, t)| (n.clone(), t.clone())).collect());
        self.emit(Kind::Tuple(parts.into_iter().map(|p| p.1).collect()), ty, span)
    }

    fn conditional(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: Option<ExprId>,
        span: Span,
        expect: &Expect,
    ) -> (NodeId, Type) {
        let cond = self.expr_as(cond, &Type::Bool);
        let Some(otherwise) = otherwise else {
            let (then, _) = self.expr(then, &Expect::Drop);
            return self.emit(Kind::If { cond, then, otherwise: None }, Type::Unit, span);
        };
        let (a, at) = self.expr(then, expect);
        let (b, bt) = self.expr(otherwise, expect);
        if matches!(expect, Expect::Drop) {
            return self.emit(Kind::If { cond, then: a, otherwise: Some(b) }, Type::Unit, span);
        }
        let ty = self.uni.fresh();
        let parts = vec![(a, at, self.last_span(then)), (b, bt, self.last_span(otherwise))];
        let nodes = self.join(parts, &ty, "because the other branch is this");
        self.emit(Kind::If { cond, then: nodes[0], otherwise: Some(nodes[1]) }, ty, span)
    }

    fn for_loop(&mut self, binders: &[(PatId, ExprId)], body: ExprId, span: Span, expect: &Expect) -> (NodeId, Type) {
        let depth = self.f().scopes.len();
        let mut heads = Vec::new();
        let mut unpack = Vec::new();
        for (pat, over) in binders {
            let (node, ty) = self.expr(*over, &Expect::Free);
            let elem = self.uni.fresh();
            let over_span = self.ast.expr(*over).span;
            let arg = Operand { name: None, node: Some(node), ty, span: over_span };
            self.decide(Pending {
                want: Want::Iter,
                args: vec![arg],
                ret: elem.clone(),
                patch: Patch::Nothing,
                span: over_span,
                waits: Vec::new(),
            });
            self.f().scopes.push(Vec::new());
            let name = match &self.ast.pat(*pat).kind {
                crate::syntax::ast::PatKind::Name(n) => Some(n.clone()),
                _ => None,
            };
            let local = self.bind_local(&name.clone().unwrap_or_else(|| "_".into()), elem.clone(), false);
            if name.is_none() {
                let pat_span = self.ast.pat(*pat).span;
                let (held, _) = self.emit(Kind::Local(local), elem.clone(), pat_span);
                self.bind_pattern(*pat, held, &elem, false, &mut unpack);
            }
            heads.push((local, node));
        }
        self.f().loops += 1;
        let inner = if matches!(expect, Expect::Drop) {
            Expect::Drop
        } else if let Expect::Type(t) = expect
            && let Type::List(t) = self.uni.shallow(t)
        {
            Expect::Type((*t).clone())
        } else {
            Expect::Free
        };
        let (mut node, mut ty) = self.expr(body, &inner);
        if let Expect::Type(t) = &inner {
            let at = self.last_span(body);
            node = self.coerce(node, &ty, t, at);
            ty = t.clone();
        }
        self.f().loops -= 1;
        self.f().scopes.truncate(depth);
        let collect = !matches!(expect, Expect::Drop) && self.uni.shallow(&ty) != Type::Unit;
        if !unpack.is_empty() {
            unpack.push(node);
            let body_span = self.ast.expr(body).span;
            node = self.emit(Kind::Block(unpack), if collect { ty.clone() } else { Type::Unit }, body_span).0;
        }
        let ty = if collect { Type::list(ty) } else { Type::Unit };
        self.emit(Kind::For { binders: heads, body: node, collect }, ty, span)
    }

    fn lambda(&mut self, fun: &crate::syntax::ast::FnExpr, span: Span, expect: &Expect) -> (NodeId, Type) {
        let (params, ret) = self.written_types(fun);
        if let Expect::Type(t) = expect
            && let Type::Fn(ft) = self.uni.shallow(t)
            && ft.params.len() == params.len()
        {
            for (mine, theirs) in params.iter().zip(&ft.params) {
                let mark = self.uni.mark();
                if self.uni.unify(mine, theirs).is_err() {
                    self.uni.undo(mark);
                }
            }
        }
        for p in &fun.params {
            if let Some(d) = p.default {
                self.error(Diagnostic::new("E0203", self.ast.expr(d).span, "a function value has no defaults"));
            }
        }
        let at = self.function("fn".into(), span, fun, &params, ret.clone());
        let placeholder = Kind::Closure { func: FuncId(u32::MAX), captures: Vec::new() };
        let (id, ty) = self.emit(placeholder, Type::func(params, ret), span);
        self.f().links.push((id, Link::Lambda(at)));
        (id, ty)
    }

    fn assign(&mut self, target: ExprId, value: ExprId, span: Span) -> (NodeId, Type) {
        let ast = self.ast.clone();
        // From the outside in, then turned round.
        let mut steps = Vec::new();
        let mut at = target;
        loop {
            match &ast.expr(at).kind {
                ExprKind::Index(base, i) => {
                    steps.push((Some(*i), None, ast.expr(at).span));
                    at = *base;
                }
                ExprKind::Field(base, name) => {
                    steps.push((None, Some(name.clone()), ast.expr(at).span));
                    at = *base;
                }
                _ => break,
            }
        }
        let ExprKind::Name(name) = &ast.expr(at).kind else {
            self.error(
                Diagnostic::new("E0107", ast.expr(target).span, "this cannot be assigned to")
                    .help("the left side is a variable, an item `xs[i]` or a field `p.x`"),
            );
            self.expr(value, &Expect::Free);
            return self.emit(Kind::Unit, Type::Unit, span);
        };
        let name_span = ast.expr(at).span;
        let Some((place, mut ty, mutable)) = self.place(name, name_span) else {
            self.expr(value, &Expect::Free);
            return self.emit(Kind::Unit, Type::Unit, span);
        };
        if !mutable {
            self.error(
                Diagnostic::new("E0104", name_span, format!("`{name}` cannot change"))
                    .help(format!("declare it with `var {name} = ..`; a function cannot change what is outside it")),
            );
        }
        let mut path = Vec::new();
        steps.reverse();
        for (index, field, at) in steps {
            self.solve();
            match (index, self.uni.shallow(&ty)) {
                (Some(i), Type::List(elem)) => {
                    path.push(Step::Index(self.expr_as(i, &Type::Int)));
                    ty = (*elem).clone();
                }
                (Some(i), Type::Tuple(ts)) => match ast.expr(i).kind {
                    ExprKind::Int(k) if k >= 0 && (k as usize) < ts.len() => {
                        path.push(Step::Field(k as u32));
                        ty = ts[k as usize].clone();
                    }
                    _ => {
                        self.error(Diagnostic::new("E0204", at, "a tuple has no such part"));
                        ty = self.uni.fresh();
                    }
                },
                (None, Type::Record(fs)) if fs.iter().any(|(n, _)| Some(n) == field.as_ref()) => {
                    let k = fs.iter().position(|(n, _)| Some(n) == field.as_ref()).unwrap_or(0);
                    path.push(Step::Field(k as u32));
                    ty = fs[k].1.clone();
                }
                (_, other) => {
                    let shown = self.show(&other);
                    self.error(Diagnostic::new("E0107", at, format!("{shown} has no part that can be assigned to")));
                    ty = self.uni.fresh();
                }
            }
        }
        let value = self.expr_as(value, &ty);
        self.emit(Kind::Assign { place, path, value }, Type::Unit, span)
    }

    fn place(&mut self, name: &Name, span: Span) -> Option<(Place, Type, bool)> {
        if let Some(id) = self.find_local(name) {
            let l = &self.f().locals[id.0 as usize];
            return Some((Place::Local(id), l.ty.clone(), l.mutable));
        }
        match self.scope.get(name).cloned() {
            Some(super::scope::Binding::Global { id, ty, mutable }) => {
                self.mention(id, name);
                let top = self.stack.len() == 1 && self.ck.in_main(&self.funcs[self.stack[0]].name);
                Some((Place::Global(id), ty, mutable && top))
            }
            Some(_) => {
                self.error(Diagnostic::new("E0104", span, format!("`{name}` cannot change")));
                None
            }
            None => {
                self.unknown_name(name, span);
                None
            }
        }
    }

    // ---- statements ----

    /// Statements of a block; the value is that of the last one.
    pub fn block(&mut self, stmts: &[StmtId], span: Span, expect: &Expect) -> (NodeId, Type) {
        let mut nodes = Vec::new();
        let mut ty = Type::Unit;
        let ast = self.ast.clone();
        // Functions of a block see each other only downwards; those of the top level are hoisted by `module`.
        for (i, s) in stmts.iter().enumerate() {
            let last = i + 1 == stmts.len();
            let stmt = ast.stmt(*s);
            match &stmt.kind {
                StmtKind::Expr(e) => {
                    let want = if last { expect.clone() } else { Expect::Drop };
                    let (node, t) = self.expr(*e, &want);
                    nodes.push(node);
                    if last && !matches!(want, Expect::Drop) {
                        ty = t;
                    }
                }
                StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue if last => {
                    self.statement(*s, &mut nodes);
                    // Never yields, so it may be of any type.
                    ty = self.uni.fresh();
                }
                _ => self.statement(*s, &mut nodes),
            }
            self.end_of_statement();
        }
        self.emit(Kind::Block(nodes), ty, span)
    }

    /// Decides what can be decided by now.
    pub fn end_of_statement(&mut self) {
        self.solve();
        self.literals.clear();
    }

    /// A statement other than an expression.
    pub fn statement(&mut self, id: StmtId, out: &mut Vec<NodeId>) {
        let ast = self.ast.clone();
        let stmt = ast.stmt(id);
        match &stmt.kind {
            StmtKind::Error => {}
            StmtKind::Expr(e) => {
                let (node, _) = self.expr(*e, &Expect::Drop);
                out.push(node);
            }
            StmtKind::Let { mutable, pat, ty, value } => {
                let (node, t) = self.let_value(*ty, *value);
                self.bind_pattern(*pat, node, &t, *mutable, out);
            }
            StmtKind::Fn { name, def, .. } => {
                // A function inside a function: a value bound to its name, visible in its own body through the module
                // level only; recursion needs a top-level function.
                let (params, ret) = self.written_types(def);
                let at = self.function(name.clone(), stmt.span, def, &params, ret.clone());
                let placeholder = Kind::Closure { func: FuncId(u32::MAX), captures: Vec::new() };
                let (node, t) = self.emit(placeholder, Type::func(params, ret), stmt.span);
                self.f().links.push((node, Link::Lambda(at)));
                let local = self.bind_local(name, t, false);
                out.push(self.emit(Kind::Let(local, node), Type::Unit, stmt.span).0);
            }
            StmtKind::Return(value) => {
                let ret = self.f().ret.clone();
                let outer = self.why.take();
                if let Some(span) = self.f().ret_span {
                    self.why = Some((span, "because the result type is this".into()));
                }
                let value = match value {
                    Some(e) => Some(self.expr_as(*e, &ret)),
                    None => {
                        self.unify_at(&Type::Unit, &ret, stmt.span);
                        None
                    }
                };
                self.why = outer;
                let any = self.uni.fresh();
                out.push(self.emit(Kind::Return(value), any, stmt.span).0);
            }
            StmtKind::Break | StmtKind::Continue => {
                let is_break = matches!(stmt.kind, StmtKind::Break);
                if self.f().loops == 0 {
                    let word = if is_break { "break" } else { "continue" };
                    self.error(Diagnostic::new("E0108", stmt.span, format!("`{word}` outside a loop")));
                }
                let kind = if is_break { Kind::Break } else { Kind::Continue };
                let any = self.uni.fresh();
                out.push(self.emit(kind, any, stmt.span).0);
            }
            StmtKind::Import { .. } | StmtKind::Test { .. } => {
                self.error(Diagnostic::new("E0109", stmt.span, "this stands only at the top level of a file"));
            }
        }
    }

    /// The value of a `let`, and its type.
    pub fn let_value(&mut self, ty: Option<TypeId>, value: ExprId) -> (NodeId, Type) {
        match ty {
            Some(t) => {
                let want = self.written_type(t);
                let span = self.ast.ty(t).span;
                let outer = self.why.replace((span, "because this type was written".into()));
                let node = self.expr_as(value, &want);
                self.why = outer;
                (node, want)
            }
            None => {
                let (node, t) = self.expr(value, &Expect::Free);
                self.solve();
                if !self.uni.is_known(&t) {
                    self.settle_literals();
                }
                (node, t)
            }
        }
    }

    /// Int literals of this statement that nothing else has made nums are ints from here on.
    fn settle_literals(&mut self) {
        for t in std::mem::take(&mut self.literals) {
            if let Type::Var(v) = t
                && self.uni.shallow(&t) == Type::Var(v)
            {
                let _ = self.uni.unify(&t, &Type::Int);
            }
        }
        self.solve();
    }
}
