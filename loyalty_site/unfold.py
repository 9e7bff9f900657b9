"""How the admin looks: settings of the theme django-unfold. Where things stand is told by loyalty_site.navigation."""

from typing import Any

from django.templatetags.static import static

# The neutral and green tones of the design system in static/site/base.css, spread over the theme's steps.
BASE = {
    "50": "#f7f7f5",
    "100": "#efefea",
    "200": "#e2e3dd",
    "300": "#cdcfc9",
    "400": "#a6aca9",
    "500": "#666e6c",
    "600": "#4f5655",
    "700": "#3b4141",
    "800": "#2e3334",
    "900": "#191c1d",
    "950": "#101213",
}
PRIMARY = {
    "50": "#eff8f4",
    "100": "#e0f1e9",
    "200": "#bfe2d3",
    "300": "#93cdb5",
    "400": "#63b595",
    "500": "#4fae8b",
    "600": "#1f6f54",
    "700": "#1a5d47",
    "800": "#164938",
    "900": "#123b2e",
    "950": "#0a241c",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Laurel",
    "SITE_HEADER": "Laurel",
    "SITE_SUBHEADER": "loyalty_site.navigation.programme_names",
    "SITE_ICON": lambda _request: static("site/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("site/icon.svg")},
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "loyalty_site.navigation.environment",
    "DASHBOARD_CALLBACK": "reports.dashboard.fill",
    "COLORS": {"base": BASE, "primary": PRIMARY},
    "BORDER_RADIUS": "8px",
    "STYLES": [lambda _request: static("desk/desk.css")],
    "COMMAND": {"search_models": True, "show_history": True},
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "loyalty_site.navigation.sidebar"},
}
