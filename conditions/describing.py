"""The words of a vocabulary with all that can be asked of them: what a builder of conditions is made of."""

from typing import Any

from conditions.operators import OPERATORS
from conditions.past import MEASURED, MOST, PERIODS, Measure
from conditions.tree import SUMMED, Which
from conditions.vocabulary import Field, Past, Vocabulary


def words_of(vocabulary: Vocabulary) -> dict[str, Any]:
    """
    Fields, collections and pasts as plain JSON, in the order of their names; labels in the reader's language.

    A field has its `type`, its operators and its choices; things and pasts have the words of one of them in `items`.
    """
    return {
        "fields": [_field(field) for name in vocabulary.names() if (field := vocabulary.get(name))],
        "collections": [
            {
                "name": found.name,
                "label": str(found.label),
                "plural": str(found.plural),
                "which": [which.value for which in Which],
                "items": words_of(found.items),
            }
            for name in vocabulary.collections()
            if (found := vocabulary.collection(name))
        ],
        "pasts": [_past(past) for name in vocabulary.pasts() if (past := vocabulary.past(name))],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": str(field.label),
        "type": field.type.value,
        "ops": [op.value for op in OPERATORS[field.type]],
        "choices": [[value, str(label)] for value, label in field.choices],
        "summed": field.type in SUMMED,
    }


def _past(past: Past) -> dict[str, Any]:
    return {
        "name": past.name,
        "label": str(past.label),
        "plural": str(past.plural),
        "measures": [measure.value for measure in Measure],
        "measured": sorted(measure.value for measure in MEASURED),
        "units": list(MOST),
        "periods": list(PERIODS),
        "items": words_of(past.items),
    }
