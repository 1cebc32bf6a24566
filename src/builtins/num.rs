//! Numbers: operators, rounding, the scalar operations of the kernels' table.

use super::{Exact, Formula, Grammar, Inline, Op, Relaxed};
use crate::native;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;
use nsp_kernels::table::{Opcode, functions};

const COST1: &[(Grammar, u32)] = &[(Grammar::Num, 1)];
const COST2: &[(Grammar, u32)] = &[(Grammar::Num, 2)];
const COST3: &[(Grammar, u32)] = &[(Grammar::Num, 3)];

/// Operations on numbers.
pub fn ops() -> Vec<Op> {
    let mut out = arithmetic();
    out.extend(comparisons());
    out.extend(choosing());
    out.extend(rounding());
    out.extend(whole());
    for op in &mut out {
        op.relaxed = meaning(&op.name, &op.sig);
    }
    out.extend(functions().map(|s| {
        let args: Vec<String> = s.args.iter().map(|a| format!("{a}: num")).collect();
        Op::new(s.name, format!("({}) -> num", args.join(", ")), s.doc, s.example, Exact::Scalar(s))
            .relaxed(Relaxed::Scalar(s.code))
            .grammars(COST3)
    }));
    out
}

/// The relaxed meaning of an operation, the same for ints and nums. What rounds has none: its derivative is 0 wherever
/// there is one.
fn meaning(name: &str, sig: &str) -> Relaxed {
    let formula = |f: Formula| Relaxed::Formula(f);
    let bools = sig.starts_with("(a: bool");
    match name {
        "+" => Relaxed::Scalar(Opcode::add),
        "-" => Relaxed::Scalar(Opcode::sub),
        "*" => Relaxed::Scalar(Opcode::mul),
        "/" => Relaxed::Scalar(Opcode::div),
        "%" => Relaxed::Scalar(Opcode::rem),
        "^" => Relaxed::Scalar(Opcode::pow),
        "neg" => Relaxed::Scalar(Opcode::neg),
        "min" => Relaxed::Scalar(Opcode::min),
        "max" => Relaxed::Scalar(Opcode::max),
        "abs" => Relaxed::Scalar(Opcode::abs),
        "clamp" => formula(|_, x| x[0].max(x[1]).min(x[2])),
        "sign" => formula(|m, x| m.above_zero(x[0]) - m.above_zero(-x[0])),
        "<" => formula(|m, x| m.above_zero(x[1] - x[0])),
        "<=" => formula(|m, x| m.at_least_zero(x[1] - x[0])),
        ">" => formula(|m, x| m.above_zero(x[0] - x[1])),
        ">=" => formula(|m, x| m.at_least_zero(x[0] - x[1])),
        "==" if bools => formula(|_, x| Sym::Lit(1.0) - (x[0] - x[1]).abs()),
        "!=" if bools => formula(|_, x| (x[0] - x[1]).abs()),
        "==" => formula(|m, x| m.is_zero(x[0] - x[1])),
        "!=" => formula(|m, x| Sym::Lit(1.0) - m.is_zero(x[0] - x[1])),
        "not" => formula(|_, x| Sym::Lit(1.0) - x[0]),
        "num" => formula(|_, x| x[0]),
        "degrees" => formula(|_, x| x[0] * Sym::Lit(1f64.to_degrees())),
        "radians" => formula(|_, x| x[0] * Sym::Lit(1f64.to_radians())),
        _ => Relaxed::None,
    }
}

fn inline(name: &'static str, sig: &'static str, doc: &'static str, example: &'static str, op: Inline) -> Op {
    Op::new(name, sig, doc, example, Exact::Inline(op)).grammars(COST1)
}

