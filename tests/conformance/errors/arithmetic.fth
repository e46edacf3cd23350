\ Division: by zero throws -10; a quotient that does not fit its cell throws -11.
SUITE errors/arithmetic

\ clause 6.1.0230 /
T{ THROWS| 1 0 /| -> -10 }T
T{ THROWS| 0 0 /| -> -10 }T
T{ THROWS| MIN-INT 0 /| -> -10 }T
T{ THROWS| MIN-INT -1 /| -> -11 }T
: DIVIDE / ;
T{ THROWS| 7 0 DIVIDE| -> -10 }T
T{ THROWS| MIN-INT -1 DIVIDE| -> -11 }T
: BY-ZERO 0 / ;
T{ THROWS| 7 BY-ZERO| -> -10 }T
: BY-MINUS-ONE -1 / ;
T{ THROWS| MIN-INT BY-MINUS-ONE| -> -11 }T
T{ 1 0 ' / CATCH ROT ROT 2DROP -> -10 }T
T{ 9 8 7 1 0 ' / CATCH ROT ROT 2DROP -> 9 8 7 -10 }T

\ clause 6.1.1890 MOD
T{ THROWS| 1 0 MOD| -> -10 }T
T{ THROWS| 0 0 MOD| -> -10 }T
T{ THROWS| MIN-INT -1 MOD| -> -11 }T

\ clause 6.1.0240 /MOD
T{ THROWS| 1 0 /MOD| -> -10 }T
T{ THROWS| MAX-INT 0 /MOD| -> -10 }T
T{ THROWS| MIN-INT -1 /MOD| -> -11 }T

\ clause 6.1.0100 */
T{ THROWS| 1 1 0 */| -> -10 }T
T{ THROWS| 0 0 0 */| -> -10 }T
T{ THROWS| MAX-INT 2 1 */| -> -11 }T
T{ THROWS| MIN-INT 1 -1 */| -> -11 }T
T{ THROWS| MIN-INT MIN-INT 1 */| -> -11 }T
T{ THROWS| MIN-INT MIN-INT MIN-INT */| -> MIN-INT 0 }T

\ clause 6.1.0110 */MOD
T{ THROWS| 1 1 0 */MOD| -> -10 }T
T{ THROWS| MAX-INT MAX-INT 1 */MOD| -> -11 }T
T{ THROWS| MAX-INT MAX-INT -1 */MOD| -> -11 }T

\ clause 6.1.2370 UM/MOD
T{ THROWS| 1 0 0 UM/MOD| -> -10 }T
T{ THROWS| 0 0 0 UM/MOD| -> -10 }T
T{ THROWS| 0 1 0 UM/MOD| -> -10 }T
T{ THROWS| 0 1 1 UM/MOD| -> -11 }T
T{ THROWS| 0 5 5 UM/MOD| -> -11 }T
T{ THROWS| MAX-UINT MAX-UINT MAX-UINT UM/MOD| -> -11 }T
T{ THROWS| MAX-UINT 4 5 UM/MOD| -> 4 MAX-UINT 0 }T

\ clause 6.1.1561 FM/MOD
T{ THROWS| 1 0 0 FM/MOD| -> -10 }T
T{ THROWS| 0 0 0 FM/MOD| -> -10 }T
T{ THROWS| 0 1 1 FM/MOD| -> -11 }T
T{ THROWS| MIN-INT 0 1 FM/MOD| -> -11 }T
T{ THROWS| MIN-INT -1 -1 FM/MOD| -> -11 }T
T{ THROWS| 0 MIN-INT 2 FM/MOD| -> -11 }T
T{ THROWS| 0 MIN-INT -1 FM/MOD| -> -11 }T
T{ THROWS| MAX-INT -1 1 FM/MOD| -> -11 }T
\ -2^63 fits, one less does not, also when it is the rounding down that leaves the range.
T{ THROWS| MIN-INT -1 1 FM/MOD| -> 0 MIN-INT 0 }T
T{ THROWS| -1 -2 2 FM/MOD| -> -11 }T

\ clause 6.1.2214 SM/REM
T{ THROWS| 1 0 0 SM/REM| -> -10 }T
T{ THROWS| 0 0 0 SM/REM| -> -10 }T
T{ THROWS| 0 1 1 SM/REM| -> -11 }T
T{ THROWS| MIN-INT 0 1 SM/REM| -> -11 }T
T{ THROWS| MIN-INT -1 -1 SM/REM| -> -11 }T
T{ THROWS| 0 MIN-INT 2 SM/REM| -> -11 }T
T{ THROWS| -1 -2 2 SM/REM| -> -1 MIN-INT 0 }T
