//! The table of operations: every builtin declared once, one file per subject.
//!
//! The checker, the machine, `:help`, completion, the manual and the synthesizers read [`OpTable`]. To add an
//! operation is to add one [`Op`].

pub mod apply;
pub mod complete;
pub mod convert;
pub mod core;
pub mod data;
pub mod date;
pub mod edge;
pub mod grid;
pub mod image;
pub mod json;
pub mod list;
pub mod measure;
pub mod num;
pub mod number_text;
pub mod random;
pub mod relax;
pub mod render;
pub mod robustfill;
pub mod shape;
pub mod shape2;
pub mod shape3;
pub mod sig;
pub mod synth;
pub mod synth_loops;
pub mod synth_strings;
pub mod text;
pub mod util;

use crate::ir::OpId;
use crate::relax::lower::Meaning;
use crate::relax::sketch::Sketch;
use crate::shape::Operation;
use crate::shape::prim::Prim;
use crate::syntax::ast::Name;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::Value;
use nsp_kernels::sym::Sym;
use nsp_kernels::table::{Opcode, Scalar};
use sig::Sig;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

/// The exact meaning of an operation as a Rust function. It takes its arguments out of the slice it is given.
pub type Native = Arc<dyn Fn(&mut Ctx<'_>, &mut [Value]) -> Result<Value, Fail> + Send + Sync>;

/// Makes a value from arguments, and nothing else.
pub type Maker = Arc<dyn Fn(&[Value]) -> Result<Value, Fail> + Send + Sync>;

/// One overload of an operation.
#[derive(Clone)]
pub struct Op {
    /// Its name in programs, `synth.strings` for one in a module; an operator's symbol (`+`), `[]` for indexing.
    pub name: Cow<'static, str>,
    /// Its signature in the language's own notation: `(s: str, t: token, i: int = 1) -> str`. Single capital letters
    /// are type variables. A constant's is its type alone: `-> token`.
    pub sig: Cow<'static, str>,
    /// What it does, in a sentence or more; ranges, units, errors, source.
    pub doc: Cow<'static, str>,
    /// A line of the language that holds: `get_token("a b", WORD, 2) == "b"`, run by the tests.
    pub example: Cow<'static, str>,
    /// What it means exactly.
    pub exact: Exact,
    /// What it means relaxed.
    pub relaxed: Relaxed,
    /// The synthesis grammars that may use it, and the cost of one use there (1 is usual).
    pub domains: Cow<'static, [(Grammar, u32)]>,
}

/// Grammars of the synthesizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// Text transformations.
    Text,
    /// Arithmetic and logic.
    Num,
    /// 2D constructive solid geometry.
    Csg2,
    /// 3D constructive solid geometry.
    Csg3,
}

