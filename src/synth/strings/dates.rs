//! Dates and times in texts: read in any usual form, moved or rounded, written by a pattern.
//!
//! The pattern is read off the outputs: from a place where a part of the date stands in every output, parts and the
//! marks between them are followed as far as all outputs agree.

use super::edges::{Layout, misses};
use super::expr::{Expr, Fun, Names, quoted};
use super::pieces::{Pieces, Wanted};
use super::prior::{Counts, Feature, inner};
use crate::text::date::{COMPONENTS, Component, Order, Stamp, add_minutes, ceil_time, component, floor_time};
use crate::text::date::{format, parse, parse_clock, round_time};
use std::collections::HashSet;

/// A date of the input as it stands in the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Date {
    /// The text that it is read from.
    pub of: Expr,
    /// How it is read.
    pub read: Read,
    /// How it is moved.
    pub shifts: Vec<Shift>,
    /// The parts it is written in.
    pub parts: Vec<Part>,
}

/// How a date is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// As a date, a time or both.
    Date(Order),
    /// As a time of day, also in digits alone.
    Clock,
}

/// How a time is moved, by minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // named as the operations
pub enum Shift {
    Floor(i64),
    Ceil(i64),
    Round(i64),
    Add(i64),
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A part of the date.
    Field(Component),
    /// Text.
    Text(String),
}

impl Read {
    fn read(self, s: &str) -> Option<Stamp> {
        match self {
            Read::Date(order) => parse(s, order),
            Read::Clock => parse_clock(s),
        }
    }
}

impl Shift {
    fn apply(self, s: &Stamp) -> Option<Stamp> {
        match self {
            Shift::Floor(n) => floor_time(s, n),
            Shift::Ceil(n) => ceil_time(s, n),
            Shift::Round(n) => round_time(s, n),
            Shift::Add(n) => add_minutes(s, n),
        }
    }
}

impl Date {
    fn pattern(&self) -> String {
        let part = |p: &Part| match p {
            Part::Field(c) => c.pattern().to_string(),
            Part::Text(t) => t.replace('%', "%%"),
        };
        self.parts.iter().map(part).collect()
    }

    /// Its text on a row.
    pub fn eval(&self, row: &[String]) -> Option<String> {
        let stamp = self.read.read(&self.of.eval(row)?)?;
        let stamp = self.shifts.iter().try_fold(stamp, |s, shift| shift.apply(&s))?;
        format(&stamp, &self.pattern())
    }

    /// As an expression of the language.
    pub fn source(&self, names: &Names) -> String {
        let of = self.of.source(names);
        let mut x = match self.read {
            Read::Date(Order::MonthFirst) => format!("date({of})"),
            Read::Date(Order::DayFirst) => format!("date({of}, \"dmy\")"),
            Read::Clock => format!("clock({of})"),
        };
        for s in &self.shifts {
            let (name, n) = match s {
                Shift::Floor(n) => ("floor_time", n),
                Shift::Ceil(n) => ("ceil_time", n),
                Shift::Round(n) => ("round_time", n),
                Shift::Add(n) => ("add_minutes", n),
            };
            x = format!("{name}({x}, {n})");
        }
        format!("format_date({x}, {})", quoted(&self.pattern()))
    }

    /// How unusual the pattern is as a whole.
    fn oddity(&self) -> f32 {
        let place = |all: &[Component]| self.parts.iter().position(|p| matches!(p, Part::Field(f) if all.contains(f)));
        use Component::*;
        let half = place(&[Half, HalfSmall]);
        let mut odd = 0.0;
        // Twelve hours go with AM and PM, which follow them.
        if half == Some(0) {
            odd += 1.5;
        }
        if half.is_some() && place(&[Hour, Hour2]).is_some() {
            odd += 1.0;
        }
        if half.is_none() && place(&[Hour12, Hour12of2]).is_some() {
            odd += 0.7;
        }
        // A week belongs to its own year.
        if place(&[Week, Week2]).is_some() && place(&[Year, Year2]).is_some() {
            odd += 2.0;
        }
        if let (Some(d), Some(m)) = (place(&[Day, Day2]), place(&[Month, Month2])) {
            let order = if d < m { Order::DayFirst } else { Order::MonthFirst };
            odd += if self.read == Read::Date(order) || self.read == Read::Clock { 0.0 } else { 0.3 };
        }
        odd
    }

