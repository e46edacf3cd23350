\ FILE: what its words add to reading a source that has lines, as the one these cases are in.
SUITE file/sources

\ clause 11.6.1.0080 (
T{ 1 ( a comment
   over 2 3
   lines ) 4 -> 1 4 }T
T{ 5 (
) 6 -> 5 6 }T
T{ 7 ( ) 8 -> 7 8 }T
T{ ( one ) 9 ( two
) 10 -> 9 10 }T
: LONG-COMMENT 1 ( while
   compiling ) 2 ;
T{ LONG-COMMENT -> 1 2 }T
\ A string has no further lines.
T{ S" 3 ( open" EVALUATE 4 -> 3 4 }T

\ clause 11.6.1.2165 S"
T{ S" A String"2DROP -> }T
: TWO-STRINGS S" one" S" two" ;
T{ TWO-STRINGS COMPARE 0< TWO-STRINGS 2SWAP COMPARE 0> -> TRUE TRUE }T
T{ S" one" S" two" 2SWAP NIP ROT ROT NIP -> 3 3 }T
T{ S" one" S" other" 2SWAP S" one" COMPARE NIP NIP -> 0 }T

\ clause 11.6.1.2218 SOURCE-ID
T{ SOURCE-ID 0> -> TRUE }T
T{ S" SOURCE-ID" EVALUATE -> -1 }T

\ clause 11.6.2.2125 REFILL
T{ REFILL what stands here is not read
   -> TRUE }T
T{ 1 REFILL
   REFILL
   2 -> 1 TRUE TRUE 2 }T

\ clause 6.2.2148 RESTORE-INPUT
CREATE INPUT-PLACE 20 CELLS ALLOT
: SAVE-PLACE SAVE-INPUT DUP INPUT-PLACE ! BEGIN DUP WHILE DUP >R CELLS INPUT-PLACE + ! R> 1- REPEAT DROP ;
: BACK-TO-PLACE ( -- flag )
   INPUT-PLACE @ DUP >R BEGIN DUP WHILE R@ OVER - 1+ CELLS INPUT-PLACE + @ SWAP 1- REPEAT DROP R> RESTORE-INPUT ;
VARIABLE PASSES
: ONCE-MORE ( -- ) 1 PASSES +! PASSES @ 3 < IF BACK-TO-PLACE DROP THEN ;
\ To an earlier place of the same line, and of a line before.
T{ 0 PASSES ! SAVE-PLACE 5 ONCE-MORE -> 5 5 5 }T
T{ 0 PASSES !
   1 SAVE-PLACE 2
   3
   ONCE-MORE
   4 -> 1 2 3 2 3 2 3 4 }T
\ Not to another source.
T{ SAVE-PLACE S" BACK-TO-PLACE" EVALUATE 6 -> TRUE 6 }T
T{ S" SAVE-PLACE" EVALUATE BACK-TO-PLACE 7 -> TRUE 7 }T
T{ THROWS| 1 2 3 3 RESTORE-INPUT| -> -12 }T
