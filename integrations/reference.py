"""docs/openapi.yaml, written from the code."""

import json
from typing import Any

from drf_spectacular.renderers import OpenApiYamlRenderer

from integrations.api.pages import document

_SERVER = "https://laurel.example.com"


def openapi() -> str:
    """The OpenAPI document as YAML, with a server address that says nothing of this installation."""
    parsed: dict[str, Any] = json.loads(document())
    parsed["servers"] = [{"url": _SERVER}]
    renderer: Any = OpenApiYamlRenderer()
    return str(renderer.render(parsed), "utf-8")
