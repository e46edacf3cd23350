\ Addresses outside data space throw -9. Address 0 is never valid, nor is one beyond the end, and a range
\ must lie inside with all its bytes. Asking for more data space than there can be throws -8.
SUITE errors/memory

: BEYOND ( -- addr ) 1 40 LSHIFT ;

\ clause 6.1.0650 @
T{ THROWS| 0 @| -> -9 }T
T{ THROWS| -1 @| -> -9 }T
T{ THROWS| BEYOND @| -> -9 }T
T{ THROWS| MIN-INT @| -> -9 }T
T{ THROWS| MAX-INT @| -> -9 }T
T{ THROWS| -8 @| -> -9 }T

\ clause 6.1.0010 !
T{ THROWS| 1 0 !| -> -9 }T
T{ THROWS| 1 -1 !| -> -9 }T
T{ THROWS| 1 BEYOND !| -> -9 }T
T{ THROWS| 1 MIN-INT !| -> -9 }T
T{ THROWS| 1 MAX-INT !| -> -9 }T
T{ THROWS| 1 -8 !| -> -9 }T

\ clause 6.1.0870 C@
T{ THROWS| 0 C@| -> -9 }T
T{ THROWS| -1 C@| -> -9 }T
T{ THROWS| BEYOND C@| -> -9 }T
T{ THROWS| MIN-INT C@| -> -9 }T
T{ THROWS| MAX-INT C@| -> -9 }T
T{ THROWS| -8 C@| -> -9 }T

\ clause 6.1.0850 C!
T{ THROWS| 1 0 C!| -> -9 }T
T{ THROWS| 1 -1 C!| -> -9 }T
T{ THROWS| 1 BEYOND C!| -> -9 }T
T{ THROWS| 1 MIN-INT C!| -> -9 }T
T{ THROWS| 1 MAX-INT C!| -> -9 }T
T{ THROWS| 1 -8 C!| -> -9 }T

\ clause 6.1.0130 +!
T{ THROWS| 1 0 +!| -> -9 }T
T{ THROWS| 1 -1 +!| -> -9 }T
T{ THROWS| 1 BEYOND +!| -> -9 }T
T{ THROWS| 1 MIN-INT +!| -> -9 }T
T{ THROWS| 1 MAX-INT +!| -> -9 }T
T{ THROWS| 1 -8 +!| -> -9 }T

\ clause 6.1.0350 2@
T{ THROWS| 0 2@| -> -9 }T
T{ THROWS| -1 2@| -> -9 }T
T{ THROWS| BEYOND 2@| -> -9 }T
T{ THROWS| MIN-INT 2@| -> -9 }T
T{ THROWS| MAX-INT 2@| -> -9 }T
T{ THROWS| -8 2@| -> -9 }T

\ clause 6.1.0310 2!
T{ THROWS| 1 2 0 2!| -> -9 }T
T{ THROWS| 1 2 -1 2!| -> -9 }T
T{ THROWS| 1 2 BEYOND 2!| -> -9 }T
T{ THROWS| 1 2 MIN-INT 2!| -> -9 }T
T{ THROWS| 1 2 MAX-INT 2!| -> -9 }T
T{ THROWS| 1 2 -8 2!| -> -9 }T

\ clause 6.1.0980 COUNT
T{ THROWS| 0 COUNT| -> -9 }T
T{ THROWS| BEYOND COUNT| -> -9 }T

\ clause 6.1.1540 FILL
T{ THROWS| 0 1 65 FILL| -> -9 }T
T{ THROWS| 0 8 0 FILL| -> -9 }T
T{ THROWS| BEYOND 1 65 FILL| -> -9 }T
T{ THROWS| HERE BEYOND 65 FILL| -> -9 }T
T{ THROWS| -8 16 65 FILL| -> -9 }T
T{ THROWS| HERE -1 65 FILL| -> -9 }T

\ clause 6.1.1900 MOVE
T{ THROWS| 0 HERE 8 MOVE| -> -9 }T
T{ THROWS| HERE 0 8 MOVE| -> -9 }T
T{ THROWS| BEYOND HERE 8 MOVE| -> -9 }T
T{ THROWS| HERE BEYOND 8 MOVE| -> -9 }T
T{ THROWS| HERE HERE BEYOND MOVE| -> -9 }T
T{ THROWS| HERE HERE -1 MOVE| -> -9 }T

\ clause 6.1.2310 TYPE
T{ THROWS| 0 1 TYPE| -> -9 }T
T{ THROWS| BEYOND 1 TYPE| -> -9 }T
T{ THROWS| HERE BEYOND TYPE| -> -9 }T
T{ THROWS| HERE -1 TYPE| -> -9 }T

\ clause 6.1.1360 EVALUATE
T{ THROWS| 0 1 EVALUATE| -> -9 }T
T{ THROWS| BEYOND 1 EVALUATE| -> -9 }T
T{ THROWS| HERE BEYOND EVALUATE| -> -9 }T

\ clause 6.1.1550 FIND
T{ THROWS| 0 FIND| -> -9 }T
T{ THROWS| BEYOND FIND| -> -9 }T

\ clause 6.1.0570 >NUMBER
T{ THROWS| 0 0 0 1 >NUMBER| -> -9 }T
T{ THROWS| 0 0 BEYOND 1 >NUMBER| -> -9 }T

\ clause 6.1.1345 ENVIRONMENT?
T{ THROWS| 0 1 ENVIRONMENT?| -> -9 }T
T{ THROWS| BEYOND 5 ENVIRONMENT?| -> -9 }T

\ ---- an empty range touches nothing, so any address will do ----
\ clause 6.1.1540 FILL
T{ THROWS| 0 0 65 FILL| -> 0 }T
\ clause 6.1.1900 MOVE
T{ THROWS| 0 0 0 MOVE| -> 0 }T
T{ THROWS| BEYOND BEYOND 0 MOVE| -> 0 }T
\ clause 6.1.2310 TYPE
T{ THROWS| 0 0 TYPE| -> 0 }T

\ ---- compiled, and with the address computed ----
\ clause 6.1.0650 @
: FETCH-AT CELLS HERE + @ ;
T{ THROWS| 1 40 LSHIFT FETCH-AT| -> -9 }T
T{ THROWS| -1 40 LSHIFT FETCH-AT| -> -9 }T
: FETCH-ZERO 0 @ ;
T{ THROWS| FETCH-ZERO| -> -9 }T
T{ 5 0 ' @ CATCH SWAP DROP -> 5 -9 }T
\ clause 6.1.0010 !
CREATE UNTOUCHED 1 , 2 ,
T{ THROWS| 9 BEYOND !| UNTOUCHED 2@ -> -9 2 1 }T

\ clause 6.1.0710 ALLOT
T{ THROWS| BEYOND ALLOT| -> -8 }T
T{ THROWS| MAX-INT ALLOT| -> -8 }T
T{ HERE THROWS| BEYOND ALLOT| SWAP HERE = -> -8 -1 }T
T{ THROWS| HERE NEGATE 8 - ALLOT| 0= -> 0 }T
T{ THROWS| MIN-INT ALLOT| 0= -> 0 }T
T{ HERE THROWS| MIN-INT ALLOT| DROP HERE = -> -1 }T
