//! Random trees, made directly in the arena: the same seed gives the same program. Every tree is one that a text can
//! have, so the parser must give it back from its print.

use nsp::source::Span;
use nsp::syntax::ast::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;

/// A program of a few statements.
pub fn program(seed: u64) -> Ast {
    let mut g = Gen::new(seed);
    let n = g.upto(5);
    let root: Vec<StmtId> = (0..n).map(|_| g.stmt(4)).collect();
    g.ast.root = root;
    if g.chance(30) {
        g.ast.shebang = Some("#!/usr/bin/env nsp".into());
    }
    g.ast
}

/// A program and a text of it with comments and empty lines strewn between its lines.
pub fn commented(seed: u64) -> String {
    let text = nsp::syntax::print(&program(seed));
    let mut g = Gen::new(!seed);
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        if i > 0 || !line.starts_with("#!") {
            match g.upto(12) {
                0 => out.push_str("// own line\n"),
                1 => out.push_str("\n\n\n"),
                2 => out.push_str("      /// doc\n"),
                3 => out.push_str("/// doc\n\n"),
                _ => {}
            }
        }
        out.push_str(line);
        match g.upto(8) {
            _ if line.starts_with("#!") => {}
            0 => out.push_str(&format!(" // behind {i}")),
            1 => out.push_str("  /// no doc"),
            _ => {}
        }
        out.push('\n');
    }
    out
}

struct Gen {
    ast: Ast,
    rng: StdRng,
}

const NAMES: &[&str] = &["a", "b", "x", "y", "_", "long_name", "import", "test", "as", "deg", "e3", "T", "forty_two"];

impl Gen {
    fn new(seed: u64) -> Gen {
        Gen { ast: Ast::default(), rng: StdRng::seed_from_u64(seed) }
    }

    /// `0..=n`, at random.
    fn upto(&mut self, n: usize) -> usize {
        self.rng.random_range(0..=n)
    }

    /// Once in `n`.
    fn chance(&mut self, n: usize) -> bool {
        self.rng.random_range(0..n) == 0
    }

