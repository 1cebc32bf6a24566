//! IR back to syntax, so that one printer serves all programs.

use super::{Func, HoleKind, Kind, LocalId, NodeId, Place, Step};
use crate::builtins::OpTable;
use crate::builtins::sig::Literal;
use crate::bundle::Bundle;
use crate::raster::image::{Image, Placement};
use crate::source::Span;
use crate::syntax::ast::{
    Arg, Ast, BinOp, Expr, ExprId, ExprKind, FnExpr, Hole, HoleForm, Name, Param, Pat, PatId, PatKind, Stmt, StmtId,
    StmtKind, TypeExpr, TypeId, TypeKind, UnOp,
};
use crate::types::Type;
use crate::vm::library::Library;
use crate::vm::value::Value;
use std::collections::{HashMap, HashSet};

/// A function as the syntax of its definition. Pictures in it are named in `bundle`.
pub fn raise(func: &Func, ops: &OpTable, library: &Library, bundle: &mut Bundle) -> Ast {
    let mut r = Raise::new(Ast::default(), func, ops, library, bundle);
    if &*func.name == LAMBDA {
        let fun = Box::new(r.function());
        let e = r.push(ExprKind::Fn(fun));
        let id = r.stmt(StmtKind::Expr(e));
        r.ast.root.push(id);
        return r.ast;
    }
    let def = Box::new(r.function());
    let kind = StmtKind::Fn { name: func.name.clone(), name_span: Span::default(), def };
    r.ast.stmts.push(Stmt { kind, span: Span::default(), doc: func.doc.clone() });
    let id = StmtId(r.ast.stmts.len() as u32 - 1);
    r.ast.root.push(id);
    r.ast
}

/// The source text of a function's definition; of a lambda, of its expression.
pub fn to_source(func: &Func, ops: &OpTable, library: &Library) -> String {
    crate::syntax::print(&raise(func, ops, library, &mut Bundle::new("image")))
}

/// The source text of a value, pictures named in `bundle`.
pub fn value_source(v: &Value, ty: &Type, ops: &OpTable, library: &Library, bundle: &mut Bundle) -> String {
    let func = Func::placeholder();
    let mut r = Raise::new(Ast::default(), &func, ops, library, bundle);
    let e = r.value(v, ty);
    crate::syntax::print_expr(&r.ast, e)
}

/// The function of a function value with its captured values written in their places.
pub fn with_captures(func: &Func, captures: &[Value]) -> Func {
    let mut out = func.clone();
    let first = func.params.len() as u32;
    for n in &mut out.nodes {
        if let Kind::Local(l) = n.kind
            && let Some(v) = l.0.checked_sub(first).and_then(|i| captures.get(i as usize))
        {
            n.kind = Kind::Const(v.clone());
        }
    }
    out
}

/// The name of every lambda's function.
const LAMBDA: &str = "fn";

struct Raise<'a> {
    ast: Ast,
    func: &'a Func,
    ops: &'a OpTable,
    library: &'a Library,
    bundle: &'a mut Bundle,
    /// How often each local is used.
    uses: HashMap<LocalId, usize>,
    /// Names that begin with `_` and mean something.
    taken: HashSet<Name>,
    /// Whether some int is made a num, here or in a lambda.
    widens: bool,
}

/// Whether some int is made a num in a function or its lambdas.
fn widens(func: &Func, library: &Library) -> bool {
    func.nodes.iter().any(|n| match &n.kind {
        Kind::Widen(_) => true,
        Kind::Closure { func, .. } => library.get(*func).is_some_and(|e| {
            &*e.func.name == "fn" && stacker::maybe_grow(64 * 1024, 1024 * 1024, || widens(&e.func, library))
        }),
        _ => false,
    })
}

/// Names that begin with `_` and mean something in a function.
fn taken(func: &Func, library: &Library) -> HashSet<Name> {
    let called = func.nodes.iter().filter_map(|n| match &n.kind {
        Kind::Call { func, .. } | Kind::Closure { func, .. } => library.get(*func).map(|e| e.func.name.clone()),
        _ => None,
    });
    let locals = func.locals.iter().map(|l| l.name.clone());
    let globals = func.globals.iter().map(|g| g.1.clone());
    called.chain(locals).chain(globals).filter(|n| n.starts_with('_')).collect()
}

