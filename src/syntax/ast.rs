//! The syntax tree: a flat arena in postorder (children stand before their parents), without boxes.
//!
//! A tree of boxes overflows the stack when a deep one is dropped; an arena does not. Node depth is capped by the
//! builder ([`MAX_DEPTH`]), so that later stages may recurse.

use crate::source::Span;
use std::sync::Arc;

/// A name or other short text, shared.
pub type Name = Arc<str>;

/// Deepest nesting of nodes that a program may have.
pub const MAX_DEPTH: u32 = 2_000;

/// Index of an expression in [`Ast::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// Index of a statement in [`Ast::stmts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StmtId(pub u32);

/// Index of a written type in [`Ast::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// Index of a pattern in [`Ast::pats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatId(pub u32);

/// A parsed text.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    /// Expressions, children first.
    pub exprs: Vec<Expr>,
    /// Statements.
    pub stmts: Vec<Stmt>,
    /// Written types.
    pub types: Vec<TypeExpr>,
    /// Patterns.
    pub pats: Vec<Pat>,
    /// Top-level statements in order.
    pub root: Vec<StmtId>,
    /// Comments (also doc comments), in order of position.
    pub comments: Vec<Comment>,
    /// The `#!` line without its newline, if there is one.
    pub shebang: Option<String>,
}

/// A comment as written, from its `//` to the end of its line.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
    /// Its text with the slashes.
    pub text: String,
    /// Whether code stands before it on its line.
    pub trailing: bool,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression can be.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Stands where the parser could not read one; the parser has said why.
    Error,
    /// `()`
    Unit,
    /// `42`
    Int(i64),
    /// `2.5`, `1e-3`
    Num(f64),
    /// `22.5deg`, in degrees; its value is in radians.
    Angle(f64),
    /// `true`, `false`
    Bool(bool),
    /// `"text"`, escapes resolved.
    Str(Name),
    /// `x`
    Name(Name),
    /// `??`, `??name` and their forms; a call of one is [`ExprKind::Call`] with the hole as callee.
    Hole(Hole),
    /// An operator as a function; only inside the braces of a choice: `??{+ | - | *}`.
    OpRef(BinOp),
    /// `-x`, `not x`
    Unary(UnOp, ExprId),
    /// `a + b`, and so on.
    Binary(BinOp, ExprId, ExprId),
    /// `lo..hi`, `lo..=hi`
    Range {
        /// First value.
        lo: ExprId,
        /// Last value, or one past it.
        hi: ExprId,
        /// Whether `hi` belongs to it.
        inclusive: bool,
    },
    /// `f(a, name: b)`
    Call {
        /// What is called.
        callee: ExprId,
        /// Arguments in written order.
        args: Vec<Arg>,
    },
    /// `x |> f(a)`: `f(x, a)`. The right side is any postfix expression; a bare `f` is `f(x)`.
    Pipe(ExprId, ExprId),
    /// `xs[i]`, `t[0]`
    Index(ExprId, ExprId),
    /// `p.x`
    Field(ExprId, Name),
    /// `[a, b]`
    List(Vec<ExprId>),
    /// `(a, b)`, `(a,)`
    Tuple(Vec<ExprId>),
    /// `(x: a, y: b)`
    Record(Vec<(Name, ExprId)>),
    /// `{ .. }`; its value is that of its last statement if that is an expression.
    Block(Vec<StmtId>),
    /// `if c {..} else {..}`; both branches are blocks, or `otherwise` another `If`.
    If {
        /// The condition.
        cond: ExprId,
        /// The block when it holds.
        then: ExprId,
        /// The block or `if` when it does not.
        otherwise: Option<ExprId>,
    },
    /// `for p in xs, q in ys { .. }`: nested loops, the last one innermost, bodies' values collected in one list.
    For {
        /// Pattern and iterated expression of each loop.
        binders: Vec<(PatId, ExprId)>,
        /// A block.
        body: ExprId,
    },
    /// `while c { .. }`
    While {
        /// The condition.
        cond: ExprId,
        /// A block.
        body: ExprId,
    },
    /// `fn(a, b: num) -> num { .. }`
    Fn(Box<FnExpr>),
    /// `x = e`, `xs[i] = e`; the target is checked by the checker.
    Assign(ExprId, ExprId),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub struct Arg {
    /// `name:` before it, if any.
    pub name: Option<Name>,
    /// The expression.
    pub value: ExprId,
}

/// A hole.
#[derive(Clone, Debug)]
pub struct Hole {
    /// The name in `??name`.
    pub name: Option<Name>,
    /// Its form.
    pub form: HoleForm,
}

