//! Dates and times in text: read in the forms people use, written by patterns, moved.
//!
//! A [`Stamp`] knows some of year, month, day, hour, minute and second. `8:15` has no date, `Nov 2036` no day. The
//! calendar is the Gregorian one, also before it was introduced, from year 1 to 9999. There are no time zones.
//!
//! ```
//! use nsp::text::date::{Order, format, parse};
//! let d = parse("Feb 7, 2016, 10:48 PM", Order::MonthFirst).unwrap();
//! assert_eq!(format(&d, "%-d.%-m.%Y %H:%M").as_deref(), Some("7.2.2016 22:48"));
//! assert_eq!(format(&d, "%S"), None);
//! ```

mod read;
mod scan;
mod shift;
mod time;
mod write;

pub use read::{parse, parse_all, parse_clock};
pub use shift::{add_days, add_minutes, ceil_time, floor_time, round_time};
pub use write::{COMPONENTS, Component, Unwritable, component, format, try_format, write_component};

use jiff::civil::Date;
use std::fmt;
use time::Time;

/// How a date in numbers alone is read where day and month could be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Order {
    /// 7/3 is the 3rd of July.
    MonthFirst,
    /// 7/3 is the 7th of March.
    DayFirst,
}

/// A date, a time of day or both, as far as they are known. There is never a day without a month, a month without a
/// day or a year, nor an hour without its minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stamp {
    year: Option<i16>,
    month: Option<u8>,
    day: Option<u8>,
    hour: Option<u8>,
    minute: Option<u8>,
    second: Option<u8>,
}

/// A set of the fields of a [`Stamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fields(u8);

impl Fields {
    /// No field.
    pub const NONE: Fields = Fields(0);
    /// The year.
    pub const YEAR: Fields = Fields(1);
    /// The month.
    pub const MONTH: Fields = Fields(2);
    /// The day of the month.
    pub const DAY: Fields = Fields(4);
    /// Year, month and day.
    pub const DATE: Fields = Fields(7);
    /// The hour.
    pub const HOUR: Fields = Fields(8);
    /// The minute.
    pub const MINUTE: Fields = Fields(16);
    /// The second.
    pub const SECOND: Fields = Fields(32);

    /// Whether all fields of `other` are among these.
    pub fn contains(self, other: Fields) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    pub fn union(self, other: Fields) -> Fields {
        Fields(self.0 | other.0)
    }

    /// The first of these fields that is not in `known`, by its name.
    pub fn missing_in(self, known: Fields) -> Option<&'static str> {
        const NAMES: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        NAMES.into_iter().zip(0..).find(|(_, i)| self.0 & !known.0 & (1 << i) != 0).map(|(name, _)| name)
    }
}

impl Stamp {
    fn none() -> Stamp {
        Stamp { year: None, month: None, day: None, hour: None, minute: None, second: None }
    }

    /// A date without time: a year with a month, a month with a day, or all three. None where there is no such date.
    pub fn new(year: Option<i16>, month: Option<u8>, day: Option<u8>) -> Option<Stamp> {
        let m = month?;
        if year.is_none() && day.is_none() || year.is_some_and(|y| !(1..=9999).contains(&y)) {
            return None;
        }
        // A year that has a 29th of February stands for one that is unknown.
        let first = Date::new(year.unwrap_or(2000), i8::try_from(m).ok()?, 1).ok()?;
        let fine = day.is_none_or(|d| d >= 1 && i16::from(d) <= i16::from(first.days_in_month()));
        fine.then_some(Stamp { year, month, day, ..Stamp::none() })
    }

    /// A time without date. None where there is no such time of day.
    pub fn clock(hour: u8, minute: u8, second: Option<u8>) -> Option<Stamp> {
        let fine = hour < 24 && minute < 60 && second.is_none_or(|s| s < 60);
        fine.then(|| Stamp::none().with_time(Time { hour, minute, second }))
    }

    /// This date at the time of another stamp.
    pub fn at(self, clock: Stamp) -> Stamp {
        Stamp { hour: clock.hour, minute: clock.minute, second: clock.second, ..self }
    }

    fn of_date(d: Date) -> Stamp {
        Stamp { year: Some(d.year()), month: Some(d.month() as u8), day: Some(d.day() as u8), ..Stamp::none() }
    }

    fn with_time(self, t: Time) -> Stamp {
        Stamp { hour: Some(t.hour), minute: Some(t.minute), second: t.second, ..self }
    }

    /// The date, if year, month and day are known.
    fn civil(&self) -> Option<Date> {
        Date::new(self.year?, self.month? as i8, self.day? as i8).ok()
    }

    /// The year, from 1 to 9999.
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// The month, from 1 to 12.
    pub fn month(&self) -> Option<u8> {
        self.month
    }

    /// The day of the month.
    pub fn day(&self) -> Option<u8> {
        self.day
    }

    /// The hour, from 0 to 23.
    pub fn hour(&self) -> Option<u8> {
        self.hour
    }

    /// The minute.
    pub fn minute(&self) -> Option<u8> {
        self.minute
    }

    /// The second.
    pub fn second(&self) -> Option<u8> {
        self.second
    }

    /// The fields that are known.
    pub fn known(&self) -> Fields {
        let one = |known: bool, f: Fields| if known { f } else { Fields::NONE };
        one(self.year.is_some(), Fields::YEAR)
            .union(one(self.month.is_some(), Fields::MONTH))
            .union(one(self.day.is_some(), Fields::DAY))
            .union(one(self.hour.is_some(), Fields::HOUR))
            .union(one(self.minute.is_some(), Fields::MINUTE))
            .union(one(self.second.is_some(), Fields::SECOND))
    }
}

/// A text that reads back as the same stamp in either order: `2033-04-19 07:28:41`, `08:15`, `Nov 2036`, `March 12`.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.month.map_or("", write::month_name);
        match (self.year, self.month, self.day) {
            (Some(y), Some(m), Some(d)) => write!(f, "{y:04}-{m:02}-{d:02}")?,
            (Some(y), Some(_), None) => write!(f, "{} {y:04}", &name[..3])?,
            (None, Some(_), Some(d)) => write!(f, "{name} {d}")?,
            _ => {}
        }
        if let (Some(h), Some(m)) = (self.hour, self.minute) {
            let space = if self.month.is_some() { " " } else { "" };
            write!(f, "{space}{h:02}:{m:02}")?;
        }
        self.second.map_or(Ok(()), |s| write!(f, ":{s:02}"))
    }
}

#[cfg(test)]
mod tests;
