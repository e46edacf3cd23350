\ QUIT, ABORT and errors nobody catches: the rest of the line is given up, the next line is read from the
\ terminal; all but QUIT empty the data stack too. This source must itself arrive as typed input.
SUITE terminal/errors

\ clause 6.1.2050 QUIT
T{ 1 2 QUIT 3
-> 1 2 }T
: QUITS 5 QUIT 6 ;
T{ QUITS 7
-> 5 }T
: QUITS-DEEP 4 QUITS 8 ;
T{ QUITS-DEEP 7
-> 4 5 }T
: QUITS-IN-LOOP 10 0 DO I DUP 2 = IF QUIT THEN LOOP ;
T{ QUITS-IN-LOOP
-> 0 1 2 }T
: QUIT-TEXT S" 1 QUIT 2" ;
T{ QUIT-TEXT EVALUATE 3
-> 1 }T
T{ ' QUITS CATCH 7
-> 5 }T
: QUIT-NOW QUIT ; IMMEDIATE
T{ QUIT-NOW
STATE @ -> 0 }T

\ clause 6.1.0670 ABORT
T{ 1 2 ABORT 3
-> }T
: ABORTS 5 ABORT 6 ;
T{ 1 ABORTS 7
DEPTH -> 0 }T
: ABORTS-DEEP 1 >R ABORTS R> ;
T{ ABORTS-DEEP
1 2 + -> 3 }T
: ABORT-TEXT S" 1 ABORT 2" ;
T{ ABORT-TEXT EVALUATE 3
-> }T
T{ 16 BASE ! ABORT
BASE @ DECIMAL -> 16 }T

\ clause 6.1.0680 ABORT"
: ABORTS-IF ABORT" this message is to be seen in the log" 6 ;
T{ 1 2 0 ABORTS-IF
-> 1 2 6 }T
T{ 1 2 3 ABORTS-IF 4
-> }T

\ clause 6.1.1360 EVALUATE
T{ 1 2 NO-SUCH-WORD-AT-ALL 3
-> }T
T{ 1 0 / 3
-> }T
T{ 0 @ 3
-> }T
T{ DROP 3
-> }T
T{ : UNFINISHED IF ; 3
STATE @ -> 0 }T
T{ : UNKNOWN-INSIDE 1 NO-SUCH-WORD-AT-ALL 2 ;
STATE @ -> 0 }T
: DIVIDES 5 >R 1 0 / R> ;
: DIVIDES-DEEP 3 0 DO DIVIDES LOOP ;
T{ 1 2 DIVIDES-DEEP 3
-> }T
: DIVIDE-TEXT S" 1 DIVIDES-DEEP 2" ;
T{ DIVIDE-TEXT EVALUATE 3
-> }T
