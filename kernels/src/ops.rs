//! Bodies of the scalar operations and their partial derivatives, once, over any [`Real`]: a module each. `value` is the
//! formula; `partial` takes the arguments and the value `y`, and gives the derivative by each argument.
//!
//! Where a derivative does not exist (at a kink or a jump) one of the one-sided values stands in.

use crate::real::Real;

macro_rules! one {
    ($(#[$doc:meta])* $name:ident, |$x:ident| $value:expr, |$px:ident, $py:ident| $partial:expr) => {
        $(#[$doc])*
        pub mod $name {
            use super::*;
            /// The value.
            #[inline(always)]
            pub fn value<R: Real>($x: R) -> R {
                $value
            }
            /// The derivative.
            #[inline(always)]
            #[allow(unused_variables)]
            pub fn partial<R: Real>($px: R, $py: R) -> R {
                $partial
            }
        }
    };
}

macro_rules! two {
    ($(#[$doc:meta])* $name:ident, |$a:ident, $b:ident| $value:expr, |$pa:ident, $pb:ident, $py:ident| $partial:expr) => {
        $(#[$doc])*
        pub mod $name {
            use super::*;
            /// The value.
            #[inline(always)]
            pub fn value<R: Real>($a: R, $b: R) -> R {
                $value
            }
            /// The derivatives by both arguments.
            #[inline(always)]
            #[allow(unused_variables)]
            pub fn partial<R: Real>($pa: R, $pb: R, $py: R) -> [R; 2] {
                $partial
            }
        }
    };
}

macro_rules! three {
    ($(#[$doc:meta])* $name:ident, |$a:ident, $b:ident, $c:ident| $value:expr, |$pa:ident, $pb:ident, $pc:ident, $py:ident| $partial:expr) => {
        $(#[$doc])*
        pub mod $name {
            use super::*;
            /// The value.
            #[inline(always)]
            pub fn value<R: Real>($a: R, $b: R, $c: R) -> R {
                $value
            }
            /// The derivatives by the three arguments.
            #[inline(always)]
            #[allow(unused_variables)]
            pub fn partial<R: Real>($pa: R, $pb: R, $pc: R, $py: R) -> [R; 3] {
                $partial
            }
        }
    };
}

#[inline(always)]
fn one<R: Real>() -> R {
    R::lit(1.0)
}

#[inline(always)]
fn zero<R: Real>() -> R {
    R::lit(0.0)
}

one!(
    /// `sqrt(x)`
    sqrt, |x| x.sqrt(), |x, y| R::lit(0.5) / y);
one!(
    /// `e ^ x`
    exp, |x| x.exp(), |x, y| y);
one!(
    /// The natural logarithm.
    ln, |x| x.ln(), |x, y| one::<R>() / x);
one!(
    /// `sin(x)`
    sin, |x| x.sin(), |x, y| x.cos());
one!(
    /// `cos(x)`
    cos, |x| x.cos(), |x, y| -x.sin());
one!(
    /// `tan(x)`
    tan, |x| x.tan(), |x, y| one::<R>() + y * y);
one!(
    /// `tanh(x)`
    tanh, |x| x.tanh(), |x, y| one::<R>() - y * y);
one!(
    /// `1 / (1 + e^-x)`
    sigmoid, |x| one::<R>() / (one::<R>() + (-x).exp()), |x, y| y * (one::<R>() - y));
one!(
    /// The inverse sine.
    asin, |x| x.asin(), |x, y| one::<R>() / (one::<R>() - x * x).sqrt());
one!(
    /// The inverse cosine.
    acos, |x| x.acos(), |x, y| -(one::<R>() / (one::<R>() - x * x).sqrt()));
one!(
    /// The inverse tangent.
    atan, |x| x.atan(), |x, y| one::<R>() / (one::<R>() + x * x));
two!(
/// The angle of the point (x, y).
atan2, |y, x| y.atan2(x), |y, x, v| {
    let r = x * x + y * y;
    [x / r, -y / r]
});
two!(
/// `sqrt(x*x + y*y)`; at (0, 0) the derivatives are taken as 0.
hypot, |a, b| a.hypot(b), |a, b, y| {
    let r = y.max(R::lit(1e-30));
    [a / r, b / r]
});

one!(
    /// `-x`
    neg, |x| -x, |x, y| R::lit(-1.0));
one!(
    /// `|x|`; at 0 the derivative is taken as -1.
    abs, |x| x.abs(), |x, y| x.above(zero()) * R::lit(2.0) - one());
one!(
    /// The greatest whole number that is at most x. Its derivative is 0.
    floor, |x| x.floor(), |x, y| zero());
one!(
    /// 1 where `x > 0`, else 0. Its derivative is 0.
    positive, |x| x.above(zero()), |x, y| zero());
one!(
    /// 1 where `x >= 0`, else 0. Its derivative is 0.
    nonnegative, |x| x.at_least(zero()), |x, y| zero());
one!(
    /// 1 where `x` is 0, else 0. Its derivative is 0.
    zero_at, |x| x.at_least(zero()) - x.above(zero()), |x, y| zero());
one!(
/// A gate: 1 where `x >= 0`, else 0. Its derivative is that of the sigmoid (a straight-through estimate), so that a
/// closed gate can be learned to open.
gate, |x| x.at_least(zero()), |x, y| {
    let s = super::sigmoid::value(x);
    s * (one::<R>() - s)
});

two!(
    /// `a + b`
    add, |a, b| a + b, |a, b, y| [one(), one()]);
two!(
    /// `a - b`
    sub, |a, b| a - b, |a, b, y| [one(), R::lit(-1.0)]);
two!(
    /// `a * b`
    mul, |a, b| a * b, |a, b, y| [b, a]);
two!(
    /// `a / b`
    div, |a, b| a / b, |a, b, y| [one::<R>() / b, -y / b]);
two!(
/// The lesser; of equal ones the derivative goes to the second.
min, |a, b| a.min(b), |a, b, y| {
    let first = b.above(a);
    [first, one::<R>() - first]
});
two!(
/// The greater; of equal ones the derivative goes to the second.
max, |a, b| a.max(b), |a, b, y| {
    let first = a.above(b);
    [first, one::<R>() - first]
});
two!(
/// `a ^ b`; the derivative by `b` is 0 where `a` is not positive.
pow, |a, b| a.pow(b), |a, b, y| {
    let by_b = a.above(zero()).select(y * a.max(R::lit(1e-30)).ln(), zero());
    [b * a.pow(b - one()), by_b]
});
two!(
    /// What is left of `a` after taking `b` a whole number of times; has the sign of `b`.
    rem, |a, b| a - b * (a / b).floor(), |a, b, y| [one(), -(a / b).floor()]);
two!(
/// `sigmoid(k d)`: how far `d > 0` holds, at sharpness `k`. Its hard limit is [`positive`].
soft_positive, |d, k| super::sigmoid::value(d * k), |d, k, y| {
    let s = y * (one::<R>() - y);
    [s * k, s * d]
});
two!(
/// `sigmoid(k d)`: how far `d >= 0` holds, at sharpness `k`. Its hard limit is [`nonnegative`].
soft_nonnegative, |d, k| super::sigmoid::value(d * k), |d, k, y| {
    let s = y * (one::<R>() - y);
    [s * k, s * d]
});
two!(
/// `4 s (1 - s)` with `s = sigmoid(k d)`: how far `d = 0` holds, at sharpness `k`; 1 at 0. Its hard limit is
/// [`zero_at`].
soft_zero, |d, k| {
    let s = super::sigmoid::value(d * k);
    R::lit(4.0) * s * (one::<R>() - s)
}, |d, k, y| {
    let s = super::sigmoid::value(d * k);
    let slope = R::lit(4.0) * s * (one::<R>() - s) * (one::<R>() - s - s);
    [slope * k, slope * d]
});

three!(
    /// `t a + (1 - t) b`: a conditional whose condition holds as far as `t` says. Its hard limit is [`select`].
    mix, |t, a, b| t * a + (one::<R>() - t) * b, |t, a, b, y| [a - b, t, one::<R>() - t]);
three!(
/// `a` where `t > 0.5`, else `b`.
select, |t, a, b| t.select(a, b), |t, a, b, y| {
    let first = t.select(one(), zero());
    [zero(), first, one::<R>() - first]
});
