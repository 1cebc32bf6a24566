//! The builder: what the grammar's actions call to put nodes into the arena.
//!
//! It reads numbers and text, keeps each node's depth so that no tree gets deeper than [`MAX_DEPTH`], and remembers
//! which expressions stood in parentheses, on which the meaning of `??f((0..16))` and `(a < b) == c` depends.

use super::ast::*;
use super::lexer::shorten;
use super::walk::Node;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};
use std::collections::HashMap;

/// What stands in the parentheses of a call.
#[derive(Debug)]
pub(crate) enum Args {
    /// `(a, name: b)`
    Plain(Vec<Arg>),
    /// `(lo..hi: start)`
    Start(ExprId, ExprId),
}

/// An arena under construction.
pub(crate) struct Builder<'s> {
    pub ast: Ast,
    pub errors: Vec<Diagnostic>,
    file: FileId,
    docs: HashMap<u32, Name>,
    names: HashMap<&'s str, Name>,
    depths: [Vec<u16>; 4],
    /// Whether an expression stood in parentheses, by its index.
    parens: Vec<bool>,
    too_deep: bool,
}

/// How far a builder had come, to go back to when a statement has to be read again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    lens: [usize; 4],
    errors: usize,
    too_deep: bool,
}

const EXPR: usize = 0;
const STMT: usize = 1;
const TYPE: usize = 2;
const PAT: usize = 3;

