# gpu-table.awk: figures of deltalab_card_bench and of tests/bench/peers-card.py, JSON lines of one card and one call, as a table with what was asked for.

# The value of a key in this line; empty where it has none.
function value(key,    found) {
  if (!match($0, "\"" key "\": *(\"[^\"]*\"|[^,}]*)")) return ""
  found = substr($0, RSTART, RLENGTH)
  sub("^\"" key "\": *", "", found)
  gsub("\"", "", found)
  return found
}

# "12.3x (asked: 10x, met)"; only what was measured.
function ratio(ours, theirs, asked) {
  if (ours == "" || theirs == "") return "-"
  return sprintf("%.2fx", ours / theirs) (asked == "" ? "" : sprintf(" (asked: %sx, %s)", asked, ours / theirs >= asked ? "met" : "missed"))
}

function four(figure) { return figure == "" ? "-" : sprintf("%.4g", figure) }

BEGIN {
  eagerAsked["W2 1"] = 20; bestAsked["W2 1"] = 3
  eagerAsked["W3 1"] = 5; bestAsked["W3 1"] = 1.5
  eagerAsked["W4 1"] = eagerAsked["W6 1"] = 2
  bestAsked["W4 1"] = bestAsked["W6 1"] = 1.0
}

# Lines of a call follow the line of its card. The first call is the one that counts, others are set against it.
value("card") != "" {
  ++calls
  ceiling = value("fmaTeraFlops") != "" ? value("fmaTeraFlops") " TFLOP/s (FMA, float32)" : value("tensorTeraFlops") " TFLOP/s (tensor cores, " value("precision") ")"
  how[calls] = value("precision") (value("cuBlasLt") == "true" ? ", cuBLASLt" : ", own kernels")
  printf "%s, %s: measured ceilings %s, %s GB/s (copy)\n", value("card"), how[calls], ceiling, value("copyGigabytesPerSecond")
  next
}

{ run = value("workload") " " value("lanes") }

calls > 1 && value("way") == "" && value("workload") != "" && value("workload") != "digits" {
  other[++others] = sprintf("%-11s %-21s %-22s %.3g %% of %s, %.2fx of the above", run, how[calls], four(value("median")) " " value("unit"),
    100 * value("fractionOfCeiling"), value("binds"), value("median") / ours[run])
  next
}

value("workload") == "digits" { digits = $0; next }

value("way") != "" {
  there = 1
  if (value("way") == "eager") eager[run] = value("median")
  if (value("median") + 0 > best[run] + 0) { best[run] = value("median"); way[run] = value("way") }
  next
}

value("workload") != "" {
  order[++count] = run
  ours[run] = value("median"); unit[run] = value("unit"); memory[run] = value("deviceMemoryMiB")
  fraction[run] = sprintf("%.3g %% of %s", 100 * value("fractionOfCeiling"), value("binds"))
  path[run] = value("path"); samples[run] = value("samplesPerSecond"); updates[run] = value("updatesPerSecond"); repeats[run] = value("repeats")
}

END {
  if (count == 0) { print "bench: no figure was measured"; exit }
  line = "%-11s %-15s %-21s %-22s %9s  %-6s %-27s %-27s %s\n"
  printf line, "run, lanes", "path", "ours", "of the ceiling", "MiB", "bits", "against PyTorch eager", "against its best", "its best"
  for (i = 1; i <= count; ++i) {
    run = order[i]
    printf line, run, path[run] == "" ? "-" : path[run], four(ours[run]) " " unit[run], fraction[run], four(memory[run]), repeats[run] == "true" ? "same" : repeats[run] == "false" ? "DIFFER" : "-",
      ratio(ours[run], eager[run], eagerAsked[run]), ratio(ours[run], best[run], bestAsked[run]), way[run] == "" ? "-" : four(best[run]) " by " way[run]
  }
  if (!there) print "PyTorch: not there"
  for (i = 1; i <= others; ++i) print other[i]
  print "64 rates of W3 together, against one after another in PyTorch eager: " ratio(samples["W3 64"], eager["W3 1"], 10)
  print "64 rates of W3 together, against one after another in PyTorch's best way: " ratio(samples["W3 64"], best["W3 1"], "")
  if (updates["W3 1"] != "" && updates["W3 64"] != "") {
    slower = updates["W3 1"] / updates["W3 64"]
    printf "64 rates of W3 together take %.2f times as long as one (asked: at most 3, %s)\n", slower, slower <= 3 ? "met" : "missed"
  }
  $0 = digits
  if (value("median") != "") printf "97 %% of MNIST: %s s, %s epochs of %s pictures, from data in memory (W4's network)\n", value("median"), value("epochs"), value("trainedOn")
  else if (value("skipped") != "") print "97 % of MNIST: not measured, " value("skipped")
  else if (value("withoutSuccess") != "") print "97 % of MNIST: not reached, " value("accuracy") " after " value("epochs") " epochs"
  else print "97 % of MNIST: not measured"
}
