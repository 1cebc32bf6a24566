//! What a host keeps of a program: compiled texts and functions, to be run many times, from many threads.

use super::convert::{ConvertError, fit_typed};
use super::error::Error;
use super::{de, ser};
use crate::session;
use crate::source::SourceMap;
use crate::types::{FnType, Type};
use crate::vm::ctx::{Ctx, Env};
use crate::vm::limits::{Cancel, Fail, Limits, Meter};
use crate::vm::value::{Closure, Typed, Value};
use crate::vm::{Machine, RunError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::sync::Arc;

/// A text compiled once. Cloning is cheap; threads may share it.
///
/// It sees the values that were in scope when it was compiled, and binds nothing.
///
/// ```
/// let mut nsp = nsp::Engine::new();
/// nsp.set("price", &2.5)?;
/// let total = nsp.compile("price * 4")?;
/// let threads: Vec<_> = (0..4).map(|_| {
///     let total = total.clone();
///     std::thread::spawn(move || total.run::<f64>())
/// }).collect();
/// for t in threads {
///     assert_eq!(t.join().unwrap()?, 10.0);
/// }
/// # Ok::<(), nsp::Error>(())
/// ```
#[derive(Clone)]
pub struct Program {
    pub(super) inner: session::Program,
    pub(super) sources: SourceMap,
}

impl Program {
    /// Runs it and converts the value of its last expression.
    ///
    /// # Errors
    /// What the program does wrong, a limit, or a value that is no `T`.
    pub fn run<T: DeserializeOwned>(&self) -> Result<T, Error> {
        de::from_typed(&self.run_typed()?).map_err(Error::convert)
    }

    /// Runs it and gives the value as it is.
    ///
    /// # Errors
    /// What the program does wrong, or a limit.
    pub fn run_typed(&self) -> Result<Typed, Error> {
        self.inner.run().map_err(|d| Error::new(vec![d], self.sources.clone()))
    }

    /// The same program under other limits.
    pub fn with_limits(&self, limits: Limits) -> Program {
        let mut p = self.clone();
        p.inner.env_mut().limits = limits;
        p
    }

    /// The same program with a cancel flag of its own.
    pub fn with_cancel(&self, cancel: Cancel) -> Program {
        let mut p = self.clone();
        p.inner.env_mut().cancel = cancel;
        p
    }
}

/// A function of a program, for a host to call. Cloning is cheap; threads may share it.
///
/// ```
/// let mut nsp = nsp::Engine::new();
/// nsp.run("fn area(w: num, h: num) -> num { w * h }")?;
/// let area = nsp.function("area")?;
/// assert_eq!(area.call::<f64>((3, 4.5))?, 13.5);
/// assert_eq!(area.to_string(), "fn(num, num) -> num");
/// # Ok::<(), nsp::Error>(())
/// ```
#[derive(Clone)]
pub struct Function(Arc<Inner>);

struct Inner {
    env: Env,
    globals: Vec<Value>,
    value: Value,
    ty: Arc<FnType>,
    sources: SourceMap,
}

impl Function {
    pub(super) fn new(env: Env, globals: Vec<Value>, f: Typed, sources: SourceMap) -> Result<Function, Error> {
        match f.ty {
            Type::Fn(ty) => Ok(Function(Arc::new(Inner { env, globals, value: f.value, ty, sources }))),
            other => Err(Error::convert(ConvertError::kind("a function", other.to_string()))),
        }
    }

    /// Calls it with a tuple of arguments. Ints given for nums widen; an empty list is one of whatever is wanted.
    ///
    /// # Errors
    /// Arguments that do not fit, what the function does wrong, a limit, or a result that is no `T`.
    pub fn call<T: DeserializeOwned>(&self, args: impl Args) -> Result<T, Error> {
        de::from_typed(&self.call_typed(args)?).map_err(Error::convert)
    }

    /// Calls it and gives the result as it is.
    ///
    /// # Errors
    /// Arguments that do not fit, what the function does wrong, or a limit.
    pub fn call_typed(&self, args: impl Args) -> Result<Typed, Error> {
        let globals = self.0.globals.clone();
        self.call_in(&self.0.env, globals, args.into_args().map_err(Error::convert)?)
    }

    /// Calls it in these surroundings.
    pub(super) fn call_in(&self, env: &Env, globals: Vec<Value>, args: Vec<Typed>) -> Result<Typed, Error> {
        let params = &self.0.ty.params;
        if args.len() != params.len() {
            let e = ConvertError::kind(format!("{} arguments", params.len()), args.len().to_string());
            return Err(Error::convert(e));
        }
        let fits = |(i, (arg, ty)): (usize, (Typed, &Type))| {
            fit_typed(arg, ty).map(|t| t.value).map_err(|e| Error::convert(e.in_argument(i)))
        };
        let args = args.into_iter().zip(params).enumerate().map(fits).collect::<Result<Vec<_>, _>>()?;
        let mut machine = Machine::new(env, globals);
        match machine.call(&self.0.value, &args) {
            Ok(value) => Ok(Typed { value, ty: self.0.ty.ret.clone() }),
            Err(e) => Err(Error::new(vec![e.into()], self.0.sources.clone())),
        }
    }

    /// Looks into it as a builtin would.
    pub(super) fn inside<R>(&self, f: impl FnOnce(&mut Ctx<'_>, &Closure) -> Result<R, Fail>) -> Result<R, Error> {
        let Inner { env, globals, value, sources, .. } = &*self.0;
        let Value::Fn(closure) = value else { return Err(Error::host("this is no function")) };
        let mut meter = Meter::new(&env.limits, env.cancel.clone());
        let globals = RefCell::new(globals.clone());
        let (types, result, live) = (&[], &Type::Unit, &|| 0);
        let mut cx = Ctx { types, result, meter: &mut meter, env, live, globals: &globals, held: 0 };
        f(&mut cx, closure).map_err(|e| Error::new(vec![RunError::new(e).into()], sources.clone()))
    }

    /// Its parameter types.
    pub fn params(&self) -> &[Type] {
        &self.0.ty.params
    }

    /// Its result type.
    pub fn ret(&self) -> &Type {
        &self.0.ty.ret
    }

    /// The function as a value, to be given to another function or bound to a name.
    pub fn value(&self) -> Typed {
        Typed { value: self.0.value.clone(), ty: Type::Fn(self.0.ty.clone()) }
    }

    /// The same function under other limits.
    pub fn with_limits(&self, limits: Limits) -> Function {
        self.changed(|env| env.limits = limits)
    }

    /// The same function with a cancel flag of its own.
    pub fn with_cancel(&self, cancel: Cancel) -> Function {
        self.changed(|env| env.cancel = cancel)
    }

    fn changed(&self, change: impl FnOnce(&mut Env)) -> Function {
        let Inner { env, globals, value, ty, sources } = &*self.0;
        let mut env = env.clone();
        change(&mut env);
        let (globals, value) = (globals.clone(), value.clone());
        Function(Arc::new(Inner { env, globals, value, ty: ty.clone(), sources: sources.clone() }))
    }
}

impl std::fmt::Display for Function {
    /// Its type.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Type::Fn(self.0.ty.clone()).fmt(f)
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Function({self})")
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

/// Arguments of a call: a tuple of up to 8 Rust values, `()` for none, `(x,)` for one; or values of the language.
pub trait Args: private::Sealed {
    #[doc(hidden)]
    fn into_args(self) -> Result<Vec<Typed>, private::ConvertError>;
}

mod private {
    /// Keeps the representation of arguments free to change.
    pub trait Sealed {}
    pub use crate::engine::convert::ConvertError;
}

impl private::Sealed for Vec<Typed> {}
impl Args for Vec<Typed> {
    fn into_args(self) -> Result<Vec<Typed>, ConvertError> {
        Ok(self)
    }
}

impl private::Sealed for () {}
impl Args for () {
    fn into_args(self) -> Result<Vec<Typed>, ConvertError> {
        Ok(Vec::new())
    }
}

macro_rules! args {
    ($($t:ident $i:tt),*) => {
        impl<$($t: Serialize),*> private::Sealed for ($($t,)*) {}
        impl<$($t: Serialize),*> Args for ($($t,)*) {
            fn into_args(self) -> Result<Vec<Typed>, ConvertError> {
                Ok(vec![$(ser::to_typed(&self.$i).map_err(|e| e.in_argument($i))?),*])
            }
        }
    };
}

args!(A 0);
args!(A 0, B 1);
args!(A 0, B 1, C 2);
args!(A 0, B 1, C 2, D 3);
args!(A 0, B 1, C 2, D 3, E 4);
args!(A 0, B 1, C 2, D 3, E 4, F 5);
args!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
args!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
