//! nsp: a small statically typed language for programs with holes, to be run by itself or inside a host program.
//!
//! # In a host program
//!
//! An [`Engine`] runs programs. It grants them nothing, no file and no network, until told to. Values go in and out by
//! serde, Rust functions are registered as they are, and every evaluation can be bounded and stopped.
//!
//! ```
//! use nsp::{Engine, Limits};
//! use std::time::Duration;
//!
//! let mut nsp = Engine::new();
//! nsp.set_limits(Limits {
//!     ops: Some(1_000_000),
//!     memory: Some(64 << 20),
//!     depth: 200,
//!     time: Some(Duration::from_secs(1)),
//! });
//! nsp.register("shout", |s: &str| s.to_uppercase());
//! assert_eq!(nsp.eval::<String>(r#""mason" |> shout"#)?, "MASON");
//!
//! // What a line defines stays for the next.
//! nsp.run("fn hyp(a: num, b: num = 0) -> num { sqrt(a*a + b*b) }")?;
//! let n: f64 = nsp.eval("hyp(3, 4)")?;
//! assert_eq!(n, 5.0);
//! assert_eq!(nsp.call::<f64>("hyp", (6, 8))?, 10.0);
//! # Ok::<(), nsp::Error>(())
//! ```
//!
//! Rust structs are the language's records:
//!
//! ```
//! #[derive(serde::Serialize)]
//! struct Row { name: String, score: f64 }
//! #[derive(serde::Deserialize, Debug, PartialEq)]
//! struct Best { who: String, by: f64 }
//!
//! let mut nsp = nsp::Engine::new();
//! let row = |name: &str, score| Row { name: name.into(), score };
//! nsp.set("rows", &vec![row("Ann", 3.5), row("Bob", 2.0)])?;
//! let best: Best = nsp.eval("(who: rows[0].name, by: rows[0].score - rows[1].score)")?;
//! assert_eq!(best, Best { who: "Ann".into(), by: 1.5 });
//! # Ok::<(), nsp::Error>(())
//! ```
//!
//! Compile once, run many times, from many threads: [`Program`] for a text, [`Function`] for what takes arguments.
//!
//! ```
//! let mut nsp = nsp::Engine::new();
//! let grade = nsp.function(r#"fn(points: int) { if points >= 50 { "pass" } else { "fail" } }"#)?;
//! let threads: Vec<_> = [40, 60].into_iter().map(|points| {
//!     let grade = grade.clone();
//!     std::thread::spawn(move || grade.call::<String>((points,)))
//! }).collect();
//! let grades: Vec<String> = threads.into_iter().map(|t| t.join().unwrap().unwrap()).collect();
//! assert_eq!(grades, ["fail", "pass"]);
//! # Ok::<(), nsp::Error>(())
//! ```
//!
//! What goes wrong is one [`Error`], with a kind for the host and a place and words for the person:
//!
//! ```
//! use nsp::{Bound, Engine, ErrorKind, Limits};
//! let mut nsp = Engine::new();
//! let error = nsp.run("let n = 1\nn + \"a\"").unwrap_err();
//! assert_eq!((error.kind(), error.line_col().map(|at| at.0)), (ErrorKind::Check, Some(2)));
//!
//! nsp.set_limits(Limits::untrusted());
//! let error = nsp.run("fn f(n: int) -> int { 1 + f(n) }\nf(0)").unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Limit(Bound::Depth));
//! ```
//!
//! # How it is made
//!
//! Text goes through [`syntax`] (tokens, layout, syntax tree) and [`check`] (names, types, holes) to the checked form
//! [`ir`], which [`vm`] compiles and runs. Every operation is one entry of the table in [`builtins`], which the checker,
//! the machine and the help read. A [`Session`] is the environment of a shell, a script, an engine or a search: values
//! in scope, and lines of code as steps. [`search`] and [`synth`] fill holes.
pub mod builtins;
pub mod bundle;
pub mod check;
#[cfg(feature = "shell")]
pub mod cli;
pub mod data;
pub mod diag;
pub mod domain;
pub mod engine;
pub mod export;
pub mod ir;
pub mod raster;
pub mod relax;
pub mod search;
pub mod session;
pub mod shape;
#[cfg(feature = "shell")]
pub mod shell;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod synth;
pub mod text;
pub mod types;
pub mod vm;

pub use engine::{
    Bound, Differentiable, Engine, Error, ErrorKind, Fit, FitOptions, Function, HostType, Program, Relaxed,
    StringProgram, SynthOptions,
};
pub use nsp_kernels::real::Real;
pub use session::Session;
pub use vm::limits::{Cancel, Limits};
pub use vm::value::{Typed, Value};

/// The code in the README runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
