//! Conditions: compared and jumped on in one instruction.

use super::{Compiler, Label};
use crate::builtins::{Exact, Inline};
use crate::diag::Diagnostic;
use crate::ir::{Kind, NodeId};
use crate::vm::code::Instr;

/// Comparison of ints after reduction.
#[derive(Clone, Copy)]
enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Cmp {
    fn negated(self) -> Cmp {
        match self {
            Cmp::Eq => Cmp::Ne,
            Cmp::Ne => Cmp::Eq,
            Cmp::Lt => Cmp::Ge,
            Cmp::Le => Cmp::Gt,
            Cmp::Gt => Cmp::Le,
            Cmp::Ge => Cmp::Lt,
        }
    }

    /// The same with the sides exchanged.
    fn swapped(self) -> Cmp {
        match self {
            Cmp::Eq => Cmp::Eq,
            Cmp::Ne => Cmp::Ne,
            Cmp::Lt => Cmp::Gt,
            Cmp::Le => Cmp::Ge,
            Cmp::Gt => Cmp::Lt,
            Cmp::Ge => Cmp::Le,
        }
    }
}

impl Compiler<'_> {
    /// Jumps if the condition does not hold.
    pub(super) fn jump_unless(&mut self, cond: NodeId, to: Label) -> Result<(), Diagnostic> {
        self.branch(cond, false, to)
    }

    /// Jumps if the condition's value is `want`.
    fn branch(&mut self, cond: NodeId, want: bool, to: Label) -> Result<(), Diagnostic> {
        self.deep(|c| {
            let (span, mark) = (c.span, c.mark());
            c.span = c.node(cond).span;
            c.branch_kind(cond, want, to)?;
            c.span = span;
            c.release(mark);
            Ok(())
        })
    }

    fn branch_kind(&mut self, cond: NodeId, want: bool, to: Label) -> Result<(), Diagnostic> {
        let node = self.node(cond);
        // Locals that belong to the condition as a whole get their registers in `into`.
        if !self.scopes.owns(cond) {
            match &node.kind {
                Kind::And(a, b) | Kind::Or(a, b) => {
                    // The value that settles the whole after its first part.
                    let settles = matches!(node.kind, Kind::Or(..));
                    if want == settles {
                        self.branch(*a, settles, to)?;
                        return self.branch(*b, want, to);
                    }
                    let past = self.label();
                    self.branch(*a, settles, past)?;
                    self.branch(*b, want, to)?;
                    self.bind(past);
                    return Ok(());
                }
                Kind::Bool(b) => {
                    if *b == want {
                        self.jump(Instr::Jump { to: 0 }, to);
                    }
                    return Ok(());
                }
                Kind::Op { op, args } => {
                    if let Exact::Inline(inline) = self.ops.get(*op).exact {
                        match (inline, args.as_slice()) {
                            (Inline::Not, [a]) => return self.branch(*a, !want, to),
                            (_, [a, b]) if self.compare(inline, *a, *b, want, to)? => return Ok(()),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let a = self.operand(cond, &[])?.reg;
        self.jump(if want { Instr::JumpIf { a, to: 0 } } else { Instr::JumpIfNot { a, to: 0 } }, to);
        Ok(())
    }

    /// A comparison with its jump; false if it is none.
    fn compare(&mut self, op: Inline, l: NodeId, r: NodeId, want: bool, to: Label) -> Result<bool, Diagnostic> {
        let cmp = match op {
            Inline::EqInt | Inline::EqBool => Cmp::Eq,
            Inline::NeInt | Inline::NeBool => Cmp::Ne,
            Inline::LtInt => Cmp::Lt,
            Inline::LeInt => Cmp::Le,
            Inline::GtInt => Cmp::Gt,
            Inline::GeInt => Cmp::Ge,
            Inline::EqNum | Inline::NeNum | Inline::LtNum | Inline::LeNum | Inline::GtNum | Inline::GeNum => {
                self.compare_nums(op, l, r, want, to)?;
                return Ok(true);
            }
            _ => return Ok(false),
        };
        let cmp = if want { cmp } else { cmp.negated() };
        if let Some(k) = self.small(r) {
            let a = self.operand(l, &[])?.reg;
            self.jump_imm(cmp, a, k, to);
        } else if let Some(k) = self.small(l) {
            let a = self.operand(r, &[])?.reg;
            self.jump_imm(cmp.swapped(), a, k, to);
        } else {
            let a = self.operand(l, &[r])?.reg;
            let b = self.operand(r, &[])?.reg;
            let instr = match cmp {
                Cmp::Eq => Instr::JumpEq { a, b, to: 0 },
                Cmp::Ne => Instr::JumpNe { a, b, to: 0 },
                Cmp::Lt => Instr::JumpLt { a, b, to: 0 },
                Cmp::Le => Instr::JumpLe { a, b, to: 0 },
                Cmp::Gt => Instr::JumpLt { a: b, b: a, to: 0 },
                Cmp::Ge => Instr::JumpLe { a: b, b: a, to: 0 },
            };
            self.jump(instr, to);
        }
        Ok(true)
    }

    fn jump_imm(&mut self, cmp: Cmp, a: u8, k: i16, to: Label) {
        let instr = match cmp {
            Cmp::Eq => Instr::JumpEqImm { a, k, to: 0 },
            Cmp::Ne => Instr::JumpNeImm { a, k, to: 0 },
            Cmp::Lt => Instr::JumpLtImm { a, k, to: 0 },
            Cmp::Le => Instr::JumpLeImm { a, k, to: 0 },
            Cmp::Gt => Instr::JumpGtImm { a, k, to: 0 },
            Cmp::Ge => Instr::JumpGeImm { a, k, to: 0 },
        };
        self.jump(instr, to);
    }

    fn compare_nums(&mut self, op: Inline, l: NodeId, r: NodeId, want: bool, to: Label) -> Result<(), Diagnostic> {
        let a = self.operand(l, &[r])?.reg;
        let b = self.operand(r, &[])?.reg;
        let to0 = 0;
        let instr = match (op, want) {
            (Inline::EqNum, true) | (Inline::NeNum, false) => Instr::JumpEqNum { a, b, to: to0 },
            (Inline::EqNum, false) | (Inline::NeNum, true) => Instr::JumpNeNum { a, b, to: to0 },
            (Inline::LtNum, true) => Instr::JumpLtNum { a, b, to: to0 },
            (Inline::LtNum, false) => Instr::JumpNotLtNum { a, b, to: to0 },
            (Inline::GtNum, true) => Instr::JumpLtNum { a: b, b: a, to: to0 },
            (Inline::GtNum, false) => Instr::JumpNotLtNum { a: b, b: a, to: to0 },
            (Inline::LeNum, true) => Instr::JumpLeNum { a, b, to: to0 },
            (Inline::LeNum, false) => Instr::JumpNotLeNum { a, b, to: to0 },
            (_, true) => Instr::JumpLeNum { a: b, b: a, to: to0 },
            (_, false) => Instr::JumpNotLeNum { a: b, b: a, to: to0 },
        };
        self.jump(instr, to);
        Ok(())
    }

    /// A literal that fits into a comparing jump.
    fn small(&self, id: NodeId) -> Option<i16> {
        match self.node(id).kind {
            Kind::Int(i) => i16::try_from(i).ok(),
            Kind::Bool(b) => Some(i16::from(b)),
            _ => None,
        }
    }
}
