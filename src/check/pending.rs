//! Decisions that wait for types: which overload, which field, what a loop's elements are.

use super::infer::Infer;
use super::unify::{Clash, widens};
use crate::builtins::sig::{Literal, Sig};
use crate::diag::Diagnostic;
use crate::ir::{HoleId, Kind, Node, NodeId, OpId};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;
use std::sync::Arc;

/// A decision that waits.
#[derive(Debug, Clone)]
pub struct Pending {
    /// What is to be decided.
    pub want: Want,
    /// What it decides about: types of the operands, their nodes (none in a scheme's constraint), names of arguments.
    pub args: Vec<Operand>,
    /// Type of the result.
    pub ret: Type,
    /// Where the answer goes.
    pub patch: Patch,
    /// Where it stands.
    pub span: Span,
    /// The unsolved variables it depends on, and whether each was known to be a number, when it was last tried: there is
    /// no use in trying again before that changes.
    pub waits: Vec<(u32, bool)>,
}

/// What is to be decided.
#[derive(Debug, Clone)]
pub enum Want {
    /// Which overload of this name.
    Overload(Name),
    /// The type of a field.
    Field(Name),
    /// The element type of what a loop runs over.
    Iter,
}

/// An operand of a decision.
#[derive(Debug, Clone)]
pub struct Operand {
    /// `name:` before an argument.
    pub name: Option<Name>,
    /// Its node.
    pub node: Option<NodeId>,
    /// Its type.
    pub ty: Type,
    /// Its place.
    pub span: Span,
}

/// Where an answer goes.
#[derive(Debug, Clone, Copy)]
pub enum Patch {
    /// Nowhere: only types are wanted.
    Nothing,
    /// A node of an open function.
    Node(usize, NodeId),
    /// An alternative of an operator choice.
    Choice(usize, HoleId, usize),
}

/// How hard to try.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Only what is certain.
    No,
    /// Also what has to be guessed: the first overload that fits.
    Yes,
}

/// What came of a try.
enum Outcome {
    Done,
    Wait,
}

/// An overload that fits: how many arguments it widens, which it is, its signature.
type Viable = (usize, OpId, Arc<Sig>);

/// More waiting decisions than this are not looked at to find what a constant means.
const MOST_AROUND: usize = 20;

/// Which argument stands for each parameter; `None` where the default does. `None` when they do not match.
fn arrange(sig: &Sig, args: &[Operand]) -> Option<Vec<Option<usize>>> {
    let mut slots = vec![None; sig.params.len()];
    let mut next = 0;
    for (i, a) in args.iter().enumerate() {
        let at = match &a.name {
            Some(n) => sig.params.iter().position(|p| p.name == *n)?,
            None => {
                next += 1;
                next - 1
            }
        };
        if slots.get(at)?.is_some() {
            return None;
        }
        slots[at] = Some(i);
    }
    slots.iter().zip(&sig.params).all(|(s, p)| s.is_some() || p.default.is_some()).then_some(slots)
}

