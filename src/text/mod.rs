//! Text transformations: the RobustFill language over plain strings, with no values of nsp in sight.
//!
//! [`token`] finds matches, [`robustfill`] has the operators of the default dialect, [`dialect_r`] those of the other
//! one, [`edge`] and [`superset`] what practical programs need beyond both. [`number`] and [`date`] read and write numbers, dates
//! and times in the forms that people use.
//!
//! The dialects differ in small ways that published tasks depend on. The default one follows Hong et al., "Latent
//! Programmer" (ICML 2021) and Shi et al., "ExeDec" (ICLR 2024); the other follows Ellis et al., "Write, Execute,
//! Assess" (NeurIPS 2019). Both restate Devlin et al., "RobustFill" (ICML 2017).
//!
//! ```
//! use nsp::text::{robustfill::get_token, token::Token};
//! assert_eq!(get_token("Mason Smith", Token::PropCase, 2), "Smith");
//! ```

pub mod date;
pub mod dialect_r;
pub mod edge;
pub mod number;
pub mod robustfill;
pub mod superset;
pub mod token;
