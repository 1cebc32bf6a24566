//! Which numbers a partial derivative depends on, found by computing it over sets of names instead of numbers. What a
//! derivative does not read need not be kept for it.

use crate::dispatch::slopes;
use crate::real::Real;
use crate::table::Opcode;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A set: bit `i` for argument `i`, [`Y`] for the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reads(pub u8);

/// The bit of an operation's value.
pub(crate) const Y: u8 = 8;

impl Reads {
    pub(crate) fn any(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// What the partial derivatives of an operation read, by argument; nothing where the derivative is a constant.
pub(crate) fn partials(op: Opcode) -> [Reads; 3] {
    slopes(op, [Reads(1), Reads(2), Reads(4)], Reads(Y))
}

macro_rules! operators {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Reads {
            type Output = Reads;
            #[allow(clippy::suspicious_arithmetic_impl)] // every operation joins the sets
            fn $method(self, o: Reads) -> Reads {
                Reads(self.0 | o.0)
            }
        }
    )*};
}
operators!(Add add Sub sub Mul mul Div div);

impl Neg for Reads {
    type Output = Reads;
    fn neg(self) -> Reads {
        self
    }
}

macro_rules! functions {
    ([$($one:ident)*] [$($two:ident)*]) => {
        $(fn $one(self) -> Reads { self })*
        $(fn $two(self, o: Reads) -> Reads { self + o })*
    };
}

impl Real for Reads {
    fn lit(_: f64) -> Reads {
        Reads(0)
    }
    functions! {
        [sqrt abs floor exp ln sin cos tan tanh asin acos atan] [min max atan2 hypot pow above at_least]
    }
    fn select(self, a: Reads, b: Reads) -> Reads {
        self + a + b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_derivatives_read() {
        assert_eq!(partials(Opcode::sigmoid)[0], Reads(Y));
        assert_eq!(partials(Opcode::sin)[0], Reads(1));
        assert_eq!(partials(Opcode::mul)[..2], [Reads(2), Reads(1)]);
        assert_eq!(partials(Opcode::sub)[..2], [Reads(0), Reads(0)]);
        assert_eq!(partials(Opcode::div)[..2], [Reads(2), Reads(2 | Y)]);
        assert_eq!(partials(Opcode::select)[0], Reads(0));
    }
}
