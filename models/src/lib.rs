//! Models behind nsp's perceptual holes (`??digit(img)`) and search guides.
//!
//! The language knows only the object-safe [`Model`] trait: arrays in, arrays out. A network library stands behind
//! an adapter outside this trait, so that a host which wants only the language never compiles one.
//!
//! ```
//! use nsp_models::{Model, ModelError};
//!
//! /// y = w * x
//! struct Scale(f32);
//! impl Model for Scale {
//!     fn input_len(&self) -> usize { 1 }
//!     fn output_len(&self) -> usize { 1 }
//!     fn forward(&self, x: &[f32]) -> Result<Vec<f32>, ModelError> { Ok(x.iter().map(|v| v * self.0).collect()) }
//!     fn vjp(&self, _x: &[f32], dy: &[f32]) -> Result<Vec<f32>, ModelError> { Ok(dy.iter().map(|v| v * self.0).collect()) }
//! }
//! let m: Box<dyn Model> = Box::new(Scale(3.0));
//! assert_eq!(m.forward(&[2.0]).unwrap(), [6.0]);
//! assert_eq!(m.vjp(&[2.0], &[1.0]).unwrap(), [3.0]);
//! ```

#[cfg(feature = "features")]
pub mod features;
#[cfg(feature = "features")]
pub mod frechet;
#[cfg(feature = "neural")]
pub mod neural;

use std::fmt;

/// A differentiable function from arrays to arrays, in row-major order: `[batch, input_len]` to `[batch, output_len]`.
pub trait Model: Send + Sync {
    /// Numbers per input row.
    fn input_len(&self) -> usize;
    /// Numbers per output row.
    fn output_len(&self) -> usize;
    /// The outputs of a batch of rows. Errors if `x` is not a whole number of rows.
    fn forward(&self, x: &[f32]) -> Result<Vec<f32>, ModelError>;
    /// The vector-Jacobian product: the gradient of `sum(dy * forward(x))` by `x`.
    fn vjp(&self, x: &[f32], dy: &[f32]) -> Result<Vec<f32>, ModelError>;
}

/// Why a model could not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(
    /// The reason, in the user's words.
    pub String,
);

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}
