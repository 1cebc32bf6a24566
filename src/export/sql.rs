//! SQL: one expression of SQLite over columns that have the names of the parameters.
//!
//! NULL stands for failure, and goes through every operator by itself. Where a value is needed twice it is bound by a
//! subquery without FROM, `(SELECT .. FROM (SELECT x AS nsp_0))`: names inside see those around, and none is hidden.
//! SQLite changes the case of ASCII letters alone; where a text has others the result is NULL rather than wrong.

mod place;
mod table;

use super::Program;
use super::table::apply;
use crate::diag::Diagnostic;
use crate::ir::{Func, Kind, LocalId, NodeId};
use crate::types::Type;
use std::collections::HashMap;

#[cfg(test)]
pub(super) use table::OPS;

/// Calls inside calls; a recursion has no end here.
const DEEPEST: usize = 20;

/// Values that are used twice are written twice: there is an end to that.
const LONGEST: usize = 100_000;

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    text: String,
    /// Whether it may be NULL.
    fails: bool,
}

impl Sql {
    fn sure(text: impl Into<String>) -> Sql {
        Sql { text: text.into(), fails: false }
    }

    fn may_fail(text: impl Into<String>) -> Sql {
        Sql { text: text.into(), fails: true }
    }
}

/// A function whose parameters are expressions.
struct Frame<'p, 'f> {
    program: &'p Program<'p>,
    func: &'f Func,
    locals: HashMap<u32, Sql>,
    depth: usize,
}

type Done = Result<Sql, Diagnostic>;

/// The expression that this function is.
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    let column = |(i, p): (usize, &crate::ir::Param)| (i as u32, Sql::sure(name(&p.name)));
    let locals = func.params.iter().enumerate().map(column).collect();
    let mut frame = Frame { program, func, locals, depth: 0 };
    if func.captures > 0 {
        return Err(program.refuse(func.span, "a function that sees values from around it"));
    }
    Ok(frame.tail(func.body)?.text + "\n")
}

fn name(s: &str) -> String {
    format!("\"{}\"", s.replace('"', "\"\""))
}

fn text(s: &str) -> String {
    format!("'{}'", s.replace('\'', "''"))
}

impl Frame<'_, '_> {
    fn refuse(&self, id: NodeId, what: impl std::fmt::Display) -> Diagnostic {
        self.program.refuse(self.func.node(id).span, what)
    }

    /// A node whose value is the function's: `return` may stand in it.
    fn tail(&mut self, id: NodeId) -> Done {
        match &self.func.node(id).kind {
            Kind::Block(ids) => self.block(&ids.clone(), true),
            Kind::Return(Some(v)) => self.expr(*v),
            Kind::If { cond, then, otherwise: Some(no) } => {
                let (cond, then, no) = (*cond, *then, *no);
                let (c, a, b) = (self.expr(cond)?, self.tail(then)?, self.tail(no)?);
                Ok(choice(&c, &a, &b))
            }
            _ => self.expr(id),
        }
    }

