"""
Addresses of the sign-in, under the names that allauth looks for.

Those of allauth's pages that customers have no use for (passwords, address books) are not served at all.
"""

from django.urls import path
from django.views.generic import RedirectView

from cockpit.sign_in import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("signup/", views.Join.as_view(), name="account_signup"),
    path("login/code/", RedirectView.as_view(pattern_name="account_login"), name="account_request_login_code"),
    path("login/code/confirm/", views.EnterCode.as_view(), name="account_confirm_login_code"),
    path("logout/", views.SignOut.as_view(), name="account_logout"),
    path("inactive/", views.Inactive.as_view(), name="account_inactive"),
]
