//! Trees of small programs, errors of bad ones, and sources that are cut and mangled.

extern crate std;

use std::format;
use std::string::String;
use std::vec::Vec;

use super::{Mode, Parser};
use crate::compiler::dump::dump;
use crate::object::{Exception, List, Str, Tuple};
use crate::value::Value;
use crate::{Raise, Vm, testing};

const HEAP_BYTES: usize = 4 << 20;

/// The parked exception as `Class: message, line n`.
fn error_text(vm: &mut Vm) -> String {
    let parked = vm.take_exception();
    let text = |v: Option<Value>| {
        let text = v.and_then(Str::from_value);
        text.map_or(String::new(), |s| String::from(s.as_str()))
    };
    let class = vm.exception_class(parked);
    let class = text(Some(vm.class_name(class)));
    let Some(exception) = Exception::from_value(parked) else { return class };
    let args = Tuple::from_value(exception.args(vm));
    let message = text(args.and_then(|args| args.items().first().copied()));
    let line = List::from_value(exception.traceback(vm)).and_then(|list| list.get(vm, 1));
    match line.and_then(Value::as_small_int) {
        Some(line) => format!("{class}: {message}, line {line}"),
        None => format!("{class}: {message}"),
    }
}

fn parse(vm: &mut Vm, source: &[u8], mode: Mode) -> Result<String, Raise> {
    let mut bytes = source;
    let mut out = String::new();
    let lists = (vm.new_list()?, vm.new_dict()?);
    let mut parser = Parser::new(vm, &mut bytes, mode, true, lists);
    if mode == Mode::Eval {
        let id = parser.parse_eval();
        parser.lexer.outcome()?;
        return Ok(dump(parser.lexer.vm, &parser.ast, id));
    }
    loop {
        let id = parser.next_statement(false);
        parser.lexer.outcome()?;
        if id.is_none() {
            break;
        }
        out.push_str(&dump(parser.lexer.vm, &parser.ast, id));
        out.push('\n');
    }
    Ok(out)
}

/// [`parse`] of a file of that name.
fn parse_file(vm: &mut Vm, source: &[u8], mode: Mode) -> Result<String, Raise> {
    vm.shared_mut().roots.compiling = vm.intern("test.py")?;
    parse(vm, source, mode)
}

/// The tree, or `Class: message, line n`.
fn outcome(source: &[u8], mode: Mode) -> String {
    testing::with_vm(HEAP_BYTES, |vm| match parse_file(vm, source, mode) {
        Ok(tree) => String::from(tree.trim_end()),
        Err(_) => error_text(vm),
    })
}

/// The source becomes this tree.
#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(outcome(source.as_bytes(), Mode::Module), expected, "{source:?}");
}

/// All of the sources are refused like this.
#[track_caller]
fn check_refused(expected: &str, sources: &[&str]) {
    for source in sources {
        check(source, expected);
    }
}

const INVALID: &str = "SyntaxError: invalid syntax, line 1";

// ---- expressions

#[test]
fn operators_bind_as_the_grammar_says() {
    check("a + b * c", "(expr (Add a (Mul b c)))");
    check("a - b - c", "(expr (Sub (Sub a b) c))");
    check("a ** -b ** c", "(expr (Pow a (Neg (Pow b c))))");
    check("-a ** b", "(expr (Neg (Pow a b)))");
    check("not a == b", "(expr (Not (Eq a b)))");
    check("a or b and not c", "(expr (or a (and b (Not c))))");
    check("a | b ^ c & d << e", "(expr (Or a (Xor b (And c (LShift d e)))))");
    check("a @ b // c % d", "(expr (Mod (FloorDiv (MatMul a b) c) d))");
    check("a if b else c if d else e", "(expr (ifexp b a (ifexp d c e)))");
    check("await a ** b", "(expr (Pow (await a) b))");
    check("lambda: a if b else c", "(expr (lambda (fn <lambda> (args) -) (ifexp b a c)))");
}

