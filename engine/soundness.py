"""Does the knowledge hold together? Ids that lead somewhere, examples that do what they say, no ties, no gaps.

`load` runs all of it, so that a rulebook that exists is a sound one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations, product

import numpy as np

from engine.case import NO_TRAINING, answers_of, computes_as, parse_answer, parse_field
from engine.catalogue import ARTICLE, CURRENT, fold
from engine.columns import Array
from engine.conditions import Condition, ConditionError, Line, Vocabulary, compile_line, one_case
from engine.decide import settle
from engine.errors import NoRateError, Problems, did_you_mean, echo
from engine.knowledge import Discount, Example, FieldOfWork, Question
from engine.market import STARTER
from engine.rulebook import CompiledRule, Rulebook

Place = Callable[..., int]
NEEDED_ANSWERS = ("footprint", "training", "inference_regions")
NEEDED_FIELDS = (
    "price_book", "region", "accelerator", "gpus", "training_hours_per_month", "interruptible", "endpoints",
    "endpoint_hours_per_month", "endpoint_accelerator", "egress_gb_per_month", "inter_region_gb_per_month",
    "inter_region_hops", "artifact_gb_per_month", "storage_gb", "storage_tier",
)  # fmt: skip
NEEDED_ASSUMPTIONS = (
    "switching_threshold_usd_per_year", "materiality_pct", "off_peak_hours_per_day", "stale_after_days_spot",
    "stale_after_days_list", "stale_after_days_managed", "stale_after_days_reserved", "stale_after_days_rates",
    "article_spot_saving_pct", "article_scale_to_zero_saving_pct", "article_infrequent_storage_saving_pct",
    "article_quick_wins_share_min_pct", "article_quick_wins_share_max_pct",
)  # fmt: skip
PLACEHOLDERS = (
    "matrix_plan", "cheapest_plan", "matrix_usd_per_year", "cheapest_usd_per_year", "materiality_pct", "footprint",
    "switching_threshold_usd_per_year", "saving_usd_per_year",
)  # fmt: skip


def check_soundness(rulebook: Rulebook, place: Place, problems: Problems) -> None:
    """Adds a problem for each thing that does not hold together; a rule that is broken already is not looked into."""
    checker = _Checker(rulebook, place, problems)
    checker.needed_ids()
    checker.questions()
    checker.assumptions()
    if checker.has_needed_ids():
        checker.defaults()
        checker.providers()
    checker.references()
    broken = {(problem.file, problem.line) for problem in problems.found}
    for rule in rulebook.rules:
        if not any(file == rule.file and rule.line <= line <= rule.last_line for file, line in broken):
            checker.rule(rule)
    if not problems:
        checker.ties()
        checker.sheets()
        checker.computed()


def answer_sheets(rulebook: Rulebook) -> dict[str, Array]:
    """Every sheet of answers that can be computed, as columns, in the way the rules see them."""
    options = []
    for question in rulebook.questions:
        known, answers = rulebook.vocabulary[question.id], [computes_as(question, answer) for answer in answers_of(question)]
        options.append(np.array(answers if known.kind == "number" else [known.code(str(answer)) for answer in answers]))
    grid = np.meshgrid(*options, indexing="ij")
    columns: dict[str, Array] = {q.id: column.ravel() for q, column in zip(rulebook.questions, grid, strict=True)}
    nothing = (columns["training"] == rulebook.vocabulary["training"].code(NO_TRAINING)) & (columns["inference_regions"] == 0)
    return {name: column[~nothing] for name, column in columns.items()}


def can_both_hold(one: Condition, other: Condition, vocabulary: Vocabulary) -> bool:
    """Whether some facts make both conditions hold; facts are taken as independent of each other."""
    when, unless = (*one.when, *other.when), (*one.unless, *other.unless)
    facts = {line.fact for line in (*when, *unless)}
    return all(_possible(fact, [w for w in when if w.fact == fact], [u for u in unless if u.fact == fact], vocabulary) for fact in facts)


def _possible(fact: str, when: list[Line], unless: list[Line], vocabulary: Vocabulary) -> bool:
    known = vocabulary[fact]
    if known.kind == "set":
        barred = {code for line in unless for code in line.wanted}
        return all(line.wanted - barred for line in when)
    if known.kind == "number":
        values: Iterable[int | Decimal] = _cuts([*when, *unless])
    else:
        values = range(2 if known.kind == "flag" else len(known.words))
    return any(all(w.allows(v) for w in when) and not any(u.allows(v) for u in unless) for v in values)


def _cuts(lines: list[Line]) -> list[Decimal]:
    """Numbers that stand for every region into which the lines cut the number line."""
    named = {Decimal(v) for line in lines for v in (*line.wanted, *((line.over,) if line.over is not None else ()))}
    return sorted({v + step for v in named for step in (Decimal(-1), Decimal("-0.5"), Decimal(0), Decimal("0.5"), Decimal(1))})


def _in_force_together(one: CompiledRule, other: CompiledRule) -> bool:
    """Whether there is a day on which both rules are in force."""
    first, second = one.written.effective, other.written.effective
    start = max(first.from_, second.from_)
    return all(effective.until is None or start < effective.until for effective in (first, second))


def _change_days(rules: Iterable[CompiledRule]) -> list[date]:
    """The first day of each rule, and the first day after each that is retired."""
    effective = [rule.written.effective for rule in rules]
    return sorted({e.from_ for e in effective} | {e.until for e in effective if e.until})


@dataclass
class _Checker:
    rulebook: Rulebook
    place: Place
    problems: Problems

    def needed_ids(self) -> None:
        self.needed("questions.yml", NEEDED_ANSWERS, self.rulebook.question)
        self.needed("workload.yml", NEEDED_FIELDS, self.rulebook.field)
        self.needed("assumptions.yml", NEEDED_ASSUMPTIONS, self.rulebook.assumptions)
        self.needed("providers.yml", ("on_demand", "spot"), self.rulebook.purchase)
        self.needed("providers.yml", ("hot", "infrequent"), {tier.id for tier in self.rulebook.storage_tiers})
        extra = set(self.rulebook.field) - set(NEEDED_FIELDS) - {p.discount.field for p in self.rulebook.providers if p.discount}
        for name in sorted(extra):
            at = [f.id for f in self.rulebook.fields].index(name)
            self.problem("workload.yml", ("fields", at, "id"), "id", f"{echo(name)} is computed nowhere. Remove it")

    def has_needed_ids(self) -> bool:
        return set(NEEDED_ANSWERS) <= set(self.rulebook.question) and set(NEEDED_FIELDS) <= set(self.rulebook.field)

    def needed(self, file: str, needed: Iterable[str], there: Iterable[str]) -> None:
        for name in sorted(set(needed) - set(there)):
            self.problems.add(file, 0, name, "missing. The cost model needs it")

    def questions(self) -> None:
        for at, question in enumerate(self.rulebook.questions):
            path = ("questions", at)
            if bool(question.answers) == bool(question.whole_number):
                self.problem("questions.yml", (*path, "id"), question.id, "needs either answers or whole_number")
                continue
            self.answers(question, path)
            try:
                skipped = question.if_skipped
                parse_answer(question, int(skipped) if question.whole_number and skipped.isdecimal() else skipped)
            except ValueError as error:
                self.problem("questions.yml", (*path, "if_skipped"), "if_skipped", str(error))

    def answers(self, question: Question, path: tuple[str | int, ...]) -> None:
        ids = [answer.id for answer in question.answers]
        for at, answer in enumerate(question.answers):
            if ids.index(answer.id) != at:
                self.problem("questions.yml", (*path, "answers", at, "id"), "id", f"{echo(answer.id)} is used twice in {question.id}")
            if answer.computes_as is not None and answer.computes_as not in ids:
                text = f"unknown answer {echo(answer.computes_as)}. {did_you_mean(answer.computes_as, ids)}"
                self.problem("questions.yml", (*path, "answers", at, "computes_as"), "computes_as", text)

    def assumptions(self) -> None:
        """Every value lies within the range that a case may give it."""
        for at, assumption in enumerate(self.rulebook.assumptions.values()):
            for day, dated in assumption.values.items():
                low, high = assumption.min, assumption.max
                if (low is not None and dated.value < low) or (high is not None and dated.value > high):
                    path = ("assumptions", at, "values", str(day))
                    self.problem("assumptions.yml", path, assumption.id, f"{dated.value} is outside its own range")

    def defaults(self) -> None:
        for at, field in enumerate(self.rulebook.fields):
            for default in self.written_defaults(field, at):
                try:
                    number = field.kind in ("whole", "number")
                    parse_field(field, Decimal(str(default)) if number else default, self.rulebook)
                except (ValueError, ArithmeticError) as error:
                    self.problem("workload.yml", ("fields", at, "default"), field.id, f"default: {error}")

    def written_defaults(self, field: FieldOfWork, at: int) -> list[str | bool | None]:
        default = field.default
        if default is None and not field.optional:
            self.problem("workload.yml", ("fields", at, "id"), field.id, "needs a default, or `optional: true`")
            return []
        if not isinstance(default, dict):
            return [default]
        before = [*self.rulebook.question, *(earlier.id for earlier in self.rulebook.fields[:at])]
        by = default.get("by", "")
        if by not in before:
            text = f"default: `by:` names an answer or an earlier field, not {echo(by)}. {did_you_mean(by, before)}"
            self.problem("workload.yml", ("fields", at, "default"), field.id, text)
            return []
        words = self.rulebook.vocabulary[by].words
        if not words:
            self.problem("workload.yml", ("fields", at, "default"), field.id, f"default: {echo(by)} has no list of answers to depend on")
            return []
        if set(default) - {"by"} != set(words):
            self.problem("workload.yml", ("fields", at, "default"), field.id, f"default: needs a value for each of {', '.join(words)}")
            return []
        return [value for key, value in default.items() if key != "by"]

    def providers(self) -> None:
        choices = set(self.rulebook.field["region"].choices) if "region" in self.rulebook.field else set()
        for at, provider in enumerate(self.rulebook.providers):
            path = ("providers", at)
            if set(provider.regions) != choices:
                text = f"{provider.id}: needs one region for each of {', '.join(sorted(choices))}"
                self.problem("providers.yml", (*path, "regions"), "regions", text)
            for choice, region in provider.regions.items():
                if region in provider.known_regions:
                    self.rates(path, provider.id, region)
                else:
                    text = f"{provider.id}: unknown {echo(region)}. {did_you_mean(region, provider.known_regions)}"
                    self.problem("providers.yml", (*path, "regions", choice), "regions", text)
            steps = {r.step for r in self.rulebook.catalogue.find_or_borrow("current", provider.id, "endpoint", "")}
            if provider.starter_endpoint not in steps:
                text = f"no endpoint rate for {echo(provider.starter_endpoint)}. {did_you_mean(provider.starter_endpoint, steps)}"
                self.problem("providers.yml", (*path, "starter_endpoint"), "starter_endpoint", text)
            if provider.discount:
                self.discount(provider.discount, path)

    def discount(self, discount: Discount, path: tuple[str | int, ...]) -> None:
        fields = list(self.rulebook.field)
        if discount.field not in fields:
            text = f"unknown field {echo(discount.field)}. {did_you_mean(discount.field, fields)}"
            self.problem("providers.yml", (*path, "discount", "field"), "field", text)
        for name in discount.purchases:
            if name not in self.rulebook.purchase:
                text = f"unknown {echo(name)}. {did_you_mean(name, list(self.rulebook.purchase))}"
                self.problem("providers.yml", (*path, "discount", "purchases"), "purchases", text)

    def rates(self, path: tuple[str | int, ...], provider: str, region: str) -> None:
        catalogue = self.rulebook.catalogue
        for book in (CURRENT, ARTICLE):
            try:
                catalogue.egress(book, provider, region)
                catalogue.inter_region(book, provider, region)
                catalogue.storage(provider, region, "hot")
                catalogue.storage(provider, region, "infrequent")
            except NoRateError as error:
                self.problem("providers.yml", (*path, "regions"), provider, str(error))
        needed = [(CURRENT, "managed_premium:accelerated"), (CURRENT, "managed_premium:starter"), (ARTICLE, "managed_premium")]
        for book, category in needed:
            if not catalogue.find(book, provider, category, ""):
                self.problems.add("catalogue/rates.csv", 0, category, f"no rate for {provider} in the book {book}")
        if not any(r.step == STARTER for r in catalogue.find(ARTICLE, provider, "endpoint", "")):
            self.problems.add("catalogue/rates.csv", 0, "endpoint", f"no starter endpoint for {provider} in the book {ARTICLE}")

    def references(self) -> None:
        names = [accelerator.id for accelerator in self.rulebook.accelerators]
        for at, accelerator in enumerate(self.rulebook.accelerators):
            for number, equivalent in enumerate(accelerator.equivalents):
                if equivalent.accelerator not in names:
                    text = f"unknown accelerator {echo(equivalent.accelerator)}. {did_you_mean(equivalent.accelerator, names)}"
                    self.problem("accelerators.yml", ("accelerators", at, "equivalents", number, "accelerator"), "accelerator", text)
        self.spellings()
        articles = [article.id for article in self.rulebook.articles]
        for at, shown in enumerate(self.rulebook.errata):
            if shown.erratum.article not in articles:
                text = f"unknown article {echo(shown.erratum.article)}. {did_you_mean(shown.erratum.article, articles)}"
                self.problem("errata.yml", ("errata", at, "article"), "article", text)

    def spellings(self) -> None:
        """Each way of writing a card, with or without its memory, means one card."""
        meant = {fold(family): family for family in self.rulebook.catalogue.families}
        for at, accelerator in enumerate(self.rulebook.accelerators):
            for spelling in (accelerator.id, *accelerator.also_called):
                other = meant.setdefault(fold(spelling), accelerator.id)
                if other != accelerator.id:
                    text = f"{echo(spelling)} already means {other}"
                    self.problem("accelerators.yml", ("accelerators", at, "also_called"), accelerator.id, text)

    def rule(self, rule: CompiledRule) -> None:
        self.lean(rule)
        for name in sorted(rule.written.placeholders() - set(PLACEHOLDERS)):
            self.of_rule(rule, "because", f"unknown placeholder {echo('{' + name + '}')}. {did_you_mean(name, PLACEHOLDERS)}")
        effective = rule.written.effective
        if effective.until and effective.until <= effective.from_:
            self.of_rule(rule, "effective", "`until` is not after `from`")
        fires = {example.fires for example in rule.written.examples}
        unconditional = not rule.condition.when and not rule.condition.unless
        if True not in fires or (False not in fires and not unconditional):
            self.of_rule(rule, "examples", "needs one example that fires and one that does not")
        for example in rule.written.examples:
            self.example(rule, example)

    def lean(self, rule: CompiledRule) -> None:
        if rule.decision not in ("training", "inference"):
            return
        names = list(self.rulebook.provider_index)
        if rule.value.provider not in names:
            self.of_rule(rule, "provider", f"unknown {echo(rule.value.provider)}. {did_you_mean(rule.value.provider, names)}")
        if rule.value.purchase is not None and rule.value.purchase not in self.rulebook.purchase:
            known = list(self.rulebook.purchase)
            self.of_rule(rule, "purchase", f"unknown {echo(rule.value.purchase)}. {did_you_mean(rule.value.purchase, known)}")

    def example(self, rule: CompiledRule, example: Example) -> None:
        vocabulary = self.rulebook.vocabulary
        try:
            for fact, test in example.given.items():
                compile_line(fact, test, vocabulary)
                if not isinstance(test, str | bool) and vocabulary[fact].kind != "set":
                    raise ConditionError(f"{echo(fact)} is one value in an example, as in a case")
        except ConditionError as error:
            self.of_rule(rule, "examples", f"{example.name}: {error}")
            return
        fired = bool(rule.condition.holds(one_case(example.given, vocabulary), 1)[0])
        if fired != example.fires:
            does = "fires" if fired else "does not fire"
            self.of_rule(rule, "examples", f"`{example.name}` {does}, but says `fires: {str(example.fires).lower()}`")

    def ties(self) -> None:
        """Two rules that can fire together at equal priority must recommend the same."""
        for one, other in combinations([r for r in self.rulebook.rules if r.decision], 2):
            if (one.decision, one.priority) != (other.decision, other.priority) or one.value == other.value:
                continue
            if not _in_force_together(one, other):
                continue
            if can_both_hold(one.condition, other.condition, self.rulebook.vocabulary):
                text = f"can fire together with {one.id} at the same priority, and they differ. Give one a higher priority"
                self.of_rule(other, "priority", text)

    def sheets(self) -> None:
        """Every sheet of answers gets a layer, and a lean for each part that it has."""
        sheets = answer_sheets(self.rulebook)
        cases = len(sheets["training"])
        trains = sheets["training"] != self.rulebook.vocabulary["training"].code(NO_TRAINING)
        serves = sheets["inference_regions"] > 0
        for decision, needed in (("layer", trains | serves), ("training", trains), ("inference", serves)):
            self.uncovered(decision, sheets, cases, needed)

    def computed(self) -> None:
        """The same for what rests on computed facts: every combination of the flags that its rules test."""
        for decision in ("matrix", "basis", "footprint"):
            lines = [
                line for rule in self.rulebook.rules if rule.decision == decision for line in (*rule.condition.when, *rule.condition.unless)
            ]
            flags = sorted({line.fact for line in lines if line.kind == "flag"})
            rows = np.array(list(product((False, True), repeat=len(flags))), dtype=bool).reshape(-1, len(flags))
            facts = {name: rows[:, at] for at, name in enumerate(flags)}
            needed = facts["leaves_footprint"] if "leaves_footprint" in flags else np.ones(len(rows), dtype=bool)
            self.uncovered(decision, facts, len(rows), needed)

    def uncovered(self, decision: str, facts: dict[str, Array], cases: int, needed: Array) -> None:
        """Names the first day from which some sheet has no rule; the rules begin with the oldest of them."""
        for day in _change_days(self.rulebook.rules):
            rules = self.rulebook.rules_for(decision, day)
            missing = np.flatnonzero((settle(rules, facts, cases) < 0) & needed)
            if len(missing):
                sheet = ", ".join(f"{name}: {self.word(name, column[missing[0]])}" for name, column in facts.items())
                of_decision = [rule for rule in self.rulebook.rules if rule.decision == decision]
                file, line = (of_decision[0].file, of_decision[0].line) if of_decision else ("decision", 0)
                text = f"from {day} no rule answers {len(missing)} of {cases} sheets, such as {sheet or 'any'}"
                self.problems.add(file, line, decision, text)
                return

    def word(self, name: str, value: int) -> str:
        known = self.rulebook.vocabulary[name]
        return known.words[value] if known.kind == "word" else str(value).lower()

    def of_rule(self, rule: CompiledRule, field: str, text: str) -> None:
        self.problems.add(rule.file, rule.line, field, f"{rule.id}: {text}")

    def problem(self, file: str, path: tuple[str | int, ...], field: str, text: str) -> None:
        self.problems.add(file, self.place(file, *path), field, text)