/// Forms of a hole.
#[derive(Clone, Debug)]
pub enum HoleForm {
    /// `??`: an expression over what is in scope.
    Open,
    /// `??(lo..hi)`, `??(lo..hi: start)`: a number in the closed range.
    Range {
        /// Least value.
        lo: ExprId,
        /// Greatest value.
        hi: ExprId,
        /// Where a fit starts.
        start: Option<ExprId>,
    },
    /// `??{a | b | c}`
    Choice(Vec<ExprId>),
}

/// Parameters, result and body of a function.
#[derive(Clone, Debug)]
pub struct FnExpr {
    /// Parameters.
    pub params: Vec<Param>,
    /// Written result type.
    pub ret: Option<TypeId>,
    /// A block.
    pub body: ExprId,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub span: Span,
    /// Written type.
    pub ty: Option<TypeId>,
    /// Value when the argument is left out.
    pub default: Option<ExprId>,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnOp {
    /// `-x`
    Neg,
    /// `not x`
    Not,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinOp {
    /// `a or b`, does not evaluate `b` when `a` holds
    Or,
    /// `a and b`, does not evaluate `b` when `a` does not hold
    And,
    /// `a == b`
    Eq,
    /// `a != b`
    Ne,
    /// `a < b`
    Lt,
    /// `a <= b`
    Le,
    /// `a > b`
    Gt,
    /// `a >= b`
    Ge,
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a % b`
    Rem,
    /// `a & b`, intersection of shapes
    And2,
    /// `a ^ b`, power
    Pow,
}

impl BinOp {
    /// As written; also its name in the operation table.
    pub fn symbol(self) -> &'static str {
        match self {
            BinOp::Or => "or",
            BinOp::And => "and",
            BinOp::Eq => "==",
            BinOp::Ne => "!=",
            BinOp::Lt => "<",
            BinOp::Le => "<=",
            BinOp::Gt => ">",
            BinOp::Ge => ">=",
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::Div => "/",
            BinOp::Rem => "%",
            BinOp::And2 => "&",
            BinOp::Pow => "^",
        }
    }
}

/// A pattern and its place.
#[derive(Clone, Debug)]
pub struct Pat {
    /// What it is.
    pub kind: PatKind,
    /// Where it stands.
    pub span: Span,
}

/// What a pattern can be.
#[derive(Clone, Debug)]
pub enum PatKind {
    /// Binds a name; `_` binds nothing.
    Name(Name),
    /// `(a, b)`
    Tuple(Vec<PatId>),
}

/// A written type and its place.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// What a written type can be.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `int`, `image`, ..; `()` is the name `unit`.
    Name(Name),
    /// `[T]`
    List(TypeId),
    /// `(A, B)`, `(A,)`
    Tuple(Vec<TypeId>),
    /// `(x: A, y: B)`
    Record(Vec<(Name, TypeId)>),
    /// `fn(A, B) -> C`
    Fn(Vec<TypeId>, TypeId),
}

/// A statement, its place, and the doc comment before it.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands, without its doc comment.
    pub span: Span,
    /// Lines of `///` directly before it, without the slashes and one space, joined by newlines.
    pub doc: Option<Name>,
}

/// What a statement can be.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// Stands where the parser could not read one.
    Error,
    /// `let p = e`, `var x: T = e`
    Let {
        /// `var`
        mutable: bool,
        /// What is bound.
        pat: PatId,
        /// Written type.
        ty: Option<TypeId>,
        /// The value.
        value: ExprId,
    },
    /// `fn name(..) -> T { .. }`
    Fn {
        /// Its name.
        name: Name,
        /// Where the name stands.
        name_span: Span,
        /// The function.
        def: Box<FnExpr>,
    },
    /// `return e`
    Return(Option<ExprId>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `import "path" as name`
    Import {
        /// The path as written.
        path: Name,
        /// The name after `as`.
        alias: Option<Name>,
    },
    /// `test "name" { .. }`
    Test {
        /// Its name.
        name: Name,
        /// A block.
        body: ExprId,
    },
    /// An expression for its value or effect.
    Expr(ExprId),
}

impl Ast {
    /// The expression with this index.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
    /// The statement with this index.
    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }
    /// The written type with this index.
    pub fn ty(&self, id: TypeId) -> &TypeExpr {
        &self.types[id.0 as usize]
    }
    /// The pattern with this index.
    pub fn pat(&self, id: PatId) -> &Pat {
        &self.pats[id.0 as usize]
    }
}
