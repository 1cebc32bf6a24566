//! Two things the language knows nothing of, built on it from outside: a second meaning for checked programs, and a
//! second domain for searches. They need no change to the IR, the operation table, the session or the search.

use nsp::builtins::{Exact, Inline, OpTable};
use nsp::domain::{Action, Assessment, Domain, Production, Sort, State, line_name};
use nsp::ir::{Func, Kind, LocalId, NodeId, Place};
use nsp::raster::Unwatched;
use nsp::raster::bits::Bits;
use nsp::raster::sample::{Frame, render};
use nsp::search::{Budget, Enumerator};
use nsp::session::Session;
use nsp::shape::Shape;
use nsp::types::Type;
use nsp::vm::library::Library;
use nsp::vm::value::Value;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

// ---- a dual-number evaluator over the IR ----

/// A value, or a number with its derivative.
#[derive(Clone, Debug)]
enum Dual {
    Num(f64, f64),
    Int(i64),
    Bool(bool),
    Unit,
}

impl Dual {
    fn num(&self) -> (f64, f64) {
        match self {
            Dual::Num(v, d) => (*v, *d),
            Dual::Int(i) => (*i as f64, 0.0),
            other => panic!("expected a number, found {other:?}"),
        }
    }

    fn int(&self) -> i64 {
        match self {
            Dual::Int(i) => *i,
            other => panic!("expected an int, found {other:?}"),
        }
    }

    fn truth(&self) -> bool {
        matches!(self, Dual::Bool(true))
    }
}

struct Evaluator<'a> {
    ops: &'a OpTable,
    library: &'a Library,
}

struct Scope<'a> {
    func: &'a Func,
    locals: HashMap<LocalId, Dual>,
}

impl Evaluator<'_> {
    fn call(&self, func: &Func, args: Vec<Dual>) -> Dual {
        let locals = args.into_iter().enumerate().map(|(i, a)| (LocalId(i as u32), a)).collect();
        self.node(&mut Scope { func, locals }, func.body)
    }

    fn node(&self, s: &mut Scope<'_>, id: NodeId) -> Dual {
        let func = s.func;
        let node = func.node(id);
        match &node.kind {
            Kind::Unit => Dual::Unit,
            Kind::Int(i) => Dual::Int(*i),
            Kind::Num(x) => Dual::Num(*x, 0.0),
            Kind::Angle(x) => Dual::Num(x.to_radians(), 0.0),
            Kind::Bool(b) => Dual::Bool(*b),
            Kind::Local(l) => s.locals[l].clone(),
            Kind::Let(l, v) => {
                let v = self.node(s, *v);
                s.locals.insert(*l, v);
                Dual::Unit
            }
            Kind::Assign { place: Place::Local(l), path, value } if path.is_empty() => {
                let v = self.node(s, *value);
                s.locals.insert(*l, v);
                Dual::Unit
            }
            Kind::Block(items) => {
                let mut last = Dual::Unit;
                for i in items {
                    last = self.node(s, *i);
                }
                if node.ty == Type::Unit { Dual::Unit } else { last }
            }
            Kind::If { cond, then, otherwise } => {
                if self.node(s, *cond).truth() {
                    self.node(s, *then)
                } else {
                    otherwise.map_or(Dual::Unit, |o| self.node(s, o))
                }
            }
            Kind::While { cond, body } => {
                while self.node(s, *cond).truth() {
                    self.node(s, *body);
                }
                Dual::Unit
            }
            Kind::For { binders, body, collect: false } if binders.len() == 1 => {
                let (local, over) = binders[0];
                let Kind::Range { lo, hi, inclusive } = &func.node(over).kind else { panic!("a range") };
                let (lo, hi) = (self.node(s, *lo).int(), self.node(s, *hi).int());
                for i in lo..hi + i64::from(*inclusive) {
                    s.locals.insert(local, Dual::Int(i));
                    self.node(s, *body);
                }
                Dual::Unit
            }
            Kind::Widen(x) => {
                let (v, d) = self.node(s, *x).num();
                Dual::Num(v, d)
            }
            Kind::And(a, b) => Dual::Bool(self.node(s, *a).truth() && self.node(s, *b).truth()),
            Kind::Or(a, b) => Dual::Bool(self.node(s, *a).truth() || self.node(s, *b).truth()),
            Kind::Call { func, args } => {
                let args = args.iter().map(|a| self.node(s, *a)).collect();
                let callee = self.library.get(*func).expect("a known function").func;
                self.call(&callee, args)
            }
            Kind::Op { op, args } => {
                let args: Vec<Dual> = args.iter().map(|a| self.node(s, *a)).collect();
                self.op(&self.ops.get(*op).exact, &args)
            }
            other => panic!("not part of this subset: {other:?}"),
        }
    }

    fn op(&self, exact: &Exact, args: &[Dual]) -> Dual {
        let num = |i: usize| args[i].num();
        let int = |i: usize| args[i].int();
        match exact {
            // Values and partial derivatives come from the one table.
            Exact::Scalar(s) => {
                let x: Vec<f64> = (0..args.len()).map(|i| num(i).0).collect();
                let partials = s.partials(&x);
                let d = (0..args.len()).map(|i| partials[i] * num(i).1).sum();
                Dual::Num(s.eval(&x), d)
            }
            Exact::Const(Value::Num(x)) => Dual::Num(*x, 0.0),
            Exact::Inline(op) => match op {
                Inline::AddNum => Dual::Num(num(0).0 + num(1).0, num(0).1 + num(1).1),
                Inline::SubNum => Dual::Num(num(0).0 - num(1).0, num(0).1 - num(1).1),
                Inline::MulNum => Dual::Num(num(0).0 * num(1).0, num(0).1 * num(1).0 + num(0).0 * num(1).1),
                Inline::DivNum => {
                    let ((a, da), (b, db)) = (num(0), num(1));
                    Dual::Num(a / b, (da * b - a * db) / (b * b))
                }
                Inline::NegNum => Dual::Num(-num(0).0, -num(0).1),
                Inline::AddInt => Dual::Int(int(0) + int(1)),
                Inline::SubInt => Dual::Int(int(0) - int(1)),
                Inline::MulInt => Dual::Int(int(0) * int(1)),
                Inline::RemInt => Dual::Int(int(0).rem_euclid(int(1))),
                Inline::EqInt => Dual::Bool(int(0) == int(1)),
                Inline::LtInt => Dual::Bool(int(0) < int(1)),
                Inline::LtNum => Dual::Bool(num(0).0 < num(1).0),
                Inline::GtNum => Dual::Bool(num(0).0 > num(1).0),
                other => panic!("not part of this subset: {other:?}"),
            },
            _ => panic!("not part of this subset"),
        }
    }
}

