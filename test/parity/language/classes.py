"""Classes: inheritance, special methods, properties, metaclasses, dataclasses, enumerations, named tuples."""
import abc
import copy
import dataclasses
import enum
import typing
from collections import namedtuple
from dataclasses import dataclass, field


def inheritance():
    class A:
        x = 1

        def f(self):
            return "A"

        def g(self):
            return self.f() + str(self.x)

    class B(A):
        x = 2

        def f(self):
            return "B" + super().f()

    return B().g(), A().g(), issubclass(B, A), B.__mro__[1] is A, B.__bases__ == (A,), B.__name__


def diamond():
    class Base:
        def __init__(self, **kw):
            self.log = ["Base"]
            self.kw = kw

    class Left(Base):
        def __init__(self, left=1, **kw):
            super().__init__(**kw)
            self.log.append(f"Left{left}")

    class Right(Base):
        def __init__(self, right=2, **kw):
            super().__init__(**kw)
            self.log.append(f"Right{right}")

    class Both(Left, Right):
        def __init__(self, **kw):
            super().__init__(**kw)
            self.log.append("Both")

    b = Both(left=5, right=6, other=7)
    return b.log, b.kw, [c.__name__ for c in Both.__mro__]


def mixins():
    class Sized:
        def __len__(self):
            return len(self.items)

    class Iterating:
        def __iter__(self):
            return iter(self.items)

    class Bag(Sized, Iterating):
        def __init__(self, *items):
            self.items = items

    bag = Bag(3, 1, 2)
    a, *b = bag
    return len(bag), list(bag), sorted(bag), 3 in bag, a, b, sum(bag), bool(Bag()), tuple(bag), max(bag)