fn arithmetic() -> Vec<Op> {
    const INTS: &str = "(a: int, b: int) -> int";
    const NUMS: &str = "(a: num, b: num) -> num";
    let i = |name, doc, example, op| inline(name, INTS, doc, example, op);
    let n = |name, doc, example, op| inline(name, NUMS, doc, example, op);
    vec![
        i("+", "The sum; an error where it does not fit an int.", "2 + 3 == 5", Inline::AddInt),
        n("+", "The sum.", "0.5 + 1 == 1.5", Inline::AddNum),
        i("-", "The difference; an error where it does not fit an int.", "2 - 3 == -1", Inline::SubInt),
        n("-", "The difference.", "0.5 - 1 == -0.5", Inline::SubNum),
        i("*", "The product; an error where it does not fit an int.", "2 * 3 == 6", Inline::MulInt),
        n("*", "The product.", "0.5 * 3 == 1.5", Inline::MulNum),
        n("/", "The quotient, always a num; `div` divides ints.", "3 / 2 == 1.5", Inline::DivNum),
        i(
            "%",
            "What `div` leaves over: `a == b*div(a, b) + a % b`. Has the sign of b; an error if b is 0.",
            "-7 % 3 == 2",
            Inline::RemInt,
        ),
        Op::new(
            "%",
            NUMS,
            "What is left of a after taking b a whole number of times; has the sign of b, nan if b is 0.",
            "5.5 % 2 == 1.5",
            native!(|a: f64, b: f64| -> f64 { floor_rem(a, b) }),
        )
        .grammars(COST2),
        i("div", "The quotient rounded down; an error if b is 0.", "div(-7, 3) == -3", Inline::DivInt),
        Op::new(
            "^",
            INTS,
            "The power; an error if b is negative or the result does not fit an int.",
            "2 ^ 10 == 1024",
            native!(try |a: i64, b: i64| -> i64 { int_power(a, b) }),
        )
        .grammars(COST3),
        Op::new(
            "^",
            NUMS,
            "The power; nan for a fractional power of a negative num.",
            "2 ^ 0.5 == sqrt(2)",
            native!(|a: f64, b: f64| -> f64 { a.powf(b) }),
        )
        .grammars(COST3),
        inline(
            "neg",
            "(x: int) -> int",
            "The number with its sign turned; written `-x`.",
            "-(2 + 1) == -3",
            Inline::NegInt,
        ),
        inline(
            "neg",
            "(x: num) -> num",
            "The number with its sign turned; written `-x`.",
            "-(0.5) == 0 - 0.5",
            Inline::NegNum,
        ),
        inline("not", "(x: bool) -> bool", "Whether it is false.", "not (1 > 2)", Inline::Not),
    ]
}

fn floor_rem(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
}

fn int_power(a: i64, b: i64) -> Result<i64, Fail> {
    if b < 0 {
        return Err(Fail::from(format!("an int has no int power of {b}")).help("make the base a num, as in `2.0 ^ -1`"));
    }
    let power = match (a, u32::try_from(b)) {
        (0 | 1, _) => Some(if b == 0 { 1 } else { a }),
        (-1, _) => Some(if b % 2 == 0 { 1 } else { -1 }),
        (_, Ok(b)) => a.checked_pow(b),
        _ => None,
    };
    power.ok_or_else(|| Fail::from(format!("{a} ^ {b} does not fit an int")).help("compute with nums: `2.0 ^ 100`"))
}

fn comparisons() -> Vec<Op> {
    let pair = |name, doc, example, int: Inline, num: Inline| {
        [
            inline(name, "(a: int, b: int) -> bool", doc, example, int),
            inline(name, "(a: num, b: num) -> bool", doc, example, num),
        ]
    };
    let mut out = Vec::new();
    out.extend(pair(
        "==",
        "Whether two numbers are equal; nan equals nothing.",
        "1 + 1 == 2",
        Inline::EqInt,
        Inline::EqNum,
    ));
    out.push(inline(
        "==",
        "(a: bool, b: bool) -> bool",
        "Whether both are true or both false.",
        "(1 < 2) == true",
        Inline::EqBool,
    ));
    out.extend(pair("!=", "Whether two numbers differ.", "1 != 2", Inline::NeInt, Inline::NeNum));
    out.push(inline(
        "!=",
        "(a: bool, b: bool) -> bool",
        "Whether exactly one is true.",
        "true != false",
        Inline::NeBool,
    ));
    out.extend(pair("<", "Whether a is less than b.", "1 < 1.5", Inline::LtInt, Inline::LtNum));
    out.extend(pair("<=", "Whether a is at most b.", "2 <= 2", Inline::LeInt, Inline::LeNum));
    out.extend(pair(">", "Whether a is greater than b.", "1.5 > 1", Inline::GtInt, Inline::GtNum));
    out.extend(pair(">=", "Whether a is at least b.", "2 >= 2", Inline::GeInt, Inline::GeNum));
    out
}

