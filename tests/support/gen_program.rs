//! Random whole programs as text, made by types so that most of them check; the same seed gives the same program.
//! [`mutated`] damages one, so that most do not.

use nsp::builtins::OpTable;
use nsp::builtins::sig::Sig;
use nsp::check::unify::map_vars;
use nsp::types::Type;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

/// A program.
pub fn program(seed: u64) -> String {
    let mut g =
        Gen { rng: StdRng::seed_from_u64(seed), vars: Vec::new(), funcs: Vec::new(), loops: 0, ret: None, left: 400 };
    let mut out = String::new();
    for _ in 0..g.upto(3) {
        match g.upto(7) {
            0..=2 => {
                let f = g.function();
                out.push_str(&f);
            }
            3 => {
                let f = g.generic();
                out.push_str(&f);
            }
            _ => {
                let s = g.binding(false);
                out.push_str(&s);
            }
        }
        out.push('\n');
    }
    for _ in 0..=g.upto(4) {
        let s = g.stmt(4);
        out.push_str(&s);
        out.push('\n');
    }
    if g.chance(8) {
        let c = g.expr(&Type::Bool, 3);
        let _ = writeln!(out, "test \"t\" {{ assert({c}) }}");
    }
    if g.chance(2) {
        let t = g.ty(2);
        let e = g.expr(&t, 4);
        out.push_str(&e);
        out.push('\n');
    }
    out
}

/// A program with some of its tokens dropped, doubled or exchanged.
pub fn mutated(seed: u64) -> String {
    let text = program(seed);
    let mut rng = StdRng::seed_from_u64(!seed);
    let mut toks: Vec<&str> = Vec::new();
    let mut end = 0;
    for (_, range) in nsp::syntax::tokens(&text) {
        toks.push(&text[end..range.start]);
        toks.push(&text[range.clone()]);
        end = range.end;
    }
    toks.push(&text[end..]);
    if toks.len() < 3 {
        return text;
    }
    // Tokens stand at odd places, what lies between them at even ones.
    let n = toks.len() / 2;
    for _ in 0..rng.random_range(1..=3) {
        let (i, j) = (rng.random_range(0..n) * 2 + 1, rng.random_range(0..n) * 2 + 1);
        match rng.random_range(0..4) {
            0 => toks[i] = "",
            1 => toks[i - 1] = toks[j],
            2 => toks.swap(i, j),
            _ => toks[i] = toks[j],
        }
    }
    toks.concat()
}

/// Something to call: an operation, a function of the library, or of the program.
#[derive(Clone)]
struct Callable {
    name: String,
    sig: Arc<Sig>,
}

/// What is not called: files, searches that take their time, the end of the program.
const LEFT_OUT: &[&str] = &["fill", "try_fill", "save", "error", "args", "read_text", "write_text"];

/// Functions of the library in the language.
const LIBRARY: &[(&str, &str)] = &[
    ("map", "(xs: [A], f: fn(A) -> B) -> [B]"),
    ("filter", "(xs: [A], keep: fn(A) -> bool) -> [A]"),
    ("fold", "(xs: [A], start: B, f: fn(B, A) -> B) -> B"),
    ("reduce", "(xs: [A], f: fn(A, A) -> A) -> A"),
    ("scan", "(xs: [A], start: B, f: fn(B, A) -> B) -> [B]"),
    ("find", "(xs: [A], holds: fn(A) -> bool, otherwise: A) -> A"),
    ("partition", "(xs: [A], holds: fn(A) -> bool) -> ([A], [A])"),
    ("zip_with", "(xs: [A], ys: [B], f: fn(A, B) -> C) -> [C]"),
    ("chunks", "(xs: [A], n: int) -> [[A]]"),
    ("group_by", "(xs: [A], key: fn(A) -> B) -> [(B, [A])]"),
    ("tally", "(xs: [A]) -> [(A, int)]"),
    ("iterate", "(f: fn(A) -> A, x: A, n: int) -> A"),
    ("compose", "(f: fn(A) -> B, g: fn(B) -> C) -> fn(A) -> C"),
    ("identity", "(x: A) -> A"),
    ("sort_by", "(xs: [A], key: fn(A) -> int) -> [A]"),
    ("all", "(xs: [A], holds: fn(A) -> bool) -> bool"),
    ("median", "(xs: [num]) -> num"),
    ("capitalize", "(s: str) -> str"),
    ("initials", "(s: str, mark: str = \".\") -> str"),
    ("star", "(x: num, y: num, outer: num, inner: num, n: int, angle: num = 90deg) -> shape2"),
    ("checkerboard", "(columns: int, rows: int, cell: int) -> image"),
];

