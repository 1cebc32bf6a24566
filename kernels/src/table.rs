//! The table of scalar operations.

use crate::ops;

/// A scalar operation: numbers in, one number out.
#[derive(Debug)]
pub struct Scalar {
    /// Its name in programs.
    pub name: &'static str,
    /// Names of its arguments.
    pub args: &'static [&'static str],
    /// The formula, in the language's notation.
    pub formula: &'static str,
    /// One line of documentation.
    pub doc: &'static str,
    /// An example that holds, in the language.
    pub example: &'static str,
    /// The body.
    pub body: Body,
}

/// Body and partial derivatives by arity.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// One argument: value, derivative.
    One(fn(f64) -> f64, fn(f64) -> f64),
    /// Two arguments: value, both partial derivatives.
    Two(fn(f64, f64) -> f64, fn(f64, f64) -> (f64, f64)),
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
        }
    }

    /// Its partial derivatives; the second is 0 where there is one argument.
    pub fn partials(&self, x: &[f64]) -> [f64; 2] {
        let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
        match self.body {
            Body::One(_, d) => [d(at(0)), 0.0],
            Body::Two(_, d) => {
                let (a, b) = d(at(0), at(1));
                [a, b]
            }
        }
    }
}

macro_rules! scalars {
    ($($name:ident ($a:ident $(, $b:ident)?) $formula:literal $doc:literal $example:literal;)*) => {
        /// All scalar operations.
        pub static SCALARS: &[Scalar] = &[$(scalars!(@one $name ($a $(, $b)?) $formula $doc $example)),*];
    };
    (@one $name:ident ($a:ident) $formula:literal $doc:literal $example:literal) => {
        Scalar {
            name: stringify!($name), args: &[stringify!($a)], formula: $formula, doc: $doc, example: $example,
            body: Body::One(ops::$name::value, ops::$name::partial),
        }
    };
    (@one $name:ident ($a:ident, $b:ident) $formula:literal $doc:literal $example:literal) => {
        Scalar {
            name: stringify!($name), args: &[stringify!($a), stringify!($b)], formula: $formula, doc: $doc, example: $example,
            body: Body::Two(ops::$name::value, ops::$name::partial),
        }
    };
}

scalars! {
    sqrt(x) "x ^ 0.5" "The square root; nan for a negative number." "sqrt(9) == 3.0";
    exp(x) "e ^ x" "The exponential function." "exp(0) == 1.0";
    ln(x) "log of x to base e" "The natural logarithm; nan for a negative number, -inf for 0." "ln(1) == 0.0";
    sin(x) "sin x" "The sine of an angle (radians, or written in `deg`)." "abs(sin(30deg) - 0.5) < 1e-12";
    cos(x) "cos x" "The cosine of an angle." "cos(0) == 1.0";
    tan(x) "sin x / cos x" "The tangent of an angle." "abs(tan(45deg) - 1) < 1e-12";
    tanh(x) "(e^x - e^-x) / (e^x + e^-x)" "The hyperbolic tangent." "tanh(0) == 0.0";
    sigmoid(x) "1 / (1 + e^-x)" "The logistic function, between 0 and 1." "sigmoid(0) == 0.5";
    asin(x) "the angle whose sine is x" "The inverse sine, from -90deg to 90deg; nan outside -1 to 1." "asin(1) == 90deg";
    acos(x) "the angle whose cosine is x" "The inverse cosine, from 0 to 180deg; nan outside -1 to 1." "acos(1) == 0.0";
    atan(x) "the angle whose tangent is x" "The inverse tangent, from -90deg to 90deg." "abs(atan(1) - 45deg) < 1e-12";
    atan2(y, x) "the angle of the point (x, y)" "The angle of the point (x, y) seen from the origin, from -180deg to 180deg." "abs(atan2(1, 1) - 45deg) < 1e-12";
    hypot(x, y) "sqrt(x*x + y*y)" "The length of (x, y)." "hypot(3, 4) == 5.0";
}

/// The operation with this name.
pub fn find(name: &str) -> Option<&'static Scalar> {
    SCALARS.iter().find(|s| s.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partial derivatives agree with central differences at points where every operation is smooth.
    #[test]
    fn partials_match_finite_differences() {
        for s in SCALARS {
            for &(x, y) in &[(0.3, 0.7), (0.9, 0.2), (0.51, 0.49)] {
                let h = 1e-6;
                let got = s.partials(&[x, y]);
                let dx = (s.eval(&[x + h, y]) - s.eval(&[x - h, y])) / (2.0 * h);
                let dy = (s.eval(&[x, y + h]) - s.eval(&[x, y - h])) / (2.0 * h);
                assert!((got[0] - dx).abs() < 1e-6, "{} by {}: {} vs {dx}", s.name, s.args[0], got[0]);
                if s.arity() == 2 {
                    assert!((got[1] - dy).abs() < 1e-6, "{} by {}: {} vs {dy}", s.name, s.args[1], got[1]);
                }
            }
        }
    }

    #[test]
    fn names_are_unique_and_documented() {
        for (i, s) in SCALARS.iter().enumerate() {
            assert!(!s.doc.is_empty() && !s.formula.is_empty() && !s.example.is_empty(), "{}", s.name);
            assert!(SCALARS[..i].iter().all(|t| t.name != s.name), "{} twice", s.name);
        }
    }
}
