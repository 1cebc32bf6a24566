//! The shell without its terminal: a line in, a [`Reply`] out.

use super::commands;
use super::display::shown;
use super::save::Line;
use super::{help, picture};
use crate::check::scope::Binding;
use crate::diag::Diagnostic;
use crate::raster::image::Image;
use crate::session::{Outcome, Session};
use crate::source::SourceMap;
use crate::syntax::{TokenClass, continues, tokens};
use crate::types::Type;
use crate::vm::value::Value;

/// How many lines can be undone.
const MOST_UNDO: usize = 1000;

/// The name of typed lines in messages.
pub const SHELL: &str = "<shell>";

/// A session with what a shell adds to it: its lines, and the way back.
pub struct Repl {
    start: Session,
    pub(super) now: State,
    past: imbl::Vector<State>,
}

/// A session and the lines that made it. Cloning shares.
#[derive(Clone)]
pub(super) struct State {
    pub session: Session,
    pub lines: imbl::Vector<Line>,
}

/// What came of a line.
#[derive(Debug, Default)]
pub struct Reply {
    /// What is to be shown, in order.
    pub items: Vec<Item>,
    /// Whether the shell is to end.
    pub quit: bool,
}

/// Something to be shown.
#[derive(Debug)]
pub enum Item {
    /// Text, without a newline at its end.
    Text(String),
    /// A remark on the use of the shell itself.
    Note(String),
    /// Errors, with the texts that they point into.
    Errors(Vec<Diagnostic>, SourceMap),
    /// A value as a picture.
    Picture(Image),
}

impl Reply {
    /// A reply of one text.
    pub fn text(text: impl Into<String>) -> Reply {
        Reply { items: vec![Item::Text(text.into())], quit: false }
    }

    /// A reply of one remark.
    pub fn note(text: impl Into<String>) -> Reply {
        Reply { items: vec![Item::Note(text.into())], quit: false }
    }

    /// A reply of errors.
    pub fn errors(errors: Vec<Diagnostic>, sources: &SourceMap) -> Reply {
        Reply { items: vec![Item::Errors(errors, sources.clone())], quit: false }
    }
}

impl Repl {
    /// A shell that starts with this session.
    pub fn new(session: Session) -> Repl {
        let now = State { session: session.clone(), lines: imbl::Vector::new() };
        Repl { start: session, now, past: imbl::Vector::new() }
    }

    /// The session as it is now.
    pub fn session(&self) -> &Session {
        &self.now.session
    }

    /// The session as it was at the start.
    pub(super) fn start(&self) -> Session {
        self.start.clone()
    }

    /// Takes a line, or several: nsp, or a command that begins with `:`.
    pub fn line(&mut self, text: &str) -> Reply {
        let trimmed = text.trim();
        match trimmed.strip_prefix(':') {
            _ if trimmed.is_empty() => Reply::default(),
            Some(command) => commands::run(self, command),
            None => self.eval(SHELL, trimmed),
        }
    }

    /// Runs a text as a step of the session.
    pub(super) fn eval(&mut self, name: &str, text: &str) -> Reply {
        if let Some(reply) = self.bare_function(text) {
            return reply;
        }
        // A line that cannot begin an expression goes on from the last value.
        let text = if name == SHELL && continues(text) { format!("_ {text}") } else { text.to_string() };
        let before = self.now.clone();
        let result = self.now.session.step(name, &text);
        match result {
            Ok(outcome) => {
                let value = outcome.value.ty != Type::Unit;
                self.now.lines.push_back(Line { text, value });
                self.remember(before);
                self.show(&outcome)
            }
            Err(errors) => Reply::errors(errors, self.now.session.sources()),
        }
    }

    fn show(&self, outcome: &Outcome) -> Reply {
        let mut reply = Reply::default();
        for test in &outcome.tests {
            match self.now.session.run_test(test) {
                Ok(()) => reply.items.push(Item::Text(format!("test {} ... ok", test.name))),
                Err(e) => {
                    reply.items.push(Item::Text(format!("test {} ... FAILED", test.name)));
                    reply.items.push(Item::Errors(vec![e], self.now.session.sources().clone()));
                }
            }
        }
        if outcome.value.ty != Type::Unit {
            if let Some(img) = picture::of(&outcome.value, &self.now.session.env().cancel) {
                reply.items.push(Item::Picture(img));
            }
            // A program that was found is shown as a program.
            let found = match &outcome.value.value {
                f @ Value::Fn(c) if c.origin.is_some() => self.now.session.source(f),
                _ => None,
            };
            let text = found.unwrap_or_else(|| shown(&outcome.value.value, &outcome.value.ty));
            reply.items.push(Item::Text(text));
        }
        reply
    }

    /// The name of a definition or operation, alone on its line, shows its signature: as a value it may have no one
    /// type.
    fn bare_function(&self, text: &str) -> Option<Reply> {
        match tokens(text).as_slice() {
            [(TokenClass::Name, range)] => {
                let name = text.get(range.clone())?;
                if matches!(self.session().scope().get(name), Some(Binding::Global { .. })) {
                    return None;
                }
                let signatures = help::signatures(self.session(), name);
                (!signatures.is_empty()).then(|| Reply::text(signatures.join("\n")))
            }
            _ => None,
        }
    }

    fn remember(&mut self, before: State) {
        self.past.push_back(before);
        if self.past.len() > MOST_UNDO {
            self.past.pop_front();
        }
    }

    /// Takes the last line back, variables included. `None` if there is none.
    pub(super) fn undo(&mut self) -> Option<String> {
        let before = self.past.pop_back()?;
        let undone =
            self.now.lines.last().map(|l| l.text.clone()).filter(|_| before.lines.len() < self.now.lines.len());
        self.now = before;
        Some(undone.unwrap_or_else(|| ":reset".into()))
    }

    /// Forgets all lines; this too can be undone.
    pub(super) fn reset(&mut self) {
        let fresh = State { session: self.start.clone(), lines: imbl::Vector::new() };
        let before = std::mem::replace(&mut self.now, fresh);
        self.remember(before);
    }
}
