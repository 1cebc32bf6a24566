//! Trees to text, in one normal form.
//!
//! Every construct has a flat form, on one line, and a broken one. The printer tries the flat form first and takes it
//! back when it runs over the margin or meets something that has no flat form, such as a block of two statements.
//! Parentheses stand only where precedence needs them.

use super::ast::*;
use super::comments::{Item, Placed};
use std::fmt::Write;

/// Columns of a line. A name or text that is longer stands out.
const WIDTH: usize = 100;
/// Columns by which a block stands in.
const INDENT: usize = 4;
/// Deeper blocks stand in no further, which keeps deep trees from printing as blanks.
const MAX_INDENT: usize = 60;

/// Prints a whole program. Comments are left out, but for the doc comments of statements; see
/// [`fmt()`](super::fmt()) for all.
pub fn print(ast: &Ast) -> String {
    let mut p = Printer::new(ast, None);
    if let Some(line) = &ast.shebang {
        p.out.push_str(line);
        p.out.push('\n');
    }
    p.root();
    p.out
}

/// Prints an expression.
pub fn print_expr(ast: &Ast, id: ExprId) -> String {
    let mut p = Printer::new(ast, None);
    // Only a flat print can fail; this one falls back to the broken form.
    let _ = p.fit(|p| p.expr(id, Level::LOOSEST));
    p.out
}

/// Prints a statement, after its doc comment if it has one.
pub fn print_stmt(ast: &Ast, id: StmtId) -> String {
    let mut p = Printer::new(ast, None);
    p.doc(id);
    let _ = p.fit(|p| p.stmt(id));
    p.out
}

/// Prints a type.
pub fn print_type(ast: &Ast, id: TypeId) -> String {
    let mut p = Printer::new(ast, None);
    p.ty(id);
    p.out
}

/// How tightly an expression holds together; see the table in the grammar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Level(u8);

impl Level {
    pub(super) const LOOSEST: Level = Level(0);
    pub(super) const NOT: Level = Level(3);
    pub(super) const PIPE: Level = Level(5);
    pub(super) const RANGE: Level = Level(6);
    pub(super) const SUM: Level = Level(7);
    pub(super) const UNARY: Level = Level(9);
    pub(super) const POSTFIX: Level = Level(11);
    pub(super) const OPERAND: Level = Level(12);

    pub(super) fn of_op(op: BinOp) -> Level {
        match op {
            BinOp::Or => Level(1),
            BinOp::And => Level(2),
            BinOp::Add | BinOp::Sub => Level::SUM,
            BinOp::Mul | BinOp::Div | BinOp::Rem | BinOp::And2 => Level(8),
            BinOp::Pow => Level(10),
            _ => Level(4),
        }
    }

    pub(super) fn of(kind: &ExprKind) -> Level {
        match kind {
            ExprKind::Assign(..) => Level::LOOSEST,
            ExprKind::Binary(op, ..) => Level::of_op(*op),
            ExprKind::Unary(UnOp::Not, _) => Level::NOT,
            ExprKind::Unary(UnOp::Neg, _) => Level::UNARY,
            ExprKind::Int(n) if *n < 0 => Level::UNARY,
            ExprKind::Num(x) | ExprKind::Angle(x) if x.is_sign_negative() => Level::UNARY,
            ExprKind::Pipe(..) => Level::PIPE,
            ExprKind::Range { .. } => Level::RANGE,
            ExprKind::Call { .. } | ExprKind::Index(..) | ExprKind::Field(..) => Level::POSTFIX,
            _ => Level::OPERAND,
        }
    }

    pub(super) fn next(self) -> Level {
        Level(self.0 + 1)
    }
}

/// The flat form does not fit.
pub(super) struct TooWide;

pub(super) type Out = Result<(), TooWide>;

pub(super) struct Printer<'a> {
    pub(super) ast: &'a Ast,
    /// Where comments go, when they are printed.
    pub(super) placed: Option<&'a Placed>,
    pub(super) out: String,
    /// Where the present line begins in `out`.
    line: usize,
    indent: usize,
    /// Whether everything has to stay on this line.
    pub(super) flat: bool,
    /// Blocks around this place that are printed flat.
    pub(super) flat_blocks: u32,
}

