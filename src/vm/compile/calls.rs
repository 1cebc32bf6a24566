//! Calls, and values made of several parts: arguments side by side in a window.

use super::Compiler;
use super::regs::{Bank, Dst};
use crate::diag::Diagnostic;
use crate::ir::{FuncId, NodeId};
use crate::vm::code::{Instr, Tag};

type Done = Result<(), Diagnostic>;

/// Lists and tuples up to this length are made of registers, longer ones item by item.
const GATHERED: usize = 16;

impl Compiler<'_> {
    pub(super) fn tags(&self, nodes: &[NodeId]) -> Box<[Tag]> {
        nodes.iter().map(|n| Tag::of(&self.node(*n).ty)).collect()
    }

    /// Evaluates arguments into a new window, emits what uses it, and moves the result to where it is wanted.
    pub(super) fn window(&mut self, args: &[NodeId], dst: Dst, instr: impl FnOnce(u8, u8) -> Instr) -> Done {
        let mark = self.mark();
        // The window may begin at a fresh destination on top of its bank: the result then needs no move.
        let b = dst.bank as usize;
        if dst.fresh && u16::from(dst.reg) + 1 == self.top[b] {
            self.top[b] = u16::from(dst.reg);
        }
        let base = self.mark();
        for a in args {
            let slot = self.temp(Bank::of(&self.node(*a).ty))?;
            self.into(*a, slot)?;
        }
        // The result needs a register even where there are no arguments.
        if self.top[b] == base[b] {
            self.alloc(dst.bank)?;
        }
        let (s, o) = (base[0] as u8, base[1] as u8);
        self.emit(instr(s, o));
        self.settle_reg(base[b] as u8, dst);
        self.release(mark);
        Ok(())
    }

    pub(super) fn call(&mut self, func: FuncId, args: &[NodeId], dst: Dst) -> Done {
        self.window(args, dst, |s, o| Instr::Call { s, o, func: func.0 })
    }

    pub(super) fn call_value(&mut self, callee: NodeId, args: &[NodeId], dst: Dst) -> Done {
        let f = self.operand(callee, args)?;
        self.window(args, dst, |s, o| Instr::CallValue { a: f.reg, s, o })?;
        self.done(f);
        Ok(())
    }

    pub(super) fn closure(&mut self, func: FuncId, captures: &[NodeId], dst: Dst) -> Done {
        let tags = self.tags(captures);
        self.code.closures.push((func, tags));
        let k = self.code.closures.len() as u32 - 1;
        self.window(captures, dst, |s, o| Instr::MakeClosure { s, o, k })
    }

    /// A list or tuple of items.
    pub(super) fn gather_or_push(&mut self, items: &[NodeId], dst: Dst, tuple: bool) -> Done {
        if items.len() <= GATHERED {
            let tags = self.tags(items);
            self.code.shapes.push(tags);
            let k = self.code.shapes.len() as u32 - 1;
            return self.window(items, dst, |s, o| {
                if tuple { Instr::MakeTuple { s, o, k } } else { Instr::MakeList { s, o, k } }
            });
        }
        let acc = self.scratch(dst)?;
        self.emit(Instr::NewList { d: acc.reg, k: items.len() as u32 });
        for n in items {
            self.append_to(super::ops::Append::Item, acc.reg, *n)?;
        }
        if tuple {
            self.emit(Instr::ToTuple { a: acc.reg });
        }
        self.settle(acc, dst);
        Ok(())
    }
}
