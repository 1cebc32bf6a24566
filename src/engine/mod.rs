//! The language inside a host program: [`Engine`].
//!
//! A thin layer over [`Session`]: conversions between Rust values and those of the language (`ser`, `de`), Rust
//! functions and types that programs can use (`host`), handles that outlive a line (`handle`), one error type
//! (`error`).

mod call;
mod convert;
mod de;
mod diff;
mod error;
mod handle;
mod host;
mod relax;
mod ser;
mod synth;

pub use diff::Differentiable;
pub use error::{Bound, Error, ErrorKind};
pub use handle::{Args, Function, Program};
pub use host::{HostArg, HostFn, HostParams, HostRet, HostType, Own, Ref, Text};
pub use relax::{Fit, FitOptions, Relaxed};
pub use synth::{StringProgram, SynthOptions};

use crate::builtins::sig::Sig;
use crate::builtins::{Exact, Op, OpTable};
use crate::check::defs::lock;
use crate::check::scope::Binding;
use crate::ir::GlobalId;
use crate::session::Session;
use crate::suggest;
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::ctx::Env;
use crate::vm::limits::{Cancel, Limits};
use crate::vm::value::{Typed, Value};
use convert::{ConvertError, fit_typed, is_open};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

/// Built once in a process; an engine copies it when it registers something.
static STANDARD: LazyLock<Arc<OpTable>> = LazyLock::new(|| Arc::new(OpTable::standard()));

/// The language inside a host program.
///
/// A new engine grants nothing: no files, no network. It is `Send + Sync`, and cloning is cheap: clones share what was
/// defined before, and see nothing of what the other does after. Register functions before cloning.
///
/// # Conversions
///
/// Values go in and out by serde.
///
/// | Rust | the language |
/// |---|---|
/// | integers that fit in 64 bits | `int`; widens to `num` where that is wanted |
/// | `f64`, `f32` | `num`; an `int` is read as one too |
/// | `bool`, `String`, `&str`, `char`, `()` | `bool`, `str`, `str`, `str`, `unit` |
/// | `Vec<T>`, slices, sets | `[T]`; items of a JSON array must have one type |
/// | tuples; arrays `[T; N]`, which serde takes for such | tuples; a list where a list is wanted |
/// | `Range<i64>` | `range` |
/// | structs, maps with text keys | records; the order of the fields does not matter |
/// | `Option<T>` | a list of no or one item; also: a lone value is read as `Some`, `()` as `None` |
/// | an enum's variant without content; with content | a `str`; a record of one field |
///
/// An empty list or `None` says nothing of its item type. Where a type is wanted, as for a parameter, it becomes that;
/// [`Engine::set`] takes the type that the name had before, and otherwise asks for [`Engine::set_as`].
///
/// # Examples
///
/// ```
/// let mut nsp = nsp::Engine::new();
/// nsp.register("shout", |s: &str| s.to_uppercase());
/// nsp.run("fn greet(name) { shout(\"hello \" + name) }")?;
/// assert_eq!(nsp.call::<String>("greet", ("world",))?, "HELLO WORLD");
/// # Ok::<(), nsp::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    session: Session,
    /// Variables made by `set`, whose place is used again.
    set: HashMap<Name, GlobalId>,
    /// Functions made for `call`, by what they call and the types they take.
    calls: HashMap<(Name, Vec<Type>), Function>,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new()
    }
}

impl Engine {
    /// An engine without files, and without limits but a depth of 10,000 calls. `print` writes to standard output.
    pub fn new() -> Engine {
        Engine::over(Session::new(STANDARD.clone()))
    }

    /// An engine over a session.
    pub fn over(session: Session) -> Engine {
        Engine { session, set: HashMap::new(), calls: HashMap::new() }
    }

    /// The session under it, for what this type has no method for.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Operations, with their signatures and documentation.
    pub fn ops(&self) -> &OpTable {
        &self.session.env().ops
    }

    fn env(&mut self) -> &mut Env {
        // Functions made for `call` hold the surroundings as they were.
        self.calls.clear();
        self.session.env_mut()
    }

    // ---- what programs may do

    /// Bounds of each evaluation from now on. Programs and functions taken earlier keep theirs.
    ///
    /// ```
    /// use nsp::{Bound, Engine, ErrorKind, Limits};
    /// let mut nsp = Engine::new();
    /// nsp.set_limits(Limits::untrusted());
    /// let error = nsp.run("var n = 0\nwhile true { n = n + 1 }").unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::Limit(Bound::Ops | Bound::Time)));
    /// ```
    pub fn set_limits(&mut self, limits: Limits) -> &mut Engine {
        self.env().limits = limits;
        self
    }

    /// Bounds of each evaluation.
    pub fn limits(&self) -> &Limits {
        &self.session.env().limits
    }