    /// The roundings in it: what, and to what.
    pub fn roundings(&self) -> impl Iterator<Item = (u8, i64)> {
        self.shifts.iter().filter_map(|s| match s {
            Shift::Floor(n) => Some((0, *n)),
            Shift::Ceil(n) => Some((1, *n)),
            Shift::Round(n) => Some((2, *n)),
            Shift::Add(_) => None,
        })
    }

    /// Adds its features.
    pub fn features(&self, c: &mut Counts) {
        inner(&self.of, c);
        c.add(Feature::Date, 1.0);
        if self.read == Read::Clock {
            c.add(Feature::DateRare, 1.0);
        }
        for s in &self.shifts {
            c.add(Feature::DateChange, 1.0);
            if matches!(s, Shift::Ceil(_)) {
                c.add(Feature::DateRare, 0.5);
            }
        }
        c.add(Feature::DateRare, self.oddity());
        for p in &self.parts {
            match p {
                Part::Field(f) => {
                    c.add(Feature::DatePart, 1.0);
                    if rare(*f) {
                        c.add(Feature::DateRare, 1.0);
                    }
                }
                Part::Text(t) => {
                    c.add(Feature::ConstMark, 0.5 * t.chars().count() as f32);
                }
            }
        }
    }
}

fn rare(c: Component) -> bool {
    use Component::*;
    matches!(c, DayOfYear | DayOfYear3 | Week | Week2 | WeekYear | Quarter | Year2 | HalfSmall | Minute | Second)
}

/// Dates of the inputs.
struct Found {
    of: Expr,
    read: Read,
    stamps: Vec<Stamp>,
    extra: u32,
}

fn found(w: &Wanted<'_>, layouts: &[Layout]) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut add = |of: Expr, extra: u32, clock: bool| {
        let Some(texts) = w.rows.iter().map(|r| of.eval(r)).collect::<Option<Vec<_>>>() else { return };
        if !texts.iter().all(|t| t.len() <= 60 && t.bytes().any(|b| b.is_ascii_digit())) {
            return;
        }
        let mut reads = vec![Read::Date(Order::MonthFirst), Read::Date(Order::DayFirst)];
        if clock {
            reads.push(Read::Clock);
        }
        for read in reads {
            let Some(stamps) = texts.iter().map(|t| read.read(t)).collect::<Option<Vec<Stamp>>>() else { continue };
            let against = match read {
                Read::Date(order) => {
                    texts.iter().zip(&stamps).any(|(t, s)| seen_order(t, s).is_some_and(|o| o != order))
                }
                Read::Clock => false,
            };
            let extra = if against { extra + 150 } else { extra };
            if out.iter().filter(|f| f.stamps == stamps).count() < 2 && out.len() < 24 {
                out.push(Found { of: of.clone(), read, stamps, extra });
            }
        }
    };
    for (c, layout) in layouts.iter().enumerate() {
        add(Expr::Column(c), 0, true);
        for p in layout.pieces.iter().filter(|p| p.field) {
            let e = Expr::Field(Box::new(Expr::Column(c)), p.pattern.clone(), p.index);
            add(e, misses(w.prior, p.missing), false);
        }
    }
    out
}

