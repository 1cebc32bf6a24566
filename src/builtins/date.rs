//! Dates and times in text.

use super::util::{quote, room};
use super::{Exact, Op};
use crate::native;
use crate::text::date::{
    Order, Stamp, Unwritable, add_days, add_minutes, ceil_time, floor_time, parse, parse_clock, round_time, try_format,
};
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen};
use std::any::Any;
use std::hash::{DefaultHasher, Hash, Hasher};

impl Object for Stamp {
    fn type_name(&self) -> &str {
        "date"
    }
    fn show(&self) -> String {
        format!("date(\"{self}\")")
    }
    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Stamp>() == Some(self)
    }
    fn bytes(&self, _seen: &mut Seen) -> usize {
        size_of::<Stamp>()
    }
    fn fingerprint(&self) -> u64 {
        let mut h = DefaultHasher::new();
        self.hash(&mut h);
        h.finish()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reading, writing, moving.
pub fn ops() -> Vec<Op> {
    let mut out = vec![
        Op::new(
            "date",
            "(s: str, order: str = \"mdy\") -> date",
            "The date, the time of day or both that a text writes in any usual form; an error if it is none. `order` is \
             \"mdy\" or \"dmy\": how 2/9/1958 is read, where day and month could be either. Years of two digits are from \
             1970 to 2069. What the text does not say is unknown: \"Nov 2036\" has no day.",
            r#"date("Feb 7, 2016, 10:48 PM") == date("2016-02-07 22:48")"#,
            native!(try |s: &str, order: &str| -> Stamp {
                let order = match order {
                    "mdy" => Order::MonthFirst,
                    "dmy" => Order::DayFirst,
                    _ => return Err(format!("`order` must be \"mdy\" or \"dmy\", not {}", quote(order)).into()),
                };
                parse(s, order).ok_or_else(|| {
                    let fail = Fail::from(format!("cannot read {} as date", quote(s)));
                    if parse_clock(s).is_some() { fail.help("`clock(s)` reads a time in digits alone") } else { fail }
                })
            }),
        ),
        Op::new(
            "clock",
            "(s: str) -> date",
            "The time of day that a text writes, also in digits alone: \"318\", \"0318\", \"11\", \"6PM\"; an error if it is \
             none.",
            r#"clock("318") == date("3:18")"#,
            native!(try |s: &str| -> Stamp {
                parse_clock(s).ok_or_else(|| format!("cannot read {} as a time of day", quote(s)).into())
            }),
        ),
        Op::new(
            "format_date",
            "(d: date, pattern: str) -> str",
            "The date by a pattern of strftime: %Y %y year, %m %B %b month, %d day, %A %a weekday, %H %I hour, %M minute, \
             %S second, %p %P AM or am, %j day of the year, %G %V ISO week, %q quarter; %-d has no zero before it. An error \
             if the pattern needs what the date does not say.",
            r#"format_date(date("2014-12-02"), "%-d %B %Y") == "2 December 2014""#,
            native!(try |cx; d: &Stamp, pattern: &str| -> String {
                cx.work(pattern.len().saturating_mul(4))?;
                // No directive writes more than its width says, which has at most three digits.
                room(cx, pattern.len().saturating_mul(64))?;
                try_format(d, pattern).map_err(|e| unwritable(d, &e))
            }),
        ),
    ];
    type Shift = fn(&Stamp, i64) -> Option<Stamp>;
    let minutes = [
        ("floor_time", "The time at the last multiple of so many minutes after midnight.", "8:30", floor_time as Shift),
        (
            "ceil_time",
            "The time at the next multiple of so many minutes after midnight, itself if it is one.",
            "9:00",
            ceil_time,
        ),
        (
            "round_time",
            "The time at the nearest multiple of so many minutes after midnight, of two the later.",
            "8:30",
            round_time,
        ),
    ];
    for (name, doc, gives, f) in minutes {
        out.push(Op::new(
            name,
            "(d: date, minutes: int) -> date",
            format!("{doc} An error without a time, or for minutes that are not from 1 to 1440."),
            format!("{name}(date(\"8:44\"), 30) == date(\"{gives}\")"),
            native!(try |d: &Stamp, minutes: i64| -> Stamp {
                if !(1..=1440).contains(&minutes) {
                    return Err(format!("`minutes` must be from 1 to 1440, but it is {minutes}").into());
                }
                f(d, minutes).ok_or_else(|| immovable(d, d.hour().is_none()))
            }),
        ));
    }
    out.push(Op::new(
        "add_minutes",
        "(d: date, n: int) -> date",
        "The date so many minutes later, or earlier when negative; a time without date begins anew at midnight. An error \
         without a time.",
        r#"add_minutes(date("2039-12-31 23:55"), 10) == date("2040-01-01 0:05")"#,
        native!(try |d: &Stamp, n: i64| -> Stamp {
            add_minutes(d, n).ok_or_else(|| immovable(d, d.hour().is_none()))
        }),
    ));
    out.push(Op::new(
        "add_days",
        "(d: date, n: int) -> date",
        "The date so many days later, or earlier when negative. An error without year, month and day.",
        r#"add_days(date("2000-02-28"), 2) == date("2000-03-01")"#,
        native!(try |d: &Stamp, n: i64| -> Stamp { add_days(d, n).ok_or_else(|| immovable(d, false)) }),
    ));
    out.extend(fields());
    out
}

fn fields() -> impl Iterator<Item = Op> {
    let one = |name: &'static str, exact: Exact| {
        let (doc, n) = match name {
            "year" => ("The year of a date", 2014),
            "month" => ("The month of a date, from 1", 12),
            "day" => ("The day of the month of a date", 2),
            "hour" => ("The hour of a time, from 0 to 23", 23),
            "minute" => ("The minute of a time", 5),
            _ => ("The second of a time", 7),
        };
        let example = format!("{name}(date(\"2014-12-02 23:05:07\")) == {n}");
        Op::new(name, "(d: date) -> int", format!("{doc}; an error if it is unknown."), example, exact)
    };
    let get = move |name: &'static str, f: fn(&Stamp) -> Option<i64>| {
        one(
            name,
            native!(try |d: &Stamp| -> i64 {
                f(d).ok_or_else(|| unwritable(d, &Unwritable::Missing(name)))
            }),
        )
    };
    [
        get("year", |d| d.year().map(i64::from)),
        get("month", |d| d.month().map(i64::from)),
        get("day", |d| d.day().map(i64::from)),
        get("hour", |d| d.hour().map(i64::from)),
        get("minute", |d| d.minute().map(i64::from)),
        get("second", |d| d.second().map(i64::from)),
    ]
    .into_iter()
}

