//! The tokens. Most come from logos; the last few are made by the [lexer](super::lexer) or by the
//! [layout filter](super::layout), which alone know what stands around a word.

use logos::Logos;

/// A token and its bytes `start..end`, the shape that the generated parser wants.
pub(crate) type Spanned<'s> = (u32, Tok<'s>, u32);

/// A token. Texts are slices of the source; the builder reads numbers and strings from them.
#[derive(Logos, Clone, Copy, Debug, PartialEq)]
#[logos(skip r"[ \t\r\u{feff}]+")]
pub(crate) enum Tok<'s> {
    // Never reach the parser: the lexer keeps comments aside and turns newlines into a flag.
    #[token("\n")]
    Newline,
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,

    // Slips: what other languages write. The lexer says so and passes on what was meant.
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Hash,
    #[token("&&")]
    AndAnd,
    #[token("||")]
    OrOr,
    #[token("!")]
    Bang,
    #[regex(r"'([^'\\\n]|\\[^\n])*'?")]
    Quoted,
    #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#, priority = 1)]
    Unclosed,
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?[A-Za-z_][A-Za-z0-9_]*", priority = 1)]
    BadNumber,

    // Literals and names.
    #[regex(r"[0-9][0-9_]*", |l| l.slice(), priority = 5)]
    #[regex(r"0x[0-9a-fA-F_]+", |l| l.slice(), priority = 5)]
    #[regex(r"0b[01_]+", |l| l.slice(), priority = 5)]
    Int(&'s str),
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*([eE][+-]?[0-9]+)?", |l| l.slice(), priority = 5)]
    #[regex(r"[0-9][0-9_]*[eE][+-]?[0-9]+", |l| l.slice(), priority = 5)]
    Float(&'s str),
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?deg", |l| l.slice(), priority = 5)]
    Angle(&'s str),
    #[regex(r#""([^"\\\n]|\\[^\n])*""#, |l| l.slice(), priority = 5)]
    Str(&'s str),
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*", |l| l.slice(), priority = 2)]
    Name(&'s str),
    /// `??` or `??name`, as written.
    #[regex(r"\?\?([A-Za-z_][A-Za-z0-9_]*)?", |l| l.slice())]
    Hole(&'s str),
    /// `??{` or `??name{`, as written.
    #[regex(r"\?\?([A-Za-z_][A-Za-z0-9_]*)?\{", |l| l.slice())]
    HoleBrace(&'s str),

    // Keywords.
    #[token("let")]
    Let,
    #[token("var")]
    Var,
    #[token("fn")]
    Fn,
    #[token("if")]
    If,
    #[token("else")]
    Else,
    #[token("for")]
    For,
    #[token("in")]
    In,
    #[token("while")]
    While,
    #[token("return")]
    Return,
    #[token("break")]
    Break,
    #[token("continue")]
    Continue,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("not")]
    Not,

    // Operators and punctuation.
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("&")]
    Amp,
    #[token("^")]
    Caret,
    #[token("==")]
    EqEq,
    #[token("!=")]
    NotEq,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEq,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEq,
    #[token("|>")]
    Pipe,
    #[token("|")]
    Bar,
    #[token("..")]
    DotDot,
    #[token("..=")]
    DotDotEq,
    #[token(".")]
    Dot,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("=")]
    Assign,
    #[token("+=")]
    PlusAssign,
    #[token("-=")]
    MinusAssign,
    #[token("*=")]
    StarAssign,
    #[token("/=")]
    SlashAssign,
    #[token("->")]
    Arrow,
    #[token(";")]
    Semi,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,

    // Made by the layout filter.
    /// `import` before a string.
    Import,
    /// `test` before a string.
    Test,
    /// `as` after an import's path.
    As,
    /// The end of a statement that another one follows.
    Sep,
    /// What no token begins with; reported where it was found, and read as an expression.
    Bad,
    /// A statement that was reported and cut out.
    BadStmt,
}

/// The words that cannot be names. `import`, `test` and `as` are words of the language only where
/// a string follows or precedes them.
pub const KEYWORDS: &[&str] = &[
    "let", "var", "fn", "if", "else", "for", "in", "while", "return", "break", "continue", "true", "false", "and",
    "or", "not",
];

impl Tok<'_> {
    /// Whether a line that ends with this token goes on.
    pub(crate) fn continues_after(self) -> bool {
        use Tok::*;
        matches!(
            self,
            Plus | Minus | Not | Comma | Colon | Assign | PlusAssign | MinusAssign | StarAssign | SlashAssign | Arrow
        ) || matches!(self, In | DotDot | DotDotEq | Bar)
            || self.continues_before()
    }

    /// Whether a line that begins with this token continues the one before: operators that cannot begin an
    /// expression.
    pub(crate) fn continues_before(self) -> bool {
        use Tok::*;
        matches!(self, Pipe | Dot | Star | Slash | Percent | Caret | Amp | And | Or) || self.is_comparison()
    }

    /// `== != < <= > >=`
    pub(crate) fn is_comparison(self) -> bool {
        use Tok::*;
        matches!(self, EqEq | NotEq | Less | LessEq | Greater | GreaterEq)
    }

    /// Whether this opens a bracket of any kind.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Tok::LParen | Tok::LBracket | Tok::LBrace | Tok::HoleBrace(_))
    }

    /// Whether this closes a bracket.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Tok::RParen | Tok::RBracket | Tok::RBrace)
    }

    /// Whether an expression may end with this token.
    pub(crate) fn ends_operand(self) -> bool {
        use Tok::*;
        self.closes() || matches!(self, Int(_) | Float(_) | Angle(_) | Str(_) | Name(_) | Hole(_) | True | False | Bad)
    }
}

