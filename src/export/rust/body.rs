//! A function as Rust.

use super::{File, table};
use crate::diag::Diagnostic;
use crate::export::names::Names;
use crate::export::table::apply;
use crate::ir::{Func, Kind, LocalId, NodeId, Place};
use crate::types::Type;
use std::fmt::Write;

type Text = Result<String, Diagnostic>;

struct Body<'m, 'a, 'f> {
    file: &'m mut File<'a>,
    func: &'f Func,
    locals: Vec<String>,
    names: Names,
    /// Labels of the loops around, innermost last.
    labels: Vec<String>,
}

/// The definition of a function.
pub(super) fn def(file: &mut File<'_>, func: &Func, name: &str, visible: &str) -> Text {
    if func.captures > 0 {
        return Err(file.program.refuse(func.span, "a function that sees values from around it"));
    }
    let mut names = file.names.clone();
    let locals: Vec<String> = func.locals.iter().map(|l| names.take(&l.name)).collect();
    let mut body = Body { file, func, locals, names, labels: Vec::new() };
    let mut params = Vec::new();
    let mut owned = String::new();
    for (p, local) in func.params.iter().zip(&body.locals) {
        params.push(format!("{local}: {}", body.borrowed_type(&p.ty)?));
        if is_borrowed(&p.ty) {
            let make = if p.ty == Type::Str { "to_string" } else { "to_vec" };
            let _ = writeln!(owned, "    let {local} = {local}.{make}();");
        }
    }
    let value = body.expr(func.body)?;
    let ret = body.ty(&func.ret)?;
    let mut out = String::new();
    for line in func.doc.iter().flat_map(|d| d.lines()) {
        let _ = writeln!(out, "/// {line}");
    }
    if func.doc.is_none() && !visible.is_empty() {
        out.push_str("/// The program. An error says why it fails.\n");
    }
    out.push_str("#[allow(unused, clippy::all)]\n");
    let _ = writeln!(out, "{visible}fn {name}({}) -> Result<{ret}, String> {{", params.join(", "));
    let value =
        value.strip_prefix("({").and_then(|v| v.strip_suffix("})")).map_or(value.clone(), |v| format!("{{{v}}}"));
    let _ = writeln!(out, "{owned}    Ok({})\n}}", layout(&value, 1));
    Ok(out)
}

/// Whether parameters of this type are taken by reference.
fn is_borrowed(t: &Type) -> bool {
    matches!(t, Type::Str | Type::List(_))
}

