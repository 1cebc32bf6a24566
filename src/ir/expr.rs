//! Functions and their nodes.

use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::value::Value;

/// Index of a function in a [`Library`](crate::vm::library::Library).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncId(pub u32);

/// Index of a node in [`Func::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Index of a local in [`Func::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// Index of a session's global value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GlobalId(pub u32);

/// Index of an operation in an [`OpTable`](crate::builtins::OpTable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub u32);

/// Index of a hole in [`Func::holes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoleId(pub u32);

/// A function: every type concrete, every name resolved.
#[derive(Clone, Debug)]
pub struct Func {
    /// Its name; `fn` for a lambda, `main` for the top level of a script or line.
    pub name: Name,
    /// Where it was written.
    pub span: Span,
    /// Its doc comment.
    pub doc: Option<Name>,
    /// Parameters; they are the first locals.
    pub params: Vec<Param>,
    /// How many locals after the parameters hold captured values.
    pub captures: u32,
    /// Result type.
    pub ret: Type,
    /// Parameters, captures, then variables.
    pub locals: Vec<Local>,
    /// Nodes, children first.
    pub nodes: Vec<Node>,
    /// The node whose value is the result.
    pub body: NodeId,
    /// Holes, in the order of their first appearance; a named hole that appears twice is listed once.
    pub holes: Vec<Hole>,
    /// Names of the globals that it mentions.
    pub globals: Vec<(GlobalId, Name)>,
}

/// A parameter. Its type is that of its local.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
}

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name in the source; may repeat.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it was declared with `var`.
    pub mutable: bool,
}

/// A hole of a function.
#[derive(Clone, Debug)]
pub struct Hole {
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// What may stand there.
    pub kind: HoleKind,
    /// The type wanted. For a called hole, the result of the call.
    pub ty: Type,
    /// Where it stands (first place).
    pub span: Span,
    /// Locals in scope at its first place, outermost first. For a called hole these matter only through its arguments.
    pub scope: Vec<LocalId>,
}

/// What may fill a hole.
#[derive(Clone, Debug)]
pub enum HoleKind {
    /// `??`: an expression over the scope.
    Open,
    /// `??(lo..hi)`: a number in a closed range. For an int hole the bounds are whole.
    Range {
        /// Least value.
        lo: f64,
        /// Greatest value.
        hi: f64,
        /// Where a fit starts.
        start: Option<f64>,
        /// Whether the bounds were written as angles: the filling prints in degrees.
        angle: bool,
    },
    /// `??{a | b}`: one of the alternatives, which are the `args` of its node. With an operator choice
    /// (`??op{+ | -}(l, r)`) the alternatives are these operations applied to the node's `args`.
    Choice {
        /// For an operator or function choice: the operations; empty for a choice of expressions.
        ops: Vec<OpId>,
    },
    /// `??f(x)`: a function of the node's `args`.
    Call,
    /// `??digit(img)`: a function learned by a model (some argument is an image).
    Perceptual,
}

/// A node: what it is, its type, its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The type of its value.
    pub ty: Type,
    /// Its place.
    pub span: Span,
}

/// A step into a list, tuple or record on the left of an assignment.
#[derive(Clone, Debug)]
pub enum Step {
    /// `[i]`, by the int value of a node
    Index(NodeId),
    /// `.x` or `[0]` of a tuple: position of the field
    Field(u32),
}

/// What an assignment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A local.
    Local(LocalId),
    /// A global.
    Global(GlobalId),
}

