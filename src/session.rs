//! Values in scope, and lines of code as steps.
//!
//! The shell, scripts, host programs and searches all write into a [`Session`]. Cloning one is cheap: scope, values and
//! functions are shared, and a clone's steps are not seen by the other.

use crate::builtins::OpTable;
use crate::check::defs::Defs;
use crate::check::module::Checked;
use crate::check::scope::{Binding, Scope};
use crate::check::{Checker, Loaded, Loader};
use crate::diag::Diagnostic;
use crate::ir::{FuncId, GlobalId};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::{Ast, Name};
use crate::types::Type;
use crate::vm::code::Code;
use crate::vm::ctx::{Capabilities, Env};
use crate::vm::library::Library;
use crate::vm::limits::{Cancel, Fail, Limits};
use crate::vm::value::{Closure, Origin, Typed, Value};
use crate::vm::{Machine, RunError};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

/// The library in the language, by file name: `stdlib/*.nsp`.
pub const STDLIB: &[(&str, &str)] = &[
    ("<stdlib>/prelude.nsp", include_str!("../stdlib/prelude.nsp")),
    ("<stdlib>/text.nsp", include_str!("../stdlib/text.nsp")),
    ("<stdlib>/data.nsp", include_str!("../stdlib/data.nsp")),
    ("<stdlib>/shape.nsp", include_str!("../stdlib/shape.nsp")),
    ("<stdlib>/image.nsp", include_str!("../stdlib/image.nsp")),
];

/// Parsed once in a process; file numbers are positions in [`STDLIB`].
static STDLIB_ASTS: LazyLock<Vec<Arc<Ast>>> = LazyLock::new(|| {
    let parse = |(i, (_, text)): (usize, &(&str, &str))| Arc::new(crate::syntax::parse(FileId(i as u32), text).ast);
    STDLIB.iter().enumerate().map(parse).collect()
});

/// A session.
#[derive(Clone)]
pub struct Session {
    env: Env,
    defs: Arc<Defs>,
    prelude: Scope,
    scope: Scope,
    globals: imbl::Vector<Value>,
    sources: SourceMap,
    modules: HashMap<String, Arc<Scope>>,
    /// The place of `_`, if nothing but `_` refers to it: the next value may take it.
    spare: Option<GlobalId>,
    /// Whether some `var` may hold functions, whatever line made them.
    keeps_functions: bool,
    /// The texts before a step that failed; its own are needed only until the next step.
    before_failure: Option<SourceMap>,
}

/// What a step did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The value of its last expression.
    pub value: Typed,
    /// Names that it bound.
    pub bound: Vec<Name>,
    /// Its tests, not yet run.
    pub tests: Vec<Test>,
}

/// A `test` block.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name.
    pub name: Name,
    /// Its place.
    pub span: Span,
    func: FuncId,
}

/// A compiled text, to be run many times, from many threads.
#[derive(Clone)]
pub struct Program {
    code: Arc<Code>,
    ty: Type,
    env: Env,
    globals: Vec<Value>,
    checked: Arc<Checked>,
}

impl Program {
    /// Runs it over the values that were in scope when it was compiled.
    pub fn run(&self) -> Result<Typed, Diagnostic> {
        let mut machine = Machine::new(&self.env, self.globals.clone());
        let value = machine.run(&self.code, &[]).map_err(Diagnostic::from)?;
        Ok(Typed { value, ty: self.ty.clone() })
    }

    /// Its surroundings, to be changed for its runs alone: limits, cancel flag, output.
    pub fn env_mut(&mut self) -> &mut Env {
        &mut self.env
    }

    /// Functions that it defines and that are not generic.
    pub fn functions(&self) -> &[(Name, FuncId)] {
        &self.checked.functions
    }
}

impl Default for Session {
    fn default() -> Session {
        Session::new(Arc::new(OpTable::standard()))
    }
}

