//! Whether two trees say the same.

use super::ast::*;
use super::walk::Node;

/// Whether two programs are the same but for where their parts stand and for comments other than doc comments.
/// Numbers are compared by their bits.
pub fn same(a: &Ast, b: &Ast) -> bool {
    if a.shebang != b.shebang || a.root.len() != b.root.len() {
        return false;
    }
    let pairs = a.root.iter().zip(&b.root).map(|(x, y)| (Node::Stmt(*x), Node::Stmt(*y))).collect();
    same_nodes(a, b, pairs)
}

/// Whether two expressions are the same; see [`same`].
pub fn same_expr(a: &Ast, x: ExprId, b: &Ast, y: ExprId) -> bool {
    same_nodes(a, b, vec![(Node::Expr(x), Node::Expr(y))])
}

/// Compares pairs of nodes: each without its children, which become pairs in turn.
fn same_nodes(a: &Ast, b: &Ast, mut pairs: Vec<(Node, Node)>) -> bool {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    while let Some(pair) = pairs.pop() {
        left.clear();
        right.clear();
        let alike = match pair {
            (Node::Expr(x), Node::Expr(y)) => {
                let (x, y) = (&a.expr(x).kind, &b.expr(y).kind);
                x.each_child(|c| left.push(c));
                y.each_child(|c| right.push(c));
                same_expr_head(x, y)
            }
            (Node::Stmt(x), Node::Stmt(y)) => {
                let (x, y) = (a.stmt(x), b.stmt(y));
                x.kind.each_child(|c| left.push(c));
                y.kind.each_child(|c| right.push(c));
                x.doc == y.doc && same_stmt_head(&x.kind, &y.kind)
            }
            (Node::Type(x), Node::Type(y)) => {
                let (x, y) = (&a.ty(x).kind, &b.ty(y).kind);
                x.each_child(|c| left.push(c));
                y.each_child(|c| right.push(c));
                same_type_head(x, y)
            }
            (Node::Pat(x), Node::Pat(y)) => match (&a.pat(x).kind, &b.pat(y).kind) {
                (PatKind::Name(x), PatKind::Name(y)) => x == y,
                (PatKind::Tuple(x), PatKind::Tuple(y)) => {
                    left.extend(x.iter().map(|p| Node::Pat(*p)));
                    right.extend(y.iter().map(|p| Node::Pat(*p)));
                    true
                }
                _ => false,
            },
            _ => false,
        };
        if !alike || left.len() != right.len() {
            return false;
        }
        pairs.extend(left.drain(..).zip(right.drain(..)));
    }
    true
}

fn same_expr_head(x: &ExprKind, y: &ExprKind) -> bool {
    use ExprKind::*;
    match (x, y) {
        (Int(x), Int(y)) => x == y,
        (Num(x), Num(y)) | (Angle(x), Angle(y)) => x.to_bits() == y.to_bits(),
        (Bool(x), Bool(y)) => x == y,
        (Str(x), Str(y)) | (Name(x), Name(y)) | (Field(_, x), Field(_, y)) => x == y,
        (Hole(x), Hole(y)) => {
            x.name == y.name
                && match (&x.form, &y.form) {
                    (HoleForm::Range { start: x, .. }, HoleForm::Range { start: y, .. }) => x.is_some() == y.is_some(),
                    (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
                }
        }
        (OpRef(x), OpRef(y)) | (Binary(x, ..), Binary(y, ..)) => x == y,
        (Unary(x, _), Unary(y, _)) => x == y,
        (Range { inclusive: x, .. }, Range { inclusive: y, .. }) => x == y,
        (Call { args: x, .. }, Call { args: y, .. }) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.name == y.name)
        }
        (Record(x), Record(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.0 == y.0),
        (If { otherwise: x, .. }, If { otherwise: y, .. }) => x.is_some() == y.is_some(),
        (For { binders: x, .. }, For { binders: y, .. }) => x.len() == y.len(),
        (Fn(x), Fn(y)) => same_fn_head(x, y),
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    }
}

fn same_fn_head(x: &FnExpr, y: &FnExpr) -> bool {
    let param = |x: &Param, y: &Param| {
        x.name == y.name && x.ty.is_some() == y.ty.is_some() && x.default.is_some() == y.default.is_some()
    };
    x.ret.is_some() == y.ret.is_some()
        && x.params.len() == y.params.len()
        && x.params.iter().zip(&y.params).all(|(x, y)| param(x, y))
}

fn same_stmt_head(x: &StmtKind, y: &StmtKind) -> bool {
    use StmtKind::*;
    match (x, y) {
        (Let { mutable: x, ty: s, .. }, Let { mutable: y, ty: t, .. }) => x == y && s.is_some() == t.is_some(),
        (Fn { name: x, def: f, .. }, Fn { name: y, def: g, .. }) => x == y && same_fn_head(f, g),
        (Return(x), Return(y)) => x.is_some() == y.is_some(),
        (Import { path: x, alias: s }, Import { path: y, alias: t }) => x == y && s == t,
        (Test { name: x, .. }, Test { name: y, .. }) => x == y,
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    }
}

fn same_type_head(x: &TypeKind, y: &TypeKind) -> bool {
    use TypeKind::*;
    match (x, y) {
        (Name(x), Name(y)) => x == y,
        (Record(x), Record(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.0 == y.0),
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    }
}