/// What a node can be.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `()`
    Unit,
    /// An int.
    Int(i64),
    /// A num.
    Num(f64),
    /// A num written as an angle in degrees; its value is in radians.
    Angle(f64),
    /// A bool.
    Bool(bool),
    /// A str.
    Str(Name),
    /// A value that is not text: an image tile, a captured function.
    Const(Value),
    /// A local's value.
    Local(LocalId),
    /// A global's value.
    Global(GlobalId),
    /// Gives a new local its value. Type unit.
    Let(LocalId, NodeId),
    /// Binds a new global (top level only). Type unit.
    LetGlobal(GlobalId, NodeId),
    /// `x = e`, `x[i].f = e`. Type unit.
    Assign {
        /// The variable.
        place: Place,
        /// The way into it, outermost first; empty for the whole.
        path: Vec<Step>,
        /// The new value.
        value: NodeId,
    },
    /// An operation of the table applied to all its arguments (defaults filled in).
    Op {
        /// Which; the overload is settled.
        op: OpId,
        /// One per parameter.
        args: Vec<NodeId>,
    },
    /// `a and b`
    And(NodeId, NodeId),
    /// `a or b`
    Or(NodeId, NodeId),
    /// A call of a known function, without captures.
    Call {
        /// Which.
        func: FuncId,
        /// One per parameter.
        args: Vec<NodeId>,
    },
    /// A call of a function value.
    CallValue {
        /// The function value.
        callee: NodeId,
        /// One per parameter.
        args: Vec<NodeId>,
    },
    /// A function value with captured values.
    Closure {
        /// Which.
        func: FuncId,
        /// Values of the function's captures.
        captures: Vec<NodeId>,
    },
    /// A conditional; without `otherwise` its type is unit and the value of `then` is dropped.
    If {
        /// A bool.
        cond: NodeId,
        /// When it holds.
        then: NodeId,
        /// When it does not.
        otherwise: Option<NodeId>,
    },
    /// Nested loops, the last binder innermost. An iterated value is a range, list or str (its characters).
    For {
        /// The local that takes each element, and what is iterated (evaluated once for each turn of the outer loops).
        binders: Vec<(LocalId, NodeId)>,
        /// The body.
        body: NodeId,
        /// Whether the bodies' values are collected: the type is then a list of the body's type, else unit.
        collect: bool,
    },
    /// A loop. Type unit.
    While {
        /// A bool.
        cond: NodeId,
        /// The body; its value is dropped.
        body: NodeId,
    },
    /// Statements in order. The value is that of the last one if the block's type is not unit.
    Block(Vec<NodeId>),
    /// Leaves the function with a value (None: unit). Its own type is whatever is wanted; it never yields.
    Return(Option<NodeId>),
    /// Leaves the innermost `For` (all its binders) or `While`.
    Break,
    /// Goes on with the next turn; nothing is collected for this one.
    Continue,
    /// A list.
    List(Vec<NodeId>),
    /// A tuple, or a record with its fields in the order of their sorted names. Fields are evaluated in this order.
    Tuple(Vec<NodeId>),
    /// Part of a tuple or record, by position.
    Field(NodeId, u32),
    /// A range of ints.
    Range {
        /// First.
        lo: NodeId,
        /// One past the last, or the last.
        hi: NodeId,
        /// Whether `hi` belongs to it.
        inclusive: bool,
    },
    /// The node's value with every int in it made a num, from the node's type to this one's (int to num, `[int]` to
    /// `[num]`, and so on inside tuples and records).
    Widen(NodeId),
    /// A hole: evaluating it is an error that names it.
    Hole {
        /// Which.
        hole: HoleId,
        /// Alternatives of a choice, or arguments of a called hole.
        args: Vec<NodeId>,
    },
}

impl Func {
    /// What stands in a library while a function is being made.
    pub fn placeholder() -> Func {
        Func {
            name: "".into(),
            span: Span::default(),
            doc: None,
            params: Vec::new(),
            captures: 0,
            ret: Type::Unit,
            locals: Vec::new(),
            nodes: vec![Node { kind: Kind::Unit, ty: Type::Unit, span: Span::default() }],
            body: NodeId(0),
            holes: Vec::new(),
            globals: Vec::new(),
        }
    }

    /// The node with this index.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The local with this index.
    pub fn local(&self, id: LocalId) -> &Local {
        &self.locals[id.0 as usize]
    }

    /// `fn(params) -> ret`
    pub fn ty(&self) -> Type {
        Type::func(self.params.iter().map(|p| p.ty.clone()).collect(), self.ret.clone())
    }
}

