"""Where steps run: pools, each with its own queue, memory, time limit and concurrency."""

from dataclasses import dataclass
from datetime import timedelta

from vivido.authoring import options
from vivido.authoring.options import Duration
from vivido.errors import DefinitionError

_MEMORY = range(128, 10_240 + 1)  # MB; AWS Lambda's bounds
_LONGEST = timedelta(minutes=15)  # AWS Lambda's bound


@dataclass(frozen=True, slots=True)
class Pool:
    """A group of steps that run in a Lambda function of their own.

        gpu = Pool("gpu", memory=4096, timeout="10m", concurrency=5)

        @step(pool=gpu)  # or pool="gpu"
        def render(scene: Scene) -> Film: ...

    `memory` is in MB, `timeout` bounds one delivery, `concurrency` how many run at once (None: no
    bound of its own). Raises `DefinitionError` for what cannot be deployed.
    """

    name: str
    memory: int = 512
    timeout: Duration = "60s"
    concurrency: int | None = None

    def __post_init__(self) -> None:
        owner = f"pool {self.name!r}"
        options.name(owner, self.name)
        if not _whole(self.memory) or self.memory not in _MEMORY:
            raise DefinitionError(f"{owner}: memory={self.memory!r}: give 128 to 10240 MB")
        if options.duration(owner, "timeout", self.timeout) > _LONGEST:
            raise DefinitionError(f"{owner}: timeout={self.timeout!r}: give 15 minutes at most")
        if self.concurrency is not None and not (_whole(self.concurrency) and self.concurrency > 0):
            raise DefinitionError(
                f"{owner}: concurrency={self.concurrency!r}: give a whole number from 1, or None"
            )


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
