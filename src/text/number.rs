//! Numbers in text: read as people write them, rounded and written on their decimal digits.
//!
//! A [`Decimal`] has 28 digits and no binary in it: 2.15 with one decimal is 2.2, although the nearest `f64` lies below
//! 2.15. What does not fit is refused; what is too fine for 28 decimals is rounded to them.
//!
//! ```
//! use nsp::text::number::{Format, format, parse};
//! let x = parse("(1,234.565)").unwrap();
//! assert_eq!(format(x, &Format { decimals: Some(2), group: " ", ..Format::default() }), "-1 234.57");
//! ```

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use std::fmt::Write;

/// No number is longer in any table that a person made.
const LONGEST: usize = 64;

/// Powers of ten beyond this leave every number 0 or out of range.
const FURTHEST: i32 = 64;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format<'a> {
    /// Exactly so many digits after the point; `None` writes as many as there are.
    pub decimals: Option<u8>,
    /// At least so many digits after the point, where `decimals` is `None`.
    pub min_decimals: u8,
    /// At least so many digits before the point, with zeros before them; there is always one.
    pub width: u8,
    /// What stands between groups of three digits before the point; nothing for none.
    pub group: &'a str,
    /// What stands for the point.
    pub point: &'a str,
}

impl Default for Format<'_> {
    fn default() -> Self {
        Format { decimals: None, min_decimals: 0, width: 0, group: "", point: "." }
    }
}

/// Which multiple of a step a number is rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The nearest; of two the one further from 0.
    Nearest,
    /// The greatest that is not above.
    Down,
    /// The least that is not below.
    Up,
}

