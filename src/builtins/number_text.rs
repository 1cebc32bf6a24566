//! Numbers in text as people write them, rounded on their decimal digits.

use super::util::{num_text, quote, room};
use super::{Exact, Op};
use crate::native;
use crate::text::number::{Decimal, Format, Mode, from_f64, parse, round_to, to_f64, write};
use crate::vm::limits::Fail;

/// Digits that a program may ask for on either side of the point.
const MOST: i64 = 100;

/// Reading, writing and rounding.
pub fn ops() -> Vec<Op> {
    vec![
        Op::new(
            "read_num",
            "(s: str) -> num",
            "The num that a text writes as people do: with commas between thousands, with a sign or in parentheses when \
             negative, with an exponent, with white space around it; an error if it is none. `num` wants it plain.",
            r#"read_num("(1,234.5)") == -1234.5"#,
            native!(try |s: &str| -> f64 {
                parse(s).map(to_f64).ok_or_else(|| format!("cannot read {} as num", quote(s)).into())
            }),
        ),
        Op::new(
            "format_num",
            "(x: num, decimals: int = -1, width: int = 0, group: str = \"\", point: str = \".\", least: int = 0) -> str",
            "The num with `decimals` digits after its point, as many as needed but at least `least` if that is -1; with at \
             least `width` digits before it; with `group` between thousands. The digits that `str` shows are rounded, halves away from 0. An \
             error for more than 28 digits before the point, inf and nan.",
            r#"format_num(1234.565, 2, group: ",") == "1,234.57""#,
            native!(try |cx; x: f64, decimals: i64, width: i64, group: &str, point: &str, least: i64| -> String {
                let decimals = if decimals == -1 { None } else { Some(digits(decimals, "decimals")?) };
                let (width, min_decimals) = (digits(width, "width")?, digits(least, "least")?);
                let how = Format { decimals, min_decimals, width, group, point };
                let x = decimal(x)?;
                // No number has more groups than a third of its digits.
                let bytes = 40 * (1 + group.len()) + 2 * MOST as usize + point.len();
                cx.work(bytes)?;
                room(cx, bytes)?;
                let mut out = String::new();
                write(x, &how, &mut out);
                Ok(out)
            }),
        ),
        step(
            "round_to",
            "The nearest multiple of a step, of two the one further from 0, on decimal digits; an error if the step is not \
             greater than 0.",
            "round_to(2.15, 0.1) == 2.2",
            Mode::Nearest,
        ),
        step(
            "floor_to",
            "The greatest multiple of a step that is at most x; an error if the step is not greater than 0.",
            "floor_to(1234, 50) == 1200.0",
            Mode::Down,
        ),
        step(
            "ceil_to",
            "The least multiple of a step that is at least x; an error if the step is not greater than 0.",
            "ceil_to(0.3, 0.25) == 0.5",
            Mode::Up,
        ),
    ]
}

fn step(name: &'static str, doc: &'static str, example: &'static str, mode: Mode) -> Op {
    let exact: Exact = native!(try |x: f64, step: f64| -> f64 {
        // As written, so that a step too small for a decimal is told from one of 0.
        if step.is_nan() || step <= 0.0 {
            return Err(Fail::from(format!("a step must be greater than 0, but it is {}", num_text(step))));
        }
        let (a, b) = (decimal(x)?, decimal(step)?);
        let out = || Fail::from(format!("{} in steps of {} is out of range", num_text(x), num_text(step)));
        round_to(a, b, mode).map(to_f64).ok_or_else(out)
    });
    Op::new(name, "(x: num, step: num) -> num", doc, example, exact)
}

fn decimal(x: f64) -> Result<Decimal, Fail> {
    from_f64(x).ok_or_else(|| format!("{} has no decimal form of 28 digits", num_text(x)).into())
}

fn digits(n: i64, name: &str) -> Result<u8, Fail> {
    u8::try_from(n)
        .ok()
        .filter(|n| i64::from(*n) <= MOST)
        .ok_or_else(|| format!("`{name}` must be from 0 to {MOST}, but it is {n}").into())
}

#[cfg(test)]
mod tests {
    use super::super::util::testing::show;
    use crate::vm::value::Value;

    #[test]
    fn numbers_in_text() {
        let read = |s: &str| show("read_num", "(s: str) -> num", vec![Value::str(s)]);
        assert_eq!(read(" 0e+07"), "0.0");
        assert_eq!(read("1,23"), "error: cannot read \"1,23\" as num");
        let sig = "(x: num, decimals: int = -1, width: int = 0, group: str = \"\", point: str = \".\", least: int = 0) -> str";
        let write = |x, d, w, g: &str, p: &str| {
            let args = vec![Value::Num(x), Value::Int(d), Value::Int(w), Value::str(g), Value::str(p), Value::Int(0)];
            show("format_num", sig, args)
        };
        assert_eq!(write(2.15, 1, 0, "", "."), "\"2.2\"");
        assert_eq!(write(3.0, -1, 0, "", "."), "\"3\"");
        assert_eq!(write(1e21, -1, 0, ",", "."), "\"1,000,000,000,000,000,000,000\"");
        assert_eq!(write(-7.5, 2, 3, ".", ","), "\"-007,50\"");
        assert_eq!(write(0.1 + 0.2, -1, 0, "", "."), "\"0.30000000000000004\"");
        assert_eq!(write(1.0, -2, 0, "", "."), "error: `decimals` must be from 0 to 100, but it is -2");
        assert_eq!(
            write(1.0, 0, i64::MAX, "", "."),
            format!("error: `width` must be from 0 to 100, but it is {}", i64::MAX)
        );
        assert_eq!(write(1e30, 0, 0, "", "."), "error: 1e30 has no decimal form of 28 digits");
        assert_eq!(write(f64::NAN, 0, 0, "", "."), "error: nan has no decimal form of 28 digits");
    }

    #[test]
    fn steps() {
        let to = |name, x, step| show(name, "(x: num, step: num) -> num", vec![Value::Num(x), Value::Num(step)]);
        assert_eq!(to("round_to", -2.25, 0.5), "-2.5");
        assert_eq!(to("ceil_to", 1.1, 0.1), "1.1");
        assert_eq!(to("floor_to", -1.0, 10.0), "-10.0");
        assert_eq!(to("round_to", 1.0, 0.0), "error: a step must be greater than 0, but it is 0.0");
        assert_eq!(to("round_to", 1.0, 1e-300), "error: 1.0 in steps of 1e-300 is out of range");
    }
}
