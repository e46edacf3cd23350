\ A bound on cost: the word BUDGET ( u -- ) stops a program with -256 after u more units, at a place that depends on
\ the program alone, never on when the scheduler looked.
SUITE errors/budget

VARIABLE TURNS
: COUNT-ON BEGIN 1 TURNS +! AGAIN ;
: BOUNDED ( u -- n ) 0 TURNS ! BUDGET ['] COUNT-ON CATCH DROP TURNS @ ;
: PASS-TIME ( n -- ) 0 DO LOOP ;

\ clause 9.6.1.0875 CATCH
T{ 5000 BUDGET ' COUNT-ON CATCH -> -256 }T
T{ 5000 BOUNDED 1000 PASS-TIME 5000 BOUNDED = -> -1 }T
T{ 5000 BOUNDED 30000 PASS-TIME 5000 BOUNDED = -> -1 }T
T{ 5000 BOUNDED 77777 PASS-TIME 5000 BOUNDED = -> -1 }T
T{ 9000 BOUNDED 5000 BOUNDED > -> -1 }T
T{ 1000 BUDGET 0 BUDGET 10000 PASS-TIME -> }T
