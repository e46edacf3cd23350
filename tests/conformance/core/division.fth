\ Single-cell division. Where the signs differ this system rounds down, towards minus infinity: its
\ default division is floored (3.2.2.1 leaves the choice to the system, which answers FLOORED).
SUITE core/division

\ clause 6.1.0230 /
T{ 0 1 / -> 0 }T
T{ 0 -1 / -> 0 }T
T{ 0 MAX-INT / -> 0 }T
T{ 1 1 / -> 1 }T
T{ 7 2 / -> 3 }T
T{ -7 2 / -> -4 }T
T{ 7 -2 / -> -4 }T
T{ -7 -2 / -> 3 }T
T{ 6 3 / -> 2 }T
T{ -6 3 / -> -2 }T
T{ 6 -3 / -> -2 }T
T{ -6 -3 / -> 2 }T
T{ 1 2 / -> 0 }T
T{ -1 2 / -> -1 }T
T{ 1 -2 / -> -1 }T
T{ -1 -2 / -> 0 }T
T{ 10 7 / -> 1 }T
T{ -10 7 / -> -2 }T
T{ MAX-INT 1 / -> MAX-INT }T
T{ MIN-INT 1 / -> MIN-INT }T
T{ MAX-INT -1 / -> MIN-INT 1+ }T
T{ MAX-INT 2 / -> 4611686018427387903 }T
T{ MIN-INT 2 / -> -4611686018427387904 }T
T{ MIN-INT -2 / -> 4611686018427387904 }T
T{ MIN-INT MIN-INT / -> 1 }T
T{ MAX-INT MAX-INT / -> 1 }T
T{ MIN-INT MAX-INT / -> -2 }T
T{ MAX-INT MIN-INT / -> -1 }T
T{ MIN-INT 1+ -1 / -> MAX-INT }T

\ clause 6.1.1890 MOD
T{ 0 1 MOD -> 0 }T
T{ 0 -1 MOD -> 0 }T
T{ 0 MAX-INT MOD -> 0 }T
T{ 1 1 MOD -> 0 }T
T{ 7 2 MOD -> 1 }T
T{ -7 2 MOD -> 1 }T
T{ 7 -2 MOD -> -1 }T
T{ -7 -2 MOD -> -1 }T
T{ 6 3 MOD -> 0 }T
T{ -6 3 MOD -> 0 }T
T{ 6 -3 MOD -> 0 }T
T{ -6 -3 MOD -> 0 }T
T{ 1 2 MOD -> 1 }T
T{ -1 2 MOD -> 1 }T
T{ 1 -2 MOD -> -1 }T
T{ -1 -2 MOD -> -1 }T
T{ 10 7 MOD -> 3 }T
T{ -10 7 MOD -> 4 }T
T{ MAX-INT 1 MOD -> 0 }T
T{ MIN-INT 1 MOD -> 0 }T
T{ MAX-INT -1 MOD -> 0 }T
T{ MAX-INT 2 MOD -> 1 }T
T{ MIN-INT 2 MOD -> 0 }T
T{ MIN-INT -2 MOD -> 0 }T
T{ MIN-INT MIN-INT MOD -> 0 }T
T{ MAX-INT MAX-INT MOD -> 0 }T
T{ MIN-INT MAX-INT MOD -> MAX-INT 1- }T
T{ MAX-INT MIN-INT MOD -> -1 }T
T{ MIN-INT 1+ -1 MOD -> 0 }T

\ clause 6.1.0240 /MOD
T{ 0 1 /MOD -> 0 0 }T
T{ 0 -1 /MOD -> 0 0 }T
T{ 0 MAX-INT /MOD -> 0 0 }T
T{ 1 1 /MOD -> 0 1 }T
T{ 7 2 /MOD -> 1 3 }T
T{ -7 2 /MOD -> 1 -4 }T
T{ 7 -2 /MOD -> -1 -4 }T
T{ -7 -2 /MOD -> -1 3 }T
T{ 6 3 /MOD -> 0 2 }T
T{ -6 3 /MOD -> 0 -2 }T
T{ 6 -3 /MOD -> 0 -2 }T
T{ -6 -3 /MOD -> 0 2 }T
T{ 1 2 /MOD -> 1 0 }T
T{ -1 2 /MOD -> 1 -1 }T
T{ 1 -2 /MOD -> -1 -1 }T
T{ -1 -2 /MOD -> -1 0 }T
T{ 10 7 /MOD -> 3 1 }T
T{ -10 7 /MOD -> 4 -2 }T
T{ MAX-INT 1 /MOD -> 0 MAX-INT }T
T{ MIN-INT 1 /MOD -> 0 MIN-INT }T
T{ MAX-INT -1 /MOD -> 0 MIN-INT 1+ }T
T{ MAX-INT 2 /MOD -> 1 4611686018427387903 }T
T{ MIN-INT 2 /MOD -> 0 -4611686018427387904 }T
T{ MIN-INT -2 /MOD -> 0 4611686018427387904 }T
T{ MIN-INT MIN-INT /MOD -> 0 1 }T
T{ MAX-INT MAX-INT /MOD -> 0 1 }T
T{ MIN-INT MAX-INT /MOD -> MAX-INT 1- -2 }T
T{ MAX-INT MIN-INT /MOD -> -1 -1 }T
T{ MIN-INT 1+ -1 /MOD -> 0 MAX-INT }T

