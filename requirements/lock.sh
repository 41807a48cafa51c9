#!/bin/sh
# Write both locks anew from pyproject.toml and rasa.in. Needs uv; run it after changing a
# dependency, read the difference, run the tests on both Pythons, and commit it.
set -eu
cd "$(dirname "$0")/.."

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"
}

# Rasa's own metadata allows Python up to 3.10 only, and pins what we replace: it is locked by itself, without its needs.
rasa=$(uv pip compile --quiet --no-deps --python-version 3.10 --generate-hashes --no-header --no-annotate requirements/rasa.in)
for name in run test; do
    extra=""
    [ "$name" = run ] || extra="--extra test"
    # shellcheck disable=SC2086  # no extra is no argument
    needs=$(compile $extra pyproject.toml)
    printf '# Made by requirements/lock.sh from pyproject.toml; not to be edited by hand.\n%s\n%s\n' "$needs" "$rasa" > "requirements/$name.lock"
done
