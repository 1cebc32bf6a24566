//! Numbers over which the bodies of operations are written once: `f64` (the language and the reference), `f32` (lanes
//! of the executors), [`Sym`](crate::sym::Sym) (a value of a tape that is being built).

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number, or what stands for one.
///
/// Truth is a number: 1 for true, 0 for false.
pub trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// A constant.
    fn lit(x: f64) -> Self;
    /// `sqrt(x)`
    fn sqrt(self) -> Self;
    /// `|x|`
    fn abs(self) -> Self;
    /// The greatest whole number that is at most x.
    fn floor(self) -> Self;
    /// The lesser; the second where they are equal or not comparable.
    fn min(self, o: Self) -> Self;
    /// The greater; the second where they are equal or not comparable.
    fn max(self, o: Self) -> Self;
    /// `e ^ x`
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// The sine.
    fn sin(self) -> Self;
    /// The cosine.
    fn cos(self) -> Self;
    /// The tangent.
    fn tan(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
    /// The inverse sine.
    fn asin(self) -> Self;
    /// The inverse cosine.
    fn acos(self) -> Self;
    /// The inverse tangent.
    fn atan(self) -> Self;
    /// The angle of the point (x, y); `self` is y.
    fn atan2(self, x: Self) -> Self;
    /// `sqrt(x*x + y*y)`
    fn hypot(self, y: Self) -> Self;
    /// `x ^ y`
    fn pow(self, y: Self) -> Self;
    /// Whether `self > o`.
    fn above(self, o: Self) -> Self;
    /// Whether `self >= o`.
    fn at_least(self, o: Self) -> Self;
    /// `a` where `self > 0.5`, else `b`.
    fn select(self, a: Self, b: Self) -> Self;
}