fn choosing() -> Vec<Op> {
    const INTS: &str = "(a: int, b: int) -> int";
    const NUMS: &str = "(a: num, b: num) -> num";
    let num = |op: Op| op.grammars(COST1);
    vec![
        Op::new("min", INTS, "The lesser.", "min(2, 3) == 2", native!(|a: i64, b: i64| -> i64 { a.min(b) }))
            .grammars(COST1),
        num(Op::new(
            "min",
            NUMS,
            "The lesser; of a number and nan, the number.",
            "min(0.5, 1) == 0.5",
            native!(|a: f64, b: f64| -> f64 { a.min(b) }),
        )),
        Op::new("max", INTS, "The greater.", "max(2, 3) == 3", native!(|a: i64, b: i64| -> i64 { a.max(b) }))
            .grammars(COST1),
        num(Op::new(
            "max",
            NUMS,
            "The greater; of a number and nan, the number.",
            "max(0.5, 1) == 1.0",
            native!(|a: f64, b: f64| -> f64 { a.max(b) }),
        )),
        Op::new(
            "abs",
            "(x: int) -> int",
            "The distance from 0.",
            "abs(-2) == 2",
            native!(try |x: i64| -> i64 { x.checked_abs().ok_or_else(|| too_big(&format!("abs({x})"))) }),
        )
        .grammars(COST1),
        num(Op::new(
            "abs",
            "(x: num) -> num",
            "The distance from 0.",
            "abs(-0.5) == 0.5",
            native!(|x: f64| -> f64 { x.abs() }),
        )),
        Op::new(
            "clamp",
            "(x: int, lo: int, hi: int) -> int",
            "The number nearest to x from lo to hi; an error if lo is greater than hi.",
            "clamp(12, 0, 10) == 10",
            native!(try |x: i64, lo: i64, hi: i64| -> i64 {
                if lo > hi { return Err(crossed(&lo.to_string(), &hi.to_string())) }
                Ok(x.clamp(lo, hi))
            }),
        )
        .grammars(COST2),
        num(Op::new(
            "clamp",
            "(x: num, lo: num, hi: num) -> num",
            "The number nearest to x from lo to hi; an error if lo is greater than hi.",
            "clamp(-0.5, 0, 1) == 0.0",
            native!(try |x: f64, lo: f64, hi: f64| -> f64 {
                if lo > hi { return Err(crossed(&lo.to_string(), &hi.to_string())) }
                // nan bounds bound nothing
                Ok(x.max(lo).min(hi))
            }),
        )),
    ]
}

fn crossed(lo: &str, hi: &str) -> Fail {
    format!("the bounds are crossed: {lo} is greater than {hi}").into()
}

fn too_big(what: &str) -> Fail {
    format!("{what} does not fit an int").into()
}

/// A num without fraction as an int.
fn to_int(x: f64, what: &str) -> Result<i64, Fail> {
    // 2^63 is the first num above every int; -2^63 is an int.
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if (-EDGE..EDGE).contains(&x) {
        Ok(x as i64)
    } else {
        Err(too_big(&format!("{what}({})", super::util::num_text(x))))
    }
}

fn rounding() -> Vec<Op> {
    const SIG: &str = "(x: num) -> int";
    vec![
        Op::new(
            "floor",
            SIG,
            "The greatest int that is at most x; an error if none fits.",
            "floor(-1.5) == -2",
            native!(try |x: f64| -> i64 { to_int(x.floor(), "floor") }),
        )
        .grammars(COST2),
        Op::new(
            "ceil",
            SIG,
            "The least int that is at least x; an error if none fits.",
            "ceil(1.2) == 2",
            native!(try |x: f64| -> i64 { to_int(x.ceil(), "ceil") }),
        )
        .grammars(COST2),
        Op::new(
            "round",
            SIG,
            "The nearest int, of two the one further from 0; an error if none fits.",
            "round(2.5) == 3",
            native!(try |x: f64| -> i64 { to_int(x.round(), "round") }),
        )
        .grammars(COST2),
        Op::new(
            "round",
            "(x: num, digits: int) -> num",
            "x with so many digits after its point; a negative number rounds to tens, hundreds and so on.",
            "round(3.14159, 2) == 3.14",
            native!(|x: f64, digits: i64| -> f64 { round_to(x, digits) }),
        ),
        Op::new(
            "int",
            SIG,
            "x without its fraction; an error if it does not fit an int.",
            "int(-1.9) == -1",
            native!(try |x: f64| -> i64 { to_int(x.trunc(), "int") }),
        ),
        Op::new(
            "num",
            "(x: int) -> num",
            "The int as a num; the nearest one above 2^53.",
            "num(2) == 2.0",
            Exact::Inline(Inline::ToNum),
        ),
        Op::new(
            "sign",
            "(x: int) -> int",
            "-1, 0 or 1: on which side of 0 it lies.",
            "sign(-3) == -1",
            native!(|x: i64| -> i64 { x.signum() }),
        )
        .grammars(COST2),
        Op::new(
            "sign",
            "(x: num) -> num",
            "-1, 0 or 1: on which side of 0 it lies; nan for nan.",
            "sign(0.5) == 1.0",
            native!(|x: f64| -> f64 { if x == 0.0 { 0.0 } else { x.signum() } }),
        )
        .grammars(COST2),
    ]
}

fn round_to(x: f64, digits: i64) -> f64 {
    // Beyond these, every num is its own nearest, or 0 is.
    let digits = digits.clamp(-309, 330) as i32;
    let scale = 10f64.powi(digits.abs());
    let y = if digits >= 0 { (x * scale).round() / scale } else { (x / scale).round() * scale };
    // The scaling overflowed: there is nothing behind that digit, or everything is.
    if y.is_finite() || !x.is_finite() {
        y
    } else if digits >= 0 {
        x
    } else {
        0.0
    }
}

