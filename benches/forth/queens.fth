( N queens: counts the ways to place them, by trying every column of every row. )

10 CONSTANT QUEENS

( Columns and diagonals under attack, one byte each. )
CREATE COLUMNS QUEENS ALLOT
CREATE RISING QUEENS 2 * ALLOT
CREATE FALLING QUEENS 2 * ALLOT

VARIABLE SOLUTIONS

: COLUMN ( row column -- c-addr ) SWAP DROP COLUMNS + ;
: RISE ( row column -- c-addr ) + RISING + ;
: FALL ( row column -- c-addr ) - QUEENS + FALLING + ;

: FREE? ( row column -- flag )
   2DUP COLUMN C@ IF 2DROP 0 EXIT THEN
   2DUP RISE C@ IF 2DROP 0 EXIT THEN
   FALL C@ 0= ;

: MARK ( row column flag -- )
   >R 2DUP COLUMN R@ SWAP C!
   2DUP RISE R@ SWAP C!
   FALL R> SWAP C! ;

: SETTLE ( row -- )
   DUP QUEENS = IF DROP 1 SOLUTIONS +! EXIT THEN
   QUEENS 0 DO
      DUP I FREE? IF
         DUP I 1 MARK
         DUP 1+ RECURSE
         DUP I 0 MARK
      THEN
   LOOP DROP ;

: SOLVE ( -- n )
   COLUMNS QUEENS 0 FILL
   RISING QUEENS 2 * 0 FILL
   FALLING QUEENS 2 * 0 FILL
   0 SOLUTIONS ! 0 SETTLE SOLUTIONS @ ;

: QUEENS-SUM ( n -- sum ) 0 SWAP 0 DO SOLVE + LOOP ;

60 QUEENS-SUM . CR
BYE
