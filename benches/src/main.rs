//! `cargo run --release -p nsp-bench -- NAME`: one JSON line a case, `{"case", "ours_ms", "peer", "peer_ms", "ratio"}`.
//!
//! Times are CPU milliseconds (user and system), medians of several runs; the ratio is ours over the peer's. A peer that
//! is not installed is null. Build the command first: `cargo build --release`.

mod interp;

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let known: &[(&str, fn())] = &[("interp", interp::run)];
    if names.is_empty() {
        let list: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
        eprintln!("usage: nsp-bench NAME.. (one of: {})", list.join(", "));
        std::process::exit(2);
    }
    for name in names {
        match known.iter().find(|(n, _)| *n == name) {
            Some((_, run)) => run(),
            None => {
                eprintln!("nsp-bench: no bench `{name}`");
                std::process::exit(2);
            }
        }
    }
}
