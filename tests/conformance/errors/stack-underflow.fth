\ Stack underflow throws -4: a word that finds fewer cells than it takes, interpreted or compiled.
\ These cases must begin with an empty stack, as a source does.
SUITE errors/stack-underflow

\ clause 6.1.1260 DROP
T{ THROWS| DROP| -> -4 }T

\ clause 6.1.1290 DUP
T{ THROWS| DUP| -> -4 }T

\ clause 6.1.0630 ?DUP
T{ THROWS| ?DUP| -> -4 }T

\ clause 6.1.0550 >BODY
T{ THROWS| >BODY| -> -4 }T

\ clause 6.1.1910 NEGATE
T{ THROWS| NEGATE| -> -4 }T

\ clause 6.1.0690 ABS
T{ THROWS| ABS| -> -4 }T

\ clause 6.1.0270 0=
T{ THROWS| 0=| -> -4 }T

\ clause 6.1.0250 0<
T{ THROWS| 0<| -> -4 }T

\ clause 6.1.0290 1+
T{ THROWS| 1+| -> -4 }T

\ clause 6.1.0300 1-
T{ THROWS| 1-| -> -4 }T

\ clause 6.1.0320 2*
T{ THROWS| 2*| -> -4 }T

\ clause 6.1.0330 2/
T{ THROWS| 2/| -> -4 }T

\ clause 6.1.1720 INVERT
T{ THROWS| INVERT| -> -4 }T

\ clause 6.1.0706 ALIGNED
T{ THROWS| ALIGNED| -> -4 }T

\ clause 6.1.0890 CELLS
T{ THROWS| CELLS| -> -4 }T

\ clause 6.1.0880 CELL+
T{ THROWS| CELL+| -> -4 }T

\ clause 6.1.0898 CHARS
T{ THROWS| CHARS| -> -4 }T

\ clause 6.1.0897 CHAR+
T{ THROWS| CHAR+| -> -4 }T

\ clause 6.1.0980 COUNT
T{ THROWS| COUNT| -> -4 }T

\ clause 6.1.0650 @
T{ THROWS| @| -> -4 }T

\ clause 6.1.0870 C@
T{ THROWS| C@| -> -4 }T

\ clause 6.1.0350 2@
T{ THROWS| 2@| -> -4 }T

\ clause 6.1.0180 .
T{ THROWS| .| -> -4 }T

\ clause 6.1.2320 U.
T{ THROWS| U.| -> -4 }T

\ clause 6.1.1320 EMIT
T{ THROWS| EMIT| -> -4 }T

\ clause 6.1.2230 SPACES
T{ THROWS| SPACES| -> -4 }T

\ clause 6.1.0710 ALLOT
T{ THROWS| ALLOT| -> -4 }T

\ clause 6.1.0150 ,
T{ THROWS| ,| -> -4 }T

\ clause 6.1.0860 C,
T{ THROWS| C,| -> -4 }T

\ clause 6.1.0950 CONSTANT
T{ THROWS| CONSTANT ERR-C| -> -4 }T

\ clause 6.1.1370 EXECUTE
T{ THROWS| EXECUTE| -> -4 }T

\ clause 6.1.2170 S>D
T{ THROWS| S>D| -> -4 }T

\ clause 6.1.1550 FIND
T{ THROWS| FIND| -> -4 }T