impl<'s> Builder<'s> {
    pub(crate) fn new(file: FileId, docs: HashMap<u32, Name>) -> Builder<'s> {
        Builder {
            ast: Ast::default(),
            errors: Vec::new(),
            file,
            docs,
            names: HashMap::new(),
            depths: Default::default(),
            parens: Vec::new(),
            too_deep: false,
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        let lens = [self.ast.exprs.len(), self.ast.stmts.len(), self.ast.types.len(), self.ast.pats.len()];
        Mark { lens, errors: self.errors.len(), too_deep: self.too_deep }
    }

    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.ast.exprs.truncate(mark.lens[EXPR]);
        self.parens.truncate(mark.lens[EXPR]);
        self.ast.stmts.truncate(mark.lens[STMT]);
        self.ast.types.truncate(mark.lens[TYPE]);
        self.ast.pats.truncate(mark.lens[PAT]);
        for (depths, len) in self.depths.iter_mut().zip(mark.lens) {
            depths.truncate(len);
        }
        self.errors.truncate(mark.errors);
        self.too_deep = mark.too_deep;
    }

    pub(crate) fn span(&self, l: u32, r: u32) -> Span {
        Span { file: self.file, start: l, end: r }
    }

    fn error(&mut self, code: &'static str, l: u32, r: u32, message: impl Into<String>, help: &str) {
        let error = Diagnostic::new(code, self.span(l, r), message);
        self.errors.push(if help.is_empty() { error } else { error.help(help) });
    }

    fn depth(&self, node: Node) -> u16 {
        let (kind, id) = match node {
            Node::Expr(id) => (EXPR, id.0),
            Node::Stmt(id) => (STMT, id.0),
            Node::Type(id) => (TYPE, id.0),
            Node::Pat(id) => (PAT, id.0),
        };
        self.depths[kind].get(id as usize).copied().unwrap_or(0)
    }

    /// Notes the depth of the node about to be added, given its deepest child's; `false` when it is too deep, in
    /// which case a leaf has to be added instead.
    fn grow(&mut self, kind: usize, deepest: u16, l: u32, r: u32) -> bool {
        let fits = u32::from(deepest) < MAX_DEPTH;
        self.depths[kind].push(if fits { deepest + 1 } else { 1 });
        if !fits && !self.too_deep {
            self.too_deep = true;
            let message = format!("this is nested too deeply: more than {MAX_DEPTH} levels");
            self.error("E0006", l, r, message, "give parts of it names with `let`");
        }
        fits
    }

    pub(crate) fn name(&mut self, text: &'s str) -> Name {
        self.names.entry(text).or_insert_with(|| Name::from(text)).clone()
    }

    // Nodes.

    pub(crate) fn expr(&mut self, kind: ExprKind, l: u32, r: u32) -> ExprId {
        let mut deepest = 0;
        kind.each_child(|c| deepest = deepest.max(self.depth(c)));
        let kind = if self.grow(EXPR, deepest, l, r) { kind } else { ExprKind::Error };
        let span = self.span(l, r);
        self.ast.exprs.push(Expr { kind, span });
        self.parens.push(false);
        ExprId(self.ast.exprs.len() as u32 - 1)
    }

    pub(crate) fn stmt(&mut self, kind: StmtKind, l: u32, r: u32) -> StmtId {
        let mut deepest = 0;
        kind.each_child(|c| deepest = deepest.max(self.depth(c)));
        let kind = if self.grow(STMT, deepest, l, r) { kind } else { StmtKind::Error };
        let doc = self.docs.get(&l).cloned();
        let span = self.span(l, r);
        self.ast.stmts.push(Stmt { kind, span, doc });
        StmtId(self.ast.stmts.len() as u32 - 1)
    }

    pub(crate) fn ty(&mut self, kind: TypeKind, l: u32, r: u32) -> TypeId {
        let mut deepest = 0;
        kind.each_child(|c| deepest = deepest.max(self.depth(c)));
        let kind = if self.grow(TYPE, deepest, l, r) { kind } else { TypeKind::Name(Name::from("unit")) };
        let span = self.span(l, r);
        self.ast.types.push(TypeExpr { kind, span });
        TypeId(self.ast.types.len() as u32 - 1)
    }

    fn pat(&mut self, kind: PatKind, l: u32, r: u32) -> PatId {
        let deepest = match &kind {
            PatKind::Name(_) => 0,
            PatKind::Tuple(v) => v.iter().map(|p| self.depth(Node::Pat(*p))).max().unwrap_or(0),
        };
        let kind = if self.grow(PAT, deepest, l, r) { kind } else { PatKind::Name(Name::from("_")) };
        let span = self.span(l, r);
        self.ast.pats.push(Pat { kind, span });
        PatId(self.ast.pats.len() as u32 - 1)
    }

    pub(crate) fn pat_name(&mut self, name: &'s str, l: u32, r: u32) -> PatId {
        let name = self.name(name);
        self.pat(PatKind::Name(name), l, r)
    }

    pub(crate) fn pat_tuple(&mut self, v: Vec<PatId>, comma: bool, l: u32, r: u32) -> PatId {
        match v.as_slice() {
            [only] if !comma => *only,
            _ => self.pat(PatKind::Tuple(v), l, r),
        }
    }

    pub(crate) fn type_name(&mut self, name: &'s str, l: u32, r: u32) -> TypeId {
        let name = self.name(name);
        self.ty(TypeKind::Name(name), l, r)
    }

    pub(crate) fn type_tuple(&mut self, v: Vec<TypeId>, comma: bool, l: u32, r: u32) -> TypeId {
        match v.as_slice() {
            [only] if !comma => *only,
            _ => self.ty(TypeKind::Tuple(v), l, r),
        }
    }

    // Operators and calls.

    fn in_parens(&self, id: ExprId) -> bool {
        self.parens.get(id.0 as usize).copied().unwrap_or(false)
    }

    pub(crate) fn paren(&mut self, v: Vec<ExprId>, comma: bool, l: u32, r: u32) -> ExprId {
        match v.as_slice() {
            [only] if !comma => {
                if let Some(flag) = self.parens.get_mut(only.0 as usize) {
                    *flag = true;
                }
                *only
            }
            _ => self.expr(ExprKind::Tuple(v), l, r),
        }
    }

    pub(crate) fn binary(&mut self, op: BinOp, x: ExprId, y: ExprId, l: u32, r: u32) -> ExprId {
        self.expr(ExprKind::Binary(op, x, y), l, r)
    }

    pub(crate) fn compare(&mut self, op: BinOp, x: ExprId, y: ExprId, l: u32, r: u32) -> ExprId {
        if let ExprKind::Binary(first, ..) = self.ast.expr(x).kind
            && first.is_comparison()
            && !self.in_parens(x)
        {
            let help = "join two comparisons with `and`: `a < b and b < c`; or put one of them in parentheses";
            self.error("E0007", l, r, "comparisons do not chain", help);
        }
        self.binary(op, x, y, l, r)
    }

    pub(crate) fn assign(&mut self, to: ExprId, op: Option<BinOp>, e: ExprId, l: u32, r: u32) -> ExprId {
        let value = match op {
            None => e,
            Some(op) => match self.copy(to) {
                Some(old) => self.binary(op, old, e, l, r),
                None => {
                    let message = format!("`{}=` changes a name, a field or an element", op.symbol());
                    self.error("E0012", l, r, message, "write the assignment in full: `x = x + ..`");
                    e
                }
            },
        };
        self.expr(ExprKind::Assign(to, value), l, r)
    }

    /// A second copy of the target of `x += e`, so that no node has two parents. `None` where it holds more than
    /// names, indices and arithmetic: a block in it would be run twice.
    fn copy(&mut self, to: ExprId) -> Option<ExprId> {
        // A tree stands in the arena in one piece, from its leftmost leaf to its root.
        let mut first = to;
        loop {
            let mut leftmost = None;
            self.ast.expr(first).kind.each_child(|c| leftmost = leftmost.or(Some(c)));
            match leftmost {
                Some(Node::Expr(id)) => first = id,
                Some(_) => return None,
                None => break,
            }
        }
        let shift = self.ast.exprs.len() as u32 - first.0;
        let moved = |id: ExprId| ExprId(id.0 + shift);
        for id in first.0..=to.0 {
            let Expr { kind, span } = self.ast.expr(ExprId(id));
            let (kind, span) = (
                match kind {
                    ExprKind::Unit | ExprKind::Int(_) | ExprKind::Num(_) | ExprKind::Angle(_) => kind.clone(),
                    ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::Name(_) | ExprKind::Error => kind.clone(),
                    ExprKind::Unary(op, x) => ExprKind::Unary(*op, moved(*x)),
                    ExprKind::Binary(op, x, y) => ExprKind::Binary(*op, moved(*x), moved(*y)),
                    ExprKind::Index(x, y) => ExprKind::Index(moved(*x), moved(*y)),
                    ExprKind::Field(x, name) => ExprKind::Field(moved(*x), name.clone()),
                    _ => return None,
                },
                *span,
            );
            self.expr(kind, span.start, span.end);
        }
        Some(moved(to))
    }

    pub(crate) fn assign_in_condition(&mut self, x: ExprId, at: u32, y: ExprId, l: u32, r: u32) -> ExprId {
        self.error("E0009", at, at + 1, "`=` assigns, and a condition compares", "write `==`");
        self.binary(BinOp::Eq, x, y, l, r)
    }

    /// A call, or a number to be found: `??(lo..hi)`.
    pub(crate) fn call(&mut self, callee: ExprId, args: Args, l: u32, r: u32) -> ExprId {
        let name = match &self.ast.expr(callee).kind {
            ExprKind::Hole(Hole { name, form: HoleForm::Open }) if !self.in_parens(callee) => Some(name.clone()),
            _ => None,
        };
        let (range, start) = match &args {
            Args::Start(range, start) => (*range, Some(*start)),
            Args::Plain(v) => match v.as_slice() {
                [Arg { name: None, value }] => (*value, None),
                _ => (callee, None),
            },
        };
        let bounds = match self.ast.expr(range).kind {
            ExprKind::Range { lo, hi, .. } if !self.in_parens(range) => Some((lo, hi)),
            _ => None,
        };
        match (name, bounds, args) {
            (Some(name), Some((lo, hi)), _) => {
                self.expr(ExprKind::Hole(Hole { name, form: HoleForm::Range { lo, hi, start } }), l, r)
            }
            (_, _, Args::Plain(args)) => self.expr(ExprKind::Call { callee, args }, l, r),
            (_, _, Args::Start(range, start)) => {
                let help = "an argument is named so: `f(frame: 0..8)`";
                self.error("E0011", l, r, "only a hole `??(lo..hi: start)` has a starting point", help);
                let args = [range, start].map(|value| Arg { name: None, value }).into();
                self.expr(ExprKind::Call { callee, args }, l, r)
            }
        }
    }

    pub(crate) fn hole(&mut self, written: &'s str, form: HoleForm, l: u32, r: u32) -> ExprId {
        let name = written.trim_start_matches('?').trim_end_matches('{');
        let name = if name.is_empty() { None } else { Some(self.name(name)) };
        self.expr(ExprKind::Hole(Hole { name, form }), l, r)
    }

    // Literals.

    pub(crate) fn int(&mut self, text: &'s str, l: u32, r: u32) -> ExprId {
        let digits = text.replace('_', "");
        let value = match digits.as_bytes() {
            [b'0', b'x', ..] => i64::from_str_radix(&digits[2..], 16),
            [b'0', b'b', ..] => i64::from_str_radix(&digits[2..], 2),
            _ => digits.parse(),
        };
        let value = value.unwrap_or_else(|_| {
            let message = format!("`{}` is too large for an int", shorten(text));
            let message = if digits.len() > 2 { message } else { format!("`{text}` has no digits") };
            self.error("E0003", l, r, message, "the largest int is 9223372036854775807; a num is written with a dot");
            0
        });
        self.expr(ExprKind::Int(value), l, r)
    }

    fn number(&mut self, text: &str, l: u32, r: u32) -> f64 {
        let value: f64 = text.replace('_', "").parse().unwrap_or(f64::INFINITY);
        if value.is_finite() {
            return value;
        }
        self.error(
            "E0003",
            l,
            r,
            format!("`{}` is too large for a num", shorten(text)),
            "the largest num is about 1.8e308",
        );
        0.0
    }

    pub(crate) fn float(&mut self, text: &'s str, l: u32, r: u32) -> ExprId {
        let value = self.number(text, l, r);
        self.expr(ExprKind::Num(value), l, r)
    }

    pub(crate) fn angle(&mut self, text: &'s str, l: u32, r: u32) -> ExprId {
        let value = self.number(text.trim_end_matches("deg"), l, r);
        self.expr(ExprKind::Angle(value), l, r)
    }

    /// The text between the quotes, escapes resolved. `written` begins at `l`; its closing quote may be missing.
    pub(crate) fn text(&mut self, written: &'s str, l: u32) -> Name {
        let quote = if written.starts_with('\'') { '\'' } else { '"' };
        let inner = written.strip_prefix(quote).unwrap_or(written);
        if !inner.contains('\\') {
            return self.name(inner.strip_suffix(quote).unwrap_or(inner));
        }
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find(['\\', quote]) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with(quote) {
                return Name::from(out);
            }
            let len = match escape(rest) {
                Some((c, len)) => {
                    out.push(c);
                    len
                }
                None => {
                    let len = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                    let start = l + (written.len() - rest.len()) as u32;
                    let message = match &rest[..len] {
                        "\\u" => "`\\u` wants the number of a character, as in `\\u{1F600}`".to_string(),
                        "\\" => "a `\\` ends the line".to_string(),
                        other => format!("`{other}` is no escape"),
                    };
                    let help = "escapes are \\n \\t \\r \\0 \\\\ \\\" and \\u{1F600}; a backslash is written `\\\\`";
                    self.error("E0004", start, start + len as u32, message, help);
                    len
                }
            };
            rest = &rest[len..];
        }
        out.push_str(rest);
        Name::from(out)
    }
}

/// The character that an escape at the start of `text` stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'0' => '\0',
        b'\\' => '\\',
        b'"' => '"',
        b'\'' => '\'',
        b'u' => {
            let digits = text.get(3..).filter(|_| text[2..].starts_with('{'))?;
            let len = digits.bytes().take(7).take_while(u8::is_ascii_hexdigit).count();
            if !(1..=6).contains(&len) || digits.as_bytes().get(len) != Some(&b'}') {
                return None;
            }
            let c = char::from_u32(u32::from_str_radix(&digits[..len], 16).ok()?)?;
            return Some((c, len + 4));
        }
        _ => return None,
    };
    Some((c, 2))
}

impl BinOp {
    /// `== != < <= > >=`
    pub fn is_comparison(self) -> bool {
        matches!(self, BinOp::Eq | BinOp::Ne | BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge)
    }
}
