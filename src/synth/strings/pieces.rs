//! Pieces with a value of their own on every example: columns, matches and fields, changed in the ways that the outputs
//! suggest. Pieces that lie between two edges are not listed here; the search finds them as it goes.

use super::edges::{ACTIVE, Layout, misses};
use super::expr::{By, Each, Expr, Fun, Split, run_loop};
use super::prior::{Feature, Prior};
use crate::text::edge::Edge;
use crate::text::token::Token;
use rustc_hash::FxHashMap;

/// What pieces are made for.
pub struct Wanted<'a> {
    /// Rows of the active examples.
    pub rows: Vec<&'a [String]>,
    /// Their outputs, or the parts of them that are open.
    pub outputs: Vec<&'a str>,
    /// The prior.
    pub prior: &'a Prior,
}

/// Pieces that have the same value on every active example.
#[derive(Clone, Debug)]
pub struct Group {
    /// The values.
    pub values: Vec<String>,
    /// Their programs, cheapest first.
    pub alternatives: Vec<(u32, Expr)>,
}

/// What a piece costs more that is the same mark everywhere: that was written, not taken from somewhere.
pub const SAME_MARKS: u32 = 150;

/// Whether several texts are the same and have neither letters nor digits.
pub fn same_marks<'t>(mut texts: impl Iterator<Item = &'t str>) -> bool {
    let Some(first) = texts.next() else { return false };
    let mut several = false;
    let same = texts.all(|t| {
        several = true;
        t == first
    });
    several && same && !first.chars().any(char::is_alphanumeric)
}

/// Most programs kept of a group.
const KEPT: usize = 4;

/// All pieces, grouped by value.
pub struct Pieces {
    groups: Vec<Group>,
    index: FxHashMap<Vec<String>, u32>,
    /// Bytes that may still be looked at: very long texts get fewer pieces, not more time.
    left: u64,
}

/// Bytes that making pieces may look at.
const WORK: u64 = 64 << 20;

impl Default for Pieces {
    fn default() -> Pieces {
        Pieces { groups: Vec::new(), index: FxHashMap::default(), left: WORK }
    }
}

impl Pieces {
    /// Pays for looking at some texts so many times; false if that is too much.
    pub fn pay<'t>(&mut self, texts: impl Iterator<Item = &'t str>, times: u64) -> bool {
        let bytes = texts.map(|t| t.len() as u64 + 16).sum::<u64>() * times;
        self.left = self.left.saturating_sub(bytes);
        self.left > 0
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Offers a piece with its values; it is dropped if an output has no place for it.
    pub fn offer(&mut self, w: &Wanted<'_>, values: Vec<String>, extra: u32, make: impl FnOnce() -> Expr) {
        let fits = values.iter().zip(&w.outputs).all(|(v, o)| o.contains(v.as_str()));
        if !fits || values.iter().all(String::is_empty) {
            return;
        }
        let sometimes = values.iter().any(String::is_empty);
        let e = make();
        let mut cost = w.prior.piece(&e) + extra;
        if same_marks(values.iter().map(String::as_str)) {
            cost += SAME_MARKS;
        }
        if sometimes {
            cost += (w.prior.weights[Feature::Sometimes as usize] * super::prior::UNIT).max(0.0) as u32;
        }
        let groups = &mut self.groups;
        let at = *self.index.entry(values).or_insert_with_key(|values| {
            groups.push(Group { values: values.clone(), alternatives: Vec::new() });
            groups.len() as u32 - 1
        });
        let list = &mut self.groups[at as usize].alternatives;
        let place = list.partition_point(|(c, _)| *c <= cost);
        if place < KEPT {
            list.insert(place, (cost, e));
            list.truncate(KEPT);
        }
    }
}

/// A text on every active example, and the program that gives it.
struct Base {
    expr: Expr,
    values: Vec<String>,
    extra: u32,
    /// A column or field, which may hold anything; a match is of one class.
    open: bool,
}

