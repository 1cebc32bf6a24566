//! The scalar operations of nsp, declared once: name, formula, derivative and body.
//!
//! The language's checker, its bytecode machine and the relaxed tape all read [`table::SCALARS`].
//!
//! ```
//! let sqrt = nsp_kernels::table::find("sqrt").unwrap();
//! assert_eq!(sqrt.eval(&[9.0]), 3.0);
//! ```
pub mod ops;
pub mod table;
