"""A definition as a picture: what people look at when they talk about a workflow.

1. **outline** (`outline`, `reading`, `phrases`): the nodes become the few shapes that people see,
   in their words.
2. **figure** (`layout`, `cards`, `pieces`): shapes become marks with places, from the inside out;
   `svg` prints them.
3. **network** (`network`): or vertices, edges and clusters, which `mermaid` and `dot` print for
   tools that lay out by themselves.

Definition in, text out; what a definition says is escaped: no name or comment can be markup.
"""

from vivido.drawing.dot import dot
from vivido.drawing.mermaid import mermaid
from vivido.drawing.outline import State
from vivido.drawing.svg import svg

__all__ = ["State", "dot", "mermaid", "svg"]