/// Characters that all of some texts contain and that are neither letters nor digits, in order of appearance.
fn marks(texts: &[&str], common: bool) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    for t in texts {
        for c in t.chars().filter(|c| !c.is_alphanumeric()) {
            if !out.contains(&c) && (!common || texts.iter().all(|t| t.contains(c))) && out.len() < 12 {
                out.push(c);
            }
        }
    }
    out
}

/// Adds the pieces of a column.
pub fn of_column(w: &Wanted<'_>, column: usize, layout: &Layout, out: &mut Pieces) {
    let texts: Vec<&str> = w.rows.iter().map(|r| r[column].as_str()).collect();
    let mut bases = vec![Base {
        expr: Expr::Column(column),
        values: texts.iter().map(|t| t.to_string()).collect(),
        extra: 0,
        open: true,
    }];
    let mut seen: FxHashMap<[(u32, u32); ACTIVE], usize> = FxHashMap::default();
    for p in &layout.pieces {
        // A few ways to name the same piece are enough; more changes of each would only repeat.
        let n = seen.entry(p.spans).or_default();
        *n += 1;
        if *n > 6 {
            continue;
        }
        let of = Box::new(Expr::Column(column));
        let expr = match p.field {
            true => Expr::Field(of, p.pattern.clone(), p.index),
            false => Expr::Match(of, p.pattern.clone(), p.index),
        };
        let value = |(t, s): (&&str, &(u32, u32))| t.get(s.0 as usize..s.1 as usize).unwrap_or("").to_string();
        let values = texts.iter().zip(&p.spans).map(value).collect();
        bases.push(Base { expr, values, extra: misses(w.prior, p.missing), open: p.field });
    }
    let from = marks(&texts, false);
    let to = marks(&w.outputs, true);
    for b in &bases {
        if !out.pay(b.values.iter().map(String::as_str), 8) {
            return;
        }
        out.offer(w, b.values.clone(), b.extra, || b.expr.clone());
        cases(w, b, out);
        beginnings(w, b, out);
        changes(w, b, &from, &to, out);
        padding(w, b, out);
    }
    loops(w, &bases[0], &from, &to, out);
}

fn apply(b: &Base, f: &Fun) -> Vec<String> {
    b.values.iter().map(|v| f.apply(v)).collect()
}

fn wrap(b: &Base, f: Fun) -> Expr {
    Expr::Fn(f, Box::new(b.expr.clone()))
}

/// The value under a function on the first example, if the first output has a place for it; most have none.
fn first_fits(w: &Wanted<'_>, b: &Base, f: &Fun) -> bool {
    let first = f.apply(&b.values[0]);
    w.outputs[0].contains(&first)
}

fn cases(w: &Wanted<'_>, b: &Base, out: &mut Pieces) {
    for f in [Fun::Lower, Fun::Upper, Fun::Proper, Fun::Title, Fun::Strip, Fun::Swap] {
        if !first_fits(w, b, &f) {
            continue;
        }
        let values = apply(b, &f);
        if values != b.values {
            out.offer(w, values, b.extra, || wrap(b, f.clone()));
        }
    }
}

/// First and last characters.
fn beginnings(w: &Wanted<'_>, b: &Base, out: &mut Pieces) {
    if b.expr == Expr::Column(0) && w.rows[0].len() == 1 {
        // Cuts of a column are found by the search.
        return;
    }
    for k in 1..=4u32 {
        for (from, to) in [(Edge::FromStart(0), Edge::FromStart(k)), (Edge::FromEnd(k), Edge::FromEnd(0))] {
            let cut = |v: &String| crate::text::edge::cut(v, &from, &to).ok().map(str::to_string);
            let Some(values) = b.values.iter().map(cut).collect::<Option<Vec<String>>>() else { continue };
            if values == b.values {
                continue;
            }
            let expr = Expr::Cut(Box::new(b.expr.clone()), from.clone(), to.clone());
            let part = Base { expr, values, extra: b.extra, open: false };
            out.offer(w, part.values.clone(), part.extra, || part.expr.clone());
            for f in [Fun::Upper, Fun::Lower] {
                if first_fits(w, &part, &f) {
                    let values = apply(&part, &f);
                    if values != part.values {
                        out.offer(w, values, part.extra, || wrap(&part, f.clone()));
                    }
                }
            }
        }
    }
}

