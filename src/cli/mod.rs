//! The `nsp` command: a thin layer over [`Session`](crate::session::Session).
//!
//! `args` says what may be written on the command line; each subcommand is a file of its own; [`host`] is what they
//! share: how sessions start, where output and errors go, and which exit code an error means. Standard output carries
//! results alone, everything else goes to standard error.

mod args;
mod check;
mod complete;
mod corpus;
pub mod devices;
mod export;
mod fmt;
pub mod host;
mod map;
mod output;
mod program;
mod render;
mod run;
mod sample;
mod synth;
mod test;
mod train;

use args::{Args, Command, Sample, Synth, Train};
use clap::Parser;
use host::Host;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            // A closed pipe is no reason to fail: who asked for help has read what they wanted.
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { host::code::USAGE } else { host::code::DONE });
        }
    };
    let mut host = Host::new(&args.common);
    let code = dispatch(args, &mut host);
    ExitCode::from(host.finish(code))
}

fn dispatch(args: Args, host: &mut Host) -> u8 {
    if let Some(text) = args.expr {
        return match args.command {
            None => run::expression(host, &text, Vec::new()),
            Some(Command::Script(words)) => run::expression(host, &text, words),
            Some(_) => host.usage("-e and a command exclude each other"),
        };
    }
    match args.command {
        None if std::io::stdin().is_terminal() => crate::shell::run(host),
        None => run::stdin(host),
        Some(Command::Check(a)) => check::run(host, &a),
        Some(Command::Fmt(a)) => fmt::run(host, &a),
        Some(Command::Test(a)) => test::run(host, &a),
        Some(Command::Render(a)) => render::run(host, &a),
        Some(Command::Complete(a)) => complete::run(host, &a),
        Some(Command::Synth(Synth::Strings(a))) => synth::strings::run(host, &a),
        Some(Command::Synth(Synth::Loops(a))) => synth::loops::run(host, &a),
        Some(Command::Train(Train::Strings(a))) => train::strings(host, &a),
        Some(Command::Sample(Sample::Strings(a))) => sample::strings::run(host, &a),
        Some(Command::Sample(Sample::Grids(a))) => sample::grids::run(host, &a),
        Some(Command::Map(a)) => map::run(host, &a),
        Some(Command::Export(a)) => export::run(host, &a),
        Some(Command::Devices) => devices::run(host),
        Some(Command::Script(words)) => run::script(host, words),
    }
}