impl Body<'_, '_, '_> {
    fn refuse(&self, id: NodeId, what: &str) -> Diagnostic {
        self.file.program.refuse(self.func.node(id).span, what)
    }

    fn ty(&self, t: &Type) -> Text {
        Ok(match t {
            Type::Unit => "()".into(),
            Type::Int => "i64".into(),
            Type::Num => "f64".into(),
            Type::Bool => "bool".into(),
            Type::Str => "String".into(),
            Type::Range => "(i64, i64)".into(),
            Type::List(t) => format!("Vec<{}>", self.ty(t)?),
            Type::Tuple(ts) => {
                let parts: Result<Vec<String>, _> = ts.iter().map(|t| self.ty(t).map(|t| t + ",")).collect();
                format!("({})", parts?.concat())
            }
            Type::Con(n) if &**n == "edge" => "Edge".into(),
            Type::Con(n) if &**n == "token" => "Pattern".into(),
            Type::Con(n) if &**n == "case" => "fn(&str) -> String".into(),
            Type::Con(n) if &**n == "boundary" => "usize".into(),
            other => return Err(self.file.program.refuse(self.func.span, format!("a value of type {other}"))),
        })
    }

    fn borrowed_type(&self, t: &Type) -> Text {
        Ok(match t {
            Type::Str => "&str".into(),
            Type::List(t) => format!("&[{}]", self.ty(t)?),
            other => self.ty(other)?,
        })
    }

    fn local(&self, id: LocalId) -> &str {
        &self.locals[id.0 as usize]
    }

    /// As an argument: texts, lists, edges and token classes borrowed.
    fn arg(&mut self, id: NodeId) -> Text {
        let node = self.func.node(id);
        let borrows = is_borrowed(&node.ty) || matches!(&node.ty, Type::Con(n) if matches!(&**n, "edge" | "token"));
        Ok(match &node.kind {
            _ if !borrows => self.expr(id)?,
            Kind::Str(s) => format!("{:?}", &**s),
            Kind::Local(l) => format!("&{}", self.local(*l)),
            _ => format!("&{}", self.expr(id)?),
        })
    }

    fn exprs(&mut self, ids: &[NodeId]) -> Result<Vec<String>, Diagnostic> {
        ids.iter().map(|id| self.expr(*id)).collect()
    }

    fn expr(&mut self, id: NodeId) -> Text {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.any(id))
    }

    fn any(&mut self, id: NodeId) -> Text {
        let func = self.func;
        let node = func.node(id);
        Ok(match &node.kind {
            Kind::Unit => "()".into(),
            Kind::Int(i) => format!("({i}i64)"),
            Kind::Num(x) => number(*x),
            Kind::Angle(x) => number(x.to_radians()),
            Kind::Bool(b) => b.to_string(),
            Kind::Str(s) => format!("{:?}.to_string()", &**s),
            Kind::Local(l) => match &node.ty {
                Type::Int | Type::Num | Type::Bool | Type::Unit | Type::Range => self.local(*l).into(),
                _ => format!("{}.clone()", self.local(*l)),
            },
            Kind::Let(l, v) => {
                let ty = self.ty(&func.local(*l).ty)?;
                let value = self.expr(*v)?;
                format!("let mut {}: {ty} = {value}", self.local(*l))
            }
            Kind::Assign { place: Place::Local(l), path, value } if path.is_empty() => {
                let value = self.expr(*value)?;
                format!("{} = {value}", self.local(*l))
            }
            Kind::Op { op, args } => {
                let key = self.file.program.key(*op);
                let sig = self.file.program.ops.sig(*op).ok();
                // A parameter of any type is given a value.
                let any =
                    |i: usize| sig.as_ref().and_then(|s| s.params.get(i)).is_some_and(|p| matches!(p.ty, Type::Var(_)));
                let args: Vec<String> = args
                    .iter()
                    .enumerate()
                    .map(|(i, a)| if any(i) { self.expr(*a) } else { self.arg(*a) })
                    .collect::<Result<_, _>>()?;
                let found = apply(&[table::OPS], &key, &args);
                operand(found.ok_or_else(|| self.file.program.refuse_op(node.span, *op))?)
            }
            Kind::And(a, b) => format!("({} && {})", self.expr(*a)?, self.expr(*b)?),
            Kind::Or(a, b) => format!("({} || {})", self.expr(*a)?, self.expr(*b)?),
            Kind::Call { func, args } => {
                let callee = self.file.program.library.get(*func);
                let mut out = Vec::new();
                for a in args {
                    // Only texts and lists are borrowed by functions.
                    out.push(if is_borrowed(&self.func.node(*a).ty) { self.arg(*a)? } else { self.expr(*a)? });
                }
                let name = if callee.is_some() { self.file.function(*func) } else { String::new() };
                format!("{name}({})?", out.join(", "))
            }
            Kind::If { cond, then, otherwise: Some(no) } => {
                format!("(if {} {{ {} }} else {{ {} }})", self.expr(*cond)?, self.expr(*then)?, self.expr(*no)?)
            }
            Kind::If { cond, then, otherwise: None } => {
                format!("if {} {{ {}; }}", self.expr(*cond)?, self.expr(*then)?)
            }
            Kind::For { binders, body, collect } => self.every(id, binders, *body, *collect)?,
            Kind::While { cond, body } => {
                let cond = self.expr(*cond)?;
                let label = self.label();
                let body = self.expr(*body)?;
                self.labels.pop();
                format!("{label}: while {cond} {{ {body}; }}")
            }
            Kind::Block(ids) => {
                let mut out = String::from("{ ");
                for (i, id) in ids.iter().enumerate() {
                    let value = self.expr(*id)?;
                    let last = i + 1 == ids.len() && node.ty != Type::Unit;
                    let _ = write!(out, "{value}{} ", if last { "" } else { ";" });
                }
                operand(out + "}")
            }
            Kind::Return(v) => match v {
                Some(v) => format!("return Ok({})", self.expr(*v)?),
                None => "return Ok(())".into(),
            },
            Kind::Break => format!("break {}", self.labels.last().map_or("", String::as_str)),
            Kind::Continue => "continue".into(),
            Kind::List(ids) => format!("vec![{}]", self.exprs(ids)?.join(", ")),
            Kind::Tuple(ids) => format!("({},)", self.exprs(ids)?.join(", ")),
            Kind::Field(t, k) => format!("{}.{k}", self.expr(*t)?),
            Kind::Range { lo, hi, inclusive } => {
                let (lo, hi) = (self.expr(*lo)?, self.expr(*hi)?);
                if *inclusive {
                    format!("({lo}, ({hi}).checked_add(1).ok_or(\"integer overflow\")?)")
                } else {
                    format!("({lo}, {hi})")
                }
            }
            Kind::Widen(x) => match (&func.node(*x).ty, &node.ty) {
                (Type::Int, Type::Num) => format!("({} as f64)", self.expr(*x)?),
                (Type::List(from), Type::List(to)) if (&**from, &**to) == (&Type::Int, &Type::Num) => {
                    format!("{}.iter().map(|x| *x as f64).collect::<Vec<f64>>()", self.expr(*x)?)
                }
                _ => return Err(self.refuse(id, "ints made nums inside other values")),
            },
            Kind::Global(_) | Kind::LetGlobal(..) => {
                let help = "define it in the function, or make it a function";
                return Err(self.refuse(id, "a value from outside the function").help(help));
            }
            Kind::Assign { .. } => return Err(self.refuse(id, "an assignment to a part")),
            Kind::Const(_) | Kind::CallValue { .. } | Kind::Closure { .. } | Kind::Hole { .. } => {
                return Err(self.refuse(id, "a function value"));
            }
        })
    }

    fn label(&mut self) -> String {
        let label = format!("'{}", self.names.take("l"));
        self.labels.push(label.clone());
        label
    }

    fn every(&mut self, id: NodeId, binders: &[(LocalId, NodeId)], body: NodeId, collect: bool) -> Text {
        let mut heads = Vec::new();
        for (local, over) in binders {
            let node = self.func.node(*over);
            let over = match &node.kind {
                Kind::Range { lo, hi, inclusive } => {
                    let dots = if *inclusive { "..=" } else { ".." };
                    format!("{}{dots}{}", self.expr(*lo)?, self.expr(*hi)?)
                }
                _ if node.ty == Type::Range => format!("{{ let r = {}; r.0..r.1 }}", self.expr(*over)?),
                _ if node.ty == Type::Str => format!("chars_of({})", self.arg(*over)?),
                _ => self.expr(*over)?,
            };
            heads.push(format!("for mut {} in {over}", self.local(*local)));
        }
        let label = self.label();
        let value = self.expr(body);
        self.labels.pop();
        let value = value?;
        let head = heads.join(" { ");
        let close = "}".repeat(heads.len());
        if !collect {
            return Ok(format!("{label}: {head} {{ {value}; {close}"));
        }
        let Type::List(item) = &self.func.node(id).ty else { return Err(self.refuse(id, "this loop")) };
        let item = self.ty(item)?;
        let all = self.names.take("t");
        Ok(format!(
            "({{ let mut {all}: Vec<{item}> = Vec::new(); {label}: {head} {{ let item: {item} = {value}; {all}.push(item); \
             {close} {all} }})"
        ))
    }
}

