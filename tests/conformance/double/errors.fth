\ DOUBLE: what its words refuse, with the codes they throw.
SUITE double/errors

0 1 63 LSHIFT 2CONSTANT MIN-D
MAX-UINT MAX-INT 2CONSTANT MAX-D

\ clause 8.6.1.1820 M*/
T{ THROWS| 1. 1 0 M*/| -> -10 }T
T{ THROWS| 0. 0 0 M*/| -> -10 }T
T{ THROWS| 1. 1 -1 M*/| -> -24 }T
T{ THROWS| 1. 1 MIN-INT M*/| -> -24 }T
\ The quotient is 2^127, one too many; -2^127 - 1, one too few; and far away on either side.
T{ THROWS| MIN-D -1 1 M*/| -> -11 }T
T{ THROWS| MIN-D -3 3 M*/| -> -11 }T
T{ THROWS| MAX-D 2 1 M*/| -> -11 }T
T{ THROWS| MAX-D -2 1 M*/| -> -11 }T
T{ THROWS| MIN-D MIN-INT 1 M*/| -> -11 }T
T{ THROWS| MIN-D MAX-INT 1 M*/| -> -11 }T
T{ THROWS| MIN-D MAX-INT DUP 1- M*/| -> -11 }T
T{ THROWS| MAX-D MIN-INT MAX-INT M*/| -> -11 }T
\ What is rounded down to 2^128, inverted, must not pass for zero.
T{ THROWS| MAX-D -4 2 M*/| -> -11 }T
T{ THROWS| MAX-UINT MAX-INT -5 2 M*/| -> -11 }T
T{ THROWS| 1. 1 M*/| -> -4 }T

\ clause 8.6.1.1040 D+
T{ THROWS| 1 2 3 D+| -> -4 }T

\ clause 8.6.1.1110 D<
T{ THROWS| 1 2 3 D<| -> -4 }T

\ clause 8.6.1.1060 D.
T{ THROWS| 1 D.| -> -4 }T
T{ THROWS| 1. 0 BASE ! D.| DECIMAL -> -10 }T

\ clause 8.6.2.0420 2ROT
T{ THROWS| 1 2 3 4 5 2ROT| -> -4 }T

\ clause 8.6.1.0390 2LITERAL
T{ THROWS| 1. 2LITERAL| -> -14 }T

\ clause 8.6.1.0360 2CONSTANT
T{ THROWS| 1. 2CONSTANT | -> -16 }T
T{ THROWS| 1 2CONSTANT ERR-2C| -> -4 }T
T{ THROWS| ERR-2C| -> -13 }T
T{ THROWS| 1. TO MIN-D| -> -32 }T
T{ THROWS| ' MIN-D >BODY| -> -31 }T

\ clause 8.6.1.0440 2VARIABLE
T{ THROWS| 2VARIABLE | -> -16 }T

\ clause 8.6.2.0435 2VALUE
T{ THROWS| 1. 2VALUE | -> -16 }T
T{ THROWS| 1 2VALUE ERR-2V| -> -4 }T
1. 2VALUE 2VAL-KEPT
T{ THROWS| 1 TO 2VAL-KEPT| -> -4 }T
T{ 2VAL-KEPT -> 1. }T
T{ THROWS| ' 2VAL-KEPT >BODY| -> -31 }T
