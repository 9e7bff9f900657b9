"""Settings of the REST API: Django REST framework and its OpenAPI document."""

from typing import Any

# A view opens itself by naming its authentication and permissions; one that forgets to is closed to everybody.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "integrations.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "integrations.api.refusals.handle",
    "UNAUTHENTICATED_USER": None,
    # Answers come in the form the API documents, whatever `?format=` or the ending of the address say.
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Laurel",
    "DESCRIPTION": "Orders in, points out: the API for shops, tills and partners.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_PATCH": False,
    # In the order of the addresses, which is the order in which they are explained.
    "SORT_OPERATIONS": False,
    "TAGS": [
        {"name": "Orders", "description": "Purchases and returns in, what they earned and why out."},
        {"name": "Members", "description": "Who belongs, what they have, and why."},
        {"name": "Webhooks", "description": "What happens here, told to your systems."},
        {"name": "Operations", "description": "When a connection broke before the answer came."},
    ],
    "PREPROCESSING_HOOKS": ["integrations.api.schema.operations_only"],
    "POSTPROCESSING_HOOKS": ["integrations.api.schema.describe_refusals"],
}
