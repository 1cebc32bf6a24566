//! `nsp FILE`, `nsp -`, `nsp -e`, `nsp < FILE`.

use super::args::Args;
use super::host::{Host, code, words};
use crate::session::Session;
use crate::suggest::nearest;
use crate::vm::value::{Typed, Value};
use clap::CommandFactory;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Runs a script with its arguments. Only what it prints is printed.
pub fn script(host: &Host, mut words: Vec<OsString>) -> u8 {
    if words.is_empty() {
        return host.usage("a script is wanted");
    }
    let path = PathBuf::from(words.remove(0));
    let missing = path != Path::new("-") && !path.exists();
    if missing {
        let name = path.display().to_string();
        let commands = Args::command();
        let near = nearest(&name, commands.get_subcommands().map(|c| c.get_name()));
        let help = match near {
            Some(c) => Some(format!("did you mean `nsp {c}`?")),
            None if !name.contains(['.', '/', '\\']) => Some("this is neither a command nor a file".into()),
            None => None,
        };
        return host.error("E0602", format!("there is no file `{name}`"), help);
    }
    file(host, &path, words)
}

/// Runs standard input as a script.
pub fn stdin(host: &Host) -> u8 {
    file(host, Path::new("-"), Vec::new())
}

fn file(host: &Host, path: &Path, args: Vec<OsString>) -> u8 {
    let (name, text) = match host.read(path) {
        Ok(read) => read,
        Err(code) => return code,
    };
    match evaluate(host, &name, &text, args) {
        Ok(_) => code::DONE,
        Err(code) => code,
    }
}

/// Runs a text and prints its value: a str as it is, so that other programs can read it; a program that was found as its
/// source; anything else as it would be written in a program.
pub fn expression(host: &Host, text: &str, args: Vec<OsString>) -> u8 {
    let (session, found) = match evaluate(host, "<-e>", text, args) {
        Ok(done) => done,
        Err(code) => return code,
    };
    match &found.value {
        Value::Unit => {}
        Value::Str(s) => host.line(s),
        f @ Value::Fn(c) if c.origin.is_some() => {
            let source = session.source(f);
            host.line(&source.unwrap_or_else(|| crate::vm::show(f, &found.ty)));
        }
        value => host.line(&crate::vm::show(value, &found.ty)),
    }
    code::DONE
}

fn evaluate(host: &Host, name: &str, text: &str, args: Vec<OsString>) -> Result<(Session, Typed), u8> {
    let mut session = host.session();
    session.env_mut().args = words(args);
    host.catch_interrupts();
    match session.step(name, text) {
        Ok(outcome) => Ok((session, outcome.value)),
        Err(errors) => Err(host.report(&errors, session.sources())),
    }
}
