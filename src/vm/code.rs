//! Bytecode: typed instructions over two banks of registers.
//!
//! Registers are addressed by a byte within a window of 256. `d` is the register written, `a`, `b`, `c` those read; the
//! instruction says in which bank each lies. Jump targets and function ids are whole, so size knows no bounds.

use crate::builtins::Native;
use crate::ir::FuncId;
use crate::shape::prim::Prim;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::value::Value;
use std::fmt;
use std::sync::Arc;

/// How a value of a static type is kept: as which kind of word, or as an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tag {
    /// A word without meaning.
    #[default]
    Unit,
    /// A word: an int.
    Int,
    /// A word: the bits of a num.
    Num,
    /// A word: 0 or 1.
    Bool,
    /// A `Value` in the bank of objects.
    Obj,
}

impl Tag {
    /// That of a type.
    pub fn of(ty: &Type) -> Tag {
        match ty {
            Type::Unit => Tag::Unit,
            Type::Int => Tag::Int,
            Type::Num => Tag::Num,
            Type::Bool => Tag::Bool,
            _ => Tag::Obj,
        }
    }

    /// The value that a word of this kind stands for.
    #[inline]
    pub fn boxed(self, word: u64) -> Value {
        match self {
            Tag::Int => Value::Int(word as i64),
            Tag::Num => Value::Num(f64::from_bits(word)),
            Tag::Bool => Value::Bool(word != 0),
            Tag::Unit | Tag::Obj => Value::Unit,
        }
    }
}

/// The word for a scalar value.
#[inline]
pub fn word(v: &Value) -> u64 {
    match v {
        Value::Int(i) => *i as u64,
        Value::Num(x) => x.to_bits(),
        Value::Bool(b) => u64::from(*b),
        _ => 0,
    }
}

/// An instruction; 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[rustfmt::skip] // a line each
#[allow(missing_docs)] // operands are explained above, meanings stand at the groups
pub enum Instr {
    // Words.
    LoadInt { d: u8, k: i32 },
    LoadWord { d: u8, k: u32 },
    Move { d: u8, a: u8 },
    AddInt { d: u8, a: u8, b: u8 },
    SubInt { d: u8, a: u8, b: u8 },
    MulInt { d: u8, a: u8, b: u8 },
    DivInt { d: u8, a: u8, b: u8 },
    RemInt { d: u8, a: u8, b: u8 },
    NegInt { d: u8, a: u8 },
    AddIntImm { d: u8, a: u8, k: i32 },
    SubIntImm { d: u8, a: u8, k: i32 },
    MulIntImm { d: u8, a: u8, k: i32 },
    /// `d = a + b * c`
    AddMulInt { d: u8, a: u8, b: u8, c: u8 },
    AddNum { d: u8, a: u8, b: u8 },
    SubNum { d: u8, a: u8, b: u8 },
    MulNum { d: u8, a: u8, b: u8 },
    DivNum { d: u8, a: u8, b: u8 },
    NegNum { d: u8, a: u8 },
    AddNumK { d: u8, a: u8, k: u32 },
    SubNumK { d: u8, a: u8, k: u32 },
    MulNumK { d: u8, a: u8, k: u32 },
    DivNumK { d: u8, a: u8, k: u32 },
    EqInt { d: u8, a: u8, b: u8 },
    NeInt { d: u8, a: u8, b: u8 },
    LtInt { d: u8, a: u8, b: u8 },
    LeInt { d: u8, a: u8, b: u8 },
    EqNum { d: u8, a: u8, b: u8 },
    NeNum { d: u8, a: u8, b: u8 },
    LtNum { d: u8, a: u8, b: u8 },
    LeNum { d: u8, a: u8, b: u8 },
    Not { d: u8, a: u8 },
    ToNum { d: u8, a: u8 },
    /// A scalar function of the table, by its index in [`Code::ones`] or [`Code::twos`].
    One { d: u8, a: u8, k: u32 },
    Two { d: u8, a: u8, b: u8, k: u32 },

