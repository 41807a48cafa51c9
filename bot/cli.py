"""The commands. Each says what it does in `--help`, and ends an error in one line with exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console

from bot.errors import StartError
from bot.settings import Settings, load_settings

app = typer.Typer(
    help="A signposting web chat: it points people who worry about sexual thoughts or behaviour to the Stop It Now! helpline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
catalogue_app = typer.Typer(help="The places that Signpost points to.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")
campaign_app = typer.Typer(help="The campaigns of data/campaigns.", no_args_is_help=True)
app.add_typer(campaign_app, name="campaign")
counts_app = typer.Typer(help="The database of counts.", no_args_is_help=True)
app.add_typer(counts_app, name="counts")

_console = Console(stderr=True, highlight=False)
_out = Console(highlight=False)


def main() -> None:
    """Run a command."""
    try:
        app(prog_name="signpost")
    except StartError as error:
        _console.print(f"signpost: {error}", markup=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def serve(
    host: Annotated[Optional[str], typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,  # noqa: UP045
    port: Annotated[Optional[int], typer.Option(help="Port to listen on.  [default: 8080]")] = None,  # noqa: UP045
) -> None:
    """Serve the page and the chat. Trains first when the model is missing or stale."""
    from bot.web.keeper import serve_until_stopped

    settings = load_settings({"host": host, "port": port})
    _train_if_stale(settings)
    raise typer.Exit(serve_until_stopped(settings, say=lambda line: _console.print(line, markup=False)))


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even if the model is fresh.")] = False) -> None:
    """Train the model from bot/domain, data/nlu and data/rules."""
    from bot import log
    from bot.engine.import_guard import import_rasa

    settings = load_settings()
    log.configure()
    with _console.status("Training (about a minute)"):
        import_rasa()
        from bot.engine import training
        from bot.engine.fingerprint import is_fresh

        if not force and is_fresh(settings.model, settings.data):
            _console.print("The model is fresh.")
            return
        training.train(settings.model, settings.data)
    _console.print(f"Trained {settings.model.name}.")


@app.command()
def chat() -> None:
    """Talk to the assistant in the terminal; after every turn it shows route, tier, rule and pointers."""
    from bot.terminal import chat_in_terminal

    settings = load_settings()
    _train_if_stale(settings)
    chat_in_terminal(settings, _out)


@app.command()
def classify() -> None:
    """Read messages from standard input, a line each, and print route, tier, confidence and offered routes, tab-separated."""
    from bot.terminal import classify_lines

    settings = load_settings()
    _train_if_stale(settings)
    classify_lines(settings, sys.stdin.buffer, sys.stdout)


@app.command()
def evaluate(
    folds: Annotated[int, typer.Option(help="Cross-validate over the training lines, in so many parts; 0 leaves it out.")] = 5,
    out: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("results/evaluation.html"),
) -> None:
    """Measure the understanding on the messages of data/held_apart. Exit code 1 when it is under a floor of data/floors.yml."""
    from bot.evaluation.run import evaluate as measure

    settings = load_settings()
    _train_if_stale(settings)
    raise typer.Exit(measure(settings, _out, out, folds=folds))


@app.command()
def lint() -> None:
    """Look through the training lines, the held-apart lines and what is said. Exit code 1 if anything is wrong with them."""
    from bot.evaluation.lint.run import lint as look_through

    raise typer.Exit(look_through(load_settings().data, _out))


@app.command()
def flows(
    topic: Annotated[str | None, typer.Argument(help="One topic of data/flows; all without it.")] = None,
) -> None:
    """Run the conversations of data/flows against the real assistant and say which go as written."""
    from bot.terminal import run_flows

    settings = load_settings()
    _train_if_stale(settings)
    raise typer.Exit(run_flows(settings, topic, _out))


@app.command()
def bench(
    seconds: Annotated[float, typer.Option(help="How long each measurement takes.")] = 5.0,
    connections: Annotated[int, typer.Option(help="How many clients press at once.")] = 8,
) -> None:
    """Measure the server on this machine: time, processor time, messages a second, memory, start."""
    from bot.bench import bench as measure

    _train_if_stale(load_settings())
    measure(_out, seconds=seconds, connections=connections)


@app.command()
def report(
    area: Annotated[Optional[str], typer.Option(help="One area or region; all without it.")] = None,  # noqa: UP045
    period: Annotated[Optional[str], typer.Option(help="The months after: 2018-01..2018-06.")] = None,  # noqa: UP045
    against: Annotated[Optional[str], typer.Option(help="The months before: 2017-07..2017-12.")] = None,  # noqa: UP045
    earlier: Annotated[Optional[list[Path]], typer.Option(help="A report in JSON that was handed out before.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option(help="Write it as HTML, too, to print on one page.")] = None,  # noqa: UP045
    csv: Annotated[Optional[Path], typer.Option(help="Write it as CSV, too.")] = None,  # noqa: UP045
    json: Annotated[Optional[Path], typer.Option(help="Write it as JSON, too.")] = None,  # noqa: UP045
) -> None:
    """Did the campaign help? Before and after, by area. Without options: the newest campaign, all areas."""
    from bot.counts.run import report as make

    files = {"html": out, "csv": csv, "json": json}
    make(load_settings(), _out, area=area, period=period, against=against, earlier=earlier or (), files=files)


@app.command()
def screenshots(
    out: Annotated[Path, typer.Option(help="Where to write the pictures.")] = Path("results/screenshots"),
) -> None:
    """Make a picture of every state of the page, light and dark, on a phone and on a desk. Needs Chromium."""
    from bot.screenshots import take_screenshots

    settings = load_settings()
    _train_if_stale(settings)
    take_screenshots(settings, out, _out)


@catalogue_app.command("check")
def catalogue_check(
    online: Annotated[bool, typer.Option(help="Also ask each link whether it answers.")] = False,
) -> None:
    """List entries that are old, below grade A, not verified or (--online) do not answer. Exit code 1 if there is any."""
    from bot.answers.check import check_catalogue

    raise typer.Exit(check_catalogue(load_settings().data, _out, online=online))


@campaign_app.command("link")
def campaign_link(
    code: Annotated[str, typer.Argument(help="A campaign's code, as in data/campaigns.")],
    base_url: Annotated[Optional[str], typer.Option(help="Where the public reaches the page.")] = None,  # noqa: UP045
    out: Annotated[Path, typer.Option(help="Where to write the pictures.")] = Path("results"),
) -> None:
    """Print a campaign's link, draw it as a QR code, and write the QR code as SVG and PNG for a poster."""
    from bot.counts.campaigns import known, load_campaigns
    from bot.counts.links import campaign_link as link_of
    from bot.counts.links import show_qr_code, write_qr_codes

    settings = load_settings({"base_url": base_url})
    campaigns = load_campaigns(settings.data / "campaigns")
    name = known(campaigns, code)
    if name is None:
        raise StartError(f"no campaign {code!r}: there are {', '.join(sorted(campaigns)) or 'none'}")
    link = link_of(settings.base_url, name)
    pictures = write_qr_codes(link, name, out)
    _out.print(link, soft_wrap=True, markup=False)
    show_qr_code(link, sys.stdout)
    _console.print(f"Wrote {' and '.join(map(str, pictures))}.", markup=False, soft_wrap=True)


