"""Does an expression give what Python gives: the same value, or the same error and message?"""

from __future__ import annotations

from typing import Any

import pytest

VALUES = r"""
i + j * 2 - 3 // 2
i / 2, i % 4, -i, +i, ~i, i ** 2, 2 ** -1, i << 2, i >> 1, i | 8, i & 3, i ^ 1
f * i, i * f, True * 2, 2 ** True, level * 2, s * True
dec * 2, 2 * dec, dec + 1, dec / 3, frac + 1, frac * frac, frac ** 2, 2 * frac, frac * 2, 2 ** frac
2 ** Fraction(2, 1)
1 < i < 9 < 20, 3 < i > 5 < 6, 9 > i > 8, 1 < i > 9 or 'x', 9 < i < s
not i, not n, i and 0 and 1, 0 or '' or n, i if i > 3 else j, n or i, i and s
i is not None, n is None, i == 7.0, i in xs, 'a' in d, 3 not in xs, 'ell' in s, 2 in st, 1 in (1, 2)
2 in range(5), 2.0 in range(5), 'x' in d.keys(), 1 in d.values(), ('a', 1) in d.items()
3 in (x for x in xs)
'x' in {'x': 1}, s in [s, s], xs in [xs], [1] in ys, b'y' in b, Color.RED in Color, 3 in q
[1, *xs, 2], (*xs,), {*xs, 9}, {'z': 0, **d}, [*'ab', *range(2)], {**d, **{'a': 5}}
xs[0], xs[-1], xs[1:], xs[::-1], s[1:4], t[1], d['a'], b[0], b[1:3], xs[:2], range(10)[2:5]
xs[slice(0, 2)]
{1: 'a'}[1], {(1, 2): 3}[1, 2], {s: 1}[s], {2.5: 1}[f], {None: 1}[n], {Color.RED: 1}[color]
f'{i} {f:.3f} {s!r:>15} {dec:,.1f} {i:{3 + 2}d} {{}} {color} {mode} {level}', f'{i=}', f'{s!s:3}'
f'{[Color.RED, n]}', f'{n}', f'{xs}', f'{now:%Y-%m-%d}', f'{d!s}', f'{"é"!a}', f'{i:05}', f'{1e300}'
f'{True}'
f'{xs!r:>20}'
f'{order.total}', f'{p}', f'{e}', f'{key}', f'{mode:>6}', f'{level:>4}', f'{pair}', f'{frac}'
f'{path}'
[x * 2 for x in xs if x > 1], {x % 2 for x in xs}, {k: v for k, v in d.items()}, sum(x for x in xs)
[a + b for a in xs for b in xs if a < b], [y for x in ys for y in x]
[[c for c in row] for row in ys]
[(lambda: q)() for q in xs], [h() for h in [lambda: w for w in xs]]
[x for x in xs if x > 1 if x < 3], list(x + y for x in xs if x > 1 for y in xs if y < 3)
[a for a, *_ in [(1, 2), (3,)]], [z for (a, [*b, z]) in [(1, [2, 3])]], [i for i in xs]
[x for x in xs][0]
any(x > 2 for x in xs), all(x for x in xs), any([]), all([0]), any(range(3)), any({0: 1})
max(xs), min(xs, default=0), min([], default=5), max('abc', key=ord), max(1, 2), min(3, 2, 1)
max(xs, key=lambda x: -x)
sorted(xs, reverse=True), sorted(['b', 'A'], key=lambda z: z.lower()), sorted(d)
sorted(x for x in xs)
sorted([(1, 'b'), (1, 'a')]), sorted(xs, key=lambda x: (x % 2, x))
sorted(order.items, key=lambda it: it.price)[0].sku
list(reversed(xs)), list(enumerate(xs, 1)), list(zip(xs, 'abc')), list(map(str, xs))
list(zip(xs, xs, strict=True))
list(map(lambda a, b: a * b, xs, xs)), list(filter(None, [0, 1, 2]))
list(filter(lambda a: a > 1, xs)), list(map(int, '12'))
sum([1.5, 2], 3), sum([[1], [2]], []), sum([Decimal('1'), 2]), sum(xs, start=1)
sum([timedelta(1)], timedelta()), sum([])
sum([0.1] * 10), sum([1, 0.5]), sum([True, 2]), sum([frac, 1]), sum(x.price for x in order.items)
sum([(1,), (2,)], ())
len(s), abs(j), abs(dec), divmod(7, 2), divmod(7.5, 2), pow(2, 10), pow(2, 10, 7), pow(2, -1, 7)
pow(2.0, 3)
round(2.567, 2), round(dec), round(dec, 1), round(1234, -2), round(2.5), round(frac), round(7)
(lambda a, b=2, *c, k=3, **q: (a, b, c, k, q))(1, 5, 6, k=9, z=8), (lambda: 5)()
(lambda a, /, b: a - b)(1, b=2)
(lambda *a: a)(*xs), (lambda **k: k)(**{'a': 1}), (lambda a, b=i: a + b)(1)
(lambda a, *, k=1: a + k)(1)
(lambda x: (lambda y: x + y + i))(1)(2), [g(2) for g in [lambda z: z * i]]
{'g': lambda z: z + 1}['g'](1)
isinstance(i, int), isinstance(s, (int, str)), isinstance(order, Order)
issubclass(DeclinedError, Exception)
isinstance(e, (ValueError, DeclinedError)), isinstance(i, int | None)
isinstance(d, collections.abc.Mapping), isinstance(s, object)
type(e).__name__, type(i) is int, type(xs) == list, type(xs) != dict, e.__class__.__name__
type(e).__qualname__, callable(len)
Order.__name__, double.__name__, Color.RED.name, math.__name__, Order.__qualname__
e.args, e.code, str(e), repr(key), str(key), repr(e), bool(e)
order.id.upper(), order.items[0].price * order.items[0].quantity, order.items[0].cost()
order.items[0].label
[it.sku for it in order.items], order.model_copy(update={'id': 'o2'}).id, order.model_dump()['id']
order.model_dump_json()
order.model_copy(deep=True) == order, order.model_fields_set, order.model_extra
Order.model_validate({'id': 'a', 'items': [], 'total': 1}).id
p.x + p.y, pair.a, pair[1], pair.count(1), color.value, color.name, Color.BLUE, Color('red')
Color['BLUE'], mode.upper(), mode == 'fast'
level > 1, level + 1, Color.RED is color, list(Color), len(Color), color in Color
[c.value for c in Color], mode.value, level.value
Order(id='q', items=[], total=1).total, Point(3), Point(x=1, y=5).y, Pair(4)
DeclinedError(3).args, ValueError('x', 1).args
Item(sku='x', price='3').price, Order(id='a', items=order.items, total=2).items == order.items
Row(a=1), OrderId('x')
Point(*[1, 2]), Point(**{'x': 4}), Order(**{'id': 'q', 'items': [], 'total': 1}).id
TimeoutError(), ExceptionGroup('g', [ValueError(1)]).message
Decimal('1.10') + 1, Decimal((0, (1, 2), -1)), Decimal(5), Decimal(0.5), Decimal.from_float(0.5)
Fraction(1, 3) + 1, Fraction('1/3'), Fraction('1e2')
timedelta(days=2).total_seconds(), datetime.timedelta(hours=1) * 2
datetime.datetime(2026, 1, 1).isoformat(), str(timedelta(hours=5))
(now - datetime.timedelta(days=1)).day, now.replace(hour=0), now.strftime('%H:%M')
now.date() == day, now.isocalendar().week
datetime.date.fromisoformat('2026-02-03').weekday(), datetime.datetime.strptime('2026', '%Y').year
datetime.timezone.utc, datetime.datetime.min
now.timestamp(), now.astimezone(datetime.timezone(timedelta(hours=2))).hour, day + timedelta(1)
now > now - timedelta(1), day.isoformat()
now.tzinfo, now.weekday(), datetime.datetime.combine(day, datetime.time(1, 2))
datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
json.loads('{"a": [1, 2.5, null]}'), json.dumps({'a': [1, None], 'b': 'é'})
json.dumps(d, indent=2, sort_keys=True)
json.dumps(dec, default=str), json.loads('1.50', parse_float=Decimal)
json.dumps(xs, separators=(',', ':')), json.loads(b'[1]')
json.dumps({'x': {1, 2}}, default=list), json.loads('{"a": 1}', object_hook=lambda o: sorted(o))
math.sqrt(16), math.pi, math.ceil(1.2), math.floor(f), math.ceil(dec), math.prod(xs)
math.prod(xs, start=2), math.factorial(5), math.comb(5, 2)
math.perm(4), math.perm(5, 2), math.gcd(12, 18), math.lcm(4, 6), math.isclose(1, 1.0)
math.isqrt(17), math.hypot(3, 4), math.fsum(xs), math.inf
math.floor(frac), math.dist([0, 0], [3, 4]), math.log(8, 2), math.prod([])
math.prod(x for x in xs), math.trunc(2.7)
uuid.uuid5(uuid.NAMESPACE_DNS, 'x'), u.hex, str(u), u.int
uuid.UUID('00000000-0000-0000-0000-000000000005') == u
string.ascii_lowercase[:3], statistics.mean(xs), statistics.median(xs), statistics.stdev(xs)
statistics.mode('aab')
collections.Counter('aab').most_common(1), collections.Counter(xs)[1]
dict(collections.defaultdict(list, a=[1])), collections.deque(xs, maxlen=2)
counts['a'], counts.total(), sorted(counts.elements()), counts + counts
collections.OrderedDict(a=1), collections.defaultdict(lambda: 5)['q']
list(itertools.chain(xs, [9]))
[(k, list(g)) for k, g in itertools.groupby(sorted(xs), key=lambda w: w % 2)]
list(itertools.islice(xs, 2))
list(itertools.pairwise(xs)), list(itertools.product('ab', repeat=2))
list(itertools.combinations(xs, 2)), list(itertools.permutations('ab'))
list(itertools.chain.from_iterable(ys)), list(itertools.zip_longest(xs, 'a'))
list(itertools.takewhile(lambda x: x > 1, xs)), list(itertools.starmap(pow, [(2, 3)]))
functools.reduce(lambda a, b: a + b, xs), functools.reduce(operator.add, xs, 1)
functools.reduce(operator.mul, xs), operator.sub(3, 1)
sorted([p, Point(0)], key=operator.attrgetter('x'))
list(map(operator.itemgetter(1), ['ab', 'cd'])), operator.attrgetter('x', 'y')(p)
operator.itemgetter(0, 2)(xs)
dataclasses.replace(p, x=9), dataclasses.asdict(p), dataclasses.astuple(p)
s.split(), s.split('o', 1), s.title(), s.replace('l', 'L', 1), s.find('o'), s.count('l')
s.startswith(('he', 'x')), s.endswith('d'), ' x '.strip(), 'xxa'.lstrip('x')
'a,b'.partition(','), '-'.join(['a', 'b']), '-'.join(c for c in s), '-'.join(('a',))
s.center(20, '*'), '7'.zfill(3), 'a\tb'.expandtabs(4), 'a\tb'.expandtabs()
s.encode(), b.decode(), b.hex(), 'x\ny'.splitlines(), 'Abc'.swapcase(), s.index('w')
s.removeprefix('he'), 'a' * 3, 3 * 'a', 'a' * -1, b * 2
s.isalpha(), '12'.isdigit(), ','.join(map(str, xs)), 'a' + 'b', xs + [1], t + (1,)
s.rsplit(None, 1), 'straße'.casefold(), b.split(b't'), b.replace(b'b', b'')
('x' * 300).split('x')[:2], (' x' * 300).split()[:1], (b' x' * 300).split()[:1]
('x\n' * 300).splitlines()[:1], ('ab' * 300).find('ba'), s.ljust(3), s.rjust(12)
[0] * 3, (1,) * 2, 2 * [1, 2], xs * 0, [1] < [2], (1, 2) < (1, 3), 'a' < 'b', [1] != [1]
{'a': 1} == d, order == order, {1, 2} == {2, 1}, [1, [2]] == [1, [2]]
p == Point(1, 2), Color.RED == Color.BLUE, st <= {1, 2, 3}, st < st, 'a' * 300 == 'a' * 300
i == s, None == n
xs.index(1), xs.count(3), xs.copy(), d.get('z', 5), d.get('a'), list(d.keys()), list(d.values())
list(d.items()), d | {'c': 3}, d.copy()
st | {5}, st & {1}, st - {1}, st ^ {9}, st.union([7]), st.issubset([1, 2, 3]), st.isdisjoint({9})
frozenset(xs), st.intersection(x for x in xs)
dict(a=1), dict([('a', 2)]), dict({'x': 1}, y=2), dict(zip('ab', xs)), dict(), dict([['k', 1]])
dict.fromkeys('ab', 0), d.keys() & {'a'}, d.keys().isdisjoint('z')
set('aab'), list('abc'), tuple(xs), list(range(3)), list(), set(), tuple(), set(xs)
set(x for x in xs), frozenset(), set(d), set(frozenset({1}))
bytes([1, 2]), bytes(3), bytes('é', 'utf-8'), bytes(), bytes(x for x in xs), b.find(b'e')
bytes.fromhex('00ff')
int('12'), int('ff', 16), int(3.9), int(dec), int(), int(frac), int('-5'), int(b'7')
int.from_bytes(b'ab', 'big'), int.from_bytes(xs, 'little'), (5).to_bytes(2, 'big')
float('1.5'), float(), float(i), float.fromhex('0x1p3'), str(5), str(b, 'utf-8'), str(), str(xs)
str(object=5), repr(s), ascii('é'), bool([]), complex(1, 2)
pow(base=2, exp=3), pow(2, exp=3, mod=5), round(number=2.567, ndigits=1), str(object=5)
bytes(source=b'a'), collections.deque(iterable=xs), json.dumps(obj=1), json.loads(s='1')
Decimal(value='1'), statistics.mean(data=xs), int.from_bytes(bytes=b'a', byteorder='big')
uuid.uuid5(name='x', namespace=u), s.split(sep='o'), s.split(maxsplit=1), b.decode(encoding='ascii')
json.dumps(ys, indent='  '), json.dumps(obj={'a': [1]}, indent=1), order.model_dump_json(indent=1)
chr(97), ord('a'), hex(255), bin(5), oct(8), format(3.14159, '.2f'), format(xs), format(s, '>3')
slice(1, 2), range(3), range(1, 9, 2)
xs.append(5), xs, xs.pop(), xs.pop(0), xs.insert(0, 9), xs.sort(), xs.sort(key=lambda x: -x), xs
xs.append(9), xs.reverse(), xs.extend(range(2)), xs.remove(9), xs, xs[-1], len(xs)
d.setdefault('q', []).append(1), d.update(z=1), d.update([('y', 2)]), d.update({'w': 3})
d.setdefault('q', []).append(1), d, d.update((c, 1) for c in 'kl'), d.pop('a'), d, d.popitem()
st.add(8), d, st.discard(1), sorted(st), st.update([4], [5]), sorted(st), ys[0].append(4), ys
xs.clear(), q.append(3), q.appendleft(0), q, q.popleft(), q.rotate(1), q
next(iter(xs)), next((x for x in xs if x > 1), None), next(iter([]), 'none'), next(map(str, xs))
getattr(order, 'id'), getattr(order, 'zzz', 1), hasattr(order, 'id'), hasattr(i, 'zzz')
hasattr(order, 'zz'), getattr(s, 'upper')(), hasattr(xs, 'append'), hasattr(d, 'update')
i.bit_length(), f.is_integer(), (5).real, dec.quantize(Decimal('0.1')), dec.as_tuple().digits
Decimal('NaN').is_nan(), i.numerator, f.as_integer_ratio(), yes.real
double(i), len([double(x) for x in xs]), LIMIT, LIMIT + 1, max(xs, key=double)
(double if i else len)(4), {'a': double}['a'](2), [len, double][0](s), list(map(double, xs))
prices.vat, prices.triple(2), RATES['eur'], RATES.get('usd'), list(RATES), path.name, path.suffix
path.parent.name, (path.parent / 'c').as_posix(), str(path)
(y := i + 1) + y, [y, y]
1_000, 0x1f, 1e3, 2j, b'x', ..., True, None, 'a' 'b', r'\d', -0.0, 1 - 1
list(map(d.get, ['a', 'z'])), sorted(d, key=d.get) if False else 0, list(map(s.count, 'lo'))
(xs.index if i else None)(1), max(d, key=lambda k: len(str(d[k])))
"""

