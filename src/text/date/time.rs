//! The time of day among the items of a text.

use super::scan::{Item, Items};

/// A time of day; the second may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// From 0 to 23.
    pub hour: u8,
    /// From 0 to 59.
    pub minute: u8,
    /// From 0 to 59.
    pub second: Option<u8>,
}

const COLON: Item = Item::Mark(b':');

/// A checked time; the half turns an hour of a 12-hour clock into one of a day.
fn time(hour: u64, minute: u64, second: Option<u64>, half: Option<bool>) -> Option<Time> {
    let hour = match half {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        Some(false) if hour > 12 => return None,
        _ => hour,
    };
    let fine = hour < 24 && minute < 60 && second.is_none_or(|s| s < 60);
    fine.then_some(Time { hour: hour as u8, minute: minute as u8, second: second.map(|s| s as u8) })
}

/// Takes the time out: it, and what stands around it joined by a space. None where what looks like a time is none.
pub fn split(items: &[Item]) -> Option<(Option<Time>, Items)> {
    let mut rest = Items::new();
    let Some((from, to, found)) = (0..items.len()).find_map(|i| at(items, i)) else {
        items.iter().try_for_each(|&x| rest.push(x))?;
        return Some((None, rest));
    };
    let found = found?;
    let (before, after) = (&items[..from], &items[to..]);
    let before = glue_before(before);
    let after = glue_after(after);
    before.iter().try_for_each(|&x| rest.push(x))?;
    if !before.is_empty() && !after.is_empty() {
        rest.push(Item::Space)?;
    }
    after.iter().try_for_each(|&x| rest.push(x))?;
    Some((Some(found), rest))
}

/// What stands before a time, without what ties them together. A tie with nothing before it stays, and spoils the date.
fn glue_before(before: &[Item]) -> &[Item] {
    let cut = match before {
        // ISO 8601
        [Item::T] => return &[],
        [b @ .., Item::T] => b,
        // as in logs of web servers
        [b @ .., Item::Num(_, 4), Item::Mark(b':')] => &before[..b.len() + 1],
        [b @ .., Item::Space, Item::Mark(b'-'), Item::Space] => b,
        [b @ .., Item::Space] => match b {
            [b @ .., Item::At] => strip_space(b),
            [b @ .., Item::Mark(b',')] => strip_space(b),
            b => b,
        },
        [b @ .., Item::At] => strip_space(b),
        [b @ .., Item::Mark(b',')] => strip_space(b),
        // A date and a time without anything between them are not told apart.
        _ => return before,
    };
    if cut.is_empty() { before } else { cut }
}

fn glue_after(after: &[Item]) -> &[Item] {
    let cut = match after {
        [Item::Mark(b','), Item::Space, a @ ..] => a,
        [Item::Space, Item::Mark(b'-'), Item::Space, a @ ..] => a,
        [Item::Space, Item::At, Item::Space, a @ ..] => a,
        [Item::Space | Item::Mark(b','), a @ ..] => a,
        _ => return after,
    };
    if cut.is_empty() { after } else { cut }
}

fn strip_space(items: &[Item]) -> &[Item] {
    if let [rest @ .., Item::Space] = items { rest } else { items }
}

/// The time that begins at an item: where it begins and ends, and whether there is such a time of day.
fn at(items: &[Item], i: usize) -> Option<(usize, usize, Option<Time>)> {
    let Item::Num(h, len) = items[i] else { return None };
    if len == 14 && items.len() == 1 {
        return None;
    }
    let rest = &items[i + 1..];
    // `T0117`, `T011733`
    let after_t = i > 0 && items[i - 1] == Item::T;
    if after_t && (len == 4 || len == 6) {
        let (used, _) = half_and_zone(rest, false, true);
        return Some((i, i + 1 + used, digits(h, len, None)));
    }
    if len > 2 {
        return None;
    }
    let (used, minute, second) = match rest {
        [COLON, Item::Num(m, 1 | 2), COLON, Item::Num(s, 1 | 2), Item::Mark(b'.' | b','), Item::Num(..), ..] => {
            (6, Some(*m), Some(*s))
        }
        [COLON, Item::Num(m, 1 | 2), COLON, Item::Num(s, 1 | 2), ..] => (4, Some(*m), Some(*s)),
        [COLON, Item::Num(m, 2), ..] => (2, Some(*m), None),
        [Item::Mark(b'.'), Item::Num(m, 2), Item::Half(_), ..]
        | [Item::Mark(b'.'), Item::Num(m, 2), Item::Space, Item::Half(_), ..] => (2, Some(*m), None),
        [Item::Half(_), ..] | [Item::Space, Item::Half(_), ..] => (0, None, None),
        _ => return None,
    };
    let (more, half) = half_and_zone(&rest[used..], true, second.is_some() || after_t);
    Some((i, i + 1 + used + more, time(h, minute.unwrap_or(0), second, half)))
}

/// How many items AM or PM and the offset from universal time take, and the half. The offset is passed over: a time is
/// what the clock on the wall shows. It is only looked for where `exact`: `12:20-13:40` is a stretch of time.
fn half_and_zone(rest: &[Item], halves: bool, exact: bool) -> (usize, Option<bool>) {
    let (used, half) = match rest {
        [Item::Half(pm), ..] if halves => (1, Some(*pm)),
        [Item::Space, Item::Half(pm), ..] if halves => (2, Some(*pm)),
        _ => (0, None),
    };
    let more = match &rest[used..] {
        [Item::Zone, ..] => 1,
        [Item::Space, Item::Zone, ..] => 2,
        [Item::Space, tail @ ..] if exact => match offset(tail) {
            0 => 0,
            n => n + 1,
        },
        tail if exact => offset(tail),
        _ => 0,
    };
    (used + more, half)
}

fn offset(rest: &[Item]) -> usize {
    match rest {
        [Item::Mark(b'+' | b'-'), Item::Num(h, 2), COLON, Item::Num(m, 2), ..] if *h <= 14 && *m < 60 => 4,
        [Item::Mark(b'+' | b'-'), Item::Num(hm, 4), ..] if *hm <= 1400 && hm % 100 < 60 => 2,
        [Item::Mark(b'+'), Item::Num(h, 2), ..] if *h <= 14 => 2,
        _ => 0,
    }
}

/// A time of digits alone: `8`, `11`, `318`, `0318`, `102154`.
fn digits(v: u64, len: u8, half: Option<bool>) -> Option<Time> {
    match len {
        1 | 2 => time(v, 0, None, half),
        3 | 4 => time(v / 100, v % 100, None, half),
        6 => time(v / 10_000, v / 100 % 100, Some(v % 100), half),
        _ => None,
    }
}

/// The time that all items write, digits alone included.
pub fn whole(items: &[Item]) -> Option<Time> {
    match items {
        [Item::Num(v, len)] => digits(*v, *len, None),
        [Item::Num(v, len), Item::Half(pm)] | [Item::Num(v, len), Item::Space, Item::Half(pm)] => {
            digits(*v, *len, Some(*pm))
        }
        _ => {
            let (time, rest) = split(items)?;
            if rest.as_slice().is_empty() { time } else { None }
        }
    }
}
