"""Why the campaigns' room refuses."""

from kernel.errors import DomainError


class DefinitionInvalid(DomainError):
    """A definition can't be understood. Facts: `pointer` into it, `problem`, `expected`."""

    code = "definition_invalid"


class NothingToPublish(DomainError):
    """The campaign has no draft. Facts: `campaign`."""

    code = "nothing_to_publish"


class DraftChanged(DomainError):
    """
    The draft is not the one that was read: somebody edited, made, published or threw it away since.

    Facts: `campaign`, `edited_by`.
    """

    code = "draft_changed"


class EffectiveInThePast(DomainError):
    """A new version can't change what happened already. Facts: `effective_from`, `earliest`."""

    code = "effective_in_the_past"


class CampaignExists(DomainError):
    """The key is taken. Facts: `key`."""

    code = "campaign_exists"


class VersionUnknown(DomainError):
    """The campaign published no such version. Facts: `campaign`, `version`."""

    code = "version_unknown"