#[test]
fn dual_numbers_are_a_second_meaning() {
    let mut session = Session::default();
    let text = "
        fn poly(x: num) -> num { 3 * x * x - 2 * x + 1 }
        fn wave(x: num) -> num { sin(x) * exp(-x) + sqrt(x) / hypot(x, 2) }
        fn bent(x: num) -> num { if x > 0.5 { x * x } else { -x / 2 } }
        fn series(x: num) -> num {
            var sum = 0.0
            var term = 1.0
            for i in 1..=12 {
                term = term * x / i
                if i % 2 == 0 { sum = sum + term } else { sum = sum - poly(term) }
            }
            sum
        }
        fn newton(x: num) -> num {
            var y = x
            var n = 0
            while n < 4 and y > 0.001 {
                y = (y + x / y) / 2
                n = n + 1
            }
            y
        }";
    let checked = session.check("<test>", text).expect("checks");
    let library = session.env().library.clone();
    let evaluator = Evaluator { ops: &session.env().ops, library: &library };
    assert_eq!(checked.functions.len(), 5);
    for (name, id) in &checked.functions {
        let func = library.get(*id).expect("made").func;
        let exact = |x: f64| match session.call(&session.function(*id), &[Value::Num(x)]) {
            Ok(Value::Num(y)) => y,
            other => panic!("{name}: {other:?}"),
        };
        for x in [0.2, 0.49, 0.8, 1.7] {
            let (v, d) = evaluator.call(&func, vec![Dual::Num(x, 1.0)]).num();
            assert!((v - exact(x)).abs() < 1e-12, "{name}({x}): {v} and {}", exact(x));
            let h = 1e-6;
            let slope = (exact(x + h) - exact(x - h)) / (2.0 * h);
            assert!((d - slope).abs() < 1e-5 * (1.0 + slope.abs()), "{name}'({x}): {d} and {slope}");
        }
    }
}

// ---- a CSG domain ----

const SIDE: usize = 16;

/// A shape, known by its picture.
#[derive(Clone)]
struct Drawn {
    bits: Bits,
    shape: Shape,
}

impl Drawn {
    fn of(shape: Shape) -> Drawn {
        let bits = render(&shape, Frame::pixels(SIDE, SIDE), SIDE, SIDE, &mut Unwatched).expect("small");
        Drawn { bits, shape }
    }

    fn words(&self) -> Vec<u64> {
        (0..SIDE).flat_map(|r| self.bits.row(r).to_vec()).collect()
    }
}

impl PartialEq for Drawn {
    fn eq(&self, other: &Drawn) -> bool {
        self.words() == other.words()
    }
}

impl Eq for Drawn {}

impl Hash for Drawn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words().hash(state);
    }
}

/// What a line does: a primitive with quantised numbers, or an operator.
#[derive(Clone)]
struct Line {
    name: &'static str,
    numbers: Vec<i64>,
}

