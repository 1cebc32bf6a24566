//! `nsp synth`.

pub mod loops;
pub mod strings;

use super::host::{Host, code};
use crate::suggest::nearest;

/// Checks the name of a method; an unknown one is reported.
fn method(host: &Host, name: &str, methods: &[&str]) -> Result<(), u8> {
    if methods.contains(&name) {
        return Ok(());
    }
    let near = nearest(name, methods.iter().copied());
    let help = near.map(|m| format!("did you mean `{m}`?"));
    let help = help.unwrap_or_else(|| format!("methods are {}", methods.join(", ")));
    host.error("E0001", format!("there is no method `{name}`"), Some(help));
    Err(code::USAGE)
}
