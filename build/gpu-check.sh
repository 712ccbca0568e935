#!/usr/bin/env bash
# build/gpu-check.sh [FOLDER]: builds the kernels for NVIDIA cards with nvcc, CMake and g++ alone, compares all of them with the processor, and
# measures them. Prints a table last. No Node is needed. FOLDER: the files of MNIST, packed (.gz) or not, for the time to 97 %.
# Where there is a card, it has to be over in eight minutes: kernels are built for that card alone, the sanitizers see a part of the tests, and
# what takes too long is stopped and said to have been. Without one, kernels are built for all cards from Turing to Hopper (or for ARCHITECTURES,
# as CMake writes them) and tested emulated.
set -euo pipefail
pictures=${1:+$(cd "$1" && pwd)}
cd "$(dirname "$0")/.."
folder=src-native/out/gpu
python=${PYTHON:-python3}
for tool in cmake g++ nvcc; do
  command -v "$tool" >/dev/null || { echo "$tool was not found. Install it, then run this again." >&2; exit 1; }
done
mkdir -p "$folder"

say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS" >&2; }

# A tool that is there; compute-sanitizer lies beside nvcc, or in the folder of the toolkit.
find_sanitizer() {
  command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2>/dev/null | head -n 1
}

# The cuBLASLt that came with PyTorch, or nothing.
find_blas() {
  "$python" -c 'import glob, site; print(*glob.glob(site.getsitepackages()[0] + "/nvidia/**/libcublasLt.so.*", recursive=True)[:1])' 2>/dev/null || true
}

# tool, limit in seconds, tests...: what the sanitizer finds in them.
sanitize() {
  local tool=$1 limit=$2 log=$folder/$1.log status=0
  shift 2
  timeout "$limit" "$sanitizer" --tool "$tool" --error-exitcode 9 "$folder/cuda/card/deltalab_cuda_card_tests" "$@" >"$log" 2>&1 || status=$?
  if ((status == 0)); then echo "clean: $(grep -c '^ok ' "$log") tests"
  elif ((status == 124)) && ! grep -qE '^=+ +(Invalid|Error|Warning|Race|Potential|Program hit)' "$log"; then
    echo "clean as far as it came in $limit s: $(grep -c '^ok ' "$log") tests"
  else echo "failed, see $log: $(tail -n 1 "$log")"; fi
}

card=none
architectures=${ARCHITECTURES:-75-real;80-real;86-real;89-real;90}
if found=$(nvidia-smi --id=0 --query-gpu=name,driver_version,compute_cap --format=csv,noheader 2>/dev/null); then
  card=${found%, *}
  architectures=$(tr -d . <<<"${found##*, }")-real
fi

say 'building'
cmake -S src-native -B "$folder" -DCMAKE_BUILD_TYPE=Release -DDELTALAB_WERROR=ON -DDELTALAB_ADDON=OFF -DDELTALAB_CUDA=ON \
  "-DDELTALAB_CUDA_ARCHITECTURES=$architectures" >/dev/null
began=$SECONDS
cmake --build "$folder" --parallel "$(nproc)" \
  --target deltalab_cuda_tests deltalab_card_bench_emulated deltalab_cuda_card_tests deltalab_card_bench >&2
build_seconds=$((SECONDS - began))

say 'tests'
# The emulated tests, dealt out to a process for each processor.
parts=$(nproc)
for ((part = 0; part < parts; ++part)); do
  "$folder/cuda/deltalab_cuda_tests" "--every=$parts" "--from=$part" >"$folder/emulated-$part.log" 2>&1 &
done
on_card='not run: there is no NVIDIA card here'
if [[ $card != none ]]; then
  on_card=$("$folder/cuda/card/deltalab_cuda_card_tests" | tee "$folder/card.log" /dev/stderr | tail -n 1) || true
