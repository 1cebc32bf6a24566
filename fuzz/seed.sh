#!/bin/sh
# Seeds the corpora from the programs of the tree: whole files for `parse`, top-level pieces (separated by empty lines) for
# `run`, lines of plain text for `synth_text`.
set -eu
cd "$(dirname "$0")"
mkdir -p corpus/parse corpus/run corpus/synth_text
for f in $(git ls-files ../stdlib ../examples ../benches | grep '\.nsp$'); do
    base=$(echo "$f" | tr '/.' '__')
    cp "$f" "corpus/parse/$base"
    awk -v RS= -v base="corpus/run/$base" '{ f = base "." NR; print > f; close(f) }' "$f"
done
# Examples that stand in the documentation of the operations.
grep -rhoE '^ *"[a-z_]+\(.*\) == .*",$' ../src/builtins/*.rs | sed 's/^ *"//; s/",$//; s/\\"/"/g; s/\\\\/\\/g' |
    awk '{ f = "corpus/run/op." NR; print > f; close(f) }'
i=0
while IFS='|' read -r a b c d; do
    i=$((i + 1))
    printf '%s\n%s\n%s\n%s\n' "$a" "$b" "$c" "$d" > "corpus/synth_text/$i"
done <<'PAIRS'
Mason Smith|Smith M|Henry Myers|Myers H
2019-07-03|03/07/2019|2020-12-31|31/12/2020
jacob@example.org|example.org|mia.sans@nsp.io|nsp.io
(555) 123-4567|555-123-4567|(020) 765-4321|020-765-4321
hello world|HELLO WORLD|one two|ONE TWO
a b c|a|d e f|d
|x|y|x
Ängström 5|5|Ω 12|12
PAIRS