fn unwritable(d: &Stamp, why: &Unwritable) -> Fail {
    match why {
        Unwritable::Missing(field) => format!("the {field} of {} is unknown", d.show()).into(),
        Unwritable::Directive(text) => Fail::from(format!("a date is not written by {}", quote(text)))
            .help("a percent sign is `%%`; `:help format_date` lists what may follow one"),
    }
}

/// Why a date cannot be moved.
fn immovable(d: &Stamp, no_time: bool) -> Fail {
    let partly = d.month().is_some() && (d.year().is_none() || d.day().is_none());
    if no_time {
        unwritable(d, &Unwritable::Missing("hour"))
    } else if partly || d.month().is_none() {
        let field = if d.year().is_none() { "year" } else { "day" };
        unwritable(d, &Unwritable::Missing(field))
    } else {
        format!("{} moved so far is outside the years 1 to 9999", d.show()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::util::testing::{call, show};
    use crate::vm::value::Value;

    fn date(s: &str) -> Value {
        call("date", "(s: str, order: str = \"mdy\") -> date", vec![Value::str(s), Value::str("mdy")]).unwrap()
    }

    #[test]
    fn dates_are_read_and_shown() {
        let read = |s: &str, o: &str| {
            show("date", "(s: str, order: str = \"mdy\") -> date", vec![Value::str(s), Value::str(o)])
        };
        assert_eq!(read("2/9/1958", "mdy"), "date(\"1958-02-09\")");
        assert_eq!(read("2/9/1958", "dmy"), "date(\"1958-09-02\")");
        assert_eq!(read("2/9/1958", "ymd"), "error: `order` must be \"mdy\" or \"dmy\", not \"ymd\"");
        assert_eq!(read("31 April 2001", "mdy"), "error: cannot read \"31 April 2001\" as date");
        let clock = |s: &str| show("clock", "(s: str) -> date", vec![Value::str(s)]);
        assert_eq!(clock("1043"), "date(\"10:43\")");
        assert_eq!(clock("2501"), "error: cannot read \"2501\" as a time of day");
    }

    #[test]
    fn what_is_unknown_is_named() {
        let write =
            |s: &str, p: &str| show("format_date", "(d: date, pattern: str) -> str", vec![date(s), Value::str(p)]);
        assert_eq!(write("Nov 2036", "%b %y"), "\"Nov 36\"");
        assert_eq!(write("Nov 2036", "%d"), "error: the day of date(\"Nov 2036\") is unknown");
        assert_eq!(write("Nov 2036", "50%"), "error: a date is not written by \"%\"");
        let get = |name, s: &str| show(name, "(d: date) -> int", vec![date(s)]);
        assert_eq!(get("minute", "6PM"), "0");
        assert_eq!(get("year", "6PM"), "error: the year of date(\"18:00\") is unknown");
    }

    #[test]
    fn dates_move_within_bounds() {
        let shift = |name, s: &str, n| {
            let sig =
                if name == "floor_time" { "(d: date, minutes: int) -> date" } else { "(d: date, n: int) -> date" };
            show(name, sig, vec![date(s), Value::Int(n)])
        };
        assert_eq!(shift("floor_time", "8:44", 0), "error: `minutes` must be from 1 to 1440, but it is 0");
        assert_eq!(shift("floor_time", "Nov 2036", 5), "error: the hour of date(\"Nov 2036\") is unknown");
        assert_eq!(shift("add_days", "Nov 2036", 5), "error: the day of date(\"Nov 2036\") is unknown");
        assert_eq!(shift("add_days", "8:44", 5), "error: the year of date(\"08:44\") is unknown");
        assert_eq!(shift("add_minutes", "May 1 23:59", 1), "error: the year of date(\"May 1 23:59\") is unknown");
        assert_eq!(
            shift("add_days", "2040-01-01", i64::MAX),
            "error: date(\"2040-01-01\") moved so far is outside the years 1 to 9999"
        );
    }
}
