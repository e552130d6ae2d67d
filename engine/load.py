"""rules/ -> Rulebook, or every problem with file, line, field and the way to mend it. The only reader of rules/."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.conditions import Condition, ConditionError, Line, Vocabulary, compile_line
from engine.errors import Problems, RulesError, did_you_mean, echo
from engine.knowledge import (
    Accelerators,
    Assumptions,
    Errata,
    Lines,
    Phrases,
    Providers,
    Question,
    Questions,
    Rule,
    Rules,
    Workload,
)
from engine.phrases import check_phrases
from engine.rulebook import (
    CompiledRule,
    Rulebook,
    ShownErratum,
    computed_facts,
    known_at,
    plans_of,
    rule_vocabulary,
    said,
    step_of,
    vocabulary,
)
from engine.soundness import check_soundness
from engine.tables import Known, read_catalogue
from engine.written import Written

RULES_FOLDER = Path(__file__).resolve().parent.parent / "rules"
_FILES: dict[str, type[BaseModel]] = {
    "questions.yml": Questions,
    "workload.yml": Workload,
    "assumptions.yml": Assumptions,
    "providers.yml": Providers,
    "accelerators.yml": Accelerators,
    "errata.yml": Errata,
    "phrases.yml": Phrases,
}
_TABLES = ("catalogue/instances.csv", "catalogue/prices.csv", "catalogue/rates.csv")
_DECISION_FOLDER = "decision"
_READ_ELSEWHERE = ("example_case.yml", "dimensions.yml")


def load_rulebook(folder: Path = RULES_FOLDER) -> Rulebook:
    """Reads and checks everything under the folder. Raises RulesError with every problem found.

    What rests on a file that cannot be read is checked once that file can.
    """
    problems = Problems()
    files = _read_files(folder, problems)
    written = Written(files, problems)
    models = {name: written.read(name, model) for name, model in _FILES.items() if name in files}
    decisions = {name: written.read(name, Rules) for name in sorted(files) if name.startswith(_DECISION_FOLDER)}
    rulebook = _Compiler(written, models, decisions, files, problems).rulebook()
    if rulebook is not None:
        check_soundness(rulebook, written.place, problems)
    if problems or rulebook is None:
        raise RulesError(problems.found)
    return rulebook


def _read_files(folder: Path, problems: Problems) -> dict[str, bytes]:
    rules = sorted((folder / _DECISION_FOLDER).iterdir()) if (folder / _DECISION_FOLDER).is_dir() else []
    names = [*_FILES, *_TABLES]
    for path in sorted(folder.glob("*.y*ml")):
        if path.name not in (*_FILES, *_READ_ELSEWHERE):
            problems.add(path.name, 0, "", f"is not read. {did_you_mean(path.name, list(_FILES), 'Files')}")
    for path in rules:
        name = f"{_DECISION_FOLDER}/{path.name}"
        if path.suffix == ".yml":
            names.append(name)
        else:
            problems.add(name, 0, "", "is not read. Rule files end in .yml")
    if not any(name.startswith(_DECISION_FOLDER) for name in names):
        problems.add(_DECISION_FOLDER, 0, "", "has no rule file. Put one there")
    files: dict[str, bytes] = {}
    for name in names:
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            problems.add(name, 0, "", f"cannot be read: {error.strerror}")
    return files


@dataclass
class _Compiler:
    """Models -> Rulebook: ids that lead somewhere, conditions ready to be tested."""

    written: Written
    models: MappingType[str, Any]
    decisions: MappingType[str, Any]
    files: dict[str, bytes]
    problems: Problems
    computed: MappingType[str, Any] = field(default_factory=dict)

    def rulebook(self) -> Rulebook | None:
        """The rulebook, or None where a file that the rest is built on is missing or broken."""
        self.unique_ids()
        offers, cards = self.models.get("providers.yml"), self.models.get("accelerators.yml")
        if offers is None or cards is None:
            return None
        accelerators = tuple(cards.accelerators)
        known = Known(tuple(offers.providers), tuple(offers.purchases), tuple(offers.storage_tiers), accelerators)
        catalogue = read_catalogue(self.files, known, self.problems)
        asked, work, assumed, errata = (self.models.get(f"{n}.yml") for n in ("questions", "workload", "assumptions", "errata"))
        if asked is None:
            return None
        questions = tuple(asked.questions)
        self.computed = computed_facts(known.providers, known.purchases)
        rules = self.rules(rule_vocabulary(questions, known.providers, known.purchases))
        if work is None or any(table not in self.files for table in _TABLES):
            return None
        fields = tuple(work.fields)
        facts = vocabulary(questions, fields, known.providers, known.purchases, catalogue.families)
        shown = self.errata(said(facts)) if errata else []
        facts_said = said(facts)
        matters = {f.id: self.field_condition(number, facts_said) for number, f in enumerate(fields)}
        discounts = tuple(self.discount(number, facts_said) for number in range(len(known.providers)))
        purchases = tuple(self.purchase(number, facts_said) for number in range(len(known.purchases)))
        phrases = self.phrases(questions)
        if assumed is None or errata is None or phrases is None or None in self.decisions.values():
            return None
        return Rulebook(
            questions=questions,
            fields=fields,
            field_matters=matters,
            assumptions={a.id: a for a in assumed.assumptions},
            not_counted=tuple(assumed.not_counted),
            rules=tuple(rules),
            providers=known.providers,
            discount_conditions=discounts,
            purchases=known.purchases,
            purchase_conditions=purchases,
            storage_tiers=known.tiers,
            accelerators=accelerators,
            articles=tuple(errata.articles),
            errata=tuple(shown),
            phrases=phrases,
            catalogue=catalogue,
            vocabulary=facts,
            version=self.version_of(self.files),
            prices_version=self.version_of(_TABLES),
        )

    def version_of(self, names: Iterable[str]) -> str:
        digest = hashlib.sha256()
        for name in sorted(names):
            digest.update(name.encode() + b"\0" + self.files[name] + b"\0")
        return digest.hexdigest()[:12]

    def unique_ids(self) -> None:
        lists = [
            ("questions.yml", "questions"), ("workload.yml", "fields"), ("assumptions.yml", "assumptions"),
            ("providers.yml", "providers"), ("providers.yml", "purchases"), ("providers.yml", "storage_tiers"),
            ("accelerators.yml", "accelerators"), ("errata.yml", "articles"), ("errata.yml", "errata"),
        ]  # fmt: skip
        for file, key in lists:
            if self.models.get(file) is not None:
                self.unique(file, key, [entry.id for entry in getattr(self.models[file], key)], {})
        seen: dict[str, str] = {}
        for file, rules in self.decisions.items():
            if rules is not None:
                self.unique(file, "rules", [rule.id for rule in rules.rules], seen)

    def unique(self, file: str, key: str, ids: list[str], seen: dict[str, str]) -> None:
        for at, name in enumerate(ids):
            if name in seen:
                line = self.written.place(file, key, at, "id")
                self.problems.add(file, line, "id", f"{echo(name)} is used in {seen[name]} already. Choose another")
            seen.setdefault(name, file)

    def rules(self, facts: Vocabulary) -> list[CompiledRule]:
        readable = ((file, rules.rules) for file, rules in self.decisions.items() if rules is not None)
        return [self.rule(file, at, rule, facts) for file, rules in readable for at, rule in enumerate(rules)]

    def rule(self, file: str, at: int, rule: Rule, facts: Vocabulary) -> CompiledRule:
        path = (file, "rules", at)
        condition = self.condition(path, rule.when, rule.unless, known_at(step_of(rule), facts))
        line = self.written.place(file, "rules", at, "id")
        last = self.written.place(file, "rules", at + 1) - 1 if at + 1 < len(self.decisions[file].rules) else 10**9
        span: Any = {"file": file, "line": line, "last_line": last}
        actions = [name for name in ("recommend", "exclude", "caution") if getattr(rule, name) is not None]
        if len(actions) != 1:
            self.problems.add(file, line, rule.id, "needs exactly one of recommend, exclude and caution")
            return CompiledRule(rule, condition, **span)
        if (rule.priority is None) == (rule.recommend is not None):
            self.problems.add(file, line, "priority", f"{rule.id}: a rule that recommends needs one, and no other may have it")
        settles = rule.recommend.settles() if rule.recommend else []
        if rule.recommend and len(settles) != 1:
            self.problems.add(file, line, "recommend", f"{rule.id}: settles {len(settles)} decisions. It must settle exactly one")
            return CompiledRule(rule, condition, **span)
        excludes = tuple(self.plan(file, at, name) for name in rule.exclude or [])
        decision = settles[0] if settles else ""
        value = getattr(rule.recommend, decision) if decision else None
        return CompiledRule(rule, condition, decision, value, excludes, **span)

    def plan(self, file: str, at: int, name: str) -> int:
        ids = [plan.id for plan in plans_of(tuple(self.models["providers.yml"].providers))]
        line = self.written.place(file, "rules", at, "exclude")
        if name in [provider.id for provider in self.models["providers.yml"].providers]:
            self.problems.add(
                file, line, "exclude", f"{echo(name)} is a single-cloud plan, which is always allowed. Only splits are excluded"
            )
        if name in ids:
            return ids.index(name)
        self.problems.add(file, line, "exclude", f"unknown plan {echo(name)}. {did_you_mean(name, ids)}")
        return 0

    def condition(self, path: tuple[str | int, ...], when: Lines, unless: Lines, facts: Vocabulary) -> Condition:
        return Condition(self.lines(path, "when", when, facts), self.lines(path, "unless", unless, facts))

    def lines(self, path: tuple[str | int, ...], part: str, tests: Lines, facts: Vocabulary) -> tuple[Line, ...]:
        compiled = []
        for fact, test in tests.items():
            try:
                compiled.append(compile_line(fact, test, facts, self.computed))
            except ConditionError as error:
                file, *steps = path
                self.problems.add(str(file), self.written.place(str(file), *steps, part, fact), part, str(error))
        return tuple(compiled)

    def field_condition(self, at: int, facts: Vocabulary) -> Condition:
        matters = self.models["workload.yml"].fields[at].matters
        return self.condition(("workload.yml", "fields", at, "matters"), matters.when, matters.unless, facts)

    def discount(self, at: int, facts: Vocabulary) -> Condition | None:
        discount = self.models["providers.yml"].providers[at].discount
        if discount is None:
            return None
        return self.condition(("providers.yml", "providers", at, "discount"), discount.when, {}, facts)

    def purchase(self, at: int, facts: Vocabulary) -> Condition | None:
        when = self.models["providers.yml"].purchases[at].when
        return None if when is None else self.condition(("providers.yml", "purchases", at), when, {}, facts)

    def phrases(self, questions: tuple[Question, ...]) -> Phrases | None:
        phrases: Phrases | None = self.models.get("phrases.yml")
        if phrases is not None:
            check_phrases(phrases, questions, self.written.place, self.problems)
        return phrases

    def errata(self, facts: Vocabulary) -> list[ShownErratum]:
        shown = []
        for at, erratum in enumerate(self.models["errata.yml"].errata):
            path = ("errata.yml", "errata", at, "show")
            show = erratum.show
            shown.append(ShownErratum(erratum, self.condition(path, show.when, show.unless, facts) if show else None))
        return shown
