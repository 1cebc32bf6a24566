//! Shapes as values: shared graphs of (operation, arguments), never closures.
pub mod prim;
