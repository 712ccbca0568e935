#!/usr/bin/env bash
# Builds the kernels for NVIDIA cards with nvcc, CMake and g++ alone, for every card from Turing to Hopper, and compares all of them with the
# processor: on the card where there is one, and in the emulation everywhere. Prints a table last. No Node is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
output=src-native/out
jobs=$(nproc)
for tool in cmake g++ nvcc; do
  command -v "$tool" >/dev/null || { echo "$tool was not found. Install it, then run this again." >&2; exit 1; }
done

# folder, options...: builds the tests there and prints the seconds it took.
build() {
  local folder=$1 began=$SECONDS
  shift
  cmake -S src-native -B "$output/$folder" -DCMAKE_BUILD_TYPE=Release -DDELTALAB_WERROR=ON -DDELTALAB_ADDON=OFF "$@" >/dev/null
  cmake --build "$output/$folder" --parallel "$jobs" --target deltalab_cuda_tests >&2
  echo $((SECONDS - began))
}

# folder: runs the tests there; their last line is how many passed.
check() {
  "$output/$1/cuda/deltalab_cuda_tests" | tee /dev/stderr | tail -n 1
}

emulation_seconds=$(build gpu-emulation)
emulation=$(check gpu-emulation)
cuda_seconds=$(build gpu -DDELTALAB_CUDA=ON)
if card=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null); then
  on_card=$(check gpu)
else
  card='no card'
  on_card='not run: there is no NVIDIA card'
fi

printf '\n%-34s %s\n' 'card, driver' "$card" \
  'compiler' "$(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')" \
  'built for' 'sm_75 sm_80 sm_86 sm_89 sm_90, PTX' \
  'seconds to build: emulation, nvcc' "$emulation_seconds, $cuda_seconds" \
  'kernels, emulated' "$emulation" \
  'kernels, on the card' "$on_card"
[[ $emulation == *' 0 failed' && ($on_card == *' 0 failed' || $on_card == 'not run'*) ]]