#[test]
fn comparisons_chain() {
    check("a < b", "(expr (Lt a b))");
    check("a < b <= c != d", "(expr (chain a (Lt b) (Le c) (Ne d)))");
    check("(a < b) < c", "(expr (Lt (Lt a b) c))");
    check("a is not b in c", "(expr (chain a (IsNot b) (In c)))");
    check("a not in b", "(expr (NotIn a b))");
}

#[test]
fn operators_on_literals_are_folded() {
    check("-1", "(expr -1)");
    check("2 + 3 * 4", "(expr 14)");
    check("~0xff", "(expr -256)");
    check("-7 // 2, -7 % 2, 7 // -2, 7 % -2", "(expr (tuple -4 1 -4 -1))");
    check("2 ** 10, 1 << 4, 255 >> 4", "(expr (tuple 1024 16 15))");
    check("not 0, not None, not True", "(expr (tuple True True False))");
    check("1 // 0", "(expr (FloorDiv 1 0))");
    check("1 << -1", "(expr (LShift 1 -1))");
    check("a + 1 + 2", "(expr (Add (Add a 1) 2))");
    check("(1, ('a', None), ())", "(expr (tuple 1 (tuple 'a' None) (tuple)))");
    check("(1, a)", "(expr (tuple 1 a))");
    check("__debug__", "(expr True)");
}

#[test]
fn numbers_of_all_kinds() {
    check("0x_ff, 0o17, 0b1_0, 1_000, 00", "(expr (tuple 255 15 2 1000 0))");
    check("1., .5, 1e3, 1_0.5E-2, 2j", "(expr (tuple 1e0 5e-1 1e3 1.05e-1 0e0+2e0j))");
    check("1 .real", "(expr (attr real 1))");
    check("1..real", "(expr (attr real 1e0))");
    check("0x1.real", "(expr (attr real 1))");
    check("1e2.real", "(expr (attr real 1e2))");
    let bad = ["1__0", "1_", "0x", "0b2", "09", "1e", "1and 2", "1e_5", "1_.5"];
    check_refused("SyntaxError: invalid syntax for number, line 1", &bad);
}

#[test]
fn calls_and_subscripts() {
    check("f(a, *b, c=d, **e)", "(expr (call f a (star b) (kw c d) (starstar e)))");
    check("f(x for x in y)", "(expr (call f (compGenerator x (for x y))))");
    check("f(a := 1, b=(c := 2))", "(expr (call f (walrus a 1) (kw b (walrus c 2))))");
    check(
        "a[b], a[b, c], a[b,]",
        "(expr (tuple (index a b) (index a (tuple b c)) (index a (tuple b))))",
    );
    check("a[:], a[b:c:d]", "(expr (tuple (index a (slice - -)) (index a (slice b c d))))");
    check("a[::b, *c]", "(expr (index a (tuple (slice - - b) (star c))))");
    check("a.b[c](d).e", "(expr (attr e (call (index (attr b a) c) d)))");
}

#[test]
fn arguments_in_a_wrong_order_are_refused() {
    check("f(a=1, b)", "SyntaxError: positional arg after keyword arg, line 1");
    check("f(**a, b)", "SyntaxError: positional arg after **, line 1");
    check("f(**a, *b)", "SyntaxError: * arg after **, line 1");
    check("f(1=2)", "SyntaxError: LHS of keyword arg must be an id, line 1");
    check_refused(INVALID, &["f(i for i in i, 1)", "f(,)", "f(a b)", "f(a", "a[]", "[1,,]"]);
}

