"""rules/asking/priced.yml: what does not fit the rulebook is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.qa.priced.lexicon import Lexicon
from bot.qa.priced.phrases import FILE, read_phrases
from engine.errors import RulesError
from engine.rulebook import Rulebook

BROKEN = [
    (
        "usual_purchases: [on_demand, spot, reserved_1y]",
        "usual_purchases: [on_demand, sport]",
        "usual_purchases: `sport` is not in the rulebook",
    ),
    ("  us-east: {names", "  us-eats: {names", "choices.us-eats: `us-eats` is not in the rulebook. Did you mean `us-east`?"),
    ("      us-east-2: [ohio,", "      us-east-4: [ohio,", "`us-east-4` is not in the rulebook"),
    ("nearest: us-east-2}\n      ca-west-1", "nearest: us-east-5}\n      ca-west-1", "`us-east-5` is not in the rulebook"),
    ("means: [capacity_block]", "means: [capacity]", "`capacity` is not in the rulebook"),
    ("  hot: [hot, standard,", "  hott: [hot, standard,", "`hott` is not in the rulebook"),
    ("other_clouds: [", "other_cloud: [", "unknown key. Did you mean `other_clouds`?"),
]


@pytest.mark.parametrize(("old", "new", "message"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_broken_file_says_what_is_wrong(broken_rules: Callable[..., Path], rulebook: Rulebook, old: str, new: str, message: str) -> None:
    folder = broken_rules((FILE, old, new))
    with pytest.raises(RulesError) as error:
        read_phrases(rulebook, folder)
    assert message in str(error.value)


def test_no_name_of_the_catalogue_means_two_things(rulebook: Rulebook) -> None:
    """A machine, a card and a region are each spelt in a way of their own."""
    lexicon = Lexicon(rulebook, read_phrases(rulebook))
    names = ("instance", "family", "region", "unpriced")
    twice = {
        key: [m for m in meanings if m.kind in names]
        for key, meanings in lexicon.meanings.items()
        if len([m for m in meanings if m.kind in names]) > 1
    }
    assert twice == {}


def test_every_machine_and_card_of_the_catalogue_is_known(rulebook: Rulebook) -> None:
    lexicon = Lexicon(rulebook, read_phrases(rulebook))
    for instance in rulebook.catalogue.instances:
        found = lexicon.find(instance.name.casefold())
        assert [value[1] for each in found for value in each.values("instance")] == [instance.name]
        assert [each.values("family") for each in lexicon.find(instance.family.casefold())] == [[instance.family]]
