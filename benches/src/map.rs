//! `nsp map` beside a copy of the same table by the `csv` crate: how much a program costs beyond reading and writing.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 3;

/// Megabytes of the table, unless told otherwise.
const SIZE: u64 = 100;

const PROGRAM: &str =
    "fn swap(s: str) -> str { cut(s, end_of(\", \"), at_end()) + \"-\" + cut(s, at(), start_of(\",\")) }\n";

/// CPU and wall milliseconds.
#[derive(Clone, Copy)]
struct Time {
    cpu: f64,
    wall: f64,
}

/// Prints a line for one job and for two.
pub fn run(args: &[String]) {
    let size = args.first().and_then(|w| w.parse().ok());
    if let Err(e) = measure(size.unwrap_or(SIZE)) {
        eprintln!("nsp-bench: map: {e}");
    }
}

fn measure(megabytes: u64) -> std::io::Result<()> {
    let dir = tempfile::tempdir()?;
    let (data, program, out) = (dir.path().join("d.csv"), dir.path().join("p.nsp"), dir.path().join("out.csv"));
    write_table(&data, megabytes * 1_000_000)?;
    std::fs::write(&program, PROGRAM)?;
    let copy = median(UsageWho::RUSAGE_SELF, || copy(&data, &out))?;
    for jobs in ["1", "2"] {
        let ours = median(UsageWho::RUSAGE_CHILDREN, || {
            let mut command = Command::new(super::our_command());
            command.arg("map").args([&program, &data]).arg("-o").arg(&out);
            let done = command.args(["--column", "name", "--jobs", jobs]).stdin(Stdio::null()).status()?;
            if done.success() { Ok(()) } else { Err(std::io::Error::other("nsp map failed")) }
        });
        let ours = ours.ok();
        let round = |x: f64| (x * 10.0).round() / 10.0;
        let ratio = |a: f64, b: f64| (a / b * 1000.0).round() / 1000.0;
        println!(
            "{}",
            serde_json::json!({
                "case": format!("map of {megabytes} MB, {jobs} job{}", if jobs == "1" { "" } else { "s" }),
                "ours_ms": ours.map(|t| round(t.cpu)), "peer": "copy by csv", "peer_ms": round(copy.cpu),
                "ratio": ours.map(|t| ratio(t.cpu, copy.cpu)),
                "ours_wall_ms": ours.map(|t| round(t.wall)), "peer_wall_ms": round(copy.wall),
                "wall_ratio": ours.map(|t| ratio(t.wall, copy.wall)),
            })
        );
    }
    Ok(())
}

/// Eight columns as tables have them, the same for the same size.
fn write_table(path: &Path, bytes: u64) -> std::io::Result<()> {
    const FIRST: [&str; 8] = ["Ann", "Mason", "Zoë", "Bob", "Henry", "Mia", "Jean-Luc", "Ida"];
    const LAST: [&str; 8] = ["Smith", "Lee", "O'Neil", "García", "Myers", "van Dyk", "Ng", "Lovelace"];
    const NOTES: [&str; 4] = ["ok", "\"two, parts\"", "\"said \"\"no\"\"\"", ""];
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "id,name,city,amount,date,email,note,flag")?;
    let mut state = 1u64;
    let mut random = move |n: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % n
    };
    let mut written = 0;
    let mut line = String::new();
    for id in 0.. {
        if written >= bytes {
            break;
        }
        use std::fmt::Write;
        line.clear();
        let (first, last) = (FIRST[random(8) as usize], LAST[random(8) as usize]);
        // Writing to a string cannot fail.
        let _ = writeln!(
            line,
            "{id},\"{last}, {first}\",Springfield {},{}.{:02},20{:02}-{:02}-{:02},user{}@example.com,{},{}",
            random(1000),
            random(100_000),
            random(100),
            random(30),
            random(12) + 1,
            random(28) + 1,
            random(1_000_000),
            NOTES[random(4) as usize],
            random(2) == 0,
        );
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    out.flush()
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(from)?;
    let mut writer = csv::Writer::from_path(to)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        writer.write_byte_record(&record)?;
    }
    writer.flush()
}

fn median(who: UsageWho, mut run: impl FnMut() -> std::io::Result<()>) -> std::io::Result<Time> {
    let cpu = || {
        let ms = |t: TimeVal| t.tv_sec() as f64 * 1e3 + t.tv_usec() as f64 / 1e3;
        getrusage(who).map(|u| ms(u.user_time()) + ms(u.system_time())).map_err(std::io::Error::from)
    };
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let (before, start) = (cpu()?, Instant::now());
        run()?;
        times.push(Time { cpu: cpu()? - before, wall: start.elapsed().as_secs_f64() * 1e3 });
    }
    times.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    Ok(times[RUNS / 2])
}
