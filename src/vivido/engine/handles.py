"""Which jobs of a branch are open: spawned, and not joined yet.

Each is a hidden variable ``$job.<scope>`` that says which node spawned it, under which path, and
whether somebody asked for its result already. No branch ends before its jobs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vivido.engine.needs import End, JoinJob, Need

if TYPE_CHECKING:
    from vivido.engine.state import State, Variables

JOB: Final = "$job."
ASKED: Final = "$asked"  # jobs of others whose result this branch has had: their scopes
KEPT: Final = "$end"  # phase leave: the value with which the branch ends when its jobs are joined


def open_jobs(variables: Variables, after: int = 0) -> list[str]:
    """The scopes of the open jobs in the order of their SPAWN records, those behind `after`."""
    scopes = [name.removeprefix(JOB) for name in variables.names() if name.startswith(JOB)]
    return sorted((one for one in scopes if number_of(one) > after), key=number_of)


def number_of(scope: str) -> int:
    """The number of the SPAWN record of a job."""
    return int(scope.rpartition(".")[2])


def last_job(variables: Variables) -> int:
    """The number of the job that was spawned last and is open; 0 where there is none."""
    return max(map(number_of, open_jobs(variables)), default=0)


def mark_of(saga: str) -> str:
    """The hidden variable that holds which jobs were open when a saga began."""
    return f"${saga}.jobs"


def to_stop(state: State) -> list[str]:
    """The jobs that an unwinding stops, and joins before anything is compensated."""
    before = 0 if state.saga is None else state.vars.get(mark_of(state.saga), 0)
    return open_jobs(state.vars, before)


def joining(state: State, scope: str, *, stop: bool = False) -> JoinJob:
    """The need to join a job that nobody asks for: control leaves where it was spawned."""
    said = state.vars[JOB + scope]
    return JoinJob(said["node"], said["path"], scope, stop=stop)


def leaving(state: State) -> Need:
    """What phase leave needs: the next job, or the end."""
    if jobs := open_jobs(state.vars):
        return joining(state, jobs[0])
    value = state.vars.get(KEPT)
    state.vars.discard(KEPT)
    return End(value=value)


def ask(variables: Variables, scope: str) -> None:
    """Somebody has had the result of a job: its error is not raised a second time."""
    if JOB + scope in variables:
        variables[JOB + scope] = {**variables[JOB + scope], "asked": True}
    elif scope not in variables.get(ASKED, []):
        variables[ASKED] = [*variables.get(ASKED, []), scope]
