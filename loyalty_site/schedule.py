"""What runs by itself, and how often. Times shown to people are their programme's own; the schedule is in UTC."""

from typing import Any

HEARTBEAT_SECONDS = 15

# name: the task, and its seconds or crontab. The scheduler copies these to rows that the admin can stop and change.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "worker heartbeat": {"task": "loyalty_site.tasks.beat_heart", "schedule": HEARTBEAT_SECONDS},
    "facts to their subscribers": {"task": "events.tasks.relay", "schedule": 1},
    "webhooks": {"task": "integrations.tasks.deliver_webhooks", "schedule": 1},
    "approved adjustments": {"task": "members.tasks.post_adjustments", "schedule": 2},
    "segments": {"task": "members.tasks.look_at_segments", "schedule": 5},
    "shares of households": {"task": "members.tasks.give_to_households", "schedule": 5},
    "new ladders of tiers": {"task": "members.tasks.review_new_ladders", "schedule": 10},
    "nightly runs": {"task": "ledger.tasks.work_through_the_night", "schedule": 60},
    "old facts": {"task": "events.tasks.forget_old", "schedule": 86_400},
    "old answers and deliveries": {"task": "integrations.tasks.forget_old", "schedule": 86_400},
    "old sign-in tries": {"task": "shops.tasks.forget_attempts", "schedule": 3600},
    "seals of closed days": {"task": "ledger.tasks.seal_closed_days", "schedule": 600},
    "lapsed reservations": {"task": "rewards.tasks.give_back_lapsed", "schedule": 30},
}
