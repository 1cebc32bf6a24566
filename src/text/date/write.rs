//! Stamps by patterns of `strftime`.

use super::{Fields, Stamp};
use jiff::fmt::strtime::BrokenDownTime;
use std::fmt::Write;

/// A part of a date as a pattern writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // `pattern` says it; a plain number has no zero before it
pub enum Component {
    Year,
    /// the last two digits
    Year2,
    Month,
    Month2,
    MonthName,
    MonthShort,
    Day,
    Day2,
    WeekdayName,
    WeekdayShort,
    Hour,
    Hour2,
    Hour12,
    Hour12of2,
    Minute,
    Minute2,
    Second,
    Second2,
    /// AM or PM
    Half,
    /// am or pm
    HalfSmall,
    DayOfYear,
    DayOfYear3,
    /// ISO 8601, from 1
    Week,
    Week2,
    /// the year that the ISO week is of
    WeekYear,
    /// from 1 to 4
    Quarter,
}

use Component::*;

/// All components, those that are most used first.
pub const COMPONENTS: &[Component] = &[
    Year,
    Month2,
    Day2,
    Month,
    Day,
    MonthName,
    MonthShort,
    Year2,
    WeekdayName,
    WeekdayShort,
    Hour2,
    Hour,
    Hour12of2,
    Hour12,
    Minute2,
    Minute,
    Second2,
    Second,
    Half,
    HalfSmall,
    DayOfYear,
    DayOfYear3,
    Week,
    Week2,
    WeekYear,
    Quarter,
];

impl Component {
    /// The pattern that writes it.
    pub fn pattern(self) -> &'static str {
        match self {
            Year => "%Y",
            Year2 => "%y",
            Month => "%-m",
            Month2 => "%m",
            MonthName => "%B",
            MonthShort => "%b",
            Day => "%-d",
            Day2 => "%d",
            WeekdayName => "%A",
            WeekdayShort => "%a",
            Hour => "%-H",
            Hour2 => "%H",
            Hour12 => "%-I",
            Hour12of2 => "%I",
            Minute => "%-M",
            Minute2 => "%M",
            Second => "%-S",
            Second2 => "%S",
            Half => "%p",
            HalfSmall => "%P",
            DayOfYear => "%-j",
            DayOfYear3 => "%j",
            Week => "%-V",
            Week2 => "%V",
            WeekYear => "%G",
            Quarter => "%q",
        }
    }

    /// The fields that it is made from.
    pub fn needs(self) -> Fields {
        match self {
            Year | Year2 => Fields::YEAR,
            Month | Month2 | MonthName | MonthShort | Quarter => Fields::MONTH,
            Day | Day2 => Fields::DAY,
            WeekdayName | WeekdayShort | DayOfYear | DayOfYear3 | Week | Week2 | WeekYear => Fields::DATE,
            Hour | Hour2 | Hour12 | Hour12of2 | Half | HalfSmall => Fields::HOUR,
            Minute | Minute2 => Fields::MINUTE,
            Second | Second2 => Fields::SECOND,
        }
    }

    /// The component whose pattern a text begins with.
    fn at(text: &str) -> Option<Component> {
        let plain = match text.as_bytes() {
            [b'%', b'-', c, ..] => match c {
                b'm' => Month,
                b'd' => Day,
                b'H' => Hour,
                b'I' => Hour12,
                b'M' => Minute,
                b'S' => Second,
                b'j' => DayOfYear,
                b'V' => Week,
                _ => return None,
            },
            [b'%', c, ..] => match c {
                b'Y' => Year,
                b'y' => Year2,
                b'm' => Month2,
                b'B' => MonthName,
                b'b' => MonthShort,
                b'd' => Day2,
                b'A' => WeekdayName,
                b'a' => WeekdayShort,
                b'H' => Hour2,
                b'I' => Hour12of2,
                b'M' => Minute2,
                b'S' => Second2,
                b'p' => Half,
                b'P' => HalfSmall,
                b'j' => DayOfYear3,
                b'V' => Week2,
                b'G' => WeekYear,
                b'q' => Quarter,
                _ => return None,
            },
            _ => return None,
        };
        Some(plain)
    }
}

/// Why a stamp is not written by a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// The pattern needs this field, which is unknown.
    Missing(&'static str),
    /// This part of the pattern is unknown, or needs what stamps do not have.
    Directive(String),
}

/// A component of a stamp; none if a field that it needs is unknown.
pub fn component(s: &Stamp, c: Component) -> Option<String> {
    let mut out = String::new();
    write_component(s, c, &mut out).then_some(out)
}

/// Appends a component; whether what it needs is known.
pub fn write_component(s: &Stamp, c: Component, out: &mut String) -> bool {
    put(s, c, out).is_some()
}

/// The English name of a month.
pub fn month_name(m: u8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES.get(usize::from(m).wrapping_sub(1)).copied().unwrap_or("???")
}

