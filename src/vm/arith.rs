//! Whole-number division, rounded towards minus infinity: `a == b * div(a, b) + a % b`, and `a % b` has b's sign.

/// `div(a, b)`; `None` on overflow. `b` is not 0.
#[inline]
pub fn floor_div(a: i64, b: i64) -> Option<i64> {
    let q = a.checked_div(b)?;
    Some(if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
}

/// `a % b`. `b` is not 0.
#[inline]
pub fn floor_rem(a: i64, b: i64) -> i64 {
    let r = a.wrapping_rem(b);
    if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
}
