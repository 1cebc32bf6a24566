//! The body of a function as lines of Python.
//!
//! What is an expression there stays one; what needs statements (loops, blocks, `return`) is put before it. Then
//! whatever was to be evaluated earlier is kept in a variable, so that the order stays what it was.

use super::{Module, is_plain, quote, table};
use crate::diag::Diagnostic;
use crate::export::names::Names;
use crate::export::table::apply;
use crate::ir::{Func, Kind, LocalId, NodeId, Place};
use crate::types::Type;

type Text = Result<String, Diagnostic>;

struct Body<'m, 'a, 'f> {
    module: &'m mut Module<'a>,
    func: &'f Func,
    locals: Vec<String>,
    names: Names,
    lines: Vec<String>,
    /// How many binders the loops around have, innermost last.
    loops: Vec<usize>,
}

/// The parameters and the lines of a function.
pub(super) fn lines(module: &mut Module<'_>, func: &Func) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
    if func.captures > 0 {
        return Err(module.program.refuse(func.span, "a function that sees values from around it"));
    }
    // Functions that are called have their names before locals do: a local of the same name would hide one.
    for node in &func.nodes {
        if let Kind::Call { func, .. } = node.kind {
            module.function(func);
        }
    }
    let mut names = module.names.clone();
    let locals: Vec<String> = func.locals.iter().map(|l| names.take(&l.name)).collect();
    let params = locals.iter().take(func.params.len()).cloned().collect();
    let mut body = Body { module, func, locals, names, lines: Vec::new(), loops: Vec::new() };
    let value = body.expr(func.body)?;
    let mut lines = body.lines;
    lines.push(if func.ret == Type::Unit { value } else { format!("return {value}") });
    Ok((params, lines))
}

