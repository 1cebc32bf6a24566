//! Runs texts in the language whose lines say what is expected of them; see `tests/suite.rs`.

use nsp::session::Session;
use nsp::source::{FileId, Span};
use nsp::syntax::ast::{Ast, StmtKind};
use nsp::syntax::{parse, print};
use std::fmt::Write;
use std::path::Path;

/// A text with expectations.
pub struct Section {
    /// What it is about.
    pub name: String,
    /// Files that it can import: path and text.
    pub files: Vec<(String, String)>,
    /// Number of its first line in the file, from 0.
    pub first: usize,
    /// The text.
    pub text: String,
}

/// What a line expects.
#[derive(Debug, Clone, PartialEq)]
enum Want {
    Value(String),
    Error { column: Option<usize>, code: String, message: String, help: String },
    Open,
}

fn wants(text: &str) -> Vec<Option<Want>> {
    text.lines()
        .map(|line| {
            if let Some((_, value)) = line.split_once("// => ") {
                return Some(Want::Value(value.trim().into()));
            }
            if line.ends_with("// ?") {
                return Some(Want::Open);
            }
            let (_, rest) = line.split_once("// error")?;
            let (column, rest) = match rest.strip_prefix('@') {
                Some(r) => r.split_once(' ').map(|(c, r)| (c.parse().ok(), r))?,
                None => (None, rest.trim_start()),
            };
            let (code, rest) = rest.split_once(": ").unwrap_or((rest, ""));
            let (message, help) = rest.split_once(" | ").unwrap_or((rest, ""));
            Some(Want::Error { column, code: code.into(), message: message.trim().into(), help: help.trim().into() })
        })
        .collect()
}

/// What came out of a statement: the line it is about (from 0), and the text of the expectation that it meets.
type Outcome = (usize, Result<(String, String), Vec<Problem>>);

struct Problem {
    line: usize,
    column: usize,
    code: String,
    message: String,
    help: String,
}

fn session(folder: &Path) -> Session {
    let mut session = Session::default();
    let env = session.env_mut();
    env.base = folder.to_path_buf();
    env.caps.files = vec![folder.to_path_buf()];
    env.out = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    session
}

fn problems(sources: &nsp::source::SourceMap, errors: &[nsp::diag::Diagnostic]) -> Vec<Problem> {
    let problem = |d: &nsp::diag::Diagnostic| {
        // An error in the library is about the line that called it.
        let here = |span: &Span| sources.get(span.file).is_some_and(|f| f.name == "<section>");
        let span = d.labels.iter().map(|l| l.span).find(here).unwrap_or_default();
        let (line, column) = sources.line_col(span).unwrap_or((1, 1));
        let help = d.help.clone().unwrap_or_default();
        Problem { line: line - 1, column, code: d.code.into(), message: d.message.clone(), help }
    };
    errors.iter().map(problem).collect()
}

/// Runs a text statement by statement; each keeps its place, so that errors point at its lines.
fn execute(text: &str, folder: &Path) -> Vec<Outcome> {
    let parsed = parse(FileId(0), text);
    if !parsed.errors.is_empty() {
        let mut sources = nsp::source::SourceMap::default();
        sources.add("<section>", text);
        return vec![(0, Err(problems(&sources, &parsed.errors)))];
    }
    let mut session = session(folder);
    let mut out = Vec::new();
    for Span { start, end, .. } in steps(&parsed.ast) {
        let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
        let before: String = text[..start as usize].chars().map(blank).collect();
        let statement = format!("{before}{}", &text[start as usize..end as usize]);
        let last = text[..end as usize].matches('\n').count();
        let result = match session.step("<section>", &statement) {
            Ok(o) => Ok((nsp::vm::show(&o.value.value, &o.value.ty), o.value.ty.to_string())),
            Err(errors) => Err(problems(session.sources(), &errors)),
        };
        out.push((last, result));
    }
    out
}

/// Statements, functions that follow each other as one, so that they see each other.
fn steps(ast: &Ast) -> Vec<Span> {
    let mut out: Vec<(Span, bool)> = Vec::new();
    for id in &ast.root {
        let stmt = ast.stmt(*id);
        let is_fn = matches!(stmt.kind, StmtKind::Fn { .. });
        match out.last_mut() {
            Some((span, true)) if is_fn => *span = span.to(stmt.span),
            _ => out.push((stmt.span, is_fn)),
        }
    }
    out.into_iter().map(|(span, _)| span).collect()
}

fn meets(want: &Want, value: &(String, String)) -> bool {
    matches!(want, Want::Value(v) if *v == value.0 || *v == format!("{} : {}", value.0, value.1))
}

fn explains(want: &Want, p: &Problem) -> bool {
    let Want::Error { column, code, message, help } = want else { return false };
    *code == p.code
        && p.message.contains(message.as_str())
        && p.help.contains(help.as_str())
        && column.is_none_or(|c| c == p.column)
}

/// Runs a section both ways. What is wrong goes to `complaints`; what a `// ?` stands for, by line, to `answers`.
pub fn check(section: &Section, folder: &Path, complaints: &mut String, answers: &mut Vec<(usize, String)>) {
    for (path, text) in &section.files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let wants = wants(&section.text);
    let mut met = vec![false; wants.len()];
    let as_written = execute(&section.text, folder);
    let mut say = |line: usize, what: String| {
        let _ = writeln!(complaints, "  {}, line {}: {what}", section.name, section.first + line + 1);
    };
    for (line, result) in &as_written {
        match result {
            Ok(value) => match wants.get(*line).cloned().flatten() {
                Some(Want::Open) => answers.push((section.first + line, format!("=> {}", value.0))),
                Some(want @ Want::Value(_)) if !met[*line] => {
                    met[*line] = true;
                    if !meets(&want, value) {
                        say(*line, format!("gives {} : {}", value.0, value.1));
                    }
                }
                _ => {}
            },
            Err(problems) => {
                // An error may bring others on its line.
                let told: Vec<usize> = problems
                    .iter()
                    .filter(|p| wants.get(p.line).cloned().flatten().is_some_and(|w| explains(&w, p)))
                    .map(|p| p.line)
                    .collect();
                told.iter().for_each(|line| met[*line] = true);
                for p in problems.iter().filter(|p| !told.contains(&p.line)) {
                    let shown = if p.help.is_empty() { String::new() } else { format!(" | {}", p.help) };
                    let shown = format!("error@{} {}: {}{shown}", p.column, p.code, p.message);
                    match wants.get(p.line).cloned().flatten() {
                        Some(Want::Open) => answers.push((section.first + p.line, shown)),
                        _ => say(p.line, shown),
                    }
                }
            }
        }
    }
    for (line, want) in wants.iter().enumerate() {
        if want.as_ref().is_some_and(|w| *w != Want::Open) && !met[line] {
            say(line, format!("nothing met {want:?}"));
        }
    }
    let parsed = parse(FileId(0), &section.text);
    if !parsed.errors.is_empty() {
        return;
    }
    let printed = print(&parsed.ast);
    let again = execute(&printed, folder);
    if again.len() != as_written.len() {
        say(0, format!("printed, it has other statements:\n{printed}"));
    }
    for ((line, a), (_, b)) in as_written.iter().zip(&again) {
        let same = match (a, b) {
            (Ok(a), Ok(b)) => a == b,
            (Err(a), Err(b)) => a.iter().map(|p| &p.code).eq(b.iter().map(|p| &p.code)),
            _ => false,
        };
        if !same {
            say(*line, format!("means something else once printed:\n{printed}"));
        }
    }
}
