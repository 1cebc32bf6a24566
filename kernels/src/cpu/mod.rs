//! Tapes on the CPU: vector lanes, threads, whole programs fused per block of points.
//!
//! A [`Program`] is a [`Tape`](crate::tape::Tape) made ready: it is split (`split`) into what is the same for all points
//! and what differs, and each part becomes code (`code`) for `forward` and `reverse` passes. Code runs
//! on blocks (`block`) of points so short that intermediates stay in the cache; nothing of a block is kept, and a
//! gradient computes the values anew. The uniform part is run by the same machinery, with jobs in the place of points.
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
mod code;
mod diagnose;
mod dots;
mod elementwise;
mod error;
mod forward;
mod fused;
mod hosts;
mod lanes;
mod mixture;
mod pieces;
mod program;
mod reads;
mod reverse;
mod split;
mod weights;

pub use call::{Cpu, Gradient, Job, Seeds};
pub use error::{Error, Of, What};
pub use lanes::{Isa, Vectorised, vectorised};
pub use program::Program;
