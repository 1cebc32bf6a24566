//! What a builtin sees of the machine that calls it.

use crate::builtins::OpTable;
use crate::bundle::Assets;
use crate::types::Type;
use crate::vm::library::Library;
use crate::vm::limits::{Cancel, Fail, Limits, Meter};
use crate::vm::value::Value;
use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Where `print` writes.
pub type Out = Arc<Mutex<dyn Write + Send>>;

/// Hears of long work: what it is doing, and the share that is done, from 0 to 1. The last share is 1.
pub type Progress = Arc<dyn Fn(&str, f64) + Send + Sync>;

/// What a program may touch outside itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Folders (or files) that may be read and written, with all below them.
    pub files: Vec<PathBuf>,
    /// All files.
    pub all_files: bool,
}

impl Capabilities {
    /// Whether this path may be touched.
    pub fn allows(&self, path: &Path) -> bool {
        self.all_files || self.files.iter().any(|root| is_inside(path, root))
    }
}

/// The surroundings of an evaluation, shared by all its parts.
#[derive(Clone)]
pub struct Env {
    /// Operations.
    pub ops: Arc<OpTable>,
    /// Functions.
    pub library: Arc<Library>,
    /// What may be touched.
    pub caps: Capabilities,
    /// Where `print` writes.
    pub out: Out,
    /// Stops evaluations.
    pub cancel: Cancel,
    /// Bounds of each evaluation.
    pub limits: Limits,
    /// Relative paths start here.
    pub base: PathBuf,
    /// Arguments of the script.
    pub args: Arc<Vec<String>>,
    /// Where `asset` looks.
    pub assets: Assets,
    /// Told how far long work is.
    pub progress: Option<Progress>,
}

/// What a builtin is given beside its arguments.
pub struct Ctx<'a> {
    /// The types of its arguments where it is called.
    pub types: &'a [Type],
    /// The type of its result there.
    pub result: &'a Type,
    /// Counts what it uses.
    pub meter: &'a mut Meter,
    /// The surroundings.
    pub env: &'a Env,
    /// Counts the live data of the calling machine, for the memory bound.
    pub live: &'a dyn Fn() -> usize,
    /// The calling machine's globals, for functions that the builtin calls back.
    pub globals: &'a RefCell<Vec<Value>>,
    /// Bytes that this call has charged so far: what it is making is not yet among the machine's live data.
    pub held: usize,
}

/// Runs `f` with a context of its own, outside any machine: for searches and tests.
pub fn detached<R>(env: &Env, meter: &mut Meter, f: impl FnOnce(&mut Ctx<'_>) -> R) -> R {
    let globals = RefCell::new(Vec::new());
    f(&mut Ctx { types: &[], result: &Type::Unit, meter, env, live: &|| 0, globals: &globals, held: 0 })
}

impl Ctx<'_> {
    /// To be called before allocating `bytes`.
    pub fn charge(&mut self, bytes: usize) -> Result<(), Fail> {
        self.held = self.held.saturating_add(bytes);
        if self.meter.fits(bytes) { Ok(()) } else { self.meter.recount((self.live)(), self.held) }
    }

    /// To be called for work on `n` bytes or items inside a builtin: counts operations and polls for Ctrl-C.
    pub fn work(&mut self, n: usize) -> Result<(), Fail> {
        self.meter.work(n as u64 / 64)
    }

    /// The real path of a file that the program names, if it may be touched.
    pub fn path(&self, path: &str) -> Result<PathBuf, Fail> {
        let full = self.env.base.join(path);
        if self.env.caps.allows(&full) {
            return Ok(full);
        }
        Err(Fail::new("E0601", format!("not allowed to touch the file `{path}`"))
            .help("the host program grants files; nothing is granted by default"))
    }
}

/// Whether `path` lies in `root` once links and `..` are resolved. A file that does not exist yet counts by its folder.
fn is_inside(path: &Path, root: &Path) -> bool {
    let Ok(root) = root.canonicalize() else { return false };
    match path.canonicalize() {
        Ok(p) => p.starts_with(&root),
        Err(_) => match (path.parent().and_then(|d| d.canonicalize().ok()), path.file_name()) {
            (Some(dir), Some(_)) => dir.starts_with(&root),
            _ => false,
        },
    }
}