#[test]
fn displays_and_comprehensions() {
    check("[], {}, [a], {a}, {a: b}", "(expr (tuple (list) (dict) (list a) (set a) (dict a b)))");
    check(
        "[*a, b], {**a, b: c}, {*a}",
        "(expr (tuple (list (star a) b) (dict - a b c) (set (star a))))",
    );
    check(
        "[x + y for x, *y in z if a if b for w in v]",
        "(expr (compList (Add x y) (for (tuple x (star y)) z) (if a) (if b) (for w v)))",
    );
    check("{k: v async for k, v in z}", "(expr (compDict (pair k v) (async-for (tuple k v) z)))");
    check("{x for x in a or b}", "(expr (compSet x (for x (or a b))))");
    check("{1: 2, 3}", "SyntaxError: expecting key:value for dict, line 1");
    check("{1, 2: 3}", "SyntaxError: expecting just a value for set, line 1");
    check_refused(INVALID, &["{**a for a in b}", "[x, y for x in z]", "{1:"]);
}

#[test]
fn lines_are_joined_and_blank_ones_passed() {
    check("\r\n\n  # comment\n(a,\n b) \\\n + c\r\rd", "(expr (Add (tuple a b) c))\n(expr d)");
    check("\u{feff}a; b;\n", "block\n  (expr a)\n  (expr b)");
    check("if a:\n  b\n\n # x\n  c\nd", "(if a)\n  (expr b)\n  (expr c)\n(expr d)");
    check("if a:\n\tb\n        c", "(if a)\n  (expr b)\n  (expr c)");
    check("\\\n", "");
    check("\t", "");
    check("αβ = 1", "(= αβ 1)");
}

#[test]
fn wrong_indentation_is_refused() {
    check(" a", "IndentationError: unexpected indent, line 1");
    check("a\n  b", "IndentationError: unexpected indent, line 2");
    check("if a:\nb", "IndentationError: expected an indented block, line 2");
    let message = "IndentationError: unindent doesn't match any outer indent level, line 3";
    check("def f():\n  a\n a\n", message);
}

#[test]
fn stray_bytes_are_refused() {
    check_refused(
        INVALID,
        &["!", "$", "`", "?", "1\0", "1\x01", "\x0b", "a b", "1 or 2 or", "a\u{80}\0"],
    );
    let bad = ["a \\a", "a \\ \n", "\\", "f'{\\}'"];
    check_refused(INVALID, &bad);
    assert_eq!(outcome(b"a\xff = 1", Mode::Module), INVALID);
    assert_eq!(outcome(b"'\xff'", Mode::Module), "UnicodeError: , line 1");
}

// ---- strings

#[test]
fn strings_and_their_escapes() {
    check("'a' \"b\" '''c\"'d'''", "(expr 'abc\"\\x27d')");
    check(r"'\n\x41\101\u00e9\U0001f600\z\''", r"(expr '\x0aAA\xc3\xa9\xf0\x9f\x98\x80\x5cz\x27')");
    check("'a\\\nb' '''c\r\nd\\\r\n'''", r"(expr 'abc\x0ad')");
    check(r"r'\n\'' Rb'\x'[0]", "SyntaxError: cannot mix bytes and nonbytes literals, line 1");
    check(
        r"r'\n\'', rb'\x', b'\u00ff\xff\377\400'",
        r"(expr (tuple '\x5cn\x5c\x27' b'\x5cx' b'\x5cu00ff\xff\xff\x00'))",
    );
    check("u'a' 'b', ''", "(expr (tuple 'ab' ''))");
    check("''''a'' '''", r"(expr '\x27a\x27\x27 ')");
    check_refused(
        INVALID,
        &[r"'\x0'", r"b'\x0'", r"'\u000'", r"'\U0000000'", r"'\U00110000'", "ub'a'", "bu''"],
    );
    check_refused(
        "SyntaxError: unterminated string, line 1",
        &["'abc", "'a\nb'", "'''a''", r"'a\'", "'\\"],
    );
    check(r"'\ud800'", "SyntaxError: invalid syntax, line 1");
    check(r"'\N{DASH}'", "NotImplementedError: unicode name escapes, line 1");
}

