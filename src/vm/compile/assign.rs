//! Assignments, in place where the variable is the sole owner of its data.

use super::Compiler;
use super::ops::Append;
use super::regs::{Bank, Dst, Operand};
use crate::builtins::Exact;
use crate::diag::Diagnostic;
use crate::ir::{Kind, LocalId, NodeId, Place, Step};
use crate::vm::code::{Instr, Path, PathStep, Tag};

type Done = Result<(), Diagnostic>;

/// Longest chain of appends done in place; each part takes a register.
const CHAIN: usize = 16;

impl Compiler<'_> {
    pub(super) fn set_global(&mut self, g: u32, value: NodeId) -> Done {
        let v = self.operand(value, &[])?;
        self.store_global(g, v, Tag::of(&self.node(value).ty));
        self.done(v);
        Ok(())
    }

    fn store_global(&mut self, g: u32, v: Operand, tag: Tag) {
        self.emit(match tag {
            Tag::Obj => Instr::SetGlobalO { a: v.reg, g },
            tag => Instr::SetGlobalS { a: v.reg, tag, g },
        });
    }

    pub(super) fn assign(&mut self, place: Place, path: &[Step], value: NodeId) -> Done {
        if !path.is_empty() {
            return self.assign_part(place, path, value);
        }
        if let Some(parts) = self.append_chain(place, value) {
            return self.append_all(place, &parts);
        }
        match place {
            Place::Global(g) => self.set_global(g.0, value),
            Place::Local(l) => {
                self.taken = self.consumed(l, value);
                let reg = self.local(l)?;
                self.into(value, Dst { bank: Bank::of(&self.func.local(l).ty), reg, fresh: false })?;
                self.taken = None;
                Ok(())
            }
        }
    }

    /// The parts appended one after the other, if the value is the variable itself with things appended.
    fn append_chain(&self, place: Place, value: NodeId) -> Option<Vec<(Append, NodeId)>> {
        let mut parts = Vec::new();
        let mut at = value;
        loop {
            let same = match (&self.node(at).kind, place) {
                (Kind::Local(l), Place::Local(p)) => *l == p,
                (Kind::Global(g), Place::Global(p)) => *g == p,
                _ => false,
            };
            if same {
                parts.reverse();
                return (!parts.is_empty()).then_some(parts);
            }
            let how = self.append_of(at)?;
            let Kind::Op { args, .. } = &self.node(at).kind else { return None };
            // Parts that assign might change the variable before it is appended to.
            if parts.len() == CHAIN || self.scopes.assigns(args[1]) {
                return None;
            }
            parts.push((how, args[1]));
            at = args[0];
        }
    }

    /// All parts are evaluated before the variable changes.
    fn append_all(&mut self, place: Place, parts: &[(Append, NodeId)]) -> Done {
        if let (Place::Local(l), [(how, value)]) = (place, parts) {
            let reg = self.local(l)?;
            return self.append_to(*how, reg, *value);
        }
        let mut operands = Vec::with_capacity(parts.len());
        for (_, value) in parts {
            // The variable itself as a part is read before it grows.
            let own = match (place, self.plain_local(*value)) {
                (Place::Local(l), Some(p)) => l == p,
                _ => false,
            };
            if let (Place::Local(_), false) = (place, own)
                && let Some(part) = self.short_part(parts[operands.len()].0, *value)?
            {
                operands.push(Err(part));
                continue;
            }
            let operand = if own {
                let dst = self.temp(Bank::Objects)?;
                self.into(*value, dst)?;
                Operand { reg: dst.reg, clear: true }
            } else {
                self.operand(*value, &[])?
            };
            operands.push(Ok(operand));
        }
        for ((how, value), b) in parts.iter().zip(operands) {
            let tag = Tag::of(&self.node(*value).ty);
            let b = match (b, place) {
                (Ok(b), _) => b,
                (Err(part), Place::Local(l)) => {
                    let reg = self.local(l)?;
                    self.append_part(reg, part);
                    continue;
                }
                (Err(_), Place::Global(_)) => continue,
            };
            match place {
                Place::Local(l) => {
                    let reg = self.local(l)?;
                    self.append_reg(*how, reg, b, *value);
                }
                Place::Global(g) => {
                    let (b, g, clear) = (b.reg, g.0, b);
                    self.emit(match how {
                        Append::Str => Instr::GlobalConcatStr { b, g },
                        Append::List => Instr::GlobalConcatList { b, g },
                        Append::Item if tag == Tag::Obj => Instr::GlobalPushO { b, g },
                        Append::Item => Instr::GlobalPushS { b, tag, g },
                    });
                    self.done(clear);
                }
            }
        }
        Ok(())
    }

    /// In `x = f(x, ..)`, the read of `x` that may move it into the call, where nothing else reads it.
    fn consumed(&self, l: LocalId, value: NodeId) -> Option<NodeId> {
        if self.func.local(l).ty.is_scalar() {
            return None;
        }
        let args = match &self.node(value).kind {
            Kind::Call { args, .. } => args,
            Kind::Op { op, args } if matches!(self.ops.get(*op).exact, Exact::Native(_) | Exact::Made(_)) => args,
            _ => return None,
        };
        let (first, rest) = args.split_first()?;
        let free = self.plain_local(*first) == Some(l) && rest.iter().all(|n| self.leaves_alone(*n, l));
        free.then_some(*first)
    }

    /// Whether evaluating a node neither reads the local nor may skip the call it stands in.
    fn leaves_alone(&self, id: NodeId, l: LocalId) -> bool {
        let mut stack = vec![id];
        let mut kids = Vec::new();
        while let Some(n) = stack.pop() {
            match &self.node(n).kind {
                Kind::Local(x) if *x == l => return false,
                Kind::Return(_) | Kind::Break | Kind::Continue | Kind::Assign { .. } => return false,
                kind => {
                    kids.clear();
                    kind.children(&mut kids);
                    stack.extend(&kids);
                }
            }
        }
        true
    }

    fn assign_part(&mut self, place: Place, path: &[Step], value: NodeId) -> Done {
        let mut steps = Vec::with_capacity(path.len());
        let later: Vec<NodeId> =
            path.iter().filter_map(|s| if let Step::Index(n) = s { Some(*n) } else { None }).chain([value]).collect();
        let mut nth = 0;
        for step in path {
            steps.push(match step {
                Step::Field(k) => PathStep::Field(*k),
                Step::Index(n) => {
                    nth += 1;
                    PathStep::Index(self.operand(*n, &later[nth..])?.reg)
                }
            });
        }
        let tag = Tag::of(&self.node(value).ty);
        let v = match self.plain_local(value) {
            // Moved into the place: a variable keeps its own.
            Some(_) if tag == Tag::Obj => {
                let dst = self.temp(Bank::Objects)?;
                self.into(value, dst)?;
                dst.reg
            }
            _ => self.operand(value, &[])?.reg,
        };
        match (place, steps.as_slice()) {
            (Place::Local(l), [PathStep::Index(i)]) => {
                let a = self.local(l)?;
                self.emit(match tag {
                    Tag::Obj => Instr::SetIndexO { a, i: *i, v },
                    tag => Instr::SetIndexS { a, i: *i, v, tag },
                });
            }
            _ => {
                let (a, global) = match place {
                    Place::Local(l) => (self.local(l)?, None),
                    Place::Global(g) => (0, Some(g.0)),
                };
                self.code.paths.push(Path { global, steps: steps.into(), tag });
                let k = self.code.paths.len() as u32 - 1;
                self.emit(Instr::SetPath { a, v, k });
            }
        }
        Ok(())
    }
}
