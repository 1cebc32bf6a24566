//! Instructions on objects that need not be in the fast loop.

use super::exec::window;
use super::native::{Around, call_native};
use super::objects::*;
use super::trap::Trap;
use super::{Machine, Sites, WINDOW, live};
use crate::shape::prim::prim_value;
use crate::vm::code::{Code, Instr, NativeUse, Tag, word};
use crate::vm::equal::equal;
use crate::vm::value::{Closure, Value};
use crate::vm::walk::bytes;
use std::sync::Arc;

/// Allocations from this size on count as work.
const LARGE: usize = 4096;

impl Machine {
    /// Bytes of the stacks, and of the machines further out.
    pub(super) fn stacks(&self) -> usize {
        size_of_val(self.words.as_slice()) + size_of_val(self.objects.as_slice()) + self.outer
    }

    /// Counts the live data anew.
    #[cold]
    pub(super) fn recount(&mut self, top: usize, more: usize) -> Result<(), Trap> {
        let live = live(&self.objects[..top], &self.globals, self.stacks());
        Ok(self.meter.recount(live, more)?)
    }

    /// To be called before allocating that many bytes.
    #[inline]
    fn charge(&mut self, obase: usize, n: usize) -> Result<(), Trap> {
        if n > 0 && (!self.meter.fits(n) || n >= LARGE) {
            if !self.meter.fits(0) {
                self.recount(obase + WINDOW, n)?;
            }
            self.meter.work(n as u64 / 64)?;
        }
        Ok(())
    }

    /// Carries out an instruction that the fast loop leaves aside; a jump's target if it jumps.
    #[allow(unused_assignments)] // `charge` takes both windows anew, of which an instruction may need one
    #[inline(never)]
    pub(super) fn step(&mut self, instr: Instr, code: &Code, sbase: usize, obase: usize) -> Result<Option<u32>, Trap> {
        let broken = Trap::Broken;
        let Some(mut s) = window(&mut self.words, sbase) else { return Err(broken) };
        let Some(mut o) = window(&mut self.objects, obase) else { return Err(broken) };
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
        macro_rules! o {
            ($r:expr) => {
                o[$r as usize]
            };
        }
        macro_rules! charge {
            ($n:expr) => {
                let n: usize = $n;
                self.charge(obase, n)?;
                (s, o) = match (window(&mut self.words, sbase), window(&mut self.objects, obase)) {
                    (Some(s), Some(o)) => (s, o),
                    _ => return Err(Trap::Broken),
                };
            };
        }
        macro_rules! global {
            ($g:expr) => {
                self.globals.get_mut($g as usize).ok_or(Trap::UnsetGlobal)?
            };
        }
        match instr {
            Instr::ForPrepRange { i, n, a, to } => {
                let Value::Range(r) = &o!(a) else { return Err(Trap::Broken) };
                let (lo, hi) = **r;
                if hi <= lo {
                    return Ok(Some(to));
                } else {
                    w!(i) = lo as u64;
                    w!(n) = (hi as u64).wrapping_sub(lo as u64).wrapping_sub(1);
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
                    None => return Ok(Some(to)),
                }
            }
            Instr::Native { s: ws, o: wo, k } => {
                let native = &code.natives[k as usize];
                let args = if native.fixed.is_empty() { &mut self.args } else { site(&mut self.sites, native) };
                gather_args(native, &s[ws as usize..], &mut o[wo as usize..], args);
                let stacks = self.words.len() * 8 + self.objects.len() * size_of::<Value>() + self.outer;
                let around = Around {
                    env: &self.env,
                    meter: &mut self.meter,
                    globals: &mut self.globals,
                    objects: &self.objects[..obase + WINDOW],
                    stacks,
                    depth: self.frames.len(),
                };
                let result = call_native(native, args, around);
                release(native, args);
                let v = result?;
                (s, o) = match (window(&mut self.words, sbase), window(&mut self.objects, obase)) {
                    (Some(s), Some(o)) => (s, o),
                    _ => return Err(Trap::Broken),
                };
                if native.ret == Tag::Obj {
                    o!(wo) = v;
                } else {
                    w!(ws) = word(&v);
                }
            }
            Instr::Prim { s: ws, o: wo, k } => {
                let (prim, n) = &code.prims[k as usize];
                let params: Vec<f64> = s[ws as usize..].iter().take(*n as usize).map(|b| f64::from_bits(*b)).collect();
                charge!(128 + params.len() * 8);
                o!(wo) = prim_value(prim, &params)?;
            }
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
            Instr::ConcatInt { a, b } => {
                let digits = w!(b) as i64;
                charge!(int_need(&o!(a)));
                append_int(&mut o!(a), digits);
            }
            Instr::StrInt { d, a } => {
                charge!(48);
                o!(d) = Value::str((w!(a) as i64).to_string());
            }
            Instr::LenStr { d, a } => {
                let t = text(&o!(a));
                self.meter.work(t.len() as u64 / 64)?;
                w!(d) = if t.is_ascii() { t.len() } else { t.chars().count() } as u64;
            }
            Instr::ConcatList { d, a, b } => {
                charge!(concat_need(&o!(a), &o!(b), d == a && a != b));
                concat_list(o, d, a, b);
            }
            Instr::EqAny { d, a, b } => {
                self.meter.work(compare_work(&o!(a)))?;
                w!(d) = u64::from(equal(&o!(a), &o!(b)));
            }
            Instr::NeAny { d, a, b } => {
                self.meter.work(compare_work(&o!(a)))?;
                w!(d) = u64::from(!equal(&o!(a), &o!(b)));
            }
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
                o!(wo) =
                    Value::Fn(Arc::new(Closure { func: *f, library: self.env.library.id(), captures, origin: None }));
            }
            Instr::MakeRange { d, a, b, inclusive } => {
                charge!(32);
                let (lo, hi) = (i!(a), i!(b));
                let end = if inclusive && hi >= lo { hi.checked_add(1) } else { Some(hi) };
                match end {
                    Some(end) => o!(d) = Value::Range(Arc::new((lo, end))),
                    None => return Err(Trap::RangeTooLong),
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
                set_index(&mut o!(a), w!(i), v)?;
            }
            Instr::SetIndexO { a, i, v } => {
                charge!(own_need(&o!(a)));
                let v = std::mem::take(&mut o!(v));
                set_index(&mut o!(a), w!(i), v)?;
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
                        set_path(global!(g), &path.steps, s, item)?;
                    }
                    None => {
                        charge!(path_need(&o!(a), &path.steps, s));
                        set_path(&mut o!(a), &path.steps, s, item)?;
                    }
                }
            }
            Instr::GetGlobalS { d, g } => w!(d) = word(global!(g)),
            Instr::GetGlobalO { d, g } => o!(d) = global!(g).clone(),
            Instr::SetGlobalS { a, tag, g } => {
                let v = tag.boxed(w!(a));
                self.set_global(g, v);
            }
            Instr::SetGlobalO { a, g } => {
                let v = o!(a).clone();
                self.set_global(g, v);
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
            Instr::Hole { k } => return Err(Trap::Hole(code.holes[k as usize].clone())),
            Instr::BadChoice { a } => return Err(Trap::Choice(i!(a))),
            // All others are the fast loop's.
            _ => return Err(Trap::Broken),
        }
        Ok(None)
    }

    fn set_global(&mut self, g: u32, v: Value) {
        let g = g as usize;
        if g >= self.globals.len() {
            self.globals.resize(g + 1, Value::Unit);
        }
        self.globals[g] = v;
    }
}

