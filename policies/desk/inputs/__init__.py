"""A part of a draft as inputs: described once, from that shown, read back, and nothing of it lost on the way. Pure.

What is typed goes into the part as it was typed; the readers of the language say later what is wrong with it. So what
is half-written can be stored, and what nobody touched stays exactly as it stood.
"""

from policies.desk.inputs.kinds import (
    Block,
    Chosen,
    Form,
    Forms,
    Input,
    Keyed,
    Lines,
    Pair,
    Rows,
    Several,
    Ticked,
    Typed,
)
from policies.desk.inputs.moving import moved
from policies.desk.inputs.reading import sent_part, tidied
from policies.desk.inputs.showing import Shown, show_part

__all__ = [
    "Block",
    "Chosen",
    "Form",
    "Forms",
    "Input",
    "Keyed",
    "Lines",
    "Pair",
    "Rows",
    "Several",
    "Shown",
    "Ticked",
    "Typed",
    "moved",
    "sent_part",
    "show_part",
    "tidied",
]
