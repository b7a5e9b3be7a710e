"""Which missing facts matter: ranked by what they decide, and asked one by one until nothing can change any more."""

from matching.engine.questions.interviews import (
    Asking,
    Interview,
    Question,
    interview,
    next_question,
    open_facts,
    ranked_questions,
)
from matching.engine.questions.ranking import missing_facts

__all__ = [
    "Asking",
    "Interview",
    "Question",
    "interview",
    "missing_facts",
    "next_question",
    "open_facts",
    "ranked_questions",
]
