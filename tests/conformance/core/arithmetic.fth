\ Single-cell addition, subtraction, multiplication, negation, and the words that pick or scale one cell.
\ Overflow wraps: cells are 64-bit two's complement (3.2.2.2 leaves the value to the system).
SUITE core/arithmetic

\ clause 6.1.0120 +
T{ 0 0 + -> 0 }T
T{ 1 2 + -> 3 }T
T{ 1 -2 + -> -1 }T
T{ -1 2 + -> 1 }T
T{ -1 -2 + -> -3 }T
T{ 0 MIN-INT + -> MIN-INT }T
T{ MAX-INT MIN-INT + -> -1 }T
T{ MAX-INT 1 + -> MIN-INT }T
T{ MIN-INT -1 + -> MAX-INT }T
T{ MAX-UINT 1 + -> 0 }T
T{ MIN-INT MIN-INT + -> 0 }T
T{ 4294967295 1 + -> 4294967296 }T
T{ 9 1 2 + -> 9 3 }T

\ clause 6.1.0160 -
T{ 0 0 - -> 0 }T
T{ 5 3 - -> 2 }T
T{ 3 5 - -> -2 }T
T{ -3 -5 - -> 2 }T
T{ 0 MAX-INT - -> MIN-INT 1+ }T
T{ 0 MIN-INT - -> MIN-INT }T
T{ MIN-INT 1 - -> MAX-INT }T
T{ MAX-INT -1 - -> MIN-INT }T
T{ 0 1 - -> MAX-UINT }T
T{ 4294967296 1 - -> 4294967295 }T

\ clause 6.1.0290 1+
T{ 0 1+ -> 1 }T
T{ -1 1+ -> 0 }T
T{ 41 1+ -> 42 }T
T{ MAX-INT 1+ -> MIN-INT }T
T{ MAX-UINT 1+ -> 0 }T

\ clause 6.1.0300 1-
T{ 0 1- -> -1 }T
T{ 1 1- -> 0 }T
T{ -41 1- -> -42 }T
T{ MIN-INT 1- -> MAX-INT }T

\ clause 6.1.0090 *
T{ 0 5 * -> 0 }T
T{ 1 5 * -> 5 }T
T{ 6 7 * -> 42 }T
T{ -6 7 * -> -42 }T
T{ 6 -7 * -> -42 }T
T{ -6 -7 * -> 42 }T
T{ MAX-INT 1 * -> MAX-INT }T
T{ MIN-INT 1 * -> MIN-INT }T
T{ MAX-INT -1 * -> MIN-INT 1+ }T
T{ MIN-INT -1 * -> MIN-INT }T
T{ MIN-INT 2 * -> 0 }T
T{ MAX-INT 2 * -> -2 }T
T{ MAX-INT MAX-INT * -> 1 }T
T{ 4294967296 4294967296 * -> 0 }T
T{ 4294967295 4294967297 * -> MAX-UINT }T
T{ 3037000499 3037000499 * -> 9223372030926249001 }T
T{ 1000000007 -998244353 * -> -998244359987710471 }T

\ clause 6.1.1910 NEGATE
T{ 0 NEGATE -> 0 }T
T{ 1 NEGATE -> -1 }T
T{ -1 NEGATE -> 1 }T
T{ MAX-INT NEGATE -> MIN-INT 1+ }T
T{ MIN-INT 1+ NEGATE -> MAX-INT }T
T{ MIN-INT NEGATE -> MIN-INT }T

\ clause 6.1.0690 ABS
T{ 0 ABS -> 0 }T
T{ 1 ABS -> 1 }T
T{ -1 ABS -> 1 }T
T{ MAX-INT ABS -> MAX-INT }T
T{ MIN-INT 1+ ABS -> MAX-INT }T
T{ MIN-INT ABS -> 1 63 LSHIFT }T

\ clause 6.1.1870 MAX
T{ 0 1 MAX -> 1 }T
T{ 1 0 MAX -> 1 }T
T{ 1 1 MAX -> 1 }T
T{ -1 0 MAX -> 0 }T
T{ -1 1 MAX -> 1 }T
T{ -2 -1 MAX -> -1 }T
T{ MIN-INT MAX-INT MAX -> MAX-INT }T
T{ MAX-INT MIN-INT MAX -> MAX-INT }T
T{ MIN-INT 0 MAX -> 0 }T
T{ 4294967296 4294967295 MAX -> 4294967296 }T

\ clause 6.1.1880 MIN
T{ 0 1 MIN -> 0 }T
T{ 1 0 MIN -> 0 }T
T{ 1 1 MIN -> 1 }T
T{ -1 0 MIN -> -1 }T
T{ 1 -1 MIN -> -1 }T
T{ -2 -1 MIN -> -2 }T
T{ MIN-INT MAX-INT MIN -> MIN-INT }T
T{ MAX-INT MIN-INT MIN -> MIN-INT }T
T{ MAX-INT 0 MIN -> 0 }T
T{ 4294967296 4294967295 MIN -> 4294967295 }T

\ clause 6.1.0320 2*
T{ 0 2* -> 0 }T
T{ 1 2* -> 2 }T
T{ 16384 2* -> 32768 }T
T{ -1 2* -> -2 }T
T{ MAX-INT 2* -> MAX-UINT 1- }T
T{ MIN-INT 2* -> 0 }T
T{ 2147483648 2* -> 4294967296 }T

\ clause 6.1.0330 2/
T{ 0 2/ -> 0 }T
T{ 1 2/ -> 0 }T
T{ 42 2/ -> 21 }T
T{ 43 2/ -> 21 }T
T{ -1 2/ -> -1 }T
T{ -2 2/ -> -1 }T
T{ -3 2/ -> -2 }T
T{ MAX-INT 2/ -> 1 62 LSHIFT 1- }T
T{ MIN-INT 2/ MIN-INT 2/ + -> MIN-INT }T
T{ MAX-UINT 2/ -> MAX-UINT }T

\ ---- compiled, so that a compiler's shortcuts are met too ----
\ clause 6.1.0120 +
: ADD-FIVE 5 + ;
T{ 37 ADD-FIVE -> 42 }T
T{ MAX-INT ADD-FIVE -> MIN-INT 4 + }T
: ADD-BIG 1099511627776 + ;
T{ 1 ADD-BIG -> 1099511627777 }T

\ clause 6.1.0160 -
: LESS-FIVE 5 - ;
T{ 37 LESS-FIVE -> 32 }T
T{ MIN-INT LESS-FIVE -> MAX-INT 4 - }T
: FROM-TEN 10 SWAP - ;
T{ 3 FROM-TEN -> 7 }T

\ clause 6.1.0090 *
: SQUARE DUP * ;
T{ 12 SQUARE -> 144 }T
T{ -12 SQUARE -> 144 }T
: FACTORIAL 1 SWAP BEGIN DUP 1 > WHILE SWAP OVER * SWAP 1- REPEAT DROP ;
T{ 0 FACTORIAL -> 1 }T
T{ 20 FACTORIAL -> 2432902008176640000 }T
T{ 21 FACTORIAL -> -4249290049419214848 }T

\ clause 6.1.1910 NEGATE
: MINUS NEGATE + ;
T{ 10 3 MINUS -> 7 }T
T{ 10 MIN-INT MINUS -> MIN-INT 10 + }T
