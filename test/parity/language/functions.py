"""Functions, generators, decorators and context managers."""
import contextlib
import functools
from contextlib import contextmanager


def generator():
    def count(n):
        i = 0
        while i < n:
            yield i
            i += 1

    return list(count(3)), sum(count(4)), [x for x in count(2)], dict(enumerate(count(2)))


def infinite_generator():
    def naturals():
        n = 0
        while True:
            yield n
            n += 1

    g = naturals()
    return [next(g) for _ in range(4)]


def generator_return():
    def inner():
        yield 1
        yield 2
        return "done"

    def outer():
        result = yield from inner()
        yield result

    return list(outer())


def yield_from():
    def flatten(items):
        for item in items:
            if isinstance(item, (list, tuple)):
                yield from flatten(item)
            else:
                yield item

    return list(flatten([1, [2, (3, [4])], 5]))


def zip_of_generators():
    def squares():
        n = 1
        while True:
            yield n * n
            n += 1

    return list(zip("abc", squares()))


def itertools_count():
    import itertools

    return [next(itertools.count(5)), *[a for a, _ in zip(itertools.count(1, 2), "abc")]], list(itertools.islice(itertools.count(2), 3)), list(itertools.islice(itertools.cycle("ab"), 5)), list(zip(itertools.repeat(1), "ab"))


def decorators():
    def twice(f):
        @functools.wraps(f)
        def wrapper(*args, **kwargs):
            return f(*args, **kwargs) * 2

        return wrapper

    def times(n):
        def decorate(f):
            def wrapper(*args):
                return f(*args) * n

            return wrapper

        return decorate

    @twice
    @times(5)
    def one(x):
        return x

    @twice
    def named():
        return "n"

    return one(3), named(), named.__name__


def class_decorator():
    registry = {}

    def register(name=None):
        def decorate(cls):
            registry[name or cls.__name__] = cls
            cls.registered = True
            return cls

        return decorate

    @register()
    class A:
        pass

    @register("bee")
    class B:
        pass

    return sorted(registry), A.registered, registry["bee"] is B


def decorator_object():
    class Counted:
        def __init__(self, f):
            functools.update_wrapper(self, f)
            self.f, self.calls = f, 0

        def __call__(self, *args):
            self.calls += 1
            return self.f(*args)

    @Counted
    def add(a, b):
        return a + b

    add(1, 2)
    return add(3, 4), add.calls


def method_decorator():
    def cached(f):
        key = "_" + f.__name__

        @functools.wraps(f)
        def inner(self, *args, **kwargs):
            if not hasattr(self, key):
                setattr(self, key, f(self, *args, **kwargs))
            return getattr(self, key)

        return inner

    class A:
        n = 0

        @cached
        def value(self):
            self.n += 1
            return self.n

    a = A()
    return a.value(), a.value(), a.n


def constructor_decorator():
    def save_arguments(init):
        @functools.wraps(init)
        def inner(self, *args, **kwargs):
            self.saved = (args, kwargs)
            return init(self, *args, **kwargs)

        return inner

    class A:
        @save_arguments
        def __init__(self, a, b=2):
            self.total = a + b

    a = A(1, b=5)
    return a.saved, a.total


def functools_tools():
    calls = []

    @functools.lru_cache(maxsize=None)
    def slow(n):
        calls.append(n)
        return n * 2

    @functools.cache
    def slow2(n):
        calls.append(n)
        return n

    slow(1), slow2(3)
    half = functools.partial(pow, 2)
    by_name = functools.partial(lambda a, b=0: a - b, b=3)
    return calls, half(5), by_name(10), by_name(10, b=1), functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]), half.func is pow, half.args, by_name.keywords


def context_managers():
    log = []

    class Managed:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            log.append(f"in {self.name}")
            return self

        def __exit__(self, kind, error, trace):
            log.append(f"out {self.name} {kind is None}")
            return kind is not None

    with Managed("a") as a, Managed("b"):
        log.append(a.name)
    with Managed("c"):
        raise ValueError("swallowed")
    return log


def contextmanager_function():
    log = []

    @contextmanager
    def scope(name):
        log.append("enter " + name)
        try:
            yield name.upper()
        finally:
            log.append("leave " + name)

    with scope("x") as got:
        log.append(got)
    return log


def exit_stack():
    log = []

    @contextlib.contextmanager
    def scope(n):
        yield n
        log.append(n)

    with contextlib.ExitStack() as stack:
        got = [stack.enter_context(scope(i)) for i in range(3)]
    with contextlib.suppress(KeyError):
        {}["x"]
    with contextlib.nullcontext(5) as five:
        pass
    return got, sorted(log), five


def closures_over_loops():
    fs = []
    for i in range(3):
        def f(x, i=i):
            return x * i

        fs.append(f)
    return [f(10) for f in fs]


def keyword_only_and_annotations():
    def f(a: int, b: "str" = "x", *args: int, c: float, d=4, **kw) -> tuple:
        return a, b, args, c, d, kw

    return f(1, c=2.0), f(1, "y", 3, 4, c=5, e=6), f.__name__


def signature_use():
    import inspect

    def f(a, b=2, *args, c, **kw):
        pass

    parameters = inspect.signature(f).parameters
    return list(parameters), parameters["b"].default, parameters["a"].default is inspect.Parameter.empty


def call_errors():
    def f(a, b):
        return a

    out = []
    for call in (lambda: f(1), lambda: f(1, 2, 3), lambda: f(1, 2, c=3), lambda: f(1, a=2)):
        try:
            call()
        except TypeError as error:
            out.append(type(error).__name__)
    return out


def compose():
    def compose(*fs):
        return functools.reduce(lambda f, g: lambda x: g(f(x)), fs)

    return compose(lambda x: x + 1, lambda x: x * 10, str)(1)


def currying():
    from operator import add, attrgetter, itemgetter, methodcaller, mul

    rows = [{"n": 2}, {"n": 1}]

    class P:
        def __init__(self, n):
            self.n = n

    return (
        functools.reduce(mul, [2, 3, 4], 1),
        add(1, 2),
        sorted(rows, key=itemgetter("n")),
        itemgetter(0, 2)("abc"),
        [attrgetter("n")(p) for p in sorted([P(3), P(1)], key=attrgetter("n"))],
        methodcaller("upper")("x"),
    )


def generator_expression_argument():
    return tuple(x * 2 for x in range(3)), max((len(w) for w in ["a", "bbb"]), default=0), ",".join(str(i) for i in range(3))


def iterator_exhausted():
    it = iter([1, 2, 3])
    a = list(zip(it, it))
    left = list(it)
    g = (x for x in range(3))
    return a, left, sum(g), sum(g)


def varargs_passthrough():
    def base(dim, *, heads=8, **kwargs):
        return dim, heads, kwargs

    def outer(*args, **kwargs):
        kwargs.setdefault("heads", 4)
        depth = kwargs.pop("depth", 1)
        return depth, base(*args, **kwargs)

    return outer(16, depth=3, bias=True)


def prefix_arguments():
    def pick(prefix, kw):
        return {k[len(prefix):]: v for k, v in kw.items() if k.startswith(prefix)}, {k: v for k, v in kw.items() if not k.startswith(prefix)}

    attn, rest = pick("attn_", {"attn_heads": 4, "depth": 2, "attn_dim": 8})
    return attn, rest


def locals_and_globals():
    a, b = 1, 2
    got = {k: v for k, v in locals().items() if k in ("a", "b")}
    return got, "locals_and_globals" in globals()


def asynchronous_names():
    async def later():
        return 1

    return later.__name__