/// Filters and replacements, and cases of them.
fn changes(w: &Wanted<'_>, b: &Base, from: &[char], to: &[char], out: &mut Pieces) {
    if !b.open {
        return;
    }
    let mut funs: Vec<Fun> = Vec::new();
    for t in [Token::Number, Token::Word, Token::AllCaps, Token::Lower, Token::Alphanum, Token::Letters] {
        funs.push(Fun::GetAll(t));
    }
    for t in [Token::Number, Token::Word, Token::AllCaps, Token::Lower, Token::Space] {
        funs.push(Fun::RemoveAll(t));
    }
    funs.push(Fun::Squeeze);
    let mut replacements = Vec::new();
    for a in from.iter().filter(|a| b.values.iter().any(|v| v.contains(**a))) {
        replacements.push(Fun::Replace(a.to_string(), String::new()));
        for c in to.iter().filter(|c| *c != a) {
            replacements.push(Fun::Replace(a.to_string(), c.to_string()));
        }
    }
    funs.extend(replacements.iter().cloned());
    for f in &funs {
        if !out.pay(b.values.iter().map(String::as_str), 8) {
            return;
        }
        let values = apply(b, f);
        if values == b.values {
            continue;
        }
        let changed = Base { expr: wrap(b, f.clone()), values, extra: b.extra, open: true };
        out.offer(w, changed.values.clone(), changed.extra, || changed.expr.clone());
        cases(w, &changed, out);
        if matches!(f, Fun::Replace(..)) {
            for g in replacements.iter().filter(|g| *g != f) {
                if first_fits(w, &changed, g) {
                    let values = apply(&changed, g);
                    if values != changed.values {
                        out.offer(w, values, changed.extra, || wrap(&changed, g.clone()));
                    }
                }
            }
        }
    }
}

/// Padding to a width that the outputs show.
fn padding(w: &Wanted<'_>, b: &Base, out: &mut Pieces) {
    for c in ['0', ' ', '*'] {
        for left in [true, false] {
            let mut width: Option<usize> = None;
            let mut runs: Vec<usize> = Vec::new();
            let mut longest_bare = 0;
            let fits = b.values.iter().zip(&w.outputs).all(|(v, o)| {
                let Some(at) = o.find(v.as_str()).filter(|_| !v.is_empty()) else { return false };
                let n = v.chars().count();
                let run = match left {
                    true => o[..at].chars().rev().take_while(|x| *x == c).count(),
                    false => o[at + v.len()..].chars().take_while(|x| *x == c).count(),
                };
                runs.push(run);
                if run == 0 {
                    longest_bare = if longest_bare == 0 { n } else { longest_bare.min(n) };
                    return true;
                }
                *width.get_or_insert(n + run) == n + run
            });
            // A mark that stands everywhere alike is a mark, not padding.
            let varies = runs.iter().any(|r| *r != runs[0]);
            if let (true, Some(width)) = (fits && varies, width)
                && (longest_bare == 0 || longest_bare >= width)
            {
                let f = if left { Fun::PadLeft(width as u32, c) } else { Fun::PadRight(width as u32, c) };
                out.offer(w, apply(b, &f), b.extra, || wrap(b, f.clone()));
            }
        }
    }
}

/// What a loop costs more over texts that all have the same number of pieces.
const FIXED: u32 = 150;

