//! The table of scalar operations. One line each: opcode, arguments, use, formula, documentation, example.
//!
//! The language's checker and machine, the tape, its reference and its executors are made from `with_scalars`.

use crate::ops;

/// Calls a macro with the names of all operations by the number of their arguments:
/// `one: [..] two: [..] three: [..]`. Executors make their dispatch from it.
#[macro_export]
macro_rules! with_scalars {
    ($then:ident $($extra:tt)*) => {
        $then! { $($extra)*
            one: [sqrt exp ln sin cos tan tanh sigmoid asin acos atan neg abs floor positive nonnegative zero_at gate]
            two: [atan2 hypot add sub mul div min max pow rem soft_positive soft_nonnegative soft_zero]
            three: [mix select]
        }
    };
}

/// A scalar operation: numbers in, one number out.
#[derive(Debug)]
pub struct Scalar {
    /// Which.
    pub code: Opcode,
    /// Its name.
    pub name: &'static str,
    /// Names of its arguments.
    pub args: &'static [&'static str],
    /// What it is for.
    pub usage: Use,
    /// The formula, in the language's notation.
    pub formula: &'static str,
    /// One line of documentation.
    pub doc: &'static str,
    /// An example that holds, in the language; empty where programs do not call it by this name.
    pub example: &'static str,
    /// The body.
    pub body: Body,
}

/// What an operation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A function that programs call by its name.
    Function,
    /// An operation of tapes; programs reach it through an operator or a construct.
    Tape,
    /// An operation of tapes that approaches another one as its sharpness grows; the limit drops the last argument, or
    /// keeps all where it takes as many.
    Soft(Opcode),
}

/// Body and partial derivatives by arity, over `f64`. The derivative's last argument is the value.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::type_complexity)] // function types, said once
pub enum Body {
    /// One argument.
    One(fn(f64) -> f64, fn(f64, f64) -> f64),
    /// Two arguments.
    Two(fn(f64, f64) -> f64, fn(f64, f64, f64) -> [f64; 2]),
    /// Three arguments.
    Three(fn(f64, f64, f64) -> f64, fn(f64, f64, f64, f64) -> [f64; 3]),
}

impl Scalar {
    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        self.args.len()
    }

    /// Its value. Missing arguments count as 0.
    pub fn eval(&self, x: &[f64]) -> f64 {
        let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
        match self.body {
            Body::One(f, _) => f(at(0)),
            Body::Two(f, _) => f(at(0), at(1)),
            Body::Three(f, _) => f(at(0), at(1), at(2)),
        }
    }

    /// Its partial derivatives; 0 for arguments that it does not have.
    pub fn partials(&self, x: &[f64]) -> [f64; 3] {
        let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
        let y = self.eval(x);
        match self.body {
            Body::One(_, d) => [d(at(0), y), 0.0, 0.0],
            Body::Two(_, d) => {
                let [a, b] = d(at(0), at(1), y);
                [a, b, 0.0]
            }
            Body::Three(_, d) => d(at(0), at(1), at(2), y),
        }
    }

    /// The operation that it approaches as sharpness grows; itself where it has no sharpness.
    pub fn limit(&self) -> Opcode {
        match self.usage {
            Use::Soft(hard) => hard,
            _ => self.code,
        }
    }
}

impl Opcode {
    /// The operation's entry.
    pub fn entry(self) -> &'static Scalar {
        &SCALARS[self as usize]
    }
}

macro_rules! scalars {
    ($($name:ident ($($arg:ident),*) $usage:expr, $formula:literal $doc:literal $example:literal;)*) => {
        /// Names of the operations, spelled as in the table.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode { $($name),* }

        /// All scalar operations, in the order of their opcodes.
        pub static SCALARS: &[Scalar] = &[$(Scalar {
            code: Opcode::$name,
            name: stringify!($name),
            args: &[$(stringify!($arg)),*],
            usage: $usage,
            formula: $formula,
            doc: $doc,
            example: $example,
            body: scalars!(@body $name $($arg)*),
        }),*];
    };
    (@body $name:ident $a:ident) => { Body::One(ops::$name::value, ops::$name::partial) };
    (@body $name:ident $a:ident $b:ident) => { Body::Two(ops::$name::value, ops::$name::partial) };
    (@body $name:ident $a:ident $b:ident $c:ident) => { Body::Three(ops::$name::value, ops::$name::partial) };
}

use Use::{Function, Soft, Tape};

