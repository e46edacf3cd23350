# One table row for each word that a "\ clause NUMBER NAME" line names: clause, word, and the number of cases
# under it in each file. A case counts where its T{ or OUT{ stands; both end in the same two characters.
# usage: LC_ALL=C awk -f coverage.awk */*.fth | LC_ALL=C sort
function flush_file(    key) {
    for (key in count) row[key] = row[key] (row[key] == "" ? "" : ", ") file " " count[key]
    delete count
}
FNR == 1 { flush_file(); clause = "| no clause | | "; file = FILENAME; sub(/\.fth$/, "", file) }
/^\\ clause / { clause = "| " $3 " | `" $4 "` | "; next }
/^\\/ { next }
{ hits = gsub(/T[{] /, ""); if (hits) count[clause] += hits }
END { flush_file(); for (key in row) print key row[key] " |" }
