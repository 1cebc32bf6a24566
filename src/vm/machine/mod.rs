//! The machine that runs bytecode.

mod exec;
mod native;
mod objects;
mod step;
mod trap;

pub use native::with_machine;

use crate::ir::FuncId;
use crate::source::Span;
use crate::vm::code::{Code, Tag, word};
use crate::vm::ctx::Env;
use crate::vm::error::RunError;
use crate::vm::library::Entry;
use crate::vm::limits::{Fail, Meter};
use crate::vm::value::{Closure, Seen, Value};
use crate::vm::walk::bytes_all;
use std::sync::Arc;
use trap::Trap;

/// Registers that a frame can address in each bank.
const WINDOW: usize = 256;
/// The function number of code that stands in no library.
const ROOT: u32 = u32::MAX;

/// The arguments of builtins where some are constants, by the place of the call; one that is not here is made anew.
type Sites = [(u64, Vec<Value>); 32];

/// A place in a function, with its windows.
#[derive(Clone, Copy, Debug)]
struct Frame {
    func: u32,
    pc: u32,
    words: u32,
    objects: u32,
}

/// Why the machine stopped.
enum Exit {
    Done,
    /// A function is missing in the snapshot of the library.
    Refresh,
    Fail(Trap),
}

/// Runs functions, one at a time; keep it for many runs.
pub struct Machine {
    env: Env,
    /// Taken out while it runs: a count of references that all threads share is slow to change.
    snapshot: Option<Arc<Vec<Entry>>>,
    /// The function called last, and its code.
    called: Option<(FuncId, Arc<Code>)>,
    words: Vec<u64>,
    objects: Vec<Value>,
    frames: Vec<Frame>,
    at: Frame,
    globals: Vec<Value>,
    meter: Meter,
    args: Vec<Value>,
    sites: Sites,
    /// Data held by the machine that called the builtin that runs this one.
    outer: usize,
    nested: bool,
}

impl Machine {
    /// A machine in these surroundings with the values of the session's globals.
    pub fn new(env: &Env, globals: Vec<Value>) -> Machine {
        Machine {
            env: env.clone(),
            snapshot: Some(env.library.snapshot()),
            called: None,
            words: vec![0; 2 * WINDOW],
            objects: vec![Value::Unit; 2 * WINDOW],
            frames: Vec::new(),
            at: Frame { func: ROOT, pc: 0, words: 0, objects: 0 },
            globals,
            meter: Meter::new(&env.limits, env.cancel.clone()),
            args: Vec::new(),
            sites: std::array::from_fn(|_| (u64::MAX, Vec::new())),
            outer: 0,
            nested: false,
        }
    }

