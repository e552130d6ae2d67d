"""The shipped rules do what they say, and what section 4 of the specification says, restated here on its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product

import pytest

from engine.conditions import one_case
from engine.knowledge import Example, Lean, Test
from engine.load import load_rulebook
from engine.rulebook import CompiledRule, Rulebook

Given = Mapping[str, object]
EXAMPLES = [(rule, example) for rule in load_rulebook().rules for example in rule.written.examples]


def holds(test: Test, value: object) -> bool:
    """One line of a rule, read as the style page describes it; nothing of the engine's own reading is used."""
    if isinstance(test, dict):
        return isinstance(value, str) and int(value) > int(test["over"])
    wanted = test if isinstance(test, list) else [test]
    actual = value if isinstance(value, list) else [value]
    return any(each in wanted for each in actual)


def fires(rule: CompiledRule, given: Given) -> bool:
    def line(fact: str, test: Test) -> bool:
        return fact in given and holds(test, given[fact])

    return all(line(f, t) for f, t in rule.written.when.items()) and not any(line(f, t) for f, t in rule.written.unless.items())


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{rule.id}: {example.name}" for rule, example in EXAMPLES])
def test_each_example_does_what_it_says(rule: CompiledRule, example: Example, rulebook: Rulebook) -> None:
    assert fires(rule, example.given) is example.fires
    assert bool(rule.condition.holds(one_case(example.given, rulebook.vocabulary), 1)[0]) is example.fires


def test_every_rule_that_can_stay_silent_shows_both(rulebook: Rulebook) -> None:
    for rule in rulebook.rules:
        shown = {example.fires for example in rule.written.examples}
        assert shown == ({True, False} if rule.written.when or rule.written.unless else {True}), rule.id


def test_every_rule_has_a_reason_and_a_source(rulebook: Rulebook, today: date) -> None:
    for rule in rulebook.rules:
        assert rule.written.because.strip().endswith("."), rule.id
        assert all(source.title.strip() and source.publisher.strip() for source in rule.written.sources), rule.id
        assert all(source.as_of <= today for source in rule.written.sources), rule.id
        assert rule.in_force(today), rule.id


def test_no_rule_holds_an_amount_or_an_instance(rulebook: Rulebook) -> None:
    names = {instance.name for instance in rulebook.catalogue.instances}
    for rule in rulebook.rules:
        assert "$" not in rule.written.because
        assert not [name for name in names if name in rule.written.because]


def test_every_erratum_belongs_to_an_article(rulebook: Rulebook) -> None:
    articles = {article.id for article in rulebook.articles}
    assert [shown.erratum.id for shown in rulebook.errata if shown.erratum.article not in articles] == []
    assert articles == {shown.erratum.article for shown in rulebook.errata}


def test_every_erratum_says_what_was_claimed_and_what_was_found(rulebook: Rulebook, today: date) -> None:
    for shown in rulebook.errata:
        assert shown.erratum.says.strip()
        assert shown.erratum.checked.strip()
        assert shown.erratum.about
        assert shown.erratum.source.as_of <= today


def test_the_five_questions_are_asked_in_the_order_of_the_specification(rulebook: Rulebook) -> None:
    assert {q.id: tuple(sorted(a.id for a in q.answers)) for q in rulebook.questions} == {
        "footprint": ("aws", "azure", "both", "none"),
        "training": ("continuous", "none", "sporadic"),
        "microsoft_ea": ("no", "unsure", "yes"),
        "inference_regions": (),
        "mlops_capacity": ("no", "yes"),
    }
    order = ["footprint", "training", "microsoft_ea", "inference_regions", "mlops_capacity"]
    assert [question.id for question in rulebook.questions] == order


def test_every_question_has_its_words(rulebook: Rulebook) -> None:
    for question in rulebook.questions:
        assert question.ask.endswith("?")
        for text in (question.why_asked, question.help, question.if_skipped_because):
            assert text.strip().endswith("."), question.id
        names = [answer.name for answer in question.answers]
        assert all(name.strip() for name in names)
        assert len(names) == len(set(names))


def test_every_field_of_the_workload_has_its_words(rulebook: Rulebook) -> None:
    for field in rulebook.fields:
        assert field.name.strip()
        assert field.help.strip()


# --- The matrix: steps 1 to 3 -------------------------------------------------------------------------------------

FOOTPRINTS = ("none", "aws", "azure", "both")
REGIONS = range(61)

LAYER = {"no": "managed", "yes": "raw"}
LEAN_FOR_TRAINING = {
    "continuous": Lean(provider="aws", purchase="reserved_1y"),
    "sporadic": Lean(provider="azure", purchase="spot"),
    "none": None,
}


def reasons_for_azure(agreement: str, regions: int) -> int:
    """How many reasons serving has to lean to Azure: always one, more than three regions, an agreement."""
    return 0 if regions == 0 else 1 + (regions > 3) + (agreement == "yes")


def fired(rulebook: Rulebook, decision: str, given: Given, today: date) -> list[CompiledRule]:
    facts = one_case(given, rulebook.vocabulary)
    return [rule for rule in rulebook.rules_for(decision, today) if rule.condition.holds(facts, 1)[0]]


