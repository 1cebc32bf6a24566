//! Holes: an error where one is evaluated, or a further input.

use super::Compiler;
use super::regs::{Bank, Dst};
use crate::diag::Diagnostic;
use crate::ir::{Hole, HoleId, HoleKind, NodeId};
use crate::vm::code::{Instr, Tag};

/// The tag of the input that stands for a hole.
pub(super) fn input_tag(hole: &Hole) -> Tag {
    match hole.kind {
        HoleKind::Open | HoleKind::Range { .. } => Tag::of(&hole.ty),
        HoleKind::Choice { .. } => Tag::Int,
        HoleKind::Call | HoleKind::Perceptual => Tag::Obj,
    }
}

impl Compiler<'_> {
    pub(super) fn hole(&mut self, hole: HoleId, args: &[NodeId], id: NodeId, dst: Dst) -> Result<(), Diagnostic> {
        let func = self.func;
        let h = &func.holes[hole.0 as usize];
        if !self.options.holes_as_inputs {
            self.code.holes.push(h.name.clone());
            self.emit(Instr::Hole { k: self.code.holes.len() as u32 - 1 });
            return Ok(());
        }
        let a = self.inputs[hole.0 as usize];
        match &h.kind {
            HoleKind::Open | HoleKind::Range { .. } => {
                self.emit(match dst.bank {
                    Bank::Words => Instr::Move { d: dst.reg, a },
                    Bank::Objects => Instr::Copy { d: dst.reg, a },
                });
                Ok(())
            }
            HoleKind::Call | HoleKind::Perceptual => self.window(args, dst, |s, o| Instr::CallValue { a, s, o }),
            HoleKind::Choice { ops } => {
                let n = if ops.is_empty() { args.len() } else { ops.len() };
                let end = self.label();
                for i in 0..n {
                    let other = self.label();
                    let mark = self.mark();
                    match i16::try_from(i) {
                        Ok(k) => self.jump(Instr::JumpNeImm { a, k, to: 0 }, other),
                        Err(_) => {
                            let b = self.alloc(Bank::Words)?;
                            self.load_int(b, i as i64);
                            self.jump(Instr::JumpNe { a, b, to: 0 }, other);
                            self.release(mark);
                        }
                    }
                    match ops.get(i) {
                        Some(op) => self.op(*op, args, id, dst)?,
                        None => self.into(args[i], dst)?,
                    }
                    self.release(mark);
                    self.jump(Instr::Jump { to: 0 }, end);
                    self.bind(other);
                }
                self.emit(Instr::BadChoice { a });
                self.bind(end);
                Ok(())
            }
        }
    }
}
