//! Programs from strangers: bounded, and stopped from outside.
//!
//! `cargo run --example embed_limits`

use nsp::{Bound, Engine, ErrorKind, Limits};
use std::time::Duration;

/// Runs programs that misbehave.
pub fn main() -> Result<(), nsp::Error> {
    let mut nsp = Engine::new();
    nsp.set_limits(Limits::untrusted());
    let attempts = [
        ("an endless loop", "while true { }"),
        ("endless recursion", "fn f(n: int) -> int { f(n + 1) + 1 }\nf(0)"),
        ("a doubling text", "var s = \"ab\"\nwhile true { s = s + s }"),
        ("a file", "import \"/etc/passwd\" as p"),
    ];
    for (what, text) in attempts {
        match nsp.run(text) {
            Ok(_) => println!("{what}: fine"),
            Err(e) => println!("{what}: {:?}: {}", e.kind(), e.message()),
        }
    }

    // A program without a bound on its time, stopped by another thread.
    nsp.set_limits(Limits::default());
    let cancel = nsp.cancel_handle();
    let watch = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        cancel.cancel();
    });
    let stopped = nsp.run("var n = 0\nwhile true { n = n + 1 }").map_err(|e| e.kind());
    assert_eq!(stopped.err(), Some(ErrorKind::Cancelled));
    let _ = watch.join();
    nsp.cancel_handle().reset();

    // Limits of one program alone.
    let sum = nsp.compile("var sum = 0\nfor i in 0..1000 { sum = sum + i }\nsum")?;
    assert_eq!(sum.run::<i64>()?, 499_500);
    let tight = sum.with_limits(Limits { ops: Some(10), ..Limits::default() });
    assert_eq!(tight.run::<i64>().map_err(|e| e.kind()), Err(ErrorKind::Limit(Bound::Ops)));
    Ok(())
}
