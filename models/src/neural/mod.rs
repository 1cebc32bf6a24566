//! Networks on [burn](https://burn.dev), before and behind programs.
//!
//! [`ProgramLayer`] is a relaxed program as an operation of burn, differentiable by its inputs and its parameters: a network
//! stands in front of a program, and one loss trains both. [`BurnModel`] is a network of burn behind the trait
//! [`Model`](crate::Model).
//!
//! Tensors live on burn's CPU backend, or with the feature `gpu` on any device that wgpu reaches. The program itself is run
//! by an [`Executor`](nsp_kernels::exec::Executor) on columns in the memory of the host, to which they are copied: a
//! program reads few numbers of what a network writes.

mod layer;
mod model;
mod op;

/// The library, in the version that these types belong to.
pub use burn;
pub use layer::ProgramLayer;
pub use model::BurnModel;
