//! The GPU of the tests. Where there is none they say so and pass; with `NSP_REQUIRE_GPU=1` they fail.

use nsp_kernels::gpu::Gpu;

/// The best there is.
pub fn gpu() -> Option<Gpu<'static>> {
    match Gpu::open("gpu") {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            let required = std::env::var_os("NSP_REQUIRE_GPU").is_some_and(|v| v == "1");
            assert!(!required, "{why}");
            eprintln!("not tested: {why}");
            None
        }
    }
}
