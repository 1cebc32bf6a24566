//! Expressions and statements.

use super::Compiler;
use super::regs::{Bank, Dst};
use crate::diag::Diagnostic;
use crate::ir::{Kind, LocalId, NodeId};
use crate::vm::code::{Instr, Tag, word};
use crate::vm::value::Value;

type Done = Result<(), Diagnostic>;

impl Compiler<'_> {
    /// The local that a node reads.
    pub(super) fn plain_local(&self, id: NodeId) -> Option<LocalId> {
        if let Kind::Local(l) = self.node(id).kind { Some(l) } else { None }
    }

    pub(super) fn is_constant(&self, id: NodeId) -> bool {
        matches!(self.node(id).kind, Kind::Str(_) | Kind::Const(_))
    }

    /// Gives registers to the locals that belong to a node; the block gives them to each statement's.
    fn enter(&mut self, id: NodeId, part: Option<NodeId>) -> Result<(), Diagnostic> {
        if self.scopes.owns(id) {
            for l in self.scopes.owned(id, part) {
                let r = self.alloc(Bank::of(&self.func.local(l).ty))?;
                self.locals[l.0 as usize] = Some(r);
            }
        }
        Ok(())
    }

    /// Computes a node's value into a register.
    pub(super) fn into(&mut self, id: NodeId, dst: Dst) -> Done {
        self.deep(|c| {
            let outer = c.open(id)?;
            c.value_kind(id, dst)?;
            c.close(outer);
            Ok(())
        })
    }

    /// Runs a node for what it does; its value is dropped.
    pub(super) fn effect(&mut self, id: NodeId) -> Done {
        self.deep(|c| {
            let outer = c.open(id)?;
            c.effect_kind(id)?;
            c.close(outer);
            Ok(())
        })
    }

    /// Computes a node's value and returns it from the function.
    pub(super) fn tail(&mut self, id: NodeId) -> Done {
        self.deep(|c| {
            let outer = c.open(id)?;
            c.tail_kind(id)?;
            c.close(outer);
            Ok(())
        })
    }

    fn open(&mut self, id: NodeId) -> Result<(crate::source::Span, super::regs::Mark), Diagnostic> {
        let outer = (self.span, self.mark());
        self.span = self.node(id).span;
        if !matches!(self.node(id).kind, Kind::Block(_)) {
            self.enter(id, None)?;
        }
        Ok(outer)
    }

    fn close(&mut self, (span, mark): (crate::source::Span, super::regs::Mark)) {
        self.span = span;
        self.release(mark);
    }

    fn tail_kind(&mut self, id: NodeId) -> Done {
        let node = self.node(id);
        match &node.kind {
            Kind::Block(nodes) => {
                let unit = node.ty.is_scalar() && Tag::of(&node.ty) == Tag::Unit;
                let Some((last, rest)) = nodes.split_last() else {
                    self.emit(Instr::RetUnit);
                    return Ok(());
                };
                self.statements(id, if unit { nodes } else { rest })?;
                if unit {
                    self.emit(Instr::RetUnit);
                    return Ok(());
                }
                self.enter(id, Some(*last))?;
                self.tail(*last)
            }
            Kind::If { cond, then, otherwise: Some(otherwise) } => {
                let no = self.label();
                self.jump_unless(*cond, no)?;
                self.tail(*then)?;
                self.bind(no);
                self.tail(*otherwise)
            }
            Kind::Local(l) => {
                let dst = Dst { bank: Bank::of(&node.ty), reg: self.local(*l)?, fresh: false };
                self.ret(dst);
                Ok(())
            }
            Kind::Return(_) | Kind::Break | Kind::Continue => self.effect_kind(id),
            _ if Tag::of(&self.func.ret) == Tag::Unit => {
                self.effect_kind(id)?;
                self.emit(Instr::RetUnit);
                Ok(())
            }
            _ => {
                let dst = self.temp(Bank::of(&self.func.ret))?;
                self.value_kind(id, dst)?;
                self.ret(dst);
                Ok(())
            }
        }
    }

    /// Statements of a block, their values dropped.
    fn statements(&mut self, block: NodeId, nodes: &[NodeId]) -> Done {
        for n in nodes {
            self.enter(block, Some(*n))?;
            self.effect(*n)?;
        }
        Ok(())
    }

    /// Empties the object registers from `mark` on, so that a variable out of scope keeps nothing alive or shared.
    fn clear_from(&mut self, mark: super::regs::Mark) {
        let n = self.top[1] - mark[1];
        if n > 0 {
            self.emit(Instr::Clear { a: mark[1] as u8, n: n as u8 });
        }
    }

    fn effect_kind(&mut self, id: NodeId) -> Done {
        let node = self.node(id);
        match &node.kind {
            Kind::Let(l, v) => {
                let reg = self.local(*l)?;
                self.into(*v, Dst { bank: Bank::of(&self.func.local(*l).ty), reg, fresh: true })
            }
            Kind::LetGlobal(g, v) => self.set_global(g.0, *v),
            Kind::Assign { place, path, value } => self.assign(*place, path, *value),
            Kind::Block(nodes) => {
                let mark = self.mark();
                self.statements(id, nodes)?;
                self.clear_from(mark);
                Ok(())
            }
            Kind::If { cond, then, otherwise } => {
                let (no, end) = (self.label(), self.label());
                self.jump_unless(*cond, no)?;
                self.effect(*then)?;
                if let Some(o) = otherwise {
                    self.jump(Instr::Jump { to: 0 }, end);
                    self.bind(no);
                    self.effect(*o)?;
                } else {
                    self.bind(no);
                }
                self.bind(end);
                Ok(())
            }
            Kind::For { binders, body, .. } => self.for_loop(binders, *body, None),
            Kind::While { cond, body } => self.while_loop(*cond, *body),
            Kind::Return(v) => match v {
                Some(v) => self.tail(*v),
                None => {
                    self.emit(Instr::RetUnit);
                    Ok(())
                }
            },
            Kind::Break | Kind::Continue => {
                if let Some(l) = self.loops.last() {
                    let to = if matches!(node.kind, Kind::Break) { l.leave } else { l.next };
                    self.jump(Instr::Jump { to: 0 }, to);
                }
                Ok(())
            }
            Kind::Unit | Kind::Local(_) => Ok(()),
            _ => {
                let dst = self.temp(Bank::of(&node.ty))?;
                self.value_kind(id, dst)?;
                if dst.bank == Bank::Objects {
                    self.emit(Instr::Clear { a: dst.reg, n: 1 });
                }
                Ok(())
            }
        }
    }

    fn value_kind(&mut self, id: NodeId, dst: Dst) -> Done {
        let node = self.node(id);
        let d = dst.reg;
        match &node.kind {
            Kind::Unit => {}
            Kind::Int(i) => self.load_int(d, *i),
            Kind::Num(x) => self.load_word(d, x.to_bits()),
            Kind::Angle(x) => self.load_word(d, x.to_radians().to_bits()),
            Kind::Bool(b) => self.emit(Instr::LoadInt { d, k: i32::from(*b) }),
            Kind::Str(s) => {
                let k = self.str_const(s);
                self.emit(Instr::LoadObj { d, k });
            }
            Kind::Const(v) => self.load_const(v, dst),
            Kind::Local(l) => {
                let a = self.local(*l)?;
                let take = self.taken == Some(id) || self.scopes.is_last_read(id);
                match dst.bank {
                    _ if a == d => {}
                    Bank::Words => self.emit(Instr::Move { d, a }),
                    Bank::Objects if take => self.emit(Instr::Take { d, a }),
                    Bank::Objects => self.emit(Instr::Copy { d, a }),
                }
            }
            Kind::Global(g) => match dst.bank {
                Bank::Words => self.emit(Instr::GetGlobalS { d, g: g.0 }),
                Bank::Objects => self.emit(Instr::GetGlobalO { d, g: g.0 }),
            },
            Kind::Op { op, args } => return self.op(*op, args, id, dst),
            Kind::And(..) | Kind::Or(..) => {
                let (no, end) = (self.label(), self.label());
                self.jump_unless(id, no)?;
                self.emit(Instr::LoadInt { d, k: 1 });
                self.jump(Instr::Jump { to: 0 }, end);
                self.bind(no);
                self.emit(Instr::LoadInt { d, k: 0 });
                self.bind(end);
            }
            Kind::Call { func, args } => return self.call(*func, args, dst),
            Kind::CallValue { callee, args } => return self.call_value(*callee, args, dst),
            Kind::Closure { func, captures } => return self.closure(*func, captures, dst),
            Kind::If { cond, then, otherwise: Some(o) } => {
                let (no, end) = (self.label(), self.label());
                self.jump_unless(*cond, no)?;
                self.into(*then, dst)?;
                self.jump(Instr::Jump { to: 0 }, end);
                self.bind(no);
                self.into(*o, dst)?;
                self.bind(end);
            }
            Kind::For { binders, body, collect: true } => return self.for_loop(binders, *body, Some(dst)),
            Kind::Block(nodes) => {
                let Some((last, rest)) = nodes.split_last() else { return Ok(()) };
                let mark = self.mark();
                self.statements(id, rest)?;
                self.enter(id, Some(*last))?;
                if Tag::of(&node.ty) == Tag::Unit {
                    self.effect(*last)?;
                } else {
                    self.into(*last, dst)?;
                }
                self.clear_from(mark);
            }
            Kind::List(items) => return self.gather_or_push(items, dst, false),
            Kind::Tuple(items) => return self.gather_or_push(items, dst, true),
            Kind::Field(v, k) => {
                let a = self.operand_in(*v, &[], dst)?;
                match dst.bank {
                    Bank::Words => self.emit(Instr::FieldS { d, a: a.reg, k: *k }),
                    Bank::Objects => self.emit(Instr::FieldO { d, a: a.reg, k: *k }),
                }
                self.done(a);
            }
            Kind::Range { lo, hi, inclusive } => {
                let a = self.operand(*lo, &[*hi])?.reg;
                let b = self.operand(*hi, &[])?.reg;
                self.emit(Instr::MakeRange { d, a, b, inclusive: *inclusive });
            }
            Kind::Widen(v) => {
                let a = self.operand(*v, &[])?;
                let from = &self.node(*v).ty;
                if from == &node.ty {
                    self.settle_copy(a.reg, dst);
                } else if dst.bank == Bank::Words {
                    self.emit(Instr::ToNum { d, a: a.reg });
                } else {
                    self.code.widenings.push((from.clone(), node.ty.clone()));
                    let k = self.code.widenings.len() as u32 - 1;
                    self.emit(Instr::Widen { d, a: a.reg, k });
                    self.done(a);
                }
            }
            Kind::Hole { hole, args } => return self.hole(*hole, args, id, dst),
            Kind::Let(..)
            | Kind::LetGlobal(..)
            | Kind::Assign { .. }
            | Kind::While { .. }
            | Kind::If { otherwise: None, .. }
            | Kind::For { .. }
            | Kind::Return(_)
            | Kind::Break
            | Kind::Continue => return self.effect_kind(id),
        }
        Ok(())
    }

    /// Copies without emptying the source.
    fn settle_copy(&mut self, a: u8, dst: Dst) {
        if a != dst.reg {
            match dst.bank {
                Bank::Words => self.emit(Instr::Move { d: dst.reg, a }),
                Bank::Objects => self.emit(Instr::Copy { d: dst.reg, a }),
            }
        }
    }

    pub(super) fn load_int(&mut self, d: u8, i: i64) {
        match i32::try_from(i) {
            Ok(k) => self.emit(Instr::LoadInt { d, k }),
            Err(_) => self.load_word(d, i as u64),
        }
    }

    fn load_word(&mut self, d: u8, w: u64) {
        let k = self.word(w);
        self.emit(Instr::LoadWord { d, k });
    }

    pub(super) fn load_const(&mut self, v: &Value, dst: Dst) {
        match dst.bank {
            Bank::Words => self.load_word(dst.reg, word(v)),
            Bank::Objects => {
                self.code.consts.push(v.clone());
                let k = self.code.consts.len() as u32 - 1;
                self.emit(Instr::LoadObj { d: dst.reg, k });
            }
        }
    }

    pub(super) fn str_const(&mut self, s: &crate::syntax::ast::Name) -> u32 {
        let consts = &mut self.code.consts;
        *self.strs.entry(s.clone()).or_insert_with(|| {
            consts.push(Value::str(s.as_ref()));
            consts.len() as u32 - 1
        })
    }
}
