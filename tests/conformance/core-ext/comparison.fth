\ CORE EXT: flags and further comparisons.
SUITE core-ext/comparison

\ clause 6.2.2298 TRUE
T{ TRUE -> 0 INVERT }T
T{ TRUE 0= -> 0 }T

\ clause 6.2.1485 FALSE
T{ FALSE -> 0 }T
T{ FALSE 0= -> TRUE }T

\ clause 6.2.0260 0<>
T{ 0 0<> -> FALSE }T
T{ 1 0<> -> TRUE }T
T{ -1 0<> -> TRUE }T
T{ MIN-INT 0<> -> TRUE }T
T{ 1 32 LSHIFT 0<> -> TRUE }T

\ clause 6.2.0280 0>
T{ 0 0> -> FALSE }T
T{ 1 0> -> TRUE }T
T{ -1 0> -> FALSE }T
T{ MIN-INT 0> -> FALSE }T
T{ MAX-INT 0> -> TRUE }T
T{ MAX-UINT 0> -> FALSE }T

\ clause 6.2.0500 <>
T{ 0 0 <> -> FALSE }T
T{ 0 1 <> -> TRUE }T
T{ -1 1 <> -> TRUE }T
T{ MIN-INT MAX-INT <> -> TRUE }T
T{ 0 1 32 LSHIFT <> -> TRUE }T
T{ MAX-UINT -1 <> -> FALSE }T

\ clause 6.2.2350 U>
T{ 0 1 U> -> FALSE }T
T{ 1 0 U> -> TRUE }T
T{ 1 1 U> -> FALSE }T
T{ -1 1 U> -> TRUE }T
T{ MIN-INT MAX-INT U> -> TRUE }T
T{ MAX-INT MIN-INT U> -> FALSE }T
T{ MAX-UINT MAX-UINT 1- U> -> TRUE }T

\ clause 6.2.2440 WITHIN
T{ 5 1 10 WITHIN -> TRUE }T
T{ 1 1 10 WITHIN -> TRUE }T
T{ 10 1 10 WITHIN -> FALSE }T
T{ 0 1 10 WITHIN -> FALSE }T
T{ 5 5 5 WITHIN -> FALSE }T
T{ -3 -5 -1 WITHIN -> TRUE }T
T{ 0 -5 5 WITHIN -> TRUE }T
T{ -6 -5 5 WITHIN -> FALSE }T
\ The range goes round: from the second up to, but not including, the third, through the ends.
T{ 5 10 1 WITHIN -> FALSE }T
T{ 0 10 1 WITHIN -> TRUE }T
T{ 10 10 1 WITHIN -> TRUE }T
T{ 1 10 1 WITHIN -> FALSE }T
T{ MAX-UINT 10 1 WITHIN -> TRUE }T
T{ MIN-INT MAX-INT 0 WITHIN -> TRUE }T
T{ MAX-INT MIN-INT 0 WITHIN -> FALSE }T
T{ MAX-INT MIN-INT MAX-INT WITHIN -> FALSE }T
T{ 0 MIN-INT MAX-INT WITHIN -> TRUE }T
T{ MAX-UINT 0 MAX-UINT WITHIN -> FALSE }T
T{ 0 0 MAX-UINT WITHIN -> TRUE }T
T{ 4 4 3 WITHIN -> TRUE }T
