//! Completion and hints. Knows no terminal.

use super::commands::COMMANDS;
use super::help;
use crate::check::scope::Binding;
use crate::session::Session;
use crate::syntax::{KEYWORDS, TokenClass, parse, tokens};
use crate::types::Type;
use std::ops::Range;

/// What a word could become.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The whole word.
    pub text: String,
    /// What it is, briefly.
    pub note: String,
}

/// Words that the cursor could be in the middle of, and where the word begins. Files are left to the terminal's own
/// completion: see [`wants_file`].
pub fn complete(session: &Session, line: &str, pos: usize) -> (usize, Vec<Candidate>) {
    let before = line.get(..pos).unwrap_or(line);
    let pos = before.len();
    if let Some(typed) = before.strip_prefix(':')
        && !typed.contains(char::is_whitespace)
    {
        let commands = COMMANDS.iter().map(|c| candidate(c.name, c.doc));
        return (1, matching(typed, commands));
    }
    let code = code_of(before);
    let toks = tokens(&before[code..]);
    let at = |r: &Range<usize>| before.get(code + r.start..code + r.end).unwrap_or("");
    let (start, rest) = match toks.split_last() {
        // The cursor touches a word.
        Some(((TokenClass::Name | TokenClass::Keyword, r), rest)) if code + r.end == pos => (code + r.start, rest),
        Some(((TokenClass::Str | TokenClass::Comment | TokenClass::Error | TokenClass::Number, r), _))
            if code + r.end == pos =>
        {
            return (pos, Vec::new());
        }
        _ => (pos, &toks[..]),
    };
    let typed = &before[start..];
    if let Some((last, owner)) = rest.split_last()
        && at(&last.1) == "."
    {
        let owner = path(owner, &at);
        return (start, matching(typed, members(session, &owner).into_iter()));
    }
    if typed.is_empty() {
        return (start, Vec::new());
    }
    let names = session.scope().iter().filter(|(n, _)| &***n != "_").map(|(n, b)| candidate(n, &what(b)));
    let ops = session.env().ops.names().filter(|n| n.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    // Of `synth.strings` only `synth` is a word here.
    let ops = ops.map(|n| match n.split_once('.') {
        Some((module, _)) => candidate(module, "module"),
        None => candidate(n, "operation"),
    });
    let types = session.env().ops.type_names().into_iter().map(|n| candidate(&n, "type"));
    let words = KEYWORDS.iter().map(|w| candidate(w, "word"));
    (start, matching(typed, names.chain(ops).chain(types).chain(words)))
}

/// Whether the cursor is in the file name of a command.
pub fn wants_file(line: &str, pos: usize) -> bool {
    let before = line.get(..pos).unwrap_or(line);
    let command = before.strip_prefix(':').and_then(|c| c.split_once(char::is_whitespace));
    command.and_then(|(word, _)| super::commands::find(word)).is_some_and(|c| c.args == "FILE")
}

fn candidate(text: &str, note: &str) -> Candidate {
    Candidate { text: text.into(), note: note.into() }
}

fn matching(typed: &str, all: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    let mut out: Vec<Candidate> = all.filter(|c| c.text.starts_with(typed)).collect();
    out.sort();
    out.dedup_by(|a, b| a.text == b.text);
    out
}

fn what(b: &Binding) -> String {
    match b {
        Binding::Global { ty, .. } => ty.to_string(),
        Binding::Def(_) => "function".into(),
        Binding::Module(_) => "module".into(),
        Binding::Hidden(_) => String::new(),
    }
}

/// Where nsp begins in a line: after a command's name, if it has one.
fn code_of(line: &str) -> usize {
    match line.strip_prefix(':') {
        Some(rest) => rest.find(char::is_whitespace).map_or(line.len(), |i| i + 1),
        None => 0,
    }
}

/// The names that end these tokens, joined by dots: `a.b.c`, without the last dot.
fn path<'t>(toks: &[(TokenClass, Range<usize>)], at: &impl Fn(&Range<usize>) -> &'t str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = toks;
    while let Some(((TokenClass::Name, r), before)) = rest.split_last() {
        out.push(at(r).to_string());
        match before.split_last() {
            Some((dot, before)) if at(&dot.1) == "." => rest = before,
            _ => break,
        }
    }
    out.reverse();
    out
}

