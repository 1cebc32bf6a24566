//! Calls, fields, indexing and holes.

use super::infer::{Expect, Infer, Link};
use super::pending::{Operand, Patch, Pending, Want, plural};
use super::scope::{Binding, DefId};
use crate::diag::Diagnostic;
use crate::ir::{self, FuncId, HoleId, HoleKind, Kind, LocalId, NodeId, OpId};
use crate::source::Span;
use crate::syntax::ast::{BinOp, ExprId, ExprKind, Hole, HoleForm, Name, UnOp};
use crate::types::Type;

/// An argument: still syntax, or already a node (the left side of a method call).
#[derive(Clone)]
pub(super) enum Given {
    Expr(ExprId),
    Node(NodeId, Type, Span),
}

pub(super) type Givens = Vec<(Option<Name>, Given)>;

impl Infer<'_> {
    fn given(&mut self, g: &Given, expect: &Expect) -> (NodeId, Type, Span) {
        match g {
            Given::Expr(e) => {
                let (n, t) = self.expr(*e, expect);
                (n, t, self.last_span(*e))
            }
            Given::Node(n, t, s) => (*n, t.clone(), *s),
        }
    }

    /// A call of whatever the callee is.
    pub(super) fn call(&mut self, callee: ExprId, args: Givens, span: Span, expect: &Expect) -> (NodeId, Type) {
        let ast = self.ast.clone();
        let c = ast.expr(callee);
        match &c.kind {
            ExprKind::Hole(h) => self.hole(h, args, true, span, expect),
            ExprKind::Name(n) => self.call_name(n, c.span, args, span, expect),
            ExprKind::Field(base, name) => {
                if let Some(b) = self.module_member(*base, name) {
                    return self.call_binding(&b, name, c.span, args, span, expect);
                }
                if let Some(full) = self.qualified_op(*base, name) {
                    return self.call_op(&full, args, span, expect);
                }
                let (node, ty) = self.expr(*base, &Expect::Free);
                self.solve();
                let known = self.uni.shallow(&ty);
                if let Type::Record(fs) = &known
                    && fs.iter().any(|(n, _)| n == name)
                {
                    let (f, fty) = self.field_of(node, ty, name, c.span);
                    return self.call_value(f, fty, c.span, args, span);
                }
                // x.f(a) is f(x, a).
                let mut all = vec![(None, Given::Node(node, ty, ast.expr(*base).span))];
                all.extend(args);
                self.call_name(name, c.span, all, span, expect)
            }
            _ => {
                let (f, ty) = self.expr(callee, &Expect::Free);
                self.call_value(f, ty, c.span, args, span)
            }
        }
    }

    fn call_name(&mut self, n: &Name, at: Span, args: Givens, span: Span, expect: &Expect) -> (NodeId, Type) {
        if self.find_local(n).is_some() {
            let (f, ty) = self.name(n, at, &Expect::Free);
            return self.call_value(f, ty, at, args, span);
        }
        match self.scope.get(n).cloned() {
            Some(b) => self.call_binding(&b, n, at, args, span, expect),
            None if !self.ck.ops.overloads(n).is_empty() => self.call_op(n, args, span, expect),
            None => {
                for (_, a) in &args {
                    self.given(a, &Expect::Free);
                }
                self.unknown_name(n, at)
            }
        }
    }

    fn call_binding(
        &mut self,
        b: &Binding,
        n: &Name,
        at: Span,
        args: Givens,
        span: Span,
        expect: &Expect,
    ) -> (NodeId, Type) {
        match b {
            Binding::Def(def) => self.call_def(*def, n, args, span),
            Binding::Global { id, ty, .. } => {
                let (f, ty) = self.global(*id, n, ty.clone(), at);
                self.call_value(f, ty, at, args, span)
            }
            // A module and an operation may share a name; a call means the operation.
            Binding::Module(_) if !self.ck.ops.overloads(n).is_empty() => self.call_op(n, args, span, expect),
            _ => self.name(n, at, &Expect::Free),
        }
    }

    fn call_op(&mut self, name: &Name, args: Givens, span: Span, expect: &Expect) -> (NodeId, Type) {
        // One overload: its parameter types say what is wanted of the arguments.
        let ids = self.ck.ops.overloads(name).to_vec();
        let wanted = match ids.as_slice() {
            [id] => self.ck.sig(*id).map(|sig| {
                let (params, ret) = self.instantiate_sig(&sig);
                (sig, params, ret)
            }),
            _ => None,
        };
        let mut operands = Vec::new();
        for (i, (arg_name, g)) in args.iter().enumerate() {
            let want = wanted.as_ref().and_then(|(sig, params, _)| {
                let at = match arg_name {
                    Some(n) => sig.params.iter().position(|p| p.name == *n)?,
                    None => i,
                };
                params.get(at).cloned()
            });
            let (node, ty, at) = match want {
                Some(t) => {
                    let (n, ty, s) = self.given(g, &Expect::Type(t.clone()));
                    // What this argument says about the type variables helps the next one.
                    let mark = self.uni.mark();
                    let (a, w) = (self.uni.resolve(&ty), self.uni.resolve(&t));
                    if !super::unify::widens(&a, &w) && self.uni.unify(&a, &w).is_err() {
                        self.uni.undo(mark);
                    }
                    (n, ty, s)
                }
                None => self.given(g, &Expect::Free),
            };
            operands.push(Operand { name: arg_name.clone(), node: Some(node), ty, span: at });
        }
        let expect = if operands.is_empty() { expect.clone() } else { Expect::Free };
        self.op_node(name, operands, span, &expect)
    }

    /// Places arguments by position and name. `None` after an error.
    fn arrange(&mut self, what: &str, names: &[(Name, bool)], args: Givens, span: Span) -> Option<Vec<Option<Given>>> {
        let mut slots: Vec<Option<Given>> = vec![None; names.len()];
        let (mut next, total) = (0, args.len());
        for (name, g) in args {
            let at = match &name {
                Some(n) => match names.iter().position(|(p, _)| p == n) {
                    Some(i) => i,
                    None => {
                        let mut d = Diagnostic::new("E0203", span, format!("{what} has no parameter `{n}`"));
                        if let Some(near) = super::suggest::nearest(n, names.iter().map(|(p, _)| &**p)) {
                            d = d.help(format!("did you mean `{near}`?"));
                        }
                        self.error(d);
                        return None;
                    }
                },
                None => {
                    next += 1;
                    next - 1
                }
            };
            match slots.get_mut(at) {
                Some(slot @ None) => *slot = Some(g),
                Some(_) => {
                    self.error(Diagnostic::new("E0203", span, format!("{what}: `{}` is given twice", names[at].0)));
                    return None;
                }
                None => {
                    self.error(
                        Diagnostic::new("E0203", span, format!("{what} takes {}", plural(names.len())))
                            .here(format!("{} given", plural(total))),
                    );
                    return None;
                }
            }
        }
        let missing: Vec<&str> = slots
            .iter()
            .zip(names)
            .filter(|(s, (_, has_default))| s.is_none() && !has_default)
            .map(|(_, (n, _))| &**n)
            .collect();
        if !missing.is_empty() {
            let list = missing.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            self.error(Diagnostic::new("E0203", span, format!("{what} needs {list}")));
            return None;
        }
        Some(slots)
    }

    fn call_def(&mut self, id: DefId, name: &Name, args: Givens, span: Span) -> (NodeId, Type) {
        let def = self.ck.defs.get(id);
        let Some((params, ret)) = self.use_def(id, span) else {
            for (_, a) in &args {
                self.given(a, &Expect::Free);
            }
            return self.poison(span);
        };
        let names: Vec<(Name, bool)> = def.fun.params.iter().map(|p| (p.name.clone(), p.default.is_some())).collect();
        let Some(slots) = self.arrange(&format!("`{name}`"), &names, args, span) else { return self.poison(span) };
        let mut nodes = Vec::new();
        for (i, slot) in slots.into_iter().enumerate() {
            let node = match slot {
                Some(g) => {
                    let (n, t, s) = self.given(&g, &Expect::Type(params[i].clone()));
                    let p = &def.fun.params[i];
                    let outer = self.why.replace((p.span, format!("because of the parameter `{}`", p.name)));
                    let node = self.coerce(n, &t, &params[i], s);
                    self.why = outer;
                    node
                }
                None => {
                    // A default is read where the function was defined.
                    let Some(d) = def.fun.params[i].default else { continue };
                    let scope = def.scope.read().unwrap_or_else(|e| e.into_inner()).clone();
                    let ast = std::mem::replace(&mut self.ast, def.ast.clone());
                    let scope = std::mem::replace(&mut self.scope, scope);
                    let hidden = std::mem::replace(&mut self.f().scopes, vec![Vec::new()]);
                    let node = self.expr_as(d, &params[i]);
                    self.f().scopes = hidden;
                    self.ast = ast;
                    self.scope = scope;
                    node
                }
            };
            nodes.push(node);
        }
        let (call, ret) = self.emit(Kind::Call { func: FuncId(u32::MAX), args: nodes }, ret, span);
        self.f().links.push((call, Link::Def(id, params, ret.clone())));
        (call, ret)
    }

    fn call_value(&mut self, f: NodeId, ty: Type, at: Span, args: Givens, span: Span) -> (NodeId, Type) {
        if let Some((Some(n), _)) = args.iter().find(|(n, _)| n.is_some()) {
            self.error(
                Diagnostic::new("E0203", span, format!("a function value takes no named argument (`{n}:`)"))
                    .help("only functions declared with `fn name(..)` know their parameters' names"),
            );
        }
        let known = self.uni.shallow(&ty);
        let (params, ret) = match &known {
            Type::Fn(ft) => (ft.params.clone(), ft.ret.clone()),
            Type::Var(_) => {
                let params: Vec<Type> = args.iter().map(|_| self.uni.fresh()).collect();
                let ret = self.uni.fresh();
                self.unify_at(&ty, &Type::func(params.clone(), ret.clone()), at);
                (params, ret)
            }
            other => {
                let shown = self.show(other);
                self.error(Diagnostic::new("E0205", at, format!("{shown} is not a function and cannot be called")));
                for (_, a) in &args {
                    self.given(a, &Expect::Free);
                }
                return self.poison(span);
            }
        };
        if params.len() != args.len() {
            self.error(
                Diagnostic::new("E0203", span, format!("this function takes {}", plural(params.len())))
                    .here(format!("{} given", plural(args.len()))),
            );
            return self.poison(span);
        }
        let mut nodes = Vec::new();
        for ((_, g), want) in args.iter().zip(&params) {
            let (n, t, s) = self.given(g, &Expect::Type(want.clone()));
            nodes.push(self.coerce(n, &t, want, s));
        }
        self.emit(Kind::CallValue { callee: f, args: nodes }, ret, span)
    }

    pub(super) fn field(&mut self, base: ExprId, name: &Name, span: Span, expect: &Expect) -> (NodeId, Type) {
        match self.module_member(base, name) {
            Some(Binding::Global { id, ty, .. }) => return self.global(id, name, ty, span),
            Some(Binding::Def(def)) => return self.def_value(def, span),
            Some(_) => {
                self.error(Diagnostic::new("E0105", span, format!("`{name}` is not a value")));
                return self.poison(span);
            }
            None => {}
        }
        if let ExprKind::Name(m) = &self.ast.expr(base).kind
            && let Some(Binding::Module(scope)) = self.scope.get(m)
        {
            let mut d = Diagnostic::new("E0101", span, format!("module `{m}` has no `{name}`"));
            if let Some(near) = super::suggest::nearest(name, scope.iter().map(|(n, _)| &**n)) {
                d = d.help(format!("did you mean `{m}.{near}`?"));
            }
            self.error(d);
            return self.poison(span);
        }
        if let Some(full) = self.qualified_op(base, name) {
            return self.name(&full, span, expect);
        }
        let (node, ty) = self.expr(base, &Expect::Free);
        self.solve();
        self.field_of(node, ty, name, span)
    }

    fn field_of(&mut self, base: NodeId, ty: Type, name: &Name, span: Span) -> (NodeId, Type) {
        let ret = self.uni.fresh();
        let (id, ret) = self.emit(Kind::Unit, ret, span);
        let patch = Patch::Node(self.here(), id);
        let arg = Operand { name: None, node: Some(base), ty, span };
        self.decide(Pending {
            want: Want::Field(name.clone()),
            args: vec![arg],
            ret: ret.clone(),
            patch,
            span,
            waits: Vec::new(),
        });
        (id, ret)
    }

    pub(super) fn index(&mut self, base: ExprId, i: ExprId, span: Span) -> (NodeId, Type) {
        let (node, ty) = self.expr(base, &Expect::Free);
        self.solve();
        if let Type::Tuple(parts) = self.uni.shallow(&ty) {
            let ExprKind::Int(k) = self.ast.expr(i).kind else {
                self.error(
                    Diagnostic::new("E0204", span, "a tuple is indexed by a number written out: `t[0]`")
                        .help("for an index that is computed, use a list"),
                );
                return self.poison(span);
            };
            return match usize::try_from(k).ok().and_then(|k| parts.get(k)) {
                Some(t) => self.emit(Kind::Field(node, k as u32), t.clone(), span),
                None => {
                    let d = Diagnostic::new("E0204", span, format!("this tuple has {} parts, from 0", parts.len()));
                    self.error(d);
                    self.poison(span)
                }
            };
        }
        let first = Operand { name: None, node: Some(node), ty, span: self.ast.expr(base).span };
        let second = self.operand(i, &Expect::Free);
        self.op_node(&"[]".into(), vec![first, second], span, &Expect::Free)
    }

    // ---- holes ----

    /// The id of a hole; the same name is the same hole.
    fn hole_id(&mut self, name: Option<&Name>, kind: HoleKind, ty: &Type, span: Span) -> HoleId {
        let scope: Vec<LocalId> = {
            let f = self.f();
            let mut seen: Vec<Name> = Vec::new();
            let mut ids: Vec<LocalId> = Vec::new();
            for (n, id) in f.scopes.iter().rev().flat_map(|s| s.iter().rev()) {
                if !seen.contains(n) {
                    seen.push(n.clone());
                    ids.push(*id);
                }
            }
            ids.reverse();
            ids
        };
        if let Some(n) = name
            && let Some(&id) = self.f().named_holes.get(n)
        {
            let old = self.f().holes[id.0 as usize].clone();
            if std::mem::discriminant(&old.kind) != std::mem::discriminant(&kind) {
                self.error(
                    Diagnostic::new("E0303", span, format!("the hole `??{n}` has another form elsewhere"))
                        .also(old.span, "here"),
                );
            }
            self.unify_at(ty, &old.ty, span);
            // What is in scope at all its places may fill it.
            let both = old.scope.into_iter().filter(|l| scope.contains(l)).collect();
            self.f().holes[id.0 as usize].scope = both;
            return id;
        }
        let f = self.f();
        f.holes.push(ir::Hole { name: name.cloned(), kind, ty: ty.clone(), span, scope });
        let id = HoleId(f.holes.len() as u32 - 1);
        if let Some(n) = name {
            f.named_holes.insert(n.clone(), id);
        }
        id
    }

    pub(super) fn hole(&mut self, h: &Hole, args: Givens, called: bool, span: Span, expect: &Expect) -> (NodeId, Type) {
        let name = h.name.as_ref();
        match &h.form {
            HoleForm::Open if called => {
                let mut nodes = Vec::new();
                for (_, g) in &args {
                    nodes.push(self.given(g, &Expect::Free).0);
                }
                let ty = self.uni.fresh();
                let hole = self.hole_id(name, HoleKind::Call, &ty, span);
                self.emit(Kind::Hole { hole, args: nodes }, ty, span)
            }
            HoleForm::Open => {
                let ty = match expect {
                    Expect::Type(t) => t.clone(),
                    _ => self.uni.fresh(),
                };
                let hole = self.hole_id(name, HoleKind::Open, &ty, span);
                self.emit(Kind::Hole { hole, args: Vec::new() }, ty, span)
            }
            HoleForm::Range { lo, hi, start } => {
                if called {
                    self.error(Diagnostic::new("E0205", span, "a number is not a function and cannot be called"));
                    return self.poison(span);
                }
                self.range_hole(name, *lo, *hi, *start, span, expect)
            }
            HoleForm::Choice(alternatives) if called => self.op_choice(name, alternatives, args, span),
            HoleForm::Choice(alternatives) => {
                let ty = self.uni.fresh();
                let mut nodes = Vec::new();
                for e in alternatives {
                    let (n, t) = self.expr(*e, expect);
                    let at = self.ast.expr(*e).span;
                    nodes.push(self.coerce(n, &t, &ty, at));
                }
                let hole = self.hole_id(name, HoleKind::Choice { ops: Vec::new() }, &ty, span);
                self.emit(Kind::Hole { hole, args: nodes }, ty, span)
            }
        }
    }

    fn range_hole(
        &mut self,
        name: Option<&Name>,
        lo: ExprId,
        hi: ExprId,
        start: Option<ExprId>,
        span: Span,
        expect: &Expect,
    ) -> (NodeId, Type) {
        let mut angle = false;
        let mut whole = true;
        let mut bound = |infer: &mut Self, e: ExprId| match constant(infer, e) {
            Some(c) => {
                angle |= c.angle;
                whole &= c.whole;
                c.value
            }
            None => {
                let at = infer.ast.expr(e).span;
                infer.error(Diagnostic::new("E0302", at, "the bounds of a hole are numbers written out"));
                0.0
            }
        };
        let (lo, hi) = (bound(self, lo), bound(self, hi));
        let start = start.map(|s| bound(self, s));
        if lo > hi || start.is_some_and(|s| s < lo || s > hi) {
            self.error(
                Diagnostic::new("E0302", span, "no number lies in this hole's range")
                    .help("write the smaller bound first; a starting point lies between them"),
            );
        }
        let ty = match expect {
            Expect::Type(t) if self.uni.shallow(t) == Type::Num => Type::Num,
            _ if whole => self.uni.fresh_number(),
            _ => Type::Num,
        };
        let hole = self.hole_id(name, HoleKind::Range { lo, hi, start, angle }, &ty, span);
        self.emit(Kind::Hole { hole, args: Vec::new() }, ty, span)
    }

    /// `??op{+ | -}(l, r)`: which operation to apply.
    fn op_choice(&mut self, name: Option<&Name>, alternatives: &[ExprId], args: Givens, span: Span) -> (NodeId, Type) {
        let ast = self.ast.clone();
        let mut operands = Vec::new();
        for (arg_name, g) in &args {
            let (node, ty, at) = self.given(g, &Expect::Free);
            operands.push(Operand { name: arg_name.clone(), node: Some(node), ty, span: at });
        }
        let ret = self.uni.fresh();
        let ops = vec![OpId(u32::MAX); alternatives.len()];
        let hole = self.hole_id(name, HoleKind::Choice { ops }, &ret, span);
        for (i, e) in alternatives.iter().enumerate() {
            let op: Name = match &ast.expr(*e).kind {
                ExprKind::OpRef(BinOp::And | BinOp::Or) => {
                    let d = Diagnostic::new("E0304", ast.expr(*e).span, "`and` and `or` cannot be chosen this way");
                    self.error(d.help("write whole expressions: `??{a and b | a or b}`"));
                    continue;
                }
                ExprKind::OpRef(op) => op.symbol().into(),
                ExprKind::Name(n) if !self.ck.ops.overloads(n).is_empty() => n.clone(),
                _ => {
                    let d =
                        Diagnostic::new("E0304", ast.expr(*e).span, "expected an operator or the name of a builtin");
                    self.error(d.help("for functions of your own write whole expressions: `??{f(x) | g(x)}`"));
                    continue;
                }
            };
            let patch = Patch::Choice(self.here(), hole, i);
            let args = operands.clone();
            self.decide(Pending { want: Want::Overload(op), args, ret: ret.clone(), patch, span, waits: Vec::new() });
        }
        let nodes = operands.iter().filter_map(|o| o.node).collect();
        self.emit(Kind::Hole { hole, args: nodes }, ret, span)
    }
}

struct Constant {
    value: f64,
    whole: bool,
    angle: bool,
}

fn constant(infer: &Infer<'_>, e: ExprId) -> Option<Constant> {
    Some(match &infer.ast.expr(e).kind {
        ExprKind::Int(i) => Constant { value: *i as f64, whole: true, angle: false },
        ExprKind::Num(x) => Constant { value: *x, whole: false, angle: false },
        ExprKind::Angle(x) => Constant { value: x.to_radians(), whole: false, angle: true },
        ExprKind::Unary(UnOp::Neg, x) => {
            let c = constant(infer, *x)?;
            Constant { value: -c.value, ..c }
        }
        _ => return None,
    })
}
