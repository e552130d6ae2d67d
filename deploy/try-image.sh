#!/usr/bin/env bash
# Carries out deploy/Dockerfile without a container engine: its own lines, read from it, in a bare temporary folder, with a plain virtual
# environment in the place of the base image. Then starts what the image starts, connected to a local Slack that the image brings along,
# and asks the health check, /healthz and /readyz. It ends by the signal that the image names.
#
# What it cannot show: the base image itself, and owners and users (each such line is named and passed over).
# The image's folders lie in the temporary one, so /app, /opt and /var in a line are read as folders below it.
set -euo pipefail
project="$(cd "$(dirname "$0")/.." && pwd)"
dockerfile="$project/deploy/Dockerfile"
work="$(mktemp -d)"
base="$work/base" # what stands for the base image
image="$work/image" # where both stages are built, one after another: what is installed knows its own path
mkdir "$work/home"
started=() # files with the numbers of the processes that this script started

finish() {
    local file
    for file in "${started[@]}"; do kill "$(cat "$file")" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT

fail() { echo "try-image: $*" >&2; exit 1; }
passed_over() { echo "     passed over: $*"; }

# Lines joined where they end in a backslash, without comments and empty ones: "INSTRUCTION the rest".
instructions() {
    sed -e '/^[[:space:]]*#/d' "$dockerfile" | sed -e ':join' -e '/\\$/{N;s/[[:space:]]*\\\n[[:space:]]*/ /;b join' -e '}' -e '/^[[:space:]]*$/d'
}

# The image's folders below the temporary one. A SQLite address has three slashes before the path.
rooted() { sed -E "s#(^|[^A-Za-z0-9_./-]|sqlite:///)/(app|opt|var)(/|[^A-Za-z0-9_.-]|\$)#\1$image/\2\3#g" <<<"$1"; }

# shellcheck disable=SC2016  # the inner shell is the one to read its arguments
# Nothing of this shell reaches a step, except how packages are found and where certificates lie.
inside() {
    local kept=() name
    while IFS= read -r name; do kept+=("$name=${!name}"); done < <(compgen -e | grep -E '^(PIP_|SSL_|REQUESTS_|[A-Za-z]+_(proxy|PROXY)$)')
    env -i "${kept[@]}" "HOME=${HOME:-/}" "TMPDIR=$work/home" NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 \
        "PATH=$image/usr/local/bin:/usr/local/bin:/usr/bin:/bin" \
        sh -euc 'echo $$ >"$1"; shift; . "$1"; cd "$2"; shift 2; exec "$@"' - "${pid_file:-/dev/null}" "$image.env" "$image$folder" "$@"
}

# A step that stays, with what it says in a file.
behind() {
    local at="${#started[@]}"
    pid_file="$work/pid-$at" inside "$@" >"$work/said-$at" 2>&1 &
    started+=("$work/pid-$at")
}

words() { python3 -c 'import json, sys; sys.stdout.write("".join(word + "\0" for word in json.loads(sys.argv[1])))' "$1"; }

# FROM base [AS name]: what was built before is put aside under its name, and a bare folder with Python takes its place.
from() {
    if [ -e "$image" ]; then mv "$image" "$work/stage-$stage"; fi
    stage="${3:-last}" folder=/
    case "$1" in python:*) ;; *) fail "FROM $1: only a Python image is known" ;; esac
    mkdir -p "$image/usr"
    : >"$image.env"
    [ -d "$base" ] || { python3 -m venv "$image/usr/local"; cp -a "$image/usr/local" "$base"; }
    [ -d "$image/usr/local" ] || cp -a "$base" "$image/usr/local"
    passed_over "the image $1; in its place $(python3 --version)"
}

copy() {
    local source="$project" leave_out=(--exclude=__pycache__) paths=() each
    for each in "$@"; do
        case "$each" in
            --from=*) source="$work/stage-${each#--from=}" leave_out=() ;;
            --chown=*) passed_over "$each" ;;
            --*) fail "COPY $each is not known" ;;
            *) paths+=("$each") ;;
        esac
    done
    local target="${paths[-1]}"
    unset 'paths[-1]'
    case "$target" in /*) ;; *) target="$folder/$target" ;; esac
    for each in "${paths[@]}"; do
        if [ -d "$source/$each" ]; then
            mkdir -p "$image$target"
            tar -C "$source/$each" "${leave_out[@]}" -cf - . | tar -C "$image$target" -xf -
        else
            mkdir -p "$(dirname "$image${target}x")"
            cp -p "$source/$each" "$image$target"
        fi
    done
}

run() {
    case "$1" in
        *groupadd* | *useradd*) passed_over "RUN $1" ;;
        *) inside sh -c "$(rooted "$1")" ;;
    esac
}

arguments() { set -a; eval "$1"; set +a; } # ARG, for the FROM lines

health=() entry=() command=() signal=TERM stage=last folder=/
while IFS= read -r line; do
    instruction="${line%% *}" rest="${line#* }"
    printf '%3ss %s\n' "$SECONDS" "${line:0:130}"
    case "$instruction" in
        ARG) arguments "$rest" ;;
        FROM) eval "from $rest" ;;
        ENV) echo "export $(rooted "$rest")" >>"$image.env" ;;
        WORKDIR) folder="$rest"; mkdir -p "$image$folder" ;;
        COPY) eval "copy $rest" ;;
        RUN) run "$rest" ;;
        USER | EXPOSE) passed_over "$line" ;;
        STOPSIGNAL) signal="${rest#SIG}" ;;
        HEALTHCHECK) mapfile -d '' health < <(words "[${rest#*CMD [}") ;;
        ENTRYPOINT) mapfile -d '' entry < <(words "$rest") ;;
        CMD) mapfile -d '' command < <(words "$rest") ;;
        *) fail "$instruction is not known" ;;
    esac
done < <(instructions)

# -- what was built, tried ---------------------------------------------------------------------------------------------
port="$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')"
printf '%3ss trying it on port %s\n' "$SECONDS" "$port"
behind whichcloud start --port 0 --slack-only --bot "http://127.0.0.1:$port" --env "$work/variables"

soon() { # whether a command succeeds within a minute
    local at
    for at in $(seq 300); do if "$@" >/dev/null 2>&1; then return 0; fi; sleep 0.2; done
    return 1
}
soon test -s "$work/variables" || fail "the local Slack did not start: $(cat "$work"/said-*)"

{ sed 's/^/export /' "$work/variables"; echo "export WHICHCLOUD_HOST=127.0.0.1"; } >>"$image.env"
behind "${entry[@]}" "${command[@]}"
soon inside "${health[@]}" || fail "the health check never succeeded: $(cat "$work"/said-*)"
ask() { python3 -c 'import sys, urllib.request as u; print(u.build_opener(u.ProxyHandler({})).open(sys.argv[1], timeout=5).read().decode())' "$1"; }
alive="$(ask "http://127.0.0.1:$port/healthz")" ready="$(ask "http://127.0.0.1:$port/readyz")"
[ "$alive $ready" = "alive ready" ] || fail "/healthz says '$alive', /readyz says '$ready'"
kill "-$signal" "$(cat "${started[-1]}")"
wait $! || fail "it ended with $? after SIG$signal: $(cat "$work"/said-*)"
written="$(find "$image/app" "$image/opt" -newer "$work/variables" | head)"
[ -z "$written" ] || fail "it wrote where a container may be read-only: $written"
echo "try-image: healthy, alive, ready, ended by SIG$signal, and nothing written beside its own folders; $SECONDS seconds"