/// What may follow a dot.
fn members(session: &Session, owner: &[String]) -> Vec<Candidate> {
    let Some((first, rest)) = owner.split_first() else { return Vec::new() };
    let mut out = Vec::new();
    let prefix = format!("{}.", owner.join("."));
    let ops = session.env().ops.names().filter_map(|n| n.strip_prefix(prefix.as_str()));
    out.extend(ops.map(|n| candidate(n.split('.').next().unwrap_or(n), "operation")));
    match session.scope().get(first) {
        Some(Binding::Module(scope)) if rest.is_empty() => {
            out.extend(scope.iter().map(|(n, b)| candidate(n, &what(b))));
        }
        Some(Binding::Global { ty, .. }) => {
            let mut ty = ty.clone();
            for field in rest {
                let Some(inner) = field_type(&ty, field) else { return out };
                ty = inner;
            }
            if let Type::Record(fields) = &ty {
                out.extend(fields.iter().map(|(n, t)| candidate(n, &t.to_string())));
            }
        }
        _ => {}
    }
    out
}

fn field_type(ty: &Type, field: &str) -> Option<Type> {
    let Type::Record(fields) = ty else { return None };
    fields.iter().find(|(n, _)| &**n == field).map(|(_, t)| t.clone())
}

/// The rest of the signature of the call that the cursor is in, when it stands where the next argument begins; or the
/// parameters of the name just typed.
pub fn hint(session: &Session, line: &str, pos: usize) -> Option<String> {
    if pos < line.len() {
        return None;
    }
    let code = &line[code_of(line)..];
    let toks = tokens(code);
    let at = |r: &Range<usize>| code.get(r.clone()).unwrap_or("");
    let (last, before) = toks.split_last()?;
    if last.0 == TokenClass::Name {
        if last.1.end != code.len() {
            return None;
        }
        let mut name = path(before, &at);
        name.truncate(if before.last().is_some_and(|d| at(&d.1) == ".") { name.len() } else { 0 });
        name.push(at(&last.1).into());
        let signatures = help::signatures(session, &name.join("."));
        let first = signatures.first()?;
        return first.find('(').map(|i| format!("{}{}", &first[i..], others(signatures.len())));
    }
    if !matches!(at(&last.1), "(" | ",") {
        return None;
    }
    // From the end back to the bracket that is open, counting the arguments before the cursor.
    let (mut depth, mut commas) = (0usize, 0usize);
    let mut open = None;
    for (i, (_, r)) in toks.iter().enumerate().rev() {
        match at(r) {
            ")" | "]" | "}" => depth += 1,
            "(" if depth == 0 => {
                open = Some(i);
                break;
            }
            "(" => depth -= 1,
            t if t.ends_with(['[', '{']) => {
                if depth == 0 {
                    return None;
                }
                depth -= 1;
            }
            "," if depth == 0 => commas += 1,
            _ => {}
        }
    }
    let callee = &toks[..open?];
    let name = path(callee, &at).join(".");
    // The left side of a pipe is the first argument.
    let names = name.split('.').count() * 2 - 1;
    let piped = callee.len().checked_sub(names + 1).and_then(|i| callee.get(i)).is_some_and(|t| at(&t.1) == "|>");
    let signatures = help::signatures(session, &name);
    let skip = commas + usize::from(piped);
    signatures
        .iter()
        .find_map(|s| rest_of(s, skip))
        .map(|r| if at(&last.1) == "," && code.ends_with(',') { format!(" {r}") } else { r })
}

fn others(n: usize) -> String {
    if n > 1 { format!("  (and {} more)", n - 1) } else { String::new() }
}

/// A signature from its parameter number `skip` on; `None` if it has no such parameter.
fn rest_of(signature: &str, skip: usize) -> Option<String> {
    let open = signature.find('(')?;
    let mut depth = 0;
    let mut seen = 0;
    let mut start = open + 1;
    for (i, c) in signature.char_indices().skip_while(|(i, _)| *i < open) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 1 => {
                seen += 1;
                if seen == skip {
                    start = i + 2;
                }
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    (seen >= skip).then(|| signature.get(start..).map(str::to_string)).flatten()
}

/// Whether a text can be run as it stands, or waits for more lines.
pub fn incomplete(text: &str) -> bool {
    let code = match text.strip_prefix(':') {
        Some(rest) => match rest.split_once(char::is_whitespace) {
            Some((word, code)) if super::commands::find(word).is_some_and(|c| c.args == "EXPR") => code,
            _ => return false,
        },
        None => text,
    };
    parse(Default::default(), code).incomplete
}