static CALLABLES: LazyLock<Vec<Callable>> = LazyLock::new(|| {
    let table = OpTable::standard();
    let wanted = |name: &str| !LEFT_OUT.contains(&name) && !name.starts_with("load_") && !name.starts_with("save_");
    let ops = table.iter().filter(|(_, op)| wanted(&op.name));
    let mut all: Vec<Callable> =
        ops.map(|(id, op)| Callable { name: op.name.to_string(), sig: table.sig(id).unwrap() }).collect();
    all.extend(LIBRARY.iter().map(|(n, s)| Callable { name: n.to_string(), sig: Arc::new(Sig::parse(s).unwrap()) }));
    all
});

#[derive(Clone)]
struct Var {
    name: String,
    ty: Type,
    mutable: bool,
}

struct Gen {
    rng: StdRng,
    /// In scope, the innermost last; a later one hides an earlier one of the same name.
    vars: Vec<Var>,
    funcs: Vec<Callable>,
    /// Loops around this place within the function.
    loops: usize,
    /// The result type of the function around.
    ret: Option<Type>,
    /// How many more expressions may be made by calls.
    left: usize,
}

const NAMES: &[&str] = &["a", "b", "c", "x", "y", "n", "s", "xs", "f", "g", "p", "q", "it", "acc"];

fn paren(s: String) -> String {
    format!("({s})")
}

impl Gen {
    /// `0..=n`, at random.
    fn upto(&mut self, n: usize) -> usize {
        self.rng.random_range(0..=n)
    }

    /// Once in `n`.
    fn chance(&mut self, n: usize) -> bool {
        self.rng.random_range(0..n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.random_range(0..from.len())]
    }

    fn name(&mut self) -> String {
        self.pick(NAMES).to_string()
    }

    // ---- types

    fn ty(&mut self, depth: usize) -> Type {
        match self.upto(if depth == 0 { 8 } else { 16 }) {
            0..=2 => Type::Int,
            3 | 4 => Type::Num,
            5 => Type::Bool,
            6 | 7 => Type::Str,
            8 => {
                const CON: &[&str] =
                    &["shape2", "shape3", "image", "json", "token", "range", "table", "voxels", "grid", "placement"];
                match self.pick(CON) {
                    "range" => Type::Range,
                    t => Type::con(t),
                }
            }
            9..=11 => Type::list(self.ty(depth - 1)),
            12 | 13 => {
                let n = self.upto(2) + 1;
                Type::tuple((0..n).map(|_| self.ty(depth - 1)).collect())
            }
            14 | 15 => self.record(depth),
            _ => {
                let n = self.upto(2);
                let params = (0..n).map(|_| self.ty(depth - 1)).collect();
                Type::func(params, self.ty(depth - 1))
            }
        }
    }

    fn record(&mut self, depth: usize) -> Type {
        let mut names = vec!["x", "y", "kind"];
        names.truncate(self.upto(2) + 1);
        Type::record(names.into_iter().map(|n| (n.into(), self.ty(depth - 1))).collect())
    }

    fn comparable(t: &Type) -> bool {
        match t {
            Type::Fn(_) => false,
            Type::List(t) => Gen::comparable(t),
            Type::Tuple(ts) => ts.iter().all(Gen::comparable),
            Type::Record(fs) => fs.iter().all(|f| Gen::comparable(&f.1)),
            _ => true,
        }
    }

    // ---- what is in scope

    fn visible(&self, keep: impl Fn(&Var) -> bool) -> Vec<Var> {
        let mut out: Vec<Var> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for v in self.vars.iter().rev() {
            if !seen.contains(&&*v.name) {
                seen.push(&v.name);
                if keep(v) {
                    out.push(v.clone());
                }
            }
        }
        out
    }

    fn is_variable(&self, name: &str) -> bool {
        self.vars.iter().any(|v| v.name == name)
    }

    fn bind(&mut self, name: &str, ty: Type, mutable: bool) {
        self.vars.push(Var { name: name.into(), ty, mutable });
    }

