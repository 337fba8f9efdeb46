//! The syntax tree of one top-level statement.
//!
//! Nodes are small `Copy` enums in an arena of the heap ([`Ast`](super::arena::Ast)); children are [`Id`]s,
//! sequences of children are [`Seq`]s. Names and literals, half of any tree, need no node: their [`Id`] says it all. The
//! names and literals themselves are kept in one list, rooted by the compiler, and referred to by [`Const`]. The parser
//! fills the arena; the generator reads it twice, first for the scopes; then all of it is freed.

pub use crate::object::BinaryOp as BinOp;

/// A node. [`Id::NONE`] where an optional child is absent.
///
/// The two high bits tell: 0 the number, from 1, of a place in the arena of nodes, 1 a [`Kind::Name`] and 2 a [`Kind::Literal`] with the
/// [`Const`] in the other bits. `Ast::node` gives all three as a [`Node`]; the latter two have no line of their own
/// (`line` 0): the line of the enclosing node holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Id(pub u32);

/// A sequence of children: a number, from 1, in the arena of ids, where the count comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seq(pub u32);

/// A number, from 1, in the list of values: a literal, or a name (an interned string).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Const(pub u32);

impl Id {
    /// No node.
    pub const NONE: Id = Id(0);
    /// Some node that is neither a name nor a literal.
    pub const OTHER: Id = Id(1);
    const TAG: u32 = 3 << 30;
    const NAME: u32 = 1 << 30;
    const LITERAL: u32 = 2 << 30;
    /// The largest number that fits beside the tag.
    pub const MAX_NUMBER: u32 = Id::NAME - 1;

    /// A variable.
    pub const fn name(name: Const) -> Id {
        Id(name.0 | Id::NAME)
    }

    /// A literal.
    pub const fn literal(value: Const) -> Id {
        Id(value.0 | Id::LITERAL)
    }

    /// The name of a variable.
    pub const fn as_name(self) -> Option<Const> {
        if self.0 & Id::TAG == Id::NAME { Some(Const(self.0 & !Id::TAG)) } else { None }
    }

    /// The value of a literal.
    pub const fn as_literal(self) -> Option<Const> {
        if self.0 & Id::TAG == Id::LITERAL { Some(Const(self.0 & !Id::TAG)) } else { None }
    }

    /// True for [`Id::NONE`].
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl Seq {
    /// The empty sequence.
    pub const EMPTY: Seq = Seq(0);
}

impl Const {
    /// No value.
    pub const NONE: Const = Const(0);
}

/// Unary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Not,
}

/// Comparisons, in the order of their opcodes from `Op::Lt`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CmpOp {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    Is,
    IsNot,
    In,
    NotIn,
}

/// What a comprehension makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompKind {
    List,
    Set,
    Dict,
    Generator,
}

impl CompKind {
    /// All of them, by their numbers.
    pub const ALL: [CompKind; 4] = {
        use CompKind::*;
        [List, Set, Dict, Generator]
    };
}

/// A node with the line it begins on.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Line in the source, from 1; 0: the line of the enclosing node.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

