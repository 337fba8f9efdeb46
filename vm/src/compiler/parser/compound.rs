//! What is not regular in compound statements: `if` chains, `except*`, `with (…)`.
#![forbid(unsafe_code)]

use super::super::ast::{CompKind, Id, Kind, Make, Node, Seq};
use super::super::token::Tok;
use super::Parser;
use super::expr::TEST;
use super::grammar::Rule;
use super::steps::Frame;
use crate::exc;

/// Of a [`Frame`] in `try`: an `except*` was there, an `except` without a star.
const STAR: u8 = 1;
const NO_STAR: u8 = 2;

impl Parser<'_> {
    /// The end of the line before a block.
    pub fn enter_block(&mut self) {
        self.advance();
        if !self.accept(Tok::Indent) {
            self.raise(exc::INDENTATION_ERROR, "expected an indented block");
        }
        self.by_parts = false;
    }

    /// Joins lines, tests and blocks from the first `if` on, and perhaps an `else` block at the end, to one node.
    pub(super) fn join_ifs(&mut self, frame: &mut Frame) {
        // The last is finished first, and becomes the `else` of the one before.
        loop {
            let orelse = self.mark().wrapping_sub(frame.mark) % 3;
            let parts = self.seq_from(self.mark().saturating_sub(2 + orelse)).0;
            frame.line = self.pop().0;
            // Without memory nothing is taken off the stack.
            if self.mark() <= frame.mark || self.lexer.failed() {
                return self.make(frame, Make::If as u8, parts, 0);
            }
            let kind = Kind::If(Seq(parts));
            self.wait_node(&Node { line: frame.line, kind });
        }
    }

    /// Passes `except` and its star, which all or none have.
    pub(super) fn except(&mut self, frame: &mut Frame) {
        self.advance();
        if !cfg!(feature = "extra") {
            return;
        }
        let starred = self.accept(Tok::Star);
        frame.flag |= if starred { STAR } else { NO_STAR };
        if frame.flag == STAR | NO_STAR {
            self.error("cannot have both 'except' and 'except*'");
        } else if starred && self.token.kind == Tok::Colon {
            self.syntax();
        }
    }

    // ---- `with (`, which may begin bracketed items or an expression; which of them shows only later

    /// The brackets and what is between them, on the scratch stack. True when further items follow.
    #[inline(never)]
    pub(super) fn with_brackets(&mut self) -> bool {
        !self.bracketed_items() && self.accept(Tok::Comma)
    }

    /// True when the brackets were those of the items; else the first item is parsed. The items are on the scratch stack.
    fn bracketed_items(&mut self) -> bool {
        let mut frame = self.frame();
        let only_items = self.item_brackets();
        // What is on the scratch stack now are items if there was an `as`, else expressions.
        if only_items {
            if self.token.kind != Tok::Colon {
                self.syntax();
            }
            return true;
        }
        let comma = self.top().is_none();
        if comma {
            self.pop();
        }
        let (mark, end) = (frame.mark, self.mark());
        let starred = (mark..end).any(|i| self.is_starred(self.waiting(i)));
        if self.token.kind == Tok::Colon && end > mark && !starred {
            self.make_items(&frame);
            return true;
        }
        if end == mark + 1 && !comma {
            self.unstarred();
        } else {
            self.tuple_from(frame.line, mark);
        }
        self.follow(Rule::Trailers, &mut frame);
        self.operators(&mut frame, TEST);
        self.with_item(&frame);
        false
    }

    /// `as target` after the context in the frame; makes the item.
    fn with_item(&mut self, frame: &Frame) {
        let context = self.pop();
        let mut target = Id::NONE;
        if self.accept(Tok::As) {
            target = self.parse(Rule::Primary);
        }
        self.put(frame, Kind::WithItem { context, target });
    }

    /// Turns the expressions in the frame into items without a target.
    fn make_items(&mut self, frame: &Frame) {
        for i in frame.mark..self.mark() {
            let context = self.waiting(i);
            if self.is_starred(context) {
                self.syntax();
            }
            let item = self.node(&Node {
                line: frame.line,
                kind: Kind::WithItem { context, target: Id::NONE },
            });
            self.set_waiting(i, item);
        }
    }

    /// The brackets of `with (…)` and what is between them, on the scratch stack. True when an `as` was among it:
    /// then they are items; else expressions, and after a trailing comma or none at all `Id::NONE`.
    fn item_brackets(&mut self) -> bool {
        let outer = self.frame();
        let mut items = false;
        self.advance();
        loop {
            if self.token.kind == Tok::RParen {
                if !items {
                    self.wait(Id::NONE);
                }
                break;
            }
            let mut frame = self.frame();
            self.rule(if self.token.kind == Tok::Yield { Rule::Yield } else { Rule::StarNamed });
            if self.at_for() {
                self.comprehension(&mut frame, CompKind::Generator as u8);
                if frame.mark != outer.mark || self.token.kind != Tok::RParen {
                    self.syntax();
                }
            }
            if items || self.token.kind == Tok::As {
                self.unstarred();
                if !items {
                    items = true;
                    let expression = self.pop();
                    self.make_items(&outer);
                    self.wait(expression);
                }
                self.with_item(&frame);
            }
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen);
        items
    }
}
