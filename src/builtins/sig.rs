//! Signatures of operations, read from their notation.

use crate::source::FileId;
use crate::syntax::ast::{Ast, ExprId, ExprKind, Name, TypeId, TypeKind, UnOp};
use crate::types::Type;

/// A signature, its type variables numbered from 0.
#[derive(Clone, Debug)]
pub struct Sig {
    /// Parameters.
    pub params: Vec<SigParam>,
    /// Result.
    pub ret: Type,
    /// How many type variables.
    pub vars: u32,
    /// Whether it is a constant's (`-> token`), used without a call.
    pub constant: bool,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct SigParam {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it is an angle: a num that prints in degrees.
    pub angle: bool,
    /// Value when left out.
    pub default: Option<Literal>,
}

/// A literal in a signature.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `1`
    Int(i64),
    /// `1.5`
    Num(f64),
    /// `90deg`, in degrees
    Angle(f64),
    /// `true`
    Bool(bool),
    /// `"text"`
    Str(Name),
    /// `[]`
    EmptyList,
}

impl Sig {
    /// Reads a signature; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Sig, String> {
        let constant = text.trim_start().starts_with("->");
        let full = if constant { format!("() {text}") } else { text.to_string() };
        let (ast, params, ret) =
            crate::syntax::parse_signature(&full).map_err(|d| format!("signature `{text}`: {}", d.message))?;
        let mut vars: Vec<Name> = Vec::new();
        let mut out = Vec::new();
        for p in &params {
            let ty = p.ty.ok_or_else(|| format!("signature `{text}`: parameter `{}` has no type", p.name))?;
            let angle = matches!(&ast.ty(ty).kind, TypeKind::Name(n) if &**n == "angle");
            let default = p.default.map(|d| literal(&ast, d)).transpose()?;
            out.push(SigParam { name: p.name.clone(), ty: convert(&ast, ty, &mut vars), angle, default });
        }
        let ret = convert(&ast, ret, &mut vars);
        Ok(Sig { params: out, ret, vars: vars.len() as u32, constant })
    }
}

fn literal(ast: &Ast, e: ExprId) -> Result<Literal, String> {
    Ok(match &ast.expr(e).kind {
        ExprKind::Int(i) => Literal::Int(*i),
        ExprKind::Num(x) => Literal::Num(*x),
        ExprKind::Angle(x) => Literal::Angle(*x),
        ExprKind::Bool(b) => Literal::Bool(*b),
        ExprKind::Str(s) => Literal::Str(s.clone()),
        ExprKind::List(xs) if xs.is_empty() => Literal::EmptyList,
        ExprKind::Unary(UnOp::Neg, x) => match literal(ast, *x)? {
            Literal::Int(i) => Literal::Int(-i),
            Literal::Num(x) => Literal::Num(-x),
            Literal::Angle(x) => Literal::Angle(-x),
            _ => return Err("a default must be a literal".into()),
        },
        _ => return Err("a default must be a literal".into()),
    })
}

/// The type called `name`, if it is one of the language's basic ones.
pub fn basic_type(name: &str) -> Option<Type> {
    Some(match name {
        "unit" => Type::Unit,
        "int" => Type::Int,
        "num" | "angle" => Type::Num,
        "bool" => Type::Bool,
        "str" => Type::Str,
        "range" => Type::Range,
        _ => return None,
    })
}

/// Whether a name in a type is a variable: a capital, perhaps with digits.
pub fn is_type_var(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.all(|c| c.is_ascii_digit())
}

fn convert(ast: &Ast, t: TypeId, vars: &mut Vec<Name>) -> Type {
    match &ast.ty(t).kind {
        TypeKind::Name(n) if is_type_var(n) => {
            let i = vars.iter().position(|v| v == n).unwrap_or_else(|| {
                vars.push(n.clone());
                vars.len() - 1
            });
            Type::Var(i as u32)
        }
        TypeKind::Name(n) => basic_type(n).unwrap_or_else(|| Type::Con(n.clone())),
        TypeKind::List(t) => Type::list(convert(ast, *t, vars)),
        TypeKind::Tuple(ts) => Type::tuple(ts.iter().map(|t| convert(ast, *t, vars)).collect()),
        TypeKind::Record(fs) => Type::record(fs.iter().map(|(n, t)| (n.clone(), convert(ast, *t, vars))).collect()),
        TypeKind::Fn(ps, r) => {
            let params = ps.iter().map(|t| convert(ast, *t, vars)).collect();
            Type::func(params, convert(ast, *r, vars))
        }
    }
}

/// The file number that signatures are parsed under; their spans are never shown.
pub const SIGNATURE_FILE: FileId = FileId(u32::MAX);
