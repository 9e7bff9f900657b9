"""`/api/`: the API, its document and what explains it."""

from django.urls import include, path, re_path

from integrations.api.adjustments import AdjustmentsView, AdjustmentView
from integrations.api.arrivals import OrderDeliveriesView
from integrations.api.events import EventBatchView, EventsView, EventTypesView
from integrations.api.exchanges import ExchangesView
from integrations.api.explanations import ExplanationView, OperationView
from integrations.api.holds import CaptureView, HoldsView, OneHoldView, RefundView, ReleaseView
from integrations.api.households import (
    AcceptInvitationView,
    ContributionsView,
    DeclineInvitationView,
    DissolveView,
    HouseholdsView,
    InvitationsView,
    LeaveView,
    MembersHouseholdView,
    OneHouseholdView,
    RemoveView,
    RoleView,
    ShareView,
)
from integrations.api.known import AttributesView, TagsView
from integrations.api.members import BirthdayView, MembersView, WalletView
from integrations.api.notices import PaymentNoticesView
from integrations.api.orders import OrdersView, OrderView
from integrations.api.pages import DocsView, ProblemView, SchemaView, UnknownView
from integrations.api.purchases import (
    CancelPurchaseView,
    CapturePurchaseView,
    OnePurchaseView,
    PurchaseQuotesView,
    PurchasesView,
    RefundPurchaseView,
)
from integrations.api.quotes import QuotesView
from integrations.api.returns import ReturnsView
from integrations.api.statements import StatementFileView, StatementView
from integrations.api.tiers import ChallengesView, MemberTiersView, PaidTiersView
from integrations.api.transfers import (
    AcceptView,
    DeclineView,
    MemberTransfersView,
    OneTransferView,
    TransferQuotesView,
    TransfersView,
    WithdrawView,
)
from integrations.api.webhooks import (
    DeliveriesView,
    RotationView,
    SecretView,
    SendAgainView,
    TestView,
    WebhooksView,
    WebhookView,
)

app_name = "api"

_v1 = [
    path("orders", OrdersView.as_view(), name="orders"),
    path("orders/<int:order_id>", OrderView.as_view(), name="order"),
    path("returns", ReturnsView.as_view(), name="returns"),
    path("order-deliveries", OrderDeliveriesView.as_view(), name="order-deliveries"),
    path("events", EventsView.as_view(), name="events"),
    path("events/batch", EventBatchView.as_view(), name="event-batch"),
    path("event-types", EventTypesView.as_view(), name="event-types"),
    path("members", MembersView.as_view(), name="members"),
    path("members/<str:number>/wallet", WalletView.as_view(), name="wallet"),
    path("members/<str:number>/statement", StatementView.as_view(), name="statement"),
    path("members/<str:number>/statement.csv", StatementFileView.as_view(), name="statement-file"),
    path("members/<str:number>/transfers", MemberTransfersView.as_view(), name="member-transfers"),
    path("postings/<int:posting_id>/explanation", ExplanationView.as_view(), name="explanation"),
    path("adjustments", AdjustmentsView.as_view(), name="adjustments"),
    path("adjustments/<int:adjustment_id>", AdjustmentView.as_view(), name="adjustment"),
    path("exchanges", ExchangesView.as_view(), name="exchanges"),
    path("transfers", TransfersView.as_view(), name="transfers"),
    path("transfers/<int:transfer_id>", OneTransferView.as_view(), name="transfer"),
    path("transfers/<int:transfer_id>/accept", AcceptView.as_view(), name="transfer-accept"),
    path("transfers/<int:transfer_id>/decline", DeclineView.as_view(), name="transfer-decline"),
    path("transfers/<int:transfer_id>/withdraw", WithdrawView.as_view(), name="transfer-withdraw"),
    path("transfer-quotes", TransferQuotesView.as_view(), name="transfer-quotes"),
    path("members/<str:number>/tiers", MemberTiersView.as_view(), name="member-tiers"),
    path("members/<str:number>/birthday", BirthdayView.as_view(), name="member-birthday"),
    path("members/<str:number>/attributes", AttributesView.as_view(), name="member-attributes"),
    path("members/<str:number>/tags", TagsView.as_view(), name="member-tags"),
    path("members/<str:number>/household", MembersHouseholdView.as_view(), name="member-household"),
    path("tier-challenges", ChallengesView.as_view(), name="tier-challenges"),
    path("paid-tiers", PaidTiersView.as_view(), name="paid-tiers"),
    path("households", HouseholdsView.as_view(), name="households"),
    path("households/<int:household_id>", OneHouseholdView.as_view(), name="household"),
    path("households/<int:household_id>/invitations", InvitationsView.as_view(), name="household-invitations"),
    path("household-invitations/<int:invitation_id>/accept", AcceptInvitationView.as_view(), name="household-accept"),
    path(
        "household-invitations/<int:invitation_id>/decline", DeclineInvitationView.as_view(), name="household-decline"
    ),
    path("households/<int:household_id>/contributions", ContributionsView.as_view(), name="household-contributions"),
    path("households/<int:household_id>/leave", LeaveView.as_view(), name="household-leave"),
    path("households/<int:household_id>/remove", RemoveView.as_view(), name="household-remove"),
    path("households/<int:household_id>/role", RoleView.as_view(), name="household-role"),
    path("households/<int:household_id>/share", ShareView.as_view(), name="household-share"),
    path("households/<int:household_id>/dissolve", DissolveView.as_view(), name="household-dissolve"),
    path("quotes", QuotesView.as_view(), name="quotes"),
    path("holds", HoldsView.as_view(), name="holds"),
    path("holds/<int:hold_id>", OneHoldView.as_view(), name="hold"),
    path("holds/<int:hold_id>/capture", CaptureView.as_view(), name="hold-capture"),
    path("holds/<int:hold_id>/release", ReleaseView.as_view(), name="hold-release"),
    path("holds/<int:hold_id>/refund", RefundView.as_view(), name="hold-refund"),
    path("purchase-quotes", PurchaseQuotesView.as_view(), name="purchase-quotes"),
    path("purchases", PurchasesView.as_view(), name="purchases"),
    path("purchases/<int:purchase_id>", OnePurchaseView.as_view(), name="purchase"),
    path("purchases/<int:purchase_id>/capture", CapturePurchaseView.as_view(), name="purchase-capture"),
    path("purchases/<int:purchase_id>/cancel", CancelPurchaseView.as_view(), name="purchase-cancel"),
    path("purchases/<int:purchase_id>/refund", RefundPurchaseView.as_view(), name="purchase-refund"),
    path("payment-notices", PaymentNoticesView.as_view(), name="payment-notices"),
    path("webhooks", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<int:webhook_id>", WebhookView.as_view(), name="webhook"),
    path("webhooks/<int:webhook_id>/secret", SecretView.as_view(), name="webhook-secret"),
    path("webhooks/<int:webhook_id>/rotate-secret", RotationView.as_view(), name="webhook-rotation"),
    path("webhooks/<int:webhook_id>/test", TestView.as_view(), name="webhook-test"),
    path("webhooks/<int:webhook_id>/deliveries", DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<int:delivery_id>/send-again", SendAgainView.as_view(), name="send-again"),
    path("operations/<path:key>", OperationView.as_view(), name="operation"),
]

urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    path("problems/<slug:code>", ProblemView.as_view(), name="problem"),
    re_path("", UnknownView.as_view(), name="unknown"),
]
