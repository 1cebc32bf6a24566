//! `for` and `while`.

use super::ops::Append;
use super::regs::{Bank, Dst};
use super::{Compiler, Label, LoopLabels};
use crate::diag::Diagnostic;
use crate::ir::{Kind, LocalId, NodeId};
use crate::types::Type;
use crate::vm::code::{Instr, Tag};

type Done = Result<(), Diagnostic>;

impl Compiler<'_> {
    pub(super) fn while_loop(&mut self, cond: NodeId, body: NodeId) -> Done {
        let (start, next, leave) = (self.label(), self.label(), self.label());
        self.bind(start);
        self.jump_unless(cond, leave)?;
        self.loops.push(LoopLabels { leave, next });
        self.effect(body)?;
        self.loops.pop();
        self.bind(next);
        self.jump(Instr::Back { to: 0 }, start);
        self.bind(leave);
        Ok(())
    }

    /// Nested loops; the bodies' values are collected into `dst` if there is one.
    pub(super) fn for_loop(&mut self, binders: &[(LocalId, NodeId)], body: NodeId, dst: Option<Dst>) -> Done {
        let leave = self.label();
        let acc = match dst {
            Some(d) => {
                let acc = self.scratch(d)?;
                self.emit(Instr::NewList { d: acc.reg, k: 0 });
                Some(acc)
            }
            None => None,
        };
        let mark = self.mark();
        self.turns(binders, body, acc, leave)?;
        self.bind(leave);
        // What was iterated must not stay shared with the loop.
        let hidden = self.top[1] - mark[1];
        if hidden > 0 {
            self.emit(Instr::Clear { a: mark[1] as u8, n: hidden as u8 });
        }
        self.release(mark);
        for (l, _) in binders {
            if !self.func.local(*l).ty.is_scalar() {
                let a = self.local(*l)?;
                self.emit(Instr::Clear { a, n: 1 });
            }
        }
        if let (Some(acc), Some(dst)) = (acc, dst) {
            self.settle(acc, dst);
        }
        Ok(())
    }

    /// The loop over the first binder. Registers that it takes are left for the caller to release.
    fn turns(&mut self, binders: &[(LocalId, NodeId)], body: NodeId, acc: Option<Dst>, leave: Label) -> Done {
        let Some(((local, over), inner)) = binders.split_first() else { return Ok(()) };
        let var = self.local(*local)?;
        let scalar = self.func.local(*local).ty.is_scalar();
        let (end, next) = (self.label(), self.label());
        match (&self.node(*over).kind, &self.node(*over).ty) {
            (_, Type::Range) => {
                // An immutable binder counts by itself.
                let i = if self.func.local(*local).mutable { self.alloc(Bank::Words)? } else { var };
                let n = self.alloc(Bank::Words)?;
                self.prepare_range(*over, i, n, end)?;
                let start = self.label();
                self.bind(start);
                if i != var {
                    self.emit(Instr::Move { d: var, a: i });
                }
                self.turn(inner, body, acc, leave, next)?;
                self.bind(next);
                self.jump(Instr::ForNext { i, n, to: 0 }, start);
            }
            (_, ty) => {
                let text = *ty == Type::Str;
                let a = self.temp(Bank::Objects)?;
                self.into(*over, a)?;
                let i = self.alloc(Bank::Words)?;
                self.emit(Instr::LoadInt { d: i, k: 0 });
                let (d, a) = (var, a.reg);
                self.bind(next);
                self.jump(
                    match (text, scalar) {
                        (true, _) => Instr::ForStr { d, a, i, to: 0 },
                        (false, true) => Instr::ForListS { d, a, i, to: 0 },
                        (false, false) => Instr::ForListO { d, a, i, to: 0 },
                    },
                    end,
                );
                self.turn(inner, body, acc, leave, next)?;
                self.jump(Instr::Back { to: 0 }, next);
            }
        }
        self.bind(end);
        Ok(())
    }

    fn prepare_range(&mut self, over: NodeId, i: u8, n: u8, end: Label) -> Done {
        if let Kind::Range { lo, hi, inclusive } = self.node(over).kind
            && !self.scopes.owns(over)
        {
            self.into(lo, Dst { bank: Bank::Words, reg: i, fresh: true })?;
            self.into(hi, Dst { bank: Bank::Words, reg: n, fresh: true })?;
            self.jump(Instr::ForPrep { i, n, inclusive, to: 0 }, end);
        } else {
            let mark = self.mark();
            let a = self.operand(over, &[])?;
            self.jump(Instr::ForPrepRange { i, n, a: a.reg, to: 0 }, end);
            self.release(mark);
        }
        Ok(())
    }

    /// One turn: the inner loops, or the body.
    fn turn(&mut self, inner: &[(LocalId, NodeId)], body: NodeId, acc: Option<Dst>, leave: Label, next: Label) -> Done {
        if !inner.is_empty() {
            return self.turns(inner, body, acc, leave);
        }
        self.loops.push(LoopLabels { leave, next });
        match acc {
            None => self.effect(body)?,
            Some(acc) if Tag::of(&self.node(body).ty) == Tag::Unit => {
                self.effect(body)?;
                self.emit(Instr::PushS { a: acc.reg, b: 0, tag: Tag::Unit });
            }
            Some(acc) => self.append_to(Append::Item, acc.reg, body)?,
        }
        self.loops.pop();
        Ok(())
    }
}
