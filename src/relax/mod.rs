//! Relaxed meaning: a program as a differentiable function.
//!
//! [`Lower`] runs a checked function on symbols instead of numbers and so turns it into a
//! [`Tape`](nsp_kernels::tape::Tape): calls are inlined, loops unrolled, records and lists of known length become
//! numbers, a condition that depends on a symbol becomes a mixture of both branches. What each operation means is said in
//! the operation table ([`Relaxed`](crate::builtins::Relaxed)); what each kind of hole means in [`params`].
//!
//! Meanings follow ROAP (Tang and Ellis, ICML 2023, section 3, appendices A to C), named where they differ:
//!
//! - truth is a number from 0 to 1; `a < b` is `sigmoid(k (b - a))` at sharpness k, `and` is min, `or` is max;
//! - `if c {a} else {b}` is `c a + (1 - c) b`;
//! - a shape is its occupancy, `sigmoid(-k d)` of the signed distance d for a primitive; `+`, `&`, `-` are max, min and
//!   `max(a - b, 0)`;
//! - a choice is the mixture of its alternatives, weighted by the softmax of logits over a temperature; lower is harder;
//! - a line of a [`sketch`] is `sum_o w_o F_o(sum_a w_a line_a, sum_b w_b line_b)` over the lines before it.
//!
//! As sharpness grows and temperature falls, the tape becomes the exact program ([`Tape::hard`](nsp_kernels::tape::Tape::hard)).

mod apply;
pub mod data;
pub mod fit;
pub mod function;
pub mod harden;
pub mod loss;
pub mod lower;
mod merge;
pub mod params;
pub mod shape;
pub mod sketch;
mod symbol;
mod walk;

pub use harden::harden;
pub use lower::{Lower, Relaxation, relax};
pub use params::{Param, Params};
