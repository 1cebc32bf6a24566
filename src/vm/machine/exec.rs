//! The loop that carries out instructions.
//!
//! Both windows are references to arrays of 256, so that a byte addresses a register without a check of its bounds. The
//! loop holds only what must be fast: with more in it the compiler runs out of registers. The rest is in `step`.

use super::objects::{field, index};
use super::trap::Trap;
use super::{Exit, Frame, Machine, ROOT, WINDOW};
use crate::vm::arith::{floor_div, floor_rem};
use crate::vm::code::{Code, Instr, Tag, word};
use crate::vm::library::Entry;
use crate::vm::limits::Meter;
use crate::vm::value::{Closure, Value};
use std::sync::Arc;

/// The code of a function.
#[inline]
pub(super) fn code_of<'c>(root: &'c Code, entries: &'c [Entry], func: u32) -> Option<&'c Code> {
    match entries.get(func as usize) {
        Some(e) => e.code.as_deref(),
        None if func == ROOT => Some(root),
        None => None,
    }
}

#[inline]
pub(super) fn window<T>(stack: &mut [T], base: usize) -> Option<&mut [T; WINDOW]> {
    stack.get_mut(base..)?.first_chunk_mut()
}

#[cold]
#[inline(never)]
fn slow(meter: &mut Meter) -> Result<u32, Trap> {
    meter.fuel = 0;
    meter.slow()?;
    Ok(meter.fuel)
}