/// How a token without a text of its own is written.
pub(crate) fn fixed(tok: Tok<'_>) -> &'static str {
    use Tok::*;
    match tok {
        Let => "let",
        Var => "var",
        Fn => "fn",
        If => "if",
        Else => "else",
        For => "for",
        In => "in",
        While => "while",
        Return => "return",
        Break => "break",
        Continue => "continue",
        True => "true",
        False => "false",
        And => "and",
        Or => "or",
        Not => "not",
        Import => "import",
        Test => "test",
        As => "as",
        Plus => "+",
        Minus => "-",
        Star => "*",
        Slash => "/",
        Percent => "%",
        Amp => "&",
        Caret => "^",
        EqEq => "==",
        NotEq => "!=",
        Less => "<",
        LessEq => "<=",
        Greater => ">",
        GreaterEq => ">=",
        Pipe => "|>",
        Bar => "|",
        DotDot => "..",
        DotDotEq => "..=",
        Dot => ".",
        Comma => ",",
        Colon => ":",
        Assign => "=",
        PlusAssign => "+=",
        MinusAssign => "-=",
        StarAssign => "*=",
        SlashAssign => "/=",
        Arrow => "->",
        Semi => ";",
        LParen => "(",
        RParen => ")",
        LBracket => "[",
        RBracket => "]",
        LBrace => "{",
        RBrace => "}",
        AndAnd => "&&",
        OrOr => "||",
        Bang => "!",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every token with a fixed text is read from that text.
    #[test]
    fn fixed_tokens_read_back() {
        let punctuation = "+ - * / % & ^ == != < <= > >= |> | .. ..= . , : = += -= *= /= -> ; ( ) [ ] { } && || !";
        for word in KEYWORDS.iter().copied().chain(punctuation.split(' ')) {
            let toks: Vec<_> = Tok::lexer(word).collect();
            assert!(matches!(toks.as_slice(), [Ok(tok)] if fixed(*tok) == word), "{word}: {toks:?}");
        }
    }

    #[test]
    fn numbers_and_ranges() {
        let toks = |text| Tok::lexer(text).map(|t| t.unwrap_or(Tok::Bad)).collect::<Vec<_>>();
        assert_eq!(toks("1..=4"), [Tok::Int("1"), Tok::DotDotEq, Tok::Int("4")]);
        assert_eq!(toks("1.5..2"), [Tok::Float("1.5"), Tok::DotDot, Tok::Int("2")]);
        assert_eq!(toks("1e-3 2.5e10"), [Tok::Float("1e-3"), Tok::Float("2.5e10")]);
        assert_eq!(toks("90deg 1e2deg 2degx"), [Tok::Angle("90deg"), Tok::Angle("1e2deg"), Tok::BadNumber]);
        assert_eq!(toks("1.x"), [Tok::Int("1"), Tok::Dot, Tok::Name("x")]);
        assert_eq!(toks("0x1f 0b2"), [Tok::Int("0x1f"), Tok::BadNumber]);
        assert_eq!(toks("??a{ ??b {"), [Tok::HoleBrace("??a{"), Tok::Hole("??b"), Tok::LBrace]);
    }
}
