//! Ranges of numbers: what a formula can give on a whole box of points.

use super::affine::{Real, Scalar, sin_cos};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The numbers from `lo` to `hi`, both included.
///
/// Bounds are worked out in the arithmetic of the formula itself. Rounding to nearest keeps order, so that what the
/// formula gives in `f64` at any point of the box lies between them, to the last bit: a box of samples that is found to
/// lie inside or outside a shape holds no sample that says otherwise. Functions that are not rounded correctly have
/// their bounds moved apart by more than they can be off. What may be no number is [`Interval::ALL`], which no operation
/// makes smaller unless the same operation of numbers forgets what is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub lo: f64,
    /// The greatest.
    pub hi: f64,
}

impl Interval {
    /// Every number, and what is none.
    pub const ALL: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

    /// From `lo` to `hi`; all numbers where either is none.
    #[inline(always)]
    pub fn new(lo: f64, hi: f64) -> Interval {
        if lo.is_nan() || hi.is_nan() { Interval::ALL } else { Interval { lo, hi } }
    }

    /// One number.
    #[inline(always)]
    pub fn point(x: f64) -> Interval {
        Interval::new(x, x)
    }

    /// The least one that holds both.
    fn hull(self, o: Interval) -> Interval {
        Interval { lo: self.lo.min(o.lo), hi: self.hi.max(o.hi) }
    }

    #[inline(always)]
    fn square(self) -> Interval {
        if self.is_all() {
            return self;
        }
        let (a, b) = (self.lo * self.lo, self.hi * self.hi);
        let lo = if self.lo > 0.0 || self.hi < 0.0 { a.min(b) } else { 0.0 };
        Interval::new(lo, a.max(b))
    }

    /// Whether it may be no number.
    #[inline(always)]
    fn is_all(self) -> bool {
        self.lo == f64::NEG_INFINITY && self.hi == f64::INFINITY
    }

    /// Of a function that rises, computed to a few units in the last place.
    fn rising(self, f: fn(f64) -> f64) -> Interval {
        if self.is_all() {
            return self;
        }
        let apart = |x: f64| 1e-12 * (1.0 + x.abs());
        let (lo, hi) = (f(self.lo), f(self.hi));
        Interval::new(lo - apart(lo), hi + apart(hi))
    }

    /// From -1 to 1: sines and cosines.
    fn unit(self) -> Interval {
        if self.lo.is_finite() && self.hi.is_finite() { UNIT } else { Interval::ALL }
    }

    /// Of a function of a number that is known; else `otherwise`.
    fn known(self, f: impl Fn(f64) -> f64, otherwise: Interval) -> Interval {
        if self.lo == self.hi { Interval::point(f(self.lo)) } else { otherwise }
    }
}

/// From -1 to 1.
const UNIT: Interval = Interval { lo: -1.0, hi: 1.0 };

impl Add for Interval {
    type Output = Interval;
    #[inline(always)]
    fn add(self, o: Interval) -> Interval {
        Interval::new(self.lo + o.lo, self.hi + o.hi)
    }
}

impl Sub for Interval {
    type Output = Interval;
    #[inline(always)]
    fn sub(self, o: Interval) -> Interval {
        Interval::new(self.lo - o.hi, self.hi - o.lo)
    }
}

impl Mul for Interval {
    type Output = Interval;
    #[inline(always)]
    fn mul(self, o: Interval) -> Interval {
        let [a, b, c, d] = [self.lo * o.lo, self.lo * o.hi, self.hi * o.lo, self.hi * o.hi];
        // A sum is none exactly where a product is, or where infinities of both signs meet.
        if (a + b + c + d).is_nan() {
            return Interval::ALL;
        }
        Interval { lo: a.min(b).min(c.min(d)), hi: a.max(b).max(c.max(d)) }
    }
}

impl Div for Interval {
    type Output = Interval;
    fn div(self, o: Interval) -> Interval {
        if o.lo <= 0.0 && o.hi >= 0.0 {
            return Interval::ALL;
        }
        let [a, b, c, d] = [self.lo / o.lo, self.lo / o.hi, self.hi / o.lo, self.hi / o.hi];
        if (a + b + c + d).is_nan() {
            return Interval::ALL;
        }
        Interval { lo: a.min(b).min(c.min(d)), hi: a.max(b).max(c.max(d)) }
    }
}

impl Neg for Interval {
    type Output = Interval;
    #[inline(always)]
    fn neg(self) -> Interval {
        Interval { lo: -self.hi, hi: -self.lo }
    }
}