impl Real for f64 {
    #[inline(always)]
    fn lit(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> f64 {
        f64::abs(self)
    }
    #[inline(always)]
    fn floor(self) -> f64 {
        f64::floor(self)
    }
    #[inline(always)]
    fn min(self, o: f64) -> f64 {
        if self < o { self } else { o }
    }
    #[inline(always)]
    fn max(self, o: f64) -> f64 {
        if self > o { self } else { o }
    }
    #[inline(always)]
    fn exp(self) -> f64 {
        f64::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> f64 {
        f64::ln(self)
    }
    #[inline(always)]
    fn sin(self) -> f64 {
        f64::sin(self)
    }
    #[inline(always)]
    fn cos(self) -> f64 {
        f64::cos(self)
    }
    #[inline(always)]
    fn tan(self) -> f64 {
        f64::tan(self)
    }
    #[inline(always)]
    fn tanh(self) -> f64 {
        f64::tanh(self)
    }
    #[inline(always)]
    fn asin(self) -> f64 {
        f64::asin(self)
    }
    #[inline(always)]
    fn acos(self) -> f64 {
        f64::acos(self)
    }
    #[inline(always)]
    fn atan(self) -> f64 {
        f64::atan(self)
    }
    #[inline(always)]
    fn atan2(self, x: f64) -> f64 {
        f64::atan2(self, x)
    }
    #[inline(always)]
    fn hypot(self, y: f64) -> f64 {
        f64::hypot(self, y)
    }
    #[inline(always)]
    fn pow(self, y: f64) -> f64 {
        f64::powf(self, y)
    }
    #[inline(always)]
    fn above(self, o: f64) -> f64 {
        f64::from(u8::from(self > o))
    }
    #[inline(always)]
    fn at_least(self, o: f64) -> f64 {
        f64::from(u8::from(self >= o))
    }
    #[inline(always)]
    fn select(self, a: f64, b: f64) -> f64 {
        if self > 0.5 { a } else { b }
    }
}

impl Real for f32 {
    #[inline(always)]
    fn lit(x: f64) -> f32 {
        x as f32
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn floor(self) -> f32 {
        f32::floor(self)
    }
    #[inline(always)]
    fn min(self, o: f32) -> f32 {
        if self < o { self } else { o }
    }
    #[inline(always)]
    fn max(self, o: f32) -> f32 {
        if self > o { self } else { o }
    }
    #[inline(always)]
    fn exp(self) -> f32 {
        exp32::<false>(self)
    }
    #[inline(always)]
    fn ln(self) -> f32 {
        f32::ln(self)
    }
    #[inline(always)]
    fn sin(self) -> f32 {
        f32::sin(self)
    }
    #[inline(always)]
    fn cos(self) -> f32 {
        f32::cos(self)
    }
    #[inline(always)]
    fn tan(self) -> f32 {
        f32::tan(self)
    }
    #[inline(always)]
    fn tanh(self) -> f32 {
        f32::tanh(self)
    }
    #[inline(always)]
    fn asin(self) -> f32 {
        f32::asin(self)
    }
    #[inline(always)]
    fn acos(self) -> f32 {
        f32::acos(self)
    }
    #[inline(always)]
    fn atan(self) -> f32 {
        f32::atan(self)
    }
    #[inline(always)]
    fn atan2(self, x: f32) -> f32 {
        f32::atan2(self, x)
    }
    #[inline(always)]
    fn hypot(self, y: f32) -> f32 {
        f32::sqrt(self * self + y * y)
    }
    #[inline(always)]
    fn pow(self, y: f32) -> f32 {
        f32::powf(self, y)
    }
    #[inline(always)]
    fn above(self, o: f32) -> f32 {
        if self > o { 1.0 } else { 0.0 }
    }
    #[inline(always)]
    fn at_least(self, o: f32) -> f32 {
        if self >= o { 1.0 } else { 0.0 }
    }
    #[inline(always)]
    fn select(self, a: f32, b: f32) -> f32 {
        if self > 0.5 { a } else { b }
    }
}

/// `e ^ x` without branches, so that loops over it become vector code: `2^n e^r` with `|r| <= ln(2) / 2` and a
/// polynomial for `e^r`. Within 2 units in the last place; 0 below -87.3, infinity above 88.37. `FUSED` is for machines
/// that multiply and add in one instruction; elsewhere that is slow.
#[inline(always)]
pub(crate) fn exp32<const FUSED: bool>(x: f32) -> f32 {
    const HIGH: f32 = 88.37;
    const LOW: f32 = -87.3;
    // ln 2 in two parts, the first with so few digits that n times it is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 * 2^23 leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let fma = mul_add::<FUSED>;
    let y = if x > HIGH { HIGH } else { x };
    let y = if y < LOW { LOW } else { y };
    let shifted = fma(y, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = fma(-n, LN2_LOW, fma(-n, LN2_HIGH, y));
    // Taylor's coefficients, the last two moved a little towards the best approximation on the interval.
    let p = 1.388_9e-3;
    let p = fma(p, r, 8.333_6e-3);
    let p = fma(p, r, 4.166_667e-2);
    let p = fma(p, r, 0.166_666_67);
    let p = fma(p, r, 0.5);
    let p = fma(p * r, r, r) + 1.0;
    let scale = f32::from_bits((shifted.to_bits().wrapping_shl(23)).wrapping_add(127 << 23));
    let y = p * scale;
    let y = if x > HIGH { f32::INFINITY } else { y };
    if x < LOW { 0.0 } else { y }
}

/// `a * b + c`
#[inline(always)]
pub(crate) fn mul_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let mut worst = 0.0f64;
        let mut x = -87.29f32;
        while x < 88.36 {
            let want = f64::from(x).exp();
            for got in [exp32::<false>(x), exp32::<true>(x)] {
                let error = (f64::from(got) - want).abs() / want / f64::from(f32::EPSILON);
                worst = worst.max(error);
            }
            x += 0.001_3;
        }
        assert!(worst < 2.0, "{worst} units");
        for exp in [exp32::<false>, exp32::<true>] {
            assert_eq!(exp(0.0), 1.0);
            assert_eq!(exp(f32::NEG_INFINITY), 0.0);
            assert_eq!(exp(f32::INFINITY), f32::INFINITY);
            assert!(exp(f32::NAN).is_nan());
        }
    }
}