def operators():
    class V:
        def __init__(self, x):
            self.x = x

        def __add__(self, other):
            return V(self.x + (other.x if isinstance(other, V) else other))

        def __radd__(self, other):
            return V(other + self.x)

        def __mul__(self, k):
            return V(self.x * k)

        __rmul__ = __mul__

        def __sub__(self, other):
            return V(self.x - other.x)

        def __neg__(self):
            return V(-self.x)

        def __matmul__(self, other):
            return self.x * other.x

        def __eq__(self, other):
            return isinstance(other, V) and self.x == other.x

        def __lt__(self, other):
            return self.x < other.x

        def __repr__(self):
            return f"V({self.x})"

        def __getitem__(self, i):
            return self.x * i

        def __call__(self, y):
            return self.x + y

        def __bool__(self):
            return self.x != 0

        def __hash__(self):
            return hash(self.x)

        def __iadd__(self, other):
            self.x += 100
            return self

        def __contains__(self, y):
            return y == self.x

        def __int__(self):
            return self.x

        def __abs__(self):
            return abs(self.x)

        def __floordiv__(self, k):
            return V(self.x // k)

        def __rsub__(self, k):
            return V(k - self.x)

        def __or__(self, other):
            return V(self.x | other.x)

        def __rshift__(self, f):
            return f(self)

        def __invert__(self):
            return V(~self.x)

    v = V(2)
    w = V(2)
    w += 1
    return (
        v + V(3),
        v + 1,
        1 + v,
        3 * v,
        v - V(1),
        -v,
        v @ V(5),
        v == V(2),
        v != V(3),
        sorted([V(3), V(1)]),
        v[4],
        v(10),
        bool(V(0)),
        w,
        2 in v,
        int(v),
        abs(V(-3)),
        V(7) // 2,
        10 - v,
        v | V(1),
        v >> (lambda q: q.x),
        ~v,
        sum([V(1), V(2)]),
        "yes" if V(0) else "no",
        V(1) < V(2),
        V(3) > V(2),
        max([V(1), V(9)]),
        str(v),
        f"{v}",
    )


def item_access():
    class Store:
        def __init__(self):
            self.data = {}

        def __setitem__(self, key, value):
            self.data[key] = value

        def __getitem__(self, key):
            return self.data[key]

        def __delitem__(self, key):
            del self.data[key]

        def __contains__(self, key):
            return key in self.data

        def __missing__(self, key):
            return key

    s = Store()
    s["a"] = 1
    s["b"] = 2
    s["a"] += 10
    del s["b"]
    return s["a"], "b" in s, "a" in s


def sequence_protocol():
    class Squares:
        def __len__(self):
            return 4

        def __getitem__(self, i):
            if i >= 4:
                raise IndexError(i)
            return i * i

    return list(Squares()), [x for x in Squares()], 9 in Squares(), list(reversed(Squares())), list(enumerate(Squares()))


def iterator_protocol():
    class Countdown:
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return self

        def __next__(self):
            if self.n == 0:
                raise StopIteration
            self.n -= 1
            return self.n

    class Gen:
        def __iter__(self):
            for i in range(2):
                yield i * 5

    return list(Countdown(3)), [a for a in Gen()], next(Countdown(5)), dict(zip("ab", Gen()))


def attribute_hooks():
    class Config:
        def __init__(self, **kw):
            self.__dict__.update(kw)

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(name)
            return f"no {name}"

    class Guarded:
        def __setattr__(self, name, value):
            object.__setattr__(self, name, value * 2)

        def __delattr__(self, name):
            super().__delattr__(name)

    c = Config(a=1)
    g = Guarded()
    g.x = 4
    had = hasattr(g, "x")
    del g.x
    return c.a, c.b, hasattr(c, "_z"), getattr(c, "_z", "dflt"), had, hasattr(g, "x"), vars(c), sorted(c.__dict__)


def properties():
    class T:
        def __init__(self):
            self._v = 1

        @property
        def v(self):
            return self._v

        @v.setter
        def v(self, value):
            self._v = value + 1

        @v.deleter
        def v(self):
            self._v = None

        w = property(lambda self: self._v * 10)

        @staticmethod
        def s(x):
            return x + 1

        @classmethod
        def c(cls, x):
            return cls.__name__ + x

        @classmethod
        def make(cls):
            made = cls()
            made.v = 8
            return made

    t = T()
    t.v = 5
    before = t.v, t.w
    del t.v
    try:
        t.w = 3
    except (AttributeError, TypeError) as error:
        kind = type(error).__name__
    return before, t._v, T.s(1), t.s(2), T.c("x"), t.c("y"), T.make().v, kind


def inherited_property():
    class A:
        @property
        def size(self):
            return 3

    class B(A):
        @property
        def size(self):
            return super().size + 1

    return B().size


def descriptors():
    class Positive:
        def __set_name__(self, owner, name):
            self.name = "_" + name

        def __get__(self, obj, owner=None):
            return self if obj is None else getattr(obj, self.name, 0)

        def __set__(self, obj, value):
            setattr(obj, self.name, max(0, value))

    class A:
        x = Positive()
        y = Positive()

    a = A()
    a.x, a.y = -5, 7
    return a.x, a.y, a._y


def metaclasses():
    class Registry(type):
        known = {}

        def __new__(mcs, name, bases, space, **kw):
            cls = super().__new__(mcs, name, bases, space)
            mcs.known[name.lower()] = cls
            cls.tag = kw.get("tag", "none")
            return cls

        def __init__(cls, name, bases, space, **kw):
            super().__init__(name, bases, space)

        def __call__(cls, *args, **kw):
            made = super().__call__(*args, **kw)
            made.built = True
            return made

        def __getitem__(cls, key):
            return f"{cls.__name__}[{key}]"

        def __len__(cls):
            return 42

    class A(metaclass=Registry):
        def __init__(self, n=1):
            self.n = n

    class B(A, tag="bee"):
        pass

    return sorted(Registry.known), A.tag, B.tag, B(3).n, B(3).built, A["x"], len(A), type(A) is Registry


def singleton():
    class Singleton(type):
        _instances = {}

        def __call__(cls, *args, **kwargs):
            if cls not in cls._instances:
                cls._instances[cls] = super().__call__(*args, **kwargs)
            return cls._instances[cls]

    class Settings(metaclass=Singleton):
        def __init__(self):
            self.n = 3

    return Settings() is Settings(), Settings().n


def init_subclass():
    class Plugin:
        plugins = []
        kind = None

        def __init_subclass__(cls, kind="x", **kw):
            super().__init_subclass__(**kw)
            cls.kind = kind
            Plugin.plugins.append(cls.__name__)

    class One(Plugin):
        pass

    class Two(Plugin, kind="y"):
        pass

    return Plugin.plugins, One.kind, Two.kind


def class_getitem():
    class Box:
        def __class_getitem__(cls, n):
            return f"{cls.__name__}<{n}>"

    return Box[3], Box[int, "a"] if False else "skip"


def new_method():
    class Once:
        _made = None

        def __new__(cls, *args):
            if cls._made is None:
                cls._made = super().__new__(cls)
            return cls._made

        def __init__(self, n):
            self.n = n

    class Point(tuple):
        def __new__(cls, x, y):
            return super().__new__(cls, (x, y))

        @property
        def x(self):
            return self[0]

    return Once(1) is Once(2), Once(3).n, Point(4, 5).x, Point(4, 5)[1], len(Point(1, 2))


def builtin_subclasses():
    class Attr(dict):
        def __getattr__(self, name):
            try:
                return self[name]
            except KeyError:
                raise AttributeError(name)

        def __setattr__(self, name, value):
            self[name] = value

    class Stack(list):
        def push(self, x):
            self.append(x)
            return self

        def top(self):
            return self[-1]

    class Name(str):
        def shout(self):
            return self.upper() + "!"

    class Count(int):
        def more(self):
            return self + 1

    a = Attr(x=1)
    a.y = 2
    s = Stack([1]).push(2)
    return a.x, a["y"], len(a), hasattr(a, "z"), dict(**a), s.top(), len(s), [v for v in s], s[0], Name("ab").shout(), Name("ab") == "ab", Count(3).more(), isinstance(s, list), "x" in a, sorted(a.items())


def user_dict_missing():
    class Default(dict):
        def __missing__(self, key):
            self[key] = key * 2
            return self[key]

    d = Default()
    return d["ab"], d, d.get("z")


def abstract():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self):
            ...

        @property
        @abc.abstractmethod
        def name(self):
            pass

        def describe(self):
            return f"{self.name} {self.area()}"

    class Square(Shape):
        name = "square"

        def __init__(self, a):
            self.a = a

        def area(self):
            return self.a**2

    return Square(3).describe(), isinstance(Square(1), Shape)


