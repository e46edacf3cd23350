\ Words without interpretation semantics, met while interpreting, throw -14.
SUITE errors/compile-only

\ clause 6.1.0460 ;
T{ THROWS| ;| -> -14 }T

\ clause 6.1.1700 IF
T{ THROWS| 1 IF| -> -14 }T

\ clause 6.1.1310 ELSE
T{ THROWS| ELSE| -> -14 }T

\ clause 6.1.2270 THEN
T{ THROWS| THEN| -> -14 }T

\ clause 6.1.0760 BEGIN
T{ THROWS| BEGIN| -> -14 }T

\ clause 6.1.2430 WHILE
T{ THROWS| 1 WHILE| -> -14 }T

\ clause 6.1.2140 REPEAT
T{ THROWS| REPEAT| -> -14 }T

\ clause 6.1.2390 UNTIL
T{ THROWS| 1 UNTIL| -> -14 }T

\ clause 6.1.1240 DO
T{ THROWS| 1 0 DO| -> -14 }T

\ clause 6.1.1800 LOOP
T{ THROWS| LOOP| -> -14 }T

\ clause 6.1.0140 +LOOP
T{ THROWS| 1 +LOOP| -> -14 }T

\ clause 6.1.1760 LEAVE
T{ THROWS| LEAVE| -> -14 }T

\ clause 6.1.2380 UNLOOP
T{ THROWS| UNLOOP| -> -14 }T

\ clause 6.1.1680 I
T{ THROWS| I| -> -14 }T

\ clause 6.1.1730 J
T{ THROWS| J| -> -14 }T

\ clause 6.1.1380 EXIT
T{ THROWS| EXIT| -> -14 }T

\ clause 6.1.2120 RECURSE
T{ THROWS| RECURSE| -> -14 }T

\ clause 6.1.1780 LITERAL
T{ THROWS| 1 LITERAL| -> -14 }T

\ clause 6.1.2033 POSTPONE
T{ THROWS| POSTPONE DUP| -> -14 }T

\ clause 6.1.2510 [']
T{ THROWS| ['] DUP| -> -14 }T

\ clause 6.1.2520 [CHAR]
T{ THROWS| [CHAR] A| -> -14 }T

\ clause 6.1.0580 >R
T{ THROWS| 1 >R| -> -14 }T

\ clause 6.1.2060 R>
T{ THROWS| R>| -> -14 }T

\ clause 6.1.2070 R@
T{ THROWS| R@| -> -14 }T

\ clause 6.1.1250 DOES>
T{ THROWS| DOES>| -> -14 }T

\ clause 6.1.0680 ABORT"
T{ THROWS| 0 ABORT" x"| -> -14 }T
