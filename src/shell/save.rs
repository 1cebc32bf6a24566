//! A session's lines as a script.

use crate::session::Session;
use crate::source::FileId;
use crate::syntax::ast::{Ast, ExprKind, StmtKind};
use crate::syntax::{fmt, parse};

/// A line that the session took.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// Whether it had a value, which later lines may call `_`.
    pub value: bool,
}

/// A script that does what the lines did. `_` is no name in a script: where a line uses it, the line that it stands for
/// is given a name. Of functions defined again only the last definition is kept, as the earlier would be an error.
pub fn script<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let lines: Vec<&Line> = lines.into_iter().collect();
    let trees: Vec<Ast> = lines.iter().map(|l| parse(FileId::default(), &l.text).ast).collect();
    let mut edits: Vec<Vec<Edit>> = vec![Vec::new(); lines.len()];
    let mut last: Option<usize> = None;
    for i in 0..lines.len() {
        let uses = trees[i].exprs.iter().filter(|e| matches!(&e.kind, ExprKind::Name(n) if &**n == "_"));
        let places: Vec<usize> = uses.map(|e| e.span.start as usize).collect();
        if let Some(from) = last
            && !places.is_empty()
        {
            let name = format!("it{}", from + 1);
            edits[i].extend(places.into_iter().map(|at| Edit { at, len: 1, with: name.clone() }));
            edits[from].extend(name_value(&trees[from], &name));
        }
        if lines[i].value {
            last = Some(i);
        }
    }
    let mut texts: Vec<Option<String>> = lines.iter().zip(edits).map(|(l, e)| Some(edited(&l.text, e))).collect();
    for i in 0..lines.len() {
        let Some(name) = only_function(&trees[i]) else { continue };
        if trees[i + 1..].iter().any(|t| only_function(t) == Some(name)) {
            texts[i] = None;
        }
    }
    let mut out = String::new();
    for text in texts.into_iter().flatten() {
        out.push_str(text.trim_end());
        out.push('\n');
    }
    fmt(&out).unwrap_or(out)
}

/// What would keep a script from running, if anything.
pub fn check(session: &Session, script: &str) -> Option<String> {
    let errors = session.clone().check("<saved>", script).err()?;
    errors.first().map(|d| d.message.clone())
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    at: usize,
    len: usize,
    with: String,
}

/// The text with all edits made, the last first so that places stay good.
fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort();
    edits.dedup();
    let mut out = text.to_string();
    for e in edits.iter().rev() {
        if out.get(e.at..e.at + e.len).is_some() {
            out.replace_range(e.at..e.at + e.len, &e.with);
        }
    }
    out
}

/// Puts `let name = ` before the last statement.
fn name_value(ast: &Ast, name: &str) -> Option<Edit> {
    let stmt = ast.stmt(*ast.root.last()?);
    let at = stmt.span.start as usize;
    matches!(stmt.kind, StmtKind::Expr(_)).then(|| Edit { at, len: 0, with: format!("let {name} = ") })
}

fn only_function(ast: &Ast) -> Option<&str> {
    match ast.root.as_slice() {
        [only] => match &ast.stmt(*only).kind {
            StmtKind::Fn { name, .. } => Some(name),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(lines: &[(&str, bool)]) -> String {
        let lines: Vec<Line> = lines.iter().map(|(t, v)| Line { text: t.to_string(), value: *v }).collect();
        script(&lines)
    }

    #[test]
    fn the_last_value_gets_a_name() {
        let text = saved(&[("let x = 2", false), ("x + 1", true), ("_ * _", true), ("print(_)", false), ("7", true)]);
        assert_eq!(text, "let x = 2\nlet it2 = x + 1\nlet it3 = it2 * it2\nprint(it3)\n7\n");
    }

    #[test]
    fn the_last_definition_is_kept() {
        let text = saved(&[("fn f() { 1 }", false), ("fn f() { 2 }", false), ("let _ = f()", false)]);
        assert_eq!(text.matches("fn f").count(), 1);
        assert!(text.contains('2') && text.contains("let _ = f()"), "{text}");
    }
}