ERRORS = r"""
i + s
s + i
xs + 1
1 / 0
1 % 0
1.0 // 0
xs[10]
d['nope']
t['a']
i[0]
i()
LIMIT(1)
s()
len(i)
len()
len(1, 2)
int('x')
int([])
float('x')
order.nope
p.nope
i.nope
s.nope
None.x
n.upper()
xs.foo()
xs.append()
xs.append(1, 2)
xs.index(99)
xs.remove(99)
[].pop()
d.pop('nope')
d.get()
st.remove(99)
{[]: 1}
{[]}
{}[[]]
{[] for _ in xs}
{[]: 1 for _ in xs}
[] in {1}
sum(['a'])
sum('ab', '')
sum(5)
sum()
sum(xs, 1, 2)
sum(xs, begin=1)
sum([[1]])
max([])
max(5)
max()
sorted(5)
sorted()
sorted([1, 'a'])
min(1, 'a')
sorted(xs, key=5)
list(5)
tuple(5)
set(5)
dict(5)
dict([1])
dict(['abc'])
','.join(5)
','.join([1])
','.join()
'a'.zfill('x')
'a'.replace('a')
'a'.split(1)
'abc'.index('z')
'a' * 2.5
[1] * 'a'
'a' < 1
i < s
1 < s < 3
[] < {}
not_defined
[not_defined for _ in xs]
(lambda a: a)()
(lambda a: a)(1, 2)
(lambda a, b: a)(b=1)
(lambda a: a)(1, a=2)
(lambda a, *, k: a)(1)
(lambda: 1)(1)
(lambda a, b=1: a)(1, 2, 3)
(lambda a: a)(z=1)
(lambda a, b, c: a)()
(lambda a, /: a)(a=1)
(lambda a, *, k, l: a)(1)
(lambda a, b: a)(1)
[*i]
(*i,)
{**i}
len(*i)
double(**i)
double(*i)
double()
double(1, 2)
double(y=1)
dict(**{'a': 1}, **{'a': 2})
dict(a=1, **{'a': 2})
dict(**{1: 2})
[a for a, c in xs]
[a for a, c in [(1, 2, 3)]]
[a for a, c in [(1,)]]
[a for a, *c, z in [(1,)]]
{k: v for k, v in 'abc'}
[x for x in i]
(x for x in i)
[x for x in xs for y in x]
next(iter([]))
next(5)
[x for x in xs if next(iter([]))]
[x for x in xs for y in next(iter([]))]
{next(iter([])) for _ in xs}
{x: next(iter([])) for x in xs}
[y for x in xs for y in [x] if next(iter([]))]
list(x for x in xs if next(iter([])))
list(x for x in xs for y in next(iter([])))
list(next(iter([])) for _ in xs)
f'{s:d}'
f'{i:q}'
f'{n:5}'
f'{xs:5}'
format(i, 5)
format()
int('12', 1)
pow(2, -1, 4)
pow('a', 2)
pow(2, 'a')
divmod(1, 0)
divmod(1)
round('a')
round(1.5, 'a')
abs('a')
-s
~f
+s
i @ i
1 << -1
1 << f
1 >> -1
chr(-1)
ord('ab')
bytes(-1)
bytes([300])
b.decode('ascii', 'x') + 1
Decimal('x')
Decimal(1) + 1.5
Decimal(1) / 0
Fraction(1, 0)
Color('nope')
Color['NOPE']
Order(id=1)
Point()
Point(1, 2, 3)
Point(z=1)
Pair()
json.loads('{')
json.loads(5)
json.dumps(dec)
json.dumps({1, 2})
math.sqrt(-1)
math.sqrt('a')
math.factorial(-1)
math.factorial(1.5)
math.comb(5)
math.prod(5)
math.gcd('a')
math.factorial()
math.perm('a')
uuid.UUID('x')
datetime.datetime(2026, 13, 1)
datetime.date.fromisoformat('x')
datetime.datetime.strptime('x', '%Y')
now - day
now + 1
now < datetime.datetime(2026, 1, 1)
statistics.mean([])
statistics.mean(5)
functools.reduce(lambda a, b: a, [])
isinstance(i, 5)
issubclass(5, int)
getattr(i, 'nope')
getattr(i, 5)
hasattr(i, 5)
enumerate(5)
zip(5)
list(map(5, xs))
list(filter(5, xs))
range('a')
range(1.5)
range(1, 2, 0)
slice()
reversed(5)
any(5)
all(5)
iter(5)
str(b'x', 5)
DeclinedError()
order.items[5]
order.items['a']
order()
double(1)(2)
xs[1:'a']
xs['a':]
s[1.5]
range(3)['a']
(1, 2)[5]
b['a']
collections.Counter(5)
collections.defaultdict(lambda: 1 / 0)[1]
dict.fromkeys(5)
'a'.startswith(5)
'a'.center()
'a'.find(5)
'a'.expandtabs('x')
[].index()
d.get()
hasattr(i)
'a'.zfill()
(5).to_bytes('a', 'big')
int.from_bytes([300], 'big')
filter(None)
map()
json.loads()
Fraction('x')
Fraction(1.5, 2)
round()
'a'.encode('utf-8', 5)
int.from_bytes(5, 'big')
int.from_bytes()
random.sample(5, 'a')
(5).to_bytes(0, 'big')
'x'.join(['a', b'b'])
5 in 5
'a' in 5
1 in 'abc'
(1).real.nope
operator.itemgetter()
operator.attrgetter('nope')(p)
operator.attrgetter(5)
list(itertools.product(5))
list(zip([1], [], strict=True))
type(e)(1)(2)
xs.sort(key=lambda x: x.nope)
[1, 'a'].sort()
d.update(5)
d.update([1])
counts.update(5)
q.extend(5)
st.update(5)
"""


def outcome(act: Any) -> tuple[Any, ...]:
    """The value with its type, or the type of the error and what it says."""
    try:
        value = act()
    except Exception as error:  # noqa: BLE001  # whichever it is, Python's is the same
        return type(error), str(error)
    return type(value), repr(value)


@pytest.mark.parametrize("text", VALUES.strip().splitlines())
def test_values_are_those_of_python(text: str, shop: Any) -> None:
    """Each expression gives the value that Python's own `eval` gives."""
    ours = outcome(lambda: shop.value(text))
    theirs = outcome(lambda: eval(text, {**shop.names, **shop.variables()}))  # noqa: S307  # Python
    assert ours == theirs
    assert not issubclass(ours[0], Exception)


@pytest.mark.parametrize("text", ERRORS.strip().splitlines())
def test_errors_are_those_of_python(text: str, shop: Any) -> None:
    """Each expression raises the class that Python raises, with the same message."""
    ours = outcome(lambda: shop.value(text))
    theirs = outcome(lambda: eval(text, {**shop.names, **shop.variables()}))  # noqa: S307  # Python
    assert ours == theirs
    assert issubclass(ours[0], Exception)
