//! Operations on whole blocks: the bodies of [`ops`] in loops, compiled for an instruction set.

use super::lanes::{Lanes, Task};
use crate::ops;
use crate::table::Opcode;
use crate::with_scalars;
use std::marker::PhantomData;

/// An operand of a loop: a block, or one number for all.
pub(super) trait Operand: Copy {
    /// Cut to `n` numbers, so that the loop needs no further check.
    fn cut(self, n: usize) -> Self;
    fn at(self, i: usize) -> f32;
}

impl Operand for &[f32] {
    #[inline(always)]
    fn cut(self, n: usize) -> Self {
        &self[..n]
    }
    #[inline(always)]
    fn at(self, i: usize) -> f32 {
        self[i]
    }
}

impl Operand for f32 {
    #[inline(always)]
    fn cut(self, _: usize) -> Self {
        self
    }
    #[inline(always)]
    fn at(self, _: usize) -> f32 {
        self
    }
}

/// A function of `N` numbers, one at a time.
trait Body<L: Lanes, const N: usize> {
    fn at(x: [f32; N]) -> f32;
}

/// `s * slope`, and 0 where nothing depends on the result (`s` is 0), be the slope ever so steep: the root of 0 may be
/// the lesser of two numbers.
#[inline(always)]
fn chain(s: f32, slope: f32) -> f32 {
    if s == 0.0 { 0.0 } else { s * slope }
}

/// Applies a body at all places of blocks.
struct Map<'a, B, A> {
    dst: &'a mut [f32],
    args: A,
    body: PhantomData<B>,
}

macro_rules! map {
    ($($n:literal $($x:ident $name:ident)*;)*) => {$(
        impl<L: Lanes, B: Body<L, $n>, $($x: Operand),*> Task<L> for Map<'_, B, ($($x,)*)> {
            #[inline(always)]
            fn run(self, _: L) {
                // References as parameters: the compiler then knows that the result lies apart from the operands.
                #[inline(always)]
                fn all<L: Lanes, B: Body<L, $n>, $($x: Operand),*>(dst: &mut [f32], $($name: $x),*) {
                    let n = dst.len() & !15;
                    let dst = &mut dst[..n];
                    $(let $name = $name.cut(n);)*
                    for i in 0..n {
                        dst[i] = B::at([$($name.at(i)),*]);
                    }
                }
                let ($($name,)*) = self.args;
                all::<L, B, $($x),*>(self.dst, $($name),*);
            }
        }
    )*};
}
map! {
    1 A a;
    2 A a B1 b;
    3 A a B1 b C c;
    4 A a B1 b C c D d;
    5 A a B1 b C c D d E e;
}

#[inline(always)]
fn map<L: Lanes, B, A>(lanes: L, dst: &mut [f32], args: A)
where
    for<'a> Map<'a, B, A>: Task<L>,
{
    lanes.call(Map::<B, A> { dst, args, body: PhantomData });
}

/// Bodies, by the operations' names.
#[allow(non_camel_case_types)]
mod bodies {
    use super::*;

    macro_rules! bodies {
        (one: [$($one:ident)*] two: [$($two:ident)*] three: [$($three:ident)*]) => {
            $(pub(super) struct $one;)*
            $(pub(super) struct $two;)*
            $(pub(super) struct $three;)*
            $(
                impl<L: Lanes> Body<L, 1> for $one {
                    #[inline(always)]
                    fn at([a]: [f32; 1]) -> f32 {
                        ops::$one::value(L::F::from(a)).into()
                    }
                }
                impl<L: Lanes> Body<L, 3> for Partial<$one, 0> {
                    #[inline(always)]
                    fn at([a, y, s]: [f32; 3]) -> f32 {
                        chain(s, ops::$one::partial(L::F::from(a), L::F::from(y)).into())
                    }
                }
            )*
            $(
                impl<L: Lanes> Body<L, 2> for $two {
                    #[inline(always)]
                    fn at([a, b]: [f32; 2]) -> f32 {
                        ops::$two::value(L::F::from(a), L::F::from(b)).into()
                    }
                }
                impl<L: Lanes, const BY: usize> Body<L, 4> for Partial<$two, BY> {
                    #[inline(always)]
                    fn at([a, b, y, s]: [f32; 4]) -> f32 {
                        chain(s, ops::$two::partial(L::F::from(a), L::F::from(b), L::F::from(y))[BY].into())
                    }
                }
            )*
            $(
                impl<L: Lanes> Body<L, 3> for $three {
                    #[inline(always)]
                    fn at([a, b, c]: [f32; 3]) -> f32 {
                        ops::$three::value(L::F::from(a), L::F::from(b), L::F::from(c)).into()
                    }
                }
                impl<L: Lanes, const BY: usize> Body<L, 5> for Partial<$three, BY> {
                    #[inline(always)]
                    fn at([a, b, c, y, s]: [f32; 5]) -> f32 {
                        chain(s, ops::$three::partial(L::F::from(a), L::F::from(b), L::F::from(c), L::F::from(y))[BY].into())
                    }
                }
            )*
        };
    }
    with_scalars!(bodies);

