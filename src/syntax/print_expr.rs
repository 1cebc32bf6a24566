//! The printed form of each kind of expression.

use super::ast::*;
use super::print::{Level, Out, Printer, TooWide};

impl Printer<'_> {
    /// Prints an expression without parentheses of its own.
    pub(super) fn bare(&mut self, id: ExprId) -> Out {
        let ast = self.ast;
        match &ast.expr(id).kind {
            ExprKind::Error => self.put("??"),
            ExprKind::Unit => self.put("()"),
            // This one has no literal: its absolute value is too large.
            ExprKind::Int(i64::MIN) => self.put("(-9223372036854775807 - 1)"),
            ExprKind::Int(n) => self.show(n),
            ExprKind::Num(x) if x.is_infinite() => self.put(if *x > 0.0 { "inf" } else { "-inf" }),
            ExprKind::Num(x) if x.is_nan() => self.put("nan"),
            // Rust's debug form is the shortest that reads back, and always has a dot or an exponent.
            ExprKind::Num(x) => self.show(format_args!("{x:?}")),
            ExprKind::Angle(x) => {
                let digits = format!("{x:?}");
                self.put(digits.strip_suffix(".0").unwrap_or(&digits))?;
                self.put("deg")
            }
            ExprKind::Bool(b) => self.show(b),
            ExprKind::Str(s) => self.text(s),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Hole(hole) => self.hole(hole),
            ExprKind::OpRef(op) => self.put(op.symbol()),
            ExprKind::Unary(UnOp::Neg, x) => {
                self.put("-")?;
                self.expr(*x, Level::UNARY)
            }
            ExprKind::Unary(UnOp::Not, x) => {
                self.put("not ")?;
                self.expr(*x, Level::NOT)
            }
            ExprKind::Binary(BinOp::Pow, x, y) => {
                self.part(*x, Level::POSTFIX)?;
                self.put(" ^ ")?;
                self.expr(*y, Level::UNARY)
            }
            ExprKind::Binary(op, x, y) if op.is_comparison() => self.chain(*x, &[(*op, *y)], Level::PIPE),
            ExprKind::Binary(..) => self.left_chain(id),
            ExprKind::Range { lo, hi, inclusive } => {
                self.part(*lo, Level::SUM)?;
                self.put(if *inclusive { "..=" } else { ".." })?;
                self.part(*hi, Level::SUM)
            }
            ExprKind::Pipe(..) => self.pipe(id),
            ExprKind::Call { .. } | ExprKind::Index(..) | ExprKind::Field(..) => self.postfix(id),
            ExprKind::List(v) if !self.flat && v.len() > 4 && v.iter().all(|e| self.short(*e)) => self.filled(v),
            ExprKind::List(v) => self.row("[", v, "]", |p, e| p.expr(e, Level::LOOSEST)),
            ExprKind::Tuple(v) if v.len() == 1 && self.flat => {
                self.put("(")?;
                self.expr(v[0], Level::LOOSEST)?;
                self.put(",)")
            }
            ExprKind::Tuple(v) => self.row("(", v, ")", |p, e| p.expr(e, Level::LOOSEST)),
            ExprKind::Record(v) => {
                let fields: Vec<&(Name, ExprId)> = v.iter().collect();
                self.row("(", &fields, ")", |p, (name, e)| {
                    p.put(name)?;
                    p.put(": ")?;
                    p.expr(*e, Level::LOOSEST)
                })
            }
            ExprKind::Block(v) => self.block(id, v),
            ExprKind::If { cond, then, otherwise } => self.if_chain(*cond, *then, *otherwise),
            ExprKind::For { binders, body } => {
                self.put("for ")?;
                for (i, (pat, e)) in binders.iter().enumerate() {
                    self.put(if i > 0 { ", " } else { "" })?;
                    self.pat(*pat)?;
                    self.put(" in ")?;
                    self.part(*e, Level::LOOSEST)?;
                }
                self.put(" ")?;
                self.expr(*body, Level::LOOSEST)
            }
            ExprKind::While { cond, body } => {
                self.put("while ")?;
                self.part(*cond, Level::LOOSEST.next())?;
                self.put(" ")?;
                self.expr(*body, Level::LOOSEST)
            }
            ExprKind::Fn(def) => {
                self.put("fn")?;
                self.function(def)
            }
            ExprKind::Assign(to, value) => {
                self.part(*to, Level::LOOSEST.next())?;
                self.put(" = ")?;
                self.expr(*value, Level::LOOSEST.next())
            }
        }
    }

    /// A part that may be flat though the whole is broken.
    fn part(&mut self, id: ExprId, least: Level) -> Out {
        self.fit(|p| p.expr(id, least))
    }

    /// `(a: T, b = e) -> T { .. }`
    pub(super) fn function(&mut self, def: &FnExpr) -> Out {
        let params: Vec<&Param> = def.params.iter().collect();
        self.fit(|p| {
            p.row("(", &params, ")", |p, param| {
                p.put(&param.name)?;
                if let Some(ty) = param.ty {
                    p.put(": ")?;
                    p.ty(ty);
                }
                match param.default {
                    Some(e) => {
                        p.put(" = ")?;
                        p.expr(e, Level::LOOSEST.next())
                    }
                    None => Ok(()),
                }
            })
        })?;
        if let Some(ty) = def.ret {
            self.put(" -> ")?;
            self.ty(ty);
        }
        self.put(" ")?;
        self.expr(def.body, Level::LOOSEST)
    }

    fn hole(&mut self, hole: &Hole) -> Out {
        self.put("??")?;
        self.put(hole.name.as_deref().unwrap_or(""))?;
        match &hole.form {
            HoleForm::Open => Ok(()),
            HoleForm::Range { lo, hi, start } => {
                self.put("(")?;
                self.part(*lo, Level::SUM)?;
                self.put("..")?;
                self.part(*hi, Level::SUM)?;
                if let Some(start) = start {
                    self.put(": ")?;
                    self.part(*start, Level::LOOSEST.next())?;
                }
                self.put(")")
            }
            HoleForm::Choice(v) if self.flat => {
                self.put("{")?;
                for (i, e) in v.iter().enumerate() {
                    self.put(if i > 0 { " | " } else { "" })?;
                    self.expr(*e, Level::LOOSEST)?;
                }
                self.put("}")
            }
            HoleForm::Choice(v) => {
                self.put("{")?;
                self.indented(|p| {
                    for (i, e) in v.iter().enumerate() {
                        p.newline()?;
                        p.part(*e, Level::LOOSEST)?;
                        p.put(if i + 1 < v.len() { " |" } else { "" })?;
                    }
                    Ok(())
                })?;
                self.newline()?;
                self.put("}")
            }
        }
    }

    /// `a + b - c`: operators of one level, which group to the left.
    fn left_chain(&mut self, id: ExprId) -> Out {
        let ast = self.ast;
        let level = Level::of(&ast.expr(id).kind);
        let mut first = id;
        let mut rest = Vec::new();
        while let ExprKind::Binary(op, x, y) = ast.expr(first).kind
            && Level::of_op(op) == level
        {
            rest.push((op, y));
            first = x;
        }
        rest.reverse();
        self.chain(first, &rest, level.next())
    }

    /// Operands at `least`, broken after operators where they do not fit: a line must not begin with `+`. What
    /// groups to the left has a first operand of another level, so that `least` is right for it too.
    fn chain(&mut self, first: ExprId, rest: &[(BinOp, ExprId)], least: Level) -> Out {
        self.part(first, least)?;
        self.indented(|p| {
            for (op, e) in rest {
                p.put(" ")?;
                p.put(op.symbol())?;
                if p.flat {
                    p.put(" ")?;
                    p.expr(*e, least)?;
                    continue;
                }
                let flat = p.try_flat(|p| {
                    p.put(" ")?;
                    p.expr(*e, least)
                });
                if flat.is_err() {
                    p.newline()?;
                    p.part(*e, least)?;
                }
            }
            Ok(())
        })
    }

    fn pipe(&mut self, id: ExprId) -> Out {
        let ast = self.ast;
        let mut first = id;
        let mut steps = Vec::new();
        while let ExprKind::Pipe(x, y) = ast.expr(first).kind {
            steps.push(y);
            first = x;
        }
        self.part(first, Level::RANGE)?;
        self.indented(|p| {
            for step in steps.iter().rev() {
                if p.flat {
                    p.put(" |> ")?;
                } else {
                    p.newline()?;
                    p.put("|> ")?;
                }
                p.part(*step, Level::POSTFIX)?;
            }
            Ok(())
        })
    }

    /// `x.f(a)[i]`: what is at the bottom, then each step.
    fn postfix(&mut self, id: ExprId) -> Out {
        let ast = self.ast;
        let mut first = id;
        let mut steps = Vec::new();
        while let ExprKind::Call { callee: x, .. } | ExprKind::Index(x, _) | ExprKind::Field(x, _) =
            &ast.expr(first).kind
        {
            steps.push(first);
            first = *x;
        }
        self.part(first, Level::OPERAND)?;
        for step in steps.into_iter().rev() {
            self.fit(|p| match &ast.expr(step).kind {
                ExprKind::Call { callee, args } => p.call(*callee, args),
                ExprKind::Index(_, i) => {
                    p.put("[")?;
                    p.part(*i, Level::LOOSEST)?;
                    p.put("]")
                }
                ExprKind::Field(_, name) => {
                    p.put(".")?;
                    p.put(name)
                }
                _ => Ok(()),
            })?;
        }
        Ok(())
    }

    /// The arguments of a call.
    fn call(&mut self, callee: ExprId, args: &[Arg]) -> Out {
        let ast = self.ast;
        let hole = matches!(ast.expr(callee).kind, ExprKind::Hole(Hole { form: HoleForm::Open, .. }));
        if let ([Arg { name: None, value }], true) = (args, hole)
            && matches!(ast.expr(*value).kind, ExprKind::Range { .. })
        {
            // One pair of parentheses would make it a number to be found.
            self.put("((")?;
            self.part(*value, Level::LOOSEST)?;
            return self.put("))");
        }
        let args: Vec<&Arg> = args.iter().collect();
        let each = |p: &mut Self, arg: &Arg| {
            if let Some(name) = &arg.name {
                p.put(name)?;
                p.put(": ")?;
            }
            p.expr(arg.value, Level::LOOSEST)
        };
        if let (false, [before @ .., last]) = (self.flat, args.as_slice())
            && self.hugs(last.value, before.iter().all(|a| a.name.is_none() && self.short(a.value)))
        {
            let flat = self.try_flat(|p| {
                p.put("(")?;
                for arg in before {
                    each(p, arg)?;
                    p.put(", ")?;
                }
                Ok(())
            });
            if flat.is_ok() {
                each(self, last)?;
                return self.put(")");
            }
        }
        self.row("(", &args, ")", each)
    }

    /// Whether the last argument of a broken call may begin on the call's line: `map(xs, fn(x) {`.
    fn hugs(&self, last: ExprId, after_little: bool) -> bool {
        match self.ast.expr(last).kind {
            ExprKind::Fn(_) | ExprKind::Block(_) | ExprKind::For { .. } => true,
            ExprKind::List(_) | ExprKind::Record(_) | ExprKind::Tuple(_) => after_little,
            _ => false,
        }
    }

    /// Whether an element is so short that many of its kind share a line.
    fn short(&self, id: ExprId) -> bool {
        match &self.ast.expr(id).kind {
            ExprKind::Int(_) | ExprKind::Num(_) | ExprKind::Bool(_) | ExprKind::Angle(_) => true,
            ExprKind::Str(s) => s.len() <= 8,
            ExprKind::Name(s) => s.len() <= 12,
            ExprKind::Unary(UnOp::Neg, x) => matches!(self.ast.expr(*x).kind, ExprKind::Int(_) | ExprKind::Num(_)),
            _ => false,
        }
    }

    fn block(&mut self, id: ExprId, stmts: &[StmtId]) -> Out {
        let items = self.placed.and_then(|placed| placed.blocks.get(&id));
        let comments = items.is_some_and(|items| items.iter().any(|i| i.has_comment()));
        if stmts.is_empty() && !comments {
            return self.put("{}");
        }
        if self.flat {
            let [only] = stmts else { return Err(TooWide) };
            if comments || self.flat_blocks > 0 || self.ast.stmt(*only).doc.is_some() {
                return Err(TooWide);
            }
            self.flat_blocks += 1;
            self.put("{ ")?;
            self.stmt(*only)?;
            self.flat_blocks -= 1;
            return self.put(" }");
        }
        self.put("{")?;
        self.indented(|p| {
            p.newline()?;
            match items {
                Some(items) => p.items(items),
                None => p.stmts(stmts),
            }
            Ok(())
        })?;
        self.newline()?;
        self.put("}")
    }

    fn if_chain(&mut self, mut cond: ExprId, mut then: ExprId, mut otherwise: Option<ExprId>) -> Out {
        loop {
            self.put("if ")?;
            self.part(cond, Level::LOOSEST.next())?;
            self.put(" ")?;
            self.expr(then, Level::LOOSEST)?;
            let Some(next) = otherwise else { return Ok(()) };
            self.put(" else ")?;
            match self.ast.expr(next).kind {
                ExprKind::If { cond: c, then: t, otherwise: o } => (cond, then, otherwise) = (c, t, o),
                _ => return self.expr(next, Level::LOOSEST),
            }
        }
    }
}
