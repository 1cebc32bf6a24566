//! A number of a device, as [`Real`]: its operations emit code into the kernel that is being made. So the bodies of the
//! table become device code; what a device's own operations mean otherwise than the table is settled in
//! [`math`](super::math).

use super::math;
use crate::real::Real;
use cubecl::prelude::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value in the kernel that is being made.
pub(super) type Value = NativeExpand<f32>;

/// A constant, or a value with the place where code is added.
#[derive(Clone, Copy)]
pub(super) enum Number<'s> {
    Lit(f32),
    At(Value, &'s Scope),
}

impl<'s> Number<'s> {
    /// The number as a value.
    pub(super) fn value(self) -> Value {
        match self {
            Number::Lit(x) => x.into(),
            Number::At(value, _) => value,
        }
    }

    fn scope(self) -> Option<&'s Scope> {
        match self {
            Number::Lit(_) => None,
            Number::At(_, scope) => Some(scope),
        }
    }

    fn one(self, host: fn(f32) -> f32, device: fn(&Scope, Value) -> Value) -> Self {
        match self {
            Number::Lit(x) => Number::Lit(host(x)),
            Number::At(x, scope) => Number::At(device(scope, x), scope),
        }
    }

    fn two(self, o: Self, host: fn(f32, f32) -> f32, device: fn(&Scope, Value, Value) -> Value) -> Self {
        match (self, o) {
            (Number::Lit(x), Number::Lit(y)) => Number::Lit(host(x, y)),
            _ => match self.scope().or(o.scope()) {
                Some(scope) => Number::At(device(scope, self.value(), o.value()), scope),
                None => self,
            },
        }
    }

    /// `s * slope`, and 0 where `s` is 0.
    pub(super) fn chain(self, slope: Self) -> Self {
        self.two(slope, |s, slope| if s == 0.0 { 0.0 } else { s * slope }, math::chain::expand)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Number<'_> {
            type Output = Self;
            fn $method(self, o: Self) -> Self {
                self.two(o, <f32 as $trait>::$method, math::$method::expand)
            }
        }
    )*};
}
operators!(Add add Sub sub Mul mul Div div);

impl Neg for Number<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.one(|x| -x, math::neg::expand)
    }
}

macro_rules! functions {
    ([$($one:ident)*] [$($two:ident)*]) => {
        $(fn $one(self) -> Self { self.one(<f32 as Real>::$one, math::$one::expand) })*
        $(fn $two(self, o: Self) -> Self { self.two(o, <f32 as Real>::$two, math::$two::expand) })*
    };
}

impl Real for Number<'_> {
    fn lit(x: f64) -> Self {
        Number::Lit(x as f32)
    }
    functions! {
        [sqrt abs floor exp ln sin cos tan tanh asin acos atan] [min max atan2 hypot pow above at_least]
    }
    fn select(self, a: Self, b: Self) -> Self {
        match (self, a.scope().or(b.scope())) {
            (Number::Lit(t), _) => {
                if t > 0.5 {
                    a
                } else {
                    b
                }
            }
            (Number::At(t, scope), _) => Number::At(math::choose::expand(scope, t, a.value(), b.value()), scope),
        }
    }
}
