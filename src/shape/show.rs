//! Shapes as source text.

use super::{Operation, Param, Shape};
use std::fmt::Write;

/// Longest text that [`Object::show`](crate::vm::value::Object::show) gives: shared parts are written out each time
/// they are used, so the text of a small graph may be exponentially long.
pub const MOST: usize = 20_000;

/// Deepest nesting of brackets written; the parser does not read much more.
const NESTING: usize = 900;

enum Piece<'a> {
    Node(&'a Shape, Place),
    Text(&'static str),
    Tail(&'a Shape),
}

/// Where a node stands, which says whether it needs brackets.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// An argument, or the left side of a sum.
    Free,
    /// The right side of a sum, or the left of an intersection.
    Factor,
    /// The right side of an intersection.
    Atom,
}

/// Text that evaluates to an equal shape, if it has at most `most` bytes.
pub fn source(root: &Shape, most: usize) -> Option<String> {
    let mut out = String::new();
    let mut open = 0;
    let mut stack = vec![Piece::Node(root, Place::Free)];
    while let Some(piece) = stack.pop() {
        match piece {
            Piece::Text(t) => {
                open -= usize::from(t == ")");
                out.push_str(t);
            }
            Piece::Tail(s) => {
                open -= 1;
                tail(&mut out, s);
            }
            Piece::Node(s, place) => match (s.op(), s.children()) {
                (op @ (Operation::Union | Operation::Difference | Operation::Intersection), [l, r]) => {
                    let meet = matches!(op, Operation::Intersection);
                    if place == Place::Atom || (place == Place::Factor && !meet) {
                        open += 1;
                        out.push('(');
                        stack.push(Piece::Text(")"));
                    }
                    stack.push(Piece::Node(r, if meet { Place::Atom } else { Place::Factor }));
                    stack.push(Piece::Text(match op {
                        Operation::Union => " + ",
                        Operation::Difference => " - ",
                        _ => " & ",
                    }));
                    stack.push(Piece::Node(l, if meet { Place::Factor } else { Place::Free }));
                }
                (_, children) => {
                    open += 1;
                    out.push_str(name(s));
                    out.push('(');
                    stack.push(Piece::Tail(s));
                    stack.extend(children.iter().map(|c| Piece::Node(c, Place::Free)));
                }
            },
        }
        if out.len() > most || open > NESTING {
            return None;
        }
    }
    Some(out)
}

fn even_scale(s: &Shape) -> bool {
    matches!(s.op(), Operation::Scale) && s.args().iter().all(|k| *k == s.args()[0])
}

fn name(s: &Shape) -> &str {
    if even_scale(s) { "scale" } else { s.op().name(s.dim()) }
}

/// The numbers and the closing bracket.
fn tail(out: &mut String, s: &Shape) {
    let params = s.op().params(s.dim());
    let mut sep = if s.children().is_empty() { "" } else { ", " };
    if let [(_, Param::Points)] = params {
        out.push('[');
        for p in s.args().chunks_exact(2) {
            out.push_str(sep);
            // Writing to a string cannot fail.
            let _ = write!(out, "({:?}, {:?})", p[0], p[1]);
            sep = ", ";
        }
        out.push(']');
    } else {
        let args = if even_scale(s) { &s.args()[..1] } else { s.args() };
        for (&x, (_, kind)) in args.iter().zip(params) {
            out.push_str(sep);
            let _ = match kind {
                Param::Angle => write!(out, "{}", angle(x)),
                Param::Count => write!(out, "{x}"),
                _ => write!(out, "{x:?}"),
            };
            sep = ", ";
        }
    }
    out.push(')');
}

/// An angle in degrees where a short number of degrees gives these radians exactly, else in radians.
pub fn angle(radians: f64) -> String {
    let degrees = (radians.to_degrees() * 1e6).round() / 1e6;
    if degrees.to_radians() == radians { format!("{}deg", degrees + 0.0) } else { format!("{radians:?}") }
}
