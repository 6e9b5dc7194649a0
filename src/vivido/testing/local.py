"""Workflows in tests on a real store, in real time: what the fixture `vivido_local` gives."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from vivido import ids
from vivido.authoring import Workflow
from vivido.bootstrap import open_local
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime
from vivido.testing.execution import Execution


class LocalVivido:
    """Runs workflows on one SQLite file. Time is real: keep sleeps short, or use `simulate`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._runner = asyncio.Runner()
        self._library = Library()
        self._local = open_local(str(path))
        self._started = 0

    def run(
        self,
        workflow: Workflow[..., Any],
        input: Any = None,  # noqa: A002  the word users expect
        *,
        execution: str | None = None,
        timeout: float = 30.0,
    ) -> Execution:
        """Start an execution, or go on with the one of this id, and wait until it ends.

        `timeout` in seconds; then TimeoutError is raised, and the execution stays as it is.
        """
        self._started += 1
        name = ids.chosen_execution_id(execution or f"test-{self._started}")
        self._library.put(workflow.ref, workflow)
        self._runner.run(self._run(workflow, workflow.bind_input(input), name, timeout))
        return Execution(self._local.ports, name, self._runner.run)

    async def _run(
        self, workflow: Workflow[..., Any], given: dict[str, Any], name: str, seconds: float
    ) -> None:
        async with LocalRuntime(self._local.ports, library=self._library) as runtime:
            await runtime.start(workflow.definition, given, execution=name)
            async with asyncio.timeout(seconds):
                await runtime.wait(name)

    def close(self) -> None:
        """Close the store."""
        self._local.close()
        self._runner.close()
