//! Tapes on the CPU: vector lanes, threads, whole programs fused per block of points.
//!
//! The code of a [`Program`] runs on blocks (`block`) of points so short that intermediates stay in the cache; nothing of
//! a block is kept, and a gradient computes the values anew. The uniform part is run by the same machinery, with jobs in
//! the place of points.
//!
//! ```
//! use nsp_kernels::{cpu::{Cpu, Job, Program, Seeds}, sym::Builder};
//!
//! // The squared error of `w x` against a target.
//! let b = Builder::new(2, 1);
//! let error = b.input(0) * b.param(0) - b.input(1);
//! let program = Program::new(&b.finish(&[error * error]));
//!
//! let (x, target) = ([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]);
//! let job = Job { program: &program, inputs: &[&x, &target], points: 3, params: &[1.0] };
//! let gradient = &Cpu::default().gradient(&[job], &[Seeds::Weights(&[1.0])], false)?[0];
//! assert_eq!((gradient.sums[0], gradient.params[0]), (14.0, -28.0));
//! # Ok::<(), nsp_kernels::cpu::Error>(())
//! ```

mod block;
mod call;
mod dots;
mod elementwise;
mod fused;
mod hosts;
mod lanes;
mod mixture;
mod pieces;
mod uniform;

pub use crate::exec::{Error, Executor, Gradient, Job, Of, Seeds, What};
pub use crate::program::Program;
pub use call::{Cpu, cores};
pub use lanes::{Isa, Vectorised, vectorised};
#[cfg(feature = "gpu")]
pub(crate) use uniform::Group;
