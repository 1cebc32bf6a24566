//! Calling functions of programs: by name, or as handles to keep.

use super::convert::{ConvertError, is_open};
use super::{Args, Engine, Error, Function, HostParams, Program, de};
use crate::check::defs::lock;
use crate::check::scope::Binding;
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::value::Typed;
use serde::de::DeserializeOwned;

impl Engine {
    /// Calls a function by name with a tuple of arguments: one of a program, generic or not, of the library, a builtin,
    /// `module.name`.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.run("fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }")?;
    /// assert_eq!(nsp.call::<f64>("hyp", (3, 4))?, 5.0);
    /// assert_eq!(nsp.call::<f64>("hyp", (3,))?, 3.0);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// An unknown function, arguments that do not fit, what the function does wrong, a limit, or a result that is no
    /// `T`.
    pub fn call<T: DeserializeOwned>(&mut self, name: &str, args: impl Args) -> Result<T, Error> {
        de::from_typed(&self.call_typed(name, args)?).map_err(Error::convert)
    }

    /// [`Engine::call`], giving the result as it is.
    ///
    /// # Errors
    /// As [`Engine::call`].
    pub fn call_typed(&mut self, name: &str, args: impl Args) -> Result<Typed, Error> {
        let args = args.into_args().map_err(Error::convert)?;
        let declared = self.parameters(name);
        let wanted = |(i, a): (usize, &Typed)| {
            let ty = declared.as_ref().and_then(|ps| ps.get(i)).unwrap_or(&a.ty);
            if is_open(ty) {
                let e = ConvertError::other("the type of an empty list's items is not known").in_argument(i);
                return Err(Error::convert(e.help("the function is generic: give the parameter a type")));
            }
            Ok(ty.clone())
        };
        let types = args.iter().enumerate().map(wanted).collect::<Result<Vec<_>, _>>()?;
        let key = (Name::from(name), types);
        let f = match self.calls.get(&key) {
            Some(f) => f.clone(),
            None => {
                let f = self.wrapper(name, &key.1)?;
                self.calls.insert(key, f.clone());
                f
            }
        };
        f.call_in(self.session.env(), self.session.globals(), args)
    }

    /// A function for a host to keep and call, from many threads: its name, or any expression that gives one.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let discount = nsp.function("fn(price: num, percent: num) { price * (100 - percent) / 100 }")?;
    /// assert_eq!(discount.call::<f64>((80, 25))?, 60.0);
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the expression; a value that is no function; a generic function, whose types
    /// [`Engine::function_for`] gives.
    pub fn function(&mut self, expr: &str) -> Result<Function, Error> {
        if let Some(params) = self.parameters(expr) {
            return self.wrapper(expr, &params);
        }
        let program = self.compile(expr)?;
        if let Some(Binding::Def(_)) = self.session.scope().get(expr)
            && self.parameters(expr).is_none()
        {
            let e = Error::host(format!("`{expr}` is generic: its parameters may have many types"));
            return Err(e.help("name them in Rust with `function_for`, or write `fn(x: int) { .. }` around the call"));
        }
        let value = program.run_typed()?;
        Function::new(self.session.env().clone(), self.session.globals(), value, program.sources)
    }

    /// A function for parameters of these Rust types: for generic functions and overloaded builtins.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// nsp.run("fn twice(x) { x + x }")?;
    /// let f = nsp.function_for::<(String,)>("twice")?;
    /// assert_eq!(f.call::<String>(("ab",))?, "abab");
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// An unknown function, or one that does not take these types.
    pub fn function_for<P: HostParams>(&mut self, name: &str) -> Result<Function, Error> {
        self.wrapper(name, &P::types())
    }

    /// The parameter types of a function that is not generic.
    fn parameters(&self, name: &str) -> Option<Vec<Type>> {
        match self.session.scope().get(name)? {
            Binding::Global { ty: Type::Fn(f), .. } => Some(f.params.clone()),
            Binding::Def(id) => {
                let def = self.session.defs().get(*id);
                let scheme = lock(&def.scheme).clone()?;
                scheme.vars.is_empty().then(|| scheme.params.clone())
            }
            _ => None,
        }
    }

    /// `fn(a: A, b: B) { name(a, b) }`, made a value: all ways of calling, with defaults, widening and overloads, are
    /// left to the checker.
    fn wrapper(&mut self, name: &str, types: &[Type]) -> Result<Function, Error> {
        if !name.split('.').all(is_identifier) {
            return Err(Error::host(format!("`{name}` is not the name of a function")));
        }
        let names: Vec<String> = (0..types.len()).map(|i| format!("arg{}", i + 1)).collect();
        let params: Vec<String> = names.iter().zip(types).map(|(n, t)| format!("{n}: {t}")).collect();
        let text = format!("fn({}) {{ {name}({}) }}", params.join(", "), names.join(", "));
        let program = match self.session.compile("<call>", &text) {
            Ok(inner) => Program { inner, sources: self.session.sources().clone() },
            Err(diagnostics) => return Err(self.error(diagnostics)),
        };
        let value = program.run_typed()?;
        Function::new(self.session.env().clone(), self.session.globals(), value, program.sources)
    }
}

fn is_identifier(s: &str) -> bool {
    s.starts_with(|c: char| c.is_alphabetic() || c == '_') && s.chars().all(|c| c.is_alphanumeric() || c == '_')
}
