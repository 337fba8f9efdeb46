//! What is not regular in simple statements: assignments, `const`, names of modules.
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, Make};
use super::super::token::Tok;
use super::Parser;
use super::steps::Frame;
use crate::object::Str;
use crate::value::Value;
use crate::value::names::q;

impl Parser<'_> {
    // ---- import

    /// `a.b.c` as one string, whose constant goes on the scratch stack.
    pub(super) fn dotted_name(&mut self) {
        // The lexer's text is empty outside of strings.
        loop {
            if let Some(part) = Str::from_value(self.expect_name()) {
                self.lexer.text.push_bytes(self.lexer.vm, part.as_bytes());
            }
            if !self.accept(Tok::Dot) {
                break;
            }
            self.lexer.push_text('.');
        }
        let dotted = core::str::from_utf8(self.lexer.text.as_bytes()).unwrap_or("");
        let name = self.lexer.vm.intern(dotted);
        self.lexer.text.truncate(0);
        let name = self.lexer.checked(name);
        self.wait_constant(name);
    }

    /// The module that `from` imports from; the frame gets to know how many points there are before its name.
    pub(super) fn module(&mut self, frame: &mut Frame) {
        loop {
            let dots = match self.token.kind {
                Tok::Dot => 1,
                Tok::Ellipsis => 3,
                _ => break,
            };
            frame.flag = frame.flag.saturating_add(dots);
            self.advance();
        }
        if frame.flag > 0 && self.token.kind == Tok::Import {
            self.wait_constant(q::EMPTY.value());
        } else {
            self.dotted_name();
        }
    }

    // ---- assignment

    /// At an augmented assignment: passes it; the frame gets to know the operator.
    #[inline(never)]
    pub(super) fn augmented(&mut self, frame: &mut Frame) -> bool {
        let Some(op) = self.token.kind.augmented() else { return false };
        self.advance();
        frame.flag = op as u8;
        true
    }

    /// An annotated assignment of the target, its annotation and the value, if any.
    pub(super) fn annotated(&mut self, frame: &mut Frame) {
        let target = self.waiting(frame.mark);
        if self.mark() == frame.mark + 3 && self.defines_constant(target) {
            return self.make(frame, Make::Pass as u8, 0, 0);
        }
        // Not in brackets.
        frame.flag = (target.as_name().is_some() && frame.flag == 0).into();
        let parts = self.seq_from(frame.mark).0;
        self.make(frame, Make::AnnAssign as u8, parts, 0);
    }

    /// True for a name, an attribute and an item.
    pub(super) fn is_single_target(&self, id: Id) -> bool {
        let kind = self.kind(id);
        matches!(kind, Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. })
    }

    /// An assignment of the targets and the value.
    pub(super) fn assigned(&mut self, frame: &Frame) {
        let only = self.mark() == frame.mark + 2;
        if only && self.defines_constant(self.waiting(frame.mark)) {
            return self.make(frame, Make::Pass as u8, 0, 0);
        }
        let value = self.pop().0;
        let targets = self.seq_from(frame.mark).0;
        self.make(frame, Make::Assign as u8, targets, value);
    }

    // ---- const

    /// For `target = const(value)`: records the constant, and its literal becomes the value. True when it is not stored:
    /// its name begins with an underscore.
    fn defines_constant(&mut self, target: Id) -> bool {
        let (Some(target), Kind::Call { function, args }) =
            (target.as_name(), self.kind(self.top()))
        else {
            return false;
        };
        let vm = &*self.lexer.vm;
        if !self.is_named(function, b"const") || self.ast.seq_len(vm, args) != 1 {
            return false;
        }
        let value = self.ast.seq(vm, args, 0);
        self.pop();
        self.wait(value);
        let Some(constant) = self.literal_of(value) else {
            self.error("not a constant");
            return false;
        };
        let name = self.constant_of(target);
        let result = self.consts.set_name(self.lexer.vm, name, constant);
        self.lexer.check(result);
        self.lexer.vm.str_bytes(name).first() == Some(&b'_')
    }

    /// True for a variable of this name.
    pub(super) fn is_named(&self, id: Id, name: &[u8]) -> bool {
        id.as_name().is_some_and(|id| self.lexer.vm.str_bytes(self.constant_of(id)) == name)
    }

    /// The value that `const` gave this name.
    pub(super) fn const_value(&self, name: Value) -> Option<Value> {
        self.consts.get_name(self.lexer.vm, name)
    }
}
