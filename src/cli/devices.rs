//! `nsp devices`.

use super::host::{Host, code};
use nsp_kernels::cpu::cores;
use serde_json::{Value, json};

/// Prints what this machine can run on.
pub fn run(host: &Host) -> u8 {
    if host.json() {
        host.line(&json!(devices()).to_string());
    } else {
        host.line(text().trim_end());
    }
    code::DONE
}

/// What this machine can run on, and why the rest cannot, as a table.
pub fn text() -> String {
    let mut rows: Vec<[String; 4]> = vec![["device", "kind", "name", "limits"].map(String::from)];
    for device in devices() {
        let field = |name: &str| device[name].as_str().unwrap_or_default().to_owned();
        let limits = match &device["limits"] {
            Value::Object(limits) => {
                let words: Vec<String> = limits.iter().map(|(name, x)| format!("{name} {x}")).collect();
                words.join(", ")
            }
            _ => format!("cannot be used: {}", field("why")),
        };
        rows.push([field("device"), field("kind"), field("name"), limits]);
    }
    let width = |c: usize| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..3).map(width).collect();
    let mut out = String::new();
    for [device, kind, name, limits] in &rows {
        let [a, b, c] = [widths[0], widths[1], widths[2]];
        let line = format!("{device:a$}  {kind:b$}  {name:c$}  {limits}");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The devices: the CPU, then the GPUs, or why there is none.
fn devices() -> Vec<Value> {
    let threads = cores();
    let isa = format!("{:?}", nsp_kernels::cpu::Isa::detect()).to_lowercase();
    let name = format!("{}-{}, {isa}", std::env::consts::ARCH, std::env::consts::OS);
    let mut out = vec![json!({"device": "cpu", "kind": "cpu", "name": name, "limits": {"threads": threads}})];
    out.extend(gpus());
    out
}

fn none(why: &str) -> Value {
    json!({"device": "gpu", "kind": "none", "name": "", "limits": null, "why": why})
}

#[cfg(feature = "gpu")]
fn gpus() -> Vec<Value> {
    let found = nsp_kernels::gpu::devices();
    if found.is_empty() {
        return vec![none(nsp_kernels::gpu::NONE)];
    }
    let one = |d: nsp_kernels::gpu::DeviceInfo| {
        let mut device = json!({"device": d.id, "kind": d.kind.to_string(), "name": d.name, "limits": null});
        match d.limits {
            Ok(l) => {
                device["limits"] = json!({
                    "buffer_mib": l.buffer >> 20, "shared_kib": l.shared >> 10, "cubes": l.cubes, "units": l.units, "buffers": l.buffers
                });
            }
            Err(why) => device["why"] = json!(why),
        }
        device
    };
    found.into_iter().map(one).collect()
}

#[cfg(not(feature = "gpu"))]
fn gpus() -> Vec<Value> {
    vec![none("this build knows no GPU (the feature `gpu` brings them)")]
}