fn put(s: &Stamp, c: Component, out: &mut String) -> Option<()> {
    const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let weekday = || Some(WEEKDAYS[s.civil()?.weekday().to_monday_zero_offset() as usize % 7]);
    let twelve = |h: u8| if h.is_multiple_of(12) { 12 } else { h % 12 };
    let (value, width) = match c {
        Year => (i64::from(s.year()?), 4),
        Year2 => (i64::from(s.year()? % 100), 2),
        Month => (s.month()?.into(), 1),
        Month2 => (s.month()?.into(), 2),
        Day => (s.day()?.into(), 1),
        Day2 => (s.day()?.into(), 2),
        Hour => (s.hour()?.into(), 1),
        Hour2 => (s.hour()?.into(), 2),
        Hour12 => (twelve(s.hour()?).into(), 1),
        Hour12of2 => (twelve(s.hour()?).into(), 2),
        Minute => (s.minute()?.into(), 1),
        Minute2 => (s.minute()?.into(), 2),
        Second => (s.second()?.into(), 1),
        Second2 => (s.second()?.into(), 2),
        DayOfYear => (s.civil()?.day_of_year().into(), 1),
        DayOfYear3 => (s.civil()?.day_of_year().into(), 3),
        Week => (s.civil()?.iso_week_date().week().into(), 1),
        Week2 => (s.civil()?.iso_week_date().week().into(), 2),
        WeekYear => (s.civil()?.iso_week_date().year().into(), 4),
        Quarter => (i64::from((s.month()? - 1) / 3 + 1), 1),
        MonthName | MonthShort | WeekdayName | WeekdayShort | Half | HalfSmall => {
            out.push_str(match c {
                MonthName => month_name(s.month()?),
                MonthShort => &month_name(s.month()?)[..3],
                WeekdayName => weekday()?,
                WeekdayShort => &weekday()?[..3],
                Half if s.hour()? < 12 => "AM",
                Half => "PM",
                _ if s.hour()? < 12 => "am",
                _ => "pm",
            });
            return Some(());
        }
    };
    let _ = write!(out, "{value:0width$}");
    Some(())
}

/// Writes a stamp by a pattern; none if it needs a field that is unknown, or is no pattern.
pub fn format(s: &Stamp, pattern: &str) -> Option<String> {
    try_format(s, pattern).ok()
}

/// Writes a stamp by a pattern. Beside the [`COMPONENTS`] all of `strftime` that needs no time zone: `%F`, `%T`, `%e`,
/// flags and widths.
pub fn try_format(s: &Stamp, pattern: &str) -> Result<String, Unwritable> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = if rest.starts_with("%%") {
            out.push('%');
            2
        } else if let Some(c) = Component::at(rest) {
            if !write_component(s, c, &mut out) {
                return Err(Unwritable::Missing(c.needs().missing_in(s.known()).unwrap_or("date")));
            }
            c.pattern().len()
        } else {
            let used = directive(rest);
            other(s, &rest[..used], &mut out)?;
            used
        };
        rest = &rest[used..];
    }
    out.push_str(rest);
    Ok(out)
}

/// How long the directive is that a text begins with: flags, width, letter.
fn directive(text: &str) -> usize {
    let inner = text[1..].find(|c: char| !matches!(c, '-' | '_' | '^' | '#' | '.' | ':' | '0'..='9'));
    let letter = |at: usize| 1 + at + text[1 + at..].chars().next().map_or(0, char::len_utf8);
    inner.map_or(text.len(), letter)
}

/// A directive that is no component.
fn other(s: &Stamp, directive: &str, out: &mut String) -> Result<(), Unwritable> {
    let needs = match directive.as_bytes().last() {
        Some(b'F' | b'D' | b'x' | b'u' | b'w' | b'U' | b'W' | b'g') => Fields::DATE,
        Some(b'Y' | b'y' | b'C') => Fields::YEAR,
        Some(b'm' | b'B' | b'b' | b'h') => Fields::MONTH,
        Some(b'd' | b'e') => Fields::DAY,
        Some(b'A' | b'a' | b'G' | b'V' | b'j') => Fields::DATE,
        Some(b'H' | b'I' | b'k' | b'l' | b'p' | b'P') => Fields::HOUR,
        Some(b'R') => Fields::HOUR.union(Fields::MINUTE),
        Some(b'T' | b'X' | b'r') => Fields::HOUR.union(Fields::MINUTE).union(Fields::SECOND),
        Some(b'S') => Fields::SECOND,
        Some(b'M') => Fields::MINUTE,
        Some(b'n' | b't') => Fields::NONE,
        _ => return Err(Unwritable::Directive(directive.into())),
    };
    if let Some(name) = needs.missing_in(s.known()) {
        return Err(Unwritable::Missing(name));
    }
    let unknown = || Unwritable::Directive(directive.into());
    let text = broken_down(s).and_then(|tm| tm.to_string(directive)).map_err(|_| unknown())?;
    out.push_str(&text);
    Ok(())
}

fn broken_down(s: &Stamp) -> Result<BrokenDownTime, jiff::Error> {
    let mut tm = BrokenDownTime::default();
    tm.set_year(s.year())?;
    tm.set_month(s.month().map(|v| v as i8))?;
    tm.set_day(s.day().map(|v| v as i8))?;
    tm.set_hour(s.hour().map(|v| v as i8))?;
    tm.set_minute(s.minute().map(|v| v as i8))?;
    tm.set_second(s.second().map(|v| v as i8))?;
    tm.set_weekday(s.civil().map(|d| d.weekday()));
    Ok(tm)
}
