//! Dates among items: the forms in which people and programs write them.

use super::scan::{self, Item, MOST};
use super::time::{self, Time};
use super::{Order, Stamp};
use jiff::civil::{Date, ISOWeekDate, Weekday};

/// A date and time that the whole text writes.
///
/// The order is for dates in numbers alone where day and month could be either: `2/9/1958`. A year of four digits in
/// front is known by itself, and so is a number that is no month. Years of two digits are from 1970 to 2069. Names of
/// months and weekdays may be cut to three letters. The offset from universal time and fractions of a second are passed
/// over. A weekday that is not that of the date makes it no date.
///
/// Bare years and hours and times without colon are left to [`parse_clock`]: any number could be one.
pub fn parse(s: &str, order: Order) -> Option<Stamp> {
    let items = scan::scan(s)?;
    stamp(items.as_slice(), order)
}

/// What the text may write: nothing if it is no date, two stamps if the order of its numbers matters.
pub fn parse_all(s: &str) -> Vec<(Order, Stamp)> {
    let Some(items) = scan::scan(s) else { return Vec::new() };
    // What is a date in one order is one in the other: a day that is no month stands for itself.
    let Some(first) = stamp(items.as_slice(), Order::MonthFirst) else { return Vec::new() };
    let mut out = vec![(Order::MonthFirst, first)];
    if let Some(second) = stamp(items.as_slice(), Order::DayFirst)
        && second != first
    {
        out.push((Order::DayFirst, second));
    }
    out
}

/// The time of day that the whole text writes, also in digits alone: `8`, `11`, `318`, `0318`, `6PM`, `10:21:54`.
pub fn parse_clock(s: &str) -> Option<Stamp> {
    let items = scan::scan(s)?;
    time::whole(items.as_slice()).map(|t| Stamp::none().with_time(t))
}

fn stamp(items: &[Item], order: Order) -> Option<Stamp> {
    if let [Item::Num(v, 14)] = items {
        let (d, t) = (v / 1_000_000, v % 1_000_000);
        let time = Time { hour: (t / 10_000) as u8, minute: (t / 100 % 100) as u8, second: Some((t % 100) as u8) };
        return stamp_of(ymd(d / 10_000, d / 100 % 100, d % 100)?, Some(time));
    }
    let (time, rest) = time::split(items)?;
    if rest.as_slice().is_empty() {
        return time.map(|t| Stamp::none().with_time(t));
    }
    stamp_of(date(rest.as_slice(), order)?, time)
}

fn stamp_of(date: Stamp, time: Option<Time>) -> Option<Stamp> {
    match time {
        Some(t) if t.hour < 24 && t.minute < 60 && t.second.is_none_or(|s| s < 60) => Some(date.with_time(t)),
        Some(_) => None,
        None => Some(date),
    }
}

/// An item that says something.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// Its number, how many digits, whether it is an ordinal.
    Num(u64, u8, bool),
    Month(u8),
    Weekday(i8),
    Week,
}
use Part::{Month, Num, Week};

/// What stands between two parts.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Gap {
    /// White space or a word without meaning.
    space: bool,
    /// A mark, 0 for none.
    mark: u8,
    /// How often.
    times: u8,
}

/// The parts of a row, and the gap before each.
struct Row {
    parts: [Part; MOST],
    gaps: [Gap; MOST],
    len: usize,
}

impl Row {
    fn read(items: &[Item]) -> Option<Row> {
        let mut row = Row { parts: [Week; MOST], gaps: [Gap::default(); MOST], len: 0 };
        let mut gap = Gap::default();
        let mut last = None;
        for &item in items {
            let part = match item {
                Item::Num(v, len) => Num(v, len, false),
                Item::Month(m) => Month(m),
                Item::Weekday(w) => Part::Weekday(w),
                Item::Week => Week,
                Item::Ordinal => {
                    let (Some(Item::Num(v, len)), Some(i)) = (last, row.len.checked_sub(1)) else { return None };
                    row.parts[i] = Num(v, len, true);
                    last = None;
                    continue;
                }
                Item::Space | Item::Filler => {
                    gap.space = row.len > 0;
                    last = Some(item);
                    continue;
                }
                Item::Mark(c) => {
                    if gap.times > 1 || gap.times == 1 && gap.mark != c {
                        return None;
                    }
                    gap = Gap { mark: c, times: gap.times + 1, ..gap };
                    last = Some(item);
                    continue;
                }
                Item::Half(_) | Item::T | Item::Zone | Item::At => return None,
            };
            row.parts[row.len] = part;
            row.gaps[row.len] = std::mem::take(&mut gap);
            row.len += 1;
            last = Some(item);
        }
        // Nothing may hang over at the end.
        (gap == Gap::default()).then_some(row)
    }
}