impl Infer<'_> {
    /// Decides now if that can be done, else later.
    pub(super) fn decide(&mut self, mut p: Pending) {
        match self.attempt(&p, Force::No) {
            Outcome::Done => {}
            Outcome::Wait => {
                let mut free = Vec::new();
                p.args.iter().map(|a| &a.ty).chain([&p.ret]).for_each(|t| self.uni.free(t, &mut free));
                p.waits = free.into_iter().map(|v| (v, self.uni.is_numeric(v))).collect();
                self.pending.push(p);
            }
        }
    }

    /// Decides what has waited, if something it depends on has changed.
    pub(super) fn retry(&mut self, p: Pending) {
        if p.waits.iter().all(|&(v, numeric)| self.uni.is_open(v) && self.uni.is_numeric(v) == numeric) {
            self.pending.push(p);
        } else {
            self.decide(p);
        }
    }

    /// Goes through what waits until nothing more can be decided.
    pub(super) fn solve(&mut self) {
        loop {
            let waiting = std::mem::take(&mut self.pending);
            let before = waiting.len();
            for p in waiting {
                self.retry(p);
            }
            if self.pending.len() >= before {
                return;
            }
        }
    }

    /// Decides everything that waits and satisfies `pick`, guessing where needed.
    pub(super) fn force(&mut self, pick: &mut dyn FnMut(&Infer<'_>, &Pending) -> bool) {
        self.solve();
        while let Some(i) = (0..self.pending.len()).find(|&i| pick(self, &self.pending[i])) {
            let p = self.pending.remove(i);
            // A guess about numbers first: literals left open are ints.
            for a in &p.args {
                let mut free = Vec::new();
                self.uni.free(&a.ty, &mut free);
                for v in free.into_iter().filter(|&v| self.uni.is_numeric(v)).collect::<Vec<_>>() {
                    let _ = self.uni.unify(&Type::Var(v), &Type::Int);
                }
            }
            self.attempt(&p, Force::Yes);
            self.solve();
        }
    }

    fn attempt(&mut self, p: &Pending, force: Force) -> Outcome {
        match &p.want {
            Want::Overload(name) => self.attempt_overload(p, &name.clone(), force),
            Want::Field(name) => self.attempt_field(p, name, force),
            Want::Iter => self.attempt_iter(p, force),
        }
    }

    fn attempt_iter(&mut self, p: &Pending, force: Force) -> Outcome {
        let over = self.uni.shallow(&p.args[0].ty);
        let elem = match over {
            Type::Range => Type::Int,
            Type::Str => Type::Str,
            Type::List(t) => (*t).clone(),
            Type::Var(_) if force == Force::No => return Outcome::Wait,
            Type::Var(_) => {
                let t = self.uni.fresh();
                self.unify_at(&p.args[0].ty, &Type::list(t.clone()), p.span);
                t
            }
            other => {
                let shown = self.show(&other);
                self.error(
                    Diagnostic::new("E0208", p.span, format!("cannot loop over {shown}"))
                        .help("loop over a range, a list or a str"),
                );
                return Outcome::Done;
            }
        };
        self.unify_at(&p.ret, &elem, p.span);
        Outcome::Done
    }

    fn attempt_field(&mut self, p: &Pending, name: &Name, force: Force) -> Outcome {
        let base = self.uni.shallow(&p.args[0].ty);
        match &base {
            Type::Record(fields) => {
                let Some(at) = fields.iter().position(|(n, _)| n == name) else {
                    let names: Vec<&str> = fields.iter().map(|(n, _)| &**n).collect();
                    let mut d = Diagnostic::new("E0204", p.span, format!("no field `{name}` in {}", self.show(&base)));
                    if let Some(near) = super::suggest::nearest(name, names.iter().copied()) {
                        d = d.help(format!("did you mean `{near}`?"));
                    }
                    self.error(d);
                    return Outcome::Done;
                };
                self.unify_at(&fields[at].1.clone(), &p.ret, p.span);
                if let (Patch::Node(f, n), Some(arg)) = (p.patch, p.args[0].node) {
                    self.funcs[f].nodes[n.0 as usize].kind = Kind::Field(arg, at as u32);
                }
                Outcome::Done
            }
            Type::Var(_) if force == Force::No => Outcome::Wait,
            // After an error the rest is often unknown.
            Type::Var(_) if self.errors_len() > 0 => Outcome::Done,
            Type::Var(_) => {
                self.error(
                    Diagnostic::new("E0206", p.span, format!("the type of the value with field `{name}` is not known"))
                        .help("write the parameter's type, such as `p: (x: num, y: num)`"),
                );
                Outcome::Done
            }
            other => {
                let shown = self.show(other);
                let mut d = Diagnostic::new("E0204", p.span, format!("{shown} has no field `{name}`"));
                if !self.ck.ops.overloads(name).is_empty() {
                    d = d.help(format!("did you mean the call `{name}(..)`?"));
                }
                self.error(d);
                Outcome::Done
            }
        }
    }

    /// Whether the overload fits, and how many arguments it would widen.
    fn fit(&mut self, sig: &Sig, p: &Pending) -> Option<usize> {
        let slots = arrange(sig, &p.args)?;
        let mark = self.uni.mark();
        let (params, ret) = self.instantiate_sig(sig);
        let mut widened = 0;
        let mut ok = true;
        for (param, slot) in params.iter().zip(&slots) {
            let Some(i) = slot else { continue };
            let (actual, want) = (self.uni.resolve(&p.args[*i].ty), self.uni.resolve(param));
            if widens(&actual, &want) {
                widened += 1;
            } else if self.uni.unify(&actual, &want).is_err() {
                ok = false;
                break;
            }
        }
        ok = ok && self.uni.unify(&ret, &p.ret).is_ok();
        // A constant among the arguments may become only what it can be.
        ok = ok
            && self.constants.iter().all(|(t, options)| match self.uni.shallow(t) {
                Type::Var(_) => true,
                known => options.contains(&known),
            });
        self.uni.undo(mark);
        ok.then_some(widened)
    }

    /// The meanings of a constant that what waits for its type can take; all of them if none can.
    fn fitting_around(&mut self, viable: Vec<Viable>, p: &Pending) -> Vec<Viable> {
        let Type::Var(v) = self.uni.shallow(&p.ret) else { return viable };
        let around: Vec<Pending> =
            self.pending.iter().filter(|q| q.waits.iter().any(|(w, _)| *w == v)).take(MOST_AROUND).cloned().collect();
        let fits = |inf: &mut Self, (_, _, sig): &Viable| {
            let mark = inf.uni.mark();
            let ok = inf.uni.unify(&p.ret, &sig.ret).is_ok()
                && around.iter().all(|q| {
                    let Want::Overload(name) = &q.want else { return true };
                    let ids = inf.ck.ops.overloads(name).to_vec();
                    ids.into_iter().any(|id| inf.ck.sig(id).is_some_and(|sig| inf.fit(&sig, q).is_some()))
                });
            inf.uni.undo(mark);
            ok
        };
        let kept: Vec<Viable> = viable.iter().filter(|c| fits(self, c)).cloned().collect();
        if kept.is_empty() { viable } else { kept }
    }

    fn attempt_overload(&mut self, p: &Pending, name: &Name, force: Force) -> Outcome {
        let mut viable: Vec<Viable> = Vec::new();
        for id in self.ck.ops.overloads(name).to_vec() {
            let Some(sig) = self.ck.sig(id) else { continue };
            if let Some(w) = self.fit(&sig, p) {
                viable.push((w, id, sig));
            }
        }
        if viable.is_empty() {
            self.no_overload(p, name);
            return Outcome::Done;
        }
        let (mut numeric_only, mut any_known) = (true, false);
        for a in &p.args {
            let mut free = Vec::new();
            self.uni.free(&a.ty, &mut free);
            any_known |= free.is_empty();
            numeric_only &= free.iter().all(|&v| self.uni.is_numeric(v));
        }
        let constant = p.args.is_empty();
        let certain =
            viable.len() == 1 || (numeric_only && any_known && !constant) || { constant && self.uni.is_known(&p.ret) };
        if !certain && force == Force::No {
            return Outcome::Wait;
        }
        if constant && viable.len() > 1 && !self.uni.is_known(&p.ret) {
            viable = self.fitting_around(viable, p);
        }
        if constant && viable.len() > 1 && !self.uni.is_known(&p.ret) {
            let shown: Vec<String> = viable.iter().map(|(_, _, s)| s.ret.to_string()).collect();
            self.error(
                Diagnostic::new("E0206", p.span, format!("`{name}` could be of type {}", shown.join(" or ")))
                    .help(format!("write the type wanted: `let x: {} = {name}`", shown[0])),
            );
            return Outcome::Done;
        }
        // The least widening; among equals the one declared first.
        if let Some((_, id, sig)) = viable.into_iter().min_by_key(|(w, _, _)| *w) {
            self.commit(p, name, id, &sig);
        }
        Outcome::Done
    }

    fn commit(&mut self, p: &Pending, name: &Name, id: OpId, sig: &Sig) {
        let Some(slots) = arrange(sig, &p.args) else { return };
        let (params, ret) = self.instantiate_sig(sig);
        let func = match p.patch {
            Patch::Node(f, _) | Patch::Choice(f, _, _) => Some(f),
            Patch::Nothing => None,
        };
        let mut nodes = Vec::new();
        for ((param, slot), declared) in params.iter().zip(&slots).zip(&sig.params) {
            match slot {
                Some(i) => {
                    let a = &p.args[*i];
                    if let (true, Some(f), Some(n)) = (declared.angle, func, a.node) {
                        self.mark_angle(f, n);
                    }
                    nodes.push(self.coerce_in(func, a.node, &a.ty, param, a.span));
                }
                None => {
                    let literal = declared.default.as_ref();
                    nodes.push(func.zip(literal).map(|(f, d)| self.literal_in(f, d, param, p.span)));
                }
            }
        }
        self.unify_at(&ret, &p.ret, p.span);
        if matches!(&**name, "==" | "!=") && self.has_function(&p.args[0].ty) {
            self.error(Diagnostic::new("E0209", p.span, "functions cannot be compared"));
        }
        match p.patch {
            Patch::Node(f, n) => {
                let args: Vec<NodeId> = nodes.into_iter().flatten().collect();
                self.funcs[f].nodes[n.0 as usize].kind = Kind::Op { op: id, args };
            }
            Patch::Choice(f, h, i) => {
                if let crate::ir::HoleKind::Choice { ops } = &mut self.funcs[f].holes[h.0 as usize].kind
                    && let Some(slot) = ops.get_mut(i)
                {
                    *slot = id;
                }
            }
            Patch::Nothing => {}
        }
    }

    /// A number hole that stands for an angle prints in degrees when filled.
    fn mark_angle(&mut self, f: usize, node: NodeId) {
        if let Kind::Hole { hole, .. } = self.funcs[f].nodes[node.0 as usize].kind
            && let crate::ir::HoleKind::Range { angle, .. } = &mut self.funcs[f].holes[hole.0 as usize].kind
        {
            *angle = true;
        }
    }

    fn has_function(&self, t: &Type) -> bool {
        match self.uni.shallow(t) {
            Type::Fn(_) => true,
            Type::List(t) => self.has_function(&t),
            Type::Tuple(ts) => ts.iter().any(|t| self.has_function(t)),
            Type::Record(fs) => fs.iter().any(|(_, t)| self.has_function(t)),
            _ => false,
        }
    }

    fn literal_in(&mut self, f: usize, d: &Literal, ty: &Type, span: Span) -> NodeId {
        let ty = self.uni.resolve(ty);
        let kind = match d {
            Literal::Int(i) if ty == Type::Num => Kind::Num(*i as f64),
            Literal::Int(i) => Kind::Int(*i),
            Literal::Num(x) => Kind::Num(*x),
            Literal::Angle(x) => Kind::Angle(*x),
            Literal::Bool(b) => Kind::Bool(*b),
            Literal::Str(s) => Kind::Str(s.clone()),
            Literal::EmptyList => Kind::List(Vec::new()),
        };
        self.funcs[f].push(Node { kind, ty, span })
    }

    fn no_overload(&mut self, p: &Pending, name: &Name) {
        let shown: Vec<String> = p.args.iter().map(|a| self.show(&a.ty)).collect();
        let sigs: Vec<Arc<Sig>> =
            self.ck.ops.overloads(name).to_vec().into_iter().filter_map(|id| self.ck.sig(id)).collect();
        let infix = !name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '[');
        // One signature: say what is wrong with the arguments.
        if let [sig] = sigs.as_slice() {
            let sig = sig.clone();
            match arrange(&sig, &p.args) {
                None => {
                    let d = Diagnostic::new("E0203", p.span, format!("`{name}` takes {}", plural(sig.params.len())))
                        .here(format!("{} given", plural(p.args.len())))
                        .help(format!("its parameters are ({})", params_of(&sig)));
                    self.error(d);
                }
                Some(slots) => {
                    let (params, _) = self.instantiate_sig(&sig);
                    let mark = self.errors_len();
                    for (param, slot) in params.iter().zip(&slots) {
                        if let Some(i) = slot {
                            let a = &p.args[*i];
                            self.coerce_in(None, None, &a.ty, param, a.span);
                        }
                    }
                    if self.errors_len() == mark {
                        self.error(Diagnostic::new(
                            "E0202",
                            p.span,
                            format!("`{name}` gives {}, not {}", sig.ret, self.show(&p.ret)),
                        ));
                    }
                }
            }
            return;
        }
        let message = if let ([a, b], true) = (shown.as_slice(), infix) {
            format!("no `{name}` for {a} and {b}")
        } else if shown.is_empty() {
            format!("no `{name}` of type {}", self.show(&p.ret))
        } else {
            format!("no `{name}` for ({})", shown.join(", "))
        };
        let mut d = Diagnostic::new("E0202", p.span, message);
        if !infix {
            let list: Vec<String> = sigs.iter().take(6).map(|s| format!("({}) -> {}", params_of(s), s.ret)).collect();
            d = d.help(format!("there is {name}{}", list.join(&format!(", {name}"))));
        } else if &**name == "+" && shown.iter().any(|s| s == "str") {
            d = d.help("make the other one text with `str(..)`");
        }
        self.error(d);
    }

    /// Makes `actual` fit `want`, widening ints where that does it; the node of the fitting value.
    pub(super) fn coerce_in(
        &mut self,
        func: Option<usize>,
        node: Option<NodeId>,
        actual: &Type,
        want: &Type,
        span: Span,
    ) -> Option<NodeId> {
        let (a, w) = (self.uni.resolve(actual), self.uni.resolve(want));
        if widens(&a, &w) {
            if let (Some(f), Some(n)) = (func, node) {
                return Some(self.funcs[f].push(Node { kind: Kind::Widen(n), ty: w, span }));
            }
            return node;
        }
        self.unify_at(&a, &w, span);
        node
    }

    /// Makes both types equal, or says that they are not.
    pub(super) fn unify_at(&mut self, actual: &Type, want: &Type, span: Span) {
        let (a, w) = (self.uni.resolve(actual), self.uni.resolve(want));
        match self.uni.unify(&a, &w) {
            Ok(()) => {}
            Err(Clash::Differ) => {
                let d = Diagnostic::new("E0201", span, format!("expected {}, found {}", self.show(&w), self.show(&a)));
                let d = if a == Type::Num && w == Type::Int {
                    d.help("`int(x)` drops the part after the dot; `round(x)` rounds")
                } else if w == Type::Str && matches!(a, Type::Int | Type::Num | Type::Bool) {
                    d.help("make it text with `str(..)`")
                } else {
                    d
                };
                self.error_with_why(d);
            }
            Err(Clash::TooLarge) => {
                self.error(Diagnostic::new("E0207", span, "this type contains itself or is too large"));
            }
        }
    }
}

fn params_of(sig: &Sig) -> String {
    sig.params.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect::<Vec<_>>().join(", ")
}

/// `1 argument`, `2 arguments`
pub(super) fn plural(n: usize) -> String {
    if n == 1 { "1 argument".into() } else { format!("{n} arguments") }
}
