#!/usr/bin/env bash
# Fetches the test music: pinned packages in, verified audio files out.
#
#   scripts/fetch-corpus.sh [dev|train|all] [PACKAGE...]
#
# training/packages.tsv pins each package (version, size, SHA-256), training/corpus.tsv lists the files wanted of it.
# Each package ends as $AUTOMASTER_CORPUS/PACKAGE/<path as in corpus.tsv> together with its copyright file; the default
# of AUTOMASTER_CORPUS is .cache/corpus in the repository. A package that is there already is left alone; one that is
# being fetched appears in one rename, so an interrupted run leaves nothing half done.
#
# Exit: 0 all there; 75 no registry answered (skip what needs the corpus); 2 usage; 1 anything else (a wrong checksum).
set -euo pipefail

readonly NO_REGISTRY=75
root=$(cd "$(dirname "$0")/.." && pwd)
corpus=${AUTOMASTER_CORPUS:-$root/.cache/corpus}
split=${1:-dev}
shift || true
case $split in dev | train | all) ;; *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac

mkdir -p "$corpus"
work=$(mktemp -d "$corpus/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

skip_loudly() {
    cat >&2 <<TEXT

  ################################################################################
  ##  CORPUS NOT FETCHED: no registry gave $1
  ##  Every test and figure that needs real music is SKIPPED, not passed.
  ##  Cause: $2
  ################################################################################

TEXT
    exit $NO_REGISTRY
}

verify() { # FILE SHA256
    local have
    have=$(sha256sum "$1" | cut -d' ' -f1)
    [[ $have == "$2" ]] || { echo "error: $(basename "$1"): SHA-256 is $have, pinned is $2" >&2; exit 1; }
}

download_debian() { # NAME VERSION ARCHITECTURE: prints the file's path
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        skip_loudly "$1" "apt-get and dpkg-deb are needed, and this is not a Debian system"
    local from=$1
    [[ $3 == all || $3 == "$(dpkg --print-architecture)" ]] || from=$1:$3
    (cd "$work" && apt-get download -q "$from=$2") >"$work/log" 2>&1 || skip_loudly "$1 $2" "$(tail -n1 "$work/log")"
    find "$work" -maxdepth 1 -name '*.deb'
}

download_pypi() { # NAME VERSION: prints the file's path
    command -v pip >/dev/null || skip_loudly "$1" "pip is needed"
    (cd "$work" && pip download --quiet --no-binary :all: --no-deps "$1==$2") >"$work/log" 2>&1 ||
        skip_loudly "$1 $2" "$(tail -n1 "$work/log")"
    find "$work" -maxdepth 1 -name '*.tar.gz'
}

# The wanted files of a package, one a line. NAME.d/FILE is FILE inside the ZIP archive NAME.
wanted() { awk -F'\t' -v name="$1" 'NR > 1 && $3 == name { print $5 }' "$root/training/corpus.tsv"; }

complete() { # NAME SHA256
    [[ -f $corpus/$1/.sha256 && $(<"$corpus/$1/.sha256") == "$2" ]] || return 1
    local path
    while IFS= read -r path; do [[ -f $corpus/$1/$path ]] || return 1; done < <(wanted "$1")
}

unpack() { # NAME FOLDER: archives in the folder become folders of their wanted files
    wanted "$1" | sed -n 's|\.d/.*||p' | sort -u | while IFS= read -r archive; do
        python3 - "$2/$archive" <(wanted "$1" | sed -n "s|^$archive\.d/||p") <<'PYTHON'
import sys, zipfile
archive, names = sys.argv[1:]
zipfile.ZipFile(archive).extractall(archive + ".d", open(names).read().splitlines())
PYTHON
        rm "$2/$archive"
    done
}

fetch() { # REGISTRY NAME VERSION ARCHITECTURE SHA256
    local file tree=$work/tree
    mkdir "$tree"
    if [[ $1 == debian ]]; then
        file=$(download_debian "$2" "$3" "$4")
        verify "$file" "$5"
        { wanted "$2" && echo "usr/share/doc/$2/copyright"; } | sed 's|^|./|; s|\.d/.*||' | sort -u >"$work/list"
        dpkg-deb --fsys-tarfile "$file" | tar -x -C "$tree" --verbatim-files-from -T "$work/list"
        unpack "$2" "$tree"
    else
        file=$(download_pypi "$2" "$3")
        verify "$file" "$5"
        { wanted "$2" && echo "$2-$3/LICENSE.md"; } >"$work/list"
        tar -xzf "$file" -C "$tree" --verbatim-files-from -T "$work/list"
    fi
    echo "$5" >"$tree/.sha256"
    rm -rf "${corpus:?}/$2"
    mv "$tree" "$corpus/$2"
    rm -f "$file"
}

# Substituted commands run in subshells, whose exits set -e carries out here.
while IFS=$'\t' read -r of registry name version architecture _ sha256; do
    [[ $of == split || ($split != all && $of != "$split") ]] && continue
    [[ $# -gt 0 && ! " $* " == *" $name "* ]] && continue
    complete "$name" "$sha256" && continue
    echo "fetching $name $version ($registry)" >&2
    fetch "$registry" "$name" "$version" "$architecture" "$sha256"
done <"$root/training/packages.tsv"
echo "corpus ($split): $corpus" >&2
