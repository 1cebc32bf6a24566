//! Terms that give a part of every output, one for all that give the same parts.

use super::super::robustfill::Term;
use super::cover::Step;
use super::cuts::{Cut, Cuts};
use super::ops::{Ops, Results, Work, is_char};
use super::suffix::Suffixes;
use super::{ACTIVE, Vector};
use crate::search::{Budget, Stop};
use crate::text::token::DELIMITERS;
use rustc_hash::FxHashMap;

/// Cost of a character. Costs are bits: how unlikely a term is when terms are drawn by the grammar.
pub const CHAR: u32 = 8;

/// What is modified.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The input.
    Input,
    /// A cut of it.
    Cut(u32),
    /// A modification of it.
    Changed(u32),
}

/// A part of every output, and the term that gives it.
#[derive(Debug)]
pub struct Piece {
    /// Its value in each output.
    pub value: Vector<u32>,
    /// How unlikely it is.
    pub cost: u16,
    of: Source,
    op: Option<u16>,
}

/// Which characters a modification may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Those that stand in every output.
    Shared,
    /// Those that stand in some output: on an example where it does not, the modification changes nothing.
    Any,
}

/// The texts that are modified on one example.
struct Texts<'a> {
    out: Suffixes,
    input: &'a str,
    ids: FxHashMap<Box<str>, u32>,
    list: Vec<(Box<str>, Option<Results>)>,
    /// Texts of spans of the input, by start and end.
    spans: FxHashMap<(usize, usize), u32>,
}

impl Texts<'_> {
    fn id(&mut self, text: &str) -> u32 {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = self.list.len() as u32;
        self.ids.insert(text.into(), id);
        self.list.push((text.into(), None));
        id
    }

    fn id_of_span(&mut self, (a, b): (usize, usize)) -> u32 {
        if let Some(id) = self.spans.get(&(a, b)) {
            return *id;
        }
        let input = self.input;
        let id = self.id(input.get(a..b).unwrap_or(""));
        self.spans.insert((a, b), id);
        id
    }

    fn results(&mut self, id: u32, ops: &Ops, work: &mut Work) -> &Results {
        let (text, results) = &mut self.list[id as usize];
        results.get_or_insert_with(|| ops.results(text, &self.out, work))
    }
}

/// All pieces found so far.
pub struct Pieces<'a> {
    /// The pieces.
    pub all: Vec<Piece>,
    by_value: FxHashMap<Vector<u32>, u32>,
    texts: Vec<Texts<'a>>,
    ops: Ops,
    /// Modifications that are modified again.
    inner: Vec<Term>,
    cuts: Cuts,
    /// Cuts with different texts, and the texts.
    cut: Vec<(Cut, Vector<u32>)>,
    work: Work,
}

