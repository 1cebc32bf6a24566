//! Times moved and rounded; a date that is known moves with them.

use super::Stamp;
use super::time::Time;
use jiff::ToSpan;

const DAY: i64 = 24 * 60 * 60;

/// The time at the last multiple of so many minutes after midnight. None without a time, or where `minutes` is not from
/// 1 to 1440.
pub fn floor_time(s: &Stamp, minutes: i64) -> Option<Stamp> {
    let (below, _) = around(s, minutes)?;
    set(s, below)
}

/// The time at the next multiple of so many minutes after midnight, the time itself if it is one. What is past the last
/// one is the midnight that follows, and a date that is known moves to the next day.
pub fn ceil_time(s: &Stamp, minutes: i64) -> Option<Stamp> {
    let (_, above) = around(s, minutes)?;
    set(s, above)
}

/// The time at the nearest multiple of so many minutes after midnight, of two the later.
pub fn round_time(s: &Stamp, minutes: i64) -> Option<Stamp> {
    let (below, above) = around(s, minutes)?;
    let now = seconds(s)?;
    set(s, if now - below < above - now { below } else { above })
}

/// The stamp so many minutes later, or earlier when negative. Past midnight a time without date begins anew; a date
/// that is not known in full cannot move. None then, without a time, and outside the years 1 to 9999.
pub fn add_minutes(s: &Stamp, n: i64) -> Option<Stamp> {
    set(s, seconds(s)?.checked_add(n.checked_mul(60)?)?)
}

/// The stamp so many days later, or earlier when negative. None without a date in full, and outside the years 1 to 9999.
pub fn add_days(s: &Stamp, n: i64) -> Option<Stamp> {
    // More days than there are, and no more than a span may have.
    let n = if n.abs_diff(0) <= 4_000_000 { n } else { return None };
    let date = s.civil()?.checked_add(n.days()).ok()?;
    (1..=9999).contains(&date.year()).then(|| Stamp::of_date(date).at(*s))
}

/// Seconds after midnight.
fn seconds(s: &Stamp) -> Option<i64> {
    Some(i64::from(s.hour()?) * 3600 + i64::from(s.minute()?) * 60 + i64::from(s.second().unwrap_or(0)))
}

/// The multiples below and above, the same twice if the time is one.
fn around(s: &Stamp, minutes: i64) -> Option<(i64, i64)> {
    let now = seconds(s)?;
    let step = if (1..=24 * 60).contains(&minutes) { minutes * 60 } else { return None };
    let below = now - now % step;
    Some((below, if below == now { now } else { (below + step).min(DAY) }))
}

/// The stamp with its time at so many seconds after midnight, which may be of another day.
fn set(s: &Stamp, seconds: i64) -> Option<Stamp> {
    let (days, now) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let moved = if days == 0 || s.month().is_none() { *s } else { add_days(s, days)? };
    let (hour, minute) = ((now / 3600) as u8, (now / 60 % 60) as u8);
    Some(moved.with_time(Time { hour, minute, second: s.second().map(|_| (now % 60) as u8) }))
}
