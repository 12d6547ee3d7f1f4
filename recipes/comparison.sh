#!/usr/bin/env bash
# Train the three detectors of the comparison, one after the other, from a pack: for a machine with a GPU and no data.
#   nonet train pack recipes/detector-default.toml --data DATA --empty OTHER --out frames.pack     (at home)
#   bash recipes/comparison.sh frames.pack runs                                                  (there, in the repository)
# A run that is stopped goes on from its checkpoint. At home, nonet train detector with --data, --run and --out writes each bundle.
set -euo pipefail
pack=${1:?"the pack"} runs=${2:?"a folder for the runs"}
for recipe in detector-default detector-yolo11n detector-swin; do
  echo "== $recipe"
  time nonet train detector "recipes/$recipe.toml" --pack "$pack" --run "$runs/$recipe"
done
