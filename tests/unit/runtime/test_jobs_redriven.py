"""An execution with a job that came to no value is redriven from where that was started."""

from vivido import spawn, step, workflow
from vivido.errors import UsageError
from vivido.runtime.asking import Redrive, ask
from vivido.runtime.operating import By, Operations
from vivido.testing.world import EXECUTION, World

tries: list[int] = []


@step
def shaky(n: int) -> int:
    """Fails the first time."""
    tries.append(n)
    if len(tries) == 1:
        raise ValueError(str(n))
    return n


@workflow
def hoping(n: int) -> int:
    """Joins a job that has failed."""
    job = spawn(shaky, n)
    return job.result()


def test_a_failed_job_is_started_anew():
    """From its result it is refused, with the place that would do; from there it runs again."""
    tries.clear()
    said = []

    async def redrive(engine):
        operations = Operations(engine.ports)
        for place in (None, "spawn"):
            try:
                visit = await ask(operations, EXECUTION, Redrive(place), By("me"))
            except UsageError as error:
                said.append(str(error).partition(":")[0])
            else:
                said.append(visit.node)

    result = World().run(hoping, 1, at_rest=redrive)
    assert said == ["it cannot go on from 'join'", "spawn"]
    assert (result.outcome, tries) == (("succeeded", 1, None), [1, 1])