#[test]
fn fields_of_f_strings() {
    check("f'a{b}c'", "(expr (fstr 'a' (field b) 'c'))");
    check("f'{{}}' '{x}'", "(expr '{}{x}')");
    check(
        "f'{a!r:>{w}.2}' 'b' f'{c:}'",
        "(expr (fstr (field!r a (fstr '>' (field w) '.2')) 'b' (field c)))",
    );
    check("f'{a!s}{b!a:x}'", "(expr (fstr (field!s a) (field!a b 'x')))");
    check(
        "f'{a=} {b = !s} { c=:x}'",
        "(expr (fstr 'a=' (field!r a) ' ' 'b = ' (field!s b) ' ' ' c=' (field c 'x')))",
    );
    check(
        "f'{x:=5}{a != b}{ {1: 2}[1]}'",
        "(expr (fstr (field x '=5') (field (Ne a b)) (field (index (dict 1 2) 1))))",
    );
    check("f'{'a' f'{b}'}'", "(expr (fstr (field (fstr 'a' (field b)))))");
    check("f'''{a # b\n  }\n'''", r"(expr (fstr (field a) '\x0a'))");
    check(
        "f'{a,}{*b,}{yield}'",
        "(expr (fstr (field (tuple a)) (field (tuple (star b))) (field (yield -))))",
    );
    check(
        "f'{(lambda x: 1)}{a[1:2]:3}}}'",
        "(expr (fstr (field (lambda (fn <lambda> (args (Normal x - -)) -) 1)) (field (index a (slice 1 2)) '3') '}'))",
    );
    check(r"rf'\{a}\n' f'\x41{b:\x41}'", r"(expr (fstr '\x5c' (field a) '\x5cnA' (field b 'A')))");
}

#[test]
fn fields_of_t_strings_keep_their_text() {
    check("t'a{ b }'", "(expr (tstr 'a' (field b - ' b')))");
    check("t'{x = }' rt'\\n'", r"(expr (tstr 'x = ' (field!r x - 'x') '\x5cn'))");
    check("t'{x:{w}{{y}}}'", "(expr (tstr (field x (fstr (field w) '{y}') 'x')))");
    check("t'{f'{a}'}'", r"(expr (tstr (field (fstr (field a)) - 'f\x27{a}\x27')))");
    check("t''", "(expr (tstr))");
    check_refused(INVALID, &["t'' ''", "f'' t''", "ft''", "bt''"]);
}

#[test]
fn bad_fields_are_refused() {
    let malformed = ["f'{}'", "f'{a'", "f'a }'", "f'{a b'", "f'{a}}'", "f'{a:'", "f'{a'}'"];
    check_refused("SyntaxError: malformed f-string, line 1", &malformed);
    check_refused(
        INVALID,
        &[
            "f'{ !r}'",
            "f'{a b}'",
            "f'{a!}'",
            "f'{a!x}'",
            "f'{a!r }'",
            "f'{a ! r}'",
            "f'{a{b}}'",
            "f'{@}'",
            "f'{#}'",
        ],
    );
}

// ---- statements

#[test]
fn simple_statements() {
    check("a = b = c, d", "(= a b (tuple c d))");
    check("a, *b = c[0], d.e = f", "(= (tuple a (star b)) (tuple (index c 0) (attr e d)) f)");
    check("a @= b; c **= yield", "block\n  (MatMul= a b)\n  (Pow= c (yield -))");
    check(
        "a: b; (a): b; a.b: c = d, e",
        "block\n  (ann a b)\n  (ann-complex a b)\n  (ann-complex (attr b a) c (tuple d e))",
    );
    check("del a, b[0], (c, [d])", "(del (tuple a (index b 0) (tuple c (list d))))");
    check("return; return *a, b", "block\n  (return -)\n  (return (tuple (star a) b))");
    check("raise; raise a; raise a from b", "block\n  (raise - -)\n  (raise a -)\n  (raise a b)");
    check(
        "assert a, b; pass; break; continue",
        "block\n  (assert a b)\n  pass\n  break\n  continue",
    );
    check("global a, b; nonlocal c", "block\n  (global a b)\n  (nonlocal c)");
    check("import a.b.c as d, e", "(import (as a.b.c d) (as e -))");
    check("from ....a.b import (c as d, e,)", "(from 4 a.b (as c d) (as e -))");
    check("from . import a; from b import *", "block\n  (from 1  (as a -))\n  (from 0 b *)");
    check(
        "type X[T: int, *Ts, **P] = T; type = 1; type(x)",
        "block\n  (type X T)\n  (= type 1)\n  (expr (call type x))",
    );
    check("await a; x = yield from y", "block\n  (expr (await a))\n  (= x (yield-from y))");
}