def not_implemented():
    class Base:
        def forward(self):
            raise NotImplementedError

    try:
        Base().forward()
    except NotImplementedError as error:
        return type(error).__name__


def dataclass_basics():
    @dataclass
    class Config:
        dim: int
        heads: int = 4
        sizes: list = field(default_factory=lambda: [1, 2])
        name: typing.Optional[str] = None
        total: int = field(init=False, default=0)
        shared: typing.ClassVar[int] = 9

        def __post_init__(self):
            self.total = self.dim * self.heads

        @property
        def head_dim(self):
            return self.dim // self.heads

    a, b = Config(8), Config(8, heads=2)
    a.sizes.append(3)
    return a, b, a.total, b.head_dim, a == Config(8), a != b, dataclasses.asdict(b), [f.name for f in dataclasses.fields(a)], dataclasses.replace(b, dim=16).total, dataclasses.astuple(b), dataclasses.is_dataclass(a), Config.shared


def dataclass_options():
    @dataclass(frozen=True, order=True)
    class P:
        x: int
        y: int = 0

    @dataclass(kw_only=True)
    class K(object):
        a: int = 1
        b: int

    try:
        P(1).x = 3
        frozen = False
    except dataclasses.FrozenInstanceError:
        frozen = True
    return P(1) < P(2), sorted([P(2), P(1, 5), P(1)]), frozen, K(b=3)


