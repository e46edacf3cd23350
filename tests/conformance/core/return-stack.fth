\ Return stack: moving cells there and back inside one definition, and its use beside loops and calls.
SUITE core/return-stack

\ clause 6.1.0580 >R
: TO-AND-FROM >R R> ;
T{ 1 TO-AND-FROM -> 1 }T
T{ MIN-INT TO-AND-FROM -> MIN-INT }T
T{ 1 2 TO-AND-FROM -> 1 2 }T
: BELOW-TOP >R 1+ R> ;
T{ 5 9 BELOW-TOP -> 6 9 }T
: TWO-DEEP >R >R R> R> ;
T{ 1 2 TWO-DEEP -> 1 2 }T
: SWAPPED >R >R 0 R> R> SWAP ROT DROP ;
T{ 1 2 SWAPPED -> 2 1 }T
: IN-BRANCH >R IF R> 1+ ELSE R> 1- THEN ;
T{ -1 10 IN-BRANCH -> 11 }T
T{ 0 10 IN-BRANCH -> 9 }T

\ clause 6.1.2060 R>
: R-ORDER 1 >R 2 >R 3 >R R> R> R> ;
T{ R-ORDER -> 3 2 1 }T
: ACROSS-CALL >R TO-AND-FROM R> ;
T{ 7 8 ACROSS-CALL -> 7 8 }T
: REST-OF-FIVE >R >R >R >R DUP * R> R> R> R> ;
T{ 6 1 2 3 4 REST-OF-FIVE -> 36 1 2 3 4 }T

\ clause 6.1.2070 R@
: PEEK >R R@ R@ R> ;
T{ 4 PEEK -> 4 4 4 }T
: PEEK-TOP >R >R R@ R> R> ;
T{ 1 2 PEEK-TOP -> 1 1 2 }T
: PEEK-KEEPS >R R@ DROP R@ R> + ;
T{ 21 PEEK-KEEPS -> 42 }T
T{ MIN-INT PEEK -> MIN-INT MIN-INT MIN-INT }T

\ ---- cells kept there across loops, calls and recursion ----
\ clause 6.1.0580 >R
: AROUND-LOOP >R 0 5 0 DO I + LOOP R> + ;
T{ 100 AROUND-LOOP -> 110 }T
: INSIDE-LOOP 0 5 0 DO I >R 1+ R> DROP LOOP ;
T{ INSIDE-LOOP -> 5 }T
: BALANCED-LOOP 0 4 0 DO 10 >R R@ + R> DROP LOOP ;
T{ BALANCED-LOOP -> 40 }T
: SUM-TO DUP IF DUP >R 1- RECURSE R> + THEN ;
T{ 10 SUM-TO -> 55 }T
T{ 100 SUM-TO -> 5050 }T
: KEEP-LOOP ( n -- n ) BEGIN DUP 5 < WHILE >R R@ 1+ R> DROP REPEAT ;
T{ 0 KEEP-LOOP -> 5 }T
T{ 9 KEEP-LOOP -> 9 }T

\ clause 6.1.2060 R>
: EIGHT-DEEP 0
   1 >R 2 >R 3 >R 4 >R 5 >R 6 >R 7 >R 8 >R R> R> R> R> R> R> R> R> + + + + + + + + ;
T{ EIGHT-DEEP -> 36 }T
