"""Definitions are read from and written to the JSON of `CampaignVersion.definition`."""

from typing import Any

import msgspec

from campaigns.definitions.rules import Definition
from campaigns.errors import DefinitionInvalid


def read(stored: Any) -> Definition:
    """
    Read a stored definition. It was checked when it was saved; what comes from outside is to be checked.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    try:
        return msgspec.convert(stored, Definition)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise DefinitionInvalid(pointer=pointer, problem=problem, expected="a campaign definition") from error


def write(definition: Definition) -> Any:
    """The JSON form of a definition."""
    return msgspec.to_builtins(definition)
