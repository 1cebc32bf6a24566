//! Functions of the numbers of a device, written for every device alike.
//!
//! What shading languages promise of their own functions is too little: an error of 2^-11 for a sine, any result for the
//! power of a negative number or a remainder. Only `exp`, `ln`, `sqrt`, `floor` and `abs` are taken from the device;
//! polynomials are Taylor's, over intervals so small that their error is below that of an `f32`.

// What the macro makes of a function is not written by hand.
#![allow(missing_docs, clippy::all)]

use cubecl::prelude::*;

#[cube]
pub fn add(a: f32, b: f32) -> f32 {
    a + b
}

#[cube]
pub fn sub(a: f32, b: f32) -> f32 {
    a - b
}

#[cube]
pub fn mul(a: f32, b: f32) -> f32 {
    a * b
}

#[cube]
pub fn div(a: f32, b: f32) -> f32 {
    a / b
}

#[cube]
pub fn neg(a: f32) -> f32 {
    -a
}

#[cube]
pub fn sqrt(x: f32) -> f32 {
    f32::sqrt(x)
}

#[cube]
pub fn abs(x: f32) -> f32 {
    f32::abs(x)
}

#[cube]
pub fn floor(x: f32) -> f32 {
    f32::floor(x)
}

#[cube]
pub fn exp(x: f32) -> f32 {
    f32::exp(x)
}

#[cube]
pub fn ln(x: f32) -> f32 {
    f32::ln(x)
}

/// The second where they are equal or not comparable.
#[cube]
pub fn min(a: f32, b: f32) -> f32 {
    select(a < b, a, b)
}

#[cube]
pub fn max(a: f32, b: f32) -> f32 {
    select(a > b, a, b)
}

#[cube]
pub fn above(a: f32, b: f32) -> f32 {
    select(a > b, 1.0f32, 0.0f32)
}

#[cube]
pub fn at_least(a: f32, b: f32) -> f32 {
    select(a >= b, 1.0f32, 0.0f32)
}

#[cube]
pub fn choose(t: f32, a: f32, b: f32) -> f32 {
    select(t > 0.5f32, a, b)
}

/// `s * slope`, and 0 where nothing depends on the result, be the slope ever so steep.
#[cube]
pub fn chain(s: f32, slope: f32) -> f32 {
    select(s == 0.0f32, 0.0f32, s * slope)
}

/// The number of quarter turns nearest to an angle.
#[cube]
fn quarters(x: f32) -> f32 {
    f32::floor(x * 0.636_619_77f32 + 0.5f32)
}

/// What is left of an angle after some quarter turns, a quarter turn in three parts so that products with the first two
/// are exact.
#[cube]
fn rest(x: f32, n: f32) -> f32 {
    ((x - n * 1.570_312_5f32) - n * 4.837_512_969_970_703e-4f32) - n * 7.549_790e-8f32
}

/// Sine and cosine within an eighth turn, by quarter: 0 the sine, 1 the cosine, 2 and 3 their negatives.
#[cube]
fn wave(r: f32, quarter: f32) -> f32 {
    let z = r * r;
    let sine = r + r * z * (-0.166_666_67f32 + z * (8.333_333e-3f32 + z * (-1.984_127e-4f32 + z * 2.755_732e-6f32)));
    let cosine = 1.0f32 + z * (-0.5f32 + z * (4.166_666_8e-2f32 + z * (-1.388_889e-3f32 + z * 2.480_159e-5f32)));
    let odd = quarter - 2.0f32 * f32::floor(quarter * 0.5f32);
    let value = select(odd > 0.5f32, cosine, sine);
    select(quarter > 1.5f32, -value, value)
}

#[cube]
pub fn sin(x: f32) -> f32 {
    let n = quarters(x);
    wave(rest(x, n), n - 4.0f32 * f32::floor(n * 0.25f32))
}

#[cube]
pub fn cos(x: f32) -> f32 {
    let n = quarters(x);
    let m = n + 1.0f32;
    wave(rest(x, n), m - 4.0f32 * f32::floor(m * 0.25f32))
}

#[cube]
pub fn tan(x: f32) -> f32 {
    sin(x) / cos(x)
}

/// By the exponential, and near 0 by its series.
#[cube]
pub fn tanh(x: f32) -> f32 {
    let z = x * x;
    let series =
        x + x * z * (-0.333_333_34f32 + z * (0.133_333_34f32 + z * (-5.396_825_5e-2f32 + z * 2.186_949e-2f32)));
    let e = f32::exp(-2.0f32 * f32::abs(x));
    let t = (1.0f32 - e) / (1.0f32 + e);
    let far = select(x < 0.0f32, -t, t);
    select(z < 0.09f32, series, far)
}

/// The inverse tangent of a number that is not negative: of its reciprocal above 1, of a quotient above the tangent of a
/// sixteenth turn.
#[cube]
fn atan_positive(a: f32) -> f32 {
    let steep = a > 1.0f32;
    let b = select(steep, 1.0f32 / a, a);
    let middle = b > 0.414_213_57f32;
    let t = select(middle, (b - 1.0f32) / (b + 1.0f32), b);
    let z = t * t;
    let tail = z * (0.111_111_11f32 + z * (-9.090_909e-2f32 + z * (7.692_308e-2f32 + z * -6.666_667e-2f32)));
    let series = t + t * z * (-0.333_333_34f32 + z * (0.2f32 + z * (-0.142_857_15f32 + tail)));
    let low = select(middle, series + 0.785_398_2f32, series);
    select(steep, 1.570_796_4f32 - low, low)
}

#[cube]
pub fn atan(x: f32) -> f32 {
    let a = atan_positive(f32::abs(x));
    select(x < 0.0f32, -a, a)
}

#[cube]
pub fn asin(x: f32) -> f32 {
    atan(x / f32::sqrt((1.0f32 - x) * (1.0f32 + x)))
}

#[cube]
pub fn acos(x: f32) -> f32 {
    2.0f32 * atan_positive(f32::sqrt((1.0f32 - x) / (1.0f32 + x)))
}

/// The angle of the point (x, y); 0 at (0, 0).
#[cube]
pub fn atan2(y: f32, x: f32) -> f32 {
    let a = atan_positive(f32::abs(y) / f32::abs(x));
    let angle = select(x < 0.0f32, 3.141_592_7f32 - a, a);
    let whole = select(y == 0.0f32, select(x < 0.0f32, 3.141_592_7f32, 0.0f32), angle);
    select(y < 0.0f32, -whole, whole)
}

#[cube]
pub fn hypot(x: f32, y: f32) -> f32 {
    f32::sqrt(x * x + y * y)
}

/// Of a negative number only whole powers exist.
#[cube]
pub fn pow(x: f32, y: f32) -> f32 {
    let size = f32::exp(y * f32::ln(f32::abs(x)));
    let half = y * 0.5f32;
    let odd = half != f32::floor(half);
    let whole = y == f32::floor(y);
    let negative = select(whole, select(odd, -size, size), f32::ln(x));
    let power = select(x < 0.0f32, negative, size);
    select(y == 0.0f32, 1.0f32, power)
}

/// Whether a number is infinite or none, by its bits: devices may take for granted that there are no such numbers.
#[cube]
pub fn broken(x: f32) -> bool {
    (u32::reinterpret(x) & 0x7f80_0000u32) == 0x7f80_0000u32
}
