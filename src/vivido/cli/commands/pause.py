"""``vivido pause``: no new step begins, of one execution, of a workflow, or of all."""

from __future__ import annotations

import click

from vivido.cli import console, operators, stores, switching
from vivido.ports import Ports
from vivido.runtime.operating import Operations


@click.command("pause", short_help="Let no new step begin: of one execution, a workflow, or all.")
@click.argument("execution", metavar="[ID]", required=False)
@switching.workflow
@switching.everything
@operators.note
@stores.option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def command(
    execution: str | None,
    workflow: str | None,
    note: str | None,
    store: str,
    *,
    everything: bool,
    as_json: bool,
) -> int:
    """Pause: steps that run finish, and no new one begins until `vivido resume`.

    Executions that are started meanwhile wait. A cancel reaches what is paused.
    """
    if switching.asked(execution, workflow, all_of_them=everything):
        return switching.pause(store, workflow, as_json=as_json)

    async def work(ports: Ports) -> None:
        assert execution is not None  # noqa: S101  `asked` has seen to it
        await stores.meta_of(ports, execution, store)
        await Operations(ports).pause(execution, operators.by(note))

    stores.reading(store, work)
    if as_json:
        console.put_json({"execution": execution, "paused": True})
    else:
        console.say(f"{execution} is paused: go on with `vivido resume {execution}`")
    return 0