impl Body<'_, '_, '_> {
    fn local(&self, id: LocalId) -> String {
        self.locals[id.0 as usize].clone()
    }

    fn fresh(&mut self) -> String {
        self.names.take("t")
    }

    fn line(&mut self, text: String) {
        self.lines.push(text);
    }

    fn block(&mut self, head: String, lines: Vec<String>) {
        self.line(head);
        let lines = if lines.is_empty() { vec!["pass".to_string()] } else { lines };
        self.lines.extend(lines.into_iter().map(|l| format!("    {l}")));
    }

    /// A node apart: the lines that it needs, and its value.
    fn apart(&mut self, id: NodeId) -> Result<(Vec<String>, String), Diagnostic> {
        let before = std::mem::take(&mut self.lines);
        let value = self.expr(id);
        let lines = std::mem::replace(&mut self.lines, before);
        Ok((lines, value?))
    }

    /// Values in order. Those before one that needs lines are kept in variables.
    fn exprs(&mut self, ids: &[NodeId]) -> Result<Vec<String>, Diagnostic> {
        let mut out: Vec<String> = Vec::new();
        for (j, id) in ids.iter().enumerate() {
            let mark = self.lines.len();
            let value = self.expr(*id)?;
            if self.lines.len() > mark {
                let mut kept = Vec::new();
                for (k, slot) in out.iter_mut().enumerate().take(j) {
                    if !is_plain(&self.func.node(ids[k]).kind) {
                        let name = self.names.take("t");
                        kept.push(format!("{name} = {slot}"));
                        *slot = name;
                    }
                }
                self.lines.splice(mark..mark, kept);
            }
            out.push(value);
        }
        Ok(out)
    }

    fn expr(&mut self, id: NodeId) -> Text {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.any(id))
    }

    fn any(&mut self, id: NodeId) -> Text {
        let func = self.func;
        let node = func.node(id);
        Ok(match &node.kind {
            Kind::Unit => "None".into(),
            Kind::Int(i) => {
                if *i < 0 {
                    format!("({i})")
                } else {
                    i.to_string()
                }
            }
            Kind::Num(x) => number(*x),
            Kind::Angle(x) => number(x.to_radians()),
            Kind::Bool(b) => if *b { "True" } else { "False" }.into(),
            Kind::Str(s) => quote(s),
            Kind::Local(l) => self.local(*l),
            Kind::Let(l, v) => {
                let value = self.expr(*v)?;
                let name = self.local(*l);
                self.line(format!("{name} = {value}"));
                "None".into()
            }
            Kind::Assign { place: Place::Local(l), path, value } if path.is_empty() => {
                let value = self.expr(*value)?;
                let name = self.local(*l);
                self.line(format!("{name} = {value}"));
                "None".into()
            }
            Kind::Op { op, args } => {
                let args = self.exprs(args)?;
                let key = self.module.program.key(*op);
                apply(&[table::OPS], &key, &args).ok_or_else(|| self.module.program.refuse_op(node.span, *op))?
            }
            Kind::And(a, b) => self.logic("and", *a, *b)?,
            Kind::Or(a, b) => self.logic("or", *a, *b)?,
            Kind::Call { func, args } => {
                let args = self.exprs(args)?;
                format!("{}({})", self.module.function(*func), args.join(", "))
            }
            Kind::If { cond, then, otherwise } => self.conditional(*cond, *then, *otherwise, &node.ty)?,
            Kind::For { binders, body, collect } => self.every(binders, *body, *collect)?,
            Kind::While { cond, body } => {
                let (mut lines, cond) = self.apart(*cond)?;
                lines.push(format!("if not {cond}:"));
                lines.push("    break".into());
                self.loops.push(1);
                let (more, value) = self.apart(*body)?;
                self.loops.pop();
                lines.extend(more);
                lines.push(value);
                self.block("while True:".into(), lines);
                "None".into()
            }
            Kind::Block(ids) => {
                let mut value = "None".to_string();
                for (i, id) in ids.iter().enumerate() {
                    value = self.expr(*id)?;
                    if (i + 1 < ids.len() || node.ty == Type::Unit) && value != "None" {
                        // It may fail, which is to be seen.
                        self.line(value);
                        value = "None".into();
                    }
                }
                value
            }
            Kind::Return(v) => {
                let value = match v {
                    Some(v) => self.expr(*v)?,
                    None => "None".into(),
                };
                self.line(format!("return {value}"));
                "None".into()
            }
            Kind::Break if self.loops.last() == Some(&1) => {
                self.line("break".into());
                "None".into()
            }
            Kind::Break => return Err(self.module.program.refuse(node.span, "`break` in a loop over several things")),
            Kind::Continue => {
                self.line("continue".into());
                "None".into()
            }
            Kind::List(ids) => format!("[{}]", self.exprs(ids)?.join(", ")),
            Kind::Tuple(ids) => {
                let parts = self.exprs(ids)?;
                let comma = if parts.len() == 1 { "," } else { "" };
                format!("({}{comma})", parts.join(", "))
            }
            Kind::Field(t, k) => format!("{}[{k}]", self.expr(*t)?),
            Kind::Range { lo, hi, inclusive } => {
                let parts = self.exprs(&[*lo, *hi])?;
                if *inclusive {
                    format!("({}, _int({} + 1))", parts[0], parts[1])
                } else {
                    format!("({}, {})", parts[0], parts[1])
                }
            }
            Kind::Widen(x) => match (&func.node(*x).ty, &node.ty) {
                (Type::Int, Type::Num) => format!("float({})", self.expr(*x)?),
                (Type::List(from), Type::List(to)) if (&**from, &**to) == (&Type::Int, &Type::Num) => {
                    format!("[float(x) for x in {}]", self.expr(*x)?)
                }
                _ => return Err(self.module.program.refuse(node.span, "ints made nums inside other values")),
            },
            Kind::Global(_) | Kind::LetGlobal(..) => {
                return Err(self
                    .module
                    .program
                    .refuse(node.span, "a value from outside the function")
                    .help("define it in the function, or make it a function"));
            }
            Kind::Assign { .. } => return Err(self.module.program.refuse(node.span, "an assignment to a part")),
            Kind::Const(_) | Kind::CallValue { .. } | Kind::Closure { .. } | Kind::Hole { .. } => {
                return Err(self.module.program.refuse(node.span, "a function value"));
            }
        })
    }

    fn logic(&mut self, word: &str, a: NodeId, b: NodeId) -> Text {
        let left = self.expr(a)?;
        let (lines, right) = self.apart(b)?;
        if lines.is_empty() {
            return Ok(format!("({left} {word} {right})"));
        }
        let name = self.fresh();
        self.line(format!("{name} = {left}"));
        let not = if word == "or" { "not " } else { "" };
        self.block(format!("if {not}{name}:"), with(lines, format!("{name} = {right}")));
        Ok(name)
    }

    fn conditional(&mut self, cond: NodeId, then: NodeId, otherwise: Option<NodeId>, ty: &Type) -> Text {
        let cond = self.expr(cond)?;
        let (mut yes, a) = self.apart(then)?;
        let (mut no, b) = match otherwise {
            Some(id) => self.apart(id)?,
            None => (Vec::new(), "None".into()),
        };
        let unit = *ty == Type::Unit || otherwise.is_none();
        if !unit && yes.is_empty() && no.is_empty() {
            return Ok(format!("({a} if {cond} else {b})"));
        }
        let name = if unit { "None".into() } else { self.fresh() };
        for (lines, value) in [(&mut yes, a), (&mut no, b)] {
            if !unit {
                lines.push(format!("{name} = {value}"));
            } else if value != "None" {
                lines.push(value);
            }
        }
        self.block(format!("if {cond}:"), yes);
        if !no.is_empty() {
            self.block("else:".into(), no);
        }
        Ok(name)
    }

    fn every(&mut self, binders: &[(LocalId, NodeId)], body: NodeId, collect: bool) -> Text {
        // Each head with the lines that it needs, which stand in the loop around it.
        let mut heads = Vec::new();
        for (local, over) in binders {
            let (lines, value) = match &self.func.node(*over).kind {
                Kind::Range { lo, hi, inclusive } => {
                    let before = std::mem::take(&mut self.lines);
                    let parts = self.exprs(&[*lo, *hi]);
                    let lines = std::mem::replace(&mut self.lines, before);
                    let parts = parts?;
                    let plus = if *inclusive { " + 1" } else { "" };
                    (lines, format!("range({}, {}{plus})", parts[0], parts[1]))
                }
                _ if self.func.node(*over).ty == Type::Range => {
                    let (lines, value) = self.apart(*over)?;
                    (lines, format!("range(*{value})"))
                }
                _ => self.apart(*over)?,
            };
            heads.push((lines, format!("for {} in {value}", self.local(*local))));
        }
        self.loops.push(binders.len());
        let inside = self.apart(body);
        self.loops.pop();
        let (mut lines, value) = inside?;
        if collect && lines.is_empty() && heads.iter().all(|(l, _)| l.is_empty()) {
            let heads: Vec<String> = heads.into_iter().map(|(_, h)| h).collect();
            return Ok(format!("[{value} {}]", heads.join(" ")));
        }
        let name = if collect { self.fresh() } else { "None".into() };
        if collect {
            self.line(format!("{name} = []"));
            lines.push(format!("{name}.append({value})"));
        } else {
            lines.push(value);
        }
        while let Some((before, head)) = heads.pop() {
            let outer = std::mem::take(&mut self.lines);
            self.lines = before;
            self.block(format!("{head}:"), lines);
            lines = std::mem::replace(&mut self.lines, outer);
        }
        self.lines.extend(lines);
        Ok(name)
    }
}

fn with(mut lines: Vec<String>, last: String) -> Vec<String> {
    lines.push(last);
    lines
}

fn number(x: f64) -> String {
    match x {
        x if x.is_nan() => "math.nan".into(),
        x if x.is_infinite() => if x > 0.0 { "math.inf" } else { "(-math.inf)" }.into(),
        x if x < 0.0 => format!("({x:?})"),
        x => format!("{x:?}"),
    }
}
