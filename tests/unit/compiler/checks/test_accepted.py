"""Workflows as people write them, in which nothing is found: the checks must not be a nuisance."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from vivido.compiler.diagnostics import Diagnostic, render

# Each is the body of a workflow with the parameters of HEADER.
HEADER = """
@workflow
def wf(order: Order, n: int, key: str | None = None, options: dict[str, Any] = {}):
"""

BODIES = {
    "a sequence": """
        paid = charge(order)
        notify(order, f"paid {paid.amount:.2f} for {len(order.items)} items", urgent=n > 3)
        return Receipt(order_id=order.id, paid=paid.amount)
    """,
    "branches": """
        if order.total > 100 and not order.note:
            sleep(days=2)
        elif key is None or n in (1, 2):
            return None
        else:
            publish(stage="packing", percent=40)
        return order.id if order.items else key
    """,
    "building a list": """
        found = []
        for item in order.items:
            line = {"sku": item.sku, "price": item.price}
            line["tax"] = tax(item.price)
            found.append(line)
        return found
    """,
    "collecting what a loop goes over": """
        big = []
        for item in order.items:
            if item.count > 3:
                big.append(item)
        return big, order
    """,
    "changing fresh rows": """
        for each in rows():
            each["done"] = True
            anything(each)
    """,
    "changing a row before it is stored": """
        found = []
        for _ in range(n):
            each = row()
            each["n"] += 1
            found.append(each)
        return found
    """,
    "a conversation": """
        history: list[dict[str, Any]] = [{"role": "user", "text": key}]
        for turn in range(5):
            reply = anything(history)
            history.append({"role": "assistant", "text": reply})
            if reply is None:
                break
            history.append({"role": "tool", "text": check(turn)})
        else:
            raise Declined("too many turns")
        return history
    """,
    "grouping": """
        groups: dict[str, list[int]] = {}
        for item in order.items:
            groups.setdefault(item.sku, []).append(item.count)
        for name in groups:
            groups[name] = sorted(groups[name])
        return groups
    """,
    "grouping by hand": """
        groups = {}
        for each in rows():
            if each["n"] not in groups:
                groups[each["n"]] = []
            groups[each["n"]].append(each)
        return groups
    """,
    "two lists": """
        good, bad = [], []
        for each in rows():
            if each["n"]:
                good.append(each)
            else:
                bad.append(each)
        good[0]["n"] = 5
        return good, bad
    """,
    "a queue": """
        queue = rows()
        done = []
        while queue:
            task = queue.pop(0)
            task["done"] = check(task["n"])
            done.append(task)
        return done
    """,
    "removing one and leaving": """
        numbers = [1, 2, 3]
        for number in numbers:
            if number == n:
                numbers.remove(number)
                break
        return numbers
    """,
    "going over a copy": """
        numbers = [1, 2, 3]
        for number in list(numbers):
            if number > n:
                numbers.remove(number)
        return numbers
    """,
    "replacing at the place of the loop": """
        numbers = [1, 2, 3]
        for index, number in enumerate(numbers):
            numbers[index] = number * 2
        prices = {"a": 1, "b": 2}
        for name, price in prices.items():
            prices[name] = price + 1
        for name in prices:
            prices[name] += 1
        return numbers, prices
    """,
    "a name that is not used any more": """
        draft = [1]
        final = draft
        final.append(2)
        return final
    """,
    "a new value under the old name": """
        order = order.model_copy(update={"note": "x"})
        order.note = "y"
        order.items.append(Item(sku="x"))
        numbers = [1]
        before = numbers
        numbers = [*numbers, 2]
        numbers.append(3)
        return order, before, numbers
    """,
    "a deep copy": """
        other = order.model_copy(deep=True)
        other.items.append(Item(sku="x"))
        other.address.street = "y"
        return order, other
    """,
    "changing parts of an order": """
        order.note = "x"
        order.items[0].count = 3
        order.items.append(Item(sku="a"))
        order.address.lines.append("y")
        order.tags["a"] = "b"
        del order.items[0]
        return order
    """,
    "changing one part while another is held": """
        billing = order.billing
        order.address.street = "x"
        items = order.items
        order.total = sum((item.price for item in items), Decimal(0))
        return order, billing
    """,
    "steps get copies": """
        first_row = row()
        second = anything(first_row)
        first_row["n"] = 5
        second["n"] = 6
        return first_row, second
    """,
    "swapping": """
        a, b = [1], [2]
        a, b = b, a
        a.append(1)
        b.append(2)
        return a, b
    """,
    "counters": """
        total = Decimal(0)
        count_of = 0
        text = ""
        start = total
        for item in order.items:
            total += item.price * item.count
            count_of += 1
            text += item.sku
        return total, start, count_of, text
    """,
    "nested functions": """
        found = []
        def keep(text, *, twice=False):
            found.append(text)
            if twice:
                keep_again(text)
        def keep_again(text):
            found.append(text + "!")
        keep("a")
        keep("b", twice=True)
        return found
    """,
    "a nested function that changes what is handed over": """
        def extend(values):
            values.append(1)
            return values
        numbers = [1]
        numbers = extend(numbers)
        return numbers
    """,
    "a nested function for branches": """
        def handle(item):
            found = {"sku": item.sku}
            found["price"] = quote(item.sku, order)
            return found
        return map_each(handle, order.items, max_concurrency=5)
    """,
    "parallel": """
        paid, told = parallel(charge(order), notify(order, "x"))
        quotes = parallel(*[quote(each, order) for each in ["a", "b"] if each != key])
        return paid.amount, told, min(quotes)
    """,
    "collected errors": """
        batch = map_each(check, [1, 2], on_error="collect", need=1)
        a, b = parallel(count(), check(1), on_error="collect")
        if isinstance(a, Exception):
            return str(a)
        return batch.results, batch.failed, b
    """,
    "spawn and join": """
        job = spawn(charge, order)
        notify(order, "started")
        return job.result().amount
    """,
    "the quickest of several": """
        who, value = first(paid=receive("paid", key=order.id), late=sleep(hours=2), call=load("x"))
        match who:
            case "paid" | "call":
                return value
            case _:
                return None
    """,
    "waits": """
        go = receive("approved", key=order.id, timeout="3d")
        ok = approve("Refund over limit", to="finance", timeout="2d")
        cb = callback(timeout="1h", heartbeat="5m")
        anything(cb.token)
        emit("order.shipped", {"id": order.id})
        return go, ok, cb.result()
    """,
    "polling": """
        state = poll(check, n, until="result == 'done'", every="30s", timeout="2h")
        return state
    """,
    "errors": """
        try:
            paid = charge(order)
        except Declined as e:
            log.warning("declined %s", e.code)
            raise ValueError(f"declined: {e.code}") from e
        except (ValueError, LookupError) as e:
            return type(e).__name__, str(e), e.args
        else:
            notify(order, "paid")
        finally:
            publish(stage="done")
        return paid
    """,
    "trying again by hand": """
        for attempt in range(3):
            try:
                return charge(order)
            except Declined as e:
                if attempt == 2:
                    raise
                sleep(seconds=2**attempt)
                log.info("again after %s", e)
        return None
    """,
    "saga and deadline": """
        with deadline("24h"):
            with saga():
                charge(order)
                notify(order, "x")
            ok = receive("paid", key=order.id)
        return ok
    """,
    "loops": """
        tries = 0
        while tries < 3:
            tries += 1
            if check(tries) == "ok":
                break
        else:
            return None
        while True:
            if count() > 5:
                return tries
    """,
    "waiting until a moment": """
        end = datetime.now(UTC) + timedelta(hours=1)
        while datetime.now(UTC) < end:
            if check(n) == "done":
                return True
            sleep("1m")
        sleep(until=end)
        return False
    """,
    "match": """
        match order.note:
            case None:
                return 1
            case "a" | "b":
                return 2
            case str(text) if len(text) > 3:
                return text
        match load("x"):
            case Express(courier=courier):
                return courier
            case Order(id=number, items=[single]):
                return number, single
        return 3
    """,
    "subclasses": """
        loaded = load("x")
        if isinstance(loaded, Express):
            return loaded.courier
        return loaded.courier
    """,
    "open models": """
        opened = Open(name="x", color="red")
        opened.size = 5
        return opened.color
    """,
    "conversions of models": """
        receipt, item = Receipt(order_id="x", paid="1.50"), Item(sku="x", price=1, count="3")
        return receipt, item, Point(1), Pair(1, "x")
    """,
    "enums": """
        color = Color.RED
        if color is Color.BLUE or color == Color("red"):
            return color.value
        return [each.name for each in Color], isinstance(color, Color)
    """,
    "expressions": """
        numbers = [1, 2, 3]
        squares = {x: x**2 for x in numbers if x % 2}
        flat = [y for x in [[1], [2]] for y in x]
        longest = max(numbers, key=lambda x: -x)
        text = ", ".join(sorted({item.sku.upper() for item in order.items}, reverse=True))
        return squares, flat, longest, text, numbers[::-1], any(x > 2 for x in numbers), 1 < n <= 3
    """,
    "modules": """
        stamp = datetime(2030, 1, 1, tzinfo=UTC)
        text = json.dumps({"id": order.id, "n": math.floor(1.5)})
        number = uuid.uuid5(uuid.NAMESPACE_URL, text)
        return stamp.isoformat(), json.loads(text)["id"], number, random.random() < 0.5
    """,
    "constants": """
        if n > LIMIT or order.customer in NAMES:
            return RATES["de"]
        names = [*NAMES, "eve"]
        names.append("mallory")
        return RATES.get(order.customer, Decimal(0)), names
    """,
    "the author's functions": """
        numbers = [1, 2]
        doubled = [double(each) for each in numbers]
        copied = fresh(numbers)
        copied.append(3)
        return vat(order), vat(order, country="fr"), doubled, numbers, copied, spoil([1])
    """,
    "children": """
        receipt = child(order)
        receipts = map_each(child, [order, order])
        return receipt.paid, [each.paid for each in receipts]
    """,
    "walrus": """
        if (found := check(n)) != "ok":
            return found
        while (left := count()) > 3:
            print("left", left)
        return [y for x in [1, 2] if (y := x + 1) > 2]
    """,
    "steps inside expressions": """
        return [check(1), check(2)], {"a": count()}, check(count()) + "!", count() if n else None
    """,
    "a step's result put to use at once": """
        load("x").items.append(Item(sku="a"))
        return load(key or "y").address.street.upper()[:3]
    """,
    "unpacking": """
        head, *rest = [1, 2, 3]
        (a, b), c = (1, 2), [3]
        for index, (name, value) in enumerate({"x": 1}.items()):
            print(index, name, value)
        rest.append(head)
        c.append(a + b)
        return rest, c
    """,
    "state in a dict": """
        state = {"items": [], "n": 0}
        for number in range(3):
            state["n"] += 1
            state["items"].append(number)
            publish(**state)
        return state
    """,
    "a matrix": """
        table = [[0] * 3 for _ in range(3)]
        for row_number in range(3):
            table[row_number][row_number] = 1
        return table
    """,
    "arguments from containers": """
        values = ["text"]
        notify(order, *values, **{"urgent": True})
        return quote(*("a", order))
    """,
    "optional values": """
        note = order.note
        if note is None:
            note = "none"
        return note.upper(), (order.note or "").strip(), options.get("x", {}).get("y")
    """,
    "dynamic values": """
        value = anything()
        value.whatever.it["is"].called(1)
        return value + 1, value[0], [x.y for x in value]
    """,
    "logging": """
        print("order", order.id, sep=": ")
        logging.info("total %s", order.total)
        log.debug("items %d", len(order.items))
        log.exception("failed")
    """,
    "deleting": """
        numbers = [1, 2, 3]
        prices = {"a": 1}
        del numbers[0], prices["a"]
        numbers[1:2] = [5]
        numbers.insert(0, 1)
        numbers.sort(reverse=True)
        return numbers, prices
    """,
    "asserting": """
        assert order.items, "an order has items"
        assert n > 0
        return n
    """,
    "in place through a path": """
        order.items[0].count += 1
        order.tags |= {"a": "b"}
        order.address.lines += ["x"]
        return order
    """,
    "sorting by a field": """
        items = sorted(order.items, key=lambda item: item.price)
        cheapest = items[0]
        return cheapest.sku, [item.sku for item in items], order
    """,
    "named tuples and dataclasses": """
        pair = Pair(left=1, right="x")
        left, right = pair
        line = Line("a")
        line.notes.append(right)
        line.count += left
        return pair.left, line, Point(1) == Point(x=1)
    """,
    "sets": """
        seen = set()
        for item in order.items:
            if item.sku in seen:
                continue
            seen.add(item.sku)
        return sorted(seen | {"x"}), seen - {"y"}
    """,
    "early return of a shared value": """
        items = order.items
        if n > 3:
            items.append(Item(sku="x"))
            return items
        return order
    """,
    "an error is a value": """
        errors = []
        for number in range(3):
            try:
                check(number)
            except Exception as e:
                errors.append(e)
        if errors:
            raise errors[0]
        return len(errors)
    """,
    "type aliases of dicts": """
        totals: dict[str, Decimal] = {}
        for item in order.items:
            totals[item.sku] = totals.get(item.sku, Decimal(0)) + item.price
        best = max(totals, key=lambda sku: totals[sku])
        return best, sum(totals.values()), list(totals.items())
    """,
    "windows": """
        results = []
        for start in range(0, len(order.items), 10):
            results += map_each(anything, order.items[start : start + 10])
        return results
    """,
}  # fmt: skip

ASYNC = """
    @workflow
    async def wf(key: str):
        async def both(name):
            return await fetch(name), await fetch(name + "!")
        one, two = await asyncio.gather(fetch("a"), both("b"), return_exceptions=False)
        await asyncio.sleep(5)
        orders = await asyncio.gather(*[fetch(each) for each in ["a", "b"]])
        return one.id, two, [order.id for order in orders], load(key).id
    """


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_nothing_is_found(diagnose: Callable[[str], list[Diagnostic]], body: str) -> None:
    """Ordinary code passes, but for the notes on comprehensions."""
    source = HEADER + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    found = [each for each in diagnose(source) if each.severity == "error"]
    assert found == [], "\n".join(render(each, source.splitlines()) for each in found)


def test_nothing_is_found_in_asynchronous_workflows(
    diagnose: Callable[[str], list[Diagnostic]],
) -> None:
    """The same for `async def`."""
    assert [str(each) for each in diagnose(ASYNC)] == []


def test_there_are_enough_of_them() -> None:
    """At least sixty."""
    assert len(BODIES) >= 60