impl Real for Interval {
    #[inline(always)]
    fn lit(x: f64) -> Interval {
        Interval::point(x)
    }
    #[inline(always)]
    fn sqrt(self) -> Interval {
        if self.lo < 0.0 { Interval::ALL } else { Interval::new(self.lo.sqrt(), self.hi.sqrt()) }
    }
    #[inline(always)]
    fn abs(self) -> Interval {
        if self.is_all() {
            return self;
        }
        let (a, b) = (self.lo.abs(), self.hi.abs());
        let lo = if self.lo > 0.0 || self.hi < 0.0 { a.min(b) } else { 0.0 };
        Interval { lo, hi: a.max(b) }
    }
    fn floor(self) -> Interval {
        Interval { lo: self.lo.floor(), hi: self.hi.floor() }
    }
    #[inline(always)]
    fn min(self, o: Interval) -> Interval {
        // Of a number and none the second is the lesser.
        if o.is_all() { o } else { Interval { lo: f64::min(self.lo, o.lo), hi: f64::min(self.hi, o.hi) } }
    }
    #[inline(always)]
    fn max(self, o: Interval) -> Interval {
        if o.is_all() { o } else { Interval { lo: f64::max(self.lo, o.lo), hi: f64::max(self.hi, o.hi) } }
    }
    fn exp(self) -> Interval {
        self.rising(f64::exp)
    }
    fn ln(self) -> Interval {
        if self.lo > 0.0 { self.rising(f64::ln) } else { Interval::ALL }
    }
    fn sin(self) -> Interval {
        self.known(f64::sin, self.unit())
    }
    fn cos(self) -> Interval {
        self.known(f64::cos, self.unit())
    }
    fn tan(self) -> Interval {
        self.known(f64::tan, Interval::ALL)
    }
    fn tanh(self) -> Interval {
        self.rising(f64::tanh)
    }
    fn asin(self) -> Interval {
        self.known(f64::asin, Interval::ALL)
    }
    fn acos(self) -> Interval {
        self.known(f64::acos, Interval::ALL)
    }
    fn atan(self) -> Interval {
        self.rising(f64::atan)
    }
    fn atan2(self, x: Interval) -> Interval {
        if x.lo == x.hi { self.known(|y| y.atan2(x.lo), Interval::ALL) } else { Interval::ALL }
    }
    fn hypot(self, y: Interval) -> Interval {
        let length = self.length(y);
        Interval { lo: length.lo * (1.0 - 1e-12), hi: length.hi * (1.0 + 1e-12) }
    }
    fn pow(self, y: Interval) -> Interval {
        if y.lo == y.hi { self.known(|x| x.powf(y.lo), Interval::ALL) } else { Interval::ALL }
    }
    #[inline(always)]
    fn above(self, o: Interval) -> Interval {
        Interval { lo: self.lo.above(o.hi), hi: self.hi.above(o.lo) }
    }
    #[inline(always)]
    fn at_least(self, o: Interval) -> Interval {
        Interval { lo: self.lo.at_least(o.hi), hi: self.hi.at_least(o.lo) }
    }
    #[inline(always)]
    fn select(self, a: Interval, b: Interval) -> Interval {
        if self.lo > 0.5 {
            a
        } else if self.hi <= 0.5 {
            b
        } else {
            a.hull(b)
        }
    }
}

impl Scalar for Interval {
    fn sin_cos(self) -> (Interval, Interval) {
        if self.lo == self.hi {
            let (s, c) = sin_cos(self.lo);
            (Interval::point(s), Interval::point(c))
        } else {
            (self.unit(), self.unit())
        }
    }
    #[inline(always)]
    fn length(self, y: Interval) -> Interval {
        (self.square() + y.square()).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Some formula with every operation, chosen by `pick`.
    fn formula<R: Scalar>(pick: &[u8], [x, y, z]: [R; 3]) -> R {
        let mut stack = vec![x, y, z, R::lit(0.5)];
        for (i, op) in pick.iter().enumerate() {
            let at = |k: usize| stack[(i * 7 + k * 3 + *op as usize) % stack.len()];
            let (a, b, c) = (at(0), at(1), at(2));
            stack.push(match op % 24 {
                0 => a + b,
                1 => a - b,
                2 => a * b,
                3 => a / b,
                4 => -a,
                5 => a.sqrt(),
                6 => a.abs(),
                7 => a.floor(),
                8 => a.min(b),
                9 => a.max(b),
                10 => a.exp(),
                11 => a.ln(),
                12 => a.sin(),
                13 => a.cos(),
                14 => a.tanh(),
                15 => a.atan(),
                16 => a.hypot(b),
                17 => a.above(b),
                18 => a.at_least(b),
                19 => a.above(b).select(b, c),
                20 => a.length(b),
                21 => a.sin_cos().0,
                22 => a.pow(b),
                _ => a.atan2(b),
            });
        }
        stack[stack.len() - 1]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// What a formula gives at a point of a box lies in what it gives for the box.
        #[test]
        fn ranges_hold_values(
            pick in proptest::collection::vec(any::<u8>(), 1..12),
            corner in proptest::array::uniform3(-3.0..3.0f64),
            size in proptest::array::uniform3(prop_oneof![Just(0.0), 0.0..2.0f64]),
            part in proptest::array::uniform3(0.0..1.0f64),
        ) {
            let boxed = std::array::from_fn(|k| Interval::new(corner[k], corner[k] + size[k]));
            let point = std::array::from_fn(|k| (corner[k] + part[k] * size[k]).min(boxed[k].hi));
            let (range, value) = (formula(&pick, boxed), formula(&pick, point));
            prop_assert!(value.is_nan() && range == Interval::ALL || range.lo <= value && value <= range.hi,
                "{value} is not in {range:?}");
        }
    }
}