\ clause 6.1.2210 SIGN
T{ THROWS| <# SIGN| -> -4 }T

\ clause 6.1.1670 HOLD
T{ THROWS| <# HOLD| -> -4 }T

\ clause 6.1.2450 WORD
T{ THROWS| WORD x| -> -4 }T

\ clause 6.1.2260 SWAP
T{ THROWS| 1 SWAP| -> -4 }T
T{ THROWS| SWAP| -> -4 }T

\ clause 6.1.1990 OVER
T{ THROWS| 1 OVER| -> -4 }T
T{ THROWS| OVER| -> -4 }T

\ clause 6.1.0120 +
T{ THROWS| 1 +| -> -4 }T
T{ THROWS| +| -> -4 }T

\ clause 6.1.0160 -
T{ THROWS| 1 -| -> -4 }T

\ clause 6.1.0090 *
T{ THROWS| 1 *| -> -4 }T

\ clause 6.1.0230 /
T{ THROWS| 1 /| -> -4 }T

\ clause 6.1.1890 MOD
T{ THROWS| 1 MOD| -> -4 }T

\ clause 6.1.0240 /MOD
T{ THROWS| 1 /MOD| -> -4 }T

\ clause 6.1.0720 AND
T{ THROWS| 1 AND| -> -4 }T

\ clause 6.1.1980 OR
T{ THROWS| 1 OR| -> -4 }T

\ clause 6.1.2490 XOR
T{ THROWS| 1 XOR| -> -4 }T

\ clause 6.1.1805 LSHIFT
T{ THROWS| 1 LSHIFT| -> -4 }T

\ clause 6.1.2162 RSHIFT
T{ THROWS| 1 RSHIFT| -> -4 }T

\ clause 6.1.0530 =
T{ THROWS| 1 =| -> -4 }T

\ clause 6.1.0480 <
T{ THROWS| 1 <| -> -4 }T

\ clause 6.1.0540 >
T{ THROWS| 1 >| -> -4 }T

\ clause 6.1.2340 U<
T{ THROWS| 1 U<| -> -4 }T

\ clause 6.1.1870 MAX
T{ THROWS| 1 MAX| -> -4 }T

\ clause 6.1.1880 MIN
T{ THROWS| 1 MIN| -> -4 }T

\ clause 6.1.1810 M*
T{ THROWS| 1 M*| -> -4 }T

\ clause 6.1.2360 UM*
T{ THROWS| 1 UM*| -> -4 }T

\ clause 6.1.0010 !
T{ THROWS| 1 !| -> -4 }T
T{ THROWS| !| -> -4 }T

\ clause 6.1.0850 C!
T{ THROWS| 1 C!| -> -4 }T

\ clause 6.1.0130 +!
T{ THROWS| 1 +!| -> -4 }T

\ clause 6.1.0370 2DROP
T{ THROWS| 1 2DROP| -> -4 }T

\ clause 6.1.0380 2DUP
T{ THROWS| 1 2DUP| -> -4 }T

\ clause 6.1.2310 TYPE
T{ THROWS| 1 TYPE| -> -4 }T

\ clause 6.1.0695 ACCEPT
T{ THROWS| 1 ACCEPT| -> -4 }T

\ clause 6.1.1360 EVALUATE
T{ THROWS| 1 EVALUATE| -> -4 }T

\ clause 6.1.0040 #>
T{ THROWS| 1 #>| -> -4 }T

\ clause 6.1.1345 ENVIRONMENT?
T{ THROWS| 1 ENVIRONMENT?| -> -4 }T

\ clause 6.1.2160 ROT
T{ THROWS| 1 2 ROT| -> -4 }T
T{ THROWS| ROT| -> -4 }T

\ clause 6.1.0100 */
T{ THROWS| 1 2 */| -> -4 }T

\ clause 6.1.0110 */MOD
T{ THROWS| 1 2 */MOD| -> -4 }T

\ clause 6.1.2370 UM/MOD
T{ THROWS| 1 2 UM/MOD| -> -4 }T

\ clause 6.1.1561 FM/MOD
T{ THROWS| 1 2 FM/MOD| -> -4 }T

\ clause 6.1.2214 SM/REM
T{ THROWS| 1 2 SM/REM| -> -4 }T

\ clause 6.1.0310 2!
T{ THROWS| 1 2 2!| -> -4 }T

\ clause 6.1.1900 MOVE
T{ THROWS| 1 2 MOVE| -> -4 }T

\ clause 6.1.1540 FILL
T{ THROWS| 1 2 FILL| -> -4 }T

\ clause 6.1.0400 2OVER
T{ THROWS| 1 2 3 2OVER| -> -4 }T

\ clause 6.1.0430 2SWAP
T{ THROWS| 1 2 3 2SWAP| -> -4 }T
T{ THROWS| 2SWAP| -> -4 }T

\ clause 6.1.0570 >NUMBER
T{ THROWS| 1 2 3 >NUMBER| -> -4 }T

\ ---- compiled ----
\ clause 6.1.1260 DROP
: DROP-TWO DROP DROP ;
T{ THROWS| DROP-TWO| -> -4 }T
T{ THROWS| 1 DROP-TWO| -> -4 }T
: DROP-MANY 100 0 DO DROP LOOP ;
T{ THROWS| 1 2 3 DROP-MANY| -> -4 }T
\ clause 6.1.1700 IF
: TEST-NOTHING IF 1 ELSE 2 THEN ;
T{ THROWS| TEST-NOTHING| -> -4 }T
\ clause 6.1.2390 UNTIL
: UNTIL-NOTHING BEGIN UNTIL ;
T{ THROWS| UNTIL-NOTHING| -> -4 }T
\ clause 6.1.1240 DO
: DO-NOTHING DO LOOP ;
T{ THROWS| 1 DO-NOTHING| -> -4 }T
\ clause 6.1.0140 +LOOP
: STEP-NOTHING 5 0 DO +LOOP ;
T{ THROWS| STEP-NOTHING| -> -4 }T
\ clause 6.1.0580 >R
: TO-R-NOTHING >R R> ;
T{ THROWS| TO-R-NOTHING| -> -4 }T

\ ---- the cells below an error are kept, and the next line works ----
\ clause 6.1.0120 +
T{ THROWS| +| 1 2 + -> -4 3 }T
T{ THROWS| +| DROP THROWS| DROP| -> -4 }T
