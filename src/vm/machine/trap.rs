//! Failures of instructions, kept small and off the fast path.

use crate::syntax::ast::Name;
use crate::vm::limits::{Fail, code};

/// Why an instruction failed.
#[derive(Debug)]
pub(super) enum Trap {
    Overflow(&'static str),
    RangeTooLong,
    DivisionByZero,
    Index(i64, usize),
    Depth(usize),
    Hole(Option<Name>),
    Choice(i64),
    UnsetGlobal,
    OtherEngine,
    NoBody,
    /// Bytecode or host values that the checker would not have let pass.
    Broken,
    Fail(Box<Fail>),
}

impl From<Fail> for Trap {
    fn from(f: Fail) -> Trap {
        Trap::Fail(Box::new(f))
    }
}

impl Trap {
    #[cold]
    pub(super) fn into_fail(self) -> Fail {
        match self {
            Trap::Overflow(op) => {
                Fail::new("E0401", format!("integer overflow: the result of `{op}` does not fit into 64 bits"))
                    .help("nums reach further: write `1.0` instead of `1`")
            }
            Trap::RangeTooLong => Fail::new("E0401", "integer overflow: the range ends past the last int"),
            Trap::DivisionByZero => Fail::new("E0402", "division by zero"),
            Trap::Index(i, len) => {
                let f = Fail::new("E0403", format!("index {i} is out of range"));
                match (i, len) {
                    (_, 0) => f.help("the list is empty"),
                    (i, n) if i < 0 => f.help(format!("indices count from 0; the last is `[{}]`", n - 1)),
                    (_, n) => f.help(format!("the list has {n} items, the last is `[{}]`", n - 1)),
                }
            }
            Trap::Depth(n) => Fail::new(code::DEPTH, format!("calls are nested too deep: the limit is {n}"))
                .help("a recursion may never end; a loop needs no depth"),
            Trap::Hole(name) => {
                let name = name.map_or("`??`".to_string(), |n| format!("`??{n}`"));
                Fail::new("E0404", format!("the hole {name} is not filled")).help("`fill` finds programs for holes")
            }
            Trap::Choice(i) => Fail::new("E0404", format!("the choice has no alternative {i}")),
            Trap::UnsetGlobal => Fail::new("E0400", "a variable is used before it has a value"),
            Trap::OtherEngine => Fail::new("E0400", "this function belongs to another engine"),
            Trap::NoBody => Fail::new("E0400", "a function is declared but not yet defined"),
            Trap::Broken => Fail::new("E0400", "a value has not the type that the program was checked for"),
            Trap::Fail(f) => *f,
        }
    }
}
