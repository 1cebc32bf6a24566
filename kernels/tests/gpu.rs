//! The conformance suite on a GPU.
#![cfg(feature = "gpu")]

mod conformance;

use conformance::On;
use nsp_kernels::gpu::{Gpu, devices};

#[test]
fn try_it() {
    println!("{:?}", devices());
    let gpu = Gpu::open("gpu").unwrap();
    conformance::all(&On(gpu), 2000);
}
