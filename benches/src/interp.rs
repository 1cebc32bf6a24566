//! Whole programs beside CPython and Lua: recursion, loops, strings, start-up.

use nix::sys::resource::{UsageWho, getrusage};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const RUNS: usize = 9;

/// A way to run a program of `benches/programs`.
struct Peer {
    name: &'static str,
    command: PathBuf,
    extension: &'static str,
}

/// Prints a line for each program and peer; times are less the start-up of the same interpreter.
pub fn run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let ours = Peer { name: "nsp", command: super::our_command(), extension: "nsp" };
    let peers = [
        Peer { name: "CPython", command: "python3".into(), extension: "py" },
        Peer { name: "Lua", command: "lua5.4".into(), extension: "lua" },
    ];
    let start = time(&ours, &folder, "empty");
    line("start-up", start, None);
    for program in ["fib", "loops", "strings"] {
        let mine = less(time(&ours, &folder, program), start);
        for p in &peers {
            let theirs = less(time(p, &folder, program), time(p, &folder, "empty"));
            line(program, mine, Some((p.name, theirs)));
        }
    }
}

fn less(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? - b?)
}

fn line(case: &str, ours: Option<f64>, peer: Option<(&str, Option<f64>)>) {
    let theirs = peer.and_then(|p| p.1);
    let ratio = ours.zip(theirs).map(|(a, b)| (a / b * 1000.0).round() / 1000.0);
    let round = |x: Option<f64>| x.map(|x| (x * 100.0).round() / 100.0);
    println!(
        "{}",
        serde_json::json!({
            "case": case, "ours_ms": round(ours), "peer": peer.map(|p| p.0), "peer_ms": round(theirs), "ratio": ratio,
        })
    );
}

/// Median CPU milliseconds of a program; `None` if the interpreter is not there or fails.
fn time(peer: &Peer, folder: &Path, program: &str) -> Option<f64> {
    let file = folder.join(format!("{program}.{}", peer.extension));
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let before = cpu_ms()?;
            let mut command = Command::new(&peer.command);
            let status = command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !status.ok()?.success() {
                return None;
            }
            Some(cpu_ms()? - before)
        })
        .collect::<Option<_>>()?;
    times.sort_by(f64::total_cmp);
    Some(times[RUNS / 2])
}

/// CPU time of all finished children.
fn cpu_ms() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let ms = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 * 1e3 + t.tv_usec() as f64 / 1e3;
    Some(ms(usage.user_time()) + ms(usage.system_time()))
}
