//! The conformance suite on a GPU.
#![cfg(feature = "gpu")]

mod conformance;

use conformance::On;
use nsp_kernels::gpu::{Gpu, Kernels};

#[test]
fn the_interpreter_conforms() {
    let gpu = Gpu::open("gpu").unwrap().with(Kernels::Interpreter);
    conformance::all(&On(gpu), 2000);
}

#[test]
fn specialised_kernels_conform() {
    let gpu = Gpu::open("gpu").unwrap().with(Kernels::Specialised);
    conformance::random_tapes(&On(gpu.clone()), 5);
    println!("{}", gpu.compiled());
}
