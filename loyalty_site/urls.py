"""Every address of the site. /health/ is answered earlier, by loyalty_site.health."""

from django.contrib import admin
from django.urls import include, path

handler400 = "integrations.api.outside.bad_request"
handler500 = "integrations.api.outside.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("integrations.urls")),
    path("accounts/", include("cockpit.sign_in.urls")),
    path("me/", include("cockpit.urls")),
    path("counter/", include("counter.urls")),
    path("", include("messaging.urls")),
    path("", include("landing.urls")),
]
