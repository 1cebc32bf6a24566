//! A builder of small functions for tests of the machine.

use crate::builtins::{Exact, Inline, Op, OpTable, native};
use crate::ir::*;
use crate::source::{FileId, Span};
use crate::types::Type;
use crate::vm::compile::{Options, compile};
use crate::vm::ctx::{Capabilities, Env};
use crate::vm::library::Library;
use crate::vm::limits::{Cancel, Limits};
use crate::vm::machine::Machine;
use crate::vm::value::Value;
use crate::vm::{RunError, with_machine};
use std::sync::{Arc, Mutex};

pub use Type::{Bool, Int, Num, Range, Str, Unit};

/// A function in the making.
pub struct B(pub Func);

/// A function with these parameters.
pub fn f(name: &str, params: &[Type], ret: Type) -> B {
    let params: Vec<Param> = params.iter().map(|t| Param { name: "p".into(), ty: t.clone() }).collect();
    let locals = params.iter().map(|p| Local { name: p.name.clone(), ty: p.ty.clone(), mutable: false }).collect();
    let name = name.into();
    let span = Span::default();
    let (nodes, holes) = (Vec::new(), Vec::new());
    B(Func {
        name,
        span,
        doc: None,
        params,
        captures: 0,
        ret,
        locals,
        nodes,
        body: NodeId(0),
        holes,
        globals: Vec::new(),
    })
}

impl B {
    /// A node; its span is its number, for tests of places.
    pub fn n(&mut self, kind: Kind, ty: Type) -> NodeId {
        let at = self.0.nodes.len();
        self.0.nodes.push(Node { kind, ty, span: Span::new(FileId(0), at, at + 1) });
        NodeId(at as u32)
    }
    pub fn local(&mut self, ty: Type) -> LocalId {
        self.0.locals.push(Local { name: "v".into(), ty, mutable: true });
        LocalId(self.0.locals.len() as u32 - 1)
    }
    /// A local that no assignment changes.
    pub fn fixed(&mut self, ty: Type) -> LocalId {
        let l = self.local(ty);
        self.0.locals[l.0 as usize].mutable = false;
        l
    }
    pub fn capture(&mut self, ty: Type) -> LocalId {
        self.0.captures += 1;
        self.fixed(ty)
    }
    pub fn int(&mut self, i: i64) -> NodeId {
        self.n(Kind::Int(i), Int)
    }
    pub fn num(&mut self, x: f64) -> NodeId {
        self.n(Kind::Num(x), Num)
    }
    pub fn str(&mut self, s: &str) -> NodeId {
        self.n(Kind::Str(s.into()), Str)
    }
    pub fn get(&mut self, l: LocalId) -> NodeId {
        let ty = self.0.local(l).ty.clone();
        self.n(Kind::Local(l), ty)
    }
    pub fn p(&mut self, i: u32) -> NodeId {
        self.get(LocalId(i))
    }
    pub fn op(&mut self, name: &str, args: &[NodeId], ty: Type) -> NodeId {
        let op = table().overloads(name)[0];
        self.n(Kind::Op { op, args: args.to_vec() }, ty)
    }
    pub fn let_(&mut self, l: LocalId, v: NodeId) -> NodeId {
        self.n(Kind::Let(l, v), Unit)
    }
    pub fn set(&mut self, l: LocalId, v: NodeId) -> NodeId {
        self.n(Kind::Assign { place: Place::Local(l), path: vec![], value: v }, Unit)
    }
    pub fn call(&mut self, func: u32, args: &[NodeId], ty: Type) -> NodeId {
        self.n(Kind::Call { func: FuncId(func), args: args.to_vec() }, ty)
    }
    pub fn block(&mut self, nodes: &[NodeId], ty: Type) -> NodeId {
        self.n(Kind::Block(nodes.to_vec()), ty)
    }
    pub fn if_(&mut self, cond: NodeId, then: NodeId, otherwise: Option<NodeId>, ty: Type) -> NodeId {
        self.n(Kind::If { cond, then, otherwise }, ty)
    }
    pub fn range(&mut self, lo: NodeId, hi: NodeId, inclusive: bool) -> NodeId {
        self.n(Kind::Range { lo, hi, inclusive }, Range)
    }
    pub fn for_(&mut self, binders: &[(LocalId, NodeId)], body: NodeId, collect: Option<Type>) -> NodeId {
        let (ty, collect) = collect.map_or((Unit, false), |t| (Type::list(t), true));
        self.n(Kind::For { binders: binders.to_vec(), body, collect }, ty)
    }
    pub fn while_(&mut self, cond: NodeId, body: NodeId) -> NodeId {
        self.n(Kind::While { cond, body }, Unit)
    }
    pub fn body(mut self, n: NodeId) -> Func {
        self.0.body = n;
        self.0
    }
}