#[test]
fn stars_are_checked() {
    check_refused(
        "SyntaxError: can't use starred expression here, line 1",
        &["x = *x", "*a = b", "(*a)", "*a", "for *a in b: c"],
    );
    check_refused(INVALID, &["x := 1", "f(): int", "a, b: int", "(a.b := 1)", "a = b: c"]);
}

#[test]
fn compound_statements() {
    check(
        "if a: b\nelif c: d; e\nelif f:\n  g\nelse: h",
        "(if a)\n  (expr b)\nel(if c)\n  (expr d)\n  (expr e)\nel(if f)\n  (expr g)\nelse\n  (expr h)",
    );
    check("while a := b: pass\nelse: c", "(while (walrus a b))\n  pass\nelse\n  (expr c)");
    check(
        "for a, (b, *c) in d, *e: f\nelse: g",
        "(for (tuple a (tuple b (star c))) (tuple d (star e)))\n  (expr f)\nelse\n  (expr g)",
    );
    check("async for a[b in c] in d: e", "(async-for (index a (In b c)) d)\n  (expr e)");
    check(
        "try: a\nexcept B: c\nexcept (D, E) as f: g\nexcept: h\nelse: i\nfinally: j",
        "try\n  (expr a)\n(except - B)\n  (expr c)\n(except f (tuple D E))\n  (expr g)\n(except - -)\n  (expr h)\nelse\n  (expr i)\nfinally\n  (expr j)",
    );
    check("try: a\nexcept* B as c: d", "try*\n  (expr a)\n(except c B)\n  (expr d)");
    check("try: a\nfinally: b", "try\n  (expr a)\nfinally\n  (expr b)");
    check(
        "try: a\nexcept* b: c\nexcept d: e",
        "SyntaxError: cannot have both 'except' and 'except*', line 3",
    );
    check_refused("SyntaxError: invalid syntax, line 2", &["try: a\nelse: b", "try: a\nb"]);
}

#[test]
fn with_tells_brackets_of_items_from_those_of_expressions() {
    let pass = |with: &str| format!("{with}\n  pass");
    check("with a, b as c: pass", &pass("(with (item a -) (item b c))"));
    check("with (a, b): pass", &pass("(with (item a -) (item b -))"));
    check("with (a, b,): pass", &pass("(with (item a -) (item b -))"));
    check("with (a, b as c, d): pass", &pass("(with (item a -) (item b c) (item d -))"));
    check("with (a, b) as c, d: pass", &pass("(with (item (tuple a b) c) (item d -))"));
    check("with (a).b(c) + d as e: pass", &pass("(with (item (Add (call (attr b a) c) d) e))"));
    check("with (a if b else c): pass", &pass("(with (item (ifexp b a c) -))"));
    check("with (yield): pass", &pass("(with (item (yield -) -))"));
    check("with (x for x in y) as z: pass", &pass("(with (item (compGenerator x (for x y)) z))"));
    check("with (): pass", &pass("(with (item (tuple) -))"));
    check("with (*a, b): pass", &pass("(with (item (tuple (star a) b) -))"));
    check(
        "async with a as (b, c), d as e[0]: pass",
        &pass("(async-with (item a (tuple b c)) (item d (index e 0)))"),
    );
    check_refused(
        INVALID,
        &["with (a as b) as c: pass", "with (a as b).c: pass", "with: pass", "with a,: pass"],
    );
}

