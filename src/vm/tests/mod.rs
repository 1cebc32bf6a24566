//! Tests of compiler and machine over functions built by hand.

mod errors;
mod language;
mod limits;
mod loops;
mod memory;
mod speed;
mod values;