/// How often each local is used in a node and all below it.
fn uses(func: &Func, root: NodeId) -> HashMap<LocalId, usize> {
    let mut out = HashMap::new();
    let mut work = vec![root];
    while let Some(id) = work.pop() {
        let kind = &func.node(id).kind;
        if let Kind::Local(l) | Kind::Assign { place: Place::Local(l), .. } = kind {
            *out.entry(*l).or_default() += 1;
        }
        kind.children(&mut work);
    }
    out
}

impl<'a> Raise<'a> {
    fn new(ast: Ast, func: &'a Func, ops: &'a OpTable, library: &'a Library, bundle: &'a mut Bundle) -> Raise<'a> {
        let uses = uses(func, func.body);
        let taken = taken(func, library);
        let widens = widens(func, library);
        Raise { ast, func, ops, library, bundle, uses, taken, widens }
    }
}

impl Raise<'_> {
    fn push(&mut self, kind: ExprKind) -> ExprId {
        self.ast.exprs.push(Expr { kind, span: Span::default() });
        ExprId(self.ast.exprs.len() as u32 - 1)
    }

    fn stmt(&mut self, kind: StmtKind) -> StmtId {
        self.ast.stmts.push(Stmt { kind, span: Span::default(), doc: None });
        StmtId(self.ast.stmts.len() as u32 - 1)
    }

    fn pat(&mut self, name: Name) -> PatId {
        self.ast.pats.push(Pat { kind: PatKind::Name(name), span: Span::default() });
        PatId(self.ast.pats.len() as u32 - 1)
    }

    fn ty(&mut self, t: &Type) -> TypeId {
        let kind = match t {
            Type::List(t) => TypeKind::List(self.ty(t)),
            Type::Tuple(ts) => TypeKind::Tuple(ts.iter().map(|t| self.ty(t)).collect()),
            Type::Record(fs) => TypeKind::Record(fs.iter().map(|(n, t)| (n.clone(), self.ty(t))).collect()),
            Type::Fn(f) => {
                let params = f.params.iter().map(|t| self.ty(t)).collect();
                TypeKind::Fn(params, self.ty(&f.ret))
            }
            other => TypeKind::Name(other.to_string().into()),
        };
        self.ast.types.push(TypeExpr { kind, span: Span::default() });
        TypeId(self.ast.types.len() as u32 - 1)
    }

    fn function(&mut self) -> FnExpr {
        let func = self.func;
        let params = func
            .params
            .iter()
            .map(|p| Param { name: p.name.clone(), span: Span::default(), ty: Some(self.ty(&p.ty)), default: None })
            .collect();
        let ret = Some(self.ty(&func.ret));
        let body = self.block(func.body);
        FnExpr { params, ret, body }
    }

    /// The local's name; one that the source did not name gets one that cannot clash.
    fn local(&self, id: LocalId) -> Name {
        let name = &self.func.local(id).name;
        if &**name != "_" {
            return name.clone();
        }
        let mut own = format!("_{}", id.0);
        while self.taken.contains(own.as_str()) {
            own.push('_');
        }
        own.into()
    }

    fn call(&mut self, name: &str, args: Vec<ExprId>) -> ExprId {
        let callee = self.name(name);
        let args = args.into_iter().map(|value| Arg { name: None, value }).collect();
        self.push(ExprKind::Call { callee, args })
    }

    /// A name, perhaps one in a module.
    fn name(&mut self, name: &str) -> ExprId {
        match name.split_once('.') {
            Some((module, rest)) => {
                let base = self.push(ExprKind::Name(module.into()));
                self.push(ExprKind::Field(base, rest.into()))
            }
            None => self.push(ExprKind::Name(name.into())),
        }
    }

    /// The node as a block.
    fn block(&mut self, id: NodeId) -> ExprId {
        let mut out = Vec::new();
        let wants_value = self.func.node(id).ty != Type::Unit;
        let func = self.func;
        // The braces are those of the block, and of one that stands alone in it.
        let mut id = id;
        while let Kind::Block(items) = &func.node(id).kind {
            match items.as_slice() {
                [one] => id = *one,
                [one, unit] if matches!(func.node(*unit).kind, Kind::Unit) && !wants_value => id = *one,
                _ => break,
            }
        }
        match &func.node(id).kind {
            Kind::Block(items) => items.iter().for_each(|i| self.statements(*i, &mut out)),
            _ => self.statements(id, &mut out),
        }
        // A block of type unit may not end in a value.
        if !wants_value
            && let Some(last) = out.last()
            && let StmtKind::Expr(e) = self.ast.stmts[last.0 as usize].kind
            && matches!(self.ast.expr(e).kind, ExprKind::Unit)
        {
            out.pop();
        }
        self.push(ExprKind::Block(out))
    }

    fn statements(&mut self, id: NodeId, out: &mut Vec<StmtId>) {
        let func = self.func;
        match &func.node(id).kind {
            // Blocks that only group what one statement of the source became are opened up. In one of the source a
            // name may hide another, for as long as the block lasts.
            Kind::Block(items) if !self.is_closed(id) => {
                items.iter().for_each(|i| self.statements(*i, out));
            }
            Kind::Block(_) => {
                let block = self.block(id);
                let s = self.stmt(StmtKind::Expr(block));
                out.push(s);
            }
            _ => {
                let s = self.statement(id);
                out.push(s);
            }
        }
    }

    /// Whether a block binds names and nothing outside it uses them.
    fn is_closed(&self, block: NodeId) -> bool {
        let mut bound = Vec::new();
        let mut work = vec![block];
        while let Some(id) = work.pop() {
            match &self.func.node(id).kind {
                Kind::Let(l, _) => bound.push(*l),
                Kind::Block(items) => work.extend(items),
                _ => {}
            }
        }
        if bound.is_empty() {
            return false;
        }
        let inside = uses(self.func, block);
        bound.iter().all(|l| inside.get(l) == self.uses.get(l))
    }

    /// Whether a value is of its type only because ints in it were made nums, which its text does not say.
    fn is_widened(&self, id: NodeId) -> bool {
        match &self.func.node(id).kind {
            Kind::Widen(_) => true,
            Kind::List(items) | Kind::Tuple(items) => items.iter().any(|i| self.is_widened(*i)),
            Kind::Block(items) => items.last().is_some_and(|i| self.is_widened(*i)),
            Kind::If { then, otherwise, .. } => self.is_widened(*then) || otherwise.is_some_and(|o| self.is_widened(o)),
            Kind::For { body, collect: true, .. } => self.is_widened(*body),
            _ => false,
        }
    }

    /// Whether the text of a value alone says its type. An int written out may be a num for what is done with it later.
    fn is_evident(&self, id: NodeId) -> bool {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match &self.func.node(id).kind {
            Kind::Int(_) => false,
            Kind::Op { op, args } => {
                let one = self.ops.overloads(&self.ops.get(*op).name).len() == 1;
                (one && self.ops.sig(*op).is_ok_and(|s| s.vars == 0)) || args.iter().all(|a| self.is_evident(*a))
            }
            Kind::Call { args, .. } => args.iter().all(|a| self.is_evident(*a)),
            Kind::List(items) | Kind::Tuple(items) => items.iter().all(|i| self.is_evident(*i)),
            Kind::Block(items) => items.last().is_none_or(|i| self.is_evident(*i)),
            Kind::If { then, otherwise, .. } => self.is_evident(*then) && otherwise.is_none_or(|o| self.is_evident(o)),
            Kind::For { body, .. } => self.is_evident(*body),
            Kind::Field(base, _) => self.is_evident(*base),
            _ => true,
        })
    }

    /// Whether something in a value takes its type from around it: a hole, an empty list, a constant.
    fn is_open(&self, id: NodeId) -> bool {
        let mut work = vec![id];
        while let Some(id) = work.pop() {
            let kind = &self.func.node(id).kind;
            match kind {
                Kind::Hole { .. } => return true,
                Kind::List(items) | Kind::Op { args: items, .. } if items.is_empty() => return true,
                _ => kind.children(&mut work),
            }
        }
        false
    }

    fn statement(&mut self, id: NodeId) -> StmtId {
        let func = self.func;
        let kind = match &func.node(id).kind {
            Kind::Let(l, value) => {
                let local = func.local(*l);
                let open = self.is_open(*value) || self.is_widened(*value) || (self.widens && !self.is_evident(*value));
                let ty = if open { Some(self.ty(&local.ty)) } else { None };
                let value = self.expr(*value);
                let name = self.local(*l);
                StmtKind::Let { mutable: local.mutable, pat: self.pat(name), ty, value }
            }
            Kind::Return(value) => StmtKind::Return(value.map(|v| self.expr(v))),
            Kind::Break => StmtKind::Break,
            Kind::Continue => StmtKind::Continue,
            _ => StmtKind::Expr(self.expr(id)),
        };
        self.stmt(kind)
    }

    fn expr(&mut self, id: NodeId) -> ExprId {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expr_inner(id))
    }

    fn exprs(&mut self, ids: &[NodeId]) -> Vec<ExprId> {
        ids.iter().map(|i| self.expr(*i)).collect()
    }

    fn expr_inner(&mut self, id: NodeId) -> ExprId {
        let func = self.func;
        let node = func.node(id);
        match &node.kind {
            Kind::Unit => self.push(ExprKind::Unit),
            Kind::Int(i) => self.int(*i),
            Kind::Num(x) => self.num(*x),
            Kind::Angle(x) => {
                let e = self.push(ExprKind::Angle(x.abs()));
                if *x < 0.0 { self.push(ExprKind::Unary(UnOp::Neg, e)) } else { e }
            }
            Kind::Bool(b) => self.push(ExprKind::Bool(*b)),
            Kind::Str(s) => self.push(ExprKind::Str(s.clone())),
            Kind::Const(v) => self.value(v, &node.ty),
            Kind::Local(l) => {
                let name = self.local(*l);
                self.push(ExprKind::Name(name))
            }
            Kind::Global(g) => {
                let known = func.globals.iter().find(|(id, _)| id == g).map(|(_, n)| n.clone());
                self.push(ExprKind::Name(known.unwrap_or_else(|| format!("global{}", g.0).into())))
            }
            Kind::Let(..) | Kind::Return(_) | Kind::Break | Kind::Continue => {
                let s = self.statement(id);
                self.push(ExprKind::Block(vec![s]))
            }
            Kind::LetGlobal(_, value) => self.expr(*value),
            Kind::Assign { place, path, value } => {
                let name = match place {
                    Place::Local(l) => self.local(*l),
                    Place::Global(g) => {
                        let known = func.globals.iter().find(|(id, _)| id == g).map(|(_, n)| n.clone());
                        known.unwrap_or_else(|| format!("global{}", g.0).into())
                    }
                };
                let mut target = self.push(ExprKind::Name(name));
                // The type of what the path has led to so far, where it is known.
                let mut ty = match place {
                    Place::Local(l) => Some(func.local(*l).ty.clone()),
                    Place::Global(_) => None,
                };
                for step in path {
                    let whole = ty.take();
                    target = match step {
                        Step::Index(i) => {
                            if let Some(Type::List(item)) = whole {
                                ty = Some((*item).clone());
                            }
                            let i = self.expr(*i);
                            self.push(ExprKind::Index(target, i))
                        }
                        Step::Field(k) => {
                            match whole {
                                Some(Type::Record(fields)) if fields.len() > *k as usize => {
                                    let (name, t) = fields[*k as usize].clone();
                                    ty = Some(t);
                                    target = self.push(ExprKind::Field(target, name));
                                    continue;
                                }
                                Some(Type::Tuple(parts)) => ty = parts.get(*k as usize).cloned(),
                                _ => {}
                            }
                            let i = self.push(ExprKind::Int(i64::from(*k)));
                            self.push(ExprKind::Index(target, i))
                        }
                    };
                }
                let value = self.expr(*value);
                self.push(ExprKind::Assign(target, value))
            }
            Kind::Op { op, args } => self.op(*op, args),
            Kind::And(a, b) | Kind::Or(a, b) => {
                let op = if matches!(node.kind, Kind::And(..)) { BinOp::And } else { BinOp::Or };
                let (a, b) = (self.expr(*a), self.expr(*b));
                self.push(ExprKind::Binary(op, a, b))
            }
            Kind::Call { func, args } => {
                let name = self.library.get(*func).map_or_else(|| self.func.name.clone(), |e| e.func.name.clone());
                let args = self.exprs(args);
                self.call(&name, args)
            }
            Kind::CallValue { callee, args } => {
                let callee = self.expr(*callee);
                let args = self.exprs(args).into_iter().map(|value| Arg { name: None, value }).collect();
                self.push(ExprKind::Call { callee, args })
            }
            // Captured locals have the names of what they copy, so the lambda's body reads the same.
            Kind::Closure { func, .. } => self.closure(*func, &[]),
            Kind::If { cond, then, otherwise } => {
                let cond = self.expr(*cond);
                let then = self.block(*then);
                let otherwise = otherwise.map(|o| match self.func.node(o).kind {
                    Kind::If { .. } => self.expr(o),
                    _ => self.block(o),
                });
                self.push(ExprKind::If { cond, then, otherwise })
            }
            Kind::For { binders, body, .. } => {
                let mut heads = Vec::new();
                for (l, over) in binders {
                    let over = self.expr(*over);
                    let name = self.local(*l);
                    heads.push((self.pat(name), over));
                }
                let body = self.block(*body);
                self.push(ExprKind::For { binders: heads, body })
            }
            Kind::While { cond, body } => {
                let cond = self.expr(*cond);
                let body = self.block(*body);
                self.push(ExprKind::While { cond, body })
            }
            Kind::Block(items) => match items.as_slice() {
                [one] if !matches!(func.node(*one).kind, Kind::Let(..)) => self.expr(*one),
                _ => self.block(id),
            },
            Kind::List(items) => {
                let items = self.exprs(items);
                self.push(ExprKind::List(items))
            }
            Kind::Tuple(items) => {
                let items = self.exprs(items);
                match &node.ty {
                    Type::Record(fields) => {
                        let fields = fields.iter().map(|(n, _)| n.clone()).zip(items).collect();
                        self.push(ExprKind::Record(fields))
                    }
                    _ => self.push(ExprKind::Tuple(items)),
                }
            }
            Kind::Field(base, i) => {
                let of = func.node(*base).ty.clone();
                let base = self.expr(*base);
                match &of {
                    Type::Record(fields) => {
                        let name = fields.get(*i as usize).map_or_else(|| "_".into(), |(n, _)| n.clone());
                        self.push(ExprKind::Field(base, name))
                    }
                    _ => {
                        let i = self.push(ExprKind::Int(i64::from(*i)));
                        self.push(ExprKind::Index(base, i))
                    }
                }
            }
            Kind::Range { lo, hi, inclusive } => {
                let (lo, hi) = (self.expr(*lo), self.expr(*hi));
                self.push(ExprKind::Range { lo, hi, inclusive: *inclusive })
            }
            Kind::Widen(inner) => self.expr(*inner),
            Kind::Hole { hole, args } => self.hole(hole.0 as usize, args),
        }
    }

    fn int(&mut self, i: i64) -> ExprId {
        match i.checked_neg() {
            Some(n) if i < 0 => {
                let e = self.push(ExprKind::Int(n));
                self.push(ExprKind::Unary(UnOp::Neg, e))
            }
            Some(_) => self.push(ExprKind::Int(i)),
            // The least int has no positive twin to write.
            None => {
                let a = self.int(i + 1);
                let one = self.push(ExprKind::Int(1));
                self.push(ExprKind::Binary(BinOp::Sub, a, one))
            }
        }
    }

    fn num(&mut self, x: f64) -> ExprId {
        if x.is_nan() {
            return self.push(ExprKind::Name("nan".into()));
        }
        let e =
            if x.is_infinite() { self.push(ExprKind::Name("inf".into())) } else { self.push(ExprKind::Num(x.abs())) };
        if x.is_sign_negative() { self.push(ExprKind::Unary(UnOp::Neg, e)) } else { e }
    }

    fn op(&mut self, op: super::OpId, args: &[NodeId]) -> ExprId {
        let entry = self.ops.get(op).clone();
        let sig = self.ops.sig(op).ok();
        if sig.as_ref().is_some_and(|s| s.constant) {
            return self.name(&entry.name);
        }
        // Arguments that are as their defaults are left out.
        let mut given = args.len();
        if let Some(sig) = &sig {
            while given > 0
                && let Some(default) = sig.params.get(given - 1).and_then(|p| p.default.as_ref())
                && self.is_literal(args[given - 1], default)
            {
                given -= 1;
            }
        }
        let args = self.exprs(&args[..given]);
        match (&*entry.name, args.as_slice()) {
            ("neg", [x]) => self.push(ExprKind::Unary(UnOp::Neg, *x)),
            ("not", [x]) => self.push(ExprKind::Unary(UnOp::Not, *x)),
            ("[]", [base, i]) => self.push(ExprKind::Index(*base, *i)),
            (name, [a, b]) if binary(name).is_some() => {
                let op = binary(name).unwrap_or(BinOp::Add);
                self.push(ExprKind::Binary(op, *a, *b))
            }
            (name, _) => self.call(name, args),
        }
    }

    fn is_literal(&self, id: NodeId, default: &Literal) -> bool {
        match (&self.func.node(id).kind, default) {
            (Kind::Int(a), Literal::Int(b)) => a == b,
            (Kind::Num(a), Literal::Num(b)) | (Kind::Angle(a), Literal::Angle(b)) => a == b,
            (Kind::Num(a), Literal::Int(b)) => *a == *b as f64,
            (Kind::Bool(a), Literal::Bool(b)) => a == b,
            (Kind::Str(a), Literal::Str(b)) => a == b,
            (Kind::List(xs), Literal::EmptyList) => xs.is_empty(),
            _ => false,
        }
    }

    fn closure(&mut self, id: super::FuncId, captures: &[Value]) -> ExprId {
        let Some(entry) = self.library.get(id) else { return self.push(ExprKind::Error) };
        if &*entry.func.name != LAMBDA {
            return self.push(ExprKind::Name(entry.func.name.clone()));
        }
        let func = with_captures(&entry.func, captures);
        let ast = std::mem::take(&mut self.ast);
        let widens = self.widens;
        let mut inner = Raise::new(ast, &func, self.ops, self.library, &mut *self.bundle);
        inner.widens = widens;
        let fun = inner.function();
        self.ast = inner.ast;
        self.push(ExprKind::Fn(Box::new(fun)))
    }

    /// A value written out; one that is not text as the name of its asset.
    fn value(&mut self, v: &Value, ty: &Type) -> ExprId {
        match (v, ty) {
            (Value::Unit, _) => self.push(ExprKind::Unit),
            (Value::Int(i), _) => self.int(*i),
            (Value::Num(x), _) => self.num(*x),
            (Value::Bool(b), _) => self.push(ExprKind::Bool(*b)),
            (Value::Str(s), _) => self.push(ExprKind::Str(s.as_str().into())),
            (Value::Range(r), _) => {
                let (lo, hi) = (self.int(r.0), self.int(r.1));
                self.push(ExprKind::Range { lo, hi, inclusive: false })
            }
            (Value::List(xs), Type::List(t)) => {
                let items = xs.iter().map(|x| self.value(x, t)).collect();
                self.push(ExprKind::List(items))
            }
            (Value::Tuple(xs), Type::Tuple(ts)) => {
                let items = xs.iter().zip(ts.iter()).map(|(x, t)| self.value(x, t)).collect();
                self.push(ExprKind::Tuple(items))
            }
            (Value::Tuple(xs), Type::Record(fs)) => {
                let fields = fs.iter().zip(xs.iter()).map(|((n, t), x)| (n.clone(), self.value(x, t))).collect();
                self.push(ExprKind::Record(fields))
            }
            (Value::Fn(c), _) => self.closure(c.func, &c.captures),
            (Value::Obj(o), _) => {
                if let Some(img) = v.downcast::<Image>() {
                    self.asset(img)
                } else if let Some(p) = v.downcast::<Placement>() {
                    let (column, row) = (self.int(p.column), self.int(p.row));
                    let tile = self.asset(&p.tile);
                    self.call("draw", vec![column, row, tile])
                } else {
                    self.object(&o.show())
                }
            }
            _ => self.push(ExprKind::Error),
        }
    }

    fn asset(&mut self, img: &Image) -> ExprId {
        let name = self.bundle.name(img);
        let name = self.push(ExprKind::Str(name.into()));
        self.call("asset", vec![name])
    }

    /// An object that shows itself as source text: read back, so that the printer lays it out.
    fn object(&mut self, text: &str) -> ExprId {
        let parsed = crate::syntax::parse(crate::source::FileId(u32::MAX), text);
        match parsed.ast.root.as_slice() {
            [one] if parsed.errors.is_empty() => match &parsed.ast.stmt(*one).kind {
                StmtKind::Expr(e) => self.graft(&parsed.ast, *e),
                _ => self.push(ExprKind::Error),
            },
            _ => self.push(ExprKind::Error),
        }
    }

    /// Copies an expression of calls, operators and literals from another tree.
    fn graft(&mut self, from: &Ast, e: ExprId) -> ExprId {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            let kind = match &from.expr(e).kind {
                ExprKind::Call { callee, args } => ExprKind::Call {
                    callee: self.graft(from, *callee),
                    args: args.iter().map(|a| Arg { name: a.name.clone(), value: self.graft(from, a.value) }).collect(),
                },
                ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, self.graft(from, *a), self.graft(from, *b)),
                ExprKind::Unary(op, a) => ExprKind::Unary(*op, self.graft(from, *a)),
                ExprKind::List(xs) => ExprKind::List(xs.iter().map(|x| self.graft(from, *x)).collect()),
                ExprKind::Tuple(xs) => ExprKind::Tuple(xs.iter().map(|x| self.graft(from, *x)).collect()),
                ExprKind::Field(a, n) => ExprKind::Field(self.graft(from, *a), n.clone()),
                leaf @ (ExprKind::Int(_)
                | ExprKind::Num(_)
                | ExprKind::Angle(_)
                | ExprKind::Bool(_)
                | ExprKind::Str(_)
                | ExprKind::Name(_)) => leaf.clone(),
                _ => ExprKind::Error,
            };
            self.push(kind)
        })
    }

    fn hole(&mut self, at: usize, args: &[NodeId]) -> ExprId {
        let hole = &self.func.holes[at];
        let name = hole.name.clone();
        let mut args = self.exprs(args);
        let form = match &hole.kind {
            HoleKind::Open | HoleKind::Call | HoleKind::Perceptual => HoleForm::Open,
            HoleKind::Range { lo, hi, start, angle } => {
                let whole = hole.ty == Type::Int;
                let mut bound = |x: f64| {
                    if *angle {
                        let e = self.push(ExprKind::Angle(x.to_degrees().abs()));
                        if x < 0.0 { self.push(ExprKind::Unary(UnOp::Neg, e)) } else { e }
                    } else if whole {
                        self.int(x as i64)
                    } else {
                        self.num(x)
                    }
                };
                HoleForm::Range { lo: bound(*lo), hi: bound(*hi), start: start.map(bound) }
            }
            HoleKind::Choice { ops } if ops.is_empty() => HoleForm::Choice(std::mem::take(&mut args)),
            HoleKind::Choice { ops } => {
                let names: Vec<_> = ops.iter().map(|o| self.ops.get(*o).name.clone()).collect();
                let alternatives = names
                    .iter()
                    .map(|n| match binary(n) {
                        Some(op) => self.push(ExprKind::OpRef(op)),
                        None => self.name(n),
                    })
                    .collect();
                HoleForm::Choice(alternatives)
            }
        };
        let called = match &hole.kind {
            HoleKind::Call | HoleKind::Perceptual => true,
            HoleKind::Choice { ops } => !ops.is_empty(),
            _ => false,
        };
        let hole = self.push(ExprKind::Hole(Hole { name, form }));
        if !called {
            return hole;
        }
        let args = args.into_iter().map(|value| Arg { name: None, value }).collect();
        self.push(ExprKind::Call { callee: hole, args })
    }
}

fn binary(symbol: &str) -> Option<BinOp> {
    use BinOp::*;
    [Eq, Ne, Lt, Le, Gt, Ge, Add, Sub, Mul, Div, Rem, And2, Pow].into_iter().find(|op| op.symbol() == symbol)
}