#[test]
fn functions_and_classes() {
    check(
        "def f(a, b: c = 1, /, d=2, *e: g, h, i=3, **j) -> k: pass",
        "(def f (args (PositionalOnly a - -) (PositionalOnly b 1 c) (Normal d 2 -) (VarArgs e - g) (KeywordOnly h - -) (KeywordOnly i 3 -) (VarKeywords j - -)) k)\n  pass",
    );
    check(
        "lambda a, *, b=1: a",
        "(expr (lambda (fn <lambda> (args (Normal a - -) (KeywordOnly b 1 -)) -) a))",
    );
    check(
        "@a.b\n@c(d)\nasync def f[T](x,): pass",
        "(@ (attr b a))\n(@ (call c d))\n(async-def f (args (Normal x - -)) -)\n  pass",
    );
    check(
        "@a\nclass C[T](B, *D, m=E, **F): pass",
        "(@ a)\n(class C B (star D) (kw m E) (starstar F))\n  pass",
    );
    check("class C: x = 1", "(class C)\n  (= x 1)");
    let bad = [
        "def f(x, *a, *): pass",
        "def f(**k, r): pass",
        "def f(*): pass",
        "def f(*, **k): pass",
        "def f(/): pass",
    ];
    check_refused(INVALID, &bad);
    check_refused(
        INVALID,
        &[
            "def f(a, /, b, /): pass",
            "def f(*a, /): pass",
            "lambda x, *a, *: 1",
            "lambda a: int: 1",
        ],
    );
    check("@a\nb = 1", "SyntaxError: invalid syntax, line 2");
}

#[test]
fn match_is_told_from_the_name() {
    let case = |head: &str| format!("{head}\n(case (bind - -) -)\n  pass");
    let suffix = ":\n case _: pass";
    for (source, subject) in [
        ("match a", "a"),
        ("match (a)", "a"),
        ("match (a), b", "(tuple a b)"),
        ("match *a, b", "(tuple (star a) b)"),
        ("match -a", "(Neg a)"),
        ("match not a", "(Not a)"),
        ("match [a][0]", "(index (list a) 0)"),
        ("match (f'{a:{b}}' '):')", "(fstr (field a (fstr (field b))) '):')"),
        ("match match", "match"),
        ("match {'a': b}", "(dict 'a' b)"),
        ("match a := b", "(walrus a b)"),
    ] {
        check(&format!("{source}{suffix}"), &case(&format!("(match {subject})")));
    }
    check("match = 1", "(= match 1)");
    check("match(a)\nmatch[b:c] = d", "(expr (call match a))\n(= (index match (slice b c)) d)");
    check("match - 1; match not in a", "block\n  (expr (Sub match 1))\n  (expr (NotIn match a))");
    check("match * a, b\n[c]", "(expr (tuple (Mul match a) b))\n(expr (list c))");
    check("match.case(type)", "(expr (call (attr case match) type))");
    check("match (a): b", "SyntaxError: invalid syntax, line 1");
}

#[test]
fn patterns() {
    let pattern = |source: &str, tree: &str| {
        let source = format!("match x:\n  case {source}: pass");
        check(&source, &format!("(match x)\n(case {tree})\n  pass"));
    };
    pattern(
        "1 | -2.5 | 'a' 'b' | None",
        "(alternatives (value 1) (value -2.5e0) (value 'ab') (is None)) -",
    );
    pattern("-1 + 2j if a", "(value -1e0+2e0j) a");
    pattern("a", "(bind a -) -");
    pattern("a.b.c", "(value (attr c (attr b a))) -");
    pattern("(a)", "(bind a -) -");
    pattern("()", "(sequence) -");
    pattern("(a,)", "(sequence (bind a -)) -");
    pattern(
        "[a, *_, (b | c) as d]",
        "(sequence (bind a -) (rest -) (bind d (alternatives (bind b -) (bind c -)))) -",
    );
    pattern("a, *b", "(sequence (bind a -) (rest b)) -");
    pattern("{'a': 1, b.c: _, **d}", "(mapping d 'a' (value 1) (attr c b) (bind - -)) -");
    pattern("{}", "(mapping -) -");
    pattern(
        "A(), b.C(d, e=f,)",
        "(sequence (instance A) (instance (attr C b) (bind d -) (kw e (bind f -)))) -",
    );
    let refused = |message: &str, source: &str| {
        check(
            &format!("match x:\n  case {source}: pass"),
            &format!("SyntaxError: {message}, line 2"),
        );
    };
    refused("cannot use '_' as a target", "1 as _");
    refused("multiple starred expressions in sequence pattern", "*a, *b");
    refused("positional patterns follow keyword patterns", "A(b=c, d)");
    refused("patterns may only match literals and attribute lookups", "f'{a}'");
    for bad in
        ["*a", "a + b", "{a: b}", "{**a, 'b': c}", "{**_}", "f(a)(b)", "a if", "-a", "lambda: 1"]
    {
        refused("invalid syntax", bad);
    }
}

