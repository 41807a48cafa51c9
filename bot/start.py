"""Put the parts together, and refuse to start when one of them is wrong (fail closed)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot import log
from bot.answers.catalogue import load_catalogue, read_mapping
from bot.answers.phrases import load_phrases
from bot.answers.reply import FALLBACK_POINTERS, Answers, Plan
from bot.conversation import Assistant
from bot.counts.campaigns import load_campaigns
from bot.counts.known import Known
from bot.counts.recorder import NoRecorder, Recorder
from bot.engine.import_guard import import_rasa
from bot.errors import StartError
from bot.settings import Settings
from bot.understanding.reading import Reader
from bot.understanding.routes import ROUTES
from bot.understanding.safety import Lexicon
from bot.understanding.thresholds import load_thresholds


def load_answers(data: Path) -> Answers:
    """The catalogue and the phrases. Raises StartError for anything wrong in their files."""
    catalogue = load_catalogue(data / "catalogue")
    missing = [id for id in FALLBACK_POINTERS if id not in catalogue]
    if missing:
        raise StartError(f"{data / 'catalogue'}: has no {', '.join(missing)}, which every error answer needs")
    languages = [load_phrases(path) for path in sorted((data / "phrases").glob("*.yml"))]
    by_code = {phrases.language: phrases for phrases in languages}
    if "en" not in by_code:
        raise StartError(f"{data / 'phrases'}: has no English")
    return Answers(catalogue, by_code)


def rules_by_route(data: Path) -> dict[str, str]:
    """The sentence that names the rule of each intent. Raises StartError for a rule that is not one intent's."""
    found: dict[str, str] = {}
    for path in sorted((data / "rules").glob("*.yml")):
        rules = read_mapping(path).get("rules")
        for rule in rules if isinstance(rules, list) else []:
            steps = rule.get("steps") or [{}]
            intent = steps[0].get("intent")
            if not intent or intent in found:
                raise StartError(f"{path}: the rule {rule.get('rule')!r} begins with no intent, or another rule has it")
            found[intent] = rule["rule"]
    return found


def load_assistant(
    settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), shortcuts: bool = True
) -> Assistant:
    """Everything that answers, from the files to a ready assistant.

    Raises:
        StartError: one line on what is wrong: a file, an entry, a missing model, a route without a rule or an answer.
    """
    log.configure()
    answers = load_answers(settings.data)
    rules = rules_by_route(settings.data)
    lexicon = Lexicon(settings.data / "lexicon")
    unruled = [route for route in ROUTES if route not in rules]
    if unruled:
        raise StartError(f"{settings.data / 'rules'}: no rule for {', '.join(unruled)}")
    import_rasa()
    # What imports Rasa can only be imported behind the guard.
    from bot.engine.agent import Engine
    from bot.engine.tracker_store import ConversationStore

    store = ConversationStore(
        limit=settings.max_conversations, idle=60.0 * settings.idle_minutes, lifetime=60.0 * settings.lifetime_minutes
    )
    engine = Engine(settings.model, store, shortcuts=shortcuts)
    for name, plan in engine.plans_by_answer.items():
        check_plan(name, plan, answers)
    campaigns = load_campaigns(settings.data / "campaigns")
    reader = Reader(lexicon, engine.shares, load_thresholds(settings.data / "thresholds.yml"))
    return Assistant(
        store=store, engine=engine, reader=reader, answers=answers, rules=rules, campaigns=frozenset(campaigns), now=now
    )


def make_recorder(settings: Settings, answers: Answers) -> NoRecorder:
    """What counts, started; one that does nothing where counting is turned off. Raises StartError for its database."""
    if not settings.database:
        return NoRecorder()
    campaigns = load_campaigns(settings.data / "campaigns")
    areas = {code: campaign.area for code, campaign in campaigns.items()}
    recorder = Recorder(
        settings.database,
        Known(areas, frozenset(answers.languages), frozenset(answers.catalogue)),
        months_after_weeks=settings.months_after_weeks,
        half_years_after_months=settings.half_years_after_months,
    )
    recorder.start()
    return recorder


def check_plan(name: str, plan: Plan, answers: Answers) -> None:
    """Whether everything that a plan names exists in every language. Raises StartError with the id that doesn't."""
    for phrases in answers.languages.values():
        for id in plan.say:
            try:
                phrases.reply(id, answers.catalogue)
            except KeyError as error:
                raise StartError(f"{name}: says {id!r}, which data/phrases/{phrases.language}.yml lacks") from error
        for id in plan.offer:
            if id not in phrases.choices:
                raise StartError(f"{name}: offers {id!r}, which data/phrases/{phrases.language}.yml has no label for")
    for id in plan.point_to:
        if id not in answers.catalogue:
            raise StartError(f"{name}: points to {id!r}, which is not in the catalogue")
