//! `cargo run --release -p nsp-bench -- NAME [SIZE]`: one JSON line a case, `{"case", "ours_ms", "peer", "peer_ms", "ratio"}`.
//!
//! Times are CPU milliseconds (user and system), medians of several runs; the ratio is ours over the peer's. A peer that
//! is not installed is null. `map` also has the wall times; its size is that of its table in megabytes. Build the command first: `cargo build --release`.

mod interp;
mod map;

use std::path::PathBuf;

/// A bench, given the number that follows its name.
type Bench = fn(Option<u64>);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let known: &[(&str, Bench)] = &[("interp", |_| interp::run()), ("map", map::run)];
    if words.is_empty() {
        let list: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
        eprintln!("usage: nsp-bench NAME [SIZE].. (one of: {})", list.join(", "));
        std::process::exit(2);
    }
    let mut words = words.iter().peekable();
    while let Some(name) = words.next() {
        let size = words.peek().and_then(|w| w.parse().ok());
        if size.is_some() {
            words.next();
        }
        match known.iter().find(|(n, _)| n == name) {
            Some((_, run)) => run(size),
            None => {
                eprintln!("nsp-bench: no bench `{name}`");
                std::process::exit(2);
            }
        }
    }
}

/// The release command beside this one.
fn our_command() -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    path.pop();
    path.join("nsp")
}
