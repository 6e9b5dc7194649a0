"""Which expressions try to get out, or to use up time and memory? Each ends in a clear error.

`deep` is a variable of 60 lists within one another, each holding the next one twice: 2 to the power
of 60 as a tree. The bounds of 100 ms and 64 MB are asserted as processor time, five times over for
a busy machine, and as the peak of what was allocated.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import copy
import dataclasses
import datetime as dt
import decimal
import fractions
import functools
import itertools
import json
import math
import operator
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import time
import time as clock
import tracemalloc
import uuid
import zoneinfo
from typing import Any

import pytest
from pydantic import BaseModel

from vivido.errors import ExpressionError
from vivido.expressions import FUEL, Binding, ExpressionRefused, Meter, Scope, compile_expression

# What is refused before it runs: there is no way to write it.
REFUSED = """
    ().__class__.__bases__[0].__subclasses__()
    x.__class__.__mro__
    (lambda: 0).__globals__
    (lambda: 0).__code__
    [].append.__self__
    math.__loader__
    json.__spec__
    e.__traceback__.tb_frame
    type(x).__subclasses__()
    type(x).__base__
    type.__call__(type, 'X', (), {})
    __import__('os').system('true')
    __builtins__
    __name__
    _secret
    x._private
    eval('1')
    exec('1')
    compile('1', '', 'eval')
    open('/etc/passwd').read()
    globals()
    locals()
    vars(x)
    dir(x)
    input()
    breakpoint()
    setattr(x, 'y', 1)
    delattr(x, 'y')
    memoryview(b'')
    super()
    print('x')
    exit()
    help()
    getattr(x, '__class__')
    hasattr(x, '__class__')
    '{0.__class__}'.format(x)
    '{x.__class__}'.format_map({'x': x})
    text.format(x)
    f'{x}'.format(1)
    str.format('{0.__class__}', x)
    str.join('', xs)
    str.translate
    list.append(xs, 1)
    object.__getattribute__(x, 'y')
    int.__add__(1, 2)
    'abc' % x
    '%1000000000d' % 1
    b'%d' % 1
    f'{x}' % 1
    os.system('true')
    os.environ
    sys.modules
    subprocess.run('true')
    re.match('(a+)+$', text)
    asyncio.run(x)
    time.sleep(10)
    random.seed(1)
    random.Random(1)
    datetime.datetime.__new__
    json.JSONEncoder().encode(x)
    decimal.getcontext()
    decimal.localcontext()
    uuid.getnode()
    pathlib.Path.home()
    pathlib.Path.cwd()
    (await x)
    [x async for x in xs]
    (yield x)
    [y := x for x in xs]
    (lambda: (y := 1))()
    TOTALS.append(1)
    sorted(xs, key=lambda item: item.append(1))