impl Session {
    /// An empty session over these operations: no files, no bounds but the call depth, `print` to standard output.
    pub fn new(ops: Arc<OpTable>) -> Session {
        let library = Arc::new(Library::default());
        let defs = Arc::new(Defs::default());
        let env = Env {
            ops: ops.clone(),
            library: library.clone(),
            caps: Capabilities::default(),
            out: Arc::new(Mutex::new(std::io::stdout())),
            cancel: Cancel::default(),
            limits: Limits::default(),
            base: PathBuf::from("."),
            args: Arc::default(),
            assets: Default::default(),
            progress: None,
        };
        let mut sources = SourceMap::default();
        let mut checker = Checker::new(ops, defs.clone(), library, Scope::default(), 0);
        let mut prelude = Scope::default();
        for ((name, text), ast) in STDLIB.iter().zip(STDLIB_ASTS.iter()) {
            sources.add(*name, *text);
            prelude = checker.declare(ast.clone(), prelude);
        }
        Session {
            env,
            defs,
            scope: prelude.clone(),
            prelude,
            globals: imbl::Vector::new(),
            sources,
            modules: HashMap::new(),
            spare: None,
            keeps_functions: false,
            before_failure: None,
        }
    }

    /// The surroundings of its evaluations.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The surroundings, to be changed: limits, capabilities, output, operations.
    pub fn env_mut(&mut self) -> &mut Env {
        &mut self.env
    }

    /// The texts that its diagnostics point into.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Names in scope.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Function definitions.
    pub fn defs(&self) -> &Defs {
        &self.defs
    }

    /// Runs a line or a script: checks all of it, runs it, keeps what it binds. `name` is shown in messages; for a file
    /// it is its path, from which imports start. After an error nothing it would have bound is kept, but variables of
    /// earlier steps keep what they were given.
    pub fn step(&mut self, name: &str, text: &str) -> Result<Outcome, Vec<Diagnostic>> {
        let mark = self.mark();
        let spare = self.spare;
        let (checked, code) = self.prepare(name, text)?;
        let kept = self.globals.len();
        let mut machine = Machine::new(&self.env, self.globals.iter().cloned().collect());
        let result = machine.run(&code, &[]);
        let mut globals = machine.globals();
        if result.is_err() {
            globals.truncate(kept);
        }
        self.globals = globals.into();
        let value = match result {
            Ok(v) => v,
            Err(e) => {
                self.failed(mark);
                return Err(vec![Diagnostic::from(e)]);
            }
        };
        self.scope = checked.scope;
        let of_functions =
            |b: Option<&Binding>| matches!(b, Some(Binding::Global { ty, mutable: true, .. }) if has_function(ty));
        self.keeps_functions |= checked.bound.iter().any(|n| of_functions(self.scope.get(n)));
        let ty = checked.ty;
        // Whether nothing of this line can be used again, and nobody else has added anything. It is forgotten then: a
        // host that evaluates millions of lines does not grow.
        let forget =
            checked.bound.is_empty() && !has_function(&ty) && checked.tests.is_empty() && self.owns_functions();
        self.spare = spare.filter(|_| forget);
        if ty != Type::Unit {
            let id = match self.spare {
                Some(id) => {
                    self.assign(id, value.clone());
                    id
                }
                None => {
                    self.globals.push_back(value.clone());
                    GlobalId(self.globals.len() as u32 - 1)
                }
            };
            self.spare = forget.then_some(id);
            self.scope.bind("_".into(), Binding::Global { id, ty: ty.clone(), mutable: false });
        }
        if forget {
            self.forget(&mark);
            self.sources = mark.sources;
        }
        let tests = checked.tests.into_iter().map(|(name, span, func)| Test { name, span, func }).collect();
        Ok(Outcome { value: Typed { value, ty }, bound: checked.bound, tests })
    }

    /// How much there is now.
    fn mark(&mut self) -> Mark {
        if let Some(before) = self.before_failure.take() {
            self.sources = before;
        }
        let (sources, modules) = (self.sources.clone(), self.modules.clone());
        Mark { functions: self.env.library.len(), defs: self.defs.len(), sources, modules }
    }

    /// Whether no other session and no variable may hold functions that this one made.
    fn owns_functions(&self) -> bool {
        Arc::strong_count(&self.defs) == 1 && !self.keeps_functions
    }

