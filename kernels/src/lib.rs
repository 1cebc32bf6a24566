//! The scalar operations of nsp, declared once, and programs of them.
//!
//! The language's checker and its bytecode machine read [`table::SCALARS`]. The relaxed mode makes a [`tape::Tape`] of
//! them, which [`mod@reference`] runs plainly.
//!
//! ```
//! let sqrt = nsp_kernels::table::find("sqrt").unwrap();
//! assert_eq!(sqrt.eval(&[9.0]), 3.0);
//! ```
pub mod cpu;
mod dispatch;
pub mod exec;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod ops;
pub mod program;
pub mod real;
pub mod reference;
pub mod sym;
pub mod table;
pub mod tape;
