"""`whichcloud setup`: prints the first file and names the others, or writes them all into a folder."""

from __future__ import annotations

from pathlib import Path

from tests.bot.terminal import DAY, run

CASE = "answers: {footprint: azure, training: continuous, microsoft_ea: no, inference_regions: 0, mlops_capacity: yes}\n"


def test_it_prints_the_first_file_for_the_example_case() -> None:
    said = run("setup", "--as-of", DAY).answered()
    assert said.startswith("**How to set it up: AWS, managed.** 13 files, filled with the numbers of this case.\n")
    assert "    max_wait_time_in_seconds=518400," in said
    assert "- `terraform/aws_sagemaker.tf`: The execution role" in said


def test_it_writes_every_file_of_a_case(tmp_path: Path) -> None:
    case, folder = tmp_path / "case.yml", tmp_path / "out"
    case.write_text(CASE)
    said = run("setup", "--case", str(case), "--plan", "azure", "--out", str(folder), "--as-of", DAY).answered()
    written = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert written == [
        "src/train.py", "terraform/azure_storage.tf", "terraform/azure_training_machines.tf", "terraform/main.tf", "terraform/variables.tf",
    ]  # fmt: skip
    assert "A reservation is bought, not coded: for 1 x Standard_ND96asr_v4, one year." in said


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "main.tf").write_text("mine")
    ran = run("setup", "--out", str(tmp_path), "--as-of", DAY)
    assert (ran.code, ran.out) == (2, "")
    assert "terraform/main.tf is there already. Nothing was written; give an empty folder." in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["terraform"]
    assert (tmp_path / "terraform" / "main.tf").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run("setup", "--out", str(tmp_path / "file" / "below"), "--as-of", DAY)
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_an_unknown_plan_is_bad_input() -> None:
    ran = run("setup", "--plan", "hybrid", "--as-of", DAY)
    assert (ran.code, ran.out) == (2, "")
    assert "'hybrid' is no plan of this case." in ran.err
