//! Bodies of the scalar operations and their partial derivatives, over `f64`.