/// Operations that a comparison counts as, by the size of its outermost part.
fn compare_work(v: &Value) -> u64 {
    match v {
        Value::Str(s) => s.len() as u64 / 64,
        Value::List(xs) | Value::Tuple(xs) => xs.len() as u64 / 4,
        _ => 0,
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

/// Moves the arguments of a builtin out of two banks.
#[inline(never)]
fn gather_args(native: &NativeUse, words: &[u64], objects: &mut [Value], args: &mut Vec<Value>) {
    let (mut words, mut objects) = (words.iter(), objects.iter_mut());
    args.resize(native.args.len(), Value::Unit);
    for (tag, slot) in native.args.iter().zip(args) {
        match tag {
            Some(Tag::Obj) => *slot = objects.next().map(std::mem::take).unwrap_or_default(),
            Some(tag) => *slot = tag.boxed(words.next().copied().unwrap_or_default()),
            None => {}
        }
    }
}

/// The arguments of a call with its constants in place.
fn site<'s>(sites: &'s mut Sites, native: &NativeUse) -> &'s mut Vec<Value> {
    let n = sites.len() as u64;
    let (known, args) = &mut sites[(native.site % n) as usize];
    if *known != native.site {
        *known = native.site;
        args.clear();
        args.resize(native.args.len(), Value::Unit);
        native.fixed.iter().for_each(|(i, v)| args[*i] = v.clone());
    }
    args
}

/// Drops the arguments of a call, but for its constants, which are put back where the builtin took them.
fn release(native: &NativeUse, args: &mut Vec<Value>) {
    if native.fixed.is_empty() {
        args.clear();
        return;
    }
    for (tag, slot) in native.args.iter().zip(args.iter_mut()) {
        if tag.is_some() {
            *slot = Value::Unit;
        }
    }
    for (i, v) in &native.fixed {
        if let Some(slot @ Value::Unit) = args.get_mut(*i) {
            *slot = v.clone();
        }
    }
}
