"""The definition of one workflow, put together from its blocks and what they refer to."""

from __future__ import annotations

import ast
from typing import Any

from vivido import durations
from vivido.authoring import Workflow
from vivido.compiler.diagnostics import Report
from vivido.compiler.identify import number
from vivido.compiler.lower.lowerer import Lowerer
from vivido.compiler.lower.names import References
from vivido.compiler.lower.writer import Shared, identifiers
from vivido.compiler.read import Unit
from vivido.compiler.symbols import free_names
from vivido.model.definition import Block, Definition, Source


def assemble(unit: Unit, report: Report) -> Definition:
    """Lower a workflow; where the report gets an error, the definition has a gap."""
    shared = _shared(unit, report)
    low = Lowerer(shared, unit.scope)
    body = unit.node.body[1:] if ast.get_docstring(unit.node) is not None else unit.node.body
    lowered = low.body(body)
    workflow: Workflow[Any, Any] = unit.workflow
    spec = workflow.spec()
    params = [param.model_copy(update={"json_schema": None}) for param in spec.params]
    main = Block(line=unit.node.lineno, params=params, locals=low.own_names(), body=lowered)
    return Definition(
        name=workflow.name,
        version=workflow.version,
        doc=workflow.doc,
        ref=workflow.ref,
        source=Source(file=unit.file, line=unit.node.lineno),
        timeout=None if workflow.timeout is None else durations.text(workflow.timeout),
        concurrency=workflow.policy.concurrency,
        rate=workflow.policy.rate,
        priority=workflow.policy.priority,
        singleton=workflow.policy.singleton,
        debounce=workflow.policy.debounce,
        tags=dict(workflow.tags),
        params=spec.params,
        returns=spec.returns,
        steps=shared.references.steps(),
        workflows=shared.references.workflows(),
        names=shared.references.names(),
        blocks=number({"main": main, **dict(sorted(shared.blocks.items()))}),
    )


def _shared(unit: Unit, report: Report) -> Shared:
    local = frozenset(name for scope in unit.scope.walk() for name in scope.locals)
    names = identifiers(unit.node)
    return Shared(
        unit=unit,
        report=report,
        references=References(unit.workflow.function.__module__, set(local), names),
        identifiers=names,
        plain_names=local | frozenset(free_names(unit.node)),
    )