@campaign_app.command("import")
def campaign_import(
    file: Annotated[Path, typer.Argument(help="A CSV file: area, from, to, count, kind, source.")],
) -> None:
    """Add figures that others have published to those that the report shows. All of the file, or nothing."""
    from bot.counts.run import import_file

    import_file(load_settings(), file, _out)


@counts_app.command("fold")
def counts_fold() -> None:
    """Fold old weeks into months and old months into half-years. The server does it once a day by itself."""
    from datetime import UTC, datetime

    from bot.counts.database import open_database
    from bot.counts.retention import fold

    settings = load_settings()
    if not settings.database:
        raise StartError("counting is turned off: set SIGNPOST_DATABASE")
    folded = fold(
        open_database(settings.database),
        datetime.now(UTC),
        months_after_weeks=settings.months_after_weeks,
        half_years_after_months=settings.half_years_after_months,
    )
    _out.print(f"Folded {folded.weeks} weeks into months and {folded.months} months into half-years.")


_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings={**_PASS_ON, "help_option_names": []})
def rasa(context: typer.Context) -> None:
    """Run Rasa's own tools (data validate, test, ...) with this project's folders filled in."""
    from bot.engine.rasa_tools import run_rasa

    settings = load_settings()
    _train_if_stale(settings)
    raise typer.Exit(run_rasa(list(context.args), settings))


@app.command(context_settings={**_PASS_ON, "help_option_names": []})
def test(context: typer.Context) -> None:
    """Run every check: style, types, imports, Rasa's validation and stories, then pytest. With arguments, pytest alone."""
    from bot.checks import run_checks

    settings = load_settings()
    _train_if_stale(settings)
    raise typer.Exit(run_checks(list(context.args), _console))


def _train_if_stale(settings: Settings) -> None:
    """Train in a process of its own, so that what training imports does not stay in this one's memory."""
    from bot.engine.fingerprint import is_fresh

    if is_fresh(settings.model, settings.data):
        return
    trained = subprocess.run(  # our own interpreter and module
        [sys.executable, "-m", "bot", "train"], cwd=Path(__file__).resolve().parent.parent, check=False
    )
    if trained.returncode:
        raise typer.Exit(trained.returncode)
