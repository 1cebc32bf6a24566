//! Line editing. Only this file names rustyline.

use super::commands;
use super::complete::{self, Candidate};
use crate::session::Session;
use crate::syntax::{TokenClass, tokens};
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};
use std::borrow::Cow;
use std::path::PathBuf;

const PROMPT: &str = "nsp> ";

/// A line of input.
pub enum Input {
    /// What was typed.
    Line(String),
    /// Ctrl-C at the prompt.
    Cleared,
    /// Ctrl-D.
    End,
}

/// Reads lines from a terminal.
pub struct Lines {
    editor: Editor<Help, DefaultHistory>,
    history: Option<PathBuf>,
    color: bool,
}

impl Lines {
    /// An editor with the history of earlier shells.
    pub fn new(session: Session, color: bool) -> Result<Lines, ReadlineError> {
        let config = Config::builder()
            .max_history_size(10_000)?
            .history_ignore_dups(true)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .color_mode(if color { ColorMode::Enabled } else { ColorMode::Disabled })
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Help {
            session,
            files: FilenameCompleter::new(),
            history: HistoryHinter::new(),
            color,
        }));
        let history = history_file();
        if let Some(path) = &history {
            // None yet, or not readable: the shell works without.
            let _ = editor.load_history(path);
        }
        Ok(Lines { editor, history, color })
    }

    /// Asks for a line; names are completed from this session.
    pub fn read(&mut self, session: &Session) -> Result<Input, ReadlineError> {
        if let Some(help) = self.editor.helper_mut() {
            help.session = session.clone();
        }
        let styled = if self.color { format!("\x1b[1;36m{PROMPT}\x1b[0m") } else { PROMPT.to_string() };
        match self.editor.readline(&(PROMPT, styled)) {
            Ok(line) => {
                self.keep(&line);
                Ok(Input::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Cleared),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(e) => Err(e),
        }
    }

    /// Adds a line to the history, at once also in the file, so that nothing is lost when the terminal is closed.
    fn keep(&mut self, line: &str) {
        if line.trim().is_empty() || !self.editor.add_history_entry(line).unwrap_or(false) {
            return;
        }
        if let Some(path) = &self.history {
            let made = path.parent().is_none_or(|dir| std::fs::create_dir_all(dir).is_ok());
            if made && self.editor.append_history(path).is_err() {
                let _ = self.editor.save_history(path);
            }
        }
    }
}

/// `nsp/history` among the user's data (XDG base directories; `APPDATA` on Windows).
fn history_file() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = var("XDG_DATA_HOME").filter(|p| p.is_absolute());
    let data = data.or_else(|| if cfg!(windows) { var("APPDATA") } else { None });
    let data = data.or_else(|| var("HOME").map(|h| h.join(".local").join("share")))?;
    Some(data.join("nsp").join("history"))
}

struct Help {
    session: Session,
    files: FilenameCompleter,
    history: HistoryHinter,
    color: bool,
}

impl Helper for Help {}

impl Completer for Help {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if complete::wants_file(line, pos) {
            return self.files.complete_path(line, pos);
        }
        let (start, found) = complete::complete(&self.session, line, pos);
        let pair = |c: Candidate| Pair { display: c.text.clone(), replacement: c.text };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

/// A hint: a signature is only shown, an earlier line can be taken over.
struct Shown {
    text: String,
    take: bool,
}

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.take.then_some(&self.text)
    }
}

impl Hinter for Help {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, cx: &Context<'_>) -> Option<Shown> {
        if !self.color {
            // It would look like what was typed.
            return None;
        }
        if let Some(text) = complete::hint(&self.session, line, pos) {
            return Some(Shown { text, take: false });
        }
        // Of an earlier text of several lines only the first can stand here.
        let text = self.history.hint(line, pos, cx)?;
        (!text.contains('\n')).then_some(Shown { text, take: true })
    }
}

impl Validator for Help {
    fn validate(&self, cx: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(if complete::incomplete(cx.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Highlighter for Help {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.color { Cow::Owned(painted(line)) } else { Cow::Borrowed(line) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

/// The text with colours, its characters unchanged.
fn painted(line: &str) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    let mut done = 0;
    if let Some(rest) = line.strip_prefix(':') {
        let word = rest.split(char::is_whitespace).next().unwrap_or("");
        let color = if commands::find(word).is_some() { "1;36" } else { "31" };
        done = 1 + word.len();
        out.push_str(&format!("\x1b[{color}m{}\x1b[0m", &line[..done]));
        if commands::find(word).is_none_or(|c| c.args != "EXPR") {
            out.push_str(&line[done..]);
            return out;
        }
    }
    let from = done;
    for (class, range) in tokens(&line[from..]) {
        let (start, end) = (from + range.start, from + range.end);
        out.push_str(&line[done..start]);
        let color = match class {
            TokenClass::Keyword => "35",
            TokenClass::Number => "33",
            TokenClass::Str => "32",
            TokenClass::Comment => "2",
            TokenClass::Hole => "1;33",
            TokenClass::Error => "31",
            TokenClass::Name | TokenClass::Operator | TokenClass::Bracket => "",
        };
        if color.is_empty() {
            out.push_str(&line[start..end]);
        } else {
            out.push_str(&format!("\x1b[{color}m{}\x1b[0m", &line[start..end]));
        }
        done = end;
    }
    out.push_str(&line[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_no_character() {
        for line in ["let x = 2 // é", ":type 1 + ??", ":load a b", ":nope 1", "\"open", "fn f(a) {\n  a\n}", ""] {
            let mut plain = painted(line);
            while let Some(start) = plain.find('\x1b') {
                let end = start + plain[start..].find('m').unwrap();
                plain.replace_range(start..=end, "");
            }
            assert_eq!(plain, line);
        }
        assert!(painted("let x = 1").starts_with("\x1b[35mlet\x1b[0m"));
    }
}