/// Exact meanings.
#[derive(Clone)]
pub enum Exact {
    /// A constant.
    Const(Value),
    /// A scalar operation of the kernels' table: nums in, num out.
    Scalar(&'static Scalar),
    /// An instruction of the machine's own.
    Inline(Inline),
    /// A Rust function.
    Native(Native),
    /// A value made from its arguments alone, cheaply. Where they are constants it is made once, when the program is
    /// compiled.
    Made(Maker),
    /// A shape primitive: arguments are its parameters, the value is the shape.
    Prim(Arc<Prim>),
}

/// Operations that are instructions of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it: operation and operand type
pub enum Inline {
    AddInt,
    SubInt,
    MulInt,
    /// what `DivInt` leaves over; has the sign of the divisor
    RemInt,
    /// rounded down, so that `a == b*div(a, b) + a % b`
    DivInt,
    NegInt,
    AddNum,
    SubNum,
    MulNum,
    DivNum,
    NegNum,
    EqInt,
    NeInt,
    LtInt,
    LeInt,
    GtInt,
    GeInt,
    EqNum,
    NeNum,
    LtNum,
    LeNum,
    GtNum,
    GeNum,
    EqBool,
    NeBool,
    Not,
    /// int to num
    ToNum,
    /// str + str; in place when the left one is solely owned
    ConcatStr,
    /// `xs[i]`
    IndexList,
    /// number of items
    LenList,
    /// number of characters
    LenStr,
    /// int to str; appended in place without a str of its own
    StrInt,
    /// append one item; in place when solely owned
    Push,
    /// structural equality of any values
    EqAny,
    NeAny,
}

/// A relaxed meaning as a formula over symbols. Its arguments are all numbers in the operation's arguments, in turn.
pub type Formula = for<'b> fn(Meaning<'b>, &[Sym<'b>]) -> Sym<'b>;

/// Relaxed meanings. A shape primitive's is its field.
#[derive(Clone, Default)]
pub enum Relaxed {
    /// There is none: `relax` refuses the program and names the operation.
    #[default]
    None,
    /// An operation of the kernels' table.
    Scalar(Opcode),
    /// A formula of several.
    Formula(Formula),
    /// It moves values about without looking at them: the exact meaning serves.
    Structure,
    /// It makes a shape from the shapes and numbers that it is given.
    Shape(Operation),
    /// Whether a point lies in a shape: the occupancy there.
    Inside,
    /// A shape that is there where a number is at least 0.
    Gate,
    /// A row of a table by a query: the mixture of all rows, weighted by the softmax of their products with it.
    Retrieve,
    /// A sketch, which has no exact meaning.
    Sketch(Sketch),
}

impl Op {
    /// An overload without example, relaxed meaning or grammar; set these with the methods below.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        sig: impl Into<Cow<'static, str>>,
        doc: impl Into<Cow<'static, str>>,
        example: impl Into<Cow<'static, str>>,
        exact: Exact,
    ) -> Op {
        Op {
            name: name.into(),
            sig: sig.into(),
            doc: doc.into(),
            example: example.into(),
            exact,
            relaxed: Relaxed::None,
            domains: Cow::Borrowed(&[]),
        }
    }

    /// Lets these grammars use it.
    pub fn grammars(mut self, g: &'static [(Grammar, u32)]) -> Op {
        self.domains = Cow::Borrowed(g);
        self
    }

    /// Sets the relaxed meaning.
    pub fn relaxed(mut self, r: Relaxed) -> Op {
        self.relaxed = r;
        self
    }
}

/// A builtin from a closure over the context and argument values.
pub fn native(f: impl Fn(&mut Ctx<'_>, &mut [Value]) -> Result<Value, Fail> + Send + Sync + 'static) -> Exact {
    Exact::Native(Arc::new(f))
}

/// A value that its arguments alone decide.
pub fn made(f: impl Fn(&[Value]) -> Result<Value, Fail> + Send + Sync + 'static) -> Exact {
    Exact::Made(Arc::new(f))
}

/// Operations by id and by name. Overloads of a name stand together, in the order in which they are tried.
#[derive(Clone, Default)]
pub struct OpTable {
    ops: Vec<Arc<Op>>,
    by_name: HashMap<Name, Vec<OpId>>,
    /// Signatures, read when first asked for: most programs need few.
    sigs: Vec<OnceLock<Result<Arc<Sig>, String>>>,
    /// Names of types that are known by name alone.
    types: BTreeSet<Name>,
}

/// Subjects, in the order in which their overloads are tried.
const SUBJECTS: &[fn() -> Vec<Op>] = &[
    num::ops,
    random::ops,
    robustfill::ops,
    edge::ops,
    text::ops,
    number_text::ops,
    date::ops,
    list::ops,
    shape2::ops,
    shape3::ops,
    render::ops,
    image::ops,
    measure::ops,
    grid::ops,
    data::ops,
    json::ops,
    synth::ops,
    synth_loops::ops,
    complete::ops,
    synth_strings::ops,
    relax::ops,
    core::ops,
];

/// Types known by name alone.
const TYPES: &[&str] = &[
    "image",
    "grid",
    "placement",
    "shape2",
    "shape3",
    "voxels",
    "program",
    "model",
    "token",
    "case",
    "boundary",
    "edge",
    "date",
    "table",
    "json",
    "relaxed",
];

impl OpTable {
    /// All operations of the language.
    pub fn standard() -> OpTable {
        let mut table = OpTable::default();
        SUBJECTS.iter().flat_map(|ops| ops()).for_each(|op| {
            table.add(op);
        });
        TYPES.iter().for_each(|t| table.add_type(t));
        table
    }

    /// Adds an overload after those of the same name.
    pub fn add(&mut self, op: Op) -> OpId {
        let id = OpId(self.ops.len() as u32);
        self.by_name.entry(op.name.as_ref().into()).or_default().push(id);
        self.ops.push(Arc::new(op));
        self.sigs.push(OnceLock::new());
        id
    }

    /// Puts another operation of the same name and signature in the place of one: programs that use it use this one
    /// from now on.
    pub fn replace(&mut self, id: OpId, op: Op) {
        if let Some(slot) = self.ops.get_mut(id.0 as usize)
            && slot.name == op.name
            && slot.sig == op.sig
        {
            *slot = Arc::new(op);
        }
    }

    /// The signature of an operation; an error says what is wrong with its notation.
    pub fn sig(&self, id: OpId) -> Result<Arc<Sig>, String> {
        let Some(cell) = self.sigs.get(id.0 as usize) else { return Err("no such operation".into()) };
        cell.get_or_init(|| Sig::parse(&self.get(id).sig).map(Arc::new)).clone()
    }

    /// Makes a type name known to programs.
    pub fn add_type(&mut self, name: &str) {
        self.types.insert(name.into());
    }

    /// Whether programs may write this type name.
    pub fn has_type(&self, name: &str) -> bool {
        self.types.contains(name)
    }

    /// Names of types, sorted.
    pub fn type_names(&self) -> Vec<Name> {
        self.types.iter().cloned().collect()
    }

    /// The operation with this id.
    pub fn get(&self, id: OpId) -> &Arc<Op> {
        &self.ops[id.0 as usize]
    }

    /// Overloads of a name.
    pub fn overloads(&self, name: &str) -> &[OpId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.by_name.keys()
    }

    /// All operations in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = (OpId, &Arc<Op>)> {
        self.ops.iter().enumerate().map(|(i, op)| (OpId(i as u32), op))
    }
}

#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;
