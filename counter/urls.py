"""Addresses of the counter."""

from django.urls import path

from counter.views import paying, redeeming, scanning, selling, staff

app_name = "counter"
urlpatterns = [
    path("", scanning.scan, name="scan"),
    path("frames/", scanning.frame, name="frame"),
    path("visits/", scanning.open_visit, name="open_visit"),
    path("visits/<int:visit_id>/", scanning.visit, name="visit"),
    path("visits/<int:visit_id>/rewards/", redeeming.reserve, name="reserve"),
    path("visits/<int:visit_id>/bill/", paying.bill, name="bill"),
    path("visits/<int:visit_id>/bill/pay/", paying.pay, name="pay"),
    path("visits/<int:visit_id>/buy/", selling.choose, name="sell"),
    path("visits/<int:visit_id>/buy/ask/", selling.ask, name="sell_ask"),
    path("purchases/<int:purchase_id>/", selling.purchase, name="purchase"),
    path("purchases/<int:purchase_id>/take/", selling.take, name="purchase_take"),
    path("purchases/<int:purchase_id>/cancel/", selling.cancel, name="purchase_cancel"),
    path("redemptions/", redeeming.recent, name="recent"),
    path("redemptions/<int:redemption_id>/", redeeming.redemption, name="redemption"),
    path("redemptions/<int:redemption_id>/state/", redeeming.state, name="state"),
    path("redemptions/<int:redemption_id>/number/", redeeming.number, name="number"),
    path("redemptions/<int:redemption_id>/cancel/", redeeming.cancel, name="cancel"),
    path("redemptions/<int:redemption_id>/undo/", redeeming.undo, name="undo"),
    path("sign-in/", staff.sign_in, name="sign_in"),
    path("sign-out/", staff.sign_out, name="sign_out"),
    path("device/", staff.enrol, name="enrol"),
    path("till/", staff.till, name="till"),
    path("till/leave/", staff.leave, name="leave"),
]
