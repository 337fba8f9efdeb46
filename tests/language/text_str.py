# Positions, parts and searching in text of one and of several bytes a character.
words = ("", "plain", "naïve", "日本語テキスト", "a😀b😀c")

for w in words:
    n = len(w)
    print(w, n, [w[i] for i in range(-n, n)] == list(w) * 2, w[::-1], w[1:-1], w[::2], w[-2::-2])
    print(w.find(w[1:3]), w.rfind(w[-1:]), w.count(""), w.index(w[n // 2 :]), w.find("x", 99))
    print([w.find("", i) for i in (0, 1, n, n + 1)], [w.count("", i) for i in (0, 2, n, n + 1)])

s = "one, two, three"
print(s.split(", "), s.split(", ", 1), s.rsplit(", ", 1), s.split("!"))
print("  a  b  ".split(), "  a  b  ".split(None, 1), "  a  b  ".rsplit(None, 1), "".split())
print(s.partition(", "), s.rpartition(", "), s.partition("-"), s.rpartition("-"))
print("a\nb\r\nc\r\n\nd".splitlines(), "a\nb\r\n".splitlines(True), "".splitlines())
print("-".join(["x", "y", "z"]), "".join("abc"), ", ".join({"k": 1}), "x".join([]))
print("éèé".strip("é"), "xxaxx".lstrip("x"), "xxaxx".rstrip("x"), "\t a \n".strip(), "日a日".strip("日本"))
print("banana".replace("an", "AN"), "banana".replace("a", "", 2), "aé".replace("", "-"), "abc".replace("", "-", 2))
print("abc".startswith(("x", "ab")), "abc".endswith("bc", 0, 2), "abc".startswith("", 4), "naïve".startswith("ï", 2))
print("prefix-x".removeprefix("prefix-"), "x.py".removesuffix(".py"), "x".removeprefix("y"))
print("ab".center(7, "*"), "ab".ljust(5) + "|", "ab".rjust(5, "é"), "-7".zfill(4), "日".center(4))
print("\ta\tbc\td".expandtabs(4), "a\tb".expandtabs(0), "日\tx".expandtabs(3))
print("hello World".title(), "hELLO".capitalize(), "aBc".swapcase(), "ABC".casefold(), "they're".title())
for t in ("", "abc", "ABC", "12", "a1", " \t", "Title Case", "_x1", "1x", "é"):
    print(repr(t), t.isdigit(), t.islower(), t.isupper(), t.isspace(), t.istitle(), t.isascii())
print("".isidentifier(), "_x1".isidentifier(), "1x".isidentifier(), "a-b".isidentifier())
print("abc".translate({97: "A", 98: None, 99: 0x1F600}), "abc".translate(str.maketrans("ab", "xy", "c")))
print(str.maketrans({"a": 1, 98: None}))

print("é" < "z", "z" < "é", "ab" < "abc", "" == "", "a" != "b", "x" * 3, 0 * "x", "ab" * -1)
print("e" in "hello", "" in "", "lo" in "hello", "oh" in "hello")


def fails(f, *args):
    try:
        print("no error:", f(*args))
    except Exception as e:
        print(type(e).__name__, e)


fails(lambda: "abc"[3])
fails(lambda: "abc"["a"])
fails(lambda: "abc".index("x"))
fails(lambda: "abc".split(""))
fails(lambda: "a" + 1)
fails(lambda: 1 in "a")
fails(lambda: ",".join([1]))
fails(lambda: "abc".find(b"a"))
fails(lambda: "a" * (1 << 80))
fails(str.upper, 1)


class Text(str):
    def __str__(self):
        return "<" + self.upper() + ">"

    def shout(self):
        return self + "!"


t = Text("word")
print(t == "word", t.shout(), str(t), "%s" % t, "{}".format(t), f"{t}", t[1:], {t: 1}["word"], "-".join([t]))


# Code that runs in the middle of an operation.
class Counting:
    def __init__(self):
        self.n = 0

    def __index__(self):
        self.n += 1
        return self.n


c = Counting()
print("abcdef"[c], "abcdef"[c:c], "abcdef".find("d", c, c))
