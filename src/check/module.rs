//! The top level: statements in order, functions visible throughout, tests, imports.

use super::defs::Def;
use super::infer::{Expect, Infer};
use super::scope::{Binding, DefId, Scope};
use super::unify::Unifier;
use super::{Checker, Loader, MAIN};
use crate::diag::Diagnostic;
use crate::ir::{FuncId, GlobalId, Kind, LocalId, NodeId};
use crate::source::Span;
use crate::syntax::ast::{Ast, ExprKind, FnExpr, Name, PatId, PatKind, Stmt, StmtKind};
use crate::types::Type;
use std::collections::HashSet;
use std::sync::Arc;

/// Top-level variables beyond this many are kept outside the machine's registers.
const MAX_LOCALS: usize = 100;

/// A checked top level.
#[derive(Debug)]
pub struct Checked {
    /// Runs its statements.
    pub main: FuncId,
    /// The type of its last expression.
    pub ty: Type,
    /// Names in scope after it.
    pub scope: Scope,
    /// Names that it binds, in order.
    pub bound: Vec<Name>,
    /// Its tests: name, place, function.
    pub tests: Vec<(Name, Span, FuncId)>,
    /// Functions it defines that are not generic, by name, for listing their holes.
    pub functions: Vec<(Name, FuncId)>,
}

/// A variable of this top level that outlives it.
struct Export {
    name: Name,
    local: LocalId,
    mutable: bool,
    span: Span,
}

/// Whether top-level values stay in `main`'s registers or are all kept for importers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Script,
    Module,
}

impl Checker {
    /// Checks a line or script over the names in `scope`.
    pub fn check(&mut self, ast: Arc<Ast>, scope: Scope, loader: &mut dyn Loader) -> Option<Checked> {
        self.top_level(ast, scope, loader, Mode::Script)
    }

    /// Makes the functions of a file known, without checking them: they are checked when used. The library in the
    /// language is read this way, so that starting costs no more than parsing it.
    pub fn declare(&mut self, ast: Arc<Ast>, scope: Scope) -> Scope {
        let used = HashSet::new();
        let mut top =
            TopLevel { exports: vec![], tests: vec![], defs: vec![], bound: vec![], used, mode: Mode::Module };
        let mut inf = Infer::new(self, Unifier::default(), ast, scope);
        top.hoist(&mut inf);
        inf.scope
    }

    fn top_level(&mut self, ast: Arc<Ast>, scope: Scope, loader: &mut dyn Loader, mode: Mode) -> Option<Checked> {
        let used = names_in_functions(&ast);
        let main = self.library.reserve();
        let mut top =
            TopLevel { exports: Vec::new(), tests: Vec::new(), defs: Vec::new(), bound: Vec::new(), used, mode };
        let mut inf = Infer::new(self, Unifier::default(), ast.clone(), scope);
        top.hoist(&mut inf);
        let ret = inf.uni.fresh();
        let root = inf.open_function(MAIN.into(), Span::default(), ret.clone());
        let mut nodes = Vec::new();
        let mut value = None;
        for (i, id) in ast.root.iter().enumerate() {
            let stmt = ast.stmt(*id);
            value = top.statement(&mut inf, stmt, i + 1 == ast.root.len(), loader, &mut nodes);
            inf.end_of_statement();
        }
        let (result, ty) = match value {
            Some(v) => v,
            None => inf.emit(Kind::Unit, Type::Unit, Span::default()),
        };
        let result_span = ast.root.last().map_or(Span::default(), |s| ast.stmt(*s).span);
        inf.unify_at(&ty, &ret, result_span);
        inf.settle();
        let ty = inf.settled(&ty);
        // The value first, then what outlives this step, then the value again as the result.
        let kept = inf.bind_local(&"_".into(), ty.clone(), false);
        nodes.push(inf.emit(Kind::Let(kept, result), Type::Unit, result_span).0);
        top.export(&mut inf, &mut nodes);
        nodes.push(inf.emit(Kind::Local(kept), ty.clone(), result_span).0);
        let (body, _) = inf.emit(Kind::Block(nodes), ty.clone(), result_span);
        inf.f().body = body;
        let scope = inf.scope.clone();
        inf.finish(root, main);
        let (tests, functions) = top.make_functions(self);
        Some(Checked { main, ty, scope, bound: top.bound, tests, functions })
    }