impl Kind {
    /// The same with other numbers for its nodes and locals, as it is in a function that has been put into another.
    pub fn renumbered(&self, node: impl Fn(NodeId) -> NodeId, local: impl Fn(LocalId) -> LocalId) -> Kind {
        let all = |xs: &[NodeId]| xs.iter().map(|x| node(*x)).collect::<Vec<_>>();
        let step = |s: &Step| match s {
            Step::Index(n) => Step::Index(node(*n)),
            Step::Field(f) => Step::Field(*f),
        };
        match self {
            Kind::Unit
            | Kind::Int(_)
            | Kind::Num(_)
            | Kind::Angle(_)
            | Kind::Bool(_)
            | Kind::Str(_)
            | Kind::Const(_)
            | Kind::Global(_)
            | Kind::Break
            | Kind::Continue => self.clone(),
            Kind::Local(l) => Kind::Local(local(*l)),
            Kind::Let(l, v) => Kind::Let(local(*l), node(*v)),
            Kind::LetGlobal(g, v) => Kind::LetGlobal(*g, node(*v)),
            Kind::Assign { place, path, value } => {
                let place = match place {
                    Place::Local(l) => Place::Local(local(*l)),
                    Place::Global(g) => Place::Global(*g),
                };
                Kind::Assign { place, path: path.iter().map(step).collect(), value: node(*value) }
            }
            Kind::Op { op, args } => Kind::Op { op: *op, args: all(args) },
            Kind::And(a, b) => Kind::And(node(*a), node(*b)),
            Kind::Or(a, b) => Kind::Or(node(*a), node(*b)),
            Kind::Call { func, args } => Kind::Call { func: *func, args: all(args) },
            Kind::CallValue { callee, args } => Kind::CallValue { callee: node(*callee), args: all(args) },
            Kind::Closure { func, captures } => Kind::Closure { func: *func, captures: all(captures) },
            Kind::If { cond, then, otherwise } => {
                Kind::If { cond: node(*cond), then: node(*then), otherwise: otherwise.map(&node) }
            }
            Kind::For { binders, body, collect } => {
                let binders = binders.iter().map(|(l, v)| (local(*l), node(*v))).collect();
                Kind::For { binders, body: node(*body), collect: *collect }
            }
            Kind::While { cond, body } => Kind::While { cond: node(*cond), body: node(*body) },
            Kind::Block(xs) => Kind::Block(all(xs)),
            Kind::Return(v) => Kind::Return(v.map(&node)),
            Kind::List(xs) => Kind::List(all(xs)),
            Kind::Tuple(xs) => Kind::Tuple(all(xs)),
            Kind::Field(v, f) => Kind::Field(node(*v), *f),
            Kind::Range { lo, hi, inclusive } => Kind::Range { lo: node(*lo), hi: node(*hi), inclusive: *inclusive },
            Kind::Widen(v) => Kind::Widen(node(*v)),
            Kind::Hole { hole, args } => Kind::Hole { hole: *hole, args: all(args) },
        }
    }

    /// The nodes below this one, in the order of their evaluation, added to `out`.
    pub fn children(&self, out: &mut Vec<NodeId>) {
        match self {
            Kind::Unit
            | Kind::Int(_)
            | Kind::Num(_)
            | Kind::Angle(_)
            | Kind::Bool(_)
            | Kind::Str(_)
            | Kind::Const(_)
            | Kind::Local(_)
            | Kind::Global(_)
            | Kind::Break
            | Kind::Continue => {}
            Kind::Let(_, v) | Kind::LetGlobal(_, v) | Kind::Field(v, _) | Kind::Widen(v) => out.push(*v),
            Kind::Assign { path, value, .. } => {
                out.extend(path.iter().filter_map(|p| if let Step::Index(n) = p { Some(*n) } else { None }));
                out.push(*value);
            }
            Kind::Op { args, .. } | Kind::Call { args, .. } | Kind::Hole { args, .. } => out.extend(args),
            Kind::List(xs) | Kind::Tuple(xs) | Kind::Block(xs) | Kind::Closure { captures: xs, .. } => out.extend(xs),
            Kind::And(a, b) | Kind::Or(a, b) | Kind::Range { lo: a, hi: b, .. } => out.extend([*a, *b]),
            Kind::CallValue { callee, args } => {
                out.push(*callee);
                out.extend(args);
            }
            Kind::If { cond, then, otherwise } => {
                out.extend([*cond, *then]);
                out.extend(otherwise);
            }
            Kind::For { binders, body, .. } => {
                out.extend(binders.iter().map(|b| b.1));
                out.push(*body);
            }
            Kind::While { cond, body } => out.extend([*cond, *body]),
            Kind::Return(v) => out.extend(v),
        }
    }
}