impl Machine {
    /// Goes on at `self.at` until the outermost function returns.
    #[inline(never)]
    #[allow(clippy::neg_cmp_op_on_partial_ord)] // with nan, `not (a < b)` is not `a >= b`
    pub(super) fn exec(&mut self, root: &Code, entries: &[Entry]) -> Exit {
        let depth = self.meter.depth;
        let Frame { mut func, pc, words: sbase, objects: obase } = self.at;
        let (mut pc, mut sbase, mut obase) = (pc as usize, sbase as usize, obase as usize);
        let Some(mut code) = code_of(root, entries, func) else { return Exit::Fail(Trap::NoBody) };
        let mut instrs = code.instrs.as_slice();
        let mut fuel = self.meter.fuel;
        let Some(mut s) = window(&mut self.words, sbase) else { return Exit::Fail(Trap::Broken) };
        let Some(mut o) = window(&mut self.objects, obase) else { return Exit::Fail(Trap::Broken) };

        let trap: Trap = 'run: loop {
            macro_rules! fail {
                ($t:expr) => {
                    break 'run $t
                };
            }
            macro_rules! ok {
                ($r:expr) => {
                    match $r {
                        Ok(v) => v,
                        Err(t) => break 'run t,
                    }
                };
            }
            macro_rules! some {
                ($r:expr) => {
                    match $r {
                        Some(v) => v,
                        None => break 'run Trap::Broken,
                    }
                };
            }
            macro_rules! w {
                ($r:expr) => {
                    s[$r as usize]
                };
            }
            macro_rules! i {
                ($r:expr) => {
                    (s[$r as usize] as i64)
                };
            }
            macro_rules! n {
                ($r:expr) => {
                    f64::from_bits(s[$r as usize])
                };
            }
            macro_rules! o {
                ($r:expr) => {
                    o[$r as usize]
                };
            }
            macro_rules! int {
                ($d:expr, $e:expr, $op:literal) => {
                    match $e {
                        Some(v) => w!($d) = v as u64,
                        None => fail!(Trap::Overflow($op)),
                    }
                };
            }
            macro_rules! num {
                ($d:expr, $e:expr) => {
                    w!($d) = f64::to_bits($e)
                };
            }
            macro_rules! jump_if {
                ($c:expr, $to:expr) => {
                    if $c {
                        // Keeps this a branch: a conditional move would make the next fetch wait for the comparison.
                        std::hint::cold_path();
                        pc = $to as usize;
                    }
                };
            }
            macro_rules! burn {
                () => {
                    if fuel == 0 {
                        fuel = ok!(slow(&mut self.meter));
                    }
                    fuel -= 1;
                };
            }
            macro_rules! enter {
                ($f:expr, $callee:expr, $ws:expr, $wo:expr) => {
                    if self.frames.len() >= depth {
                        fail!(Trap::Depth(depth));
                    }
                    self.frames.push(Frame { func, pc: pc as u32, words: sbase as u32, objects: obase as u32 });
                    func = $f;
                    code = $callee;
                    instrs = code.instrs.as_slice();
                    pc = 0;
                    sbase += $ws as usize;
                    if code.above && $wo != 0 {
                        obase += $wo as usize;
                        if obase + WINDOW > self.objects.len() {
                            ok!(self.grow(sbase, obase));
                        }
                        o = some!(window(&mut self.objects, obase));
                    }
                    if sbase + WINDOW > self.words.len() {
                        ok!(self.grow(sbase, obase));
                        o = some!(window(&mut self.objects, obase));
                    }
                    s = some!(window(&mut self.words, sbase));
                };
            }
            macro_rules! leave {
                () => {
                    let Some(f) = self.frames.pop() else {
                        self.meter.fuel = fuel;
                        return Exit::Done;
                    };
                    if f.func != func {
                        func = f.func;
                        code = some!(code_of(root, entries, func));
                        instrs = code.instrs.as_slice();
                    }
                    pc = f.pc as usize;
                    sbase = f.words as usize;
                    s = some!(window(&mut self.words, sbase));
                    if f.objects as usize != obase {
                        obase = f.objects as usize;
                        o = some!(window(&mut self.objects, obase));
                    }
                };
            }
            macro_rules! refresh {
                () => {{
                    self.at = Frame { func, pc: pc as u32 - 1, words: sbase as u32, objects: obase as u32 };
                    self.meter.fuel = fuel;
                    return Exit::Refresh;
                }};
            }

            let Some(instr) = instrs.get(pc) else { fail!(Trap::Broken) };
            pc += 1;
            match *instr {
                Instr::LoadInt { d, k } => w!(d) = i64::from(k) as u64,
                Instr::LoadWord { d, k } => w!(d) = code.words[k as usize],
                Instr::Move { d, a } => w!(d) = w!(a),
                Instr::AddInt { d, a, b } => int!(d, i!(a).checked_add(i!(b)), "+"),
                Instr::SubInt { d, a, b } => int!(d, i!(a).checked_sub(i!(b)), "-"),
                Instr::MulInt { d, a, b } => int!(d, i!(a).checked_mul(i!(b)), "*"),
                Instr::DivInt { d, a, b } => {
                    if w!(b) == 0 {
                        fail!(Trap::DivisionByZero)
                    }
                    int!(d, floor_div(i!(a), i!(b)), "div")
                }
                Instr::RemInt { d, a, b } => {
                    if w!(b) == 0 {
                        fail!(Trap::DivisionByZero)
                    }
                    w!(d) = floor_rem(i!(a), i!(b)) as u64;
                }
                Instr::NegInt { d, a } => int!(d, i!(a).checked_neg(), "-"),
                Instr::AddIntImm { d, a, k } => int!(d, i!(a).checked_add(i64::from(k)), "+"),
                Instr::SubIntImm { d, a, k } => int!(d, i!(a).checked_sub(i64::from(k)), "-"),
                Instr::MulIntImm { d, a, k } => int!(d, i!(a).checked_mul(i64::from(k)), "*"),
                Instr::AddMulInt { d, a, b, c } => {
                    int!(d, i!(b).checked_mul(i!(c)).and_then(|p| i!(a).checked_add(p)), "a + b * c")
                }
                Instr::AddNum { d, a, b } => num!(d, n!(a) + n!(b)),
                Instr::SubNum { d, a, b } => num!(d, n!(a) - n!(b)),
                Instr::MulNum { d, a, b } => num!(d, n!(a) * n!(b)),
                Instr::DivNum { d, a, b } => num!(d, n!(a) / n!(b)),
                Instr::NegNum { d, a } => num!(d, -n!(a)),
                Instr::AddNumK { d, a, k } => num!(d, n!(a) + f64::from_bits(code.words[k as usize])),
                Instr::SubNumK { d, a, k } => num!(d, n!(a) - f64::from_bits(code.words[k as usize])),
                Instr::MulNumK { d, a, k } => num!(d, n!(a) * f64::from_bits(code.words[k as usize])),
                Instr::DivNumK { d, a, k } => num!(d, n!(a) / f64::from_bits(code.words[k as usize])),
                Instr::EqInt { d, a, b } => w!(d) = u64::from(w!(a) == w!(b)),
                Instr::NeInt { d, a, b } => w!(d) = u64::from(w!(a) != w!(b)),
                Instr::LtInt { d, a, b } => w!(d) = u64::from(i!(a) < i!(b)),
                Instr::LeInt { d, a, b } => w!(d) = u64::from(i!(a) <= i!(b)),
                Instr::EqNum { d, a, b } => w!(d) = u64::from(n!(a) == n!(b)),
                Instr::NeNum { d, a, b } => w!(d) = u64::from(n!(a) != n!(b)),
                Instr::LtNum { d, a, b } => w!(d) = u64::from(n!(a) < n!(b)),
                Instr::LeNum { d, a, b } => w!(d) = u64::from(n!(a) <= n!(b)),
                Instr::Not { d, a } => w!(d) = u64::from(w!(a) == 0),
                Instr::ToNum { d, a } => num!(d, i!(a) as f64),
                Instr::One { d, a, k } => num!(d, code.ones[k as usize](n!(a))),
                Instr::Two { d, a, b, k } => num!(d, code.twos[k as usize](n!(a), n!(b))),
                Instr::Jump { to } => pc = to as usize,
                Instr::Back { to } => {
                    burn!();
                    pc = to as usize;
                }
                Instr::JumpIf { a, to } => jump_if!(w!(a) != 0, to),
                Instr::JumpIfNot { a, to } => jump_if!(w!(a) == 0, to),
                Instr::JumpEq { a, b, to } => jump_if!(w!(a) == w!(b), to),
                Instr::JumpNe { a, b, to } => jump_if!(w!(a) != w!(b), to),
                Instr::JumpLt { a, b, to } => jump_if!(i!(a) < i!(b), to),
                Instr::JumpLe { a, b, to } => jump_if!(i!(a) <= i!(b), to),
                Instr::JumpEqImm { a, k, to } => jump_if!(i!(a) == i64::from(k), to),
                Instr::JumpNeImm { a, k, to } => jump_if!(i!(a) != i64::from(k), to),
                Instr::JumpLtImm { a, k, to } => jump_if!(i!(a) < i64::from(k), to),
                Instr::JumpLeImm { a, k, to } => jump_if!(i!(a) <= i64::from(k), to),
                Instr::JumpGtImm { a, k, to } => jump_if!(i!(a) > i64::from(k), to),
                Instr::JumpGeImm { a, k, to } => jump_if!(i!(a) >= i64::from(k), to),
                Instr::JumpEqNum { a, b, to } => jump_if!(n!(a) == n!(b), to),
                Instr::JumpNeNum { a, b, to } => jump_if!(n!(a) != n!(b), to),
                Instr::JumpLtNum { a, b, to } => jump_if!(n!(a) < n!(b), to),
                Instr::JumpLeNum { a, b, to } => jump_if!(n!(a) <= n!(b), to),
                Instr::JumpNotLtNum { a, b, to } => jump_if!(!(n!(a) < n!(b)), to),
                Instr::JumpNotLeNum { a, b, to } => jump_if!(!(n!(a) <= n!(b)), to),
                Instr::ForPrep { i, n, inclusive, to } => {
                    let (lo, hi) = (i!(i), i!(n));
                    if hi < lo || (hi == lo && !inclusive) {
                        pc = to as usize;
                    } else {
                        w!(n) = (hi as u64).wrapping_sub(lo as u64).wrapping_sub(u64::from(!inclusive));
                    }
                }
                Instr::ForNext { i, n, to } => {
                    let left = w!(n);
                    if left != 0 {
                        burn!();
                        w!(n) = left - 1;
                        w!(i) = w!(i).wrapping_add(1);
                        pc = to as usize;
                    }
                }
                Instr::ForListS { d, a, i, to } => {
                    let Value::List(xs) = &o!(a) else { fail!(Trap::Broken) };
                    match xs.get(w!(i) as usize) {
                        Some(v) => {
                            w!(d) = word(v);
                            w!(i) += 1;
                        }
                        None => pc = to as usize,
                    }
                }
                Instr::ForListO { d, a, i, to } => {
                    let Value::List(xs) = &o!(a) else { fail!(Trap::Broken) };
                    match xs.get(w!(i) as usize) {
                        Some(v) => {
                            o!(d) = v.clone();
                            w!(i) += 1;
                        }
                        None => pc = to as usize,
                    }
                }
                Instr::Call { s: ws, o: wo, func: f } => {
                    let callee = if f == func {
                        code
                    } else {
                        match code_of(root, entries, f) {
                            Some(c) => c,
                            None => refresh!(),
                        }
                    };
                    burn!();
                    enter!(f, callee, ws, wo);
                }
                Instr::CallValue { a, s: ws, o: wo } => {
                    let Value::Fn(closure) = &o!(a) else { fail!(Trap::Broken) };
                    let closure = closure.clone();
                    if closure.library != self.env.library.id() {
                        fail!(Trap::OtherEngine);
                    }
                    let f = closure.func.0;
                    let Some(callee) = code_of(root, entries, f) else { refresh!() };
                    if callee.captures.len() != closure.captures.len() {
                        fail!(Trap::Broken);
                    }
                    burn!();
                    enter!(f, callee, ws, wo);
                    if !closure.captures.is_empty() {
                        load_captures(&closure, code, s, o);
                    }
                }
                Instr::RetS { a } => {
                    let v = w!(a);
                    if code.objects > 0 {
                        clear(&mut o[..], code.objects);
                    }
                    w!(0u8) = v;
                    leave!();
                }
                Instr::RetO { a } => {
                    let v = std::mem::take(&mut o!(a));
                    clear(&mut o[..], code.objects);
                    o!(0u8) = v;
                    leave!();
                }
                Instr::RetUnit => {
                    clear(&mut o[..], code.objects);
                    leave!();
                }
                Instr::LoadObj { d, k } => o!(d) = code.consts[k as usize].clone(),
                Instr::Copy { d, a } => o!(d) = o!(a).clone(),
                Instr::Take { d, a } => o!(d) = std::mem::take(&mut o!(a)),
                Instr::Clear { a, n } => clear(&mut o[a as usize..], u32::from(n)),
                Instr::LenList { d, a } => match &o!(a) {
                    Value::List(xs) => w!(d) = xs.len() as u64,
                    _ => fail!(Trap::Broken),
                },
                Instr::IndexS { d, a, i } => w!(d) = word(ok!(index(&o!(a), w!(i)))),
                Instr::IndexO { d, a, i } => o!(d) = ok!(index(&o!(a), w!(i))).clone(),
                Instr::FieldS { d, a, k } => w!(d) = word(ok!(field(&o!(a), k))),
                Instr::FieldO { d, a, k } => o!(d) = ok!(field(&o!(a), k)).clone(),
                // A push that fits, and a store into an unshared list, need no bookkeeping.
                Instr::PushS { a, b, tag } if has_room(&o!(a)) => {
                    let v = tag.boxed(w!(b));
                    super::objects::push(&mut o!(a), v);
                }
                Instr::SetIndexS { a, i, v, tag } if super::objects::own_need(&o!(a)) == 0 => {
                    let v = tag.boxed(w!(v));
                    ok!(super::objects::set_index(&mut o!(a), w!(i), v));
                }
                _ => {
                    self.meter.fuel = fuel;
                    let to = ok!(self.step(*instr, code, sbase, obase));
                    fuel = self.meter.fuel;
                    s = some!(window(&mut self.words, sbase));
                    o = some!(window(&mut self.objects, obase));
                    if let Some(to) = to {
                        pc = to as usize;
                    }
                }
            }
        };
        // A failing `step` has its own count; taking the larger of both loses nothing that matters after an error.
        self.meter.fuel = fuel.min(self.meter.fuel);
        self.at = Frame { func, pc: pc as u32, words: sbase as u32, objects: obase as u32 };
        Exit::Fail(trap)
    }

    /// Makes room for windows at these bases.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, sbase: usize, obase: usize) -> Result<(), Trap> {
        let before = self.stacks();
        if sbase + WINDOW > self.words.len() {
            self.words.resize((sbase + WINDOW) * 2, 0);
        }
        if obase + WINDOW > self.objects.len() {
            self.objects.resize((obase + WINDOW) * 2, Value::Unit);
        }
        let more = self.stacks() - before;
        if self.meter.fits(more) { Ok(()) } else { self.recount(self.objects.len(), 0) }
    }
}

#[inline]
fn has_room(list: &Value) -> bool {
    matches!(list, Value::List(xs) if Arc::strong_count(xs) == 1 && xs.len() < xs.capacity())
}

/// Puts a function value's captures behind its parameters.
#[inline(never)]
fn load_captures(closure: &Closure, code: &Code, s: &mut [u64; WINDOW], o: &mut [Value; WINDOW]) {
    let mut y = code.params.iter().filter(|t| **t == Tag::Obj).count();
    let mut x = code.params.len() - y;
    for (tag, v) in code.captures.iter().zip(&closure.captures) {
        if *tag == Tag::Obj {
            o[y % WINDOW] = v.clone();
            y += 1;
        } else {
            s[x % WINDOW] = word(v);
            x += 1;
        }
    }
}

/// Empties registers.
#[inline(never)]
fn clear(o: &mut [Value], n: u32) {
    for v in o.iter_mut().take(n as usize) {
        // Most are empty, which is seen faster than dropped.
        if !matches!(v, Value::Unit) {
            *v = Value::Unit;
        }
    }
}