/// All inline operations under their own names, and a few others.
pub fn table() -> OpTable {
    use Inline::*;
    let mut t = OpTable::default();
    for i in [
        AddInt, SubInt, MulInt, RemInt, DivInt, NegInt, AddNum, SubNum, MulNum, DivNum, NegNum, EqInt, NeInt, LtInt,
        LeInt, GtInt, GeInt, EqNum, NeNum, LtNum, LeNum, GtNum, GeNum, EqBool, NeBool, Not, ToNum, ConcatStr,
        IndexList, LenList, Push, EqAny, NeAny,
    ] {
        t.add(Op::new(format!("{i:?}"), "", "", "", Exact::Inline(i)));
    }
    let mut add = |name: &'static str, e: Exact| t.add(Op::new(name, "", "", "", e));
    add("hypot", Exact::Scalar(nsp_kernels::table::find("hypot").unwrap()));
    add("sqrt", Exact::Scalar(nsp_kernels::table::find("sqrt").unwrap()));
    add("PI", Exact::Const(Value::Num(3.5)));
    add("WORD", Exact::Const(Value::str("word")));
    add("upper", crate::native!(|s: &str| -> String { s.to_uppercase() }));
    add("len", crate::native!(|s: &str| -> i64 { s.len() as i64 }));
    add("add3", crate::native!(|a: i64, b: f64, c: bool| -> f64 { a as f64 + b + f64::from(u8::from(c)) }));
    add("fails", crate::native!(try |a: i64| -> i64 { Err(format!("no {a}").into()) }));
    add(
        "+",
        native(|_, args| {
            let [Value::List(a), Value::List(b)] = args else { return Err("lists".into()) };
            Ok(Value::list([a.as_slice(), b.as_slice()].concat()))
        }),
    );
    // Appends to its argument, and tells by the item whether it was the sole owner.
    add(
        "mark",
        native(|_, args| {
            let Value::List(mut xs) = std::mem::take(&mut args[0]) else { return Err("list".into()) };
            let sole = Arc::get_mut(&mut xs).is_some();
            Arc::make_mut(&mut xs).push(Value::Bool(sole));
            Ok(Value::List(xs))
        }),
    );
    add(
        "apply",
        native(|cx, args| {
            let (f, x) = (args[0].clone(), args[1].clone());
            with_machine(cx, |m| m.call(&f, &[x])).map_err(|e: RunError| e.fail)
        }),
    );
    t
}

/// Surroundings with these limits.
pub fn env(limits: Limits) -> Env {
    Env {
        ops: Arc::new(table()),
        library: Arc::new(Library::default()),
        caps: Capabilities::default(),
        out: Arc::new(Mutex::new(std::io::sink())),
        cancel: Cancel::default(),
        limits,
        base: ".".into(),
        args: Arc::default(),
        assets: Default::default(),
        progress: None,
    }
}

/// Adds functions to the library, numbered in order.
pub fn add(env: &Env, funcs: Vec<Func>) {
    for f in funcs {
        let code = compile(&f, &env.ops, &env.library, Options::default()).unwrap();
        env.library.define(env.library.reserve(), Arc::new(f), Arc::new(code));
    }
}

/// Runs a function in these surroundings.
pub fn run_in(env: &Env, func: &Func, args: &[Value]) -> Result<Value, RunError> {
    let code = compile(func, &env.ops, &env.library, Options::default()).unwrap();
    Machine::new(env, Vec::new()).run(&code, args)
}

/// Runs a function that calls no other, without limits.
pub fn run(func: &Func, args: &[Value]) -> Result<Value, RunError> {
    run_in(&env(Limits::default()), func, args)
}