    // Jumps; `Back` counts an operation.
    Jump { to: u32 },
    Back { to: u32 },
    JumpIf { a: u8, to: u32 },
    JumpIfNot { a: u8, to: u32 },
    JumpEq { a: u8, b: u8, to: u32 },
    JumpNe { a: u8, b: u8, to: u32 },
    JumpLt { a: u8, b: u8, to: u32 },
    JumpLe { a: u8, b: u8, to: u32 },
    JumpEqImm { a: u8, k: i16, to: u32 },
    JumpNeImm { a: u8, k: i16, to: u32 },
    JumpLtImm { a: u8, k: i16, to: u32 },
    JumpLeImm { a: u8, k: i16, to: u32 },
    JumpGtImm { a: u8, k: i16, to: u32 },
    JumpGeImm { a: u8, k: i16, to: u32 },
    JumpEqNum { a: u8, b: u8, to: u32 },
    JumpNeNum { a: u8, b: u8, to: u32 },
    JumpLtNum { a: u8, b: u8, to: u32 },
    JumpLeNum { a: u8, b: u8, to: u32 },
    /// Not the same as `>=`: nan compares false either way.
    JumpNotLtNum { a: u8, b: u8, to: u32 },
    JumpNotLeNum { a: u8, b: u8, to: u32 },
    /// `i` holds the first, `n` the end. Leaves the loop if it is empty, else puts into `n` how many turns follow the
    /// first.
    ForPrep { i: u8, n: u8, inclusive: bool, to: u32 },
    /// The same from the range in object `a`.
    ForPrepRange { i: u8, n: u8, a: u8, to: u32 },
    /// The next turn if there is one: back to its start.
    ForNext { i: u8, n: u8, to: u32 },
    /// Element `i` of list `a`, and one more to `i`; leaves the loop at the end.
    ForListS { d: u8, a: u8, i: u8, to: u32 },
    ForListO { d: u8, a: u8, i: u8, to: u32 },
    /// The character at byte `i` of str `a`.
    ForStr { d: u8, a: u8, i: u8, to: u32 },

    // Calls. The callee's windows begin at `s` and `o` of the caller's; there the arguments lie, there the result comes.
    Call { s: u8, o: u8, func: u32 },
    /// Calls the function value in object `a`.
    CallValue { a: u8, s: u8, o: u8 },
    /// Calls a builtin, an index of [`Code::natives`].
    Native { s: u8, o: u8, k: u32 },
    /// Makes a shape, an index of [`Code::prims`].
    Prim { s: u8, o: u8, k: u32 },

    // Objects.
    LoadObj { d: u8, k: u32 },
    /// Shares the object.
    Copy { d: u8, a: u8 },
    /// Moves the object and leaves `()`.
    Take { d: u8, a: u8 },
    /// Empties `n` object registers from `a` on.
    Clear { a: u8, n: u8 },
    ConcatStr { d: u8, a: u8, b: u8 },
    ConcatStrK { d: u8, a: u8, k: u32 },
    ConcatList { d: u8, a: u8, b: u8 },
    LenList { d: u8, a: u8 },
    LenStr { d: u8, a: u8 },
    StrInt { d: u8, a: u8 },
    /// Appends the digits of an int.
    ConcatInt { a: u8, b: u8 },
    IndexS { d: u8, a: u8, i: u8 },
    IndexO { d: u8, a: u8, i: u8 },
    FieldS { d: u8, a: u8, k: u32 },
    FieldO { d: u8, a: u8, k: u32 },
    EqAny { d: u8, a: u8, b: u8 },
    NeAny { d: u8, a: u8, b: u8 },
    /// An empty list with room for `k` items.
    NewList { d: u8, k: u32 },
    /// Appends word `b` to list `a`.
    PushS { a: u8, b: u8, tag: Tag },
    /// Appends object `b` to list `a`; `take` leaves `()` in `b`.
    PushO { a: u8, b: u8, take: bool },
    /// Makes the list `a` a tuple.
    ToTuple { a: u8 },
    /// A list of the values from `s` and `o` on; their tags are an entry of [`Code::shapes`]. It comes to `o`.
    MakeList { s: u8, o: u8, k: u32 },
    MakeTuple { s: u8, o: u8, k: u32 },
    /// A function value, an entry of [`Code::closures`], its captures from `s` and `o` on. It comes to `o`.
    MakeClosure { s: u8, o: u8, k: u32 },
    MakeRange { d: u8, a: u8, b: u8, inclusive: bool },
    /// Makes ints nums within an object, by an entry of [`Code::widenings`].
    Widen { d: u8, a: u8, k: u32 },
    /// `a[i] = v`
    SetIndexS { a: u8, i: u8, v: u8, tag: Tag },
    SetIndexO { a: u8, i: u8, v: u8 },
    /// Assigns by an entry of [`Code::paths`] into object `a`, or into a global if the entry names one.
    SetPath { a: u8, v: u8, k: u32 },