fn whole() -> Vec<Op> {
    const INTS: &str = "(a: int, b: int) -> int";
    let constant = |name, doc, example, x: f64| Op::new(name, "-> num", doc, example, Exact::Const(Value::Num(x)));
    vec![
        Op::new(
            "gcd",
            INTS,
            "The greatest common divisor; gcd(0, 0) is 0.",
            "gcd(12, 18) == 6",
            native!(try |a: i64, b: i64| -> i64 {
                i64::try_from(gcd(a.unsigned_abs(), b.unsigned_abs())).map_err(|_| too_big(&format!("gcd({a}, {b})")))
            }),
        )
        .grammars(COST3),
        Op::new(
            "lcm",
            INTS,
            "The least common multiple; 0 if either is 0.",
            "lcm(4, 6) == 12",
            native!(try |a: i64, b: i64| -> i64 {
                let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
                let found = if x == 0 || y == 0 { Some(0) } else { (x / gcd(x, y)).checked_mul(y) };
                found.and_then(|m| i64::try_from(m).ok()).ok_or_else(|| too_big(&format!("lcm({a}, {b})")))
            }),
        )
        .grammars(COST3),
        Op::new(
            "is_nan",
            "(x: num) -> bool",
            "Whether it is nan, the num that is no number.",
            "is_nan(0 / 0)",
            native!(|x: f64| -> bool { x.is_nan() }),
        ),
        Op::new(
            "degrees",
            "(x: num) -> num",
            "An angle in degrees.",
            "abs(degrees(pi) - 180) < 1e-9",
            native!(|x: f64| -> f64 { x.to_degrees() }),
        ),
        Op::new(
            "radians",
            "(x: num) -> num",
            "The angle of so many degrees; `30deg` writes it.",
            "abs(radians(180) - pi) < 1e-12",
            native!(|x: f64| -> f64 { x.to_radians() }),
        ),
        constant(
            "pi",
            "Half the circumference of a circle of radius 1.",
            "abs(pi - 180deg) < 1e-12",
            std::f64::consts::PI,
        ),
        constant("inf", "The num above all others.", "1 / inf == 0.0", f64::INFINITY),
        constant("nan", "The num that is no number, and equals nothing.", "nan != nan", f64::NAN),
    ]
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::super::util::testing::show;
    use super::*;

    #[test]
    fn powers() {
        assert_eq!(int_power(2, 62), Ok(1 << 62));
        assert_eq!(int_power(0, 0), Ok(1));
        assert_eq!(int_power(0, 5), Ok(0));
        assert_eq!(int_power(-1, i64::MAX), Ok(-1));
        assert!(int_power(2, 63).is_err());
        assert!(int_power(3, i64::MAX).is_err());
        assert!(int_power(2, -1).is_err());
    }

    #[test]
    fn remainders_have_the_sign_of_the_divisor() {
        assert_eq!(floor_rem(5.5, 2.0), 1.5);
        assert_eq!(floor_rem(-5.5, 2.0), 0.5);
        assert_eq!(floor_rem(5.5, -2.0), -0.5);
        assert!(floor_rem(1.0, 0.0).is_nan());
    }

    #[test]
    fn rounding_to_digits() {
        assert_eq!(round_to(12.345, 1), 12.3);
        assert_eq!(round_to(-2.5, 0), -3.0);
        assert_eq!(round_to(1234.0, -2), 1200.0);
        assert_eq!(round_to(1.5, 400), 1.5);
        assert_eq!(round_to(1e300, 300), 1e300);
        assert_eq!(round_to(1e300, -400), 0.0);
        assert_eq!(round_to(f64::INFINITY, 2), f64::INFINITY);
    }

    #[test]
    fn ints_have_bounds() {
        let x = |x: f64| show("int", "(x: num) -> int", vec![Value::Num(x)]);
        assert_eq!(x(-1.9), "-1");
        assert_eq!(x(-9_223_372_036_854_775_808.0), "-9223372036854775808");
        assert_eq!(x(9_223_372_036_854_775_808.0), "error: int(9.223372036854776e18) does not fit an int");
        assert_eq!(x(f64::NAN), "error: int(nan) does not fit an int");
        assert_eq!(
            show("abs", "(x: int) -> int", vec![Value::Int(i64::MIN)]),
            "error: abs(-9223372036854775808) does not fit an int"
        );
        let two = |f, a, b| show(f, "(a: int, b: int) -> int", vec![Value::Int(a), Value::Int(b)]);
        assert_eq!(two("gcd", i64::MIN, 0), "error: gcd(-9223372036854775808, 0) does not fit an int");
        assert_eq!(two("lcm", 4, 6), "12");
        assert_eq!(two("lcm", 0, 0), "0");
    }
}
