"""`/whichcloud` and its words: what the person reads who typed them, and that nobody else does."""

from __future__ import annotations

import pytest

from tests.bot.slack.harness import Bot, action_ids, texts

CELLS = [  # 100 GB are free, off the first step of 10,240 GB; the rest of 20,000 is 9,760 GB
    ["internet egress, first 10 TB", "10,140 GB", "$0.09", "$912.60"],
    ["internet egress, next 40 TB", "9,760 GB", "$0.085", "$829.60"],
    ["Total", "–", "–", "$1,742.20"],
]


def cells(bot: Bot, user: str, channel: str) -> list[list[str]]:
    """The table of the newest message that only this person sees."""
    message = [m for m in bot.slack.world.messages[channel] if m.ephemeral_to == user][-1]
    table = next(block for block in message.blocks if block["type"] == "table")
    return [[texts(cell) for cell in row] for row in table["rows"]]


# -- help --------------------------------------------------------------------------------------------------------------


def test_help_lists_every_word_and_begins_nothing(shared: Bot) -> None:
    bo, channel = shared.person("bo"), shared.channel("general")
    said = shared.asked(bo, channel, "help")
    for word in ("quick", "prices A100", "cost egress", "history", "settings", "forget me"):
        assert f"`/whichcloud {word}" in said
    assert "Traceback" not in said
    assert shared.told(shared.person("alex"), channel) == []
    assert not [m for m in shared.top(channel, bo) if not m.ephemeral_to]


@pytest.mark.parametrize(
    ("typed", "first_line"),
    [
        ("prises A100", "I do not know `prises`. Did you mean `prices`?"),
        ("HELPP", "I do not know `HELPP`. Did you mean `help`?"),
        ("setting", "I do not know `setting`. Did you mean `settings`?"),
        ("xyzzy", "I do not know `xyzzy`."),
        ("<!channel>", "I do not know `&lt;!channel&gt;`."),
        ("`rm`", "I do not know `'rm'`."),
        ("x" * 500, f"I do not know `{'x' * 39}…`."),
    ],
)
def test_an_unknown_word_gets_help_with_the_nearest(typed: str, first_line: str, shared: Bot) -> None:
    said = shared.asked(shared.person("bo"), shared.channel("general"), typed)
    assert said.splitlines()[0] == first_line
    assert "`/whichcloud quick`" in said


@pytest.mark.parametrize("typed", ["HELP", "  help  ", "Help me please"])
def test_words_are_known_in_any_case(typed: str, shared: Bot) -> None:
    assert shared.asked(shared.person("bo"), shared.channel("general"), typed).startswith("*whichcloud compares")


def test_help_in_a_channel_where_the_bot_is_no_member(shared: Bot) -> None:
    assert shared.asked(shared.person("dana"), shared.channel("finops"), "help").startswith("*whichcloud compares")


# -- prices ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["prices A100", "Prices a100", "prices A100 us-east", "prices --region us-east A100"])
def test_prices_of_a_card_stand_beside_each_other(typed: str, shared: Bot) -> None:
    said = shared.asked(shared.person("alex"), shared.channel("general"), typed)
    assert said.startswith("*The cheapest of each cloud in us-east, active machines only*")
    assert "$2.7447 (A100, p4d.24xlarge" in said
    assert "*Every price of A100 in us-east*" in said
    assert ["AWS", "p4d.24xlarge", "8", "on demand", "$21.957642", "$2.7447", "2026-10-13"] in [
        row[:7] for row in cells(shared, shared.person("alex"), shared.channel("general"))
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("prices Z999", "`Z999` is no accelerator of the catalogue. Known: A10-24GB"),
        ("prices A100 H100 T4", "is no accelerator. Ask for one, such as: prices "),
        ("prices <!channel>", "`&lt;!channel&gt;` is no accelerator of the catalogue."),
    ],
)
def test_a_card_that_nobody_knows_is_said_in_words(typed: str, said: str, shared: Bot) -> None:
    assert said in shared.asked(shared.person("alex"), shared.channel("general"), typed)


def test_prices_without_a_card_are_the_cheapest_of_all(shared: Bot) -> None:
    said = shared.asked(shared.person("alex"), shared.channel("general"), "prices")
    assert said.startswith("*The cheapest of each cloud in us-east, active machines only*")
    assert "Every price" not in said