    fn maybe<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.chance(3) { Some(f(self)) } else { None }
    }

    fn many<T>(&mut self, least: usize, most: usize, mut f: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = self.rng.random_range(least..=most);
        (0..n).map(|_| f(self)).collect()
    }

    fn name(&mut self) -> Name {
        let i = self.rng.random_range(0..NAMES.len());
        Arc::from(NAMES[i])
    }

    fn text(&mut self) -> Name {
        const PARTS: &[&str] =
            &["a", " ", "\"", "\\", "\n", "\t", "\0", "\r", "é", "😀", "\u{7f}", "//", "{", "'", "\u{feff}"];
        let n = self.upto(8);
        let text: String = (0..n).map(|_| PARTS[self.rng.random_range(0..PARTS.len())]).collect();
        Arc::from(text)
    }

    fn put(&mut self, kind: ExprKind) -> ExprId {
        self.ast.exprs.push(Expr { kind, span: Span::default() });
        ExprId(self.ast.exprs.len() as u32 - 1)
    }

    fn stmt(&mut self, depth: usize) -> StmtId {
        let kind = match self.upto(12) {
            0..=2 => {
                let pat = self.pat(2);
                let ty = self.maybe(|g| g.ty(3));
                let value = self.expr(depth);
                StmtKind::Let { mutable: self.chance(2), pat, ty, value }
            }
            3 => StmtKind::Fn { name: self.name(), name_span: Span::default(), def: Box::new(self.function(depth)) },
            4 => StmtKind::Return(self.maybe(|g| g.expr(depth))),
            5 => StmtKind::Break,
            6 => StmtKind::Continue,
            7 => StmtKind::Import { path: self.text(), alias: self.maybe(Gen::name) },
            8 => StmtKind::Test { name: self.text(), body: self.block(depth) },
            9 => {
                let (to, value) = (self.expr(2), self.expr(depth));
                StmtKind::Expr(self.put(ExprKind::Assign(to, value)))
            }
            _ => StmtKind::Expr(self.expr(depth)),
        };
        let doc = if self.chance(8) { Some(Arc::from(["doc", "two\nlines", "a\n\n  b"][self.upto(2)])) } else { None };
        self.ast.stmts.push(Stmt { kind, span: Span::default(), doc });
        StmtId(self.ast.stmts.len() as u32 - 1)
    }

    fn pat(&mut self, depth: usize) -> PatId {
        let kind = if depth == 0 || !self.chance(4) {
            PatKind::Name(self.name())
        } else {
            PatKind::Tuple(self.many(1, 3, |g| g.pat(depth - 1)))
        };
        self.ast.pats.push(Pat { kind, span: Span::default() });
        PatId(self.ast.pats.len() as u32 - 1)
    }

    fn ty(&mut self, depth: usize) -> TypeId {
        let kind = match if depth == 0 { 0 } else { self.upto(6) } {
            0..=2 => TypeKind::Name(self.name()),
            3 => TypeKind::List(self.ty(depth - 1)),
            4 => TypeKind::Tuple(self.many(1, 3, |g| g.ty(depth - 1))),
            5 => TypeKind::Record(self.many(1, 3, |g| (g.name(), g.ty(depth - 1)))),
            _ => {
                let params = self.many(0, 3, |g| g.ty(depth - 1));
                TypeKind::Fn(params, self.ty(depth - 1))
            }
        };
        self.ast.types.push(TypeExpr { kind, span: Span::default() });
        TypeId(self.ast.types.len() as u32 - 1)
    }

    fn function(&mut self, depth: usize) -> FnExpr {
        let params = self.many(0, 3, |g| Param {
            name: g.name(),
            span: Span::default(),
            ty: g.maybe(|g| g.ty(2)),
            default: g.maybe(|g| g.expr(depth.saturating_sub(2))),
        });
        FnExpr { params, ret: self.maybe(|g| g.ty(2)), body: self.block(depth) }
    }

    fn block(&mut self, depth: usize) -> ExprId {
        let stmts = self.many(0, if depth == 0 { 0 } else { 3 }, |g| g.stmt(depth - 1));
        self.put(ExprKind::Block(stmts))
    }

    fn leaf(&mut self) -> ExprKind {
        match self.upto(10) {
            0 => ExprKind::Unit,
            1 => ExprKind::Int(self.rng.random_range(0..100)),
            2 => ExprKind::Int(self.rng.random_range(0..=i64::MAX)),
            3 => ExprKind::Num(f64::from_bits(self.rng.random_range(0..0x7ff0_0000_0000_0000))),
            4 => ExprKind::Num(self.upto(100) as f64 / 8.0),
            5 => ExprKind::Angle(self.upto(3600) as f64 / 16.0),
            6 => ExprKind::Bool(self.chance(2)),
            7 => ExprKind::Str(self.text()),
            8 => ExprKind::Hole(Hole { name: self.maybe(Gen::name), form: HoleForm::Open }),
            _ => ExprKind::Name(self.name()),
        }
    }

    fn op(&mut self) -> BinOp {
        use BinOp::*;
        const OPS: &[BinOp] = &[Or, And, Eq, Ne, Lt, Le, Gt, Ge, Add, Sub, Mul, Div, Rem, And2, Pow];
        OPS[self.rng.random_range(0..OPS.len())]
    }

    fn expr(&mut self, depth: usize) -> ExprId {
        if depth == 0 {
            let kind = self.leaf();
            return self.put(kind);
        }
        let d = depth - 1;
        let kind = match self.upto(24) {
            0..=2 => self.leaf(),
            3 => ExprKind::Unary(UnOp::Neg, self.expr(d)),
            4 => ExprKind::Unary(UnOp::Not, self.expr(d)),
            5..=9 => {
                let op = self.op();
                ExprKind::Binary(op, self.expr(d), self.expr(d))
            }
            10 => ExprKind::Range { lo: self.expr(d), hi: self.expr(d), inclusive: self.chance(2) },
            11 | 12 => {
                let callee = self.expr(d);
                ExprKind::Call { callee, args: self.many(0, 3, |g| Arg { name: g.maybe(Gen::name), value: g.expr(d) }) }
            }
            13 => ExprKind::Pipe(self.expr(d), self.expr(d)),
            14 => ExprKind::Index(self.expr(d), self.expr(d)),
            15 => ExprKind::Field(self.expr(d), self.name()),
            16 => ExprKind::List(self.many(0, 9, |g| g.expr(d / 2))),
            17 => ExprKind::Tuple(self.many(1, 3, |g| g.expr(d))),
            18 => ExprKind::Record(self.many(1, 3, |g| (g.name(), g.expr(d)))),
            19 => return self.block(d),
            20 => return self.if_expr(d),
            21 => {
                let binders = self.many(1, 2, |g| (g.pat(1), g.expr(d)));
                ExprKind::For { binders, body: self.block(d) }
            }
            22 => ExprKind::While { cond: self.expr(d), body: self.block(d) },
            23 => ExprKind::Fn(Box::new(self.function(d))),
            _ => self.hole(d),
        };
        self.put(kind)
    }

    fn if_expr(&mut self, depth: usize) -> ExprId {
        let (cond, then) = (self.expr(depth), self.block(depth));
        let otherwise = match self.upto(2) {
            0 => None,
            1 if depth > 0 => Some(self.if_expr(depth - 1)),
            _ => Some(self.block(depth)),
        };
        self.put(ExprKind::If { cond, then, otherwise })
    }

    fn hole(&mut self, depth: usize) -> ExprKind {
        let name = self.maybe(Gen::name);
        let form = if self.chance(2) {
            HoleForm::Range { lo: self.expr(depth), hi: self.expr(depth), start: self.maybe(|g| g.expr(depth)) }
        } else {
            HoleForm::Choice(self.many(1, 4, |g| {
                if g.chance(2) {
                    return g.expr(depth);
                }
                let op = g.op();
                g.put(ExprKind::OpRef(op))
            }))
        };
        ExprKind::Hole(Hole { name, form })
    }
}
