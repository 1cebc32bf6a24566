//! Text to [`ast`] and back.
//!
//! A text goes through `token` and `lexer` (logos; comments set aside), `layout` (newlines and brackets), the grammar
//! `grammar/nsp.lalrpop` with its actions in `build`, and comes out of [`parse()`] as an arena. [`print()`] writes a tree
//! in its normal form, [`fmt()`] does so with a text's comments, and [`same`] compares two trees:
//! `same(parse(print(p)), p)` always holds.
//!
//! ```
//! let parsed = nsp::syntax::parse(Default::default(), "let x=1+2*3");
//! assert!(parsed.errors.is_empty());
//! assert_eq!(nsp::syntax::print(&parsed.ast), "let x = 1 + 2 * 3\n");
//! ```

pub mod ast;
mod build;
mod comments;
mod explain;
mod fmt;
mod highlight;
mod layout;
mod lexer;
mod parse;
mod print;
mod print_expr;
mod same;
mod token;
pub mod walk;

pub use fmt::fmt;
pub use highlight::{TokenClass, tokens};
pub use parse::{Parsed, continues, parse, parse_signature, parse_type};
pub use print::{print, print_expr, print_stmt, print_type};
pub use same::{same, same_expr};
pub use token::KEYWORDS;