impl<'a> Printer<'a> {
    pub(super) fn new(ast: &'a Ast, placed: Option<&'a Placed>) -> Printer<'a> {
        Printer { ast, placed, out: String::new(), line: 0, indent: 0, flat: false, flat_blocks: 0 }
    }

    // Text and lines.

    pub(super) fn put(&mut self, text: &str) -> Out {
        self.out.push_str(text);
        let width = WIDTH.max(self.indent + WIDTH / 2);
        if self.flat && self.out.len() - self.line > width { Err(TooWide) } else { Ok(()) }
    }

    pub(super) fn show(&mut self, value: impl std::fmt::Display) -> Out {
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{value}");
        self.put("")
    }

    pub(super) fn newline(&mut self) -> Out {
        if self.flat {
            return Err(TooWide);
        }
        self.out.push('\n');
        self.line = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', self.indent.min(MAX_INDENT)));
        Ok(())
    }

    pub(super) fn indented(&mut self, f: impl FnOnce(&mut Self) -> Out) -> Out {
        self.indent += INDENT;
        let done = f(self);
        self.indent -= INDENT;
        done
    }

    /// Prints flat, or else broken. In a flat place, there is no else.
    pub(super) fn fit(&mut self, f: impl Fn(&mut Self) -> Out) -> Out {
        if !self.flat && self.try_flat(&f).is_ok() {
            return Ok(());
        }
        f(self)
    }

    pub(super) fn try_flat(&mut self, f: impl FnOnce(&mut Self) -> Out) -> Out {
        let (len, blocks, was) = (self.out.len(), self.flat_blocks, self.flat);
        self.flat = true;
        let done = f(self);
        self.flat = was;
        self.flat_blocks = blocks;
        if done.is_err() {
            self.out.truncate(len);
        }
        done
    }

    /// Elements between brackets: on one line, or each on its own with a comma.
    pub(super) fn row<T: Copy>(
        &mut self,
        open: &str,
        items: &[T],
        close: &str,
        each: impl Fn(&mut Self, T) -> Out,
    ) -> Out {
        self.put(open)?;
        if self.flat || items.is_empty() {
            for (i, item) in items.iter().enumerate() {
                self.put(if i > 0 { ", " } else { "" })?;
                each(self, *item)?;
            }
            return self.put(close);
        }
        self.indented(|p| {
            for item in items {
                p.newline()?;
                p.fit(|p| each(p, *item))?;
                p.put(",")?;
            }
            Ok(())
        })?;
        self.newline()?;
        self.put(close)
    }

    /// Like [`Printer::row`] for many short elements: as many on a line as fit.
    pub(super) fn filled(&mut self, items: &[ExprId]) -> Out {
        self.put("[")?;
        self.indented(|p| {
            p.newline()?;
            for (i, item) in items.iter().enumerate() {
                let comma = if i + 1 < items.len() { "," } else { "" };
                let space = if i > 0 { " " } else { "" };
                let flat = p.try_flat(|p| {
                    p.put(space)?;
                    p.expr(*item, Level::LOOSEST)?;
                    p.put(comma)
                });
                if flat.is_err() {
                    p.newline()?;
                    p.expr(*item, Level::LOOSEST)?;
                    p.put(comma)?;
                }
            }
            Ok(())
        })?;
        self.newline()?;
        self.put("]")
    }

    // Statements.

    pub(super) fn root(&mut self) {
        let ast = self.ast;
        match self.placed {
            Some(placed) => self.items(&placed.root),
            None => self.stmts(&ast.root),
        };
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Statements without comments, with an empty line around functions and tests that take several lines.
    pub(super) fn stmts(&mut self, stmts: &[StmtId]) {
        let mut apart = false;
        for (i, id) in stmts.iter().enumerate() {
            if i > 0 {
                let _ = self.newline();
            }
            let start = self.out.len();
            self.doc(*id);
            let _ = self.fit(|p| p.stmt(*id));
            let item = matches!(self.ast.stmt(*id).kind, StmtKind::Fn { .. } | StmtKind::Test { .. });
            let now = item && self.out[start..].contains('\n');
            if i > 0 && (apart || now) {
                // The empty line goes before the blanks that indent the statement.
                let at = start - self.indent.min(MAX_INDENT);
                self.out.insert(at, '\n');
                self.line += 1;
            }
            apart = now;
        }
    }

    /// Statements and comments as placed.
    pub(super) fn items(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                if item.blank {
                    self.out.push('\n');
                }
                let _ = self.newline();
            }
            if let Some(text) = &item.comment {
                self.out.push_str(text);
            }
            if let Some(id) = item.stmt {
                let _ = self.fit(|p| p.stmt(id));
            }
            if let Some(text) = &item.trailing {
                self.out.push(' ');
                self.out.push_str(text);
            }
        }
    }

    fn doc(&mut self, id: StmtId) {
        for line in self.ast.stmt(id).doc.iter().flat_map(|doc| doc.split('\n')) {
            self.out.push_str("/// ");
            self.out.push_str(line);
            self.out.truncate(self.out.trim_end().len());
            let _ = self.newline();
        }
    }

    pub(super) fn stmt(&mut self, id: StmtId) -> Out {
        let ast = self.ast;
        match &ast.stmt(id).kind {
            StmtKind::Error => self.put("??"),
            StmtKind::Let { mutable, pat, ty, value } => {
                self.put(if *mutable { "var " } else { "let " })?;
                self.pat(*pat)?;
                if let Some(ty) = ty {
                    self.put(": ")?;
                    self.ty(*ty);
                }
                self.put(" = ")?;
                self.expr(*value, Level::LOOSEST.next())
            }
            StmtKind::Fn { name, def, .. } => {
                self.put("fn ")?;
                self.put(name)?;
                self.function(def)
            }
            StmtKind::Return(None) => self.put("return"),
            StmtKind::Return(Some(e)) => {
                self.put("return ")?;
                self.expr(*e, Level::LOOSEST.next())
            }
            StmtKind::Break => self.put("break"),
            StmtKind::Continue => self.put("continue"),
            StmtKind::Import { path, alias } => {
                self.put("import ")?;
                self.text(path)?;
                match alias {
                    Some(alias) => self.show(format_args!(" as {alias}")),
                    None => Ok(()),
                }
            }
            StmtKind::Test { name, body } => {
                self.put("test ")?;
                self.text(name)?;
                self.put(" ")?;
                self.expr(*body, Level::LOOSEST)
            }
            StmtKind::Expr(e) => self.expr(*e, Level::LOOSEST),
        }
    }

    pub(super) fn pat(&mut self, id: PatId) -> Out {
        let ast = self.ast;
        match &ast.pat(id).kind {
            PatKind::Name(name) => self.put(name),
            // Patterns are short; one that is not stands out.
            PatKind::Tuple(v) => stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
                self.put("(")?;
                for (i, p) in v.iter().enumerate() {
                    self.put(if i > 0 { ", " } else { "" })?;
                    self.pat(*p)?;
                }
                self.put(if v.len() == 1 { ",)" } else { ")" })
            }),
        }
    }

    /// Types are printed on one line.
    pub(super) fn ty(&mut self, id: TypeId) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.ty_inner(id));
    }

    fn ty_inner(&mut self, id: TypeId) {
        let ast = self.ast;
        let comma = |p: &mut Self, i: usize| p.out.push_str(if i > 0 { ", " } else { "" });
        match &ast.ty(id).kind {
            TypeKind::Name(name) => self.out.push_str(name),
            TypeKind::List(t) => {
                self.out.push('[');
                self.ty(*t);
                self.out.push(']');
            }
            TypeKind::Tuple(v) => {
                self.out.push('(');
                for (i, t) in v.iter().enumerate() {
                    comma(self, i);
                    self.ty(*t);
                }
                self.out.push_str(if v.len() == 1 { ",)" } else { ")" });
            }
            TypeKind::Record(v) => {
                self.out.push('(');
                for (i, (name, t)) in v.iter().enumerate() {
                    comma(self, i);
                    self.out.push_str(name);
                    self.out.push_str(": ");
                    self.ty(*t);
                }
                self.out.push(')');
            }
            TypeKind::Fn(v, result) => {
                self.out.push_str("fn(");
                for (i, t) in v.iter().enumerate() {
                    comma(self, i);
                    self.ty(*t);
                }
                self.out.push_str(") -> ");
                self.ty(*result);
            }
        }
    }

    pub(super) fn text(&mut self, text: &str) -> Out {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                '\r' => self.out.push_str("\\r"),
                '\0' => self.out.push_str("\\0"),
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                    let _ = write!(self.out, "\\u{{{:x}}}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
        self.put("\"")
    }

    // Expressions; the match over all kinds is in `print_expr.rs`.

    pub(super) fn expr(&mut self, id: ExprId, least: Level) -> Out {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            if Level::of(&self.ast.expr(id).kind) < least {
                self.put("(")?;
                self.bare(id)?;
                return self.put(")");
            }
            self.bare(id)
        })
    }
}