impl<'a> Pieces<'a> {
    /// No pieces yet.
    pub fn new(inputs: &[&'a str], outputs: &[&str], alphabet: Alphabet) -> Pieces<'a> {
        let all = |b: u8| outputs.iter().all(|o| o.as_bytes().contains(&b));
        let any = |b: u8| outputs.iter().any(|o| o.as_bytes().contains(&b));
        let given = |b: u8| inputs.iter().any(|o| o.as_bytes().contains(&b));
        let in_programs = || (0..=127u8).filter(|b| is_char(*b));
        let chars: Vec<u8> =
            in_programs().filter(|b| if alphabet == Alphabet::Any { any(*b) } else { all(*b) }).collect();
        let delimiters = || DELIMITERS.iter().map(|d| *d as u8);
        let from: Vec<u8> = delimiters().filter(|b| given(*b)).collect();
        let to: Vec<u8> = delimiters().filter(|b| any(*b)).collect();
        // A character that is changed again, or goes again, stands for others of its kind.
        let mut written: Vec<u8> = in_programs()
            .filter(|b| chars.contains(&b.to_ascii_lowercase()) || chars.contains(&b.to_ascii_uppercase()))
            .chain(from.iter().copied())
            .collect();
        for kind in [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_punctuation] {
            written.extend(in_programs().find(|b| kind(b) && !written.contains(b) && !given(*b)));
        }
        written.sort_unstable();
        written.dedup();
        let mut inner_to: Vec<u8> = written.iter().copied().filter(|b| delimiters().any(|d| d == *b)).collect();
        inner_to.extend(to.iter().copied().chain([b' ']));
        inner_to.sort_unstable();
        inner_to.dedup();
        let texts = inputs.iter().zip(outputs).map(|(input, o)| Texts {
            out: Suffixes::new(o.as_bytes()),
            input,
            ids: FxHashMap::default(),
            list: Vec::new(),
            spans: FxHashMap::default(),
        });
        Pieces {
            all: Vec::new(),
            by_value: FxHashMap::default(),
            texts: texts.collect(),
            ops: Ops::new(chars, &from, &to),
            inner: Ops::new(written, &from, &inner_to).terms,
            cuts: Cuts::default(),
            cut: Vec::new(),
            work: Work::default(),
        }
    }

    /// The term of a piece.
    pub fn term(&self, piece: u32) -> Term {
        let piece = &self.all[piece as usize];
        let op = piece.op.and_then(|op| self.ops.terms.get(usize::from(op))).cloned();
        let of = match piece.of {
            Source::Input => None,
            Source::Cut(c) => Some(self.cuts.term(self.cut[c as usize].0)),
            Source::Changed(n) => Some(self.inner[n as usize].clone()),
        };
        match (op, of) {
            (Some(op), Some(of)) => Term::Compose(Box::new(op), Box::new(of)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Term::Trim,
        }
    }

    /// What a step costs.
    pub fn cost(&self, step: Step) -> u32 {
        match step {
            Step::Char(_) => CHAR,
            Step::Piece(p) => self.all[p as usize].cost.into(),
        }
    }

    fn offer(&mut self, value: Vector<u32>, cost: u16, of: Source, op: Option<u16>) {
        let next = self.all.len() as u32;
        let at = *self.by_value.entry(value).or_insert(next);
        if at == next {
            self.all.push(Piece { value, cost, of, op });
        } else if let Some(old) = self.all.get_mut(at as usize).filter(|old| cost < old.cost) {
            *old = Piece { value, cost, of, op };
        }
    }

    /// Cuts, and modifications of the input.
    pub fn list_simple(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        let inputs: Vec<&str> = self.texts.iter().map(|t| t.input).collect();
        let mut seen: FxHashMap<Vector<u32>, u32> = FxHashMap::default();
        let (cut, texts) = (&mut self.cut, &mut self.texts);
        self.cuts = Cuts::of(&inputs, budget, |c, spans| {
            let mut ids = [0; ACTIVE];
            for ((id, t), s) in ids.iter_mut().zip(&mut *texts).zip(spans) {
                *id = t.id_of_span(*s);
            }
            seen.entry(ids).or_insert_with(|| {
                cut.push((c, ids));
                0
            });
        })?;
        for c in 0..self.cut.len() {
            let (cut, ids) = self.cut[c];
            let mut value = [0; ACTIVE];
            let mut all = true;
            for ((v, t), id) in value.iter_mut().zip(&self.texts).zip(ids) {
                *v = t.out.find(t.list[id as usize].0.as_bytes());
                if *v == 0 {
                    all = false;
                    break;
                }
            }
            if all {
                self.offer(value, cut_cost(cut), Source::Cut(c as u32), None);
            }
        }
        let mut ids = [0; ACTIVE];
        for (id, t) in ids.iter_mut().zip(&mut self.texts) {
            *id = t.id(t.input);
        }
        self.modify(ids, Source::Input, 0, budget)
    }

    /// Modifications of cuts.
    pub fn list_changed_cuts(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        for c in 0..self.cut.len() {
            let (cut, ids) = self.cut[c];
            self.modify(ids, Source::Cut(c as u32), cut_cost(cut) + 1, budget)?;
        }
        Ok(())
    }

    /// Modifications of modifications.
    pub fn list_changed_twice(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        let mut seen: FxHashMap<Vector<u32>, ()> = FxHashMap::default();
        for n in 0..self.inner.len() {
            budget.spend()?;
            let mut ids = [0; ACTIVE];
            let mut empty = false;
            for (id, t) in ids.iter_mut().zip(&mut self.texts) {
                let text = self.inner[n].eval(t.input);
                empty |= text.is_empty();
                *id = t.id(&text);
            }
            if !empty && seen.insert(ids, ()).is_none() {
                let cost = op_cost(&self.inner[n]) + 1;
                self.modify(ids, Source::Changed(n as u32), cost, budget)?;
            }
        }
        Ok(())
    }

    /// All that modifications give on these texts and that is part of every output.
    fn modify(&mut self, ids: Vector<u32>, of: Source, cost: u16, budget: &mut Budget) -> Result<(), Stop> {
        budget.spend()?;
        let words = self.ops.terms.len().div_ceil(64);
        for (e, (t, id)) in self.texts.iter_mut().zip(ids).enumerate() {
            if t.list[id as usize].1.is_none() {
                budget.spend()?;
            }
            t.results(id, &self.ops, &mut self.work);
            // Nothing found on the first example is found on no other.
            if e == 0 && t.list[id as usize].1.as_ref().is_some_and(|r| r.bits.iter().all(|b| b.found == 0)) {
                return Ok(());
            }
        }
        let active = self.texts.len();
        for w in 0..words {
            let (mut found, mut same) = (u64::MAX, u64::MAX);
            for (t, id) in self.texts.iter().zip(ids) {
                if let Some(r) = &t.list[id as usize].1 {
                    found &= r.bits[w].found;
                    same &= r.bits[w].same;
                }
            }
            found &= !same;
            while found != 0 {
                let op = w * 64 + found.trailing_zeros() as usize;
                found &= found - 1;
                let mut value = [0; ACTIVE];
                for e in 0..active {
                    if let Some(r) = &self.texts[e].list[ids[e] as usize].1 {
                        value[e] = r.value(op);
                    }
                }
                let cost = cost + op_cost(&self.ops.terms[op]);
                self.offer(value, cost, of, Some(op as u16));
            }
        }
        Ok(())
    }
}

/// Small preferences for small indices.
fn index(i: i32) -> u16 {
    i.unsigned_abs() as u16 / 2
}

fn cut_cost(c: Cut) -> u16 {
    match c {
        Cut::Upto(_) | Cut::From(_) => 9,
        Cut::Token(_, i) => 9 + index(i.into()),
        Cut::Sub(..) => 15,
        Cut::Span(..) => 18,
    }
}

fn op_cost(t: &Term) -> u16 {
    match t {
        Term::ToCase(_) => 7,
        Term::Trim => 6,
        Term::GetAll(_) | Term::RemoveAll(_) => 8,
        Term::GetFirst(_, i) | Term::Remove(_, i) => 10 + index(*i),
        Term::Replace(..) => 12,
        Term::SubstituteAll(..) => 13,
        Term::Substitute(_, i, _) => 16 + index(*i),
        _ => 20,
    }
}
