"""What Python gives for statements and expressions: each case returns a value that is compared by its repr."""


def for_else():
    found = []
    for n in range(2, 12):
        for d in range(2, n):
            if n % d == 0:
                break
        else:
            found.append(n)
    return found


def while_else():
    n, seen = 3, []
    while n > 0:
        seen.append(n)
        n -= 1
    else:
        seen.append("end")
    return seen


def while_else_break():
    n = 3
    while n:
        n -= 1
        if n == 1:
            break
    else:
        n = 100
    return n


def while_walrus():
    items = [1, 2, 3, 0, 4]
    taken = []
    while (item := items.pop(0)) != 0:
        taken.append(item)
    return taken, items


def try_else_finally():
    log = []

    def run(fails):
        try:
            log.append("try")
            if fails:
                raise ValueError("no")
        except (TypeError, ValueError) as error:
            log.append(str(error))
            return "failed"
        else:
            log.append("else")
            return "fine"
        finally:
            log.append("finally")

    return run(True), run(False), log


def try_finally_overrides():
    def run():
        for i in range(3):
            try:
                if i == 1:
                    return i
            finally:
                done.append(i)

    done = []
    return run(), done


def raise_from():
    try:
        try:
            {}["a"]
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        return str(error), type(error).__name__, type(error.__cause__).__name__


def own_exception():
    class ShapeMismatch(ValueError):
        def __init__(self, want, got):
            super().__init__(f"want {want}, got {got}")
            self.want, self.got = want, got

    try:
        raise ShapeMismatch(3, 4)
    except ValueError as error:
        return str(error), error.want, error.got, isinstance(error, ShapeMismatch)


def exception_args():
    try:
        raise ValueError("a", 2)
    except ValueError as error:
        return error.args


def except_order():
    def kind(action):
        try:
            action()
        except ZeroDivisionError:
            return "zero"
        except LookupError:
            return "lookup"
        except (AttributeError, NameError):
            return "name"
        except Exception:
            return "other"

    return [
        kind(lambda: 1 / 0),
        kind(lambda: [][0]),
        kind(lambda: {}["k"]),
        kind(lambda: None.x),
        kind(lambda: int("x")),
        kind(lambda: "a" + 1),
    ]


def nonlocal_counter():
    def counter():
        n = 0

        def step(by=1):
            nonlocal n
            n += by
            return n

        return step

    one = counter()
    return one(), one(4), one()


TOTAL = 1


def global_counter():
    def step():
        global TOTAL
        TOTAL += 2

    step()
    step()
    return TOTAL


def unpacking():
    first, *middle, last = range(6)
    (a, b), [c, *d] = (1, 2), [3, 4, 5]
    x = y = 7
    *init, end = "abc"
    return first, middle, last, a, b, c, d, x, y, init, end


def swap():
    a, b, c = 1, 2, 3
    a, b, c = c, a, b
    items = [0, 1, 2]
    items[0], items[2] = items[2], items[0]
    return a, b, c, items


def splats():
    def f(*args, key=0, **rest):
        return args, key, rest

    more = {"key": 5, "z": 1}
    return f(*[1, 2], *(3,), **more), [*range(3), *"ab"], {**more, "y": 2}, (*[1], 2), {*[1, 1, 2]}


def slices():
    a = list(range(10))
    b = a[:]
    b[2:5] = ["x"]
    c = a[:]
    c[::2] = [0] * 5
    d = a[:]
    del d[1::3]
    return a[::-1], a[-3:], a[8:2:-2], a[::3], a[-1:-4:-1], b, c, d, "hello"[::-1], (1, 2, 3)[1:], "abcdef"[1:-1]


def slice_objects():
    window = slice(1, 7, 2)
    return list(range(10))[window], window.start, window.stop, window.step, slice(None, None, -1).indices(4)


def comprehensions():
    grid = [[i * j for j in range(3)] for i in range(3) if i != 1]
    flat = [x for row in grid for x in row if x]
    return grid, flat, {k: v for k, v in zip("abc", range(3))}, {n % 3 for n in range(7)}, sum(x for x in flat)


def comprehension_scope():
    x = "outer"
    made = [x for x in range(3)]
    late = [lambda: i for i in range(3)]
    early = [lambda i=i: i for i in range(3)]
    return x, made, [f() for f in late], [f() for f in early]


