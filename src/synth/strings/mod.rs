//! Text transformations by example: the `nsp synth strings` command and `synth.strings`.
//!
//! A program is a concatenation of pieces, under conditions where one concatenation will not do. [`edges`] finds where
//! edges fall in the inputs, [`pieces`] makes values that could be parts of the outputs, [`cover`] is the version space
//! of all ways to write every output from them, [`prior`] says which are plausible, [`cond`] parts the examples.
//! [`dsl`] searches the published RobustFill language alone. [`expr`] is the program found, which is written as source and
//! checked like any other.

pub mod answer;
pub mod cond;
pub mod cover;
pub mod dates;
pub mod dsl;
pub mod edges;
pub mod expr;
pub mod loops;
pub mod numbers;
pub mod pieces;
pub mod places;
pub mod pred;
pub mod prior;
pub mod rank;
pub mod robustfill;
pub mod sample;
pub mod solve;
pub mod task;
pub mod train;

pub use task::{Columns, METHODS, Options, StringAnswer, StringTask, solve_task, synthesize};

#[cfg(test)]
mod tests;
