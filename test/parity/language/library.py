"""The standard library, as models use it."""
import collections
import copy
import itertools
import math
import operator
import re
import string
import types
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque


def mathematics():
    return (
        math.ceil(2.1),
        math.floor(-2.1),
        math.sqrt(16),
        math.log2(8),
        math.log(math.e),
        math.log(8, 2),
        math.log10(1000),
        math.prod([2, 3, 4]),
        math.gcd(12, 18),
        math.lcm(4, 6),
        math.pow(2, 3),
        math.exp(0),
        math.pi > 3,
        math.inf > 1,
        math.isnan(math.nan),
        math.isinf(-math.inf),
        math.isclose(0.1 + 0.2, 0.3),
        math.trunc(-2.5),
        math.fabs(-1),
        math.comb(5, 2),
        math.perm(4, 2),
        math.factorial(5),
        math.hypot(3, 4),
        math.copysign(1, -2),
        math.isqrt(17),
        math.cos(0),
        math.sin(0),
        math.tanh(0),
        math.atan2(0, 1),
        math.degrees(math.pi),
        math.fmod(7, 3),
        math.modf(2.5),
        math.fsum([0.1] * 10),
        math.dist([0, 0], [3, 4]),
        math.frexp(8),
        math.log1p(0),
        math.erf(0),
    )


def itertools_all():
    return (
        list(itertools.chain([1], (2, 3))),
        list(itertools.chain.from_iterable([[1], [2]])),
        list(itertools.accumulate([1, 2, 3])),
        list(itertools.accumulate([1, 2, 3], operator.mul)),
        list(itertools.accumulate([1, 2, 3], initial=10)),
        list(itertools.accumulate([3, 1, 2], max)),
        list(itertools.product([1, 2], "ab")),
        list(itertools.product([0, 1], repeat=2)),
        list(itertools.permutations([1, 2, 3], 2)),
        list(itertools.combinations([1, 2, 3], 2)),
        list(itertools.combinations_with_replacement([1, 2], 2)),
        list(itertools.repeat(7, 2)),
        list(itertools.islice(range(10), 2, 8, 3)),
        list(itertools.islice("abcdef", 2)),
        list(itertools.islice("abcdef", 1, None)),
        list(itertools.zip_longest([1, 2, 3], "a", fillvalue="-")),
        list(itertools.starmap(pow, [(2, 3), (3, 2)])),
        list(itertools.takewhile(lambda x: x < 3, [1, 2, 3, 1])),
        list(itertools.dropwhile(lambda x: x < 3, [1, 2, 3, 1])),
        list(itertools.filterfalse(lambda x: x % 2, range(5))),
        list(itertools.compress("abc", [1, 0, 1])),
        list(itertools.pairwise([1, 2, 3])),
        [(k, list(g)) for k, g in itertools.groupby([1, 1, 2, 3, 3])],
        [(k, list(g)) for k, g in itertools.groupby(["a", "bb", "cc"], key=len)],
        [list(x) for x in itertools.tee([1, 2])],
    )


def counter():
    c = Counter("abca")
    c.update("aa")
    return c["a"], c["zz"], c.most_common(1), sorted(c.items()), sum(c.values()), Counter([1, 1])[1], c.total()


def default_dict():
    groups = defaultdict(list)
    for k, v in [("a", 1), ("b", 2), ("a", 3)]:
        groups[k].append(v)
    counts = defaultdict(int)
    for ch in "aab":
        counts[ch] += 1
    nested = defaultdict(lambda: defaultdict(dict))
    nested["x"]["y"]["z"] = 1
    return dict(groups), dict(counts), nested["x"]["y"], groups.get("q"), "q" in groups, defaultdict(lambda: 5)["any"]


def ordered_dict():
    d = OrderedDict([("a", 1), ("b", 2)])
    d["c"] = 3
    d.move_to_end("a")
    first = d.popitem(last=False)
    return list(d.items()), first, OrderedDict(x=1)["x"], list(d.keys()), next(iter(d))


