//! Affine maps and boxes.

pub use nsp_kernels::real::Real;
use nsp_kernels::sym::Sym;
use std::f64::consts::FRAC_PI_2;

/// A number of the formulas of shapes: an exact one, or a symbol of a tape.
pub trait Scalar: Real {
    /// Sine and cosine of an angle.
    fn sin_cos(self) -> (Self, Self);
    /// `sqrt(x*x + y*y)`
    fn length(self, y: Self) -> Self;
}

impl Scalar for f64 {
    #[inline(always)]
    fn sin_cos(self) -> (f64, f64) {
        sin_cos(self)
    }
    #[inline(always)]
    fn length(self, y: f64) -> f64 {
        (self * self + y * y).sqrt()
    }
}

impl Scalar for Sym<'_> {
    fn sin_cos(self) -> (Self, Self) {
        match self {
            Sym::Lit(a) => {
                let (s, c) = sin_cos(a);
                (Sym::Lit(s), Sym::Lit(c))
            }
            a => (a.sin(), a.cos()),
        }
    }
    fn length(self, y: Self) -> Self {
        self.hypot(y)
    }
}

/// The map `p -> m p + t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine<R = f64> {
    /// Rows of the linear part.
    pub m: [[R; 3]; 3],
    /// Translation.
    pub t: [R; 3],
}

impl Affine {
    /// `p -> p`
    pub const IDENTITY: Affine = Affine { m: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], t: [0.0; 3] };

    /// `p -> self(first(p))`
    pub fn after(&self, first: &Affine) -> Affine {
        let m = std::array::from_fn(|r| {
            std::array::from_fn(|c| (0..3).map(|k| self.m[r][k] * first.m[k][c]).sum::<f64>() + 0.0)
        });
        Affine { m, t: self.apply(first.t).map(|x| x + 0.0) }
    }
}

impl<R: Scalar> Affine<R> {
    /// `p -> p + t`
    pub fn translation(t: [R; 3]) -> Affine<R> {
        Affine { t, ..Affine::scaling([R::lit(1.0); 3]) }
    }

    /// `p -> diag(k) p`
    pub fn scaling(k: [R; 3]) -> Affine<R> {
        let o = R::lit(0.0);
        Affine { m: [[k[0], o, o], [o, k[1], o], [o, o, k[2]]], t: [o; 3] }
    }

    /// The linear map `m` about the fixed point `c`: `p -> m (p - c) + c`.
    pub fn about(m: [[R; 3]; 3], c: [R; 3]) -> Affine<R> {
        let linear = Affine { m, t: [R::lit(0.0); 3] };
        let moved = linear.turn(c);
        Affine { m, t: std::array::from_fn(|k| c[k] - moved[k]) }
    }

    /// `m p + t`
    pub fn apply(&self, p: [R; 3]) -> [R; 3] {
        let q = self.turn(p);
        std::array::from_fn(|k| q[k] + self.t[k])
    }

    /// What a step of one unit on an axis becomes.
    pub fn column(&self, axis: usize) -> [R; 3] {
        std::array::from_fn(|k| self.m[k][axis])
    }

    /// `m p`: what becomes of a displacement.
    pub fn turn(&self, p: [R; 3]) -> [R; 3] {
        std::array::from_fn(|k| self.m[k][0] * p[0] + self.m[k][1] * p[1] + self.m[k][2] * p[2])
    }
}

/// `(sin a, cos a)`, exact at multiples of a quarter turn, so that a shape turned by 90deg has its edges where a
/// reader expects them and not 1e-16 beside.
pub fn sin_cos(a: f64) -> (f64, f64) {
    let quarters = (a / FRAC_PI_2).round();
    if (a - quarters * FRAC_PI_2).abs() > 1e-13 * (1.0 + a.abs()) {
        return a.sin_cos();
    }
    match quarters.rem_euclid(4.0) as u8 {
        0 => (0.0, 1.0),
        1 => (1.0, 0.0),
        2 => (0.0, -1.0),
        _ => (-1.0, 0.0),
    }
}

/// An axis-aligned box; sides may be infinite. Empty when some `lo` is above its `hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least corner.
    pub lo: [f64; 3],
    /// Greatest corner.
    pub hi: [f64; 3],
}

impl Bounds {
    /// No point.
    pub const EMPTY: Bounds = Bounds { lo: [f64::INFINITY; 3], hi: [f64::NEG_INFINITY; 3] };

    /// All points.
    pub const ALL: Bounds = Bounds { lo: [f64::NEG_INFINITY; 3], hi: [f64::INFINITY; 3] };

    /// The box of this centre and these half extents.
    pub fn around(c: [f64; 3], half: [f64; 3]) -> Bounds {
        Bounds { lo: std::array::from_fn(|k| c[k] - half[k]), hi: std::array::from_fn(|k| c[k] + half[k]) }
    }

    /// Whether it holds no point.
    pub fn is_empty(&self) -> bool {
        (0..3).any(|k| self.lo[k] > self.hi[k])
    }

    /// Whether the sides of the first `dim` axes are finite.
    pub fn is_finite(&self, dim: u8) -> bool {
        self.lo.iter().chain(&self.hi).enumerate().all(|(i, x)| i % 3 >= usize::from(dim) || x.is_finite())
    }

    /// The least box around both.
    pub fn hull(&self, o: &Bounds) -> Bounds {
        match (self.is_empty(), o.is_empty()) {
            (true, _) => *o,
            (_, true) => *self,
            _ => Bounds {
                lo: std::array::from_fn(|k| self.lo[k].min(o.lo[k])),
                hi: std::array::from_fn(|k| self.hi[k].max(o.hi[k])),
            },
        }
    }

    /// What lies in both.
    pub fn meet(&self, o: &Bounds) -> Bounds {
        Bounds {
            lo: std::array::from_fn(|k| self.lo[k].max(o.lo[k])),
            hi: std::array::from_fn(|k| self.hi[k].min(o.hi[k])),
        }
    }

    /// The least box around the image of this one.
    pub fn through(&self, a: &Affine) -> Bounds {
        if self.is_empty() {
            return *self;
        }
        // A zero coefficient ignores its axis even when that side is infinite.
        let times = |m: f64, x: f64| if m == 0.0 { 0.0 } else { m * x };
        let mut out = Bounds { lo: a.t, hi: a.t };
        for r in 0..3 {
            for k in 0..3 {
                let (p, q) = (times(a.m[r][k], self.lo[k]), times(a.m[r][k], self.hi[k]));
                out.lo[r] += p.min(q);
                out.hi[r] += p.max(q);
            }
        }
        out
    }

    /// The box moved by `d`.
    pub fn moved(&self, d: [f64; 3]) -> Bounds {
        Bounds { lo: std::array::from_fn(|k| self.lo[k] + d[k]), hi: std::array::from_fn(|k| self.hi[k] + d[k]) }
    }

    /// A little larger on all sides, so that rounding cannot put a point of the shape outside.
    pub fn widened(&self) -> Bounds {
        Bounds { lo: self.lo.map(|x| x - 1e-9 * (1.0 + x.abs())), hi: self.hi.map(|x| x + 1e-9 * (1.0 + x.abs())) }
    }
}
