#!/usr/bin/env bash
# Makes the three environments that the code of rules/setup is for, below the folder given: v3 and v2 of one SDK exclude each other.
# Each is made once; delete the folder for new ones. What the recorded signatures come from is pinned; other versions need a new record
# (UPDATE_SIGNATURES=1, tests/bot/qa/test_setup_packages.py).
set -euo pipefail
folder="${1:?the folder for the environments}"
python="${PYTHON:-python3}"
mkdir -p "$folder"

# pip takes many minutes to find versions that fit together for these; uv takes half a minute.
installer="$(command -v uv || true)"
if [ -z "$installer" ]; then
    if [ ! -x "$folder/uv/bin/uv" ]; then
        "$python" -m venv "$folder/uv"
        "$folder/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
    fi
    installer="$folder/uv/bin/uv"
fi

environment() {
    local name="$1"
    shift
    if [ -e "$folder/$name/.ready" ]; then return; fi
    echo "Installing $* into $folder/$name ..."
    "$python" -m venv --clear "$folder/$name"
    VIRTUAL_ENV="$folder/$name" "$installer" pip install --quiet "$@"
    touch "$folder/$name/.ready"
}

environment sagemaker_v3 sagemaker==3.27.0 sagemaker-core==2.27.0 sagemaker-train==1.27.0 sagemaker-serve==1.27.0 sagemaker-mlops==1.27.0 boto3==1.44.5
environment sagemaker_v2 sagemaker==2.257.7 boto3==1.44.5 numpy==2.4.6
environment azure azure-ai-ml==1.35.2 azure-identity==1.27.0
