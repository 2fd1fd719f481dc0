#!/usr/bin/env bash
# Writes models/ATTRIBUTION.md: the music that the models were fitted on, from the train split of training/corpus.tsv.
set -euo pipefail
cd "$(dirname "$0")/.."
{
    cat <<'TEXT'
# Music that the models were fitted on

Made by `scripts/attribution.sh` from the train split of `training/corpus.tsv`. The models hold statistics of these records, no
part of any of them. Files as in the named Debian packages; each package's copyright file has the full text.

| package | file | title | artist | licence |
|:--|:--|:--|:--|:--|
TEXT
    awk -F'\t' '
        # A field in quotation marks as it was meant, as CSV has it.
        function plain(field) {
            if (field ~ /^".*"$/) { field = substr(field, 2, length(field) - 2); gsub(/""/, "\"", field) }
            gsub(/\|/, "/", field)
            return field
        }
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["split"] == "train" {
            file = $at["path"]; sub(/.*\//, "", file)
            printf "| %s %s | %s | %s | %s | %s |\n", $at["package"], $at["version"], file, plain($at["title"]), plain($at["artist"]), $at["licence"]
        }' training/corpus.tsv
} >models/ATTRIBUTION.md
