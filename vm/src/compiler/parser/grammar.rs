//! The grammar as data: one rule for every kind of statement and expression, a row of [`Step`]s that `steps` follows.
//!
//! A rule that is called has a *frame*: the height of the scratch stack and the line where it began. What it parses is put
//! on the scratch stack above that; its last step makes one node of that, if it makes any. [`Goto`](Step::Goto) goes on with
//! another rule in the same frame. What is not regular is a step of its own, written out in the other files.
//!
//! A list passes its keyword or opening bracket with the same [`Pass`](Step::Pass) as the commas between its items.
//!
//! In the image the rules are bytes, which this file packs while the VM is compiled: 0 ends a rule; 1 to 31 begin what a
//! condition is for, so many bytes that are left out where it does not hold; then the steps, some with a byte behind them;
//! from [`CALL`] and [`GOTO`] on the rules.
//!
//! Source: Python Language Reference, "Full Grammar specification".
#![forbid(unsafe_code)]

use super::super::ast::{CompKind, Make as N};
use super::super::token::Tok as T;
use super::expr::{AND, BIT_OR, NOT, OR, TEST};
use Rule as R;
use Step::*;

/// Steps, up to the end of the rule or of what a condition is for.
type Steps = &'static [Step];

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $code:ident,)*) => {
        /// One step of a rule.
        #[derive(Clone, Copy)]
        enum Step {
            // ---- conditions: the steps are taken where they hold
            /// This token was here, and is passed.
            If(T, Steps),
            /// This token is here.
            At(T, Steps),
            /// This token is not here.
            Not(T, Steps),
            /// What the step, a condition below, says.
            When(&'static Step, Steps),
            /// All features are there.
            Extra(Steps),
            // ---- parsing
            /// The end of the rule.
            End,
            /// Passes this token; any other is a syntax error.
            Expect(T),
            /// What the rule parses.
            Call(Rule),
            /// Goes on with the rule, in this frame.
            Goto(Rule),
            /// An expression whose operators bind at least as strongly as this.
            Expr(u8),
            /// Parameters up to and with this token.
            Parameters(T),
            // ---- what is on the scratch stack
            /// Puts the last node in the place with this number.
            Set(u8),
            /// Makes a node of everything.
            Seq(N),
            /// Makes a node of the first two.
            Pair(N),
            /// Makes a node of the first and the list of all others.
            Named(N),
            /// The clauses of a comprehension, whose element is there.
            Comp(CompKind),
            $($(#[$doc])* $name,)*
        }

        enum Order { $($name),* }
        $(pub(super) const $code: u8 = FIRST + Order::$name as u8;)*

        impl Step {
            /// The byte of a step that has nothing behind it.
            const fn code(self) -> u8 {
                match self {
                    $($name => $code,)*
                    Expr(least) => EXPR + least,
                    Call(rule) | Goto(rule) => {
                        assert!((rule as u8) < RULES_MAX, "too many rules before this one");
                        rule as u8 + if matches!(self, Call(_)) { CALL } else { GOTO }
                    }
                    _ => END,
                }
            }
        }
    };
}

/// The end of a rule.
pub(super) const END: u8 = 0;
/// From here on a byte is a step, below the number of those that a condition is for.
pub(super) const STEP: u8 = 32;
/// [`Step::Expr`] with the strength 0; there are less than 16.
pub(super) const EXPR: u8 = STEP;
// With a token behind them; this is the first with anything behind it.
pub(super) const IF: u8 = STEP + 16;
pub(super) const AT: u8 = STEP + 17;
pub(super) const NOT_AT: u8 = STEP + 18;
pub(super) const EXPECT: u8 = STEP + 19;
pub(super) const PARAMETERS: u8 = STEP + 20;
// With a number behind them.
pub(super) const SET: u8 = STEP + 21;
pub(super) const COMP: u8 = STEP + 22;
// With the number of a kind of node behind them; the order counts.
pub(super) const SEQ: u8 = STEP + 23;
pub(super) const PAIR: u8 = STEP + 24;
pub(super) const NAMED: u8 = STEP + 25;
/// The first of the rest.
const FIRST: u8 = STEP + 26;
/// [`Step::Call`] of the first rule.
pub(super) const CALL: u8 = 0x80;
/// [`Step::Goto`] to the first rule.
pub(super) const GOTO: u8 = 0xc0;

steps! {
    // ---- conditions
    /// An expression may begin here.
    AtExpression = AT_EXPRESSION,
    /// A comprehension's clause begins here.
    AtFor = AT_FOR,
    /// An augmented assignment; it is passed, and the frame knows its operator.
    IfAugmented = IF_AUGMENTED,
    /// The name of a number in a built-in module inside `const(…)`; the literal took the place of the module.
    IfModuleConstant = IF_MODULE_CONSTANT,
    /// `name =`, looked at before `const` puts a literal in the place of the name.
    AtKeyword = AT_KEYWORD,
    /// The soft keyword `type` of a statement.
    AtType = AT_TYPE,
    /// The soft keyword `match` of a statement.
    AtMatch = AT_MATCH,
    /// After `with (…)` and what goes on with that, further items follow.
    AfterBrackets = AFTER_BRACKETS,

    /// The statements of the class are parsed by parts, and here they begin.
    AtParts = AT_PARTS,

    // ---- tokens
    /// Passes the token.
    Pass = PASS,
    /// Here the line of the node begins.
    Line = LINE,

    // ---- what puts nodes on the scratch stack
    /// A name or literal, or what is in brackets.
    Atom = ATOM,
    /// No node.
    Nothing = NOTHING,
    /// A name, as a constant.
    Name = NAME,
    /// A name, as a variable.
    Variable = VARIABLE,
    /// The number of the line.
    LineNumber = LINE_NUMBER,
    /// `a.b.c`, as a constant.
    DottedName = DOTTED_NAME,
    /// `..a.b`, as a constant, and the number of points before it in the frame.
    Module = MODULE,
    /// `()`
    EmptyTuple = EMPTY_TUPLE,
    /// `[T: bound]`, which is dropped.
    TypeParameters = TYPE_PARAMETERS,
    /// Passes the end of the line and begins an indented block.
    Indent = INDENT,
    /// A `match` statement.
    Match = MATCH,

    // ---- what is on the scratch stack
    /// Exchanges the last two nodes.
    Swap = SWAP,
    /// Makes a tuple of everything.
    Tuple = TUPLE,
    /// Makes a tuple of everything but the first.
    ClassesTuple = CLASSES_TUPLE,
    /// Makes a tuple of the only node where that has a star.
    StarTuple = STAR_TUPLE,
    /// Joins the parts of `if` and `elif`s.
    JoinIfs = JOIN_IFS,
    /// Counts the decorators of a class.
    CountDecorators = COUNT_DECORATORS,
    /// Makes a class of the first, the third and all behind that.
    Class = CLASS,
    /// Makes a lambda.
    Lambda = LAMBDA,
    /// Makes an import of names.
    ImportFrom = IMPORT_FROM,
    /// Makes an import of everything.
    ImportStar = IMPORT_STAR,
    /// Makes an assignment.
    Assigned = ASSIGNED,
    /// Makes an annotated assignment.
    Annotated = ANNOTATED,
    /// Makes an augmented assignment.
    Augmented = AUGMENTED,

    // ---- marks in the frame
    /// Asynchronous, in brackets.
    Flag = FLAG,
    /// The arguments of a call begin, perhaps of `const`.
    ConstBegin = CONST_BEGIN,
    /// They end.
    ConstEnd = CONST_END,
    /// Passes `except` and its star.
    Except = EXCEPT,

    // ---- checks
    /// The last node may be annotated; then passes the colon.
    SingleTarget = SINGLE_TARGET,
    /// The last node has no star.
    Unstarred = UNSTARRED,
    /// The last node is a name.
    IsName = IS_NAME,
    /// A syntax error.
    Invalid = INVALID,
    /// The last node is an argument that may come behind those that the frame knows.
    Argument = ARGUMENT,
    /// The last node is a name; it becomes a constant.
    KeywordName = KEYWORD_NAME,
    /// A key in a set.
    NoSet = NO_SET,
    /// Passes the colon behind a key of a dictionary.
    Key = KEY,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $steps:expr;)*) => {
        /// The rules.
        #[derive(Clone, Copy)]
        #[repr(u8)]
        pub(super) enum Rule { $($(#[$doc])* $name),* }

        const RULES: &[Steps] = &[$(&$steps),*];
    };
}

rules! {
    // ---- statements; leaves one or more on the scratch stack
    Statement = [
        If(T::Async, &[
            Flag, At(T::For, &[Goto(R::For)]), At(T::With, &[Goto(R::With)]), Goto(R::Def),
        ]),
        At(T::If, &[Goto(R::If)]),
        At(T::For, &[Goto(R::For)]),
        At(T::While, &[
            Pass, Call(R::Named), Call(R::Block), If(T::Else, &[Call(R::Block)]), Seq(N::While), End,
        ]),
        At(
            T::Try,
            &[
                Pass, Call(R::Block), Nothing, Nothing, At(T::Except, &[Goto(R::Excepts)]),
                Expect(T::Finally), Call(R::Block), Set(2), Seq(N::Try), End,
            ],
        ),
        At(T::With, &[Goto(R::With)]),
        At(T::Def, &[Goto(R::Def)]),
        At(T::Class, &[Nothing, Nothing, Nothing, Nothing, Goto(R::Class)]),
        At(T::At, &[Nothing, Nothing, Nothing, Nothing, Goto(R::Decorators)]),
        Extra(&[When(&AtMatch, &[Match, End])]),
        Goto(R::Line),
    ];
    /// Simple statements up to the end of the line.
    Line = [Call(R::Simple), If(T::Semicolon, &[Not(T::Newline, &[Goto(R::Line)])]), Expect(T::Newline)];
    /// `: block`
    Block = [Expect(T::Colon), Goto(R::Suite)];
    Suite = [Line, At(T::Newline, &[Indent, Goto(R::Statements)]), Call(R::Line), Seq(N::Block)];
    Statements = [
        Call(R::Statement), Not(T::Dedent, &[Not(T::End, &[Goto(R::Statements)])]), Pass, Seq(N::Block),
    ];

    // ---- compound statements
    /// A chain of any length is parsed in one frame.
    If = [
        LineNumber, Pass, Call(R::Named), Call(R::Block), At(T::Elif, &[Goto(R::If)]),
        If(T::Else, &[Call(R::Block)]), JoinIfs,
    ];
    For = [
        Pass, Call(R::Targets), Expect(T::In), Call(R::Expressions), Call(R::Block),
        If(T::Else, &[Call(R::Block)]), Seq(N::For),
    ];
    Targets = [Call(R::TargetItem), If(T::Comma, &[Goto(R::TargetTuple)]), Unstarred];
    TargetTuple = [
        Not(T::In, &[Call(R::TargetItem), If(T::Comma, &[Goto(R::TargetTuple)])]), Tuple];
    TargetItem = [If(T::Star, &[Goto(R::Starred)]), Expr(BIT_OR)];
    /// The block, those of `else` and `finally`, the handlers. Without handlers `Statement` parses it.
    Excepts = [
        Except, Call(R::Handler), At(T::Except, &[Goto(R::Excepts)]), If(T::Else, &[Call(R::Block), Set(1)]),
        If(T::Finally, &[Call(R::Block), Set(2)]), Seq(N::Try),
    ];
    /// What follows `except`: the name, the class, the block.
    Handler = [
        Nothing,
        At(T::Colon, &[Nothing, Call(R::Block), Named(N::Handler), End]),
        Expr(TEST),
        Extra(&[At(T::Comma, &[Goto(R::HandlerClasses)])]),
        If(T::As, &[Name, Set(0)]), Call(R::Block), Named(N::Handler),
    ];
    HandlerClasses = [
        Pass, Expr(TEST), At(T::Comma, &[Goto(R::HandlerClasses)]),
        Extra(&[ClassesTuple]), Call(R::Block), Named(N::Handler),
    ];
    /// The block and the items.
    With = [
        Pass, Nothing,
        Extra(&[At(T::LParen, &[When(&AfterBrackets, &[Goto(R::WithItems)]), Goto(R::WithBlock)])]),
        Goto(R::WithItems),
    ];
    WithItems = [Call(R::WithItem), If(T::Comma, &[Goto(R::WithItems)]), Goto(R::WithBlock)];
    WithItem = [Expr(TEST), If(T::As, &[Call(R::Primary)]), Pair(N::WithItem)];

    WithBlock = [Call(R::Block), Set(0), Seq(N::With)];

    // ---- functions and classes: name, parameters, body and type of a function, or name, nothing, body and number of
    // decorators of a class; decorators
    Decorators = [
        Pass, Call(R::Named), Expect(T::Newline), At(T::At, &[Goto(R::Decorators)]),
        At(T::Class, &[Goto(R::Class)]), If(T::Async, &[Flag]), Goto(R::Function),
    ];
    Def = [Nothing, Nothing, Nothing, Nothing, Goto(R::Function)];
    Function = [
        Line, Expect(T::Def), Name, Set(0), Extra(&[At(T::LBracket, &[TypeParameters])]),
        Expect(T::LParen), Parameters(T::RParen), Set(1), If(T::Arrow, &[Expr(TEST), Set(3)]),
        Call(R::Block), Set(2), Named(N::Function),
    ];
    Class = [
        Line, Pass, Name, Set(0), Extra(&[At(T::LBracket, &[TypeParameters])]), CountDecorators,
        At(T::LParen, &[Call(R::Arguments)]), Expect(T::Colon), When(&AtParts, &[Class, End]), Call(R::Suite), Set(2), Class,
    ];

    // ---- simple statements
    Simple = [
        At(T::Return, &[Pass, When(&AtExpression, &[Call(R::Expressions)]), Pair(N::Return), End]),
        At(T::Pass, &[Pass, Seq(N::Pass), End]),
        At(T::Break, &[Pass, Seq(N::Break), End]),
        At(T::Continue, &[Pass, Seq(N::Continue), End]),
        At(T::Import, &[Goto(R::Import)]),
        At(
            T::From,
            &[
                Pass, Module, Expect(T::Import), If(T::Star, &[ImportStar, End]),
                If(T::LParen, &[Goto(R::FromBrackets)]), Goto(R::FromItems),
            ],
        ),
        At(T::Global, &[Goto(R::Global)]),
        At(T::Nonlocal, &[Goto(R::Nonlocal)]),
        At(T::Raise, &[
            Pass, When(&AtExpression, &[Expr(TEST), If(T::From, &[Expr(TEST)])]), Pair(N::Raise), End,
        ]),
        At(T::Assert, &[Pass, Expr(TEST), If(T::Comma, &[Expr(TEST)]), Pair(N::Assert), End]),
        At(T::Del, &[Pass, Call(R::Expressions), Seq(N::Delete), End]),
        Extra(&[When(
            &AtType,
            &[
                Pass, Name, At(T::LBracket, &[TypeParameters]), Expect(T::Assign), Expr(TEST),
                Pair(N::TypeAlias), End,
            ],
        )]),
        At(T::LParen, &[Flag]),
        Call(R::YieldOrExpressions),
        At(T::Assign, &[Goto(R::Assign)]),
        At(T::Colon, &[
            SingleTarget, Expr(TEST), If(T::Assign, &[Call(R::YieldOrExpressions)]), Annotated, End,
        ]),
        When(&IfAugmented, &[Call(R::YieldOrExpressions), Augmented, End]),
        Pair(N::Expr),
    ];
    /// The targets and the value.
    Assign = [Pass, Call(R::YieldOrExpressions), At(T::Assign, &[Goto(R::Assign)]), Assigned];
    Global = [Pass, Variable, At(T::Comma, &[Goto(R::Global)]), Seq(N::Global)];
    Nonlocal = [Pass, Variable, At(T::Comma, &[Goto(R::Nonlocal)]), Seq(N::Nonlocal)];
    Import = [Pass, Call(R::ImportItem), At(T::Comma, &[Goto(R::Import)]), Seq(N::Import)];
    ImportItem = [DottedName, If(T::As, &[Name]), Pair(N::Alias)];
    FromItems = [Call(R::FromItem), If(T::Comma, &[Goto(R::FromItems)]), ImportFrom];
    FromBrackets = [
        Call(R::FromItem), If(T::Comma, &[Not(T::RParen, &[Goto(R::FromBrackets)])]), Expect(T::RParen), ImportFrom,
    ];
    FromItem = [Name, If(T::As, &[Name]), Pair(N::Alias)];

    // ---- lists of expressions
    /// One expression, or several with commas: a tuple.
    Expressions = [Call(R::StarExpression), If(T::Comma, &[Goto(R::ExpressionTuple)]), Unstarred];
    ExpressionTuple = [
        When(&AtExpression, &[Call(R::StarExpression), If(T::Comma, &[Goto(R::ExpressionTuple)])]), Tuple,
    ];
    YieldOrExpressions = [At(T::Yield, &[Goto(R::Yield)]), Goto(R::Expressions)];
    Yield = [
        Pass, If(T::From, &[Expr(TEST), Pair(N::YieldFrom), End]),
        When(&AtExpression, &[Call(R::Expressions)]), Pair(N::Yield),
    ];
    StarExpression = [If(T::Star, &[Goto(R::Starred)]), Expr(TEST)];
    StarNamed = [If(T::Star, &[Goto(R::Starred)]), Goto(R::Named)];
    Starred = [Expr(BIT_OR), Pair(N::Starred)];
    Named = [Expr(TEST), At(T::Walrus, &[IsName, Pass, Expr(TEST), Pair(N::NamedExpr)])];

    // ---- what may follow an expression, which is in the frame
    And = [Pass, Expr(NOT), At(T::And, &[Goto(R::And)]), Seq(N::BoolAnd)];
    Or = [Pass, Expr(AND), At(T::Or, &[Goto(R::Or)]), Seq(N::BoolOr)];

    // ---- primaries
    Primary = [If(T::Await, &[Call(R::Primary), Pair(N::Await), End]), Atom, Goto(R::Trailers)];
    Trailers = [
        If(T::Dot, &[
            When(&IfModuleConstant, &[Goto(R::Trailers)]), Name, Pair(N::Attribute), Goto(R::Trailers),
        ]),
        At(T::LParen, &[ConstBegin, Call(R::Arguments), ConstEnd, Named(N::Call), Goto(R::Trailers)]),
        If(T::LBracket, &[Call(R::Index), Expect(T::RBracket), Pair(N::Subscript), Goto(R::Trailers)]),
    ];
    Index = [Call(R::IndexItem), If(T::Comma, &[Goto(R::IndexTuple)]), StarTuple];
    IndexTuple = [Not(T::RBracket, &[Call(R::IndexItem), If(T::Comma, &[Goto(R::IndexTuple)])]), Tuple];
    IndexItem = [
        At(T::Colon, &[Nothing, Goto(R::Slice)]), Call(R::StarNamed), At(T::Colon, &[Unstarred, Goto(R::Slice)]),
    ];
    Slice = [Pass, Call(R::Bound), If(T::Colon, &[Call(R::Bound)]), Seq(N::Slice)];
    Bound = [When(&AtExpression, &[Expr(TEST), End]), Nothing];
    /// The arguments of a call or the bases of a class, in brackets.
    Arguments = [
        Pass, Not(T::RParen, &[Call(R::Argument), Argument, At(T::Comma, &[Goto(R::Arguments)])]), Expect(T::RParen),
    ];

    /// A generator may, as in MicroPython, stand behind other arguments, but not before any.
    Argument = [
        If(T::Star, &[Expr(TEST), Pair(N::Starred), End]),
        If(T::DoubleStar, &[Expr(TEST), Pair(N::DoubleStarred), End]),
        Extra(&[When(&AtKeyword, &[Name, Pass, Expr(TEST), Pair(N::Keyword), End])]),
        Call(R::Named),
        When(&AtFor, &[Comp(CompKind::Generator), At(T::Comma, &[Invalid])]),
        If(T::Assign, &[KeywordName, Expr(TEST), Pair(N::Keyword)]),
    ];

    // ---- brackets
    ParenTuple = [
        Not(T::RParen, &[Call(R::StarNamed), If(T::Comma, &[Goto(R::ParenTuple)])]), Tuple, Expect(T::RParen),
    ];
    List = [
        Pass, Not(T::RBracket, &[Call(R::StarNamed), At(T::Comma, &[Goto(R::List)])]),
        When(&AtFor, &[Comp(CompKind::List), Expect(T::RBracket), End]), Expect(T::RBracket), Seq(N::List),
    ];
    SetRest = [
        If(T::Comma, &[Not(T::RBrace, &[Call(R::StarNamed), At(T::Colon, &[NoSet]), Goto(R::SetRest)])]),
        Expect(T::RBrace), Seq(N::Set),
    ];
    Dict = [Not(T::RBrace, &[Call(R::DictItem), Goto(R::DictRest)]), Pass, Seq(N::Dict)];
    DictRest = [If(T::Comma, &[Goto(R::Dict)]), Expect(T::RBrace), Seq(N::Dict)];
    DictItem = [If(T::DoubleStar, &[Nothing, Expr(BIT_OR), End]), Call(R::Named), Key, Expr(TEST)];

    // ---- comprehensions, whose element is in the frame
    Clauses = [
        When(&AtFor, &[Call(R::CompFor), Goto(R::Clauses)]), If(T::If, &[Call(R::CompIf), Goto(R::Clauses)]),
    ];
    CompFor = [
        If(T::Async, &[Flag]), Expect(T::For), Call(R::Targets), Expect(T::In), Expr(OR), Pair(N::CompFor),
    ];
    CompIf = [Expr(OR), Pair(N::CompIf)];

    // ---- what only natives follow
    Lambda = [Pass, Parameters(T::Colon), Expr(TEST), Nothing, Lambda];
    Ternary = [Pass, Expr(OR), Swap, Expect(T::Else), Expr(TEST), Seq(N::IfExp)];
    Paren = [
        Pass,
        At(T::Yield, &[Call(R::Yield), Expect(T::RParen), End]),
        If(T::RParen, &[EmptyTuple, End]),
        Call(R::StarNamed),
        When(&AtFor, &[Comp(CompKind::Generator), Expect(T::RParen), End]),
        If(T::Comma, &[Goto(R::ParenTuple)]),
        Unstarred, Expect(T::RParen),
    ];
    /// A dictionary or a set.
    Brace = [
        Pass, At(T::RBrace, &[Goto(R::Dict)]), At(T::DoubleStar, &[Goto(R::Dict)]), Call(R::StarNamed),
        If(T::Colon, &[
            Unstarred, Expr(TEST),
            When(&AtFor, &[Pair(N::Pair), Comp(CompKind::Dict), Expect(T::RBrace), End]), Goto(R::DictRest),
        ]),
        When(&AtFor, &[Comp(CompKind::Set), Expect(T::RBrace), End]), Goto(R::SetRest),
    ];
}

/// Bytes, as many as there is room for; `end` counts them all.
struct Packed<const LEN: usize> {
    bytes: [u8; LEN],
    end: usize,
}

impl<const LEN: usize> Packed<LEN> {
    const fn push(&mut self, byte: u8) {
        if self.end < LEN {
            self.bytes[self.end] = byte;
        }
        self.end += 1;
    }

    /// What a condition is for: one byte, or their number and so many.
    const fn pack_conditional(&mut self, steps: Steps) {
        let at = self.end;
        self.push(0);
        self.pack(steps);
        let len = self.end - at - 1;
        assert!(len < STEP as usize, "too much in one condition");
        if len == 1 {
            self.end = at;
            self.pack(steps);
        } else if at < LEN {
            self.bytes[at] = len as u8;
        }
    }

    const fn pack(&mut self, steps: Steps) {
        let mut i = 0;
        while i < steps.len() {
            let (code, operand) = match steps[i] {
                If(tok, _) => (IF, tok as u8),
                At(tok, _) => (AT, tok as u8),
                Not(tok, _) => (NOT_AT, tok as u8),
                Expect(tok) => (EXPECT, tok as u8),
                Parameters(tok) => (PARAMETERS, tok as u8),
                Set(place) => (SET, place),
                Comp(kind) => (COMP, kind as u8),
                Seq(make) => (SEQ, make as u8),
                Pair(make) => (PAIR, make as u8),
                Named(make) => (NAMED, make as u8),
                When(condition, _) => (condition.code(), NO_OPERAND),
                Extra(_) => (NO_OPERAND, NO_OPERAND),
                step => (step.code(), NO_OPERAND),
            };
            if code != NO_OPERAND {
                self.push(code);
            }
            if operand != NO_OPERAND {
                self.push(operand);
            }
            match steps[i] {
                If(_, then) | At(_, then) | Not(_, then) | When(_, then) => {
                    self.pack_conditional(then);
                }
                Extra(steps) if cfg!(feature = "extra") => self.pack(steps),
                _ => {}
            }
            i += 1;
        }
    }

    /// All rules, one behind the other; where each begins.
    const fn pack_rules(&mut self) -> [u16; RULES.len()] {
        let mut starts = [0; RULES.len()];
        let mut rule = 0;
        while rule < RULES.len() {
            starts[rule] = self.end as u16;
            self.pack(RULES[rule]);
            // What ends with another rule needs no end.
            if !matches!(RULES[rule], [.., Goto(_)]) {
                self.push(END);
            }
            rule += 1;
        }
        // The last step has something behind it, too.
        self.push(END);
        starts
    }
}

const NO_OPERAND: u8 = u8::MAX;
/// How many rules may be called or gone to.
const RULES_MAX: u8 = NO_OPERAND - GOTO;
const _: () = assert!(KEY < CALL);

const COUNT: usize = {
    let mut packed = Packed::<0> { bytes: [], end: 0 };
    packed.pack_rules();
    packed.end
};

static BYTES: [u8; COUNT] = {
    let mut packed = Packed { bytes: [0; COUNT], end: 0 };
    packed.pack_rules();
    packed.bytes
};

static STARTS: [u16; RULES.len()] = Packed::<0> { bytes: [], end: 0 }.pack_rules();

/// The byte at `at` and the one behind it.
pub(super) fn at(at: usize) -> [u8; 2] {
    BYTES.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or([END; 2])
}

/// Where the rule with this number begins.
pub(super) fn start(rule: u8) -> usize {
    STARTS.get(usize::from(rule)).map_or(0, |&start| start.into())
}