    fn forget(&mut self, mark: &Mark) {
        self.defs.truncate(mark.defs);
        self.defs.forget_instances(mark.functions);
        self.env.library.truncate(mark.functions);
    }

    /// After a step that failed.
    fn failed(&mut self, mark: Mark) {
        if self.owns_functions() {
            self.forget(&mark);
            self.before_failure = Some(mark.sources);
        }
        // A module whose importer failed has no values.
        self.modules = mark.modules;
    }

    /// Checks a text and makes its functions, without running it.
    fn prepare(&mut self, name: &str, text: &str) -> Result<(Checked, Arc<Code>), Vec<Diagnostic>> {
        let mark = self.mark();
        let result = self.make(name, text);
        if result.is_err() {
            self.failed(mark);
        }
        result
    }

    fn make(&mut self, name: &str, text: &str) -> Result<(Checked, Arc<Code>), Vec<Diagnostic>> {
        let file = self.sources.add(name, text);
        if !name.starts_with('<') {
            self.env.assets.add_program(Path::new(name));
        }
        let parsed = crate::syntax::parse(file, text);
        if !parsed.errors.is_empty() {
            return Err(parsed.errors);
        }
        let env = self.env.clone();
        let mut ck = Checker::new(
            env.ops.clone(),
            self.defs.clone(),
            env.library.clone(),
            self.prelude.clone(),
            self.globals.len() as u32,
        );
        ck.modules = std::mem::take(&mut self.modules);
        let mut files = Files { env: &env, sources: &mut self.sources };
        let known = ck.modules.clone();
        let checked = ck.check(Arc::new(parsed.ast), self.scope.clone(), &mut files);
        let functions = ck.take_functions();
        let (Some(checked), Some(functions)) = (checked, functions) else {
            self.modules = known;
            return Err(ck.errors);
        };
        let mut errors = Vec::new();
        let mut main = None;
        for (id, func) in functions {
            match crate::vm::compile(&func, &env.ops, &env.library, crate::vm::Options::default()) {
                Ok(code) => {
                    let code = Arc::new(code);
                    if id == checked.main {
                        main = Some(code.clone());
                    }
                    env.library.define(id, Arc::new(func), code);
                }
                Err(d) => errors.push(d),
            }
        }
        match main {
            Some(code) if errors.is_empty() => {
                ck.commit();
                self.modules = std::mem::take(&mut ck.modules);
                Ok((checked, code))
            }
            _ => {
                self.modules = known;
                Err(errors)
            }
        }
    }

    /// Checks a text over what is in scope, without running it or keeping anything.
    pub fn check(&mut self, name: &str, text: &str) -> Result<Checked, Vec<Diagnostic>> {
        self.spare = None;
        self.prepare(name, text).map(|(checked, _)| checked)
    }

    /// Compiles a text once, to be run many times.
    pub fn compile(&mut self, name: &str, text: &str) -> Result<Program, Vec<Diagnostic>> {
        self.spare = None;
        let (checked, code) = self.prepare(name, text)?;
        let globals = self.globals.iter().cloned().collect();
        Ok(Program { code, ty: checked.ty.clone(), env: self.env.clone(), globals, checked: Arc::new(checked) })
    }

    /// Runs a test of an earlier step.
    pub fn run_test(&self, test: &Test) -> Result<(), Diagnostic> {
        let Some(code) = self.env.library.get(test.func).and_then(|e| e.code) else {
            return Err(Diagnostic::new("E0400", test.span, "this test was not compiled"));
        };
        let mut machine = Machine::new(&self.env, self.globals.iter().cloned().collect());
        machine.run(&code, &[]).map(drop).map_err(Diagnostic::from)
    }

    /// The value bound to a name.
    pub fn get(&self, name: &str) -> Option<Typed> {
        match self.scope.get(name)? {
            Binding::Global { id, ty, .. } => {
                Some(Typed { value: self.globals.get(id.0 as usize)?.clone(), ty: ty.clone() })
            }
            _ => None,
        }
    }