/// The order that a date was read in, where its numbers show it.
fn seen_order(text: &str, s: &Stamp) -> Option<Order> {
    let (day, month) = (s.day()?, s.month()?);
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u8>().ok());
    let mut places = numbers.enumerate().filter(|(_, n)| *n == day || *n == month);
    let (first, second) = (places.next()?.1, places.next()?.1);
    match (first == day, second == month) {
        _ if day == month => None,
        (true, true) => Some(Order::DayFirst),
        (false, false) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// Ways to move a time that people use: to the start and end of an interval, by an interval.
fn shifts() -> Vec<Vec<Shift>> {
    let mut out = Vec::new();
    for n in [30, 15, 60, 20, 10, 5, 120, 90, 180, 240, 360, 720] {
        out.push(vec![Shift::Floor(n)]);
        out.push(vec![Shift::Floor(n), Shift::Add(n)]);
        out.push(vec![Shift::Floor(n), Shift::Add(n - 1)]);
        out.push(vec![Shift::Round(n)]);
        out.push(vec![Shift::Ceil(n)]);
        // Intervals that begin halfway.
        if n % 2 == 0 && n >= 30 {
            let half = n / 2;
            out.push(vec![Shift::Add(-half), Shift::Floor(n), Shift::Add(half)]);
            out.push(vec![Shift::Add(-half), Shift::Floor(n), Shift::Add(half + n)]);
            out.push(vec![Shift::Add(-half), Shift::Floor(n)]);
        }
    }
    for n in [15, 30, 60, 120, 720] {
        out.push(vec![Shift::Add(n)]);
        out.push(vec![Shift::Add(-n)]);
    }
    out
}

/// What a single part of a date costs more that stands in every input as it is.
const VERBATIM: u32 = 100;

/// Most patterns followed from one date.
const PATTERNS: usize = 160;

/// Most parts of a pattern.
const LONGEST: usize = 15;

struct Follow<'a, 'w> {
    w: &'a Wanted<'w>,
    /// The text of each component on each example.
    texts: Vec<(Component, Vec<String>)>,
    out: Vec<(Vec<Part>, Vec<String>)>,
    seen: HashSet<Vec<String>>,
}

impl Follow<'_, '_> {
    /// Goes on from these places with the parts so far.
    fn go(&mut self, at: &[usize], parts: &mut Vec<Part>, begin: &[usize]) {
        if parts.len() > LONGEST || self.out.len() >= PATTERNS {
            return;
        }
        let rest: Vec<&str> = self.w.outputs.iter().zip(at).map(|(o, a)| o.get(*a..).unwrap_or("")).collect();
        for i in 0..self.texts.len() {
            let (c, texts) = &self.texts[i];
            if !texts.iter().zip(&rest).all(|(t, r)| r.starts_with(t.as_str())) {
                continue;
            }
            // A number is not cut in two: `1` is no month where `12` stands.
            let whole = |(t, r): (&String, &&str)| {
                let digit = t.bytes().all(|b| b.is_ascii_digit());
                !(digit && t.len() < 2 && r.as_bytes().get(t.len()).is_some_and(u8::is_ascii_digit))
            };
            if !texts.iter().zip(&rest).all(whole) {
                continue;
            }
            let next: Vec<usize> = at.iter().zip(texts).map(|(a, t)| a + t.len()).collect();
            parts.push(Part::Field(*c));
            let values: Vec<String> = (0..at.len()).map(|e| self.w.outputs[e][begin[e]..next[e]].to_string()).collect();
            let fields = parts.iter().filter(|p| matches!(p, Part::Field(_))).count();
            if fields > 1 || self.seen.insert(values.clone()) {
                self.out.push((parts.clone(), values));
            }
            // What stands between this part and the next: nothing, or the same mark everywhere.
            self.go(&next, parts, begin);
            let after: Vec<&str> = self.w.outputs.iter().zip(&next).map(|(o, a)| o.get(*a..).unwrap_or("")).collect();
            let mut mark = String::new();
            for ch in after[0].chars().take(4) {
                let mut longer = mark.clone();
                longer.push(ch);
                let letter = ch.is_alphanumeric() && !(matches!(ch, 'T' | 'W' | 'Q' | 'h' | 'm') && mark.is_empty());
                if letter || !after.iter().all(|a| a.starts_with(longer.as_str())) {
                    break;
                }
                mark = longer;
                let on: Vec<usize> = next.iter().map(|n| n + mark.len()).collect();
                parts.push(Part::Text(mark.clone()));
                self.go(&on, parts, begin);
                parts.pop();
            }
            parts.pop();
        }
    }
}

/// All patterns by which the stamps stand in the outputs, with the texts they give.
fn patterns(w: &Wanted<'_>, stamps: &[Stamp], clock_only: bool, case: Option<&Fun>) -> Vec<(Vec<Part>, Vec<String>)> {
    let mut texts = Vec::new();
    for c in COMPONENTS {
        let time = matches!(
            c,
            Component::Hour
                | Component::Hour2
                | Component::Hour12
                | Component::Hour12of2
                | Component::Minute2
                | Component::Second2
                | Component::Half
                | Component::HalfSmall
        );
        if clock_only && !time {
            continue;
        }
        let text = |s| component(s, *c).map(|t| case.map_or(t.clone(), |f| f.apply(&t)));
        let Some(values) = stamps.iter().map(text).collect::<Option<Vec<String>>>() else { continue };
        if values.iter().zip(&w.outputs).all(|(v, o)| o.contains(v.as_str())) {
            texts.push((*c, values));
        }
    }
    let mut f = Follow { w, texts, out: Vec::new(), seen: HashSet::new() };
    let mut begun: HashSet<Vec<usize>> = HashSet::new();
    for i in 0..f.texts.len() {
        // The first and the last place where a part stands.
        for last in [false, true] {
            let place = |(t, o): (&String, &&str)| if last { o.rfind(t.as_str()) } else { o.find(t.as_str()) };
            let Some(at) = f.texts[i].1.iter().zip(&w.outputs).map(place).collect::<Option<Vec<usize>>>() else {
                continue;
            };
            if begun.insert(at.clone()) && begun.len() <= 12 {
                f.go(&at, &mut Vec::new(), &at);
            }
        }
    }
    f.out
}

/// Adds the pieces that are dates.
pub fn pieces(w: &Wanted<'_>, layouts: &[Layout], out: &mut Pieces) {
    let dates = found(w, layouts);
    let moves = if dates.iter().any(|d| d.stamps.iter().all(|s| s.hour().is_some())) { shifts() } else { Vec::new() };
    for d in &dates {
        let mut offer = |shifts: &[Shift], stamps: &[Stamp]| {
            for case in [None, Some(Fun::Upper), Some(Fun::Lower)] {
                // Names in another case, where the outputs have no letters of the usual one.
                let other = |c: char| if case == Some(Fun::Upper) { c.is_lowercase() } else { c.is_uppercase() };
                let usual = w.outputs.iter().any(|o| o.contains(other) || !o.contains(char::is_alphabetic));
                if case.is_some() && (usual || !shifts.is_empty()) {
                    continue;
                }
                for (parts, values) in patterns(w, stamps, !shifts.is_empty(), case.as_ref()) {
                    let named = |p: &Part| matches!(p, Part::Field(c) if c.pattern().contains(['B', 'b', 'A', 'a']));
                    if case.is_some() && !parts.iter().any(named) {
                        continue;
                    }
                    // A part that stands in the input as it is was more likely cut out than read.
                    let there = |(row, v): (&&[String], &String)| row.iter().any(|c| c.contains(v.as_str()));
                    let verbatim = parts.len() == 1 && shifts.is_empty() && w.rows.iter().zip(&values).all(there);
                    let extra = d.extra + if verbatim { VERBATIM } else { 0 };
                    let date = Date { of: d.of.clone(), read: d.read, shifts: shifts.to_vec(), parts };
                    let e = Expr::Date(Box::new(date));
                    out.offer(w, values, extra, || match &case {
                        Some(f) => Expr::Fn(f.clone(), Box::new(e)),
                        None => e,
                    });
                }
            }
        };
        offer(&[], &d.stamps);
        if !d.stamps.iter().all(|s| s.hour().is_some()) {
            continue;
        }
        for m in &moves {
            let moved = |s: &Stamp| m.iter().try_fold(*s, |s, shift| shift.apply(&s));
            if let Some(stamps) = d.stamps.iter().map(moved).collect::<Option<Vec<Stamp>>>()
                && stamps != d.stamps
            {
                offer(m, &stamps);
            }
        }
    }
}
