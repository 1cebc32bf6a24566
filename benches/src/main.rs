//! `cargo run --release -p nsp-bench -- NAME [ARGS]`: one JSON line a case, `{"case", "ours_ms", "peer", "peer_ms", "ratio"}`.
//!
//! Times are CPU milliseconds (user and system), medians of several runs; the ratio is ours over the peer's. A peer that
//! is not installed is null. `map [MEGABYTES]` also has the wall times.
//! `strings TASKS.jsonl..` has the share of tasks that come out right, `growth [PLOT.svg]` how the search's time grows.
//! `relaxed [TORCH.py]` has ROAP's step and a population of programs, by instructions and threads; wall times.
//! `kernels [first] [a] [b] [c] [d] [SECONDS]` has kernels on every device, beside the arithmetic bound (`--features gpu` brings GPUs).
//! `shapes [FIDGET_BENCH PROSPERO.vm]` has whole pictures and volumes of shapes; wall times.
//! `loops PICTURES [PLOT.svg]` has loop programs of photographs by grid and number of loops, `digitgrids MNIST PICTURES` how
//! far PS-GM's own pictures are understood.
//! `complete IMAGES` has PSNR and SSIM of pictures completed after a hole was cut.
//! Build the command first: `cargo build --release`.

mod complete;
mod digitgrids;
mod digits;
mod growth;
mod interp;
mod kernels;
mod loops;
mod map;
mod relaxed;
mod shapes;
mod strings;

use std::path::PathBuf;

/// A bench, given the words that follow its name.
type Bench = fn(&[String]);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let known: &[(&str, Bench)] = &[
        ("complete", complete::run),
        ("interp", |_| interp::run()),
        ("map", map::run),
        ("strings", strings::run),
        ("growth", growth::run),
        ("relaxed", relaxed::run),
        ("kernels", kernels::run),
        ("shapes", shapes::run),
        ("loops", loops::run),
        ("digitgrids", digitgrids::run),
    ];
    let is_name = |w: &String| known.iter().any(|(n, _)| n == w);
    if words.is_empty() || !is_name(&words[0]) {
        let list: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
        eprintln!("usage: nsp-bench NAME [ARGS].. (one of: {})", list.join(", "));
        std::process::exit(2);
    }
    let mut rest = &words[..];
    while let Some((name, args)) = rest.split_first() {
        let n = args.iter().position(is_name).unwrap_or(args.len());
        if let Some((_, run)) = known.iter().find(|(k, _)| k == name) {
            run(&args[..n]);
        }
        rest = &args[n..];
    }
}

/// The release command beside this one.
fn our_command() -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    path.pop();
    path.join("nsp")
}
