\ Data stack: the words that only move, copy or count cells and pairs of cells.
SUITE core/stack

\ clause 6.1.1290 DUP
T{ 1 DUP -> 1 1 }T
T{ 0 DUP -> 0 0 }T
T{ 7 -8 DUP -> 7 -8 -8 }T
T{ MIN-INT DUP -> MIN-INT MIN-INT }T
T{ MAX-UINT DUP -> MAX-UINT MAX-UINT }T

\ clause 6.1.1260 DROP
T{ 1 DROP -> }T
T{ 1 2 DROP -> 1 }T
T{ 0 0 0 DROP -> 0 0 }T
T{ MIN-INT MAX-INT DROP -> MIN-INT }T

\ clause 6.1.2260 SWAP
T{ 1 2 SWAP -> 2 1 }T
T{ 9 1 2 SWAP -> 9 2 1 }T
T{ MIN-INT MAX-INT SWAP -> MAX-INT MIN-INT }T
T{ 1 2 SWAP SWAP -> 1 2 }T
T{ 3 3 SWAP -> 3 3 }T

\ clause 6.1.1990 OVER
T{ 1 2 OVER -> 1 2 1 }T
T{ 9 1 2 OVER -> 9 1 2 1 }T
T{ MAX-INT MIN-INT OVER -> MAX-INT MIN-INT MAX-INT }T
T{ 1 2 OVER OVER -> 1 2 1 2 }T

\ clause 6.1.2160 ROT
T{ 1 2 3 ROT -> 2 3 1 }T
T{ 9 1 2 3 ROT -> 9 2 3 1 }T
T{ 1 2 3 ROT ROT -> 3 1 2 }T
T{ 1 2 3 ROT ROT ROT -> 1 2 3 }T
T{ MIN-INT 0 MAX-INT ROT -> 0 MAX-INT MIN-INT }T

\ clause 6.1.0630 ?DUP
T{ 0 ?DUP -> 0 }T
T{ 1 ?DUP -> 1 1 }T
T{ -1 ?DUP -> -1 -1 }T
T{ MIN-INT ?DUP -> MIN-INT MIN-INT }T
T{ 5 0 ?DUP -> 5 0 }T
T{ 1 32 LSHIFT ?DUP -> 4294967296 4294967296 }T

\ clause 6.1.1200 DEPTH
\ Between cases the suite leaves nothing on the stack.
T{ DEPTH -> 0 }T
T{ DEPTH DEPTH DEPTH -> 0 1 2 }T
T{ DEPTH DEPTH SWAP - -> 1 }T
: DEPTH-OVER-TWO 0 0 DEPTH >R 2DROP R> ;
T{ DEPTH DEPTH-OVER-TWO SWAP - -> 3 }T
: DEPTH-INSIDE DEPTH ;
T{ DEPTH DEPTH-INSIDE SWAP - -> 1 }T
: GROW ( n -- n*0 ) BEGIN DUP WHILE 0 SWAP 1- REPEAT DROP ;
: SHRINK ( n*x n -- ) BEGIN DUP WHILE SWAP DROP 1- REPEAT DROP ;
: GROWN ( n -- n ) DUP >R DEPTH >R GROW DEPTH R> - R> SWAP >R SHRINK R> 1+ ;
T{ 0 GROWN -> 0 }T
T{ 1 GROWN -> 1 }T
T{ 100 GROWN -> 100 }T
T{ 300 GROWN -> 300 }T

\ clause 6.1.0370 2DROP
T{ 1 2 2DROP -> }T
T{ 1 2 3 2DROP -> 1 }T
T{ 1 2 3 4 2DROP -> 1 2 }T

\ clause 6.1.0380 2DUP
T{ 1 2 2DUP -> 1 2 1 2 }T
T{ 9 1 2 2DUP -> 9 1 2 1 2 }T
T{ MIN-INT MAX-INT 2DUP -> MIN-INT MAX-INT MIN-INT MAX-INT }T

\ clause 6.1.0400 2OVER
T{ 1 2 3 4 2OVER -> 1 2 3 4 1 2 }T
T{ 9 1 2 3 4 2OVER -> 9 1 2 3 4 1 2 }T
T{ 1 2 3 4 2OVER 2OVER -> 1 2 3 4 1 2 3 4 }T

\ clause 6.1.0430 2SWAP
T{ 1 2 3 4 2SWAP -> 3 4 1 2 }T
T{ 9 1 2 3 4 2SWAP -> 9 3 4 1 2 }T
T{ 1 2 3 4 2SWAP 2SWAP -> 1 2 3 4 }T
T{ MIN-INT MAX-INT 0 MAX-UINT 2SWAP -> 0 MAX-UINT MIN-INT MAX-INT }T

\ ---- the same words compiled, and in combination ----
\ clause 6.1.1290 DUP
: TWICE DUP ;
T{ 3 TWICE -> 3 3 }T
: COPIES DUP DUP DUP DUP ;
T{ 4 COPIES -> 4 4 4 4 4 }T

\ clause 6.1.2260 SWAP
: UNDER SWAP DROP ;
T{ 1 2 UNDER -> 2 }T
: TUCKED SWAP OVER ;
T{ 1 2 TUCKED -> 2 1 2 }T

\ clause 6.1.2160 ROT
: BACKWARDS SWAP ROT ;
T{ 1 2 3 BACKWARDS -> 3 2 1 }T

\ clause 6.1.0430 2SWAP
: PAIR-BACK 2SWAP 2OVER 2DROP 2SWAP ;
T{ 1 2 3 4 PAIR-BACK -> 1 2 3 4 }T
: PAIRS-3 2OVER 2SWAP 2DUP 2SWAP ;
T{ 1 2 3 4 PAIRS-3 -> 1 2 1 2 3 4 3 4 }T

\ clause 6.1.0630 ?DUP
: NON-ZERO? ?DUP IF DROP 1 ELSE 2 THEN ;
T{ 0 NON-ZERO? -> 2 }T
T{ 5 NON-ZERO? -> 1 }T
T{ MIN-INT NON-ZERO? -> 1 }T
