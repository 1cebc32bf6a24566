//! Tapes on GPUs, through cubecl: any vendor's, or a processor that stands in for one.
//!
//! The varying part of a program runs on the device, its uniform part on the CPU; what a kernel does at a point is the
//! program's [code](crate::program), the bodies of its operations those of the table.

mod call;
mod device;
mod heat;
mod interpret;
mod launch;
mod math;
mod number;
mod pack;
mod plan;
mod points;
mod special;
mod words;

pub use call::{Gpu, Kernels};
pub(crate) use device::hardware;
pub use device::{DeviceInfo, DeviceKind, Limits, NONE, devices};
