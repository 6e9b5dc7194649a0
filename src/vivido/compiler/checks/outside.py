"""Whether the workflow itself reaches outside.

Files, the network, threads, the process, real waiting.

Such a call would run again after a crash, and nobody would know whether it had happened. A step is
run again with an idempotency key, retried and compensated.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.visit import Walk, dotted

_BUILTINS: Mapping[str, str] = {
    "open": "open it inside a step",
    "input": "receive(…) waits for an event, approve(…) for a person's answer",
    "eval": "write the expression itself, or evaluate inside a step",
    "exec": "write the statements themselves",
    "compile": "write the expression itself",
    "__import__": "import it at the top of the module",
    "globals": "name the constant that you need",
    "locals": "name the variables that you need",
    "vars": "name the attributes that you need; model_dump() gives those of a model",
    "dir": "name the attributes that you need",
    "setattr": "value.name = …",
    "delattr": "del value.name",
    "id": "compare values with '==': a variable's value is another object after a hop",
    "hash": "compare values with '==': a hash differs from process to process",
    "breakpoint": "vivido.testing.simulate(…, stop_before=…) stops where you like",
    "exit": "return, or raise an error",
    "quit": "return, or raise an error",
    "super": "call the function by its name",
    "memoryview": "bytes(…)",
    "help": "read the documentation outside the workflow",
}
_FUNCTIONS: Mapping[str, str] = {
    "time.sleep": "sleep('30s') from vivido: it waits without a process",
    "os.getenv": "read it inside a step, or into a constant of the module",
    "asyncio.timeout": "with deadline('30s'):",
    "asyncio.to_thread": "call the step: it runs where its pool is",
    "asyncio.wait": "parallel(…) for all of them, first(…) for the quickest",
    "asyncio.as_completed": "map_each(…) or parallel(…)",
    "asyncio.run": "call the workflow or step itself",
}
_MODULES: Mapping[str, str] = {
    "threading": "parallel(…) or map_each(…) runs steps side by side",
    "_thread": "parallel(…) or map_each(…) runs steps side by side",
    "multiprocessing": "parallel(…) or map_each(…) runs steps side by side",
    "concurrent": "parallel(…) or map_each(…) runs steps side by side",
    "asyncio": "a step for each piece of work; parallel(…), first(…), spawn(…) arrange them",
    "signal": "receive(…) waits for an event from outside",
    **dict.fromkeys(
        (
            "subprocess", "socket", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib",
            "requests", "httpx", "aiohttp", "urllib3", "boto3", "botocore", "aioboto3", "sqlite3",
            "psycopg", "psycopg2", "pymysql", "redis", "shutil", "tempfile", "os", "posix", "nt",
            "io", "glob", "sys", "ctypes", "webbrowser", "sqlalchemy", "paramiko",
        ),
        "put the call into a step, and call the step",
    ),
}  # fmt: skip
_HARMLESS = frozenset({"urllib.parse", "http.HTTPStatus", "posixpath", "ntpath", "os.path"})
_HARMLESS_ON_DISK = frozenset(
    {
        "basename",
        "dirname",
        "join",
        "split",
        "splitext",
        "normpath",
        "isabs",
        "commonpath",
        "relpath",
    }
)


def check(unit: Unit, report: Report) -> None:
    """Reports V209 and V210."""
    _Outside(unit, report).run()


class _Outside(Walk):
    def visit_Name(self, node: ast.Name) -> None:
        found = self.resolve(node)
        if found is not None and found.kind == "builtin" and node.id in _BUILTINS:
            self.report.add(
                "V209", node, f"{node.id}() cannot be used in a workflow.", _BUILTINS[node.id]
            )

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self._body(node)

    def visit_With(self, node: ast.With) -> None:
        self._body(node)

    def _body(self, node: ast.With | ast.AsyncWith) -> None:
        """The body only: what a header must not be is another rule's."""
        for statement in node.body:
            self.visit(statement)

    def visit_Call(self, node: ast.Call) -> None:
        self._outward(node)
        self.generic_visit(node)

    def _outward(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is None or found.kind not in ("function", "class", "operation"):
            return
        place = _home(found.value)
        hint = _FUNCTIONS.get(place) or _FUNCTIONS.get(found.name)
        if hint is None and found.kind != "operation" and not _harmless(place):
            hint = _MODULES.get(place.partition(".")[0])
        if hint is not None:
            written = dotted(node.func) or place
            self.report.add("V210", node.func, f"{written}() reaches outside the workflow.", hint)


def _home(value: object) -> str:
    """`module.name` of a function or class, as its own module calls it."""
    module = getattr(value, "__module__", None) or ""
    return f"{module}.{getattr(value, '__qualname__', '')}" if module != builtins.__name__ else ""


def _harmless(place: str) -> bool:
    if place.startswith(("posixpath.", "ntpath.")):
        return place.partition(".")[2] in _HARMLESS_ON_DISK
    return any(place == each or place.startswith(f"{each}.") for each in _HARMLESS)