fn date(items: &[Item], order: Order) -> Option<Stamp> {
    let row = Row::read(items)?;
    let (parts, gaps) = (&row.parts[..row.len], &row.gaps[..row.len]);
    if let Some(found) = nth_weekday(parts, gaps) {
        return found;
    }
    let (weekday, parts, gaps) = match parts {
        [Part::Weekday(w), rest @ ..] if gaps[0] == Gap::default() => (Some(*w), rest, &gaps[1..]),
        [rest @ .., Part::Weekday(w)] => (Some(*w), rest, &gaps[..rest.len()]),
        all => (None, all, gaps),
    };
    let mut gaps = gaps.iter();
    let lead = gaps.next().copied().unwrap_or_default();
    let fine = |g: &Gap| matches!(g.mark, 0 | b',' | b'.' | b'-' | b'/');
    if weekday.is_none() && lead != Gap::default() || !fine(&lead) {
        return None;
    }
    let gaps = gaps.as_slice();
    if let Some(found) = week(parts, gaps, weekday) {
        return found;
    }
    let date =
        if parts.iter().any(|p| matches!(p, Month(_))) { named(parts, gaps)? } else { numeric(parts, gaps, order)? };
    match (weekday, date.civil()) {
        (Some(w), Some(d)) => (d.weekday().to_monday_one_offset() == w).then_some(date),
        // The day of a date without year may be any.
        (Some(_), None) => date.day().map(|_| date),
        (None, _) => Some(date),
    }
}

/// `Friday #2 May 2008`, `2nd Friday of May 2008`, `May 2008 Fri 2`
fn nth_weekday(parts: &[Part], gaps: &[Gap]) -> Option<Option<Stamp>> {
    let (w, n, m, y) = match parts {
        [Part::Weekday(w), Num(n, 1, _), Month(m), Num(y, 4, _)] if gaps[1].mark == b'#' => (w, n, m, y),
        [Num(n, 1, true), Part::Weekday(w), Month(m), Num(y, 4, _)] => (w, n, m, y),
        [Month(m), Num(y, 4, _), Part::Weekday(w), Num(n, 1, _)] => (w, n, m, y),
        _ => return None,
    };
    let rest = if gaps[1].mark == b'#' { &gaps[2..] } else { &gaps[1..] };
    if gaps[0] != Gap::default() || rest.iter().any(|g| !matches!(g.mark, 0 | b',')) {
        return Some(None);
    }
    let found = || {
        let first = Date::new(i16::try_from(*y).ok().filter(|y| *y > 0)?, *m as i8, 1).ok()?;
        let weekday = Weekday::from_monday_one_offset(*w).ok()?;
        first.nth_weekday_of_month(i8::try_from(*n).ok()?, weekday).ok().filter(|_| *n > 0).map(Stamp::of_date)
    };
    Some(found())
}

/// `1987W31` and `wk 31 in 1987` with a weekday beside it, `1987-W31-6`
fn week(parts: &[Part], gaps: &[Gap], weekday: Option<i8>) -> Option<Option<Stamp>> {
    let (y, w, d) = match (parts, weekday) {
        ([Num(y, 4, _), Week, Num(w, 1 | 2, _)], Some(d)) => (y, w, d),
        ([Num(y, 4, _), Week, Num(w, 2, _), Num(d, 1, _)], None) => (y, w, *d as i8),
        ([Week, Num(w, 1 | 2, _), Num(y, 4, _)], Some(d)) => (y, w, d),
        _ if parts.contains(&Week) => return Some(None),
        _ => return None,
    };
    let fine = gaps.iter().all(|g| matches!(g.mark, 0 | b'-' | b','));
    let found = || {
        let weekday = Weekday::from_monday_one_offset(d).ok()?;
        let week = ISOWeekDate::new(i16::try_from(*y).ok()?, i8::try_from(*w).ok()?, weekday).ok()?;
        Some(Stamp::of_date(week.date())).filter(|s| fine && s.year().is_some_and(|y| y > 0))
    };
    Some(found())
}