    fn import(&mut self, path: &Name, span: Span, loader: &mut dyn Loader) -> Option<(Arc<Scope>, Option<FuncId>)> {
        let loaded = match loader.load(path, span.file) {
            Ok(l) => l,
            Err(fail) => {
                let mut d = Diagnostic::new(fail.code, span, fail.message);
                d.help = fail.help;
                self.error(d);
                return None;
            }
        };
        if let Some(scope) = self.modules.get(&loaded.key) {
            return Some((scope.clone(), None));
        }
        if self.importing.contains(&loaded.key) || self.importing.len() > 50 {
            let through = self.importing.join(" -> ");
            self.error(
                Diagnostic::new("E0110", span, format!("`{path}` imports itself"))
                    .help(format!("the imports go round: {through} -> {}", loaded.key)),
            );
            return None;
        }
        let parsed = crate::syntax::parse(loaded.file, &loaded.text);
        if !parsed.errors.is_empty() {
            parsed.errors.into_iter().for_each(|e| self.error(e));
            return None;
        }
        self.importing.push(loaded.key.clone());
        let before = self.prelude.clone();
        let checked = self.top_level(Arc::new(parsed.ast), before, loader, Mode::Module);
        self.importing.pop();
        let checked = checked?;
        // A module shows what it defines, not what it sees.
        let mut scope = Scope::default();
        for name in &checked.bound {
            if let Some(b) = checked.scope.get(name) {
                scope.bind(name.clone(), b.clone());
            }
        }
        let scope = Arc::new(scope);
        self.modules.insert(loaded.key, scope.clone());
        Some((scope, Some(checked.main)))
    }
}

/// Tests, and functions by name.
type Made = (Vec<(Name, Span, FuncId)>, Vec<(Name, FuncId)>);

struct TopLevel {
    exports: Vec<Export>,
    tests: Vec<(Name, Span, DefId)>,
    defs: Vec<(Name, DefId)>,
    bound: Vec<Name>,
    /// Names that functions of this top level mention.
    used: HashSet<Name>,
    mode: Mode,
}

impl TopLevel {
    fn bound(&mut self, name: &Name) {
        self.bound.retain(|n| n != name);
        self.bound.push(name.clone());
    }

    /// Makes every function known before the first statement.
    fn hoist(&mut self, inf: &mut Infer<'_>) {
        let ast = inf.ast.clone();
        let mut seen: Vec<(Name, Span)> = Vec::new();
        for id in &ast.root {
            let stmt = ast.stmt(*id);
            let StmtKind::Fn { name, name_span, def } = &stmt.kind else { continue };
            if let Some((_, first)) = seen.iter().find(|(n, _)| n == name) {
                inf.error(
                    Diagnostic::new("E0103", *name_span, format!("the function `{name}` is defined twice"))
                        .also(*first, "first here"),
                );
                continue;
            }
            seen.push((name.clone(), *name_span));
            let id = self.define(inf, name, *name_span, stmt, def);
            inf.scope.bind(name.clone(), Binding::Def(id));
            self.defs.push((name.clone(), id));
            self.bound(name);
        }
        // Each sees all of them, whichever comes first.
        for (_, id) in &self.defs {
            set_scope(inf, *id);
        }
    }

    fn define(&self, inf: &mut Infer<'_>, name: &Name, span: Span, stmt: &Stmt, fun: &FnExpr) -> DefId {
        for (i, p) in fun.params.iter().enumerate() {
            if fun.params[..i].iter().any(|q| q.name == p.name && &*p.name != "_") {
                inf.error(Diagnostic::new("E0103", p.span, format!("the parameter `{}` twice", p.name)));
            }
        }
        inf.ck.defs.add(Def {
            name: name.clone(),
            span,
            doc: stmt.doc.clone(),
            ast: inf.ast.clone(),
            fun: fun.clone(),
            scope: inf.scope.clone().into(),
            scheme: Default::default(),
            instances: Default::default(),
        })
    }

