//! Follows the rules of the grammar.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Const, Id, Kind, Make, Node};
use super::super::token::Tok;
use super::Parser;
use super::grammar::{self as g, Rule, start};
use crate::Vm;

/// Steps that only the rules of all features have do nothing without these.
const EXTRA: bool = cfg!(feature = "extra");

/// What a rule is followed with.
pub(super) struct Frame {
    /// Where its nodes begin on the scratch stack.
    pub mark: u32,
    /// The line of the node that it makes.
    pub line: u32,
    /// What the steps of a rule tell each other.
    pub flag: u8,
}

impl Parser<'_> {
    /// A frame that begins here.
    pub(super) fn frame(&self) -> Frame {
        Frame { mark: self.mark(), line: self.token.line, flag: 0 }
    }

    /// Parses by a rule, in a frame of its own.
    pub(super) fn rule(&mut self, rule: Rule) {
        self.call(rule as u8);
    }

    fn call(&mut self, rule: u8) {
        if self.enter() {
            let mut frame = self.frame();
            self.go(rule, &mut frame);
        }
    }

    /// Parses by a rule; gives the one node that it leaves on the scratch stack.
    pub(super) fn parse(&mut self, rule: Rule) -> Id {
        self.rule(rule);
        self.pop()
    }

    /// Parses by a rule in a frame that is there.
    pub(super) fn follow(&mut self, rule: Rule, frame: &mut Frame) {
        self.go(rule as u8, frame);
    }

    fn go(&mut self, rule: u8, frame: &mut Frame) {
        let mut at = start(rule);
        loop {
            let [step, operand] = g::at(at);
            at += 1;
            if (g::IF..=g::NAMED).contains(&step) {
                at += 1;
            }
            let holds = match step {
                g::END => return,
                g::IF => self.accept_number(operand),
                g::AT => self.token.kind as u8 == operand,
                g::NOT_AT => self.token.kind as u8 != operand,
                g::AT_EXPRESSION => self.token.kind.begins_expression(),
                g::AT_FOR => self.at_for(),
                g::IF_AUGMENTED => self.augmented(frame),
                g::IF_MODULE_CONSTANT => self.in_const && self.module_constant(),
                g::AT_KEYWORD => {
                    EXTRA && self.token.kind == Tok::Name && self.peek() == Tok::Assign
                }
                g::AT_TYPE => EXTRA && self.at_word(b"type") && self.peek() == Tok::Name,
                g::AT_MATCH => EXTRA && self.at_word(b"match") && self.is_match(),
                g::AFTER_BRACKETS => EXTRA && self.with_brackets(),
                g::AT_PARTS => self.by_parts && self.token.kind == Tok::Newline,
                g::GOTO.. => {
                    at = start(step - g::GOTO);
                    continue;
                }
                g::CALL..g::GOTO => {
                    self.call(step - g::CALL);
                    continue;
                }
                g::EXPR..g::IF => {
                    self.expression(step - g::EXPR);
                    continue;
                }
                g::EXPECT => {
                    self.expect_number(operand);
                    continue;
                }
                g::PARAMETERS => {
                    self.parameters(operand);
                    continue;
                }
                g::SET => {
                    self.set_last(frame.mark + u32::from(operand));
                    continue;
                }
                g::COMP => {
                    self.comprehension(frame, operand);
                    continue;
                }
                g::SEQ..=g::NAMED => {
                    self.make_from(frame, step, operand);
                    continue;
                }
                g::PASS => {
                    self.advance();
                    continue;
                }
                g::LINE => {
                    frame.line = self.token.line;
                    continue;
                }
                g::ARGUMENT => {
                    self.argument(frame);
                    continue;
                }
                g::ATOM => {
                    self.atom();
                    continue;
                }
                g::NOTHING => {
                    self.wait(Id::NONE);
                    continue;
                }
                g::NAME => {
                    let name = self.name();
                    self.wait(Id(name.0));
                    continue;
                }
                g::VARIABLE => {
                    let name = self.name();
                    self.wait(Id::name(name));
                    continue;
                }
                g::LINE_NUMBER => {
                    self.wait(Id(self.token.line));
                    continue;
                }
                g::DOTTED_NAME => {
                    self.dotted_name();
                    continue;
                }
                g::MODULE => {
                    self.module(frame);
                    continue;
                }
                _ if self.act(step, frame) => continue,
                // What a condition that holds is for.
                _ => true,
            };
            if !holds {
                at += 1;
                let [skipped, _] = g::at(at - 1);
                if skipped < g::STEP {
                    at += usize::from(skipped);
                }
            }
        }
    }

    /// Takes a step that only makes something of what is there; false for another. Apart from the loop, whose frame each
    /// bracket around has once more.
    #[inline(never)]
    fn act(&mut self, step: u8, frame: &mut Frame) -> bool {
        match step {
            g::EMPTY_TUPLE => {
                self.wait_literal(Vm::empty_tuple());
            }
            g::TYPE_PARAMETERS if EXTRA => {
                self.type_parameters();
            }
            g::INDENT => {
                self.enter_block();
            }
            g::MATCH if EXTRA => {
                self.match_statement(frame);
            }
            g::SWAP => {
                let (last, before) = (self.pop(), self.pop());
                self.wait(last);
                self.wait(before);
            }
            g::TUPLE => {
                self.tuple_from(frame.line, frame.mark);
            }
            g::CLASSES_TUPLE if EXTRA => {
                self.tuple_from(frame.line, frame.mark + 1);
            }
            g::STAR_TUPLE => {
                if self.is_starred(self.top()) {
                    self.tuple_from(frame.line, frame.mark);
                }
            }
            g::JOIN_IFS => {
                self.join_ifs(frame);
            }
            g::COUNT_DECORATORS => {
                let n = self.mark().saturating_sub(frame.mark + 4);
                self.set_waiting(frame.mark + 3, Id(n));
            }
            g::CLASS => {
                let parts = self.seq_from(frame.mark + 2).0;
                let name = self.waiting(frame.mark).0;
                self.make(frame, Make::Class as u8, name, parts);
            }
            g::LAMBDA => {
                self.lambda(frame);
            }
            g::IMPORT_FROM => {
                let names = self.seq_from(frame.mark + 1);
                let module = Const(self.top().0);
                self.put(frame, Kind::ImportFrom { level: frame.flag, module, names });
            }
            g::IMPORT_STAR => {
                let module = Const(self.top().0);
                self.put(frame, Kind::ImportStar { level: frame.flag, module });
            }
            g::ASSIGNED => {
                self.assigned(frame);
            }
            g::ANNOTATED => {
                self.annotated(frame);
            }
            g::AUGMENTED => {
                let op = BinOp::ALL[usize::from(frame.flag) % BinOp::ALL.len()];
                let target = self.waiting(frame.mark);
                let value = self.top();
                self.put(frame, Kind::AugAssign { op, target, value });
            }
            g::FLAG => {
                frame.flag = 1;
            }
            g::CONST_BEGIN => {
                frame.flag = self.in_const.into();
                self.in_const |= self.is_named(self.top(), b"const");
            }
            g::CONST_END => {
                self.in_const = frame.flag != 0;
            }
            g::EXCEPT => {
                self.except(frame);
            }
            g::SINGLE_TARGET => {
                if !self.is_single_target(self.top()) {
                    self.syntax();
                }
                self.advance();
            }
            g::UNSTARRED => {
                self.unstarred();
            }
            g::IS_NAME => {
                if self.top().as_name().is_none() {
                    self.syntax();
                }
            }
            g::INVALID => {
                self.syntax();
            }
            g::KEYWORD_NAME => match self.pop().as_name() {
                Some(name) => self.wait(Id(name.0)),
                None => self.error("LHS of keyword arg must be an id"),
            },
            g::NO_SET => {
                self.error("expecting just a value for set");
            }
            g::KEY => {
                if !self.accept(Tok::Colon) {
                    self.error("expecting key:value for dict");
                }
            }
            _ => return false,
        }
        true
    }

    /// A node of all of the frame's.
    fn make_from(&mut self, frame: &Frame, step: u8, make: u8) {
        let first = u32::from(step != g::SEQ);
        let mut b = self.waiting(frame.mark + 1).0;
        if step != g::PAIR {
            b = self.seq_from(frame.mark + first).0;
        }
        let a = if step == g::SEQ { b } else { self.waiting(frame.mark).0 };
        self.make(frame, make, a, b);
    }

    /// A node in the place of all of the frame's.
    #[inline(never)]
    pub(super) fn make(&mut self, frame: &Frame, make: u8, a: u32, b: u32) {
        let kind = Kind::make(make, frame.flag & 1 != 0, a, b);
        self.put_node(frame.mark, &Node { line: frame.line, kind });
    }

    /// The same, of a kind with its children.
    pub(super) fn put(&mut self, frame: &Frame, kind: Kind) {
        self.put_node(frame.mark, &Node { line: frame.line, kind });
    }

    fn put_node(&mut self, mark: u32, node: &Node) {
        self.ast.forget(mark);
        self.wait_node(node);
    }
}