/// The number that the whole text writes, white space around it aside.
///
/// A sign or, for a negative number, parentheses; commas between groups of three digits; a point, also first or last;
/// an exponent. No currency and no percent sign: these are for the caller.
pub fn parse(s: &str) -> Option<Decimal> {
    let s = s.trim();
    if s.len() > LONGEST {
        return None;
    }
    let (negative, digits) = match s.as_bytes() {
        [b'(', inner @ .., b')'] => (true, inner),
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (mantissa, exponent) = match digits.iter().position(|c| matches!(c, b'e' | b'E')) {
        Some(at) => (&digits[..at], power(&digits[at + 1..])?),
        None => (digits, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|&c| c == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    if !fraction.iter().all(u8::is_ascii_digit) || !well_grouped(whole) {
        return None;
    }
    let mut plain = [b'0'; LONGEST + 2];
    let mut len = 1;
    let mut put = |c: u8| {
        plain[len] = c;
        len += 1;
    };
    whole.iter().filter(|&&c| c != b',').for_each(|&c| put(c));
    if !fraction.is_empty() {
        put(b'.');
        fraction.iter().for_each(|&c| put(c));
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let x: Decimal = std::str::from_utf8(&plain[..len]).ok()?.parse().ok()?;
    let mut x = scaled(x, exponent)?;
    x.set_sign_negative(negative && !x.is_zero());
    Some(x)
}

/// The exponent after its `e`.
fn power(s: &[u8]) -> Option<i32> {
    let (sign, digits) = match s {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        all => (1, all),
    };
    let fine = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    fine.then(|| sign * digits.iter().fold(0, |n, c| 10 * n + i32::from(c - b'0')))
}

/// Whether these are digits, without commas or with one before every three of them.
fn well_grouped(whole: &[u8]) -> bool {
    let mut groups = whole.split(|&c| c == b',');
    let first = groups.next().unwrap_or(&[]);
    let digits = |g: &[u8]| g.iter().all(u8::is_ascii_digit);
    match groups.next() {
        None => digits(first),
        Some(second) => {
            (1..=3).contains(&first.len())
                && digits(first)
                && std::iter::once(second).chain(groups).all(|g| g.len() == 3 && digits(g))
        }
    }
}

/// x times a power of ten.
fn scaled(mut x: Decimal, power: i32) -> Option<Decimal> {
    if power == 0 || x.is_zero() {
        return Some(x);
    }
    let mut left = power.clamp(-FURTHEST, FURTHEST);
    while left != 0 {
        let step = left.clamp(-18, 18);
        let tens = Decimal::from(10u64.pow(step.unsigned_abs()));
        x = if step > 0 { x.checked_mul(tens)? } else { x.checked_div(tens)? };
        left -= step;
    }
    Some(x)
}

/// The number that the shortest text of an `f64` writes; none for what is not finite or has more than 28 digits before
/// its point.
pub fn from_f64(x: f64) -> Option<Decimal> {
    if !x.is_finite() {
        return None;
    }
    parse(&format!("{x:e}"))
}

/// The nearest `f64`.
pub fn to_f64(x: Decimal) -> f64 {
    // The text of a decimal is always read; its own conversion would not always give the nearest.
    x.to_string().parse().unwrap_or(f64::NAN)
}

/// Writes a number.
pub fn format(x: Decimal, how: &Format<'_>) -> String {
    let mut out = String::new();
    write(x, how, &mut out);
    out
}

/// Appends a number.
pub fn write(x: Decimal, how: &Format<'_>, out: &mut String) {
    let x = match how.decimals {
        Some(n) => x.round_dp_with_strategy(u32::from(n).min(28), MidpointAwayFromZero),
        None => x.normalize(),
    };
    // There is no negative 0 in decimal.
    if x.is_sign_negative() && !x.is_zero() {
        out.push('-');
    }
    let mut digits = String::with_capacity(32);
    let scale = x.scale() as usize;
    // Zeros before the digits, so that there is one before the point.
    let _ = write!(digits, "{:0width$}", x.mantissa().unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let zeros = usize::from(how.width).saturating_sub(whole.len());
    let width = whole.len() + zeros;
    for (i, c) in std::iter::repeat_n('0', zeros).chain(whole.chars()).enumerate() {
        if i > 0 && (width - i).is_multiple_of(3) {
            out.push_str(how.group);
        }
        out.push(c);
    }
    let least = usize::from(how.decimals.unwrap_or(how.min_decimals));
    if !fraction.is_empty() || least > 0 {
        out.push_str(how.point);
        out.push_str(fraction);
        out.extend(std::iter::repeat_n('0', least.saturating_sub(fraction.len())));
    }
}

/// The multiple of `step` that `mode` says, without zeros after its last digit; none where `step` is not above 0 or the
/// result is out of range.
pub fn round_to(x: Decimal, step: Decimal, mode: Mode) -> Option<Decimal> {
    if step <= Decimal::ZERO {
        return None;
    }
    // From 0 to below the step, whatever the sign of x.
    let mut over = x.checked_rem(step)?;
    if over < Decimal::ZERO {
        over = over.checked_add(step)?;
    }
    let rest = step.checked_sub(over)?;
    let up = match mode {
        _ if over.is_zero() => false,
        Mode::Down => false,
        Mode::Up => true,
        Mode::Nearest => over > rest || over == rest && x > Decimal::ZERO,
    };
    let y = if up { x.checked_add(rest)? } else { x.checked_sub(over)? };
    Some(y.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(s: &str) -> Option<String> {
        parse(s).map(|x| format(x, &Format::default()))
    }

    #[test]
    fn numbers_are_read_as_written() {
        for (s, want) in [
            ("42", "42"),
            (" -42.50\n", "-42.5"),
            ("+.5", "0.5"),
            ("0.", "0"),
            ("(1,234,567.8)", "-1234567.8"),
            ("0e+07", "0"),
            ("1.5e3", "1500"),
            ("15E-1", "1.5"),
            ("-0", "0"),
            ("007", "7"),
            ("0.35900000000000000002", "0.35900000000000000002"),
            ("1e-40", "0"),
            ("0e9999", "0"),
        ] {
            assert_eq!(read(s).as_deref(), Some(want), "{s}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for s in [
            "",
            ".",
            "-",
            "()",
            "(-5)",
            "- 5",
            "1,5",
            "1,2345",
            ",123",
            "1234,567",
            "1.2.3",
            "1.234,5",
            "$5",
            "5%",
            "1e",
            "1e5.0",
            "e5",
            "1_000",
            "--5",
            "(5",
            "1e30",
            "٣",
            "inf",
            "nan",
            "1 2",
            "12,34,567",
        ] {
            assert_eq!(read(s), None, "{s}");
        }
        assert_eq!(read(&"1".repeat(100)), None);
    }

    #[test]
    fn rounding_is_on_decimal_digits() {
        let fixed = |s: &str, n| format(parse(s).unwrap(), &Format { decimals: Some(n), ..Format::default() });
        assert_eq!(fixed("2.15", 1), "2.2");
        assert_eq!(fixed("-2.15", 1), "-2.2");
        assert_eq!(fixed("-0.04", 1), "0.0");
        assert_eq!(fixed("9.995", 2), "10.00");
        assert_eq!(fixed("3", 30), "3.000000000000000000000000000000");
        let x = parse("0.35900000000000000002").unwrap() * Decimal::from(1000);
        assert_eq!(format(x, &Format { decimals: Some(0), ..Format::default() }), "359");
        assert_eq!(from_f64(2.15), parse("2.15"));
        assert_eq!(from_f64(f64::NAN), None);
        assert_eq!(from_f64(1e300), None);
    }

    #[test]
    fn digits_are_grouped_and_padded() {
        let write = |s: &str, how: Format<'_>| format(parse(s).unwrap(), &how);
        let base = Format::default();
        assert_eq!(write("1234567.5", Format { group: ",", ..base }), "1,234,567.5");
        assert_eq!(write("123", Format { group: ",", ..base }), "123");
        assert_eq!(write("-1234.5", Format { group: ".", point: ",", min_decimals: 2, ..base }), "-1.234,50");
        assert_eq!(write("1.234", Format { min_decimals: 2, ..base }), "1.234");
        assert_eq!(write("7", Format { width: 3, ..base }), "007");
        assert_eq!(write("-7.5", Format { width: 4, group: "'", ..base }), "-0'007.5");
        assert_eq!(write("0.5", base), "0.5");
    }

    #[test]
    fn steps() {
        let to = |x: &str, step: &str, mode| {
            round_to(parse(x).unwrap(), parse(step).unwrap(), mode).map(|x| format(x, &Format::default()))
        };
        let some = |s: &str| Some(s.to_string());
        assert_eq!(to("2.25", "0.5", Mode::Nearest), some("2.5"));
        assert_eq!(to("-2.25", "0.5", Mode::Nearest), some("-2.5"));
        assert_eq!(to("-2.25", "0.5", Mode::Down), some("-2.5"));
        assert_eq!(to("-2.25", "0.5", Mode::Up), some("-2"));
        assert_eq!(to("1234", "50", Mode::Down), some("1200"));
        assert_eq!(to("1234", "50", Mode::Up), some("1250"));
        assert_eq!(to("1224.99", "50", Mode::Nearest), some("1200"));
        assert_eq!(to("75", "25", Mode::Up), some("75"));
        assert_eq!(to("1", "3", Mode::Nearest), some("0"));
        assert_eq!(to("1", "0", Mode::Nearest), None);
        assert_eq!(to("1", "-1", Mode::Nearest), None);
        assert_eq!(to("79228162514264337593543950335", "2", Mode::Up), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(s in "\\PC{0,70}|[-+(),.e0-9]{0,70}") {
            let _ = parse(&s);
        }

        #[test]
        fn nums_come_back(x in -1e12f64..1e12) {
            prop_assert_eq!(from_f64(x).map(to_f64), Some(x));
        }

        #[test]
        fn what_is_written_reads_back(m in any::<i64>(), scale in 0u32..20, width in 0u8..30) {
            let x = Decimal::new(m, scale);
            let text = format(x, &Format { width, group: ",", ..Format::default() });
            prop_assert_eq!(parse(&text), Some(x));
        }
    }
}
