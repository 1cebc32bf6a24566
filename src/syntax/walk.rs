//! The children of a node, for whoever counts, searches or copies trees.

use super::ast::*;

/// Any node of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// An expression.
    Expr(ExprId),
    /// A statement.
    Stmt(StmtId),
    /// A written type.
    Type(TypeId),
    /// A pattern.
    Pat(PatId),
}

impl ExprKind {
    /// Calls `f` with each child, in written order.
    pub fn each_child(&self, mut f: impl FnMut(Node)) {
        use Node::{Expr, Pat, Stmt};
        match self {
            ExprKind::Error | ExprKind::Unit | ExprKind::Int(_) | ExprKind::Num(_) | ExprKind::Angle(_) => {}
            ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::Name(_) | ExprKind::OpRef(_) => {}
            ExprKind::Hole(hole) => match &hole.form {
                HoleForm::Open => {}
                HoleForm::Range { lo, hi, start } => {
                    f(Expr(*lo));
                    f(Expr(*hi));
                    start.iter().for_each(|e| f(Expr(*e)));
                }
                HoleForm::Choice(v) => v.iter().for_each(|e| f(Expr(*e))),
            },
            ExprKind::Unary(_, x) | ExprKind::Field(x, _) => f(Expr(*x)),
            ExprKind::Binary(_, x, y) | ExprKind::Pipe(x, y) | ExprKind::Index(x, y) | ExprKind::Assign(x, y) => {
                f(Expr(*x));
                f(Expr(*y));
            }
            ExprKind::Range { lo, hi, .. } => {
                f(Expr(*lo));
                f(Expr(*hi));
            }
            ExprKind::Call { callee, args } => {
                f(Expr(*callee));
                args.iter().for_each(|a| f(Expr(a.value)));
            }
            ExprKind::List(v) | ExprKind::Tuple(v) => v.iter().for_each(|e| f(Expr(*e))),
            ExprKind::Record(v) => v.iter().for_each(|(_, e)| f(Expr(*e))),
            ExprKind::Block(v) => v.iter().for_each(|s| f(Stmt(*s))),
            ExprKind::If { cond, then, otherwise } => {
                f(Expr(*cond));
                f(Expr(*then));
                otherwise.iter().for_each(|e| f(Expr(*e)));
            }
            ExprKind::For { binders, body } => {
                for (p, e) in binders {
                    f(Pat(*p));
                    f(Expr(*e));
                }
                f(Expr(*body));
            }
            ExprKind::While { cond, body } => {
                f(Expr(*cond));
                f(Expr(*body));
            }
            ExprKind::Fn(def) => def.each_child(f),
        }
    }
}

impl FnExpr {
    /// Calls `f` with each child, in written order.
    pub fn each_child(&self, mut f: impl FnMut(Node)) {
        for p in &self.params {
            p.ty.iter().for_each(|t| f(Node::Type(*t)));
            p.default.iter().for_each(|e| f(Node::Expr(*e)));
        }
        self.ret.iter().for_each(|t| f(Node::Type(*t)));
        f(Node::Expr(self.body));
    }
}

impl StmtKind {
    /// Calls `f` with each child, in written order.
    pub fn each_child(&self, mut f: impl FnMut(Node)) {
        match self {
            StmtKind::Error | StmtKind::Break | StmtKind::Continue | StmtKind::Import { .. } => {}
            StmtKind::Let { pat, ty, value, .. } => {
                f(Node::Pat(*pat));
                ty.iter().for_each(|t| f(Node::Type(*t)));
                f(Node::Expr(*value));
            }
            StmtKind::Fn { def, .. } => def.each_child(f),
            StmtKind::Return(e) => e.iter().for_each(|e| f(Node::Expr(*e))),
            StmtKind::Test { body, .. } => f(Node::Expr(*body)),
            StmtKind::Expr(e) => f(Node::Expr(*e)),
        }
    }
}

impl TypeKind {
    /// Calls `f` with each child, in written order.
    pub fn each_child(&self, mut f: impl FnMut(Node)) {
        match self {
            TypeKind::Name(_) => {}
            TypeKind::List(t) => f(Node::Type(*t)),
            TypeKind::Tuple(v) => v.iter().for_each(|t| f(Node::Type(*t))),
            TypeKind::Record(v) => v.iter().for_each(|(_, t)| f(Node::Type(*t))),
            TypeKind::Fn(v, r) => {
                v.iter().for_each(|t| f(Node::Type(*t)));
                f(Node::Type(*r));
            }
        }
    }
}
