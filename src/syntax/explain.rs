//! Why a token cannot stand where it stands, in the user's words.
//!
//! The usual slips, most of them habits from other languages, have messages of their own; each looks at the tokens
//! around the error. What remains says what was found and what was wanted.

use super::token::{KEYWORDS, Spanned, Tok, fixed};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

/// The message for an error at token `at`; one past the last means the end of the text. `expected` are the terminals
/// of the grammar that could have stood there.
pub(crate) fn explain(file: FileId, toks: &[Spanned<'_>], at: usize, expected: &[String]) -> Diagnostic {
    let spot = Spot { file, toks, at, expected };
    spot.slip().unwrap_or_else(|| spot.plain())
}

/// The place of an error.
struct Spot<'e, 's> {
    file: FileId,
    toks: &'e [Spanned<'s>],
    at: usize,
    expected: &'e [String],
}

impl<'s> Spot<'_, 's> {
    /// The token `n` places before the error.
    fn back(&self, n: usize) -> Option<Tok<'s>> {
        self.at.checked_sub(n).and_then(|i| self.toks.get(i)).map(|t| t.1)
    }

    fn span(&self, i: usize) -> Span {
        let (l, r) = match (self.toks.get(i), self.toks.last()) {
            (Some(t), _) => (t.0, t.2),
            (None, Some(last)) => (last.2, last.2),
            (None, None) => (0, 0),
        };
        Span { file: self.file, start: l, end: r }
    }

    fn wants(&self, terminal: &str) -> bool {
        self.expected.iter().any(|e| e.trim_matches('"') == terminal)
    }

    /// Whether the error's token touches the one before it.
    fn adjacent(&self) -> bool {
        self.at > 0 && self.span(self.at - 1).end == self.span(self.at).start
    }

    /// Whether the token after the error's is this one and touches it.
    fn before(&self, tok: Tok<'_>) -> bool {
        self.toks.get(self.at + 1).is_some_and(|t| t.1 == tok && t.0 == self.span(self.at).end)
    }

    fn says(&self, code: &'static str, message: impl Into<String>, help: &str) -> Option<Diagnostic> {
        let error = Diagnostic::new(code, self.span(self.at), message);
        Some(if help.is_empty() { error } else { error.help(help) })
    }

    fn slip(&self) -> Option<Diagnostic> {
        let before = self.back(1);
        let Some(now) = self.back(0) else { return self.early() };
        match (before, now) {
            (_, Tok::Colon) if self.before(Tok::Assign) => {
                self.says("E0005", "there is no operator `:=`", "write `let x = ..`, or `x = ..` for a `var`")
            }
            (Some(Tok::Name(_) | Tok::Str(_)), Tok::Colon) if self.back(2) == Some(Tok::LBrace) => {
                self.says("E0010", "braces hold statements, not fields", "a record is written `(x: 1, y: 2)`")
            }
            (Some(Tok::Str(_)), Tok::Colon) => {
                self.says("E0010", "a field's name stands without quotes", "a record is written `(x: 1, y: 2)`")
            }
            (Some(Tok::Name(_)), Tok::Colon) if self.back(2).is_none_or(|t| t == Tok::Sep) => {
                self.says("E0010", "`:` cannot stand here", "a name with a type is bound by `let x: num = ..`")
            }
            (Some(Tok::Name(_)), Tok::Colon) if self.back(2) == Some(Tok::Comma) => self.says(
                "E0010",
                "the elements of a tuple have no names",
                "a record names each of its fields: `(x: 1, y: 2)`",
            ),
            (Some(prev), Tok::Bar) if prev.ends_operand() => {
                let help = "conditions are joined by `or`; a choice is written `??{a | b}`";
                self.says("E0010", "there is no operator `|`", help)
            }
            (_, Tok::Bar) => self.says("E0010", "a function does not begin with `|`", "write `fn(x) { .. }`"),
            (Some(Tok::Dot), Tok::Int(n)) => {
                let help = format!("write `[{n}]`");
                self.says("E0010", "elements of a tuple are indexed with brackets", &help)
            }
            (Some(Tok::Dot), Tok::Float(_)) => {
                self.says("E0010", "elements of a tuple are indexed with brackets", "write `t[0][1]`")
            }
            (Some(Tok::Star), Tok::Star) if self.adjacent() => {
                self.says("E0005", "there is no operator `**`", "a power is written `^`")
            }
            (Some(Tok::Plus), Tok::Plus | Tok::Sep) if self.back(2) == Some(Tok::Plus) || now == Tok::Plus => {
                self.says("E0005", "there is no operator `++`", "write `x += 1`, or `+` for joining text and lists")
            }
            (_, Tok::Slash) if self.before(Tok::Star) => {
                self.says("E0005", "a comment starts with `//` and goes to the end of its line", "")
            }
            (Some(Tok::Slash), Tok::Star) if self.adjacent() => {
                self.says("E0005", "a comment starts with `//` and goes to the end of its line", "")
            }
            (Some(Tok::Assign), Tok::Greater) if self.adjacent() => {
                self.says("E0005", "there is no operator `=>`", "a result's type is written `->`; `>=` compares")
            }
            (Some(Tok::EqEq), Tok::Assign) if self.adjacent() => {
                self.says("E0005", "there is no operator `===`", "write `==`")
            }
            (Some(Tok::Name(_)), Tok::Assign) if matches!(self.back(2), Some(Tok::LParen | Tok::Comma)) => {
                let help = "an argument or field is named with `:`, as in `f(x: 1)`; `==` compares";
                self.says("E0009", "`=` cannot stand inside brackets", help)
            }
            (_, Tok::Assign | Tok::PlusAssign | Tok::MinusAssign | Tok::StarAssign | Tok::SlashAssign)
                if self.wants("+") =>
            {
                let help = "an assignment is a statement and has no value; `==` compares";
                self.says("E0009", "an assignment cannot stand here", help)
            }
            (_, Tok::Else) => {
                self.says("E0008", "this `else` has no `if` before it", "write `if c { .. } else { .. }`")
            }
            (Some(prev), Tok::Not) if prev.is_comparison() => {
                self.says("E0001", "`not` is looser than a comparison", "put it in parentheses: `a == (not b)`")
            }
            (_, Tok::DotDot | Tok::DotDotEq) if self.wants("|>") => {
                self.says("E0001", "a range has two ends", "put one range in parentheses")
            }
            (_, now) if is_tight_operator(now) && self.wants("|>") && !self.wants("+") => {
                let help = "put the pipe in parentheses to go on: `(x |> f) + 1`";
                self.says("E0001", "on the right of `|>` stands a call and nothing more", help)
            }
            (_, Tok::Comma) if self.wants("|") => {
                self.says("E0001", "the alternatives of a choice are separated by `|`", "write `??{a | b}`")
            }
            (Some(Tok::Let | Tok::Var | Tok::Fn), now) if keyword(now).is_some() => {
                let word = keyword(now).unwrap_or_default();
                self.says("E0001", format!("`{word}` is a word of the language and cannot be a name"), "")
            }
            (_, Tok::Sep) => self.early(),
            _ => self.foreign_word().or_else(|| self.juxtaposed(before?, now)),
        }
    }

    /// The statement ends before it is complete.
    fn early(&self) -> Option<Diagnostic> {
        let last = self.at.checked_sub(1)?;
        let error = |message: String| Diagnostic::new("E0001", self.span(last), message);
        if self.wants("{") && self.toks.get(self.at + 1).is_some_and(|t| t.1 == Tok::LBrace) {
            let error = error("the statement ends here, before its `{`".into());
            return Some(error.help("`{` stands on the line of its `if`, `else`, `for`, `while` or `fn`"));
        }
        if self.toks.get(last).is_some_and(|t| t.1.closes()) && self.wants("{") {
            return Some(error("a block is missing after this".into()).help("write `{ .. }` on the same line"));
        }
        let wanted = self.wanted().unwrap_or_else(|| "more".into());
        Some(error(format!("the statement ends after this, where {wanted} is wanted")))
    }

    /// Words that begin something in other languages.
    fn foreign_word(&self) -> Option<Diagnostic> {
        [0, 1].into_iter().find_map(|n| {
            let Some(Tok::Name(word)) = self.back(n) else { return None };
            let help = match word {
                "def" | "function" | "func" | "fun" => "a function is written `fn name(x) { .. }`",
                "lambda" => "a function is written `fn(x) { .. }`",
                "const" | "val" => "write `let x = ..`",
                "mut" => "a variable that changes is written `var x = ..`",
                "elif" | "elsif" | "elseif" => "write `else if`",
                "then" | "do" | "begin" => "a block stands in braces: `{ .. }`",
                "match" | "switch" | "case" => "write `if .. else if .. else ..`",
                "loop" => "write `while true { .. }`",
                "use" | "include" | "from" => "a module is read by `import \"path.nsp\" as m`",
                "import" => "the path of an import stands in quotes: `import \"path.nsp\" as m`",
                "test" => "the name of a test stands in quotes: `test \"name\" { .. }`",
                _ => return None,
            };
            let at = self.span(self.at - n);
            Some(Diagnostic::new("E0010", at, format!("`{word}` is not a word of the language")).help(help))
        })
    }

    /// Two operands without anything between them.
    fn juxtaposed(&self, before: Tok<'s>, now: Tok<'s>) -> Option<Diagnostic> {
        if !before.ends_operand() || !begins_operand(now) || !self.wants("+") {
            return None;
        }
        let found = describe(now);
        if self.wants(",") && !self.wants("SEP") {
            return self.says("E0001", format!("a `,` is missing before {found}"), "");
        }
        if self.wants("{") && !self.wants("SEP") {
            return self.says("E0001", format!("found {found} where the block `{{ .. }}` is wanted"), "");
        }
        let help = "statements are separated by a newline or `;`; a call is written `f(x)`";
        self.says("E0001", format!("an operator is missing before {found}"), help)
    }

    fn plain(&self) -> Diagnostic {
        let found = self.back(0).map_or("the end of the text".into(), describe);
        let error = Diagnostic::new("E0001", self.span(self.at), format!("{found} cannot stand here"));
        match self.wanted() {
            Some(wanted) => error.help(format!("{wanted} is wanted")),
            None => error,
        }
    }

    /// What could have stood here, when that is short to say.
    fn wanted(&self) -> Option<String> {
        if self.wants("INT") {
            return Some("an expression".into());
        }
        let words: Vec<String> = self
            .expected
            .iter()
            .map(|e| match e.as_str() {
                "NAME" => "a name".into(),
                "STR" => "a text".into(),
                "SEP" => "a new line".into(),
                _ => format!("`{}`", e.trim_matches('"')),
            })
            .collect();
        match words.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            [head @ .., last] if head.len() < 5 => Some(format!("{} or {last}", head.join(", "))),
            _ => None,
        }
    }
}

