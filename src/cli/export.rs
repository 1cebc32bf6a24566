//! `nsp export`.

use super::args::{ExportArgs, To};
use super::host::{Host, code};
use super::program::{Chosen, choose};
use crate::data::write_whole;
use crate::export::{Target, export};
use crate::vm::value::Value;

/// Writes a function of a program in another language.
pub fn run(host: &Host, args: &ExportArgs) -> u8 {
    let Chosen { session, value, name, .. } = match choose(host, &args.program, args.name.as_deref(), None) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    let env = session.env();
    let Value::Fn(closure) = &value else { return code::ERROR };
    let Some(entry) = env.library.get(closure.func) else { return code::ERROR };
    if !closure.captures.is_empty() {
        let help = "define what it needs inside it";
        return host.error("E0801", format!("`{name}` sees values from around it"), Some(help.into()));
    }
    let target = match args.to {
        To::Python => Target::Python,
        To::Sql => Target::Sql,
        To::Regex => Target::Regex,
        To::Rust => Target::Rust,
        To::Json => Target::Json,
    };
    let text = match export(&entry.func, &env.ops, &env.library, target) {
        Ok(text) => text,
        Err(d) => return host.report(&[d], session.sources()),
    };
    match &args.output {
        None => {
            host.line(text.trim_end());
            code::DONE
        }
        Some(path) => match write_whole(path, text.as_bytes()) {
            Ok(()) => code::DONE,
            Err(fail) => host.error(fail.code, fail.message, fail.help),
        },
    }
}
