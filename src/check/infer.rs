//! Types and IR of one function body, in one pass: nodes are made as expressions are met, with type variables that are
//! replaced when all is known ([`finish`](super::finish)).

use super::pending::{Operand, Patch, Pending, Want};
use super::scope::{Binding, DefId, Scope};
use super::unify::Unifier;
use super::{Checker, suggest};
use crate::builtins::sig::{Sig, basic_type, is_type_var};
use crate::diag::Diagnostic;
use crate::ir::{GlobalId, Hole, HoleId, Kind, Local, LocalId, Node, NodeId};
use crate::source::Span;
use crate::syntax::ast::{Ast, ExprId, FnExpr, Name, PatId, PatKind, TypeId, TypeKind};
use crate::types::Type;
use std::collections::HashMap;
use std::sync::Arc;

/// What is wanted of an expression.
#[derive(Clone)]
pub(super) enum Expect {
    /// A value of any type.
    Free,
    /// Preferably a value of this type; the caller still coerces.
    Type(Type),
    /// Nothing: the value is dropped.
    Drop,
}

/// What a node stands for once types are known.
pub(super) enum Link {
    /// A call of, or a function value from, a definition at these parameter types and this result type.
    Def(DefId, Vec<Type>, Type),
    /// A function value from a lambda: index in [`Infer::funcs`].
    Lambda(usize),
}

/// What a function value copies when it is made.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Captured {
    /// A local of the function around it.
    Local(LocalId),
    /// A `var` of the session.
    Global(GlobalId),
}

/// A function being made.
pub(super) struct FuncCtx {
    pub name: Name,
    pub span: Span,
    pub doc: Option<Name>,
    pub params: usize,
    pub locals: Vec<Local>,
    pub nodes: Vec<Node>,
    pub holes: Vec<Hole>,
    pub named_holes: HashMap<Name, HoleId>,
    /// Visible names, innermost block last.
    pub scopes: Vec<Vec<(Name, LocalId)>>,
    /// Captured values: the local here, and what it copies from around this function.
    pub captures: Vec<(LocalId, Captured)>,
    pub ret: Type,
    /// Where the result type was written.
    pub ret_span: Option<Span>,
    /// Loops around the present place.
    pub loops: usize,
    pub links: Vec<(NodeId, Link)>,
    /// Names of globals mentioned.
    pub globals: Vec<(GlobalId, Name)>,
    pub body: NodeId,
}

impl FuncCtx {
    pub fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() as u32 - 1)
    }
}

/// Inference of one body.
pub(super) struct Infer<'c> {
    pub ck: &'c mut Checker,
    pub uni: Unifier,
    pub ast: Arc<Ast>,
    pub scope: Scope,
    pub funcs: Vec<FuncCtx>,
    /// Open functions, innermost last: indices into `funcs`.
    pub stack: Vec<usize>,
    pub pending: Vec<Pending>,
    /// Types of int literals met in this statement.
    pub literals: Vec<Type>,
    /// Constants of several types that are not settled yet: the type variable, and what it may become.
    pub constants: Vec<(Type, Vec<Type>)>,
    /// Why the type wanted is wanted.
    pub why: Option<(Span, String)>,
    /// Written type variables of the present definition.
    pub type_vars: HashMap<Name, Type>,
}