fn is_tight_operator(tok: Tok<'_>) -> bool {
    use Tok::*;
    matches!(tok, Plus | Minus | Star | Slash | Percent | Amp | Caret | DotDot | DotDotEq)
}

fn begins_operand(tok: Tok<'_>) -> bool {
    use Tok::*;
    matches!(tok, Int(_) | Float(_) | Angle(_) | Str(_) | Name(_) | Hole(_) | HoleBrace(_) | True | False | Not)
        || matches!(tok, Fn | If | For | While | LBrace | Let | Var | Return | Break | Continue | Import | Test)
}

/// The word, if the token is one that cannot be a name.
fn keyword(tok: Tok<'_>) -> Option<&'static str> {
    let text = fixed(tok);
    KEYWORDS.contains(&text).then_some(text)
}

/// A token in a message.
fn describe(tok: Tok<'_>) -> String {
    match tok {
        Tok::Int(t) | Tok::Float(t) | Tok::Angle(t) => format!("`{}`", super::lexer::shorten(t)),
        Tok::Name(t) | Tok::Hole(t) | Tok::HoleBrace(t) => format!("`{}`", super::lexer::shorten(t)),
        Tok::Str(_) => "a text".into(),
        Tok::Sep => "the end of the statement".into(),
        Tok::BadStmt => "a statement".into(),
        tok => format!("`{}`", fixed(tok)),
    }
}
