//! Operations of the table.

use super::Compiler;
use super::regs::{Bank, Dst};
use crate::builtins::{Exact, Inline, Native};
use crate::diag::Diagnostic;
use crate::ir::{Kind, NodeId, OpId};
use crate::types::Type;
use crate::vm::code::{Instr, NativeUse, Tag};
use crate::vm::value::Value;
use nsp_kernels::table::Body;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

type Done = Result<(), Diagnostic>;

/// Ways of appending in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Append {
    Str,
    List,
    Item,
}

/// A part of a text that is appended without an object of its own.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// A constant of the code.
    Const(u32),
    /// The digits of the int in a word register.
    Int(u8),
}

impl Compiler<'_> {
    pub(super) fn op(&mut self, op: OpId, args: &[NodeId], id: NodeId, dst: Dst) -> Done {
        if let Some(how) = self.append_kind(op, args, &self.node(id).ty) {
            return self.append(how, args, dst);
        }
        let op = self.ops.get(op).clone();
        match (&op.exact, args) {
            (Exact::Const(v), _) => {
                self.load_const(v, dst);
                Ok(())
            }
            (Exact::Scalar(s), _) => self.scalar(s.body, args, dst),
            (Exact::Inline(i), [a]) => self.unary(*i, *a, dst),
            (Exact::Inline(i), [a, b]) => self.binary(*i, *a, *b, dst),
            (Exact::Inline(_), _) => Ok(()),
            (Exact::Made(make), _) => {
                // A value that cannot be made is left to the run, where its error belongs.
                if let Some(constants) = self.constants(args)
                    && let Ok(v) = make(&constants)
                {
                    self.load_const(&v, dst);
                    return Ok(());
                }
                let make = make.clone();
                self.native(Arc::new(move |_, args| make(args)), args, id, dst)
            }
            (Exact::Native(body), _) => self.native(body.clone(), args, id, dst),
            (Exact::Prim(p), _) => {
                self.code.prims.push((p.clone(), args.len() as u32));
                let k = self.code.prims.len() as u32 - 1;
                self.window(args, dst, |s, o| Instr::Prim { s, o, k })
            }
        }
    }

    fn native(&mut self, body: Native, args: &[NodeId], id: NodeId, dst: Dst) -> Done {
        static SITES: AtomicU64 = AtomicU64::new(0);
        let (mut given, mut tags, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
        for (i, a) in args.iter().enumerate() {
            match self.fixed(*a) {
                Some(v) => {
                    tags.push(None);
                    fixed.push((i, v));
                }
                None => {
                    tags.push(Some(Tag::of(&self.node(*a).ty)));
                    given.push(*a);
                }
            }
        }
        let types = args.iter().map(|a| self.node(*a).ty.clone()).collect();
        let result = self.node(id).ty.clone();
        let ret = Tag::of(&result);
        let site = SITES.fetch_add(1, Ordering::Relaxed);
        self.code.natives.push(NativeUse { body, args: tags.into(), fixed: fixed.into(), site, ret, types, result });
        let k = self.code.natives.len() as u32 - 1;
        self.window(&given, dst, |s, o| Instr::Native { s, o, k })
    }

    /// An argument that is an object known now. The machine keeps these at hand: loading one at each call changes a count
    /// of references that all threads share.
    fn fixed(&mut self, id: NodeId) -> Option<Value> {
        match &self.node(id).kind {
            Kind::Str(s) => {
                let k = self.str_const(&s.clone());
                self.code.consts.get(k as usize).cloned()
            }
            Kind::Op { op, args } => match &self.ops.get(*op).exact {
                Exact::Const(v) if Tag::of(&self.node(id).ty) == Tag::Obj => Some(v.clone()),
                Exact::Made(make) => make(&self.constants(args)?).ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The values of arguments that are all known now.
    fn constants(&self, args: &[NodeId]) -> Option<Vec<Value>> {
        let constant = |id: &NodeId| match &self.node(*id).kind {
            Kind::Int(i) => Some(Value::Int(*i)),
            Kind::Str(s) => Some(Value::str(&**s)),
            Kind::Op { op, args } => match (&self.ops.get(*op).exact, args.as_slice()) {
                (Exact::Const(v), _) => Some(v.clone()),
                (Exact::Inline(Inline::NegInt), [a]) => match self.node(*a).kind {
                    Kind::Int(i) => i.checked_neg().map(Value::Int),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        args.iter().map(constant).collect()
    }

    fn scalar(&mut self, body: Body, args: &[NodeId], dst: Dst) -> Done {
        let d = dst.reg;
        match (body, args) {
            (Body::One(f, _), [a]) => {
                let a = self.operand_in(*a, &[], dst)?.reg;
                self.code.ones.push(f);
                self.emit(Instr::One { d, a, k: self.code.ones.len() as u32 - 1 });
            }
            (Body::Two(f, _), [a, b]) => {
                let a = self.operand_in(*a, &[*b], dst)?.reg;
                let b = self.operand(*b, &[])?.reg;
                self.code.twos.push(f);
                self.emit(Instr::Two { d, a, b, k: self.code.twos.len() as u32 - 1 });
            }
            _ => {}
        }
        Ok(())
    }

    fn unary(&mut self, op: Inline, arg: NodeId, dst: Dst) -> Done {
        let d = dst.reg;
        let operand = self.operand_in(arg, &[], dst)?;
        let a = operand.reg;
        match op {
            Inline::NegInt => self.emit(Instr::NegInt { d, a }),
            Inline::NegNum => self.emit(Instr::NegNum { d, a }),
            Inline::Not => self.emit(Instr::Not { d, a }),
            Inline::ToNum => self.emit(Instr::ToNum { d, a }),
            Inline::LenList => {
                self.emit(Instr::LenList { d, a });
                self.done(operand);
            }
            Inline::LenStr => {
                self.emit(Instr::LenStr { d, a });
                self.done(operand);
            }
            Inline::StrInt => self.emit(Instr::StrInt { d, a }),
            _ => {}
        }
        Ok(())
    }

    fn binary(&mut self, op: Inline, l: NodeId, r: NodeId, dst: Dst) -> Done {
        let d = dst.reg;
        if let Some(done) = self.with_constant(op, l, r, dst)? {
            return Ok(done);
        }
        let op = match (op, &self.node(l).ty) {
            (Inline::EqAny, Type::Int | Type::Bool | Type::Unit) => Inline::EqInt,
            (Inline::NeAny, Type::Int | Type::Bool | Type::Unit) => Inline::NeInt,
            (Inline::EqAny, Type::Num) => Inline::EqNum,
            (Inline::NeAny, Type::Num) => Inline::NeNum,
            _ => op,
        };
        if op == Inline::AddInt && self.add_mul(l, r, dst)? {
            return Ok(());
        }
        let left = self.operand_in(l, &[r], dst)?;
        let right = self.operand(r, &[])?;
        if self.node(l).ty == Type::Unit && matches!(op, Inline::EqInt | Inline::NeInt) {
            self.emit(Instr::LoadInt { d, k: i32::from(op == Inline::EqInt) });
            return Ok(());
        }
        let (a, b) = (left.reg, right.reg);
        self.emit(match op {
            Inline::AddInt => Instr::AddInt { d, a, b },
            Inline::SubInt => Instr::SubInt { d, a, b },
            Inline::MulInt => Instr::MulInt { d, a, b },
            Inline::DivInt => Instr::DivInt { d, a, b },
            Inline::RemInt => Instr::RemInt { d, a, b },
            Inline::AddNum => Instr::AddNum { d, a, b },
            Inline::SubNum => Instr::SubNum { d, a, b },
            Inline::MulNum => Instr::MulNum { d, a, b },
            Inline::DivNum => Instr::DivNum { d, a, b },
            Inline::EqInt | Inline::EqBool => Instr::EqInt { d, a, b },
            Inline::NeInt | Inline::NeBool => Instr::NeInt { d, a, b },
            Inline::LtInt => Instr::LtInt { d, a, b },
            Inline::LeInt => Instr::LeInt { d, a, b },
            Inline::GtInt => Instr::LtInt { d, a: b, b: a },
            Inline::GeInt => Instr::LeInt { d, a: b, b: a },
            Inline::EqNum => Instr::EqNum { d, a, b },
            Inline::NeNum => Instr::NeNum { d, a, b },
            Inline::LtNum => Instr::LtNum { d, a, b },
            Inline::LeNum => Instr::LeNum { d, a, b },
            Inline::GtNum => Instr::LtNum { d, a: b, b: a },
            Inline::GeNum => Instr::LeNum { d, a: b, b: a },
            Inline::EqAny => Instr::EqAny { d, a, b },
            Inline::NeAny => Instr::NeAny { d, a, b },
            Inline::IndexList => match dst.bank {
                Bank::Words => Instr::IndexS { d, a, i: b },
                Bank::Objects => Instr::IndexO { d, a, i: b },
            },
            // One operand each, or appends: seen to above.
            Inline::NegInt
            | Inline::NegNum
            | Inline::Not
            | Inline::ToNum
            | Inline::LenList
            | Inline::LenStr
            | Inline::StrInt
            | Inline::ConcatStr
            | Inline::Push => return Ok(()),
        });
        if op == Inline::IndexList {
            self.done(left);
        } else if matches!(op, Inline::EqAny | Inline::NeAny) {
            self.done(left);
            self.done(right);
        }
        Ok(())
    }

    /// Forms with a literal on one side.
    fn with_constant(&mut self, op: Inline, l: NodeId, r: NodeId, dst: Dst) -> Result<Option<()>, Diagnostic> {
        let d = dst.reg;
        let int = |c: &Self, n: NodeId| if let Kind::Int(i) = c.node(n).kind { i32::try_from(i).ok() } else { None };
        let num = |c: &Self, n: NodeId| match c.node(n).kind {
            Kind::Num(x) => Some(x),
            Kind::Angle(x) => Some(x.to_radians()),
            _ => None,
        };
        let instr = match op {
            Inline::AddInt | Inline::MulInt | Inline::SubInt => {
                let (n, k) = match (int(self, r), int(self, l)) {
                    (Some(k), _) => (l, k),
                    (None, Some(k)) if op != Inline::SubInt => (r, k),
                    _ => return Ok(None),
                };
                let a = self.operand_in(n, &[], dst)?.reg;
                match op {
                    Inline::AddInt => Instr::AddIntImm { d, a, k },
                    Inline::MulInt => Instr::MulIntImm { d, a, k },
                    _ => Instr::SubIntImm { d, a, k },
                }
            }
            Inline::AddNum | Inline::MulNum | Inline::SubNum | Inline::DivNum => {
                let (n, x) = match (num(self, r), num(self, l)) {
                    (Some(x), _) => (l, x),
                    (None, Some(x)) if matches!(op, Inline::AddNum | Inline::MulNum) => (r, x),
                    _ => return Ok(None),
                };
                let a = self.operand_in(n, &[], dst)?.reg;
                let k = self.word(x.to_bits());
                match op {
                    Inline::AddNum => Instr::AddNumK { d, a, k },
                    Inline::MulNum => Instr::MulNumK { d, a, k },
                    Inline::SubNum => Instr::SubNumK { d, a, k },
                    _ => Instr::DivNumK { d, a, k },
                }
            }
            _ => return Ok(None),
        };
        self.emit(instr);
        Ok(Some(()))
    }

    /// `l + b * c` in one instruction, when `b` and `c` are at hand.
    fn add_mul(&mut self, l: NodeId, r: NodeId, dst: Dst) -> Result<bool, Diagnostic> {
        let Kind::Op { op, args } = &self.node(r).kind else { return Ok(false) };
        let (Exact::Inline(Inline::MulInt), [x, y]) = (&self.ops.get(*op).exact, args.as_slice()) else {
            return Ok(false);
        };
        let (Some(x), Some(y)) = (self.plain_local(*x), self.plain_local(*y)) else { return Ok(false) };
        let a = self.operand_in(l, &[], dst)?.reg;
        let (b, c) = (self.local(x)?, self.local(y)?);
        self.emit(Instr::AddMulInt { d: dst.reg, a, b, c });
        Ok(true)
    }

    /// Whether a node appends to its first argument.
    pub(super) fn append_of(&self, id: NodeId) -> Option<Append> {
        let node = self.node(id);
        if let Kind::Op { op, args } = &node.kind { self.append_kind(*op, args, &node.ty) } else { None }
    }

    fn append_kind(&self, op: OpId, args: &[NodeId], ty: &Type) -> Option<Append> {
        if args.len() != 2 {
            return None;
        }
        let op = self.ops.get(op);
        match (&op.exact, ty) {
            (Exact::Inline(Inline::ConcatStr), _) => Some(Append::Str),
            (Exact::Inline(Inline::Push), _) => Some(Append::Item),
            // Whoever declares it: the machine appends in place.
            (Exact::Native(_), Type::List(_)) if op.name == "+" && self.node(args[0]).ty == self.node(args[1]).ty => {
                Some(Append::List)
            }
            _ => None,
        }
    }

    fn append(&mut self, how: Append, args: &[NodeId], dst: Dst) -> Done {
        let (l, r) = (args[0], args[1]);
        let copied = self.plain_local(l).is_some() && self.taken != Some(l) && !self.scopes.is_last_read(l);
        if copied && how != Append::Item {
            let a = self.operand(l, &[r])?;
            let b = self.operand(r, &[])?;
            self.emit(match how {
                Append::Str => Instr::ConcatStr { d: dst.reg, a: a.reg, b: b.reg },
                _ => Instr::ConcatList { d: dst.reg, a: a.reg, b: b.reg },
            });
            self.done(a);
            self.done(b);
            return Ok(());
        }
        let acc = self.scratch(dst)?;
        self.into(l, acc)?;
        self.append_to(how, acc.reg, r)?;
        self.settle(acc, dst);
        Ok(())
    }

    /// Appends a node's value to the object in a register.
    pub(super) fn append_to(&mut self, how: Append, a: u8, value: NodeId) -> Done {
        let mark = self.mark();
        match self.short_part(how, value)? {
            Some(part) => self.append_part(a, part),
            None => {
                let b = self.operand(value, &[])?;
                self.append_reg(how, a, b, value);
            }
        }
        self.release(mark);
        Ok(())
    }

    /// A text part that needs no object of its own: a constant, or the digits of an int.
    pub(super) fn short_part(&mut self, how: Append, value: NodeId) -> Result<Option<Part>, Diagnostic> {
        if how != Append::Str {
            return Ok(None);
        }
        match &self.node(value).kind {
            Kind::Str(s) => Ok(Some(Part::Const(self.str_const(&s.clone())))),
            Kind::Op { op, args } if matches!(self.ops.get(*op).exact, Exact::Inline(Inline::StrInt)) => {
                Ok(Some(Part::Int(self.operand(args[0], &[])?.reg)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn append_part(&mut self, a: u8, part: Part) {
        self.emit(match part {
            Part::Const(k) => Instr::ConcatStrK { d: a, a, k },
            Part::Int(b) => Instr::ConcatInt { a, b },
        });
    }

    pub(super) fn append_reg(&mut self, how: Append, a: u8, b: super::regs::Operand, value: NodeId) {
        let tag = Tag::of(&self.node(value).ty);
        match how {
            Append::Str => self.emit(Instr::ConcatStr { d: a, a, b: b.reg }),
            Append::List => self.emit(Instr::ConcatList { d: a, a, b: b.reg }),
            Append::Item if tag == Tag::Obj => return self.emit(Instr::PushO { a, b: b.reg, take: b.clear }),
            Append::Item => return self.emit(Instr::PushS { a, b: b.reg, tag }),
        }
        self.done(b);
    }
}
