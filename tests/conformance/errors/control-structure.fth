\ Control structures that do not match throw -22 while they are compiled; the definition is given up.
SUITE errors/control-structure

\ clause 6.1.1700 IF
T{ THROWS| : ERR-X IF ;| -> -22 }T
T{ THROWS| : ERR-X IF ELSE ;| -> -22 }T
T{ THROWS| : ERR-X IF IF THEN ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN IF ;| -> -22 }T

\ clause 6.1.1310 ELSE
T{ THROWS| : ERR-X ELSE THEN ;| -> -22 }T
T{ THROWS| : ERR-X ELSE ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN ELSE THEN ;| -> -22 }T

\ clause 6.1.2270 THEN
T{ THROWS| : ERR-X THEN ;| -> -22 }T
T{ THROWS| : ERR-X IF THEN THEN ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN THEN ;| -> -22 }T
T{ THROWS| : ERR-X 0 0 DO THEN LOOP ;| -> -22 }T

\ clause 6.1.0760 BEGIN
T{ THROWS| : ERR-X BEGIN ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN BEGIN 1 UNTIL ;| -> -22 }T

\ clause 6.1.2430 WHILE
T{ THROWS| : ERR-X 1 WHILE REPEAT ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN 1 WHILE ;| -> -22 }T
T{ THROWS| : ERR-X 1 WHILE ;| -> -22 }T

\ clause 6.1.2140 REPEAT
T{ THROWS| : ERR-X REPEAT ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN REPEAT ;| -> -22 }T
T{ THROWS| : ERR-X IF REPEAT ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN 1 WHILE REPEAT REPEAT ;| -> -22 }T

\ clause 6.1.2390 UNTIL
T{ THROWS| : ERR-X 1 UNTIL ;| -> -22 }T
T{ THROWS| : ERR-X IF 1 UNTIL ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN 1 UNTIL 1 UNTIL ;| -> -22 }T
T{ THROWS| : ERR-X 0 0 DO 1 UNTIL LOOP ;| -> -22 }T

\ clause 6.1.1240 DO
T{ THROWS| : ERR-X 1 0 DO ;| -> -22 }T
T{ THROWS| : ERR-X 1 0 DO 1 0 DO LOOP ;| -> -22 }T
T{ THROWS| : ERR-X 1 0 DO IF LOOP THEN ;| -> -22 }T

\ clause 6.1.1800 LOOP
T{ THROWS| : ERR-X LOOP ;| -> -22 }T
T{ THROWS| : ERR-X IF LOOP ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN LOOP ;| -> -22 }T
T{ THROWS| : ERR-X 1 0 DO LOOP LOOP ;| -> -22 }T
T{ THROWS| : ERR-X 1 0 DO BEGIN LOOP ;| -> -22 }T

\ clause 6.1.0140 +LOOP
T{ THROWS| : ERR-X 1 +LOOP ;| -> -22 }T
T{ THROWS| : ERR-X BEGIN 1 +LOOP ;| -> -22 }T

\ ---- what a failed definition leaves behind: nothing ----
\ clause 6.1.0450 :
T{ THROWS| : ERR-GONE IF ;| THROWS| ERR-GONE| -> -22 -13 }T
: ERR-KEPT 5 ;
T{ THROWS| : ERR-KEPT 6 IF ;| ERR-KEPT -> -22 5 }T
T{ THROWS| : ERR-GONE NO-SUCH-WORD-AT-ALL ;| THROWS| ERR-GONE| -> -13 -13 }T
T{ THROWS| : ERR-KEPT 6 NO-SUCH-WORD-AT-ALL ;| ERR-KEPT -> -13 5 }T
T{ THROWS| : ERR-KEPT IF ;| DROP : ERR-AFTER 7 ; ERR-AFTER -> 7 }T
T{ THROWS| : ERR-KEPT IF ;| STATE @ -> -22 0 }T