def deque_use():
    d = deque([1, 2, 3], maxlen=3)
    d.append(4)
    d.appendleft(0)
    e = deque([1, 2, 3])
    e.rotate(1)
    e.extendleft([9])
    return list(d), list(e), e.popleft(), e.pop(), len(e), e[0]


def chain_map():
    c = ChainMap({"a": 1}, {"a": 2, "b": 3})
    return c["a"], c["b"], sorted(c)


def simple_namespace():
    n = types.SimpleNamespace(a=1, b=[2])
    n.c = 3
    return n.a, n.c, sorted(vars(n))


def copies():
    a = {"x": [1]}
    b, c = copy.copy(a), copy.deepcopy(a)
    a["x"].append(2)
    return b, c, a.copy(), [1, [2]].copy()


def regular_expressions():
    m = re.match(r"(\w+)_(\d+)", "block_12")
    return (
        m.group(1),
        int(m.group(2)),
        m.groups(),
        re.sub(r"\d", "#", "a1b2"),
        re.findall(r"[a-z]+", "ab1cd"),
        re.split(r"[,;]", "a,b;c"),
        bool(re.search("x", "abc")),
        re.match(r"(?P<k>\w)(?P<n>\d)", "k3")["k"],
        re.match(r"(?P<k>\w)(?P<n>\d)", "k3").groupdict(),
        re.compile(r"s(\d)").search("k1_s2").group(1),
        re.fullmatch("a+", "aaa") is not None,
        [m.group() for m in re.finditer(r"\d+", "1 22")],
        re.sub(r"(\w)(\d)", lambda m: m.group(2) + m.group(1), "a1b2"),
        re.escape("a.b"),
    )


def strings():
    return string.ascii_lowercase[:3], string.digits, string.ascii_letters[-1]


def os_paths():
    import os

    return os.path.join("a", "b.py"), os.path.basename("a/b.py"), os.path.splitext("b.py"), os.path.dirname("a/b.py"), os.environ.get("NO_SUCH_THING", "d")


def operators():
    return operator.add(1, 2), operator.itemgetter(1)([1, 2]), operator.truediv(1, 2), operator.eq(1, 1), operator.not_(0), operator.neg(3), operator.floordiv(7, 2), operator.lt(1, 2), operator.contains([1], 1)


def numbers_abc():
    import numbers
    from collections import abc
    from collections.abc import Callable, Iterable, Mapping, Sequence

    return isinstance(3, numbers.Number), isinstance(3, numbers.Integral), isinstance("a", Iterable), isinstance([], Sequence), isinstance({}, Mapping), isinstance(len, Callable), isinstance(3, Iterable), isinstance((), abc.Sequence), isinstance(2.5, numbers.Real)


def nested_structures():
    cfg = {"stages": [{"depth": 2, "dims": (8, 16)}, {"depth": 1, "dims": (16, 32)}]}
    total = 0
    for i, stage in enumerate(cfg["stages"]):
        match stage:
            case {"depth": depth, "dims": (a, b)}:
                total += depth * (b - a) * (i + 1)
    pairs = list(zip(cfg["stages"][:-1], cfg["stages"][1:]))
    return total, len(pairs), [s["dims"][-1] for s in cfg["stages"]]


def sizes_with_strings():
    spec = "16-32x3,64"
    out = []
    for part in spec.split(","):
        if "x" in part:
            dims, _, times = part.partition("x")
            out.append((*map(int, dims.split("-")), int(times)))
        else:
            out.append(int(part))
    return out


def user_dict():
    class Box(collections.UserDict):
        def __setitem__(self, key, value):
            super().__setitem__(key, value * 2)

    b = Box()
    b["c"] = 4
    return b["c"], len(b)


def strict_zip():
    try:
        list(zip([1], [1, 2], strict=True))
    except ValueError:
        return list(zip([1], [2], strict=True)), "refused"


def numbers_text():
    return int(3.0), float(2), str(0.1), repr(1e-7), str(True), repr(None), str([1, "a", None, 2.0, (1,)]), str({"a": (1, 2)}), repr({1}), str(1.0e10), int("007"), float("-inf")
