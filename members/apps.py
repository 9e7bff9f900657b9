"""Registers the room with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        # Models can only be imported now.
        from events import outbox
        from ledger import birth_months
        from members import nightly, queries, vocabulary
        from members.attributes import words
        from members.households import automatic
        from members.segments import keeping
        from members.tiers import automatic as tiers
        from members.tiers import earned_points
        from members.tiers import words as tier_words

        vocabulary.declare()
        words.declare()
        tier_words.declare()

        nightly.register()
        tiers.register()
        earned_points.register()
        birth_months.known_by(queries.birth_months)

        keeping.register()
        outbox.subscribe("members", automatic.on_events)
        outbox.subscribe("segments", keeping.on_events)
        outbox.subscribe("tiers", tiers.on_events)
