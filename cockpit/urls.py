"""Addresses of the member's own pages."""

from django.urls import path

from cockpit.views import asking, card, exchanging, household, joining, pages

app_name = "cockpit"
urlpatterns = [
    path("", card.home, name="home"),
    path("codes/", card.codes, name="codes"),
    path("card.webmanifest", card.manifest, name="manifest"),
    path("join/", joining.join, name="join"),
    path("history/", pages.history, name="history"),
    path("statement/", pages.statement, name="statement"),
    path("statement/file/", pages.statement_file, name="statement_file"),
    path("rewards/", pages.rewards, name="rewards"),
    path("exchange/", exchanging.exchanges, name="exchange"),
    path("exchange/<int:terms_id>/", exchanging.convert, name="convert"),
    path("household/", household.page, name="household"),
    path("household/found/", household.found, name="household_found"),
    path("household/invite/", household.invite, name="household_invite"),
    path("household/invitation/<int:invitation_id>/yes/", household.answer, {"is_yes": True}, name="household_yes"),
    path("household/invitation/<int:invitation_id>/no/", household.answer, {"is_yes": False}, name="household_no"),
    path("household/invitation/<int:invitation_id>/withdraw/", household.withdraw, name="household_withdraw"),
    path("household/give/", household.give, name="household_give"),
    path("household/share/", household.share, name="household_share"),
    path("household/role/", household.role, name="household_role"),
    path("household/remove/", household.remove, name="household_remove"),
    path("household/leaving/", household.leaving, name="household_leaving"),
    path("household/leave/", household.leave, name="household_leave"),
    path("household/statement/", pages.household_statement, name="household_statement"),
    path("household/statement/file/", pages.household_statement_file, name="household_statement_file"),
    path("question/", asking.look, name="look"),
    path("question/asked/", asking.asked, name="asked"),
    path("question/<int:redemption_id>/", asking.answer_page, name="answer"),
    path("question/<int:redemption_id>/yes/", asking.answer, {"is_yes": True}, name="yes"),
    path("question/<int:redemption_id>/no/", asking.answer, {"is_yes": False}, name="no"),
]