def nested_walrus():
    values = [y := 3, y**2, y + 1]
    big = [half for n in range(6) if (half := n // 2) > 0]
    return values, big


def conditional_chain():
    def size(n):
        return "small" if n < 3 else "middle" if n < 6 else "large"

    return [size(n) for n in (1, 4, 9)], 1 < 2 < 3, 1 < 3 > 2, 3 > 2 == 2, not 1 in [2]


def booleans():
    return 0 or "a", "" or 0 or None, 1 and 2, [] and 1, not [], None is None, bool([0]), True + True, ~5, True * 3


def integers():
    return 7 // 2, -7 // 2, 7 % -3, -7 % 3, 2**10, 2**-1, 7 / 2, 1 << 5, 100 >> 2, 6 & 3, 6 | 1, 6 ^ 3, 10_000, 0x1F, 0b101, 0o17, divmod(17, 5), abs(-3)


def floats():
    return 1e3, 1.5e-3, 0.1 + 0.2, 3.0 // 2, 7.5 % 2, round(2.5), round(3.5), round(2.675, 2), round(1234, -2), int(-2.7), float("1e-4"), 1 / 3, 1e16, 1e-5, 123456789.0


def formats():
    n, x, s = 42, 3.14159, "ab"
    return (
        f"{n:05d}|{x:.2f}|{x:8.3f}|{s:>5}|{s:<5}|{s:^6}|{n:x}|{n:,}|{1234567:,}|{0.25:.0%}|{n:+d}",
        f"{s!r} {n=} {x:.{2}f} {{}} {s * 2}",
        "{} {1}".format(1, 2) if False else "{0} {1} {0}".format(1, 2),
        "%d %s %.1f %5s|%-5s|%03d" % (n, s, x, s, s, 7),
        "%(name)s has %(count)d" % {"name": "x", "count": 2},
        f"{'nested ' + f'{n}'}",
        f"{n:>{8}}",
        f"{1e-5} {1e20} {100.0}",
        f"{x:e} {x:.1e} {x:g} {1e-7:g}",
    )


def strings():
    return (
        "a,b,,c".split(","),
        " a b  c ".split(),
        "a-b-c".rsplit("-", 1),
        "layer.0.weight".partition("."),
        "x".join(["1", "2"]),
        "Conv2d".lower(),
        "hello world".title(),
        "  pad ".strip(),
        "__x__".strip("_"),
        "abc".startswith(("x", "ab")),
        "file.py".removesuffix(".py"),
        "abcabc".replace("b", "X", 1),
        "7".zfill(3),
        "a\tb".expandtabs(4),
        "aXbX".count("X"),
        "abc".find("z"),
        "abc".index("c"),
        "Ab".swapcase(),
        "ab".center(6, "*"),
        "ab".ljust(4, ".") + "|" + "ab".rjust(4),
        "abc".isalpha(),
        "123".isdigit(),
        "x\ny".splitlines(),
        "abc".upper().casefold(),
        "a" < "b",
        "ab" * 2,
        "b" in "abc",
        "abc".translate(str.maketrans("ab", "xy")),
        ord("a"),
        chr(98),
        "tEST".capitalize(),
    )


def dictionaries():
    d = {"a": 1, "b": 2}
    d.update(c=3)
    d |= {"d": 4}
    d.setdefault("e", []).append(5)
    popped = d.pop("a"), d.pop("zz", None)
    last = d.popitem()
    return d, popped, last, list(d), list(d.items()), d.get("q", 0), "b" in d, len(d), dict.fromkeys("xy", 0), dict([("k", 1)], j=2), {1: 2} | {3: 4}, list(reversed(d))


def dictionary_views():
    a, b = {"x": 1, "y": 2}, {"y": 3, "z": 4}
    return sorted(a.keys() & b.keys()), sorted(a.keys() - b.keys()), sorted(a.keys() | b), max(a, key=a.get), list(a.values()), len(a.values())


def sets():
    a, b = {1, 2, 3}, frozenset([3, 4])
    a.add(5)
    a.discard(9)
    return sorted(a & b), sorted(a | b), sorted(a - b), sorted(a ^ b), a.issubset({1, 2, 3, 5, 6}), a >= {1}, sorted(a.union([7], [8])), a.isdisjoint([9]), len(a), {1} < {1, 2}


def lists():
    a = [3, 1, 2]
    a.sort(reverse=True)
    b = sorted(["bb", "a", "ccc"], key=len)
    c = [1, 2] * 2 + [9]
    c.insert(1, "i")
    c.remove(2)
    c.extend(x for x in "yz")
    c += ["t"]
    return a, b, c, c.index("i"), [1, 2] == [1, 2], [1, 2] < [1, 3], a.count(3), c.pop(0), list(reversed(a)), min(a), max("a", "b"), max([], default=-1), min(a, key=lambda x: -x)


def sort_stability():
    rows = [("b", 1), ("a", 1), ("c", 0)]
    return sorted(rows, key=lambda r: r[1]), sorted(rows, key=lambda r: (r[1], r[0])), sorted(rows, key=lambda r: r[1], reverse=True)


def aliasing():
    a = [1]
    b = a
    b.append(2)
    c = a[:]
    c.append(3)
    d = [[]] * 2
    d[0].append(1)

    def default(x, acc=[]):
        acc.append(x)
        return acc

    default(1)
    return a, c, d, default(2), a is b, a == c


def builtin_functions():
    return (
        list(enumerate("ab", start=5)),
        list(zip([1, 2, 3], "ab")),
        list(zip(*[(1, 2), (3, 4)])),
        list(map(lambda a, b: a + b, [1, 2], [10, 20])),
        list(filter(None, [0, 1, "", 2])),
        any(x > 2 for x in [1, 3]),
        all([]),
        sum([[1], [2]], []),
        sum(range(5), 10),
        pow(2, 5, 7),
        list(range(10, 0, -3)),
        range(5)[-1],
        range(10)[2:5],
        len(range(0, 10, 3)),
        4 in range(0, 10, 2),
        isinstance(True, int),
        isinstance(1, (int, float)),
        isinstance([], list),
        issubclass(bool, int),
        callable(len),
        list("abc"),
        tuple([1]),
        bool(""),
        int("12"),
        int("ff", 16),
        int("0b11", 0),
        str(1.0),
        repr("a"),
        bin(5),
        hex(255),
        oct(8),
        type(3).__name__,
        type([]) is list,
        round(-0.5),
        max(1, 2.5),
        next(iter([7])),
        next(iter([]), "none"),
        sorted({"b": 1, "a": 2}),
        float("inf") > 1,
    )


def matching():
    def kind(value):
        match value:
            case 0 | 1:
                return "bit"
            case int(n) if n > 100:
                return "large"
            case int() | float():
                return "number"
            case "relu" | "gelu" as name:
                return name.upper()
            case [x, y]:
                return x + y
            case [first, *rest]:
                return rest
            case {"type": "conv", "k": k, **others}:
                return k, others
            case None:
                return "none"
            case _:
                return "?"

    return [kind(v) for v in (1, 500, 7, 2.5, "gelu", (3, 4), [1, 2, 3], {"type": "conv", "k": 3, "s": 1}, None, "x")]


def match_classes():
    class Point:
        __match_args__ = ("x", "y")

        def __init__(self, x, y):
            self.x, self.y = x, y

    def where(p):
        match p:
            case Point(0, 0):
                return "origin"
            case Point(x, y=0):
                return f"on x at {x}"
            case Point(x=a, y=b) if a == b:
                return "diagonal"
            case Point():
                return "elsewhere"

    return [where(Point(*p)) for p in ((0, 0), (2, 0), (3, 3), (1, 2))]


def augmented():
    n, s, items = 7, "a", [1]
    n += 1
    n *= 3
    n -= 4
    n //= 3
    n **= 2
    n %= 7
    n <<= 2
    n |= 1
    n ^= 2
    n &= 7
    s *= 3
    s += "b"
    items *= 2
    d = {"k": 1}
    d["k"] += 5
    return n, s, items, d


def deletion():
    d = {"a": 1, "b": 2}
    items = [1, 2, 3, 4]
    x = 5
    del d["a"], items[1:3], x
    try:
        x
    except NameError:
        return d, items, "gone"


def assertion():
    try:
        assert 1 == 2, f"no {3}"
    except AssertionError as error:
        return str(error)


def semicolons(): a = 1; b = 2; return a + b


def chained_methods():
    return (
        "Some Text"
        .lower()
        .replace(" ", "_")
        .split("_")[-1]
        [0:2]
    )


def tuples():
    a = 1, 2
    b = (*a, 3)
    (c,) = [9]
    return a, b, c, (), (1,), a + b, a * 2, a < b, b[-1], b.index(3)


def ellipsis_and_none():
    return ..., None, type(None).__name__, ... is Ellipsis, NotImplemented is NotImplemented


def star_in_index():
    table = {(1, 2): "a"}
    return table[1, 2], table[(1, 2)], table.get((2, 1))


def continue_in_try():
    out = []
    for i in range(4):
        try:
            if i % 2:
                continue
            out.append(i)
        finally:
            out.append(-i)
    return out


def nested_functions():
    def outer(a, *, b=2):
        def inner(c):
            return a + b + c

        return inner

    def positional(a, /, b, *, c):
        return a, b, c

    return outer(1)(3), outer(1, b=5)(1), positional(1, b=2, c=3), (lambda *a, **k: (a, k))(1, x=2)


def recursion():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return [fib(n) for n in range(10)]


def default_of_default():
    def exists(v):
        return v is not None

    def default(v, d):
        return v if exists(v) else d() if callable(d) else d

    return default(None, 3), default(0, 3), default(None, lambda: 8)


def isinstance_unions():
    return isinstance(3, int | str), isinstance("a", int | None), isinstance(None, int | None), isinstance((), (list, tuple))
