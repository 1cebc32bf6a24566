//! A pattern and a replacement, for programs that put pieces of one text together.
//!
//! The text is seen as a row of atoms between the edges that the program uses: what stands before the first match, the
//! match, and so on. A cut is a run of neighbouring atoms. Each atom is written so that it can match in one way only, or
//! that the way tried first is the right one and the rest of the pattern then always matches: so that both flavours,
//! which find the first way, find the one that is meant.

mod atoms;

use super::Program;
use crate::diag::Diagnostic;
use crate::ir::{Func, Kind, LocalId, NodeId};
use crate::types::Type;
use atoms::{Atoms, Edge, Pattern};
use serde_json::json;
use std::collections::HashMap;

/// A part of the result.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// Between two edges.
    Cut(Edge, Edge),
    /// Piece k of the text split at this one.
    Piece(String, usize),
    /// The i-th match of a class, empty if there is none.
    Token(Pattern, usize),
}

struct Walk<'p, 'f> {
    program: &'p Program<'p>,
    func: &'f Func,
    known: HashMap<LocalId, Vec<Part>>,
    /// Cuts that must be possible though their text is not used.
    unused: Vec<Part>,
}

/// The pattern and the replacement that this function is.
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    match &func.params[..] {
        [p] if p.ty == Type::Str && func.ret == Type::Str && func.captures == 0 => {}
        _ => return Err(program.refuse(func.span, "a function that is not of one text and gives one")),
    }
    let whole = vec![Part::Cut(Edge::Start(0), Edge::End(0))];
    let mut walk = Walk { program, func, known: HashMap::from([(LocalId(0), whole)]), unused: Vec::new() };
    let parts = walk.parts(func.body)?;
    let cannot = |why: String| program.refuse(func.node(func.body).span, why);
    let mut atoms = Atoms::default();
    for part in parts.iter().chain(&walk.unused) {
        match part {
            Part::Text(_) => Ok(()),
            Part::Cut(a, b) => atoms.cut(a, b),
            Part::Piece(t, k) => atoms.piece(t, *k),
            Part::Token(p, i) => atoms.token(p, *i),
        }
        .map_err(cannot)?;
    }
    atoms.settle().map_err(cannot)?;
    // Atoms that are always used together are one group.
    let mut runs = Vec::new();
    for part in &parts {
        runs.push(match part {
            Part::Text(_) => None,
            Part::Cut(a, b) => Some(atoms.run(a, b).map_err(cannot)?),
            Part::Piece(_, k) => Some((2 * k, 2 * k + 1)),
            Part::Token(_, i) => Some((2 * i - 1, 2 * i)),
        });
    }
    for part in &walk.unused {
        if let Part::Cut(a, b) = part {
            atoms.run(a, b).map_err(cannot)?;
        }
    }
    let mut bounds: Vec<usize> = runs.iter().flatten().flat_map(|(a, b)| [*a, *b]).collect();
    bounds.extend([0, atoms.all.len()]);
    bounds.sort_unstable();
    bounds.dedup();
    let mut pattern = String::new();
    let mut groups: HashMap<usize, usize> = HashMap::new();
    for pair in bounds.windows(2) {
        let text = atoms.all[pair[0]..pair[1]].concat();
        if runs.iter().flatten().any(|(a, b)| *a <= pair[0] && pair[1] <= *b) {
            groups.insert(pair[0], groups.len() + 1);
            pattern += &format!("({text})");
        } else {
            pattern += &text;
        }
    }
    let (mut python, mut rust) = (String::new(), String::new());
    for (part, run) in parts.iter().zip(&runs) {
        if let Part::Text(t) = part {
            python += &t.replace('\\', "\\\\");
            rust += &t.replace('$', "$$");
        }
        let Some((a, b)) = run else { continue };
        for at in bounds.iter().filter(|at| a <= *at && *at < b) {
            if let Some(n) = groups.get(at) {
                python += &format!("\\g<{n}>");
                rust += &format!("${{{n}}}");
            }
        }
    }
    let all = json!({
        "python": {"pattern": format!("(?s)\\A{pattern}\\Z"), "replacement": python},
        "rust": {"pattern": format!("(?s)\\A{pattern}\\z"), "replacement": rust},
    });
    Ok(serde_json::to_string_pretty(&all).unwrap_or_default() + "\n")
}

impl Walk<'_, '_> {
    fn refuse(&self, id: NodeId, what: impl std::fmt::Display) -> Diagnostic {
        self.program.refuse(self.func.node(id).span, what)
    }