    fn expr(&mut self, id: NodeId) -> Done {
        let found = stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.any(id))?;
        if found.text.len() > LONGEST {
            return Err(self
                .refuse(id, "an expression of this length")
                .help("SQL has no variables: values used twice are written twice"));
        }
        Ok(found)
    }

    fn any(&mut self, id: NodeId) -> Done {
        let func = self.func;
        let node = func.node(id);
        match &node.ty {
            Type::Str | Type::Int | Type::Bool => {}
            other => return Err(self.refuse(id, format!("a value of type {other} where it stands here"))),
        }
        Ok(match &node.kind {
            Kind::Int(i) if *i < 0 => Sql::sure(format!("({i})")),
            Kind::Int(i) => Sql::sure(i.to_string()),
            Kind::Bool(b) => Sql::sure(if *b { "1" } else { "0" }),
            Kind::Str(s) if s.contains('\0') => return Err(self.refuse(id, "a text with the character 0")),
            Kind::Str(s) => Sql::sure(text(s)),
            Kind::Local(l) => match self.locals.get(&l.0) {
                Some(value) => value.clone(),
                None => return Err(self.refuse(id, "a variable that changes")),
            },
            Kind::Op { op, args } => self.op(id, *op, args)?,
            Kind::And(a, b) => {
                let (a, b) = (self.expr(*a)?, self.expr(*b)?);
                choice(&a, &b, &Sql::sure("0"))
            }
            Kind::Or(a, b) => {
                let (a, b) = (self.expr(*a)?, self.expr(*b)?);
                choice(&a, &Sql::sure("1"), &b)
            }
            Kind::If { cond, then, otherwise: Some(no) } => {
                let (c, a, b) = (self.expr(*cond)?, self.expr(*then)?, self.expr(*no)?);
                choice(&c, &a, &b)
            }
            Kind::Block(ids) => self.block(ids, false)?,
            Kind::Call { func, args } => {
                let Some(entry) = self.program.library.get(*func) else { return Err(self.refuse(id, "this call")) };
                if self.depth == DEEPEST {
                    return Err(self.refuse(id, "a function that calls itself"));
                }
                let mut locals = HashMap::new();
                let mut guards = Vec::new();
                for (i, a) in args.iter().enumerate() {
                    let value = self.expr(*a)?;
                    guard(&value, &mut guards);
                    locals.insert(i as u32, value);
                }
                let mut inner = Frame { program: self.program, func: &entry.func, locals, depth: self.depth + 1 };
                let value = inner.tail(entry.func.body)?;
                guarded(guards, value)
            }
            Kind::Return(_) => return Err(self.refuse(id, "`return` in the middle of an expression")),
            Kind::For { .. } | Kind::While { .. } => return Err(self.refuse(id, "a loop")),
            Kind::Global(_) => {
                let help = "define it in the function, or make it a function";
                return Err(self.refuse(id, "a value from outside the function").help(help));
            }
            _ => return Err(self.refuse(id, "this expression")),
        })
    }

    fn block(&mut self, ids: &[NodeId], tail: bool) -> Done {
        let mut guards = Vec::new();
        for (i, id) in ids.iter().enumerate() {
            let last = i + 1 == ids.len();
            match &self.func.node(*id).kind {
                Kind::Let(l, v) => {
                    let (l, v) = (*l, *v);
                    if self.func.local(l).mutable {
                        return Err(self.refuse(*id, "a variable that changes"));
                    }
                    // Lists and edges have no expression of their own; what uses them looks here.
                    let value = self.expr(v)?;
                    guard(&value, &mut guards);
                    self.locals.insert(l.0, value);
                }
                Kind::If { cond, then, otherwise: None } if tail && self.returns(*then) => {
                    let (cond, then) = (*cond, *then);
                    let (c, a) = (self.expr(cond)?, self.tail(then)?);
                    let rest = self.block(&ids[i + 1..], true)?;
                    return Ok(guarded(guards, choice(&c, &a, &rest)));
                }
                _ if last => {
                    let value = if tail { self.tail(*id)? } else { self.expr(*id)? };
                    return Ok(guarded(guards, value));
                }
                _ => return Err(self.refuse(*id, "this statement")),
            }
        }
        let span = ids.last().map_or(self.func.span, |id| self.func.node(*id).span);
        Err(self.program.refuse(span, "a block without a value"))
    }

    /// Whether a node surely ends with `return`.
    fn returns(&self, id: NodeId) -> bool {
        match &self.func.node(id).kind {
            Kind::Return(Some(_)) => true,
            Kind::Block(ids) => ids.last().is_some_and(|id| self.returns(*id)),
            _ => false,
        }
    }

    fn op(&mut self, id: NodeId, op: crate::ir::OpId, args: &[NodeId]) -> Done {
        let key = self.program.key(op);
        let func = self.func;
        let kind = |i: usize| args.get(i).map(|a| &func.node(*a).kind);
        match (key.as_str(), kind(0), kind(1)) {
            ("cut(str, edge, edge)" | "cut_or(str, edge, edge, str)", ..) => return self.cut(args),
            ("[]([A], int)", Some(Kind::Local(l)), Some(Kind::Int(i))) if (l.0 as usize) < func.params.len() => {
                // A column of several.
                let LocalId(l) = *l;
                if self.depth == 0 && *i >= 0 {
                    return Ok(Sql::sure(name(&format!("{}_{i}", func.params[l as usize].name))));
                }
            }
            ("[]([A], int)", Some(Kind::Op { op, args: inner }), Some(Kind::Int(i)))
                if self.program.key(*op) == "split(str, str)" && (0..1000).contains(i) =>
            {
                return self.piece(&inner.clone(), *i as usize);
            }
            ("join([str], str)", Some(Kind::List(ids)), _) => {
                let mut parts = Vec::new();
                let sep = self.expr(args[1])?;
                for x in ids {
                    parts.push(self.expr(*x)?);
                }
                let fails = sep.fails || parts.iter().any(|p| p.fails);
                let texts: Vec<String> = parts.into_iter().map(|p| p.text).collect();
                let all = texts.join(&if sep.text == "''" { " || ".into() } else { format!(" || {} || ", sep.text) });
                let all = if all.is_empty() { "''".into() } else { all };
                return Ok(Sql { text: format!("({all})"), fails });
            }
            ("[](str, range)", _, Some(Kind::Range { lo, hi, inclusive })) => {
                let plus = if *inclusive { " + 1" } else { "" };
                let (s, lo, hi) = (self.expr(args[0])?, self.expr(*lo)?, self.expr(*hi)?);
                return Ok(Sql::may_fail(format!(
                    "(SELECT CASE WHEN 0 <= nsp_1 AND nsp_1 <= nsp_2 AND nsp_2 <= length(nsp_0) \
                     THEN substr(nsp_0, nsp_1 + 1, nsp_2 - nsp_1) END \
                     FROM (SELECT {} AS nsp_0, {} AS nsp_1, {}{plus} AS nsp_2))",
                    s.text, lo.text, hi.text
                )));
            }
            ("to_case(str, case)", _, Some(Kind::Op { op, .. })) => {
                let case = self.program.key(*op);
                let s = self.expr(args[0])?;
                let found = apply(&[table::CASES], &case, &[s.text]);
                return found.map(Sql::may_fail).ok_or_else(|| self.refuse(args[1], format!("`{case}`")));
            }
            _ => {}
        }
        let Some((template, fails)) = table::template(&key) else {
            let mut d = self.program.refuse_op(func.node(id).span, op);
            if key.contains("token") || key.contains("words") || key.contains("lines") {
                d = d.help("SQLite has no classes of characters; cuts at texts can be exported");
            }
            return Err(d);
        };
        let mut fails = fails;
        let mut texts = Vec::new();
        for a in args {
            let value = self.expr(*a)?;
            fails |= value.fails;
            texts.push(value.text);
        }
        let table: &[super::table::Line] = &[("", template)];
        Ok(Sql { text: apply(&[table], "", &texts).unwrap_or_default(), fails })
    }
}

/// `if`; NULL where the condition is.
fn choice(c: &Sql, a: &Sql, b: &Sql) -> Sql {
    let no = if c.fails { format!("WHEN NOT {} THEN {}", c.text, b.text) } else { format!("ELSE {}", b.text) };
    Sql { text: format!("(CASE WHEN {} THEN {} {no} END)", c.text, a.text), fails: a.fails || b.fails || c.fails }
}

/// Remembers a value that must not fail though it may not be used.
fn guard(value: &Sql, guards: &mut Vec<String>) {
    if value.fails {
        guards.push(format!("{} IS NOT NULL", value.text));
    }
}

fn guarded(guards: Vec<String>, value: Sql) -> Sql {
    if guards.is_empty() {
        return value;
    }
    Sql::may_fail(format!("(CASE WHEN {} THEN {} END)", guards.join(" AND "), value.text))
}
