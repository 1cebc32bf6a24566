//! Instruction sets: which of them this machine has, and vectors of them.
//!
//! A value of [`Avx512`] or [`Avx2`] is a proof that the machine has the instructions: [`Isa::available`] is asked before
//! one is made. [`Lanes::call`] compiles a [`Task`] for the set; what the task does is inlined there, so that plain
//! loops over slices become vector code, too.
#![allow(unsafe_code)] // instructions that not every machine has

use crate::real::{self, Real};

/// A set of vector instructions, the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// AVX-512 F, BW, DQ and VL.
    Avx512,
    /// AVX2 with fused multiply-add.
    Avx2,
    /// SSE2, which every x86-64 machine has.
    Sse2,
    /// Whatever the compiler makes of plain loops.
    Portable,
}

impl Isa {
    /// All of them, the widest first.
    pub const ALL: [Isa; 4] = [Isa::Avx512, Isa::Avx2, Isa::Sse2, Isa::Portable];

    /// The widest that this machine has.
    pub fn detect() -> Isa {
        Isa::ALL.into_iter().find(|isa| isa.available()).unwrap_or(Isa::Portable)
    }

    /// Whether this machine has it.
    pub fn available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Isa::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && Isa::Avx2.available()
            }
            Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Isa::Sse2 | Isa::Portable => true,
        }
        #[cfg(not(target_arch = "x86_64"))]
        matches!(self, Isa::Portable)
    }

    /// Does a task with this set, or with the next narrower one that the machine has.
    pub(super) fn with<W: WithLanes>(self, work: W) -> W::Out {
        #[cfg(target_arch = "x86_64")]
        match self {
            Isa::Avx512 if self.available() => return work.run(Avx512(())),
            Isa::Avx512 | Isa::Avx2 if Isa::Avx2.available() => return work.run(Avx2(())),
            Isa::Avx512 | Isa::Avx2 | Isa::Sse2 => return work.run(Sse2(())),
            Isa::Portable => {}
        }
        work.run(Portable)
    }
}

/// Work for whichever set there is, itself compiled for any machine.
pub(super) trait WithLanes {
    type Out;
    fn run<L: Lanes>(self, lanes: L) -> Self::Out;
}

/// Work that is compiled for a set. `run` and what it calls must be `#[inline(always)]`.
pub(super) trait Task<L: Lanes> {
    fn run(self, lanes: L);
}

/// Work on any numbers that is to be compiled for the widest instruction set of the machine. `run` must be
/// `#[inline(always)]`; what it calls is compiled along as far as it is inlined.
pub trait Vectorised {
    /// Does it.
    fn run(self);
}

/// Does work with the widest instruction set that this machine has. Numbers come out the same with each: products and
/// sums are not fused.
///
/// ```
/// use nsp_kernels::cpu::{Vectorised, vectorised};
///
/// struct Double<'a>(&'a mut [f64]);
///
/// impl Vectorised for Double<'_> {
///     #[inline(always)]
///     fn run(self) {
///         self.0.iter_mut().for_each(|x| *x *= 2.0);
///     }
/// }
///
/// let mut x = [1.0, 2.5];
/// vectorised(Double(&mut x));
/// assert_eq!(x, [2.0, 5.0]);
/// ```
pub fn vectorised<W: Vectorised>(work: W) {
    Isa::detect().with(Plain(work));
}

/// Work that names no vectors.
struct Plain<W>(W);

impl<W: Vectorised> WithLanes for Plain<W> {
    type Out = ();
    fn run<L: Lanes>(self, lanes: L) {
        lanes.call(self);
    }
}

impl<L: Lanes, W: Vectorised> Task<L> for Plain<W> {
    #[inline(always)]
    fn run(self, _: L) {
        self.0.run();
    }
}

/// Vectors of `f32` of one instruction set.
pub(super) trait Lanes: Copy {
    /// A vector.
    type V: Copy;
    /// A single number whose arithmetic suits the set.
    type F: Real + From<f32> + Into<f32>;
    /// How many numbers are in a vector: 16 or a divisor of it.
    const N: usize;
    /// How many vectors of accumulators the registers hold, with some left for operands.
    const ACCUMULATORS: usize;

