//! Single numbers on machines that multiply and add in one instruction.

use crate::real::{Real, exp32};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// An `f32` whose functions use fused multiply-add.
#[derive(Clone, Copy)]
pub(super) struct Fused(f32);

impl From<f32> for Fused {
    #[inline(always)]
    fn from(x: f32) -> Fused {
        Fused(x)
    }
}

impl From<Fused> for f32 {
    #[inline(always)]
    fn from(x: Fused) -> f32 {
        x.0
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Fused {
            type Output = Fused;
            #[inline(always)]
            fn $method(self, o: Fused) -> Fused {
                Fused($trait::$method(self.0, o.0))
            }
        }
    )*};
}
operators!(Add add Sub sub Mul mul Div div);

impl Neg for Fused {
    type Output = Fused;
    #[inline(always)]
    fn neg(self) -> Fused {
        Fused(-self.0)
    }
}

macro_rules! functions {
    ([$($one:ident)*] [$($two:ident)*]) => {
        $(
            #[inline(always)]
            fn $one(self) -> Fused {
                Fused(Real::$one(self.0))
            }
        )*
        $(
            #[inline(always)]
            fn $two(self, o: Fused) -> Fused {
                Fused(Real::$two(self.0, o.0))
            }
        )*
    };
}

impl Real for Fused {
    #[inline(always)]
    fn lit(x: f64) -> Fused {
        Fused(x as f32)
    }
    #[inline(always)]
    fn exp(self) -> Fused {
        Fused(exp32::<true>(self.0))
    }
    functions! {
        [sqrt abs floor ln sin cos tan tanh asin acos atan] [min max atan2 hypot pow above at_least]
    }
    #[inline(always)]
    fn select(self, a: Fused, b: Fused) -> Fused {
        Fused(Real::select(self.0, a.0, b.0))
    }
}