scalars! {
    sqrt(x) Function, "x ^ 0.5" "The square root; nan for a negative number." "sqrt(9) == 3.0";
    exp(x) Function, "e ^ x" "The exponential function." "exp(0) == 1.0";
    ln(x) Function, "log of x to base e" "The natural logarithm; nan for a negative number, -inf for 0." "ln(1) == 0.0";
    sin(x) Function, "sin x" "The sine of an angle (radians, or written in `deg`)." "abs(sin(30deg) - 0.5) < 1e-12";
    cos(x) Function, "cos x" "The cosine of an angle." "cos(0) == 1.0";
    tan(x) Function, "sin x / cos x" "The tangent of an angle." "abs(tan(45deg) - 1) < 1e-12";
    tanh(x) Function, "(e^x - e^-x) / (e^x + e^-x)" "The hyperbolic tangent." "tanh(0) == 0.0";
    sigmoid(x) Function, "1 / (1 + e^-x)" "The logistic function, between 0 and 1." "sigmoid(0) == 0.5";
    asin(x) Function, "the angle whose sine is x" "The inverse sine, from -90deg to 90deg; nan outside -1 to 1." "asin(1) == 90deg";
    acos(x) Function, "the angle whose cosine is x" "The inverse cosine, from 0 to 180deg; nan outside -1 to 1." "acos(1) == 0.0";
    atan(x) Function, "the angle whose tangent is x" "The inverse tangent, from -90deg to 90deg." "abs(atan(1) - 45deg) < 1e-12";
    atan2(y, x) Function, "the angle of the point (x, y)" "The angle of the point (x, y) seen from the origin, from -180deg to 180deg." "abs(atan2(1, 1) - 45deg) < 1e-12";
    hypot(x, y) Function, "sqrt(x*x + y*y)" "The length of (x, y)." "hypot(3, 4) == 5.0";
    neg(x) Tape, "-x" "The number with its sign turned." "";
    abs(x) Tape, "|x|" "The distance from 0." "";
    floor(x) Tape, "floor x" "The greatest whole number that is at most x." "";
    positive(x) Tape, "x > 0" "1 where x is above 0, else 0." "";
    nonnegative(x) Tape, "x >= 0" "1 where x is at least 0, else 0." "";
    zero_at(x) Tape, "x == 0" "1 where x is 0, else 0." "";
    gate(x) Tape, "x >= 0" "1 where x is at least 0, else 0, with the derivative of the sigmoid." "";
    add(a, b) Tape, "a + b" "The sum." "";
    sub(a, b) Tape, "a - b" "The difference." "";
    mul(a, b) Tape, "a * b" "The product." "";
    div(a, b) Tape, "a / b" "The quotient." "";
    min(a, b) Tape, "min(a, b)" "The lesser." "";
    max(a, b) Tape, "max(a, b)" "The greater." "";
    pow(a, b) Tape, "a ^ b" "The power." "";
    rem(a, b) Tape, "a - b floor(a / b)" "The remainder, with the sign of b." "";
    soft_positive(d, k) Soft(Opcode::positive), "sigmoid(k d)" "How far d > 0 holds." "";
    soft_nonnegative(d, k) Soft(Opcode::nonnegative), "sigmoid(k d)" "How far d >= 0 holds." "";
    soft_zero(d, k) Soft(Opcode::zero_at), "4 s (1 - s), s = sigmoid(k d)" "How far d = 0 holds." "";
    mix(t, a, b) Soft(Opcode::select), "t a + (1 - t) b" "A conditional that holds as far as t says." "";
    select(t, a, b) Tape, "a if t > 1/2 else b" "A conditional." "";
}

/// The operation with this name.
pub fn find(name: &str) -> Option<&'static Scalar> {
    SCALARS.iter().find(|s| s.name == name)
}

/// The operations that programs call by name.
pub fn functions() -> impl Iterator<Item = &'static Scalar> {
    SCALARS.iter().filter(|s| s.usage == Use::Function)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partial derivatives agree with central differences at points where every operation is smooth; where the
    /// derivative is an estimate (`gate`) there is nothing to compare.
    #[test]
    fn partials_match_finite_differences() {
        for s in SCALARS.iter().filter(|s| s.code != Opcode::gate) {
            for x in [[0.3, 0.7, 0.2], [0.9, 0.2, 0.8], [0.51, 0.49, -0.3]] {
                let h = 1e-6;
                let got = s.partials(&x);
                for i in 0..s.arity() {
                    let moved = |by: f64| {
                        let mut x = x;
                        x[i] += by;
                        s.eval(&x)
                    };
                    let want = (moved(h) - moved(-h)) / (2.0 * h);
                    assert!((got[i] - want).abs() < 1e-6, "{} by {}: {} vs {want}", s.name, s.args[i], got[i]);
                }
            }
        }
    }

    #[test]
    fn the_table_is_whole() {
        macro_rules! names {
            (one: [$($a:ident)*] two: [$($b:ident)*] three: [$($c:ident)*]) => {
                [$((stringify!($a), 1)),*, $((stringify!($b), 2)),*, $((stringify!($c), 3)),*]
            };
        }
        let listed: Vec<(&str, usize)> = with_scalars!(names).to_vec();
        assert_eq!(listed.len(), SCALARS.len());
        for (i, s) in SCALARS.iter().enumerate() {
            assert_eq!(s.code as usize, i);
            assert!(listed.contains(&(s.name, s.arity())), "{} is not in `with_scalars`", s.name);
            assert!(!s.doc.is_empty() && !s.formula.is_empty(), "{}", s.name);
            assert_eq!(s.example.is_empty(), s.usage != Use::Function, "{}", s.name);
            assert!(SCALARS[..i].iter().all(|t| t.name != s.name), "{} twice", s.name);
        }
    }

    /// At great sharpness a soft operation is its limit, away from the jump.
    #[test]
    fn soft_operations_approach_their_limits() {
        let k = 1e6;
        for s in SCALARS {
            let Use::Soft(hard) = s.usage else { continue };
            for d in [-2.0, -0.01, 0.02, 1.5] {
                let (soft, hard) = if s.arity() == 2 {
                    (s.eval(&[d, k]), hard.entry().eval(&[d]))
                } else {
                    let t = f64::from(u8::from(d > 0.0));
                    (s.eval(&[t, 3.0, 4.0]), hard.entry().eval(&[t, 3.0, 4.0]))
                };
                assert!((soft - hard).abs() < 1e-9, "{} at {d}: {soft} vs {hard}", s.name);
            }
        }
    }
}