#[test]
fn constants_replace_their_names() {
    check("X = const(3)\nX + 1\nf(X=X)", "(= X 3)\n(expr 4)\n(expr (call f (kw X 3)))");
    check("_X = const((1, 'a'))\n_X", "pass\n(expr (tuple 1 'a'))");
    check("_X: int = const(1); X: int = const(2)", "block\n  pass\n  (ann X int 2)");
    check("class A:\n  _Z = const(2)\n  a = _Z", "(class A)\n  pass\n  (= a 2)");
    check(
        "X = const(1)\nimport X\ndef X(X): pass",
        "(= X 1)\n(import (as X -))\n(def X (args (Normal X - -)) -)\n  pass",
    );
    check("const(x)", "(expr (call const x))");
    check("A = const(x)", "SyntaxError: not a constant, line 1");
    check("A = const(1 // 0)", "SyntaxError: not a constant, line 1");
}

// ---- the other modes

#[test]
fn one_expression_or_one_statement() {
    let eval = |source: &str| outcome(source.as_bytes(), Mode::Eval);
    assert_eq!(eval(" \t1\r"), "1");
    assert_eq!(eval("\n[a,\n b], *c # x\n\n"), "(tuple (list a b) (star c))");
    for bad in ["", "\\\n", "a = 1", "a; b", "a\nb", "pass", "1 2"] {
        assert!(eval(bad).starts_with("SyntaxError: invalid syntax"), "{bad:?}");
    }
    let single = |source: &str| outcome(source.as_bytes(), Mode::Single);
    assert_eq!(single("a; b\n"), "block\n  (expr a)\n  (expr b)");
    assert_eq!(single("if a:\n b\n\n"), "(if a)\n  (expr b)");
    assert_eq!(single(""), "");
    assert_eq!(single("# a\n"), "");
    assert_eq!(single("\\\n"), "SyntaxError: invalid syntax, line 2");
    assert_eq!(single("a\nb\n"), "SyntaxError: invalid syntax, line 2");
}

#[test]
fn errors_name_the_line() {
    check("a\n(b,\n c\n d)", "SyntaxError: invalid syntax, line 4");
    check("a = '''\n\n''' 'b", "SyntaxError: unterminated string, line 3");
    check("def f():\n  a\n  f'{b!q}'", "SyntaxError: invalid syntax, line 3");
}

#[test]
fn names_have_at_most_255_bytes() {
    let name = "x".repeat(255);
    check(&name, &format!("(expr {name})"));
    check(&format!("{name}x"), "RuntimeError: name too long");
}

// ---- robustness

