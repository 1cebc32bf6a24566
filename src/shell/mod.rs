//! The interactive shell.
//!
//! [`repl`] takes lines and gives replies, and [`commands`], [`help`], [`complete`], [`holes`], [`picture`], [`save`]
//! stand behind it: none of them knows a terminal. Around them are two thin layers, `editor` (rustyline) and `graphics`
//! (viuer), and the loop here that joins them.
//!
//! ```
//! use nsp::shell::repl::{Item, Repl};
//!
//! let mut repl = Repl::new(nsp::session::Session::default());
//! repl.line("let x = 20");
//! let reply = repl.line("x + 1");
//! assert!(matches!(&reply.items[0], Item::Text(t) if t == "21"));
//! ```

pub mod commands;
pub mod complete;
pub mod display;
mod editor;
mod graphics;
pub mod help;
pub mod holes;
pub mod picture;
pub mod repl;
pub mod save;
#[cfg(test)]
mod tests;

use crate::cli::host::{Host, code, wants_color};
use crate::diag::render::render;
use crate::vm::limits;
use editor::{Input, Lines};
use repl::{Item, Repl, Reply};
use std::io::{IsTerminal, Write};

/// Runs the shell on this process's terminal.
pub fn run(host: &Host) -> u8 {
    let terminal = std::io::stdout().is_terminal();
    let color = terminal && host.color() && wants_color(true);
    let mut repl = Repl::new(host.session());
    let mut lines = match Lines::new(repl.session().clone(), color) {
        Ok(lines) => lines,
        Err(e) => return host.error("E0602", format!("cannot read from the terminal: {e}"), None),
    };
    if terminal {
        host.line(&format!("nsp {} - :help for help, Ctrl-D to leave", env!("CARGO_PKG_VERSION")));
    }
    host.catch_interrupts();
    loop {
        let _ = host.out().flush();
        let line = match lines.read(repl.session()) {
            Ok(Input::Line(line)) => line,
            Ok(Input::Cleared) => continue,
            Ok(Input::End) => return code::DONE,
            Err(e) => return host.error("E0602", format!("cannot read from the terminal: {e}"), None),
        };
        host.reset_interrupts();
        let reply = repl.line(&line);
        show(host, &reply, terminal, color);
        if reply.quit || host.is_closed() {
            return code::DONE;
        }
    }
}

fn show(host: &Host, reply: &Reply, terminal: bool, color: bool) {
    for item in &reply.items {
        match item {
            Item::Text(text) => host.line(text),
            Item::Note(text) if color => host.line(&format!("\x1b[2m{text}\x1b[0m")),
            Item::Note(text) => host.line(text),
            Item::Errors(errors, sources) => {
                if terminal && errors.iter().any(|d| d.code == limits::code::CANCELLED) {
                    // The terminal has written `^C` where the cursor was.
                    host.line("");
                }
                for d in errors {
                    host.line(render(d, sources, color).trim_end());
                }
            }
            Item::Picture(img) => {
                let _ = host.out().flush();
                if terminal && color && graphics::print(img).is_err() {
                    host.line("(the picture could not be drawn)");
                }
            }
        }
    }
}
