"""``flask --app app new-entity``: a new entity from a few answers, with model, translations and migration."""

import subprocess
import sys
import tomllib
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from commands.new_entity.spec import (
    FIELD_TYPES,
    EntityNotValidError,
    EntitySpec,
    FieldSpec,
    check_spec,
    parse_field,
    read_spec,
)
from commands.new_entity.writing import find_translations, write_catalogue, write_model
from models.base import Base

GROUPS = ("Work", "Dossiers", "Procedures", "Evaluation", "Figures", "Organisation", "Access")
_FIELD_HELP = "name|type|English label|Vietnamese label|required,search,filter,list,personal,unique,level=1"


@click.command("new-entity")
@click.option("--from", "source", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Answers as TOML.")
@click.option("--name", help="Name of the table and file, such as parking_permit.")
@click.option("--singular", nargs=2, help="What one row is called: English, Vietnamese.")
@click.option("--title", nargs=2, help="What the list is called: English, Vietnamese.")
@click.option("--group", default="Organisation", show_default=True, help="Group of the menu.")
@click.option("--field", "fields", multiple=True, help=f"One field: {_FIELD_HELP}. Types: {', '.join(FIELD_TYPES)}.")
@click.option("--migration/--no-migration", default=True, help="Write the migration for the configured database.")
@with_appcontext
def new_entity(
    source: Path | None,
    name: str | None,
    singular: tuple[str, str] | None,
    title: tuple[str, str] | None,
    group: str,
    fields: tuple[str, ...],
    *,
    migration: bool,
) -> None:
    """Make a new entity: its model, its catalogue and its migration. What is not given is asked for."""
    try:
        if source is not None:
            spec = read_spec(tomllib.loads(source.read_text("utf-8")))
        else:
            spec = _ask(name, singular, title, group, [parse_field(text) for text in fields])
        root = Path(current_app.root_path)
        path = root / "models" / f"{spec.name}.py"
        _check(spec, path)
    except EntityNotValidError as error:
        raise click.ClickException("\n  ".join(["This cannot become an entity:", *error.faults])) from error
    except tomllib.TOMLDecodeError as error:
        raise click.ClickException(f"{source} is no TOML: {error}") from error
    if path.exists():
        click.confirm(f"{path.relative_to(root)} exists. Write it anew?", abort=True)
    path.write_text(write_model(spec), "utf-8")
    click.echo(f"wrote {path.relative_to(root)}")
    _translate(spec, root)
    is_migrated = migration and _migrate(spec, root)
    _tell_what_next(spec, is_migrated=is_migrated)


def _ask(
    name: str | None,
    singular: tuple[str, str] | None,
    title: tuple[str, str] | None,
    group: str,
    fields: list[FieldSpec],
) -> EntitySpec:
    name = name or click.prompt("Name of the table, such as parking_permit")
    one = singular or (click.prompt("One row is called (English)"), click.prompt("One row is called (Vietnamese)"))
    many = title or (click.prompt("The list is called (English)"), click.prompt("The list is called (Vietnamese)"))
    if not fields:
        click.echo(f"Fields, one a line, an empty line at the end: {_FIELD_HELP}")
        click.echo(f"Types: {', '.join(FIELD_TYPES)}, reference:ENTITY. The first is what a row is called by.")
        while text := click.prompt("Field", default="", show_default=False):
            try:
                fields.append(parse_field(text))
            except EntityNotValidError as error:
                click.echo("\n".join(error.faults), err=True)
    if not fields:
        raise EntityNotValidError(["fields: there is none; the first is what a row is called by"])
    return EntitySpec(name=name, singular=one, title=many, group=group, fields=tuple(fields))


def _check(spec: EntitySpec, path: Path) -> None:
    entities = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    own = {entity for entity, model in entities.items() if model.__module__ == f"models.{spec.name}"}
    taken = {*entities, *(module.stem for module in path.parent.glob("*.py"))} - own
    if path.exists() and spec.name in own:
        taken.discard(spec.name)
    screens = {entity for entity, model in entities.items() if "__screen__" in vars(model)}
    check_spec(spec, entities=screens, taken=taken, groups=GROUPS)


def _translate(spec: EntitySpec, root: Path) -> None:
    path = root / "translations" / "vi" / "LC_MESSAGES" / f"{spec.name}.po"
    if path.exists():
        click.confirm(f"{path.relative_to(root)} exists. Write it anew?", abort=True)
        path.unlink()
    kept = write_catalogue(path, spec.labels(), find_translations(root / "translations", "vi"))
    click.echo(f"wrote {path.relative_to(root)}")
    for english in kept:
        click.echo(f"  {english!r} is translated otherwise already; that translation stays")


def _migrate(spec: EntitySpec, root: Path) -> bool:
    """Write the migration in a process of its own, which sees the new model; say what to do where it cannot."""
    command = [sys.executable, "-m", "flask", "--app", "app", "db", "revision", "--autogenerate", "-m"]
    done = subprocess.run(  # noqa: S603 -- our own command
        [*command, f"Add {spec.name}"], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        click.echo(f"The migration was not written: {last}", err=True)
        click.echo("Bring the database up to date first: flask --app app db upgrade", err=True)
    return done.returncode == 0


def _tell_what_next(spec: EntitySpec, *, is_migrated: bool) -> None:
    click.echo("\nNext:")
    if not is_migrated:
        click.echo(f'  flask --app app db revision --autogenerate -m "Add {spec.name}"')
    click.echo("  flask --app app db upgrade")
    click.echo("  flask --app app seed-roles")
    click.echo("  make golden")
    click.echo(f"Then the screen is at /admin/{spec.name}/")


commands: list[click.Command] = [new_entity]