struct Csg {
    session: Session,
    target: Bits,
}

impl Csg {
    fn evaluate(&self, line: &str, args: &[&Drawn]) -> Option<Shape> {
        // The session's own operations make the shape; there is no second meaning here.
        let mut session = self.session.clone();
        for (i, a) in args.iter().enumerate() {
            let ty = Type::con("shape2");
            session.set(&format!("a{i}"), nsp::vm::value::Typed { value: Value::obj(a.shape.clone()), ty });
        }
        let value = session.step("<line>", line).ok()?.value.value;
        value.downcast::<Shape>().cloned()
    }
}

const SHAPE: Sort = Sort(0);

impl Domain for Csg {
    type Value = Drawn;
    type Op = Line;

    fn productions(&self) -> Vec<Production<Line>> {
        let mut out = Vec::new();
        for x in [4, 8, 12] {
            for y in [4, 8, 12] {
                for size in [2, 4] {
                    let numbers = vec![x, y, size];
                    out.push(Production { op: Line { name: "circle", numbers }, args: vec![], ret: SHAPE, cost: 1 });
                    let numbers = vec![x, y, 3 * size, size];
                    out.push(Production { op: Line { name: "rect", numbers }, args: vec![], ret: SHAPE, cost: 1 });
                }
            }
        }
        for name in ["+", "-"] {
            let args = vec![SHAPE, SHAPE];
            out.push(Production { op: Line { name, numbers: vec![] }, args, ret: SHAPE, cost: 1 });
        }
        out
    }

    fn apply(&self, op: &Line, args: &[&Drawn]) -> Option<Drawn> {
        let names: Vec<String> = (0..args.len()).map(|i| format!("a{i}")).collect();
        let drawn = Drawn::of(self.evaluate(&self.to_line(op, &names), args)?);
        // A line that draws nothing, or nothing new, is pointless.
        (drawn.bits.count() > 0 && !args.contains(&&drawn)).then_some(drawn)
    }

    fn assess(&self, value: &Drawn) -> Assessment {
        let score = value.bits.iou(&self.target).unwrap_or(0.0);
        Assessment { score, solved: score == 1.0 }
    }

    fn to_line(&self, op: &Line, args: &[String]) -> String {
        match args {
            [a, b] => format!("{a} {} {b}", op.name),
            _ => {
                let numbers: Vec<String> = op.numbers.iter().map(i64::to_string).collect();
                format!("{}({})", op.name, numbers.join(", "))
            }
        }
    }
}

fn csg(target: &str) -> Csg {
    let mut session = Session::default();
    let value = session.step("<target>", target).expect("a shape").value.value;
    let shape = value.downcast::<Shape>().expect("a shape").clone();
    Csg { session, target: Drawn::of(shape).bits }
}

#[test]
fn enumeration_finds_a_shape() {
    let domain = csg("rect(8, 8, 12, 4) - circle(4, 8, 2)");
    let mut en = Enumerator::new(&domain);
    let mut budget = Budget::new(Some(20_000), None, Default::default());
    for _ in 0..=3 {
        let level = en.level(&mut budget).expect("within the budget");
        if let Some(hit) = level.into_iter().find(|t| domain.assess(&en.term(*t).value).solved) {
            assert_eq!(en.to_line(hit), "rect(8, 8, 12, 4) - circle(4, 8, 2)");
            return;
        }
    }
    panic!("not found among {} terms", en.len());
}

/// The law of `Domain`: replaying the lines of a state in a session gives the values of the state.
#[test]
fn replaying_lines_gives_the_same_state() {
    let domain = csg("circle(8, 8, 4)");
    let productions = domain.productions();
    let mut rng = StdRng::seed_from_u64(7);
    let mut combined = 0;
    for _ in 0..40 {
        let mut state: State<Drawn> = State::default();
        for _ in 0..8 {
            let production = if state.live.len() >= 2 && rng.random_bool(0.5) {
                productions.len() - 1 - rng.random_range(0..2)
            } else {
                rng.random_range(0..productions.len() - 2)
            };
            let n = productions[production].args.len();
            let mut args: Vec<usize> = (0..state.live.len()).collect();
            while args.len() > n {
                args.remove(rng.random_range(0..args.len()));
            }
            combined += usize::from(n == 2);
            if let Some(next) = state.step(&domain, &productions, &Action { production, args }) {
                state = next;
            }
        }
        let mut session = Session::default();
        session.step("<replay>", &state.script()).expect("the lines are a script");
        assert!(!state.live.is_empty());
        for (drawn, line) in &state.live {
            let value = session.get(&line_name(*line)).expect("a line's value").value;
            let shape = value.downcast::<Shape>().expect("a shape").clone();
            assert!(Drawn::of(shape) == *drawn, "line {line} of\n{}", state.script());
        }
    }
    assert!(combined > 20, "{combined} lines combined shapes");
}
