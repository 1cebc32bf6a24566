//! `nsp fmt`.

use super::args::FmtArgs;
use super::host::{Host, code};
use crate::data::replace;
use crate::source::SourceMap;
use std::io::Write;
use std::path::Path;

/// Formats programs. A file with an error stays as it is; the worst file decides the exit code.
pub fn run(host: &Host, args: &FmtArgs) -> u8 {
    let mut worst = code::DONE;
    for path in &args.files {
        worst = worst.max(one(host, path, args.check));
    }
    worst
}

fn one(host: &Host, path: &Path, check: bool) -> u8 {
    let (name, text) = match host.read(path) {
        Ok(read) => read,
        Err(code) => return code,
    };
    let formatted = match crate::syntax::fmt(&text) {
        Ok(formatted) => formatted,
        Err(errors) => {
            // The formatter parses the text as file 0.
            let mut sources = SourceMap::default();
            sources.add(name, text);
            return host.report(&errors, &sources);
        }
    };
    if check {
        if formatted == text {
            return code::DONE;
        }
        host.line(&name);
        return code::ERROR;
    }
    if path == Path::new("-") {
        let written = host.out().write_all(formatted.as_bytes());
        return match written {
            Ok(()) => code::DONE,
            Err(e) => host.error("E0603", format!("cannot write to standard output: {e}"), None),
        };
    }
    if formatted == text {
        return code::DONE;
    }
    match replace(path, formatted.as_bytes()) {
        Ok(()) => code::DONE,
        Err(e) => host.error("E0603", format!("cannot write `{name}`: {e}"), None),
    }
}
