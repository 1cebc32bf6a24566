//! Commands of the shell: lines that begin with `:`.

use super::repl::{Repl, Reply, SHELL};
use super::{help, holes, save};
use crate::check::scope::Binding;
use crate::suggest::nearest;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A command.
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What follows it.
    pub args: &'static str,
    /// What it does.
    pub doc: &'static str,
    run: fn(&mut Repl, &str) -> Reply,
}

/// All commands. A beginning of a name is enough; of several, the first here is meant.
pub const COMMANDS: &[Command] = &[
    Command { name: "help", args: "[NAME]", doc: "what a name or command does", run: help_on },
    Command { name: "type", args: "EXPR", doc: "the type of an expression, without running it", run: type_of },
    Command { name: "holes", args: "[FN]", doc: "the holes of a function, or of all", run: list_holes },
    Command {
        name: "why",
        args: "[EXPR]",
        doc: "what a program that was found is unsure of, and what to ask",
        run: why,
    },
    Command { name: "time", args: "EXPR", doc: "runs a line and says how long it took", run: time },
    Command { name: "load", args: "FILE", doc: "runs a script as if it were typed here", run: load },
    Command { name: "save", args: "FILE", doc: "writes the lines so far as a script", run: save_to },
    Command { name: "undo", args: "", doc: "takes the last line back, variables included", run: undo },
    Command { name: "reset", args: "", doc: "forgets everything", run: reset },
    Command { name: "devices", args: "", doc: "what this machine can run on", run: devices },
    Command { name: "quit", args: "", doc: "ends the shell; so does Ctrl-D", run: quit },
];

/// Runs a command, given without its colon.
pub fn run(repl: &mut Repl, text: &str) -> Reply {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match find(word) {
        Some(command) => (command.run)(repl, rest.trim()),
        None => {
            let near = nearest(word, COMMANDS.iter().map(|c| c.name));
            Reply::note(match near {
                Some(near) => format!("there is no command `:{word}`; did you mean `:{near}`?"),
                None => format!("there is no command `:{word}`; `:help` lists them"),
            })
        }
    }
}

/// The command meant by a word.
pub fn find(word: &str) -> Option<&'static Command> {
    let exact = COMMANDS.iter().find(|c| c.name == word);
    exact.or_else(|| COMMANDS.iter().find(|c| !word.is_empty() && c.name.starts_with(word)))
}

fn help_on(repl: &mut Repl, name: &str) -> Reply {
    if name.is_empty() {
        return Reply::text(help::general());
    }
    match help::topic(repl.session(), name) {
        Ok(text) => Reply::text(text),
        Err(remark) => Reply::note(remark),
    }
}

fn type_of(repl: &mut Repl, text: &str) -> Reply {
    if text.is_empty() {
        return Reply::note("write `:type EXPR`");
    }
    let signatures = help::signatures(repl.session(), text);
    if !signatures.is_empty() {
        return Reply::text(signatures.join("\n"));
    }
    let mut session = repl.session().clone();
    match session.check(SHELL, text) {
        Ok(checked) => Reply::text(checked.ty.to_string()),
        Err(errors) => Reply::errors(errors, session.sources()),
    }
}

fn list_holes(repl: &mut Repl, name: &str) -> Reply {
    let session = repl.session();
    let found = match name {
        "" => holes::all(session),
        name => match holes::of(session, name) {
            Some(found) => found,
            None => {
                let is_fn = |b: &Binding| matches!(b, Binding::Def(_));
                let names = session.scope().iter().filter(|(_, b)| is_fn(b)).map(|(n, _)| &**n);
                let hint = nearest(name, names).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                return Reply::note(format!("there is no function `{name}`{hint}"));
            }
        },
    };
    if found.is_empty() {
        return Reply::note(if name.is_empty() { "no holes".into() } else { format!("`{name}` has no holes") });
    }
    Reply::text(found.iter().map(|h| h.to_string()).collect::<Vec<_>>().join("\n"))
}

fn why(repl: &mut Repl, text: &str) -> Reply {
    let text = if text.is_empty() { "_" } else { text };
    let mut session = repl.session().clone();
    let value = match session.step(SHELL, text) {
        Ok(outcome) => outcome.value.value,
        Err(errors) => return Reply::errors(errors, session.sources()),
    };
    let Some(origin) = session.origin(&value) else {
        return Reply::note("`:why` asks about a program that `fill` or `synth.strings` found");
    };
    let mut lines = vec![origin.made.clone()];
    match &origin.doubt {
        None => lines.push("no other likely program that agrees with the examples was seen to differ".into()),
        Some(doubt) => {
            lines.push(doubt.question());
            lines.push(format!("it gives {}; others that agree with the examples:", doubt.answer));
            lines.extend(doubt.others.iter().map(|(output, program)| format!("  {output}  by  {program}")));
        }
    }
    Reply::text(lines.join("\n"))
}

fn time(repl: &mut Repl, text: &str) -> Reply {
    if text.is_empty() {
        return Reply::note("write `:time EXPR`");
    }
    let start = Instant::now();
    let mut reply = repl.eval(SHELL, text);
    let took = start.elapsed();
    reply.items.extend(Reply::note(duration(took)).items);
    reply
}

fn duration(d: Duration) -> String {
    match d.as_secs_f64() {
        s if s < 1e-3 => format!("{:.1} us", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

fn load(repl: &mut Repl, path: &str) -> Reply {
    if path.is_empty() {
        return Reply::note("write `:load FILE`");
    }
    let path = file(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => repl.eval(&path.display().to_string(), &text),
        Err(e) => Reply::note(format!("cannot read `{}`: {e}", path.display())),
    }
}

fn save_to(repl: &mut Repl, path: &str) -> Reply {
    if path.is_empty() {
        return Reply::note("write `:save FILE`");
    }
    let path = file(path);
    let script = save::script(&repl.now.lines);
    if let Err(e) = crate::data::replace(&path, script.as_bytes()) {
        return Reply::note(format!("cannot write `{}`: {e}", path.display()));
    }
    let lines = repl.now.lines.len();
    let mut text = format!("{lines} line{} saved to `{}`", if lines == 1 { "" } else { "s" }, path.display());
    if let Some(problem) = save::check(&repl.start(), &script) {
        text.push_str(&format!("; as a script it does not run yet: {problem}"));
    }
    Reply::note(text)
}

/// A path as typed: quotes around it and a `~` before it are not part of it.
fn file(text: &str) -> PathBuf {
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

fn undo(repl: &mut Repl, _: &str) -> Reply {
    Reply::note(match repl.undo() {
        Some(text) => {
            let first = text.lines().next().unwrap_or("");
            format!("undone: {first}{}", if text.lines().count() > 1 { " .." } else { "" })
        }
        None => "nothing to undo".into(),
    })
}

fn reset(repl: &mut Repl, _: &str) -> Reply {
    repl.reset();
    Reply::note("all is forgotten; `:undo` brings it back")
}

fn devices(_: &mut Repl, _: &str) -> Reply {
    Reply::text(crate::cli::devices::text().trim_end())
}

fn quit(_: &mut Repl, _: &str) -> Reply {
    Reply { quit: true, ..Reply::default() }
}
