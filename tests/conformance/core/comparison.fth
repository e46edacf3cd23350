\ Comparisons: every flag is all bits clear or all bits set.
SUITE core/comparison

\ clause 6.1.0270 0=
T{ 0 0= -> -1 }T
T{ 1 0= -> 0 }T
T{ -1 0= -> 0 }T
T{ MIN-INT 0= -> 0 }T
T{ MAX-INT 0= -> 0 }T
T{ 1 32 LSHIFT 0= -> 0 }T
T{ 0 0= 0= -> 0 }T

\ clause 6.1.0250 0<
T{ 0 0< -> 0 }T
T{ 1 0< -> 0 }T
T{ -1 0< -> -1 }T
T{ MIN-INT 0< -> -1 }T
T{ MAX-INT 0< -> 0 }T
T{ MAX-UINT 0< -> -1 }T
T{ 2147483648 0< -> 0 }T

\ clause 6.1.0530 =
T{ 0 0 = -> -1 }T
T{ 1 1 = -> -1 }T
T{ -1 -1 = -> -1 }T
T{ 0 1 = -> 0 }T
T{ 1 0 = -> 0 }T
T{ -1 1 = -> 0 }T
T{ MIN-INT MIN-INT = -> -1 }T
T{ MIN-INT MAX-INT = -> 0 }T
T{ MAX-UINT -1 = -> -1 }T
T{ 0 1 32 LSHIFT = -> 0 }T
T{ MIN-INT 0 = -> 0 }T

\ clause 6.1.0480 <
T{ 0 1 < -> -1 }T
T{ 1 0 < -> 0 }T
T{ 1 1 < -> 0 }T
T{ 1 2 < -> -1 }T
T{ -1 0 < -> -1 }T
T{ 0 -1 < -> 0 }T
T{ -2 -1 < -> -1 }T
T{ -1 -2 < -> 0 }T
T{ -1 1 < -> -1 }T
T{ MIN-INT 0 < -> -1 }T
T{ MIN-INT MAX-INT < -> -1 }T
T{ MAX-INT MIN-INT < -> 0 }T
T{ 0 MAX-INT < -> -1 }T
T{ MAX-INT 0 < -> 0 }T
T{ MAX-INT 1- MAX-INT < -> -1 }T
T{ MIN-INT MIN-INT 1+ < -> -1 }T
T{ 4294967295 4294967296 < -> -1 }T

\ clause 6.1.0540 >
T{ 0 1 > -> 0 }T
T{ 1 0 > -> -1 }T
T{ 1 1 > -> 0 }T
T{ -1 0 > -> 0 }T
T{ 0 -1 > -> -1 }T
T{ -1 -2 > -> -1 }T
T{ -2 -1 > -> 0 }T
T{ MIN-INT MAX-INT > -> 0 }T
T{ MAX-INT MIN-INT > -> -1 }T
T{ 0 MIN-INT > -> -1 }T
T{ MIN-INT 0 > -> 0 }T
T{ 4294967296 4294967295 > -> -1 }T

\ clause 6.1.2340 U<
T{ 0 1 U< -> -1 }T
T{ 1 0 U< -> 0 }T
T{ 1 1 U< -> 0 }T
T{ 0 0 U< -> 0 }T
T{ 0 -1 U< -> -1 }T
T{ -1 0 U< -> 0 }T
T{ 1 -1 U< -> -1 }T
T{ MAX-INT MIN-INT U< -> -1 }T
T{ MIN-INT MAX-INT U< -> 0 }T
T{ MIN-INT MAX-UINT U< -> -1 }T
T{ MAX-UINT MAX-UINT U< -> 0 }T
T{ MAX-UINT 1- MAX-UINT U< -> -1 }T

\ ---- compiled in front of a branch, where a compiler may join the two ----
\ clause 6.1.0480 <
: LESS? < IF 1 ELSE 2 THEN ;
T{ 1 2 LESS? -> 1 }T
T{ 2 1 LESS? -> 2 }T
T{ MIN-INT MAX-INT LESS? -> 1 }T
T{ MAX-INT MIN-INT LESS? -> 2 }T

\ clause 6.1.0540 >
: MORE? > IF 1 ELSE 2 THEN ;
T{ 1 2 MORE? -> 2 }T
T{ 2 1 MORE? -> 1 }T
T{ 2 2 MORE? -> 2 }T
T{ MAX-INT MIN-INT MORE? -> 1 }T

\ clause 6.1.0530 =
: SAME? = IF 1 ELSE 2 THEN ;
T{ 5 5 SAME? -> 1 }T
T{ 5 6 SAME? -> 2 }T
: DIFFERENT? = 0= IF 1 ELSE 2 THEN ;
T{ 5 5 DIFFERENT? -> 2 }T
T{ 5 6 DIFFERENT? -> 1 }T

\ clause 6.1.2340 U<
: BELOW? U< IF 1 ELSE 2 THEN ;
T{ 1 -1 BELOW? -> 1 }T
T{ -1 1 BELOW? -> 2 }T
T{ 3 3 BELOW? -> 2 }T

\ clause 6.1.0270 0=
: ZERO? 0= IF 1 ELSE 2 THEN ;
T{ 0 ZERO? -> 1 }T
T{ 5 ZERO? -> 2 }T

\ clause 6.1.0250 0<
: SIGNUM DUP 0< IF DROP -1 ELSE 0= 1+ THEN ;
T{ -7 SIGNUM -> -1 }T
T{ 0 SIGNUM -> 0 }T
T{ 7 SIGNUM -> 1 }T