    /// A flag that stops evaluations from another thread: those that run, and those to come until it is
    /// [`reset`](Cancel::reset). Clones of the engine share it.
    pub fn cancel_handle(&self) -> Cancel {
        self.session.env().cancel.clone()
    }

    /// Gives this engine another flag, as for a clone that is to be stopped alone.
    pub fn set_cancel(&mut self, cancel: Cancel) -> &mut Engine {
        self.env().cancel = cancel;
        self
    }

    /// Lets programs read and write this file, or this folder and all below it. Links that lead out of it are refused.
    pub fn allow_files(&mut self, path: impl Into<PathBuf>) -> &mut Engine {
        self.env().caps.files.push(path.into());
        self
    }

    /// Where relative paths in programs start; the current folder at first. It grants nothing.
    pub fn set_base(&mut self, path: impl Into<PathBuf>) -> &mut Engine {
        self.env().base = path.into();
        self
    }

    /// Where `print` writes.
    pub fn set_output(&mut self, out: impl Write + Send + 'static) -> &mut Engine {
        self.env().out = Arc::new(Mutex::new(out));
        self
    }

    /// Keeps what `print` writes.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let out = nsp.capture_output();
    /// nsp.run("print(1 + 1)")?;
    /// assert_eq!(out.take(), "2\n");
    /// # Ok::<(), nsp::Error>(())
    /// ```
    pub fn capture_output(&mut self) -> Captured {
        let captured = Captured::default();
        self.env().out = captured.0.clone();
        captured
    }

    // ---- what programs can use

    /// Makes a Rust function known to programs: of `bool`, integers, floats, `String`, `&str`, `Vec`, `Option`, tuples,
    /// `Range<i64>`, [`HostType`]s and references to them. It may give a `Result`: its error ends the program, with a
    /// message at the call. A host function of the same name and types is replaced; other types make an overload, tried
    /// after the builtins that were there. A function that the library defines in the language gives way to it.
    ///
    /// `name` is an identifier, or `module.name`; under anything else no program can call it.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.register("shout", |s: &str| s.to_uppercase());
    /// nsp.register("half", |n: i64| if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) });
    /// assert_eq!(nsp.eval::<String>(r#""abc" |> shout"#)?, "ABC");
    /// let error = nsp.eval::<i64>("1 + half(3)").unwrap_err();
    /// assert_eq!((error.message(), error.line_col()), ("3 is odd", Some((1, 5))));
    /// # Ok::<(), nsp::Error>(())
    /// ```
    pub fn register<M, F: HostFn<M>>(&mut self, name: &str, f: F) -> &mut Engine {
        self.register_doc(name, "A function of the host program.", f)
    }

    /// [`Engine::register`] with the documentation that `:help` shows.
    pub fn register_doc<M, F: HostFn<M>>(&mut self, name: &str, doc: &str, f: F) -> &mut Engine {
        let exact = Exact::Native(f.native());
        self.add_op(Op::new(name.to_string(), F::signature(), doc.to_string(), "", exact));
        self
    }

    /// Makes an operation known, as an entry of the table declares it.
    ///
    /// # Errors
    /// A signature that cannot be read.
    pub fn register_op(&mut self, op: Op) -> Result<&mut Engine, Error> {
        Sig::parse(&op.sig).map_err(|m| Error::host(format!("`{}`: {m}", op.name)))?;
        self.add_op(op);
        Ok(self)
    }

    fn add_op(&mut self, op: Op) {
        self.session.uncover(&op.name);
        let ops = Arc::make_mut(&mut self.env().ops);
        let same = ops.overloads(&op.name).iter().copied().find(|id| ops.get(*id).sig == op.sig);
        match same {
            Some(id) => ops.replace(id, op),
            None => {
                ops.add(op);
            }
        }
    }

    /// Makes the name of a host's type known, so that programs can write it in signatures. See [`HostType`].
    pub fn register_type<T: HostType>(&mut self) -> &mut Engine {
        Arc::make_mut(&mut self.env().ops).add_type(T::NAME);
        self
    }

    // ---- running programs

    /// Runs a text and converts the value of its last expression.
    ///
    /// ```
    /// #[derive(serde::Deserialize, PartialEq, Debug)]
    /// struct Point { y: f64, x: f64 }
    /// let p: Point = nsp::Engine::new().eval("(x: 1.5, y: 2)")?;
    /// assert_eq!(p, Point { x: 1.5, y: 2.0 });
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the program, a limit, or a value that is no `T`.
    pub fn eval<T: DeserializeOwned>(&mut self, text: &str) -> Result<T, Error> {
        de::from_typed(&self.run(text)?).map_err(Error::convert)
    }

    /// Runs a text and gives the value of its last expression as it is. What it defines stays.
    ///
    /// # Errors
    /// What is wrong with the program, or a limit.
    pub fn run(&mut self, text: &str) -> Result<Typed, Error> {
        self.run_named("<eval>", text)
    }