fi
emulated_bench=works
"$folder/cuda/deltalab_card_bench_emulated" W2 --quick --rounds 1 >"$folder/emulated-bench.log" 2>&1 || emulated_bench=fails
wait
cat "$folder"/emulated-[0-9]*.log >&2
emulated=$(cat "$folder"/emulated-[0-9]*.log | awk '/^ok /{++ok} /^FAIL /{++bad} END {printf "%d passed, %d failed", ok, bad}')
(($(grep -lE '^[0-9]+ passed, [0-9]+ failed$' "$folder"/emulated-[0-9]*.log | wc -l) == parts)) || emulated+=', some ended early'

memory='not run: there is no NVIDIA card here'
races=$memory
measured=$memory
if [[ $card != none ]]; then
  say 'sanitizers'
  if sanitizer=$(find_sanitizer) && [[ -n $sanitizer ]]; then
    # Both at a time. What racecheck looks at is shared memory, which the kernels of these tests use.
    sanitize memcheck 75 cuda_small_network cuda_trainer_lane_is cuda_operators_equal >"$folder/memcheck.txt" &
    sanitize racecheck 75 cuda_small_network_is cuda_small_network_lane cuda_trainer_lane_is cuda_products cuda_softmax cuda_reductions cuda_convolutions cuda_batch cuda_recurrent \
      >"$folder/racecheck.txt" &
    wait
    memory=$(<"$folder/memcheck.txt") races=$(<"$folder/racecheck.txt")
  else
    memory='not run: compute-sanitizer was not found' races=$memory
  fi

  say 'measuring'
  : >"$folder/bench.json"
  digits=()
  if [[ -n $pictures ]]; then
    mkdir -p "$folder/digits"
    for file in "$pictures"/*-ubyte; do [[ -f $file ]] && cp -f "$file" "$folder/digits"; done
    for file in "$pictures"/*-ubyte.gz; do [[ -f $file ]] && gzip -dc "$file" >"$folder/digits/$(basename "$file" .gz)"; done
    digits=(--digits "$folder/digits")
  fi
  measured='all'
  bench() {
    timeout "$1" "$folder/cuda/card/deltalab_card_bench" "${@:2}" | tee -a "$folder/bench.json" >&2 || measured='not all: see above'
  }
  bench 60 "${digits[@]}"
  # The same in other precisions, and by cuBLASLt or without it: where it is not found, that of PyTorch is taken.
  other=off
  if grep -q '"cuBlasLt":false' "$folder/bench.json"; then other=$(find_blas); fi
  if [[ -n $other ]]; then DELTALAB_CUBLASLT=$other bench 25 W3 W4 W6 --rounds 3; fi
  for precision in tf32 bf16; do bench 25 W3 W4 W6 --precision "$precision" --rounds 3; done
  if "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    timeout 130 "$python" tests/bench/peers-card.py | tee -a "$folder/bench.json" >&2 || measured='not all: see above'
  fi
fi

printf '\n'
printf '%-34s %s\n' 'card, driver' "$card" \
  'nvcc' "$(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')" \
  'built for' "sm_$(sed 's/90$/90, PTX/; s/-real//g; s/;/ sm_/g' <<<"$architectures")" \
  'seconds to build' "$build_seconds" \
  'kernels, emulated' "$emulated" \
  'bench, emulated (no figures)' "$emulated_bench" \
  'kernels, on the card' "$on_card" \
  'memcheck, part of the tests' "$memory" \
  'racecheck, part of the tests' "$races" \
  'workloads measured' "$measured" \
  'seconds in all' "$SECONDS"
if [[ $card == none ]]; then
  echo 'Nothing ran on a card.'
else
  awk -f build/gpu-table.awk "$folder/bench.json"
fi

[[ $emulated == *', 0 failed' && $emulated_bench == works ]] || exit 1
[[ $card == none ]] || [[ $on_card == *', 0 failed' && $memory$races != *failed* && $measured == all ]] || exit 1
[[ $card == none ]] || ! grep -q '"repeats":false' "$folder/bench.json"
