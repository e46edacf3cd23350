\ Return stack and loop parameters: what a definition takes from there it must have put there, and the reverse.
\ Whether a system refuses such a word when it is compiled or when it runs is left to it; each case does both.
SUITE errors/return-stack

: UNDERFLOW-OR-IMBALANCE ( n -- flag ) DUP -6 = SWAP -25 = OR ;
: NO-LOOP ( n -- flag ) DUP -26 = SWAP -22 = OR ;

\ clause 6.1.0580 >R
T{ THROWS| : ERR-X 1 >R ; ERR-X| -> -25 }T
T{ THROWS| : ERR-X 1 >R EXIT ; ERR-X| -> -25 }T
T{ THROWS| : ERR-X 1 2 >R >R R> ; ERR-X| -> -25 }T
T{ THROWS| : ERR-X 3 0 DO 1 >R LOOP ; ERR-X| 0= -> 0 }T
: CALLS-IMBALANCED S" : ERR-X 1 >R ; : ERR-Y ERR-X 5 ; ERR-Y" EVALUATE ;
T{ THROWS| CALLS-IMBALANCED| -> -25 }T

\ clause 6.1.2060 R>
T{ THROWS| : ERR-X R> ; ERR-X| UNDERFLOW-OR-IMBALANCE -> -1 }T
T{ THROWS| : ERR-X 1 >R R> R> ; ERR-X| UNDERFLOW-OR-IMBALANCE -> -1 }T
T{ THROWS| : ERR-X R> >R ; ERR-X| UNDERFLOW-OR-IMBALANCE -> -1 }T

\ clause 6.1.2070 R@
T{ THROWS| : ERR-X R@ ; ERR-X| UNDERFLOW-OR-IMBALANCE -> -1 }T

\ clause 6.1.1380 EXIT
T{ THROWS| : ERR-X 3 0 DO EXIT LOOP ; ERR-X| -> -25 }T

\ clause 6.1.2380 UNLOOP
T{ THROWS| : ERR-X UNLOOP ; ERR-X| 0= -> 0 }T

\ clause 6.1.1680 I
T{ THROWS| : ERR-X I ; ERR-X| NO-LOOP -> -1 }T

\ clause 6.1.1730 J
T{ THROWS| : ERR-X J ; ERR-X| NO-LOOP -> -1 }T
T{ THROWS| : ERR-X 3 0 DO J LOOP ; ERR-X| NO-LOOP -> -1 }T

\ clause 6.1.1760 LEAVE
T{ THROWS| : ERR-X LEAVE ; ERR-X| NO-LOOP -> -1 }T

\ ---- the caller's return stack is whole afterwards ----
\ clause 6.1.2060 R>
: AROUND 42 >R S" : ERR-X R> R> ; ERR-X" ['] EVALUATE CATCH POSTPONE [ >R 2DROP R> 0= R> ;
T{ AROUND -> 0 42 }T
