//! `nsp devices`.

use super::host::{Host, code};

/// Prints [`text`].
pub fn run(host: &Host) -> u8 {
    host.line(text().trim_end());
    code::DONE
}

/// What this machine can run on, and why the rest cannot.
pub fn text() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut out = format!("cpu  {threads} threads, {}-{}\n", std::env::consts::ARCH, std::env::consts::OS);
    out.push_str(if cfg!(feature = "gpu") {
        "gpu  compiled in; no synthesizer uses it yet\n"
    } else {
        "gpu  not compiled in (the feature `gpu` brings kernels for it)\n"
    });
    out
}