    fn parts(&mut self, id: NodeId) -> Result<Vec<Part>, Diagnostic> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.any(id))
    }

    fn any(&mut self, id: NodeId) -> Result<Vec<Part>, Diagnostic> {
        let func = self.func;
        let node = func.node(id);
        match &node.kind {
            Kind::Str(s) => Ok(vec![Part::Text(s.to_string())]),
            Kind::Local(l) => match self.known.get(l) {
                Some(parts) => Ok(parts.clone()),
                None => Err(self.refuse(id, "this variable")),
            },
            Kind::Block(ids) => {
                for (i, id) in ids.iter().enumerate() {
                    match &func.node(*id).kind {
                        Kind::Let(l, v) if !func.local(*l).mutable && func.local(*l).ty == Type::Str => {
                            let parts = self.parts(*v)?;
                            self.unused.extend(parts.iter().cloned());
                            self.known.insert(*l, parts);
                        }
                        Kind::Return(Some(v)) if i + 1 == ids.len() => return self.parts(*v),
                        _ if i + 1 == ids.len() => return self.parts(*id),
                        _ => return Err(self.refuse(*id, "this statement")),
                    }
                }
                Err(self.refuse(id, "an empty block"))
            }
            Kind::Op { op, args } => self.op(id, &self.program.key(*op), args),
            Kind::If { .. } => Err(self.refuse(id, "a choice between programs")),
            Kind::For { .. } | Kind::While { .. } => Err(self.refuse(id, "a loop")),
            Kind::Call { func, .. } => {
                let name = self.program.library.get(*func).map_or("f".into(), |e| e.func.name.clone());
                Err(self.refuse(id, format!("a call of `{name}`")))
            }
            _ => Err(self.refuse(id, "this expression")),
        }
    }

    fn op(&mut self, id: NodeId, key: &str, args: &[NodeId]) -> Result<Vec<Part>, Diagnostic> {
        let func = self.func;
        match key {
            "+(str, str)" => {
                let mut all = self.parts(args[0])?;
                all.extend(self.parts(args[1])?);
                Ok(all)
            }
            "const_str(str)" | "str(str)" => self.parts(args[0]),
            "join([str], str)" => {
                let Kind::List(items) = &func.node(args[0]).kind else {
                    return Err(self.refuse(args[0], "a list that is not written out"));
                };
                let mut all = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        all.extend(self.parts(args[1])?);
                    }
                    all.extend(self.parts(*item)?);
                }
                Ok(all)
            }
            "cut(str, edge, edge)" => {
                self.input(args[0])?;
                Ok(vec![Part::Cut(self.edge(args[1])?, self.edge(args[2])?)])
            }
            "get_token(str, token, int)" => {
                self.input(args[0])?;
                let pattern = self.class(args[1])?;
                match self.number(args[2]).and_then(|i| usize::try_from(i).ok()) {
                    Some(i @ 1..=50) => Ok(vec![Part::Token(pattern, i)]),
                    _ => Err(self.refuse(args[2], "a match that is not counted from the start")),
                }
            }
            "[](str, int)" => {
                self.input(args[0])?;
                match self.number(args[1]).and_then(|i| u32::try_from(i).ok()) {
                    Some(i) if i < 1000 => Ok(vec![Part::Cut(Edge::Start(i), Edge::Start(i + 1))]),
                    _ => Err(self.refuse(args[1], "this position")),
                }
            }
            "[]([A], int)" => {
                let (Kind::Op { op, args: split }, Some(i)) = (&func.node(args[0]).kind, self.number(args[1])) else {
                    return Err(self.refuse(id, "this item of a list"));
                };
                let (Kind::Str(sep), 0..=20, "split(str, str)") =
                    (&func.node(*split.get(1).unwrap_or(&args[0])).kind, i, self.program.key(*op).as_str())
                else {
                    return Err(self.refuse(id, "this item of a list"));
                };
                self.input(split[0])?;
                Ok(vec![Part::Piece(sep.to_string(), i as usize)])
            }
            _ => {
                let what = format!("`{key}`");
                Err(self.refuse(id, what).help("what can be are cuts and tokens of the input, put together"))
            }
        }
    }

    /// That a node is the function's input itself.
    fn input(&mut self, id: NodeId) -> Result<(), Diagnostic> {
        match self.parts(id)?.as_slice() {
            [Part::Cut(Edge::Start(0), Edge::End(0))] => Ok(()),
            _ => Err(self.refuse(id, "a cut of something else than the input")),
        }
    }

    fn number(&self, id: NodeId) -> Option<i64> {
        match &self.func.node(id).kind {
            Kind::Int(i) => Some(*i),
            Kind::Op { op, args } if self.program.key(*op) == "neg(int)" => self.number(args[0])?.checked_neg(),
            _ => None,
        }
    }

    fn class(&self, id: NodeId) -> Result<Pattern, Diagnostic> {
        let Kind::Op { op, .. } = &self.func.node(id).kind else {
            return Err(self.refuse(id, "a class that is not named"));
        };
        let key = self.program.key(*op);
        Pattern::class(&key).ok_or_else(|| self.refuse(id, format!("`{}`", key.trim_end_matches(" -> token"))))
    }

    fn edge(&self, id: NodeId) -> Result<Edge, Diagnostic> {
        let Kind::Op { op, args } = &self.func.node(id).kind else {
            return Err(self.refuse(id, "an edge that is not written in the call"));
        };
        let key = self.program.key(*op);
        let n = args.last().and_then(|a| self.number(*a));
        let small = n.and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 1000);
        let pattern = match key.as_str() {
            "at(int)" => return small.map(Edge::Start).ok_or_else(|| self.refuse(id, "this distance")),
            "at_end(int)" => return small.map(Edge::End).ok_or_else(|| self.refuse(id, "this distance")),
            "start_of(token, int)" | "end_of(token, int)" => self.class(args[0])?,
            "start_of(str, int)" | "end_of(str, int)" => match &self.func.node(args[0]).kind {
                Kind::Str(t) if !t.is_empty() => Pattern::Text(t.to_string()),
                _ => return Err(self.refuse(args[0], "this text to look for")),
            },
            _ => return Err(self.refuse(id, format!("`{key}`"))),
        };
        match n {
            Some(i) if i != 0 && i.abs() <= 50 => Ok(Edge::Match(pattern, i, key.starts_with('e'))),
            _ => Err(self.refuse(id, "this number of a match")),
        }
    }
}
