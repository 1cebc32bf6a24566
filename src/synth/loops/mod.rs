//! Loop programs from pictures: section 3 of PS-GM (Young, Bastani and Naik, "Learning Neurosymbolic Generative Models
//! via Program Synthesis", ICML 2019).
//!
//! A picture is divided into the cells of a grid. A [`sketch`] is a loop over columns and rows that draws one tile; a
//! [`program`] is a list of them, an ordinary function of the language.

pub mod cells;
pub mod distance;
pub mod extrapolate;
pub mod greedy;
pub mod judge;
pub mod period;
pub mod program;
pub mod sample;
pub mod sketch;
pub mod solve;