/// Every kind of node; at most eight bytes of children, so that a [`Node`] fits one heap block.
///
/// A comment `[a, b, c]` after a `Seq` gives the fixed places of its children.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    // ---- expressions
    /// A variable.
    Name(Const),
    /// A literal, already folded where it can be: int, float, complex, str, bytes, `None`, `True`, `False`, `...`, tuples of literals.
    Literal(Const),
    /// An f-string: `Literal` strings and `FormattedValue`s.
    JoinedStr(Seq),
    /// `{value!conv:spec}`; conv as in `Op::FormatValue`. `more` is `[spec]` (an expression, may be `Id::NONE`) or empty in an f-string and `[spec, source text Literal]` in a t-string.
    FormattedValue { conv: u8, value: Id, more: Seq },
    /// A t-string: `Literal` strings and `FormattedValue`s.
    TemplateStr(Seq),
    /// `(a, b)`; items may be `Starred`.
    Tuple(Seq),
    /// `[a, b]`
    List(Seq),
    /// `{a, b}`
    Set(Seq),
    /// `{k: v}`: keys and values alternate; a key that is `Id::NONE` stands for `**value`.
    Dict(Seq),
    /// `-a`
    Unary { op: UnaryOp, operand: Id },
    /// `a + b`
    Binary { op: BinOp, lhs: Id, rhs: Id },
    /// `a and b and c`
    BoolAnd(Seq),
    /// `a or b or c`
    BoolOr(Seq),
    /// `a < b`
    Compare { op: CmpOp, lhs: Id, rhs: Id },
    /// `a < b <= c`: first operand, then `CompareLink`s.
    CompareChain(Seq),
    /// One further comparison of a chain.
    CompareLink { op: CmpOp, rhs: Id },
    /// `f(…)`: arguments are expressions, `Starred`, `Keyword`, `DoubleStarred`.
    Call { function: Id, args: Seq },
    /// `name=value` in a call or a class header.
    Keyword { name: Const, value: Id },
    /// `*a`
    Starred(Id),
    /// `**a` in a call
    DoubleStarred(Id),
    /// `a.name`
    Attribute { object: Id, name: Const },
    /// `a[index]`
    Subscript { object: Id, index: Id },
    /// `lower:upper:step` inside a subscript: `[lower, upper, step]`, each may be `Id::NONE`.
    Slice(Seq),
    /// `lambda`: index of a `Function` node.
    Lambda(Id),
    /// `body if test else orelse`: `[test, body, orelse]`
    IfExp(Seq),
    /// `target := value`; the target is a `Name`.
    NamedExpr { target: Id, value: Id },
    /// A comprehension or generator expression. `element`: an expression, for `Dict` a `Pair`; `clauses`: `CompFor` and `CompIf`, the first is a `CompFor`.
    Comprehension { kind: CompKind, element: Id, clauses: Seq },
    /// `for target in iter`
    CompFor { is_async: bool, target: Id, iter: Id },
    /// `if test`
    CompIf(Id),
    /// Key and value.
    Pair(Id, Id),
    /// `yield value`; the value may be `Id::NONE`.
    Yield(Id),
    /// `yield from value`
    YieldFrom(Id),
    /// `await value`
    Await(Id),
    // ---- statements
    /// An expression as a statement.
    Expr(Id),
    /// `a = b = value`
    Assign { targets: Seq, value: Id },
    /// `target op= value`
    AugAssign { op: BinOp, target: Id, value: Id },
    /// `target: annotation = value`: `[target, annotation, value]`, the value may be `Id::NONE`.
    AnnAssign { simple: bool, parts: Seq },
    /// `del a, b`
    Delete(Seq),
    /// `pass`
    Pass,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return value`; the value may be `Id::NONE`.
    Return(Id),
    /// `raise exc from cause`; both may be `Id::NONE`.
    Raise { exc: Id, cause: Id },
    /// `global a, b`: `Name`s
    Global(Seq),
    /// `nonlocal a, b`: `Name`s
    Nonlocal(Seq),
    /// `assert test, message`; the message may be `Id::NONE`.
    Assert { test: Id, message: Id },
    /// `import a.b as c`: `Alias`es
    Import(Seq),
    /// `from ..module import names`; `module` is the dotted name (may be the empty string), names are `Alias`es.
    ImportFrom { level: u8, module: Const, names: Seq },
    /// `from module import *`
    ImportStar { level: u8, module: Const },
    /// `name as asname`; `asname` may be `Const::NONE`. In `import` the name is dotted.
    Alias { name: Const, asname: Const },
    /// `if`: `[test, body, orelse]`, blocks are `Block` nodes or `Id::NONE`. For `elif` an `If` stands in the place of the else block.
    If(Seq),
    /// Statements.
    Block(Seq),
    /// `while`: `[test, body, orelse]`
    While(Seq),
    /// `for`: `[target, iter, body, orelse]`
    For { is_async: bool, parts: Seq },
    /// `try`: `[body, orelse, finally, handler, …]`; `star` for `except*`.
    Try { star: bool, parts: Seq },
    /// `except type as name:` — `[type or NONE, body]`; the name may be `Const::NONE`.
    Handler { name: Const, parts: Seq },
    /// `with`: `[body, item, …]`
    With { is_async: bool, parts: Seq },
    /// `context as target`; the target may be `Id::NONE`.
    WithItem { context: Id, target: Id },
    /// `def`, `async def`, `lambda` and nothing else: name and `[args, body, returns, decorator, …]`. `args` is an `Args` node; the body of a lambda is an expression. Flag bits: 1 async, 2 lambda.
    Function { flags: u8, name: Const, parts: Seq },
    /// Parameters, in order: `Param`s.
    Args(Seq),
    /// A parameter: kind as in [`ParamKind`], `more` is `[default, annotation]`, each may be `Id::NONE`.
    Param { kind: ParamKind, name: Const, more: Seq },
    /// `class`: name and `[body, n decorators as Id number, decorator…, base or Keyword or Starred…]`
    Class { name: Const, parts: Seq },
    /// `match`: `[subject, case, …]`
    Match(Seq),
    /// `case pattern if guard: body` — `[pattern, guard or NONE, body]`
    Case(Seq),
    /// `type Name = value`
    TypeAlias { name: Const, value: Id },
    // ---- patterns
    /// A literal or dotted name, compared with `==`.
    MatchValue(Id),
    /// `None`, `True`, `False`, compared with `is`.
    MatchSingleton(Const),
    /// `[a, *b, c]`
    MatchSequence(Seq),
    /// `*name`; `Const::NONE` for `*_`.
    MatchStar(Const),
    /// `{key: pattern, **rest}`: keys (expressions) and patterns alternate; `rest` may be `Const::NONE`.
    MatchMapping { rest: Const, items: Seq },
    /// `Class(patterns…, name=pattern…)`: patterns, keyword ones as `Keyword`.
    MatchClass { class: Id, patterns: Seq },
    /// `pattern as name`; the pattern `Id::NONE` for a bare capture, the name also `Const::NONE` for `_`.
    MatchAs { pattern: Id, name: Const },
    /// `a | b`
    MatchOr(Seq),
}

macro_rules! made {
    ($flag:ident, $a:ident, $b:ident: $($name:ident => $kind:expr,)*) => {
        /// The kinds of nodes that the parser makes of what it knows by number, in the order of [`Kind`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Make { $($name),* }

        #[allow(non_upper_case_globals, reason = "spelt as `Make` spells them")]
        mod number {
            $(pub const $name: u8 = super::Make::$name as u8;)*
        }

        impl Kind {
            /// The kind of this number in [`Make`] with these children, as many as it has, and this flag, if it has one.
            #[inline(always)] // so that all kinds are stored by the same few instructions
            pub fn make(number: u8, $flag: bool, $a: u32, $b: u32) -> Kind {
                match number {
                    $(number::$name => $kind,)*
                    _ => Kind::Pass,
                }
            }
        }
    };
}

made! { flag, a, b:
    JoinedStr => Kind::JoinedStr(Seq(a)),
    List => Kind::List(Seq(a)),
    Set => Kind::Set(Seq(a)),
    Dict => Kind::Dict(Seq(a)),
    BoolAnd => Kind::BoolAnd(Seq(a)),
    BoolOr => Kind::BoolOr(Seq(a)),
    CompareChain => Kind::CompareChain(Seq(a)),
    Call => Kind::Call { function: Id(a), args: Seq(b) },
    Keyword => Kind::Keyword { name: Const(a), value: Id(b) },
    Starred => Kind::Starred(Id(a)),
    DoubleStarred => Kind::DoubleStarred(Id(a)),
    Attribute => Kind::Attribute { object: Id(a), name: Const(b) },
    Subscript => Kind::Subscript { object: Id(a), index: Id(b) },
    Slice => Kind::Slice(Seq(a)),
    Lambda => Kind::Lambda(Id(a)),
    IfExp => Kind::IfExp(Seq(a)),
    NamedExpr => Kind::NamedExpr { target: Id(a), value: Id(b) },
    CompFor => Kind::CompFor { is_async: flag, target: Id(a), iter: Id(b) },
    CompIf => Kind::CompIf(Id(a)),
    Pair => Kind::Pair(Id(a), Id(b)),
    Yield => Kind::Yield(Id(a)),
    YieldFrom => Kind::YieldFrom(Id(a)),
    Await => Kind::Await(Id(a)),
    Expr => Kind::Expr(Id(a)),
    Assign => Kind::Assign { targets: Seq(a), value: Id(b) },
    AnnAssign => Kind::AnnAssign { simple: flag, parts: Seq(a) },
    Delete => Kind::Delete(Seq(a)),
    Pass => Kind::Pass,
    Break => Kind::Break,
    Continue => Kind::Continue,
    Return => Kind::Return(Id(a)),
    Raise => Kind::Raise { exc: Id(a), cause: Id(b) },
    Global => Kind::Global(Seq(a)),
    Nonlocal => Kind::Nonlocal(Seq(a)),
    Assert => Kind::Assert { test: Id(a), message: Id(b) },
    Import => Kind::Import(Seq(a)),
    Alias => Kind::Alias { name: Const(a), asname: Const(b) },
    If => Kind::If(Seq(a)),
    Block => Kind::Block(Seq(a)),
    While => Kind::While(Seq(a)),
    For => Kind::For { is_async: flag, parts: Seq(a) },
    Try => Kind::Try { star: flag, parts: Seq(a) },
    Handler => Kind::Handler { name: Const(a), parts: Seq(b) },
    With => Kind::With { is_async: flag, parts: Seq(a) },
    WithItem => Kind::WithItem { context: Id(a), target: Id(b) },
    Function => Kind::Function { flags: flag as u8, name: Const(a), parts: Seq(b) },
    Args => Kind::Args(Seq(a)),
    Class => Kind::Class { name: Const(a), parts: Seq(b) },
    TypeAlias => Kind::TypeAlias { name: Const(a), value: Id(b) },
}

impl ParamKind {
    /// The place of parameters of this kind in the order of their registers.
    pub fn rank(self) -> u8 {
        (self as u8).saturating_sub(1)
    }
}

/// Kinds of parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ParamKind {
    PositionalOnly,
    Normal,
    KeywordOnly,
    VarArgs,
    VarKeywords,
}

const _: () = assert!(size_of::<Kind>() == 12 && size_of::<Node>() == 16);
