\ Clocks: what can be known without knowing what time it is.
SUITE devices/clock

T{ NS@ NS@ U> -> 0 }T
T{ TIME@ 1767225600000000000 U< -> 0 }T
\ clause 10.6.2.2292 TIME&DATE
: DATE-IN-RANGE? ( sec min hour day month year -- flag )
   2026 4000 WITHIN >R 1 13 WITHIN >R 1 32 WITHIN >R 0 24 WITHIN >R 0 60 WITHIN >R 0 61 WITHIN
   R> AND R> AND R> AND R> AND R> AND ;
T{ TIME&DATE DATE-IN-RANGE? -> -1 }T
T{ 0 (DATE) -> 1 1 1970 }T
T{ 58 (DATE) -> 28 2 1970 }T
T{ 59 (DATE) -> 1 3 1970 }T
T{ 364 (DATE) -> 31 12 1970 }T
T{ 11016 (DATE) -> 29 2 2000 }T
T{ 11017 (DATE) -> 1 3 2000 }T
T{ 20777 (DATE) -> 20 11 2026 }T
T{ 47540 (DATE) -> 28 2 2100 }T
T{ 47541 (DATE) -> 1 3 2100 }T