    /// `a * b + c` of numbers, fused where the set has it.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;
    /// Does a task compiled for this set.
    fn call<T: Task<Self>>(self, task: T);
    /// The first [`N`](Lanes::N) numbers.
    fn load(self, from: &[f32]) -> Self::V;
    /// Writes the first [`N`](Lanes::N) numbers.
    fn store(self, x: Self::V, to: &mut [f32]);
    /// The number in every lane.
    fn splat(self, x: f32) -> Self::V;
    /// `a + b`
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::fused::Fused;
    use super::{Lanes, Task};
    use crate::real;
    use std::arch::x86_64::*;

    macro_rules! lanes {
        ($(#[$doc:meta])* $name:ident, $feature:literal, $v:ident x $n:literal, $accumulators:literal, $f:ty,
         $load:ident $store:ident $splat:ident $add:ident $fma:ident $fused:literal) => {
            $(#[$doc])*
            #[derive(Clone, Copy)]
            pub(in super::super) struct $name(pub(super) ());

            #[allow(unused_unsafe)] // SSE2 needs no proof
            impl Lanes for $name {
                type V = $v;
                type F = $f;
                const N: usize = $n;
                const ACCUMULATORS: usize = $accumulators;

                #[inline(always)]
                fn mul_add(a: f32, b: f32, c: f32) -> f32 {
                    real::mul_add::<$fused>(a, b, c)
                }
                #[inline(always)]
                fn call<T: Task<Self>>(self, task: T) {
                    #[target_feature(enable = $feature)]
                    fn compiled<T: Task<$name>>(lanes: $name, task: T) {
                        task.run(lanes);
                    }
                    // SAFETY: `self` proves that the machine has these instructions.
                    unsafe { compiled(self, task) }
                }
                #[inline(always)]
                fn load(self, from: &[f32]) -> $v {
                    assert!(from.len() >= $n);
                    // SAFETY: the instructions are there (`self`), and so many numbers can be read.
                    unsafe { $load(from.as_ptr()) }
                }
                #[inline(always)]
                fn store(self, x: $v, to: &mut [f32]) {
                    assert!(to.len() >= $n);
                    // SAFETY: the instructions are there (`self`), and so many numbers can be written.
                    unsafe { $store(to.as_mut_ptr(), x) }
                }
                #[inline(always)]
                fn splat(self, x: f32) -> $v {
                    // SAFETY: the instructions are there (`self`).
                    unsafe { $splat(x) }
                }
                #[inline(always)]
                fn add(self, a: $v, b: $v) -> $v {
                    // SAFETY: the instructions are there (`self`).
                    unsafe { $add(a, b) }
                }
                #[inline(always)]
                fn fma(self, a: $v, b: $v, c: $v) -> $v {
                    // SAFETY: the instructions are there (`self`).
                    unsafe { $fma(a, b, c) }
                }
            }
        };
    }

    lanes! {
        /// Proof of AVX-512.
        Avx512, "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma", __m512 x 16, 16, Fused,
        _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps _mm512_add_ps _mm512_fmadd_ps true
    }
    lanes! {
        /// Proof of AVX2 and fused multiply-add.
        Avx2, "avx2,fma", __m256 x 8, 8, Fused,
        _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps _mm256_add_ps _mm256_fmadd_ps true
    }
    lanes! {
        /// SSE2, which is always there.
        Sse2, "sse2", __m128 x 4, 8, f32,
        _mm_loadu_ps _mm_storeu_ps _mm_set1_ps _mm_add_ps mul_add false
    }

    /// SSE2 has no fused multiply-add.
    #[inline(always)]
    fn mul_add(a: __m128, b: __m128, c: __m128) -> __m128 {
        // SAFETY: every x86-64 machine has SSE.
        unsafe { _mm_add_ps(_mm_mul_ps(a, b), c) }
    }
}

#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512, Sse2};

/// Arrays.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Lanes for Portable {
    type V = [f32; 4];
    type F = f32;
    const N: usize = 4;
    const ACCUMULATORS: usize = 8;

    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        real::mul_add::<false>(a, b, c)
    }
    #[inline(always)]
    fn call<T: Task<Self>>(self, task: T) {
        task.run(self);
    }
    #[inline(always)]
    fn load(self, from: &[f32]) -> [f32; 4] {
        std::array::from_fn(|i| from[i])
    }
    #[inline(always)]
    fn store(self, x: [f32; 4], to: &mut [f32]) {
        to[..4].copy_from_slice(&x);
    }
    #[inline(always)]
    fn splat(self, x: f32) -> [f32; 4] {
        [x; 4]
    }
    #[inline(always)]
    fn add(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn fma(self, a: [f32; 4], b: [f32; 4], c: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }
}
