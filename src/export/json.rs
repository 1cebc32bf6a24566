//! The checked expression tree as JSON.
//!
//! `{"nsp": 1, "main": NAME, "functions": [{"name", "params": [{"name", "type"}], "returns", "body"}]}`. A node is an
//! object with one key for what it is; the guide lists them. The functions that are called follow the one that is asked for.

use super::Program;
use crate::diag::Diagnostic;
use crate::ir::{Func, FuncId, Kind, LocalId, NodeId, Place, Step};
use crate::types::Type;
use crate::vm::show::show;
use serde_json::{Value, json};

struct Tree<'a> {
    program: &'a Program<'a>,
    called: Vec<FuncId>,
}

/// The tree of this function.
pub(super) fn write(program: &Program<'_>, func: &Func) -> Result<String, Diagnostic> {
    let mut tree = Tree { program, called: Vec::new() };
    let mut functions = vec![tree.function(func, func.name.to_string())?];
    let mut done = 0;
    while let Some(id) = tree.called.get(done).copied() {
        done += 1;
        if let Some(entry) = program.library.get(id) {
            functions.push(tree.function(&entry.func, format!("{}#{done}", entry.func.name))?);
        }
    }
    let all = json!({"nsp": 1, "main": &*func.name, "functions": functions});
    serde_json::to_string_pretty(&all).map_err(|e| program.refuse(func.span, e))
}

/// Locals have numbers behind their names: names may repeat.
fn local(func: &Func, id: LocalId) -> String {
    format!("{}#{}", func.local(id).name, id.0)
}

impl Tree<'_> {
    fn function(&mut self, func: &Func, name: String) -> Result<Value, Diagnostic> {
        let param = |(i, p): (usize, &crate::ir::Param)| json!({"name": local(func, LocalId(i as u32)), "type": p.ty.to_string()});
        let params: Vec<Value> = func.params.iter().enumerate().map(param).collect();
        let body = self.node(func, func.body)?;
        Ok(json!({"name": name, "params": params, "returns": func.ret.to_string(), "body": body}))
    }

    fn nodes(&mut self, func: &Func, ids: &[NodeId]) -> Result<Vec<Value>, Diagnostic> {
        ids.iter().map(|id| self.node(func, *id)).collect()
    }

    fn callee(&mut self, id: FuncId) -> String {
        let at = self.called.iter().position(|f| *f == id).unwrap_or_else(|| {
            self.called.push(id);
            self.called.len() - 1
        });
        let name = self.program.library.get(id).map_or("f".into(), |e| e.func.name.clone());
        format!("{name}#{}", at + 1)
    }

    fn node(&mut self, func: &Func, id: NodeId) -> Result<Value, Diagnostic> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.any(func, id))
    }

    fn any(&mut self, func: &Func, id: NodeId) -> Result<Value, Diagnostic> {
        let node = func.node(id);
        Ok(match &node.kind {
            Kind::Unit => json!({"unit": null}),
            Kind::Int(i) => json!({"int": i}),
            Kind::Num(x) => number(*x),
            Kind::Angle(x) => number(x.to_radians()),
            Kind::Bool(b) => json!({"bool": b}),
            Kind::Str(s) => json!({"str": &**s}),
            Kind::Const(v) => json!({"value": show(v, &node.ty), "type": node.ty.to_string()}),
            Kind::Local(l) => json!({"local": local(func, *l)}),
            Kind::Global(g) => json!({"global": self.global(func, g.0)}),
            Kind::Let(l, v) => json!({"let": local(func, *l), "value": self.node(func, *v)?}),
            Kind::LetGlobal(g, v) => json!({"let": self.global(func, g.0), "value": self.node(func, *v)?}),
            Kind::Assign { place, path, value } => {
                let name = match place {
                    Place::Local(l) => local(func, *l),
                    Place::Global(g) => self.global(func, g.0),
                };
                let mut steps = Vec::new();
                for step in path {
                    steps.push(match step {
                        Step::Index(i) => json!({"index": self.node(func, *i)?}),
                        Step::Field(k) => json!({"field": k}),
                    });
                }
                json!({"assign": name, "path": steps, "value": self.node(func, *value)?})
            }
            Kind::Op { op, args } => {
                let name = &self.program.ops.get(*op).name;
                let sig = &self.program.ops.get(*op).sig;
                json!({"op": &**name, "signature": &**sig, "args": self.nodes(func, args)?})
            }
            Kind::And(a, b) => json!({"and": self.nodes(func, &[*a, *b])?}),
            Kind::Or(a, b) => json!({"or": self.nodes(func, &[*a, *b])?}),
            Kind::Call { func: f, args } => json!({"call": self.callee(*f), "args": self.nodes(func, args)?}),
            Kind::CallValue { callee, args } => {
                json!({"call_value": self.node(func, *callee)?, "args": self.nodes(func, args)?})
            }
            Kind::Closure { func: f, captures } => {
                json!({"function": self.callee(*f), "captures": self.nodes(func, captures)?})
            }
            Kind::If { cond, then, otherwise } => {
                let no = otherwise.map(|id| self.node(func, id)).transpose()?;
                json!({"if": self.node(func, *cond)?, "then": self.node(func, *then)?, "else": no})
            }
            Kind::For { binders, body, collect } => {
                let mut all = Vec::new();
                for (l, over) in binders {
                    all.push(json!({"local": local(func, *l), "in": self.node(func, *over)?}));
                }
                json!({"for": all, "body": self.node(func, *body)?, "collect": collect})
            }
            Kind::While { cond, body } => json!({"while": self.node(func, *cond)?, "body": self.node(func, *body)?}),
            Kind::Block(ids) => json!({"block": self.nodes(func, ids)?, "gives": node.ty != Type::Unit}),
            Kind::Return(v) => json!({"return": v.map(|v| self.node(func, v)).transpose()?}),
            Kind::Break => json!({"break": null}),
            Kind::Continue => json!({"continue": null}),
            Kind::List(ids) => json!({"list": self.nodes(func, ids)?, "type": node.ty.to_string()}),
            Kind::Tuple(ids) => json!({"tuple": self.nodes(func, ids)?, "type": node.ty.to_string()}),
            Kind::Field(t, k) => json!({"field": k, "of": self.node(func, *t)?}),
            Kind::Range { lo, hi, inclusive } => {
                json!({"range": self.nodes(func, &[*lo, *hi])?, "inclusive": inclusive})
            }
            Kind::Widen(x) => json!({"widen": self.node(func, *x)?, "type": node.ty.to_string()}),
            Kind::Hole { .. } => return Err(self.program.refuse(node.span, "a hole")),
        })
    }

    fn global(&self, func: &Func, id: u32) -> String {
        func.globals.iter().find(|(g, _)| g.0 == id).map_or(format!("#{id}"), |(_, n)| n.to_string())
    }
}

/// A num; JSON has none that are not finite, which are written as text.
fn number(x: f64) -> Value {
    if x.is_finite() { json!({"num": x}) } else { json!({"num": crate::builtins::util::num_text(x)}) }
}
