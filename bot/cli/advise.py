"""`whichcloud advise CASE.yml`: the contract of the machine-readable answer, and the same reply for people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.cli.reading import read_bytes
from bot.cli.render import FORMATS, show_advice, show_table
from bot.view import trace_table
from engine.advise import advise
from engine.case import read_case
from engine.load import load_rulebook


@click.command("advise")
@click.argument("case")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--full/--brief", default=None, help="With text: every line item and source, or the short reply.")
@click.option("--trace", is_flag=True, help="Instead of the reply: what became of every rule, and which line failed.")
@day_option
@rules_option
def command(case: str, form: str, full: bool | None, trace: bool, day: date, rules: Path) -> None:
    """Advise on CASE, a YAML or JSON file with `answers:`, `workload:` and `assumptions:`; - is standard input.

    \b
    answers:
      footprint: aws            # none, aws, azure, both
      training: sporadic        # none, continuous, sporadic
      microsoft_ea: yes         # yes, no, unsure
      inference_regions: 5      # 0 to 60
      mlops_capacity: no        # yes, no
    """
    if trace and form != "text":
        raise click.UsageError("--trace is a table of text; the JSON answer has a `trace` of its own")
    content, name = read_bytes(case)
    rulebook = load_rulebook(rules)
    parsed = read_case(content, name, rulebook, day)
    advice = advise(parsed, rulebook, day)
    if trace:
        show_table(trace_table(advice))
    else:
        show_advice(advice, rulebook, form, full=full)
