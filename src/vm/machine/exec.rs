//! The loop that carries out instructions.
//!
//! Both windows are references to arrays of 256, so that a byte addresses a register without a check of its bounds.

use super::native::{Around, call_native};
use super::objects::*;
use super::trap::Trap;
use super::{Exit, Frame, Machine, ROOT, WINDOW, live};
use crate::shape::prim::prim_value;
use crate::vm::code::{Code, Instr, Tag, word};
use crate::vm::equal::equal;
use crate::vm::library::Entry;
use crate::vm::limits::Meter;
use crate::vm::value::{Closure, Value};
use crate::vm::walk::bytes;
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
fn window<T>(stack: &mut [T], base: usize) -> Option<&mut [T; WINDOW]> {
    stack.get_mut(base..)?.first_chunk_mut()
}

fn size(words: &[u64], objects: &[Value], outer: usize) -> usize {
    size_of_val(words) + size_of_val(objects) + outer
}

/// Makes room for windows at these bases; gives the new size of the stacks.
#[cold]
#[inline(never)]
fn grow(
    words: &mut Vec<u64>,
    objects: &mut Vec<Value>,
    sbase: usize,
    obase: usize,
    meter: &mut Meter,
    globals: &[Value],
    outer: usize,
) -> Result<usize, Trap> {
    let before = size(words, objects, outer);
    if sbase + WINDOW > words.len() {
        words.resize((sbase + WINDOW) * 2, 0);
    }
    if obase + WINDOW > objects.len() {
        objects.resize((obase + WINDOW) * 2, Value::Unit);
    }
    let stacks = size(words, objects, outer);
    if !meter.fits(stacks - before) {
        recount(meter, objects, globals, stacks, 0)?;
    }
    Ok(stacks)
}

/// Counts the live data anew.
#[cold]
#[inline(never)]
fn recount(meter: &mut Meter, objects: &[Value], globals: &[Value], stacks: usize, more: usize) -> Result<(), Trap> {
    Ok(meter.recount(live(objects, globals, stacks), more)?)
}

#[cold]
#[inline(never)]
fn slow(meter: &mut Meter) -> Result<(), Trap> {
    meter.fuel = 0;
    Ok(meter.slow()?)
}

/// Allocations from this size on count as work.
const LARGE: usize = 4096;

