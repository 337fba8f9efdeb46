# Regular expressions beyond what upstream's tests try: characters, counted repetitions, empty rounds, wrong patterns.
import re
import ure

print(ure is re)


def find(pattern, text, *flags):
    m = re.search(pattern, text, *flags)
    print(pattern, "->", m and (m.span(), m.group(), m.groups()))


# Characters, not bytes.
find("é.", "xéàx")
find("[^é]$", "éaà")
find("[à-ü]+", "aéèb")
find(r"\W+", "aé€b")
find(b"[\xe9]", b"a\xe9")
print(re.search(".", "\u20ac").end(), re.search(b".", "\u20ac".encode()).end())

# Counted repetitions; braces that are none.
find("a{2}", "aaa")
find("a{2,}", "aaaa")
find("a{,2}b", "aaab")
find("a{1,3}?", "aaa")
find("(ab){2,3}", "abababab")
find("(a|b){3}c", "ababc")
find("a{", "a{")
find("a{x}", "a{x}")
find("{1", "{1")

# Rounds that take nothing.
find("(a*)*b", "aab")
find("(a*)+", "b")
find("(a|b*)*c", "abbac")
find("(?:a?){3}b", "aab")
find("()*x", "x")
find("(a??)*?b", "aab")

# Alternatives keep their order; groups keep their last round.
find("a|ab", "ab")
find("(a)|(b)|(c)", "c")
find("((a)|b)*", "ab")
find("(a+|b+)*?c", "aabbc")

# Anchors and flags.
find("^b", "a\nb")
find("^b", "a\nb", re.M)
find("a$", "a\nb", re.MULTILINE)
find("aB[c-d]", "xAbD", re.I)
find("[^a]", "A", re.IGNORECASE)

for wrong in ("*", "a**", "a+*", "(", ")", "(?", "(?P<x>a)", "[", "[]", "[^]", "[b-a]", "a\\", "[a\\", "a{2,1}", "^*", "a{2}{3}"):
    try:
        re.compile(wrong)
        print(wrong, "compiled")
    except ValueError as e:
        print(wrong, e)
for big in ("(a)" * 128, "a{99999}", "(" + "[é]" * 7000 + ")*"):
    try:
        re.compile(big)
        print("compiled")
    except ValueError as e:
        print(e)
    except MemoryError:
        # A small heap ends before the limit.
        print("regex too complex")
n = 100
while True:
    try:
        re.compile("(?:" * n + ")" * n)
        n *= 2
    except (RuntimeError, MemoryError):
        break

# Long texts need little memory where one character is repeated.
text = "a" * 5000 + "b"
print(re.match(".*b", text).end(), re.match("[a-z]*b", text).end(), re.match("a*?b", text).end())
print(re.match("(?:a|b)*", "ab" * 200).end())

m = re.match("(a)(b)?", "ac")
print(m, m.group(0, 1, 2), m.groups("-"), m.start(2), m.end(2), m.span(1))
for number in (3, -1):
    try:
        m.group(number)
    except IndexError as e:
        print("IndexError", e)

print(re.sub("(b)(c)?", r"[\1\2\g<0>\\\q]", "abcab"))
print(re.sub("b", lambda m: m.group() * 2, "abcb", 1), re.sub("b", "", "abcb", count=1))
print(re.sub(b"b", b"-", bytearray(b"abc")))
for wrong in ((r"\3", IndexError), (r"\g<9>", IndexError), (5, TypeError)):
    try:
        re.sub("(a)", wrong[0], "a")
    except wrong[1] as e:
        print(wrong[1].__name__)
print(re.split(",", "a,b,,c"), re.split(",", "a,b,c", 1), re.compile("x*").split("axb"))
print(re.compile("b").search("abab", 2).start(), re.compile("b").search("éb", 1, 1), re.compile("$").search("ab", 0, 1).start())
