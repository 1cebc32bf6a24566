//! A function applied to one row after the other, by one machine.

use crate::session::Session;
use crate::types::{FnType, Type};
use crate::vm::Machine;
use crate::vm::limits::{Fail, code};
use crate::vm::value::Value;
use std::sync::Arc;

/// How a function takes the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Each as a str.
    Texts,
    /// All as one [str].
    List,
}

/// A function and a machine that runs it. The arguments' memory is used again for the next row.
pub struct Apply {
    machine: Machine,
    f: Value,
    takes: Takes,
    args: Vec<Value>,
}

/// What is wrong with a function of this type for so many columns; `None` if it fits.
pub fn misfit(ty: &FnType, columns: usize) -> Option<Fail> {
    let n = ty.params.len();
    let texts = ty.params.iter().all(|t| *t == Type::Str);
    if !matches!(ty.ret, Type::Str | Type::Int | Type::Num | Type::Bool) {
        return Some(
            Fail::new("E0442", format!("the function gives {}, which is no cell of a table", ty.ret))
                .help("it must give a str, int, num or bool"),
        );
    }
    if takes(ty) == Some(Takes::List) || (texts && n == columns) {
        return None;
    }
    let columns = if columns == 1 { "1 column".to_string() } else { format!("{columns} columns") };
    let message = format!("the function {} cannot be applied to {columns}", Type::Fn(Arc::new(ty.clone())));
    Some(Fail::new("E0442", message).help(match (texts, n) {
        (true, 0) => "it must take a str, or a [str]".into(),
        (true, n) => format!("it takes {n} texts: name as many columns with --column"),
        (false, _) => "it must take a str for each column, or all as one [str]".to_string(),
    }))
}

fn takes(ty: &FnType) -> Option<Takes> {
    match &ty.params[..] {
        [Type::List(t)] if **t == Type::Str => Some(Takes::List),
        ts if ts.iter().all(|t| *t == Type::Str) => Some(Takes::Texts),
        _ => None,
    }
}

impl Apply {
    /// A function of a session that fits so many columns.
    pub fn new(session: &Session, f: &Value, ty: &FnType, columns: usize) -> Apply {
        let takes = takes(ty).unwrap_or(Takes::Texts);
        let texts = vec![Value::str(""); columns];
        let args = if takes == Takes::List { vec![Value::list(texts)] } else { texts };
        Apply { machine: Machine::new(session.env(), session.globals()), f: f.clone(), takes, args }
    }

    /// The cell that a row gives. `text` has the columns' texts by their number. `None` inside: interrupted.
    pub fn call<'t>(&mut self, mut text: impl FnMut(usize) -> Result<&'t str, Fail>) -> Result<Option<Value>, Fail> {
        match (self.takes, &mut self.args[..]) {
            (Takes::List, [Value::List(xs)]) => {
                if Arc::get_mut(xs).is_none() {
                    // The program kept it.
                    *xs = Arc::new(vec![Value::str(""); xs.len()]);
                }
                for (i, slot) in Arc::get_mut(xs).into_iter().flatten().enumerate() {
                    set(slot, text(i)?);
                }
            }
            (_, slots) => {
                for (i, slot) in slots.iter_mut().enumerate() {
                    set(slot, text(i)?);
                }
            }
        }
        let result = self.machine.call(&self.f, &self.args);
        match result {
            Ok(value) => Ok(Some(value)),
            Err(e) if e.fail.code == code::CANCELLED => Ok(None),
            Err(e) => Err(e.fail),
        }
    }
}

/// Gives a str value another text; in place if nobody else holds it.
fn set(slot: &mut Value, text: &str) {
    if let Value::Str(s) = slot
        && let Some(s) = Arc::get_mut(s)
    {
        s.clear();
        s.push_str(text);
        return;
    }
    *slot = Value::str(text);
}