impl Machine {
    /// Goes on at `self.at` until the outermost function returns.
    pub(super) fn exec(&mut self, root: &Code, entries: &[Entry]) -> Exit {
        let Machine { env, words, objects, frames, at, globals, meter, args: buf, outer, .. } = self;
        let library = env.library.id();
        let depth = meter.depth;
        let Frame { mut func, pc, words: sbase, objects: obase } = *at;
        let (mut pc, mut sbase, mut obase) = (pc as usize, sbase as usize, obase as usize);
        let Some(mut code) = code_of(root, entries, func) else { return Exit::Fail(Trap::NoBody) };
        let mut instrs = code.instrs.as_slice();
        let mut fuel = meter.fuel;
        let mut stacks = size(words, objects, *outer);
        let Some(mut s) = window(words, sbase) else { return Exit::Fail(Trap::Broken) };
        let Some(mut o) = window(objects, obase) else { return Exit::Fail(Trap::Broken) };

        // The label is not seen inside the macros unless they get it.
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
                        Err(t) => break 'run Trap::from(t),
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
                        pc = $to as usize;
                    }
                };
            }
            macro_rules! burn {
                () => {
                    if fuel == 0 {
                        ok!(slow(meter));
                        fuel = meter.fuel;
                    }
                    fuel -= 1;
                };
            }
            macro_rules! look {
                () => {
                    match (window(words, sbase), window(objects, obase)) {
                        (Some(a), Some(b)) => (s, o) = (a, b),
                        _ => return Exit::Fail(Trap::Broken),
                    }
                };
            }
            // Before allocating that many bytes.
            macro_rules! charge {
                ($n:expr) => {
                    let n: usize = $n;
                    if n > 0 && (!meter.fits(n) || n >= LARGE) {
                        meter.fuel = fuel;
                        if !meter.fits(0) {
                            let r = recount(meter, &objects[..obase + WINDOW], globals, stacks, n);
                            look!();
                            ok!(r);
                        }
                        ok!(meter.work(n as u64 / 64));
                        fuel = meter.fuel;
                    }
                };
            }
            macro_rules! enter {
                ($f:expr, $callee:expr, $ws:expr, $wo:expr) => {
                    if frames.len() >= depth {
                        fail!(Trap::Depth(depth));
                    }
                    frames.push(Frame { func, pc: pc as u32, words: sbase as u32, objects: obase as u32 });
                    func = $f;
                    code = $callee;
                    instrs = code.instrs.as_slice();
                    pc = 0;
                    sbase += $ws as usize;
                    if code.objects > 0 {
                        obase += $wo as usize;
                        if obase + WINDOW > objects.len() {
                            stacks = ok!(grow(words, objects, sbase, obase, meter, globals, *outer));
                        }
                        match window(objects, obase) {
                            Some(w) => o = w,
                            None => fail!(Trap::Broken),
                        }
                    }
                    if sbase + WINDOW > words.len() {
                        stacks = ok!(grow(words, objects, sbase, obase, meter, globals, *outer));
                        match window(objects, obase) {
                            Some(w) => o = w,
                            None => fail!(Trap::Broken),
                        }
                    }
                    match window(words, sbase) {
                        Some(w) => s = w,
                        None => fail!(Trap::Broken),
                    }
                };
            }
            macro_rules! leave {
                () => {
                    let Some(f) = frames.pop() else {
                        meter.fuel = fuel;
                        return Exit::Done;
                    };
                    if f.func != func {
                        func = f.func;
                        match code_of(root, entries, func) {
                            Some(c) => code = c,
                            None => fail!(Trap::NoBody),
                        }
                        instrs = code.instrs.as_slice();
                    }
                    pc = f.pc as usize;
                    sbase = f.words as usize;
                    match window(words, sbase) {
                        Some(w) => s = w,
                        None => fail!(Trap::Broken),
                    }
                    if f.objects as usize != obase {
                        obase = f.objects as usize;
                        match window(objects, obase) {
                            Some(w) => o = w,
                            None => fail!(Trap::Broken),
                        }
                    }
                };
            }
            macro_rules! global {
                ($g:expr) => {
                    match globals.get_mut($g as usize) {
                        Some(g) => g,
                        None => fail!(Trap::UnsetGlobal),
                    }
                };
            }
            macro_rules! set_global {
                ($g:expr, $v:expr) => {
                    let g = $g as usize;
                    if g >= globals.len() {
                        globals.resize(g + 1, Value::Unit);
                    }
                    globals[g] = $v;
                };
            }
            macro_rules! refresh {
                () => {{
                    *at = Frame { func, pc: pc as u32 - 1, words: sbase as u32, objects: obase as u32 };
                    meter.fuel = fuel;
                    return Exit::Refresh;
                }};
            }

            let Some(&instr) = instrs.get(pc) else { fail!(Trap::Broken) };
            pc += 1;
            match instr {
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
                    int!(d, i!(a).checked_div(i!(b)), "div")
                }
                Instr::RemInt { d, a, b } => {
                    if w!(b) == 0 {
                        fail!(Trap::DivisionByZero)
                    }
                    w!(d) = i!(a).wrapping_rem(i!(b)) as u64;
                }
                Instr::NegInt { d, a } => int!(d, i!(a).checked_neg(), "-"),
                Instr::AddIntImm { d, a, k } => int!(d, i!(a).checked_add(i64::from(k)), "+"),
                Instr::SubIntImm { d, a, k } => int!(d, i!(a).checked_sub(i64::from(k)), "-"),
                Instr::MulIntImm { d, a, k } => int!(d, i!(a).checked_mul(i64::from(k)), "*"),
                Instr::AddMulInt { d, a, b, c } => match i!(b).checked_mul(i!(c)) {
                    Some(p) => int!(d, i!(a).checked_add(p), "+"),
                    None => fail!(Trap::Overflow("*")),
                },
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
                Instr::ForPrepRange { i, n, a, to } => {
                    let Value::Range(r) = &o!(a) else { fail!(Trap::Broken) };
                    let (lo, hi) = **r;
                    if hi <= lo {
                        pc = to as usize;
                    } else {
                        w!(i) = lo as u64;
                        w!(n) = (hi as u64).wrapping_sub(lo as u64).wrapping_sub(1);
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
                Instr::ForStr { d, a, i, to } => {
                    charge!(64);
                    let rest = text(&o!(a)).get(w!(i) as usize..).unwrap_or("");
                    match rest.chars().next() {
                        Some(c) => {
                            w!(i) += c.len_utf8() as u64;
                            o!(d) = Value::str(c);
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
                    if closure.library != library {
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
                        let mut y = code.params.iter().filter(|t| **t == Tag::Obj).count();
                        let mut x = code.params.len() - y;
                        for (tag, v) in code.captures.iter().zip(&closure.captures) {
                            if *tag == Tag::Obj {
                                o[y & 255] = v.clone();
                                y += 1;
                            } else {
                                s[x & 255] = word(v);
                                x += 1;
                            }
                        }
                    }
                }
                Instr::Native { s: ws, o: wo, k } => {
                    let native = &code.natives[k as usize];
                    buf.clear();
                    gather(&native.args, &s[ws as usize..], &mut o[wo as usize..], buf);
                    meter.fuel = fuel;
                    let around = Around {
                        env,
                        meter,
                        globals,
                        objects: &objects[..obase + WINDOW],
                        stacks,
                        depth: frames.len(),
                    };
                    let r = call_native(&native.body, buf, around);
                    fuel = meter.fuel;
                    buf.clear();
                    look!();
                    let v = ok!(r);
                    if native.ret == Tag::Obj {
                        o!(wo) = v;
                    } else {
                        w!(ws) = word(&v);
                    }
                }
                Instr::Prim { s: ws, o: wo, k } => {
                    let (prim, n) = &code.prims[k as usize];
                    let params: Vec<f64> =
                        s[ws as usize..].iter().take(*n as usize).map(|b| f64::from_bits(*b)).collect();
                    charge!(128 + params.len() * 8);
                    o!(wo) = ok!(prim_value(prim, &params));
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
                Instr::ConcatStr { d, a, b } => {
                    charge!(concat_need(&o!(a), &o!(b), d == a && a != b));
                    concat_str(o, d, a, b);
                }
                Instr::ConcatStrK { d, a, k } => {
                    let b = &code.consts[k as usize];
                    charge!(concat_need(&o!(a), b, d == a));
                    if d != a {
                        o!(d) = o!(a).clone();
                    }
                    append_str(&mut o!(d), text(b));
                }
                Instr::ConcatList { d, a, b } => {
                    charge!(concat_need(&o!(a), &o!(b), d == a && a != b));
                    concat_list(o, d, a, b);
                }
                Instr::LenList { d, a } => match &o!(a) {
                    Value::List(xs) => w!(d) = xs.len() as u64,
                    _ => fail!(Trap::Broken),
                },
                Instr::IndexS { d, a, i } => w!(d) = word(ok!(index(&o!(a), w!(i)))),
                Instr::IndexO { d, a, i } => o!(d) = ok!(index(&o!(a), w!(i))).clone(),
                Instr::FieldS { d, a, k } => w!(d) = word(ok!(field(&o!(a), k))),
                Instr::FieldO { d, a, k } => o!(d) = ok!(field(&o!(a), k)).clone(),
                Instr::EqAny { d, a, b } => w!(d) = u64::from(equal(&o!(a), &o!(b))),
                Instr::NeAny { d, a, b } => w!(d) = u64::from(!equal(&o!(a), &o!(b))),
                Instr::NewList { d, k } => {
                    charge!(48 + k as usize * size_of::<Value>());
                    o!(d) = Value::list(Vec::with_capacity(k as usize));
                }
                Instr::PushS { a, b, tag } => {
                    charge!(push_need(&o!(a)));
                    let v = tag.boxed(w!(b));
                    push(&mut o!(a), v);
                }
                Instr::PushO { a, b, take } => {
                    charge!(push_need(&o!(a)));
                    let v = if take { std::mem::take(&mut o!(b)) } else { o!(b).clone() };
                    push(&mut o!(a), v);
                }
                Instr::ToTuple { a } => {
                    if let Value::List(xs) = std::mem::take(&mut o!(a)) {
                        o!(a) = Value::Tuple(xs);
                    }
                }
                Instr::MakeList { s: ws, o: wo, k } | Instr::MakeTuple { s: ws, o: wo, k } => {
                    let tags = &code.shapes[k as usize];
                    charge!(48 + tags.len() * size_of::<Value>());
                    let mut items = Vec::with_capacity(tags.len());
                    gather(tags, &s[ws as usize..], &mut o[wo as usize..], &mut items);
                    let list = matches!(instr, Instr::MakeList { .. });
                    o!(wo) = if list { Value::list(items) } else { Value::tuple(items) };
                }
                Instr::MakeClosure { s: ws, o: wo, k } => {
                    let (f, tags) = &code.closures[k as usize];
                    charge!(96 + tags.len() * size_of::<Value>());
                    let mut captures = Vec::with_capacity(tags.len());
                    gather(tags, &s[ws as usize..], &mut o[wo as usize..], &mut captures);
                    o!(wo) = Value::Fn(Arc::new(Closure { func: *f, library, captures, origin: None }));
                }
                Instr::MakeRange { d, a, b, inclusive } => {
                    charge!(32);
                    let (lo, hi) = (i!(a), i!(b));
                    let end = if inclusive && hi >= lo { hi.checked_add(1) } else { Some(hi) };
                    match end {
                        Some(end) => o!(d) = Value::Range(Arc::new((lo, end))),
                        None => fail!(Trap::RangeTooLong),
                    }
                }
                Instr::Widen { d, a, k } => {
                    let (from, to) = &code.widenings[k as usize];
                    charge!(bytes(&o!(a), &mut Default::default()));
                    o!(d) = widen(&o!(a), from, to);
                }
                Instr::SetIndexS { a, i, v, tag } => {
                    charge!(own_need(&o!(a)));
                    let v = tag.boxed(w!(v));
                    ok!(set_index(&mut o!(a), w!(i), v));
                }
                Instr::SetIndexO { a, i, v } => {
                    charge!(own_need(&o!(a)));
                    let v = std::mem::take(&mut o!(v));
                    ok!(set_index(&mut o!(a), w!(i), v));
                }
                Instr::SetPath { a, v, k } => {
                    let path = &code.paths[k as usize];
                    let item = match path.tag {
                        Tag::Obj => std::mem::take(&mut o!(v)),
                        tag => tag.boxed(w!(v)),
                    };
                    match path.global {
                        Some(g) => {
                            charge!(path_need(global!(g), &path.steps, s));
                            ok!(set_path(global!(g), &path.steps, s, item));
                        }
                        None => {
                            charge!(path_need(&o!(a), &path.steps, s));
                            ok!(set_path(&mut o!(a), &path.steps, s, item));
                        }
                    }
                }

                Instr::GetGlobalS { d, g } => w!(d) = word(global!(g)),
                Instr::GetGlobalO { d, g } => o!(d) = global!(g).clone(),
                Instr::SetGlobalS { a, tag, g } => {
                    set_global!(g, tag.boxed(w!(a)));
                }
                Instr::SetGlobalO { a, g } => {
                    set_global!(g, o!(a).clone());
                }
                Instr::GlobalConcatStr { b, g } => {
                    charge!(concat_need(global!(g), &o!(b), true));
                    append_str(global!(g), text(&o!(b)));
                }
                Instr::GlobalConcatList { b, g } => {
                    charge!(concat_need(global!(g), &o!(b), true));
                    if let Value::List(right) = &o!(b) {
                        append_list(global!(g), right);
                    }
                }
                Instr::GlobalPushS { b, tag, g } => {
                    charge!(push_need(global!(g)));
                    push(global!(g), tag.boxed(w!(b)));
                }
                Instr::GlobalPushO { b, g } => {
                    charge!(push_need(global!(g)));
                    push(global!(g), o!(b).clone());
                }

                Instr::Hole { k } => fail!(Trap::Hole(code.holes[k as usize].clone())),
                Instr::BadChoice { a } => fail!(Trap::Choice(i!(a))),
            }
        };
        meter.fuel = fuel;
        *at = Frame { func, pc: pc as u32, words: sbase as u32, objects: obase as u32 };
        Exit::Fail(trap)
    }
}

/// Empties registers.
#[inline(never)]
fn clear(o: &mut [Value], n: u32) {
    for v in o.iter_mut().take(n as usize) {
        *v = Value::Unit;
    }
}

/// Moves values out of two banks, in the order of their tags.
#[inline(never)]
fn gather(tags: &[Tag], words: &[u64], objects: &mut [Value], out: &mut Vec<Value>) {
    let (mut words, mut objects) = (words.iter(), objects.iter_mut());
    for tag in tags {
        out.push(match tag {
            Tag::Obj => objects.next().map(std::mem::take).unwrap_or_default(),
            tag => tag.boxed(words.next().copied().unwrap_or_default()),
        });
    }
}
