"""What the random programs are made of: patterns with a letter in braces for each part.

A capital letter stands for an expression of a kind, a small one for a variable of it. The kinds:
L a list of numbers, M a list of lists, D a dict of lists, R a row (a dict with a number and a
list), S a list of rows, P a pair (a named tuple with a list), O an order (a dataclass with lists),
B a box that holds a list, C a card (a model with lists), Q a queue of tuples with a number and a
list, N a number, T a test. `eff` is a step, `see` shows values.
"""

VARIABLES = {
    "a": "L", "b": "L", "m": "M", "d": "D", "r": "R", "t": "R", "s": "S", "u": "S", "x": "B",
    "p": "P", "o": "O", "z": "O", "c": "C", "k": "Q",
}  # fmt: skip
START = {
    "a": "[1, 2]", "b": "[3]", "m": "[[4], [5, 6]]", "d": "{'k': [7], 'l': [8]}",
    "r": "{'n': 1, 'l': [9]}", "t": "{'n': 2, 'l': []}",
    "s": "[{'n': 3, 'l': [1]}, {'n': 4, 'l': [2]}]", "u": "[]", "x": "Box([0])",
    "p": "Pair(1, [2])", "o": "Order([1], [[2]])", "z": "Order([3], [[4], [5]])",
    "c": "Card(items=[1], rest=[[2], [3]])", "k": "[(0, [1]), (1, [2])]",
}  # fmt: skip
EXPRESSIONS = {
    "N": [
        "eff({N})", "eff(len({L}))", "{P}.x", "len({L})", "sum({L})", "{R}['n']", "n()",
        "{L}[0]", "{L}.pop()", "len({S})", "{N} + {N}", "{R}.get('n')",
    ],
    "L": [
        "{m}[0]", "{m}[-1]", "{d}['k']", "{r}['l']", "{x}.value", "{M}.pop()",
        "{D}.get('k', {L})", "[{N}, {N}]", "[]", "{L} + {L}", "{L}[:]", "list({L})",
        "sorted({L})", "{D}.setdefault('z', {L})", "({L} if {T} else {L})", "({L} or {L})",
        "max({M}, key=len)", "same({L})", "{P}.y", "{p}[1]", "{O}.items", "{o}.rest[0]",
        "{O}.first", "[{N}, *{P}.y]", "[{N} for q in {L}]", "{L} * 2", "{L}.copy()",
        "{S}[0]['l']", "({l} := {L})", "list({L})", "{B}.value", "{R}.pop('l')", "[*{L}, {N}]",
        "fresh({L})", "next_of({M})", "[q for q in {L} if q]", "[v['n'] for v in {S}]",
        "pick({L}, {L})", "f({L})", "first({M}, {L})", "copy.copy({L})", "{M}.pop(0)",
        "{D}.pop(str({N}), {L})", "{d}.popitem()[1]", "{d}.setdefault(str({N}), {L})", "{C}.items",
        "{c}.rest[0]", "{Q}.pop(0)[1]", "{k}[0][1]", "{d}[str({N})]", "({D}.pop('k', None) or {L})",
    ],
    "M": [
        "[{L}, {L}]", "[{L}]", "list({M})", "{M}[:]", "{M} + [{L}]", "[q for q in {M}]",
        "[[{N}] for q in {L}]", "[{L} for q in [0, 1]]", "list({D}.values())",
        "[v['l'] for v in {S}]", "[{L}] * 2", "sorted({M}, key=len)", "({M} if {T} else {M})",
        "same({M})", "[v for w, v in {D}.items()]", "[v for w, v in enumerate({M})]",
        "[*{M}, {L}]", "list(map(same, {M}))", "[v for v, w in zip({M}, {M})]", "g({M})",
        "[w + v for w, v in zip({M}, {M})]", "list(filter(None, {M}))", "[{x}.value, {L}]",
        "list(reversed({M}))", "({m} := {M})", "{C}.rest", "list(deque({M}))",
        "[v for w, v in {Q}]",
    ],
    "D": [
        "{{'k': {L}, 'l': {L}}}", "dict({D})", "{D}.copy()", "{{**{D}, 'k': {L}}}",
        "{{'k': v for v in {M}}}", "{D} | {{'l': {L}}}", "({D} if {T} else {D})", "same({D})",
        "{{w: v for w, v in {D}.items()}}", "dict(k={L}, l={L})",
        "dict.fromkeys('kl', {L})", "dict.fromkeys(map(str, {L}), {L})", "defaultdict(list, {D})",
        "OrderedDict({D})", "copy.copy({D})",
    ],
    "R": [
        "{s}[0]", "{s}[-1]", "{{'n': {N}, 'l': {L}}}", "dict({R})", "{S}.pop()",
        "{{**{R}, 'n': {N}}}", "same({R})", "({R} if {T} else {R})",
        "max({S}, key=lambda v: v['n'])", "next_of({S})", "{R} | {{'l': {L}}}", "h({R})",
        "first({S}, {R})",
    ],
    "S": [
        "[{R}, {R}]", "[{R}]", "list({S})", "{S} + [{R}]", "[v for v in {S} if v['n']]",
        "[dict(v) for v in {S}]", "sorted({S}, key=lambda v: v['n'])", "{S}[:1]", "[{R}] * 2",
        "same({S})", "[{{'n': {N}, 'l': v}} for v in {M}]", "[*{S}, {R}]", "({S} or {S})",
        "[{R} for q in [0, 1]]",
    ],
    "P": [
        "Pair({N}, {L})", "same({P})", "Pair(x={N}, y={x}.value)", "({P} if {T} else {P})",
    ],
    "O": [
        "Order({L}, {M})", "same({O})", "Order(items={L}, rest=[{L}])", "copied({O})",
        "({O} if {T} else {O})", "{O}.again",
        "replace({O})", "replace({O}, items={L})", "replace({O}, items={L}, rest={M})",
        "replace({O}, **{{'rest': {M}}})", "copy.copy({O})",
    ],
    "C": [
        "Card(items={L}, rest={M})", "same({C})", "({C} if {T} else {C})", "{C}.model_copy()",
        "{C}.model_copy(update={{'items': {L}}})", "copy.copy({C})",
        "{C}.model_copy(update={{'rest': {M}}}, deep=True)",
        "{C}.model_copy(update={{'items': {L}, 'rest': {M}}})", "{C}.model_copy(deep=True)",
        "{C}.model_copy(update=dict(items={L}))",
    ],
    "Q": [
        "[({N}, {L})]", "[({N}, {L}), ({N}, {L})]", "list({Q})", "[*{Q}, ({N}, {L})]", "same({Q})",
        "[(q, v) for q, v in {Q}]", "list(enumerate({M}))", "deque({Q})",
    ],
    "B": [
        "Box({L})", "same({B})", "({B} if {T} else {B})", "Box({x}.value)",
    ],
}  # fmt: skip
CHANGES = [
    "{L}.append({N})", "{L}.append({N})", "{l}.append({N})", "{l}.insert(0, {N})",
    "{L}[0] = {N}", "{l} += [{N}]", "{l} += {L}", "{L}.extend({L})", "{l}.reverse()",
    "{L}.sort()", "{l}.clear()", "del {l}[0]", "{l}[0:1] = {L}", "{m}.append({L})",
    "{m}[0] = {L}", "{m}[-1].append({N})", "{m} += [{L}]", "{M}.extend({M})", "{m}[0] += {L}",
    "{d}['k'] = {L}", "{d}['k'].append({N})", "{d}.setdefault('y', []).append({N})",
    "{d}.update({D})", "{d}['l'] += {L}", "{d} |= {D}", "{d}.get('k').append({N})",
    "{R}['n'] = {N}", "{R}['l'] = {L}", "{r}['n'] += 1", "{R}['l'].append({N})",
    "{r}.update({R})", "{s}.append({R})", "{s}[0]['n'] = {N}", "{s}[0]['l'].append({N})",
    "{s}.extend({S})", "{s}[0] = {R}", "{o}.items = {L}", "{o}.items.append({N})",
    "{O}.rest.append({L})", "{o}.rest[0].append({N})", "{p}.y.append({N})",
    "{O}.first.append({N})", "{O}.add({N})", "{o}.items += {L}", "{l} += [eff({N})]",
    "{L}.append(eff({N}))", "{m}[eff(0)] = {L}", "{L}.extend([{N}, eff({N})])",
    "{m} += [{L}, [eff({N})]]", "{x}.value = {L}", "{x}.value.append({N})", "{x}.value += {L}",
    "{B}.value.append({N})", "put({L}, {N})", "({L}).pop()", "{s}.insert(0, {R})",
    "{S}.pop()['n'] = {N}", "[v.append({N}) for v in {m}]", "{m}[0], {m}[-1] = {L}, {L}",
    "{d}.setdefault(str({N}), []).append({N})", "{m}.append({m}.pop(0))", "{m}.append({M}.pop())",
    "{d}[str({N})] = {D}.pop(str({N}), [])", "{k}.append(({N}, {L}))", "{k}[0][1].append({N})",
    "{k}.append({k}.pop(0))", "{C}.items.append({N})", "{c}.rest[-1].append({N})",
    "{c}.items = {L}", "{o}.rest.append({o}.rest.pop())", "{x}.value = {d}.setdefault('k', {L})",
]  # fmt: skip
BINDINGS = [
    "{l} = {L}", "{l} = {L}", "{m} = {M}", "{d} = {D}", "{r} = {R}", "{r} = {R}", "{s} = {S}",
    "{x} = {B}", "{p} = {P}", "{o} = {O}", "_, {l} = {P}", "{m} = [{L}, [eff({N})], {L}]",
    "{l} = [*{L}, eff({N}), *{L}]", "{l}, {l} = {l}, {l}", "{l}, {l} = {L}, {L}",
    "{r}, {r} = {r}, {r}", "{l}, *{m} = {M}", "{l}, {l} = {m}", "{l} = {l} = {L}",
    "{r}, {l} = {R}, {L}", "see({L}, {R}, {S})", "see({D}, {M}, {B})",
    "({l}, {r}), {m} = ({L}, {R}), {M}",
    "{c} = {C}", "{o} = {O}", "{k} = {Q}", "w, {l} = {Q}.pop(0)", "w, {l} = {k}.pop()",
    "w, {l} = {k}[0]", "{l} = {m}.pop(); {l}.append({N}); {m}.append({l})",
    "w, {l} = {k}.pop(0); {l}.append({N}); {k}.append(({N}, {l}))",
    "{l} = {d}.setdefault('k', {L}); {l}.append({N})",
    "{l} = {d}.pop(str({N}), []); {l}.append({N})",
    "see({C}, {Q}, {O})",
]  # fmt: skip
LOOPS = [
    "for {l} in {M}:", "for {r} in {S}:", "for {r} in list({S}):", "for {r} in [{R}, {R}]:",
    "for w, {l} in enumerate({M}):", "for w, {l} in {D}.items():",
    "for {l}, {r} in zip({M}, {S}):", "for w in {d}:", "for w in {L}:", "while n() % 3:",
    "for {l} in {D}.values():", "for w in range(2):", "for {r} in reversed({S}):",
    "for {l} in ({L}, {L}):", "for w, {l} in {Q}:", "for w, {l} in list({k}):", "while {m}:",
    "while {k}:",
]  # fmt: skip
