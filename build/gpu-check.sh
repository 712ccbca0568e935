#!/usr/bin/env bash
# Builds the kernels for NVIDIA cards with nvcc, CMake and g++ alone, for every card from Turing to Hopper, and compares all of them with the
# processor: emulated, and on the card where there is one. Prints a table last. No Node is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=src-native/out/gpu
for tool in cmake g++ nvcc; do
  command -v "$tool" >/dev/null || { echo "$tool was not found. Install it, then run this again." >&2; exit 1; }
done

# target: builds it and prints the seconds that took.
build() {
  local began=$SECONDS
  cmake --build "$folder" --parallel "$(nproc)" --target "$1" >&2
  echo $((SECONDS - began))
}

# target: runs it; its last line says how many tests passed.
check() { "$(find "$folder" -name "$1" -type f)" | tee /dev/stderr | tail -n 1; }

cmake -S src-native -B "$folder" -DCMAKE_BUILD_TYPE=Release -DDELTALAB_WERROR=ON -DDELTALAB_ADDON=OFF -DDELTALAB_CUDA=ON >/dev/null
processor_seconds=$(build deltalab_cuda_tests)
emulated=$(check deltalab_cuda_tests)
card_seconds=$(build deltalab_cuda_card_tests)
if card=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null); then
  on_card=$(check deltalab_cuda_card_tests)
else
  card='none'
  on_card='not run: there is no NVIDIA card here'
fi

printf '\n'
printf '%-34s %s\n' 'card, driver' "$card" \
  'nvcc' "$(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')" \
  'built for' 'sm_75 sm_80 sm_86 sm_89 sm_90, PTX' \
  'seconds to build: g++, nvcc' "$processor_seconds, $card_seconds" \
  'kernels, emulated' "$emulated" \
  'kernels, on the card' "$on_card"
[[ $emulated == *', 0 failed' && ($on_card == *', 0 failed' || $card == none) ]]