/// A date with the name of its month.
fn named(parts: &[Part], gaps: &[Gap]) -> Option<Stamp> {
    if gaps.iter().any(|g| !matches!(g.mark, 0 | b',' | b'.' | b'-' | b'/' | b'_' | b'\'')) {
        return None;
    }
    match *parts {
        [Num(y, 4, false), Month(m)] => Stamp::new(Some(year(y, 4)?), Some(m), None),
        [Month(m), Num(y, 4, false)] => Stamp::new(Some(year(y, 4)?), Some(m), None),
        // `Nov '41`, and `Nov-41`: no month has 41 days
        [Month(m), Num(y, 2, false)] if y > 31 || gaps[0].mark == b'\'' => Stamp::new(Some(year(y, 2)?), Some(m), None),
        [Month(m), Num(d, 1 | 2, _)] | [Num(d, 1 | 2, _), Month(m)] => Stamp::new(None, Some(m), Some(d as u8)),
        [Num(y, 4, false), Month(m), Num(d, 1 | 2, _)] => ymd(y, m.into(), d),
        [Num(y, 2, false), Month(m), Num(d, 1 | 2, _)] if y > 31 => ymd(year(y, 2)? as u64, m.into(), d),
        [Num(d, 1 | 2, _), Month(m), Num(y, len @ (2 | 4), false)]
        | [Month(m), Num(d, 1 | 2, _), Num(y, len @ (2 | 4), false)] => ymd(year(y, len)? as u64, m.into(), d),
        _ => None,
    }
}

/// A date in numbers alone.
fn numeric(parts: &[Part], gaps: &[Gap], order: Order) -> Option<Stamp> {
    let first = gaps.first().copied().unwrap_or_default();
    if gaps.iter().any(|g| (g.mark, g.times) != (first.mark, first.times)) {
        return None;
    }
    match *parts {
        [Num(v, 8, false)] => {
            let front = ymd(v / 10_000, v / 100 % 100, v % 100).filter(|_| v >= 10_000_000);
            front.or_else(|| by_order(v / 1_000_000, v / 10_000 % 100, v % 10_000, order))
        }
        // Without the zero in front.
        [Num(v, 7, false)] if v % 10_000 >= 1000 => by_order(v / 1_000_000, v / 10_000 % 100, v % 10_000, order),
        // The day of a year is told from a month by the space before it or its three digits.
        [Num(y, 4, false), Num(n, 1..=3, false)] if first.mark == 0 => day_of_year(y, n),
        [Num(n, 3, false), Num(y, 4, false)] if first.mark == 0 => day_of_year(y, n),
        [Num(y, 4, false), Num(n, 3, false)] if first.mark == b'-' => day_of_year(y, n),
        _ if !matches!(first.mark, 0 | b'-' | b'/' | b'.' | b'_') => None,
        // With a point this would be a number.
        [Num(y, 4, false), Num(m, 1 | 2, false)] | [Num(m, 1 | 2, false), Num(y, 4, false)]
            if matches!(first.mark, b'-' | b'/' | b'_') =>
        {
            Stamp::new(Some(year(y, 4)?), Some(m as u8), None)
        }
        // With another mark this would be a number, a range or a score.
        [Num(a, 1 | 2, false), Num(b, 1 | 2, false)] if first.mark == b'/' => {
            let (m, d) = month_day(a, b, order);
            Stamp::new(None, Some(m as u8), Some(d as u8))
        }
        [Num(y, 4, false), Num(m, 1 | 2, false), Num(d, 1 | 2, false)] => ymd(y, m, d),
        [Num(y, 2, false), Num(m, 1 | 2, false), Num(d, 1 | 2, false)] if y > 31 => ymd(year(y, 2)? as u64, m, d),
        [Num(a, 1 | 2, false), Num(b, 1 | 2, false), Num(y, len @ (2 | 4), false)] => {
            by_order(a, b, year(y, len)? as u64, order)
        }
        _ => None,
    }
}

fn by_order(a: u64, b: u64, y: u64, order: Order) -> Option<Stamp> {
    let (m, d) = month_day(a, b, order);
    ymd(y, m, d)
}

/// Month and day by the order, or the other way round where that gives no month.
fn month_day(a: u64, b: u64, order: Order) -> (u64, u64) {
    let (m, d) = if order == Order::MonthFirst { (a, b) } else { (b, a) };
    if m > 12 && d <= 12 { (d, m) } else { (m, d) }
}

fn year(y: u64, len: u8) -> Option<i16> {
    let full = match (len, y) {
        (2, 70..) => y + 1900,
        (2, _) => y + 2000,
        _ => y,
    };
    i16::try_from(full).ok().filter(|y| *y > 0)
}

fn ymd(y: u64, m: u64, d: u64) -> Option<Stamp> {
    let small = |v: u64| u8::try_from(v).ok();
    Stamp::new(Some(year(y, 4)?), Some(small(m)?), Some(small(d)?))
}

fn day_of_year(y: u64, n: u64) -> Option<Stamp> {
    let first = Date::new(year(y, 4)?, 1, 1).ok()?;
    first.with().day_of_year(i16::try_from(n).ok()?).build().ok().map(Stamp::of_date)
}
