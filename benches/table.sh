#!/usr/bin/env bash
# What every stage costs: runs the bench of the chain and renders four minutes with all stages at work; writes benches/README.md.
#
#   benches/table.sh        needs the release build, and ffmpeg for benches/peers.sh --files
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

cargo bench --quiet --locked --workspace --bench chain >"$work/chain.txt"
# Median in ms of a row: name, fastest, slowest, median.
awk -F'│' '
    /through_every_stage|─ [a-z_]+ +[0-9]/ {
        name = $1; sub(/^[^a-z]*/, "", name); sub(/ .*/, "", name)
        value = $3; gsub(/ /, "", value)
        ms = value ~ /µs$/ ? value / 1000 : value ~ /ms$/ ? value + 0 : 1000 * value
        print name, ms
    }
' "$work/chain.txt" >"$work/medians"

mapfile -t settings < <(sed -n 's/^    ("\([a-z0-9_.]*\)", \([-0-9.]*\)),$/\1=\2/p' benches/chain.rs)
set_all=()
for setting in "${settings[@]}"; do set_all+=(--set "${setting/%.on=1.0/.on=true}"); done
mapfile -t files < <(benches/peers.sh --files)
mix=${files[0]} reference=${files[1]}
"$automaster" suggest "$mix" --ref "$reference" "${set_all[@]}" -o "$work/plan.toml" --quiet >/dev/null
# Once with a report, that says which stages were at work.
"$automaster" render "$mix" --plan "$work/plan.toml" -o "$work/master.wav" --report "$work/report.json" --quiet >/dev/null
at_work=$(grep -o '"stage": *"[a-z_]*"' "$work/report.json" | sort -u | wc -l)
stages=$(($(wc -l <"$work/medians") - 1))
[[ $at_work -eq $stages ]] || { echo "error: $at_work of $stages stages are at work in the render" >&2; exit 1; }
for run in 1 2 3 4 5 6 7; do
    /usr/bin/time -o "$work/time.$run" -f '%e %U %S' "$automaster" render "$mix" --plan "$work/plan.toml" -o "$work/master.wav" \
        --overwrite --quiet --no-report >/dev/null
done
middle() { cat "$work"/time.* | awk "{ print $1 }" | sort -g | sed -n 4p; }
wall=$(middle '$1')
cpu=$(middle '$2 + $3')

{
    cat <<TEXT
# What it costs

Made by \`benches/table.sh\` on $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), $(date +%Y-%m-%d), load average $(cut -d' ' -f1 /proc/loadavg).
Whole jobs against other programs: \`benches/peers.sh\`. Without the machine's noise: \`benches/instructions.sh\`, which CI holds to
\`benches/instructions.txt\`.

## A minute of stereo at 44.1 kHz through one stage

One core, medians of 5 (\`cargo bench --bench chain\`).

| stage | ms | times real time | share |
|:--|--:|--:|--:|
TEXT
    awk '
        $1 ~ /every_stage/ { all = $2; next }
        { name[++n] = $1; ms[n] = $2; sum += $2 }
        END {
            for (i = 1; i <= n; i++) printf "| `%s` | %.1f | %.0f | %.0f %% |\n", name[i], ms[i], 60000 / ms[i], 100 * ms[i] / sum
            printf "| all in one chain | %.1f | %.0f | |\n", all, 60000 / all
        }
    ' "$work/medians"
    cat <<TEXT

## \`automaster render\` of four minutes with every stage at work

Decoding, both analyses and writing 24 bit included: $wall s on the clock, $cpu CPU-s (medians of 7): $(awk "BEGIN { printf \"%.0f\", 240 / $wall }") times real time.
TEXT
} >"$work/README.md"
cp "$work/README.md" benches/README.md
cat benches/README.md