    /// Runs `f` and forgets what it bound.
    fn scoped<T>(&mut self, f: impl FnOnce(&mut Gen) -> T) -> T {
        let n = self.vars.len();
        let out = f(self);
        self.vars.truncate(n);
        out
    }

    // ---- expressions

    fn expr(&mut self, ty: &Type, depth: usize) -> String {
        if depth == 0 || self.left == 0 {
            return self.leaf(ty);
        }
        self.left -= 1;
        let d = depth - 1;
        match self.upto(19) {
            0..=3 => self.leaf(ty),
            4..=8 => self.call(ty, d),
            9 => {
                let (c, a, b) = (self.expr(&Type::Bool, d), self.block(ty, d), self.block(ty, d));
                paren(format!("if {c} {a} else {b}"))
            }
            10 => self.block(ty, d),
            11 => {
                let (n, t) = (self.upto(2) + 1, ty.clone());
                let items: Vec<String> = (0..n).map(|_| self.expr(&t, d)).collect();
                let i = if self.chance(6) { self.expr(&Type::Int, d) } else { self.upto(n - 1).to_string() };
                format!("[{}][{i}]", items.join(", "))
            }
            12 => {
                let (a, b) = (self.ty(1), self.ty(1));
                let at = self.upto(2);
                let parts: Vec<String> = (0..3)
                    .map(|i| if i == at { self.expr(ty, d) } else { self.expr(if i == 0 { &a } else { &b }, d) })
                    .collect();
                if self.chance(2) {
                    format!("({})[{at}]", parts.join(", "))
                } else {
                    format!("(x: {}, y: {}, z: {}).{}", parts[0], parts[1], parts[2], ["x", "y", "z"][at])
                }
            }
            13 => {
                let t = self.ty(1);
                let f = self.lambda(std::slice::from_ref(&t), ty, d);
                format!("({f})({})", self.expr(&t, d))
            }
            14 if self.chance(4) => self.hole(ty, d),
            _ => self.special(ty, d),
        }
    }