    /// Binds a value.
    pub fn set(&mut self, name: &str, value: Typed) {
        let id = GlobalId(self.globals.len() as u32);
        self.globals.push_back(value.value);
        self.scope.bind(name.into(), Binding::Global { id, ty: value.ty, mutable: false });
    }

    /// Lets a name that the library in the language defines mean an operation: one that the host adds goes before it.
    pub fn uncover(&mut self, name: &str) {
        if let (Some(Binding::Def(a)), Some(Binding::Def(b))) = (self.scope.get(name), self.prelude.get(name))
            && a == b
        {
            self.scope.unbind(name);
        }
        self.prelude.unbind(name);
    }

    /// Gives a value bound by [`Session::set`] another of the same type: what uses the name sees it from now on.
    pub fn assign(&mut self, id: GlobalId, value: Value) {
        if let Some(slot) = self.globals.get_mut(id.0 as usize) {
            *slot = value;
        }
    }

    /// Calls a function value with arguments of its parameter types.
    pub fn call(&self, f: &Value, args: &[Value]) -> Result<Value, RunError> {
        Machine::new(&self.env, self.globals()).call(f, args)
    }

    /// A function value's source text, with what filled its holes as a comment above it.
    pub fn source(&self, f: &Value) -> Option<String> {
        let Value::Fn(c) = f else { return None };
        if c.library != self.env.library.id() {
            return None;
        }
        let func = crate::ir::raise::with_captures(&self.env.library.get(c.func)?.func, &c.captures);
        let origin = c.origin.iter().flat_map(|o| o.made.lines()).map(|l| format!("// {l}\n")).collect::<String>();
        Some(origin + crate::ir::raise::to_source(&func, &self.env.ops, &self.env.library).trim_end())
    }

    /// What a synthesizer says of a function value that it made.
    pub fn origin(&self, f: &Value) -> Option<Arc<Origin>> {
        match f {
            Value::Fn(c) => c.origin.clone(),
            _ => None,
        }
    }

    /// The values of all globals, for running functions that see them.
    pub fn globals(&self) -> Vec<Value> {
        self.globals.iter().cloned().collect()
    }

    /// A function value for a function of the library.
    pub fn function(&self, id: FuncId) -> Value {
        Value::Fn(Arc::new(Closure { func: id, library: self.env.library.id(), captures: Vec::new(), origin: None }))
    }
}

/// How much there was before a step.
struct Mark {
    functions: usize,
    defs: usize,
    sources: SourceMap,
    modules: HashMap<String, Arc<Scope>>,
}

fn has_function(t: &Type) -> bool {
    match t {
        Type::Fn(_) | Type::Con(_) => true,
        Type::List(t) => has_function(t),
        Type::Tuple(ts) => ts.iter().any(has_function),
        Type::Record(fs) => fs.iter().any(|(_, t)| has_function(t)),
        _ => false,
    }
}

/// Files for imports: within the capabilities, relative to the importing file.
struct Files<'a> {
    env: &'a Env,
    sources: &'a mut SourceMap,
}

impl Loader for Files<'_> {
    fn load(&mut self, path: &str, from: FileId) -> Result<Loaded, Fail> {
        let importer = self.sources.get(from).map(|s| s.name.clone()).unwrap_or_default();
        let folder = match Path::new(&importer).parent() {
            Some(dir) if !importer.starts_with('<') => dir.to_path_buf(),
            _ => self.env.base.clone(),
        };
        let full = folder.join(path);
        let allowed = self.env.caps.allows(&full);
        if !allowed {
            return Err(Fail::new("E0601", format!("not allowed to read the file `{path}`")));
        }
        let text = std::fs::read_to_string(&full)
            .map_err(|e| Fail::new("E0602", format!("cannot read `{}`: {e}", full.display())))?;
        let key = full.canonicalize().unwrap_or(full.clone()).display().to_string();
        self.env.assets.add_program(&full);
        let file = self.sources.add(full.display().to_string(), text.clone());
        Ok(Loaded { key, file, text })
    }
}
