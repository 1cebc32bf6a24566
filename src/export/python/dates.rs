//! Operations on dates as Python expressions. No other language has them.

use crate::export::table::Line;

/// By the operation's name and the types of its parameters.
pub const OPS: &[Line] = &[
    ("date(str, str)", "_date($0, $1)"),
    ("clock(str)", "_clock($0)"),
    ("format_date(date, str)", "_format_date($0, $1)"),
    ("floor_time(date, int)", "_step_time($0, $1, -1)"),
    ("round_time(date, int)", "_step_time($0, $1, 0)"),
    ("ceil_time(date, int)", "_step_time($0, $1, 1)"),
    ("add_minutes(date, int)", "_add_minutes($0, $1)"),
    ("add_days(date, int)", "_add_days($0, $1)"),
    ("year(date)", "_known($0, 0)"),
    ("month(date)", "_known($0, 1)"),
    ("day(date)", "_known($0, 2)"),
    ("hour(date)", "_known($0, 3)"),
    ("minute(date)", "_known($0, 4)"),
    ("second(date)", "_known($0, 5)"),
];

/// The first directive of a pattern that `_format_date` does not know.
pub(super) fn unknown_directive(pattern: &str) -> Option<&str> {
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        let after = &rest[at + 1..];
        let (minus, letter) = match after.strip_prefix('-') {
            Some(letter) => (1, letter),
            None => (0, after),
        };
        let known = if minus == 1 { "mdHIMSjV" } else { "%ntFDTRAajVGBbhqIpPyYmdHMS" };
        match letter.chars().next() {
            Some(c) if known.contains(c) => rest = &letter[1..],
            c => return Some(&rest[at..at + 1 + minus + c.map_or(0, char::len_utf8)]),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::unknown_directive;

    #[test]
    fn directives_are_told_apart() {
        assert_eq!(unknown_directive("%-d. %B %Y, 100%%"), None);
        assert_eq!(unknown_directive("%d %-Y"), Some("%-Y"));
        assert_eq!(unknown_directive("%d %é"), Some("%é"));
        assert_eq!(unknown_directive("%%%"), Some("%"));
    }
}
