\ Running out: data stack (-3), return stack (-5), data space (-8), pictured numeric output (-17). Each fills
\ what there is, so this is the slowest file here.
SUITE errors/overflow

\ clause 6.1.1290 DUP
: PUSH-ON 1 BEGIN DUP 0 UNTIL ;
T{ ' PUSH-ON CATCH -> -3 }T
T{ 7 8 ' PUSH-ON CATCH -> 7 8 -3 }T

\ clause 6.1.2120 RECURSE
: CALL-ON RECURSE 1 DROP ;
T{ ' CALL-ON CATCH -> -5 }T
: CALL-ON-KEEPING 1 >R RECURSE R> DROP ;
T{ ' CALL-ON-KEEPING CATCH -> -5 }T
T{ 7 8 ' CALL-ON CATCH -> 7 8 -5 }T

\ clause 6.1.0580 >R
T{ THROWS| : KEEP-ON BEGIN 1 >R 0 UNTIL ; KEEP-ON| 0= -> 0 }T

\ clause 6.1.1670 HOLD
: HOLD-ON <# BEGIN [CHAR] x HOLD 0 UNTIL ;
T{ ' HOLD-ON CATCH -> -17 }T

\ clause 6.2.2395 UNUSED
T{ UNUSED DUP ALLOT UNUSED SWAP NEGATE ALLOT -> 0 }T
T{ UNUSED 1+ ' ALLOT CATCH NIP -> -8 }T

\ ---- and after all that ----
\ clause 6.1.0120 +
T{ 1 2 + -> 3 }T
