"""Which statements are tricky? Forms where order, binding or leaving early matter, with holes filled at random.

Random grammar alone finds them too seldom: each stands for a mistake that somebody could make.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.statements import Lines, Statements, indented


class Idioms(Statements):
    """Statements, and now and then one of these."""

    def statement(self, depth: int) -> Lines:
        """A statement of any kind."""
        if self.scope.effects and self.maybe(0.2):
            self.budget -= 1
            return self.idiom(depth)
        return super().statement(depth)

    def idiom(self, depth: int) -> Lines:
        """One of the forms."""
        makes: list[Callable[[int], Lines]] = [
            self.quantified, self.reassigned, self.changed_behind, self.compared, self.left_early,
            self.named_errors, self.kept_errors, self.nested_comprehension, self.places,
            self.loop_with_else, self.guarded, self.several_names,
        ]  # fmt: skip
        return self.rng.choice(makes)(depth)

    def own_int(self) -> str | None:
        """A number that this function may assign."""
        names = [name for name in self.scope.names["int"] if name in self.scope.own]
        return self.rng.choice(names) if names else None

    # ------------------------------------------------------------- forms
    def quantified(self, _: int) -> Lines:
        """`any` and `all` stop at the first item that decides."""
        name, item = self.new("int"), self.new("int")
        source = self.pick("some(4)", "some(3)", "[1, 2, 3]", self.ints(1))
        with self.bound("int", item):
            test = self.pick(f"odd({item})", f"odd(plus({item}, {self._small_int()}))",
                             f"plus({item}) > {self._small_int()}", f"not odd({item})")  # fmt: skip
        self.know("int", name)
        return [f"{name} = {self.pick('any', 'all')}({test} for {item} in {source}) + 0"]

    def reassigned(self, _: int) -> Lines:
        """A name that is assigned while the expression that reads it is evaluated."""
        name = self.own_int()
        if name is None:
            return self.assign()
        value = self.pick(f"plus({name})", f"echo({self._small_int()})", self._small_int())
        return [
            self.pick(
                f"{name} += ({name} := {value})",
                f"{name} -= plus(({name} := {value}), {name})",
                f"{name} = {name} + plus(({name} := {value})) - {name}",
                f"echo([{name}, ({name} := {value}), {name}])",
                f"plus({name}, ({name} := {value}), c={name})",
                f'echo(f"{{{name}}}-{{({name} := {value})}}-{{{name}}}")',
                f"{name} = ({name} := {value}) if {name} > 2 else {name}",
                f"{name} = {name} or ({name} := {value}) and plus({name})",
                f"echo({name} < ({name} := {value}) <= {name})",
                f"echo({{{name}: ({name} := {value}), 'k': {name}}})",
            )
        ]

    def changed_behind(self, _: int) -> Lines:
        """What is changed in place stands in front of something that acts."""
        ints, table, owner = self.known("ints"), self.known("table"), self.known("order")
        call = self._own_call(0) if self.scope.functions else f"plus({self._small_int()})"
        lines: Lines = []
        if ints:
            lines += [f"{ints}.append({call})", f"{ints}.insert(plus(0, 0) - 0, {call})",
                      f"{ints}[:1] = [{call}]"]  # fmt: skip
        if table:
            lines += [f"{table}[text({self._small_int()})] = {call}", f"{table}['a'] = {call}",
                      f"{table}.setdefault({self.str(1)}, {call})"]  # fmt: skip
        if owner:
            lines += [f"{owner}.notes['k'] = {call}", f"{owner}.total = {call}",
                      f"{owner}.notes.setdefault(text({call}), {self._small_int()})",
                      f"{owner}.notes.update({{'a': {call}}})", f"{owner}.total += {call}"]  # fmt: skip
        return [self.rng.choice(lines)] if lines else self.assign()

    def compared(self, _: int) -> Lines:
        """Chains of comparisons: each operand once, and none behind the first that fails."""
        name, middle = (
            self.new("int"),
            self.pick(f"plus({self._small_int()})", f"echo({self._small_int()})"),
        )
        if self.traits.chance:
            middle = self.pick(middle, "dice(6)", "random.randint(0, 6)")
        ends = [
            self.pick("1", "2", self._small_int(), f"plus({self._small_int()})") for _ in range(2)
        ]
        self.know("int", name)
        return [f"{name} = int({ends[0]} <= {middle} {self.pick('<', '<=')} {ends[1]})"]

    def left_early(self, depth: int) -> Lines:
        """`return`, `break` and `continue` in a `try` that has a `finally`."""
        name = self.new("int")
        leave = self.pick("continue", "break", self.returns(), f"risky({name})")
        test = self.pick(f"{name} == 1", f"odd({name})")
        ending = self.pick(f"echo({name})", f"print({name})")
        lines = ["try:", f"    if {test}:", f"        {leave}", f"    echo({self._small_int()})"]
        if self.maybe(0.5):
            lines += [
                "except Refused:",
                f"    {self.pick('continue', 'break', 'echo(1)', 'raise')}",
            ]
        lines += ["finally:", f"    {ending}"]
        if self.maybe(0.2):
            lines += [f"    if {name} == 2:", f"        {self.pick('break', 'continue')}"]
        if self.maybe(0.3):
            lines = ["with saga():", *indented(lines)]
        return [f"for {name} in range({self.rng.randint(1, 3)}):", *indented(lines)]

    def named_errors(self, _: int) -> Lines:
        """A handler's name is gone behind it, whatever it was before."""
        name, risk = self.new("int"), self.new_risk()
        before = [f"{name} = {self._small_int()}"]
        inner = ["try:", f"    {risk}", f"except Exception as {name}:", f"    echo(str({name}))"]
        return [
            *before,
            *inner,
            "try:",
            f"    echo({name})",
            "except NameError:",
            "    echo('gone')",
        ]

    def kept_errors(self, _: int) -> Lines:
        """An error that is kept, looked at and raised again later."""
        kept, name = self.new("str"), self.new("str")
        use = self.pick(f"echo(type({kept}).__name__)", f"echo({kept}.args)", f"echo(str({kept}))",
                        f"print(repr({kept}))")  # fmt: skip
        lines = [f"{kept} = None", "try:", f"    {self.new_risk()}", f"except Exception as {name}:",
                 f"    {kept} = {name}", f"if {kept} is not None:", f"    {use}"]  # fmt: skip
        if self.tries and self.maybe(0.5):
            lines.append(f"    raise {self.pick(kept, f'Declined(1) from {kept}')}")
        return lines

    def nested_comprehension(self, _: int) -> Lines:
        """Loops within loops, with tests that act."""
        first, second, name = self.new("int"), self.new("int"), self.new("ints")
        line = self.pick(
            f"[plus({first}, {second}) for {first} in some(3) if odd({first}) for {second} in some({first})]",
            f"[{first} for {first} in [plus({second}) for {second} in some(2)] if odd({first})]",
            f"[{second} for {first} in some(2) for {second} in [{first}, plus({first})] if odd({second})]",
            f"list({{str(echo({first})): plus({second}) for {first}, {second} in table(2).items()}}.values())",
            f"sorted([plus({first}) for {first} in some(3)], key=lambda v: -v)",
            f"[[plus({first}) for {second} in some({first} % 3)] for {first} in some(2)][-1]",
            f"list(plus({first}) for {first} in some(2) if odd({first}))",
        )
        self.know("ints", name)
        return [f"{name} = {line}"]

    def places(self, _: int) -> Lines:
        """Targets with effects in them: the value first, then the places from left to right."""
        ints, table, owner = self.new("ints"), self.known("table"), self.known("order")
        lines = [f"{ints} = [{self._small_int()}, 2, 3]"]
        options = [f"{ints}[plus(0, 0) % 2] = {self.int(1)}", f"{ints}[echo(0)] += {self.int(1)}",
                   f"{ints}[echo(1):echo(2)] = some({self._small_int()})", f"del {ints}[echo(1)]",
                   f"{ints}[echo(0)], {ints}[echo(1)] = pair(7, echo(8))"]  # fmt: skip
        if table:
            options.append(f"{table}[text('k')], {ints}[0] = echo(5), echo(6)")
        if owner:
            options.append(f"{owner}.total = {ints}[echo(0)] = plus(4)")
            options.append(f"for {owner}.total in some(2):\n    echo({owner}.total)")
        self.know("ints", ints)
        return [*lines, *self.rng.choice(options).split("\n")]

    def loop_with_else(self, _: int) -> Lines:
        """A loop's `else` runs unless it is left by `break`."""
        name = self.new("int")
        test = self.pick(f"odd({name})", f"{name} == {self._small_int()}", f"plus({name}) > 3")
        body = [f"if {test}:", f"    {self.pick('break', 'continue', 'break')}", f"echo({name})"]
        head = self.pick(f"for {name} in some({self._small_int()}):", f"for {name} in range(3):")
        return [head, *indented(body), "else:", "    echo('else')"]

    def guarded(self, _: int) -> Lines:
        """A `match` whose guards act, in the order of the cases."""
        name, second = self.new("int"), self.new("int")
        subject = self.pick(
            f"pair({self._small_int()}, {self._small_int()})", f"[{self._small_int()}, 1]"
        )
        first = self.pick(f"[{name}, {second}] if odd({name})", f"({name}, 1) if plus({name}) < 4")
        return [f"match {subject}:", f"    case {first}:", f"        echo({name})",
                f"    case [{name}, {second}] if {self.pick(f'odd({second})', f'{name} > 2')}:",
                "        echo('second')", "    case _:", "        echo('none')"]  # fmt: skip

    def several_names(self, _: int) -> Lines:
        """One value to several names, and swaps."""
        first, second = self.new("int"), self.new("int")
        lines = [f"{first} = {second} = {self.int(1)}"]
        self.know("int", first)
        self.know("int", second)
        return [*lines, self.pick(f"{first}, {second} = {second}, plus({first})",
                                  f"{first}, {second} = plus({second}), {first}",
                                  f"{first}, {second} = echo(({second}, {first}))")]  # fmt: skip