def dataclass_inheritance():
    @dataclass
    class Base:
        a: int = 1
        b: str = "x"

    @dataclass
    class Child(Base):
        c: float = 2.0
        a: int = 10

    @dataclass
    class WithInit(Base):
        extra: dataclasses.InitVar[int] = 3

        def __post_init__(self, extra):
            self.twice = extra * 2

    return Child(), Child(5, c=1.5), WithInit(extra=4).twice


def dataclass_nested():
    @dataclass
    class Inner:
        n: int = 1

    @dataclass
    class Outer:
        inner: Inner = field(default_factory=Inner)
        many: typing.List[Inner] = field(default_factory=list)

    o = Outer(many=[Inner(2)])
    p = Outer(**{"inner": Inner(7)})
    return dataclasses.asdict(o), p.inner.n, o.inner is not Outer().inner


def named_tuples():
    P = namedtuple("P", "x y", defaults=[0])

    class Q(typing.NamedTuple):
        a: int
        b: str = "z"

        def both(self):
            return f"{self.a}{self.b}"

        @property
        def double(self):
            return self.a * 2

    p, q = P(1), Q(3)
    x, y = p
    return p, q, p.x, x, y, q.both(), q.double, p._replace(y=5), q._asdict(), P._fields, p == (1, 0), len(q), q[1], P._make([7, 8]), isinstance(q, tuple), Q(**{"a": 1})


def typed_dict():
    class Options(typing.TypedDict, total=False):
        a: int
        b: str

    o = Options(a=1)
    o["b"] = "x"
    return o, o["a"]


def enumerations():
    class Mode(enum.Enum):
        TRAIN = "train"
        TEST = "test"
        EVAL = "test"

        @property
        def short(self):
            return self.value[:2]

        @classmethod
        def parse(cls, text):
            return cls[text.upper()]

        def __str__(self):
            return self.name.lower()

    class Level(enum.IntEnum):
        LOW = 1
        HIGH = enum.auto()

    class Kind(str, enum.Enum):
        A = "a"
        B = "b"

    Color = enum.Enum("Color", ["RED", "BLUE"])
    return (
        Mode.TRAIN.value,
        Mode("test").name,
        Mode.EVAL is Mode.TEST,
        Mode["TRAIN"].short,
        [m.name for m in Mode],
        len(Mode),
        Mode.parse("train") is Mode.TRAIN,
        Level.HIGH > Level.LOW,
        Level.HIGH + 1,
        Level(1).name,
        Kind.A == "a",
        Kind("b").name,
        Mode.TRAIN == "train",
        "TEST" in Mode.__members__,
        Color.RED.value,
        Color["BLUE"].name,
        str(Mode.TRAIN),
        f"{Kind.A.value}",
        isinstance(Mode.TRAIN, Mode),
        {Mode.TRAIN: 1}[Mode.TRAIN],
        Mode.TRAIN in (Mode.TRAIN, Mode.TEST),
        Kind.B.upper(),
    )


def slots_and_class_attributes():
    class A:
        __slots__ = ("x", "n")
        count = 0
        names = []

        def __init__(self, x):
            self.x = x
            A.count += 1
            type(self).names.append(x)

    A(1), A(2)
    return A.count, A.names, A.__slots__


def type_calls():
    Made = type("Made", (object,), {"n": 4, "f": lambda self: self.n * 2})

    class Base:
        def hello(self):
            return type(self).__name__ + self.__class__.__name__

    Dynamic = type("Dynamic", (Base,), dict(x=1))
    made = Made()
    return made.f(), Made.__name__, Dynamic().hello(), Dynamic.x, isinstance(Dynamic(), Base), type(made) is Made


def method_references():
    class A:
        def f(self, x):
            return x + 1

        g = f

        def table(self):
            return {"f": self.f, "g": self.g}

    a = A()
    bound = a.f
    A.h = lambda self: "h"
    a.own = lambda x: x * 3
    return bound(1), A.f(a, 2), a.table()["g"](5), list(map(a.f, [1, 2])), a.h(), a.own(2), bound.__self__ is a, a.f.__name__, getattr(a, "f")(9)


