//! Where each comment of a text goes when it is formatted.
//!
//! A comment belongs to the innermost block around it. There it stands on lines of its own before a statement or at the
//! end, or behind a statement on its last line. One that stands inside a statement moves to the line before it. Empty
//! lines between statements and comments are kept, one for many.

use super::ast::*;
use std::collections::HashMap;

/// A line or more of a block: a comment, or a statement with the comment behind it.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// An empty line stands before it.
    pub blank: bool,
    pub comment: Option<String>,
    pub stmt: Option<StmtId>,
    pub trailing: Option<String>,
}

impl Item {
    pub(super) fn has_comment(&self) -> bool {
        self.comment.is_some() || self.trailing.is_some()
    }
}

/// The lines of a text and of each of its blocks.
#[derive(Debug, Default)]
pub(super) struct Placed {
    pub root: Vec<Item>,
    pub blocks: HashMap<ExprId, Vec<Item>>,
}

/// Places the comments of a tree that was parsed from `text`.
pub(super) fn place(ast: &Ast, text: &str) -> Placed {
    let mut blocks: Vec<(usize, usize, ExprId, &[StmtId])> = Vec::new();
    for (i, e) in ast.exprs.iter().enumerate() {
        if let ExprKind::Block(stmts) = &e.kind {
            blocks.push((e.span.start as usize, e.span.end as usize, ExprId(i as u32), stmts));
        }
    }
    blocks.sort_by_key(|b| b.0);

    // One sweep gives each comment to the innermost block that is open at it.
    let mut root = Vec::new();
    let mut inside: HashMap<ExprId, Vec<&Comment>> = HashMap::new();
    let mut open: Vec<(usize, ExprId)> = Vec::new();
    let mut next = blocks.iter().peekable();
    for comment in &ast.comments {
        let at = comment.span.start as usize;
        while let Some((_, end, id, _)) = next.next_if(|b| b.0 < at) {
            while open.last().is_some_and(|(e, _)| e < end) {
                open.pop();
            }
            open.push((*end, *id));
        }
        while open.last().is_some_and(|(end, _)| *end <= at) {
            open.pop();
        }
        match open.last() {
            Some((_, id)) => inside.entry(*id).or_default().push(comment),
            None => root.push(comment),
        }
    }

    let start = ast.shebang.as_ref().map_or(0, String::len);
    let mut placed = Placed { root: merge(ast, text, start, &ast.root, &root), ..Placed::default() };
    for (start, _, id, stmts) in blocks {
        let comments = inside.get(&id).map_or(&[][..], Vec::as_slice);
        placed.blocks.insert(id, merge(ast, text, start + 1, stmts, comments));
    }
    placed
}

/// The statements and comments of one block in order.
fn merge(ast: &Ast, text: &str, start: usize, stmts: &[StmtId], comments: &[&Comment]) -> Vec<Item> {
    let mut out = Vec::new();
    let mut rest = comments.iter().peekable();
    // Where what was placed last ends.
    let mut end = start;
    let newlines = |from: usize, to: usize| text.get(from..to).unwrap_or("").matches('\n').count();
    for (i, id) in stmts.iter().enumerate() {
        let span = ast.stmt(*id).span;
        let next = stmts.get(i + 1).map_or(u32::MAX, |id| ast.stmt(*id).span.start);
        let first = out.len();
        while let Some(c) = rest.next_if(|c| c.span.start < span.start) {
            out.push(own_line(c, newlines(end, c.span.start as usize) > 1));
            end = c.span.end as usize;
        }
        let blank = newlines(end, span.start as usize) > 1;
        let mut moved = Vec::new();
        while let Some(c) = rest.next_if(|c| c.span.start < span.end) {
            moved.push(Item { comment: Some(plain(&c.text)), ..Item::default() });
        }
        end = span.end as usize;
        let behind = rest.next_if(|c| c.span.start < next && newlines(end, c.span.start as usize) == 0);
        let trailing = behind.map(|c| {
            end = c.span.end as usize;
            c.text.clone()
        });
        out.push(Item { blank, comment: None, stmt: Some(*id), trailing });
        // Moved comments go before a doc comment, which has to stay beside its statement.
        if let (Some(head), Some(old)) = (moved.first_mut(), out.get_mut(first)) {
            head.blank = std::mem::take(&mut old.blank);
        }
        out.splice(first..first, moved);
    }
    for c in rest {
        out.push(own_line(c, newlines(end, c.span.start as usize) > 1));
        end = c.span.end as usize;
    }
    out
}

/// A comment on a line of its own.
fn own_line(c: &Comment, blank: bool) -> Item {
    // Behind an opening brace it was no doc comment, and must not become one.
    let text = if c.trailing { plain(&c.text) } else { c.text.clone() };
    Item { blank, comment: Some(text), ..Item::default() }
}

/// The comment with two slashes, so that it documents nothing.
fn plain(text: &str) -> String {
    match text.strip_prefix("///") {
        Some(rest) if !rest.starts_with('/') => format!("//{rest}"),
        _ => text.to_string(),
    }
}
