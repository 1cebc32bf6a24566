//! IR to bytecode.
//!
//! Variables live in registers for as long as they may be named, temporaries above them; a value is computed straight
//! into the register where it is wanted. A call's window begins where its result is wanted if that is the top.

mod assign;
mod calls;
mod cond;
mod expr;
mod holes;
mod loops;
mod ops;
mod regs;
mod scopes;

use crate::builtins::OpTable;
use crate::diag::Diagnostic;
use crate::ir::{Func, LocalId, Node, NodeId};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::vm::code::{Code, Instr, Tag};
use crate::vm::library::Library;
use regs::{Bank, Dst};
use scopes::Scopes;
use std::collections::HashMap;

/// How to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Makes the fillings of the holes further parameters: the value of an open or range hole, the number of the
    /// alternative of a choice, the function of a called hole.
    pub holes_as_inputs: bool,
}

/// Compiles a function. Functions that it calls need not be known yet.
///
/// # Errors
/// A function that needs too many registers at once.
pub fn compile(func: &Func, ops: &OpTable, library: &Library, options: Options) -> Result<Code, Diagnostic> {
    let mut c = Compiler::new(func, ops, library, options)?;
    c.tail(func.body)?;
    c.finish()
}

/// What jumps of a loop's body aim at.
struct LoopLabels {
    leave: Label,
    next: Label,
}

/// A place in the code, known or not yet.
#[derive(Clone, Copy)]
struct Label(usize);

struct Compiler<'a> {
    func: &'a Func,
    ops: &'a OpTable,
    options: Options,
    scopes: Scopes,
    code: Code,
    span: Span,
    /// Registers of locals that have one now.
    locals: Vec<Option<u8>>,
    /// Registers of the holes' inputs.
    inputs: Vec<u8>,
    top: [u16; 2],
    most: [u16; 2],
    labels: Vec<Option<u32>>,
    jumps: Vec<(usize, Label)>,
    loops: Vec<LoopLabels>,
    strs: HashMap<Name, u32>,
    words: HashMap<u64, u32>,
    /// A local read that may move the value out: the local is about to be overwritten.
    taken: Option<NodeId>,
}

impl<'a> Compiler<'a> {
    fn new(func: &'a Func, ops: &'a OpTable, library: &Library, options: Options) -> Result<Compiler<'a>, Diagnostic> {
        let mut c = Compiler {
            func,
            ops,
            options,
            scopes: Scopes::new(func),
            code: Code { name: Some(func.name.clone()), library: library.id(), ..Code::default() },
            span: func.span,
            locals: vec![None; func.locals.len()],
            inputs: Vec::new(),
            top: [0; 2],
            most: [0; 2],
            labels: Vec::new(),
            jumps: Vec::new(),
            loops: Vec::new(),
            strs: HashMap::new(),
            words: HashMap::new(),
            taken: None,
        };
        let n = func.params.len();
        let mut params = c.entry_locals(0..n)?;
        if options.holes_as_inputs {
            for hole in &func.holes {
                let tag = holes::input_tag(hole);
                params.push(tag);
                let reg = c.alloc(Bank::of_tag(tag))?;
                c.inputs.push(reg);
            }
        }
        c.code.params = params.into();
        c.code.captures = c.entry_locals(n..n + func.captures as usize)?.into();
        c.code.ret = Tag::of(&func.ret);
        Ok(c)
    }

    /// Gives registers to locals that have their values on entry.
    fn entry_locals(&mut self, range: std::ops::Range<usize>) -> Result<Vec<Tag>, Diagnostic> {
        let mut tags = Vec::with_capacity(range.len());
        for i in range {
            let Some(local) = self.func.locals.get(i) else { continue };
            tags.push(Tag::of(&local.ty));
            self.locals[i] = Some(self.alloc(Bank::of(&local.ty))?);
        }
        Ok(tags)
    }

    fn finish(mut self) -> Result<Code, Diagnostic> {
        for (at, label) in std::mem::take(&mut self.jumps) {
            let target = self.labels[label.0].unwrap_or(self.code.instrs.len() as u32);
            self.code.instrs[at].aim(target);
        }
        self.code.objects = u32::from(self.most[1]);
        let calls = |i: &Instr| matches!(i, Instr::Call { .. } | Instr::CallValue { .. });
        self.code.above = self.code.objects > 0 || self.code.instrs.iter().any(calls);
        Ok(self.code)
    }

    fn node(&self, id: NodeId) -> &'a Node {
        &self.func.nodes[id.0 as usize]
    }

    fn emit(&mut self, i: Instr) {
        self.code.instrs.push(i);
        self.code.spans.push(self.span);
    }

    fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    fn bind(&mut self, l: Label) {
        self.labels[l.0] = Some(self.code.instrs.len() as u32);
    }

    /// Emits a jump whose target is set when all labels are known.
    fn jump(&mut self, i: Instr, to: Label) {
        self.jumps.push((self.code.instrs.len(), to));
        self.emit(i);
    }

    /// The register of a local. The scopes give each its register before its first mention.
    fn local(&mut self, l: LocalId) -> Result<u8, Diagnostic> {
        match self.locals[l.0 as usize] {
            Some(r) => Ok(r),
            None => {
                let r = self.alloc(Bank::of(&self.func.local(l).ty))?;
                self.locals[l.0 as usize] = Some(r);
                Ok(r)
            }
        }
    }

    fn word(&mut self, w: u64) -> u32 {
        let words = &mut self.code.words;
        *self.words.entry(w).or_insert_with(|| {
            words.push(w);
            words.len() as u32 - 1
        })
    }

    /// Gives a value to whoever called this function.
    fn ret(&mut self, dst: Dst) {
        match dst.bank {
            Bank::Words => self.emit(Instr::RetS { a: dst.reg }),
            Bank::Objects => self.emit(Instr::RetO { a: dst.reg }),
        }
    }

    /// Runs `f` with a stack that suffices: recursion follows the program's nesting.
    fn deep<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || f(self))
    }
}