    // Globals.
    GetGlobalS { d: u8, g: u32 },
    GetGlobalO { d: u8, g: u32 },
    SetGlobalS { a: u8, tag: Tag, g: u32 },
    SetGlobalO { a: u8, g: u32 },
    /// Appends to a global in place.
    GlobalConcatStr { b: u8, g: u32 },
    GlobalConcatList { b: u8, g: u32 },
    GlobalPushS { b: u8, tag: Tag, g: u32 },
    GlobalPushO { b: u8, g: u32 },

    /// An unfilled hole, by its name in [`Code::holes`].
    Hole { k: u32 },
    /// A choice hole got a number that is none of its alternatives.
    BadChoice { a: u8 },

    // Returns.
    RetS { a: u8 },
    RetO { a: u8 },
    RetUnit,
}

impl Instr {
    /// Sets the target of a jump.
    pub(crate) fn aim(&mut self, target: u32) {
        use Instr::*;
        match self {
            Jump { to }
            | Back { to }
            | JumpIf { to, .. }
            | JumpIfNot { to, .. }
            | JumpEq { to, .. }
            | JumpNe { to, .. }
            | JumpLt { to, .. }
            | JumpLe { to, .. }
            | JumpEqImm { to, .. }
            | JumpNeImm { to, .. }
            | JumpLtImm { to, .. }
            | JumpLeImm { to, .. }
            | JumpGtImm { to, .. }
            | JumpGeImm { to, .. }
            | JumpEqNum { to, .. }
            | JumpNeNum { to, .. }
            | JumpLtNum { to, .. }
            | JumpLeNum { to, .. }
            | JumpNotLtNum { to, .. }
            | JumpNotLeNum { to, .. }
            | ForPrep { to, .. }
            | ForPrepRange { to, .. }
            | ForNext { to, .. }
            | ForListS { to, .. }
            | ForListO { to, .. }
            | ForStr { to, .. } => *to = target,
            _ => {}
        }
    }
}

/// A builtin called by a function.
#[derive(Clone)]
pub struct NativeUse {
    /// Its body.
    pub body: Native,
    /// Tags of its arguments; `None` for those that are fixed.
    pub args: Box<[Option<Tag>]>,
    /// Arguments that are constants, by position.
    pub fixed: Box<[(usize, Value)]>,
    /// Tells places of calls apart.
    pub site: u64,
    /// Tag of its result.
    pub ret: Tag,
    /// Types of its arguments.
    pub types: Box<[Type]>,
    /// Type of its result.
    pub result: Type,
}

impl fmt::Debug for NativeUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "native({:?}) -> {:?}", self.args, self.ret)
    }
}

/// A step of an assignment's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// By the int in a word register.
    Index(u8),
    /// By position.
    Field(u32),
}

/// Where an assignment goes.
#[derive(Clone, Debug)]
pub struct Path {
    /// A global instead of a register.
    pub global: Option<u32>,
    /// The steps.
    pub steps: Box<[PathStep]>,
    /// The tag of the new value.
    pub tag: Tag,
}

/// A compiled function.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The function's name.
    pub name: Option<Name>,
    /// Its instructions.
    pub instrs: Vec<Instr>,
    /// The place of each instruction in the source.
    pub spans: Vec<Span>,
    /// Tags of the parameters, then (compiled with holes as inputs) of the holes.
    pub params: Box<[Tag]>,
    /// Tags of the captured values.
    pub captures: Box<[Tag]>,
    /// Tag of the result.
    pub ret: Tag,
    /// How many object registers it uses.
    pub objects: u32,
    /// Whether its window of objects must lie above the caller's: it has objects, or calls what may have some.
    pub above: bool,
    /// Words too large for an instruction.
    pub words: Vec<u64>,
    /// Constant objects.
    pub consts: Vec<Value>,
    /// Scalar functions of one argument.
    pub ones: Vec<fn(f64) -> f64>,
    /// Scalar functions of two arguments.
    pub twos: Vec<fn(f64, f64) -> f64>,
    /// Builtins.
    pub natives: Vec<NativeUse>,
    /// Shape primitives.
    pub prims: Vec<(Arc<Prim>, u32)>,
    /// Tags of the items of lists and tuples.
    pub shapes: Vec<Box<[Tag]>>,
    /// Functions of closures, with the tags of their captures.
    pub closures: Vec<(FuncId, Box<[Tag]>)>,
    /// Types from and to of widenings.
    pub widenings: Vec<(Type, Type)>,
    /// Paths of assignments.
    pub paths: Vec<Path>,
    /// Names of holes.
    pub holes: Vec<Option<Name>>,
    /// The library whose functions it calls.
    pub library: u64,
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_instruction_is_8_bytes() {
        assert_eq!(size_of::<super::Instr>(), 8);
    }
}