def super_forms():
    class A:
        def __init__(self, x=0):
            self.x = x

        @classmethod
        def make(cls, x):
            return cls(x)

        @staticmethod
        def st():
            return "st"

    class B(A):
        def __init__(self, x):
            super(B, self).__init__(x=x * 2)

        @classmethod
        def make(cls, x):
            return super().make(x + 1)

    class C(B):
        def __init__(self, x):
            A.__init__(self, x)

    return B(2).x, B.make(1).x, C(7).x, B.st()


def copying():
    class A:
        def __init__(self):
            self.items = [1]

    a = A()
    b, c = copy.copy(a), copy.deepcopy(a)
    b.items.append(2)
    nested = {"x": [1, {"y": (1, [2])}]}
    d = copy.deepcopy(nested)
    d["x"][1]["y"][1].append(3)
    return a.items, c.items, nested, d


def generics():
    T = typing.TypeVar("T")

    class Box(typing.Generic[T]):
        def __init__(self, item: T):
            self.item = item

    class IntBox(Box[int]):
        pass

    return IntBox(3).item, Box[int](4).item


def protocols():
    class Sized(typing.Protocol):
        def size(self) -> int: ...

    class A:
        def size(self):
            return 3

    def total(items: typing.List[Sized]) -> int:
        return sum(i.size() for i in items)

    return total([A(), A()])


def class_body_code():
    class A:
        sizes = [2**i for i in range(3)]
        if len(sizes) > 2:
            mode = "many"
        else:
            mode = "few"
        for _i in range(2):
            last = _i
        table = {n: n * 2 for n in (1, 2)}

        class Inner:
            x = 5

        def get(self):
            return self.Inner.x + A.Inner.x

    return A.sizes, A.mode, A.last, A.table, A().get()


def comparison_methods():
    import functools

    @functools.total_ordering
    class V:
        def __init__(self, n):
            self.n = n

        def __eq__(self, other):
            return self.n == other.n

        def __lt__(self, other):
            return self.n < other.n

    return V(1) <= V(1), V(2) > V(1), V(1) >= V(2), V(1) != V(2)


def callable_instances():
    class Compose:
        def __init__(self, *fs):
            self.fs = fs

        def __call__(self, x, *, scale=1):
            for f in self.fs:
                x = f(x)
            return x * scale

    return Compose(lambda v: v + 1, abs)(-5, scale=2), list(map(Compose(str), [1, 2])), callable(Compose())


def context_variable_class():
    class Scope:
        current = []

        def __enter__(self):
            Scope.current.append(self)

        def __exit__(self, *_):
            Scope.current.pop()

    with Scope():
        inside = len(Scope.current)
    return inside, len(Scope.current)


def string_methods_of_objects():
    class A:
        def __str__(self):
            return "S"

        def __repr__(self):
            return "R"

        def __format__(self, spec):
            return "F" + spec

    return str(A()), repr(A()), f"{A()}", f"{A()!r}", f"{A():x}", f"{A()!s}", [A()]


def weird_getattr_module_pattern():
    class Wrapper:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

    class Inner:
        size = 3

        def f(self):
            return "f"

    w = Wrapper(Inner())
    return w.size, w.f(), Wrapper(Wrapper(Inner())).size


def bool_and_len():
    class Empty:
        def __len__(self):
            return 0

    return bool(Empty()), not Empty(), Empty() or "other"


def instance_dict():
    class A:
        def __init__(self):
            self.a = 1

    x = A()
    x.__dict__["b"] = 2
    for k, v in {"c": 3}.items():
        setattr(x, k, v)
    delattr(x, "a")
    return x.b, x.c, hasattr(x, "a"), sorted(vars(x)), getattr(x, "q", None)


def classes_as_values():
    class A:
        pass

    class B(A):
        pass

    table = {A: "a", B: "b"}
    made = {c.__name__: c() for c in (A, B)}
    return table[B], sorted(made), isinstance(made["B"], tuple(table)), [c for c in A.__subclasses__()] == [B], A == A, A in (A, B), type(made["A"]) in table
