\ The harness tested on itself: run alone, as harness.fth, this file, REPORT. Not part of the suite.
\ Most cases are wrong on purpose; a harness that lets one pass, or loses one, misses these counts:
\ expect conformance: 14 passed, 23 failed
\ Each wrong case is reported on the way; nothing is left on the stack at the end (the last right case).

SUITE harness-selftest

\ ---- right cases ----
T{ -> }T
T{ 1 -> 1 }T
T{ 1 2 3 -> 1 2 3 }T
T{ 0 -1 -> 0 -1 }T
T{ MIN-INT MAX-INT -> MIN-INT MAX-INT }T
T{ MAX-UINT -> -1 }T
T{ 1
   2 -> 1
   2 }T
T{ 1 -> 1 }T T{ 2 -> 2 }T
5 T{ 6 -> 6 }T DROP
T{ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
-> 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 }T
T{ THROWS| 1 2 +| -> 3 0 }T
T{ THROWS| 1 2 3 ABORT| -> -1 }T

\ ---- wrong values ----
T{ 1 -> 2 }T
T{ 1 2 -> 2 1 }T
T{ 0 -> 1 }T
T{ -1 -> MAX-INT }T
T{ MIN-INT -> 0 }T
T{ 1 2 3 -> 0 2 3 }T
T{ 1 2 3 -> 1 0 3 }T
T{ 1 2 3 -> 1 2 0 }T
T{ 1 -> 257 }T
T{ 1 -> 4294967297 }T

\ ---- wrong numbers of cells ----
T{ -> 0 }T
T{ 0 -> }T
T{ 1 1 -> 1 }T
T{ 1 -> 1 1 }T
T{ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
-> 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 }T

\ ---- cells taken from below the case; the last two leave what they found ----
5 6 T{ DROP -> }T 2DROP
5 6 T{ -> DROP }T 2DROP
5 6 T{ DROP -> DROP }T 2DROP
5 6 T{ + -> + }T 2DROP

\ ---- malformed and unfinished cases ----
T{ 1 1 }T
T{ 1 -> 1 -> 1 }T
T{ 1 -> 1
DROP
T{ 1
DROP
1 }T

\ ---- right again: a failure leaves the harness able to pass, and the stack as it was ----
T{ DEPTH -> 0 }T