/// The pieces of a text, each changed, joined again.
fn loops(w: &Wanted<'_>, b: &Base, from: &[char], to: &[char], out: &mut Pieces) {
    let mut splits = vec![Split::Words];
    splits.extend(from.iter().map(|c| Split::At(c.to_string())));
    for pair in [", ", "; ", " - "] {
        if b.values.iter().any(|v| v.contains(pair)) {
            splits.push(Split::At(pair.to_string()));
        }
    }
    splits.extend((1..=8).map(Split::Chunks));
    let mut joins: Vec<String> = vec![String::new()];
    joins.extend(to.iter().map(|c| c.to_string()));
    let spaced = to.iter().filter(|c| **c != ' ').map(|c| format!("{c} "));
    joins.extend(spaced.filter(|j| w.outputs.iter().any(|o| o.contains(j.as_str()))));
    for split in &splits {
        let full = |v: &String| split.pieces(v).iter().filter(|p| !p.is_empty()).count();
        let counts: Vec<usize> = b.values.iter().map(full).collect();
        if counts.iter().all(|n| *n < 2) {
            continue;
        }
        // What has as many pieces everywhere is hardly a list.
        let fixed = if counts.iter().all(|n| *n == counts[0]) { FIXED } else { 0 };
        for each in Each::ALL {
            for join in &joins {
                if !out.pay(b.values.iter().take(1).map(String::as_str), 16) {
                    return;
                }
                let same =
                    each == Each::Same && (matches!(split, Split::At(s) if s == join) || matches!(split, Split::Words));
                let plain = matches!(split, Split::Chunks(_))
                    && matches!(each, Each::Upper | Each::Lower | Each::Strip | Each::Same)
                    && join.is_empty();
                if same && *split != Split::Words || plain || *split == Split::Words && same && join == " " {
                    continue;
                }
                let value = |v: &String| run_loop(v, split, &each, join).unwrap_or_default();
                if !w.outputs[0].contains(&value(&b.values[0])) {
                    continue;
                }
                let values: Vec<String> = b.values.iter().map(value).collect();
                let of = || Box::new(b.expr.clone());
                out.offer(w, values, b.extra + fixed, || Expr::Loop(of(), split.clone(), each.clone(), join.clone()));
            }
        }
    }
}

/// Adds the pieces that one column makes of another.
pub fn of_pairs(w: &Wanted<'_>, out: &mut Pieces) {
    let columns = w.rows.iter().map(|r| r.len()).min().unwrap_or(0);
    for c in 0..columns {
        let texts: Vec<&str> = w.rows.iter().map(|r| r[c].as_str()).collect();
        for d in (0..columns).filter(|d| *d != c) {
            let mut uses: Vec<By> = Vec::new();
            if w.rows.iter().any(|r| !r[d].is_empty() && r[c].contains(&r[d])) {
                uses.extend([By::Without, By::Before, By::After]);
            }
            if w.rows.iter().all(|r| r[d].trim().parse::<i64>().is_ok()) {
                uses.extend([By::Drop, By::Take, By::TakeLast, By::DropLast]);
                uses.extend([' ', '0', '*'].map(By::PadLeft));
                uses.extend([' ', '0', '*'].map(By::PadRight));
                uses.extend(marks(&texts, true).iter().map(|m| By::Field(m.to_string())));
                uses.extend([Token::Number, Token::Word, Token::Field, Token::Alphanum].map(By::Match));
            }
            for by in uses {
                let e = Expr::By(by, Box::new(Expr::Column(c)), Box::new(Expr::Column(d)));
                let values = w.rows.iter().map(|r| e.eval(r).map(|v| v.into_owned())).collect::<Option<Vec<String>>>();
                let Some(values) = values else { continue };
                for f in [None, Some(Fun::Strip)] {
                    let (values, e) = match f {
                        None => (values.clone(), e.clone()),
                        Some(f) => (values.iter().map(|v| f.apply(v)).collect(), Expr::Fn(f, Box::new(e.clone()))),
                    };
                    out.offer(w, values, 0, || e);
                }
            }
        }
    }
}
