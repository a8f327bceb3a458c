#!/usr/bin/env bash
# The training step against PyTorch on this machine's NVIDIA GPU: models, precisions, XLA on and off.
# Appends a JSON object a line to bench/results/step-gpu.jsonl (or the file named); about 30 minutes,
# with TensorFlow and PyTorch fetched on first use (10 GB). Options after the file go to each run.
set -eu
cd "$(dirname "$0")/.."
results=${1:-bench/results/step-gpu.jsonl}
[ "$#" -eq 0 ] || shift
export CRESCENDO_DEVICE=gpu
npm run -s build
node dist/cli/main.js doctor --json || exit 1

# Model, image size in pixels, samples of a step.
cases=(
  "efficientnetv2-b0 192 128"
  "efficientnetv2-s 128 128"
  "efficientnetv2-s 300 64"
  "coatnet-0 224 64"
)
failures=0
for one in "${cases[@]}"; do
  read -r model size batch <<<"$one"
  for precision in float32 float16; do
    for mode in "" "--xla" "--no-deterministic" "--no-deterministic --xla"; do
      echo "$model, $size px, batch $batch, $precision $mode" >&2
      # shellcheck disable=SC2086 # the modes are words
      npm run -s bench -- step --json --model "$model" --size "$size" --batch "$batch" \
        --precision "$precision" --rounds 12 $mode "$@" >>"$results" || failures=$((failures + 1))
    done
  done
done
echo "$results: $(wc -l <"$results") lines, $failures runs failed" >&2
[ "$failures" -eq 0 ]