    fn statement(
        &mut self,
        inf: &mut Infer<'_>,
        stmt: &Stmt,
        last: bool,
        loader: &mut dyn Loader,
        nodes: &mut Vec<NodeId>,
    ) -> Option<(NodeId, Type)> {
        let ast = inf.ast.clone();
        match &stmt.kind {
            StmtKind::Error => {}
            StmtKind::Expr(e) if last => return Some(inf.expr(*e, &Expect::Free)),
            StmtKind::Expr(e) => nodes.push(inf.expr(*e, &Expect::Drop).0),
            StmtKind::Let { mutable, pat, ty, value } => {
                if let (false, None, PatKind::Name(name), ExprKind::Fn(fun)) =
                    (mutable, ty, &ast.pat(*pat).kind, &ast.expr(*value).kind)
                    && !self.mentions_variable(inf, ast.expr(*value).span)
                {
                    // A function value with nothing to capture is a definition: it may be generic.
                    let id = self.define(inf, name, ast.pat(*pat).span, stmt, fun);
                    inf.scope.bind(name.clone(), Binding::Def(id));
                    inf.f().scopes[0].retain(|(n, _)| n != name);
                    self.exports.retain(|e| e.name != *name);
                    self.defs.push((name.clone(), id));
                    self.bound(name);
                    return None;
                }
                let (node, t) = inf.let_value(*ty, *value);
                self.bind(inf, *pat, node, &t, *mutable, nodes);
            }
            StmtKind::Fn { .. } => {
                // From here on it sees the values above it.
                if let StmtKind::Fn { name, .. } = &stmt.kind
                    && let Some(Binding::Def(id)) = inf.scope.get(name)
                {
                    let id = *id;
                    set_scope(inf, id);
                }
            }
            StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue => {
                inf.error(Diagnostic::new("E0108", stmt.span, "this stands only inside a function or loop"));
            }
            StmtKind::Import { path, alias } => {
                let name = alias.clone().unwrap_or_else(|| stem(path));
                if let Some((scope, main)) = inf.ck.import(path, stmt.span, loader) {
                    if let Some(main) = main {
                        nodes.push(inf.emit(Kind::Call { func: main, args: Vec::new() }, Type::Unit, stmt.span).0);
                    }
                    inf.scope.bind(name.clone(), Binding::Module(scope));
                    self.bound(&name);
                }
            }
            StmtKind::Test { name, body } => {
                let fun = FnExpr { params: Vec::new(), ret: None, body: *body };
                let id = self.define(inf, &format!("test \"{name}\"").into(), stmt.span, stmt, &fun);
                self.tests.push((name.clone(), stmt.span, id));
            }
        }
        None
    }

    /// Whether a function value in this place uses what has to be copied when it is made.
    fn mentions_variable(&self, inf: &Infer<'_>, span: Span) -> bool {
        let ast = &inf.ast;
        ast.exprs.iter().any(|e| {
            let ExprKind::Name(n) = &e.kind else { return false };
            e.span.start >= span.start
                && e.span.end <= span.end
                && (inf.funcs[0].scopes[0].iter().any(|(m, _)| m == n)
                    || matches!(inf.scope.get(n), Some(Binding::Global { mutable: true, .. })))
        })
    }

    /// Binds the names of a top-level pattern.
    fn bind(
        &mut self,
        inf: &mut Infer<'_>,
        pat: PatId,
        node: NodeId,
        ty: &Type,
        mutable: bool,
        nodes: &mut Vec<NodeId>,
    ) {
        let ast = inf.ast.clone();
        let span = ast.pat(pat).span;
        if let PatKind::Name(name) = &ast.pat(pat).kind
            && &**name != "_"
            && (self.mode == Mode::Module || self.exports.len() >= MAX_LOCALS)
        {
            let ty = self.known(inf, name, ty, span);
            let id = self.global(inf, name, ty, mutable);
            nodes.push(inf.emit(Kind::LetGlobal(id, node), Type::Unit, span).0);
            inf.f().scopes[0].retain(|(n, _)| n != name);
            self.exports.retain(|e| e.name != *name);
            return;
        }
        let before = inf.f().scopes[0].len();
        inf.bind_pattern(pat, node, ty, mutable, nodes);
        let new: Vec<(Name, LocalId)> = inf.f().scopes[0].split_off(before);
        inf.f().scopes[0].extend(new.iter().cloned());
        for (name, local) in new {
            self.bound(&name);
            self.exports.retain(|e| e.name != name);
            if self.used.contains(&name) && mutable {
                inf.scope.bind(name.clone(), Binding::Hidden(span));
            } else if self.used.contains(&name) || self.mode == Mode::Module {
                let local_ty = inf.f().locals[local.0 as usize].ty.clone();
                let ty = self.known(inf, &name, &local_ty, span);
                let id = self.global(inf, &name, ty.clone(), mutable);
                let (value, _) = inf.emit(Kind::Local(local), ty, span);
                nodes.push(inf.emit(Kind::LetGlobal(id, value), Type::Unit, span).0);
                continue;
            }
            self.exports.push(Export { name, local, mutable, span });
        }
    }