/// Lines for the statements of blocks.
fn layout(code: &str, mut depth: usize) -> String {
    let mut out = String::new();
    let mut rest = code.chars().peekable();
    let (mut text, mut parens) = (false, vec![0]);
    let newline = |out: &mut String, depth: usize| {
        out.truncate(out.trim_end_matches(' ').len());
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&"    ".repeat(depth));
    };
    while let Some(c) = rest.next() {
        if text {
            out.push(c);
            match c {
                '\\' => out.extend(rest.next()),
                '"' => text = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => text = true,
            '(' | '[' => *parens.last_mut().unwrap_or(&mut 0) += 1,
            ')' | ']' => *parens.last_mut().unwrap_or(&mut 0) -= 1,
            '}' => {
                depth = depth.saturating_sub(1);
                parens.pop();
                newline(&mut out, depth);
            }
            _ => {}
        }
        out.push(c);
        let statement_ends = c == ';' && parens.last().is_none_or(|p| *p == 0);
        if c == '{' {
            depth += 1;
            parens.push(0);
        }
        if c == '{' || statement_ends {
            while rest.next_if_eq(&' ').is_some() {}
            // A semicolon behind a block stays there.
            if rest.peek() != Some(&';') {
                newline(&mut out, depth);
            }
        }
    }
    out
}

/// A block cannot stand where a method is called.
fn operand(code: String) -> String {
    if code.starts_with('{') { format!("({code})") } else { code }
}

fn number(x: f64) -> String {
    match x {
        x if x.is_nan() => "f64::NAN".into(),
        x if x.is_infinite() => if x > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.into(),
        x => format!("({x:?}f64)"),
    }
}
