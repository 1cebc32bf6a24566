//! A shape primitive: a formula with parameters.

/// A primitive's formula. One entry of the operation table declares one.
#[derive(Debug, Clone)]
pub struct Prim {
    /// Its name, as called in programs.
    pub name: String,
    /// 2 or 3.
    pub dim: u8,
    /// The field at a point: negative inside, positive outside, 0 on the border; the signed distance where the
    /// formula has one. Arguments: the primitive's parameters, then the point (z is 0 in 2D).
    pub field: fn(&[f64], [f64; 3]) -> f64,
}