\ clause 6.1.0100 */
T{ 0 1 1 */ -> 0 }T
T{ 6 7 3 */ -> 14 }T
T{ 7 3 2 */ -> 10 }T
T{ -7 3 2 */ -> -11 }T
T{ 7 -3 2 */ -> -11 }T
T{ 7 3 -2 */ -> -11 }T
T{ -7 -3 2 */ -> 10 }T
T{ -7 3 -2 */ -> 10 }T
T{ -7 -3 -2 */ -> -11 }T
T{ 10 10 3 */ -> 33 }T
T{ MAX-INT MAX-INT MAX-INT */ -> MAX-INT }T
T{ MIN-INT MIN-INT MIN-INT */ -> MIN-INT }T
T{ MIN-INT MAX-INT MAX-INT */ -> MIN-INT }T
T{ MAX-INT 2 2 */ -> MAX-INT }T
T{ MIN-INT 2 2 */ -> MIN-INT }T
T{ MAX-INT 1000 1000 */ -> MAX-INT }T
T{ 1000000000000 1000000000000 1000000000001 */ -> 999999999999 }T
T{ MIN-INT -1 2 */ -> 4611686018427387904 }T
T{ MAX-INT MIN-INT MAX-INT */ -> MIN-INT }T
T{ MIN-INT MAX-INT MIN-INT */ -> MAX-INT }T

\ clause 6.1.0110 */MOD
T{ 0 1 1 */MOD -> 0 0 }T
T{ 6 7 3 */MOD -> 0 14 }T
T{ 7 3 2 */MOD -> 1 10 }T
T{ -7 3 2 */MOD -> 1 -11 }T
T{ 7 -3 2 */MOD -> 1 -11 }T
T{ 7 3 -2 */MOD -> -1 -11 }T
T{ -7 -3 2 */MOD -> 1 10 }T
T{ -7 3 -2 */MOD -> -1 10 }T
T{ -7 -3 -2 */MOD -> -1 -11 }T
T{ 10 10 3 */MOD -> 1 33 }T
T{ MAX-INT MAX-INT MAX-INT */MOD -> 0 MAX-INT }T
T{ MIN-INT MIN-INT MIN-INT */MOD -> 0 MIN-INT }T
T{ MIN-INT MAX-INT MAX-INT */MOD -> 0 MIN-INT }T
T{ MAX-INT 2 2 */MOD -> 0 MAX-INT }T
T{ MIN-INT 2 2 */MOD -> 0 MIN-INT }T
T{ MAX-INT 1000 1000 */MOD -> 0 MAX-INT }T
T{ 1000000000000 1000000000000 1000000000001 */MOD -> 1 999999999999 }T
T{ MIN-INT -1 2 */MOD -> 0 4611686018427387904 }T
T{ MAX-INT MIN-INT MAX-INT */MOD -> 0 MIN-INT }T
T{ MIN-INT MAX-INT MIN-INT */MOD -> 0 MAX-INT }T

\ ---- compiled with constant divisors, which a compiler may turn into something else ----
\ clause 6.1.0230 /
: HALF 2 / ;
T{ 9 HALF -> 4 }T
T{ -9 HALF -> -5 }T
: TENTH 10 / ;
T{ 99 TENTH -> 9 }T
T{ -99 TENTH -> -10 }T
T{ MIN-INT TENTH -> -922337203685477581 }T
: BY-MINUS-ONE -1 / ;
T{ 5 BY-MINUS-ONE -> -5 }T

\ clause 6.1.1890 MOD
: WITHIN-WEEK 7 MOD ;
T{ 15 WITHIN-WEEK -> 1 }T
T{ -1 WITHIN-WEEK -> 6 }T
: GCD BEGIN DUP WHILE SWAP OVER MOD REPEAT DROP ;
T{ 48 36 GCD -> 12 }T
T{ 1071 462 GCD -> 21 }T
T{ 17 5 GCD -> 1 }T

\ clause 6.1.0100 */
: PERCENT 100 */ ;
T{ 250 12 PERCENT -> 30 }T
T{ MAX-INT 50 PERCENT -> MAX-INT 2/ }T
