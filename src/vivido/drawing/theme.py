"""The colours and fonts of a drawing, by day and by night.

Every rule gives the colour itself first and then as a variable, so that renderers without CSS
variables draw it too.
"""

from __future__ import annotations

from typing import Final

_FONT: Final = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO: Final = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

# name: (by day, by night)
_COLOURS: Final = {
    "ink": ("#1c2433", "#e8ecf4"),
    "soft": ("#5d6878", "#9aa7ba"),
    "way": ("#8592a6", "#6b7a92"),
    "card": ("#ffffff", "#1b2230"),
    "edge": ("#cfd6e1", "#364155"),
    "quiet": ("#f3f5f8", "#161c28"),
    "start": ("#1c2433", "#e8ecf4"),
    "start-ink": ("#ffffff", "#161c28"),
    "step": ("#3b6fe0", "#6f9bff"),
    "child": ("#7a4fd0", "#a98bf5"),
    "wait": ("#0f8a8a", "#3fc1bf"),
    "good": ("#1f8f55", "#4cc38a"),
    "good-soft": ("#e6f5ec", "#15291f"),
    "bad": ("#c8374a", "#f2717f"),
    "bad-soft": ("#fcebed", "#331a20"),
    "undo": ("#a96a05", "#e3a948"),
    "undo-soft": ("#fdf3e0", "#2e2414"),
    "frame": ("#f8f9fb", "#141a25"),
}


def _rule(selector: str, **properties: str) -> str:
    """One rule; a value that begins with $ is a colour of the table."""
    parts = []
    for name, value in properties.items():
        css = name.replace("_", "-")
        if value.startswith("$"):
            parts.append(f"{css}:{_COLOURS[value[1:]][0]};{css}:var(--vv-{value[1:]})")
        else:
            parts.append(f"{css}:{value}")
    return f"{selector}{{{';'.join(parts)}}}"


def _variables(place: int) -> str:
    return ";".join(f"--vv-{name}:{colours[place]}" for name, colours in _COLOURS.items())


def _accents() -> list[str]:
    """The stripe of a card tells what it is about."""
    looks = {
        "step": "step",
        "child": "child",
        "call": "child",
        "wait": "wait",
        "person": "undo",
        "event": "wait",
    }
    return [_rule(f".vv-{look} .vv-stripe", fill=f"${colour}") for look, colour in looks.items()]


def _frames() -> list[str]:
    colours = {
        "loop": "wait",
        "map": "step",
        "saga": "undo",
        "deadline": "wait",
        "handler": "bad",
        "spawn": "child",
    }
    colours |= {"try": "way", "finally": "way", "block": "way"}
    rules = []
    for look, colour in colours.items():
        rules.append(_rule(f".vv-{look} .vv-frame", stroke=f"${colour}"))
        if colour != "way":
            rules.append(_rule(f".vv-{look} .vv-frame-title", fill=f"${colour}"))
    rules.append(
        _rule(".vv-saga .vv-frame,.vv-deadline .vv-frame,.vv-try .vv-frame", stroke_dasharray="6 4")
    )
    return rules


def _states() -> list[str]:
    states = {
        "done": "good",
        "failed": "bad",
        "running": "step",
        "waiting": "wait",
        "undone": "undo",
    }
    rules = []
    for state, colour in states.items():
        rules.append(_rule(f".vv-is-{state}>.vv-card", stroke=f"${colour}", stroke_width="2"))
        rules.append(_rule(f".vv-is-{state}>.vv-stripe", fill=f"${colour}"))
    return rules


STYLE: Final = "".join(
    [
        f".vv{{{_variables(0)}}}",
        f"@media(prefers-color-scheme:dark){{.vv{{{_variables(1)}}}}}",
        _rule(".vv text", font_family=_FONT, font_size="11.5px", fill="$ink"),
        _rule(".vv .vv-title", font_size="13px", font_weight="600"),
        _rule(".vv .vv-plain", font_size="13px"),
        _rule(".vv .vv-detail", fill="$soft"),
        _rule(".vv .vv-note", font_size="10.5px", fill="$soft"),
        _rule(
            ".vv .vv-code,.vv .vv-line,.vv .vv-asked,.vv .vv-way-text",
            font_family=_MONO,
            fill="$soft",
        ),
        _rule(".vv .vv-code", font_size="11px"),
        _rule(".vv .vv-line,.vv .vv-way-text", font_size="10.5px"),
        _rule(".vv .vv-asked", fill="$ink"),
        _rule(".vv .vv-frame-title", font_weight="600", fill="$soft"),
        _rule(".vv-card,.vv-pill,.vv-question", fill="$card", stroke="$edge"),
        _rule(".vv-quiet .vv-quiet", fill="$quiet"),
        _rule(".vv-icon", fill="none", stroke="$soft", stroke_width="1.4"),
        _rule(".vv-frame", fill="$frame", stroke="$way"),
        _rule(".vv-bar", fill="$ink"),
        _rule(".vv-end", fill="$ink"),
        _rule(".vv-way", fill="none", stroke="$way", stroke_width="1.5"),
        _rule(".vv-head", fill="$way"),
        _rule(".vv-back", stroke="$undo", stroke_dasharray="3 3"),
        _rule(".vv-rail", stroke="$bad", stroke_dasharray="4 3"),
        _rule(".vv-loop.vv-way", stroke="$wait"),
        _rule(".vv-undo", fill="$undo-soft", stroke="$undo"),
        _rule(".vv .vv-undone", font_size="10.5px", fill="$undo"),
        _rule(".vv-start .vv-pill", fill="$start", stroke="$start"),
        _rule(".vv .vv-start text", fill="$start-ink"),
        _rule(".vv-return .vv-pill", fill="$good-soft", stroke="$good"),
        _rule(".vv-raise .vv-pill", fill="$bad-soft", stroke="$bad"),
        *_accents(),
        *_frames(),
        *_states(),
    ]
)