impl<'c> Infer<'c> {
    pub fn new(ck: &'c mut Checker, uni: Unifier, ast: Arc<Ast>, scope: Scope) -> Infer<'c> {
        Infer {
            ck,
            uni,
            ast,
            scope,
            funcs: Vec::new(),
            stack: Vec::new(),
            pending: Vec::new(),
            literals: Vec::new(),
            constants: Vec::new(),
            why: None,
            type_vars: HashMap::new(),
        }
    }

    pub fn error(&mut self, d: Diagnostic) {
        self.ck.error(d);
    }

    pub fn error_with_why(&mut self, mut d: Diagnostic) {
        if let Some((span, text)) = &self.why {
            d = d.also(*span, text.clone());
        }
        self.error(d);
    }

    pub fn errors_len(&self) -> usize {
        self.ck.errors.len()
    }

    /// The type as shown in a message: unknown parts as `_`.
    pub fn show(&self, t: &Type) -> String {
        let t = self.uni.resolve(t);
        let t = super::unify::map_vars(&t, &mut |v| Some(Type::con(if self.uni.is_numeric(v) { "int" } else { "_" })));
        t.to_string()
    }

    /// Index of the function being made.
    pub fn here(&self) -> usize {
        self.stack.last().copied().unwrap_or(0)
    }

    pub fn f(&mut self) -> &mut FuncCtx {
        let at = self.here();
        &mut self.funcs[at]
    }

    /// Adds a node; a type too large to handle is an error and becomes unknown.
    pub fn emit(&mut self, kind: Kind, ty: Type, span: Span) -> (NodeId, Type) {
        let ty = if self.uni.is_small(&ty) {
            ty
        } else {
            self.error(Diagnostic::new("E0207", span, "this type is too large"));
            self.uni.fresh()
        };
        let id = self.f().push(Node { kind, ty: ty.clone(), span });
        (id, ty)
    }

    /// A node in place of what could not be made.
    pub fn poison(&mut self, span: Span) -> (NodeId, Type) {
        let ty = self.uni.fresh();
        self.emit(Kind::Unit, ty, span)
    }

    pub fn coerce(&mut self, node: NodeId, actual: &Type, want: &Type, span: Span) -> NodeId {
        let f = self.here();
        self.coerce_in(Some(f), Some(node), actual, want, span).unwrap_or(node)
    }

    /// Fresh variables for those of a signature: parameter types, result type.
    pub fn instantiate_sig(&mut self, sig: &Sig) -> (Vec<Type>, Type) {
        if sig.vars == 0 {
            return (sig.params.iter().map(|p| p.ty.clone()).collect(), sig.ret.clone());
        }
        let fresh: Vec<Type> = (0..sig.vars).map(|_| self.uni.fresh()).collect();
        let mut sub = |v: u32| fresh.get(v as usize).cloned();
        let params = sig.params.iter().map(|p| super::unify::map_vars(&p.ty, &mut sub)).collect();
        (params, super::unify::map_vars(&sig.ret, &mut sub))
    }

    // ---- names ----

    pub fn bind_local(&mut self, name: &Name, ty: Type, mutable: bool) -> LocalId {
        let f = self.f();
        f.locals.push(Local { name: name.clone(), ty, mutable });
        let id = LocalId(f.locals.len() as u32 - 1);
        if &**name != "_"
            && let Some(top) = f.scopes.last_mut()
        {
            top.push((name.clone(), id));
        }
        id
    }

    /// The local called `name` in the function being made; captured first if it belongs to one around it.
    pub fn find_local(&mut self, name: &str) -> Option<LocalId> {
        let (level, mut id) = (0..self.stack.len()).rev().find_map(|level| {
            let f = &self.funcs[self.stack[level]];
            let found = f.scopes.iter().rev().flat_map(|s| s.iter().rev()).find(|(n, _)| &**n == name);
            found.map(|(_, id)| (level, *id))
        })?;
        for inner in level + 1..self.stack.len() {
            let (outer_ty, outer_name) = {
                let l = &self.funcs[self.stack[inner - 1]].locals[id.0 as usize];
                (l.ty.clone(), l.name.clone())
            };
            let f = &mut self.funcs[self.stack[inner]];
            let from = Captured::Local(id);
            id = match f.captures.iter().find(|(_, o)| *o == from) {
                Some((here, _)) => *here,
                None => {
                    f.locals.push(Local { name: outer_name.clone(), ty: outer_ty, mutable: false });
                    let here = LocalId(f.locals.len() as u32 - 1);
                    f.captures.push((here, from));
                    f.scopes[0].push((outer_name, here));
                    here
                }
            };
        }
        Some(id)
    }

    pub fn unknown_name(&mut self, name: &Name, span: Span) -> (NodeId, Type) {
        // Finding a name like it takes a while, and nobody would see it.
        if self.ck.is_full() {
            return self.poison(span);
        }
        let mut d = Diagnostic::new("E0101", span, format!("unknown name `{name}`"));
        let mut names: Vec<Name> = self.scope.iter().map(|(n, _)| n.clone()).collect();
        names.extend(self.ck.ops.names().cloned());
        for &i in &self.stack {
            names.extend(self.funcs[i].scopes.iter().flatten().map(|(n, _)| n.clone()));
        }
        if let Some(near) = suggest::nearest(name, names.iter().map(|n| &**n)) {
            d = d.help(format!("did you mean `{near}`?"));
        }
        self.error(d);
        self.poison(span)
    }

    /// A name used as a value.
    pub fn name(&mut self, name: &Name, span: Span, expect: &Expect) -> (NodeId, Type) {
        if let Some(id) = self.find_local(name) {
            let ty = self.f().locals[id.0 as usize].ty.clone();
            return self.emit(Kind::Local(id), ty, span);
        }
        match self.scope.get(name).cloned() {
            Some(Binding::Global { id, ty, mutable }) => {
                if mutable && !self.ck.in_main(&self.funcs[self.stack[0]].name) {
                    self.hidden(name, span);
                } else if mutable && self.stack.len() > 1 {
                    // A function value copies a variable when it is made.
                    let f = &mut self.funcs[self.stack[1]];
                    f.locals.push(Local { name: name.clone(), ty, mutable: false });
                    let here = LocalId(f.locals.len() as u32 - 1);
                    f.captures.push((here, Captured::Global(id)));
                    f.scopes[0].push((name.clone(), here));
                    return self.name(name, span, expect);
                }
                self.global(id, name, ty, span)
            }
            Some(Binding::Def(def)) => self.def_value(def, span),
            Some(Binding::Module(_)) => {
                self.error(
                    Diagnostic::new("E0105", span, format!("`{name}` is a module, not a value"))
                        .help(format!("take something from it: `{name}.x`")),
                );
                self.poison(span)
            }
            Some(Binding::Hidden(_)) => {
                self.hidden(name, span);
                self.poison(span)
            }
            None if !self.ck.ops.overloads(name).is_empty() => self.op_value(name, span, expect),
            None => self.unknown_name(name, span),
        }
    }

    /// A global's value.
    pub fn global(&mut self, id: GlobalId, name: &Name, ty: Type, span: Span) -> (NodeId, Type) {
        self.mention(id, name);
        self.emit(Kind::Global(id), ty, span)
    }

    /// Remembers a global's name for printing.
    pub fn mention(&mut self, id: GlobalId, name: &Name) {
        let f = self.f();
        if !f.globals.iter().any(|(g, _)| *g == id) {
            f.globals.push((id, name.clone()));
        }
    }

    fn hidden(&mut self, name: &Name, span: Span) {
        self.error(
            Diagnostic::new("E0104", span, format!("a function cannot see the variable `{name}`, which may change"))
                .help("pass it as an argument, or copy it with `let` before the function"),
        );
    }

    /// A definition as a function value.
    pub fn def_value(&mut self, def: DefId, span: Span) -> (NodeId, Type) {
        let Some((params, ret)) = self.use_def(def, span) else { return self.poison(span) };
        let ty = Type::func(params.clone(), ret.clone());
        let placeholder = Kind::Closure { func: crate::ir::FuncId(u32::MAX), captures: Vec::new() };
        let (id, ty) = self.emit(placeholder, ty, span);
        self.f().links.push((id, Link::Def(def, params, ret)));
        (id, ty)
    }

    /// An operation as a value: a constant, or a function wrapped in a lambda.
    fn op_value(&mut self, name: &Name, span: Span, expect: &Expect) -> (NodeId, Type) {
        let sigs: Vec<Arc<Sig>> =
            self.ck.ops.overloads(name).to_vec().into_iter().filter_map(|id| self.ck.sig(id)).collect();
        if sigs.iter().all(|s| s.constant) {
            return self.op_node(name, Vec::new(), span, expect);
        }
        let wanted = match expect {
            Expect::Type(t) => Some(self.uni.resolve(t)),
            _ => None,
        };
        let params: Vec<Type> = match wanted {
            Some(Type::Fn(ft)) => ft.params.clone(),
            _ if sigs.len() == 1 => sigs[0].params.iter().map(|_| self.uni.fresh()).collect(),
            _ => {
                self.error(
                    Diagnostic::new("E0206", span, format!("`{name}` has several meanings"))
                        .help(format!("write which one: `fn(x: num) {{ {name}(x) }}`")),
                );
                return self.poison(span);
            }
        };
        let ret = self.uni.fresh();
        let ty = Type::func(params.clone(), ret.clone());
        let lambda = self.open_function("fn".into(), span, ret.clone());
        let mut args = Vec::new();
        for (i, t) in params.into_iter().enumerate() {
            let pname: Name = sigs[0].params.get(i).map_or_else(|| format!("x{i}").into(), |p| p.name.clone());
            let id = self.bind_local(&pname, t.clone(), false);
            let (node, ty) = self.emit(Kind::Local(id), t, span);
            args.push(Operand { name: None, node: Some(node), ty, span });
        }
        self.f().params = args.len();
        let (body, actual) = self.op_node(name, args, span, &Expect::Free);
        self.unify_at(&actual, &ret, span);
        self.f().body = body;
        self.stack.pop();
        let (id, ty) = self.emit(Kind::Closure { func: crate::ir::FuncId(u32::MAX), captures: Vec::new() }, ty, span);
        self.f().links.push((id, Link::Lambda(lambda)));
        (id, ty)
    }

    /// A node that applies an operation, its overload decided now or later.
    pub fn op_node(&mut self, name: &Name, args: Vec<Operand>, span: Span, expect: &Expect) -> (NodeId, Type) {
        let ret = match expect {
            // A constant's overload depends on what is wanted; others on their arguments.
            Expect::Type(t) if args.is_empty() => t.clone(),
            _ => self.uni.fresh(),
        };
        let (id, ret) = self.emit(Kind::Unit, ret, span);
        if args.is_empty() {
            let ids = self.ck.ops.overloads(name).to_vec();
            let sigs = ids.into_iter().filter_map(|id| self.ck.sig(id)).filter(|s| s.constant);
            let options: Vec<Type> = sigs.map(|s| s.ret.clone()).collect();
            if options.len() > 1 {
                self.constants.push((ret.clone(), options));
            }
        }
        let patch = Patch::Node(self.here(), id);
        self.decide(Pending {
            want: Want::Overload(name.clone()),
            args,
            ret: ret.clone(),
            patch,
            span,
            waits: Vec::new(),
        });
        (id, ret)
    }

    /// A name defined in a module: `m.f`.
    pub fn module_member(&mut self, base: ExprId, field: &str) -> Option<Binding> {
        let crate::syntax::ast::ExprKind::Name(m) = &self.ast.expr(base).kind else { return None };
        let m = m.clone();
        if self.find_local(&m).is_some() {
            return None;
        }
        match self.scope.get(&m) {
            Some(Binding::Module(scope)) => scope.get(field).cloned(),
            _ => None,
        }
    }

    /// The operation `base.field` of a module of the table, such as `synth.strings`.
    pub fn qualified_op(&mut self, base: ExprId, field: &str) -> Option<Name> {
        let crate::syntax::ast::ExprKind::Name(m) = &self.ast.expr(base).kind else { return None };
        let m = m.clone();
        if self.find_local(&m).is_some() || self.scope.get(&m).is_some() {
            return None;
        }
        let full: Name = format!("{m}.{field}").into();
        (!self.ck.ops.overloads(&full).is_empty()).then_some(full)
    }

    // ---- functions ----

    /// Starts a function; the caller binds its parameters, sets `params` and `body`, and pops the stack.
    pub fn open_function(&mut self, name: Name, span: Span, ret: Type) -> usize {
        self.funcs.push(FuncCtx {
            name,
            span,
            doc: None,
            params: 0,
            locals: Vec::new(),
            nodes: Vec::new(),
            holes: Vec::new(),
            named_holes: HashMap::new(),
            scopes: vec![Vec::new()],
            captures: Vec::new(),
            ret,
            ret_span: None,
            loops: 0,
            links: Vec::new(),
            globals: Vec::new(),
            body: super::finish::NO_BODY,
        });
        let at = self.funcs.len() - 1;
        self.stack.push(at);
        at
    }

    /// Makes a function from its syntax, with these parameter types.
    pub fn function(&mut self, name: Name, span: Span, fun: &FnExpr, params: &[Type], ret: Type) -> usize {
        let at = self.open_function(name, span, ret.clone());
        for (p, t) in fun.params.iter().zip(params) {
            self.bind_local(&p.name, t.clone(), false);
        }
        self.f().params = fun.params.len();
        let ret_span = fun.ret.map(|t| self.ast.ty(t).span);
        self.f().ret_span = ret_span;
        let outer = std::mem::replace(&mut self.why, ret_span.map(|s| (s, "because the result type is this".into())));
        let known = self.uni.shallow(&ret);
        let expect = if known == Type::Unit { Expect::Drop } else { Expect::Type(ret.clone()) };
        let (node, actual) = self.expr(fun.body, &expect);
        let node = if known == Type::Unit {
            let body_span = self.ast.expr(fun.body).span;
            let (unit, _) = self.emit(Kind::Unit, Type::Unit, body_span);
            self.emit(Kind::Block(vec![node, unit]), Type::Unit, body_span).0
        } else {
            let at = self.last_span(fun.body);
            self.coerce(node, &actual, &ret, at)
        };
        self.why = outer;
        self.f().body = node;
        self.stack.pop();
        at
    }

    /// The place of a block's value, for messages.
    pub fn last_span(&self, e: ExprId) -> Span {
        use crate::syntax::ast::{ExprKind, StmtKind};
        if let ExprKind::Block(stmts) = &self.ast.expr(e).kind
            && let Some(last) = stmts.last()
            && let StmtKind::Expr(v) = &self.ast.stmt(*last).kind
        {
            return self.ast.expr(*v).span;
        }
        self.ast.expr(e).span
    }

    /// Types of a function's parameters and result as far as written; unknown ones are variables.
    pub fn written_types(&mut self, fun: &FnExpr) -> (Vec<Type>, Type) {
        let params = fun
            .params
            .iter()
            .map(|p| match p.ty {
                Some(t) => self.written_type(t),
                None => self.uni.fresh(),
            })
            .collect();
        let ret = match fun.ret {
            Some(t) => self.written_type(t),
            None => self.uni.fresh(),
        };
        (params, ret)
    }

    pub fn written_type(&mut self, t: TypeId) -> Type {
        let ast = self.ast.clone();
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            let te = ast.ty(t);
            match &te.kind {
                TypeKind::Name(n) => {
                    if let Some(t) = basic_type(n) {
                        return t;
                    }
                    if is_type_var(n) {
                        if let Some(t) = self.type_vars.get(n) {
                            return t.clone();
                        }
                        let fresh = self.uni.fresh();
                        self.type_vars.insert(n.clone(), fresh.clone());
                        return fresh;
                    }
                    if self.ck.ops.has_type(n) {
                        return Type::Con(n.clone());
                    }
                    let mut d = Diagnostic::new("E0102", te.span, format!("unknown type `{n}`"));
                    let known: Vec<Name> = self.ck.ops.type_names();
                    let basic = ["int", "num", "bool", "str", "range", "unit"];
                    let all = known.iter().map(|n| &**n).chain(basic);
                    d = match (&**n, suggest::nearest(n, all)) {
                        ("float" | "f64" | "number" | "double", _) => d.help("the type of numbers is `num`"),
                        ("string" | "String" | "text", _) => d.help("the type of text is `str`"),
                        ("list", _) => d.help("a list's type is written with its items' type: `[int]`"),
                        (_, Some(near)) => d.help(format!("did you mean `{near}`?")),
                        _ => d,
                    };
                    self.error(d);
                    self.uni.fresh()
                }
                TypeKind::List(t) => Type::list(self.written_type(*t)),
                TypeKind::Tuple(ts) => Type::tuple(ts.iter().map(|t| self.written_type(*t)).collect()),
                TypeKind::Record(fs) => {
                    Type::record(fs.iter().map(|(n, t)| (n.clone(), self.written_type(*t))).collect())
                }
                TypeKind::Fn(ps, r) => {
                    let params = ps.iter().map(|t| self.written_type(*t)).collect();
                    Type::func(params, self.written_type(*r))
                }
            }
            .pipe_small(self, te.span)
        })
    }

    // ---- patterns ----

    /// Binds a pattern to the value in `node`; the nodes that do it.
    pub fn bind_pattern(&mut self, pat: PatId, node: NodeId, ty: &Type, mutable: bool, out: &mut Vec<NodeId>) {
        let ast = self.ast.clone();
        let p = ast.pat(pat);
        match &p.kind {
            PatKind::Name(n) => {
                let id = self.bind_local(n, ty.clone(), mutable);
                out.push(self.emit(Kind::Let(id, node), Type::Unit, p.span).0);
            }
            PatKind::Tuple(parts) => {
                let tys: Vec<Type> = match self.uni.shallow(ty) {
                    Type::Tuple(ts) if ts.len() == parts.len() => ts.to_vec(),
                    Type::Var(_) => {
                        let ts: Vec<Type> = parts.iter().map(|_| self.uni.fresh()).collect();
                        self.unify_at(ty, &Type::tuple(ts.clone()), p.span);
                        ts
                    }
                    other => {
                        let shown = self.show(&other);
                        self.error(Diagnostic::new(
                            "E0201",
                            p.span,
                            format!("expected a tuple of {} parts, found {shown}", parts.len()),
                        ));
                        parts.iter().map(|_| self.uni.fresh()).collect()
                    }
                };
                // The whole is held in a local of its own, so that it is evaluated once.
                let whole = self.bind_local(&"_".into(), ty.clone(), false);
                out.push(self.emit(Kind::Let(whole, node), Type::Unit, p.span).0);
                for (i, (part, t)) in parts.iter().zip(tys).enumerate() {
                    let (base, _) = self.emit(Kind::Local(whole), ty.clone(), p.span);
                    let (field, t) = self.emit(Kind::Field(base, i as u32), t, p.span);
                    self.bind_pattern(*part, field, &t, mutable, out);
                }
            }
        }
    }
}

/// Refuses types that are too large where they are written.
trait PipeSmall {
    fn pipe_small(self, infer: &mut Infer<'_>, span: Span) -> Type;
}

impl PipeSmall for Type {
    fn pipe_small(self, infer: &mut Infer<'_>, span: Span) -> Type {
        if infer.uni.is_small(&self) {
            return self;
        }
        infer.error(Diagnostic::new("E0207", span, "this type is too large"));
        infer.uni.fresh()
    }
}
