"""The forms of a rule, one file each: its keys, its meaning, its lowering. A new form is one more file and one line
here.
"""

from __future__ import annotations

from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.forms.chain import ChainModel
from ethics_engine.rules.forms.expectation import ExpectationModel
from ethics_engine.rules.forms.forbid import ForbidModel
from ethics_engine.rules.forms.limit import LimitModel
from ethics_engine.rules.forms.precedence import PrecedenceModel
from ethics_engine.rules.forms.quota import QuotaModel
from ethics_engine.rules.forms.recurrence import RecurrenceModel
from ethics_engine.rules.forms.response import ResponseModel

FORMS: tuple[tuple[tuple[str, ...], type[FormModel]], ...] = (
    (("forbid",), ForbidModel),
    (("limit",), LimitModel),
    (("expect",), ExpectationModel),
    (("sequence",), ChainModel),
    (("require", "before"), PrecedenceModel),
    (("require", "after"), ResponseModel),
    (("require", "every"), RecurrenceModel),
    (("require", "each"), QuotaModel),
)