#[test]
fn deep_nesting_raises_runtime_error() {
    let n = 100_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("f(", ")"),
        ("x[", "]"),
        ("-", ""),
        ("not ", ""),
        ("await ", ""),
        ("x**", ""),
        ("lambda:", ""),
        ("x if x else ", ""),
        ("f'{", "}'"),
        ("[x for x in ", "]"),
        ("f'{x:{", "}}'"),
    ] {
        let source = format!("{}x{}", open.repeat(n), close.repeat(n));
        let outcome = outcome(source.as_bytes(), Mode::Module);
        assert!(
            outcome.starts_with("RecursionError: maximum recursion depth exceeded"),
            "{open}: {outcome:.80}"
        );
    }
    let mut patterns = String::from("match x:\n case ");
    patterns.push_str(&"[".repeat(n));
    assert!(outcome(patterns.as_bytes(), Mode::Module).starts_with("RecursionError"));
    let blocks: String = (0..2000).map(|i| format!("{}if x:\n", " ".repeat(i))).collect();
    assert!(!outcome(blocks.as_bytes(), Mode::Module).is_empty());
}

#[test]
fn long_flat_sources_need_no_depth() {
    let n = 3000;
    let sum = format!("x{}", " + x".repeat(n));
    let chain = format!("if x: x\n{}", "elif x: x\n".repeat(n));
    let text = format!("'{}'", "ab".repeat(n));
    let calls = format!("x{}", "().y".repeat(n));
    testing::with_vm(HEAP_BYTES, |vm| {
        for source in [sum, chain, text, calls] {
            let mut bytes = source.as_bytes();
            let lists = (vm.new_list().expect("memory"), vm.new_dict().expect("memory"));
            let mut parser = Parser::new(vm, &mut bytes, Mode::Module, true, lists);
            parser.next_statement(false);
            let parsed = parser.lexer.outcome();
            assert!(parsed.is_ok(), "{}", error_text(parser.lexer.vm));
        }
    });
}

const PROGRAM: &str = r#"
@a.b(1)
class C[T](B, k=1):
    """doc"""
    X = const(1 << 3)
    async def f(self, a, /, b: int = -1, *c, d=[*e], **g) -> None:
        with (open(x) as y, z): return f"{a!r:>{w}} {b=} {{}}", rb'\x'
        async for i, *j in k: await m; yield from n
match (x):
    case [1, *_] | {"a": A(b=c), **d} if e: del f[g:h, i], j
    case -1+2j: raise K from L
try: import a.b as c; from ..d import (e, f)
except* (G, H) as i: x = y = {k: v for k, v in z if not w}
finally: print(lambda *a: (yield), t"{x = :{y}}", a < b is not c, 0x1F, 1_0.5e-3)
"#;

#[test]
fn cut_and_mangled_sources_never_panic() {
    for n in 0..PROGRAM.len() {
        outcome(&PROGRAM.as_bytes()[..n], Mode::Module);
        outcome(&PROGRAM.as_bytes()[n..], Mode::Module);
    }
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut random = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    let snippets = PROGRAM.as_bytes();
    for _ in 0..3000 {
        let mut source: Vec<u8> = PROGRAM.bytes().collect();
        for _ in 0..=random(3) {
            let at = random(source.len());
            let end = (at + random(9)).min(source.len());
            let from = random(snippets.len());
            let piece = snippets[from..(from + random(6)).min(snippets.len())].iter().copied();
            match random(4) {
                0 => source[at] = random(256) as u8,
                1 => drop(source.splice(at..end, piece)),
                2 => drop(source.splice(at..at, piece)),
                _ => drop(source.drain(at..end)),
            }
            source.push(b'\n');
        }
        outcome(&source, Mode::Module);
    }
}

#[test]
fn running_out_of_memory_anywhere_is_a_memory_error() {
    let enough = outcome(PROGRAM.as_bytes(), Mode::Module);
    assert!(enough.contains("finally"), "{enough}");
    let mut failures = 0;
    for bytes in (4096..).step_by(64) {
        let Some(tree) = testing::try_with_vm(bytes, |vm| {
            let parsed = parse_file(vm, PROGRAM.as_bytes(), Mode::Module);
            parsed.map_err(|_| error_text(vm))
        }) else {
            continue;
        };
        match tree {
            Ok(tree) => return assert!(failures > 3 && tree.trim_end() == enough),
            Err(error) => assert!(error.starts_with("MemoryError"), "{error}"),
        }
        failures += 1;
    }
}
