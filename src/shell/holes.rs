//! Holes, listed for a person.

use crate::check::scope::Binding;
use crate::ir::{Func, Hole, HoleKind};
use crate::session::{STDLIB, Session};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;
use std::collections::HashSet;
use std::fmt;

/// A hole, as `:holes` and `nsp check --holes` show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// As written, shortened.
    pub text: String,
    /// What may fill it, in words.
    pub kind: &'static str,
    /// The type wanted.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
    /// The function that it belongs to.
    pub function: String,
    /// Variables in scope there.
    pub scope: Vec<(Name, Type)>,
}

impl Listed {
    /// The scope as data: a list of `{name, type}`.
    pub fn scope_json(&self) -> serde_json::Value {
        self.scope.iter().map(|(n, t)| serde_json::json!({"name": &**n, "type": t.to_string()})).collect()
    }
}

impl fmt::Display for Listed {
    /// `??x(0..16): int  (a number)  in f, over a: num, b: num`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}  ({})  in {}", self.text, self.ty, self.kind, self.function)?;
        for (i, (name, ty)) in self.scope.iter().enumerate() {
            write!(f, "{}{name}: {ty}", if i == 0 { ", over " } else { ", " })?;
        }
        Ok(())
    }
}

/// The holes of the functions that were made since the session's library had `before` of them.
pub fn since(session: &Session, before: usize) -> Vec<Listed> {
    list(session, session.env().library.snapshot().iter().skip(before).map(|e| &*e.func), |_| true)
}

/// The holes of the function called `name`; `None` if there is no such function.
pub fn of(session: &Session, name: &str) -> Option<Vec<Listed>> {
    let Some(Binding::Def(id)) = session.scope().get(name) else { return None };
    let def = session.defs().get(*id);
    let body = def.ast.expr(def.fun.body).span;
    let inside = |s: Span| s.file == body.file && body.start <= s.start && s.end <= body.end;
    Some(list(session, session.env().library.snapshot().iter().map(|e| &*e.func), inside))
}

/// The holes of all functions in scope that are not the library's.
pub fn all(session: &Session) -> Vec<Listed> {
    let mut names: Vec<&Name> = Vec::new();
    for (name, binding) in session.scope().iter() {
        if let Binding::Def(id) = binding
            && session.defs().get(*id).span.file.0 as usize >= STDLIB.len()
        {
            names.push(name);
        }
    }
    let mut out: Vec<Listed> = names.iter().filter_map(|n| of(session, n)).flatten().collect();
    out.sort_by_key(order);
    out.dedup_by_key(|h| h.span);
    out
}

fn order(h: &Listed) -> (u32, u32) {
    (h.span.file.0, h.span.start)
}

fn list<'a>(session: &Session, funcs: impl Iterator<Item = &'a Func>, keep: impl Fn(Span) -> bool) -> Vec<Listed> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for func in funcs {
        for hole in &func.holes {
            // A generic function is made once for each set of types; its holes are one hole to a reader.
            if keep(hole.span) && seen.insert(hole.span) {
                out.push(listed(session, func, hole));
            }
        }
    }
    out.sort_by_key(order);
    out
}

fn listed(session: &Session, func: &Func, hole: &Hole) -> Listed {
    let kind = match &hole.kind {
        HoleKind::Open => "an expression",
        HoleKind::Range { .. } => "a number",
        HoleKind::Choice { ops } if ops.is_empty() => "a choice",
        HoleKind::Choice { .. } => "a choice of functions",
        HoleKind::Call => "a function",
        HoleKind::Perceptual => "a learned function",
    };
    let mut scope: Vec<(Name, Type)> = Vec::new();
    for id in &hole.scope {
        let local = func.local(*id);
        if local.name.starts_with(|c: char| c.is_alphabetic()) {
            // The later of two variables of one name hides the earlier.
            scope.retain(|(n, _)| *n != local.name);
            scope.push((local.name.clone(), local.ty.clone()));
        }
    }
    let text = written(session, hole.span).unwrap_or_else(|| format!("??{}", hole.name.as_deref().unwrap_or("")));
    let function = match &*func.name {
        crate::check::MAIN => "the script".to_string(),
        name => name.to_string(),
    };
    Listed { text, kind, ty: hole.ty.clone(), span: hole.span, function, scope }
}

fn written(session: &Session, span: Span) -> Option<String> {
    let text = session.sources().get(span.file)?.text.get(span.start as usize..span.end as usize)?;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(match line.char_indices().nth(60) {
        Some((cut, _)) => format!("{}..", &line[..cut]),
        None => line,
    })
}