"""

# What is caught when it runs.
CAUGHT = """
    getattr(x, '__cl' + 'ass__')
    (x for x in xs).gi_frame.f_builtins
    hasattr(x, '_' * 2 + 'class__')
    [getattr(x, name) for name in ['__class__']]
    operator.attrgetter('__class__')(x)
    operator.attrgetter('real.__class__')(x)
    getattr(text, 'for' + 'mat')('{0.__class__}', x)
    getattr('', 'translate')
    [value for value in [text]][0] % 5
    type('X', (), {})
    iter(lambda: 1, 2)
    model.parse_file('/etc/passwd')
    model.model_fields
    generator.gi_frame
    generator.send(1)
    client.secret
    path.read_text()
    path.unlink()
    getattr(path, 'write_text')('x')
    collections.defaultdict(math.factorial)
    json.dumps(x, cls=x)
    text.encode('zip')
    text.encode('idna')
    b'x'.decode('unicode_escape')
    9 ** 9 ** 9
    10 ** 100_000
    (10 ** 1000) ** 1000
    2 ** -(-10 ** 9)
    pow(7, 10 ** 8)
    pow(2 ** 60_000, 2 ** 60_000, 2 ** 60_000 - 1)
    1 << 10 ** 9
    (1 << 60_000) * (1 << 60_000)
    [(1 << 60_000) * (1 << 5_000 - i) for i in range(10_000)]
    [(1 << 60_000) // ((1 << 30_000) + i) for i in range(100_000)]
    [-(1 << 60_000) + i for i in range(1_000_000)]
    [(3 ** 30_000) % (3 ** 15_000 + i) for i in range(100_000)]
    [True + (1 << 60_000) for _ in range(100_000)]
    [(1 << 60_000) * True for _ in range(100_000)]
    [0 | (1 << 60_000) for _ in range(100_000)]
    [+(1 << 60_000) + (not x) for _ in range(100_000)]
    [abs(-(1 << 60_000)) for _ in range(100_000)]
    [5 // Fraction(1, 3 ** 1_000 + i) for i in range(100_000)]
    [divmod(3 ** 40_000, 3 ** 20_000 + i) for i in range(100_000)]
    math.factorial(10 ** 6)
    math.comb(10 ** 6, 5 * 10 ** 5)
    math.perm(10 ** 6)
    math.lcm(*range(1, 100_000))
    math.prod(range(1, 100_000))
    sum([10 ** 15_000] * 400_000)
    math.gcd(*[3 ** 40_000, 5 ** 28_000] * 5_000)
    functools.reduce(lambda a, b: a * b, range(1, 100_000))
    functools.reduce(operator.mul, range(1, 100_000))
    round(5, -10 ** 9)
    (5).to_bytes(10 ** 10, 'big')
    int('9' * 10 ** 6)
    int('f' * 10 ** 6, 16)
    int.from_bytes(b'x' * 10 ** 6, 'big')
    int(Decimal('1e1000000'))
    round(Decimal('1e1000000'))
    math.floor(Decimal('1e1000000'))
    f"{Decimal('1e1000000'):f}"
    f"{Decimal('1e-1000000'):.2f}" + f"{Decimal('1e1000000'):,}"
    Decimal('1e1000000').as_integer_ratio()
    Decimal('9' * 100_000)
    Fraction('1e1000000')
    Fraction(Decimal('1e1000000'))
    Fraction(3, 2) ** 10 ** 6
    2 ** Fraction(10 ** 9, 1)
    Fraction(3 ** 2_000, 7) * 2
    Fraction(1, 7) + 3 ** 2_000
    Fraction('1/' + '7' * 5_000)
    json.loads('1', cls=x)
    sum(Fraction(1, n) for n in range(1, 100_000))
    statistics.mean([Decimal('1e1000000'), Decimal(1)])
    statistics.variance([3 ** 30_000] * 1_000)
    'x' * 10 ** 10
    b'x' * 10 ** 10
    [0] * 10 ** 10
    (0,) * 10 ** 10
    10 ** 10 * [0]
    [[0] * 10_000] * 10_000
    [[0] * 900_000 for _ in range(1_000)]
    bytes(10 ** 10)
    bytes(range(256)) * 10 ** 8
    list(range(10 ** 10))
    tuple(range(10 ** 9))
    set(range(10 ** 9))
    frozenset(range(10 ** 9))
    dict.fromkeys(range(10 ** 9))
    dict(zip(range(10 ** 9), range(10 ** 9)))
    [*range(10 ** 9)]
    {*range(10 ** 9)}
    print_(*range(10 ** 9))
    sorted(range(10 ** 9))
    sum(range(10 ** 10))
    max(range(10 ** 10))
    min(x * x for x in range(10 ** 9))
    any(x < 0 for x in range(10 ** 10))
    all(range(1, 10 ** 10))
    1.5 in range(10 ** 10)
    -1 in (x for x in range(10 ** 10))
    range(10 ** 10).index('a')
    range(10 ** 10).count(1.5)
    next(filter(callable, range(10 ** 10)))
    next(filter(None, itertools.repeat(0)))
    next(filter(None, map(callable, range(10 ** 10))))
    list(map(str, range(10 ** 9)))
    list(zip(range(10 ** 9)))
    list(enumerate(range(10 ** 9)))
    list(itertools.count())
    list(itertools.repeat(1))
    next(itertools.islice(itertools.count(), 10 ** 12, None))
    next(itertools.chain.from_iterable(itertools.repeat([])))
    next(itertools.dropwhile(bool, itertools.repeat(1)))
    list(itertools.product(range(1_000), repeat=5))
    list(itertools.permutations(range(1_000)))
    list(itertools.combinations(range(10_000), 5_000))
    list(itertools.zip_longest(range(10 ** 9)))
    dict(itertools.groupby(range(10 ** 9)))
    collections.deque(range(10 ** 9))
    collections.Counter(range(10 ** 9))
    list(collections.Counter({'a': 10 ** 9}).elements())
    collections.deque([0]) * 10 ** 9
    ''.join('x' for _ in range(10 ** 9))
    ('x' * 1_000).join(['y' * 1_000] * 100_000)
    'x'.join(map(str, range(10 ** 9)))
    ('a' * 1_000_000).replace('a', 'b' * 1_000)
    ('a' * 1_000).replace('', 'b' * 100_000)
    ('\\t' * 1_000).expandtabs(10 ** 9)
    'x'.center(10 ** 10)
    'x'.ljust(10 ** 10)
    'x'.rjust(10 ** 10, 'y')
    '7'.zfill(10 ** 10)
    b'7'.zfill(10 ** 10)
    len(('x' * 100_000).join(['y'] * 5_000))
    len(('a ' * 500_000).split())
    len(('a,' * 500_000).split(','))
    len((b'a ' * 500_000).split())
    len(('a\\n' * 500_000).splitlines())
    ('a ' * 3_000_000).split()
    ('a,' * 3_000_000).split(',')
    ('a\\n' * 3_000_000).splitlines()
    [('a' * 4_000_000).find('a' * 25 + 'b' + 'a' * 25) for _ in range(10)]
    [('a' * 500_000).count('ab') for _ in range(100_000)]
    [text.upper() for text in ['x' * 1_000_000] for _ in range(1_000)]
    [a == b for a in ['x' * 1_000_000] for b in ['x' * 1_000_000 + ''] for _ in range(100_000)]
    [{key: 1}[key + ''] for key in ['x' * 1_000_000] for _ in range(10_000)]
    f'{x:1000000000}'
    f'{x:>{10 ** 9}}'
    f'{1.5:.1000000000f}'
    f'{now:%1000000000Y}'
    format(x, '1000000000')
    format(x, '9' * 1_000)
    now.strftime('%1000000000d')
    now.strftime('%c' * 10_000)
    datetime.datetime.strptime(' ' * 10_000, ' ' * 10_000 + 'x')
    [datetime.datetime.strptime('2026', '%Y') for n in range(100_000)]
    [zoneinfo.ZoneInfo('UTC') for _ in range(100_000)]
    json.dumps(deep)
    json.dumps([deep])
    json.dumps(x, indent=10 ** 9)
    json.dumps(xs, separators=('x' * 10 ** 6, ':'))
    json.dumps(object_, default=lambda o: [Decimal(1), Decimal(1)])
    json.dumps(object_, default=lambda o: Decimal(1))
    json.loads('[' * 100_000)
    json.loads('[1' + ',1' * 1_500_000 + ']')
    json.loads('[' + '{},' * 500_000 + '{}]')
    repr(deep)
    str(object=deep)
    json.dumps(obj=deep)
    json.dumps([[[[[[[[[[list(range(100_000))]]]]]]]]]], indent=16)
    json.loads(s='[' * 100_000)
    pow(base=7, exp=10 ** 8)
    bytes(source=10 ** 10)
    collections.deque(iterable=range(10 ** 9))
    statistics.mean(data=[Decimal('1e1000000'), 1])
    copy.deepcopy(x=deep)
    dataclasses.asdict(obj=Point(deep, 1))
    random.randbytes(n=10 ** 9)
    random.getrandbits(k=10 ** 9)
    int.from_bytes(bytes=b'x' * 10 ** 6, byteorder='big')
    model.model_dump_json(indent=10 ** 9)
    Model(data=deep).model_dump()
    dict(itertools.groupby(iterable=range(10 ** 9)))
    str(deep)
    ascii(deep)
    f'{deep}'
    f'{deep!r}'
    repr(['\\U0001f600' * 100_000] * 100)
    deep == other_deep
    deep < other_deep
    deep in [other_deep]
    other_deep in deep
    [deep].index(other_deep)
    [deep].count(other_deep)
    {deep_tuple: 1}
    {deep_tuple}
    {deep_tuple: 1 for _ in xs}
    set([deep_tuple])
    deep_tuple in {1}
    {1: 2}.get(deep_tuple)
    {1: 2}[deep_tuple]
    {i * (2 ** 61 - 1) for i in range(200_000)}
    {i * (2 ** 61 - 1): i for i in range(200_000)}
    len({(i * (2 ** 61 - 1), 1) for i in range(200_000)})
    len({Decimal(i * (2 ** 61 - 1)) for i in range(200_000)})
    len({uuid.UUID(int=i * (2 ** 61 - 1)) for i in range(200_000)})
    len({complex(1_000_003 * i, -i) for i in range(200_000)})
    len({frozenset([i * (2 ** 61 - 1)]) for i in range(200_000)})
    len(set(range(0, 70_000 * (2 ** 61 - 1), 2 ** 61 - 1)))
    len(set([i * (2 ** 61 - 1) for i in range(50_000)]))
    len(dict.fromkeys(i * (2 ** 61 - 1) for i in range(50_000)))
    len(dict((i * (2 ** 61 - 1), i) for i in range(50_000)))
    len({}.keys() | {Fraction(i * (2 ** 61 - 1)) for i in range(50_000)})
    statistics.mode([i * (2 ** 61 - 1) for i in range(20_000)])
    collections.Counter(i * (2 ** 61 - 1) for i in range(50_000)).total()
    max(deep, other_deep)
    max([deep, other_deep])
    sorted([deep, other_deep])
    sorted([1, 2], key=lambda _: deep)
    model.model_copy(update={'data': deep}, deep=True).data == other_deep
    Model(data=deep)
    copy.deepcopy(deep) == other_deep
    [deep] * 3
    [deep for _ in range(3)]
    (lambda a: [a, a])((lambda a: [a, a])(deep))
    str(ValueError(deep))
    dataclasses.asdict(Point(deep, 1))
    [[[[[[x, x] * 10] * 10] * 10] * 10] * 10] * 10
    (lambda f: f(f))(lambda f: f(f))
    (lambda f: f(f))(lambda f: sorted([1], key=lambda _: f(f)))
    (lambda f: f(f))(lambda f: list(map(f, [f])))
    (lambda f: f(f))(lambda f: functools.reduce(lambda a, b: f(f), [1, 2]))
    (lambda f: f(f))(lambda f: [x for x in f(f)])
    (lambda f: f(f))(lambda f: json.dumps(object_, default=lambda o: f(f)))
    (lambda f: f(f))(lambda f: collections.defaultdict(lambda: f(f))[1])
    (lambda f: f(f))(lambda f: max([1, 2], key=lambda _: any(f(f) for _ in [1])))
    (lambda f: f(f, 0))(lambda f, n: f(f, n + 1) + f(f, n + 1))
    [f(f) for f in [lambda f: [f(f), f(f)]]]
    [[[[[[1 for a in s] for b in s] for c in s] for d in s] for e in s] for s in ['x' * 100]]
    [1 for a in 'x' * 100 for b in 'x' * 100 for c in 'x' * 100 for d in 'x' * 100]
    [0 for _ in iter(range(10 ** 12))]
    [{} for _ in range(10 ** 7)]
    [set() for _ in range(10 ** 7)]
    [lambda: 0 for _ in range(10 ** 7)]
    [Point(1, 2) for _ in range(10 ** 7)]
    [Model(data=1) for _ in range(10 ** 7)]
    [ValueError(1) for _ in range(10 ** 7)]
    [uuid.uuid4() for _ in range(10 ** 7)]
    [random.random() for _ in range(10 ** 7)]
    random.choices([1, 2], k=10 ** 9)
    random.sample(range(10 ** 9), 10 ** 8)
    random.getrandbits(10 ** 9)
    random.randbytes(10 ** 9)
    uuid.uuid5(uuid.NAMESPACE_DNS, 'x' * 20_000_000)
    list(xs * 10 ** 6 for _ in range(10 ** 6))
    sum([[1] * 1_000] * 10_000, [])
    sum(([n] * 1_000 for n in range(10_000)), [])
    xs.extend(range(10 ** 9)) if False else [*xs, *itertools.repeat(0)]
    base64.b64encode(b'x' * 20_000_000)
    [copy.copy(xs) for _ in range(10 ** 7)]
    timedelta(days=1) * 10 ** 20_000
    [*'x' * 5_000_000]
    list('\\U0001f600' * 1_000_000)
"""


class Model(BaseModel):
    """A model that takes anything."""

    data: Any


@dataclasses.dataclass
class Point:
    """A dataclass that takes anything."""

    x: Any
    y: Any


class Client:
    """What no workflow should look into."""

    secret = "s3cret"  # noqa: S105  # bait


def nothing(*_: Any) -> None:
    """A function of the author's."""


MODULES = (
    asyncio, base64, collections, copy, dataclasses, dt, decimal, functools, itertools, json, math,
    operator, os, pathlib, random, re, statistics, subprocess, sys, time, uuid, zoneinfo,
)  # fmt: skip
SCOPE = Scope(
    {
        **{module.__name__: Binding(module) for module in MODULES},
        "Model": Binding(Model),
        "Point": Binding(Point),
        "Decimal": Binding(decimal.Decimal),
        "Fraction": Binding(fractions.Fraction),
        "timedelta": Binding(dt.timedelta),
        "print_": Binding(nothing),
        "TOTALS": Binding([1, 2]),
    }
)


def _deep(value: Any, made: type) -> Any:
    for _ in range(60):
        value = made((value, value))
    return value


def environment() -> dict[str, Any]:
    """The variables."""
    return {
        "x": 7,
        "xs": [3, 1, 2],
        "e": ValueError("no"),
        "text": "some text",
        "deep": _deep(1, list),
        "other_deep": _deep(1, list),
        "deep_tuple": _deep(1, tuple),
        "model": Model(data=1),
        "generator": (n for n in range(3)),
        "client": Client(),
        "object_": Client(),
        "path": pathlib.Path("/etc/passwd"),
        "now": dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    }


def lines(block: str) -> list[str]:
    """One attack a line."""
    return [line.strip().replace("\\\\", "\\") for line in block.strip().splitlines()]


SECONDS = 0.5 if sys.gettrace() is None else 5.0  # coverage is slow
BYTES = 64 * 2**20


@pytest.mark.parametrize("text", lines(REFUSED))
def test_no_way_to_write_it(text: str) -> None:
    """What is known to be out of bounds is refused when it is compiled, with a reason."""
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, SCOPE)
    assert refused.value.reason
    assert refused.value.lineno == 1


@pytest.mark.parametrize("text", lines(CAUGHT))
def test_ends_in_a_clear_error(text: str) -> None:
    """What can only be known when it runs ends in an error that the workflow can catch, in time."""
    expression, variables, meter = compile_expression(text, SCOPE), environment(), Meter()
    begun = clock.process_time()
    with pytest.raises(ExpressionError) as raised:
        expression(variables, meter)
    assert clock.process_time() - begun < SECONDS
    assert str(raised.value)


@pytest.mark.parametrize("text", lines(CAUGHT))
def test_takes_little_memory(text: str) -> None:
    """No attack allocates more than 64 MB, or an eighth of it with an eighth of the fuel."""
    expression, variables = compile_expression(text, SCOPE), environment()
    tracemalloc.start()
    try:
        with pytest.raises(ExpressionError):
            expression(variables, Meter(FUEL // 8))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES // 8


def test_there_are_many() -> None:
    """The list is long enough to mean something."""
    assert len(lines(REFUSED)) + len(lines(CAUGHT)) >= 200
