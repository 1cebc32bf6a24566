//! Builtins: called by the machine, and calling back into one.

use super::{Machine, WINDOW, live};
use crate::vm::code::NativeUse;
use crate::vm::ctx::{Ctx, Env};
use crate::vm::limits::{Cancel, Fail, Limits, Meter};
use crate::vm::value::Value;
use std::cell::RefCell;
use std::sync::Arc;

/// What a builtin's call needs of the machine.
pub(super) struct Around<'m> {
    pub env: &'m Env,
    pub meter: &'m mut Meter,
    pub globals: &'m mut Vec<Value>,
    /// The registers in use.
    pub objects: &'m [Value],
    /// Bytes of the stacks and of machines further out.
    pub stacks: usize,
    pub depth: usize,
}

/// Calls a builtin.
#[inline(never)]
pub(super) fn call_native(used: &NativeUse, args: &mut [Value], around: Around<'_>) -> Result<Value, Fail> {
    let Around { env, meter, globals, objects, stacks, depth } = around;
    // Arguments were moved out of the registers: what only they hold would not be counted.
    let held = if meter.bounds_memory() { args.iter().map(shallow).sum::<usize>() } else { 0 };
    let cell = RefCell::new(std::mem::take(globals));
    let count = || live(objects, &cell.borrow(), stacks + held);
    // A builtin may call functions: they are that much deeper already.
    let whole = meter.depth;
    meter.depth = whole.saturating_sub(depth + 1);
    let (types, result) = (&used.types, &used.result);
    let result = (used.body)(&mut Ctx { types, result, meter, env, live: &count, globals: &cell, held: 0 }, args);
    meter.depth = whole;
    *globals = cell.into_inner();
    result
}

/// Bytes of a value of one owner, without its parts.
fn shallow(v: &Value) -> usize {
    match v {
        Value::Str(s) if Arc::strong_count(s) == 1 => s.capacity(),
        Value::List(xs) | Value::Tuple(xs) if Arc::strong_count(xs) == 1 => xs.capacity() * size_of::<Value>(),
        _ => 0,
    }
}

/// Lets a builtin call functions: a machine that shares the caller's limits and globals. Use one for many calls.
pub fn with_machine<R>(cx: &mut Ctx<'_>, f: impl FnOnce(&mut Machine) -> R) -> R {
    let outer = if cx.meter.bounds_memory() { (cx.live)() } else { 0 };
    let mut machine = Machine::new(cx.env, cx.globals.take());
    machine.nested = true;
    machine.outer = outer + machine.words.len() * 8 + machine.objects.len() * size_of::<Value>();
    machine.meter = std::mem::replace(cx.meter, Meter::new(&Limits::default(), Cancel::default()));
    let result = stacker::maybe_grow(256 * 1024, 4 * WINDOW * 1024, || f(&mut machine));
    std::mem::swap(&mut machine.meter, cx.meter);
    cx.globals.replace(machine.globals());
    result
}
