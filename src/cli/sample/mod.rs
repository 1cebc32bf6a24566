//! `nsp sample`.

pub mod grids;
pub mod strings;