    /// `s` times an operation's partial derivative by argument `BY`.
    pub(super) struct Partial<O, const BY: usize>(PhantomData<O>);
}

use bodies::Partial;

macro_rules! dispatch {
    (one: [$($one:ident)*] two: [$($two:ident)*] three: [$($three:ident)*]) => {
        /// `dst = op(a)`
        pub(super) fn one<L: Lanes>(lanes: L, op: Opcode, dst: &mut [f32], a: &[f32]) {
            match op {
                $(Opcode::$one => map::<L, bodies::$one, _>(lanes, dst, (a,)),)*
                _ => debug_assert!(false, "{op:?} takes more arguments"),
            }
        }

        /// `dst = op(a, b)`
        pub(super) fn two<L: Lanes, A: Operand, B: Operand>(lanes: L, op: Opcode, dst: &mut [f32], a: A, b: B) {
            match op {
                $(Opcode::$two => map::<L, bodies::$two, _>(lanes, dst, (a, b)),)*
                _ => debug_assert!(false, "{op:?} does not take two arguments"),
            }
        }

        /// `dst = op(a, b, c)`
        pub(super) fn three<L: Lanes>(lanes: L, op: Opcode, dst: &mut [f32], [a, b, c]: [&[f32]; 3]) {
            match op {
                $(Opcode::$three => map::<L, bodies::$three, _>(lanes, dst, (a, b, c)),)*
                _ => debug_assert!(false, "{op:?} does not take three arguments"),
            }
        }

        /// `dst = s * partial(a, y)`
        pub(super) fn partial_one<L: Lanes>(lanes: L, op: Opcode, dst: &mut [f32], [a, y, s]: [&[f32]; 3]) {
            match op {
                $(Opcode::$one => map::<L, Partial<bodies::$one, 0>, _>(lanes, dst, (a, y, s)),)*
                _ => debug_assert!(false, "{op:?} takes more arguments"),
            }
        }

        /// `dst = s * partial(a, b, y)` by argument `BY`.
        pub(super) fn partial_two<L: Lanes, A: Operand, B: Operand, const BY: usize>(
            lanes: L, op: Opcode, dst: &mut [f32], a: A, b: B, [y, s]: [&[f32]; 2],
        ) {
            match op {
                $(Opcode::$two => map::<L, Partial<bodies::$two, BY>, _>(lanes, dst, (a, b, y, s)),)*
                _ => debug_assert!(false, "{op:?} does not take two arguments"),
            }
        }

        /// `dst = s * partial(a, b, c, y)` by argument `BY`.
        pub(super) fn partial_three<L: Lanes, const BY: usize>(
            lanes: L, op: Opcode, dst: &mut [f32], [a, b, c, y, s]: [&[f32]; 5],
        ) {
            match op {
                $(Opcode::$three => map::<L, Partial<bodies::$three, BY>, _>(lanes, dst, (a, b, c, y, s)),)*
                _ => debug_assert!(false, "{op:?} does not take three arguments"),
            }
        }
    };
}
with_scalars!(dispatch);

macro_rules! fused {
    ($($name:ident $body:ident: $a:ident $b:ident $c:ident, $doc:literal $value:expr;)*) => {$(
        struct $body;

        impl<L: Lanes> Body<L, 3> for $body {
            #[inline(always)]
            fn at([$a, $b, $c]: [f32; 3]) -> f32 {
                $value
            }
        }

        #[doc = $doc]
        pub(super) fn $name<L: Lanes, B: Operand, C: Operand>(lanes: L, dst: &mut [f32], a: &[f32], b: B, c: C) {
            map::<L, $body, _>(lanes, dst, (a, b, c));
        }
    )*};
}
fused! {
    mul_add MulAdd: a b c, "`dst = a * b + c`" L::mul_add(a, b, c);
    mul_sub MulSub: a b c, "`dst = a * b - c`" L::mul_add(a, b, -c);
    sub_mul SubMul: a b c, "`dst = c - a * b`" L::mul_add(-a, b, c);
}
