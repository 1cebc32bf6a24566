//! Random functions of numbers that can be relaxed, as text, made by types so that all of them check; the same seed gives
//! the same function. Domains are kept so that most calls give a finite number.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::fmt::Write;

/// Types of relaxed programs. Lists have a known length.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Num,
    Int,
    Bool,
    Tuple(Vec<Ty>),
    Record(Vec<(&'static str, Ty)>),
    List(Box<Ty>, usize),
    Shape2,
    Shape3,
}

/// A program: its text defines the function `f`, whose parameters have these types.
pub struct Program {
    pub text: String,
    pub params: Vec<Ty>,
    /// Whether it has holes or sketches.
    pub sketch: bool,
}

/// The program of a seed. About half of them are sketches.
pub fn program(seed: u64) -> Program {
    let mut g = Gen {
        rng: StdRng::seed_from_u64(seed),
        vars: Vec::new(),
        funcs: Vec::new(),
        names: 0,
        left: 40,
        holes: false,
        returns: None,
        sketch: false,
    };
    let mut text = String::new();
    for _ in 0..g.below(3) {
        let n = g.below(2) + 1;
        let params = (0..n).map(|_| g.flat_ty()).collect();
        let ret = g.flat_ty();
        let name = g.fresh("g");
        text += &g.function(&name, &params, &ret);
        g.funcs.push(Func { name, params, ret });
    }
    g.left = 40;
    g.holes = g.chance(2);
    let n = g.below(4) + 1;
    let params: Vec<Ty> = (0..n).map(|_| g.data_ty()).collect();
    let ret = match g.below(10) {
        0 => Ty::Bool,
        1 => Ty::Int,
        2 | 3 => g.data_ty(),
        _ => Ty::Num,
    };
    text += &g.function("f", &params, &ret);
    Program { text, params, sketch: g.sketch }
}

#[derive(Clone)]
struct Var {
    name: String,
    ty: Ty,
    mutable: bool,
    /// An int that is the same for all inputs, from 0 to 3.
    known: bool,
}

struct Func {
    name: String,
    params: Vec<Ty>,
    ret: Ty,
}

struct Gen {
    rng: StdRng,
    vars: Vec<Var>,
    funcs: Vec<Func>,
    names: usize,
    /// How many more expressions may be made of parts.
    left: usize,
    /// Whether holes may stand here: only in the function that is relaxed.
    holes: bool,
    /// What `return` may give here.
    returns: Option<Ty>,
    sketch: bool,
}

fn written(ty: &Ty) -> String {
    match ty {
        Ty::Num => "num".into(),
        Ty::Int => "int".into(),
        Ty::Bool => "bool".into(),
        Ty::Tuple(ts) => format!("({})", ts.iter().map(written).collect::<Vec<_>>().join(", ")),
        Ty::Record(fs) => {
            let fields: Vec<String> = fs.iter().map(|(n, t)| format!("{n}: {}", written(t))).collect();
            format!("({})", fields.join(", "))
        }
        Ty::List(t, _) => format!("[{}]", written(t)),
        Ty::Shape2 => "shape2".into(),
        Ty::Shape3 => "shape3".into(),
    }
}

impl Gen {
    /// `0..n`, at random.
    fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    /// Once in `n`.
    fn chance(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick(&mut self, from: &[&str]) -> String {
        from[self.below(from.len())].to_string()
    }

    fn fresh(&mut self, start: &str) -> String {
        self.names += 1;
        format!("{start}{}", self.names)
    }

    // ---- types

    fn flat_ty(&mut self) -> Ty {
        [Ty::Num, Ty::Num, Ty::Num, Ty::Int, Ty::Bool][self.below(5)].clone()
    }

    fn data_ty(&mut self) -> Ty {
        match self.below(12) {
            0 => {
                let n = self.below(2) + 2;
                Ty::Tuple((0..n).map(|_| self.flat_ty()).collect())
            }
            1 => Ty::Record(vec![("a", self.flat_ty()), ("b", self.flat_ty())]),
            2 | 3 => self.list_ty(),
            4 => Ty::Int,
            5 => Ty::Bool,
            _ => Ty::Num,
        }
    }

    fn list_ty(&mut self) -> Ty {
        let item = match self.below(8) {
            0 => Ty::Int,
            1 => Ty::Tuple(vec![Ty::Num, Ty::Num]),
            _ => Ty::Num,
        };
        Ty::List(Box::new(item), self.below(3) + 2)
    }

    // ---- scope

    fn bind(&mut self, name: &str, ty: Ty, mutable: bool) {
        self.vars.push(Var { name: name.into(), ty, mutable, known: false });
    }

    fn bind_known(&mut self, name: &str) {
        self.vars.push(Var { name: name.into(), ty: Ty::Int, mutable: false, known: true });
    }

    fn scoped<T>(&mut self, f: impl FnOnce(&mut Gen) -> T) -> T {
        let n = self.vars.len();
        let out = f(self);
        self.vars.truncate(n);
        out
    }

    fn variable(&mut self, keep: impl Fn(&Var) -> bool) -> Option<Var> {
        let fit: Vec<Var> = self.vars.iter().filter(|v| keep(v)).cloned().collect();
        if fit.is_empty() { None } else { Some(fit[self.below(fit.len())].clone()) }
    }

    fn function(&mut self, name: &str, params: &Vec<Ty>, ret: &Ty) -> String {
        let outer = std::mem::take(&mut self.vars);
        let mut list = Vec::new();
        for ty in params {
            let p = self.fresh("p");
            list.push(format!("{p}: {}", written(ty)));
            self.bind(&p, ty.clone(), false);
        }
        self.returns = Some(ret.clone());
        let n = self.below(5);
        let mut body = String::new();
        for _ in 0..n {
            body += &self.stmt(2);
        }
        let last = self.expr(ret, 3);
        self.returns = None;
        self.vars = outer;
        format!("fn {name}({}) -> {} {{\n{body}{last}\n}}\n", list.join(", "), written(ret))
    }

    /// A function value. Variables that change are not captured.
    fn lambda(&mut self, params: &[Ty], ret: &Ty, depth: usize) -> String {
        let (holes, returns) = (std::mem::take(&mut self.holes), self.returns.replace(ret.clone()));
        let vars = self.vars.clone();
        self.vars.retain(|v| !v.mutable);
        let mut list = Vec::new();
        for ty in params {
            let p = self.fresh("q");
            list.push(format!("{p}: {}", written(ty)));
            self.bind(&p, ty.clone(), false);
        }
        let early = if self.chance(5) { self.stmt(1) } else { String::new() };
        let body = self.expr(ret, depth);
        (self.holes, self.returns, self.vars) = (holes, returns, vars);
        let separator = if early.is_empty() { " " } else { "\n" };
        format!("fn({}) -> {} {{{separator}{early}{body} }}", list.join(", "), written(ret))
    }

    // ---- statements, each with the end of its line

    fn stmt(&mut self, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.below(14) {
            0..=2 => {
                let ty = match self.below(6) {
                    0 => self.list_ty(),
                    1 => Ty::Shape2,
                    2 => self.data_ty(),
                    _ => Ty::Num,
                };
                let e = self.expr(&ty, 3);
                let v = self.fresh("v");
                self.bind(&v, ty.clone(), false);
                // Without its type, a whole number may become a num by the way it is used.
                let open = matches!(ty, Ty::Num | Ty::Bool | Ty::Shape2) && self.chance(2);
                let ty = if open { String::new() } else { format!(": {}", written(&ty)) };
                format!("let {v}{ty} = {e}\n")
            }
            3 | 4 => {
                let ty = if self.chance(4) { self.data_ty() } else { Ty::Num };
                let e = self.expr(&ty, 2);
                let v = self.fresh("m");
                self.bind(&v, ty.clone(), true);
                format!("var {v}: {} = {e}\n", written(&ty))
            }
            5 | 6 => self.assign(),
            7 | 8 if depth > 0 => {
                let c = self.expr(&Ty::Bool, 2);
                let then = self.scoped(|g| g.body(d));
                if self.chance(2) {
                    let otherwise = self.scoped(|g| g.body(d));
                    format!("if {c} {{\n{then}}} else {{\n{otherwise}}}\n")
                } else {
                    format!("if {c} {{\n{then}}}\n")
                }
            }
            9 => match self.returns.clone() {
                Some(ty) => {
                    let (c, e) = (self.expr(&Ty::Bool, 2), self.expr(&ty, 2));
                    format!("if {c} {{ return {e} }}\n")
                }
                None => self.assign(),
            },
            10 | 11 if depth > 0 => self.looped(d),
            12 => {
                let (a, b) = (self.fresh("v"), self.fresh("v"));
                let (x, y) = (self.expr(&Ty::Num, 2), self.expr(&Ty::Bool, 2));
                self.bind(&b, Ty::Bool, false);
                self.bind(&a, Ty::Num, false);
                format!("let ({a}, {b}) = ({x}, {y})\n")
            }
            _ => {
                let f = self.lambda(&[Ty::Num], &Ty::Num, 2);
                let (h, v) = (self.fresh("h"), self.fresh("v"));
                let x = self.expr(&Ty::Num, 1);
                self.bind(&v, Ty::Num, false);
                format!("let {h} = {f}\nlet {v} = {h}({x}) + {h}(0.5)\n")
            }
        }
    }

    fn body(&mut self, depth: usize) -> String {
        let n = self.below(2) + 1;
        (0..n).map(|_| self.stmt(depth)).collect()
    }

    fn assign(&mut self) -> String {
        let Some(v) = self.variable(|v| v.mutable) else {
            let e = self.expr(&Ty::Num, 2);
            let v = self.fresh("m");
            self.bind(&v, Ty::Num, true);
            return format!("var {v}: num = {e}\n");
        };
        let name = &v.name;
        match &v.ty {
            Ty::Num if self.chance(2) => {
                let op = self.pick(&["+=", "-=", "*="]);
                format!("{name} {op} {}\n", self.expr(&Ty::Num, 2))
            }
            Ty::Record(fs) if self.chance(2) => {
                let (field, ty) = fs[self.below(fs.len())].clone();
                format!("{name}.{field} = {}\n", self.expr(&ty, 2))
            }
            Ty::List(t, n) if self.chance(2) => {
                let i = self.index(*n);
                format!("{name}[{i}] = {}\n", self.expr(t, 2))
            }
            ty => format!("{name} = {}\n", self.expr(ty, 2)),
        }
    }

    fn looped(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 => {
                // Ends at a number that may be a hole.
                let k = self.fresh("i");
                let n = self.count();
                self.scoped(|g| {
                    g.bind_known(&k);
                    format!("for {k} in 0..{n} {{\n{}}}\n", g.body(depth))
                })
            }
            1 => {
                let (i, j) = (self.fresh("i"), self.fresh("i"));
                self.scoped(|g| {
                    g.bind_known(&i);
                    g.bind_known(&j);
                    format!("for {i} in 0..2, {j} in {i}..3 {{\n{}}}\n", g.body(depth))
                })
            }
            2 => {
                let ty = self.list_ty();
                let Ty::List(item, _) = &ty else { return String::new() };
                let (xs, l, x) = (self.expr(&ty, 2), self.fresh("l"), self.fresh("x"));
                self.scoped(|g| {
                    g.bind(&x, (**item).clone(), false);
                    // Without its type, a list of whole numbers may become one of nums by the way it is used.
                    format!("let {l}: {} = {xs}\nfor {x} in {l} {{\n{}}}\n", written(&ty), g.body(depth))
                })
            }
            3 => {
                let (xs, i, x) = (self.numbers(2), self.fresh("i"), self.fresh("x"));
                self.scoped(|g| {
                    g.bind_known(&i);
                    g.bind(&x, Ty::Num, false);
                    format!("for ({i}, {x}) in enumerate({xs}) {{\n{}}}\n", g.body(depth))
                })
            }
            4 => {
                let k = self.fresh("k");
                self.scoped(|g| {
                    g.bind_known(&k);
                    format!("var {k} = 0\nwhile {k} < 3 {{\n{}{k} += 1\n}}\n", g.body(depth))
                })
            }
            _ => {
                let k = self.fresh("i");
                let leave = self.pick(&["continue", "break"]);
                self.scoped(|g| {
                    g.bind_known(&k);
                    format!("for {k} in 0..3 {{\nif {k} == 1 {{ {leave} }}\n{}}}\n", g.body(depth))
                })
            }
        }
    }

    // ---- expressions

    fn index(&mut self, len: usize) -> String {
        match self.variable(|v| v.known) {
            Some(v) if self.chance(2) => format!("{} % {len}", v.name),
            _ => self.below(len).to_string(),
        }
    }

    /// How many: an int that is known, or a hole with a range.
    fn count(&mut self) -> String {
        if self.holes && self.chance(3) {
            self.sketch = true;
            return self.pick(&["??(1..3)", "??(0..2)"]);
        }
        self.pick(&["1", "2", "3"])
    }

    fn expr(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 || self.left == 0 {
            return self.leaf(ty);
        }
        self.left -= 1;
        let d = depth - 1;
        match self.below(24) {
            0..=2 => self.leaf(ty),
            3 | 4 => {
                let (c, a, b) = (self.expr(&Ty::Bool, d), self.expr(ty, d), self.expr(ty, d));
                format!("(if {c} {{ {a} }} else {{ {b} }})")
            }
            5 => {
                let bound = self.flat_ty();
                let e = self.expr(&bound, d);
                let v = self.fresh("v");
                self.scoped(|g| {
                    g.bind(&v, bound.clone(), false);
                    format!("{{ let {v}: {} = {e}; {} }}", written(&bound), g.expr(ty, d))
                })
            }
            6 => match (0..self.funcs.len()).find(|i| self.funcs[*i].ret == *ty) {
                Some(i) => {
                    let (name, params) = (self.funcs[i].name.clone(), self.funcs[i].params.clone());
                    let args: Vec<String> = params.iter().map(|t| self.expr(t, d)).collect();
                    format!("{name}({})", args.join(", "))
                }
                None => self.leaf(ty),
            },
            7 => {
                let f = self.lambda(&[Ty::Num], ty, d);
                format!("({f})({})", self.expr(&Ty::Num, d))
            }
            8 if self.holes => {
                self.sketch = true;
                let (a, b) = (self.expr(ty, d), self.expr(ty, d));
                format!("(??{{{a} | {b}}})")
            }
            9 => {
                let (other, mine) = (self.flat_ty(), self.expr(ty, d));
                let (a, b) = (self.expr(&other, d), self.expr(&Ty::Bool, d));
                match self.below(2) {
                    0 => format!("({a}, {mine}, {b})[1]"),
                    _ => format!("(x: {mine}, y: {a}).x"),
                }
            }
            10 => {
                let (n, i) = (self.below(3) + 1, self.below(3));
                let items: Vec<String> = (0..n).map(|_| self.expr(ty, d)).collect();
                format!("[{}][{}]", items.join(", "), i % n)
            }
            _ => match ty {
                Ty::Num => self.num(d),
                Ty::Int => self.int(d),
                Ty::Bool => self.truth(d),
                Ty::Shape2 => self.shape2(d),
                Ty::Shape3 => self.shape3(d),
                Ty::List(t, n) => self.list(t, *n, d),
                Ty::Tuple(_) | Ty::Record(_) => self.made(ty, d),
            },
        }
    }

    fn made(&mut self, ty: &Ty, d: usize) -> String {
        match ty {
            Ty::Tuple(ts) => {
                let parts: Vec<String> = ts.iter().map(|t| self.expr(t, d)).collect();
                format!("({})", parts.join(", "))
            }
            Ty::Record(fs) => {
                let mut parts: Vec<String> = fs.iter().map(|(n, t)| format!("{n}: {}", self.expr(t, d))).collect();
                if self.chance(2) {
                    parts.reverse();
                }
                format!("({})", parts.join(", "))
            }
            ty => self.expr(ty, d),
        }
    }

    fn leaf(&mut self, ty: &Ty) -> String {
        if let Some(v) = self.variable(|v| v.ty == *ty)
            && !self.chance(4)
        {
            return v.name;
        }
        match ty {
            Ty::Num => match self.below(8) {
                0 if self.holes => {
                    self.sketch = true;
                    self.pick(&["??(0.5..2.5)", "??(-1.0..1.0)", "??(-1.0..2.0: 0.5)"])
                }
                1 => format!("(1.0 * {})", self.leaf(&Ty::Int)),
                2 => match self.variable(|v| matches!(v.ty, Ty::Tuple(_) | Ty::Record(_) | Ty::List(..))) {
                    Some(v) => self.part(&v),
                    None => "pi".into(),
                },
                _ => self.pick(&["0.5", "1.5", "2.0", "0.25", "-1.0", "-0.75", "0.3", "1.1", "2.7", "(-0.4)", "30deg"]),
            },
            Ty::Int => match self.below(6) {
                0 => match self.variable(|v| matches!(v.ty, Ty::List(..))) {
                    Some(v) => format!("len({})", v.name),
                    None => "1".into(),
                },
                _ => self.pick(&["0", "1", "2", "3", "-1", "4"]),
            },
            Ty::Bool => match self.below(4) {
                0 => self.pick(&["true", "false"]),
                _ => {
                    let (a, b) = (self.leaf(&Ty::Num), self.leaf(&Ty::Num));
                    let op = self.pick(&["<", "<=", ">", ">="]);
                    format!("({a} {op} {b})")
                }
            },
            Ty::Shape2 => self.pick(&["circle(0.5, 0.25, 1.5)", "rect(0, 0, 2, 1)", "half_plane(0.1, 0, 30deg)"]),
            Ty::Shape3 => self.pick(&["sphere(0.5, 0.25, 0, 1.5)", "box(0, 0, 0, 2, 1, 3)"]),
            Ty::List(t, n) => {
                let items: Vec<String> = (0..*n).map(|_| self.leaf(t)).collect();
                format!("[{}]", items.join(", "))
            }
            Ty::Tuple(_) | Ty::Record(_) => self.made(ty, 0),
        }
    }

    /// A num that is a part of a variable, or made from one.
    fn part(&mut self, v: &Var) -> String {
        let name = &v.name;
        match &v.ty {
            Ty::Tuple(ts) => match ts.iter().position(|t| *t == Ty::Num) {
                Some(i) => format!("{name}[{i}]"),
                None => "0.5".into(),
            },
            Ty::Record(fs) => match fs.iter().find(|f| f.1 == Ty::Num) {
                Some((field, _)) => format!("{name}.{field}"),
                None => "0.5".into(),
            },
            Ty::List(t, n) => {
                let i = self.index(*n);
                match **t {
                    Ty::Tuple(_) => format!("{name}[{i}][1]"),
                    Ty::Int => format!("(0.5 + {name}[{i}])"),
                    _ => format!("{name}[{i}]"),
                }
            }
            _ => name.clone(),
        }
    }

    /// A num at a little distance from 0.
    fn positive(&mut self, d: usize) -> String {
        let e = self.expr(&Ty::Num, d);
        let least = self.pick(&["0.2", "0.5", "1"]);
        format!("({least} + abs({e}))")
    }

    fn num(&mut self, d: usize) -> String {
        let e = self.expr(&Ty::Num, d);
        match self.below(34) {
            0..=3 => {
                let op = self.pick(&["+", "-", "*"]);
                format!("({e} {op} {})", self.expr(&Ty::Num, d))
            }
            4 => format!("({e} / {})", self.positive(d)),
            5 => format!("({e} / {})", self.expr(&Ty::Num, d)),
            6 => format!("(-{e})"),
            7 => {
                let f = self.pick(&["min", "max", "hypot", "atan2"]);
                format!("{f}({e}, {})", self.expr(&Ty::Num, d))
            }
            8 => format!("abs({e})"),
            9 => format!("clamp({e}, {}, {})", self.pick(&["-1", "-0.5", "0"]), self.pick(&["0.75", "1", "2"])),
            10 => format!("sign({e})"),
            11 => format!("({e} % {})", self.positive(d)),
            12 => format!("({e} ^ {})", self.pick(&["2", "3", "2.0"])),
            13 => format!("({} ^ clamp({e}, -2, 2))", self.positive(d)),
            14 | 15 => {
                let f = self.pick(&["sin", "cos", "tanh", "sigmoid", "atan"]);
                format!("{f}({e})")
            }
            16 => format!("tan(clamp({e}, -1.2, 1.2))"),
            17 => format!("exp(clamp({e}, -4, 3))"),
            18 => format!("ln({})", self.positive(d)),
            19 => format!("sqrt({})", self.positive(d)),
            20 => format!("{}(tanh({e}))", self.pick(&["asin", "acos"])),
            21 => format!("{}({e})", self.pick(&["degrees", "radians"])),
            22 => {
                // An int is widened: by an operator, as an argument.
                let n = format!("(1 * {})", self.expr(&Ty::Int, d));
                if self.chance(2) { format!("({e} - {n})") } else { format!("lerp({n}, {e}, 0.25)") }
            }
            23 => format!("num({})", self.expr(&Ty::Int, d)),
            24 | 25 => {
                let f = self.pick(&["sum", "min", "max", "mean", "product", "first", "last", "variance"]);
                format!("{f}({})", self.numbers(d))
            }
            26 => {
                let (xs, f) = (self.numbers(d), self.lambda(&[Ty::Num, Ty::Num], &Ty::Num, d));
                if self.chance(2) { format!("fold({xs}, {e}, {f})") } else { format!("reduce({xs}, {f})") }
            }
            27 => {
                let f = self.lambda(&[Ty::Num], &Ty::Num, d);
                match self.below(2) {
                    0 => format!("iterate({f}, {e}, 2)"),
                    _ => format!("compose({f}, fn(t: num) -> num {{ t * 0.5 }})({e})"),
                }
            }
            28 => format!("lerp({e}, {}, {})", self.expr(&Ty::Num, d), self.expr(&Ty::Num, d)),
            29 => {
                let (xs, f) = (self.numbers(d), self.lambda(&[Ty::Num], &Ty::Bool, d));
                format!("find({xs}, {f}, {e})")
            }
            30 => {
                let pairs = self.expr(&Ty::List(Box::new(Ty::Tuple(vec![Ty::Num, Ty::Num])), 2), d);
                format!("sum(map({pairs}, fn(t: (num, num)) -> num {{ t[0] * t[1] }}))")
            }
            31 => {
                let (xs, ys) = (self.numbers(d), self.numbers(d));
                let (a, b) = (self.fresh("x"), self.fresh("x"));
                format!("sum(for ({a}, {b}) in zip({xs}, {ys}) {{ {a} * {b} }})")
            }
            32 if self.holes => {
                self.sketch = true;
                let ops = self.pick(&["+ | - | *", "min | max", "hypot | + | atan2"]);
                format!("??{{{ops}}}({e}, {})", self.expr(&Ty::Num, d))
            }
            33 if self.holes => {
                self.sketch = true;
                let ops = self.pick(&[r#""+", "*""#, r#""keep", "-", "max""#, r#""+""#, r#""min", "hypot""#]);
                let more = self.leaf(&Ty::Num);
                let size = self.below(3) + 1;
                if self.chance(2) {
                    format!("straightline([{e}, {more}], ops: [{ops}], lines: {size})")
                } else {
                    format!("syntax_tree([{e}, {more}, 0.5], ops: [{ops}], depth: {size})")
                }
            }
            _ => format!("(1.5 * {e})"),
        }
    }

    /// A list of two to four nums.
    fn numbers(&mut self, d: usize) -> String {
        let n = self.below(3) + 2;
        self.expr(&Ty::List(Box::new(Ty::Num), n), d)
    }

    fn int(&mut self, d: usize) -> String {
        let e = self.expr(&Ty::Int, d);
        match self.below(14) {
            0..=2 => {
                let op = self.pick(&["+", "-", "*"]);
                format!("({e} {op} {})", self.expr(&Ty::Int, d))
            }
            3 => format!("({e} % {})", self.pick(&["2", "3", "5", "-3"])),
            4 => format!("({e} ^ {})", self.pick(&["2", "3"])),
            5 => format!("(-{e})"),
            6 => format!("{}({e}, {})", self.pick(&["min", "max"]), self.expr(&Ty::Int, d)),
            7 => format!("abs({e})"),
            8 => format!("sign({e})"),
            9 => format!("clamp({e}, -1, 3)"),
            10 => {
                let f = self.pick(&["sum", "min", "max", "product"]);
                let n = self.below(3) + 1;
                format!("{f}({})", self.expr(&Ty::List(Box::new(Ty::Int), n), d))
            }
            11 => {
                let (xs, f) = (self.numbers(d), self.lambda(&[Ty::Num], &Ty::Bool, d));
                let g = self.pick(&["count_if", "find_index"]);
                format!("{g}({xs}, {f})")
            }
            12 if self.holes => {
                self.sketch = true;
                let v = self.fresh("v");
                format!("{{ let {v}: int = ??(-1..3); {v} + {e} }}")
            }
            _ => format!("len({})", self.numbers(d)),
        }
    }

    fn truth(&mut self, d: usize) -> String {
        match self.below(13) {
            0..=2 => {
                let (a, b) = (self.expr(&Ty::Num, d), self.expr(&Ty::Num, d));
                let op = self.pick(&["<", "<=", ">", ">=", "<", ">", "==", "!="]);
                format!("({a} {op} {b})")
            }
            3 | 4 => {
                let (a, b) = (self.expr(&Ty::Int, d), self.expr(&Ty::Int, d));
                let op = self.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("({a} {op} {b})")
            }
            5 | 6 => {
                let (a, b) = (self.expr(&Ty::Bool, d), self.expr(&Ty::Bool, d));
                let op = self.pick(&["and", "or", "and", "or", "==", "!="]);
                format!("({a} {op} {b})")
            }
            7 => format!("(not {})", self.expr(&Ty::Bool, d)),
            8 | 9 => {
                let s = self.expr(&Ty::Shape2, d + 1);
                format!("inside({s}, {}, {})", self.expr(&Ty::Num, d), self.expr(&Ty::Num, d))
            }
            10 => {
                let s = self.expr(&Ty::Shape3, d + 1);
                let at: Vec<String> = (0..3).map(|_| self.expr(&Ty::Num, d)).collect();
                format!("inside({s}, {})", at.join(", "))
            }
            _ => {
                let (xs, f) = (self.numbers(d), self.lambda(&[Ty::Num], &Ty::Bool, d));
                format!("{}({xs}, {f})", self.pick(&["all", "any"]))
            }
        }
    }

    fn list(&mut self, t: &Ty, n: usize, d: usize) -> String {
        let item = |g: &mut Gen, n: usize| {
            let items: Vec<String> = (0..n).map(|_| g.expr(t, d)).collect();
            format!("[{}]", items.join(", "))
        };
        let of = |n| Ty::List(Box::new(t.clone()), n);
        let nums = Ty::List(Box::new(Ty::Num), n);
        match self.below(14) {
            0 => {
                let (xs, f) = (self.expr(&nums, d), self.lambda(&[Ty::Num], t, d));
                format!("map({xs}, {f})")
            }
            1 => {
                let i = self.fresh("i");
                let returns = self.returns.take();
                let out = self.scoped(|g| {
                    g.bind_known(&i);
                    format!("(for {i} in 0..{n} {{ {} }})", g.expr(t, d))
                });
                self.returns = returns;
                out
            }
            2 => format!("reverse({})", self.expr(&of(n), d)),
            3 if n > 1 => format!("push({}, {})", self.expr(&of(n - 1), d), self.expr(t, d)),
            4 if n > 1 => {
                let k = self.below(n - 1) + 1;
                format!("({} + {})", self.expr(&of(k), d), self.expr(&of(n - k), d))
            }
            5 => format!("take({}, {n})", self.expr(&of(n + 1), d)),
            6 => format!("drop({}, 1)", self.expr(&of(n + 1), d)),
            7 => format!("{}[1..{}]", self.expr(&of(n + 1), d), n + 1),
            8 if n > 1 && *t == Ty::Num => {
                let (xs, f) =
                    (self.expr(&Ty::List(Box::new(Ty::Num), n - 1), d), self.lambda(&[Ty::Num, Ty::Num], t, d));
                format!("scan({xs}, {}, {f})", self.expr(t, d))
            }
            9 => {
                let (xs, ys) = (self.expr(&nums, d), self.expr(&nums, d));
                if *t == Ty::Tuple(vec![Ty::Num, Ty::Num]) {
                    return format!("zip({xs}, {ys})");
                }
                let f = self.lambda(&[Ty::Num, Ty::Num], t, d);
                format!("zip_with({xs}, {ys}, {f})")
            }
            10 if n.is_multiple_of(2) => format!("repeat_list({}, 2)", self.expr(&of(n / 2), d)),
            11 => format!("flatten([{}])", self.expr(&of(n), d)),
            12 if n == 2 => {
                let k = self.below(2) + 1;
                format!("transpose([{}, {}])[0]", self.expr(&of(k), d), self.expr(&of(k), d))
            }
            _ => item(self, n),
        }
    }

    // ---- shapes

    /// Arguments of type num, some of them widened ints.
    fn coords(&mut self, n: usize, d: usize) -> String {
        let one =
            |g: &mut Gen| if g.chance(6) { format!("(1 * {})", g.expr(&Ty::Int, d)) } else { g.expr(&Ty::Num, d) };
        (0..n).map(|_| one(self)).collect::<Vec<_>>().join(", ")
    }

    fn shape2(&mut self, d: usize) -> String {
        let d0 = d.min(1);
        match self.below(19) {
            0 => format!("circle({}, {})", self.coords(2, d0), self.positive(d0)),
            1 => format!("rect({}, {}, {})", self.coords(2, d0), self.positive(d0), self.positive(d0)),
            2 => {
                let (at, w, h) = (self.coords(2, d0), self.positive(d0), self.positive(d0));
                format!("rect({at}, {w}, {h}, {})", self.expr(&Ty::Num, d0))
            }
            3 => format!("half_plane({})", self.coords(3, d0)),
            4 => {
                let points: Vec<String> = (0..3).map(|_| format!("({})", self.coords(2, d0))).collect();
                format!("polygon([{}])", points.join(", "))
            }
            5 => format!("ring({}, 1.5 + {}, 0.75)", self.coords(2, d0), self.positive(d0)),
            6 => format!("capsule({}, {})", self.coords(4, d0), self.positive(d0)),
            7 => format!("ellipse({}, {}, {})", self.coords(2, d0), self.positive(d0), self.positive(d0)),
            _ => {
                let s = self.expr(&Ty::Shape2, d);
                match self.below(12) {
                    0..=3 => {
                        let op = self.pick(&["+", "-", "&"]);
                        format!("({s} {op} {})", self.expr(&Ty::Shape2, d))
                    }
                    4 => format!("translate({s}, {})", self.coords(2, d0)),
                    5 => {
                        let n = if self.chance(2) { 1 } else { 3 };
                        format!("rotate({s}, {})", self.coords(n, d0))
                    }
                    6 => format!("scale({s}, {})", self.positive(d0)),
                    7 => format!("scale_xy({s}, {}, {})", self.positive(d0), self.positive(d0)),
                    8 => format!("mirror({s}, {})", self.coords(3, d0)),
                    9 => format!("flip_union({s}, {})", self.coords(3, d0)),
                    10 => format!("repeat({s}, {}, {})", self.count(), self.coords(2, d0)),
                    _ if self.holes => {
                        self.sketch = true;
                        let t = self.expr(&Ty::Shape2, d);
                        format!(r#"straightline([{s}, {t}], ops: ["+", "-", "&"], lines: 2)"#)
                    }
                    _ => format!("({s} - circle(0, 0, 0.3))"),
                }
            }
        }
    }

    fn shape3(&mut self, d: usize) -> String {
        let d0 = d.min(1);
        match self.below(14) {
            0 => format!("sphere({}, {})", self.coords(3, d0), self.positive(d0)),
            1 => {
                let (at, w, h) = (self.coords(3, d0), self.positive(d0), self.positive(d0));
                format!("box({at}, {w}, {h}, {})", self.positive(d0))
            }
            2 => {
                let f = self.pick(&["cylinder", "cone"]);
                format!("{f}({}, {}, {})", self.coords(3, d0), self.positive(d0), self.positive(d0))
            }
            3 => {
                let n = if self.chance(2) { 6 } else { 16 };
                format!("quadric({})", self.coords(n, 0))
            }
            _ => {
                let s = self.expr(&Ty::Shape3, d);
                match self.below(11) {
                    0..=2 => {
                        let op = self.pick(&["+", "-", "&"]);
                        format!("({s} {op} {})", self.expr(&Ty::Shape3, d))
                    }
                    3 => format!("translate({s}, {})", self.coords(3, d0)),
                    4 | 5 => {
                        let f = self.pick(&["rotate_x", "rotate_y", "rotate_z"]);
                        format!("{f}({s}, {})", self.coords(1, d0))
                    }
                    6 => format!("scale({s}, {})", self.positive(d0)),
                    7 => format!("scale_xyz({s}, {}, {}, 1.5)", self.positive(d0), self.positive(d0)),
                    8 => format!("mirror({s}, {}, {})", self.positive(d0), self.coords(3, d0)),
                    9 => format!("flip_union({s}, {}, {})", self.positive(d0), self.coords(3, d0)),
                    _ => format!("repeat({s}, {}, {})", self.count(), self.coords(3, d0)),
                }
            }
        }
    }
}

/// The text of a program with its number, for a message.
pub fn numbered(p: &Program) -> String {
    let mut out = String::new();
    for (i, line) in p.text.lines().enumerate() {
        let _ = writeln!(out, "{:3} {line}", i + 1);
    }
    out
}
