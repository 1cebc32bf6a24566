//! Definitions: their most general types, and the specialisations that programs use.

use super::Checker;
use super::defs::{Scheme, lock};
use super::infer::{Expect, Infer};
use super::pending::{Patch, Pending};
use super::scope::DefId;
use super::unify::{Unifier, map_vars};
use super::{RED_ZONE, SEGMENT};
use crate::diag::Diagnostic;
use crate::ir::FuncId;
use crate::source::Span;
use crate::syntax::ast::FnExpr;
use crate::types::Type;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// More specialisations than this in one step are refused.
const MAX_INSTANCES: usize = 10_000;

/// A definition whose type depends on more open decisions than this is refused: each use would decide all of them, and
/// definitions that call each other pass them on.
const MAX_CONSTRAINTS: usize = 500;

/// What inference of a definition gave.
enum Inferred {
    /// Its most general type.
    General(Arc<Scheme>),
    /// It calls a definition that is being inferred around it: for now it has this one type.
    Tied(Vec<Type>, Type, Vec<Pending>),
    /// Errors, already reported.
    Failed,
}

impl Infer<'_> {
    /// Parameter and result types of a definition for one use.
    pub(super) fn use_def(&mut self, id: DefId, span: Span) -> Option<(Vec<Type>, Type)> {
        if let Some((_, params, ret)) = self.ck.active.iter().find(|(d, _, _)| *d == id) {
            return Some((params.clone(), ret.clone()));
        }
        let def = self.ck.defs.get(id);
        let known = lock(&def.scheme).clone();
        let inferred = match known {
            Some(s) => Inferred::General(s),
            None if self.ck.failed.contains(&id) => Inferred::Failed,
            None => {
                let uni = std::mem::take(&mut self.uni);
                let (uni, inferred) = infer_scheme(self.ck, id, uni);
                self.uni = uni;
                inferred
            }
        };
        match inferred {
            Inferred::General(scheme) => Some(self.instantiate(&scheme, span)),
            Inferred::Tied(params, ret, pending) => {
                for p in pending {
                    self.retry(p);
                }
                Some((params, ret))
            }
            Inferred::Failed => None,
        }
    }

    fn instantiate(&mut self, scheme: &Scheme, span: Span) -> (Vec<Type>, Type) {
        if scheme.vars.is_empty() {
            return (scheme.params.clone(), scheme.ret.clone());
        }
        let fresh: HashMap<u32, Type> = scheme
            .vars
            .iter()
            .map(|&(v, numeric)| (v, if numeric { self.uni.fresh_number() } else { self.uni.fresh() }))
            .collect();
        let sub = |t: &Type| map_vars(t, &mut |v| fresh.get(&v).cloned());
        let params = scheme.params.iter().map(sub).collect();
        let ret = sub(&scheme.ret);
        for c in &scheme.constraints {
            let mut c = c.clone();
            for a in &mut c.args {
                a.ty = sub(&a.ty);
                a.span = span;
            }
            c.ret = sub(&c.ret);
            c.span = span;
            self.decide(c);
        }
        (params, ret)
    }

    /// Types of unwritten parameters by their defaults.
    fn default_types(&mut self, fun: &FnExpr, params: &[Type]) {
        for (p, t) in fun.params.iter().zip(params) {
            if let (Some(d), None) = (p.default, p.ty) {
                let ret = self.uni.fresh();
                self.open_function("default".into(), p.span, ret);
                let (_, ty) = self.expr(d, &Expect::Free);
                self.unify_at(&ty, t, p.span);
                self.stack.pop();
            }
        }
    }
}

/// Unsolved variables that a decision depends on or decides.
fn free_of(uni: &Unifier, p: &Pending) -> Vec<u32> {
    let mut free = Vec::new();
    p.args.iter().map(|a| &a.ty).chain([&p.ret]).for_each(|t| uni.free(t, &mut free));
    free
}

fn infer_scheme(ck: &mut Checker, id: DefId, uni: Unifier) -> (Unifier, Inferred) {
    stacker::maybe_grow(RED_ZONE, SEGMENT, || infer_scheme_inner(ck, id, uni))
}