    fn special(&mut self, ty: &Type, d: usize) -> String {
        match ty {
            Type::Int => {
                let op = self.pick(&["+", "-", "*", "%"]);
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                paren(format!("{a} {op} {b}"))
            }
            Type::Num => {
                let op = self.pick(&["+", "-", "*", "/", "%", "^"]);
                let left = if self.chance(4) { Type::Int } else { Type::Num };
                let (a, b) = (self.expr(&left, d), self.expr(ty, d));
                paren(format!("{a} {op} {b}"))
            }
            Type::Bool => match self.upto(3) {
                0 => {
                    let op = self.pick(&["and", "or"]);
                    let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                    paren(format!("{a} {op} {b}"))
                }
                1 => paren(format!("not {}", self.expr(ty, d))),
                2 => {
                    let t = [Type::Int, Type::Num, Type::Str][self.upto(2)].clone();
                    let op = self.pick(&["<", "<=", ">", ">="]);
                    let (a, b) = (self.expr(&t, d), self.expr(&t, d));
                    paren(format!("{a} {op} {b}"))
                }
                _ => {
                    let t = self.ty(2);
                    let t = if Gen::comparable(&t) { t } else { Type::Int };
                    let op = self.pick(&["==", "!="]);
                    let (a, b) = (self.expr(&t, d), self.expr(&t, d));
                    paren(format!("{a} {op} {b}"))
                }
            },
            Type::Str => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                paren(format!("{a} + {b}"))
            }
            Type::Range => {
                let op = self.pick(&["..", "..="]);
                let (a, b) = (self.expr(&Type::Int, d), self.expr(&Type::Int, d));
                paren(format!("{a} {op} {b}"))
            }
            Type::List(t) => match self.upto(3) {
                0 | 1 => self.comprehension(&t.clone(), d),
                2 => {
                    let n = self.upto(4);
                    let items: Vec<String> = (0..n).map(|_| self.expr(t, d)).collect();
                    if items.is_empty() { self.leaf(ty) } else { format!("[{}]", items.join(", ")) }
                }
                _ => {
                    let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                    paren(format!("{a} + {b}"))
                }
            },
            Type::Tuple(ts) => self.tuple(&ts.clone(), d),
            Type::Record(fs) => self.record_of(&fs.clone(), d),
            Type::Fn(f) => {
                let known = self.named_function(ty);
                match known {
                    Some(name) if self.chance(2) => name,
                    _ => self.lambda(&f.params.clone(), &f.ret.clone(), d),
                }
            }
            Type::Con(_) => self.call(ty, d),
            _ => self.leaf(ty),
        }
    }

    fn tuple(&mut self, ts: &[Type], d: usize) -> String {
        let parts: Vec<String> = ts.iter().map(|t| self.expr(t, d)).collect();
        if let [one] = parts.as_slice() { format!("({one},)") } else { format!("({})", parts.join(", ")) }
    }

    fn record_of(&mut self, fs: &[(nsp::syntax::ast::Name, Type)], d: usize) -> String {
        let mut parts: Vec<String> = fs.iter().map(|(n, t)| format!("{n}: {}", self.expr(t, d))).collect();
        if self.chance(2) {
            parts.reverse();
        }
        format!("({})", parts.join(", "))
    }

    /// A function of the program that has this type.
    fn named_function(&mut self, ty: &Type) -> Option<String> {
        let fits = |c: &Callable| {
            c.sig.vars == 0 && Type::func(c.sig.params.iter().map(|p| p.ty.clone()).collect(), c.sig.ret.clone()) == *ty
        };
        let found: Vec<String> = self.funcs.iter().filter(|c| fits(c)).map(|c| c.name.clone()).collect();
        found.into_iter().find(|n| !self.is_variable(n))
    }

    fn comprehension(&mut self, item: &Type, d: usize) -> String {
        self.scoped(|g| {
            let mut heads = Vec::new();
            for _ in 0..=g.upto(1) {
                let (over, t) = g.iterable(d);
                let name = g.name();
                heads.push(format!("{name} in {over}"));
                g.bind(&name, t, false);
            }
            g.loops += 1;
            let body = g.block(item, d);
            g.loops -= 1;
            paren(format!("for {} {body}", heads.join(", ")))
        })
    }

    /// Something to go over, and what it holds.
    fn iterable(&mut self, d: usize) -> (String, Type) {
        match self.upto(3) {
            0 | 1 => (format!("0..{}", self.upto(4)), Type::Int),
            2 => (self.expr(&Type::Str, d.min(1)), Type::Str),
            _ => {
                let t = self.ty(1);
                (self.expr(&Type::list(t.clone()), d), t)
            }
        }
    }

    fn lambda(&mut self, params: &[Type], ret: &Type, d: usize) -> String {
        let before = (self.loops, self.ret.take(), self.vars.clone());
        self.loops = 0;
        // What is captured is a copy.
        self.vars.iter_mut().for_each(|v| v.mutable = false);
        let mut heads: Vec<String> = Vec::new();
        for t in params {
            let name = self.unused(&heads);
            heads.push(format!("{name}: {t}"));
            self.bind(&name, t.clone(), false);
        }
        let written = if self.chance(3) { format!(" -> {ret}") } else { String::new() };
        if !written.is_empty() {
            self.ret = Some(ret.clone());
        }
        let body = self.block(ret, d);
        (self.loops, self.ret, self.vars) = before;
        format!("fn({}){written} {body}", heads.join(", "))
    }

    /// A parameter name that no parameter so far has.
    fn unused(&mut self, heads: &[String]) -> String {
        loop {
            let name = self.name();
            if !heads.iter().any(|h| h.split(':').next() == Some(&name)) {
                return name;
            }
        }
    }

    fn block(&mut self, ty: &Type, depth: usize) -> String {
        self.scoped(|g| {
            let mut out = String::from("{ ");
            if depth > 0 {
                for _ in 0..g.upto(2).saturating_sub(1) {
                    out.push_str(&g.stmt(depth - 1));
                    out.push_str("; ");
                }
            }
            out.push_str(&g.expr(ty, depth));
            out.push_str(" }");
            out
        })
    }

    fn hole(&mut self, ty: &Type, d: usize) -> String {
        let name = if self.chance(2) { self.name() } else { String::new() };
        match (ty, self.upto(2)) {
            (Type::Int, 0) => format!("??{name}(0..{})", self.upto(16)),
            (Type::Num, 0) => format!("??{name}(0..{}: 0.5)", self.upto(16) + 1),
            (Type::Int | Type::Num, 1) => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                format!("??{name}{{+ | - | *}}({a}, {b})")
            }
            (_, 0 | 1) => {
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                format!("??{name}{{{a} | {b}}}")
            }
            _ if name.is_empty() => "??".into(),
            _ => {
                let t = self.ty(1);
                format!("??{name}({})", self.expr(&t, d))
            }
        }
    }

    /// A call that gives this type.
    fn call(&mut self, ty: &Type, d: usize) -> String {
        for _ in 0..12 {
            let own = !self.funcs.is_empty() && self.chance(3);
            let from: &[Callable] = if own { &self.funcs } else { &CALLABLES };
            let c = from[self.rng.random_range(0..from.len())].clone();
            let mut known = HashMap::new();
            if !fits(&c.sig.ret, ty, &mut known) || self.is_variable(c.name.split('.').next().unwrap_or("")) {
                continue;
            }
            if c.sig.constant {
                return c.name;
            }
            let vars: Vec<Type> =
                (0..c.sig.vars).map(|v| known.get(&v).cloned().unwrap_or_else(|| self.ty(1))).collect();
            return self.call_of(&c, &vars, d);
        }
        // Few operations give this type: any of them.
        let all: Vec<&Callable> = CALLABLES.iter().filter(|c| c.sig.ret == *ty).collect();
        if all.is_empty() || d == 0 {
            return self.leaf(ty);
        }
        let c = all[self.rng.random_range(0..all.len())].clone();
        let vars: Vec<Type> = (0..c.sig.vars).map(|_| self.ty(1)).collect();
        if c.sig.constant { c.name } else { self.call_of(&c, &vars, d) }
    }

    fn call_of(&mut self, c: &Callable, vars: &[Type], d: usize) -> String {
        let mut args = Vec::new();
        for p in &c.sig.params {
            let t = map_vars(&p.ty, &mut |v| vars.get(v as usize).cloned());
            if p.default.is_some() && self.chance(2) {
                break;
            }
            args.push((p.name.clone(), self.argument(&p.name, &t, d)));
        }
        let plain = |args: &[(nsp::syntax::ast::Name, String)]| {
            args.iter().map(|(_, a)| a.clone()).collect::<Vec<_>>().join(", ")
        };
        match (&*c.name, args.as_slice()) {
            ("neg", [(_, a)]) => paren(format!("-{a}")),
            ("not", [(_, a)]) => paren(format!("not {a}")),
            ("[]", [(_, a), (_, i)]) => format!("({a})[{i}]"),
            (op, [(_, a), (_, b)]) if !op.starts_with(|c: char| c.is_alphabetic()) => paren(format!("{a} {op} {b}")),
            (name, [(_, first), rest @ ..]) if !name.contains('.') && self.chance(4) => {
                format!("({first}).{name}({})", plain(rest))
            }
            (name, [(_, first), rest @ ..]) if !name.contains('.') && self.chance(4) => match rest {
                [] if self.chance(2) => paren(format!("{first} |> {name}")),
                _ => paren(format!("{first} |> {name}({})", plain(rest))),
            },
            (name, [(_, first), rest @ ..]) if self.chance(6) => {
                let mut rest: Vec<String> = rest.iter().map(|(n, a)| format!("{n}: {a}")).collect();
                rest.reverse();
                rest.insert(0, first.clone());
                format!("{name}({})", rest.join(", "))
            }
            (name, args) => format!("{name}({})", plain(args)),
        }
    }

    /// An argument: now and then any value of its type, mostly one that makes sense there.
    fn argument(&mut self, name: &str, t: &Type, d: usize) -> String {
        if self.chance(10) {
            return self.expr(t, d);
        }
        match (t, name) {
            (
                Type::Int,
                "w" | "h" | "width" | "height" | "size" | "nx" | "ny" | "nz" | "columns" | "rows" | "cell_w" | "cell_h",
            ) => (self.upto(6) + 1).to_string(),
            (Type::Int, "n" | "i" | "count" | "k1" | "k2" | "i1" | "i2" | "digits" | "bins" | "samples") => {
                (self.upto(4) as i64 - i64::from(self.chance(4))).to_string()
            }
            (Type::Str, "filter") => self.pick(&["\"smooth\"", "\"nearest\"", "\"none\""]).into(),
            (Type::Str, "d1" | "d2" | "sep" | "r" | "r1" | "r2") => {
                self.pick(&["\" \"", "\",\"", "\"-\"", "\".\"", "\"\""]).into()
            }
            _ => self.expr(t, d),
        }
    }

    fn leaf(&mut self, ty: &Type) -> String {
        if !self.chance(3) {
            let known = self.visible(|v| v.ty == *ty);
            if !known.is_empty() {
                return known[self.rng.random_range(0..known.len())].name.clone();
            }
        }
        match ty {
            Type::Unit => "()".into(),
            Type::Int => match self.upto(12) {
                0 => self
                    .pick(&["9223372036854775807", "4611686018427387904", "1000000", "(-9223372036854775807 - 1)"])
                    .into(),
                1 => format!("(-{})", self.upto(9)),
                _ => self.upto(9).to_string(),
            },
            Type::Num => match self.upto(9) {
                0 => self.pick(&["1e300", "5e-324", "inf", "nan", "(-0.0)", "1e17"]).into(),
                1 => format!("{}deg", self.upto(360)),
                2 => self.upto(9).to_string(),
                3 => format!("(-{:?})", self.upto(40) as f64 / 8.0),
                _ => format!("{:?}", self.upto(80) as f64 / 8.0),
            },
            Type::Bool => self.pick(&["true", "false"]).into(),
            Type::Str => {
                let n = self.upto(4);
                let mut text = String::from("\"");
                for _ in 0..n {
                    text.push_str(
                        self.pick(&["a", "B c", " ", "-", "12", ",", "\\n", "é", "\\\"", "x.y", "😀", "Mia"]),
                    );
                }
                text.push('"');
                text
            }
            Type::Range => {
                let (a, b) = (self.upto(4), self.upto(6));
                format!("({a}..{b})")
            }
            Type::List(t) => {
                let n = self.upto(2) + 1;
                let items: Vec<String> = (0..n).map(|_| self.leaf(t)).collect();
                format!("[{}]", items.join(", "))
            }
            Type::Tuple(ts) => self.tuple(&ts.clone(), 0),
            Type::Record(fs) => self.record_of(&fs.clone(), 0),
            Type::Fn(f) => self.lambda(&f.params.clone(), &f.ret.clone(), 0),
            Type::Con(n) => self.object(n),
            Type::Var(_) => "0".into(),
        }
    }

    fn object(&mut self, name: &str) -> String {
        let (a, b, c) = (self.upto(9), self.upto(9), self.upto(5) + 1);
        match name {
            "shape2" => match self.upto(3) {
                0 => format!("rect({a}, {b}, {c}, 2.5, 30deg)"),
                1 => format!("polygon([(0, 0), ({a}, 0), (0, {b})])"),
                2 => format!("half_plane({a}, {b}, 45deg)"),
                _ => format!("circle({a}, {b}, {c})"),
            },
            "shape3" => match self.upto(2) {
                0 => format!("box({a}, {b}, 1, {c}, 2, 3)"),
                1 => format!("cone({a}, {b}, 1, {c}, 2)"),
                _ => format!("sphere({a}, {b}, 1, {c})"),
            },
            "image" => format!("blank({c}, {}, {a}, {b})", self.upto(4) + 1),
            "voxels" => format!("voxels(sphere(1, 1, 1, {c}), {c})"),
            "grid" => format!("grid({c}, 2, 2, {c})"),
            "placement" => format!("draw({c}, 1, blank(2, 2))"),
            "table" => format!("table([\"a\", \"b\"], [[\"{a}\", \"{b}\"]])"),
            "json" => match self.upto(2) {
                0 => "null".into(),
                1 => format!("parse_json(\"[{a}, {{\\\"k\\\": {b}}}]\")"),
                _ => format!("json({a})"),
            },
            "token" => self.pick(&["NUMBER", "WORD", "ALPHANUM", "PROP_CASE", "DIGIT", "CHAR"]).into(),
            "case" => "PROPER".into(),
            "boundary" => self.pick(&["START", "END"]).into(),
            other => format!("{other}()"),
        }
    }

    // ---- statements

    fn binding(&mut self, variables: bool) -> String {
        let d = self.upto(3) + 1;
        let mutable = variables && self.chance(2);
        let word = if mutable { "var" } else { "let" };
        if variables && self.chance(6) {
            let (a, b) = (self.ty(1), self.ty(1));
            let e = self.tuple(&[a.clone(), b.clone()], d);
            let (x, y) = (self.name(), self.name());
            self.bind(&x, a, mutable);
            self.bind(&y, b, mutable);
            return format!("{word} ({x}, {y}) = {e}");
        }
        let t = self.ty(2);
        let e = self.expr(&t, d);
        // What functions see keeps its name, so that a function may be read again after the last line.
        let name = if variables { self.name() } else { format!("top{}", self.vars.len()) };
        // An int literal without a written type is an int.
        let written = if t == Type::Num || self.chance(2) || has(&t, &|t| *t == Type::Num) {
            format!(": {t}")
        } else {
            String::new()
        };
        self.bind(&name, t, mutable);
        format!("{word} {name}{written} = {e}")
    }

    fn stmt(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.upto(if depth == 0 { 6 } else { 12 }) {
            0..=2 => self.binding(true),
            3..=5 => self.assignment(d).unwrap_or_else(|| self.binding(true)),
            6 => {
                let t = self.ty(1);
                format!("print({})", self.expr(&t, d))
            }
            7 => {
                let c = self.expr(&Type::Bool, d);
                let then = self.body(d);
                let otherwise = if self.chance(2) { format!(" else {}", self.body(d)) } else { String::new() };
                format!("if {c} {then}{otherwise}")
            }
            8 => {
                let n = ["i", "j", "k"][self.upto(2)];
                let most = self.upto(5);
                let body = self.scoped(|g| {
                    g.bind(n, Type::Int, false);
                    g.loops += 1;
                    let body = g.body(d);
                    g.loops -= 1;
                    body
                });
                format!("var {n} = 0; while {n} < {most} {{ {n} += 1; {body} }}")
            }
            9 | 10 => self.scoped(|g| {
                let (over, t) = g.iterable(d);
                let name = g.name();
                g.bind(&name, t, false);
                g.loops += 1;
                let body = g.body(d);
                g.loops -= 1;
                format!("for {name} in {over} {body}")
            }),
            11 if self.loops > 0 => {
                let c = self.expr(&Type::Bool, d);
                let word = self.pick(&["break", "continue"]);
                format!("if {c} {{ {word} }}")
            }
            11 => match self.ret.clone() {
                Some(t) => {
                    let (c, e) = (self.expr(&Type::Bool, d), self.expr(&t, d));
                    format!("if {c} {{ return {e} }}")
                }
                None => self.binding(true),
            },
            _ => {
                let t = self.ty(2);
                self.expr(&t, d)
            }
        }
    }

    /// A block of statements.
    fn body(&mut self, depth: usize) -> String {
        self.scoped(|g| {
            let n = g.upto(2);
            let stmts: Vec<String> = (0..n).map(|_| g.stmt(depth)).collect();
            // A block may not end in a binding's value, so it ends in nothing.
            format!("{{ {} }}", stmts.join("; "))
        })
    }

    fn assignment(&mut self, d: usize) -> Option<String> {
        let known = self.visible(|v| v.mutable);
        if known.is_empty() {
            return None;
        }
        let v = known[self.rng.random_range(0..known.len())].clone();
        let (mut target, mut t) = (v.name.clone(), v.ty.clone());
        while self.chance(2) || matches!(t, Type::Fn(_)) {
            t = match &t {
                Type::List(item) => {
                    let i = if self.chance(4) { self.expr(&Type::Int, d.min(1)) } else { "0".into() };
                    let _ = write!(target, "[{i}]");
                    (**item).clone()
                }
                Type::Tuple(ts) => {
                    let i = self.upto(ts.len() - 1);
                    let _ = write!(target, "[{i}]");
                    ts[i].clone()
                }
                Type::Record(fs) => {
                    let i = self.upto(fs.len() - 1);
                    let _ = write!(target, ".{}", fs[i].0);
                    fs[i].1.clone()
                }
                _ => break,
            };
        }
        let e = self.expr(&t, d);
        let op = match t {
            Type::Int | Type::Num if self.chance(2) => self.pick(&["+=", "-=", "*="]),
            Type::Str | Type::List(_) if self.chance(2) => "+=",
            _ => "=",
        };
        Some(format!("{target} {op} {e}"))
    }

    // ---- functions

    fn function(&mut self) -> String {
        let name = format!("{}{}", self.pick(&["go", "step", "mix"]), self.funcs.len());
        let ret = self.ty(2);
        let n = self.upto(3);
        let params: Vec<Type> = (0..n).map(|_| self.ty(2)).collect();
        let mut heads: Vec<String> = Vec::new();
        let mut sig = Vec::new();
        for t in &params {
            let p = self.unused(&heads);
            let default = if self.chance(8) && matches!(t, Type::Int | Type::Str | Type::Bool) {
                Some(match t {
                    Type::Int => "7",
                    Type::Str => "\"d\"",
                    _ => "true",
                })
            } else {
                None
            };
            // What follows a default has one too: else it could not be left out.
            let default = if default.is_some() && heads.len() + 1 == params.len() { default } else { None };
            heads.push(format!("{p}: {t}{}", default.map_or(String::new(), |d| format!(" = {d}"))));
            sig.push(format!("{p}: {t}{}", default.map_or(String::new(), |d| format!(" = {d}"))));
        }
        // A function sees the values above it but no variable.
        let outer = self.vars.clone();
        let visible = self.visible(|v| !v.mutable);
        self.vars = visible;
        self.vars.reverse();
        for (h, t) in heads.iter().zip(&params) {
            let p = h.split(':').next().unwrap_or("a").to_string();
            self.bind(&p, t.clone(), false);
        }
        let parsed = Sig::parse(&format!("({}) -> {ret}", sig.join(", ")));
        let callable = parsed.ok().map(|sig| Callable { name: name.clone(), sig: Arc::new(sig) });
        // Now and then it may call itself.
        let recursive = self.chance(4);
        if let (true, Some(c)) = (recursive, &callable) {
            self.funcs.push(c.clone());
        }
        let inferred = !recursive && self.chance(4) && !has(&ret, &|t| *t == Type::Num);
        self.ret = (!inferred).then(|| ret.clone());
        let body = self.block(&ret, 4);
        self.ret = None;
        self.vars = outer;
        if let (false, Some(c)) = (recursive, callable) {
            self.funcs.push(c);
        }
        let written = if inferred { String::new() } else { format!(" -> {ret}") };
        let doc = if self.chance(4) { "/// What it does,\n/// in two lines.\n" } else { "" };
        format!("{doc}fn {name}({}){written} {body}", heads.join(", "))
    }

    /// A function of any type, from a few that are.
    fn generic(&mut self) -> String {
        const KINDS: &[(&str, &str)] = &[
            ("(x) { (x, x) }", "(x: A) -> (A, A)"),
            ("(f, v) { f(f(v)) }", "(f: fn(A) -> A, v: A) -> A"),
            ("(xs, f) { for x in xs { f(x) } }", "(xs: [A], f: fn(A) -> B) -> [B]"),
            ("(a, b, c) { if c { a } else { b } }", "(a: A, b: A, c: bool) -> A"),
            ("(x: A, y: B) -> (B, A) { (y, x) }", "(x: A, y: B) -> (B, A)"),
            ("(x, n) { if n <= 0 { [x] } else { [x] + [x] } }", "(x: A, n: int) -> [A]"),
            ("(f, g) { fn(x) { g(f(x)) } }", "(f: fn(A) -> B, g: fn(B) -> C) -> fn(A) -> C"),
            ("(x) { fn() { x } }", "(x: A) -> fn() -> A"),
        ];
        let (body, sig) = KINDS[self.rng.random_range(0..KINDS.len())];
        let name = format!("any{}", self.funcs.len());
        if let Ok(sig) = Sig::parse(sig) {
            self.funcs.push(Callable { name: name.clone(), sig: Arc::new(sig) });
        }
        format!("fn {name}{body}")
    }
}

/// Whether some part of a type is as wanted.
fn has(t: &Type, is: &dyn Fn(&Type) -> bool) -> bool {
    is(t)
        || match t {
            Type::List(t) => has(t, is),
            Type::Tuple(ts) => ts.iter().any(|t| has(t, is)),
            Type::Record(fs) => fs.iter().any(|f| has(&f.1, is)),
            Type::Fn(f) => f.params.iter().any(|t| has(t, is)) || has(&f.ret, is),
            _ => false,
        }
}

/// Whether a signature's type becomes the wanted one for some types of its variables.
fn fits(sig: &Type, want: &Type, known: &mut HashMap<u32, Type>) -> bool {
    match (sig, want) {
        (Type::Var(v), t) => *known.entry(*v).or_insert_with(|| t.clone()) == *t,
        (Type::List(a), Type::List(b)) => fits(a, b, known),
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| fits(a, b, known))
        }
        (Type::Fn(a), Type::Fn(b)) => {
            a.params.len() == b.params.len()
                && a.params.iter().zip(&b.params).all(|(a, b)| fits(a, b, known))
                && fits(&a.ret, &b.ret, known)
        }
        (a, b) => a == b,
    }
}