    fn global(&mut self, inf: &mut Infer<'_>, name: &Name, ty: Type, mutable: bool) -> GlobalId {
        let id = GlobalId(inf.ck.next_global);
        inf.ck.next_global += 1;
        inf.scope.bind(name.clone(), Binding::Global { id, ty, mutable });
        self.bound(name);
        id
    }

    /// The type of a value that functions see must be known where it is bound.
    fn known(&self, inf: &mut Infer<'_>, name: &Name, ty: &Type, span: Span) -> Type {
        inf.solve();
        if !inf.uni.is_known(ty) {
            inf.settle();
        }
        let t = inf.uni.resolve(ty);
        let mut free = Vec::new();
        inf.uni.free(&t, &mut free);
        if free.iter().any(|&v| !inf.uni.is_numeric(v)) {
            open_type(inf, name, &t, span);
        }
        inf.settled(&t)
    }

    /// Keeps the variables of a script for later steps.
    fn export(&mut self, inf: &mut Infer<'_>, nodes: &mut Vec<NodeId>) {
        for e in std::mem::take(&mut self.exports) {
            let ty = inf.f().locals[e.local.0 as usize].ty.clone();
            let t = inf.uni.resolve(&ty);
            let mut free = Vec::new();
            inf.uni.free(&t, &mut free);
            if free.iter().any(|&v| !inf.uni.is_numeric(v)) {
                open_type(inf, &e.name, &t, e.span);
            }
            let ty = inf.settled(&t);
            let id = self.global(inf, &e.name, ty.clone(), e.mutable);
            let (value, _) = inf.emit(Kind::Local(e.local), ty, e.span);
            nodes.push(inf.emit(Kind::LetGlobal(id, value), Type::Unit, e.span).0);
        }
    }

    /// Makes the functions that need no more types to be made: tests, and definitions that are not generic.
    fn make_functions(&mut self, ck: &mut Checker) -> Made {
        let make = |ck: &mut Checker, id: DefId, span: Span| -> Option<FuncId> {
            let def = ck.defs.get(id);
            let scope = def.scope.read().unwrap_or_else(|e| e.into_inner()).clone();
            let mut inf = Infer::new(ck, Unifier::default(), def.ast.clone(), scope);
            inf.use_def(id, span)?;
            let scheme = super::defs::lock(&def.scheme).clone()?;
            if !scheme.vars.is_empty() {
                return None;
            }
            let mut key = scheme.params.clone();
            key.push(scheme.ret.clone());
            Some(ck.instance(id, key, span))
        };
        let mut functions = Vec::new();
        for (name, id) in std::mem::take(&mut self.defs) {
            let span = ck.defs.get(id).span;
            if let Some(f) = make(ck, id, span) {
                functions.push((name, f));
            }
        }
        let mut tests = Vec::new();
        for (name, span, id) in std::mem::take(&mut self.tests) {
            if let Some(f) = make(ck, id, span) {
                tests.push((name, span, f));
            }
        }
        (tests, functions)
    }
}

fn open_type(inf: &mut Infer<'_>, name: &Name, t: &Type, span: Span) {
    // What is wrong with its value has been said.
    if inf.errors_len() > 0 {
        return;
    }
    let shown = inf.show(t);
    inf.error(
        Diagnostic::new("E0206", span, format!("the type of `{name}` is not known: {shown}"))
            .help(format!("write it: `let {name}: {} = ..`", shown.replace('_', "int"))),
    );
}

fn set_scope(inf: &mut Infer<'_>, id: DefId) {
    let def = inf.ck.defs.get(id);
    *def.scope.write().unwrap_or_else(|e| e.into_inner()) = inf.scope.clone();
}

fn stem(path: &str) -> Name {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".nsp").unwrap_or(file).into()
}

/// Names mentioned inside functions and tests of a top level.
fn names_in_functions(ast: &Ast) -> HashSet<Name> {
    let mut spans: Vec<Span> = Vec::new();
    for id in &ast.root {
        let stmt = ast.stmt(*id);
        match &stmt.kind {
            StmtKind::Fn { .. } | StmtKind::Test { .. } => spans.push(stmt.span),
            StmtKind::Let { value, .. } if matches!(ast.expr(*value).kind, ExprKind::Fn(_)) => spans.push(stmt.span),
            _ => {}
        }
    }
    let inside = |s: Span| {
        let i = spans.partition_point(|t| t.start <= s.start);
        i > 0 && s.end <= spans[i - 1].end
    };
    let mut names = HashSet::new();
    for e in &ast.exprs {
        if let ExprKind::Name(n) = &e.kind
            && inside(e.span)
        {
            names.insert(n.clone());
        }
    }
    names
}
