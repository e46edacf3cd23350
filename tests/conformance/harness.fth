\ Conformance harness: compares whole stacks, counts, reports. Loaded before every other file here.
\ It uses CORE words, \ and CATCH, and from this system PARITY ( -- u ), the hash of its logical state.
\ Its source must be interpreted line by line, as from a text file or a terminal.
\
\   SUITE name          names the file whose cases follow
\   T{ in -> out }T     runs both sides; passed if they leave the same number of cells and the same cells
\   THROWS| text|       ( -- i*x n ) interprets text under CATCH; n is 0 or what was thrown
\   OUT{ words }OUT     prints a line that begins "out |", then what the words print, then "|"
\   REPORT              prints the counts
\
\ Both sides may leave up to 32 cells above what lay below T{ and may not take from below it.
\ A case that never reaches }T, or has no ->, counts as failed.

0 INVERT CONSTANT MAX-UINT
0 INVERT 1 RSHIFT CONSTANT MAX-INT
0 INVERT 1 RSHIFT INVERT CONSTANT MIN-INT

32 CONSTANT CELLS-LIMIT
120 CONSTANT TEXT-LIMIT

VARIABLE PASSED   0 PASSED !
VARIABLE FAILED   0 FAILED !

VARIABLE CASE-STAGE   0 CASE-STAGE !        \ 0 outside a case, 1 after T{, 2 after ->
VARIABLE CASE-DEPTH   0 CASE-DEPTH !        \ data stack depth at T{
CREATE CASE-TEXT TEXT-LIMIT ALLOT           \ the line that T{ stood in
VARIABLE CASE-LENGTH  0 CASE-LENGTH !
CREATE SUITE-TEXT TEXT-LIMIT ALLOT
VARIABLE SUITE-LENGTH 0 SUITE-LENGTH !

CREATE ACTUAL CELLS-LIMIT CELLS ALLOT       \ results, topmost first
VARIABLE ACTUAL-COUNT
CREATE EXPECTED CELLS-LIMIT CELLS ALLOT
VARIABLE EXPECTED-COUNT

\ Leaves as many cells as at T{, whatever a case took or left.
: LEVEL ( i*x -- j*x )
   BEGIN DEPTH CASE-DEPTH @ < WHILE 0 REPEAT
   BEGIN DEPTH CASE-DEPTH @ > WHILE DROP REPEAT ;

\ Moves the cells above those at T{ into a list; their number, negative if some are missing.
: COLLECT-CELLS ( i*x a-addr -- n )
   >R DEPTH CASE-DEPTH @ -
   DUP 0< OVER CELLS-LIMIT > OR IF R> DROP >R LEVEL R> EXIT THEN
   R> OVER >R
   BEGIN OVER WHILE
      ROT OVER ! CELL+ SWAP 1- SWAP
   REPEAT 2DROP R> ;

: COUNTS-AGREE? ( -- flag )
   ACTUAL-COUNT @ DUP 0< IF DROP 0 EXIT THEN
   DUP CELLS-LIMIT > IF DROP 0 EXIT THEN
   EXPECTED-COUNT @ XOR IF 0 ELSE -1 THEN ;

: CELLS-AGREE? ( -- flag )
   ACTUAL-COUNT @
   BEGIN DUP WHILE
      1- DUP CELLS ACTUAL + @ OVER CELLS EXPECTED + @ XOR IF DROP 0 EXIT THEN
   REPEAT DROP -1 ;

: AGREE? ( -- flag ) COUNTS-AGREE? IF CELLS-AGREE? ELSE 0 THEN ;

: .LIST ( a-addr n -- )
   DUP 0< IF 2DROP ." taken from below the case" EXIT THEN
   DUP CELLS-LIMIT > IF . ." cells, too many" DROP EXIT THEN
   DUP 0= IF 2DROP ." nothing" EXIT THEN
   BEGIN DUP WHILE 1- 2DUP CELLS + @ . REPEAT 2DROP ;

: .CASE ( -- )
   CR ." FAIL " SUITE-TEXT SUITE-LENGTH @ TYPE ." : " CASE-TEXT CASE-LENGTH @ TYPE ;

: FAIL-UNFINISHED ( -- )
   1 FAILED +!
   .CASE CR ."   the case did not reach its comparison" CR ;

: FAIL-COMPARED ( -- )
   1 FAILED +!
   BASE @ DECIMAL
   .CASE
   CR ."   expected: " EXPECTED EXPECTED-COUNT @ .LIST
   CR ."   actual:   " ACTUAL ACTUAL-COUNT @ .LIST CR
   BASE ! ;

: T{ ( -- )
   CASE-STAGE @ IF FAIL-UNFINISHED THEN
   SOURCE TEXT-LIMIT MIN DUP CASE-LENGTH ! CASE-TEXT SWAP MOVE
   1 CASE-STAGE ! DEPTH CASE-DEPTH ! ;

: -> ( i*x -- )
   CASE-STAGE @ 1 XOR IF LEVEL 3 CASE-STAGE ! EXIT THEN
   ACTUAL COLLECT-CELLS ACTUAL-COUNT ! 2 CASE-STAGE ! ;

: }T ( i*x -- )
   CASE-STAGE @ 2 XOR IF LEVEL FAIL-UNFINISHED 0 CASE-STAGE ! EXIT THEN
   EXPECTED COLLECT-CELLS EXPECTED-COUNT ! 0 CASE-STAGE !
   AGREE? IF 1 PASSED +! ELSE FAIL-COMPARED THEN ;

: SUITE ( "name" -- )
   BL WORD COUNT TEXT-LIMIT MIN DUP SUITE-LENGTH ! SUITE-TEXT SWAP MOVE ;

\ The text is copied, because the words in it may overwrite the place where WORD left it.
CREATE THROWS-TEXT 256 ALLOT

: THROWS| ( "text|" -- i*x n )
   [CHAR] | WORD COUNT DUP >R THROWS-TEXT SWAP MOVE
   THROWS-TEXT R> ['] EVALUATE CATCH
   POSTPONE [
   DUP IF >R 2DROP R> THEN ;

: OUT{ ( -- ) CR ." out |" ;
: }OUT ( -- ) ." |" CR ;

: .HASH ( u -- )
   BASE @ SWAP 16 BASE !
   0 <# # # # # # # # # # # # # # # # # #> TYPE
   BASE ! ;

: REPORT ( -- )
   CASE-STAGE @ IF FAIL-UNFINISHED 0 CASE-STAGE ! THEN
   DECIMAL
   CR ." conformance: " PASSED @ . ." passed, "
   FAILED @ 0 <# #S #> TYPE ."  failed, parity " PARITY .HASH CR ;