def settled(rulebook: Rulebook, decision: str, given: Given, today: date) -> object:
    found = fired(rulebook, decision, given, today)
    return max(found, key=lambda rule: rule.priority).value if found else None


# Regions on both sides of every bound; all 61 are taken in the next test.
SHEETS = [
    (f, t, ea, r, q)
    for f, t, ea, r, q in product(FOOTPRINTS, LEAN_FOR_TRAINING, ("yes", "no"), (0, 1, 3, 4, 60), LAYER)
    if t != "none" or r
]


def test_every_sheet_of_answers_leans_as_the_matrix_does(rulebook: Rulebook, today: date) -> None:
    for footprint, training, agreement, regions, capacity in SHEETS:
        given = {
            "footprint": footprint,
            "training": training,
            "microsoft_ea": agreement,
            "inference_regions": regions,
            "mlops_capacity": capacity,
        }
        assert settled(rulebook, "layer", given, today) == LAYER[capacity], given
        assert settled(rulebook, "training", given, today) == LEAN_FOR_TRAINING[training], given
        reasons = fired(rulebook, "inference", given, today)
        assert len(reasons) == reasons_for_azure(agreement, regions), given
        assert all(rule.value.provider == "azure" for rule in reasons), given


def test_only_more_than_three_regions_are_a_reason_of_their_own(rulebook: Rulebook, today: date) -> None:
    counted = [len(fired(rulebook, "inference", {"microsoft_ea": "no", "inference_regions": r}, today)) for r in REGIONS]
    assert counted == [0, 1, 1, 1] + [2] * 57


# --- Steps 4 to 8 -------------------------------------------------------------------------------------------------

HYBRIDS = ("hybrid-aws-azure", "hybrid-azure-aws")


def allowed_by_the_specification(plan: str, footprint: str, agreement: str, material: list[str], on_spot: list[str], single: bool) -> bool:
    """Step 4, for a hybrid that exists."""
    if not single:
        return True
    if plan not in material:
        return False
    return footprint == "both" or (plan == "hybrid-aws-azure" and agreement == "yes" and plan in on_spot)


SUBSETS: tuple[list[str], ...] = ([], [HYBRIDS[0]], [HYBRIDS[1]], list(HYBRIDS))


def test_a_hybrid_is_allowed_exactly_where_the_specification_allows_it(rulebook: Rulebook, today: date) -> None:
    for footprint, agreement, material, on_spot, single in product(FOOTPRINTS, ("yes", "no"), SUBSETS, SUBSETS, (True, False)):
        given = {
            "footprint": footprint,
            "microsoft_ea": agreement,
            "material_hybrids": material,
            "plans_trained_on_spot": on_spot,
            "single_cloud_plan_exists": single,
        }
        facts = one_case(given, rulebook.vocabulary)
        excluded = {
            rulebook.plans[plan].id
            for rule in rulebook.rules
            if rule.in_force(today) and rule.condition.holds(facts, 1)[0]
            for plan in rule.excludes
        }
        allowed = {plan for plan in HYBRIDS if allowed_by_the_specification(plan, footprint, agreement, material, on_spot, single)}
        assert excluded == set(HYBRIDS) - allowed, given


def test_no_rule_ever_excludes_a_single_cloud(rulebook: Rulebook) -> None:
    single = {at for at, plan in enumerate(rulebook.plans) if plan.single}
    assert [rule.id for rule in rulebook.rules if single & set(rule.excludes)] == []


MATRIX_PLAN = {
    # (the joined leans are allowed, a cloud leaned to exists, any single cloud exists): step 5
    (True, True, True): "joined_leans",
    (True, False, False): "joined_leans",
    (False, True, True): "cheaper_lean",
    (False, False, True): "cheapest_single_cloud",
    (False, False, False): "cheapest_allowed",
}


@pytest.mark.parametrize(("flags", "choice"), MATRIX_PLAN.items(), ids=[f"{c}, {f}" for f, c in MATRIX_PLAN.items()])
def test_the_plan_of_the_matrix_is_found_in_the_order_of_the_specification(
    flags: tuple[bool, bool, bool], choice: str, rulebook: Rulebook, today: date
) -> None:
    names = ("joined_leans_allowed", "leaned_single_cloud_exists", "single_cloud_plan_exists")
    assert settled(rulebook, "matrix", dict(zip(names, flags, strict=True)), today) == choice


@pytest.mark.parametrize(("dearer", "basis"), [(True, "numbers"), (False, "matrix")])
def test_the_numbers_overrule_only_a_matrix_that_is_materially_dearer(dearer: bool, basis: str, rulebook: Rulebook, today: date) -> None:
    assert settled(rulebook, "basis", {"matrix_materially_dearer": dearer}, today) == basis


LEAVING = {(True, False): "stay", (True, True): "move", (False, False): None, (False, True): None}


@pytest.mark.parametrize(("leaves", "enough", "footprint"), [(*key, value) for key, value in LEAVING.items()])
def test_a_footprint_is_left_only_for_more_than_the_threshold(
    leaves: bool, enough: bool, footprint: str | None, rulebook: Rulebook, today: date
) -> None:
    given = {"leaves_footprint": leaves, "leaving_saves_more_than_threshold": enough}
    assert settled(rulebook, "footprint", given, today) == footprint
