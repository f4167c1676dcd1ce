"""``backup`` and ``restore`` as an administrator calls them."""

from pathlib import Path

from flask import Flask


def test_backup_says_what_it_copied_and_restore_refuses_the_living(app: Flask, tmp_path: Path):
    runner = app.test_cli_runner()

    done = runner.invoke(args=["backup", str(tmp_path / "copy")])
    again = runner.invoke(args=["backup", str(tmp_path / "copy")])

    assert (done.exit_code, again.exit_code) == (0, 1)
    assert f"files are in {tmp_path / 'copy'}, checked." in done.output
    assert "is not empty" in again.output


def test_restore_of_nothing_is_explained(app: Flask, tmp_path: Path):
    result = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "nowhere")])

    assert result.exit_code == 1
    assert "holds no complete backup" in result.output
