//! Tests of compiler and machine over functions built by hand.

mod speed;