fn infer_scheme_inner(ck: &mut Checker, id: DefId, uni: Unifier) -> (Unifier, Inferred) {
    let def = ck.defs.get(id);
    let scope = def.scope.read().unwrap_or_else(|e| e.into_inner()).clone();
    let before = ck.errors.len();
    let mut inf = Infer::new(ck, uni, def.ast.clone(), scope);
    let (params, ret) = inf.written_types(&def.fun);
    if inf.errors_len() == before && params.iter().chain([&ret]).all(|t| inf.uni.is_known(t)) {
        // All written: the body is looked at when the function is made.
        let scheme = Arc::new(Scheme { vars: Vec::new(), params, ret, constraints: Vec::new() });
        *lock(&def.scheme) = Some(scheme.clone());
        return (inf.uni, Inferred::General(scheme));
    }
    inf.ck.active.push((id, params.clone(), ret.clone()));
    inf.default_types(&def.fun, &params);
    inf.function(def.name.clone(), def.span, &def.fun, &params, ret.clone());
    inf.solve();
    inf.open_holes(&params);
    inf.ck.active.pop();
    if inf.pending.len() > MAX_CONSTRAINTS {
        let message = format!("the type of `{}` depends on too much that is left open", def.name);
        inf.error(Diagnostic::new("E0207", def.span, message).help("write the types of its parameters"));
    }
    if inf.errors_len() > before {
        inf.ck.failed.insert(id);
        return (inf.uni, Inferred::Failed);
    }

    let mut direct = Vec::new();
    params.iter().chain([&ret]).for_each(|t| inf.uni.free(t, &mut direct));
    // Variables that depend on the quantified ones through what waits are quantified too.
    let of_pending: Vec<Vec<u32>> = inf.pending.iter().map(|p| free_of(&inf.uni, p)).collect();
    let mut waiting: HashMap<u32, Vec<usize>> = HashMap::new();
    for (i, free) in of_pending.iter().enumerate() {
        free.iter().for_each(|v| waiting.entry(*v).or_default().push(i));
    }
    let mut quantified: HashSet<u32> = direct.iter().copied().collect();
    while let Some(v) = direct.pop() {
        for i in waiting.remove(&v).unwrap_or_default() {
            direct.extend(of_pending[i].iter().filter(|w| quantified.insert(**w)));
        }
    }
    let mut around = Vec::new();
    for (_, ps, r) in &inf.ck.active {
        ps.iter().chain([r]).for_each(|t| inf.uni.free(t, &mut around));
    }
    if around.iter().any(|v| quantified.contains(v)) {
        let mut pending = std::mem::take(&mut inf.pending);
        for p in &mut pending {
            p.patch = Patch::Nothing;
            p.args.iter_mut().for_each(|a| a.node = None);
        }
        return (inf.uni, Inferred::Tied(params, ret, pending));
    }
    inf.force(&mut |inf, p| !free_of(&inf.uni, p).iter().any(|v| quantified.contains(v)));
    if inf.errors_len() > before {
        inf.ck.failed.insert(id);
        return (inf.uni, Inferred::Failed);
    }
    let mut constraints = std::mem::take(&mut inf.pending);
    for c in &mut constraints {
        c.patch = Patch::Nothing;
        c.ret = inf.uni.resolve(&c.ret);
        for a in &mut c.args {
            a.node = None;
            a.ty = inf.uni.resolve(&a.ty);
        }
    }
    let params: Vec<Type> = params.iter().map(|t| inf.uni.resolve(t)).collect();
    let ret = inf.uni.resolve(&ret);
    let mut free = Vec::new();
    params.iter().chain([&ret]).for_each(|t| inf.uni.free(t, &mut free));
    for c in &constraints {
        c.args.iter().map(|a| &a.ty).chain([&c.ret]).for_each(|t| inf.uni.free(t, &mut free));
    }
    let vars = free.into_iter().map(|v| (v, inf.uni.is_numeric(v))).collect();
    let scheme = Arc::new(Scheme { vars, params, ret, constraints });
    *lock(&def.scheme) = Some(scheme.clone());
    (inf.uni, Inferred::General(scheme))
}

impl Checker {
    /// The specialisation of a definition at these parameter types and this result type (the last of `key`).
    pub(super) fn instance(&mut self, id: DefId, key: Vec<Type>, span: Span) -> FuncId {
        let def = self.defs.get(id);
        if let Some(f) = lock(&def.instances).get(&key) {
            return *f;
        }
        if let Some(f) = self.local_instances.get(&(id, key.clone())) {
            return *f;
        }
        if self.local_instances.len() >= MAX_INSTANCES {
            self.error(Diagnostic::new("E0207", span, "too many specialisations of generic functions"));
            return FuncId(u32::MAX);
        }
        let f = self.library.reserve();
        self.local_instances.insert((id, key.clone()), f);
        self.queue.push_back((id, key, f));
        f
    }

    /// Makes every specialisation that has been asked for.
    pub(super) fn drain(&mut self) {
        while let Some((id, key, f)) = self.queue.pop_front() {
            if self.failed.contains(&id) {
                continue;
            }
            let def = self.defs.get(id);
            let scope = def.scope.read().unwrap_or_else(|e| e.into_inner()).clone();
            let mut inf = Infer::new(self, Unifier::default(), def.ast.clone(), scope);
            let Some((ret, params)) = key.split_last() else { continue };
            // Type variables written in the body mean what they are at these types.
            let (written, written_ret) = inf.written_types(&def.fun);
            for (w, t) in written.iter().zip(params).chain([(&written_ret, ret)]) {
                let _ = inf.uni.unify(w, t);
            }
            let root = inf.function(def.name.clone(), def.span, &def.fun, params, ret.clone());
            inf.funcs[root].doc = def.doc.clone();
            inf.finish(root, f);
        }
    }
}
