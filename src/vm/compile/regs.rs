//! Registers: two stacks of them, for variables and temporaries.

use super::Compiler;
use crate::diag::Diagnostic;
use crate::ir::NodeId;
use crate::types::Type;
use crate::vm::code::{Instr, Tag};

/// Highest number of registers of a bank that a function may use, leaving some of the window's 256 for the machine.
const MOST: u16 = 250;

/// Which bank of registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    Words = 0,
    Objects = 1,
}

impl Bank {
    pub fn of(ty: &Type) -> Bank {
        if ty.is_scalar() { Bank::Words } else { Bank::Objects }
    }

    pub fn of_tag(tag: Tag) -> Bank {
        if tag == Tag::Obj { Bank::Objects } else { Bank::Words }
    }
}

/// Where a value is wanted. Nothing else reads a `fresh` register yet, so parts of the work may be done in it.
#[derive(Clone, Copy, Debug)]
pub struct Dst {
    pub bank: Bank,
    pub reg: u8,
    pub fresh: bool,
}

/// A value that is read: in a variable's register, or in a temporary.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    pub reg: u8,
    /// Whether an object register should be emptied after use, lest it keep a variable's value shared.
    pub clear: bool,
}

/// Heights of both stacks of registers.
pub type Mark = [u16; 2];

impl Compiler<'_> {
    pub fn alloc(&mut self, bank: Bank) -> Result<u8, Diagnostic> {
        let b = bank as usize;
        let r = self.top[b];
        if r >= MOST {
            return Err(Diagnostic::new(
                "E0405",
                self.span,
                format!("too many variables in one function: `{}`", self.func.name),
            )
            .help("move a part of it into a function of its own"));
        }
        self.top[b] += 1;
        self.most[b] = self.most[b].max(self.top[b]);
        Ok(r as u8)
    }

    pub fn temp(&mut self, bank: Bank) -> Result<Dst, Diagnostic> {
        Ok(Dst { bank, reg: self.alloc(bank)?, fresh: true })
    }

    pub fn mark(&self) -> Mark {
        self.top
    }

    pub fn release(&mut self, mark: Mark) {
        self.top = mark;
    }

    /// `dst` itself if parts may be put there, else a temporary; to be given back to [`Compiler::settle`].
    pub fn scratch(&mut self, dst: Dst) -> Result<Dst, Diagnostic> {
        if dst.fresh { Ok(dst) } else { self.temp(dst.bank) }
    }

    /// Moves a result to where it is wanted, unless it is there.
    pub fn settle(&mut self, from: Dst, dst: Dst) {
        self.settle_reg(from.reg, dst);
    }

    pub fn settle_reg(&mut self, a: u8, dst: Dst) {
        if a != dst.reg {
            match dst.bank {
                Bank::Words => self.emit(Instr::Move { d: dst.reg, a }),
                Bank::Objects => self.emit(Instr::Take { d: dst.reg, a }),
            }
        }
    }

    /// Evaluates an operand. `next` are the operands evaluated after it, before it is read.
    pub fn operand(&mut self, id: NodeId, next: &[NodeId]) -> Result<Operand, Diagnostic> {
        if let Some(l) = self.plain_local(id) {
            let changes = self.func.local(l).mutable && next.iter().any(|n| self.scopes.assigns(*n));
            if !changes {
                return Ok(Operand { reg: self.local(l)?, clear: false });
            }
        }
        let node = self.node(id);
        let dst = self.temp(Bank::of(&node.ty))?;
        self.into(id, dst)?;
        Ok(Operand { reg: dst.reg, clear: dst.bank == Bank::Objects && !self.is_constant(id) })
    }

    /// An operand that may lie in the result's register, where the instruction that writes it is the next to read it.
    pub fn operand_in(&mut self, id: NodeId, next: &[NodeId], dst: Dst) -> Result<Operand, Diagnostic> {
        let same = dst.fresh && dst.bank == Bank::of(&self.node(id).ty);
        if !same || self.plain_local(id).is_some() {
            return self.operand(id, next);
        }
        self.into(id, dst)?;
        Ok(Operand { reg: dst.reg, clear: false })
    }

    /// Empties an operand's register after its last use.
    pub fn done(&mut self, op: Operand) {
        if op.clear {
            self.emit(Instr::Clear { a: op.reg, n: 1 });
        }
    }
}