    /// The surroundings.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Takes the globals as the runs left them, also after an error.
    pub fn globals(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.globals)
    }

    /// Gives the machine other globals.
    pub fn set_globals(&mut self, globals: Vec<Value>) {
        self.globals = globals;
    }

    /// Runs compiled code with its arguments, within the limits of the surroundings.
    ///
    /// # Errors
    /// What the program does wrong, a limit, or arguments that do not fit.
    pub fn run(&mut self, code: &Code, args: &[Value]) -> Result<Value, RunError> {
        self.start(code, args, &[])
    }

    /// Calls a function value.
    ///
    /// # Errors
    /// As [`Machine::run`]; also if the value is no function of this engine.
    pub fn call(&mut self, f: &Value, args: &[Value]) -> Result<Value, RunError> {
        let Value::Fn(closure) = f else {
            return Err(RunError::new(Fail::new("E0400", format!("expected a function, found {}", f.kind()))));
        };
        let code = match self.called.take() {
            Some((func, code)) if func == closure.func && closure.library == self.env.library.id() => code,
            _ => self.code_of(closure).map_err(|t| RunError::new(t.into_fail()))?,
        };
        let result = self.start(&code, args, &closure.captures);
        self.called = Some((closure.func, code));
        result
    }

    fn code_of(&mut self, closure: &Closure) -> Result<Arc<Code>, Trap> {
        if closure.library != self.env.library.id() {
            return Err(Trap::OtherEngine);
        }
        let at = closure.func.0 as usize;
        let known = |s: &[Entry]| s.get(at).and_then(|e| e.code.clone());
        if let Some(code) = self.snapshot.as_deref().and_then(|s| known(s)) {
            return Ok(code);
        }
        let now = self.env.library.snapshot();
        let code = known(&now).ok_or(Trap::NoBody);
        self.snapshot = Some(now);
        code
    }

    fn start(&mut self, code: &Code, args: &[Value], captures: &[Value]) -> Result<Value, RunError> {
        if args.len() != code.params.len() || captures.len() != code.captures.len() {
            let message = format!("expected {} arguments, found {}", code.params.len(), args.len());
            return Err(RunError::new(Fail::new("E0400", message)));
        }
        if !self.nested {
            self.meter.restart(&self.env.limits);
        }
        self.frames.clear();
        self.at = Frame { func: ROOT, pc: 0, words: 0, objects: 0 };
        let (mut w, mut o) = (0, 0);
        for (tag, v) in code.params.iter().zip(args).chain(code.captures.iter().zip(captures)) {
            if *tag == Tag::Obj {
                self.objects[o] = v.clone();
                o += 1;
            } else {
                self.words[w] = word(v);
                w += 1;
            }
        }
        match self.drive(code) {
            Ok(()) if code.ret == Tag::Obj => Ok(std::mem::take(&mut self.objects[0])),
            Ok(()) => Ok(code.ret.boxed(self.words[0])),
            Err(trap) => {
                let e = self.error(code, trap);
                self.clean();
                Err(e)
            }
        }
    }

    fn drive(&mut self, code: &Code) -> Result<(), Trap> {
        let mut refreshed = false;
        loop {
            let snapshot = self.snapshot.take().unwrap_or_else(|| self.env.library.snapshot());
            let exit = self.exec(code, &snapshot);
            let before = self.snapshot.insert(snapshot);
            match exit {
                Exit::Done => return Ok(()),
                Exit::Fail(t) => return Err(t),
                Exit::Refresh => {
                    let now = self.env.library.snapshot();
                    if refreshed && Arc::ptr_eq(&now, before) {
                        return Err(Trap::NoBody);
                    }
                    refreshed = true;
                    self.snapshot = Some(now);
                }
            }
        }
    }

    /// The error with its place and the calls that led there.
    #[cold]
    fn error(&self, root: &Code, trap: Trap) -> RunError {
        let entries = self.snapshot.as_deref().map_or(&[][..], Vec::as_slice);
        let code = |func: u32| exec::code_of(root, entries, func);
        let span = |f: &Frame| {
            let at = (f.pc as usize).saturating_sub(1);
            code(f.func).and_then(|c| c.spans.get(at).copied()).unwrap_or_default()
        };
        let mut trace = Vec::new();
        let mut called = self.at.func;
        for f in self.frames.iter().rev().take(RunError::TRACE) {
            let name = code(called).and_then(|c| c.name.clone()).unwrap_or_else(|| "fn".into());
            trace.push((name, span(f)));
            called = f.func;
        }
        let span: Span = span(&self.at);
        RunError { fail: trap.into_fail(), span, trace }
    }

    /// Drops what an error left in the registers.
    fn clean(&mut self) {
        let end = (self.at.objects as usize + WINDOW).min(self.objects.len());
        self.objects[..end].fill(Value::Unit);
        self.args.clear();
        // A deep recursion should not hold its stack for good.
        self.words.truncate(64 * WINDOW);
        self.objects.truncate(64 * WINDOW);
    }
}

/// Calls a function value with a machine of its own and no globals.
///
/// # Errors
/// As [`Machine::call`].
pub fn call(env: &Env, f: &Value, args: &[Value]) -> Result<Value, RunError> {
    Machine::new(env, Vec::new()).call(f, args)
}

/// Bytes of live data: registers, globals and the stacks themselves.
fn live(objects: &[Value], globals: &[Value], stacks: usize) -> usize {
    let mut seen = Seen::new();
    stacks + bytes_all(objects, &mut seen) + bytes_all(globals, &mut seen)
}