    /// [`Engine::run`] with the name that messages show. A file's path lets its imports start from there.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run_named(&mut self, name: &str, text: &str) -> Result<Typed, Error> {
        match self.session.step(name, text) {
            Ok(outcome) => {
                if !outcome.bound.is_empty() {
                    self.calls.clear();
                }
                Ok(outcome.value)
            }
            Err(diagnostics) => Err(self.error(diagnostics)),
        }
    }

    fn error(&self, diagnostics: Vec<crate::diag::Diagnostic>) -> Error {
        Error::new(diagnostics, self.session.sources().clone())
    }

    /// Compiles a text, to be run many times.
    ///
    /// # Errors
    /// What is wrong with the program.
    pub fn compile(&mut self, text: &str) -> Result<Program, Error> {
        match self.session.compile("<compiled>", text) {
            Ok(inner) => Ok(Program { inner, sources: self.session.sources().clone() }),
            Err(diagnostics) => Err(self.error(diagnostics)),
        }
    }

    // ---- values

    /// Binds a name to a Rust value. Setting it again with the same type changes what functions that use it see.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.set("words", &vec!["to", "be"])?;
    /// assert_eq!(nsp.eval::<usize>("len(words)")?, 2);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// A value that the language has no type for, or a list without items whose type is not known.
    pub fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        let mut value = ser::to_typed(value).map_err(Error::convert)?;
        if let Some(known) = self.session.get(name)
            && let Ok(fitted) = fit_typed(value.clone(), &known.ty)
        {
            value = fitted;
        }
        if is_open(&value.ty) {
            let e = ConvertError::other(format!("the type of the items of `{name}` is not known"));
            return Err(Error::convert(e.help("the list is empty: give its type with `set_as`")));
        }
        self.set_value(name, value);
        Ok(())
    }

    /// Binds a name to a Rust value as a value of a type in the language's notation.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.set_as("rows", "[(name: str, age: int)]", &Vec::<()>::new())?;
    /// assert_eq!(nsp.eval::<usize>("len(rows)")?, 0);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// A type that cannot be read, or a value that is not of it.
    pub fn set_as<T: Serialize + ?Sized>(&mut self, name: &str, ty: &str, value: &T) -> Result<(), Error> {
        let sig = Sig::parse(&format!("-> {ty}")).map_err(|_| Error::host(format!("cannot read the type `{ty}`")))?;
        let value = ser::to_typed(value).and_then(|t| fit_typed(t, &sig.ret)).map_err(Error::convert)?;
        self.set_value(name, value);
        Ok(())
    }

    /// Binds a name to a value of the language.
    pub fn set_value(&mut self, name: &str, value: Typed) {
        if let (Some(ours), Some(Binding::Global { id, ty, .. })) = (self.set.get(name), self.session.scope().get(name))
            && ours == id
            && *ty == value.ty
        {
            let id = *id;
            self.session.assign(id, value.value);
            return;
        }
        self.calls.clear();
        self.session.set(name, value);
        if let Some(Binding::Global { id, .. }) = self.session.scope().get(name) {
            self.set.insert(name.into(), *id);
        }
    }

    /// Binds a name to a value of a host's type.
    pub fn set_object<T: HostType>(&mut self, name: &str, value: T) {
        self.set_value(name, Typed { value: value.into_object(), ty: Type::con(T::NAME) });
    }

    /// The value that a name is bound to, converted.
    ///
    /// # Errors
    /// A name that is not bound to a value, or a value that is no `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        de::from_typed(&self.get_value(name)?).map_err(Error::convert)
    }

    /// The value that a name is bound to, as it is.
    ///
    /// # Errors
    /// A name that is not bound to a value.
    pub fn get_value(&self, name: &str) -> Result<Typed, Error> {
        if let Some(v) = self.session.get(name) {
            return Ok(v);
        }
        if let Some(Binding::Def(_)) = self.session.scope().get(name) {
            let e = Error::host(format!("`{name}` is a function, not a value"));
            return Err(e.help("take a function with `Engine::function`"));
        }
        let known = self.session.scope().iter().map(|(n, _)| &**n);
        let e = Error::host(format!("unknown name `{name}`"));
        Err(match suggest::nearest(name, known) {
            Some(near) => e.help(format!("did you mean `{near}`?")),
            None => e,
        })
    }

    /// The host's own value behind a value of the language.
    pub fn object<T: HostType>(value: &Typed) -> Option<&T> {
        T::from_object(&value.value)
    }
}

/// What programs have printed; see [`Engine::capture_output`].
#[derive(Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// The text so far; what follows starts anew.
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *lock(&self.0));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The value inside, for hosts that build values of the language themselves.
impl From<Typed> for Value {
    fn from(t: Typed) -> Value {
        t.value
    }
}