# -- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "cost egress --from aws:us-east-1 --gb 20000",
        "cost egress —from aws:us-east-1 —gb 20000",
        "cost egress –from aws:us-east-1 –gb 20,000",
        "COST Egress --gb=20000 --from=aws:us-east-1",
        "cost egress --from “aws:us-east-1” --gb 20000",
    ],
)
def test_a_calculation_shows_each_step_and_the_total(typed: str, shared: Bot) -> None:
    alex, channel = shared.person("alex"), shared.channel("general")
    shared.asked(alex, channel, typed)
    assert [row[:4] for row in cells(shared, alex, channel)][2:] == CELLS


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cost", "Say what to price, such as: cost egress --from aws:us-east-1 --gb 20000. I know egress, transfer, storage,"),
        ("cost egres --gb 5", "`egres` is no question of the calculator. Did you mean `egress`?"),
        ("cost egress", "Missing option '--gb'. Ask as: cost egress --from … --gb …"),
        ("cost egress --from aws:us-east-1 --gb lots", "Invalid value for '--gb': `lots` is not accepted. Give a number from 0 to 1,000,"),
        ("cost egress --from aws:nowhere --gb 5", "`nowhere` is no region of aws in the catalogue. Known: af-south-1"),
        ("cost egress --from mars --gb 5", "`mars` is not a place. Write it like aws:us-east-1."),
        ("cost egress --from aws:us-east-1 --gb 5 --rules /etc", "No such option '--rules'."),
        ("cost egress --from aws:us-east-1 --gb 5 --format json", "No such option '--format'."),
        ("cost egress --help", "No such option '--help'. Ask as: cost egress --from … --gb …"),
        ("cost --help", "`--help` is no question of the calculator."),
        ("cost egress --from aws:us-east-1 --gb 5 and more", "Got unexpected extra arguments"),
        ("cost compute --at aws:us-east-1 --instance nosuch --hours 1", "`nosuch`"),
        ('cost egress --from "aws:us-east-1 --gb 5', "is not a place"),
        ("cost egress --from aws:us-east-1 --gb <!channel>", "`&lt;!channel&gt;` is not accepted."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_calculation_is_said_in_words(typed: str, said: str, shared: Bot) -> None:
    answer = shared.asked(shared.person("alex"), shared.channel("general"), typed)
    assert said in answer
    assert len(answer.splitlines()) == 1, answer


# -- history -----------------------------------------------------------------------------------------------------------


def test_history_shows_what_was_given_and_only_ones_own(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    assert bot.asked(alex, channel, "history") == "No verdict of yours yet. `/whichcloud` starts one."
    bot.quick(alex, channel)
    assert bot.asked(bo, channel, "history") == "No verdict of yours yet. `/whichcloud` starts one."
    listed = bot.asked(alex, channel, "history")
    assert listed.splitlines()[0] == "*Your verdicts*, newest first"
    assert listed.splitlines()[1].endswith(f" · *Stay on AWS.* · <#{channel}>")
    message = [m for m in bot.slack.world.messages[channel] if m.ephemeral_to == alex][-1]
    before = len(bot.told(alex, channel))
    bot.slack.click(alex, message.ts, channel, "show")
    shown = bot.wait(lambda: bot.told(alex, channel)[before:])[0]
    assert shown.startswith("*Stay on AWS.* Moving to Azure would save $7,892 a year")
    assert "$34,908" in shown
    last = [m for m in bot.slack.world.messages[channel] if m.ephemeral_to == alex][-1]
    assert action_ids(last.blocks) == []


# -- forget me ---------------------------------------------------------------------------------------------------------


def test_forget_me_asks_first_and_then_deletes(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    asked = bot.asked(alex, channel, "forget me")
    assert asked.startswith("*Forget me* deletes the conversations that you started")
    assert bot.asked(alex, channel, "history").startswith("*Your verdicts*")
    message = next(m for m in bot.slack.world.messages[channel] if "forget" in action_ids(m.blocks))
    before = len(bot.told(alex, channel))
    bot.slack.click(alex, message.ts, channel, "forget")
    done = bot.wait(lambda: bot.told(alex, channel)[before:])[0]
    assert done == ("Done. Deleted: 1 conversation, 1 verdict, 0 feedback marks. Your name was taken off 0 conversations of others.")
    assert bot.asked(alex, channel, "history") == "No verdict of yours yet. `/whichcloud` starts one."
    before = len(bot.told(alex, channel))
    bot.press(alex, channel, thread, "detail:why")
    said = bot.wait(lambda: bot.told(alex, channel)[before:])[0]
    assert said.startswith("I no longer have that conversation")
